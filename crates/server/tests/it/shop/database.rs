//! A database of its own for each story; on PostgreSQL when there is one.

use paypier_storage::DatabaseUrl;
use std::sync::Arc;
use std::sync::OnceLock;
use tokio_postgres::NoTls;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Removed when the last user lets go of it.
#[derive(Clone)]
pub struct Database {
    pub url: DatabaseUrl,
    _keep: Arc<Keep>,
}

enum Keep {
    Folder(#[expect(dead_code, reason = "is dropped last, and with it the folder")] tempfile::TempDir),
    Schema { base: String, name: String },
}

impl Drop for Keep {
    fn drop(&mut self) {
        if let Self::Schema { base, name } = self {
            let (base, name) = (base.clone(), name.clone());
            // A thread of its own: this may run inside or outside of a runtime.
            let _ = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    if let Ok((client, connection)) = tokio_postgres::connect(&base, NoTls).await {
                        tokio::spawn(connection);
                        let _ = client
                            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                            .await;
                    }
                });
            })
            .join();
        }
    }
}

impl Database {
    pub async fn make(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = DatabaseUrl::Sqlite(folder.path().join("paypier.db"));
                Self { url, _keep: Arc::new(Keep::Folder(folder)) }
            }
            Engine::Postgres => {
                let base = postgres().expect("stories ask for PostgreSQL only when it is there");
                let name = format!(
                    "paypier_story_{}",
                    uuid::Builder::from_random_bytes(rand::random()).into_uuid().simple()
                );
                let (client, connection) = tokio_postgres::connect(base, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
                if let Some(level) = isolation() {
                    let sql = format!("ALTER DATABASE {name} SET default_transaction_isolation TO '{level}'");
                    client.batch_execute(&sql).await.unwrap();
                }
                let (server, place) = base.rsplit_once('/').unwrap();
                let parameters = place.split_once('?').map_or_else(String::new, |(_, p)| format!("?{p}"));
                let url = format!("{server}/{name}{parameters}").parse().unwrap();
                Self { url, _keep: Arc::new(Keep::Schema { base: base.to_owned(), name }) }
            }
        }
    }

    /// Past the server, as somebody with access to the database would.
    pub async fn runs_sql(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            DatabaseUrl::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
            }
        }
    }
}

/// The server to make databases on: `PAYPIER_TEST_POSTGRES_URL`, else the local one.
fn postgres() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(find_postgres).as_deref()
}

/// The isolation that the stories are told at on PostgreSQL, where another than its default is wanted.
#[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
fn isolation() -> Option<String> {
    std::env::var("PAYPIER_TEST_POSTGRES_ISOLATION").ok()
}

#[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
fn find_postgres() -> Option<String> {
    if let Ok(url) = std::env::var("PAYPIER_TEST_POSTGRES_URL") {
        return Some(url);
    }
    let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
    let url = format!("postgres://{user}@127.0.0.1:5432/postgres");
    let reached = std::net::TcpStream::connect_timeout(
        &([127, 0, 0, 1], 5432).into(),
        std::time::Duration::from_secs(1),
    )
    .is_ok();
    if reached {
        return Some(url);
    }
    assert!(std::env::var("CI").is_err(), "PostgreSQL was not found, and CI never leaves it out");
    eprintln!(
        "PostgreSQL was not found at PAYPIER_TEST_POSTGRES_URL or 127.0.0.1:5432: its stories are left out"
    );
    None
}

/// Every engine that is there. At another isolation of PostgreSQL, SQLite has nothing new to say.
pub fn engines() -> impl Iterator<Item = Engine> {
    let sqlite = isolation().is_none().then_some(Engine::Sqlite);
    [sqlite, postgres().map(|_| Engine::Postgres)].into_iter().flatten()
}

/// Tells a story on both databases. Each gets a runtime of its own, with two threads as in
/// production.
pub fn both_databases<F, Fut>(story: F)
where
    F: Fn(Engine) -> Fut,
    Fut: Future<Output = ()>,
{
    for engine in engines() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        eprintln!("on {engine:?}");
        runtime.block_on(story(engine));
        runtime.shutdown_background();
    }
}
