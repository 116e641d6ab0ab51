//! Connecting partners to the provider of tax invoices.

use super::{desk, update};
use crate::app::failure::Failure;
use crate::app::platform::counterparty::Wish;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::ask::Ask;
use crate::http::v2::translate::platform::partner_filter;
use paypier_domain::settlement::id::PartnerId;
use paypier_wire::v2;
use std::sync::Arc;

fn id(ask: &Ask) -> Result<PartnerId, Failure> {
    ask.path_id(3, "id", PartnerId::parse)
}

/// `POST /platform/partners/counterparty-connect/{id}`
pub(in crate::http::v2) async fn connect(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.wish_connection(&desk, &id(&ask)?, Wish::Connect, &ticket).await
}

/// `POST /platform/partners/counterparty-disconnect/{id}`
pub(in crate::http::v2) async fn disconnect(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.wish_connection(&desk, &id(&ask)?, Wish::Disconnect, &ticket).await
}

/// `POST /platform/partners/counterparty-connect`
pub(in crate::http::v2) async fn connect_many(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::ConnectBulkPartnerCounterpartyBody = update(&ask)?;
    let filter = partner_filter::asked(body.filter)?;
    ask.app.wish_connections(&desk, &filter, Wish::Connect, &ticket).await
}

/// `POST /platform/partners/counterparty-disconnect`
pub(in crate::http::v2) async fn disconnect_many(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::DisconnectBulkPartnerCounterpartyBody = update(&ask)?;
    let filter = partner_filter::asked(body.filter)?;
    ask.app.wish_connections(&desk, &filter, Wish::Disconnect, &ticket).await
}
