//! What the Global dialect knows beside the engine: a store's credentials in it, and the names and texts that its
//! orders have and payments do not.
//!
//! A payment of that dialect is a payment like any other; an order is the dialect's name for it, and what has to be
//! told back. Nothing here decides about money.

use crate::account::Sealed;
use crate::channel::Environment;
use crate::id::{CancellationId, ChannelKey, PaymentId, StoreId, TransactionId};
use jiff::Timestamp;

/// The longest reference that a merchant may choose, in characters.
pub const MAX_REFERENCE_CHARS: usize = 128;

/// A store as the Global dialect knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalMerchant {
    pub store: StoreId,
    /// Public; names the merchant in every call.
    pub client_key: String,
    /// What tokens and messages are signed with; both sides know it, so it is sealed and not hashed.
    pub secret: Sealed,
    /// A decimal number, shown with refunds.
    pub number: String,
    /// Inactive merchants may use the sandbox alone.
    pub is_active: bool,
    pub brand: Brand,
    /// Pages that may start payments and links without a signature: scheme, host and port.
    pub origins: Vec<String>,
    pub created_at: Timestamp,
}

/// How pages and messages show the merchant. Empty where nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brand {
    pub name: String,
    pub email: String,
    pub logo: String,
    pub support_email: String,
    pub support_phone: String,
}

/// A channel of the catalogue that the merchant has credentials for, and the engine's channel that serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalChannel {
    pub store: StoreId,
    pub environment: Environment,
    /// As the catalogue names it.
    pub name: String,
    /// The engine's.
    pub key: ChannelKey,
    /// Two letters, or `GLOBAL`.
    pub country: String,
    /// What the merchant gave, a JSON object, sealed. Shown masked; a connector gets its own copy.
    pub credentials: Sealed,
    pub updated_at: Timestamp,
}

/// What an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Payment,
    PaymentLink,
    Refund,
    Subscription,
    Payout,
    Onboarding,
}

impl Topic {
    pub const ALL: [Self; 6] =
        [Self::Payment, Self::PaymentLink, Self::Refund, Self::Subscription, Self::Payout, Self::Onboarding];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment_status",
            Self::PaymentLink => "payment_link_status",
            Self::Refund => "refund_status",
            Self::Subscription => "subscription_status",
            Self::Payout => "payout_status",
            Self::Onboarding => "onboarding_status",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }
}

/// Where messages of one topic go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalEndpoint {
    /// A UUID.
    pub id: String,
    pub store: StoreId,
    pub environment: Environment,
    pub topic: Topic,
    /// Unique among those of the store, environment and topic, like the URL.
    pub name: String,
    pub url: String,
    pub is_enabled: bool,
    pub created_at: Timestamp,
}

/// A place, as given. Empty where nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    pub city: String,
    pub country_code: String,
    pub country_name: String,
    pub locale: String,
    pub line_1: String,
    pub line_2: String,
    pub postal_code: String,
    pub state: String,
}

/// Who pays or receives, as given. Empty where nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: String,
    pub surname: String,
    pub email: String,
    pub phone: String,
    pub place: Place,
}

impl Person {
    /// First name and surname.
    pub fn full_name(&self) -> String {
        [self.name.as_str(), self.surname.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// One line of an order, as given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderLine {
    pub id: String,
    pub name: String,
    /// Of one piece: a decimal of the major unit in its shortest form, which may have more places than the
    /// currency.
    pub price: String,
    pub quantity: i64,
    pub image: String,
    /// A JSON object.
    pub details: String,
}

/// Where the payer's browser goes at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destinations {
    pub success: String,
    pub failure: String,
    /// Empty: where success goes.
    pub pending: String,
    /// An app's; replaces all of them.
    pub mobile: String,
}

/// Whether the money is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taking {
    #[default]
    Purchase,
    PreAuthorised,
}

/// A channel and method of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub channel: String,
    pub method: String,
}

/// One try of an order on its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    pub transaction: TransactionId,
    /// Which of the choices, from 0.
    pub place: usize,
}

/// The payment link that an order pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfLink {
    /// Ours.
    pub reference: String,
    /// The merchant's.
    pub merchant_reference: String,
    /// Who else is told about the order's payment.
    pub urls: Vec<String>,
}

/// The texts that a merchant may change later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    pub description: String,
    pub fields: [String; 5],
}

/// What the dialect calls a transaction: a payment by its two references, and what was said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalOrder {
    pub store: StoreId,
    pub environment: Environment,
    /// Ours; unique everywhere.
    pub reference: String,
    /// The merchant's; unique in the store and environment.
    pub merchant_reference: String,
    /// The payment that it is.
    pub payment: PaymentId,
    /// Counts stored changes from 1; the guard of every update.
    pub version: u64,
    pub created_at: Timestamp,
    /// `api`, `checkout`, `default`, or another word.
    pub source: String,
    pub link: Option<OfLink>,
    /// The subscription that it is a deduction of.
    pub subscription: Option<String>,
    pub texts: Texts,
    pub taking: Taking,
    pub destinations: Destinations,
    /// The page hands its result over instead of redirecting.
    pub keeps_page: bool,
    pub billing: Person,
    pub shipping: Person,
    pub lines: Vec<OrderLine>,
    /// In the order in which they are tried. Never empty.
    pub route: Vec<Choice>,
    pub is_routed: bool,
    pub tries: Vec<Try>,
    /// The payer gave up on the route: nothing is tried any more.
    pub is_given_up: bool,
    /// As it was sent.
    pub signature: String,
    /// SHA-256 of the token with which the payer's browser comes back.
    pub return_digest: Option<[u8; 32]>,
}

impl GlobalOrder {
    /// The choice of the latest try, or the first one before any.
    pub fn choice(&self) -> Option<&Choice> {
        let place = self.tries.last().map_or(0, |last| last.place);
        self.route.get(place).or_else(|| self.route.first())
    }

    /// The choice that this transaction was a try of.
    pub fn choice_of(&self, transaction: &TransactionId) -> Option<&Choice> {
        let tried = self.tries.iter().find(|tried| tried.transaction == *transaction)?;
        self.route.get(tried.place)
    }
}

/// How much was asked to be refunded, as the dialect keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundKind {
    Full,
    Partial,
}

impl RefundKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Partial].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the dialect remembers of a cancellation that it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNote {
    pub store: StoreId,
    pub environment: Environment,
    pub cancellation: CancellationId,
    pub payment: PaymentId,
    pub kind: RefundKind,
    pub description: String,
}

/// Why a merchant's reference is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceRefusal {
    #[error("is a required field")]
    Empty,
    #[error("has more than {MAX_REFERENCE_CHARS} characters")]
    TooLong,
    #[error("contains a control character")]
    Control,
}

/// Whether a merchant may name something so.
///
/// # Errors
/// It is empty, too long, or holds control characters.
pub fn check_reference(reference: &str) -> Result<(), ReferenceRefusal> {
    if reference.is_empty() {
        return Err(ReferenceRefusal::Empty);
    }
    if reference.chars().count() > MAX_REFERENCE_CHARS {
        return Err(ReferenceRefusal::TooLong);
    }
    if reference.chars().any(char::is_control) {
        return Err(ReferenceRefusal::Control);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_printable_and_bounded() {
        for (reference, answer) in [
            ("Merchant_1", Ok(())),
            ("주문 1&2/3", Ok(())),
            ("", Err(ReferenceRefusal::Empty)),
            ("a\nb", Err(ReferenceRefusal::Control)),
            (&"가".repeat(128), Ok(())),
            (&"a".repeat(129), Err(ReferenceRefusal::TooLong)),
        ] {
            assert_eq!(check_reference(reference), answer, "{reference}");
        }
    }

    #[test]
    fn topics_have_the_words_of_the_dialect() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
        }
        assert_eq!(Topic::parse("payment"), None);
    }

    #[test]
    fn a_name_is_written_without_its_missing_half() {
        let person = |name: &str, surname: &str| Person {
            name: name.into(),
            surname: surname.into(),
            ..Person::default()
        };
        assert_eq!(person("N", "K").full_name(), "N K");
        assert_eq!(person("", "K").full_name(), "K");
        assert_eq!(person("", "").full_name(), "");
    }
}
