//! What breaks on the wire, where idempotency keys are honoured: the same request under the same key
//! tells what the first one did. And Stripe's true refusals.

use super::door::Counterpart::StatefulMock;
use super::door::Fault;
use super::{CARDS, INTENTS, MANUAL, REFUNDS, Trade, amounts, with};
use serde_json::Value;
use std::time::Duration;

const VISA: &str = "tok_visa";

const FAULTS: [Fault; 6] = [
    Fault::LosesRequest,
    Fault::LosesAnswer,
    Fault::AnswersInstead(500, r#"{"error":{"type":"api_error"}}"#),
    Fault::AnswersInstead(
        409,
        r#"{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use","message":"wait"}}"#,
    ),
    Fault::AnswersAfterwards(502, "bad gateway"),
    Fault::IsSlow(Duration::from_secs(2)),
];

impl Trade {
    /// What the mock's books say of a payment: each charge that was made for it.
    async fn charges_of(&self, name: &str) -> Vec<Value> {
        let charges = self.booked("/v1/charges", name).await;
        charges.into_iter().filter(|charge| charge["status"] == "succeeded").collect()
    }

    async fn refunds_of(&self, name: &str) -> Vec<i64> {
        let charges = self.charges_of(name).await;
        let [charge] = charges.as_slice() else { panic!("one charge: {charges:#?}") };
        let id = charge["id"].as_str().unwrap();
        amounts(&self.door.asks(&format!("/v1/refunds?charge={id}&limit=100")).await)
    }
}

#[test]
fn a_charge_is_made_once_and_known_at_once_whatever_breaks() {
    with(StatefulMock, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            trade.door.next(INTENTS, fault);
            trade.pays_by(CARDS, &name, VISA, 6_000).await.succeeds();
            assert_eq!(trade.status(&name).await, "PAID", "{fault:?}");
            let charges = trade.charges_of(&name).await;
            assert_eq!((charges.len(), &charges[0]["amount"]), (1, &Value::from(6_000)), "{fault:?}");
        }
        let seen = trade.door.seen(INTENTS);
        assert_eq!(seen.len(), 2 * FAULTS.len());
        for pair in seen.chunks(2) {
            assert_eq!(pair[0].key, pair[1].key, "the same key");
            assert_eq!(pair[0].body, pair[1].body, "for the same request");
        }
        trade.shop.closes().await;
    });
}

#[test]
fn a_charge_that_is_silent_twice_is_found_by_its_reference() {
    with(StatefulMock, |trade| async move {
        trade.door.next(INTENTS, Fault::LosesAnswer);
        trade.door.next(INTENTS, Fault::LosesAnswer);
        trade.pays_by(CARDS, "order", VISA, 6_000).await.succeeds();
        assert!(!trade.door.seen("GET /v1/payment_intents/search").is_empty());
        assert_eq!(trade.charges_of("order").await.len(), 1);
        trade.shop.closes().await;
    });
}

#[test]
fn a_refund_is_made_once_whatever_breaks() {
    with(StatefulMock, |trade| async move {
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let name = format!("order-{number}");
            trade.pays_by(CARDS, &name, VISA, 6_000).await.succeeds();
            trade.door.next(REFUNDS, fault);
            let answer = trade.cancels(&name, Some(2_000)).await.succeeds();
            assert_eq!(answer["cancellation"]["status"], "SUCCEEDED", "{fault:?}");
            assert_eq!(trade.refunds_of(&name).await, [2_000], "{fault:?}");
            trade.cancels(&name, None).await.succeeds();
            assert_eq!(trade.refunds_of(&name).await, [2_000, 4_000], "{fault:?}");
        }
        trade.shop.closes().await;
    });
}

#[test]
fn stripes_refusals_reach_the_merchant_in_stripes_words() {
    with(StatefulMock, |trade| async move {
        for (token, code) in [
            ("tok_chargeDeclined", "generic_decline"),
            ("tok_chargeDeclinedInsufficientFunds", "insufficient_funds"),
            ("tok_chargeDeclinedFraudulent", "fraudulent"),
            ("tok_chargeDeclinedExpiredCard", "expired_card"),
            ("tok_chargeDeclinedProcessingError", "processing_error"),
            ("tok_chargeCustomerFail", "generic_decline"),
        ] {
            let refusal = trade.pays_by(CARDS, "order", token, 5_000).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], code, "{token}");
            assert_eq!(trade.status("order").await, "FAILED");
        }
        assert_eq!(trade.door.seen(INTENTS).len(), 6, "a refusal is not asked twice");
        trade.pays_by(CARDS, "order", VISA, 5_000).await.succeeds();
        assert_eq!(trade.charges_of("order").await.len(), 1);
        trade.shop.closes().await;
    });
}

#[test]
fn more_than_stripe_has_left_is_refused_and_the_payment_stays_paid() {
    with(StatefulMock, |trade| async move {
        trade.pays_by(CARDS, "order", VISA, 5_000).await.succeeds();
        let charge = trade.charges_of("order").await[0]["id"].as_str().unwrap().to_owned();
        // Somebody gives a part back at Stripe, and we do not know.
        trade.door.does("/v1/refunds", &[("charge", &charge), ("amount", "3000")]).await;
        trade.cancels("order", None).await.refused(502, "PG_PROVIDER");
        assert_eq!(trade.status("order").await, "PAID");
        assert_eq!(trade.refunds_of("order").await, [3_000]);
        trade.cancels("order", Some(2_000)).await.succeeds();
        assert_eq!(trade.refunds_of("order").await, [2_000, 3_000]);
        trade.shop.closes().await;
    });
}

#[test]
fn an_approved_charge_is_captured() {
    with(StatefulMock, |trade| async move {
        trade.pays_by(MANUAL, "order", VISA, 5_000).await.succeeds();
        assert_eq!(trade.charges_of("order").await[0]["captured"], false);
        trade.door.next(super::CAPTURE, Fault::LosesAnswer);
        trade.captures("order").await.succeeds();
        assert_eq!(trade.charges_of("order").await[0]["captured"], true);
        trade.shop.closes().await;
    });
}
