//! Events: what a merchant may want to know, committed with the change that caused it.

use crate::channel::Environment;
use crate::id::{BillingKeyId, CancellationId, EventId, MerchantId, PaymentKey, StoreId, TransactionId};
use crate::payment::{AmountsNow, Status};
use jiff::Timestamp;

/// One thing that happened. Events of one payment are numbered from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub merchant: MerchantId,
    pub store: StoreId,
    pub environment: Environment,
    pub at: Timestamp,
    pub trigger: Option<Trigger>,
    pub subject: Subject,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Payment(PaymentEvent),
    BillingKey { key: BillingKeyId, kind: BillingKeyEventKind },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    pub payment: PaymentKey,
    pub transaction: TransactionId,
    pub cancellation: Option<CancellationId>,
    pub kind: PaymentEventKind,
    /// Counts this payment's events from 1.
    pub sequence: u64,
    /// The payment's status right after the event.
    pub status: Status,
    /// The payment's amounts right after the event.
    pub amounts: AmountsNow,
    /// Money that moved with this event, minor units: positive when paid, negative when refunded,
    /// 0 when nothing moved.
    pub moved: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaymentEventKind {
    Ready,
    Paid,
    VirtualAccountIssued,
    PartialCancelled,
    Cancelled,
    Failed,
    PayPending,
    CancelPending,
    DisputeCreated,
    DisputeResolved,
}

impl PaymentEventKind {
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::Paid,
        Self::VirtualAccountIssued,
        Self::PartialCancelled,
        Self::Cancelled,
        Self::Failed,
        Self::PayPending,
        Self::CancelPending,
        Self::DisputeCreated,
        Self::DisputeResolved,
    ];

    /// The name in PascalCase, as both webhook payload versions spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Paid => "Paid",
            Self::VirtualAccountIssued => "VirtualAccountIssued",
            Self::PartialCancelled => "PartialCancelled",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
            Self::PayPending => "PayPending",
            Self::CancelPending => "CancelPending",
            Self::DisputeCreated => "DisputeCreated",
            Self::DisputeResolved => "DisputeResolved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingKeyEventKind {
    Ready,
    Issued,
    Failed,
    Deleted,
    Updated,
}

impl BillingKeyEventKind {
    pub const ALL: [Self; 5] = [Self::Ready, Self::Issued, Self::Failed, Self::Deleted, Self::Updated];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Issued => "Issued",
            Self::Failed => "Failed",
            Self::Deleted => "Deleted",
            Self::Updated => "Updated",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why an event happened without a caller of ours, or a delivery outside its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Manual,
    VirtualAccountDeposit,
    AsyncCancelApproved,
    AsyncCancelFailed,
    AsyncPayApproved,
    AsyncPayFailed,
    AsyncPayPending,
    DisputeCreated,
    DisputeResolved,
}

impl Trigger {
    pub const ALL: [Self; 9] = [
        Self::Manual,
        Self::VirtualAccountDeposit,
        Self::AsyncCancelApproved,
        Self::AsyncCancelFailed,
        Self::AsyncPayApproved,
        Self::AsyncPayFailed,
        Self::AsyncPayPending,
        Self::DisputeCreated,
        Self::DisputeResolved,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "MANUAL",
            Self::VirtualAccountDeposit => "VIRTUAL_ACCOUNT_DEPOSIT",
            Self::AsyncCancelApproved => "ASYNC_CANCEL_APPROVED",
            Self::AsyncCancelFailed => "ASYNC_CANCEL_FAILED",
            Self::AsyncPayApproved => "ASYNC_PAY_APPROVED",
            Self::AsyncPayFailed => "ASYNC_PAY_FAILED",
            Self::AsyncPayPending => "ASYNC_PAY_PENDING",
            Self::DisputeCreated => "DISPUTE_CREATED",
            Self::DisputeResolved => "DISPUTE_RESOLVED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == text)
    }
}
