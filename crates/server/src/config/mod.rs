//! Configuration: one typed struct a concern, parsed once, from defaults, then the TOML file, then
//! the environment, then the flags; the later wins.
//!
//! Every setting is declared in exactly one place (a [`Setting`] in its concern's file) and is read
//! through it wherever it comes from. An unknown key, a missing unit or a value out of range is an
//! error that names the key, the value and what is accepted. This is the only module that looks at
//! environment variables. `config.example.toml` is the reference, and a test keeps it equal to the
//! defaults.

pub mod database;
pub mod limits;
pub mod log;
pub mod notify;
pub mod platform;
pub mod quantity;
pub mod sandbox;
pub mod security;
pub mod server;
pub mod setting;
pub mod stripe;
pub mod webhooks;

use database::DatabaseConfig;
use limits::LimitsConfig;
use log::LogConfig;
use notify::NotifyConfig;
use paypier_storage::DatabaseUrl;
use platform::PlatformConfig;
use sandbox::SandboxConfig;
use security::SecurityConfig;
use server::ServerConfig;
use setting::{Given, Quoting, Setting};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use stripe::StripeConfig;
use webhooks::WebhooksConfig;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub security: SecurityConfig,
    pub sandbox: SandboxConfig,
    pub stripe: StripeConfig,
    pub platform: PlatformConfig,
    pub webhooks: WebhooksConfig,
    pub notify: NotifyConfig,
    pub limits: LimitsConfig,
    pub log: LogConfig,
}

/// All settings, in the order of the reference.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    [
        server::SETTINGS,
        database::SETTINGS,
        security::SETTINGS,
        sandbox::SETTINGS,
        stripe::SETTINGS,
        platform::SETTINGS,
        webhooks::SETTINGS,
        notify::SETTINGS,
        limits::SETTINGS,
        log::SETTINGS,
    ]
    .into_iter()
    .flatten()
}

/// Variables with our prefix that are not settings: where the file is, and what clients on the
/// command line and the tests read.
const OTHER_VARIABLES: [&str; 8] = [
    "PAYPIER_CONFIG",
    API_SECRET_VARIABLE,
    "PAYPIER_TEST_POSTGRES_URL",
    "PAYPIER_TEST_POSTGRES_ISOLATION",
    "PAYPIER_TEST_LOCALSTRIPE_URL",
    "PAYPIER_TEST_STRIPE_MOCK_URL",
    "PAYPIER_BIN",
    "PAYPIER_SANDBOX",
];

/// The API secret that the commands use that are clients of a server.
pub const API_SECRET_VARIABLE: &str = "PAYPIER_API_SECRET";

/// The environment variables of the process, read once.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Every variable that can be a setting or is asked for by name.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os();
        Self(
            variables
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The variable's text; an empty one counts as not set, because that is how containers and
    /// scripts say "no value".
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Variables that look like settings and are none: most likely misspelt.
    fn unknown(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| {
            name.starts_with("PAYPIER_")
                // Kubernetes sets these for a service that is called paypier.
                && !name.starts_with("PAYPIER_PORT") && !name.starts_with("PAYPIER_SERVICE_")
                && !OTHER_VARIABLES.contains(name)
                && !settings().any(|setting| setting.env == *name)
        })
    }
}

/// A flag of the command line that overrides a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub flag: &'static str,
    pub key: &'static str,
    pub value: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "the configuration file {path} cannot be read: {cause}. Correct the path given with --config or PAYPIER_CONFIG"
    )]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("the configuration file {path} is not TOML: {cause}")]
    NotToml { path: PathBuf, cause: Box<toml::de::Error> },
    #[error("{origin}: there is no setting {key}{hint}; config.example.toml lists all settings")]
    Unknown { origin: String, key: String, hint: String },
    #[error("{origin}: {key} = {value} is not accepted; it takes {accepts}")]
    NotAccepted { origin: String, key: &'static str, value: String, accepts: &'static str },
    #[error("{0}")]
    Contradiction(String),
}

impl Config {
    /// Reads the file (when there is one), the environment and the flags over the defaults.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(
        file: Option<&Path>,
        environment: &Environment,
        flags: &[Override],
    ) -> Result<Self, ConfigError> {
        let file = file.map(Path::to_owned).or_else(|| environment.get("PAYPIER_CONFIG").map(PathBuf::from));
        let text = match &file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?)
            }
            None => None,
        };
        Self::from_layers(file.as_deref().zip(text.as_deref()), environment, flags)
    }

    /// As [`Config::load`], with the file's text handed in.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn from_layers(
        file: Option<(&Path, &str)>,
        environment: &Environment,
        flags: &[Override],
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some((path, text)) = file {
            config.read_file(path, text)?;
        }
        for setting in settings() {
            if let Some(value) = environment.get(setting.env) {
                config.set(setting, &Given::Text(value), setting.env)?;
            }
        }
        for flag in flags {
            let setting = settings()
                .find(|setting| setting.key == flag.key)
                .ok_or_else(|| unknown(flag.flag, flag.key))?;
            config.set(setting, &Given::Text(&flag.value), flag.flag)?;
        }
        config.check()?;
        Ok(config)
    }

    fn read_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let document: toml::Table = toml::from_str(text)
            .map_err(|cause| ConfigError::NotToml { path: path.to_owned(), cause: Box::new(cause) })?;
        let origin = path.display().to_string();
        for (section, members) in &document {
            let Some(members) = members.as_table() else { return Err(unknown(&origin, section)) };
            for (name, value) in members {
                let key = format!("{section}.{name}");
                let setting =
                    settings().find(|setting| setting.key == key).ok_or_else(|| unknown(&origin, &key))?;
                self.set(setting, &Given::Typed(value), &origin)?;
            }
            if members.is_empty() && !settings().any(|s| s.key.split('.').next() == Some(section)) {
                return Err(unknown(&origin, section));
            }
        }
        Ok(())
    }

    fn set(&mut self, setting: &Setting, given: &Given<'_>, origin: &str) -> Result<(), ConfigError> {
        (setting.set)(self, given).ok_or_else(|| ConfigError::NotAccepted {
            origin: origin.to_owned(),
            key: setting.key,
            value: match setting.quoting {
                Quoting::Quoted => given.to_string(),
                Quoting::Withheld => "(withheld, it may contain a secret)".into(),
            },
            accepts: setting.accepts,
        })
    }

    /// What no single setting can say.
    fn check(&self) -> Result<(), ConfigError> {
        let against = |text: String| Err(ConfigError::Contradiction(text));
        if self.limits.answer_overdue <= self.limits.caller_patience {
            return against(format!(
                "limits.answer_overdue = {} must be longer than limits.caller_patience = {}: the job that looks for a \
                 missing answer must not race the request that still waits for it",
                quantity::shown_duration(self.limits.answer_overdue),
                quantity::shown_duration(self.limits.caller_patience)
            ));
        }
        if self.limits.request_deadline <= self.limits.caller_patience {
            return against(format!(
                "limits.request_deadline = {} must be longer than limits.caller_patience = {}, or no caller is ever told \
                 that an outcome is unknown",
                quantity::shown_duration(self.limits.request_deadline),
                quantity::shown_duration(self.limits.caller_patience)
            ));
        }
        if self.sandbox.read_timeout >= self.limits.caller_patience {
            return against(format!(
                "sandbox.read_timeout = {} must be shorter than limits.caller_patience = {}, or callers give up first",
                quantity::shown_duration(self.sandbox.read_timeout),
                quantity::shown_duration(self.limits.caller_patience)
            ));
        }
        if self.security.refresh_token_lifetime <= self.security.access_token_lifetime {
            return against(format!(
                "security.refresh_token_lifetime = {} must be longer than security.access_token_lifetime = {}",
                quantity::shown_duration(self.security.refresh_token_lifetime),
                quantity::shown_duration(self.security.access_token_lifetime)
            ));
        }
        Ok(())
    }

    /// The database that is meant: the configured one, or the SQLite file in the data folder.
    pub fn database_url(&self) -> DatabaseUrl {
        self.database
            .url
            .clone()
            .unwrap_or_else(|| DatabaseUrl::Sqlite(self.server.data_dir.join("paypier.db")))
    }

    /// Where clients reach the server that listens on `bound`, without a slash at the end.
    pub fn public_url(&self, bound: std::net::SocketAddr) -> String {
        self.server
            .public_url
            .as_ref()
            .map_or_else(|| format!("http://{bound}"), |url| url.as_str().trim_end_matches('/').to_owned())
    }

    /// Every setting with its value as the file would spell it.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        settings().map(|setting| (setting.key, (setting.show)(self))).collect()
    }
}

/// Variables that look like settings and are none, each as a sentence for the log. Not an error:
/// the environment belongs to many, and a container platform adds names of its own.
pub fn warnings(environment: &Environment) -> Vec<String> {
    environment
        .unknown()
        .map(|name| {
            let nearest = nearest(name, settings().map(|setting| setting.env));
            let hint = nearest.map_or_else(String::new, |nearest| format!("; is {nearest} meant?"));
            format!("the environment variable {name} is not a setting and was ignored{hint}")
        })
        .collect()
}

fn unknown(origin: &str, key: &str) -> ConfigError {
    let hint = nearest(key, settings().map(|setting| setting.key))
        .map_or_else(String::new, |nearest| format!(" (is {nearest} meant?)"));
    ConfigError::Unknown { origin: origin.to_owned(), key: key.to_owned(), hint }
}

/// The candidate that most likely was meant: few letters differ.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be added, removed or replaced (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, l) in left.chars().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or(0);
        if let Some(first) = row.first_mut() {
            *first = index.saturating_add(1);
        }
        let mut before = index.saturating_add(1);
        for (cell, r) in row.iter_mut().skip(1).zip(right.chars()) {
            let replaced = diagonal.saturating_add(usize::from(l != r));
            diagonal = *cell;
            *cell = replaced.min(cell.saturating_add(1)).min(before.saturating_add(1));
            before = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
