//! Partner settlements.

use super::transfer::amount_shown;
use super::transfer_filter::{bounded, words};
use super::{Kind, at_most_one, contract, graphql_id, is_for_test, partner};
use crate::app::failure::Failure;
use crate::app::platform::partner_settlement::{CompletePayout, Completed, MOST_NAMED, SettlementView};
use crate::http::v2::translate::amount::currency_shown;
use crate::http::v2::translate::invalid;
use crate::http::v2::translate::page::shown as page_shown;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::group::{GroupKind, GroupTotal};
use paypier_domain::settlement::id::{BulkPayoutId, PartnerSettlementId};
use paypier_domain::settlement::status::PartnerSettlementStatus;
use paypier_storage::{ByStatus, Page, PageAsk, SettlementFilter};
use paypier_wire::v2;

/// # Errors
/// A keyword of several members, or lists that are too long.
pub fn filter(
    platform: PlatformKey,
    filter: v2::PlatformPartnerSettlementFilterInput,
) -> Result<SettlementFilter, Failure> {
    let keyword = filter.keyword.unwrap_or_default();
    at_most_one(
        "filter.keyword",
        &[((), &keyword.partner_settlement_id), ((), &keyword.payout_id), ((), &keyword.bulk_payout_id)],
    )?;
    Ok(SettlementFilter {
        platform,
        days: bounded("filter.settlementDates", filter.settlement_dates)?
            .into_iter()
            .map(paypier_wire::time::Date::get)
            .collect(),
        contracts: bounded("filter.contractIds", filter.contract_ids)?,
        partner_tags: bounded("filter.partnerTags", filter.partner_tags)?,
        currencies: words("filter.settlementCurrencies", filter.settlement_currencies, |one| one.as_str())?,
        statuses: words("filter.statuses", filter.statuses, |one| one.as_str())?,
        partners: bounded("filter.partnerIds", filter.partner_ids)?,
        kinds: words("filter.settlementTypes", filter.settlement_types, |one| one.as_str())?,
        id: keyword.partner_settlement_id,
        payout: keyword.payout_id,
        bulk: keyword.bulk_payout_id,
    })
}

pub const fn status_shown(status: PartnerSettlementStatus) -> v2::PlatformPartnerSettlementStatus {
    use PartnerSettlementStatus as S;
    match status {
        S::Prepared => v2::PlatformPartnerSettlementStatus::PayoutPrepared,
        S::Confirmed => v2::PlatformPartnerSettlementStatus::Confirmed,
        S::Scheduled => v2::PlatformPartnerSettlementStatus::PayoutScheduled,
        S::InPayout => v2::PlatformPartnerSettlementStatus::InPayout,
        S::PaidOut => v2::PlatformPartnerSettlementStatus::PaidOut,
        S::Failed => v2::PlatformPartnerSettlementStatus::PayoutFailed,
        S::Cancelled => v2::PlatformPartnerSettlementStatus::Cancelled,
        S::Withheld => v2::PlatformPartnerSettlementStatus::PayoutWithheld,
        S::Excluded => v2::PlatformPartnerSettlementStatus::PayoutExcluded,
    }
}

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn shown(view: &SettlementView) -> Result<v2::PlatformPartnerSettlement, Failure> {
    let settlement = &view.settlement;
    let id = settlement.id.as_str().to_owned();
    let graphql_id = graphql_id(Kind::PartnerSettlement, &id);
    let partner = partner::current(&view.partner)?;
    let settlement_date = settlement.settles_on.into();
    let settlement_currency = currency_shown(settlement.currency)?;
    let status = status_shown(settlement.status);
    let status_updated_at = Some(settlement.status_at.into());
    let memo = settlement.memo.as_deref().map(str::to_owned);
    let is_for_test = is_for_test(&settlement.platform);
    let contract = || {
        let own = view.contract.as_ref().ok_or_else(|| Failure::internal("a settlement has no contract"))?;
        Ok::<_, Failure>(contract::shown(own, own.of.current()))
    };
    Ok(match (&settlement.total, &settlement.kind) {
        (GroupTotal::Amounts { amount, first_start, last_start }, GroupKind::OrderCancel(_)) => {
            v2::PlatformPartnerOrderCancelSettlement {
                id,
                graphql_id,
                partner,
                settlement_date,
                settlement_currency,
                status,
                status_updated_at,
                memo,
                contract: contract()?,
                settlement_start_date_range: v2::DateRange {
                    from: (*first_start).into(),
                    until: (*last_start).into(),
                },
                amount: amount_shown(amount),
                is_for_test,
            }
            .into()
        }
        (
            GroupTotal::Amounts { amount, first_start, last_start },
            GroupKind::Order(_) | GroupKind::Manual | GroupKind::ManualAlone(_),
        ) => v2::PlatformPartnerOrderSettlement {
            id,
            graphql_id,
            partner,
            settlement_date,
            settlement_currency,
            status,
            status_updated_at,
            memo,
            contract: contract()?,
            settlement_start_date_range: v2::DateRange {
                from: (*first_start).into(),
                until: (*last_start).into(),
            },
            amount: amount_shown(amount),
            is_for_test,
        }
        .into(),
        (GroupTotal::Manual { settlement: amount, tax_free }, _) => v2::PlatformPartnerManualSettlement {
            id,
            graphql_id,
            partner,
            settlement_date,
            settlement_currency,
            status,
            status_updated_at,
            memo,
            amount: amount.minor_units(),
            tax_free_amount: tax_free.minor_units(),
            is_for_test,
        }
        .into(),
    })
}

/// How many of a status.
pub(super) fn count(of: &ByStatus, status: &str) -> i64 {
    of.get(status).map_or(0, |(count, _)| i64::try_from(*count).unwrap_or(i64::MAX))
}

/// # Errors
/// As [`shown`].
pub fn page(
    found: &Page<SettlementView>,
    counts: &ByStatus,
    asked: PageAsk,
) -> Result<v2::GetPlatformPartnerSettlementsResponse, Failure> {
    use PartnerSettlementStatus as S;
    let of = |status: S| count(counts, status.as_str());
    Ok(v2::GetPlatformPartnerSettlementsResponse {
        items: found.items.iter().map(shown).collect::<Result<_, _>>()?,
        page: page_shown(asked, found.total),
        counts: v2::PlatformPartnerSettlementStatusStats {
            payout_scheduled: of(S::Scheduled),
            payout_prepared: of(S::Prepared),
            payout_withheld: of(S::Withheld),
            payout_excluded: of(S::Excluded),
            payout_failed: of(S::Failed),
            payout_cancelled: of(S::Cancelled),
            payout_confirmed: of(S::Confirmed),
            in_payout: of(S::InPayout),
            paid_out: of(S::PaidOut),
        },
    })
}

/// # Errors
/// An id that is none, or too many.
pub fn ids(given: &[String]) -> Result<Vec<PartnerSettlementId>, Failure> {
    const MEMBER: &str = "partnerSettlementIds";
    if given.len() > MOST_NAMED {
        return Err(invalid(
            MEMBER,
            &format!("has {} elements; at most {MOST_NAMED} are accepted", given.len()),
        ));
    }
    given
        .iter()
        .map(|id| {
            PartnerSettlementId::parse(id)
                .map_err(|error| invalid(MEMBER, &format!("is not accepted: {error}")))
        })
        .collect()
}

/// # Errors
/// As [`ids`].
pub fn complete(
    body: v2::CompletePlatformPayoutByPartnerSettlementIdsBody,
) -> Result<CompletePayout, Failure> {
    let id = BulkPayoutId::parse(&body.bulk_payout_id)
        .map_err(|error| invalid("bulkPayoutId", &format!("is not accepted: {error}")))?;
    Ok(CompletePayout {
        id,
        name: body.name.map(Into::into),
        settlements: ids(&body.partner_settlement_ids)?,
        completed_on: body.completed_at.map(paypier_wire::time::Date::get),
    })
}

pub fn completed(of: &Completed) -> v2::CompletePlatformPayoutByPartnerSettlementIdsResponse {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let id = of.bulk.as_str().to_owned();
    v2::CompletePlatformPayoutByPartnerSettlementIdsResponse {
        bulk_payout_graphql_id: Some(graphql_id(Kind::BulkPayout, &id)),
        bulk_payout_id: Some(id),
        payout_count: number(of.payouts),
        partner_settlement_count: number(of.settlements),
    }
}
