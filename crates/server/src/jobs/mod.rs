//! The scheduler: sleeps until something is due, then runs it.
//!
//! Jobs and deliveries are rows that carry their due time; any instance may take one, under a lease.
//! A lease that runs out makes the work due again, so everything here is harmless when it runs twice.

mod cash_receipt;
mod counterparty;
mod found;
mod identity_verification;
pub mod outbox;
mod payment_link;
mod promotion;
mod resolve;
mod reverse;
mod schedule;
pub mod simulator;
mod subscription;

use crate::app::App;
use crate::app::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite, Task, wait_before_query};
use paypier_domain::notice::NoticeKind;
use paypier_storage::ReadError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long one job may take before another instance may try it. Above the longest call to a PSP.
const JOB_LEASE: SignedDuration = SignedDuration::from_secs(120);
const DELIVERY_LEASE: SignedDuration = SignedDuration::from_secs(90);
const JOBS_AT_ONCE: usize = 32;
/// Many, because a slow endpoint holds its places for as long as it is slow.
const DELIVERIES_AT_ONCE: usize = 512;
/// Deliveries to one URL at a time: a slow endpoint must not take all places.
const DELIVERIES_PER_URL: u32 = 4;
/// The scheduler looks at least this often: other instances write due work without ringing here.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// A running scheduler. Dropping it does not stop it; [`SchedulerHandle::stop`] does.
#[derive(Debug)]
pub struct SchedulerHandle {
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl SchedulerHandle {
    /// Takes no more work and waits for what is running.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// What is being worked on in this process, so that a moved clock can wait for it.
#[derive(Debug)]
pub struct Workers {
    jobs: Arc<Semaphore>,
    /// Schedules have places of their own: they hold them for as long as a PSP takes to charge.
    schedules: Arc<Semaphore>,
    deliveries: Arc<Semaphore>,
    running: Arc<AtomicUsize>,
    /// Pieces of work that ended, ever.
    ended: Arc<AtomicUsize>,
    idle: Arc<Notify>,
}

impl Workers {
    pub fn new(schedules_at_once: u32) -> Self {
        Self {
            jobs: Arc::new(Semaphore::new(JOBS_AT_ONCE)),
            schedules: Arc::new(Semaphore::new(usize::try_from(schedules_at_once.max(1)).unwrap_or(1))),
            deliveries: Arc::new(Semaphore::new(DELIVERIES_AT_ONCE)),
            running: Arc::new(AtomicUsize::new(0)),
            ended: Arc::new(AtomicUsize::new(0)),
            idle: Arc::new(Notify::new()),
        }
    }
}

/// Counts one piece of work for as long as it runs.
struct Running {
    running: Arc<AtomicUsize>,
    /// Only looking for work is no work that could have made more due.
    ended: Option<Arc<AtomicUsize>>,
    idle: Arc<Notify>,
}

impl Workers {
    fn start(&self) -> Running {
        self.running.fetch_add(1, Ordering::AcqRel);
        Running { running: self.running.clone(), ended: Some(self.ended.clone()), idle: self.idle.clone() }
    }

    fn look_for_work(&self) -> Running {
        self.running.fetch_add(1, Ordering::AcqRel);
        Running { running: self.running.clone(), ended: None, idle: self.idle.clone() }
    }

    /// Says whether there was anything to wait for. Waits no longer than `until`.
    async fn wait_until_idle(&self, until: Option<Instant>) -> bool {
        let mut has_waited = false;
        loop {
            let idle = self.idle.notified();
            if self.running.load(Ordering::Acquire) == 0 {
                return has_waited;
            }
            has_waited = true;
            match until {
                None => idle.await,
                Some(until) => {
                    if timeout_at(until, idle).await.is_err() {
                        return has_waited;
                    }
                }
            }
        }
    }
}

/// A place among the workers, taken before the work is started, so that no more is claimed than can
/// be started: a lease that runs while its work queues is lost.
enum Place {
    Taken(OwnedSemaphorePermit),
    /// A moved clock runs beside the scheduler, and the two may claim the last place together.
    Queued(Arc<Semaphore>),
}

impl Place {
    fn taken(places: &Arc<Semaphore>) -> Self {
        match places.clone().try_acquire_owned() {
            Ok(permit) => Self::Taken(permit),
            Err(_) => Self::Queued(places.clone()),
        }
    }

    async fn permit(self) -> Option<OwnedSemaphorePermit> {
        match self {
            Self::Taken(permit) => Some(permit),
            Self::Queued(places) => places.acquire_owned().await.ok(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(ended) = &self.ended {
            ended.fetch_add(1, Ordering::AcqRel);
        }
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.idle.notify_waiters();
        }
    }
}

/// The jobs that end what a process left open when it died.
const RECOVERY: [&str; 9] = [
    "resolve_attempt",
    "resolve_cancellation",
    "resolve_capture",
    "resolve_closing",
    "resolve_delivery",
    "resolve_issuance",
    "end_confirming",
    "resolve_cash_receipt",
    "resolve_identity_verification",
];

/// Makes everything that an earlier process left open due at once. Right only when this process is
/// the only one: elsewhere a job's own due time and the leases see to it.
///
/// # Errors
/// The database cannot be written.
pub async fn recover(app: &App) -> Result<(), ReadError> {
    app.storage.release_all_leases().await?;
    app.storage.make_due_now(&RECOVERY, app.clock.now()).await
}

/// Starts the scheduler of this process.
pub fn start(app: App) -> SchedulerHandle {
    let stop = CancellationToken::new();
    let tracker = TaskTracker::new();
    let handle = SchedulerHandle { stop: stop.clone(), tracker: tracker.clone() };
    tracker.clone().spawn(async move {
        while !stop.is_cancelled() {
            let taken = take_and_run(&app, &tracker).await;
            if taken > 0 {
                continue;
            }
            let sleep = until_next(&app).await;
            // The order is fixed so that a simulation repeats itself; the scheduler does not care.
            tokio::select! {
                biased;
                () = tokio::time::sleep(sleep) => {}
                () = app.bell.notified() => {}
                () = stop.cancelled() => {}
            }
        }
    });
    handle
}

async fn until_next(app: &App) -> Duration {
    match app.storage.next_wake(DELIVERIES_PER_URL).await {
        Ok(Some(at)) => {
            let wait = at.duration_since(app.clock.now()).max(SignedDuration::from_millis(1));
            Duration::try_from(wait).unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
        }
        Ok(None) | Err(_) => LONGEST_SLEEP,
    }
}

/// Takes what is due and starts it; says how much was taken.
async fn take_and_run(app: &App, tracker: &TaskTracker) -> usize {
    let now = app.clock.now();
    let workers = &app.workers;
    // What is taken is neither due nor running for a moment; whoever waits must not miss it.
    let _taking = workers.look_for_work();
    let mut taken = 0usize;
    let free = |places: &Semaphore| u32::try_from(places.available_permits()).unwrap_or(u32::MAX);
    let (free_jobs, free_schedules) = (free(&workers.jobs), free(&workers.schedules));
    if free_jobs > 0 || free_schedules > 0 {
        match app.storage.take_due_jobs(now, JOB_LEASE, free_jobs, free_schedules).await {
            Ok(jobs) => {
                for job in jobs {
                    taken = taken.saturating_add(1);
                    let running = workers.start();
                    let places = match job.task {
                        Task::RunSchedule { .. } | Task::DeductCycle { .. } => &workers.schedules,
                        _ => &workers.jobs,
                    };
                    let place = Place::taken(places);
                    let app = app.clone();
                    tracker.spawn(async move {
                        let _permit = place.permit().await;
                        run(&app, job).await;
                        drop(running);
                        app.bell.notify_one();
                    });
                }
            }
            Err(error) => tracing::warn!(%error, "due jobs could not be taken"),
        }
    }
    let free_deliveries = u32::try_from(workers.deliveries.available_permits()).unwrap_or(u32::MAX);
    if free_deliveries > 0 {
        match app.storage.take_due_deliveries(now, DELIVERY_LEASE, free_deliveries, DELIVERIES_PER_URL).await
        {
            Ok(deliveries) => {
                for delivery in deliveries {
                    taken = taken.saturating_add(1);
                    let running = workers.start();
                    let place = Place::taken(&workers.deliveries);
                    let app = app.clone();
                    tracker.spawn(async move {
                        let _permit = place.permit().await;
                        outbox::deliver(&app, delivery).await;
                        drop(running);
                        app.bell.notify_one();
                    });
                }
            }
            Err(error) => tracing::warn!(%error, "due deliveries could not be taken"),
        }
    }
    taken
}

impl App {
    /// Runs everything that is due now, and what that makes due, and waits until it has run.
    pub async fn run_due_work(&self) {
        self.run_work(None).await;
    }

    /// The same, for a while: where new work never stops coming, there is no moment without any. Says
    /// whether there was one. What was taken goes on in any case.
    pub async fn run_due_work_for(&self, patience: Duration) -> bool {
        self.run_work(Instant::now().checked_add(patience)).await
    }

    async fn run_work(&self, until: Option<Instant>) -> bool {
        let tracker = TaskTracker::new();
        loop {
            let ended = self.workers.ended.load(Ordering::Acquire);
            let taken = take_and_run(self, &tracker).await;
            // Work that the scheduler had taken may have made more due, also when it ended before we
            // came to wait for it.
            let has_waited = self.workers.wait_until_idle(until).await;
            let is_idle = taken == 0 && !has_waited && ended == self.workers.ended.load(Ordering::Acquire);
            if is_idle || until.is_some_and(|until| Instant::now() >= until) {
                return is_idle;
            }
        }
    }
}

/// Runs one job. When it fails, or leaves itself queued without a later time, it is queued again
/// with back-off: a lease alone would make it wait for its end.
async fn run(app: &App, job: Job) {
    let kind = job.task.kind();
    catch_up(app, &job.store, job.environment, job.due_at).await;
    let result = match &job.task {
        Task::ResolveAttempt { payment, transaction } => {
            resolve::attempt(app, &job, payment, transaction).await
        }
        Task::ResolveCancellation { payment, cancellation } => {
            resolve::cancellation(app, &job, payment, cancellation).await
        }
        Task::ResolveCapture { payment, transaction } => {
            resolve::capture(app, &job, payment, transaction).await
        }
        Task::ResolveClosing { payment, transaction } => {
            resolve::closing(app, &job, payment, transaction).await
        }
        Task::ResolveDelivery { payment, transaction } => {
            resolve::delivery(app, &job, payment, transaction).await
        }
        Task::ResolveIssuance { key } => resolve::issuance(app, key).await,
        Task::ResolveCashReceipt { payment, receipt } => {
            cash_receipt::resolve(app, &job, payment, receipt).await
        }
        Task::IssueWantedCashReceipt { payment, transaction } => {
            cash_receipt::issue_wanted(app, &job, payment, transaction).await
        }
        Task::WithdrawCashReceipt { payment } => cash_receipt::withdraw(app, &job, payment).await,
        Task::ResolveIdentityVerification { store, tx } => {
            identity_verification::resolve(app, &job, store, tx).await
        }
        Task::ResolveCounterparty { platform, partner } => {
            counterparty::resolve(app, &job, platform, partner).await
        }
        Task::ReverseCharge { payment, transaction } => reverse::charge(app, payment, transaction).await,
        Task::CancelLate { payment, transaction } => reverse::cancel_late(app, payment, transaction).await,
        Task::LookAgain { payment, transaction, prompt: _ } => {
            resolve::again(app, &job, payment, transaction).await
        }
        Task::RunSchedule { schedule } => schedule::run(app, &job, schedule).await,
        Task::ReleasePromotion { payment, transaction } => {
            promotion::release(app, payment, transaction).await
        }
        Task::ExpireOrder { payment, transaction } => app.expire_order(payment, transaction).await.map(later),
        Task::SendLink { link } => payment_link::notify(app, link, NoticeKind::Invitation).await,
        Task::RemindOfLink { link } => payment_link::notify(app, link, NoticeKind::Reminder).await,
        Task::ExpireLink { link } => payment_link::expire(app, &job, link).await,
        Task::SimulatorNotification { id } => simulator::notify(app, &job, id).await,
        Task::DeductCycle { subscription } => subscription::deduct(app, &job, subscription).await,
        Task::SendSubscription { subscription } => subscription::send(app, &job, subscription).await,
        Task::ExpireSubscription { subscription } => subscription::expire(app, &job, subscription).await,
        Task::ReleaseSubscriptionKey { subscription, key } => {
            subscription::release(app, &job, subscription, key).await
        }
        Task::EndConfirming { window } => app.give_up_confirming(window).await.map(|()| Next::Done),
        Task::PlatformDay { store, environment, day: _ } => {
            app.run_platform_day(store, *environment).await.map(|()| Next::Done)
        }
        Task::ExecuteBulkPayout { store, environment, bulk } => {
            app.run_reserved_bulk(store, *environment, bulk).await.map(later)
        }
        Task::Remit { store, environment, transfer } => {
            app.run_remittance(store, *environment, transfer).await.map(later)
        }
        Task::Purge => purge(app).await,
    };
    let (word, after) = match result {
        Ok(Next::Done) => ("done", Some(JobWrite::Done(job.task.key()))),
        Ok(Next::Queued) => ("queued", None),
        Ok(Next::Later(wait)) => ("later", Some(again(app, &job, wait).await)),
        Err(error) => {
            tracing::warn!(job = kind, key = job.task.key(), ?error, "a job failed and will run again");
            ("failed", Some(again(app, &job, wait_before_query(job.runs)).await))
        }
    };
    metrics::counter!("paypier_jobs_run_total", "kind" => kind, "result" => word).increment(1);
    let Some(after) = after else { return };
    let change = Change { jobs: vec![after], clock_offset: offset(app, &job).await, ..Change::default() };
    if let Err(error) = app.commit_with(&Ticket::none(), change).await {
        tracing::warn!(job = kind, %error, "the end of a job could not be recorded; its lease will end");
    }
}

/// Work that is due before its time shows that another instance has moved the store's test clock, and
/// that what we know of the store is older. Done by the old clock, it would find that nothing has
/// happened yet, and be over.
pub(super) async fn catch_up(app: &App, store: &StoreId, environment: Environment, due_at: Timestamp) {
    if environment != Environment::Test {
        return;
    }
    // Where the store cannot be read, the work itself says so.
    if let Ok(Some(profile)) = app.directory.store(app, store).await
        && app.now(&profile, environment) < due_at
    {
        app.directory.forget();
    }
}

/// How far the clock of the job's data runs ahead of the real one.
async fn offset(app: &App, job: &Job) -> SignedDuration {
    match app.directory.store(app, &job.store).await {
        Ok(Some(profile)) if job.environment == Environment::Test => profile.store.test_clock_offset,
        Ok(_) | Err(_) => SignedDuration::ZERO,
    }
}

async fn again(app: &App, job: &Job, wait: SignedDuration) -> JobWrite {
    let now = app.clock.now().checked_add(offset(app, job).await).unwrap_or(Timestamp::MAX);
    JobWrite::PutOff(Job {
        due_at: now.checked_add(wait).unwrap_or(Timestamp::MAX),
        runs: job.runs.saturating_add(1),
        ..job.clone()
    })
}

/// What becomes of a job that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing is left to do.
    Done,
    /// The job's own commit removed it or gave it its next time.
    Queued,
    /// Again after this long.
    Later(SignedDuration),
}

/// A job that says itself when it is to run again.
fn later(again: Option<SignedDuration>) -> Next {
    again.map_or(Next::Done, Next::Later)
}

/// Safe to repeat: it only removes what is past its time.
async fn purge(app: &App) -> Result<Next, crate::app::failure::Failure> {
    let now = app.clock.now();
    let lifetime = SignedDuration::try_from(app.policy.idempotency_lifetime)
        .unwrap_or(SignedDuration::from_hours(24 * 30));
    let mut change = Change::default();
    change.writes.push(Write::Purge {
        claims_before: now.checked_sub(lifetime).unwrap_or(Timestamp::MIN),
        tokens_before: now,
    });
    app.commit_with(&Ticket::none(), change).await?;
    Ok(Next::Later(SignedDuration::from_hours(1)))
}
