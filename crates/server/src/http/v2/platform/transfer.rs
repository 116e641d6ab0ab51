//! Transfers.

use super::{desk, page};
use crate::app::failure::Failure;
use crate::app::platform::shelf::Fallback;
use crate::app::platform::transfer::Registry;
use crate::app::platform::transfer_view::TransferView;
use crate::app::platform::{Desk, Mode};
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::page::shown as page_shown;
use crate::http::v2::translate::platform::sheet::{Fields, Sheet};
use crate::http::v2::translate::platform::{transfer as to, transfer_filter, transfer_input};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use paypier_domain::channel::Environment;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::TransferId;
use paypier_storage::{TransferFilter, TransferPlace};
use paypier_wire::v2;
use std::sync::Arc;

/// The environment of a body: the query says, or else the body, as clients of October 2024 do; those have
/// one set of definitions for both.
pub(super) fn registry(desk: &Desk, is_for_test: Option<bool>) -> Registry {
    let (environment, fallback) = match (desk.mode, is_for_test) {
        (Mode::Unsaid, Some(true)) => (Environment::Test, Fallback::Live),
        (mode, _) => (mode.environment(), Fallback::None),
    };
    Registry { platform: desk.platform(environment), fallback }
}

fn id(ask: &Ask) -> Result<TransferId, Failure> {
    ask.path_id(2, "id", TransferId::parse)
}

/// `POST /platform/transfers/order`
pub(in crate::http::v2) async fn order(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::CreatePlatformOrderTransferBody = ask.body()?;
    let registry = registry(&desk, body.is_for_test);
    let command = transfer_input::order(body)?;
    ask.app.register_order_transfer(&desk, &registry, command, &ticket).await
}

/// `POST /platform/transfers/order-cancel`
pub(in crate::http::v2) async fn cancel(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::CreatePlatformOrderCancelTransferBody = ask.body()?;
    let registry = registry(&desk, body.is_for_test);
    let command = transfer_input::cancel(body)?;
    // Contract and policies are those of the order, wherever it found them.
    let registry = Registry { fallback: Fallback::Live, ..registry };
    ask.app.register_cancel_transfer(&desk, &registry, command, &ticket).await
}

/// `POST /platform/transfers/manual`
pub(in crate::http::v2) async fn manual(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::CreatePlatformManualTransferBody = ask.body()?;
    let registry = registry(&desk, body.is_for_test);
    let command = transfer_input::manual(body)?;
    ask.app.register_manual_transfer(&desk, &registry, command, &ticket).await
}

/// `GET /platform/transfers/{id}`
pub(in crate::http::v2) async fn read(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let view = ask.app.platform_transfer(&desk, &id(&ask)?).await?;
    ok(&to::shown(&view)?)
}

/// `DELETE /platform/transfers/{id}`
pub(in crate::http::v2) async fn delete(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.delete_transfer(&desk, &id(&ask)?, &ticket).await
}

fn filter(
    ask: &Ask,
    desk: &Desk,
    filter: Option<v2::PlatformTransferFilterInput>,
) -> Result<TransferFilter, Failure> {
    let filter = filter.unwrap_or_default();
    let platform: PlatformKey = registry(desk, filter.is_for_test).platform;
    let today = day_in_korea(ask.app.platform_now(desk, &platform));
    transfer_filter::asked(platform, today, filter)
}

/// `GET /platform/transfer-summaries`
pub(in crate::http::v2) async fn list(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformTransferSummariesBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let filter = filter(&ask, &desk, criteria.filter)?;
    let found = ask.app.platform_transfers(&desk, &filter, page).await?;
    ok(&v2::GetPlatformTransferSummariesResponse {
        transfer_summaries: found.items.iter().map(to::summary).collect::<Result<_, _>>()?,
        page: page_shown(page, found.total),
    })
}

/// Lines that are read and written together.
const LINES_AT_ONCE: u32 = 500;

/// `GET /platform/transfer-summaries/sheet-file`: written while it is read, however long it is.
pub(in crate::http::v2) async fn sheet(ask: Ask) -> Response {
    let ask = Arc::new(ask);
    match begun(&ask).await {
        Ok((desk, filter, sheet)) => streamed(ask, desk, filter, sheet),
        Err(failure) => ask.reply(Err(failure)),
    }
}

async fn begun(ask: &Ask) -> Result<(Desk, TransferFilter, Sheet), Failure> {
    let desk = desk(ask).await?;
    let criteria: v2::DownloadPlatformTransferSheetBody = ask.criteria()?;
    let filter = filter(ask, &desk, criteria.filter)?;
    let setting = ask.app.storage.platform_setting(&filter.platform).await?;
    let fields = Fields {
        named: criteria.fields,
        properties: criteria.transfer_user_defined_property_keys.unwrap_or_default(),
        partner_properties: criteria.partner_user_defined_property_keys.unwrap_or_default(),
    };
    let sheet = Sheet::asked(&fields, &setting)?;
    Ok((desk, filter, sheet))
}

/// What is left to write.
struct Left {
    ask: Arc<Ask>,
    desk: Desk,
    filter: TransferFilter,
    sheet: Sheet,
    step: Step,
}

enum Step {
    Header,
    After(Option<TransferPlace>),
    Done,
}

fn streamed(ask: Arc<Ask>, desk: Desk, filter: TransferFilter, sheet: Sheet) -> Response {
    let left = Left { ask, desk, filter, sheet, step: Step::Header };
    let lines = futures::stream::try_unfold(left, |mut left| async move {
        let after = match std::mem::replace(&mut left.step, Step::Done) {
            Step::Header => {
                left.step = Step::After(None);
                return Ok(Some((Bytes::from(left.sheet.header()), left)));
            }
            Step::After(after) => after,
            Step::Done => return Ok(None),
        };
        let views = left
            .ask
            .app
            .platform_transfers_after(&left.desk, &left.filter, after.as_ref(), LINES_AT_ONCE)
            .await
            .map_err(|failure| {
                // The status is sent already: a sheet that breaks off is one that failed.
                tracing::error!(?failure, "a sheet could not be written to its end");
                std::io::Error::other("the sheet could not be written to its end")
            })?;
        if views.is_empty() {
            return Ok(None);
        }
        left.step = match views.last() {
            Some(last) if views.len() >= usize::try_from(LINES_AT_ONCE).unwrap_or(usize::MAX) => {
                Step::After(Some(place(last)))
            }
            Some(_) | None => Step::Done,
        };
        let lines: String = views.iter().map(|view| left.sheet.row(view)).collect();
        Ok::<_, std::io::Error>(Some((Bytes::from(lines), left)))
    });
    let mut response = Body::from_stream(lines).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"transfers.csv\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn place(view: &TransferView) -> TransferPlace {
    TransferPlace { created_at: view.transfer.created_at, id: view.transfer.id.clone() }
}
