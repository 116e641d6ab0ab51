//! Every state against every decision.

use super::*;
use crate::id::{ChannelId, ChannelKey};
use crate::outcome::{Doubt, NotSent};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000_i64.saturating_add(second)).unwrap()
}

fn overdue() -> SignedDuration {
    SignedDuration::from_secs(60)
}

fn ask(tx: &str, origin: Origin) -> Ask {
    Ask {
        key: VerificationKey { store: StoreId::known("store-1"), id: IdentityVerificationId::known("who-1") },
        tx: IdentityVerificationTxId::known(tx),
        merchant: MerchantId::known("merchant-1"),
        channel: ChannelSnapshot {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            name: "identity".into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: "DANAL".into(),
            pg_merchant_id: "mid".into(),
        },
        origin,
        customer: AskedCustomer { name: Some("홍길동".into()), ..AskedCustomer::default() },
        operator: Some("SKT".into()),
        method: (origin == Origin::Api).then_some(Method::Sms),
        custom_data: None,
        claim: None,
    }
}

fn started(latest: Option<&IdentityVerification>, origin: Origin) -> Result<Decided, SendRefusal> {
    begin(latest, ask("tx-2", origin), 3, overdue(), at(9))
}

fn sent() -> Outcome<CodeSent> {
    Outcome::Done(CodeSent { pg_tx_id: PgTxId::known("pg-1"), at: at(1) })
}

fn proof() -> Outcome<Proof> {
    let person = Person {
        name: "홍길동".into(),
        operator: None,
        phone_number: None,
        birth: Birth { year: "1990".into(), month: "01".into(), day: "01".into() },
        gender: None,
        is_foreigner: None,
    };
    Outcome::Done(Proof { at: at(5), pg_tx_id: PgTxId::known("pg-1"), person, secrets: Sealed(vec![1]) })
}

fn declined<T>(class: DeclineClass) -> Outcome<T> {
    Outcome::Declined(Decline { class, code: "NO".into(), message: "no".into() })
}

fn not_sent<T>() -> Outcome<T> {
    Outcome::NotSent(NotSent { code: "NOT_SENT".into(), message: "unreachable".into() })
}

fn silence<T>() -> Outcome<T> {
    Outcome::Unknown(Doubt { reason: "silence".into() })
}

/// An attempt in each state.
fn states(origin: Origin) -> [(&'static str, IdentityVerification); 8] {
    let begun = begin(None, ask("tx-1", origin), 3, overdue(), at(0)).unwrap().verification;
    let open = IdentityVerification { state: State::Open, ..begun.clone() };
    let sending = IdentityVerification { state: State::Sending, method: Some(Method::Sms), ..begun };
    let unknown = settle_send(&sending, &silence(), at(1)).unwrap().verification;
    let ready = settle_send(&sending, &sent(), at(1)).unwrap().verification;
    let confirming = confirm(&ready, origin, true, None, overdue(), at(2)).unwrap().verification;
    let doubtful = settle_confirm(&confirming, &silence(), at(3)).unwrap().verification;
    let verified = settle_confirm(&confirming, &proof(), at(3)).unwrap().verification;
    let failed = settle_confirm(&confirming, &declined(DeclineClass::Refused), at(3)).unwrap().verification;
    [
        ("open", open),
        ("sending", sending),
        ("unknown", unknown),
        ("ready", ready),
        ("confirming", confirming),
        ("confirming, told", doubtful),
        ("verified", verified),
        ("failed", failed),
    ]
}

#[test]
fn one_attempt_is_open_at_a_time_and_none_follows_a_success() {
    use SendRefusal::{AlreadySent, AlreadyVerified, InProgress};
    let busy = [Err(InProgress), Err(InProgress)];
    for (of, by, ready) in [
        (Origin::Api, Origin::Api, Err(AlreadySent)),
        (Origin::Api, Origin::Window, Ok(2)),
        (Origin::Window, Origin::Api, Ok(2)),
        (Origin::Window, Origin::Window, Ok(2)),
    ] {
        let expected = [&[Ok(2)][..], &busy, &[ready], &busy, &[Err(AlreadyVerified), Ok(2)]].concat();
        for ((name, latest), expected) in states(of).iter().zip(expected) {
            let begun = started(Some(latest), by);
            assert_eq!(
                begun.as_ref().map(|begun| begun.verification.number).map_err(|e| *e),
                expected,
                "{name} {by:?}"
            );
            let Ok(begun) = begun else { continue };
            // An open one ends before the next one takes its place.
            let writes = begun.change.writes.len();
            assert_eq!(writes, if latest.is_ended() { 1 } else { 2 }, "{name}");
        }
    }
}

#[test]
fn attempts_are_counted_after_everything_else() {
    let [.., (_, failed)] = states(Origin::Api);
    let third = IdentityVerification { number: 3, ..failed };
    let refusal = started(Some(&third), Origin::Api).map(|_| ());
    assert_eq!(refusal, Err(SendRefusal::TooManyAttempts { count: 3, limit: 3 }));
    let [.., (_, verified), _] = states(Origin::Api);
    let refusal =
        started(Some(&IdentityVerification { number: 3, ..verified.clone() }), Origin::Api).map(|_| ());
    assert_eq!(refusal, Err(SendRefusal::AlreadyVerified));
    let elsewhere = IdentityVerification { environment: Environment::Live, ..verified };
    assert_eq!(started(Some(&elsewhere), Origin::Api).map(|_| ()), Err(SendRefusal::OtherEnvironment));
}

#[test]
fn only_who_waits_for_a_code_is_confirmed_and_only_from_where_it_was_begun() {
    use ConfirmRefusal::{AlreadyVerified, InProgress, NotSent};
    let own = [
        Err(NotSent),
        Err(InProgress),
        Err(InProgress),
        Ok(()),
        Err(InProgress),
        Err(InProgress),
        Err(AlreadyVerified),
        Err(NotSent),
    ];
    for origin in [Origin::Api, Origin::Window] {
        let other = if origin == Origin::Api { Origin::Window } else { Origin::Api };
        for ((name, verification), expected) in states(origin).iter().zip(own) {
            let confirmed = |by| confirm(verification, by, true, None, overdue(), at(9)).map(|_| ());
            assert_eq!(confirmed(origin), expected, "{name}");
            assert_eq!(resendable(verification, origin), expected, "{name}");
            let from_elsewhere = if expected == Err(AlreadyVerified) { expected } else { Err(NotSent) };
            assert_eq!(confirmed(other), from_elsewhere, "{name}");
        }
    }
}

#[test]
fn a_code_is_needed_unless_an_app_asks() {
    let [_, _, _, (_, ready), ..] = states(Origin::Api);
    let without =
        |v: &IdentityVerification| confirm(v, Origin::Api, false, None, overdue(), at(9)).map(|_| ());
    assert_eq!(without(&ready), Err(ConfirmRefusal::CodeMissing));
    let by_app = IdentityVerification { method: Some(Method::App), ..ready };
    assert_eq!(without(&by_app), Ok(()));
    assert_eq!(resendable(&by_app, Origin::Api), Err(ConfirmRefusal::NotBySms));
}

#[test]
fn a_wrong_code_may_be_corrected_until_the_psp_closes_the_attempt() {
    let [_, _, _, _, (_, confirming), ..] = states(Origin::Api);
    let wrong = settle_confirm(&confirming, &declined(DeclineClass::Payer), at(3)).unwrap().verification;
    assert_eq!((wrong.state.clone(), wrong.refused_confirmations), (State::Ready, 1));
    let lost = settle_confirm(&confirming, &not_sent(), at(3)).unwrap().verification;
    assert_eq!((lost.state, lost.refused_confirmations), (State::Ready, 0));
    let closed = settle_confirm(&confirming, &declined(DeclineClass::Refused), at(3)).unwrap().verification;
    assert_eq!(closed.status(), VerificationStatus::Failed);
    let [_, _, _, (_, ready), ..] = states(Origin::Api);
    let expired = Decline { class: DeclineClass::Refused, code: "EXPIRED".into(), message: String::new() };
    let after = resent(&ready, Origin::Api, Some(&expired), at(9)).unwrap().verification;
    assert_eq!(after.failure().unwrap().pg_code.as_deref(), Some("EXPIRED"));
    let again = resent(&ready, Origin::Api, None, at(9)).unwrap().verification;
    assert_eq!((again.resends, again.state, again.status_changed_at), (1, State::Ready, at(0)));
}

#[test]
fn what_is_ended_stays_ended_whoever_answers_late() {
    for (name, verification) in states(Origin::Api) {
        let is_sent = matches!(verification.state, State::Sending | State::SendUnknown { .. });
        for outcome in [sent(), declined(DeclineClass::Refused), not_sent(), silence()] {
            assert_eq!(settle_send(&verification, &outcome, at(9)).is_some(), is_sent, "{name}");
        }
        let is_confirmed = matches!(verification.state, State::Confirming { .. });
        for outcome in [proof(), declined(DeclineClass::Payer), not_sent(), silence()] {
            assert_eq!(settle_confirm(&verification, &outcome, at(9)).is_some(), is_confirmed, "{name}");
        }
    }
}

#[test]
fn whoever_is_asked_of_the_psp_has_a_job_and_nobody_else() {
    for (name, verification) in states(Origin::Api) {
        let key = verification.resolution().key();
        let ends =
            [settle_send(&verification, &sent(), at(9)), settle_confirm(&verification, &proof(), at(9))];
        for ended in ends.into_iter().flatten() {
            assert!(ended.change.jobs.contains(&JobWrite::Remove(key.clone())), "{name}");
        }
        let asks =
            [settle_send(&verification, &silence(), at(9)), settle_confirm(&verification, &silence(), at(9))];
        for open in asks.into_iter().flatten() {
            assert!(open.verification.is_outstanding(), "{name}");
            let put = |job: &JobWrite| matches!(job, JobWrite::Put(job) if job.task.key() == key);
            assert!(open.change.jobs.iter().any(put), "{name}");
        }
    }
}

#[test]
fn a_window_is_sent_once_it_has_heard_who_it_is() {
    let window = started(None, Origin::Window).unwrap();
    assert!(window.change.jobs.is_empty(), "nobody was asked");
    let who = AskedCustomer { phone_number: Some("01012345678".into()), ..AskedCustomer::default() };
    let sending =
        send_in_window(&window.verification, who.clone(), Some("KT".into()), Method::Sms, overdue(), at(10))
            .unwrap();
    assert_eq!(sending.verification.customer.phone_number, who.phone_number);
    assert_eq!(sending.change.jobs.len(), 1);
    let again = send_in_window(&sending.verification, who, None, Method::Sms, overdue(), at(11)).map(|_| ());
    assert_eq!(again, Err(ConfirmRefusal::NotSent));
}

#[test]
fn a_birthday_is_read_from_a_resident_number() {
    for (digits, birth) in [
        ("9001011", Some("1990-01-01")),
        ("0512313", Some("2005-12-31")),
        ("8807075", Some("1988-07-07")),
        ("1002297", None),
        ("1202297", Some("2012-02-29")),
        ("9913011", None),
        ("900101", None),
        ("90010a1", None),
    ] {
        let read = Birth::of_resident_number(digits).map(|b| format!("{}-{}-{}", b.year, b.month, b.day));
        assert_eq!(read.as_deref(), birth, "{digits}");
    }
}

#[test]
fn nobody_is_printed() {
    let [.., (_, verified), _] = states(Origin::Api);
    assert!(!format!("{verified:?}").contains("홍길동"));
}
