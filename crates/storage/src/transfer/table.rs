//! Which tables and columns there are. The migrations say so themselves: they are run on an empty
//! database in memory, and its catalogue is read, so that a later migration needs no line here.

use super::TransferError;
use crate::migrate::MIGRATIONS;
use rusqlite::Connection;

/// Left out: the names of PostgreSQL's own commits mean nothing elsewhere.
const LEFT_OUT: [&str; 1] = ["commits"];
/// Given by each database in its own way. The order of the rows stands for it.
const POSITION: (&str, &str) = ("events", "position");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Blob,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// In which order rows are written: one that both databases agree on, has no ties, and can be read
    /// from an index. Payments and events go by time, so that rows that are read together lie together
    /// in the new database as well.
    order: String,
    pub(super) has_position: bool,
}

impl Table {
    fn columns_text(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    pub(super) fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.columns_text(), self.name, self.order)
    }

    pub(super) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name)
    }

    pub(super) fn any(&self) -> String {
        format!("SELECT 1 FROM {} LIMIT 1", self.name)
    }

    pub(super) fn insert(&self) -> String {
        let marks = vec!["?"; self.columns.len()].join(", ");
        format!("INSERT INTO {} ({}) VALUES ({marks})", self.name, self.columns_text())
    }

    pub(super) fn copy_out(&self) -> String {
        format!("COPY ({}) TO STDOUT (FORMAT binary)", self.select())
    }

    /// With the position, which SQLite gives by itself.
    pub(super) fn copy_in(&self) -> String {
        let position = if self.has_position { ", position" } else { "" };
        format!("COPY {} ({}{position}) FROM STDIN (FORMAT binary)", self.name, self.columns_text())
    }
}

/// All tables that are carried over, in the order of their making.
pub(super) fn all() -> Result<Vec<Table>, TransferError> {
    let read = || -> rusqlite::Result<Vec<Table>> {
        let connection = Connection::open_in_memory()?;
        for migration in MIGRATIONS {
            connection.execute_batch(migration.sqlite)?;
        }
        let names: Vec<String> = connection
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names
            .into_iter()
            .filter(|name| !LEFT_OUT.contains(&name.as_str()))
            .map(|name| table(&connection, name))
            .collect()
    };
    read().map_err(|error| TransferError::Database(format!("the list of tables cannot be made: {error}")))
}

fn table(connection: &Connection, name: String) -> rusqlite::Result<Table> {
    let mut statement = connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
    let found: Vec<(String, String, i64)> = statement
        .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut key: Vec<(i64, &str)> = found
        .iter()
        .filter(|(.., place)| *place > 0)
        .map(|(name, _, place)| (*place, name.as_str()))
        .collect();
    key.sort_unstable();
    let order = match name.as_str() {
        "payments" => "store_id, created_at, payment_id".to_owned(),
        "events" => "position, event_id".to_owned(),
        _ => key.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", "),
    };
    let has_position = name == POSITION.0;
    let columns = found
        .iter()
        .filter(|(column, ..)| !(has_position && column == POSITION.1))
        .map(|(column, kind, _)| {
            let kind = match kind.as_str() {
                "INTEGER" => Kind::Int,
                "TEXT" => Kind::Text,
                "BLOB" => Kind::Blob,
                _ => return Err(rusqlite::Error::InvalidColumnName(format!("{name}.{column} is {kind}"))),
            };
            Ok(Column { name: column.clone(), kind })
        })
        .collect::<rusqlite::Result<_>>()?;
    Ok(Table { name, columns, order, has_position })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_columns_and_an_order() {
        let tables = all().unwrap();
        assert!(tables.len() >= 19, "{}", tables.len());
        assert!(tables.iter().all(|table| !table.columns.is_empty() && !table.order.is_empty()));
        let events = tables.iter().find(|table| table.name == "events").unwrap();
        assert!(events.has_position && events.columns.iter().all(|column| column.name != "position"));
        let attempts = tables.iter().find(|table| table.name == "attempts").unwrap();
        assert_eq!(attempts.order, "store_id, root, number");
    }
}
