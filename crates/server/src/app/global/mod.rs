//! The use cases that only the Global dialect has: who calls, by client key; orders, which are payments under the
//! dialect's own references; its channels, endpoints and messages.
//!
//! What moves money is done by the use cases that the other dialect uses too: these here find the payment, check the
//! dialect's own rules, and call them.

pub mod by_hand;
pub mod caller;
pub mod channel;
pub mod endpoint;
pub mod expire;
pub mod initiate;
pub mod notice;
pub mod order;
pub mod refund;
pub mod retry;

use super::failure::Failure;
use by_hand::ByHandRefusal;
use paypier_domain::catalogue::RefundRefusal;
use paypier_domain::failover::RouteRefusal;
use paypier_domain::global::ReferenceRefusal;
use paypier_storage::{CommitError, ReadError};

/// Why the Global dialect does not do what it is asked to. Its `problem.rs` has the code of each.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("no transaction has this reference")]
    UnknownOrder,
    #[error("the transaction is of the other environment")]
    OtherEnvironment,
    #[error("the reference was used before")]
    DuplicateReference,
    #[error("the reference {0}")]
    Reference(ReferenceRefusal),
    #[error("the merchant may use the sandbox only")]
    Inactive,
    #[error("no channel is called {0:?}")]
    UnknownChannel(String),
    #[error("the channel {0} is not configured")]
    ChannelNotEnabled(String),
    #[error("there are no credentials for the channel {0} in this environment")]
    NoCredentials(String),
    #[error("the channel {channel} has no method {method:?}")]
    UnknownMethod { channel: String, method: String },
    #[error("the method {0} cannot be used")]
    MethodNotAvailable(String),
    #[error("the method {method} does not take {currency}")]
    Currency { method: String, currency: String },
    #[error("the amount is below the least that {0} takes")]
    BelowMinimum(String),
    #[error("the amount is above the most that {0} takes")]
    AboveMaximum(String),
    #[error("{0}")]
    Route(RouteRefusal),
    #[error("no route has this reference")]
    UnknownRoute,
    #[error("{0} is required")]
    Lacks(&'static str),
    #[error("the payment went through another channel")]
    OtherChannel,
    #[error("the payment cannot be refunded: {0}")]
    NotRefundable(&'static str),
    #[error("{0}")]
    Refund(RefundRefusal),
    #[error("not an amount that can be refunded")]
    RefundAmount,
    #[error("the payment does not wait for its capture")]
    NotAuthorised,
    #[error("the authorisation is older than seven days")]
    AuthorisationExpired,
    #[error(transparent)]
    ByHand(#[from] ByHandRefusal),
    #[error("an endpoint with this name or address exists")]
    EndpointExists,
    #[error("the address is not accepted: {0}")]
    EndpointUrl(String),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        Self::Failed(error.into())
    }
}
