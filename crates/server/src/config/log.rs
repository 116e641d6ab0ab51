//! What is logged, and in which form.

use super::setting::{Given, Readable, Setting, quoted, setting};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub filter: LogFilter,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: LogFilter("info".into()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line an event, for people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Readable for LogFormat {
    fn read(given: &Given<'_>) -> Option<Self> {
        match String::read(given)?.as_str() {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
    fn show(&self) -> String {
        quoted(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Checked when it is read, so that a misspelt level is an error and not a silent log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Readable for LogFilter {
    fn read(given: &Given<'_>) -> Option<Self> {
        let text = String::read(given)?;
        tracing_subscriber::EnvFilter::try_new(&text).is_ok().then_some(Self(text))
    }
    fn show(&self) -> String {
        quoted(&self.0)
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!("log.format", "PAYPIER_LOG", log.format, "text or json"),
    setting!(
        "log.filter",
        "PAYPIER_LOG_FILTER",
        log.filter,
        "levels (error, warn, info, debug, trace), also by module, such as info,paypier::jobs=debug"
    ),
];
