//! Cards: credentials on their way in, what may be shown on the way out.

use super::invalid;
use crate::app::failure::Failure;
use paypier_connectors::contract::Card;
use paypier_domain::psp::CardDetails;
use paypier_wire::v2;

/// # Errors
/// A number that is not 12 to 19 digits, an expiry that is not two digits each, a month that is none,
/// a birthday or business number that is not 6 or 10 digits, a password part that is not two digits.
/// The refusal never repeats a value.
pub fn asked(credential: v2::CardCredential) -> Result<Card, Failure> {
    let refuse =
        |member: &str, accepted: &str| Err(invalid(&format!("method.card.credential.{member}"), accepted));
    if !has_digits(&credential.number, 12..=19) {
        return refuse("number", "must be 12 to 19 digits");
    }
    if !has_digits(&credential.expiry_year, 2..=2) {
        return refuse("expiryYear", "must be two digits");
    }
    let month = credential.expiry_month.as_str();
    if !has_digits(month, 2..=2) || !("01"..="12").contains(&month) {
        return refuse("expiryMonth", "must be two digits from 01 to 12");
    }
    let number = &credential.birth_or_business_registration_number;
    if number.as_ref().is_some_and(|number| !has_digits(number, 6..=6) && !has_digits(number, 10..=10)) {
        return refuse("birthOrBusinessRegistrationNumber", "must be 6 digits (yyMMdd) or 10 digits");
    }
    if credential.password_two_digits.as_ref().is_some_and(|digits| !has_digits(digits, 2..=2)) {
        return refuse("passwordTwoDigits", "must be two digits");
    }
    Ok(Card::new(
        credential.number,
        credential.expiry_year,
        credential.expiry_month,
        credential.birth_or_business_registration_number,
        credential.password_two_digits,
    ))
}

fn has_digits(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub fn shown(card: &CardDetails) -> v2::Card {
    v2::Card {
        publisher: card.publisher.clone().or_else(|| card.issuer.clone()),
        issuer: card.issuer.clone().or_else(|| card.publisher.clone()),
        brand: card.brand.as_deref().and_then(v2::CardBrand::parse),
        kind: card.kind.as_deref().and_then(v2::CardType::parse),
        owner_type: card.owner.as_deref().and_then(v2::CardOwnerType::parse),
        bin: card.bin.clone(),
        name: card.name.clone(),
        number: card.masked_number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_digits_and_are_not_repeated() {
        let good = || v2::CardCredential {
            number: "4242424242424242".into(),
            expiry_year: "30".into(),
            expiry_month: "01".into(),
            birth_or_business_registration_number: None,
            password_two_digits: None,
        };
        let with = |change: fn(&mut v2::CardCredential)| {
            let mut credential = good();
            change(&mut credential);
            credential
        };
        for (credential, member) in [
            (good(), None),
            (with(|c| c.number = "4242abcd42424242".into()), Some("number")),
            (with(|c| c.number = "4242-4242-4242-4242".into()), Some("number")),
            (with(|c| c.number = "42424242424".into()), Some("number")),
            (with(|c| c.number = "4".repeat(20)), Some("number")),
            (with(|c| c.number = "４２４２".repeat(4)), Some("number")),
            (with(|c| c.expiry_year = "2030".into()), Some("expiryYear")),
            (with(|c| c.expiry_year = "3".into()), Some("expiryYear")),
            (with(|c| c.expiry_month = "1".into()), Some("expiryMonth")),
            (with(|c| c.expiry_month = "00".into()), Some("expiryMonth")),
            (with(|c| c.expiry_month = "13".into()), Some("expiryMonth")),
            (with(|c| c.birth_or_business_registration_number = Some("900131".into())), None),
            (with(|c| c.birth_or_business_registration_number = Some("1234567890".into())), None),
            (
                with(|c| c.birth_or_business_registration_number = Some("19900131".into())),
                Some("birthOrBusinessRegistrationNumber"),
            ),
            (with(|c| c.password_two_digits = Some("12".into())), None),
            (with(|c| c.password_two_digits = Some("1234".into())), Some("passwordTwoDigits")),
        ] {
            match (asked(credential), member) {
                (Ok(_), None) => {}
                (Err(failure), Some(member)) => {
                    let text = failure.to_string();
                    assert!(text.starts_with(&format!("method.card.credential.{member} must be ")), "{text}");
                    assert!(!text.contains("4242") && !text.contains("2030"), "{text}");
                }
                (other, member) => panic!("{member:?}: {}", other.is_ok()),
            }
        }
    }
}
