//! PostgreSQL's side: COPY in both directions, each in one transaction.

use super::file::{Cell, Header, Piece, Reader, Writer};
use super::table::{self, Kind, Table};
use super::{BATCHES_WAITING, Company, Observer, Progress, ROWS_AT_ONCE, Summary, TransferError, on_thread};
use crate::engine::check_version;
use crate::engine::postgres::{Access, Patience, schema_version, told};
use crate::migrate::{KNOWN, check_postgres, migrate_postgres};
use crate::row::Value;
use futures::TryStreamExt;
use jiff::Timestamp;
use std::io::{BufRead, Write};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::{ToSql, Type};

fn broken(error: &tokio_postgres::Error) -> TransferError {
    TransferError::Database(told(error))
}

/// Servers and commands that have the database open: each names its connections by a UUID. Those of
/// other users of PostgreSQL are not seen; they have no business here.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND application_name ~ '^paypier [0-9a-f]{8}-' AND pid <> pg_backend_pid()";

/// How long others may take to be gone: a command that has just ended is still listed for a moment.
const GONE_WITHIN: Duration = Duration::from_secs(2);

async fn check_alone(client: &Client) -> Result<(), TransferError> {
    let until = Instant::now().checked_add(GONE_WITHIN).unwrap_or_else(Instant::now);
    loop {
        let row = client.query_one(OTHERS, &[]).await.map_err(|error| broken(&error))?;
        match u64::try_from(row.get::<_, i64>(0)).unwrap_or(0) {
            0 => return Ok(()),
            connections if Instant::now() >= until => return Err(TransferError::InUse { connections }),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn types(table: &Table) -> Vec<Type> {
    table
        .columns
        .iter()
        .map(|column| match column.kind {
            Kind::Int => Type::INT8,
            Kind::Text => Type::TEXT,
            Kind::Blob => Type::BYTEA,
        })
        .collect()
}

/// What goes to the thread that writes the file.
enum Written {
    Table(String),
    Rows(Vec<Vec<Value>>),
}

pub(super) async fn export(
    url: &str,
    out: impl Write + Send + 'static,
    sealed_under: Vec<String>,
    company: Company,
    now: Timestamp,
    observer: Observer,
) -> Result<Summary, TransferError> {
    let access = Access::new(url, "export", Patience::Unlimited)?;
    let (client, _driver) = access.connect().await.map_err(|error| unreachable(&error))?;
    check_version(schema_version(&client).await.map_err(|error| broken(&error))?)?;
    check_postgres(&client).await?;
    match company {
        Company::Alone => check_alone(&client).await?,
        Company::Serving => {}
    }
    client
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .map_err(|error| broken(&error))?;
    let tables = table::all()?;
    let mut rows = Vec::with_capacity(tables.len());
    for table in &tables {
        let row = client.query_one(&table.count(), &[]).await.map_err(|error| broken(&error))?;
        rows.push(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0));
    }
    let header = Header::new(&tables, &rows, sealed_under);
    let (send, receive) = channel(BATCHES_WAITING);
    let writing = tokio::spawn(on_thread(move || write(out, header, receive, now, observer)));
    let sent = send_tables(&client, &tables, &send).await;
    drop(send);
    let written = writing.await.map_err(|_| TransferError::File("writing was interrupted".into()))?;
    // The file's own trouble explains why nothing more could be sent to it.
    match sent {
        Err(Sent::Failed(error)) => Err(error),
        Ok(()) | Err(Sent::NobodyWrites) => written,
    }
}

fn unreachable(error: &tokio_postgres::Error) -> TransferError {
    crate::OpenError::Unreachable(told(error)).into()
}

enum Sent {
    Failed(TransferError),
    NobodyWrites,
}

async fn send_tables(client: &Client, tables: &[Table], send: &Sender<Written>) -> Result<(), Sent> {
    let failed = |error: tokio_postgres::Error| Sent::Failed(broken(&error));
    for table in tables {
        send.send(Written::Table(table.name.clone())).await.map_err(|_| Sent::NobodyWrites)?;
        let types = types(table);
        let stream = client.copy_out(&table.copy_out()).await.map_err(failed)?;
        let mut stream = pin!(BinaryCopyOutStream::new(stream, &types));
        let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
        while let Some(row) = stream.try_next().await.map_err(failed)? {
            rows.push(values(&row, table).map_err(failed)?);
            if rows.len() == ROWS_AT_ONCE {
                let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS_AT_ONCE));
                send.send(Written::Rows(full)).await.map_err(|_| Sent::NobodyWrites)?;
            }
        }
        send.send(Written::Rows(rows)).await.map_err(|_| Sent::NobodyWrites)?;
    }
    Ok(())
}

fn values(row: &BinaryCopyOutRow, table: &Table) -> Result<Vec<Value>, tokio_postgres::Error> {
    (0usize..)
        .zip(&table.columns)
        .map(|(index, column)| {
            Ok(match column.kind {
                Kind::Int => row.try_get::<Option<i64>>(index)?.into(),
                Kind::Text => row.try_get::<Option<String>>(index)?.into(),
                Kind::Blob => row.try_get::<Option<Vec<u8>>>(index)?.into(),
            })
        })
        .collect()
}

fn write(
    out: impl Write,
    header: Header,
    mut receive: Receiver<Written>,
    now: Timestamp,
    mut observer: Observer,
) -> Result<Summary, TransferError> {
    let expected = header.rows();
    let mut writer = Writer::begin(out, header)?;
    while let Some(written) = receive.blocking_recv() {
        match written {
            Written::Table(name) => writer.table(&name)?,
            Written::Rows(rows) => {
                for row in rows {
                    writer.row(row.iter().map(Cell::from))?;
                }
                observer(writer.progress());
            }
        }
    }
    // The sender may have stopped early; then the file must not be given its end.
    if writer.progress().rows != expected {
        return Err(TransferError::Database("not all rows could be read".into()));
    }
    writer.end(now, "PostgreSQL")
}

/// What comes from the thread that reads the file.
enum Read {
    Table(Table),
    Rows(Vec<Vec<Value>>, Progress),
    End(Summary),
}

pub(super) async fn import(
    url: &str,
    input: impl BufRead + Send + 'static,
    now: Timestamp,
    mut observer: Observer,
) -> Result<Summary, TransferError> {
    // A file that cannot be imported is refused before anything is made.
    let reader = on_thread(move || Reader::open(input)).await?;
    migrate_postgres(url, KNOWN, now).await?;
    let access = Access::new(url, "import", Patience::Unlimited)?;
    let (mut client, _driver) = access.connect().await.map_err(|error| unreachable(&error))?;
    check_alone(&client).await?;
    let transaction = client.transaction().await.map_err(|error| broken(&error))?;
    let indexes = prepare(transaction.client()).await?;
    let rows_of_events =
        reader.header().tables.iter().find(|table| table.table == "events").map_or(0, |table| table.rows);
    let (send, mut receive) = channel(BATCHES_WAITING);
    let reading = tokio::spawn(on_thread(move || read(reader, &send)));
    let filled = fill(transaction.client(), &mut receive, rows_of_events, &mut observer).await;
    drop(receive);
    let whole = reading.await.map_err(|_| TransferError::File("reading was interrupted".into()))?;
    // What is wrong with the file explains why the database was not given all of it.
    let summary = match (whole, filled) {
        (Err(error), _) | (Ok(()), Err(error)) => return Err(error),
        (Ok(()), Ok(summary)) => summary,
    };
    for index in indexes {
        transaction.batch_execute(&index).await.map_err(|error| broken(&error))?;
    }
    transaction.commit().await.map_err(|error| broken(&error))?;
    // Plans are made for the new rows from the first request on.
    client.batch_execute("ANALYZE").await.map_err(|error| broken(&error))?;
    Ok(summary)
}

/// Keeps everybody else out, makes sure that there is nothing, and takes away the indexes; answers the
/// statements that make them again.
async fn prepare(client: &Client) -> Result<Vec<String>, TransferError> {
    let tables = table::all()?;
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    client
        .batch_execute(&format!(
            "SET LOCAL maintenance_work_mem = '256MB'; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
            names.join(", ")
        ))
        .await
        .map_err(|error| broken(&error))?;
    for table in &tables {
        if client.query_opt(&table.any(), &[]).await.map_err(|error| broken(&error))?.is_some() {
            return Err(TransferError::NotEmpty { table: table.name.clone() });
        }
    }
    let indexes = client
        .query(
            "SELECT format('%I', indexname), indexdef FROM pg_indexes WHERE schemaname = current_schema() \
             AND tablename = ANY($1) AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY 1",
            &[&names],
        )
        .await
        .map_err(|error| broken(&error))?;
    for index in &indexes {
        client
            .batch_execute(&format!("DROP INDEX {}", index.get::<_, String>(0)))
            .await
            .map_err(|error| broken(&error))?;
    }
    Ok(indexes.iter().map(|index| index.get(1)).collect())
}

async fn fill(
    client: &Client,
    receive: &mut Receiver<Read>,
    rows_of_events: u64,
    observer: &mut Observer,
) -> Result<Summary, TransferError> {
    let mut next = receive.recv().await;
    loop {
        let table = match next.take() {
            Some(Read::Table(table)) => table,
            Some(Read::End(summary)) => return Ok(summary),
            Some(Read::Rows(..)) | None => return Err(TransferError::File("reading was interrupted".into())),
        };
        let refused = |error: tokio_postgres::Error| {
            TransferError::Database(format!("while {} was filled: {}", table.name, told(&error)))
        };
        let mut types = types(&table);
        if table.has_position {
            types.push(Type::INT8);
        }
        let sink = client.copy_in(&table.copy_in()).await.map_err(refused)?;
        let mut copy = pin!(BinaryCopyInWriter::new(sink, &types));
        // Below every number that a transaction of this cluster can have, so that what is new comes after.
        let mut position = i64::try_from(rows_of_events).unwrap_or(i64::MAX).saturating_neg();
        next = loop {
            match receive.recv().await {
                Some(Read::Rows(rows, progress)) => {
                    for mut row in rows {
                        if table.has_position {
                            position = position.saturating_add(1);
                            row.push(Value::Int(position));
                        }
                        let values: Vec<&(dyn ToSql + Sync)> =
                            row.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
                        copy.as_mut().write(&values).await.map_err(refused)?;
                    }
                    observer(progress);
                }
                other => break other,
            }
        };
        copy.as_mut().finish().await.map_err(refused)?;
    }
}

fn read<R: BufRead>(mut reader: Reader<R>, send: &Sender<Read>) -> Result<(), TransferError> {
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    loop {
        let piece = reader.next()?;
        let is_row = matches!(piece, Piece::Row(_));
        if !rows.is_empty() && (!is_row || rows.len() == ROWS_AT_ONCE) {
            let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS_AT_ONCE));
            // Nobody listens when the database has refused; it says why.
            if send.blocking_send(Read::Rows(full, reader.progress())).is_err() {
                return Ok(());
            }
        }
        let sent = match piece {
            Piece::Row(row) => {
                rows.push(row);
                continue;
            }
            Piece::Table => match reader.table() {
                Some(table) => send.blocking_send(Read::Table(table.clone())),
                None => continue,
            },
            Piece::End => {
                let _ = send.blocking_send(Read::End(reader.summary()?));
                return Ok(());
            }
        };
        if sent.is_err() {
            return Ok(());
        }
    }
}
