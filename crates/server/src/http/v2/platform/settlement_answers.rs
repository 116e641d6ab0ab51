//! How results about transfers, settlements and payouts are written.

use crate::app::failure::Failure;
use crate::app::platform::settlement_outcome::SettlementDone;
use crate::http::v2::answers::ok;
use crate::http::v2::translate::platform::{
    account_transfer, operator, partner_settlement, payout, transfer,
};
use paypier_domain::claim::Answer;
use paypier_wire::v2;
use paypier_wire::v2::operator as body;

/// A body with one member.
#[derive(serde::Serialize)]
struct Transferred {
    transfer: v2::PlatformTransfer,
}

/// # Errors
/// `Internal`: what was stored cannot be said in this dialect.
pub(super) fn success(done: &SettlementDone) -> Result<Answer, Failure> {
    match done {
        SettlementDone::Transfer(view) => ok(&Transferred { transfer: transfer::shown(view)? }),
        SettlementDone::TransferDeleted => ok(&v2::DeletePlatformTransferResponse {}),
        SettlementDone::Settlement(view) => {
            ok(&body::PartnerSettlementAnswer { partner_settlement: partner_settlement::shown(view)? })
        }
        SettlementDone::SettlementsDeleted => ok(&v2::DeletePlatformPartnerSettlementsResponse {}),
        SettlementDone::PayoutCompleted(completed) => ok(&partner_settlement::completed(completed)),
        SettlementDone::Bulk(view) => ok(&body::BulkPayoutAnswer { bulk_payout: payout::bulk_shown(view) }),
        SettlementDone::Payout(view) => ok(&body::PayoutAnswer { payout: payout::shown(view)? }),
        SettlementDone::Withdrawal(view) => {
            ok(&body::AccountTransferAnswer { account_transfer: account_transfer::shown(view)? })
        }
        SettlementDone::Account(account) => ok(&operator::account(account)?),
    }
}
