//! `GET /cash-receipts`: what the list is narrowed down by.

use super::billing_key_filter::providers;
use super::payment_filter::{order, words};
use super::range;
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use jiff::Timestamp;
use paypier_domain::cash_receipt::Kind;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_storage::{ReceiptFilter, ReceiptTimeField};
use paypier_wire::v2;

/// The filter in storage's words; `None` when nothing can be found by it.
///
/// # Errors
/// A range that ends before it begins.
pub fn asked(
    caller: &Caller,
    store: Option<StoreId>,
    criteria: v2::GetCashReceiptsBody,
    now: Timestamp,
) -> Result<Option<ReceiptFilter>, Failure> {
    let filter = criteria.filter.unwrap_or_default();
    let sort = criteria.sort.unwrap_or_default();
    let (from, until) = range::asked("filter", filter.from, filter.until, now)?;
    let Some(pg_providers) = providers(filter.pg_providers, filter.pg_companies) else { return Ok(None) };
    if filter.version == Some(v2::PortOneVersion::V1) {
        return Ok(None);
    }
    let kinds = filter.types.unwrap_or_default().into_iter().map(|kind| match kind {
        v2::CashReceiptType::Personal => Kind::Personal,
        v2::CashReceiptType::Corporate => Kind::Corporate,
    });
    Ok(Some(ReceiptFilter {
        merchant: caller.merchant.clone(),
        store,
        time_field: match filter.time_range_field {
            Some(v2::CashReceiptTimeRangeField::IssuedAt) | None => ReceiptTimeField::IssuedAt,
            Some(v2::CashReceiptTimeRangeField::CancelledAt) => ReceiptTimeField::CancelledAt,
            Some(v2::CashReceiptTimeRangeField::StatusUpdatedAt) => ReceiptTimeField::StatusUpdatedAt,
        },
        from,
        until,
        payment: filter.payment_id,
        environment: filter
            .is_test
            .map(|is_test| if is_test { Environment::Test } else { Environment::Live }),
        order_name: filter.order_name,
        statuses: words(filter.statuses, v2::CashReceiptStatus::as_str),
        is_manual: filter.is_manual,
        pg_receipt_id: filter.pg_receipt_id,
        pg_merchant_id: filter.pg_merchant_id,
        pg_providers,
        kinds: kinds.collect(),
        sort_by: match sort.by {
            Some(v2::CashReceiptSortBy::IssuedAt) | None => ReceiptTimeField::IssuedAt,
            Some(v2::CashReceiptSortBy::CancelledAt) => ReceiptTimeField::CancelledAt,
            Some(v2::CashReceiptSortBy::StatusUpdatedAt) => ReceiptTimeField::StatusUpdatedAt,
        },
        order: order(sort.order),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn read(criteria: Value) -> Result<Option<ReceiptFilter>, Failure> {
        asked(&samples::caller(), None, body::read(criteria.to_string().as_bytes())?, samples::at(0))
    }

    #[test]
    fn every_member_narrows() {
        let criteria = json!({
            "sort": {"by": "CANCELLED_AT", "order": "ASC"},
            "filter": {
                "timeRangeField": "STATUS_UPDATED_AT", "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z",
                "paymentId": "deal-1", "isTest": true, "orderName": "a b", "statuses": ["FAILED"], "isManual": true,
                "pgReceiptId": "r-1", "pgMerchantId": "mid", "pgProviders": ["NICE_V2"], "pgCompanies": ["NICE"],
                "version": "V2", "types": ["CORPORATE"],
            },
        });
        insta::assert_debug_snapshot!(read(criteria).unwrap());
    }

    #[test]
    fn what_nothing_can_match_finds_nothing_and_a_range_turned_around_is_refused() {
        assert_eq!(read(json!({"filter": {"version": "V1"}})).unwrap(), None);
        assert_eq!(read(json!({"filter": {"pgProviders": ["KCP"], "pgCompanies": ["NICE"]}})).unwrap(), None);
        let turned = json!({"filter": {"from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}});
        assert!(read(turned).is_err());
    }
}
