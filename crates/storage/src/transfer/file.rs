//! The file: lines of JSON, so that it can be read with common tools, and without us.
//!
//! ```text
//! {"format":"paypier-export","version":1,"schema":1,"sealed_under":["1a2b3c4d"],"tables":[{"table":"merchants","columns":["merchant_id",…],"rows":1},…]}
//! {"table":"merchants"}
//! ["merchant-…",1800000000000000,"{…}"]
//! …
//! {"end":"paypier-export","sha256":"…","exported_at":"2026-12-01T09:00:00Z","exported_from":"SQLite"}
//! ```
//!
//! A row is an array in the order of its table's columns: integers, texts, `null`, and bytes as
//! `{"utf8":"…"}` where they are text and `{"hex":"…"}` where they are not. The digest covers every
//! byte before the last line. When and where a file was made is in the last line, so that the digest is
//! about the data alone.

use super::table::{Kind, Table};
use super::{Progress, Summary, TransferError};
use crate::migrate::{KNOWN, hexadecimal};
use crate::row::Value;
use jiff::Timestamp;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::{BufRead, Read, Write};

/// The version of the format.
pub const FORMAT_VERSION: u32 = 1;
const FORMAT: &str = "paypier-export";
/// Longer than any row: bodies are bounded by the largest request. Bounds the memory that a damaged
/// file can ask for.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    pub schema: u32,
    /// Names of the master keys that sealed values were sealed under.
    pub sealed_under: Vec<String>,
    pub tables: Vec<TableCount>,
}

/// One table, and how much is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    pub table: String,
    pub columns: Vec<String>,
    pub rows: u64,
}

impl Header {
    pub(super) fn new(tables: &[Table], rows: &[u64], sealed_under: Vec<String>) -> Self {
        let tables = tables
            .iter()
            .zip(rows)
            .map(|(table, rows)| TableCount {
                table: table.name.clone(),
                columns: table.columns.iter().map(|column| column.name.clone()).collect(),
                rows: *rows,
            })
            .collect();
        Self { format: FORMAT.to_owned(), version: FORMAT_VERSION, schema: KNOWN, sealed_under, tables }
    }

    pub fn rows(&self) -> u64 {
        self.tables.iter().fold(0, |sum, table| sum.saturating_add(table.rows))
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct TableLine<'a> {
    #[serde(borrow)]
    table: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
struct EndLine {
    end: String,
    sha256: String,
    exported_at: String,
    exported_from: String,
}

/// Writes a file from its beginning to its end.
pub(super) struct Writer<W: Write> {
    out: W,
    header: Header,
    digest: Sha256,
    line: Vec<u8>,
    rows: u64,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, header: Header) -> Result<Self, TransferError> {
        let line = serde_json::to_vec(&header).map_err(|error| TransferError::File(error.to_string()))?;
        let mut writer = Self { out, header, digest: Sha256::new(), line, rows: 0, bytes: 0 };
        writer.end_line()?;
        Ok(writer)
    }

    fn end_line(&mut self) -> Result<(), TransferError> {
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.put_line()
    }

    fn put_line(&mut self) -> Result<(), TransferError> {
        self.out.write_all(&self.line).map_err(|error| TransferError::io(&error))?;
        self.bytes = self.bytes.saturating_add(u64::try_from(self.line.len()).unwrap_or(u64::MAX));
        self.line.clear();
        Ok(())
    }

    pub(super) fn table(&mut self, name: &str) -> Result<(), TransferError> {
        self.json(&TableLine { table: Cow::Borrowed(name) })?;
        self.end_line()
    }

    pub(super) fn row<'a>(&mut self, values: impl Iterator<Item = Cell<'a>>) -> Result<(), TransferError> {
        self.line.push(b'[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.line.push(b',');
            }
            match value {
                Cell::Null => self.line.extend_from_slice(b"null"),
                Cell::Int(value) => self.json(&value)?,
                Cell::Text(value) => self.json(value)?,
                Cell::Blob(bytes) => {
                    match std::str::from_utf8(bytes) {
                        Ok(text) => {
                            self.line.extend_from_slice(b"{\"utf8\":");
                            self.json(text)?;
                        }
                        Err(_) => {
                            self.line.extend_from_slice(b"{\"hex\":");
                            self.json(&hexadecimal(bytes))?;
                        }
                    }
                    self.line.push(b'}');
                }
            }
        }
        self.line.push(b']');
        self.rows = self.rows.saturating_add(1);
        self.end_line()
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), TransferError> {
        serde_json::to_writer(&mut self.line, value).map_err(|error| TransferError::File(error.to_string()))
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { rows: self.rows, rows_in_all: self.header.rows(), bytes: self.bytes }
    }

    pub(super) fn end(mut self, now: Timestamp, from: &str) -> Result<Summary, TransferError> {
        let sha256 = hexadecimal(&self.digest.finalize_reset());
        self.json(&EndLine {
            end: FORMAT.to_owned(),
            sha256: sha256.clone(),
            exported_at: now.to_string(),
            exported_from: from.to_owned(),
        })?;
        self.line.push(b'\n');
        self.put_line()?;
        self.out.flush().map_err(|error| TransferError::io(&error))?;
        Ok(Summary { rows: self.rows, bytes: self.bytes, sha256, tables: self.header.tables })
    }
}

/// A value on its way into the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(value) => Self::Int(*value),
            Value::Text(value) => Self::Text(value),
            Value::Blob(value) => Self::Blob(value),
        }
    }
}

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Row(Vec<Value>),
    /// Rows of the next table follow.
    Table,
    /// The file was read to its end, and is what was written.
    End,
}

/// Reads a file from its beginning to its end, and believes none of it.
pub(super) struct Reader<R: BufRead> {
    input: R,
    header: Header,
    tables: Vec<Table>,
    /// The table whose rows are read, counted from 1.
    table: usize,
    rows_of_table: u64,
    rows: u64,
    bytes: u64,
    line: Vec<u8>,
    line_number: u64,
    digest: Sha256,
    sha256: Option<String>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn open(input: R) -> Result<Self, TransferError> {
        let empty = Header {
            format: String::new(),
            version: 0,
            schema: 0,
            sealed_under: Vec::new(),
            tables: Vec::new(),
        };
        let mut reader = Self {
            input,
            header: empty,
            tables: super::table::all()?,
            table: 0,
            rows_of_table: 0,
            rows: 0,
            bytes: 0,
            line: Vec::new(),
            line_number: 0,
            digest: Sha256::new(),
            sha256: None,
        };
        reader.next_line().map_err(|error| match error {
            TransferError::Truncated { .. } | TransferError::Damaged { .. } => TransferError::NoExport,
            other => other,
        })?;
        reader.digest.update(&reader.line);
        // What does not fit this version must still be told from what is no export at all.
        #[derive(Deserialize)]
        struct Beginning {
            format: String,
            version: u32,
            schema: u32,
        }
        let beginning: Beginning =
            serde_json::from_slice(&reader.line).map_err(|_| TransferError::NoExport)?;
        if beginning.format != FORMAT {
            return Err(TransferError::NoExport);
        }
        if beginning.version != FORMAT_VERSION {
            return Err(TransferError::OtherFormat { found: beginning.version, known: FORMAT_VERSION });
        }
        if beginning.schema != KNOWN {
            return Err(TransferError::OtherSchema { found: beginning.schema, known: KNOWN });
        }
        reader.header = serde_json::from_slice(&reader.line)
            .map_err(|error| reader.damaged(&format!("the header cannot be read: {error}")))?;
        let expected = Header::new(
            &reader.tables,
            &reader.header.tables.iter().map(|table| table.rows).collect::<Vec<_>>(),
            reader.header.sealed_under.clone(),
        );
        if expected != reader.header {
            return Err(reader.damaged("the header names other tables or columns than this schema has"));
        }
        Ok(reader)
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The table whose rows are read.
    pub(super) fn table(&self) -> Option<&Table> {
        self.tables.get(self.table.checked_sub(1)?)
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { rows: self.rows, rows_in_all: self.header.rows(), bytes: self.bytes }
    }

    /// What an error of the database is about.
    pub(super) fn refused(&self, why: &str) -> TransferError {
        TransferError::Database(format!("line {} of the file: {why}", self.line_number))
    }

    pub(super) fn next(&mut self) -> Result<Piece, TransferError> {
        self.next_line()?;
        match self.line.first() {
            Some(b'[') => {
                self.digest.update(&self.line);
                self.row().map(Piece::Row)
            }
            _ if self.line.starts_with(b"{\"end\"") => self.end(),
            _ => {
                self.digest.update(&self.line);
                self.next_table()
            }
        }
    }

    fn row(&mut self) -> Result<Vec<Value>, TransferError> {
        let cells: Vec<Stored> = serde_json::from_slice(&self.line).map_err(|error| {
            self.damaged(&format!("{:?} error in column {}", error.classify(), error.column()))
        })?;
        let table = self.table().ok_or_else(|| self.damaged("a row before any table"))?;
        if cells.len() != table.columns.len() {
            return Err(self.damaged("a row with more or fewer values than its table has columns"));
        }
        let fits = |(column, cell): (&super::table::Column, &Stored)| match (&cell.0, column.kind) {
            // Whether it may be null is the database's to say.
            (Value::Null, _)
            | (Value::Int(_), Kind::Int)
            | (Value::Text(_), Kind::Text)
            | (Value::Blob(_), Kind::Blob) => true,
            (Value::Int(_) | Value::Text(_) | Value::Blob(_), _) => false,
        };
        if !table.columns.iter().zip(&cells).all(fits) {
            return Err(self.damaged("a value that is not of its column's kind"));
        }
        self.rows = self.rows.saturating_add(1);
        self.rows_of_table = self.rows_of_table.saturating_add(1);
        Ok(cells.into_iter().map(|cell| cell.0).collect())
    }

    fn next_table(&mut self) -> Result<Piece, TransferError> {
        self.check_count()?;
        let named: TableLine<'_> =
            serde_json::from_slice(&self.line).map_err(|_| self.damaged("neither a row nor a table"))?;
        if self.tables.get(self.table).is_none_or(|table| table.name != named.table) {
            return Err(self.damaged("a table that does not belong here"));
        }
        self.table = self.table.saturating_add(1);
        self.rows_of_table = 0;
        Ok(Piece::Table)
    }

    fn check_count(&self) -> Result<(), TransferError> {
        let Some(counted) = self.table.checked_sub(1).and_then(|table| self.header.tables.get(table)) else {
            return Ok(());
        };
        if counted.rows == self.rows_of_table {
            return Ok(());
        }
        Err(self.damaged(&format!(
            "{} has {} rows and should have {}",
            counted.table, self.rows_of_table, counted.rows
        )))
    }

    fn end(&mut self) -> Result<Piece, TransferError> {
        self.check_count()?;
        if self.table != self.tables.len() {
            return Err(self.damaged("tables are missing"));
        }
        let end: EndLine =
            serde_json::from_slice(&self.line).map_err(|_| self.damaged("the last line cannot be read"))?;
        let sha256 = hexadecimal(&self.digest.finalize_reset());
        if end.sha256 != sha256 {
            return Err(self.damaged("its digest is another than the one in its last line"));
        }
        let rest = self.input.fill_buf().map_err(|error| TransferError::io(&error))?;
        if !rest.is_empty() {
            return Err(self.damaged("something follows its end"));
        }
        self.sha256 = Some(sha256);
        Ok(Piece::End)
    }

    /// Takes the next line with its end, which proves that it is whole.
    fn next_line(&mut self) -> Result<(), TransferError> {
        self.line.clear();
        self.line_number = self.line_number.saturating_add(1);
        let read = Read::take(&mut self.input, LONGEST_LINE)
            .read_until(b'\n', &mut self.line)
            .map_err(|error| TransferError::io(&error))?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(read);
        if self.line.last() == Some(&b'\n') {
            return Ok(());
        }
        if read >= LONGEST_LINE {
            return Err(self.damaged("a line without end"));
        }
        Err(TransferError::Truncated { line: self.line_number })
    }

    fn damaged(&self, why: &str) -> TransferError {
        TransferError::Damaged { line: self.line_number, why: why.to_owned() }
    }

    /// Once [`Piece::End`] was read.
    pub(super) fn summary(self) -> Result<Summary, TransferError> {
        let Some(sha256) = self.sha256.clone() else {
            return Err(TransferError::Truncated { line: self.line_number });
        };
        Ok(Summary { rows: self.rows, bytes: self.bytes, sha256, tables: self.header.tables })
    }
}

/// A value as it stands in a row.
struct Stored(Value);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an integer, a text, null, or bytes as {\"utf8\":…} or {\"hex\":…}")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("an integer that is too large"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (form, text) = map
            .next_entry::<Cow<'_, str>, Cow<'_, str>>()?
            .ok_or_else(|| de::Error::custom("bytes without a form"))?;
        if map.next_key::<Cow<'_, str>>()?.is_some() {
            return Err(de::Error::custom("bytes in two forms"));
        }
        match form.as_ref() {
            "utf8" => Ok(Value::Blob(text.into_owned().into_bytes())),
            "hex" => bytes(&text).map(Value::Blob).ok_or_else(|| de::Error::custom("wrong hexadecimal")),
            _ => Err(de::Error::custom("bytes in an unknown form")),
        }
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = hexadecimal.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)?.checked_shl(4)? | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests;
