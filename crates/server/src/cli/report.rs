//! What a command has to show: a table for people, or JSON for machines.

use serde_json::{Map, Value};

/// In which form results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Human,
    Json,
}

/// A list of records, or one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For people, above the data; says what changed.
    pub headline: Option<String>,
    pub body: Body,
    /// For people, below the data.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    List {
        columns: Vec<&'static str>,
        rows: Vec<Vec<Value>>,
        when_empty: &'static str,
    },
    Record(Vec<(&'static str, Value)>),
    /// Several reports about one thing, each under its name.
    Sections(Vec<(&'static str, Report)>),
}

impl Report {
    pub const fn list(columns: Vec<&'static str>, rows: Vec<Vec<Value>>, when_empty: &'static str) -> Self {
        Self { headline: None, body: Body::List { columns, rows, when_empty }, notes: Vec::new() }
    }

    pub const fn record(members: Vec<(&'static str, Value)>) -> Self {
        Self { headline: None, body: Body::Record(members), notes: Vec::new() }
    }

    pub const fn sections(sections: Vec<(&'static str, Self)>) -> Self {
        Self { headline: None, body: Body::Sections(sections), notes: Vec::new() }
    }

    #[must_use]
    pub fn headed(self, headline: impl Into<String>) -> Self {
        Self { headline: Some(headline.into()), ..self }
    }

    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn rendered(&self, form: Form) -> String {
        match form {
            Form::Json => format!("{:#}", self.json()),
            Form::Human => self.human(),
        }
    }

    fn json(&self) -> Value {
        let object = |members: &mut dyn Iterator<Item = (&'static str, Value)>| {
            Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
        };
        match &self.body {
            Body::List { columns, rows, .. } => {
                let rows =
                    rows.iter().map(|row| object(&mut columns.iter().copied().zip(row.iter().cloned())));
                Value::Array(rows.collect())
            }
            Body::Record(members) => object(&mut members.iter().cloned()),
            Body::Sections(sections) => {
                object(&mut sections.iter().map(|(name, report)| (*name, report.json())))
            }
        }
    }

    fn human(&self) -> String {
        let mut lines: Vec<String> = self.headline.iter().cloned().collect();
        match &self.body {
            Body::List { rows, when_empty, .. } if rows.is_empty() => lines.push((*when_empty).to_owned()),
            Body::List { columns, rows, .. } => {
                let heads = columns.iter().map(|column| spaced(column).to_uppercase()).collect();
                lines
                    .extend(aligned(heads, rows.iter().map(|row| row.iter().map(plain).collect()).collect()));
            }
            Body::Record(members) => {
                let widest = members.iter().map(|(name, _)| spaced(name).chars().count()).max().unwrap_or(0);
                let indent = if self.headline.is_some() { "  " } else { "" };
                for (name, value) in members {
                    let name = spaced(name);
                    lines.push(format!("{indent}{name:<widest$}  {}", plain(value)).trim_end().to_owned());
                }
            }
            Body::Sections(sections) => {
                for (name, report) in sections {
                    lines.push(format!("\n{}\n{}", spaced(name).to_uppercase(), report.human()));
                }
            }
        }
        lines.extend(self.notes.iter().cloned());
        lines.join("\n")
    }
}

/// `pgMerchantId` as `pg merchant id`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A value as people read it, on one line and without control characters: some of what is shown was
/// written by merchants and PSPs, and a terminal obeys escape sequences.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name}={}", plain(value)))
            .collect::<Vec<_>>()
            .join(" "),
    };
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn aligned(heads: Vec<String>, rows: Vec<Vec<String>>) -> Vec<String> {
    let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    std::iter::once(&heads)
        .chain(&rows)
        .map(|row| {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_a_table_for_people_and_an_array_for_machines() {
        let report = Report::list(
            vec!["id", "pgMerchantId", "isEnabled"],
            vec![vec![json!("a"), json!("shop"), json!(true)], vec![json!("bcd"), Value::Null, json!(false)]],
            "nothing",
        );
        assert_eq!(
            report.rendered(Form::Human),
            "ID   PG MERCHANT ID  IS ENABLED\na    shop            yes\nbcd  -               no"
        );
        let parsed: Value = serde_json::from_str(&report.rendered(Form::Json)).unwrap();
        assert_eq!(parsed[1], json!({"id": "bcd", "pgMerchantId": null, "isEnabled": false}));
        assert_eq!(
            Report::list(vec!["id"], Vec::new(), "no merchants").rendered(Form::Human),
            "no merchants"
        );
        assert_eq!(Report::list(vec!["id"], Vec::new(), "no merchants").rendered(Form::Json), "[]");
    }

    #[test]
    fn headlines_and_notes_are_for_people_only() {
        let report =
            Report::record(vec![("id", json!("x"))]).headed("The store was made.").noted("Next: a secret.");
        assert_eq!(report.rendered(Form::Human), "The store was made.\n  id  x\nNext: a secret.");
        assert_eq!(serde_json::from_str::<Value>(&report.rendered(Form::Json)).unwrap(), json!({"id": "x"}));
    }

    #[test]
    fn a_merchants_text_cannot_drive_the_terminal() {
        let report = Report::record(vec![("name", json!("\u{1b}[2Jgone\n"))]);
        assert_eq!(report.rendered(Form::Human), "name  \u{fffd}[2Jgone\u{fffd}");
    }
}
