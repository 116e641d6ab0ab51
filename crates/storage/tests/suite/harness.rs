//! A database for each test, on SQLite and on PostgreSQL.

use jiff::Timestamp;
use paypier_storage::{DatabaseUrl, Faults, Options, Storage, migrate};
use std::sync::atomic::{AtomicU32, Ordering};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Seconds after the day on which all tests happen.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub enum Place {
    /// Removed with the value.
    File {
        _dir: tempfile::TempDir,
    },
    Schema {
        url: String,
        name: String,
    },
}

pub struct Db {
    pub url: DatabaseUrl,
    pub faults: Faults,
    pub place: Place,
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the database of the tests is, is a matter of the environment"
)]
pub fn postgres_url() -> String {
    std::env::var("PAYPIER_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres:///postgres".into())
}

/// The isolation that the stories are told at on PostgreSQL, where another than its default is wanted:
/// `serializable` or `repeatable read`.
#[expect(clippy::disallowed_methods, reason = "how the tests are run is a matter of the environment")]
fn isolation() -> Option<String> {
    std::env::var("PAYPIER_TEST_POSTGRES_ISOLATION").ok()
}

#[expect(clippy::disallowed_methods, reason = "CI sets it")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok()
}

pub async fn run_sql(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let mut config: tokio_postgres::Config = url.parse()?;
    if config.get_hosts().is_empty() {
        config.host("/var/run/postgresql");
    }
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    let result = client.batch_execute(sql).await;
    drop(client);
    let _ = driver.await;
    result
}

impl Db {
    /// A file that does not exist yet.
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(dir.path().join("test.db"));
        Self { url, faults: Faults::default(), place: Place::File { _dir: dir } }
    }

    /// An empty schema, or `None` when there is no PostgreSQL.
    #[expect(clippy::print_stdout, reason = "what is left out is said")]
    pub async fn postgres() -> Option<Self> {
        let base = postgres_url();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("paypier_test_{}_{number}", std::process::id());
        if let Err(error) = run_sql(&base, &format!("CREATE SCHEMA {name}")).await {
            assert!(!is_ci(), "PostgreSQL must not be left out in CI: {error}");
            println!("PostgreSQL is LEFT OUT: {error}");
            return None;
        }
        let sign = if base.contains('?') { '&' } else { '?' };
        let isolation = isolation().map_or_else(String::new, |level| {
            // A blank within a value is escaped once for the server and once for the URL.
            format!("%20-c%20default_transaction_isolation%3D{}", level.replace(' ', "%5C%20"))
        });
        let url = format!("{base}{sign}options=-c%20search_path%3D{name}{isolation}");
        Some(Self {
            url: DatabaseUrl::Postgres(url),
            faults: Faults::default(),
            place: Place::Schema { url: base, name },
        })
    }

    pub fn options(&self) -> Options {
        let instance = format!("test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        Options { faults: self.faults.clone(), ..Options::new(self.url.clone(), instance) }
    }

    pub async fn open(&self) -> Storage {
        Storage::open(self.options()).await.unwrap()
    }

    pub async fn migrated(&self) -> Storage {
        migrate(&self.url, at(0)).await.unwrap();
        self.open().await
    }

    /// Runs SQL past the storage.
    pub async fn sql(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            DatabaseUrl::Postgres(url) => run_sql(url, sql).await.unwrap(),
        }
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        if let Place::Schema { url, name } = &self.place {
            let (url, name) = (url.clone(), name.clone());
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                // A schema that stays behind harms no other test.
                let _ = runtime.block_on(run_sql(&url, &format!("DROP SCHEMA {name} CASCADE")));
            });
            let _ = dropping.join();
        }
    }
}

/// A story that is told on both databases.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($db:ident: &Db) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "stories use what they need")]
            use super::*;

            $(#[$doc])*
            async fn story($db: &$crate::harness::Db) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story(&$crate::harness::Db::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(db) = $crate::harness::Db::postgres().await {
                    story(&db).await;
                }
            }
        }
    };
}
