//! What must be true of every schedule: while it waits its job is queued, and from when it was claimed on
//! it stands as its one attempt does.

use super::report::{Difference, Report, Rule};
use anyhow::Context;
use paypier_domain::id::{ScheduleId, StoreId};
use paypier_domain::payment::Payment;
use paypier_domain::schedule::{Schedule, ScheduleStatus, status_of};
use paypier_storage::{ReadError, Storage};

/// Schedules that are read at once.
const PAGE: u32 = 256;
/// How often a schedule that changes while it is looked at is read again.
const READ_AGAIN: u32 = 5;

/// Looks at all schedules.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn all(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let mut after: Option<(StoreId, ScheduleId)> = None;
    loop {
        let behind = after.as_ref().map(|(store, id)| (store, id));
        let page = match storage.schedules_in_key_order(behind, PAGE).await {
            Ok(page) => page,
            Err(ReadError::Broken(what)) => {
                report.differs(Rule::RowReadable, "a schedule", "rows as this program writes them", what);
                report.is_complete = false;
                return Ok(());
            }
            Err(error) => return Err(error).context("the schedules cannot be read"),
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.payment.store.clone(), last.id.clone()));
        for schedule in page {
            report.checked.schedules = report.checked.schedules.saturating_add(1);
            look_at(storage, schedule).await?.into_iter().for_each(|found| report.add(found));
        }
    }
}

/// Looks at a schedule, again when it looks wrong: it may just have been changing.
async fn look_at(storage: &Storage, mut schedule: Schedule) -> anyhow::Result<Option<Difference>> {
    let mut before = None;
    for _ in 0..READ_AGAIN {
        let Some(found) = look_once(storage, &schedule).await? else { return Ok(None) };
        if before.as_ref() == Some(&found) {
            break;
        }
        before = Some(found);
        let (store, id) = (&schedule.payment.store, &schedule.id);
        match storage.schedule(store, id).await {
            Ok(Some(now)) => schedule = now,
            Ok(None) => return Ok(None),
            Err(ReadError::Broken(_)) => break,
            Err(error) => {
                return Err(error).with_context(|| format!("the schedule {id} cannot be read"));
            }
        }
    }
    Ok(before)
}

async fn look_once(storage: &Storage, schedule: &Schedule) -> anyhow::Result<Option<Difference>> {
    let id = &schedule.id;
    if schedule.status() == ScheduleStatus::Scheduled {
        let job = schedule.task().key();
        let missing = storage.missing_jobs(std::slice::from_ref(&job)).await;
        let missing = missing.with_context(|| format!("the job of the schedule {id} cannot be read"))?;
        let absent =
            || Difference::new(Rule::JobQueued, name(schedule), format!("the job {job}"), "no such job");
        return Ok((!missing.is_empty()).then(absent));
    }
    let payment = match storage.payment(&schedule.payment).await {
        Ok(payment) => payment,
        // Whoever looks at the payments says so.
        Err(ReadError::Broken(_)) => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("the payment of the schedule {id} cannot be read"));
        }
    };
    Ok(difference(schedule, payment.as_ref()))
}

fn name(schedule: &Schedule) -> String {
    format!("{} schedule {}", schedule.payment, schedule.id)
}

fn difference(schedule: &Schedule, payment: Option<&Payment>) -> Option<Difference> {
    let differs = |expected: String, found: String| {
        Some(Difference::new(Rule::ScheduleFollows, name(schedule), expected, found))
    };
    let attempts = || payment.into_iter().flat_map(|payment| &payment.attempts);
    let made: Vec<&str> = attempts()
        .filter(|attempt| attempt.schedule.as_ref() == Some(&schedule.id))
        .map(|attempt| attempt.id.as_str())
        .collect();
    let claimed: Vec<&str> = schedule.run().map(|run| run.transaction.as_str()).into_iter().collect();
    if made != claimed {
        let words = |ids: &[&str]| if ids.is_empty() { "no attempt".to_owned() } else { ids.join(", ") };
        return differs(words(&claimed), words(&made));
    }
    let attempt = attempts().find(|attempt| claimed.contains(&attempt.id.as_str()))?;
    let status = status_of(&attempt.state);
    if status == schedule.status() {
        return None;
    }
    differs(format!("{status}, as attempt {} is", attempt.id), schedule.status().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, Timestamp};
    use paypier_domain::billing_key::{self, BillingKey};
    use paypier_domain::change::{Change, Write};
    use paypier_domain::channel::Environment;
    use paypier_domain::customer::Customer;
    use paypier_domain::id::{BillingKeyId, TransactionId};
    use paypier_domain::payment::pay::{self, Unsendable};
    use paypier_domain::payment::{Failure, Limits, Notices};
    use paypier_domain::schedule::{self, Present};
    use paypier_storage::{DatabaseUrl, Options, migrate};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000_i64.saturating_add(second)).unwrap()
    }

    fn billing_key() -> BillingKey {
        let sample = crate::http::v2::samples::billing_key();
        BillingKey { customer: Customer::default(), version: 1, holdings: Vec::new(), ..sample }
    }

    /// Keeps what one schedule's life writes: waiting, or failed because no channel was left.
    async fn stored(url: &DatabaseUrl, is_run: bool) -> Storage {
        migrate(url, at(0)).await.unwrap();
        let storage = Storage::open(Options::new(url.clone(), "test")).await.unwrap();
        let key = BillingKey { state: billing_key::State::Issued { at: at(0) }, ..billing_key() };
        let write = Write::BillingKey { key: Box::new(key.clone()), expects: None };
        storage.commit(Change { writes: vec![write], ..Change::default() }).await.unwrap();
        let mut planned = crate::http::v2::samples::schedule();
        planned.charge.billing_key = BillingKeyId::known(key.id.as_str());
        planned.time_to_pay = at(100);
        let present = Present { key: &key, payment: None, active: None };
        let made = schedule::create(planned, present, SignedDuration::ZERO, at(0)).unwrap();
        storage.commit(made.change).await.unwrap();
        if !is_run {
            return storage;
        }
        let (made, transaction) = (made.schedule, TransactionId::known("t1"));
        let unsendable = Unsendable {
            transaction: transaction.clone(),
            environment: Environment::Test,
            currency: made.charge.currency,
            amounts: made.charge.amounts().unwrap(),
            order: made.charge.order.clone(),
            origin: made.charge.origin.clone(),
            billing_key: None,
            schedule: Some(made.id.clone()),
            notices: Notices::default(),
            failure: Failure { at: at(100), reason: None, pg_code: None, pg_message: None },
        };
        let failed =
            pay::not_sent(None, &made.payment, &made.merchant, unsendable, Limits::default(), at(100));
        let ended = schedule::failed(&made, Some(&transaction), at(100)).unwrap();
        storage.commit(ended.change.and(failed.unwrap().change)).await.unwrap();
        storage
    }

    #[tokio::test]
    async fn every_corruption_of_a_schedule_is_named() {
        for (is_run, sql, rule) in [
            (false, "SELECT 1", None),
            (true, "SELECT 1", None),
            (false, "DELETE FROM jobs", Some(Rule::JobQueued)),
            (false, "UPDATE payment_schedules SET body = '{}'", Some(Rule::RowReadable)),
            (
                true,
                "UPDATE payment_schedules SET body = replace(body, 'FAILED', 'SUCCEEDED')",
                Some(Rule::ScheduleFollows),
            ),
            (
                true,
                "UPDATE payment_schedules SET body = replace(body, '\"t1\"', '\"t2\"')",
                Some(Rule::ScheduleFollows),
            ),
            (
                true,
                "UPDATE attempts SET body = replace(body, '\"schedule-1\"', '\"schedule-2\"')",
                Some(Rule::ScheduleFollows),
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("paypier.db");
            let storage = stored(&DatabaseUrl::Sqlite(path.clone()), is_run).await;
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            let mut report = Report::new(10);
            all(&storage, &mut report).await.unwrap();
            let found: Vec<Rule> = report.differences.iter().map(|difference| difference.rule).collect();
            assert_eq!(found, rule.into_iter().collect::<Vec<_>>(), "{sql}\n{}", report.human());
        }
    }

    #[test]
    fn an_attempt_of_a_schedule_that_was_never_claimed_is_a_difference() {
        let sample = crate::http::v2::samples::schedule();
        let payment = crate::http::v2::samples::payments();
        let (_, view) = payment.iter().find(|(name, _)| name.starts_with("PAID, with")).unwrap();
        // The sample's rich attempt names the schedule, which has not been claimed.
        let found = difference(
            &Schedule {
                state: schedule::State::Revoked { at: at(0) },
                payment: view.payment.key.clone(),
                ..sample
            },
            Some(&view.payment),
        );
        assert_eq!(found.map(|found| found.rule), Some(Rule::ScheduleFollows));
    }
}
