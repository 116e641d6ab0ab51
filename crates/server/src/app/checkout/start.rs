//! Why a window is not opened. The merchant's page is told at once; nothing is stored.

use crate::app::failure::{Failure, Missing};
use paypier_domain::identity_verification::SendRefusal;
use paypier_domain::payment::pay::PayRefusal;
use paypier_storage::ReadError;

/// A start error: a code of the browser SDK and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StartError {
    pub code: StartCode,
    pub message: String,
}

/// The codes of start errors, as the browser SDK knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartCode {
    /// The body is not what the script sends.
    BadRequest,
    /// A member of the merchant's request is missing or wrong.
    RequestParseFailed,
    StoreNotFound,
    ChannelNotFound,
    /// No member of the group can serve the request.
    AllChannelsNotSatisfied,
    PaymentAlreadyPaid,
    /// Another attempt is under way, or the id belongs to the other environment.
    InvalidEntityState,
    AmountNotEqualToPredefined,
    ConfirmUrlRequired,
    IdentityVerificationAlreadyVerified,
    ResourceExhausted,
    Unavailable,
    Internal,
}

impl StartCode {
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::RequestParseFailed,
        Self::StoreNotFound,
        Self::ChannelNotFound,
        Self::AllChannelsNotSatisfied,
        Self::PaymentAlreadyPaid,
        Self::InvalidEntityState,
        Self::AmountNotEqualToPredefined,
        Self::ConfirmUrlRequired,
        Self::IdentityVerificationAlreadyVerified,
        Self::ResourceExhausted,
        Self::Unavailable,
        Self::Internal,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::RequestParseFailed => "RequestParseFailed",
            Self::StoreNotFound => "StoreNotFound",
            Self::ChannelNotFound => "ChannelNotFound",
            Self::AllChannelsNotSatisfied => "AllChannelsNotSatisfied",
            Self::PaymentAlreadyPaid => "PaymentAlreadyPaid",
            Self::InvalidEntityState => "InvalidEntityState",
            Self::AmountNotEqualToPredefined => "AmountNotEqualToPredefined",
            Self::ConfirmUrlRequired => "ConfirmUrlRequired",
            Self::IdentityVerificationAlreadyVerified => "IdentityVerificationAlreadyVerified",
            Self::ResourceExhausted => "ResourceExhausted",
            Self::Unavailable => "Unavailable",
            Self::Internal => "Internal",
        }
    }
}

impl StartError {
    pub fn new(code: StartCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A member of the merchant's request that is wrong.
    pub fn member(member: &str, accepted: &str) -> Self {
        Self::new(StartCode::RequestParseFailed, format!("{member} {accepted}"))
    }
}

impl From<ReadError> for StartError {
    fn from(error: ReadError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        let code = match &failure {
            Failure::Invalid(_) | Failure::Amounts(_) | Failure::Grant(_) => StartCode::RequestParseFailed,
            Failure::NotFound(Missing::Channel) => StartCode::ChannelNotFound,
            Failure::Pay(refusal) => code_of(refusal),
            Failure::SendIdentity(refusal) => match refusal {
                SendRefusal::AlreadyVerified => StartCode::IdentityVerificationAlreadyVerified,
                SendRefusal::TooManyAttempts { .. } => StartCode::ResourceExhausted,
                SendRefusal::OtherEnvironment | SendRefusal::AlreadySent | SendRefusal::InProgress => {
                    StartCode::InvalidEntityState
                }
            },
            Failure::Overloaded | Failure::Unavailable | Failure::Silent => StartCode::Unavailable,
            Failure::Internal(inside) => {
                tracing::error!(inside = ?inside, "a window could not be opened");
                StartCode::Internal
            }
            // Nothing of this happens where a window is opened.
            Failure::Unauthorized(_)
            | Failure::Forbidden(_)
            | Failure::NotFound(_)
            | Failure::Cancel(_)
            | Failure::Stop(_)
            | Failure::Capture(_)
            | Failure::CloseAccount(_)
            | Failure::Escrow(_)
            | Failure::StoreReceipt(_)
            | Failure::DeleteBillingKey(_)
            | Failure::Confirm(_)
            | Failure::ConfirmKey(_)
            | Failure::Schedule(_)
            | Failure::Revoke(_)
            | Failure::WebhookQuota { .. }
            | Failure::SessionLifetime(_)
            | Failure::SessionOver
            | Failure::Psp(_)
            | Failure::Channels { .. }
            | Failure::KeyOutstanding
            | Failure::IssueReceipt(_)
            | Failure::WithdrawReceipt(_)
            | Failure::ConfirmIdentity(_)
            | Failure::KeyReused
            | Failure::Platform(_) => StartCode::Internal,
        };
        Self::new(code, failure.to_string())
    }
}

const fn code_of(refusal: &PayRefusal) -> StartCode {
    match refusal {
        PayRefusal::AlreadyPaid => StartCode::PaymentAlreadyPaid,
        PayRefusal::InProgress(_) | PayRefusal::Scheduled(_) | PayRefusal::OtherEnvironment => {
            StartCode::InvalidEntityState
        }
        PayRefusal::TooManyAttempts { .. } => StartCode::ResourceExhausted,
        PayRefusal::DiffersFromRegistered => StartCode::AmountNotEqualToPredefined,
    }
}
