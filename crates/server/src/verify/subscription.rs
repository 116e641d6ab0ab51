//! What must be true of every subscription: each deduction stands as its payment does, what was collected is their
//! sum, no date was collected twice, and what comes next is queued.

use super::report::{Difference, Report, Rule};
use anyhow::Context;
use paypier_domain::id::{PaymentKey, StoreId, SubscriptionRef};
use paypier_domain::job::Task;
use paypier_domain::money::Amount;
use paypier_domain::payment::{Attempt, AttemptState};
use paypier_domain::subscription::{Deduction, DeductionState, State, Subscription};
use paypier_storage::{ReadError, Storage};

/// Subscriptions that are read at once.
const PAGE: u32 = 256;
/// How often a subscription that changes while it is looked at is read again.
const READ_AGAIN: u32 = 5;
/// Deductions of one subscription that are looked at; one of hours has as many in eleven years.
const MOST_DEDUCTIONS: u32 = 100_000;

/// Looks at all subscriptions.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn all(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let mut after: Option<(StoreId, SubscriptionRef)> = None;
    loop {
        let behind = after.as_ref().map(|(store, reference)| (store, reference));
        let page = match storage.subscriptions_in_key_order(behind, PAGE).await {
            Ok(page) => page,
            Err(ReadError::Broken(what)) => {
                report.differs(Rule::RowReadable, "a subscription", "rows as this program writes them", what);
                report.is_complete = false;
                return Ok(());
            }
            Err(error) => return Err(error).context("the subscriptions cannot be read"),
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.store.clone(), last.reference.clone()));
        for subscription in page {
            look_at(storage, subscription).await?.into_iter().for_each(|found| report.add(found));
        }
    }
}

/// Looks at a subscription, again when it looks wrong: it may just have been changing.
async fn look_at(storage: &Storage, mut subscription: Subscription) -> anyhow::Result<Option<Difference>> {
    let mut before = None;
    for _ in 0..READ_AGAIN {
        let Some(found) = look_once(storage, &subscription).await? else { return Ok(None) };
        if before.as_ref() == Some(&found) {
            break;
        }
        before = Some(found);
        match storage.subscription(&subscription.store, &subscription.reference).await {
            Ok(Some(now)) => subscription = now,
            Ok(None) => return Ok(None),
            Err(ReadError::Broken(_)) => break,
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("the subscription {} cannot be read", subscription.reference));
            }
        }
    }
    Ok(before)
}

async fn look_once(storage: &Storage, subscription: &Subscription) -> anyhow::Result<Option<Difference>> {
    let name = || format!("{} subscription {}", subscription.store, subscription.reference);
    let deductions = storage
        .deductions_of(&subscription.store, &subscription.reference, MOST_DEDUCTIONS)
        .await
        .with_context(|| format!("the deductions of {} cannot be read", subscription.reference))?;
    for deduction in &deductions {
        let key = PaymentKey { store: deduction.store.clone(), payment: deduction.payment.clone() };
        let payment = match storage.payment(&key).await {
            Ok(payment) => payment,
            // Whoever looks at the payments says so.
            Err(ReadError::Broken(_)) => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("the payment {key} cannot be read")),
        };
        let attempt = payment.as_ref().and_then(|payment| payment.current());
        if let Some((expected, found)) = difference(deduction, attempt) {
            let what = format!("{} deduction {}", name(), deduction.number);
            return Ok(Some(Difference::new(Rule::SubscriptionFollows, what, expected, found)));
        }
    }
    if let Some((expected, found)) = sums(subscription, &deductions) {
        return Ok(Some(Difference::new(Rule::SubscriptionFollows, name(), expected, found)));
    }
    let Some(job) = awaited_job(subscription) else { return Ok(None) };
    let missing = storage.missing_jobs(std::slice::from_ref(&job)).await;
    let missing = missing
        .with_context(|| format!("the job of the subscription {} cannot be read", subscription.reference))?;
    let absent = || Difference::new(Rule::JobQueued, name(), format!("the job {job}"), "no such job");
    Ok((!missing.is_empty()).then(absent))
}

/// The job without which nothing would happen any more.
fn awaited_job(subscription: &Subscription) -> Option<String> {
    let reference = || subscription.reference.clone();
    match &subscription.state {
        State::Created { .. } => Some(Task::ExpireSubscription { subscription: reference() }.key()),
        State::Active(running) => {
            let cycle = running.cycle.as_ref()?;
            // The outcome of the deduction that is under way queues the next one.
            cycle.going.is_none().then(|| Task::DeductCycle { subscription: reference() }.key())
        }
        State::Ended { .. } => None,
    }
}

/// What was expected and what was found, where a deduction does not stand as its attempt does.
fn difference(deduction: &Deduction, attempt: Option<&Attempt>) -> Option<(String, String)> {
    let found = deduction.state.as_str();
    let Some(attempt) = attempt else { return Some(("a payment".into(), "no payment".into())) };
    let is_right = match (&attempt.state, deduction.state) {
        (AttemptState::Paid(_), DeductionState::Collected { .. })
        // It had failed, was paid late, and is given back.
        | (AttemptState::Paid(_) | AttemptState::Failed(_), DeductionState::Failed { .. })
        | (
            AttemptState::Ready
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. },
            DeductionState::Going,
        ) => true,
        (AttemptState::Paid(_), DeductionState::Going)
        | (AttemptState::Failed(_), DeductionState::Going | DeductionState::Collected { .. })
        | (
            AttemptState::Ready
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. },
            DeductionState::Collected { .. } | DeductionState::Failed { .. },
        ) => false,
    };
    if !is_right {
        return Some((format!("as attempt {} stands", attempt.id), found.to_owned()));
    }
    (attempt.amounts.total != deduction.amount).then(|| {
        (format!("the amount of the payment, {}", attempt.amounts.total), deduction.amount.to_string())
    })
}

fn sums(subscription: &Subscription, deductions: &[Deduction]) -> Option<(String, String)> {
    let collected = || {
        deductions.iter().filter(|deduction| matches!(deduction.state, DeductionState::Collected { .. }))
    };
    let sum = Amount::total(collected().map(|deduction| deduction.amount));
    let count = u32::try_from(collected().count()).unwrap_or(u32::MAX);
    let made = u64::try_from(deductions.len()).unwrap_or(u64::MAX);
    let derived = (sum, count, made);
    let stored = (subscription.collected_amount, subscription.collected_count, subscription.deductions);
    let said = |(sum, count, made): (Amount, u32, u64)| format!("{sum} in {count} of {made} deductions");
    (derived != stored).then(|| (said(derived), said(stored)))
}
