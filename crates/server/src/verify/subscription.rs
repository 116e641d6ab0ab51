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
    let collected =
        || deductions.iter().filter(|deduction| matches!(deduction.state, DeductionState::Collected { .. }));
    let sum = Amount::total(collected().map(|deduction| deduction.amount));
    let count = u32::try_from(collected().count()).unwrap_or(u32::MAX);
    let made = u64::try_from(deductions.len()).unwrap_or(u64::MAX);
    let derived = (sum, count, made);
    let stored = (subscription.collected_amount, subscription.collected_count, subscription.deductions);
    let said = |(sum, count, made): (Amount, u32, u64)| format!("{sum} in {count} of {made} deductions");
    (derived != stored).then(|| (said(derived), said(stored)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use paypier_domain::change::Change;
    use paypier_domain::channel::Environment;
    use paypier_domain::customer::Customer;
    use paypier_domain::id::{BillingKeyId, MerchantId, PaymentId, PlanRef, TransactionId};
    use paypier_domain::money::Currency;
    use paypier_domain::payment::pay::{self, Unsendable};
    use paypier_domain::payment::{Amounts, Failure, Limits, Notices, Order, Origin, Payment, Platform};
    use paypier_domain::subscription::{
        self, Addresses, Means, Missed, Period, Regular, Step, Terms, Totals, Verdict,
    };
    use paypier_storage::{DatabaseUrl, Options, migrate};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000_i64.saturating_add(second)).unwrap()
    }

    fn amount() -> Amount {
        Amount::new(1_000).unwrap()
    }

    fn link() -> subscription::Decided {
        let step = Step::new(1, Period::Day).unwrap();
        subscription::create(Subscription {
            reference: SubscriptionRef::known("sub-1"),
            store: StoreId::known("store-1"),
            merchant: MerchantId::known("merchant-1"),
            environment: Environment::Test,
            version: 0,
            merchant_ref: "Subscription_1".into(),
            plan: PlanRef::known("plan-1"),
            plan_name: "daily".into(),
            source: "api".into(),
            description: String::new(),
            country: String::new(),
            customer: Customer::default(),
            notify_by_email: false,
            notify_by_phone: false,
            notices: Vec::new(),
            notes: Vec::new(),
            costs: Vec::new(),
            currency: Currency::USD,
            terms: Terms::Regular(Regular {
                plan_amount: amount(),
                quantity: 1,
                step,
                totals: Totals::of(amount(), 1, 3, &[]).unwrap(),
                missed: Missed::Accumulates,
                starts_at: None,
                trial: Some(step),
            }),
            addresses: Addresses { success: String::new(), failure: String::new(), pending: String::new() },
            ip_address: String::new(),
            created_at: at(0),
            expires_at: at(100),
            collected_amount: Amount::ZERO,
            collected_count: 0,
            deductions: 0,
            enrolments: 0,
            last_event: 0,
            state: State::Created { enrolling: None },
        })
    }

    /// A payment that could not be sent, as the deduction's.
    fn unsent(payment: &PaymentId) -> Unsendable {
        Unsendable {
            transaction: TransactionId::known(format!("{payment}-1")),
            environment: Environment::Test,
            currency: Currency::USD,
            amounts: Amounts::new(amount(), Amount::ZERO, Some(Amount::ZERO), Amount::ZERO).unwrap(),
            order: Order { name: "daily".into(), ..Order::default() },
            origin: Origin { platform: Platform::Api, ip_address: "::1".into(), user_agent: None, url: None },
            billing_key: Some(BillingKeyId::known("key-1")),
            schedule: None,
            notices: Notices::default(),
            failure: Failure { at: at(86_400), reason: None, pg_code: None, pg_message: None },
        }
    }

    /// A subscription whose first deduction has failed and waits for its next try; or one that was only made.
    async fn stored(url: &DatabaseUrl, is_enrolled: bool) -> Storage {
        migrate(url, at(0)).await.unwrap();
        let storage = Storage::open(Options::new(url.clone(), "test")).await.unwrap();
        let made = link();
        storage.commit(made.change).await.unwrap();
        if !is_enrolled {
            return storage;
        }
        let key = BillingKeyId::known("key-1");
        let means = Means { channel: "ONEPAY".into(), method: "CARD".into() };
        let taken = subscription::begin(&made.subscription, true, false, &key, &means, at(1)).unwrap();
        storage.commit(taken.change).await.unwrap();
        let started = subscription::start(&taken.subscription, &key, at(1)).unwrap();
        storage.commit(started.change).await.unwrap();
        let (payment, now) = (PaymentId::known("payment-1"), at(86_401));
        let (begun, deduction) = subscription::begin_due(&started.subscription, &payment, now).unwrap();
        storage.commit(begun.change).await.unwrap();
        let key = PaymentKey { store: deduction.store.clone(), payment: payment.clone() };
        let merchant = MerchantId::known("merchant-1");
        let failed =
            pay::not_sent(None::<&Payment>, &key, &merchant, unsent(&payment), Limits::default(), now);
        let failed = failed.unwrap();
        let attempt = failed.payment.attempts.first().unwrap();
        let followed =
            subscription::follow(&begun.subscription, &deduction, attempt, |_| Verdict::MayPass, now);
        storage.commit(Change::and(failed.change, followed.unwrap().change)).await.unwrap();
        storage
    }

    #[tokio::test]
    async fn every_corruption_of_a_subscription_is_named() {
        for (is_enrolled, sql, rule) in [
            (false, "SELECT 1", None),
            (true, "SELECT 1", None),
            (false, "DELETE FROM jobs", Some(Rule::JobQueued)),
            (true, "DELETE FROM jobs WHERE kind = 'deduct_cycle'", Some(Rule::JobQueued)),
            (true, "UPDATE subscriptions SET body = '{}'", Some(Rule::RowReadable)),
            (true, "UPDATE subscriptions SET collected_amount = 5", Some(Rule::SubscriptionFollows)),
            (
                true,
                "UPDATE subscription_deductions SET status = 'COLLECTED'",
                Some(Rule::SubscriptionFollows),
            ),
            (true, "UPDATE subscription_deductions SET amount = 5", Some(Rule::SubscriptionFollows)),
            (true, "DELETE FROM subscription_deductions", Some(Rule::SubscriptionFollows)),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("paypier.db");
            let storage = stored(&DatabaseUrl::Sqlite(path.clone()), is_enrolled).await;
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            let mut report = Report::new(10);
            all(&storage, &mut report).await.unwrap();
            let found: Vec<Rule> = report.differences.iter().map(|difference| difference.rule).collect();
            assert_eq!(found, rule.into_iter().collect::<Vec<_>>(), "{sql}\n{}", report.human());
        }
    }
}
