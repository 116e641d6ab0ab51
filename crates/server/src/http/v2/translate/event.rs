//! Events that moved money, one immutable record each.

use super::common::{Common, disputes};
use super::{amount, cancellation};
use crate::app::failure::Failure;
use crate::app::read::PaymentView;
use paypier_domain::event::{Event, PaymentEvent, PaymentEventKind, Subject};
use paypier_domain::id::PaymentKey;
use paypier_domain::payment::AttemptState;
use paypier_storage::{Cursor, StoredEvent};
use paypier_wire::v2;
use std::collections::HashMap;

macro_rules! body {
    ($body:ident, $common:ident, $event:ident, $of:ident, $($member:ident $(: $value:expr)?),*) => {
        v2::$body {
            channel: $common.channel()?,
            id: $event.id.as_str().to_owned(),
            payment_id: $common.payment_id,
            transaction_id: $common.transaction_id,
            merchant_id: $common.merchant_id,
            store_id: $common.store_id,
            method: $common.method,
            channel_group: $common.channel_group,
            version: v2::PortOneVersion::V2,
            schedule_id: $common.schedule_id,
            webhooks: $common.webhooks,
            requested_at: $common.requested_at,
            created_at: $event.at.into(),
            order_name: $common.order_name,
            total_amount: amount::shown(&$of.amounts),
            currency: $common.currency,
            customer: $common.customer,
            is_cultural_expense: $common.is_cultural_expense,
            escrow: $common.escrow,
            products: $common.products,
            product_count: $common.product_count,
            custom_data: $common.custom_data,
            country: $common.country,
            pg_tx_id: $common.pg_tx_id,
            cash_receipt: None,
            cash_receipt_issuance_status: None,
            promotion_id: $common.promotion_id,
            event_amount: $of.moved,
            origin: $common.origin,
            $($member $(: $value)?,)*
        }
        .into()
    };
}

/// The payment that an event is about, when it is about one.
pub fn payment_of(event: &Event) -> Option<PaymentKey> {
    match &event.subject {
        Subject::Payment(of) => Some(of.payment.clone()),
        Subject::BillingKey { .. } => None,
    }
}

/// Events with their cursors. An event is left out when its payment was deleted in between.
///
/// # Errors
/// What is stored cannot be said in this dialect.
pub fn by_cursor(
    events: &[(Cursor, StoredEvent)],
    views: &HashMap<PaymentKey, PaymentView>,
) -> Result<v2::GetAllPaymentEventsByCursorResponse, Failure> {
    let mut items = Vec::with_capacity(events.len());
    for (cursor, stored) in events {
        let Subject::Payment(of) = &stored.event.subject else { continue };
        let Some(view) = views.get(&of.payment) else { continue };
        if let Some(payment_event) = shown(&stored.event, of, view)? {
            items.push(v2::PaymentEventWithCursor { payment_event, cursor: cursor.to_string() });
        }
    }
    Ok(v2::GetAllPaymentEventsByCursorResponse { items })
}

/// `None` for kinds that this dialect does not list.
fn shown(event: &Event, of: &PaymentEvent, view: &PaymentView) -> Result<Option<v2::PaymentEvent>, Failure> {
    let payment = &view.payment;
    let attempt = payment.attempt(&of.transaction).ok_or_else(|| {
        Failure::internal(format!("event {} names an attempt that does not exist", event.id))
    })?;
    let mut c =
        Common::of(payment, attempt, view.deliveries.iter().filter(|delivery| delivery.event == event.id))?;
    let (receipt_url, pg_response) = match &attempt.state {
        AttemptState::Paid(paid) => (paid.receipt_url.clone(), paid.pg_response.clone()),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. }
        | AttemptState::AccountIssued { .. }
        | AttemptState::Failed(_) => (None, None),
    };
    let cancellation =
        of.cancellation.as_ref().and_then(|id| payment.cancellation(id)).map(cancellation::shown);
    Ok(match of.kind {
        PaymentEventKind::Paid => {
            Some(body!(PaidPaymentEvent, c, event, of, receipt_url, pg_response, disputes: disputes(payment)))
        }
        PaymentEventKind::PartialCancelled => {
            Some(body!(PartialCancelledPaymentEvent, c, event, of, receipt_url, cancellation))
        }
        PaymentEventKind::Cancelled => {
            Some(body!(CancelledPaymentEvent, c, event, of, receipt_url, cancellation))
        }
        PaymentEventKind::Ready
        | PaymentEventKind::VirtualAccountIssued
        | PaymentEventKind::Failed
        | PaymentEventKind::PayPending
        | PaymentEventKind::CancelPending
        | PaymentEventKind::DisputeCreated
        | PaymentEventKind::DisputeResolved => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::samples;

    #[test]
    fn money_in_is_positive_and_money_out_negative() {
        let view = samples::partly_cancelled();
        let all: Vec<_> = samples::events(&view)
            .iter()
            .filter_map(|event| {
                let Subject::Payment(of) = &event.subject else { return None };
                shown(event, of, &view).unwrap()
            })
            .collect();
        assert_eq!(
            all.iter().map(v2::PaymentEvent::tag).collect::<Vec<_>>(),
            ["PAID", "PARTIAL_CANCELLED", "CANCELLED"]
        );
        insta::assert_json_snapshot!(all);
    }
}
