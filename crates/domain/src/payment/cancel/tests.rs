//! The arithmetic of cancellations: a row a case, the refusal last; and the laws.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::*;
use crate::payment::testing::{after, at, begun, charge, declined, paid, unknown, won};
use proptest::prelude::*;

fn ask(id: &str) -> CancelAsk {
    CancelAsk {
        id: CancellationId::known(id),
        amount: None,
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "changed my mind".into(),
        requester: None,
        origin: CancelOrigin::Api,
        refund_account: None,
        retain: RetainOption::Release,
        skip_webhook: false,
        claim: None,
    }
}

fn refund(units: i64) -> Refund {
    Refund {
        pg_cancellation_id: PgCancellationId::known("pgc"),
        amount: won(units),
        at: at(5),
        fee_returned: Amount::ZERO,
        receipt_url: None,
        raw: None,
    }
}

fn settled(payment: &Payment, id: &str, outcome: Outcome<Refund>) -> Payment {
    match settle(payment, &CancellationId::known(id), outcome, at(6)) {
        CancelSettled::Changed(decided) => decided.payment,
        CancelSettled::Unchanged => payment.clone(),
    }
}

fn cancelled(
    payment: &Payment,
    id: &str,
    amount: Option<i64>,
    outcome: impl Fn(Amount) -> Outcome<Refund>,
) -> Payment {
    let requested =
        request(payment, CancelAsk { amount: amount.map(won), ..ask(id) }, Limits::default(), at(4)).unwrap();
    settled(&requested.decided.payment, id, outcome(requested.cancellation.refund))
}

fn done(amount: Amount) -> Outcome<Refund> {
    Outcome::Done(refund(amount.minor_units()))
}

#[test]
fn refusals_come_in_their_order() {
    // total 10,000 of which 3,000 are tax-free
    let mixed = || paid(10_000, 3_000);
    let partly = cancelled(&mixed(), "c0", Some(4_000), done);
    let empty = cancelled(&mixed(), "c0", None, done);
    let failed = after(&begun(None, "t1", 1000, 0), "t1", declined());
    // payment, amount, tax-free, VAT, believed cancellable, refusal
    let rows: Vec<(Payment, Option<i64>, Option<i64>, Option<i64>, Option<i64>, &str)> = vec![
        (mixed(), Some(0), None, None, None, "the amount to cancel must be above 0"),
        (empty, None, None, None, Some(1), "the payment is cancelled already"),
        (failed, None, None, None, None, "the payment is not paid (its status is FAILED)"),
        (partly.clone(), Some(99_999), None, None, Some(10_000), "the cancellable amount is 6000, not 10000"),
        (
            partly.clone(),
            Some(6_001),
            Some(9_999),
            None,
            Some(6_000),
            "asked to cancel 6001, cancellable are 6000",
        ),
        (
            mixed(),
            Some(100),
            Some(90),
            Some(11),
            None,
            "the tax-free amount 90 and the VAT 11 exceed the amount 100",
        ),
        (
            mixed(),
            Some(5_000),
            Some(3_001),
            Some(0),
            None,
            "asked to cancel 3001 tax-free, cancellable are 3000",
        ),
        (mixed(), Some(7_001), Some(0), None, None, "asked to cancel 7001 taxable, cancellable are 7000"),
        (mixed(), Some(7_000), None, None, None, ""),
        (mixed(), None, None, None, Some(10_000), ""),
    ];
    for (payment, amount, tax_free, vat, believed, expected) in rows {
        let asked = CancelAsk {
            amount: amount.map(won),
            tax_free: tax_free.map(won),
            vat: vat.map(won),
            current_cancellable: believed.map(won),
            ..ask("c1")
        };
        let refused = request(&payment, asked, Limits::default(), at(4))
            .err()
            .map(|r| r.to_string())
            .unwrap_or_default();
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_plain_full_cancellation_takes_every_part() {
    let payment = cancelled(&paid(10_000, 3_000), "c1", None, done);
    let amounts = payment.amounts();
    assert_eq!(
        (amounts.cancelled, amounts.cancelled_tax_free, amounts.paid),
        (won(10_000), won(3_000), won(10_000))
    );
    assert_eq!(payment.cancellations[0].vat, won(636), "7,000 / 11, rounded half up");
    assert_eq!(payment.status(), Status::Cancelled);
}

#[test]
fn an_unanswered_cancellation_keeps_its_amount_until_it_fails() {
    let payment = paid(10_000, 0);
    for (name, outcome) in [("unknown", unknown()), ("requested", Outcome::Pending(refund(6_000)))] {
        let waiting = cancelled(&payment, "c1", Some(6_000), |_| outcome.clone());
        assert_eq!((waiting.status(), waiting.cancellable()), (Status::Paid, won(4_000)), "{name}");
        let too_much =
            request(&waiting, CancelAsk { amount: Some(won(4_001)), ..ask("c2") }, Limits::default(), at(7));
        assert!(matches!(too_much, Err(CancelRefusal::ExceedsCancellable { .. })), "{name}");
        let failed = settled(&waiting, "c1", declined());
        assert_eq!((failed.status(), failed.cancellable()), (Status::Paid, won(10_000)), "{name}");
        assert_eq!(failed.last_event, waiting.last_event + 1, "the merchant hears that it failed");
        let succeeded = settled(&waiting, "c1", Outcome::Done(refund(6_000)));
        assert_eq!(
            (succeeded.status(), succeeded.cancellable()),
            (Status::PartialCancelled, won(4_000)),
            "{name}"
        );
    }
}

#[test]
fn a_refusal_that_the_caller_hears_itself_is_no_event() {
    let payment = paid(10_000, 0);
    let refused = cancelled(&payment, "c1", None, |_| declined());
    assert_eq!((refused.status(), refused.last_event), (Status::Paid, payment.last_event));
}

#[test]
fn a_virtual_account_needs_an_account_to_refund_to() {
    let issued =
        after(&begun(None, "t1", 1000, 0), "t1", Outcome::Pending(crate::payment::testing::account(1000)));
    let deposited = after(&issued, "t1", Outcome::Done(crate::payment::testing::account(1000)));
    assert_eq!(
        request(&deposited, ask("c1"), Limits::default(), at(4)).err(),
        Some(CancelRefusal::RefundAccountMissing)
    );
    let account = RefundAccount {
        bank: "KB".into(),
        number: "1".into(),
        holder_name: "Kim".into(),
        holder_phone_number: None,
    };
    let asked = CancelAsk { refund_account: Some(account), ..ask("c1") };
    assert!(request(&deposited, asked, Limits::default(), at(4)).is_ok());
}

#[test]
fn only_a_pending_cancellation_can_be_stopped() {
    let payment = paid(10_000, 0);
    let id = CancellationId::known("c1");
    let pending = cancelled(&payment, "c1", Some(6_000), |_| Outcome::Pending(refund(6_000)));
    let stopped_now = stopped(&pending, &id, at(8)).unwrap();
    assert!(stopped_now.change.events.is_empty());
    assert_eq!(stopped_now.payment.cancellable(), won(10_000));
    assert_eq!(stopped(&stopped_now.payment, &id, at(9)).err(), Some(StopRefusal::NotPending));
    assert_eq!(stopped(&payment, &id, at(9)).err(), Some(StopRefusal::NotFound));
    let done = cancelled(&payment, "c1", None, done);
    assert_eq!(stopped(&done, &id, at(9)).err(), Some(StopRefusal::NotPending));
}

#[test]
fn cancellations_are_counted_and_bounded() {
    let mut payment = paid(10_000, 0);
    for number in 0..100 {
        payment = cancelled(&payment, &format!("c{number}"), Some(1), done);
    }
    let refused =
        request(&payment, CancelAsk { amount: Some(won(1)), ..ask("c") }, Limits::default(), at(4)).err();
    assert_eq!(refused, Some(CancelRefusal::TooMany { made: 100, limit: 100 }));
}

proptest! {
    /// Whatever is asked for and however the PSP answers: never more goes back than was paid, parts
    /// never exceed their wholes, and a payment that is emptied gives back exactly all of it.
    #[test]
    fn never_more_goes_back_than_came_in(
        total in 1i64..100_000,
        tax_free_percent in 0i64..=100,
        asks in prop::collection::vec((prop::option::of(1i64..60_000), 0i64..=100, 0u8..4), 1..12),
    ) {
        let tax_free = total * tax_free_percent / 110;
        let mut payment = after(&begun(None, "t1", total, tax_free), "t1", Outcome::Done(charge(total)));
        for (number, (amount, part, answer)) in asks.into_iter().enumerate() {
            let id = format!("c{number}");
            let asked = CancelAsk {
                amount: amount.map(won),
                tax_free: amount.map(|amount| won(amount * part / 110)),
                ..ask(&id)
            };
            let Ok(requested) = request(&payment, asked, Limits::default(), at(4)) else { continue };
            let refunded = requested.cancellation.refund;
            payment = settled(&requested.decided.payment, &id, match answer {
                0 => declined(),
                1 => unknown(),
                _ => done(refunded),
            });
            let amounts = payment.amounts();
            prop_assert!(amounts.cancelled <= amounts.paid);
            prop_assert!(amounts.cancelled_tax_free <= amounts.tax_free);
            let claimed = Amount::total(payment.cancellations.iter().filter(|c| c.is_claiming()).map(|c| c.order_amount));
            prop_assert_eq!(claimed.plus(payment.cancellable()).unwrap(), amounts.total);
            if payment.status() == Status::Cancelled {
                prop_assert_eq!(amounts.cancelled, amounts.paid);
            }
        }
    }
}
