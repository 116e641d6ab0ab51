//! The cards of the sandbox and what each number makes happen.
//!
//! A number is looked at here and nowhere else. What leaves this file is a behaviour, an expiry and
//! what may be kept of a card.

use super::api::CardBody;
use super::code::Code;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What a card does. Kept with orders and tokens, in place of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Behaviour {
    Approved,
    Declined,
    InsufficientFunds,
    Expired,
    IncorrectSecurityData,
    LostOrStolen,
    /// The PSP fails before it executes anything.
    PspError,
    /// Charges by token are declined; the token itself is issued.
    TokenDeclined,
    /// The hosted page asks for a code. A key-in charge has no page and is approved.
    ThreeDSecure,
    /// Charged, and the answer is lost.
    AnswerLost,
    /// The request is lost: nothing happens and nothing is answered.
    RequestLost,
    /// Charged, and neither the answer nor the first queries come through.
    AnswerAndQueriesLost,
    RefundSucceedsLater,
    RefundFailsLater,
    RefundRefused,
    /// Announced twice, before the answer.
    NotifiedFirst,
    /// Accepted now and approved a while later: no card, but what some wallets do.
    ApprovedLater,
}

/// What the PSP does about a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Approve,
    Decline(Code),
    /// Not executed, and the answer says so.
    Fail,
    /// Not executed, and nothing is answered.
    Vanish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    KeyIn,
    Token,
}

impl Behaviour {
    /// By number; `None` for numbers without a behaviour of their own.
    fn of(number: &str) -> Option<Self> {
        Some(match number {
            "4242424242424242" | "5555555555554444" | "4000056655665556" | "9400000000000000" => {
                Self::Approved
            }
            "4000000000000002" => Self::Declined,
            "4000000000009995" => Self::InsufficientFunds,
            "4000000000000069" => Self::Expired,
            "4000000000000127" => Self::IncorrectSecurityData,
            "4000000000009987" => Self::LostOrStolen,
            "4000000000000119" => Self::PspError,
            "4000000000000341" => Self::TokenDeclined,
            "4000000000003220" => Self::ThreeDSecure,
            "4000000000006000" => Self::AnswerLost,
            "4000000000006018" => Self::RequestLost,
            "4000000000006026" => Self::AnswerAndQueriesLost,
            "4000000000007726" => Self::RefundSucceedsLater,
            "4000000000005126" => Self::RefundFailsLater,
            "4000000000005134" => Self::RefundRefused,
            "4000000000008888" => Self::NotifiedFirst,
            _ => return None,
        })
    }

    pub(super) const fn verdict(self, instrument: Instrument) -> Verdict {
        match self {
            Self::Declined => Verdict::Decline(Code::Declined),
            Self::InsufficientFunds => Verdict::Decline(Code::InsufficientFunds),
            Self::Expired => Verdict::Decline(Code::ExpiredCard),
            Self::IncorrectSecurityData => Verdict::Decline(Code::IncorrectSecurityData),
            Self::LostOrStolen => Verdict::Decline(Code::LostOrStolen),
            Self::PspError => Verdict::Fail,
            Self::RequestLost => Verdict::Vanish,
            Self::TokenDeclined => match instrument {
                Instrument::KeyIn => Verdict::Approve,
                Instrument::Token => Verdict::Decline(Code::Declined),
            },
            Self::Approved
            | Self::ThreeDSecure
            | Self::AnswerLost
            | Self::AnswerAndQueriesLost
            | Self::RefundSucceedsLater
            | Self::RefundFailsLater
            | Self::RefundRefused
            | Self::ApprovedLater
            | Self::NotifiedFirst => Verdict::Approve,
        }
    }

    /// What becomes of a request for a token. Cards that lose answers or funds do so when they are
    /// charged; cards that the issuer does not accept at all get no token.
    pub(super) const fn token_verdict(self) -> Verdict {
        match self {
            Self::Declined => Verdict::Decline(Code::Declined),
            Self::Expired => Verdict::Decline(Code::ExpiredCard),
            Self::IncorrectSecurityData => Verdict::Decline(Code::IncorrectSecurityData),
            Self::LostOrStolen => Verdict::Decline(Code::LostOrStolen),
            Self::PspError => Verdict::Fail,
            Self::Approved
            | Self::InsufficientFunds
            | Self::TokenDeclined
            | Self::ThreeDSecure
            | Self::AnswerLost
            | Self::RequestLost
            | Self::AnswerAndQueriesLost
            | Self::RefundSucceedsLater
            | Self::RefundFailsLater
            | Self::RefundRefused
            | Self::ApprovedLater
            | Self::NotifiedFirst => Verdict::Approve,
        }
    }
}

/// The last month in which a card can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Expiry {
    year: i16,
    month: i8,
}

impl Expiry {
    /// `30` or `2030`, and `1` to `12`.
    fn parse(year: &str, month: &str) -> Option<Self> {
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(year) || !are_digits(month) || !matches!(year.len(), 2 | 4) || month.len() > 2 {
            return None;
        }
        let month: i8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
        let year: i16 = year.parse().ok()?;
        Some(Self { year: if year < 100 { year.saturating_add(2000) } else { year }, month })
    }

    /// A card can be used until the end of its month. The month ends when it ends in UTC.
    pub(super) fn is_past(self, now: Timestamp) -> bool {
        let today = TimeZone::UTC.to_datetime(now);
        self < Self { year: today.year(), month: today.month() }
    }
}

/// What may be kept of a card and told about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardFacts {
    pub(super) brand: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) owner_type: String,
    pub(super) issuer: String,
    pub(super) publisher: String,
    pub(super) name: String,
    pub(super) bin: String,
    /// Masked.
    pub(super) number: String,
}

/// A card that the PSP accepts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadCard {
    pub(super) behaviour: Behaviour,
    pub(super) expiry: Expiry,
    pub(super) facts: CardFacts,
}

/// Reads a typed card: number, expiry and security data, in this order.
///
/// # Errors
/// The code that the card is declined with.
pub(super) fn read(card: &CardBody, now: Timestamp) -> Result<ReadCard, Code> {
    let number = card.number();
    if !(13..=19).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Code::InvalidCard);
    }
    let behaviour = match Behaviour::of(number) {
        Some(behaviour) => behaviour,
        None if passes_luhn(number) => Behaviour::Approved,
        None => return Err(Code::InvalidCard),
    };
    let expiry = Expiry::parse(&card.expiry_year, &card.expiry_month).ok_or(Code::InvalidCard)?;
    if expiry.is_past(now) {
        return Err(Code::ExpiredCard);
    }
    let is_all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let owner = card.birth_or_business_number();
    if owner.is_some_and(|owner| !matches!(owner.len(), 6 | 10) || !is_all_digits(owner)) {
        return Err(Code::IncorrectSecurityData);
    }
    if card.password_two_digits().is_some_and(|digits| digits.len() != 2 || !is_all_digits(digits)) {
        return Err(Code::IncorrectSecurityData);
    }
    Ok(ReadCard { behaviour, expiry, facts: facts(number, owner.is_some_and(|owner| owner.len() == 10)) })
}

/// ISO/IEC 7812-1, annex B.
fn passes_luhn(number: &str) -> bool {
    let sum = number.bytes().rev().enumerate().fold(0u32, |sum, (position, byte)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        let doubled = digit.saturating_mul(2);
        sum.saturating_add(match position.is_multiple_of(2) {
            true => digit,
            false if doubled > 9 => doubled.saturating_sub(9),
            false => doubled,
        })
    });
    sum.is_multiple_of(10)
}

fn facts(number: &str, is_corporate: bool) -> CardFacts {
    let (brand, issuer, brand_name) = brand_of(number);
    let is_debit = number.starts_with("400005");
    CardFacts {
        brand: brand.to_owned(),
        kind: if is_debit { "DEBIT" } else { "CREDIT" }.to_owned(),
        owner_type: if is_corporate { "CORPORATE" } else { "PERSONAL" }.to_owned(),
        issuer: issuer.to_owned(),
        publisher: issuer.to_owned(),
        name: format!("Sandbox {brand_name} {}", if is_debit { "debit" } else { "credit" }),
        bin: number.chars().take(6).collect(),
        number: masked(number),
    }
}

/// Brand by the first digits, an issuer of the contract's names, and the brand as people write it.
fn brand_of(number: &str) -> (&'static str, &'static str, &'static str) {
    let start = |digits: usize| number.get(..digits).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    match (start(1), start(2), start(4)) {
        (_, 34 | 37, _) => ("AMEX", "SAMSUNG_CARD", "American Express"),
        (_, _, 3528..=3589) => ("JCB", "BC_CARD", "JCB"),
        (_, 36 | 38 | 39, _) | (_, _, 3000..=3059) => ("DINERS", "HYUNDAI_CARD", "Diners Club"),
        (4, _, _) => ("VISA", if number.starts_with("4242") { "KOOKMIN_CARD" } else { "WOORI_CARD" }, "Visa"),
        (_, 51..=55, _) | (_, _, 2221..=2720) => ("MASTER", "HYUNDAI_CARD", "Mastercard"),
        (_, 62, _) => ("UNIONPAY", "BC_CARD", "UnionPay"),
        (_, _, 9410) => ("LOCAL", "SAMSUNG_CARD", "domestic"),
        (_, _, 9420) => ("LOCAL", "LOTTE_CARD", "domestic"),
        (_, _, 9430) => ("LOCAL", "HANA_CARD", "domestic"),
        (_, _, 9440) => ("LOCAL", "NH_CARD", "domestic"),
        (_, 94, _) => ("LOCAL", "SHINHAN_CARD", "domestic"),
        _ => ("LOCAL", "BC_CARD", "domestic"),
    }
}

/// At most the first 8 and the last 4 digits (PCI DSS 3.4).
fn masked(number: &str) -> String {
    let count = number.len();
    let shown = if count >= 16 { 8 } else { 6 };
    let digit = |(index, digit)| if index < shown || index >= count.saturating_sub(4) { digit } else { '*' };
    number.chars().enumerate().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_follow_the_first_digits() {
        for (number, brand, kind) in [
            ("4242424242424242", "VISA", "CREDIT"),
            ("4000056655665556", "VISA", "DEBIT"),
            ("5555555555554444", "MASTER", "CREDIT"),
            ("2223003122003222", "MASTER", "CREDIT"),
            ("378282246310005", "AMEX", "CREDIT"),
            ("3530111333300000", "JCB", "CREDIT"),
            ("30569309025904", "DINERS", "CREDIT"),
            ("6200000000000005", "UNIONPAY", "CREDIT"),
            ("9400000000000000", "LOCAL", "CREDIT"),
        ] {
            let facts = facts(number, false);
            assert_eq!((facts.brand.as_str(), facts.kind.as_str()), (brand, kind), "{number}");
        }
    }

    /// The PSP and the connector to it each have the list; they are the same list.
    #[test]
    fn the_published_list_of_companies_is_the_one_that_cards_are_issued_by() {
        let others = ["1000", "6200", "6304", "9000", "2720", "2721", "3058", "3060", "3527", "3590"];
        let every = (2_000..10_000).step_by(7).map(|start: u32| start.to_string());
        for start in
            every.chain(others.map(str::to_owned)).chain((9_400..9_450).map(|start| start.to_string()))
        {
            let number = format!("{start}000000000000");
            let published = crate::simulator::bins::company_of(&facts(&number, false).bin);
            let issuer = facts(&number, false).issuer;
            assert_eq!(published.map(|company| company.as_str()), Some(issuer.as_str()), "{number}");
        }
        assert_eq!(crate::simulator::bins::company_of("42"), None);
        assert_eq!(crate::simulator::bins::company_of("4242x2"), None);
    }

    #[test]
    fn luhn_knows_a_wrong_digit() {
        for number in ["4242424242424242", "378282246310005", "30569309025904", "6200000000000005"] {
            assert!(passes_luhn(number), "{number}");
        }
        assert!(!passes_luhn("4242424242424241"));
    }

    #[test]
    fn a_card_is_good_until_the_end_of_its_month() {
        let expiry = Expiry::parse("26", "02").unwrap();
        assert!(!expiry.is_past("2026-02-28T23:59:59Z".parse().unwrap()));
        assert!(expiry.is_past("2026-03-01T00:00:00Z".parse().unwrap()));
        assert_eq!(Expiry::parse("2026", "2"), Some(expiry));
        for (year, month) in [("", "1"), ("26", "13"), ("26", "0"), ("026", "1"), ("+6", "1"), ("26", "x")] {
            assert_eq!(Expiry::parse(year, month), None, "{year}-{month}");
        }
    }

    #[test]
    fn the_middle_of_a_number_is_never_kept() {
        assert_eq!(facts("4242424242424242", true).number, "42424242****4242");
        assert_eq!(masked("378282246310005"), "378282*****0005");
        assert_eq!(masked("6304000000000000000"), "63040000*******0000");
    }
}
