//! Subscriptions from the link to the end, as the calendar and the PSP have it.

#![allow(clippy::arithmetic_side_effects, reason = "small numbers of tests")]

use super::*;
use crate::change::{Change, Write};
use crate::channel::Environment;
use crate::customer::Customer;
use crate::id::{BillingKeyId, MerchantId, PaymentId, PlanRef, StoreId, SubscriptionRef, TransactionId};
use crate::job::{JobWrite, Task};
use crate::money::{Amount, Currency};
use crate::outcome::NotSent;
use crate::payment::testing;
use crate::payment::{Attempt, AttemptState, Capture, Failure, Paid};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn amount(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

fn days(from: Timestamp, days: i64) -> Timestamp {
    from.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap()
}

const START: &str = "2026-01-31T10:00:00Z";

fn regular(count: i64, missed: Missed) -> Terms {
    Terms::Regular(Regular {
        plan_amount: amount(1_000),
        quantity: 1,
        step: Step::new(1, Period::Month).unwrap(),
        totals: Totals::of(amount(1_000), 1, count, &[10]).unwrap(),
        missed,
        starts_at: None,
        trial: None,
    })
}

fn link(terms: Terms) -> Subscription {
    let now = at(START);
    create(Subscription {
        reference: SubscriptionRef::known("2RmmXauKYyPl58ZRdmbSu9KyjdU"),
        store: StoreId::known("store-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 0,
        merchant_ref: "Subscription_1".into(),
        plan: PlanRef::known("2Rmbp9g8JzQOxur5ATfLV68AryT"),
        plan_name: "monthly".into(),
        source: "api".into(),
        description: String::new(),
        country: String::new(),
        customer: Customer::default(),
        notify_by_email: false,
        notify_by_phone: false,
        notices: Vec::new(),
        notes: Vec::new(),
        costs: vec![Cost { key: "tax".into(), value: 10 }],
        currency: Currency::USD,
        terms,
        addresses: Addresses {
            success: "https://s".into(),
            failure: "https://f".into(),
            pending: "https://p".into(),
        },
        ip_address: "::1".into(),
        created_at: now,
        expires_at: days(now, 30),
        collected_amount: Amount::ZERO,
        collected_count: 0,
        deductions: 0,
        enrolments: 0,
        last_event: 0,
        state: State::Created { enrolling: None },
    })
    .subscription
}

fn key() -> BillingKeyId {
    BillingKeyId::known("billing-key-1")
}

fn means() -> Means {
    Means { channel: "ONEPAY".into(), method: "ONEPAY_SUBSCRIPTION_CARD".into() }
}

fn payment(number: u64) -> PaymentId {
    PaymentId::known(format!("payment-{number}"))
}

fn attempt(state: AttemptState) -> Attempt {
    let payment = testing::paid(1_000, 0);
    Attempt { id: TransactionId::known("t-1"), state, ..payment.attempts.into_iter().next().unwrap() }
}

fn paid(now: Timestamp) -> Attempt {
    attempt(AttemptState::Paid(Paid {
        at: now,
        fee: Amount::ZERO,
        receipt_url: None,
        pg_response: None,
        capture: Capture::WithApproval,
    }))
}

fn refused(now: Timestamp, code: &str) -> Attempt {
    attempt(AttemptState::Failed(Failure {
        at: now,
        reason: None,
        pg_code: Some(code.into()),
        pg_message: None,
    }))
}

const MAY_PASS: fn(&Failure) -> Verdict = |_| Verdict::MayPass;

/// When the next job of the calendar is due, by what was written.
fn next_job(change: &Change) -> Option<Timestamp> {
    change.jobs.iter().find_map(|job| match job {
        JobWrite::Put(job) if matches!(job.task, Task::DeductCycle { .. }) => Some(job.due_at),
        _ => None,
    })
}

/// How often the merchant is told of another status.
fn told(change: &Change) -> usize {
    let is_told =
        |write: &&Write| matches!(write, Write::Subscription { notify: crate::change::Notify::Yes, .. });
    change.writes.iter().filter(is_told).count()
}

fn releases(change: &Change) -> bool {
    change.jobs.iter().any(
        |job| matches!(job, JobWrite::Put(job) if matches!(job.task, Task::ReleaseSubscriptionKey { .. })),
    )
}

fn enrolled(terms: Terms, now: Timestamp) -> Subscription {
    let link = link(terms);
    let taken = begin(&link, true, false, &key(), &means(), now).unwrap().subscription;
    match Enrolled::with(&taken, &key(), now) {
        Enrolled::Starts => start(&taken, &key(), now).unwrap().subscription,
        Enrolled::Charge { amount, slot } => {
            let (begun, deduction) = charge(&taken, &key(), &payment(1), (amount, slot), now).unwrap();
            follow(&begun.subscription, &deduction, &paid(now), MAY_PASS, now).unwrap().subscription
        }
        Enrolled::Lost => panic!("nobody else enrolled"),
    }
}

/// One date of the calendar, which succeeds or fails at this instant.
fn deducted(subscription: &Subscription, succeeds: bool, now: Timestamp) -> Decided {
    let (begun, deduction) = begin_due(subscription, &payment(subscription.deductions + 1), now)
        .unwrap_or_else(|| panic!("nothing is due at {now}: {:?}", due(subscription, now)));
    let attempt = if succeeds { paid(now) } else { refused(now, "FUNDS") };
    follow(&begun.subscription, &deduction, &attempt, MAY_PASS, now).unwrap()
}

#[test]
fn a_monthly_subscription_ends_when_everything_is_paid() {
    let subscription = enrolled(regular(3, Missed::Accumulates), at(START));
    assert_eq!(subscription.status(), SubscriptionStatus::Active);
    assert_eq!((subscription.collected_amount, subscription.collected_count), (amount(1_010), 1));
    assert_eq!(subscription.next_deduction(), Some((amount(1_000), at("2026-02-28T10:00:00Z"))));
    assert_eq!(due(&subscription, at("2026-02-28T09:59:59Z")), Due::At(at("2026-02-28T10:00:00Z")));

    let second = deducted(&subscription, true, at("2026-02-28T10:00:00Z"));
    assert_eq!(next_job(&second.change), Some(at("2026-03-31T10:00:00Z")), "counted from the first date");
    assert_eq!(told(&second.change), 0, "its status is what it was");
    let last = deducted(&second.subscription, true, at("2026-04-15T00:00:00Z"));
    assert_eq!(last.subscription.status(), SubscriptionStatus::Completed);
    assert_eq!(last.subscription.collected_amount, amount(3_010));
    assert_eq!(last.subscription.next_deduction(), None);
    assert_eq!((told(&last.change), releases(&last.change)), (1, true));
    assert_eq!(due(&last.subscription, at("2027-01-01T00:00:00Z")), Due::Never);
}

#[test]
fn a_deduction_that_is_under_way_holds_the_next_one_back() {
    let subscription = enrolled(regular(3, Missed::Accumulates), at(START));
    let now = at("2026-04-01T00:00:00Z");
    let (begun, deduction) = begin_due(&subscription, &payment(2), now).unwrap();
    assert_eq!(due(&begun.subscription, now), Due::Going);
    assert_eq!(begin_due(&begun.subscription, &payment(3), now), None);
    assert_eq!(trigger(&begun.subscription, now), Ok(None));
    let unknown = attempt(AttemptState::Unknown { since: now });
    assert_eq!(follow(&begun.subscription, &deduction, &unknown, MAY_PASS, now), None);
    let settled = follow(&begun.subscription, &deduction, &paid(now), MAY_PASS, now).unwrap();
    assert_eq!(next_job(&settled.change), Some(at("2026-03-31T10:00:00Z")), "a standstill is caught up with");
}

#[test]
fn a_failed_deduction_is_tried_again_and_then_missed() {
    for (missed, next_amount) in [(Missed::Accumulates, 2_000), (Missed::ExtendsSchedule, 1_000)] {
        let mut subscription = enrolled(regular(3, missed), at(START));
        let first = at("2026-02-28T10:00:00Z");
        for (after, again) in [(0, 1), (1, 3), (3, 5)] {
            let failed = deducted(&subscription, false, days(first, after));
            assert_eq!(next_job(&failed.change), Some(days(first, again)));
            assert_eq!(due(&failed.subscription, days(first, after)), Due::At(days(first, again)));
            subscription = failed.subscription;
        }
        let missed = deducted(&subscription, false, days(first, 5));
        assert_eq!(missed.subscription.status(), SubscriptionStatus::Active);
        assert_eq!(
            missed.subscription.next_deduction(),
            Some((amount(next_amount), at("2026-03-31T10:00:00Z")))
        );
    }
}

#[test]
fn what_cannot_pass_is_not_tried_again_and_three_in_a_row_end_it() {
    let mut subscription = enrolled(regular(9, Missed::ExtendsSchedule), at(START));
    let now = at("2026-12-01T00:00:00Z");
    for missed in 1..=3u32 {
        let (begun, deduction) = begin_due(&subscription, &payment(u64::from(missed) + 1), now).unwrap();
        let expired = refused(now, "EXPIRED");
        let decided = follow(&begun.subscription, &deduction, &expired, |_| Verdict::Hopeless, now).unwrap();
        let Some(Write::Deduction(stored)) =
            decided.change.writes.iter().find(|write| matches!(write, Write::Deduction(_)))
        else {
            panic!("the deduction has ended")
        };
        assert_eq!(stored.state, DeductionState::Failed { at: now, is_last: true });
        subscription = decided.subscription;
        assert_eq!(subscription.status() == SubscriptionStatus::Cancelled, missed == 3);
    }
    assert!(matches!(subscription.state, State::Ended { how: Ending::GivenUp, .. }));
}

#[test]
fn a_request_that_was_never_sent_is_made_again_at_once() {
    let mut subscription = enrolled(regular(3, Missed::Accumulates), at(START));
    let now = at("2026-02-28T10:00:00Z");
    for expected in [now, now, now, days(now, 1)] {
        let (begun, deduction) =
            begin_due(&subscription, &payment(subscription.deductions + 1), now).unwrap();
        let unsent = refused(now, NotSent::NOT_EXECUTED);
        let decided = follow(&begun.subscription, &deduction, &unsent, MAY_PASS, now).unwrap();
        assert_eq!(next_job(&decided.change), Some(expected));
        subscription = decided.subscription;
    }
}

#[test]
fn a_trial_and_a_later_start_charge_nothing_at_enrolment() {
    let (trial, later) = (Some(Step::new(7, Period::Day).unwrap()), Some(at("2026-03-15T00:00:00Z")));
    for (trial, starts_at, first) in
        [(trial, None, at("2026-02-07T10:00:00Z")), (None, later, at("2026-03-15T00:00:00Z"))]
    {
        let Terms::Regular(terms) = regular(2, Missed::Accumulates) else { panic!() };
        let subscription = enrolled(Terms::Regular(Regular { trial, starts_at, ..terms }), at(START));
        assert_eq!(subscription.status(), SubscriptionStatus::Active);
        assert_eq!(subscription.is_in_trial(at(START)), trial.is_some());
        assert_eq!(subscription.next_deduction(), Some((amount(1_010), first)));
        let paid = deducted(&subscription, true, first);
        assert!(!paid.subscription.is_in_trial(first));
        let step = Step::new(1, Period::Month).unwrap();
        assert_eq!(next_job(&paid.change), step.after(first, 1));
    }
}

#[test]
fn a_trigger_makes_the_next_deduction_now_and_leaves_the_calendar() {
    let subscription = enrolled(regular(4, Missed::Accumulates), at(START));
    let now = at("2026-02-10T00:00:00Z");
    let triggered = trigger(&subscription, now).unwrap().unwrap();
    assert_eq!(next_job(&triggered.change), Some(now));
    assert_eq!(trigger(&triggered.subscription, now), Ok(None), "asked a moment ago");
    let paid = deducted(&triggered.subscription, true, now);
    assert_eq!(next_job(&paid.change), Some(at("2026-03-31T10:00:00Z")));
    assert_eq!(trigger(&paid.subscription, now), Ok(None), "asked a moment ago, and done");
    assert!(trigger(&paid.subscription, days(now, 1)).unwrap().is_some());

    let on_demand = enrolled(Terms::OnDemand { initial: Amount::ZERO, additional: Amount::ZERO }, at(START));
    assert_eq!(trigger(&on_demand, now), Err(TriggerRefusal::OnDemand));
    let fresh = link(regular(3, Missed::Accumulates));
    assert_eq!(trigger(&fresh, now), Err(TriggerRefusal::NotActive(SubscriptionStatus::Created)));
}

#[test]
fn a_trigger_ends_the_trial() {
    let Terms::Regular(terms) = regular(3, Missed::Accumulates) else { panic!() };
    let trial = Some(Step::new(1, Period::Month).unwrap());
    let subscription = enrolled(Terms::Regular(Regular { trial, ..terms }), at(START));
    let now = at("2026-02-03T00:00:00Z");
    let triggered = trigger(&subscription, now).unwrap().unwrap().subscription;
    assert!(!triggered.is_in_trial(now));
    let paid = deducted(&triggered, true, now);
    assert_eq!(next_job(&paid.change), Some(at("2026-03-03T00:00:00Z")));
}

#[test]
fn one_customer_enrols_by_a_link() {
    let now = at(START);
    let link = link(regular(3, Missed::Accumulates));
    let taken = begin(&link, true, false, &key(), &means(), now).unwrap().subscription;
    let other = BillingKeyId::known("billing-key-2");
    assert_eq!(begin(&taken, true, false, &other, &means(), now), Err(EnrolRefusal::UnderWay));
    assert_eq!(Enrolled::with(&taken, &other, now), Enrolled::Lost);
    let again = begin(&taken, true, true, &other, &means(), now).unwrap().subscription;
    assert_eq!(Enrolled::with(&again, &key(), now), Enrolled::Lost, "the later one has it");
    assert_eq!(begin(&link, false, false, &key(), &means(), now), Err(EnrolRefusal::PlanCancelled));
    let over = Err(EnrolRefusal::Over(SubscriptionStatus::Expired));
    assert_eq!(begin(&link, true, false, &key(), &means(), days(now, 30)), over);
    let refused = refuse(&taken, &key()).unwrap().subscription;
    assert!(begin(&refused, true, false, &other, &means(), now).is_ok());
}

#[test]
fn a_link_is_worn_out_by_card_after_card() {
    let now = at(START);
    let mut link = link(regular(3, Missed::Accumulates));
    for _ in 0..30 {
        let taken = begin(&link, true, false, &key(), &means(), now).unwrap().subscription;
        link = refuse(&taken, &key()).unwrap().subscription;
    }
    assert_eq!(begin(&link, true, false, &key(), &means(), now), Err(EnrolRefusal::WornOut));
}

#[test]
fn a_first_charge_that_fails_leaves_the_link() {
    let now = at(START);
    let taken = begin(&link(regular(3, Missed::Accumulates)), true, false, &key(), &means(), now)
        .unwrap()
        .subscription;
    let (begun, deduction) =
        charge(&taken, &key(), &payment(1), (amount(1_010), Slot::Cycle(0)), now).unwrap();
    assert_eq!(expire(&begun.subscription, days(now, 40)), None, "a customer is enrolling");
    let failed = follow(&begun.subscription, &deduction, &refused(now, "FUNDS"), MAY_PASS, now).unwrap();
    assert_eq!(failed.subscription.state, State::Created { enrolling: None });
    assert!(releases(&failed.change));
    assert!(expire(&failed.subscription, days(now, 29)).is_none());
    let expired = expire(&failed.subscription, days(now, 30)).unwrap().subscription;
    assert_eq!(expired.status(), SubscriptionStatus::Expired);
    assert_eq!(cancel(&expired, now), Err(CancelRefusal::Final(SubscriptionStatus::Expired)));
}

#[test]
fn only_an_active_subscription_on_demand_is_deducted_from() {
    let now = at(START);
    let terms = || Terms::OnDemand { initial: amount(500), additional: amount(10) };
    let active = enrolled(terms(), now);
    assert_eq!(active.collected_amount, amount(510));
    let deduct = |subscription: &Subscription, currency| {
        on_demand(subscription, &payment(9), amount(100), currency, now)
            .map(|(_, deduction)| deduction.number)
    };
    assert_eq!(deduct(&active, Currency::USD), Ok(2));
    assert!(matches!(deduct(&active, Currency::KRW), Err(DeductRefusal::OtherCurrency { .. })));
    let created = SubscriptionStatus::Created;
    assert_eq!(deduct(&link(terms()), Currency::USD), Err(DeductRefusal::NotActive(created)));
    let regular = enrolled(regular(3, Missed::Accumulates), now);
    assert_eq!(deduct(&regular, Currency::USD), Err(DeductRefusal::NotOnDemand));
    let cancelled = cancel(&active, now).unwrap().unwrap();
    assert!(releases(&cancelled.change));
    let refusal = DeductRefusal::NotActive(SubscriptionStatus::Cancelled);
    assert_eq!(deduct(&cancelled.subscription, Currency::USD), Err(refusal));
    assert_eq!(cancel(&cancelled.subscription, now), Ok(None));
}

#[test]
fn a_key_that_the_psp_does_not_know_ends_the_subscription() {
    let now = at(START);
    let active = enrolled(Terms::OnDemand { initial: Amount::ZERO, additional: Amount::ZERO }, now);
    let (begun, deduction) = on_demand(&active, &payment(2), amount(100), Currency::USD, now).unwrap();
    let gone =
        follow(&begun.subscription, &deduction, &refused(now, "GONE"), |_| Verdict::KeyGone, now).unwrap();
    let refusal = on_demand(&gone.subscription, &payment(3), amount(100), Currency::USD, now);
    assert_eq!(refusal, Err(DeductRefusal::CancelledByPsp));
}

#[test]
fn a_cancellation_lets_what_is_under_way_finish() {
    let subscription = enrolled(regular(3, Missed::Accumulates), at(START));
    let now = at("2026-02-28T10:00:00Z");
    let (begun, deduction) = begin_due(&subscription, &payment(2), now).unwrap();
    let cancelled = cancel(&begun.subscription, now).unwrap().unwrap().subscription;
    let finished = follow(&cancelled, &deduction, &paid(now), MAY_PASS, now).unwrap();
    assert_eq!(finished.subscription.collected_amount, amount(2_010));
    assert_eq!(finished.subscription.status(), SubscriptionStatus::Cancelled);
    assert_eq!(next_job(&finished.change), None);
}

#[test]
fn what_is_paid_after_all_is_kept_when_it_is_awaited_and_given_back_when_it_is_not() {
    let subscription = enrolled(regular(3, Missed::Accumulates), at(START));
    let now = at("2026-02-28T10:00:00Z");
    let (begun, deduction) = begin_due(&subscription, &payment(2), now).unwrap();
    let failed = follow(&begun.subscription, &deduction, &refused(now, "FUNDS"), MAY_PASS, now).unwrap();
    let deduction = Deduction { state: DeductionState::Failed { at: now, is_last: false }, ..deduction };
    let is_given_back = |decided: &Decided| {
        decided
            .change
            .jobs
            .iter()
            .any(|job| matches!(job, JobWrite::Put(job) if matches!(job.task, Task::CancelLate { .. })))
    };
    let late = follow(&failed.subscription, &deduction, &paid(now), MAY_PASS, now).unwrap();
    assert!(!is_given_back(&late), "it has not been tried again");
    assert_eq!(late.subscription.collected_amount, amount(2_010));

    let again = deducted(&failed.subscription, true, days(now, 1));
    let too_late = follow(&again.subscription, &deduction, &paid(now), MAY_PASS, days(now, 2)).unwrap();
    assert!(is_given_back(&too_late));
    assert_eq!(too_late.subscription.collected_amount, amount(2_010), "once");
}
