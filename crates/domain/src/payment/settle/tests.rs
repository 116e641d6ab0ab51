//! Every answer in every state, and the order of answers.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::*;
use crate::id::MerchantId;
use crate::payment::testing::{account, after, at, begun, charge, declined, key, paid, request, unknown};
use crate::payment::{Limits, Status, pay};
use proptest::prelude::*;

fn t1() -> TransactionId {
    TransactionId::known("t1")
}

fn pending() -> Outcome<Charge> {
    Outcome::Pending(charge(1000))
}

#[test]
fn each_answer_moves_a_sent_attempt_to_its_state() {
    for (outcome, status, event) in [
        (Outcome::Done(charge(1000)), Status::Paid, PaymentEventKind::Paid),
        (declined(), Status::Failed, PaymentEventKind::Failed),
        (pending(), Status::Pending, PaymentEventKind::PayPending),
        (
            Outcome::Pending(account(1000)),
            Status::VirtualAccountIssued,
            PaymentEventKind::VirtualAccountIssued,
        ),
        (unknown(), Status::Pending, PaymentEventKind::PayPending),
        (Outcome::Done(charge(999)), Status::Pending, PaymentEventKind::PayPending),
    ] {
        let Settled::Changed(decided, _) =
            attempt(&begun(None, "t1", 1000, 0), &t1(), outcome.clone(), false, at(2))
        else {
            panic!("{outcome:?} changed nothing");
        };
        assert_eq!(decided.payment.status(), status, "{outcome:?}");
        assert_eq!(kinds(&decided), [event], "{outcome:?}");
        let posted = usize::from(status == Status::Paid);
        assert_eq!(decided.change.postings.len(), posted, "{outcome:?}");
    }
}

fn kinds(decided: &Decided) -> Vec<PaymentEventKind> {
    decided
        .change
        .events
        .iter()
        .filter_map(|(event, _)| match &event.subject {
            crate::event::Subject::Payment(payment) => Some(payment.kind),
            crate::event::Subject::BillingKey { .. } => None,
        })
        .collect()
}

#[test]
fn an_unknown_outcome_is_ended_only_by_evidence() {
    let mut payment = after(&begun(None, "t1", 1000, 0), "t1", unknown());
    for _ in 0..50 {
        payment = after(&payment, "t1", unknown());
        assert_eq!(payment.status(), Status::Pending);
    }
    assert_eq!(payment.last_event, 1, "the merchant is told once that the outcome is open");
    assert_eq!(after(&payment, "t1", Outcome::Done(charge(1000))).status(), Status::Paid);
    assert_eq!(after(&payment, "t1", declined()).status(), Status::Failed);
}

#[test]
fn a_charge_of_another_amount_is_never_success() {
    let payment = after(&begun(None, "t1", 1000, 0), "t1", Outcome::Done(charge(1001)));
    assert!(payment.paid_attempt().is_none());
    assert_eq!(payment.status(), Status::Pending);
}

#[test]
fn a_late_approval_is_told_as_one() {
    let payment = after(&begun(None, "t1", 1000, 0), "t1", declined());
    let Settled::Changed(decided, effect) =
        attempt(&payment, &t1(), Outcome::Done(charge(1000)), false, at(9))
    else {
        panic!("nothing changed");
    };
    assert_eq!((decided.payment.status(), effect), (Status::Paid, Effect::PaidLate));
    assert_eq!(decided.change.events[0].0.trigger, Some(Trigger::AsyncPayApproved));
}

#[test]
fn a_second_success_is_given_back_and_never_counts() {
    let first_failed = after(&begun(None, "t1", 1000, 0), "t1", declined());
    let second = begun(Some(&first_failed), "t2", 1000, 0);
    let paid = after(&second, "t2", Outcome::Done(charge(1000)));
    let Settled::Changed(decided, effect) = attempt(&paid, &t1(), Outcome::Done(charge(1000)), false, at(9))
    else {
        panic!("nothing changed");
    };
    assert_eq!(effect, Effect::MustReverse);
    assert_eq!(decided.payment.attempts.iter().filter(|a| a.is_paid()).count(), 1);
    assert!(
        decided
            .change
            .jobs
            .iter()
            .any(|job| matches!(job, JobWrite::Put(job) if job.task.kind() == "reverse_charge"))
    );
    assert_eq!(
        attempt(&decided.payment, &t1(), Outcome::Done(charge(1000)), false, at(10)),
        Settled::Unchanged,
        "told twice, reversed once"
    );
}

#[test]
fn an_account_that_expired_stays_and_a_late_deposit_still_counts() {
    let waiting = after(&begun(None, "t1", 1000, 0), "t1", Outcome::Pending(account(1000)));
    assert_eq!(attempt(&waiting, &t1(), declined(), false, at(5)), Settled::Unchanged);
    assert_eq!(after(&waiting, "t1", Outcome::Done(account(1000))).status(), Status::Paid);
}

fn any_outcome() -> impl Strategy<Value = Outcome<Charge>> {
    prop_oneof![
        Just(Outcome::Done(charge(1000))),
        Just(declined()),
        Just(pending()),
        Just(unknown()),
        Just(Outcome::Done(charge(7))),
    ]
}

proptest! {
    /// Whatever is said, in whatever order and however often: money is posted at most once, events
    /// have no gaps, and success is never taken back.
    #[test]
    fn answers_in_any_order_have_one_effect(outcomes in prop::collection::vec(any_outcome(), 1..12)) {
        let mut payment = begun(None, "t1", 1000, 0);
        let mut postings = 0;
        let mut sequence = 0;
        let mut was_paid = false;
        for outcome in outcomes {
            if let Settled::Changed(decided, _) = attempt(&payment, &t1(), outcome, false, at(2)) {
                postings += decided.change.postings.len();
                for (event, _) in &decided.change.events {
                    if let crate::event::Subject::Payment(event) = &event.subject {
                        sequence += 1;
                        prop_assert_eq!(event.sequence, sequence);
                    }
                }
                prop_assert_eq!(decided.payment.version, payment.version + 1);
                payment = decided.payment;
            }
            was_paid |= payment.status() == Status::Paid;
            prop_assert_eq!(was_paid, payment.status() == Status::Paid);
        }
        prop_assert_eq!(postings, usize::from(was_paid));
    }

    /// A final answer before or after a repetition of it is the same.
    #[test]
    fn a_repeated_answer_changes_nothing(outcome in prop_oneof![Just(Outcome::Done(charge(1000))), Just(declined())]) {
        let once = after(&begun(None, "t1", 1000, 0), "t1", outcome.clone());
        prop_assert_eq!(attempt(&once, &t1(), outcome, false, at(3)), Settled::Unchanged);
    }
}

#[test]
fn a_paid_payment_ignores_regressions() {
    let payment = paid(1000, 0);
    for outcome in [declined(), pending(), unknown(), Outcome::Done(charge(1000))] {
        assert_eq!(attempt(&payment, &t1(), outcome, false, at(3)), Settled::Unchanged);
    }
}

#[test]
fn everything_that_waits_is_given_up_together_and_what_was_sent_is_not() {
    let merchant = MerchantId::known("merchant-1");
    let open = |existing: Option<&Payment>, transaction: &str| {
        let request = request(transaction, 100, 0);
        pay::open(existing, &key(), &merchant, request, None, Limits::default(), at(0)).unwrap().payment
    };
    let failure = Failure { at: at(1), reason: Some("over".into()), pg_code: None, pg_message: None };
    let first = open(None, "t1");
    let two = open(Some(&first), "t2");

    let ended = settle_all(&two, &failure);

    let states: Vec<_> = ended.payment.attempts.iter().map(|attempt| attempt.state.clone()).collect();
    assert_eq!(states, [AttemptState::Failed(failure.clone()), AttemptState::Failed(failure.clone())]);
    assert_eq!((ended.change.events.len(), ended.payment.last_event), (2, two.last_event + 2));
    assert_eq!(all_given_up(&ended.payment, &failure, at(2)), None, "nothing waits");
    assert_eq!(all_given_up(&begun(None, "t1", 100, 0), &failure, at(2)), None, "sent");
}

fn settle_all(payment: &Payment, failure: &Failure) -> Decided {
    *all_given_up(payment, failure, at(1)).unwrap()
}
