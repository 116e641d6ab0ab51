//! `simulate`: runs the simulation for as many seeds as wanted, and tells the story of each mistake.

use clap::Parser;
use paypier_simulation::{Plan, Report, Town, shrink};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

// The simulation allocates as the server does, and should be measured with the server's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulates the whole server in virtual time, under seeded faults.
///
/// A run is decided by its seed and number of steps alone. When a law is broken, steps are left out
/// for as long as it still is; what is left is printed with the command that repeats it.
#[derive(Debug, Parser)]
#[command(name = "simulate", version)]
struct Arguments {
    /// One seed to run.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Seeds to run, the last one not included.
    #[arg(long, value_name = "FROM..TO", value_parser = range, default_value = "0..100")]
    seeds: (u64, u64),
    /// Steps of each run.
    #[arg(long, default_value_t = 500)]
    steps: u32,
    /// Runs at the same time, each in a thread of its own.
    #[arg(long, default_value_t = 1)]
    jobs: u16,
    /// Only the steps with these numbers, as a shrunk failure names them.
    #[arg(long, value_name = "N,N,…", value_delimiter = ',')]
    only: Option<Vec<u32>>,
    /// Prints the record of each run.
    #[arg(long)]
    trace: bool,
    /// Does not make a failing plan small.
    #[arg(long)]
    no_shrink: bool,
    /// Goes on after a failure.
    #[arg(long)]
    keep_going: bool,
    /// Prints how often each operation was answered with what.
    #[arg(long)]
    stats: bool,
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let (from, to) = text.split_once("..").ok_or("a range is FROM..TO")?;
    let number = |part: &str| part.parse::<u64>().map_err(|error| error.to_string());
    Ok((number(from)?, number(to)?))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stderr, reason = "progress is for whoever waits at the terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}

#[expect(clippy::print_stdout, reason = "the result of the command")]
fn tell(line: &str) {
    println!("{line}");
}

#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    steps: u64,
    kills: u64,
    messages: u64,
    virtual_seconds: u64,
    answers: BTreeMap<(&'static str, u16), u64>,
}

impl Tally {
    fn add(&mut self, report: &Report) {
        self.passed = self.passed.saturating_add(1);
        self.steps = self.steps.saturating_add(report.steps);
        self.kills = self.kills.saturating_add(report.kills);
        self.messages = self.messages.saturating_add(report.messages);
        self.virtual_seconds = self.virtual_seconds.saturating_add(report.virtual_seconds);
        for (key, count) in &report.answers {
            let sum = self.answers.entry(*key).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

/// How many seeds failed.
fn run(arguments: &Arguments) -> anyhow::Result<u64> {
    let town = Town::new()?;
    let (from, to) = arguments.seed.map_or(arguments.seeds, |seed| (seed, seed.saturating_add(1)));
    let next = AtomicU64::new(from);
    let tally = Mutex::new(Tally::default());
    let started = Instant::now();
    let said = Mutex::new(started);
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= to {
                        break;
                    }
                    let has_failed = one(&town, arguments, seed, &tally);
                    progress(&tally, &said, started, to.saturating_sub(from));
                    if has_failed && !arguments.keep_going {
                        next.store(to, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    if arguments.stats {
        for ((operation, status), count) in &tally.answers {
            tell(&format!("{operation:32} {status:3} {count}"));
        }
    }
    tell(&format!("{}; {}", summary(&tally), pace(&tally, started)));
    Ok(tally.failed)
}

/// Runs one seed; says whether it failed.
fn one(town: &Town, arguments: &Arguments, seed: u64, tally: &Mutex<Tally>) -> bool {
    let whole = Plan::new(seed, arguments.steps);
    let plan = arguments.only.as_ref().map_or_else(|| whole.clone(), |only| whole.only(only));
    let failure = match town.run(&plan, arguments.trace) {
        Ok(report) => {
            if arguments.trace {
                report.lines.iter().for_each(|line| tell(line));
                tell(&format!("seed {seed}: digest {:016x}", report.digest));
            }
            tally.lock().unwrap_or_else(PoisonError::into_inner).add(&report);
            return false;
        }
        Err(failure) => failure,
    };
    {
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.failed = tally.failed.saturating_add(1);
    }
    say(&format!("seed {seed}: {} — {}", failure.finding.law, failure.finding.what));
    let (plan, failure) = if arguments.no_shrink {
        (plan, failure)
    } else {
        let total = plan.steps.len();
        shrink::shrink(town, &plan, &failure, |left| {
            say(&format!("  {left} of {total} steps still break it"))
        })
    };
    for line in &failure.lines {
        tell(line);
    }
    let numbers: Vec<String> = plan.steps.iter().map(|step| step.number.to_string()).collect();
    tell(&format!(
        "\nseed {seed}, broken after step {}:\n  {}\n  {}",
        failure.step, failure.finding.law, failure.finding.what
    ));
    let only = if arguments.no_shrink { String::new() } else { format!(" --only {}", numbers.join(",")) };
    tell(&format!(
        "repeat with: cargo run --release -p paypier-simulation --bin simulate -- --seed {seed} --steps {}{only} --no-shrink --trace\n",
        arguments.steps
    ));
    true
}

fn summary(tally: &Tally) -> String {
    format!(
        "{} seeds passed, {} failed; {} steps, {} kills, {} webhooks, {} virtual hours",
        tally.passed,
        tally.failed,
        tally.steps,
        tally.kills,
        tally.messages,
        tally.virtual_seconds.checked_div(3_600).unwrap_or(0)
    )
}

fn pace(tally: &Tally, started: Instant) -> String {
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    let pace = tally.steps.saturating_mul(1000).checked_div(millis).unwrap_or(0);
    format!("{pace} steps/s, {} s", millis.checked_div(1000).unwrap_or(0))
}

fn progress(tally: &Mutex<Tally>, said: &Mutex<Instant>, started: Instant, all: u64) {
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    if said.elapsed().as_secs() < 10 {
        return;
    }
    *said = Instant::now();
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    say(&format!("{} of {all}; {}", summary(&tally), pace(&tally, started)));
}
