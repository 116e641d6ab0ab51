//! Refunds.

use super::call::{Answered, Call, Nothing};
use super::need::{self, Tone};
use super::problem::Refused;
use crate::app::global::refund::{RefundAsk, Share};
use crate::global::amount;
use crate::global::message::{self, Naming};
use paypier_wire::global::{Code, RefundRequest, RefundType, Refunds};
use std::sync::Arc;

/// `POST /api/refund/{portone_order_ref}`
pub async fn create(call: Arc<Call>, body: RefundRequest) -> Answered<Refunds> {
    let caller = call.caller()?;
    let channel = need::text(Tone::Request, "channel", body.channel.as_ref())?;
    let description = need::text(Tone::Request, "description", body.description.as_ref())?;
    let environment = need::environment(body.environment.as_ref())?;
    let kind =
        need::some(Tone::Request, "refund_type", body.refund_type.as_ref())?.known().ok_or_else(|| {
            Refused::invalid(
                Code::InvalidRequest,
                "Invalid Request, err : refund_type must be full or partial",
            )
        })?;
    let reason = need::text(Tone::Request, "refund_reason", body.refund_reason.as_ref())?;
    let view = call.app.order_by_reference(caller, &call.path("portone_order_ref")?).await?;
    let share = match kind {
        RefundType::Full => Share::Full,
        RefundType::Partial => {
            let number = need::some(Tone::Request, "amount", body.amount)?;
            let asked = amount::positive(number)?;
            let currency =
                view.transaction(&caller.global).attempt().map(|attempt| attempt.currency).ok_or_else(
                    || Refused::from(crate::app::global::Refusal::NotRefundable("it is not paid")),
                )?;
            Share::Partial(amount::of(asked, currency)?)
        }
    };
    let ask = RefundAsk {
        environment,
        channel: channel.to_owned(),
        share,
        reason: reason.to_owned(),
        description: description.to_owned(),
    };
    let view = call.app.refund_order(caller, view, ask).await?;
    Ok(message::refunds(&view.transaction(&caller.global), Naming::Merchant))
}

/// `GET /api/refund/{portone_order_ref}`
pub async fn read(call: Arc<Call>, _: Nothing) -> Answered<Refunds> {
    let caller = call.caller()?;
    let view = call.app.order_by_reference(caller, &call.path("portone_order_ref")?).await?;
    Ok(message::refunds(&view.transaction(&caller.global), Naming::Nobody))
}
