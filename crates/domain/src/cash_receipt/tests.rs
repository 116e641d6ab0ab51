//! Every state against every decision.

use super::*;
use crate::id::{ChannelId, ChannelKey, PaymentId, StoreId};
use crate::money::Amount;
use crate::outcome::{Decline, DeclineClass, Doubt, NotSent};
use crate::payment::testing as payments;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000_i64.saturating_add(second)).unwrap()
}

fn ask(id: &str) -> Ask {
    let total = Amount::new(11_000).unwrap();
    Ask {
        id: CashReceiptId::known(id),
        payment: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("deal-1") },
        merchant: MerchantId::known("merchant-1"),
        channel: ChannelSnapshot {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            name: "cash".into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "mid".into(),
        },
        kind: Kind::Personal,
        order_name: "a book".into(),
        currency: Currency::KRW,
        amounts: Amounts::new(total, Amount::ZERO, None, Amount::ZERO).unwrap(),
        origin: Origin::Manual,
        claim: None,
    }
}

fn overdue() -> SignedDuration {
    SignedDuration::from_secs(60)
}

fn begun() -> CashReceipt {
    begin(None, ask("receipt-1"), overdue(), at(0)).unwrap().receipt
}

fn issued(cancelled_at: Option<Timestamp>) -> Receipt {
    Receipt {
        pg_receipt_id: "pg-1".into(),
        issue_number: "900000001".into(),
        url: Some("https://psp.example/1".into()),
        at: at(1),
        cancelled_at,
    }
}

fn declined<T>() -> Outcome<T> {
    Outcome::Declined(Decline { class: DeclineClass::Refused, code: "NO".into(), message: "no".into() })
}

fn not_sent<T>() -> Outcome<T> {
    Outcome::NotSent(NotSent { code: "NOT_SENT".into(), message: "unreachable".into() })
}

fn silence<T>() -> Outcome<T> {
    Outcome::Unknown(Doubt { reason: "silence".into() })
}

/// A receipt in each state.
fn states() -> [(&'static str, CashReceipt); 7] {
    let issuing = begun();
    let unknown = settle_issue(&issuing, silence(), at(2)).unwrap().receipt;
    let valid = settle_issue(&issuing, Outcome::Done(issued(None)), at(2)).unwrap().receipt;
    let withdrawing = withdraw(&valid, None, overdue(), at(3)).unwrap().receipt;
    let doubtful = settle_withdrawal(&withdrawing, &silence(), at(4)).unwrap().receipt;
    let cancelled = settle_withdrawal(&withdrawing, &Outcome::Done(at(4)), at(4)).unwrap().receipt;
    let failed = settle_issue(&issuing, declined(), at(2)).unwrap().receipt;
    [
        ("issuing", issuing),
        ("unknown", unknown),
        ("issued", valid),
        ("withdrawing", withdrawing),
        ("withdrawing, told", doubtful),
        ("cancelled", cancelled),
        ("failed", failed),
    ]
}

#[test]
fn one_receipt_of_an_id_is_open_or_valid_at_a_time() {
    use IssueRefusal::{AlreadyIssued, InProgress};
    let expected = [
        ("issuing", Err(InProgress)),
        ("unknown", Err(InProgress)),
        ("issued", Err(AlreadyIssued)),
        ("withdrawing", Err(InProgress)),
        ("withdrawing, told", Err(InProgress)),
        ("cancelled", Ok(2)),
        ("failed", Ok(2)),
    ];
    for ((name, receipt), (expected_name, expected)) in states().iter().zip(expected) {
        assert_eq!(*name, expected_name);
        let again = begin(Some(receipt), ask("receipt-2"), overdue(), at(9));
        assert_eq!(again.map(|decided| decided.receipt.number), expected, "{name}");
        assert_eq!(receipt.blocks_others(), expected.is_err(), "{name}");
    }
}

#[test]
fn only_a_valid_receipt_is_withdrawn() {
    use WithdrawRefusal::{InProgress, NotIssued};
    let expected = [
        Err(InProgress),
        Err(InProgress),
        Ok(()),
        Err(InProgress),
        Err(InProgress),
        Err(NotIssued),
        Err(NotIssued),
    ];
    for ((name, receipt), expected) in states().iter().zip(expected) {
        assert_eq!(withdraw(receipt, None, overdue(), at(9)).map(|_| ()), expected, "{name}");
    }
}

#[test]
fn what_is_ended_stays_ended_whoever_answers_late() {
    for (name, receipt) in states() {
        let is_asked = matches!(receipt.state, State::Issuing | State::Unknown { .. });
        for outcome in [Outcome::Done(issued(None)), declined(), not_sent(), silence()] {
            assert_eq!(settle_issue(&receipt, outcome, at(9)).is_some(), is_asked, "{name}");
        }
        let is_withdrawn = matches!(receipt.state, State::Withdrawing { .. });
        for outcome in [Outcome::Done(at(8)), declined(), not_sent(), silence()] {
            assert_eq!(settle_withdrawal(&receipt, &outcome, at(9)).is_some(), is_withdrawn, "{name}");
        }
    }
}

#[test]
fn every_open_state_has_its_job_and_no_ended_one() {
    let key = begun().resolution().key();
    let jobs = |decided: &Decided| decided.change.jobs.clone();
    let put = |decided: &Decided| {
        jobs(decided).iter().any(|job| matches!(job, JobWrite::Put(job) if job.task.key() == key))
    };
    let removed = |decided: &Decided| jobs(decided).contains(&JobWrite::Remove(key.clone()));
    let begun = begin(None, ask("receipt-1"), overdue(), at(0)).unwrap();
    assert!(put(&begun));
    let unknown = settle_issue(&begun.receipt, silence(), at(1)).unwrap();
    assert!(put(&unknown) && unknown.receipt.is_open());
    let later = settle_issue(&unknown.receipt, silence(), at(3)).unwrap();
    assert_eq!((later.receipt.queries, &later.receipt.state), (1, &State::Unknown { since: at(1) }));
    assert_eq!(later.receipt.status_changed_at, at(1));
    let valid = settle_issue(&later.receipt, Outcome::Done(issued(None)), at(4)).unwrap();
    assert!(removed(&valid) && !valid.receipt.is_open());
    let withdrawing = withdraw(&valid.receipt, None, overdue(), at(5)).unwrap();
    assert!(put(&withdrawing) && withdrawing.receipt.is_open());
    for outcome in [declined(), not_sent()] {
        let back = settle_withdrawal(&withdrawing.receipt, &outcome, at(6)).unwrap();
        assert!(removed(&back));
        assert_eq!(back.receipt.state, valid.receipt.state, "a refused withdrawal leaves it valid");
        assert_eq!(back.receipt.status_changed_at, at(4));
    }
    let gone = settle_withdrawal(&withdrawing.receipt, &Outcome::Done(at(6)), at(7)).unwrap();
    assert!(removed(&gone));
    assert_eq!(gone.receipt.cancelled_at(), Some(at(6)));
}

#[test]
fn a_receipt_that_the_psp_withdrew_by_itself_reads_as_cancelled() {
    let receipt = settle_issue(&begun(), Outcome::Done(issued(Some(at(5)))), at(9)).unwrap().receipt;
    assert_eq!((receipt.status(), receipt.cancelled_at()), (Some(ReceiptStatus::Cancelled), Some(at(5))));
}

#[test]
fn nobody_sees_a_receipt_that_may_not_exist() {
    let seen: Vec<_> = states().iter().map(|(_, receipt)| receipt.status()).collect();
    use ReceiptStatus::{Cancelled, Failed, Issued};
    assert_eq!(seen, [None, None, Some(Issued), Some(Issued), Some(Issued), Some(Cancelled), Some(Failed)]);
}

#[test]
fn a_withdrawal_does_not_look_like_a_change_before_it_is_one() {
    for (name, receipt) in states() {
        if matches!(receipt.state, State::Withdrawing { .. }) {
            assert_eq!(receipt.status_changed_at, at(2), "{name}");
            assert_eq!(receipt.asked_at(), at(3), "{name}");
        }
    }
}

#[test]
fn a_card_payment_never_queues_a_receipt() {
    let payment = payments::paid(10_000, 0);
    assert_eq!(wanted_with(&payment, at(1)), None);
    assert_eq!(withdrawn_with(&payment, at(1)), None);
}
