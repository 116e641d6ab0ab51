//! Movements of the payout account in the form of October 2024.

use super::account_transfer::{counted, deposit, number, own, status_shown};
use super::payout::bank_shown;
use super::{Kind, graphql_id, is_for_test};
use crate::app::failure::Failure;
use crate::app::platform::payout::MovementView;
use crate::http::v2::translate::amount::currency_shown;
use crate::http::v2::translate::page::shown as page_shown;
use paypier_domain::money::Amount;
use paypier_domain::settlement::id::{BulkPayoutId, PartnerId, PayoutId};
use paypier_domain::settlement::paying::{Direction, Purpose, Withdrawal};
use paypier_storage::{ByStatus, Page, PageAsk};
use paypier_wire::v2::october as v2;

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn page(
    found: &Page<MovementView>,
    counts: &ByStatus,
    asked: PageAsk,
) -> Result<v2::GetPlatformAccountTransfersResponse, Failure> {
    Ok(v2::GetPlatformAccountTransfersResponse {
        items: found.items.iter().map(shown).collect::<Result<_, _>>()?,
        page: page_shown(asked, found.total),
        counts: counted(counts),
    })
}

fn shown(view: &MovementView) -> Result<v2::PlatformAccountTransfer, Failure> {
    Ok(match &view.transfer.direction {
        Direction::Deposit { depositor } => deposit(view, depositor)?.into(),
        Direction::Withdrawal(withdrawal) => match &withdrawal.purpose {
            Purpose::PartnerPayout { partner, bulk, payout } => {
                to_partner(view, withdrawal, (partner, bulk, payout))?.into()
            }
            Purpose::Remit { document, .. } => to_merchant(view, withdrawal, document.as_deref())?.into(),
        },
    })
}

/// Required in this form: 0, which no bank gives, stands for none.
fn sequence_number(withdrawal: &Withdrawal) -> i32 {
    withdrawal.sequence.map_or(0, number)
}

fn to_partner(
    view: &MovementView,
    withdrawal: &Withdrawal,
    (partner, bulk, payout): (&PartnerId, &BulkPayoutId, &PayoutId),
) -> Result<v2::PlatformPartnerPayoutAccountTransfer, Failure> {
    let transfer = &view.transfer;
    Ok(v2::PlatformPartnerPayoutAccountTransfer {
        id: transfer.id.as_str().to_owned(),
        sequence_number: sequence_number(withdrawal),
        currency: currency_shown(transfer.currency)?,
        deposit_bank: bank_shown(&withdrawal.to.bank)?,
        deposit_account_number: withdrawal.to.number.to_string(),
        amount: transfer.amount.minor_units(),
        withdrawal_memo: own(transfer.withdrawal_memo.as_deref()),
        deposit_memo: own(transfer.deposit_memo.as_deref()),
        balance: transfer.balance.map(Amount::minor_units),
        fail_reason: own(withdrawal.fail_reason.as_deref()),
        is_for_test: is_for_test(&transfer.platform),
        created_at: transfer.created_at.into(),
        updated_at: transfer.updated_at.into(),
        partner_graphql_id: graphql_id(Kind::Partner, partner.as_str()),
        partner_id: partner.as_str().to_owned(),
        bulk_payout_graphql_id: graphql_id(Kind::BulkPayout, bulk.as_str()),
        bulk_payout_id: bulk.as_str().to_owned(),
        payout_graphql_id: graphql_id(Kind::Payout, payout.as_str()),
        payout_id: payout.as_str().to_owned(),
        status_updated_at: transfer.status_at.into(),
        status: status_shown(transfer.status),
    })
}

fn to_merchant(
    view: &MovementView,
    withdrawal: &Withdrawal,
    document: Option<&str>,
) -> Result<v2::PlatformRemitAccountTransfer, Failure> {
    let transfer = &view.transfer;
    let id = transfer.id.as_str().to_owned();
    Ok(v2::PlatformRemitAccountTransfer {
        document_id: document.map_or_else(|| id.clone(), str::to_owned),
        id,
        sequence_number: sequence_number(withdrawal),
        currency: currency_shown(transfer.currency)?,
        deposit_bank: bank_shown(&withdrawal.to.bank)?,
        deposit_account_number: withdrawal.to.number.to_string(),
        amount: transfer.amount.minor_units(),
        withdrawal_memo: own(transfer.withdrawal_memo.as_deref()),
        deposit_memo: own(transfer.deposit_memo.as_deref()),
        balance: transfer.balance.map(Amount::minor_units),
        fail_reason: own(withdrawal.fail_reason.as_deref()),
        is_for_test: is_for_test(&transfer.platform),
        created_at: transfer.created_at.into(),
        updated_at: transfer.updated_at.into(),
        status_updated_at: transfer.status_at.into(),
        status: status_shown(transfer.status),
    })
}
