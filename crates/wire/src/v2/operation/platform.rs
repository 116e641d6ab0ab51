//! The settlement platform, a file a subject.

use super::*;

pub(super) mod additional_fee_policy;
pub(super) mod contract;
pub(super) mod discount_share_policy;
pub(super) mod lookup;
pub(super) mod partner;
pub(super) mod partner_settlement;
pub(super) mod payout;
pub(super) mod setting;
pub(super) mod transfer;

/// The environment; LIVE when absent. Descriptions of October 2024 do not know it.
const TEST: Query = Query { name: "test", value: QueryValue::Flag };
