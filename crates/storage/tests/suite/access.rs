//! PostgreSQL with little room, and over TLS.

use crate::harness::{Db, Place, at, postgres_url, run_sql};
use crate::sample::*;
use paypier_storage::{DatabaseUrl, OpenError, Options, Storage, migrate};

fn url_of(db: &Db) -> &str {
    match &db.url {
        DatabaseUrl::Postgres(url) => url,
        DatabaseUrl::Sqlite(_) => panic!("not PostgreSQL"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_room_for_few_connections_serves_many_writers() {
    let Some(db) = Db::postgres().await else { return };
    let Place::Schema { url: base, name } = &db.place else { return };
    let role = format!("{name}_few");
    let make = format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 4 PASSWORD 'few'; GRANT ALL ON SCHEMA {name} TO {role}"
    );
    if let Err(error) = run_sql(base, &make).await {
        println!("LEFT OUT, because this user may not make another: {error}");
        return;
    }
    let url = DatabaseUrl::Postgres(format!("{}&user={role}&password=few", url_of(&db)));
    migrate(&url, at(0)).await.unwrap();
    let storage = Storage::open(Options { url, ..db.options() }).await.unwrap();
    // The reads of the outcome take one of the four.
    assert_eq!(storage.payment(&key("order-0-0")).await.unwrap(), None);

    let writers: Vec<_> = (0..12)
        .map(|writer| {
            let storage = storage.clone();
            tokio::spawn(async move {
                for number in 0..10 {
                    let (changes, paid) = key_in(&format!("order-{writer}-{number}"), at(0));
                    for change in changes {
                        storage.commit(change).await.unwrap();
                    }
                    assert!(storage.payment(&paid.key).await.unwrap().is_some());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }

    drop(storage);
    let base = base.clone();
    drop(db);
    run_sql(&base, &format!("DROP ROLE {role}")).await.unwrap();
}

/// The test database over TCP, when the server speaks TLS there under the name `localhost`.
async fn over_tls(db: &Db) -> Option<(String, String)> {
    let url = url_of(db);
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let base = postgres_url();
    let place = base.split_once('?').map_or(base.as_str(), |(place, _)| place);
    // A URL without a host means the local socket; the name of the snake oil certificate is this.
    let tcp = if place == "postgres:///postgres" { "postgres://root@localhost/postgres" } else { place };
    let mut config: tokio_postgres::Config = format!("{tcp}?{query}").parse().ok()?;
    config.ssl_mode(tokio_postgres::config::SslMode::Disable);
    let (client, driver) = config.connect(tokio_postgres::NoTls).await.ok()?;
    tokio::spawn(driver);
    let row = client
        .query_one("SELECT current_setting('ssl'), current_setting('ssl_cert_file')", &[])
        .await
        .ok()?;
    let certificate: String = row.get(1);
    let is_readable = std::fs::read_to_string(&certificate).is_ok();
    (row.get::<_, String>(0) == "on" && is_readable).then(|| (format!("{tcp}?{query}"), certificate))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_talked_to_in_cipher_and_believed_only_with_its_certificate() {
    let Some(db) = Db::postgres().await else { return };
    let Some((url, certificate)) = over_tls(&db).await else {
        println!(
            "TLS is LEFT OUT: the server of the tests does not speak it, or its certificate is not here"
        );
        return;
    };
    let open = async |tls: &str| {
        let url = DatabaseUrl::Postgres(format!("{url}{tls}"));
        migrate(&url, at(0)).await?;
        let options = Options { url, ..db.options() };
        let name = format!("paypier {}", options.instance);
        let storage = Storage::open(options).await?;
        let (changes, paid) = key_in(&format!("order{}", tls.len()), at(0));
        for change in changes {
            storage.commit(change).await.unwrap();
        }
        assert_eq!(storage.payment(&paid.key).await.unwrap(), Some(paid));
        assert_eq!(storage.posting_imbalances().await.unwrap(), []);
        Ok::<_, OpenError>(encrypted(&name).await)
    };

    assert_eq!(open("&sslmode=disable").await, Ok((0, 3)));
    assert_eq!(open("").await, Ok((3, 3)), "preferred without a word");
    let with_authority = format!("&sslmode=require&sslrootcert={certificate}");
    assert_eq!(open(&with_authority).await, Ok((3, 3)));
    assert_eq!(open(&format!("&sslmode=verify-full&sslrootcert={certificate}")).await, Ok((3, 3)));

    let stranger = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&stranger, STRANGER).unwrap();
    let refused = open(&format!("&sslmode=require&sslrootcert={}", stranger.path().display())).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("invalid peer certificate") && text.contains("sslrootcert=FILE"), "{text}");
}

/// How many connections of this name are encrypted, and how many there are.
async fn encrypted(name: &str) -> (usize, usize) {
    let mut config: tokio_postgres::Config = postgres_url().parse().unwrap();
    if config.get_hosts().is_empty() {
        config.host("/var/run/postgresql");
    }
    let (client, driver) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let rows = client
        .query(
            "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = $1",
            &[&name],
        )
        .await
        .unwrap();
    (rows.iter().filter(|row| row.get::<_, bool>(0)).count(), rows.len())
}

/// An authority that has signed nothing.
const STRANGER: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUCUBBqZJoDrdfD1J+yztkCFRqdPQwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNc29tZWJvZHkgZWxzZTAgFw0yNjExMjAxMTMyNTJaGA8yMTI2
MTAyNzExMzI1MlowGDEWMBQGA1UEAwwNc29tZWJvZHkgZWxzZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABL8wqEoPfNVxyWu/wMNclZa2kxIwikPxU5AlrKyjLg40
diH3ABCCUxDsAnfEBd0/yuAkR1VSuOs4qaJAYKpwRnejUzBRMB0GA1UdDgQWBBRD
A0zOJKcxynraIuLSmYx3IdwAxzAfBgNVHSMEGDAWgBRDA0zOJKcxynraIuLSmYx3
IdwAxzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIHqYnNHrRDqH
sKlgMrGJ9Arqkh8bH6Q7SZKnUqIdTxvcAiEA4hceASaeI0mmdh87VR1CtdXhpFZB
lAxwBbAZwCzXYnk=
-----END CERTIFICATE-----
";
