//! A process that is killed under load: what it acknowledged is there, and nothing is half there.

use crate::harness::{Db, at};
use crate::sample::*;
use paypier_storage::{DatabaseUrl, Options, Storage, migrate};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const URL: &str = "PAYPIER_TEST_CHILD_URL";

/// The child: writes payments and says which ones are acknowledged, until it is killed. Without its
/// address it is no child and has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "how the parent tells the child which database it is")]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let url: DatabaseUrl = url.parse().unwrap();
    let storage = Storage::open(Options::new(url, format!("child-{}", std::process::id()))).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let storage = storage.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let name = format!("order-{}-{writer}-{number}", std::process::id());
                    for (part, change) in (0..).zip(key_in(&name, at(0)).0) {
                        storage.commit(change).await.unwrap();
                        use std::io::Write as _;
                        writeln!(std::io::stdout().lock(), "ACK {name} {part}").unwrap();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn is_killed_and_keeps_its_word(db: &Db) {
    migrate(&db.url, at(0)).await.unwrap();
    let address = match &db.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut acknowledged: Vec<(String, u32)> = Vec::new();
    for round in 1..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture", "--test-threads", "1"])
            .env(URL, &address)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard = 0;
        while heard < 150 * round {
            let line = lines.next().unwrap().unwrap();
            acknowledged.extend(parse(&line));
            heard += 1;
        }
        // SIGKILL: no destructor runs.
        child.kill().unwrap();
        // What was said before the kill was said.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));
        child.wait().unwrap();
    }
    let storage = db.open().await;
    assert!(acknowledged.len() > 300);
    for (name, part) in &acknowledged {
        let stored = storage.payment(&key(name)).await.unwrap();
        let stored = stored.unwrap_or_else(|| panic!("{name} was acknowledged and is gone"));
        if *part == 2 {
            assert_eq!(stored, key_in(name, at(0)).1);
            assert_eq!(storage.ledger_of(&stored.key).await.unwrap().len(), 4);
        }
    }
    assert!(storage.ledger_sums().await.unwrap().iter().all(|sum| sum.entries == sum.balance));
    assert_eq!(storage.posting_imbalances().await.unwrap(), []);
    assert_eq!(storage.event_sequence_gaps().await.unwrap(), []);
    assert_eq!(storage.integrity_problems().await.unwrap(), Vec::<String>::new());
}

/// The harness of the tests may print into the first line; a torn last line is no acknowledgement.
fn parse(line: &str) -> Option<(String, u32)> {
    let mut words = line.split("ACK ").nth(1)?.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    is_killed_and_keeps_its_word(&Db::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if let Some(db) = Db::postgres().await {
        is_killed_and_keeps_its_word(&db).await;
    }
}
