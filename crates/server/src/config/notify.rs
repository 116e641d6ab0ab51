//! How buyers are reached: the mail server, and the gateway for text messages. Nothing set means that nobody can
//! be notified, which is said where somebody should have been.

use super::setting::{Given, Readable, Setting, quoted, setting};
use lettre::message::Mailbox;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    pub smtp_url: Option<SmtpUrl>,
    /// Whom mails come from; the merchant's name is put in front of the address.
    pub email_from: Option<EmailFrom>,
    pub sms_url: Option<Url>,
    /// Sent to the gateway as a bearer token.
    pub sms_token: Option<Confidential>,
    /// What the gateway shows as the sender.
    pub sms_sender: Option<String>,
    /// For one message, connecting included.
    pub timeout: Duration,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            smtp_url: None,
            email_from: None,
            sms_url: None,
            sms_token: None,
            sms_sender: None,
            timeout: Duration::from_secs(20),
        }
    }
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Confidential(Zeroizing<String>);

impl Confidential {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Confidential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Confidential(..)")
    }
}

impl Readable for Confidential {
    fn read(given: &Given<'_>) -> Option<Self> {
        String::read(given).map(|text| Self(Zeroizing::new(text)))
    }
    fn show(&self) -> String {
        quoted("")
    }
}

/// Where mails are handed over: `smtp://` without TLS, `smtp://…?tls=required` with STARTTLS, `smtps://` with
/// TLS from the start; user and password in front of the host. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(Confidential);

impl SmtpUrl {
    pub fn text(&self) -> &str {
        self.0.text()
    }
}

impl std::fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmtpUrl(..)")
    }
}

impl Readable for SmtpUrl {
    fn read(given: &Given<'_>) -> Option<Self> {
        let text = Confidential::read(given)?;
        let url = Url::parse(text.text()).ok()?;
        (matches!(url.scheme(), "smtp" | "smtps") && url.has_host()).then_some(Self(text))
    }
    fn show(&self) -> String {
        quoted("")
    }
}

/// A mail address, with or without a name: `Payments <pay@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailFrom(pub Mailbox);

impl Readable for EmailFrom {
    fn read(given: &Given<'_>) -> Option<Self> {
        String::read(given)?.parse().ok().map(Self)
    }
    fn show(&self) -> String {
        quoted(&self.0.to_string())
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "notify.smtp_url",
        "PAYPIER_NOTIFY_SMTP_URL",
        notify.smtp_url,
        "an address such as smtps://user:password@mail.example.com or smtp://mail.example.com:587?tls=required, or nothing to send no mails",
        Withheld
    ),
    setting!(
        "notify.email_from",
        "PAYPIER_NOTIFY_EMAIL_FROM",
        notify.email_from,
        "a mail address such as pay@example.com, or nothing to send no mails"
    ),
    setting!(
        "notify.sms_url",
        "PAYPIER_NOTIFY_SMS_URL",
        notify.sms_url,
        "an http or https address without query, or nothing to send no text messages"
    ),
    setting!(
        "notify.sms_token",
        "PAYPIER_NOTIFY_SMS_TOKEN",
        notify.sms_token,
        "a text, or nothing to send no token",
        Withheld
    ),
    setting!(
        "notify.sms_sender",
        "PAYPIER_NOTIFY_SMS_SENDER",
        notify.sms_sender,
        "a text such as +8215880000 or SHOP, or nothing to leave it to the gateway"
    ),
    setting!(
        "notify.timeout",
        "PAYPIER_NOTIFY_TIMEOUT",
        notify.timeout,
        "a time from 1s to 60s, with its unit (ms, s)",
        Duration::from_secs(1)..=Duration::from_secs(60)
    ),
];
