//! Mails, handed to a mail server over SMTP.

use super::{Email, Handed};
use crate::config::notify::{EmailFrom, SmtpUrl};
use lettre::message::header::HeaderName;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::{Duration, SystemTime};

#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl Smtp {
    /// # Errors
    /// The address is none, or TLS cannot be set up. The text holds no password.
    pub fn new(url: &SmtpUrl, from: &EmailFrom, patience: Duration) -> Result<Self, String> {
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url.text()).map_err(|error| told(&error))?;
        let transport = builder.timeout(Some(patience)).build();
        Ok(Self { transport, from: from.0.clone(), patience })
    }

    pub async fn send(&self, email: Email) -> Handed {
        let message = match written(&self.from, &email) {
            Ok(message) => message,
            Err(reason) => return Handed::Refused(reason),
        };
        // Whether the server is there is asked apart, because a message that met nobody certainly did not leave.
        match tokio::time::timeout(self.patience, self.transport.test_connection()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Handed::NotNow("the mail server does not serve now".into()),
            Ok(Err(error)) if error.is_permanent() => return Handed::Refused(told(&error)),
            Ok(Err(error)) => return Handed::NotNow(told(&error)),
            Err(_) => return Handed::NotNow("the mail server cannot be reached in time".into()),
        }
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(_)) => Handed::Over,
            Ok(Err(error)) if error.is_permanent() || error.is_client() => Handed::Refused(told(&error)),
            Ok(Err(error)) if error.is_transient() => Handed::NotNow(told(&error)),
            Ok(Err(error)) => Handed::Unknown(told(&error)),
            Err(_) => Handed::Unknown("the mail server did not answer in time".into()),
        }
    }
}

/// What went wrong, without what was sent.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text.chars().take(300).collect()
}

/// The message. Names and subjects cannot break out of their header: control characters are taken out of them,
/// and the rest is encoded.
fn written(from: &Mailbox, email: &Email) -> Result<Message, String> {
    let to: Address = email.to.trim().parse().map_err(|error| format!("the address is none: {error}"))?;
    let name = |name: &str| Some(plain(name)).filter(|name| !name.is_empty());
    let domain = from.email.domain().to_owned();
    let at = Duration::try_from(email.at.duration_since(jiff::Timestamp::UNIX_EPOCH)).unwrap_or_default();
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .from(Mailbox::new(name(&email.from_name).or_else(|| from.name.clone()), from.email.clone()))
        .to(Mailbox::new(name(&email.to_name), to))
        .date(SystemTime::UNIX_EPOCH.checked_add(at).unwrap_or(SystemTime::UNIX_EPOCH))
        .message_id(Some(format!("<{}@{domain}>", email.reference)))
        .raw_header(lettre::message::header::HeaderValue::new(automatic, "auto-generated".into()))
        .subject(plain(&email.subject))
        .multipart(MultiPart::alternative_plain_html(email.text.clone(), email.html.clone()))
        .map_err(|error| error.to_string())
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email() -> Email {
        Email {
            to: "kim@example.com".into(),
            to_name: "김 구매자".into(),
            from_name: "Shop\r\nBcc: all@example.com".into(),
            subject: "결제 요청\r\nX-Evil: 1".into(),
            text: "hello".into(),
            html: "<p>hello</p>".into(),
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
            reference: "invitation.2BEemUknaImTq5ljmoNQQV2tSll".into(),
        }
    }

    fn from() -> Mailbox {
        "Payments <pay@shop.example>".parse().unwrap()
    }

    #[test]
    fn a_mail_is_written_from_what_it_is_given_and_from_nothing_else() {
        let message = written(&from(), &email()).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains("Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n"), "{text}");
        assert!(
            text.contains("Message-ID: <invitation.2BEemUknaImTq5ljmoNQQV2tSll@shop.example>\r\n"),
            "{text}"
        );
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("<pay@shop.example>"), "{text}");
        let lines: Vec<&str> = text.lines().map(|line| line.split(':').next().unwrap_or("")).collect();
        assert!(!lines.contains(&"Bcc") && !lines.contains(&"X-Evil"), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for to in
            ["", "kim", "kim@", "a@b@c", "kim@example.com\r\nRCPT TO:<x@example.com>", "a b@example.com"]
        {
            assert!(written(&from(), &Email { to: to.into(), ..email() }).is_err(), "{to:?}");
        }
    }
}
