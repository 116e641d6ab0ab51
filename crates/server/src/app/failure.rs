//! Everything that can keep a use case from succeeding. Each dialect answers each of these in
//! exactly one way (`http/v2/problem.rs`).

use super::platform::PlatformFailure;
use paypier_domain::billing_key::DeleteRefusal;
use paypier_domain::cash_receipt::{IssueRefusal, WithdrawRefusal};
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::identity_verification::{ConfirmRefusal as ConfirmIdentityRefusal, SendRefusal};
use paypier_domain::payment::AmountsError;
use paypier_domain::payment::cancel::{CancelRefusal, StopRefusal};
use paypier_domain::payment::capture::CaptureRefusal;
use paypier_domain::payment::escrow::EscrowRefusal;
use paypier_domain::payment::pay::{ConfirmRefusal, PayRefusal};
use paypier_domain::payment::store_receipt::StoreReceiptRefusal;
use paypier_domain::payment::virtual_account::CloseRefusal;
use paypier_domain::payment_session::LifetimeRefusal;
use paypier_domain::promotion::GrantRefusal;
use paypier_domain::schedule::{CreateRefusal, RevokeRefusal};
use paypier_storage::{CommitError, ReadError};

/// Why a use case did not succeed. The `Display` text is for the caller; what only the operator may
/// see is in [`Failure::Internal`] and never displayed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The request itself is wrong; says which member, its value and what is accepted.
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unauthorized(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(Missing),
    #[error(transparent)]
    Pay(#[from] PayRefusal),
    #[error(transparent)]
    Amounts(#[from] AmountsError),
    #[error(transparent)]
    SessionLifetime(#[from] LifetimeRefusal),
    #[error("the payment session is over: its time has passed, or it was closed")]
    SessionOver,
    #[error(transparent)]
    Grant(#[from] GrantRefusal),
    #[error(transparent)]
    Cancel(#[from] CancelRefusal),
    #[error(transparent)]
    Stop(#[from] StopRefusal),
    #[error(transparent)]
    Capture(#[from] CaptureRefusal),
    #[error(transparent)]
    CloseAccount(#[from] CloseRefusal),
    #[error(transparent)]
    Escrow(#[from] EscrowRefusal),
    #[error(transparent)]
    StoreReceipt(#[from] StoreReceiptRefusal),
    #[error(transparent)]
    DeleteBillingKey(#[from] DeleteRefusal),
    #[error(transparent)]
    IssueReceipt(#[from] IssueRefusal),
    #[error(transparent)]
    WithdrawReceipt(#[from] WithdrawRefusal),
    #[error(transparent)]
    SendIdentity(#[from] SendRefusal),
    #[error(transparent)]
    ConfirmIdentity(ConfirmIdentityRefusal),
    #[error(transparent)]
    Confirm(#[from] ConfirmRefusal),
    #[error(transparent)]
    ConfirmKey(#[from] paypier_domain::billing_key::ConfirmRefusal),
    #[error(transparent)]
    Schedule(#[from] CreateRefusal),
    #[error(transparent)]
    Revoke(#[from] RevokeRefusal),
    /// About the settlement platform.
    #[error(transparent)]
    Platform(Box<PlatformFailure>),
    #[error("this webhook was sent again {sent} times by request; at most {limit} are accepted")]
    WebhookQuota { sent: u32, limit: u32 },
    /// The PSP said no, or said nothing that can be relied on.
    #[error("{0}")]
    Psp(PspFailure),
    /// Every channel that was asked said no.
    #[error("no channel of the group succeeded")]
    Channels { failures: Vec<ChannelFailure>, succeeded: Vec<ChannelSnapshot> },
    #[error("the request with this idempotency key is still running; repeat it to learn its answer")]
    KeyOutstanding,
    #[error("this idempotency key was used for another request (method, path or body differ)")]
    KeyReused,
    /// Refused early; nothing was done.
    #[error("the server is busy; nothing was done, repeat the request a little later")]
    Overloaded,
    /// The PSP was asked for something that moves no money, and has not answered.
    #[error("the PSP did not answer; repeat the request a little later")]
    Silent,
    /// The database cannot be written; nothing was done.
    #[error("the server cannot record anything at the moment; nothing was done, repeat the request later")]
    Unavailable,
    /// A defect or a broken row. The text is for the log only.
    #[error("an internal error occurred; the request id in the answer's headers identifies it in the log")]
    Internal(Inside),
}

/// Text that is logged and never shown to a caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Inside(pub String);

impl std::fmt::Debug for Inside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("no payment with this id was ever attempted in this store")]
    Payment,
    #[error("the payment has no cancellation with this id")]
    Cancellation,
    #[error("no billing key with this id exists in this store")]
    BillingKey,
    #[error("the issuance of this billing key never succeeded")]
    BillingKeyIssuance,
    #[error("no usable channel or channel group with this id exists in this store")]
    Channel,
    #[error("no cash receipt was ever issued for this payment id in this store")]
    CashReceipt,
    #[error("no identity verification with this id was ever begun in this store")]
    IdentityVerification,
    #[error("no checkout profile with this key exists")]
    CheckoutProfile,
    #[error("no payment session with this id exists")]
    PaymentSession,
    #[error("no promotion with this id exists in a store that can be reached with this credential")]
    Promotion,
    #[error("the payment has no webhook with this id")]
    Webhook,
    #[error("no payment schedule with this id exists in this store, or it is another billing key's")]
    Schedule,
}

/// What the PSP said, in its own words, and ours beside them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{note}")]
pub struct PspFailure {
    pub code: String,
    pub message: String,
    pub note: String,
}

impl PspFailure {
    /// Nobody knows yet; the payment or refund may still succeed.
    pub const OUTCOME_UNKNOWN: &'static str = "OUTCOME_UNKNOWN";
}

/// One channel's no, among several that were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFailure {
    pub channel: ChannelSnapshot,
    pub pg_code: String,
    pub pg_message: String,
    pub message: String,
}

impl Failure {
    pub fn internal(inside: impl std::fmt::Display) -> Self {
        Self::Internal(Inside(inside.to_string()))
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Overloaded => Self::Overloaded,
            ReadError::Unavailable(_) => Self::Unavailable,
            expensive @ ReadError::TooExpensive(_) => Self::Invalid(expensive.to_string()),
            ReadError::Broken(row) => Self::internal(row),
        }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Overloaded => Self::Overloaded,
            CommitError::Unavailable(reason) => {
                tracing::error!(reason, "the database refuses to write");
                Self::Unavailable
            }
            CommitError::KeyTaken => Self::KeyOutstanding,
            // Everybody who commits a decision loads and decides again; this many times in a row
            // means that the row is fought over.
            CommitError::Conflict => Self::Overloaded,
            CommitError::Exists(what) => Self::internal(format!("inserted twice: {what}")),
            CommitError::InDoubt(reason) => Self::internal(format!("commit in doubt: {reason}")),
            CommitError::Broken(reason) => Self::internal(reason),
        }
    }
}
