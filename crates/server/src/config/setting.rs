//! One setting: its key, where else it can be given, what it accepts, how it is read and shown.

use super::Config;
use super::quantity::{Bytes, shown_duration};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// One line of the configuration reference. The file, the environment and the flags all go through
/// it, so that they accept the same and refuse in the same words.
pub struct Setting {
    /// `section.name`, as in the file.
    pub key: &'static str,
    /// The environment variable that overrides the file.
    pub env: &'static str,
    /// Completes "it takes …" in an error.
    pub accepts: &'static str,
    /// Whether a value that was not accepted may be repeated in the error.
    pub quoting: Quoting,
    pub(super) set: fn(&mut Config, &Given<'_>) -> Option<()>,
    /// The value as the file would spell it.
    pub(super) show: fn(&Config) -> String,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.key, self.env)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    Quoted,
    /// May contain a password.
    Withheld,
}

/// A value as it was written, before it means anything.
#[derive(Debug)]
pub enum Given<'a> {
    /// From the file, with the type that the file gave it.
    Typed(&'a toml::Value),
    /// From the environment or a flag, where everything is text.
    Text(&'a str),
}

impl std::fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Typed(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl<'a> Given<'a> {
    fn text(&self) -> Option<&'a str> {
        match *self {
            Self::Typed(value) => value.as_str(),
            Self::Text(text) => Some(text),
        }
    }
}

/// Declares a [`Setting`] for a field of [`Config`]; the last argument, when given, is the range.
macro_rules! setting {
    ($key:literal, $env:literal, $($field:ident).+, $accepts:expr, $quoting:ident $(, $fits:expr)?) => {
        $crate::config::setting::Setting {
            key: $key,
            env: $env,
            accepts: $accepts,
            quoting: $crate::config::setting::Quoting::$quoting,
            set: |config, given| {
                let value = $crate::config::setting::Readable::read(given)?;
                $(
                    let fits = $fits;
                    if !fits.contains(&value) {
                        return None;
                    }
                )?
                config.$($field).+ = value;
                Some(())
            },
            show: |config| $crate::config::setting::Readable::show(&config.$($field).+),
        }
    };
    ($key:literal, $env:literal, $($field:ident).+, $accepts:expr $(, $fits:expr)?) => {
        setting!($key, $env, $($field).+, $accepts, Quoted $(, $fits)?)
    };
}
pub(super) use setting;

/// A type that a setting can have.
pub trait Readable: Sized {
    fn read(given: &Given<'_>) -> Option<Self>;
    fn show(&self) -> String;
}

/// A TOML string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

macro_rules! whole_numbers {
    ($($number:ty),+) => {$(
        impl Readable for $number {
            fn read(given: &Given<'_>) -> Option<Self> {
                match given {
                    Given::Typed(value) => value.as_integer()?.try_into().ok(),
                    Given::Text(text) => text.parse().ok(),
                }
            }
            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
whole_numbers!(u16, u32, u64);

impl Readable for bool {
    fn read(given: &Given<'_>) -> Option<Self> {
        match given {
            Given::Typed(value) => value.as_bool(),
            Given::Text("true") => Some(true),
            Given::Text("false") => Some(false),
            Given::Text(_) => None,
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Readable for String {
    fn read(given: &Given<'_>) -> Option<Self> {
        given.text().filter(|text| !text.is_empty()).map(str::to_owned)
    }
    fn show(&self) -> String {
        quoted(self)
    }
}

impl Readable for PathBuf {
    fn read(given: &Given<'_>) -> Option<Self> {
        given.text().filter(|text| !text.is_empty()).map(Self::from)
    }
    fn show(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Readable for SocketAddr {
    fn read(given: &Given<'_>) -> Option<Self> {
        given.text()?.parse().ok()
    }
    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Readable for Url {
    fn read(given: &Given<'_>) -> Option<Self> {
        let url = Self::parse(given.text()?).ok()?;
        let is_plain =
            matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
        (is_plain && url.has_host()).then_some(url)
    }
    fn show(&self) -> String {
        quoted(self.as_str())
    }
}

impl Readable for Duration {
    fn read(given: &Given<'_>) -> Option<Self> {
        super::quantity::duration(given.text()?)
    }
    fn show(&self) -> String {
        quoted(&shown_duration(*self))
    }
}

impl Readable for Bytes {
    fn read(given: &Given<'_>) -> Option<Self> {
        Self::parse(given.text()?)
    }
    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

/// An empty text means "not set".
impl<T: Readable> Readable for Option<T> {
    fn read(given: &Given<'_>) -> Option<Self> {
        if given.text() == Some("") { Some(None) } else { T::read(given).map(Some) }
    }
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), T::show)
    }
}
