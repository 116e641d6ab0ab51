//! What the page's form brings: how it is to be paid, by whom, and where it goes. Texts are bounded and checked;
//! what is no text of a line is refused and never repaired.

use crate::http::pages::link::model::{Delivery, Payer, Problem};
use paypier_domain::global::{Choice, Person, Place};

/// More fields than the page has are not read.
const MOST_FIELDS: usize = 32;

/// A form that is of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub choice: Choice,
    pub payer: Payer,
    /// Absent where the page did not ask.
    pub delivery: Option<Delivery>,
}

/// # Errors
/// What to tell the payer.
pub fn read(body: &[u8]) -> Result<Sent, Problem> {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body)
        .take(MOST_FIELDS)
        .map(|(name, value)| (name.into_owned(), value.trim().to_owned()))
        .collect();
    let given = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let line = |name: &str, most: usize| -> Result<String, Problem> {
        let text = given(name).unwrap_or_default();
        if text.chars().count() > most || text.chars().any(char::is_control) {
            return Err(Problem::Malformed);
        }
        Ok(text.to_owned())
    };
    let (channel, method) =
        given("method").and_then(|value| value.split_once(':')).ok_or(Problem::NotOffered)?;
    let email = line("billing_email", 254)?;
    if !email.is_empty() && email.parse::<lettre::Address>().is_err() {
        return Err(Problem::Malformed);
    }
    let country_code = line("country_code", 2)?.to_ascii_uppercase();
    let is_code = country_code.len() == 2 && country_code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !(country_code.is_empty() || is_code) {
        return Err(Problem::Malformed);
    }
    let delivery = match given("line_1") {
        None => None,
        Some(_) => Some(Delivery {
            name: line("shipping_name", 100)?,
            phone: line("shipping_phone", 30)?,
            line_1: line("line_1", 200)?,
            line_2: line("line_2", 200)?,
            city: line("city", 100)?,
            state: line("state", 100)?,
            postal_code: line("postal_code", 20)?,
            country_code,
        }),
    };
    Ok(Sent {
        choice: Choice { channel: channel.to_owned(), method: method.to_owned() },
        payer: Payer { name: line("billing_name", 100)?, email, phone: line("billing_phone", 30)? },
        delivery,
    })
}

/// Who receives, as the order keeps it.
pub fn receiver(delivery: Delivery) -> Person {
    Person {
        name: delivery.name,
        surname: String::new(),
        email: String::new(),
        phone: delivery.phone,
        place: Place {
            city: delivery.city,
            country_code: delivery.country_code,
            country_name: String::new(),
            locale: String::new(),
            line_1: delivery.line_1,
            line_2: delivery.line_2,
            postal_code: delivery.postal_code,
            state: delivery.state,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whole_or_not_at_all() {
        let sent = read(
            b"method=CHILLPAY%3ACHILLPAY_QRCODE&billing_name=+Kim+&billing_email=kim%40example.com&billing_phone=%2B82&line_1=1+Street&country_code=th",
        )
        .unwrap();
        assert_eq!(
            (sent.choice.channel.as_str(), sent.choice.method.as_str()),
            ("CHILLPAY", "CHILLPAY_QRCODE")
        );
        assert_eq!((sent.payer.name.as_str(), sent.payer.email.as_str()), ("Kim", "kim@example.com"));
        let delivery = sent.delivery.unwrap();
        assert_eq!((delivery.line_1.as_str(), delivery.country_code.as_str()), ("1 Street", "TH"));
        assert_eq!(read(b"method=A%3AB").unwrap().delivery, None, "the page did not ask");

        for (body, problem) in [
            ("".to_owned(), Problem::NotOffered),
            ("method=card".to_owned(), Problem::NotOffered),
            ("method=A%3AB&billing_email=kim".to_owned(), Problem::Malformed),
            ("method=A%3AB&billing_name=a%0Ab".to_owned(), Problem::Malformed),
            (format!("method=A%3AB&billing_name={}", "x".repeat(101)), Problem::Malformed),
            ("method=A%3AB&line_1=x&country_code=1".to_owned(), Problem::Malformed),
        ] {
            assert_eq!(read(body.as_bytes()), Err(problem), "{body}");
        }
    }
}
