#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::*;
use crate::billing_key::{BillingKey, KeyMethod, State as KeyState};
use crate::customer::Customer;
use crate::id::{PaymentId, StoreId};
use crate::outcome::Outcome;
use crate::payment::testing::{account, after, at, begun, charge, declined, paid, request, unknown, won};
use proptest::prelude::*;

fn key(state: KeyState) -> BillingKey {
    BillingKey {
        id: BillingKeyId::known("billing-key-1"),
        store: StoreId::known("store-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 2,
        customer: Customer::default(),
        custom_data: None,
        origin: request("t", 1, 0).origin,
        channel_group: None,
        issue_id: None,
        issue_name: None,
        method: KeyMethod::Card,
        approval: None,
        notices: Notices::default(),
        claim: None,
        requested_at: at(0),
        going_since: None,
        first_payment: None,
        holdings: Vec::new(),
        state,
    }
}

fn issued() -> BillingKey {
    key(KeyState::Issued { at: at(0) })
}

fn schedule(total: i64, tax_free: i64) -> Schedule {
    let request = request("t", 1_000, 0);
    Schedule {
        id: ScheduleId::known("schedule-1"),
        payment: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("order-1") },
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 0,
        charge: ScheduledCharge {
            billing_key: BillingKeyId::known("billing-key-1"),
            channel: None,
            order: request.order,
            currency: request.currency,
            total: won(total),
            tax_free: won(tax_free),
            vat: None,
            installment: None,
            is_point_used: false,
            origin: request.origin,
            notices: Notices::default(),
            promotion: None,
            bypass: None,
        },
        created_at: at(0),
        time_to_pay: at(100),
        state: State::Scheduled,
    }
}

const GOING: SignedDuration = SignedDuration::from_secs(60);

fn made() -> Schedule {
    let key = issued();
    let present = Present { key: &key, payment: None, active: None };
    create(schedule(1_000, 0), present, GOING, at(0)).unwrap().schedule
}

#[test]
fn what_is_not_scheduled_is_refused_in_order() {
    let (deleted, going) = (
        key(KeyState::Deleted { issued_at: at(0), at: at(1) }),
        BillingKey { going_since: Some(at(-59)), ..issued() },
    );
    let interrupted = BillingKey { going_since: Some(at(-60)), ..issued() };
    let refused = after(&begun(None, "t1", 1_000, 0), "t1", declined());
    let waiting = after(&begun(None, "t1", 1_000, 0), "t1", Outcome::Pending(account(1_000)));
    let pending = after(&begun(None, "t1", 1_000, 0), "t1", unknown());
    let settled = paid(1_000, 0);
    let live = Payment { environment: Environment::Live, ..refused.clone() };
    let other = ScheduleId::known("schedule-0");
    let (fits, does_not) = (schedule(1_000, 0), schedule(1_000, 1_001));
    let past = Schedule { time_to_pay: at(0), ..does_not.clone() };
    let refusal = |schedule: &Schedule, key: &BillingKey, payment, active| {
        let present = Present { key, payment, active };
        create(schedule.clone(), present, GOING, at(0)).err().map(|refusal| format!("{refusal:?}"))
    };
    let issued = issued();
    for (found, expected) in [
        (refusal(&past, &deleted, Some(&waiting), Some(&other)), "NotInFuture"),
        (refusal(&does_not, &deleted, Some(&waiting), Some(&other)), "BillingKeyDeleted"),
        (refusal(&does_not, &going, Some(&waiting), Some(&other)), "BillingKeyGoing"),
        (refusal(&does_not, &issued, Some(&waiting), Some(&other)), "PaidOrWaiting(VirtualAccountIssued)"),
        (refusal(&fits, &issued, Some(&pending), None), "PaidOrWaiting(Pending)"),
        (refusal(&fits, &issued, Some(&settled), None), "PaidOrWaiting(Paid)"),
        (refusal(&does_not, &issued, Some(&live), Some(&other)), "Exists(schedule-0)"),
        (refusal(&does_not, &issued, Some(&live), None), "OtherEnvironment"),
        (refusal(&does_not, &issued, Some(&refused), None), "Amounts(PartsExceedTotal"),
        (refusal(&schedule(0, 0), &issued, None, None), "Amounts(ZeroTotal)"),
    ] {
        let found = found.expect(expected);
        assert!(found.starts_with(expected), "{found} is not {expected}");
    }
    assert_eq!(refusal(&fits, &issued, Some(&refused), None), None, "a failed payment may be tried again");
    assert_eq!(refusal(&fits, &interrupted, None, None), None, "a deletion that was interrupted");
}

#[test]
fn a_new_schedule_is_due_at_its_time_beside_what_was_seen() {
    let (key, failed) = (issued(), after(&begun(None, "t1", 1_000, 0), "t1", declined()));
    let present = Present { key: &key, payment: Some(&failed), active: None };
    let decided = create(schedule(1_000, 0), present, GOING, at(0)).unwrap();
    assert_eq!(decided.schedule.version, 1);
    let [Write::NewSchedule { key: 2, payment: Some(version), .. }] = decided.change.writes.as_slice() else {
        panic!("{:?}", decided.change.writes);
    };
    assert_eq!(*version, failed.version);
    let [JobWrite::Put(job)] = decided.change.jobs.as_slice() else { panic!("{:?}", decided.change.jobs) };
    assert_eq!((job.due_at, job.task.key().as_str()), (at(100), "run_schedule:schedule-1"));
    assert!(decided.change.events.is_empty(), "nobody is told of a creation");
}

#[test]
fn all_are_revoked_or_none() {
    let waiting = made();
    let other = Schedule { id: ScheduleId::known("schedule-2"), ..made() };
    let change = revoke(&[waiting.clone(), other.clone()], at(5)).unwrap();
    assert_eq!((change.writes.len(), change.jobs.len()), (2, 2));
    let Write::Schedule { schedule: revoked, expects: 1 } = &change.writes[0] else { panic!() };
    assert_eq!(revoked.state, State::Revoked { at: at(5) });
    let ran = started(&other, &TransactionId::known("t9"), at(100)).unwrap().schedule;
    let gone = Schedule::clone(revoked);
    assert!(matches!(
        revoke(&[gone.clone(), waiting.clone(), ran], at(6)),
        Err(RevokeRefusal::AlreadyProcessed { status: ScheduleStatus::Started, .. })
    ));
    assert_eq!(revoke(&[waiting, gone.clone()], at(6)), Err(RevokeRefusal::AlreadyRevoked(gone.id.clone())));
    assert_eq!(revoke(&[], at(6)), Ok(Change::default()));
    assert_eq!(started(&gone, &TransactionId::known("t9"), at(100)), None, "a revoked one never runs");
    assert_eq!(failed(&gone, None, at(100)), None);
}

#[test]
fn a_schedule_is_claimed_once() {
    let waiting = made();
    let claimed = started(&waiting, &TransactionId::known("t9"), at(100)).unwrap();
    assert_eq!(claimed.change.jobs, [JobWrite::Remove("run_schedule:schedule-1".into())]);
    assert_eq!(started(&claimed.schedule, &TransactionId::known("t10"), at(101)), None);
    let ended = failed(&waiting, None, at(100)).unwrap().schedule;
    assert_eq!(
        (ended.status(), ended.run(), ended.started_at()),
        (ScheduleStatus::Failed, None, Some(at(100)))
    );
    let unsent = failed(&waiting, Some(&TransactionId::known("t9")), at(100)).unwrap().schedule;
    assert_eq!(unsent.run().map(|run| run.transaction.as_str()), Some("t9"));
}

#[test]
fn another_attempt_is_not_followed() {
    let claimed = started(&made(), &TransactionId::known("t9"), at(100)).unwrap().schedule;
    let payment = paid(1_000, 0);
    assert_eq!(follow(&claimed, &payment.attempts[0], at(101)), None);
    assert_eq!(follow(&made(), &payment.attempts[0], at(101)), None);
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Done,
    Declined,
    Pending,
    Unknown,
}

proptest! {
    /// Whatever is learned about the attempt, in whatever order and however often, the schedule says
    /// the same.
    #[test]
    fn a_schedule_stands_as_its_attempt(words in proptest::collection::vec(
        prop_oneof![Just(Word::Done), Just(Word::Declined), Just(Word::Pending), Just(Word::Unknown)], 0..6,
    )) {
        let mut payment = begun(None, "t9", 1_000, 0);
        let mut schedule = started(&made(), &TransactionId::known("t9"), at(100)).unwrap().schedule;
        for word in words {
            payment = after(&payment, "t9", match word {
                Word::Done => Outcome::Done(charge(1_000)),
                Word::Declined => declined(),
                Word::Pending => Outcome::Pending(charge(1_000)),
                Word::Unknown => unknown(),
            });
            if let Some(decided) = follow(&schedule, &payment.attempts[0], at(102)) {
                prop_assert_eq!(decided.schedule.version, schedule.version + 1);
                schedule = decided.schedule;
            }
            prop_assert_eq!(schedule.status(), status_of(&payment.attempts[0].state));
            prop_assert_eq!(follow(&schedule, &payment.attempts[0], at(103)), None);
            prop_assert_eq!(schedule.completed_at().is_some(), schedule.status() != ScheduleStatus::Started);
        }
        prop_assert_eq!(schedule.started_at(), Some(at(100)));
    }
}
