//! What a list of payments can be narrowed down by. Several words here differ from those of the payments
//! found: pending is `PENDING`, platforms carry a prefix.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    CardBrand, CardOwnerType, CardType, CashReceiptInputType, Currency, PaymentCashReceiptStatus,
    PaymentMethodGiftCertificateType, PaymentWebhookStatus, PgProvider, PortOneVersion, SortOrder,
};
use crate::words::words;

/// What payments are narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_type: Option<PaymentTimestampType>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<PaymentStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<PaymentMethodType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_provider: Option<Vec<PgProvider>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_scheduled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<PaymentSortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<PortOneVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_status: Option<PaymentWebhookStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_type: Option<PaymentClientType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_escrow: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow_status: Option<PaymentFilterInputEscrowStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_brand: Option<CardBrand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_type: Option<CardType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_owner_type: Option<CardOwnerType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_certificate_type: Option<PaymentMethodGiftCertificateType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_type: Option<CashReceiptInputType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_status: Option<PaymentCashReceiptStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issued_at_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_cancelled_at_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_search: Option<Vec<PaymentTextSearch>>,
}

/// A range of instants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DateTimeRange {
    /// The beginning of the range, included.
    pub from: Timestamp,
    /// The end of the range.
    pub until: Timestamp,
}

words! {
    /// The instant a range is applied to.
    pub enum PaymentTimestampType {
        CreatedAt = "CREATED_AT",
        StatusChangedAt = "STATUS_CHANGED_AT",
    }
}

words! {
    /// The status of a payment, in the words of a filter.
    pub enum PaymentStatus {
        Ready = "READY",
        /// A payment found by this says `PAY_PENDING`.
        Pending = "PENDING",
        VirtualAccountIssued = "VIRTUAL_ACCOUNT_ISSUED",
        Paid = "PAID",
        Failed = "FAILED",
        PartialCancelled = "PARTIAL_CANCELLED",
        Cancelled = "CANCELLED",
    }
}

words! {
    /// The kind of a payment method, in the words of a filter.
    pub enum PaymentMethodType {
        Card = "CARD",
        Transfer = "TRANSFER",
        VirtualAccount = "VIRTUAL_ACCOUNT",
        GiftCertificate = "GIFT_CERTIFICATE",
        Mobile = "MOBILE",
        EasyPay = "EASY_PAY",
        ConvenienceStore = "CONVENIENCE_STORE",
        Crypto = "CRYPTO",
    }
}

words! {
    /// The instant payments are ordered by.
    pub enum PaymentSortBy {
        RequestedAt = "REQUESTED_AT",
        StatusChangedAt = "STATUS_CHANGED_AT",
    }
}

words! {
    /// Where a payment or a key was started, in the words of a filter.
    pub enum PaymentClientType {
        SdkMobile = "SDK_MOBILE",
        SdkPc = "SDK_PC",
        Api = "API",
    }
}

words! {
    /// The delivery states a filter knows.
    pub enum PaymentFilterInputEscrowStatus {
        Registered = "REGISTERED",
        Delivered = "DELIVERED",
        Confirmed = "CONFIRMED",
        Rejected = "REJECTED",
        Cancelled = "CANCELLED",
        RejectConfirmed = "REJECT_CONFIRMED",
    }
}

/// A prefix to look for in one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentTextSearch {
    pub field: PaymentTextSearchField,
    pub value: String,
}

words! {
    /// The fields of a payment that can be searched.
    pub enum PaymentTextSearchField {
        All = "ALL",
        PaymentId = "PAYMENT_ID",
        TxId = "TX_ID",
        ScheduleId = "SCHEDULE_ID",
        FailReason = "FAIL_REASON",
        CardIssuer = "CARD_ISSUER",
        CardAcquirer = "CARD_ACQUIRER",
        CardBin = "CARD_BIN",
        CardNumber = "CARD_NUMBER",
        CardApprovalNumber = "CARD_APPROVAL_NUMBER",
        CardReceiptName = "CARD_RECEIPT_NAME",
        CardInstallment = "CARD_INSTALLMENT",
        TransBank = "TRANS_BANK",
        VirtualAccountHolderName = "VIRTUAL_ACCOUNT_HOLDER_NAME",
        VirtualAccountBank = "VIRTUAL_ACCOUNT_BANK",
        VirtualAccountNumber = "VIRTUAL_ACCOUNT_NUMBER",
        PgMerchantId = "PG_MERCHANT_ID",
        PgTxId = "PG_TX_ID",
        PgReceiptId = "PG_RECEIPT_ID",
        ReceiptApprovalNumber = "RECEIPT_APPROVAL_NUMBER",
        PgCancellationId = "PG_CANCELLATION_ID",
        CancelReason = "CANCEL_REASON",
        OrderName = "ORDER_NAME",
        CustomerName = "CUSTOMER_NAME",
        CustomerEmail = "CUSTOMER_EMAIL",
        CustomerPhoneNumber = "CUSTOMER_PHONE_NUMBER",
        CustomerAddress = "CUSTOMER_ADDRESS",
        CustomerZipcode = "CUSTOMER_ZIPCODE",
        UserAgent = "USER_AGENT",
        BillingKey = "BILLING_KEY",
        PromotionId = "PROMOTION_ID",
        GiftCertificationApprovalNumber = "GIFT_CERTIFICATION_APPROVAL_NUMBER",
    }
}
