#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::*;
use crate::id::{CancellationId, MerchantId, PgCancellationId, PromotionId};
use crate::ledger::Account;
use crate::outcome::Outcome;
use crate::payment::cancel::{self, CancelAsk, CancelOrigin, CancelRefusal, CancelSettled};
use crate::payment::testing::{at, charge, declined, key, request, unknown, won};
use crate::payment::{Amounts, Limits, Request, pay, settle};
use crate::promotion::{DiscountPolicy, Partition, PromotionUse, RetainOption, Scheme};
use crate::psp::{Charge, Refund};
use proptest::prelude::*;

/// 10 % from 5,000 on, of 6,000.
fn promoted(transaction: &str) -> Request {
    let partition = Partition { from: won(5_000), scheme: Scheme::Percent(10) };
    let policy = DiscountPolicy::new(vec![partition], None).unwrap();
    Request {
        amounts: Amounts::new(won(6_000), Amount::ZERO, None, won(600)).unwrap(),
        promotion: Some(PromotionUse {
            id: PromotionId::known("promotion-id-1"),
            card_company: crate::promotion::CardCompany::Nh,
            discount: won(600),
            policy,
            recovers: true,
            terms: 3,
            hold: Hold::Held,
        }),
        ..request(transaction, 6_000, 0)
    }
}

fn moved(decided: &Decided) -> Vec<(Movement, i64)> {
    let writes = decided.change.writes.iter();
    writes
        .filter_map(|write| match write {
            Write::Budget(moved) => Some((moved.movement, moved.amount.minor_units())),
            _ => None,
        })
        .collect()
}

fn begun(existing: Option<&Payment>, transaction: &str) -> Decided {
    let merchant = MerchantId::known("merchant-1");
    pay::begin(existing, &key(), &merchant, promoted(transaction), Limits::default(), at(0)).unwrap()
}

fn opened(transaction: &str) -> Decided {
    let merchant = MerchantId::known("merchant-1");
    pay::open(None, &key(), &merchant, promoted(transaction), None, Limits::default(), at(0)).unwrap()
}

fn settled(payment: &Payment, transaction: &str, outcome: Outcome<Charge>) -> Decided {
    match settle::attempt(payment, &TransactionId::known(transaction), outcome, false, at(2)) {
        settle::Settled::Changed(decided, _) => *decided,
        settle::Settled::Unchanged => panic!("nothing changed"),
    }
}

fn ask(id: &str, amount: Option<i64>, retain: RetainOption) -> CancelAsk {
    CancelAsk {
        id: CancellationId::known(id),
        amount: amount.map(won),
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "changed my mind".into(),
        requester: None,
        origin: CancelOrigin::Api,
        refund_account: None,
        retain,
        skip_webhook: false,
        claim: None,
    }
}

fn refunded(payment: &Payment, id: &str, outcome: fn(Refund) -> Outcome<Refund>) -> Decided {
    let id = CancellationId::known(id);
    let refund = Refund {
        pg_cancellation_id: PgCancellationId::known("pgc"),
        amount: payment.cancellation(&id).unwrap().refund,
        at: at(5),
        fee_returned: Amount::ZERO,
        receipt_url: None,
        raw: None,
    };
    match cancel::settle(payment, &id, outcome(refund), at(6)) {
        CancelSettled::Changed(decided) => *decided,
        CancelSettled::Unchanged => panic!("nothing changed"),
    }
}

fn cancelled(payment: &Payment, id: &str, amount: Option<i64>, retain: RetainOption) -> Decided {
    let requested = cancel::request(payment, ask(id, amount, retain), Limits::default(), at(4)).unwrap();
    assert_eq!(moved(&requested.decided), []);
    refunded(&requested.decided.payment, id, Outcome::Done)
}

const RESERVED: (Movement, i64) = (Movement::Reserve { terms: 3 }, 600);

#[test]
fn a_discount_is_held_until_the_outcome_is_known() {
    let sending = begun(None, "t1");
    assert_eq!(moved(&sending), [RESERVED]);
    assert_eq!(
        moved(&settled(&sending.payment, "t1", Outcome::Done(charge(5_400)))),
        [(Movement::Spend, 600)]
    );
    let failed = settled(&sending.payment, "t1", declined());
    assert_eq!(moved(&failed), [(Movement::Release, 600)]);
    let silent = settled(&sending.payment, "t1", unknown());
    assert_eq!(moved(&silent), []);
    assert_eq!(moved(&settled(&silent.payment, "t1", unknown())), []);
    assert_eq!(moved(&settled(&silent.payment, "t1", declined())), [(Movement::Release, 600)]);
    assert_eq!(
        moved(&settled(&silent.payment, "t1", Outcome::Done(charge(5_400)))),
        [(Movement::Spend, 600)]
    );
    // The full price is another amount than was asked for: nobody knows what happened.
    assert_eq!(moved(&settled(&sending.payment, "t1", Outcome::Done(charge(6_000)))), []);
    // A further attempt holds its own; the approval of the first comes late and was not held any more.
    let again = begun(Some(&failed.payment), "t2");
    assert_eq!(moved(&again), [RESERVED]);
    let late = settled(&failed.payment, "t1", Outcome::Done(charge(5_400)));
    assert_eq!(moved(&late), [(Movement::SpendUnheld, 600)]);
    // A second success must not stand, and spends nothing.
    let paid = settled(&again.payment, "t2", Outcome::Done(charge(5_400)));
    let second = Charge { pg_tx_id: crate::id::PgTxId::known("pg-2"), ..charge(5_400) };
    assert_eq!(moved(&settled(&paid.payment, "t1", Outcome::Done(second))), []);
}

#[test]
fn the_discount_of_a_window_that_nobody_closes_is_given_up() {
    let window = opened("t1");
    let task = Task::ReleasePromotion { payment: key(), transaction: TransactionId::known("t1") };
    assert_eq!(moved(&window), [RESERVED]);
    let due = window.change.jobs.iter().find_map(|job| match job {
        JobWrite::Put(job) if job.task == task => Some(job.due_at),
        _ => None,
    });
    assert_eq!(due, Some(at(30 * 60)));

    let removed = |decided: &Decided| decided.change.jobs.contains(&JobWrite::Remove(task.key()));
    let closed = settled(&window.payment, "t1", declined());
    assert_eq!((moved(&closed), removed(&closed)), (vec![(Movement::Release, 600)], true));
    assert_eq!(abandoned(&closed.payment, &TransactionId::known("t1"), at(1800)), None);

    let given_up = abandoned(&window.payment, &TransactionId::known("t1"), at(1800)).unwrap();
    assert_eq!((moved(&given_up), removed(&given_up)), (vec![(Movement::Release, 600)], true));
    assert_eq!(given_up.payment.status(), crate::payment::Status::Ready);
    assert_eq!(abandoned(&given_up.payment, &TransactionId::known("t1"), at(1801)), None);
    // The buyer comes back and fails; nothing is released twice.
    assert_eq!(moved(&settled(&given_up.payment, "t1", declined())), []);
    let back = settled(&given_up.payment, "t1", Outcome::Done(charge(5_400)));
    assert_eq!(moved(&back), [(Movement::SpendUnheld, 600)]);
}

#[test]
fn a_cancellation_gives_its_part_of_the_discount_back_when_it_has_succeeded() {
    let paid = settled(&begun(None, "t1").payment, "t1", Outcome::Done(charge(5_400))).payment;
    use RetainOption::{Release, Retain};
    let part = cancelled(&paid, "c1", Some(2_000), Release);
    assert_eq!(moved(&part), [(Movement::Recover, 600)]);
    assert_eq!(moved(&cancelled(&part.payment, "c2", None, Release)), []);
    let part = cancelled(&paid, "c1", Some(2_000), Retain);
    assert_eq!(moved(&part), [(Movement::Recover, 200)]);
    // Another option than before is refused, except for all that is left.
    let changed = cancel::request(&part.payment, ask("c2", Some(1_000), Release), Limits::default(), at(4));
    assert_eq!(changed.err(), Some(CancelRefusal::RetainOptionChanged { before: Retain, asked: Release }));
    let rest = cancelled(&part.payment, "c2", None, Release);
    assert_eq!(
        (moved(&rest), rest.payment.amounts().cancelled),
        (vec![(Movement::Recover, 400)], won(5_400))
    );
    // A refused one gives nothing back, and fixes no option.
    let requested = cancel::request(&paid, ask("c1", Some(500), Retain), Limits::default(), at(4)).unwrap();
    let refused = refunded(&requested.decided.payment, "c1", |_| declined());
    assert_eq!(moved(&refused), []);
    assert_eq!(moved(&cancelled(&refused.payment, "c2", Some(2_000), Release)), [(Movement::Recover, 600)]);
    // One whose refund would be negative.
    let ten = {
        let mut request = promoted("t1");
        let partition = Partition { from: won(6_000), scheme: Scheme::Percent(10) };
        request.promotion.as_mut().unwrap().policy = DiscountPolicy::new(vec![partition], None).unwrap();
        let merchant = MerchantId::known("merchant-1");
        let begun = pay::begin(None, &key(), &merchant, request, Limits::default(), at(0)).unwrap();
        settled(&begun.payment, "t1", Outcome::Done(charge(5_400))).payment
    };
    let negative = cancel::request(&ten, ask("c1", Some(500), Release), Limits::default(), at(4));
    assert_eq!(negative.err(), Some(CancelRefusal::NegativeRefund { owed: won(100) }));
    let nothing = cancelled(&ten, "c1", Some(600), Release);
    assert_eq!(
        (moved(&nothing), nothing.payment.amounts().cancelled),
        (vec![(Movement::Recover, 600)], won(0))
    );
}

fn on(decided: &Decided, account: &Account) -> i64 {
    let entries = decided.change.postings.iter().flat_map(|posting| posting.entries());
    entries.filter(|entry| entry.account == *account).map(|entry| entry.signed).sum()
}

proptest! {
    /// What the budget has spent is what the discount of the payment still is; the ledger says the same;
    /// the parts that the PSP is told of fit what it is told to move, and sum up.
    #[test]
    fn budget_and_ledger_tie(
        tax_free in 0i64..=6_000,
        asks in prop::collection::vec((prop::option::of(1i64..4_000), any::<bool>(), 0u8..3), 1..8),
    ) {
        let mut request = promoted("t1");
        request.amounts = Amounts::new(won(6_000), won(tax_free), None, won(600)).unwrap();
        let merchant = MerchantId::known("merchant-1");
        let begun = pay::begin(None, &key(), &merchant, request, Limits::default(), at(0)).unwrap();
        let paid = settled(&begun.payment, "t1", Outcome::Done(charge(5_400)));
        let (mut spent, mut borne) = (600i64, on(&paid, &Account::PromotionDiscounts));
        let mut payment = paid.payment;
        let charged = payment.attempts[0].psp_parts();
        prop_assert!(charged.tax_free.minor_units() + charged.vat.minor_units() <= 5_400);
        let mut left = charged.tax_free;
        for (number, (amount, retains, fails)) in asks.into_iter().enumerate() {
            let id = format!("c{number}");
            let option = if retains { RetainOption::Retain } else { RetainOption::Release };
            let asked = CancelAsk { tax_free: amount.map(|amount| won(amount.min(tax_free / 3))), ..ask(&id, amount, option) };
            let Ok(requested) = cancel::request(&payment, asked, Limits::default(), at(4)) else { continue };
            let parts = requested.decided.payment.psp_parts_of(&requested.cancellation.id);
            prop_assert!(parts.tax_free.minor_units() + parts.vat.minor_units() <= requested.cancellation.refund.minor_units());
            prop_assert!(parts.tax_free <= left);
            let done = refunded(&requested.decided.payment, &id, if fails == 0 { |_| declined() } else { Outcome::Done });
            for (movement, amount) in moved(&done) {
                match movement {
                    Movement::Recover => spent -= amount,
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            borne += on(&done, &Account::PromotionDiscounts);
            payment = done.payment;
            if fails > 0 {
                left = left.minus_or_zero(parts.tax_free);
            }
            let amounts = payment.amounts();
            let rest = amounts.total.minor_units() - payment.cancelled_order_amount().minor_units();
            let held = amounts.paid.minor_units() - amounts.cancelled.minor_units();
            prop_assert_eq!((spent, borne), (rest - held, rest - held));
        }
    }
}
