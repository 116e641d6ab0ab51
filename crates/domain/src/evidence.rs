//! What was seen about one request to a PSP: kept with the attempt, shown to operators.

use crate::id::{PaymentKey, TransactionId};
use jiff::Timestamp;

/// One observation. `raw` is what the PSP sent, without secrets and card numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub payment: PaymentKey,
    pub transaction: TransactionId,
    /// The cancellation or other subject inside the payment that it is about, when not the charge.
    pub subject: Option<String>,
    pub at: Timestamp,
    pub kind: EvidenceKind,
    pub finding: String,
    pub raw: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// The answer (or the missing answer) to the request itself.
    Answer,
    /// A question that we asked the PSP.
    Query,
    /// A notification that the PSP sent.
    Notification,
    /// A row of the PSP's settlement report.
    Settlement,
    /// A person decided.
    Operator,
}

impl EvidenceKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "ANSWER",
            Self::Query => "QUERY",
            Self::Notification => "NOTIFICATION",
            Self::Settlement => "SETTLEMENT",
            Self::Operator => "OPERATOR",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Answer, Self::Query, Self::Notification, Self::Settlement, Self::Operator]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}
