//! What the platform's use cases give back, in no dialect's words.

use super::counterparty::BulkTask;
use super::settlement_outcome::SettlementDone;
use crate::app::success::Success;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Definition, Partner};
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use paypier_domain::settlement::property::PlatformSetting;

/// The result of a use case of the platform. `Scheduled…`: what it is about is the reserved update, and how
/// the thing will be by it.
#[derive(Debug, Clone, PartialEq)]
pub enum PlatformDone {
    Setting(PlatformSetting),
    DiscountSharePolicy(Definition<DiscountShareTerms>),
    ScheduledDiscountSharePolicy(Definition<DiscountShareTerms>),
    AdditionalFeePolicy(Definition<AdditionalFeeTerms>),
    ScheduledAdditionalFeePolicy(Definition<AdditionalFeeTerms>),
    Contract(Definition<ContractTerms>),
    ScheduledContract(Definition<ContractTerms>),
    Partner(Partner),
    ScheduledPartner(Partner),
    Partners(Vec<Partner>),
    BulkTask(BulkTask),
    /// Of transfers, settlements and payouts.
    Settling(SettlementDone),
}

impl From<PlatformDone> for Success {
    fn from(done: PlatformDone) -> Self {
        Self::Platform(Box::new(done))
    }
}
