//! The handlers of policies and contracts, which differ in their bodies only.

/// Declares them for one of the three.
macro_rules! handlers {
    (
        $base:literal, $terms:ident, $id:ident, $translate:ident,
        $create:ident, $update:ident, $schedule:ident, $reschedule:ident, $list:ident, $listed:ident
    ) => {
        fn id(ask: &Ask) -> Result<$id, Failure> {
            ask.path_id(2, "id", $id::parse)
        }

        #[doc = concat!("`POST ", $base, "`")]
        pub(in crate::http::v2) async fn create(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            let body: v2::$create = ask.body()?;
            let (id, terms) = to::$translate::asked(body)?;
            ask.app.create_rule::<$terms>(&desk, id, terms, &ticket).await
        }

        #[doc = concat!("`GET ", $base, "`")]
        pub(in crate::http::v2) async fn list(ask: Arc<Ask>) -> Answered {
            let desk = desk(&ask).await?;
            let criteria: v2::$list = ask.criteria()?;
            let page = page(criteria.page.as_ref())?;
            let filter = to::$translate::filter(criteria.filter)?;
            let found = ask.app.list_rules::<$terms>(&desk, &filter, page).await?;
            let items = found.items.iter().map(|one| to::$translate::shown(one, one.of.current()));
            ok(&v2::$listed { items: items.collect(), page: shown(page, found.total) })
        }

        #[doc = concat!("`GET ", $base, "/{id}`")]
        pub(in crate::http::v2) async fn read(ask: Arc<Ask>) -> Answered {
            let desk = desk(&ask).await?;
            let found = ask.app.read_rule::<$terms>(&desk, &id(&ask)?).await?;
            ok(&to::$translate::shown(&found, found.of.current()))
        }

        #[doc = concat!("`PATCH ", $base, "/{id}`")]
        pub(in crate::http::v2) async fn change(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            let body: v2::$update = update(&ask)?;
            ask.app.update_rule::<$terms>(&desk, &id(&ask)?, &to::$translate::update(body)?, &ticket).await
        }

        #[doc = concat!("`POST ", $base, "/{id}/archive`")]
        pub(in crate::http::v2) async fn archive(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            ask.app.archive_rule::<$terms>(&desk, &id(&ask)?, &ticket).await
        }

        #[doc = concat!("`POST ", $base, "/{id}/recover`")]
        pub(in crate::http::v2) async fn recover(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            ask.app.recover_rule::<$terms>(&desk, &id(&ask)?, &ticket).await
        }

        #[doc = concat!("`GET ", $base, "/{id}/schedule`")]
        pub(in crate::http::v2) async fn read_reserved(ask: Arc<Ask>) -> Answered {
            let desk = desk(&ask).await?;
            let found = ask.app.read_reserved_rule::<$terms>(&desk, &id(&ask)?).await?;
            let version = found.of.upcoming().unwrap_or_else(|| found.of.current().clone());
            ok(&to::$translate::shown(&found, &version))
        }

        #[doc = concat!("`POST ", $base, "/{id}/schedule`")]
        pub(in crate::http::v2) async fn reserve(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            let body: v2::$schedule = update(&ask)?;
            let change = to::$translate::update(body.update)?;
            let at = body.applied_at.get();
            ask.app.reserve_rule::<$terms>(&desk, &id(&ask)?, &change, at, &ticket).await
        }

        #[doc = concat!("`PUT ", $base, "/{id}/schedule`")]
        pub(in crate::http::v2) async fn replace(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            let body: v2::$reschedule = update(&ask)?;
            let change = to::$translate::update(body.update)?;
            let at = body.applied_at.get();
            ask.app.replace_reserved_rule::<$terms>(&desk, &id(&ask)?, &change, at, &ticket).await
        }

        #[doc = concat!("`DELETE ", $base, "/{id}/schedule`")]
        pub(in crate::http::v2) async fn unreserve(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
            let desk = desk(&ask).await?;
            ask.app.unreserve_rule::<$terms>(&desk, &id(&ask)?, &ticket).await
        }
    };
}
pub(super) use handlers;
