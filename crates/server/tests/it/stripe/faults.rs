//! What breaks on the wire, where nobody honours idempotency keys: asking is all that is left.
//!
//! No payment is charged twice, none that was charged is lost, and nothing is called failed that may
//! have happened.

use super::door::Counterpart::Localstripe;
use super::door::Fault;
use super::{CAPTURE, INTENTS, MANUAL, REFUNDS, Trade, with};
use crate::shop::APPROVED;
use std::time::Duration;

const FAULTS: [Fault; 7] = [
    Fault::LosesRequest,
    Fault::LosesAnswer,
    Fault::AnswersInstead(500, r#"{"error":{"type":"api_error"}}"#),
    Fault::AnswersInstead(200, "<html>maintenance</html>"),
    Fault::AnswersAfterwards(502, "bad gateway"),
    Fault::AnswersAfterwards(200, r#"{"id":"pi_half","#),
    Fault::IsSlow(Duration::from_secs(2)),
];

#[test]
fn a_charge_ends_as_what_happened() {
    with(Localstripe, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            trade.door.next(INTENTS, fault);
            let answer = trade.pays(&name, APPROVED, 6_000).await;
            let intents = trade.intents(&name).await;
            if fault.is_executed() {
                answer.succeeds();
                assert_eq!((intents.len(), trade.status(&name).await.as_str()), (1, "PAID"), "{fault:?}");
            } else {
                let refusal = answer.refused(502, "PG_PROVIDER");
                assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
                // That the charge is not found proves nothing, so it stays unknown, and nobody charges again.
                assert_eq!(
                    (intents.len(), trade.status(&name).await.as_str()),
                    (0, "PAY_PENDING"),
                    "{fault:?}"
                );
                trade.pays(&name, APPROVED, 6_000).await.refused(409, "ALREADY_PAID");
                assert!(trade.intents(&name).await.is_empty());
            }
        }
        assert_eq!(trade.door.seen(INTENTS).len(), FAULTS.len(), "nothing that moves money is sent twice");
        trade.shop.closes().await;
    });
}

#[test]
fn a_card_that_is_lost_on_its_way_is_not_charged_and_may_be_tried_again() {
    with(Localstripe, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            trade.door.next("POST /v1/payment_methods", fault);
            let refusal = trade.pays(&name, APPROVED, 6_000).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "NOT_EXECUTED", "{fault:?}");
            trade.pays(&name, APPROVED, 6_000).await.succeeds();
            assert_eq!(trade.intents(&name).await.len(), 1);
        }
        trade.shop.closes().await;
    });
}

async fn is_paid(trade: &Trade, name: &str, channel: &str) {
    trade.pays_at(channel, name, APPROVED, 6_000).await.succeeds();
}

#[test]
fn a_refund_ends_as_what_happened() {
    with(Localstripe, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            is_paid(&trade, &name, super::CARDS).await;
            trade.door.next(REFUNDS, fault);
            let answer = trade.cancels(&name, Some(2_000)).await.succeeds();
            if fault.is_executed() {
                assert_eq!(answer["cancellation"]["status"], "SUCCEEDED", "{fault:?}");
                assert_eq!(trade.refunded(&name).await, [2_000], "{fault:?}");
            } else {
                assert_eq!(answer["cancellation"]["status"], "REQUESTED", "{fault:?}");
                // Its amount is spoken for until it is known that it was not refunded.
                trade
                    .cancels(&name, Some(5_000))
                    .await
                    .refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
                assert!(trade.refunded(&name).await.is_empty());
            }
        }
        // Long enough for what is not listed to have never arrived.
        trade.shop.after("PT15M").await;
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            if !fault.is_executed() {
                assert_eq!(trade.payment(&name).await["cancellations"][0]["status"], "FAILED", "{fault:?}");
            }
            trade.cancels(&name, None).await.succeeds();
            assert_eq!(trade.status(&name).await, "CANCELLED");
            assert_eq!(trade.refunded(&name).await.iter().sum::<i64>(), 6_000, "{fault:?}");
        }
        trade.shop.closes().await;
    });
}

#[test]
fn a_capture_ends_as_what_happened() {
    with(Localstripe, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            is_paid(&trade, &name, MANUAL).await;
            trade.door.next(CAPTURE, fault);
            let refusal = trade.captures(&name).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN", "{fault:?}");
        }
        trade.shop.after("PT15M").await;
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            let status = trade.intents(&name).await[0]["status"].clone();
            assert_eq!(
                status,
                if fault.is_executed() { "succeeded" } else { "requires_capture" },
                "{fault:?}"
            );
            trade.captures(&name).await.succeeds();
            assert_eq!(trade.intents(&name).await[0]["status"], "succeeded");
        }
        let not_executed = FAULTS.iter().filter(|fault| !fault.is_executed()).count();
        assert_eq!(trade.door.seen(CAPTURE).len(), FAULTS.len() + not_executed);
        trade.shop.closes().await;
    });
}

#[test]
fn a_power_cut_between_the_charge_and_its_record_loses_nothing() {
    with(Localstripe, |mut trade| async move {
        trade.door.next(INTENTS, Fault::IsSlow(Duration::from_secs(1)));
        let order = trade.order(super::CARDS, APPROVED, 6_000).to_string();
        let path = format!("/payments/{}/instant", trade.id("order"));
        let request = trade.shop.request("POST", &path).body(order);
        let asking = tokio::spawn(crate::shop::sent(request));
        crate::shop::eventually("the charge is at Stripe", || async {
            !trade.intents("order").await.is_empty()
        })
        .await;
        trade.shop = trade.shop.loses_power_and_opens_again().await;
        assert!(asking.await.unwrap().is_none_or(|answer| answer.status != 200));
        crate::shop::eventually("the payment is paid", || async { trade.status("order").await == "PAID" })
            .await;
        assert_eq!(trade.intents("order").await.len(), 1);
        trade.shop.closes().await;
    });
}
