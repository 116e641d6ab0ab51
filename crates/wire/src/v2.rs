//! The V2 dialect: every body of the operations in [`operation::operations`], one subject a file.
//!
//! Types carry the names of the dialect's own description, so they are all found directly under this module.
//! One type serves every revision of the dialect: it reads what any of them may send and writes what all of
//! them expect. Members that must not be given together are all optional here; refusing is up to translation.

pub mod address;
pub mod amount;
pub mod auth;
pub mod bank;
pub mod billing_key;
pub mod card;
pub mod cash_receipt;
pub mod channel;
pub mod checkout;
pub mod country;
pub mod currency;
pub mod customer;
pub mod easy_pay;
pub mod error;
pub mod escrow;
pub mod filter;
pub mod identity_verification;
pub mod instant;
pub mod locale;
pub mod method;
pub mod openapi;
pub mod operation;
pub mod paging;
pub mod payment;
pub mod pg;
pub mod pg_specific;
pub mod platform;
pub mod promotion;
pub mod query;
pub mod reconciliation;
pub mod schedule;
pub mod version;
pub mod webhook_record;

pub use address::*;
pub use amount::*;
pub use auth::*;
pub use bank::*;
pub use billing_key::charge::*;
pub use billing_key::confirm::*;
pub use billing_key::list::*;
pub use billing_key::method::*;
pub use billing_key::{
    BillingKeyDeleteRequester, BillingKeyFailure, BillingKeyInfo, BillingKeyInfoSummary,
    DeleteBillingKeyResponse, DeletedBillingKeyInfo, FailedPgBillingKeyIssueResponse,
    InstantBillingKeyPaymentMethodInput, InstantBillingKeyPaymentMethodInputCard, IssueBillingKeyBody,
    IssueBillingKeyResponse, IssuedBillingKeyInfo, IssuedPgBillingKeyIssueResponse,
    PgBillingKeyIssueResponse,
};
pub use card::*;
pub use cash_receipt::*;
pub use channel::*;
pub use checkout::*;
pub use country::*;
pub use currency::*;
pub use customer::*;
pub use easy_pay::*;
pub use error::{ChannelSpecificError, Error, ErrorType, PgProviderError, Problem};
pub use escrow::*;
pub use filter::*;
pub use identity_verification::*;
pub use instant::*;
pub use locale::*;
pub use method::*;
pub use paging::*;
pub use payment::cancellation::*;
pub use payment::capture::*;
pub use payment::confirm::*;
pub use payment::dispute::*;
pub use payment::escrow::*;
pub use payment::event::*;
pub use payment::list::*;
pub use payment::origin::*;
pub use payment::pre_register::*;
pub use payment::product::*;
pub use payment::store_receipt::*;
pub use payment::transaction::*;
pub use payment::virtual_account::*;
pub use payment::{
    CancelledPayment, FailedPayment, PaidPayment, PartialCancelledPayment, PayPendingPayment, Payment,
    PaymentFailure, ReadyPayment, VirtualAccountIssuedPayment,
};
pub use pg::*;
pub use pg_specific::*;
pub use platform::*;
pub use promotion::*;
pub use query::*;
pub use reconciliation::*;
pub use schedule::*;
pub use version::*;
pub use webhook_record::*;
