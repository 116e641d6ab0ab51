//! What lists of the settlement platform are narrowed down by, as conditions.

use crate::row::{Value, text};
use paypier_domain::settlement::definition::PlatformKey;

/// The first two values of every read of the platform.
pub(super) fn owner(platform: &PlatformKey) -> Vec<Value> {
    vec![text(platform.merchant.as_str()), platform.environment.as_str().into()]
}

pub(super) fn named(platform: &PlatformKey, id: &str) -> Vec<Value> {
    let mut values = owner(platform);
    values.push(text(id));
    values
}

/// A pattern that finds texts which contain this one. `|` escapes.
fn containing(wanted: &str) -> String {
    let mut pattern = String::with_capacity(wanted.len().saturating_add(2));
    pattern.push('%');
    for letter in wanted.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '|') {
            pattern.push('|');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Conditions that are joined by AND, with their values.
#[derive(Clone)]
pub(super) struct Narrowed {
    all: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Narrowed {
    pub(super) fn of(platform: &PlatformKey) -> Self {
        Self::beside(owner(platform))
    }

    /// Other conditions of the same statement, which share its values.
    pub(super) fn beside(values: Vec<Value>) -> Self {
        Self { all: vec!["merchant_id = ?1".to_owned(), "environment = ?2".to_owned()], values }
    }

    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    pub(super) fn push(&mut self, condition: String) {
        self.all.push(condition);
    }

    pub(super) fn is(&mut self, column: &str, value: Value) {
        let mark = self.bind(value);
        self.push(format!("{column} = {mark}"));
    }

    pub(super) fn list(&mut self, wanted: impl IntoIterator<Item = Value>) -> String {
        wanted.into_iter().map(|value| self.bind(value)).collect::<Vec<_>>().join(", ")
    }

    /// Nothing when none is wanted.
    pub(super) fn any(&mut self, column: &str, wanted: &[impl AsRef<str>]) {
        self.any_value(column, wanted.iter().map(|one| text(one.as_ref())).collect());
    }

    /// The same for what is no text.
    pub(super) fn any_value(&mut self, column: &str, wanted: Vec<Value>) {
        if !wanted.is_empty() {
            let marks = self.list(wanted);
            self.push(format!("{column} IN ({marks})"));
        }
    }

    pub(super) fn contains(&mut self, column: &str, wanted: &str) -> String {
        let mark = self.bind(containing(wanted).into());
        format!("{column} LIKE {mark} ESCAPE '|'")
    }

    /// Rows of a partner that has at least one of these tags.
    pub(super) fn tags(&mut self, wanted: &[String]) {
        if !wanted.is_empty() {
            self.partners_with("partner_id", wanted);
        }
    }

    /// The same, for the column as it is to be asked for.
    pub(super) fn partners_with(&mut self, column: &str, tags: &[String]) {
        let marks = self.list(tags.iter().map(|tag| text(tag)));
        self.push(format!(
            "{column} IN (SELECT g.partner_id FROM platform_partner_tags g \
             WHERE g.merchant_id = ?1 AND g.environment = ?2 AND g.tag IN ({marks}))"
        ));
    }

    pub(super) fn text(&self) -> String {
        self.all.join(" AND ")
    }
}
