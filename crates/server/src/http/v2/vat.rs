//! The handlers of the reports for the value-added tax. Their criteria stand in the query alone.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::body;
use super::translate as to;
use crate::app::failure::Failure;
use crate::app::vat_report::{VatAsk, VatReport};
use serde::de::DeserializeOwned;
use std::sync::Arc;

fn criteria<T: DeserializeOwned>(ask: &Ask) -> Result<T, Failure> {
    match ask.parameter("requestBody")? {
        Some(text) => body::read(text.as_bytes()),
        None => Err(Failure::Invalid("the query parameter requestBody is required".into())),
    }
}

async fn report(ask: &Ask, wanted: VatAsk) -> Result<VatReport, Failure> {
    ask.app.vat_report(&ask.caller, wanted, to::vat::company).await
}

/// `GET /payment-reconciliations/transactions/vat-report`
pub(super) async fn by_transaction(ask: Arc<Ask>) -> Answered {
    let wanted = to::vat::by_transaction(criteria(&ask)?)?;
    ok(&to::vat::transactions(&report(&ask, wanted).await?))
}

/// `GET /payment-reconciliations/settlements/vat-report`
pub(super) async fn by_settlement(ask: Arc<Ask>) -> Answered {
    let wanted = to::vat::by_settlement(criteria(&ask)?)?;
    ok(&to::vat::settlements(&report(&ask, wanted).await?))
}
