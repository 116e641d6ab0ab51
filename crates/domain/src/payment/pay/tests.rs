//! When a payment may be tried, and what manual approval demands.

use super::*;
use crate::outcome::Outcome;
use crate::payment::testing::{account, after, at, begun, charge, declined, key, paid, request, unknown};

fn refusal(payment: &Payment) -> Option<PayRefusal> {
    let merchant = MerchantId::known("merchant-1");
    begin(Some(payment), &key(), &merchant, request("t9", 1000, 0), Limits::default(), at(9)).err()
}

#[test]
fn only_one_attempt_may_be_open_and_one_may_ever_succeed() {
    let sent = begun(None, "t1", 1000, 0);
    for (payment, expected) in [
        (sent.clone(), Some(PayRefusal::InProgress(Status::Pending))),
        (after(&sent, "t1", unknown()), Some(PayRefusal::InProgress(Status::Pending))),
        (
            after(&sent, "t1", Outcome::Pending(account(1000))),
            Some(PayRefusal::InProgress(Status::VirtualAccountIssued)),
        ),
        (after(&sent, "t1", Outcome::Pending(charge(1000))), Some(PayRefusal::InProgress(Status::Pending))),
        (after(&sent, "t1", declined()), None),
        (paid(1000, 0), Some(PayRefusal::AlreadyPaid)),
    ] {
        assert_eq!(refusal(&payment), expected, "{:?}", payment.status());
    }
}

#[test]
fn attempts_are_counted_and_bounded() {
    let mut payment = after(&begun(None, "t1", 1000, 0), "t1", declined());
    for number in 2..=100 {
        let id = format!("t{number}");
        payment = after(&begun(Some(&payment), &id, 1000, 0), &id, declined());
    }
    assert_eq!(payment.attempts.last().unwrap().number, 100);
    assert_eq!(refusal(&payment), Some(PayRefusal::TooManyAttempts { tried: 100, limit: 100 }));
}

#[test]
fn test_and_live_never_share_a_payment() {
    let payment = after(&begun(None, "t1", 1000, 0), "t1", declined());
    let mut live = request("t2", 1000, 0);
    live.channel.environment = crate::channel::Environment::Live;
    let refused = begin(Some(&payment), &key(), &MerchantId::known("m"), live, Limits::default(), at(1));
    assert_eq!(refused.err(), Some(PayRefusal::OtherEnvironment));
}

fn waiting() -> Payment {
    let authentication =
        Authentication { token_digest: [7; 32], expires_at: at(600), instrument: "token".into() };
    let merchant = MerchantId::known("merchant-1");
    open(None, &key(), &merchant, request("t1", 1000, 0), Some(authentication), Limits::default(), at(0))
        .unwrap()
        .payment
}

#[test]
fn a_payment_token_approves_once_in_time_and_only_what_is_believed() {
    let nothing = Beliefs::default();
    let wrong_total = Beliefs { total: Some(Amount::new(1).unwrap()), ..Beliefs::default() };
    let wrong_environment = Beliefs { is_test: Some(false), ..Beliefs::default() };
    let right = Beliefs {
        transaction: Some(TransactionId::known("t1")),
        currency: Some(Currency::KRW),
        total: Some(Amount::new(1000).unwrap()),
        tax_free: Some(Amount::ZERO),
        is_test: Some(true),
    };
    // payment, token, beliefs, when, refusal
    for (payment, token, beliefs, second, expected) in [
        (waiting(), [7; 32], &right, 1, None),
        (waiting(), [7; 32], &nothing, 1, None),
        (
            waiting(),
            [8; 32],
            &nothing,
            1,
            Some("the payment token is unknown, expired, used, or of another payment"),
        ),
        (
            waiting(),
            [7; 32],
            &nothing,
            600,
            Some("the payment token is unknown, expired, used, or of another payment"),
        ),
        (waiting(), [7; 32], &wrong_total, 1, Some("totalAmount is 1000, not 1; nothing was approved")),
        (waiting(), [7; 32], &wrong_environment, 1, Some("isTest is true, not false; nothing was approved")),
        (paid(1000, 0), [7; 32], &nothing, 1, Some("the payment was paid before")),
    ] {
        let confirmed = confirm(&payment, &token, beliefs, None, false, Limits::default(), at(second));
        assert_eq!(confirmed.as_ref().err().map(ToString::to_string).as_deref(), expected);
        if let Ok(confirmed) = confirmed {
            let again = confirm(
                &confirmed.decided.payment,
                &token,
                beliefs,
                None,
                false,
                Limits::default(),
                at(second),
            );
            assert_eq!(again.err(), Some(ConfirmRefusal::InvalidToken), "the token is used up");
        }
    }
}

fn in_window(transaction: &str, existing: Option<&Payment>) -> Payment {
    let merchant = MerchantId::known("merchant-1");
    let request = request(transaction, 1000, 0);
    open(existing, &key(), &merchant, request, None, Limits::default(), at(0)).unwrap().payment
}

fn chosen() -> Method {
    Method::EasyPay { provider: Some("KAKAOPAY".into()), card: None }
}

#[test]
fn a_window_is_approved_once_and_only_while_nothing_else_is_under_way() {
    let ready = in_window("t1", None);
    let id = TransactionId::known("t1");
    let approve = |payment: &Payment, id: &TransactionId| {
        approve(payment, id, chosen(), false, None, Limits::default(), at(5)).map(|decided| decided.payment)
    };
    let sent = approve(&ready, &id).unwrap();
    assert_eq!(sent.attempt(&id).unwrap().state, AttemptState::Sending);
    assert_eq!(sent.attempt(&id).unwrap().method, Some(chosen()));
    assert_eq!(sent.attempt(&id).unwrap().asked_at(), at(5), "a 'not found' is as old as the question");
    assert_eq!(approve(&sent, &id), Err(ApproveRefusal::NotWaiting));
    assert_eq!(approve(&sent, &TransactionId::known("nobody")), Err(ApproveRefusal::NotWaiting));

    let two = in_window("t2", Some(&ready));
    let second = TransactionId::known("t2");
    let first_sent = approve(&two, &id).unwrap();
    assert_eq!(approve(&first_sent, &second), Err(ApproveRefusal::InProgress(Status::Pending)));
    let first_paid = after(&first_sent, "t1", Outcome::Done(charge(1000)));
    assert_eq!(approve(&first_paid, &second), Err(ApproveRefusal::AlreadyPaid));
    let first_declined = after(&first_sent, "t1", declined());
    assert!(approve(&first_declined, &second).is_ok());
}

#[test]
fn what_was_handed_over_is_not_approved_by_the_window_and_not_given_up_by_the_buyer() {
    let id = TransactionId::known("t1");
    let authentication =
        Authentication { token_digest: [1; 32], expires_at: at(600), instrument: "token".into() };
    let handed = hand_over(&in_window("t1", None), &id, chosen(), authentication.clone(), at(1)).unwrap();
    assert_eq!(handed.change.events, [], "nothing happened that a merchant is told");
    let payment = handed.payment;
    assert_eq!(payment.status(), Status::Ready);
    assert_eq!(
        approve(&payment, &id, chosen(), false, None, Limits::default(), at(2)).map(|_| ()),
        Err(ApproveRefusal::NotWaiting)
    );
    assert_eq!(
        hand_over(&payment, &id, chosen(), authentication, at(2)).map(|_| ()),
        Err(ApproveRefusal::NotWaiting)
    );
    let failure = || crate::payment::Failure { at: at(2), reason: None, pg_code: None, pg_message: None };
    assert_eq!(crate::payment::settle::given_up(&payment, &id, failure(), at(2)), None);
    // What waits is given up, with its event; what was sent is not.
    let ready = in_window("t1", None);
    let given_up = crate::payment::settle::given_up(&ready, &id, failure(), at(2)).unwrap();
    assert_eq!(given_up.payment.status(), Status::Failed);
    assert_eq!(given_up.change.events.len(), 1);
    let sent = approve(&ready, &id, chosen(), false, None, Limits::default(), at(2)).unwrap().payment;
    assert_eq!(crate::payment::settle::given_up(&sent, &id, failure(), at(3)), None);
}

fn unsendable(transaction: &str) -> Unsendable {
    let request = request(transaction, 1_000, 0);
    Unsendable {
        transaction: request.transaction,
        environment: request.channel.environment,
        currency: request.currency,
        amounts: request.amounts,
        order: request.order,
        origin: request.origin,
        billing_key: None,
        schedule: Some(ScheduleId::known("schedule-1")),
        notices: request.notices,
        failure: Failure { at: at(1), reason: Some("no channel".into()), pg_code: None, pg_message: None },
    }
}

#[test]
fn what_cannot_be_sent_is_a_failed_attempt_that_the_merchant_is_told_of() {
    let merchant = MerchantId::known("merchant-1");
    let decided = not_sent(None, &key(), &merchant, unsendable("t1"), Limits::default(), at(1)).unwrap();
    assert_eq!(decided.payment.status(), Status::Failed);
    assert_eq!(decided.payment.attempts[0].channel, None);
    let [(event, Notify::Yes)] = decided.change.events.as_slice() else { panic!() };
    let crate::event::Subject::Payment(event) = &event.subject else { panic!() };
    assert_eq!((event.kind, event.moved), (PaymentEventKind::Failed, 0));
    assert!(decided.change.jobs.is_empty());
    // It is a try like any other, and only where a try is possible.
    let again = begun(Some(&decided.payment), "t2", 1_000, 0);
    assert_eq!(again.attempts[1].number, 2);
    let refused = not_sent(Some(&again), &key(), &merchant, unsendable("t3"), Limits::default(), at(2));
    assert_eq!(refused, Err(PayRefusal::InProgress(Status::Pending)));
}

#[test]
fn only_what_is_being_sent_is_sent_again() {
    let payment = begun(None, "t1", 1_000, 0);
    let decided = again(&payment, &TransactionId::known("t1"), Limits::default(), at(90)).unwrap();
    assert_eq!(decided.payment.attempts[0].asked_at(), at(90), "the PSP is given its time anew");
    assert_eq!(decided.payment.attempts.len(), 1);
    assert!(decided.change.events.is_empty());
    let [JobWrite::Put(job)] = decided.change.jobs.as_slice() else { panic!() };
    assert_eq!(job.due_at, at(150));
    for outcome in [declined(), unknown(), crate::outcome::Outcome::Done(charge(1_000))] {
        let ended = after(&payment, "t1", outcome);
        assert_eq!(again(&ended, &TransactionId::known("t1"), Limits::default(), at(90)), None);
    }
}

#[test]
fn a_window_that_is_left_when_the_payment_is_paid_otherwise_tells_nobody_of_a_failure() {
    let ready = in_window("t1", None);
    let failure = || crate::payment::Failure { at: at(9), reason: None, pg_code: None, pg_message: None };
    let left = |payment: &Payment| {
        let id = TransactionId::known("t1");
        crate::payment::settle::given_up(payment, &id, failure(), at(9)).unwrap()
    };
    assert_eq!(left(&ready).change.events.len(), 1, "alone, its failure is the payment's");

    let limits = Limits::default();
    let merchant = MerchantId::known("merchant-1");
    let sent = begin(Some(&ready), &key(), &merchant, request("t2", 1000, 0), limits, at(5)).unwrap().payment;
    for other in [after(&sent, "t2", Outcome::Done(charge(1000))), sent] {
        let decided = left(&other);
        assert!(decided.change.events.is_empty());
        assert_eq!(decided.payment.status(), other.status());
    }
}
