//! The operations of the dialect, in one table (a file a subject): where each is found, what it reads and answers, and every way
//! it may refuse. The description ([`openapi`](super::openapi)) is built from it, and the server's router is
//! tested against it. A revision's members differ; its table does not: every operation of every revision is
//! here, and an operation's errors are those of all revisions.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::v2::*;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    /// As in the description: `/payments/{paymentId}`.
    pub path: &'static str,
    /// The operation's name in the description.
    pub id: &'static str,
    pub subject: Subject,
    pub summary: &'static str,
    pub access: Access,
    pub stability: Stability,
    /// Query parameters other than the criteria of [`Request::QueryOrBody`].
    pub query: &'static [Query],
    pub request: Request,
    /// The body of 200, the only status of success.
    pub response: SchemaOf,
    /// The name of the union of its errors in the description.
    pub error: &'static str,
    /// The types in that union. Errors of the transport may come from every operation and are in none.
    pub errors: &'static [ErrorType],
}

/// The methods the dialect uses so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Auth,
    Common,
    Payment,
    BillingKey,
    CashReceipt,
    IdentityVerification,
    Schedule,
    Reconciliation,
    PgSpecific,
    Promotion,
    Checkout,
    Platform,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever shows an API secret or an access token.
    Credential,
    /// Everyone.
    Public,
}

/// What is promised about later revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stability {
    /// Grows only.
    Stable,
    /// May change.
    Unstable,
}

/// A query parameter, optional unless its value says otherwise.
#[derive(Debug)]
pub struct Query {
    pub name: &'static str,
    pub value: QueryValue,
}

/// What a query parameter holds.
#[derive(Debug)]
pub enum QueryValue {
    Text,
    /// `true` or `false`.
    Flag,
    Integer,
    /// A word of an enum.
    Word(SchemaOf),
    /// One that must be there.
    Needed(&'static Self),
}

/// What an operation reads beside its path and query.
#[derive(Debug)]
pub enum Request {
    None,
    Body(SchemaOf),
    /// A body even where the method usually has none, or else the same JSON in the query parameter
    /// `requestBody`; neither is `{}`.
    QueryOrBody(SchemaOf),
    /// The same, and one of the two must be there.
    NeededQueryOrBody(SchemaOf),
    /// JSON in the query parameter `requestBody`, which must be there.
    Query(SchemaOf),
}

/// Schemas by name, as utoipa collects them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schema of a type, by its name in the description.
#[derive(Debug)]
pub struct SchemaOf {
    pub name: &'static str,
    collect: fn(&mut Schemas),
}

impl SchemaOf {
    /// Whether it is no JSON but a sheet.
    #[must_use]
    pub fn is_sheet(&self) -> bool {
        self.name == CSV.name
    }

    /// Adds this schema and all it refers to.
    pub fn collect(&self, schemas: &mut Schemas) {
        (self.collect)(schemas);
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
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Subject {
    /// The heading in the description.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "Authentication",
            Self::Common => "Common",
            Self::Payment => "Payments",
            Self::BillingKey => "Billing keys",
            Self::CashReceipt => "Cash receipts",
            Self::IdentityVerification => "Identity verification",
            Self::Schedule => "Payment schedules",
            Self::Reconciliation => "Reconciliation",
            Self::PgSpecific => "Single PSPs",
            Self::Promotion => "Promotions",
            Self::Checkout => "Checkout",
            Self::Platform => "Platform",
        }
    }
}

impl Operation {
    /// The names in braces, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether `Idempotency-Key` is heeded: wherever something may change for a known caller.
    #[must_use]
    pub fn takes_idempotency_key(&self) -> bool {
        self.method != Method::Get && self.access == Access::Credential
    }
}

fn collect<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

macro_rules! schema {
    ($body:ident) => {
        SchemaOf { name: stringify!($body), collect: collect::<$body> }
    };
}

/// What is answered is a sheet and no JSON.
const CSV: SchemaOf = SchemaOf { name: "text/csv", collect: |_| {} };

/// The words that a path parameter of this name holds; none where it is any text.
#[must_use]
pub fn path_word(name: &str) -> Option<SchemaOf> {
    (name == "bank").then_some(schema!(Bank))
}

// Below the macro that they use.
mod auth;
mod billing_key;
mod cash_receipt;
mod checkout;
mod common;
mod escrow;
mod identity_verification;
mod payment;
mod pg_specific;
mod platform;
mod promotion;
mod reconciliation;
mod schedule;
mod virtual_account;

/// The tables, one a subject, in the order of the description.
const TABLES: &[&[Operation]] = &[
    payment::OPERATIONS,
    virtual_account::OPERATIONS,
    escrow::OPERATIONS,
    billing_key::OPERATIONS,
    cash_receipt::OPERATIONS,
    identity_verification::OPERATIONS,
    schedule::OPERATIONS,
    reconciliation::OPERATIONS,
    pg_specific::OPERATIONS,
    promotion::OPERATIONS,
    platform::setting::OPERATIONS,
    platform::discount_share_policy::OPERATIONS,
    platform::additional_fee_policy::OPERATIONS,
    platform::contract::OPERATIONS,
    platform::partner::OPERATIONS,
    platform::lookup::OPERATIONS,
    platform::transfer::OPERATIONS,
    platform::partner_settlement::OPERATIONS,
    platform::payout::OPERATIONS,
    checkout::OPERATIONS,
    auth::OPERATIONS,
    common::OPERATIONS,
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
    fn every_operation_may_find_its_request_invalid() {
        for operation in operations() {
            assert!(operation.errors.contains(&ErrorType::InvalidRequest), "{}", operation.id);
            // What belongs to one PSP acts on the credential's own store, and names none.
            let names_no_store = operation.subject == Subject::PgSpecific;
            let guarded = operation.access == Access::Credential && !names_no_store;
            assert_eq!(operation.errors.contains(&ErrorType::Forbidden), guarded, "{}", operation.id);
        }
    }

    #[test]
    fn a_path_names_its_parameters() {
        let stop = operations().find(|operation| operation.id == "stopPaymentCancellation").unwrap();
        assert_eq!(stop.path_parameters().collect::<Vec<_>>(), ["paymentId", "cancellationId"]);
    }
}
