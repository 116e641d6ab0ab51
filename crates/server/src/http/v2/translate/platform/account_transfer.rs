//! Movements of the accounts from which partners are paid.

use super::partner_settlement::count;
use super::payout::{Given, bank_shown, range, sum};
use super::transfer_filter::{bounded, words};
use super::{Kind, graphql_id, is_for_test};
use crate::app::failure::Failure;
use crate::app::platform::payout::{BulkMovementView, MovementView};
use crate::http::v2::translate::amount::currency_shown;
use crate::http::v2::translate::invalid;
use crate::http::v2::translate::page::shown as page_shown;
use paypier_domain::money::Amount;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::paying::{
    AccountTransferStatus, BulkAccountTransferStatus, Direction, PayoutAccount, Purpose, Withdrawal,
};
use paypier_storage::{ByStatus, MovementFilter, MovementsFilter, Page, PageAsk, PayingTime};
use paypier_wire::v2;

/// # Errors
/// Two ranges, a range that ends before it begins, lists that are too long.
pub fn filter(
    platform: PlatformKey,
    filter: Option<v2::PlatformAccountTransferFilter>,
) -> Result<MovementFilter, Failure> {
    const MEMBER: &str = "filter";
    let filter = filter.unwrap_or_default();
    let ranges = Given::of([
        filter.trade_timestamp_range.map(|range| (PayingTime::Traded, range)),
        filter.created_timestamp_range.map(|range| (PayingTime::Created, range)),
        filter.status_updated_timestamp_range.map(|range| (PayingTime::StatusUpdated, range)),
        filter.scheduled_timestamp_range.map(|range| (PayingTime::Scheduled, range)),
    ]);
    let asked_range = match ranges {
        Given::Nothing => None,
        Given::One((time, given)) => Some(range(MEMBER, time, &given)?),
        Given::Several => return Err(invalid(MEMBER, "takes at most one range")),
    };
    let mut ids = bounded("filter.accountTransferIds", filter.account_transfer_ids)?;
    ids.extend(filter.account_transfer_id);
    let kind = |kind: v2::PlatformAccountTransferType| match kind {
        v2::PlatformAccountTransferType::Deposit => ("DEPOSIT", None),
        v2::PlatformAccountTransferType::Withdrawal => ("WITHDRAWAL", None),
        v2::PlatformAccountTransferType::WithdrawalPartnerPayout => ("WITHDRAWAL", Some("PARTNER_PAYOUT")),
        v2::PlatformAccountTransferType::WithdrawalRemit => ("WITHDRAWAL", Some("REMIT")),
    };
    Ok(MovementFilter {
        platform,
        range: asked_range,
        ids,
        account: filter.bank_account_id,
        bulk: filter.bulk_account_transfer_id,
        payout: filter.payout_id,
        kinds: bounded("filter.types", filter.types)?
            .into_iter()
            .map(kind)
            .map(|(kind, purpose)| (kind.to_owned(), purpose.map(str::to_owned)))
            .collect(),
        statuses: words("filter.statuses", filter.statuses, |one| one.as_str())?,
        depositor: filter.depositor_name,
        holder: filter.deposit_account_holder,
        deposit_memo: filter.deposit_memo,
        withdrawal_memo: filter.withdrawal_memo,
    })
}

pub(super) const fn status_shown(status: AccountTransferStatus) -> v2::PlatformAccountTransferStatus {
    match status {
        AccountTransferStatus::Prepared => v2::PlatformAccountTransferStatus::Prepared,
        AccountTransferStatus::Scheduled => v2::PlatformAccountTransferStatus::Scheduled,
        AccountTransferStatus::Cancelled => v2::PlatformAccountTransferStatus::Cancelled,
        AccountTransferStatus::Stopped => v2::PlatformAccountTransferStatus::Stopped,
        AccountTransferStatus::Processing => v2::PlatformAccountTransferStatus::Processing,
        AccountTransferStatus::AsyncProcessing => v2::PlatformAccountTransferStatus::AsyncProcessing,
        AccountTransferStatus::Succeeded => v2::PlatformAccountTransferStatus::Succeeded,
        AccountTransferStatus::Failed => v2::PlatformAccountTransferStatus::Failed,
    }
}

fn account_detail(account: &PayoutAccount) -> Result<v2::PlatformBankAccountDetail, Failure> {
    let provider = v2::PlatformBankAccountProvider::parse(&account.provider)
        .ok_or_else(|| Failure::internal("a stored provider has no word in this dialect"))?;
    Ok(v2::PlatformBankAccountDetail {
        account_number: account.number.to_string(),
        bank: bank_shown(&account.bank)?,
        provider,
        holder: account.holder.as_deref().map(str::to_owned),
    })
}

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn shown(view: &MovementView) -> Result<v2::PlatformAccountTransfer, Failure> {
    Ok(match &view.transfer.direction {
        Direction::Deposit { depositor } => deposit(view, depositor)?.into(),
        Direction::Withdrawal(withdrawal) => self::withdrawal(view, withdrawal)?.into(),
    })
}

/// # Errors
/// As [`shown`].
pub(super) fn deposit(
    view: &MovementView,
    depositor: &str,
) -> Result<v2::PlatformDepositAccountTransfer, Failure> {
    let transfer = &view.transfer;
    let bank_account_id = transfer.account.as_str().to_owned();
    Ok(v2::PlatformDepositAccountTransfer {
        id: transfer.id.as_str().to_owned(),
        bank_account_graphql_id: graphql_id(Kind::BankAccount, &bank_account_id),
        bank_account_id,
        bank_account: account_detail(&view.account)?,
        currency: currency_shown(transfer.currency)?,
        amount: transfer.amount.minor_units(),
        deposit_memo: own(transfer.deposit_memo.as_deref()),
        traded_at: transfer.traded_at.map(Into::into),
        created_at: transfer.created_at.into(),
        updated_at: transfer.updated_at.into(),
        depositor_name: depositor.to_owned(),
        is_for_test: is_for_test(&transfer.platform),
        status_updated_at: transfer.status_at.into(),
        status: status_shown(transfer.status),
    })
}

fn withdrawal(
    view: &MovementView,
    withdrawal: &Withdrawal,
) -> Result<v2::PlatformWithdrawalAccountTransfer, Failure> {
    let transfer = &view.transfer;
    let bank_account_id = transfer.account.as_str().to_owned();
    let together = withdrawal.bulk.as_ref().map(|id| id.as_str());
    let mut shown = v2::PlatformWithdrawalAccountTransfer {
        id: transfer.id.as_str().to_owned(),
        bank_account_graphql_id: graphql_id(Kind::BankAccount, &bank_account_id),
        bank_account_id,
        bank_account: account_detail(&view.account)?,
        sequence_number: withdrawal.sequence.map(number),
        currency: currency_shown(transfer.currency)?,
        deposit_bank: bank_shown(&withdrawal.to.bank)?,
        deposit_account_number: withdrawal.to.number.to_string(),
        deposit_account_holder: withdrawal.to.holder.to_string(),
        amount: transfer.amount.minor_units(),
        withdrawal_memo: own(transfer.withdrawal_memo.as_deref()),
        deposit_memo: own(transfer.deposit_memo.as_deref()),
        balance: transfer.balance.map(Amount::minor_units),
        fail_reason: own(withdrawal.fail_reason.as_deref()),
        traded_at: transfer.traded_at.map(Into::into),
        created_at: transfer.created_at.into(),
        updated_at: transfer.updated_at.into(),
        is_for_test: is_for_test(&transfer.platform),
        withdrawal_type: v2::Type::Remit,
        partner_id: None,
        partner_graphql_id: None,
        bulk_payout_id: None,
        bulk_payout_graphql_id: None,
        payout_id: None,
        payout_graphql_id: None,
        bulk_account_transfer_id: own(together),
        bulk_account_transfer_graphql_id: together.map(|id| graphql_id(Kind::BulkAccountTransfer, id)),
        document_id: None,
        status_updated_at: transfer.status_at.into(),
        status: status_shown(transfer.status),
        scheduled_at: withdrawal.scheduled_at.map(Into::into),
    };
    match &withdrawal.purpose {
        Purpose::PartnerPayout { partner, bulk, payout } => {
            shown.withdrawal_type = v2::Type::PartnerPayout;
            shown.partner_graphql_id = Some(graphql_id(Kind::Partner, partner.as_str()));
            shown.partner_id = Some(partner.as_str().to_owned());
            shown.bulk_payout_graphql_id = Some(graphql_id(Kind::BulkPayout, bulk.as_str()));
            shown.bulk_payout_id = Some(bulk.as_str().to_owned());
            shown.payout_graphql_id = Some(graphql_id(Kind::Payout, payout.as_str()));
            shown.payout_id = Some(payout.as_str().to_owned());
        }
        Purpose::Remit { document, .. } => shown.document_id = own(document.as_deref()),
    }
    Ok(shown)
}

pub(super) fn own(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// The bank's number, as the dialect's integer.
pub(super) fn number(sequence: u32) -> i32 {
    i32::try_from(sequence).unwrap_or(i32::MAX)
}

fn stats(of: impl Fn(AccountTransferStatus) -> i64) -> v2::PlatformAccountTransferStatusStats {
    v2::PlatformAccountTransferStatusStats {
        prepared: of(AccountTransferStatus::Prepared),
        scheduled: of(AccountTransferStatus::Scheduled),
        cancelled: of(AccountTransferStatus::Cancelled),
        stopped: of(AccountTransferStatus::Stopped),
        processing: of(AccountTransferStatus::Processing),
        async_processing: of(AccountTransferStatus::AsyncProcessing),
        succeeded: of(AccountTransferStatus::Succeeded),
        failed: of(AccountTransferStatus::Failed),
    }
}

pub(super) fn counted(counts: &ByStatus) -> v2::PlatformAccountTransferStatusStats {
    stats(|status| count(counts, status.as_str()))
}

/// # Errors
/// As [`shown`].
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

/// # Errors
/// Criteria of several members, a range that ends before it begins, lists that are too long.
pub fn bulk_filter(
    platform: PlatformKey,
    filter: Option<v2::PlatformBulkAccountTransferFilterInput>,
) -> Result<MovementsFilter, Failure> {
    const MEMBER: &str = "filter.criteria";
    let filter = filter.unwrap_or_default();
    let criteria = filter.criteria.unwrap_or_default();
    let several = || invalid(MEMBER, "takes at most one member");
    let ranges = Given::of([
        criteria.timestamp_range.map(|range| (PayingTime::Created, range)),
        criteria.status_updated_timestamp_range.map(|range| (PayingTime::StatusUpdated, range)),
    ]);
    let asked_range = match (ranges, &criteria.bulk_account_transfer_id) {
        (Given::Nothing, _) => None,
        (Given::One((time, given)), None) => Some(range(MEMBER, time, &given)?),
        (Given::One(_), Some(_)) | (Given::Several, _) => return Err(several()),
    };
    Ok(MovementsFilter {
        platform,
        range: asked_range,
        id: criteria.bulk_account_transfer_id,
        statuses: words("filter.statuses", filter.statuses, |one| one.as_str())?,
    })
}

const fn bulk_status_shown(status: BulkAccountTransferStatus) -> v2::PlatformBulkAccountTransferStatus {
    match status {
        BulkAccountTransferStatus::Prepared => v2::PlatformBulkAccountTransferStatus::Prepared,
        BulkAccountTransferStatus::Scheduled => v2::PlatformBulkAccountTransferStatus::Scheduled,
        BulkAccountTransferStatus::Ongoing => v2::PlatformBulkAccountTransferStatus::Ongoing,
        BulkAccountTransferStatus::Completed => v2::PlatformBulkAccountTransferStatus::Completed,
    }
}

pub fn bulk_shown(view: &BulkMovementView) -> v2::PlatformBulkAccountTransfer {
    let bulk = &view.bulk;
    let (id, account) = (bulk.id.as_str().to_owned(), bulk.account.as_str().to_owned());
    v2::PlatformBulkAccountTransfer {
        graphql_id: graphql_id(Kind::BulkAccountTransfer, &id),
        id,
        creator_id: bulk.created_by.to_string(),
        bank_account_graphql_id: graphql_id(Kind::BankAccount, &account),
        bank_account_id: account,
        total_amount: bulk.total.minor_units(),
        status: bulk_status_shown(bulk.status),
        stats: v2::PlatformBulkAccountTransferStats {
            amount: stats(|status| sum(&view.movements, status.as_str())),
            count: stats(|status| count(&view.movements, status.as_str())),
        },
        status_updated_at: bulk.status_at.into(),
        created_at: bulk.created_at.into(),
        updated_at: bulk.updated_at.into(),
        scheduled_at: bulk.scheduled_at.map(Into::into),
    }
}

pub fn bulk_page(
    found: &Page<BulkMovementView>,
    counts: &ByStatus,
    asked: PageAsk,
) -> v2::GetPlatformBulkAccountTransfersResponse {
    let of = |status: BulkAccountTransferStatus| count(counts, status.as_str());
    v2::GetPlatformBulkAccountTransfersResponse {
        items: found.items.iter().map(bulk_shown).collect(),
        page: page_shown(asked, found.total),
        counts: v2::PlatformBulkAccountTransferStatusStats {
            prepared: of(BulkAccountTransferStatus::Prepared),
            scheduled: of(BulkAccountTransferStatus::Scheduled),
            ongoing: of(BulkAccountTransferStatus::Ongoing),
            completed: of(BulkAccountTransferStatus::Completed),
        },
    }
}
