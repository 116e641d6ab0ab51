//! `GET /payments`: what the list is narrowed down by.

use super::{amount, range};
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::payment::{Platform, Status};
use paypier_storage::{
    CashReceiptFilter, PaymentFilter, SearchField, SortBy, SortOrder, TextSearch, TimeField, WebhookStatus,
};
use paypier_wire::v2::{self, PaymentTextSearchField as Field};

/// The filter in storage's words; `None` when nothing can be found by it.
///
/// # Errors
/// Another's merchant id, or a range that ends before it begins.
pub fn asked(
    caller: &Caller,
    store: Option<StoreId>,
    filter: v2::PaymentFilterInput,
    now: Timestamp,
) -> Result<Option<PaymentFilter>, Failure> {
    if filter.merchant_id.as_deref().is_some_and(|merchant| merchant != caller.merchant.as_str()) {
        return Err(Failure::Forbidden("the merchant in filter.merchantId is not the credential's".into()));
    }
    let (from, until) = range::asked("filter", filter.from, filter.until, now)?;
    let cash_receipt = cash_receipt(&filter)?;
    // Everything that this server made is of the second generation.
    if filter.version == Some(v2::PortOneVersion::V1) {
        return Ok(None);
    }
    let time_field = match filter.timestamp_type {
        Some(v2::PaymentTimestampType::CreatedAt) => TimeField::CreatedAt,
        Some(v2::PaymentTimestampType::StatusChangedAt) | None => TimeField::StatusChangedAt,
    };
    let sort_by = match (filter.sort_by, time_field) {
        (Some(v2::PaymentSortBy::RequestedAt), _) | (None, TimeField::CreatedAt) => SortBy::RequestedAt,
        (Some(v2::PaymentSortBy::StatusChangedAt), _) | (None, TimeField::StatusChangedAt) => {
            SortBy::StatusChangedAt
        }
    };
    Ok(Some(PaymentFilter {
        merchant: caller.merchant.clone(),
        store,
        time_field,
        from,
        until,
        statuses: filter.status.unwrap_or_default().into_iter().map(status).collect(),
        methods: words(filter.methods, v2::PaymentMethodType::as_str),
        pg_providers: words(filter.pg_provider, v2::PgProvider::as_str),
        environment: filter
            .is_test
            .map(|is_test| if is_test { Environment::Test } else { Environment::Live }),
        is_scheduled: filter.is_scheduled,
        webhook_status: filter.webhook_status.map(webhook_status),
        platform: filter.platform_type.map(platform),
        currency: filter.currency.map(amount::currency).transpose()?,
        is_escrow: filter.is_escrow,
        escrow_status: filter.escrow_status.map(|word| word.as_str().to_owned()),
        card_brand: filter.card_brand.map(|word| word.as_str().to_owned()),
        card_type: filter.card_type.map(|word| word.as_str().to_owned()),
        card_owner: filter.card_owner_type.map(|word| word.as_str().to_owned()),
        gift_kind: filter.gift_certificate_type.map(|word| word.as_str().to_owned()),
        cash_receipt,
        text_search: filter.text_search.unwrap_or_default().into_iter().map(search).collect(),
        sort_by,
        order: order(filter.sort_order),
    }))
}

fn cash_receipt(filter: &v2::PaymentFilterInput) -> Result<Option<CashReceiptFilter>, Failure> {
    let range = |member: &str, range: &Option<v2::DateTimeRange>| {
        let Some(range) = range else { return Ok(None) };
        range::asked(member, Some(range.from), Some(range.until), Timestamp::MAX).map(Some)
    };
    let wanted = CashReceiptFilter {
        kind: filter.cash_receipt_type.map(|word| word.as_str().to_owned()),
        status: filter.cash_receipt_status.map(|word| word.as_str().to_owned()),
        issued: range("filter.cashReceiptIssuedAtRange", &filter.cash_receipt_issued_at_range)?,
        cancelled: range("filter.cashReceiptCancelledAtRange", &filter.cash_receipt_cancelled_at_range)?,
    };
    Ok((wanted != CashReceiptFilter::default()).then_some(wanted))
}

pub(super) fn words<T: Copy>(words: Option<Vec<T>>, written: fn(T) -> &'static str) -> Vec<String> {
    words.unwrap_or_default().into_iter().map(|word| written(word).to_owned()).collect()
}

pub(super) const fn order(order: Option<v2::SortOrder>) -> SortOrder {
    match order {
        Some(v2::SortOrder::Asc) => SortOrder::Asc,
        Some(v2::SortOrder::Desc) | None => SortOrder::Desc,
    }
}

pub(super) const fn platform(platform: v2::PaymentClientType) -> Platform {
    match platform {
        v2::PaymentClientType::SdkMobile => Platform::Mobile,
        v2::PaymentClientType::SdkPc => Platform::Pc,
        v2::PaymentClientType::Api => Platform::Api,
    }
}

const fn status(status: v2::PaymentStatus) -> Status {
    match status {
        v2::PaymentStatus::Ready => Status::Ready,
        v2::PaymentStatus::Pending => Status::Pending,
        v2::PaymentStatus::VirtualAccountIssued => Status::VirtualAccountIssued,
        v2::PaymentStatus::Paid => Status::Paid,
        v2::PaymentStatus::Failed => Status::Failed,
        v2::PaymentStatus::PartialCancelled => Status::PartialCancelled,
        v2::PaymentStatus::Cancelled => Status::Cancelled,
    }
}

const fn webhook_status(status: v2::PaymentWebhookStatus) -> WebhookStatus {
    match status {
        v2::PaymentWebhookStatus::Succeeded => WebhookStatus::Succeeded,
        v2::PaymentWebhookStatus::FailedNotOkResponse => WebhookStatus::NotOk,
        v2::PaymentWebhookStatus::FailedUnexpectedError => WebhookStatus::UnexpectedError,
    }
}

fn search(search: v2::PaymentTextSearch) -> TextSearch {
    let field = match search.field {
        Field::All => SearchField::All,
        Field::PaymentId => SearchField::PaymentId,
        Field::TxId => SearchField::TxId,
        Field::ScheduleId => SearchField::ScheduleId,
        Field::FailReason => SearchField::FailReason,
        Field::CardIssuer => SearchField::CardIssuer,
        Field::CardAcquirer => SearchField::CardAcquirer,
        Field::CardBin => SearchField::CardBin,
        Field::CardNumber => SearchField::CardNumber,
        Field::CardApprovalNumber => SearchField::CardApprovalNumber,
        Field::CardReceiptName => SearchField::CardReceiptName,
        Field::CardInstallment => SearchField::CardInstallment,
        Field::TransBank => SearchField::TransBank,
        Field::VirtualAccountHolderName => SearchField::VirtualAccountHolderName,
        Field::VirtualAccountBank => SearchField::VirtualAccountBank,
        Field::VirtualAccountNumber => SearchField::VirtualAccountNumber,
        Field::PgMerchantId => SearchField::PgMerchantId,
        Field::PgTxId => SearchField::PgTxId,
        Field::PgReceiptId => SearchField::PgReceiptId,
        Field::ReceiptApprovalNumber => SearchField::ReceiptApprovalNumber,
        Field::PgCancellationId => SearchField::PgCancellationId,
        Field::CancelReason => SearchField::CancelReason,
        Field::OrderName => SearchField::OrderName,
        Field::CustomerName => SearchField::CustomerName,
        Field::CustomerEmail => SearchField::CustomerEmail,
        Field::CustomerPhoneNumber => SearchField::CustomerPhoneNumber,
        Field::CustomerAddress => SearchField::CustomerAddress,
        Field::CustomerZipcode => SearchField::CustomerZipcode,
        Field::UserAgent => SearchField::UserAgent,
        Field::BillingKey => SearchField::BillingKey,
        Field::PromotionId => SearchField::PromotionId,
        Field::GiftCertificationApprovalNumber => SearchField::GiftCertificationApprovalNumber,
    };
    TextSearch { field, prefix: search.value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn read(filter: Value) -> Result<Option<PaymentFilter>, Failure> {
        let body: v2::GetPaymentsBody = body::read(json!({"filter": filter}).to_string().as_bytes())?;
        asked(&samples::caller(), None, body.filter.unwrap_or_default(), samples::at(0))
    }

    #[test]
    fn every_member_narrows() {
        let filter = json!({
            "merchantId": "merchant-1", "timestampType": "CREATED_AT", "from": "2026-01-01T00:00:00+09:00",
            "until": "2026-02-01T00:00:00Z", "status": ["PENDING", "PAID"], "methods": ["CARD", "EASY_PAY"],
            "pgProvider": ["TOSSPAYMENTS"], "isTest": true, "isScheduled": false, "sortBy": "STATUS_CHANGED_AT",
            "sortOrder": "ASC", "version": "V2", "webhookStatus": "FAILED_NOT_OK_RESPONSE", "platformType": "SDK_PC",
            "currency": "USD", "isEscrow": true, "escrowStatus": "DELIVERED", "cardBrand": "VISA", "cardType": "DEBIT",
            "cardOwnerType": "PERSONAL", "giftCertificateType": "HAPPYMONEY", "cashReceiptType": "PERSONAL",
            "cashReceiptStatus": "ISSUED",
            "cashReceiptIssuedAtRange": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
            "textSearch": [{"field": "ORDER_NAME", "value": "빨간"}, {"field": "ALL", "value": "x"}],
        });
        insta::assert_debug_snapshot!(read(filter).unwrap());
    }

    #[test]
    fn nothing_asked_is_the_latest_ninety_days() {
        insta::assert_debug_snapshot!(read(json!({})).unwrap());
    }

    #[test]
    fn the_order_follows_the_range_unless_it_is_said() {
        for (filter, sort_by) in [
            (json!({}), SortBy::StatusChangedAt),
            (json!({"timestampType": "CREATED_AT"}), SortBy::RequestedAt),
            (json!({"sortBy": "REQUESTED_AT"}), SortBy::RequestedAt),
            (json!({"timestampType": "CREATED_AT", "sortBy": "STATUS_CHANGED_AT"}), SortBy::StatusChangedAt),
        ] {
            assert_eq!(read(filter).unwrap().unwrap().sort_by, sort_by);
        }
    }

    #[test]
    fn what_cannot_be_found_and_what_is_refused() {
        assert_eq!(read(json!({"version": "V1"})).unwrap(), None);
        let turned = json!({"from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"});
        for (filter, refusal) in [
            (turned.clone(), "filter must begin (from) before it ends (until)"),
            (
                json!({"cashReceiptIssuedAtRange": turned}),
                "filter.cashReceiptIssuedAtRange must begin (from) before it ends (until)",
            ),
            (
                json!({"merchantId": "merchant-2"}),
                "the merchant in filter.merchantId is not the credential's",
            ),
            (
                json!({"status": ["PAY_PENDING"]}),
                "filter.status[0] must be one of the words of PaymentStatus",
            ),
            (json!({"from": "yesterday"}), "filter.from must be an RFC 3339 date and time with an offset"),
            (json!({"textSearch": [{"field": "ALL"}]}), "filter.textSearch[0].value is required"),
        ] {
            assert_eq!(read(filter).unwrap_err().to_string(), refusal);
        }
    }
}
