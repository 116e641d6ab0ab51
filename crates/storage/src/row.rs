//! Values and rows, the same for both databases: text, 64-bit integers and bytes.

use crate::error::ReadError;
use jiff::Timestamp;
use std::borrow::Cow;

/// A value that is bound or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(Cow<'static, str>),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<u64> for Value {
    /// Counters of ours never come near the bound.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(micros(value))
    }
}
impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Copies text into a value.
pub(crate) fn text(value: &str) -> Value {
    Value::Text(Cow::Owned(value.to_owned()))
}

pub(crate) fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

/// Instants are stored as microseconds since 1970; what is finer is cut off.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A row that was read. Columns are taken from the left; an error names table, column and row.
#[derive(Debug)]
pub(crate) struct Row {
    values: std::vec::IntoIter<Value>,
    table: &'static str,
    /// What identifies the row, as far as it was read: the first text column.
    name: String,
}

impl Row {
    pub(crate) fn new(table: &'static str, values: Vec<Value>) -> Self {
        let name = values
            .iter()
            .filter_map(|value| match value {
                Value::Text(text) => Some(text.as_ref()),
                Value::Null | Value::Int(_) | Value::Blob(_) => None,
            })
            .take(2)
            .collect::<Vec<_>>()
            .join("/");
        // A first column may be a whole document, which does not belong into a message.
        let name = name.chars().take(120).collect();
        Self { values: values.into_iter(), table, name }
    }

    pub(crate) fn broken(&self, column: &str, why: &str) -> ReadError {
        ReadError::Broken(format!("table {}, column {column}, row {}: {why}", self.table, self.name))
    }

    fn next(&mut self) -> Value {
        self.values.next().unwrap_or(Value::Null)
    }

    /// Passes over a column that does not apply.
    pub(crate) fn skip(&mut self) {
        self.next();
    }

    pub(crate) fn optional_int(&mut self, column: &str) -> Result<Option<i64>, ReadError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            Value::Text(_) | Value::Blob(_) => Err(self.broken(column, "is not an integer")),
        }
    }

    pub(crate) fn int(&mut self, column: &str) -> Result<i64, ReadError> {
        self.optional_int(column)?.ok_or_else(|| self.broken(column, "is null"))
    }

    pub(crate) fn count(&mut self, column: &str) -> Result<u64, ReadError> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|_| self.broken(column, "is negative"))
    }

    pub(crate) fn small(&mut self, column: &str) -> Result<u32, ReadError> {
        let value = self.int(column)?;
        u32::try_from(value).map_err(|_| self.broken(column, "is out of range"))
    }

    pub(crate) fn flag(&mut self, column: &str) -> Result<bool, ReadError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.broken(column, "is neither 0 nor 1")),
        }
    }

    pub(crate) fn optional_text(&mut self, column: &str) -> Result<Option<String>, ReadError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.into_owned())),
            Value::Int(_) | Value::Blob(_) => Err(self.broken(column, "is not text")),
        }
    }

    pub(crate) fn text(&mut self, column: &str) -> Result<String, ReadError> {
        self.optional_text(column)?.ok_or_else(|| self.broken(column, "is null"))
    }

    pub(crate) fn optional_blob(&mut self, column: &str) -> Result<Option<Vec<u8>>, ReadError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value)),
            Value::Int(_) | Value::Text(_) => Err(self.broken(column, "is not bytes")),
        }
    }

    pub(crate) fn blob(&mut self, column: &str) -> Result<Vec<u8>, ReadError> {
        self.optional_blob(column)?.ok_or_else(|| self.broken(column, "is null"))
    }

    pub(crate) fn digest(&mut self, column: &str) -> Result<[u8; 32], ReadError> {
        let bytes = self.blob(column)?;
        bytes.try_into().map_err(|_| self.broken(column, "has not 32 bytes"))
    }

    pub(crate) fn optional_at(&mut self, column: &str) -> Result<Option<Timestamp>, ReadError> {
        match self.optional_int(column)? {
            None => Ok(None),
            Some(value) => {
                Timestamp::from_microsecond(value).map(Some).map_err(|_| self.broken(column, "is no instant"))
            }
        }
    }

    pub(crate) fn at(&mut self, column: &str) -> Result<Timestamp, ReadError> {
        self.optional_at(column)?.ok_or_else(|| self.broken(column, "is null"))
    }

    /// A word of ours, by its parser.
    pub(crate) fn word<T>(
        &mut self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ReadError> {
        let word = self.text(column)?;
        parse(&word).ok_or_else(|| self.broken(column, "is not a word that this version knows"))
    }

    /// A JSON document, by its shape.
    pub(crate) fn document<S: serde::de::DeserializeOwned>(&mut self, column: &str) -> Result<S, ReadError> {
        let document = self.text(column)?;
        serde_json::from_str(&document).map_err(|error| self.broken(column, &reason(&error)))
    }

    pub(crate) fn optional_document<S: serde::de::DeserializeOwned>(
        &mut self,
        column: &str,
    ) -> Result<Option<S>, ReadError> {
        match self.optional_text(column)? {
            None => Ok(None),
            Some(document) => serde_json::from_str(&document)
                .map(Some)
                .map_err(|error| self.broken(column, &reason(&error))),
        }
    }
}

/// Where and what is wrong, without the document's contents.
fn reason(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}
