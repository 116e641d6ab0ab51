//! What a page's form brings, as submissions.

use crate::app::checkout::identity::Person;
use crate::app::checkout::submit::{ProviderDecision, Submission};
use crate::app::checkout::view::Notice;
use paypier_connectors::contract::Card;
use paypier_wire::v2::{Bank, IdentityVerificationOperator};
use zeroize::{Zeroize, Zeroizing};

/// A form as it was sent. Its memory is cleared: a card number may be in it.
pub struct Form(Vec<(String, String)>);

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

/// More fields than any page has are not read.
const MOST_FIELDS: usize = 64;
const LONGEST_NAME: usize = 60;
const LONGEST_DEPOSITOR: usize = 40;

/// What is to be done with a form.
pub enum Sent {
    Submission(Submission),
    /// The buyer has seen the account that they are to transfer to.
    Done,
    /// Something in it cannot be right; the buyer corrects it.
    Malformed(Notice),
    /// No page of ours has such a form.
    Strange,
}

impl Form {
    pub fn read(body: &[u8]) -> Self {
        Self(
            url::form_urlencoded::parse(body)
                .take(MOST_FIELDS)
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    pub fn nonce(&self) -> &str {
        self.field("nonce")
    }

    /// The method that was chosen on an order sheet.
    pub fn method(&self) -> &str {
        self.field("method")
    }

    /// Whether each of the sheet's agreements is ticked.
    pub fn agrees_to(&self, agreements: usize) -> bool {
        (0..agreements).all(|place| self.field(&format!("agreement-{place}")) == "yes")
    }

    /// `ip_address` is the sender's.
    pub fn sent(&self, ip_address: &str) -> Sent {
        let decision = |decision| Sent::Submission(Submission::Provider(decision));
        match self.field("intent") {
            "card" => self.card(),
            "code" => match self.field("code") {
                code if (1..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    Sent::Submission(Submission::Code(code.to_owned()))
                }
                _ => Sent::Malformed(Notice::Malformed),
            },
            "account" => self.account(),
            "identity" => self.identity(ip_address),
            "approve" => decision(ProviderDecision::Approve),
            "approve_later" => decision(ProviderDecision::ApproveLater),
            "decline" => decision(ProviderDecision::Decline),
            "cancel" => decision(ProviderDecision::Cancel),
            "silence" => decision(ProviderDecision::Silence),
            "done" => Sent::Done,
            _ => Sent::Strange,
        }
    }

    fn card(&self) -> Sent {
        let digits = |name: &str| -> String {
            self.field(name).chars().filter(|c| !matches!(c, ' ' | '-' | '/')).collect()
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (number, mut expiry) = (digits("number"), digits("expiry"));
        // 12 / 2039 is 12 / 39.
        if expiry.len() == 6 && expiry.get(2..4) == Some("20") {
            expiry.replace_range(2..4, "");
        }
        let optional = |name: &str| Some(digits(name)).filter(|text| !text.is_empty());
        let (birth, password) = (optional("birth"), optional("password"));
        let installment = match self.field("installment") {
            "" => Some(0),
            months => months.parse::<u8>().ok(),
        };
        let month = expiry.get(..2).and_then(|month| month.parse::<u8>().ok());
        let is_right = (13..=19).contains(&number.len())
            && is_number(&number)
            && expiry.len() == 4
            && is_number(&expiry)
            && month.is_some_and(|month| (1..=12).contains(&month))
            && birth.as_deref().is_none_or(|birth| matches!(birth.len(), 6 | 10) && is_number(birth))
            && password.as_deref().is_none_or(|digits| digits.len() == 2 && is_number(digits));
        match (is_right, installment, expiry.get(2..)) {
            (true, Some(installment_months), Some(year)) => Sent::Submission(Submission::Card {
                card: Card::new(
                    number,
                    year.to_owned(),
                    expiry.get(..2).unwrap_or_default().to_owned(),
                    birth,
                    password,
                ),
                installment_months,
            }),
            _ => Sent::Malformed(Notice::Malformed),
        }
    }

    fn identity(&self, ip_address: &str) -> Sent {
        let digits =
            |name: &str| -> String { self.field(name).chars().filter(|c| !matches!(c, ' ' | '-')).collect() };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let name = self.field("name");
        let identity_number = Zeroizing::new(digits("birth"));
        let phone_number = digits("phone");
        let is_right = (1..=LONGEST_NAME).contains(&name.chars().count())
            && !name.chars().any(char::is_control)
            && identity_number.len() == 7
            && is_number(&identity_number)
            && (9..=12).contains(&phone_number.len())
            && is_number(&phone_number);
        let operator = IdentityVerificationOperator::parse(self.field("carrier"));
        let Some(operator) = operator.filter(|_| is_right) else {
            return Sent::Malformed(Notice::Malformed);
        };
        Sent::Submission(Submission::Identity(Person {
            name: name.to_owned(),
            identity_number,
            phone_number,
            operator: operator.as_str().to_owned(),
            ip_address: ip_address.to_owned(),
        }))
    }

    fn account(&self) -> Sent {
        let depositor = self.field("depositor");
        if depositor.chars().count() > LONGEST_DEPOSITOR || depositor.chars().any(char::is_control) {
            return Sent::Malformed(Notice::Malformed);
        }
        match Bank::parse(self.field("bank")) {
            Some(bank) => Sent::Submission(Submission::Account {
                bank: bank.as_str().to_owned(),
                depositor: Some(depositor.to_owned()).filter(|name| !name.is_empty()),
            }),
            None => Sent::Malformed(Notice::NotOffered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_card(body: &str) -> bool {
        matches!(Form::read(body.as_bytes()).sent("::1"), Sent::Submission(Submission::Card { .. }))
    }

    #[test]
    fn a_card_is_typed_in_many_ways_and_checked_in_one() {
        for (body, is_right) in [
            ("intent=card&number=4242+4242+4242+4242&expiry=12+%2F+39", true),
            (
                "intent=card&number=4242-4242-4242-4242&expiry=1239&birth=900101&password=12&installment=3",
                true,
            ),
            ("intent=card&number=4242424242424242&expiry=12%2F2039", true),
            ("intent=card&number=4242424242424242&expiry=13%2F39", false),
            ("intent=card&number=4242&expiry=1239", false),
            ("intent=card&number=%EF%BC%94242424242424242&expiry=1239", false),
            ("intent=card&number=4242424242424242&expiry=1239&birth=9001", false),
            ("intent=card&number=4242424242424242&expiry=1239&password=x1", false),
            ("intent=card&number=4242424242424242&expiry=1239&installment=300", false),
            ("intent=card&number=4242424242424242", false),
        ] {
            assert_eq!(is_card(body), is_right, "{body}");
        }
    }

    #[test]
    fn forms_that_no_page_has_are_strange() {
        for body in ["", "intent=", "intent=pay", "nonce=1", "%%%"] {
            assert!(matches!(Form::read(body.as_bytes()).sent("::1"), Sent::Strange), "{body}");
        }
    }
}
