//! What the operating system says about CPU time and memory. Linux only: elsewhere the numbers are
//! left out.

use std::path::Path;
use std::time::Duration;

/// The kernel reports CPU time in hundredths of a second to programs, on every architecture.
const MILLIS_PER_TICK: u64 = 10;

/// CPU time at one moment, since each process or thread began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Of this process, the load generator included.
    pub process: Option<Duration>,
    /// Of the thread that asks: the load generator.
    pub load: Option<Duration>,
    /// Of all PostgreSQL processes of this machine.
    pub database: Option<Duration>,
}

/// Whether the database has processes of its own that must be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    InProcess,
    Beside,
}

impl Usage {
    /// To be called by the thread of the load generator. Looking through all processes takes some
    /// milliseconds, in which that thread must go on with its clients.
    pub async fn now(database: Database) -> Self {
        let database = match database {
            Database::InProcess => None,
            Database::Beside => tokio::task::spawn_blocking(postgres).await.ok().flatten(),
        };
        Self { process: cpu_of("/proc/self/stat"), load: cpu_of("/proc/thread-self/stat"), database }
    }

    /// What was used since then.
    pub fn since(self, earlier: Self) -> Self {
        let less = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Self {
            process: less(self.process, earlier.process),
            load: less(self.load, earlier.load),
            database: less(self.database, earlier.database),
        }
    }
}

fn cpu_of(path: impl AsRef<Path>) -> Option<Duration> {
    cpu(&std::fs::read_to_string(path).ok()?)
}

/// User and system time: members 14 and 15 of `/proc/…/stat` (proc(5)). The second member is a name
/// in parentheses that may hold anything, blanks and parentheses included.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut members = rest.split_whitespace().skip(11);
    let user: u64 = members.next()?.parse().ok()?;
    let system: u64 = members.next()?.parse().ok()?;
    Some(Duration::from_millis(user.checked_add(system)?.checked_mul(MILLIS_PER_TICK)?))
}

fn postgres() -> Option<Duration> {
    let mut sum = None;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let path = entry.path();
        let is_postgres =
            std::fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == "postgres");
        if is_postgres && let Some(cpu) = cpu_of(path.join("stat")) {
            sum = Some(sum.unwrap_or(Duration::ZERO).saturating_add(cpu));
        }
    }
    sum
}

/// The most memory that this process has had since it began or [`forget_peak_memory`], in KiB.
pub fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Lets [`peak_memory_kib`] begin anew. Where the kernel does not allow that, it goes on.
pub fn forget_peak_memory() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        tracing::debug!(%error, "the peak of memory cannot be reset");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_shifts_nothing() {
        let stat = "42 (a) (b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1 2";
        assert_eq!(cpu(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu("42 (x"), None);
    }
}
