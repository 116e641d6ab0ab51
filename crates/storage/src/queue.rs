//! The queue: due jobs and deliveries, claimed with a lease.
//!
//! A lease that ran out is claimable again, so that work of a process that died is done by the next
//! one. Due times are in the store's own time; what is compared with the real clock is the wake time,
//! which a moved test clock shifts.

use crate::engine::Query;
use crate::query::delivery::{self, COLUMNS as DELIVERY_COLUMNS};
use crate::query::texts;
use crate::row::{Row, Value, micros, text};
use crate::shape::job::Task as Shape;
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::channel::Environment;
use paypier_domain::delivery::Delivery;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, Task};

const JOB_COLUMNS: &str = "job_key, store_id, environment, due_at, runs, body";

/// No earlier delivery about the same subject to the same URL is still due.
const FIRST_OF_ITS_LANE: &str = "NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.store_id = d.store_id \
     AND e.lane = d.lane AND e.sequence < d.sequence AND e.url = d.url AND e.state = 'DUE')";

/// The URLs that something is due for, from one to the next: a long queue of one URL is passed over.
const DUE_URLS: &str = "WITH RECURSIVE u (url) AS \
     (SELECT (SELECT min(url) FROM deliveries WHERE state = 'DUE' AND lease_until = 0) \
      UNION ALL SELECT (SELECT min(n.url) FROM deliveries n WHERE n.state = 'DUE' AND n.lease_until = 0 AND n.url > u.url) \
      FROM u WHERE u.url IS NOT NULL)";

const LEASED_OF_URL: &str = "(SELECT count(*) FROM deliveries l WHERE l.lease_until > 0 AND l.url = u.url)";

texts! {
    RELEASE_ENDED_JOBS = "UPDATE jobs SET lease_until = 0 WHERE lease_until > 0 AND lease_until <= ?1";
    RELEASE_ENDED_DELIVERIES = "UPDATE deliveries SET lease_until = 0 WHERE lease_until > 0 AND lease_until <= ?1";
    RELEASE_JOBS = "UPDATE jobs SET lease_until = 0 WHERE lease_until > 0";
    RELEASE_DELIVERIES = "UPDATE deliveries SET lease_until = 0 WHERE lease_until > 0";
    MAKE_DUE = "UPDATE jobs SET due_at = due_at - (wake_at - ?2), wake_at = ?2 \
        WHERE kind = ?1 AND wake_at > ?2 AND lease_until = 0";
}

/// Connections of other processes; each names itself by its instance (`engine/postgres/access.rs`).
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND application_name LIKE 'paypier %' AND application_name <> ?1";

impl Storage {
    fn skip_locked(&self) -> &'static str {
        match self.engine.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Claims up to `limit` jobs that are due at `now` (real time) until `now + lease`. Of runs of
    /// schedules, which have a pace of their own, up to `schedules` are claimed beside them: after a
    /// standstill many are due at once, and a lease must not run while its job waits for others.
    pub async fn take_due_jobs(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
        schedules: u32,
    ) -> Result<Vec<Job>, ReadError> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let claim = |is: &str, limit: u32| {
            let sql = format!(
                "UPDATE jobs SET lease_until = ?2 WHERE job_key IN (SELECT job_key FROM jobs \
                 WHERE lease_until = 0 AND wake_at <= ?1 AND kind {is} ('{}', '{}') ORDER BY wake_at LIMIT {limit}{}) \
                 RETURNING {JOB_COLUMNS}",
                Task::RUN_SCHEDULE,
                Task::DEDUCT_CYCLE,
                self.skip_locked()
            );
            Query::scan("jobs", sql, vec![micros(now).into(), micros(until).into()])
        };
        let mut queries = vec![release_ended("jobs", RELEASE_ENDED_JOBS, now)];
        queries.extend((limit > 0).then(|| claim("NOT IN", limit)));
        queries.extend((schedules > 0).then(|| claim("IN", schedules)));
        let answers = self.engine.queue(queries).await?;
        let mut jobs: Vec<Job> = answers.into_iter().skip(1).flatten().map(job).collect::<Result<_, _>>()?;
        jobs.sort_by_key(|job| job.due_at);
        Ok(jobs)
    }

    /// Claims up to `limit` deliveries that are due at `now` (real time) until `now + lease`. A
    /// delivery waits while an earlier one about the same subject to the same URL is still due, and
    /// at most `per_url_limit` deliveries to one URL are leased at once (on PostgreSQL two instances
    /// that claim in the same moment may exceed it by what each took).
    pub async fn take_due_deliveries(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
        per_url_limit: u32,
    ) -> Result<Vec<Delivery>, ReadError> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        // Who has waited longest comes first, so that no URL hides another.
        let urls = format!(
            "{DUE_URLS} SELECT url, leased FROM (SELECT u.url AS url, {LEASED_OF_URL} AS leased, \
             (SELECT min(w.wake_at) FROM deliveries w WHERE w.state = 'DUE' AND w.lease_until = 0 AND w.url = u.url) AS wake \
             FROM u WHERE u.url IS NOT NULL) waiting WHERE wake <= ?1 AND leased < {per_url_limit} \
             ORDER BY wake, url LIMIT {limit}"
        );
        let mut answers = self
            .engine
            .queue(vec![
                release_ended("deliveries", RELEASE_ENDED_DELIVERIES, now),
                Query::scan("deliveries", urls, vec![micros(now).into()]),
            ])
            .await?;
        let mut waiting = Vec::new();
        for mut row in answers.pop().unwrap_or_default() {
            let url = row.text("url")?;
            waiting.push((url, u64::from(per_url_limit).saturating_sub(row.count("leased")?)));
        }
        let mut taken: Vec<Delivery> = Vec::new();
        let mut waiting = waiting.into_iter().peekable();
        while waiting.peek().is_some() {
            let mut room = u64::from(limit).saturating_sub(u64::try_from(taken.len()).unwrap_or(u64::MAX));
            // A round claims no more than there is room for, even when every URL uses up its part.
            let mut round = Vec::new();
            while room > 0
                && let Some((url, free)) = waiting.next()
            {
                let part = free.min(room);
                room = room.saturating_sub(part);
                let claim = format!(
                    "UPDATE deliveries SET lease_until = ?2 WHERE webhook_id IN (SELECT d.webhook_id FROM deliveries d \
                     WHERE d.url = ?3 AND d.state = 'DUE' AND d.lease_until = 0 AND d.wake_at <= ?1 AND {FIRST_OF_ITS_LANE} \
                     ORDER BY d.wake_at, d.webhook_id LIMIT {part}{}) RETURNING {DELIVERY_COLUMNS}",
                    self.skip_locked()
                );
                let values = vec![micros(now).into(), micros(until).into(), text(&url)];
                round.push(Query::scan("deliveries", claim, values));
            }
            if round.is_empty() {
                break;
            }
            for row in self.engine.queue(round).await?.into_iter().flatten() {
                taken.push(delivery::read(row)?);
            }
        }
        taken.sort_by(|a, b| (a.created_at, a.sequence, &a.id).cmp(&(b.created_at, b.sequence, &b.id)));
        Ok(taken)
    }

    /// The earliest real time at which something can be taken: a job's or delivery's wake time, or
    /// the end of a lease. Deliveries that wait for an earlier one, or whose URL has
    /// `per_url_limit` leased, do not count: what they wait for ends by a commit.
    pub async fn next_wake(&self, per_url_limit: u32) -> Result<Option<Timestamp>, ReadError> {
        let sql = format!(
            "{DUE_URLS} SELECT min(at) FROM (SELECT min(wake_at) AS at FROM jobs WHERE lease_until = 0 \
             UNION ALL SELECT min(lease_until) FROM jobs WHERE lease_until > 0 \
             UNION ALL SELECT min(lease_until) FROM deliveries WHERE lease_until > 0 \
             UNION ALL SELECT (SELECT d.wake_at FROM deliveries d WHERE d.url = u.url AND d.state = 'DUE' \
               AND d.lease_until = 0 AND {FIRST_OF_ITS_LANE} ORDER BY d.wake_at LIMIT 1) \
               FROM u WHERE u.url IS NOT NULL AND {LEASED_OF_URL} < {per_url_limit}) wakes"
        );
        earliest(self.engine.row(Query::scan("jobs", sql, Vec::new())).await?)
    }

    /// The earliest due time (store time) up to `until` among the store's TEST jobs and deliveries,
    /// leased ones included. Deliveries that wait for an earlier one do not count.
    pub async fn due_of_store(
        &self,
        store: &StoreId,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError> {
        let sql = format!(
            "SELECT min(at) FROM (SELECT min(due_at) AS at FROM jobs WHERE store_id = ?1 AND environment = 'TEST' \
               AND due_at <= ?2 \
             UNION ALL SELECT min(d.due_at) FROM deliveries d WHERE d.store_id = ?1 AND d.environment = 'TEST' \
               AND d.state = 'DUE' AND d.lease_until = 0 AND d.due_at <= ?2 AND {FIRST_OF_ITS_LANE} \
             UNION ALL SELECT min(d.due_at) FROM deliveries d WHERE d.store_id = ?1 AND d.environment = 'TEST' \
               AND d.lease_until > 0 AND d.due_at <= ?2) dues"
        );
        let values = vec![text(store.as_str()), micros(until).into()];
        earliest(self.engine.row(Query::scan("jobs", sql, values)).await?)
    }

    /// Whether another process has the database open at this moment, as far as the database tells. One
    /// that was killed counts until the database has noticed.
    pub async fn is_shared(&self) -> Result<bool, ReadError> {
        match self.engine.dialect() {
            // Whoever serves a file holds its lock.
            Dialect::Sqlite => Ok(false),
            Dialect::Postgres => {
                let values = vec![text(&format!("paypier {}", self.engine.instance()))];
                let mut row = self.engine.row(Query::point("pg_stat_activity", OTHERS, values)).await?;
                Ok(row.as_mut().map(|row| row.count("others")).transpose()?.unwrap_or(0) > 0)
            }
        }
    }

    /// Ends all leases. Right when this process is the only one, at its start.
    pub async fn release_all_leases(&self) -> Result<(), ReadError> {
        let release = |table: &'static str, sql: &'static str| Query::scan(table, sql, Vec::new());
        self.engine
            .queue(vec![release("jobs", RELEASE_JOBS), release("deliveries", RELEASE_DELIVERIES)])
            .await?;
        Ok(())
    }

    /// Makes all jobs of these kinds due at once: at `now` on the real clock. Their due times move by
    /// as much, so that a test clock that is moved later finds them due as well.
    pub async fn make_due_now(&self, kinds: &[&str], now: Timestamp) -> Result<(), ReadError> {
        let statements = kinds
            .iter()
            .map(|kind| Query::scan("jobs", MAKE_DUE, vec![text(kind), Value::from(micros(now))]))
            .collect();
        self.engine.queue(statements).await?;
        Ok(())
    }
}

fn release_ended(table: &'static str, sql: &'static str, now: Timestamp) -> Query {
    Query::scan(table, sql, vec![micros(now).into()])
}

fn earliest(row: Option<Row>) -> Result<Option<Timestamp>, ReadError> {
    match row {
        Some(mut row) => row.optional_at("wake_at"),
        None => Ok(None),
    }
}

fn job(mut row: Row) -> Result<Job, ReadError> {
    row.text("job_key")?;
    let store = StoreId::known(row.text("store_id")?);
    let environment = row.word("environment", Environment::parse)?;
    let due_at = row.at("due_at")?;
    let runs = row.small("runs")?;
    let shape: Shape<'static> = row.document("body")?;
    Ok(Job { task: shape.read(), store, environment, due_at, runs })
}
