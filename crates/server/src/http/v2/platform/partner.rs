//! Partners.

use super::{desk, page, update};
use crate::app::failure::Failure;
use crate::app::platform::partner::MOST_AT_ONCE;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::page::shown;
use crate::http::v2::translate::platform::{partner as to, partner_filter, partner_update};
use paypier_domain::settlement::id::PartnerId;
use paypier_wire::v2;
use std::sync::Arc;

fn id(ask: &Ask) -> Result<PartnerId, Failure> {
    ask.path_id(2, "id", PartnerId::parse)
}

/// `POST /platform/partners`
pub(in crate::http::v2) async fn create(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let new = to::asked(ask.body()?)?;
    ask.app.create_partner(&desk, new, &ticket).await
}

/// `POST /platform/partners/batch`
pub(in crate::http::v2) async fn create_many(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::CreatePlatformPartnersBody = ask.body()?;
    let count = body.partners.len();
    if !(1..=MOST_AT_ONCE).contains(&count) {
        return Err(Failure::Invalid(format!(
            "partners has {count} elements; from 1 to {MOST_AT_ONCE} are accepted"
        )));
    }
    // What makes the request invalid comes before what has a type of its own.
    let mut new = Vec::with_capacity(count);
    let mut named = None;
    for one in body.partners {
        match to::asked(one) {
            Ok(one) => new.push(one),
            Err(failure @ Failure::Platform(_)) => named = named.or(Some(failure)),
            Err(invalid) => return Err(invalid),
        }
    }
    match named {
        Some(failure) => Err(failure),
        None => ask.app.create_partners(&desk, new, &ticket).await,
    }
}

/// `GET /platform/partners`
pub(in crate::http::v2) async fn list(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformPartnersBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let filter = partner_filter::asked(criteria.filter)?;
    let found = ask.app.list_partners(&desk, &filter, page).await?;
    let items = found.items.iter().map(to::current).collect::<Result<Vec<_>, _>>()?;
    ok(&v2::GetPlatformPartnersResponse { items, page: shown(page, found.total) })
}

/// `GET /platform/partner-filter-options`
pub(in crate::http::v2) async fn options(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let archived = ask.flag("isArchived")?.unwrap_or(false);
    let (tags, contracts) = ask.app.partner_options(&desk, archived).await?;
    ok(&to::options(tags, &contracts))
}

/// `GET /platform/partners/{id}`
pub(in crate::http::v2) async fn read(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    ok(&to::current(&ask.app.read_partner(&desk, &id(&ask)?).await?)?)
}

/// `PATCH /platform/partners/{id}`
pub(in crate::http::v2) async fn change(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let change = partner_update::asked(update(&ask)?)?;
    ask.app.update_partner(&desk, &id(&ask)?, &change, &ticket).await
}

/// `POST /platform/partners/{id}/archive`
pub(in crate::http::v2) async fn archive(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.archive_partner(&desk, &id(&ask)?, &ticket).await
}

/// `POST /platform/partners/{id}/recover`
pub(in crate::http::v2) async fn recover(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.recover_partner(&desk, &id(&ask)?, &ticket).await
}

/// `GET /platform/partners/{id}/schedule`
pub(in crate::http::v2) async fn read_reserved(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let found = ask.app.read_reserved_partner(&desk, &id(&ask)?).await?;
    let of = &found.definition.of;
    let version = of.upcoming().unwrap_or_else(|| of.current().clone());
    ok(&to::shown(&found, &version)?)
}

/// `POST /platform/partners/{id}/schedule`
pub(in crate::http::v2) async fn reserve(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::SchedulePlatformPartnerBody = update(&ask)?;
    let change = partner_update::asked(body.update)?;
    ask.app.reserve_partner(&desk, &id(&ask)?, &change, body.applied_at.get(), &ticket).await
}

/// `PUT /platform/partners/{id}/schedule`
pub(in crate::http::v2) async fn replace(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::ReschedulePlatformPartnerBody = update(&ask)?;
    let change = partner_update::asked(body.update)?;
    ask.app.replace_reserved_partner(&desk, &id(&ask)?, &change, body.applied_at.get(), &ticket).await
}

/// `DELETE /platform/partners/{id}/schedule`
pub(in crate::http::v2) async fn unreserve(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.unreserve_partner(&desk, &id(&ask)?, &ticket).await
}

/// `POST /platform/partners/schedule`
pub(in crate::http::v2) async fn reserve_many(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::SchedulePlatformPartnersBody = update(&ask)?;
    let filter = partner_filter::asked(body.filter)?;
    let change = partner_update::for_many(body.update)?;
    ask.app.reserve_partners(&desk, &filter, &change, body.applied_at.get(), &ticket).await
}
