//! The arithmetic of an order, apart from books and bodies.
#![expect(clippy::arithmetic_side_effects, reason = "test code: an overflow is a failed test")]

use super::api::RefundBody;
use super::cards::{Behaviour, CardFacts};
use super::order;
use super::order::{Means, Opening, Order};
use jiff::Timestamp;
use paypier_domain::money::{Amount, Currency};
use proptest::prelude::*;

fn approved(amount: i64, behaviour: Behaviour) -> Order {
    let opening = Opening {
        id: "sbx_1".into(),
        fingerprint: "f".into(),
        order_name: String::new(),
        amount: Amount::new(amount).unwrap(),
        currency: Currency::KRW,
        approval_number: "00000000".into(),
    };
    let text = || "x".to_owned();
    let card = CardFacts {
        brand: text(),
        kind: text(),
        owner_type: text(),
        issuer: text(),
        publisher: text(),
        name: text(),
        bin: text(),
        number: text(),
    };
    Order::approved(opening, behaviour, Means::Card(card), false, Timestamp::UNIX_EPOCH)
}

fn asking(reference: &str, amount: i64) -> RefundBody {
    let body = serde_json::json!({ "reference": reference, "amount": amount, "currency": "KRW" });
    serde_json::from_value(body).unwrap()
}

fn json(order: &Order) -> serde_json::Value {
    serde_json::to_value(order.view("r", "u")).unwrap()
}

fn fee_given_back(order: &Order) -> i64 {
    let order = json(order);
    order["refunds"].as_array().unwrap().iter().map(|refund| refund["feeReturned"].as_i64().unwrap()).sum()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap()
}

proptest! {
    /// Whatever is asked, in whatever order and however often, and however long it takes.
    #[test]
    fn refunds_never_exceed_and_the_whole_fee_comes_back_with_the_whole_amount(
        amount in 1i64..2_000_000,
        asks in prop::collection::vec((1i64..500_000, 0i64..8), 1..40),
        behaviour in prop::sample::select(vec![
            Behaviour::Approved, Behaviour::RefundSucceedsLater, Behaviour::RefundFailsLater, Behaviour::RefundRefused,
        ]),
    ) {
        let mut order = approved(amount, behaviour);
        let fee = json(&order)["fee"].as_i64().unwrap();
        prop_assert_eq!(fee, (amount * 320 + 5_000) / 10_000);
        let mut minute = 0;
        for (n, (part, wait)) in asks.iter().enumerate() {
            minute += wait;
            order.advance(at(minute));
            let reference = format!("c-{n}");
            let place = order.refund(&asking(&reference, *part), at(minute)).unwrap();
            let before = order.clone();
            prop_assert_eq!(order.refund(&asking(&reference, *part), at(minute)).unwrap(), place);
            prop_assert_eq!(&order, &before, "a repeated refund changes nothing");
            prop_assert!(order.refunded_amount().minor_units() <= amount);
            prop_assert!(fee_given_back(&order) <= fee);
        }
        order.advance(at(minute + 10));
        let left = amount - order.refunded_amount().minor_units();
        prop_assert!(left >= 0);
        if matches!(behaviour, Behaviour::RefundFailsLater | Behaviour::RefundRefused) {
            prop_assert_eq!((left, fee_given_back(&order)), (amount, 0));
        } else {
            if left > 0 {
                order.refund(&asking("rest", left), at(minute + 10)).unwrap();
                order.advance(at(minute + 20));
            }
            prop_assert_eq!(order.refunded_amount().minor_units(), amount);
            prop_assert_eq!(fee_given_back(&order), fee);
        }
    }

    #[test]
    fn an_order_is_stored_and_read_without_loss(amount in 1i64..2_000_000, part in 1i64..2_000_000) {
        let mut order = approved(amount, Behaviour::RefundSucceedsLater);
        order.refund(&asking("c", part), at(1)).unwrap();
        order.announce(at(11));
        let stored = serde_json::to_string(&order).unwrap();
        prop_assert_eq!(serde_json::from_str::<Order>(&stored).unwrap(), order);
    }
}

#[test]
fn pending_refunds_end_in_the_order_in_which_they_are_due() {
    let mut order = approved(1_000, Behaviour::RefundSucceedsLater);
    order.refund(&asking("a", 300), at(0)).unwrap();
    order.refund(&asking("b", 700), at(3)).unwrap();
    order.advance(at(9));
    assert_eq!(order.refunded_amount().minor_units(), 0);
    order.advance(at(10));
    assert_eq!(order.refunded_amount().minor_units(), 300);
    let mut late = approved(1_000, Behaviour::RefundSucceedsLater);
    late.refund(&asking("a", 300), at(0)).unwrap();
    late.refund(&asking("b", 700), at(3)).unwrap();
    late.advance(at(13));
    order.advance(at(13));
    assert_eq!(late, order, "when time is looked at makes no difference");
    assert_eq!(fee_given_back(&order), 32);
}

#[test]
fn a_refund_id_names_its_order_whatever_the_reference_is() {
    let mut order = approved(1_000, Behaviour::Approved);
    order.refund(&asking("a", 300), at(0)).unwrap();
    for reference in ["r", "a_b_c", "_", "sbxr_2_x", ""] {
        let view = serde_json::to_value(order.refund_view(0, reference, "u").unwrap()).unwrap();
        assert_eq!(order::read_refund_id(view["id"].as_str().unwrap()), Some((0, reference)));
    }
}
