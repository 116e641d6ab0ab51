//! Closing against depositing, in every order.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::*;
use crate::payment::settle::{Effect, Settled, attempt as settle_attempt};
use crate::payment::testing::{account, after, at, begun, charge, declined, paid, unknown, won};
use crate::payment::{Method, pay};
use crate::psp::Charge;

fn t1() -> TransactionId {
    TransactionId::known("t1")
}

fn waiting() -> Payment {
    after(&begun(None, "t1", 1000, 0), "t1", Outcome::Pending(account(1000)))
}

fn closing() -> Payment {
    close(&waiting(), None, Limits::default(), at(3)).unwrap().decided.payment
}

fn closed() -> Payment {
    settle(&closing(), &t1(), &Outcome::Done(at(4)), 0, at(4)).unwrap().payment
}

fn deposited(units: i64) -> Charge {
    let mut charge = account(1000);
    if let Some(account) = &mut charge.account {
        account.deposited = won(units);
    }
    charge
}

#[test]
fn a_provider_issues_what_its_contract_knows() {
    let lasting = |is_lasting, hours| VirtualAccount {
        bank: Some("SHINHAN".into()),
        account_number: String::new(),
        kind: Some(if is_lasting { "FIXED" } else { "NORMAL" }.into()),
        remittee_name: None,
        remitter_name: None,
        expires_at: at(0).checked_add(SignedDuration::from_hours(hours)).ok(),
        issued_at: None,
        deposited: won(0),
    };
    for (provider, is_lasting, hours, is_issued) in [
        ("KCP_V2", true, 1, false),
        ("KCP_V2", false, 1, true),
        ("INICIS_V2", true, 1, true),
        ("PAYMENTWALL", false, 1, false),
        ("TOSSPAYMENTS", false, 2_160, true),
        ("TOSSPAYMENTS", false, 2_161, false),
        ("NICE_V2", false, 2_161, true),
    ] {
        let why = unissuable(provider, &lasting(is_lasting, hours), at(0));
        assert_eq!(why.is_none(), is_issued, "{provider} {is_lasting} {hours}");
    }
}

#[test]
fn only_what_waits_for_a_deposit_is_closed() {
    let failed = after(&begun(None, "t1", 1000, 0), "t1", declined());
    for (payment, refusal) in [
        (begun(None, "t1", 1000, 0), Some(CloseRefusal::NotWaiting(Status::Pending))),
        (paid(1000, 0), Some(CloseRefusal::NotWaiting(Status::Paid))),
        (failed, Some(CloseRefusal::NotWaiting(Status::Failed))),
        (waiting(), None),
        (closing(), Some(CloseRefusal::InProgress)),
        (closed(), Some(CloseRefusal::NotWaiting(Status::Failed))),
    ] {
        let asked = close(&payment, None, Limits::default(), at(5));
        assert_eq!(asked.err(), refusal, "{:?}", payment.status());
    }
}

#[test]
fn the_answer_ends_the_closing_and_silence_does_not() {
    for (outcome, status, is_closing, events) in [
        (Outcome::Done(at(4)), Status::Failed, false, 1),
        (declined(), Status::VirtualAccountIssued, false, 0),
        (unknown(), Status::VirtualAccountIssued, true, 0),
        (Outcome::Pending(at(4)), Status::VirtualAccountIssued, true, 0),
    ] {
        let decided = settle(&closing(), &t1(), &outcome, 0, at(4)).unwrap();
        assert_eq!(decided.payment.status(), status, "{outcome:?}");
        assert_eq!(decided.payment.attempts[0].account.closing.is_some(), is_closing, "{outcome:?}");
        assert_eq!(decided.change.events.len(), events, "{outcome:?}");
        let keeps_asking = decided.change.jobs.iter().any(|job| matches!(job, JobWrite::Put(_)));
        assert_eq!(keeps_asking, is_closing, "{outcome:?}");
    }
    // Nobody had asked: only that it is closed is news.
    assert!(settle(&waiting(), &t1(), &declined(), 0, at(4)).is_none());
    assert!(settle(&waiting(), &t1(), &unknown(), 0, at(4)).is_none());
    assert!(settle(&waiting(), &t1(), &Outcome::Done(at(4)), 0, at(4)).is_some());
    assert!(settle(&closed(), &t1(), &Outcome::Done(at(9)), 0, at(9)).is_none(), "told twice");
}

#[test]
fn a_closed_account_frees_the_payment() {
    let payment = closed();
    assert_eq!(payment.status(), Status::Failed);
    let merchant = payment.merchant.clone();
    let again = crate::payment::testing::request("t2", 1000, 0);
    assert!(pay::begin(Some(&payment), &payment.key, &merchant, again, Limits::default(), at(9)).is_ok());
}

#[test]
fn a_deposit_that_is_first_wins_against_a_closing() {
    let paid = after(&closing(), "t1", Outcome::Done(account(1000)));
    assert_eq!(paid.status(), Status::Paid);
    assert_eq!(paid.attempts[0].account, AccountLife::default());
    assert!(settle(&paid, &t1(), &Outcome::Done(at(9)), 0, at(9)).is_none(), "the closing comes too late");
}

#[test]
fn a_deposit_into_a_closed_account_is_posted_given_back_and_told_to_nobody() {
    let Settled::Changed(decided, effect) =
        settle_attempt(&closed(), &t1(), Outcome::Done(account(1000)), false, at(9))
    else {
        panic!("nothing changed");
    };
    assert_eq!((decided.payment.status(), effect), (Status::Failed, Effect::MustReverse));
    assert_eq!((decided.change.postings.len(), decided.change.events.len()), (1, 0));
    let kinds: Vec<_> = decided
        .change
        .jobs
        .iter()
        .filter_map(|job| match job {
            JobWrite::Put(job) => Some(job.task.kind()),
            JobWrite::PutOff(_) | JobWrite::Done(_) | JobWrite::Remove(_) => None,
        })
        .collect();
    assert_eq!(kinds, ["reverse_charge"]);
    assert_eq!(
        settle_attempt(&decided.payment, &t1(), Outcome::Done(account(1000)), false, at(10)),
        Settled::Unchanged,
        "told twice, given back once"
    );
}

#[test]
fn a_part_of_the_amount_is_kept_in_mind_and_changes_nothing_else() {
    let Settled::Changed(decided, effect) =
        settle_attempt(&waiting(), &t1(), Outcome::Pending(deposited(400)), false, at(5))
    else {
        panic!("nothing changed");
    };
    assert_eq!((decided.payment.status(), effect), (Status::VirtualAccountIssued, Effect::ShortDeposit));
    assert!(decided.change.events.is_empty() && decided.change.postings.is_empty());
    let Some(Method::VirtualAccount { account }) = &decided.payment.attempts[0].method else {
        panic!("no account");
    };
    assert_eq!(account.deposited, won(400));
    for repeated in [deposited(400), deposited(0), charge(1000)] {
        let again = settle_attempt(&decided.payment, &t1(), Outcome::Pending(repeated), false, at(6));
        assert_eq!(again, Settled::Unchanged);
    }
}

#[test]
fn how_far_a_refund_has_come_follows_the_last_try() {
    use crate::id::CancellationId;
    use crate::payment::cancel::{self, CancelAsk, CancelOrigin, CancelSettled, RefundAccount};
    let refund =
        |payment: &Payment, id: &str, units: Option<i64>, outcome: Option<Outcome<crate::psp::Refund>>| {
            let ask = CancelAsk {
                id: CancellationId::known(id),
                amount: units.map(won),
                tax_free: None,
                vat: None,
                current_cancellable: None,
                reason: "changed my mind".into(),
                requester: None,
                origin: CancelOrigin::Api,
                refund_account: Some(RefundAccount {
                    bank: "SHINHAN".into(),
                    number: "110".into(),
                    holder_name: "Hong".into(),
                    holder_phone_number: None,
                }),
                retain: crate::promotion::RetainOption::Release,
                skip_webhook: false,
                claim: None,
            };
            let asked = cancel::request(payment, ask, Limits::default(), at(20)).unwrap().decided.payment;
            let Some(outcome) = outcome else { return asked };
            match cancel::settle(&asked, &CancellationId::known(id), outcome, at(21)) {
                CancelSettled::Changed(decided) => decided.payment,
                CancelSettled::Unchanged => panic!("nothing changed"),
            }
        };
    let done = |units| {
        Some(Outcome::Done(crate::psp::Refund {
            pg_cancellation_id: crate::id::PgCancellationId::known("r"),
            amount: won(units),
            at: at(21),
            fee_returned: won(0),
            receipt_url: None,
            raw: None,
        }))
    };
    let status = |payment: &Payment| refund_status(payment, payment.current().unwrap());
    let paid = after(&waiting(), "t1", Outcome::Done(account(1000)));
    assert_eq!(status(&paid), None);
    let part = refund(&paid, "c1", Some(400), None);
    assert_eq!(status(&part), Some(RefundStatus::Pending));
    assert_eq!(status(&refund(&paid, "c1", Some(400), Some(declined()))), Some(RefundStatus::PartialFailed));
    assert_eq!(status(&refund(&paid, "c1", None, Some(declined()))), Some(RefundStatus::Failed));
    let part = refund(&paid, "c1", Some(400), done(400));
    assert_eq!(status(&part), Some(RefundStatus::Completed));
    assert_eq!(status(&refund(&part, "c2", None, Some(declined()))), Some(RefundStatus::PartialFailed));
    let failed = refund(&part, "c2", None, Some(declined()));
    assert_eq!(status(&refund(&failed, "c3", None, done(600))), Some(RefundStatus::Completed));
}
