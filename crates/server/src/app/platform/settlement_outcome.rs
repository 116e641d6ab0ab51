//! What comes of the use cases about transfers, settlements and payouts: what they give back, and what keeps
//! them from succeeding.

use super::done::PlatformDone;
use super::failure::PlatformFailure;
use super::partner_settlement::{Completed, SettlementView};
use super::payout::{BulkView, MovementView, PayoutView};
use super::transfer_view::TransferView;
use crate::app::failure::Failure;
use crate::app::success::Success;
use paypier_domain::settlement::bulk::{
    ApproveRefusal, CompleteRefusal, CreateRefusal, ExecuteRefusal, GenerateRefusal,
};
use paypier_domain::settlement::delete::{SettlementDeleteRefusal, TransferDeleteRefusal};
use paypier_domain::settlement::id::PartnerSettlementId;
use paypier_domain::settlement::paying::PayoutAccount;
use paypier_domain::settlement::payout::PayoutRefusal;
use paypier_domain::settlement::register::{ManualTransferRefusal, OrderCancelRefusal, OrderRefusal};
use paypier_domain::settlement::status::{
    BulkPayoutStepRefusal, PayoutStatus, PayoutStepRefusal, SettlementRefusal,
};
use paypier_domain::settlement::withdrawal::{
    ApproveWithdrawalRefusal, CancelWithdrawalRefusal, WithdrawRefusal,
};

/// The result of a use case.
#[derive(Debug, Clone, PartialEq)]
pub enum SettlementDone {
    Transfer(Box<TransferView>),
    TransferDeleted,
    Settlement(Box<SettlementView>),
    SettlementsDeleted,
    PayoutCompleted(Completed),
    Bulk(Box<BulkView>),
    Payout(Box<PayoutView>),
    Withdrawal(Box<MovementView>),
    Account(PayoutAccount),
}

/// Why a use case refuses.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettlementFailure {
    #[error(transparent)]
    Order(Box<OrderRefusal>),
    #[error(transparent)]
    Cancel(Box<OrderCancelRefusal>),
    #[error(transparent)]
    Manual(Box<ManualTransferRefusal>),
    #[error("there is no transfer with this id")]
    TransferMissing,
    #[error(transparent)]
    DeleteTransfer(TransferDeleteRefusal),
    #[error(transparent)]
    DeleteSettlements(Box<SettlementDeleteRefusal>),
    #[error(transparent)]
    SettlementStatus(SettlementRefusal),
    #[error("{} partner settlements do not exist", .0.len())]
    SettlementsMissing(Vec<PartnerSettlementId>),
    #[error("{} partner settlements cannot be paid with this bulk payout", .0.len())]
    SettlementsNotPayable(Vec<PartnerSettlementId>),
    #[error(transparent)]
    CompletePayout(Box<CompleteRefusal>),
    #[error(transparent)]
    Payout(PayoutRefusal),
    #[error("there is no payout with this id")]
    PayoutMissing,
    #[error(transparent)]
    PayoutStep(PayoutStepRefusal),
    #[error("the payout is {0}; only what has failed is tried again")]
    NotFailed(PayoutStatus),
    #[error("there is no bulk payout with this id")]
    BulkMissing,
    #[error(transparent)]
    CreateBulk(Box<CreateRefusal>),
    #[error(transparent)]
    GenerateBulk(Box<GenerateRefusal>),
    #[error(transparent)]
    ApproveBulk(ApproveRefusal),
    #[error(transparent)]
    ExecuteBulk(ExecuteRefusal),
    #[error(transparent)]
    BulkStep(BulkPayoutStepRefusal),
    #[error("there is no such account; LIVE has none without a provider that moves money")]
    NoAccount,
    #[error(transparent)]
    Withdraw(WithdrawRefusal),
    #[error("there is no withdrawal with this id")]
    WithdrawalMissing,
    #[error(transparent)]
    ApproveWithdrawal(ApproveWithdrawalRefusal),
    #[error(transparent)]
    CancelWithdrawal(CancelWithdrawalRefusal),
}

impl From<SettlementDone> for Success {
    fn from(done: SettlementDone) -> Self {
        PlatformDone::Settling(done).into()
    }
}

impl From<SettlementFailure> for Failure {
    fn from(failure: SettlementFailure) -> Self {
        PlatformFailure::Settling(Box::new(failure)).into()
    }
}
