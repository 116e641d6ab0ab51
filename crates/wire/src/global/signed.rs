//! What is signed: the signed members of each message, and the text they make. The key, and the signature
//! itself, are the server's.
//!
//! The text is `name=value` pairs in the order of their names, joined with `&`, both sides escaped as in a form.
//! A member without a value keeps its place: `merchant_order_id=`. Values are taken byte by byte as they were
//! sent; only numbers have one canonical form.

use crate::global::Decimal;

/// The value of a signed member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Text(&'a str),
    Number(Decimal),
    Whole(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<Decimal> for Value<'_> {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Value<'_> {
    fn from(whole: i64) -> Self {
        Self::Whole(whole)
    }
}

/// A message that is signed.
pub trait Signed {
    /// The signed members, in the order of their names.
    fn members(&self) -> Vec<(&'static str, Value<'_>)>;

    /// The text to sign.
    fn text(&self) -> String {
        written(&self.members(), Numbers::Exact, Escaping::Form)
    }

    /// The texts that a signature may be over: first the one to sign, then those that published samples make of
    /// the same message. Each is there once.
    fn accepted_texts(&self) -> Vec<String> {
        let members = self.members();
        let mut texts = Vec::new();
        for numbers in [Numbers::Exact, Numbers::TwoPlaces] {
            for escaping in Escaping::ALL {
                let text = written(&members, numbers, escaping);
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        texts
    }
}

/// How a number is written.
#[derive(Clone, Copy)]
enum Numbers {
    /// All of its digits.
    Exact,
    /// Rounded to two places, half to even, as the samples in Java and Python do.
    TwoPlaces,
}

/// How the samples in various languages escape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escaping {
    /// The canonical one: a blank is `+`, and `-_.~` are literal.
    Form,
    /// A blank is `%20` (C#).
    Percent,
    /// `*` is literal and `~` is not (Java, and forms in JavaScript).
    FormOfJava,
    /// `~` is not literal (PHP).
    FormOfPhp,
    /// `encodeURIComponent`: a blank is `%20`, and `!*'()~` are literal (mobile SDK).
    Component,
}

impl Escaping {
    const ALL: [Self; 5] = [Self::Form, Self::Percent, Self::FormOfJava, Self::FormOfPhp, Self::Component];

    const fn is_literal(self, byte: u8) -> bool {
        match byte {
            b'-' | b'_' | b'.' => true,
            b'~' => matches!(self, Self::Form | Self::Percent | Self::Component),
            b'*' => matches!(self, Self::FormOfJava | Self::Component),
            b'!' | b'\'' | b'(' | b')' => matches!(self, Self::Component),
            _ => byte.is_ascii_alphanumeric(),
        }
    }

    fn push(self, text: &mut String, value: &str) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        for byte in value.bytes() {
            if self.is_literal(byte) {
                text.push(char::from(byte));
            } else if byte == b' ' && !matches!(self, Self::Percent | Self::Component) {
                text.push('+');
            } else {
                text.push('%');
                for nibble in [byte.wrapping_shr(4), byte & 0xF] {
                    text.extend(DIGITS.get(usize::from(nibble)).copied().map(char::from));
                }
            }
        }
    }
}

fn written(members: &[(&'static str, Value<'_>)], numbers: Numbers, escaping: Escaping) -> String {
    let mut text = String::new();
    for (name, value) in members {
        if !text.is_empty() {
            text.push('&');
        }
        escaping.push(&mut text, name);
        text.push('=');
        match (value, numbers) {
            (Value::Text(value), _) => escaping.push(&mut text, value),
            (Value::Number(value), Numbers::Exact) => text.push_str(&value.to_string()),
            (Value::Number(value), Numbers::TwoPlaces) => {
                text.push_str(&value.rounded_half_even(2).to_string());
            }
            (Value::Whole(value), _) => text.push_str(&value.to_string()),
        }
    }
    text
}

/// Declares the signed members of a message, in the order of their names.
macro_rules! signed {
    ($($(#[$about:meta])* $name:ident { $($member:ident: $kind:ty),+ })+) => {
        $($(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name<'a> {
            $(pub $member: $kind,)+
        }

        impl Signed for $name<'_> {
            fn members(&self) -> Vec<(&'static str, Value<'_>)> {
                vec![$((stringify!($member), Value::from(self.$member)),)+]
            }
        }

        impl $name<'_> {
            /// The names of what is signed.
            pub const MEMBERS: &'static [&'static str] = &[$(stringify!($member),)+];
        })+
    };
}

signed! {
    /// `initiatePayment`, payment links and the checkout service, and what `generate-signature` signs. The key
    /// is signed under this name whatever the body calls it.
    PaymentRequest {
        amount: Decimal, client_key: &'a str, currency: &'a str, failure_url: &'a str,
        merchant_order_id: &'a str, success_url: &'a str
    }
    /// A plan of regular deductions.
    RegularPlan {
        amount: Decimal, client_key: &'a str, currency: &'a str, frequency: i64, merchant_order_ref: &'a str
    }
    /// A plan of deductions on demand.
    OnDemandPlan { client_key: &'a str, currency: &'a str, merchant_order_ref: &'a str }
    /// A subscription to a plan of regular deductions.
    RegularSubscription {
        client_key: &'a str, currency: &'a str, failure_url: &'a str, merchant_order_ref: &'a str,
        quantity: i64, success_url: &'a str
    }
    /// A subscription to a plan of deductions on demand. The first amount is not signed.
    OnDemandSubscription {
        client_key: &'a str, currency: &'a str, failure_url: &'a str, merchant_order_ref: &'a str,
        success_url: &'a str
    }
    /// A deduction on demand.
    Deduction {
        amount: Decimal, client_key: &'a str, currency: &'a str, merchant_order_ref: &'a str,
        subscription_order_ref: &'a str
    }
    /// The merchant's word about a payment that is settled by hand.
    StatusUpdate { client_key: &'a str, merchant_order_ref: &'a str, status: &'a str }
    /// The webhook of a payment.
    PaymentWebhook {
        amount: Decimal, channel_key: &'a str, channel_order_ref: &'a str, country_code: &'a str,
        currency: &'a str, merchant_order_ref: &'a str, method_name: &'a str, order_ref: &'a str,
        status: &'a str
    }
    /// The webhook of a payment link. Its member `countryCode` is signed under this name.
    LinkWebhook {
        amount: Decimal, country_code: &'a str, currency: &'a str, link_ref: &'a str,
        merchant_order_ref: &'a str, status: &'a str
    }
    /// The webhook of a subscription.
    SubscriptionWebhook {
        currency: &'a str, merchant_order_ref: &'a str, order_ref: &'a str, status: &'a str
    }
    /// The way back to the merchant after a payment, also the first one of a subscription: the references and
    /// the status are always those of the transaction.
    Redirect {
        channel_order_ref: &'a str, merchant_order_ref: &'a str, order_ref: &'a str, status: &'a str
    }
    /// A new payout.
    Payout {
        amount: Decimal, channel_key: &'a str, client_key: &'a str, currency: &'a str, txn_ref: &'a str,
        virtual_acc_no: &'a str
    }
    /// The approval or verification of payouts, whose references are joined with commas.
    PayoutApproval { approver_email: &'a str, client_key: &'a str, txn_refs: &'a str }
    /// A new beneficiary of payouts.
    Beneficiary {
        bank_account_number: &'a str, bank_no: &'a str, client_key: &'a str, payout_channel: &'a str
    }
    /// The verification of an account.
    AccountVerification {
        account_number: &'a str, bank_number: &'a str, channel_key: &'a str, client_key: &'a str,
        request_id: &'a str
    }
    /// The webhook of a payout.
    PayoutWebhook {
        amount: Decimal, channel_ref: &'a str, currency: &'a str, merchant_txn_ref: &'a str, status: &'a str,
        txn_ref: &'a str
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment<'a>(amount: &str, merchant_order_id: &'a str) -> PaymentRequest<'a> {
        PaymentRequest {
            amount: amount.parse().unwrap(),
            client_key: "PORTONE_KEY",
            currency: "USD",
            failure_url: "https://checkout.portone.cloud/failure.html",
            merchant_order_id,
            success_url: "https://checkout.portone.cloud/success.html",
        }
    }

    #[test]
    fn members_are_in_the_order_of_their_names() {
        for members in [
            PaymentRequest::MEMBERS,
            RegularPlan::MEMBERS,
            OnDemandPlan::MEMBERS,
            RegularSubscription::MEMBERS,
            OnDemandSubscription::MEMBERS,
            Deduction::MEMBERS,
            StatusUpdate::MEMBERS,
            PaymentWebhook::MEMBERS,
            LinkWebhook::MEMBERS,
            SubscriptionWebhook::MEMBERS,
            Redirect::MEMBERS,
            Payout::MEMBERS,
            PayoutApproval::MEMBERS,
            Beneficiary::MEMBERS,
            AccountVerification::MEMBERS,
            PayoutWebhook::MEMBERS,
        ] {
            assert!(members.is_sorted(), "{members:?}");
        }
    }

    #[test]
    fn an_amount_is_short_and_an_empty_member_stays() {
        assert_eq!(
            payment("100.00", "").text(),
            "amount=100&client_key=PORTONE_KEY&currency=USD\
             &failure_url=https%3A%2F%2Fcheckout.portone.cloud%2Ffailure.html&merchant_order_id=\
             &success_url=https%3A%2F%2Fcheckout.portone.cloud%2Fsuccess.html"
        );
    }

    #[test]
    fn escaping_is_that_of_a_form() {
        let id = |id| payment("1", id).text().split('&').nth(4).map(str::to_owned).unwrap();
        assert_eq!(id("ORD 1/2&3=é"), "merchant_order_id=ORD+1%2F2%263%3D%C3%A9");
        assert_eq!(id("a*b~c!d'e(f)g"), "merchant_order_id=a%2Ab~c%21d%27e%28f%29g");
        assert_eq!(id("-_.~+"), "merchant_order_id=-_.~%2B");
    }

    #[test]
    fn a_plain_message_has_one_text_and_none_has_more_than_ten() {
        assert_eq!(payment("100.25", "A-1").accepted_texts().len(), 1);
        assert_eq!(payment("12345.678", "A-1").accepted_texts().len(), 2);
        let all = payment("12345.678", "a b*c~d!e").accepted_texts();
        assert_eq!(all.len(), 10);
        assert_eq!(all.first(), Some(&payment("12345.678", "a b*c~d!e").text()));
    }
}
