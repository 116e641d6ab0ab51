//! Reaching buyers: mails and text messages.
//!
//! What is sent is made in [`letter`] and [`enrolment`]; how it leaves in [`smtp`] and [`sms`]. An answer says whether
//! the message left, certainly did not, or may have: who sends decides from that whether it is tried again.

pub mod enrolment;
pub mod letter;
pub mod sms;
pub mod smtp;

use crate::config::notify::NotifyConfig;
use async_trait::async_trait;
use jiff::Timestamp;
use sms::Sms;
use smtp::Smtp;

/// A mail, in text and in HTML, to one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As the buyer's address was given.
    pub to: String,
    pub to_name: String,
    /// Shown in front of our own address.
    pub from_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub at: Timestamp,
    /// Names the message; the same one has the same name.
    pub reference: String,
}

/// A line for a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// As the buyer's number was given.
    pub to: String,
    pub text: String,
    pub reference: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// The next one in line has it.
    Over,
    /// No way is configured.
    NoWay,
    /// It did not leave; trying again may help.
    NotNow(String),
    /// It did not leave and will not.
    Refused(String),
    /// It may have left.
    Unknown(String),
}

/// The ways out. The network is one; tests and simulations have their own.
#[async_trait]
pub trait Messenger: Send + Sync + std::fmt::Debug {
    async fn email(&self, email: Email) -> Handed;
    async fn text(&self, message: TextMessage) -> Handed;
}

/// What the configuration says.
#[derive(Debug)]
pub struct Notifier {
    smtp: Option<Smtp>,
    sms: Option<Sms>,
}

/// A way that is half configured, or that this machine cannot go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    #[error("notify.smtp_url and notify.email_from belong together: one of them is not set")]
    Half,
    #[error("notify.smtp_url (PAYPIER_NOTIFY_SMTP_URL) cannot be used: {0}")]
    Smtp(String),
    #[error("notify.sms_url (PAYPIER_NOTIFY_SMS_URL) cannot be used: {0}")]
    Sms(String),
}

impl Notifier {
    /// # Errors
    /// See [`NoWay`].
    pub fn new(config: &NotifyConfig) -> Result<Self, NoWay> {
        let smtp = match (&config.smtp_url, &config.email_from) {
            (Some(url), Some(from)) => Some(Smtp::new(url, from, config.timeout).map_err(NoWay::Smtp)?),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(NoWay::Half),
        };
        let sms = match &config.sms_url {
            Some(url) => Some(Sms::new(url, config).map_err(NoWay::Sms)?),
            None => None,
        };
        Ok(Self { smtp, sms })
    }
}

#[async_trait]
impl Messenger for Notifier {
    async fn email(&self, email: Email) -> Handed {
        match &self.smtp {
            Some(smtp) => smtp.send(email).await,
            None => Handed::NoWay,
        }
    }

    async fn text(&self, message: TextMessage) -> Handed {
        match &self.sms {
            Some(sms) => sms.send(message).await,
            None => Handed::NoWay,
        }
    }
}

/// No way at all: for tests and simulations that notify nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

#[async_trait]
impl Messenger for Nobody {
    async fn email(&self, _email: Email) -> Handed {
        Handed::NoWay
    }

    async fn text(&self, _message: TextMessage) -> Handed {
        Handed::NoWay
    }
}
