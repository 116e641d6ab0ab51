//! The handlers of what only one PSP offers.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::translate as to;
use crate::app::failure::Failure;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use paypier_domain::id::{ChannelKey, PgTxId};
use std::sync::Arc;

fn needed(ask: &Ask, name: &str) -> Result<String, Failure> {
    let value = ask.parameter(name)?;
    value.ok_or_else(|| Failure::Invalid(format!("the query parameter {name} is required")))
}

fn channel(ask: &Ask) -> Result<ChannelKey, Failure> {
    let key = needed(ask, "channelKey")?;
    ChannelKey::parse(&key).map_err(|error| Failure::Invalid(format!("channelKey: {error}")))
}

/// `GET /kakaopay/payment/order`
pub(super) async fn kakaopay_order(ask: Arc<Ask>) -> Answered {
    let (order, channel) = (needed(&ask, "pgTxId")?, channel(&ask)?);
    let order = PgTxId::parse(&order).map_err(|error| Failure::Invalid(format!("pgTxId: {error}")))?;
    let answer = ask.app.kakaopay_order(&ask.caller, &channel, &order).await?;
    ok(&to::pg_specific::raw(answer))
}

/// `GET /payment-gateways/card-promotion`
pub(super) async fn card_promotions(ask: Arc<Ask>) -> Answered {
    let (channel, amount) = (channel(&ask)?, to::pg_specific::amount(&needed(&ask, "amount")?)?);
    let company = to::pg_specific::company(ask.parameter("cardCompany")?.as_deref())?;
    let discounts = ask.app.card_discounts(&ask.caller, &channel, amount, company).await?;
    ok(&to::pg_specific::discounts(&discounts))
}

/// `POST /paymentwall/delivery/confirm`
pub(super) async fn confirm_delivery(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::pg_specific::delivery(ask.body()?)?;
    ask.app.confirm_delivery(&ask.caller, command, &ticket).await
}
