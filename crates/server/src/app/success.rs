//! What a use case that changes something gives back, and how it becomes a remembered answer.

use super::failure::Failure;
use super::identity_verification::VerificationView;
use super::payment_session::SessionMade;
use super::platform::PlatformDone;
use jiff::Timestamp;
use paypier_domain::billing_key::BillingKey;
use paypier_domain::cash_receipt::CashReceipt;
use paypier_domain::claim::Answer;
use paypier_domain::delivery::Delivery;
use paypier_domain::id::{BillingKeyId, PaymentId, PgTxId, ScheduleId};
use paypier_domain::payment::Cancellation;

/// The result of a use case, in no dialect's words.
#[derive(Debug, Clone, PartialEq)]
pub enum Success {
    /// Nothing to report.
    Done,
    /// Paid, or the account was issued (then `at` is when).
    Paid {
        pg_tx_id: PgTxId,
        at: Timestamp,
    },
    Cancelled(Box<Cancellation>),
    CancellationStopped {
        at: Timestamp,
    },
    AccountClosed {
        at: Timestamp,
    },
    /// The PSP took the report of a delivery, then.
    DeliveryReported {
        invoice_number: String,
        sent_at: Timestamp,
        at: Timestamp,
    },
    /// The PSP took a change of it, then.
    DeliveryCorrected {
        invoice_number: String,
        sent_at: Timestamp,
        at: Timestamp,
    },
    PurchaseCompleted {
        at: Timestamp,
    },
    StoreReceiptRegistered {
        receipt_url: Option<String>,
    },
    SessionMade(SessionMade),
    SessionClosed {
        at: Timestamp,
    },
    BillingKeyIssued(Box<BillingKey>),
    /// Issued by the merchant's server, and its first payment when there was one.
    BillingKeyConfirmed {
        key: BillingKeyId,
        payment: Option<PaymentId>,
    },
    BillingKeyDeleted {
        at: Timestamp,
    },
    CashReceiptIssued(Box<CashReceipt>),
    CashReceiptWithdrawn(Box<CashReceipt>),
    /// What it says of a person is never written into a remembered answer.
    IdentityVerified(Box<VerificationView>),
    WebhookResent(Box<Delivery>),
    Platform(Box<PlatformDone>),
    Scheduled(ScheduleId),
    SchedulesRevoked {
        ids: Vec<ScheduleId>,
        at: Timestamp,
    },
}

pub type Verdict = Result<Success, Failure>;

/// How each dialect writes a verdict down. Handed to the application, so that a recovery which ends
/// a request long after its caller left can still record the answer in the caller's dialect.
pub trait AnswerBook: Send + Sync + std::fmt::Debug {
    /// The answer of `operation`, or `None` when this verdict is not remembered (the caller was not
    /// known, or the server itself failed).
    fn answer(&self, operation: &str, verdict: &Verdict) -> Option<Answer>;
}
