//! The operations of the dialect, in one table (a file a subject): where each is found, who may call, what it
//! reads and answers, how it writes a refusal, and with which codes it refuses. The description
//! ([`openapi`](super::openapi)) is built from it.

use crate::global::*;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    /// As it is published: `/api/refund/{portone_order_ref}`.
    pub path: &'static str,
    /// Our name for it; none is published.
    pub id: &'static str,
    pub subject: Subject,
    pub summary: &'static str,
    pub access: Access,
    /// Whether a master merchant may act for one of its own.
    pub sub_merchant: bool,
    pub query: &'static [Query],
    pub request: Option<SchemaOf>,
    /// The body of 200, the only status of success.
    pub response: SchemaOf,
    pub refusal: RefusalForm,
    /// Beside those that follow from who may call.
    pub codes: &'static [Code],
    /// Statuses of refusals that do not follow from their codes.
    pub odd_statuses: &'static [u16],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
}

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Auth,
    Payment,
    PaymentLink,
    Refund,
    Subscription,
    Webhook,
    Channel,
}

/// Who may call, and what the body proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone; the body holds the secret.
    Public,
    /// The client key and a signature in the body; no token.
    Signature,
    /// The client key and a token.
    Token,
    /// The client key, a token, and a signature in the body.
    TokenAndSignature,
}

/// A query parameter.
#[derive(Debug)]
pub struct Query {
    pub name: &'static str,
    pub required: bool,
}

/// The schema of a type.
#[derive(Debug)]
pub struct SchemaOf(fn(&mut Schemas) -> serde_json::Value);

impl SchemaOf {
    const fn of<T: Described>() -> Self {
        Self(T::schema)
    }

    /// The schema, or a reference to it.
    pub(super) fn collect(&self, found: &mut Schemas) -> serde_json::Value {
        (self.0)(found)
    }
}

impl Method {
    /// As in an HTTP request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl Subject {
    pub const ALL: &'static [Self] = &[
        Self::Auth,
        Self::Payment,
        Self::PaymentLink,
        Self::Refund,
        Self::Subscription,
        Self::Webhook,
        Self::Channel,
    ];

    /// The heading in the description.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "Authentication",
            Self::Payment => "Payments",
            Self::PaymentLink => "Payment links",
            Self::Refund => "Refunds",
            Self::Subscription => "Subscriptions",
            Self::Webhook => "Webhooks",
            Self::Channel => "Channels",
        }
    }
}

impl Access {
    /// What it refuses with.
    const fn codes(self) -> &'static [Code] {
        match self {
            Self::Public => &[],
            Self::Signature => &[Code::InvalidClientKey, Code::InvalidSignature],
            Self::Token => &[Code::InvalidClientKey, Code::InvalidToken],
            Self::TokenAndSignature => &[Code::InvalidClientKey, Code::InvalidToken, Code::InvalidSignature],
        }
    }

    /// Whether the client key is in a header.
    #[must_use]
    pub const fn has_client_key(self) -> bool {
        !matches!(self, Self::Public)
    }

    /// Whether a token is in a header.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::TokenAndSignature)
    }
}

impl Operation {
    /// The names in braces, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
    }

    /// Every code that it may refuse with.
    pub fn all_codes(&self) -> impl Iterator<Item = Code> {
        self.access.codes().iter().chain(self.codes).copied()
    }

    /// Every status of a refusal, in order.
    #[must_use]
    pub fn refusal_statuses(&self) -> Vec<u16> {
        let mut statuses: Vec<u16> =
            self.all_codes().map(Code::status).chain(self.odd_statuses.iter().copied()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

mod auth;
mod link;
mod merchant;
mod payment;
mod refund;
mod subscription;

/// The tables, one a subject, in the order of the description.
const TABLES: &[&[Operation]] = &[
    auth::OPERATIONS,
    payment::OPERATIONS,
    link::OPERATIONS,
    refund::OPERATIONS,
    subscription::OPERATIONS,
    merchant::OPERATIONS,
];

/// Every operation.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    TABLES.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_operations_share_an_address_or_a_name() {
        for (index, one) in operations().enumerate() {
            for other in operations().take(index) {
                assert!(one.id != other.id, "{}", one.id);
                assert!((one.method, one.path) != (other.method, other.path), "{}", one.path);
            }
        }
    }

    #[test]
    fn a_code_is_named_once_and_never_a_success() {
        for operation in operations() {
            let codes: Vec<Code> = operation.all_codes().collect();
            for (index, code) in codes.iter().enumerate() {
                assert!(!codes[..index].contains(code), "{}: {code}", operation.id);
                assert!(code.status() >= 400, "{}: {code}", operation.id);
            }
        }
    }

    #[test]
    fn a_path_names_its_parameters() {
        let status = operations().find(|operation| operation.id == "updatePaymentLinkStatus").unwrap();
        assert_eq!(status.path_parameters().collect::<Vec<_>>(), ["payment_link_ref", "link_status"]);
    }
}
