//! Payouts and bulk payouts.

use super::partner_settlement::count;
use super::transfer_filter::{bounded, words};
use super::{Kind, graphql_id, partner};
use crate::app::failure::Failure;
use crate::app::platform::payout::{BulkView, PayoutView};
use crate::http::v2::translate::amount::currency_shown;
use crate::http::v2::translate::invalid;
use crate::http::v2::translate::page::shown as page_shown;
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::setting::{AmountType, Withholding};
use paypier_domain::settlement::status::{BulkPayoutStatus, PayoutStatus};
use paypier_storage::{BulkPayoutFilter, ByStatus, Page, PageAsk, PayingRange, PayingTime, PayoutFilter};
use paypier_wire::v2;

/// The one member of a criterion that is given.
pub(super) enum Given<T> {
    Nothing,
    One(T),
    Several,
}

impl<T> Given<T> {
    pub(super) fn of(given: impl IntoIterator<Item = Option<T>>) -> Self {
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (None, _) => Self::Nothing,
            (Some(one), None) => Self::One(one),
            (Some(_), Some(_)) => Self::Several,
        }
    }
}

/// # Errors
/// A range that ends before it begins.
pub(super) fn range(
    member: &str,
    time: PayingTime,
    range: &v2::DateTimeRange,
) -> Result<PayingRange, Failure> {
    let (from, until) = (range.from.get(), range.until.get());
    if from > until {
        return Err(invalid(member, "ends before it begins"));
    }
    Ok((time, from, until))
}

#[derive(Debug)]
enum Criterion {
    Range(PayingTime, v2::DateTimeRange),
    Payout(String),
    Bulk(String),
    /// Of a kind that no payout of this server has.
    None,
}

/// # Errors
/// Criteria that are not exactly one, a range that ends before it begins, lists that are too long.
pub fn filter(
    platform: PlatformKey,
    filter: Option<v2::PlatformPayoutFilterInput>,
) -> Result<PayoutFilter, Failure> {
    const MEMBER: &str = "filter.criteria";
    let Some(filter) = filter else { return Ok(PayoutFilter::of(platform)) };
    let criteria = filter.criteria;
    let given = Given::of([
        criteria.timestamp_range.map(|range| Criterion::Range(PayingTime::Created, range)),
        criteria
            .status_updated_timestamp_range
            .map(|range| Criterion::Range(PayingTime::StatusUpdated, range)),
        criteria.scheduled_timestamp_range.map(|range| Criterion::Range(PayingTime::Scheduled, range)),
        criteria.settlement_statement_issued_timestamp_range.map(|_| Criterion::None),
        criteria.payout_id.map(Criterion::Payout),
        criteria.bulk_payout_id.map(Criterion::Bulk),
        criteria.tax_invoice_id.map(|_| Criterion::None),
        criteria.settlement_statement_id.map(|_| Criterion::None),
    ]);
    let Given::One(criterion) = given else { return Err(invalid(MEMBER, "takes exactly one member")) };
    let mut asked = PayoutFilter {
        ids: bounded("filter.payoutIds", filter.payout_ids)?,
        statuses: words("filter.statuses", filter.statuses, |one| one.as_str())?,
        partners: bounded("filter.partnerIds", filter.partner_ids)?,
        partner_tags: bounded("filter.partnerTags", filter.partner_tags)?,
        banks: words("filter.payoutAccountBanks", filter.payout_account_banks, |one| one.as_str())?,
        currencies: words("filter.payoutCurrencies", filter.payout_currencies, |one| one.as_str())?,
        partner_types: words("filter.partnerTypes", filter.partner_types, |one| one.as_str())?,
        taxations: words("filter.partnerTaxationTypes", filter.partner_taxation_types, |one| one.as_str())?,
        ..PayoutFilter::of(platform)
    };
    let none = |list: &Option<Vec<v2::PlatformPayoutTaxInvoiceStatus>>| {
        list.as_ref()
            .is_some_and(|list| !list.is_empty() && !list.contains(&v2::PlatformPayoutTaxInvoiceStatus::None))
    };
    let unsent = |list: &Option<Vec<v2::PlatformPayoutSettlementStatementStatus>>| {
        list.as_ref().is_some_and(|list| {
            !list.is_empty() && !list.contains(&v2::PlatformPayoutSettlementStatementStatus::Unsent)
        })
    };
    asked.hopeless = none(&filter.tax_invoice_statuses) || unsent(&filter.settlement_statement_statuses);
    match criterion {
        Criterion::Range(time, given) => asked.range = Some(range(MEMBER, time, &given)?),
        Criterion::Payout(id) if asked.ids.is_empty() || asked.ids.contains(&id) => asked.ids = vec![id],
        Criterion::Bulk(id) => asked.bulk = Some(id),
        Criterion::Payout(_) | Criterion::None => asked.hopeless = true,
    }
    Ok(asked)
}

const fn status_shown(status: PayoutStatus) -> v2::PlatformPayoutStatus {
    match status {
        PayoutStatus::Confirmed => v2::PlatformPayoutStatus::Confirmed,
        PayoutStatus::Scheduled => v2::PlatformPayoutStatus::Scheduled,
        PayoutStatus::Prepared => v2::PlatformPayoutStatus::Prepared,
        PayoutStatus::Processing => v2::PlatformPayoutStatus::Processing,
        PayoutStatus::Succeeded => v2::PlatformPayoutStatus::Succeeded,
        PayoutStatus::Failed => v2::PlatformPayoutStatus::Failed,
        PayoutStatus::Stopped => v2::PlatformPayoutStatus::Stopped,
        PayoutStatus::Cancelled => v2::PlatformPayoutStatus::Cancelled,
    }
}

const fn method_shown(method: PayoutMethod) -> v2::PlatformPayoutMethod {
    match method {
        PayoutMethod::Agency => v2::PlatformPayoutMethod::Agency,
        PayoutMethod::Direct => v2::PlatformPayoutMethod::Direct,
    }
}

/// # Errors
/// `Internal`: the bank has no word in this dialect.
pub(super) fn bank_shown(bank: &str) -> Result<v2::Bank, Failure> {
    v2::Bank::parse(bank).ok_or_else(|| Failure::internal("a stored bank has no word in this dialect"))
}

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn shown(view: &PayoutView) -> Result<v2::PlatformPayout, Failure> {
    let payout = &view.payout;
    let id = payout.id.as_str().to_owned();
    let bulk = payout.bulk.as_str().to_owned();
    let own = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    Ok(v2::PlatformPayout {
        graphql_id: graphql_id(Kind::Payout, &id),
        id,
        bulk_payout_graphql_id: graphql_id(Kind::BulkPayout, &bulk),
        bulk_payout_id: bulk,
        method: method_shown(payout.method),
        status: status_shown(payout.status),
        status_updated_at: payout.status_at.into(),
        memo: own(&payout.memo),
        partner: partner::current(&view.partner)?,
        account: v2::PlatformPayoutAccount {
            bank: bank_shown(&payout.account.bank)?,
            number: payout.account.number.to_string(),
            holder: payout.account.holder.to_string(),
        },
        tax_invoice_id: None,
        tax_invoice_status: v2::PlatformPayoutTaxInvoiceStatus::None,
        currency: currency_shown(payout.terms.currency)?,
        amount: payout.amounts.amount.minor_units(),
        supply_amount: payout.amounts.supply.minor_units(),
        tax_free_amount: payout.amounts.tax_free.minor_units(),
        vat_amount: payout.amounts.vat.minor_units(),
        settlement_amount: payout.amounts.settlement.minor_units(),
        settlement_tax_free_amount: payout.amounts.tax_free.minor_units(),
        income_tax_amount: payout.amounts.income_tax.minor_units(),
        local_income_tax_amount: payout.amounts.local_income_tax.minor_units(),
        withdrawal_memo: own(&payout.withdrawal_memo),
        deposit_memo: own(&payout.deposit_memo),
        created_at: payout.created_at.into(),
        scheduled_at: payout.scheduled_at.map(Into::into),
        fail_reason: own(&payout.fail_reason),
        deduct_wht: payout.terms.withholding == Withholding::Deducted,
        settlement_amount_type: match payout.terms.amount_type {
            AmountType::Gross => v2::SettlementAmountType::Gross,
            AmountType::Net => v2::SettlementAmountType::Net,
        },
        settlement_statement: v2::PlatformPayoutSettlementStatementSummary {
            status: v2::PlatformPayoutSettlementStatementStatus::Unsent,
            id: None,
            issued_at: None,
        },
    })
}

fn stats(of: impl Fn(PayoutStatus) -> i64) -> v2::PlatformPayoutStatusStats {
    v2::PlatformPayoutStatusStats {
        confirmed: of(PayoutStatus::Confirmed),
        prepared: of(PayoutStatus::Prepared),
        cancelled: of(PayoutStatus::Cancelled),
        stopped: of(PayoutStatus::Stopped),
        processing: of(PayoutStatus::Processing),
        succeeded: of(PayoutStatus::Succeeded),
        failed: of(PayoutStatus::Failed),
        scheduled: of(PayoutStatus::Scheduled),
    }
}

/// What those of a status add up to.
pub(super) fn sum(of: &ByStatus, status: &str) -> i64 {
    of.get(status).map_or(0, |(_, sum)| i64::try_from(*sum).unwrap_or(i64::MAX))
}

/// # Errors
/// As [`shown`].
pub fn page(
    found: &Page<PayoutView>,
    counts: &ByStatus,
    asked: PageAsk,
) -> Result<v2::GetPlatformPayoutsResponse, Failure> {
    Ok(v2::GetPlatformPayoutsResponse {
        items: found.items.iter().map(shown).collect::<Result<_, _>>()?,
        page: page_shown(asked, found.total),
        counts: stats(|status| count(counts, status.as_str())),
    })
}

/// # Errors
/// Criteria of several members, a range that ends before it begins, lists that are too long.
pub fn bulk_filter(
    platform: PlatformKey,
    filter: Option<v2::PlatformBulkPayoutFilterInput>,
) -> Result<BulkPayoutFilter, Failure> {
    const MEMBER: &str = "filter.criteria";
    let filter = filter.unwrap_or_default();
    let criteria = filter.criteria.unwrap_or_default();
    let given = Given::of([
        criteria.timestamp_range.map(|range| Criterion::Range(PayingTime::Created, range)),
        criteria
            .status_updated_timestamp_range
            .map(|range| Criterion::Range(PayingTime::StatusUpdated, range)),
        criteria.bulk_payout_id.map(Criterion::Bulk),
    ]);
    let (asked_range, id) = match given {
        Given::Nothing => (None, None),
        Given::One(Criterion::Range(time, given)) => (Some(range(MEMBER, time, &given)?), None),
        Given::One(Criterion::Bulk(id)) => (None, Some(id)),
        Given::One(Criterion::Payout(_) | Criterion::None) | Given::Several => {
            return Err(invalid(MEMBER, "takes at most one member"));
        }
    };
    Ok(BulkPayoutFilter {
        platform,
        range: asked_range,
        id,
        statuses: words("filter.statuses", filter.statuses, |one| one.as_str())?,
        methods: words("filter.methods", filter.methods, |one| one.as_str())?,
    })
}

const fn bulk_status_shown(status: BulkPayoutStatus) -> v2::PlatformBulkPayoutStatus {
    match status {
        BulkPayoutStatus::Preparing => v2::PlatformBulkPayoutStatus::Preparing,
        BulkPayoutStatus::Prepared => v2::PlatformBulkPayoutStatus::Prepared,
        BulkPayoutStatus::Ongoing => v2::PlatformBulkPayoutStatus::Ongoing,
        BulkPayoutStatus::PostProcessPending => v2::PlatformBulkPayoutStatus::PostProcessPending,
        BulkPayoutStatus::Completed => v2::PlatformBulkPayoutStatus::Completed,
        BulkPayoutStatus::Cancelled => v2::PlatformBulkPayoutStatus::Cancelled,
    }
}

pub fn bulk_shown(view: &BulkView) -> v2::PlatformBulkPayout {
    let bulk = &view.bulk;
    let id = bulk.id.as_str().to_owned();
    v2::PlatformBulkPayout {
        graphql_id: graphql_id(Kind::BulkPayout, &id),
        id,
        name: bulk.name.to_string(),
        creator_id: bulk.created_by.to_string(),
        method: method_shown(bulk.method),
        total_payout_amount: bulk.total_payout.minor_units(),
        total_settlement_amount: bulk.total_settlement.minor_units(),
        status: bulk_status_shown(bulk.status),
        payout_stats: v2::PlatformBulkPayoutStats {
            amount: stats(|status| sum(&view.payouts, status.as_str())),
            count: stats(|status| count(&view.payouts, status.as_str())),
        },
        status_updated_at: bulk.status_at.into(),
        created_at: bulk.created_at.into(),
        updated_at: bulk.updated_at.into(),
        are_payouts_generated: bulk.status != BulkPayoutStatus::Preparing,
        scheduled_at: bulk.reserved_for.map(Into::into),
    }
}

pub fn bulk_page(
    found: &Page<BulkView>,
    counts: &ByStatus,
    asked: PageAsk,
) -> v2::GetPlatformBulkPayoutsResponse {
    let of = |status: BulkPayoutStatus| count(counts, status.as_str());
    v2::GetPlatformBulkPayoutsResponse {
        items: found.items.iter().map(bulk_shown).collect(),
        page: page_shown(asked, found.total),
        counts: v2::PlatformBulkPayoutStatusStats {
            preparing: of(BulkPayoutStatus::Preparing),
            prepared: of(BulkPayoutStatus::Prepared),
            ongoing: of(BulkPayoutStatus::Ongoing),
            post_process_pending: of(BulkPayoutStatus::PostProcessPending),
            completed: of(BulkPayoutStatus::Completed),
            cancelled: of(BulkPayoutStatus::Cancelled),
            // Of October 2024: a reserved one is prepared, and a stopped one goes on with what is left.
            scheduled: 0,
            stopped: 0,
        },
    }
}
