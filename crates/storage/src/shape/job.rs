//! Jobs: what there is to do.

use super::{Text, digest, hexadecimal, text};
use paypier_domain::channel::Environment;
use paypier_domain::id::{
    BillingKeyId, CancellationId, CashReceiptId, IdentityVerificationTxId, MerchantId, PaymentId, PaymentKey,
    ScheduleId, StoreId, SubscriptionRef, TransactionId,
};
use paypier_domain::job as domain;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::{BulkPayoutId, PartnerId};
use paypier_domain::settlement::paying::AccountTransferId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(crate) enum Task<'a> {
    ResolveAttempt { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    ResolveCancellation { store: Text<'a>, payment: Text<'a>, cancellation: Text<'a> },
    ResolveCapture { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    ResolveClosing { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    ResolveDelivery { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    ResolveIssuance { key: Text<'a> },
    ResolveCashReceipt { store: Text<'a>, payment: Text<'a>, receipt: Text<'a> },
    IssueWantedCashReceipt { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    WithdrawCashReceipt { store: Text<'a>, payment: Text<'a> },
    ResolveIdentityVerification { store: Text<'a>, tx: Text<'a> },
    ResolveCounterparty { merchant: Text<'a>, live: bool, partner: Text<'a> },
    ReverseCharge { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    CancelLate { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    LookAgain { store: Text<'a>, payment: Text<'a>, transaction: Text<'a>, prompt: Text<'a> },
    RunSchedule { schedule: Text<'a> },
    ReleasePromotion { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    ExpireOrder { store: Text<'a>, payment: Text<'a>, transaction: Text<'a> },
    SendLink { link: Text<'a> },
    RemindOfLink { link: Text<'a> },
    ExpireLink { link: Text<'a> },
    SimulatorNotification { id: Text<'a> },
    EndConfirming { window: Text<'a> },
    DeductCycle { subscription: Text<'a> },
    SendSubscription { subscription: Text<'a> },
    ExpireSubscription { subscription: Text<'a> },
    ReleaseSubscriptionKey { subscription: Text<'a>, key: Text<'a> },
    PlatformDay { store: Text<'a>, environment: Text<'a>, day: jiff::civil::Date },
    ExecuteBulkPayout { store: Text<'a>, environment: Text<'a>, bulk: Text<'a> },
    Remit { store: Text<'a>, environment: Text<'a>, transfer: Text<'a> },
    Purge,
}

fn key(store: Text<'_>, payment: Text<'_>) -> PaymentKey {
    PaymentKey { store: StoreId::known(store), payment: PaymentId::known(payment) }
}

/// A word that cannot be read names an environment where the job finds nothing to do.
fn known(environment: &str) -> Environment {
    Environment::parse(environment).unwrap_or(Environment::Test)
}

impl<'a> Task<'a> {
    pub(crate) fn of(task: &'a domain::Task) -> Self {
        match task {
            domain::Task::ResolveAttempt { payment, transaction } => Self::ResolveAttempt {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::ResolveCancellation { payment, cancellation } => Self::ResolveCancellation {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                cancellation: text(cancellation.as_str()),
            },
            domain::Task::ResolveCapture { payment, transaction } => Self::ResolveCapture {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::ResolveClosing { payment, transaction } => Self::ResolveClosing {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::ResolveDelivery { payment, transaction } => Self::ResolveDelivery {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::ResolveIssuance { key } => Self::ResolveIssuance { key: text(key.as_str()) },
            domain::Task::ResolveCashReceipt { payment, receipt } => Self::ResolveCashReceipt {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                receipt: text(receipt.as_str()),
            },
            domain::Task::IssueWantedCashReceipt { payment, transaction } => Self::IssueWantedCashReceipt {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::WithdrawCashReceipt { payment } => Self::WithdrawCashReceipt {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
            },
            domain::Task::ResolveIdentityVerification { store, tx } => {
                Self::ResolveIdentityVerification { store: text(store.as_str()), tx: text(tx.as_str()) }
            }
            domain::Task::ResolveCounterparty { platform, partner } => Self::ResolveCounterparty {
                merchant: text(platform.merchant.as_str()),
                live: platform.environment == Environment::Live,
                partner: text(partner.as_str()),
            },
            domain::Task::ReverseCharge { payment, transaction } => Self::ReverseCharge {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::CancelLate { payment, transaction } => Self::CancelLate {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::LookAgain { payment, transaction, prompt } => Self::LookAgain {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
                prompt: text(prompt),
            },
            domain::Task::RunSchedule { schedule } => Self::RunSchedule { schedule: text(schedule.as_str()) },
            domain::Task::ReleasePromotion { payment, transaction } => Self::ReleasePromotion {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::ExpireOrder { payment, transaction } => Self::ExpireOrder {
                store: text(payment.store.as_str()),
                payment: text(payment.payment.as_str()),
                transaction: text(transaction.as_str()),
            },
            domain::Task::SendLink { link } => Self::SendLink { link: text(link) },
            domain::Task::RemindOfLink { link } => Self::RemindOfLink { link: text(link) },
            domain::Task::ExpireLink { link } => Self::ExpireLink { link: text(link) },
            domain::Task::SimulatorNotification { id } => Self::SimulatorNotification { id: text(id) },
            domain::Task::EndConfirming { window } => {
                Self::EndConfirming { window: hexadecimal(window).into() }
            }
            domain::Task::DeductCycle { subscription } => {
                Self::DeductCycle { subscription: text(subscription.as_str()) }
            }
            domain::Task::SendSubscription { subscription } => {
                Self::SendSubscription { subscription: text(subscription.as_str()) }
            }
            domain::Task::ExpireSubscription { subscription } => {
                Self::ExpireSubscription { subscription: text(subscription.as_str()) }
            }
            domain::Task::ReleaseSubscriptionKey { subscription, key } => Self::ReleaseSubscriptionKey {
                subscription: text(subscription.as_str()),
                key: text(key.as_str()),
            },
            domain::Task::PlatformDay { store, environment, day } => Self::PlatformDay {
                store: text(store.as_str()),
                environment: text(environment.as_str()),
                day: *day,
            },
            domain::Task::ExecuteBulkPayout { store, environment, bulk } => Self::ExecuteBulkPayout {
                store: text(store.as_str()),
                environment: text(environment.as_str()),
                bulk: text(bulk.as_str()),
            },
            domain::Task::Remit { store, environment, transfer } => Self::Remit {
                store: text(store.as_str()),
                environment: text(environment.as_str()),
                transfer: text(transfer.as_str()),
            },
            domain::Task::Purge => Self::Purge,
        }
    }

    pub(crate) fn read(self) -> domain::Task {
        match self {
            Self::ResolveAttempt { store, payment, transaction } => domain::Task::ResolveAttempt {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::ResolveCancellation { store, payment, cancellation } => domain::Task::ResolveCancellation {
                payment: key(store, payment),
                cancellation: CancellationId::known(cancellation),
            },
            Self::ResolveCapture { store, payment, transaction } => domain::Task::ResolveCapture {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::ResolveClosing { store, payment, transaction } => domain::Task::ResolveClosing {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::ResolveDelivery { store, payment, transaction } => domain::Task::ResolveDelivery {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::ResolveIssuance { key } => domain::Task::ResolveIssuance { key: BillingKeyId::known(key) },
            Self::ResolveCashReceipt { store, payment, receipt } => domain::Task::ResolveCashReceipt {
                payment: key(store, payment),
                receipt: CashReceiptId::known(receipt),
            },
            Self::IssueWantedCashReceipt { store, payment, transaction } => {
                domain::Task::IssueWantedCashReceipt {
                    payment: key(store, payment),
                    transaction: TransactionId::known(transaction),
                }
            }
            Self::WithdrawCashReceipt { store, payment } => {
                domain::Task::WithdrawCashReceipt { payment: key(store, payment) }
            }
            Self::ResolveIdentityVerification { store, tx } => domain::Task::ResolveIdentityVerification {
                store: StoreId::known(store),
                tx: IdentityVerificationTxId::known(tx),
            },
            Self::ResolveCounterparty { merchant, live, partner } => domain::Task::ResolveCounterparty {
                platform: PlatformKey {
                    merchant: MerchantId::known(merchant),
                    environment: if live { Environment::Live } else { Environment::Test },
                },
                partner: PartnerId::known(partner),
            },
            Self::ReverseCharge { store, payment, transaction } => domain::Task::ReverseCharge {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::CancelLate { store, payment, transaction } => domain::Task::CancelLate {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::LookAgain { store, payment, transaction, prompt } => domain::Task::LookAgain {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
                prompt: prompt.into_owned(),
            },
            Self::RunSchedule { schedule } => {
                domain::Task::RunSchedule { schedule: ScheduleId::known(schedule) }
            }
            Self::ReleasePromotion { store, payment, transaction } => domain::Task::ReleasePromotion {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::ExpireOrder { store, payment, transaction } => domain::Task::ExpireOrder {
                payment: key(store, payment),
                transaction: TransactionId::known(transaction),
            },
            Self::SendLink { link } => domain::Task::SendLink { link: link.into_owned() },
            Self::RemindOfLink { link } => domain::Task::RemindOfLink { link: link.into_owned() },
            Self::ExpireLink { link } => domain::Task::ExpireLink { link: link.into_owned() },
            Self::SimulatorNotification { id } => domain::Task::SimulatorNotification { id: id.into_owned() },
            // A digest that cannot be read names no window, and the job finds nothing to do.
            Self::EndConfirming { window } => {
                domain::Task::EndConfirming { window: digest(&window).unwrap_or([0; 32]) }
            }
            Self::DeductCycle { subscription } => {
                domain::Task::DeductCycle { subscription: SubscriptionRef::known(subscription) }
            }
            Self::SendSubscription { subscription } => {
                domain::Task::SendSubscription { subscription: SubscriptionRef::known(subscription) }
            }
            Self::ExpireSubscription { subscription } => {
                domain::Task::ExpireSubscription { subscription: SubscriptionRef::known(subscription) }
            }
            Self::ReleaseSubscriptionKey { subscription, key } => domain::Task::ReleaseSubscriptionKey {
                subscription: SubscriptionRef::known(subscription),
                key: BillingKeyId::known(key),
            },
            Self::PlatformDay { store, environment, day } => domain::Task::PlatformDay {
                store: StoreId::known(store),
                environment: known(&environment),
                day,
            },
            Self::ExecuteBulkPayout { store, environment, bulk } => domain::Task::ExecuteBulkPayout {
                store: StoreId::known(store),
                environment: known(&environment),
                bulk: BulkPayoutId::known(bulk),
            },
            Self::Remit { store, environment, transfer } => domain::Task::Remit {
                store: StoreId::known(store),
                environment: known(&environment),
                transfer: AccountTransferId::known(transfer),
            },
            Self::Purge => domain::Task::Purge,
        }
    }
}
