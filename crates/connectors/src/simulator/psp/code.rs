//! The codes that the PSP answers with: its side of the contract, with status and message.

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Why the PSP says no. Codes and messages never change: merchants assert them in their tests, and
/// refused orders keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::simulator) enum Code {
    #[serde(rename = "SANDBOX_DECLINED")]
    Declined,
    #[serde(rename = "SANDBOX_INSUFFICIENT_FUNDS")]
    InsufficientFunds,
    #[serde(rename = "SANDBOX_EXPIRED_CARD")]
    ExpiredCard,
    #[serde(rename = "SANDBOX_INCORRECT_SECURITY_DATA")]
    IncorrectSecurityData,
    #[serde(rename = "SANDBOX_LOST_OR_STOLEN")]
    LostOrStolen,
    #[serde(rename = "SANDBOX_INVALID_CARD")]
    InvalidCard,
    #[serde(rename = "SANDBOX_AUTHENTICATION_FAILED")]
    AuthenticationFailed,
    #[serde(rename = "SANDBOX_PSP_ERROR")]
    PspError,
    #[serde(rename = "SANDBOX_UNAUTHORIZED")]
    Unauthorized,
    #[serde(rename = "SANDBOX_INVALID_REQUEST")]
    InvalidRequest,
    #[serde(rename = "SANDBOX_UNKNOWN_CALL")]
    UnknownCall,
    #[serde(rename = "SANDBOX_ORDER_NOT_FOUND")]
    OrderNotFound,
    #[serde(rename = "SANDBOX_TOKEN_NOT_FOUND")]
    TokenNotFound,
    #[serde(rename = "SANDBOX_REFUND_NOT_FOUND")]
    RefundNotFound,
    #[serde(rename = "SANDBOX_REFERENCE_REUSED")]
    ReferenceReused,
    #[serde(rename = "SANDBOX_NOT_APPROVED")]
    NotApproved,
    #[serde(rename = "SANDBOX_NOT_CAPTURABLE")]
    NotCapturable,
    #[serde(rename = "SANDBOX_CAPTURE_AMOUNT_MISMATCH")]
    CaptureAmountMismatch,
    #[serde(rename = "SANDBOX_REFUND_REFUSED")]
    RefundRefused,
    #[serde(rename = "SANDBOX_REFUND_EXCEEDS_APPROVED")]
    RefundExceedsApproved,
    #[serde(rename = "SANDBOX_REFUND_ACCOUNT_MISSING")]
    RefundAccountMissing,
    #[serde(rename = "SANDBOX_REFUND_ACCOUNT_UNKNOWN")]
    RefundAccountUnknown,
    #[serde(rename = "SANDBOX_REFUND_FAILED")]
    RefundFailed,
    #[serde(rename = "SANDBOX_REFUND_STOPPED")]
    RefundStopped,
    #[serde(rename = "SANDBOX_REFUND_NOT_PENDING")]
    RefundNotPending,
    #[serde(rename = "SANDBOX_ACCOUNT_EXPIRED")]
    AccountExpired,
    #[serde(rename = "SANDBOX_ACCOUNT_CLOSED")]
    AccountClosed,
    #[serde(rename = "SANDBOX_ACCOUNT_HAS_DEPOSIT")]
    AccountHasDeposit,
    #[serde(rename = "SANDBOX_NOT_WAITING_FOR_DEPOSIT")]
    NotWaitingForDeposit,
    #[serde(rename = "SANDBOX_NOT_IN_ESCROW")]
    NotInEscrow,
    #[serde(rename = "SANDBOX_DELIVERY_REGISTERED")]
    DeliveryRegistered,
    #[serde(rename = "SANDBOX_DELIVERY_NOT_REGISTERED")]
    DeliveryNotRegistered,
    #[serde(rename = "SANDBOX_DELIVERY_OVER")]
    DeliveryOver,
    #[serde(rename = "SANDBOX_INVOICE_UNKNOWN")]
    InvoiceUnknown,
    #[serde(rename = "SANDBOX_STORE_UNKNOWN")]
    StoreUnknown,
    #[serde(rename = "SANDBOX_RECEIPT_NOT_FOUND")]
    ReceiptNotFound,
    #[serde(rename = "SANDBOX_RECEIPT_REFUSED")]
    ReceiptRefused,
    #[serde(rename = "SANDBOX_IDENTITY_NOT_FOUND")]
    IdentityNotFound,
    #[serde(rename = "SANDBOX_IDENTITY_WRONG_CODE")]
    IdentityOtpWrong,
    #[serde(rename = "SANDBOX_IDENTITY_CLOSED")]
    IdentityClosed,
    #[serde(rename = "SANDBOX_IDENTITY_NOT_APPROVED")]
    IdentityNotApproved,
    #[serde(rename = "SANDBOX_IDENTITY_NOT_BY_SMS")]
    IdentityNotBySms,
    #[serde(rename = "SANDBOX_IDENTITY_RESENT_TOO_OFTEN")]
    IdentityResentTooOften,
}

impl Code {
    #[cfg(test)]
    pub(in crate::simulator) const ALL: [Self; 43] = [
        Self::AuthenticationFailed,
        Self::Declined,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::IncorrectSecurityData,
        Self::LostOrStolen,
        Self::InvalidCard,
        Self::PspError,
        Self::Unauthorized,
        Self::InvalidRequest,
        Self::UnknownCall,
        Self::OrderNotFound,
        Self::TokenNotFound,
        Self::RefundNotFound,
        Self::ReferenceReused,
        Self::NotApproved,
        Self::NotCapturable,
        Self::CaptureAmountMismatch,
        Self::RefundRefused,
        Self::RefundExceedsApproved,
        Self::RefundAccountMissing,
        Self::RefundAccountUnknown,
        Self::RefundFailed,
        Self::RefundStopped,
        Self::RefundNotPending,
        Self::AccountExpired,
        Self::AccountClosed,
        Self::AccountHasDeposit,
        Self::NotWaitingForDeposit,
        Self::NotInEscrow,
        Self::DeliveryRegistered,
        Self::DeliveryNotRegistered,
        Self::DeliveryOver,
        Self::InvoiceUnknown,
        Self::StoreUnknown,
        Self::ReceiptNotFound,
        Self::ReceiptRefused,
        Self::IdentityNotFound,
        Self::IdentityOtpWrong,
        Self::IdentityClosed,
        Self::IdentityNotApproved,
        Self::IdentityNotBySms,
        Self::IdentityResentTooOften,
    ];

    pub(in crate::simulator) const fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "SANDBOX_DECLINED",
            Self::InsufficientFunds => "SANDBOX_INSUFFICIENT_FUNDS",
            Self::ExpiredCard => "SANDBOX_EXPIRED_CARD",
            Self::IncorrectSecurityData => "SANDBOX_INCORRECT_SECURITY_DATA",
            Self::LostOrStolen => "SANDBOX_LOST_OR_STOLEN",
            Self::InvalidCard => "SANDBOX_INVALID_CARD",
            Self::AuthenticationFailed => "SANDBOX_AUTHENTICATION_FAILED",
            Self::PspError => "SANDBOX_PSP_ERROR",
            Self::Unauthorized => "SANDBOX_UNAUTHORIZED",
            Self::InvalidRequest => "SANDBOX_INVALID_REQUEST",
            Self::UnknownCall => "SANDBOX_UNKNOWN_CALL",
            Self::OrderNotFound => "SANDBOX_ORDER_NOT_FOUND",
            Self::TokenNotFound => "SANDBOX_TOKEN_NOT_FOUND",
            Self::RefundNotFound => "SANDBOX_REFUND_NOT_FOUND",
            Self::ReferenceReused => "SANDBOX_REFERENCE_REUSED",
            Self::NotApproved => "SANDBOX_NOT_APPROVED",
            Self::NotCapturable => "SANDBOX_NOT_CAPTURABLE",
            Self::CaptureAmountMismatch => "SANDBOX_CAPTURE_AMOUNT_MISMATCH",
            Self::RefundRefused => "SANDBOX_REFUND_REFUSED",
            Self::RefundExceedsApproved => "SANDBOX_REFUND_EXCEEDS_APPROVED",
            Self::RefundAccountMissing => "SANDBOX_REFUND_ACCOUNT_MISSING",
            Self::RefundAccountUnknown => "SANDBOX_REFUND_ACCOUNT_UNKNOWN",
            Self::RefundFailed => "SANDBOX_REFUND_FAILED",
            Self::RefundStopped => "SANDBOX_REFUND_STOPPED",
            Self::RefundNotPending => "SANDBOX_REFUND_NOT_PENDING",
            Self::AccountExpired => "SANDBOX_ACCOUNT_EXPIRED",
            Self::AccountClosed => "SANDBOX_ACCOUNT_CLOSED",
            Self::AccountHasDeposit => "SANDBOX_ACCOUNT_HAS_DEPOSIT",
            Self::NotWaitingForDeposit => "SANDBOX_NOT_WAITING_FOR_DEPOSIT",
            Self::NotInEscrow => "SANDBOX_NOT_IN_ESCROW",
            Self::DeliveryRegistered => "SANDBOX_DELIVERY_REGISTERED",
            Self::DeliveryNotRegistered => "SANDBOX_DELIVERY_NOT_REGISTERED",
            Self::DeliveryOver => "SANDBOX_DELIVERY_OVER",
            Self::InvoiceUnknown => "SANDBOX_INVOICE_UNKNOWN",
            Self::StoreUnknown => "SANDBOX_STORE_UNKNOWN",
            Self::ReceiptNotFound => "SANDBOX_RECEIPT_NOT_FOUND",
            Self::ReceiptRefused => "SANDBOX_RECEIPT_REFUSED",
            Self::IdentityNotFound => "SANDBOX_IDENTITY_NOT_FOUND",
            Self::IdentityOtpWrong => "SANDBOX_IDENTITY_WRONG_CODE",
            Self::IdentityClosed => "SANDBOX_IDENTITY_CLOSED",
            Self::IdentityNotApproved => "SANDBOX_IDENTITY_NOT_APPROVED",
            Self::IdentityNotBySms => "SANDBOX_IDENTITY_NOT_BY_SMS",
            Self::IdentityResentTooOften => "SANDBOX_IDENTITY_RESENT_TOO_OFTEN",
        }
    }

    pub(in crate::simulator) const fn message(self) -> &'static str {
        match self {
            Self::Declined => "The card issuer declined the payment.",
            Self::InsufficientFunds => "The card has insufficient funds.",
            Self::ExpiredCard => "The card has expired.",
            Self::IncorrectSecurityData => {
                "The birth date, business number, password or security code is wrong."
            }
            Self::LostOrStolen => "The card was reported lost or stolen.",
            Self::InvalidCard => "The card number or its expiry is not valid.",
            Self::AuthenticationFailed => "The buyer was not authenticated: the code is missing or wrong.",
            Self::PspError => "The PSP is not able to process requests now. Nothing was executed.",
            Self::Unauthorized => "The merchant id or its secret key is wrong.",
            Self::InvalidRequest => "The request is not of the documented form.",
            Self::UnknownCall => "The PSP has no such call.",
            Self::OrderNotFound => "There is no order with this reference.",
            Self::TokenNotFound => "There is no such token, or it was deleted.",
            Self::RefundNotFound => "The order has no such refund.",
            Self::ReferenceReused => "The reference was used before, for a different request.",
            Self::NotApproved => "The order is not approved, so there is nothing to take or give back.",
            Self::NotCapturable => "The order does not wait for a capture.",
            Self::CaptureAmountMismatch => "The amount to capture is not the approved amount less refunds.",
            Self::RefundRefused => "This card's refunds are refused.",
            Self::RefundExceedsApproved => "The refund is above what is left of the approved amount.",
            Self::RefundAccountMissing => "A refund of a transfer needs the account that it goes to.",
            Self::RefundAccountUnknown => "The account that the refund goes to does not exist.",
            Self::RefundFailed => "The refund was accepted, and then failed at the issuer.",
            Self::RefundStopped => "The refund was stopped before it was executed.",
            Self::RefundNotPending => "The refund is not pending any more.",
            Self::AccountExpired => "The virtual account expired before the full amount was deposited.",
            Self::AccountClosed => "The virtual account was closed.",
            Self::AccountHasDeposit => "Something was deposited into the virtual account already.",
            Self::NotWaitingForDeposit => "The order does not wait for a deposit.",
            Self::NotInEscrow => "The order is not in escrow.",
            Self::DeliveryRegistered => "Another delivery of this order was reported before.",
            Self::DeliveryNotRegistered => "No delivery of this order was reported.",
            Self::DeliveryOver => "The buyer has decided about this delivery.",
            Self::InvoiceUnknown => "The carrier does not know the invoice number.",
            Self::StoreUnknown => "There is no business with this registration number.",
            Self::ReceiptNotFound => "There is no cash receipt with this reference.",
            Self::ReceiptRefused => "The tax office does not know this identity number.",
            Self::IdentityNotFound => "There is no identity verification with this reference.",
            Self::IdentityOtpWrong => "The code is not the one that was sent.",
            Self::IdentityClosed => {
                "The identity verification takes no code any more: three were wrong, or it waited too long."
            }
            Self::IdentityNotApproved => "The app was not answered yet.",
            Self::IdentityNotBySms => "The identity verification is by app, so there is no code to send.",
            Self::IdentityResentTooOften => "The code was sent again too often.",
        }
    }

    pub(in crate::simulator) const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Declined
            | Self::InsufficientFunds
            | Self::ExpiredCard
            | Self::IncorrectSecurityData
            | Self::LostOrStolen
            | Self::InvalidCard
            | Self::AuthenticationFailed => StatusCode::PAYMENT_REQUIRED,
            Self::UnknownCall
            | Self::OrderNotFound
            | Self::TokenNotFound
            | Self::RefundNotFound
            | Self::ReceiptNotFound
            | Self::IdentityNotFound => StatusCode::NOT_FOUND,
            Self::ReferenceReused
            | Self::NotApproved
            | Self::NotCapturable
            | Self::RefundNotPending
            | Self::AccountHasDeposit
            | Self::AccountExpired
            | Self::AccountClosed
            | Self::NotWaitingForDeposit
            | Self::NotInEscrow
            | Self::DeliveryRegistered
            | Self::DeliveryNotRegistered
            | Self::DeliveryOver
            | Self::IdentityClosed
            | Self::IdentityNotApproved
            | Self::IdentityNotBySms => StatusCode::CONFLICT,
            Self::IdentityResentTooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::CaptureAmountMismatch
            | Self::RefundRefused
            | Self::RefundExceedsApproved
            | Self::RefundAccountMissing
            | Self::RefundAccountUnknown
            | Self::RefundFailed
            | Self::RefundStopped
            | Self::InvoiceUnknown
            | Self::StoreUnknown
            | Self::ReceiptRefused
            | Self::IdentityOtpWrong => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PspError => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
