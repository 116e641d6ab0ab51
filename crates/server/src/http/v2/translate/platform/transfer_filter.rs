//! What transfers are narrowed down by.

use super::at_most_one;
use crate::app::failure::Failure;
use crate::http::v2::translate::invalid;
use jiff::civil::Date;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::status::TransferStatus;
use paypier_storage::{TransferDay, TransferFilter, TransferKeyword};
use paypier_wire::v2;

/// Values that one list of a filter may hold.
const MOST_VALUES: usize = 1_000;

pub(super) fn bounded<T>(member: &str, list: Option<Vec<T>>) -> Result<Vec<T>, Failure> {
    let list = list.unwrap_or_default();
    if list.len() > MOST_VALUES {
        return Err(invalid(
            member,
            &format!("has {} elements; at most {MOST_VALUES} are accepted", list.len()),
        ));
    }
    Ok(list)
}

pub(super) fn words<T>(
    member: &str,
    list: Option<Vec<T>>,
    word: impl Fn(&T) -> &'static str,
) -> Result<Vec<String>, Failure> {
    Ok(bounded(member, list)?.iter().map(|one| word(one).to_owned()).collect())
}

fn days(member: &str, range: &v2::DateRange) -> Result<(Date, Date), Failure> {
    let (from, until) = (range.from.get(), range.until.get());
    if from > until {
        return Err(invalid(member, "ends before it begins"));
    }
    Ok((from, until))
}

#[derive(Debug, Clone, Copy)]
enum Word {
    All,
    Payment,
    Transfer,
    Memo,
    Product,
    ProductName,
    Partner,
    PartnerName,
    PartnerMemo,
    Settlement,
    Payout,
}

fn keyword(
    keyword: Option<v2::PlatformTransferFilterInputKeyword>,
) -> Result<Option<TransferKeyword>, Failure> {
    let keyword = keyword.unwrap_or_default();
    let given = [
        (Word::All, &keyword.all),
        (Word::Payment, &keyword.payment_id),
        (Word::Transfer, &keyword.transfer_id),
        (Word::Memo, &keyword.transfer_memo),
        (Word::Product, &keyword.product_id),
        (Word::ProductName, &keyword.product_name),
        (Word::Partner, &keyword.partner_id),
        (Word::PartnerName, &keyword.partner_name),
        (Word::PartnerMemo, &keyword.partner_memo),
        (Word::Settlement, &keyword.partner_settlement_id),
        (Word::Payout, &keyword.payout_id),
    ];
    let Some((word, text)) = at_most_one("filter.keyword", &given)? else { return Ok(None) };
    if text.contains('\0') {
        return Err(invalid("filter.keyword", "holds the character U+0000"));
    }
    let text = text.to_owned();
    Ok(Some(match word {
        Word::All => TransferKeyword::All(text),
        Word::Payment => TransferKeyword::Payment(text),
        Word::Transfer => TransferKeyword::Transfer(text),
        Word::Memo => TransferKeyword::Memo(text),
        Word::Product => TransferKeyword::Product(text),
        Word::ProductName => TransferKeyword::ProductName(text),
        Word::Partner => TransferKeyword::Partner(text),
        Word::PartnerName => TransferKeyword::PartnerName(text),
        Word::PartnerMemo => TransferKeyword::PartnerMemo(text),
        Word::Settlement => TransferKeyword::Settlement(text),
        Word::Payout => TransferKeyword::Payout(text),
    }))
}

const fn status(status: v2::PlatformTransferStatus) -> TransferStatus {
    match status {
        v2::PlatformTransferStatus::Scheduled => TransferStatus::Scheduled,
        v2::PlatformTransferStatus::InProcess => TransferStatus::InProcess,
        v2::PlatformTransferStatus::Settled => TransferStatus::Settled,
        v2::PlatformTransferStatus::PayoutConfirmed => TransferStatus::PayoutConfirmed,
        v2::PlatformTransferStatus::InPayout => TransferStatus::InPayout,
        v2::PlatformTransferStatus::PaidOut => TransferStatus::PaidOut,
    }
}

/// # Errors
/// Two ranges, a range that ends before it begins, a keyword of several members, lists that are too long.
pub fn asked(
    platform: PlatformKey,
    today: Date,
    filter: v2::PlatformTransferFilterInput,
) -> Result<TransferFilter, Failure> {
    let days = match (&filter.settlement_start_date_range, &filter.settlement_date_range) {
        (None, None) => None,
        (Some(range), None) => {
            let (from, until) = days("filter.settlementStartDateRange", range)?;
            Some((TransferDay::Start, from, until))
        }
        (None, Some(range)) => {
            let (from, until) = days("filter.settlementDateRange", range)?;
            Some((TransferDay::Settlement, from, until))
        }
        (Some(_), Some(_)) => {
            return Err(invalid(
                "filter",
                "takes at most one of settlementStartDateRange and settlementDateRange",
            ));
        }
    };
    let property = filter.user_defined_property.map(|property| (property.key, property.value));
    if property.as_ref().is_some_and(|(key, value)| key.contains('\0') || value.contains('\0')) {
        return Err(invalid("filter.userDefinedProperty", "holds the character U+0000"));
    }
    Ok(TransferFilter {
        platform,
        today,
        days,
        partner_tags: bounded("filter.partnerTags", filter.partner_tags)?,
        contracts: bounded("filter.contractIds", filter.contract_ids)?,
        discount_policies: bounded("filter.discountSharePolicyIds", filter.discount_share_policy_ids)?,
        fee_policies: bounded("filter.additionalFeePolicyIds", filter.additional_fee_policy_ids)?,
        methods: words("filter.paymentMethodTypes", filter.payment_method_types, |kind| kind.as_str())?,
        channels: bounded("filter.channelKeys", filter.channel_keys)?,
        kinds: words("filter.types", filter.types, |kind| kind.as_str())?,
        statuses: bounded("filter.statuses", filter.statuses)?.into_iter().map(status).collect(),
        property,
        keyword: keyword(filter.keyword)?,
    })
}
