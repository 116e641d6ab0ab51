//! The world: carries out a plan, watches the laws, and brings everything to rest in the end.

mod adversity;
mod calm;
mod calm_globally;
mod global;
mod judge;
mod look;
mod platform;

use crate::dice::Dice;
use crate::ground::{Finding, Ground, Mood, locked, pass};
use crate::model::{Answered, Keys, Known, Markets, Moment, Payments, Schedules};
use crate::office;
use crate::operations::{About, Ask, OPERATIONS, Scene};
use crate::process::{Process, Settings};
use crate::step::{Deed, Plan, Step};
use anyhow::Context;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::BodyExt;
use paypier::clock::Clock;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::LocalSet;
use tokio::time::timeout;
use tower::ServiceExt;

/// Where runs take place: a folder on a RAM disk, and the database that each begins with.
#[derive(Debug)]
pub struct Town {
    folder: TempDir,
    template: Vec<u8>,
}

impl Town {
    /// # Errors
    /// The folder cannot be written to.
    pub fn new() -> anyhow::Result<Self> {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::Builder::new().prefix("paypier-simulation-").tempdir_in(memory)
        } else {
            tempfile::Builder::new().prefix("paypier-simulation-").tempdir()
        };
        let folder = folder.context("no folder for the databases can be made")?;
        let template = office::prepared(folder.path())?;
        Ok(Self { folder, template })
    }

    /// A folder with a database in which everybody has moved in and nothing has happened.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn house(&self) -> anyhow::Result<(TempDir, PathBuf)> {
        let folder = tempfile::tempdir_in(self.folder.path()).context("no folder can be made")?;
        let path = folder.path().join("paypier.db");
        std::fs::write(&path, &self.template).context("the template cannot be copied")?;
        Ok((folder, path))
    }

    /// Carries out a plan.
    ///
    /// # Errors
    /// What was found, with the record of the run when `keeps_lines`.
    pub fn run(&self, plan: &Plan, keeps_lines: bool) -> Result<Report, Box<Failure>> {
        let ground = Ground::new(plan.seed, keeps_lines);
        let unfit = |error: &dyn std::fmt::Display| Finding::new("the simulation works", error.to_string());
        let (folder, path) = match self.house() {
            Ok(house) => house,
            Err(error) => return Err(Failure::of(&ground, plan, 0, unfit(&error))),
        };
        let mut world = World::new(ground.clone(), path, plan);
        let log = look::Log::default();
        let ended = tracing::subscriber::with_default(log.subscriber(), || world.run());
        let ended = ended.and_then(|()| world.search_for_secrets(&log.bytes(), folder.path()));
        match ended {
            Ok(()) => Ok(world.report()),
            Err(finding) => Err(Failure::of(&ground, plan, world.step, finding)),
        }
    }
}

/// A run in which no law was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub seed: u64,
    pub steps: u64,
    /// By operation and status; status 0 is a caller who was not answered.
    pub answers: BTreeMap<(&'static str, u16), u64>,
    pub kills: u64,
    pub messages: u64,
    pub virtual_seconds: u64,
    pub digest: u64,
    /// The record of the run, when it was to be kept.
    pub lines: Vec<String>,
}

/// A run in which a law was broken.
#[derive(Debug, Clone)]
pub struct Failure {
    pub seed: u64,
    pub finding: Finding,
    /// The step after which it was seen.
    pub step: u32,
    pub lines: Vec<String>,
    pub digest: u64,
}

impl Failure {
    fn of(ground: &Ground, plan: &Plan, step: u32, finding: Finding) -> Box<Self> {
        Box::new(Self {
            seed: plan.seed,
            finding,
            step,
            lines: ground.trace.lines(),
            digest: ground.trace.digest(),
        })
    }
}

/// Why a process ended.
enum End {
    Killed,
    Done,
}

#[derive(Debug)]
struct World<'p> {
    ground: Arc<Ground>,
    path: PathBuf,
    plan: &'p Plan,
    settings: Settings,
    /// The index of the next step.
    next: usize,
    step: u32,
    process: Option<Process>,
    known: Known,
    keys: Keys,
    payments: Payments,
    schedules: Schedules,
    globally: global::Globally,
    markets: Markets,
    /// Requests without an answer, by their number.
    outstanding: BTreeMap<u64, Sent>,
    asked: u64,
    mailbox: Arc<Mailbox>,
    touched: BTreeSet<crate::operations::Payment>,
    /// Merchants whose settlement platform may have changed.
    touched_markets: BTreeSet<&'static str>,
    /// Until which step the disk fails; how often it has failed.
    disk_fails_until: Option<u32>,
    disk_failures: u64,
    /// A failure that was ordered for the next write may wait for it until then, in time that really
    /// passes; the scheduler writes every second.
    disk_is_doubtful_until: Duration,
    /// Somebody has set the machine's clock back, and what is listed by time is out of order.
    clock_went_back: bool,
    answers: BTreeMap<(&'static str, u16), u64>,
    kills: u64,
}

/// A request on its way.
#[derive(Debug)]
struct Sent {
    ask: Ask,
    /// How often the disk had failed before; `None` when it failed at the time.
    disk: Option<u64>,
    /// The payment that it is about was known to be paid when it was sent.
    was_acknowledged: bool,
}

/// The number of a request and its answer, status and body; `None` when nobody answered.
type Letter = (u64, Option<(u16, Bytes)>);

/// Where answers arrive.
#[derive(Debug, Default)]
struct Mailbox(Mutex<Vec<Letter>>);

/// More requests are not under way at once; whoever comes then waits for others to be answered.
const MOST_AT_ONCE: usize = 14;

impl<'p> World<'p> {
    fn new(ground: Arc<Ground>, path: PathBuf, plan: &'p Plan) -> Self {
        let mut dice = Dice::for_purpose(plan.seed, 5);
        // Half of all worlds are patient as production is; the others have less time to lose.
        let settings = if dice.happens(300) {
            Settings::default()
        } else {
            Settings {
                read_timeout: Duration::from_millis(900),
                caller_patience: Duration::from_secs(dice.between(2, 8)),
            }
        };
        Self {
            ground,
            path,
            plan,
            settings,
            next: 0,
            step: 0,
            process: None,
            known: Known::default(),
            keys: Keys::default(),
            payments: Payments::default(),
            schedules: Schedules::default(),
            globally: global::Globally::default(),
            markets: Markets::default(),
            outstanding: BTreeMap::new(),
            asked: 0,
            mailbox: Arc::default(),
            touched: BTreeSet::new(),
            touched_markets: BTreeSet::new(),
            disk_fails_until: None,
            disk_failures: 0,
            disk_is_doubtful_until: Duration::ZERO,
            clock_went_back: false,
            answers: BTreeMap::new(),
            kills: 0,
        }
    }

    fn report(&self) -> Report {
        Report {
            seed: self.plan.seed,
            steps: u64::try_from(self.plan.steps.len()).unwrap_or(u64::MAX),
            answers: self.answers.clone(),
            kills: self.kills,
            messages: self.ground.post.count(),
            virtual_seconds: self.ground.clock.passed().as_secs(),
            digest: self.ground.trace.digest(),
            lines: self.ground.trace.lines(),
        }
    }

    /// One process after the other, until the plan is carried out and everything is at rest.
    fn run(&mut self) -> Result<(), Finding> {
        loop {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .map_err(|error| Finding::new("the simulation works", error.to_string()))?;
            let local = LocalSet::new();
            let ground = self.ground.clone();
            let end = runtime.block_on(local.run_until(async {
                ground.clock.start();
                let end = tokio::select! {
                    biased;
                    () = ground.power.death() => Ok(End::Killed),
                    lived = self.live() => lived.map(|()| End::Done),
                };
                ground.clock.stop();
                end
            }));
            // From here nothing that is dropped can reach anything.
            ground.power.cut();
            drop(local);
            drop(runtime);
            self.process = None;
            match end? {
                End::Done => return Ok(()),
                End::Killed => self.died(),
            }
        }
    }

    fn died(&mut self) {
        self.ground.traffic.clock_moves(false);
        self.kills = self.kills.saturating_add(1);
        locked(&self.mailbox.0).clear();
        for sent in std::mem::take(&mut self.outstanding).into_values() {
            self.touched.extend(sent.ask.about.payment().cloned());
            self.touched_globally(&sent.ask);
            self.touched_markets.extend(sent.ask.about.market());
            self.count(&sent.ask, 0);
        }
        let mut dice = Dice::for_purpose(self.plan.seed ^ self.kills, 6);
        let away = match dice.below(4) {
            0 => dice.millis(0, 100),
            1 | 2 => dice.millis(100, 3_000),
            _ => dice.millis(3_000, 900_000),
        };
        self.ground.trace.say(format!("killed; starts again after {} ms", away.as_millis()));
        self.ground.clock.stands_for(away);
        self.ground.power.restore();
        // A machine that is started again has been looked after.
        self.disk_is_fine();
    }

    async fn live(&mut self) -> Result<(), Finding> {
        let mut started = Process::start(&self.ground, &self.path, &self.settings).await;
        if started.is_err() && self.disk_failures > 0 {
            // Whoever starts it looks after the disk and tries again.
            started = Process::start(&self.ground, &self.path, &self.settings).await;
        }
        let process =
            started.map_err(|error| Finding::new("the server starts again", format!("{error:#}")))?;
        self.process = Some(process);
        self.look_at_touched().await?;
        self.look_at_markets(Moment::Busy).await?;
        while let Some(step) = self.plan.steps.get(self.next).copied() {
            self.next = self.next.saturating_add(1);
            self.step = step.number;
            self.ground.reseed(step.seed);
            if self.disk_fails_until.is_some_and(|until| step.number >= until) {
                self.disk_is_fine();
            }
            self.carry_out(step).await?;
            self.take_answers()?;
            self.look_at_touched().await?;
            self.look_at_markets(Moment::Busy).await?;
        }
        self.come_to_rest().await
    }

    async fn carry_out(&mut self, step: Step) -> Result<(), Finding> {
        let mut dice = Dice::for_purpose(step.seed, 7);
        match step.deed {
            Deed::Ask(index) => {
                if let Some(ask) = self.imagined(index, step) {
                    self.asks(ask, 1, &mut dice).await?;
                }
            }
            Deed::Crowd(index) => {
                if let Some(ask) = self.imagined(index, step) {
                    let many = dice.between(2, 6);
                    self.asks(ask, many, &mut dice).await?;
                }
            }
            Deed::Repeat => {
                if let Some(ask) = recent(&self.keys.repeatable(), &mut dice).cloned() {
                    self.asks(ask, 1, &mut dice).await?;
                }
            }
            Deed::Misuse => {
                if let Some(ask) = recent(&self.keys.repeatable(), &mut dice).cloned() {
                    self.asks(misused(ask), 1, &mut dice).await?;
                }
            }
            Deed::Overhear => self.overhear(&mut dice).await?,
            Deed::Weather => {
                let weather = adversity::weather(&mut dice);
                self.ground.trace.say(format!("{}: {weather:?}", step.number));
                self.ground.traffic.set_weather(weather);
            }
            Deed::Endpoint => self.endpoint(step, &mut dice),
            Deed::Mood => {
                let mood = match dice.below(4) {
                    0 => Mood::default(),
                    1 => Mood { turns: 300, sleeps: 0, longest_ms: 0 },
                    2 => Mood { turns: 200, sleeps: 30, longest_ms: 8 },
                    _ => Mood { turns: 100, sleeps: 60, longest_ms: 40 },
                };
                self.ground.trace.say(format!("{}: {mood:?}", step.number));
                self.ground.set_mood(mood);
            }
            Deed::Disk => self.disk_fails(step, &mut dice),
            Deed::SetClock => self.set_clock(step, &mut dice).await?,
            Deed::Fuse(spot, passes) => {
                self.ground.trace.say(format!("{}: dies at {spot:?} after {passes}", step.number));
                self.ground.power.lay_fuse(spot, passes);
            }
            Deed::PullPlug => {
                self.ground.trace.say(format!("{}: the plug is pulled", step.number));
                self.ground.power.cut();
                // The end of this future is up to whoever watches the power.
                std::future::pending::<()>().await;
            }
            Deed::Rest => {
                let time = match dice.below(10) {
                    0 => dice.millis(1_000, 20_000),
                    1 | 2 => dice.millis(100, 2_000),
                    _ => dice.millis(1, 100),
                };
                self.ground.trace.say(format!("{}: {} ms pass", step.number, time.as_millis()));
                pass(time).await;
            }
            Deed::Audit => self.audit(look::Audit::Running).await?,
        }
        Ok(())
    }

    fn imagined(&self, index: usize, step: Step) -> Option<Ask> {
        let operation = OPERATIONS.get(index)?;
        let mut scene = Scene::new(step.seed, step.number, self.ground.clock.now(), &self.known);
        let ask = (operation.imagine)(&mut scene)?;
        // Some ask for what has to be there first, and say so.
        let name = if ask.operation.is_empty() { operation.name } else { ask.operation };
        Some(Ask { operation: name, ..ask })
    }

    /// So many callers send the same request, and somebody waits for the answer or does not.
    async fn asks(&mut self, ask: Ask, many: u64, dice: &mut Dice) -> Result<(), Finding> {
        let is_clock = matches!(ask.about, About::MoveClock { .. });
        if is_clock {
            self.until_nothing_is_under_way().await?;
            self.ground.traffic.clock_moves(true);
        }
        for _ in 0..many {
            self.send(ask.clone());
            if many > 1 && dice.happens(300) {
                pass(dice.millis(0, 15)).await;
            }
        }
        if is_clock {
            // A second move beside the first would only be one of them.
            let ended = self.until_at_most(0).await;
            self.ground.traffic.clock_moves(false);
            return ended;
        }
        match dice.below(10) {
            0..=3 => self.until_at_most(0).await,
            4..=6 => {
                pass(dice.millis(1, 30)).await;
                self.until_at_most(MOST_AT_ONCE).await
            }
            _ => self.until_at_most(MOST_AT_ONCE).await,
        }
    }

    fn send(&mut self, ask: Ask) {
        self.is_asked_globally(&ask);
        let Some(process) = &self.process else { return };
        self.asked = self.asked.saturating_add(1);
        let number = self.asked;
        self.ground.trace.say(format!(
            "{}: #{number} {} {} {} {}",
            self.step,
            ask.operation,
            ask.method,
            ask.path,
            ask.key.as_ref().map_or("", |(_, key)| key)
        ));
        self.ground.trace.bytes(&ask.body);
        self.keys.asked(&ask, self.ground.clock.now());
        if let Some(payment) = ask.about.payment() {
            self.payments.meet(payment);
            if matches!(ask.about, About::Resend { .. }) {
                self.ground.post.expect_any_order(&payment.to_string());
            }
        }
        let mut was_acknowledged = ask.about.payment().is_some_and(|p| self.payments.is_acknowledged(p));
        if let About::Platform(deal) = &ask.about {
            let market = self.markets.of(deal.merchant);
            market.asked(deal, &ask);
            was_acknowledged = market.is_acknowledged(deal);
        }
        if ask.about == About::Replay {
            self.ground.post.expect_any_order_at_all();
        }
        let is_doubtful = self.ground.clock.passed() < self.disk_is_doubtful_until;
        let disk = (self.disk_fails_until.is_none() && !is_doubtful).then_some(self.disk_failures);
        let client =
            client(process.router.clone(), ask.clone(), number, self.mailbox.clone(), self.ground.clone());
        self.outstanding.insert(number, Sent { ask, disk, was_acknowledged });
        tokio::spawn(client);
    }

    /// Waits until so few requests are without an answer.
    async fn until_at_most(&mut self, count: usize) -> Result<(), Finding> {
        let mut waits = 0u32;
        self.take_answers()?;
        while self.outstanding.len() > count {
            waits = waits.saturating_add(1);
            // Callers hang up some time, so this ends.
            pass(if waits < 20 { Duration::from_millis(5) } else { Duration::from_millis(250) }).await;
            self.take_answers()?;
        }
        Ok(())
    }

    async fn until_nothing_is_under_way(&mut self) -> Result<(), Finding> {
        self.until_at_most(0).await?;
        let mut looks = 0u32;
        while self.ground.traffic.is_anything_under_way() {
            looks = looks.saturating_add(1);
            if looks > 12_000 {
                return Err(Finding::new(
                    "every request arrives or is lost",
                    "one was under way for ten minutes",
                ));
            }
            pass(Duration::from_millis(50)).await;
        }
        self.take_answers()
    }

    fn count(&mut self, ask: &Ask, status: u16) {
        let count = self.answers.entry((ask.operation, status)).or_default();
        *count = count.saturating_add(1);
    }

    fn take_answers(&mut self) -> Result<(), Finding> {
        let answers = std::mem::take(&mut *locked(&self.mailbox.0));
        for (number, answer) in answers {
            let Some(Sent { ask, disk, was_acknowledged }) = self.outstanding.remove(&number) else {
                continue;
            };
            self.touched.extend(ask.about.payment().cloned());
            self.touched_globally(&ask);
            self.touched_markets.extend(ask.about.market());
            let Some((status, bytes)) = answer else {
                self.ground.trace.say(format!("  #{number} hung up"));
                self.count(&ask, 0);
                continue;
            };
            self.ground.trace.say(format!("  #{number} {status} {}", String::from_utf8_lossy(&bytes)));
            self.count(&ask, status);
            look::has_no_secret(&bytes)?;
            let body = serde_json::from_slice(&bytes).unwrap_or_default();
            let disk_was_fine = self.disk_fails_until.is_none()
                && disk.is_some_and(|failures| failures == self.disk_failures);
            self.judge(&Answered { ask, status, bytes, body, disk_was_fine, was_acknowledged })?;
        }
        self.take_told();
        self.ground.take_finding().map_or(Ok(()), Err)
    }
}

/// Where a page of the walk through events ends, and what is on it.
pub(crate) fn page_of_events(page: &Value) -> (Option<String>, Vec<String>) {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let next = items.last().and_then(|item| item["cursor"].as_str()).map(str::to_owned);
    (next, items.iter().map(|item| item["paymentEvent"]["id"].to_string()).collect())
}

/// The same of the event feed, whose items are messages.
pub(crate) fn page_of_feed(page: &Value) -> (Option<String>, Vec<String>) {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let next = page["next"].as_str().map(str::to_owned);
    (next, items.iter().map(|item| item["id"].to_string()).collect())
}

/// One caller: sends, waits as long as it likes, and reads to the end.
async fn client(router: axum::Router, ask: Ask, number: u64, mailbox: Arc<Mailbox>, ground: Arc<Ground>) {
    let answer = timeout(ask.patience, answer(router, &ask)).await.ok().flatten();
    // A dead process has closed its connections.
    if !ground.power.is_dead() {
        locked(&mailbox.0).push((number, answer));
    }
}

pub(crate) async fn answer(router: axum::Router, ask: &Ask) -> Option<(u16, Bytes)> {
    let mut request = Request::builder().method(ask.method.clone()).uri(&ask.path);
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let mut request = request.body(Body::from(ask.body.clone())).ok()?;
    let peer = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)), 40_000);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await.ok()?;
    let status = response.status().as_u16();
    let leads_to = response.headers().get(http::header::LOCATION).cloned();
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    // A redirect says nothing but where it leads.
    Some((status, leads_to.map_or(bytes, |to| Bytes::copy_from_slice(to.as_bytes()))))
}

/// One of the latest.
fn recent<'a>(asks: &[&'a Ask], dice: &mut Dice) -> Option<&'a Ask> {
    let from = asks.len().saturating_sub(25);
    dice.pick(asks.get(from..)?).copied()
}

/// The same key with another body.
fn misused(mut ask: Ask) -> Ask {
    let mut body = ask.body.to_vec();
    body.push(b'\n');
    ask.body = Bytes::from(body);
    ask
}
