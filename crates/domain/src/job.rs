//! Jobs: work that is due later, written by the change that makes it necessary.

use crate::channel::Environment;
use crate::id::{
    BillingKeyId, CancellationId, CashReceiptId, IdentityVerificationTxId, PaymentKey, ScheduleId, StoreId,
    SubscriptionRef, TransactionId,
};
use crate::settlement::definition::PlatformKey;
use crate::settlement::id::{BulkPayoutId, PartnerId};
use crate::settlement::paying::AccountTransferId;
use jiff::{SignedDuration, Timestamp};

/// A job. Its key says what it does, so that the same work is never queued twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub task: Task,
    pub store: StoreId,
    pub environment: Environment,
    /// In the store's own time: a moved test clock makes jobs due earlier.
    pub due_at: Timestamp,
    /// How often it ran before.
    pub runs: u32,
}

/// What there is to do. Every task is harmless when it runs twice; its job says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Ask the PSP how an attempt ended.
    ResolveAttempt { payment: PaymentKey, transaction: TransactionId },
    /// Ask the PSP how a cancellation ended.
    ResolveCancellation { payment: PaymentKey, cancellation: CancellationId },
    /// Ask the PSP how a capture ended.
    ResolveCapture { payment: PaymentKey, transaction: TransactionId },
    /// Ask the PSP whether a virtual account was closed.
    ResolveClosing { payment: PaymentKey, transaction: TransactionId },
    /// Ask the PSP whether it took what was said about a delivery.
    ResolveDelivery { payment: PaymentKey, transaction: TransactionId },
    /// Close an issuance whose answer was lost: delete what the PSP may have issued.
    ResolveIssuance { key: BillingKeyId },
    /// Ask the PSP how the issuing or the withdrawal of a cash receipt ended.
    ResolveCashReceipt { payment: PaymentKey, receipt: CashReceiptId },
    /// Issue the cash receipt that was wanted together with a payment.
    IssueWantedCashReceipt { payment: PaymentKey, transaction: TransactionId },
    /// Withdraw the cash receipt of a payment that was cancelled whole.
    WithdrawCashReceipt { payment: PaymentKey },
    /// Ask the provider of tax invoices what has become of a partner's connection.
    ResolveCounterparty { platform: PlatformKey, partner: PartnerId },
    /// Ask the PSP how the sending or the confirmation of a code ended.
    ResolveIdentityVerification { store: StoreId, tx: IdentityVerificationTxId },
    /// Give back a charge that must not stand: a second success, or a late one that the store refuses.
    ReverseCharge { payment: PaymentKey, transaction: TransactionId },
    /// Cancel a payment that was approved late, as its store's policy wants.
    CancelLate { payment: PaymentKey, transaction: TransactionId },
    /// Ask the PSP how a charge and its refunds stand, because it said that something happened. One
    /// job a `prompt`: what was reported while an earlier one ran is not lost.
    LookAgain { payment: PaymentKey, transaction: TransactionId, prompt: String },
    /// Make the charge of a schedule whose time has come.
    RunSchedule { schedule: ScheduleId },
    /// Give up the discount that is held for a window which nobody closes.
    ReleasePromotion { payment: PaymentKey, transaction: TransactionId },
    /// End a payment of the Global dialect that nobody has completed.
    ExpireOrder { payment: PaymentKey, transaction: TransactionId },
    /// Send a payment link to its buyer.
    SendLink { link: String },
    /// Remind the buyer of a payment link that ends soon.
    RemindOfLink { link: String },
    /// End a payment link that nobody paid in time.
    ExpireLink { link: String },
    /// The simulated PSP sends a notification, identified by the PSP's own id of it.
    SimulatorNotification { id: String },
    /// End a confirm process that was interrupted: nobody may ask a second time.
    EndConfirming { window: [u8; 32] },
    /// Make the deduction of a subscription whose time has come.
    DeductCycle { subscription: SubscriptionRef },
    /// Send the link of a subscription to its customer.
    SendSubscription { subscription: SubscriptionRef },
    /// End the link of a subscription that nobody has used.
    ExpireSubscription { subscription: SubscriptionRef },
    /// Delete the billing key of a subscription that is over, or of an enrolment that came to nothing.
    ReleaseSubscriptionKey { subscription: SubscriptionRef, key: BillingKeyId },
    /// A day of a settlement platform begins: transfers that start are frozen, those that are due settled.
    /// Its books are the store's, which is the merchant's representative one.
    PlatformDay { store: StoreId, environment: Environment, day: jiff::civil::Date },
    /// Execute a bulk payout whose reserved time has come.
    ExecuteBulkPayout { store: StoreId, environment: Environment, bulk: BulkPayoutId },
    /// Ask the bank to pay a partner, or how that ended.
    Remit { store: StoreId, environment: Environment, transfer: AccountTransferId },
    /// Remove idempotency keys and tokens past their time.
    Purge,
}

impl Task {
    /// The kind that is taken at a pace of its own.
    pub const RUN_SCHEDULE: &'static str = "run_schedule";
    /// Taken at the same pace as schedules are.
    pub const DEDUCT_CYCLE: &'static str = "deduct_cycle";

    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ResolveAttempt { .. } => "resolve_attempt",
            Self::ResolveCancellation { .. } => "resolve_cancellation",
            Self::ResolveCapture { .. } => "resolve_capture",
            Self::ResolveClosing { .. } => "resolve_closing",
            Self::ResolveDelivery { .. } => "resolve_delivery",
            Self::ResolveIssuance { .. } => "resolve_issuance",
            Self::ResolveCashReceipt { .. } => "resolve_cash_receipt",
            Self::IssueWantedCashReceipt { .. } => "issue_wanted_cash_receipt",
            Self::WithdrawCashReceipt { .. } => "withdraw_cash_receipt",
            Self::ResolveIdentityVerification { .. } => "resolve_identity_verification",
            Self::ResolveCounterparty { .. } => "resolve_counterparty",
            Self::ReverseCharge { .. } => "reverse_charge",
            Self::CancelLate { .. } => "cancel_late",
            Self::LookAgain { .. } => "look_again",
            Self::RunSchedule { .. } => Self::RUN_SCHEDULE,
            Self::ReleasePromotion { .. } => "release_promotion",
            Self::ExpireOrder { .. } => "expire_order",
            Self::SendLink { .. } => "send_link",
            Self::RemindOfLink { .. } => "remind_of_link",
            Self::ExpireLink { .. } => "expire_link",
            Self::SimulatorNotification { .. } => "simulator_notification",
            Self::EndConfirming { .. } => "end_confirming",
            Self::DeductCycle { .. } => Self::DEDUCT_CYCLE,
            Self::SendSubscription { .. } => "send_subscription",
            Self::ExpireSubscription { .. } => "expire_subscription",
            Self::ReleaseSubscriptionKey { .. } => "release_subscription_key",
            Self::PlatformDay { .. } => "platform_day",
            Self::ExecuteBulkPayout { .. } => "execute_bulk_payout",
            Self::Remit { .. } => "remit",
            Self::Purge => "purge",
        }
    }

    /// Unique by what the task does.
    pub fn key(&self) -> String {
        match self {
            Self::ResolveAttempt { transaction, .. }
            | Self::ResolveCapture { transaction, .. }
            | Self::ResolveClosing { transaction, .. }
            | Self::ResolveDelivery { transaction, .. }
            | Self::CancelLate { transaction, .. }
            | Self::IssueWantedCashReceipt { transaction, .. }
            | Self::ReleasePromotion { transaction, .. }
            | Self::ExpireOrder { transaction, .. }
            | Self::ReverseCharge { transaction, .. } => format!("{}:{transaction}", self.kind()),
            Self::LookAgain { transaction, prompt, .. } => {
                format!("{}:{transaction}:{prompt}", self.kind())
            }
            Self::ResolveCancellation { cancellation, .. } => format!("{}:{cancellation}", self.kind()),
            Self::ResolveIssuance { key } => format!("{}:{key}", self.kind()),
            Self::ResolveCashReceipt { receipt, .. } => format!("{}:{receipt}", self.kind()),
            Self::ResolveIdentityVerification { tx, .. } => format!("{}:{tx}", self.kind()),
            // The merchant's id has no colon; the partner's, which the merchant chose, comes last.
            Self::ResolveCounterparty { platform, partner } => {
                let PlatformKey { merchant, environment } = platform;
                format!("{}:{merchant}:{}:{partner}", self.kind(), environment.as_str())
            }
            Self::WithdrawCashReceipt { payment } => format!("{}:{payment}", self.kind()),
            Self::RunSchedule { schedule } => format!("{}:{schedule}", self.kind()),
            Self::SendLink { link } | Self::RemindOfLink { link } | Self::ExpireLink { link } => {
                format!("{}:{link}", self.kind())
            }
            Self::SimulatorNotification { id } => format!("{}:{id}", self.kind()),
            Self::EndConfirming { window } => {
                let name: String = window.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}:{name}", self.kind())
            }
            Self::DeductCycle { subscription }
            | Self::SendSubscription { subscription }
            | Self::ExpireSubscription { subscription } => format!("{}:{subscription}", self.kind()),
            Self::ReleaseSubscriptionKey { key, .. } => format!("{}:{key}", self.kind()),
            Self::PlatformDay { store, environment, day } => {
                format!("{}:{store}:{}:{day}", self.kind(), environment.as_str())
            }
            Self::ExecuteBulkPayout { store, environment, bulk } => {
                format!("{}:{store}:{}:{bulk}", self.kind(), environment.as_str())
            }
            Self::Remit { store, environment, transfer } => {
                format!("{}:{store}:{}:{transfer}", self.kind(), environment.as_str())
            }
            Self::Purge => self.kind().to_owned(),
        }
    }
}

/// What a change does to the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobWrite {
    /// Queues the job, or moves the queued one with the same key to the new due time.
    Put(Job),
    /// Moves the job that has run to the new due time, when there still is one: it may have been removed meanwhile
    /// by whoever answered its question, or queued again by whoever has more for it to do.
    PutOff(Job),
    /// Removes the job with this key that has run, unless it was queued again meanwhile: what it was queued for
    /// came too late for it to see.
    Done(String),
    /// Removes the job with this key, when there is one.
    Remove(String),
}

/// When an unknown outcome is asked about again, counted from the question before: 2 s, 10 s, 30 s,
/// 2 min, 10 min, 1 h, 6 h, then daily (psp-connectors, section 12).
pub fn wait_before_query(number: u32) -> SignedDuration {
    match number {
        0 => SignedDuration::from_secs(2),
        1 => SignedDuration::from_secs(10),
        2 => SignedDuration::from_secs(30),
        3 => SignedDuration::from_mins(2),
        4 => SignedDuration::from_mins(10),
        5 => SignedDuration::from_hours(1),
        6 => SignedDuration::from_hours(6),
        _ => SignedDuration::from_hours(24),
    }
}
