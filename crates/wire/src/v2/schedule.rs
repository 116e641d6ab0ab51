//! Payments that are made by billing key at a later time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    CashReceiptInput, Country, Currency, Customer, CustomerInput, Locale, PageInfo, PageInput,
    PaymentAmountInput, PaymentProduct, PaymentProductType, SeparatedAddressInput, SortOrder,
};
use crate::words::words;

/// Asks for a payment by billing key at a later time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentScheduleBody {
    pub payment: BillingKeyPaymentScheduleInput,
    /// In the future.
    pub time_to_pay: Timestamp,
}

/// The payment that is made then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentScheduleInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    pub billing_key: String,
    /// The channel to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_key: Option<String>,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerInput>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub amount: PaymentAmountInput,
    pub currency: Currency,
    /// Months to pay in; 0 is at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installment_month: Option<i32>,
    /// Whether the merchant pays the interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_free_interest_from_merchant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_card_point: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<CashReceiptInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Where webhooks go instead of the configured place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<PaymentProductType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<SeparatedAddressInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Members for the PSP, by the PSP; not looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub bypass: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The payment is scheduled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentScheduleResponse {
    pub schedule: PaymentScheduleSummary,
}

/// A schedule by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentScheduleSummary {
    pub id: String,
}

union! {
    /// A schedule as it stands.
    pub enum PaymentSchedule by "status" {
        "SCHEDULED" => Scheduled(ScheduledPaymentSchedule),
        "STARTED" => Started(StartedPaymentSchedule),
        "SUCCEEDED" => Succeeded(SucceededPaymentSchedule),
        "FAILED" => Failed(FailedPaymentSchedule),
        "REVOKED" => Revoked(RevokedPaymentSchedule),
        "PENDING" => Pending(PendingPaymentSchedule),
    }
}

/// The members that schedules have in common, and those that a state brings.
macro_rules! standing {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $member:ident,)* })+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            pub id: String,
            pub merchant_id: String,
            pub store_id: String,
            pub payment_id: String,
            pub billing_key: String,
            pub order_name: String,
            pub is_cultural_expense: bool,
            pub is_escrow: bool,
            pub customer: Customer,
            /// Empty when none was given.
            pub custom_data: String,
            pub total_amount: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub tax_free_amount: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub vat_amount: Option<i64>,
            pub currency: Currency,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub installment_month: Option<i32>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub notice_urls: Option<Vec<String>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub products: Option<Vec<PaymentProduct>>,
            pub created_at: Timestamp,
            pub time_to_pay: Timestamp,
            $($(#[$doc])* pub $member: Timestamp,)*
        }
    )+};
}

standing! {
    /// Its time has not come.
    ScheduledPaymentSchedule {}
    /// The PSP is being asked.
    StartedPaymentSchedule { started_at, }
    /// It was paid.
    SucceededPaymentSchedule { started_at, completed_at, }
    /// It was not paid, and is not tried again.
    FailedPaymentSchedule { started_at, completed_at, }
    /// The merchant took it back before its time.
    RevokedPaymentSchedule { revoked_at, }
    /// The PSP will say later.
    PendingPaymentSchedule { started_at, completed_at, }
}

/// Which schedules to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentSchedulesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<PaymentScheduleSortInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PaymentScheduleFilterInput>,
}

/// One page of schedules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentSchedulesResponse {
    pub items: Vec<PaymentSchedule>,
    pub page: PageInfo,
}

/// What schedules are narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentScheduleFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// The beginning of the range of times to pay, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range; now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<PaymentScheduleStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
}

/// The order of a list of schedules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentScheduleSortInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PaymentScheduleSortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
}

words! {
    /// The instants schedules are ordered by.
    pub enum PaymentScheduleSortBy {
        CreatedAt = "CREATED_AT",
        TimeToPay = "TIME_TO_PAY",
        CompletedAt = "COMPLETED_AT",
        /// When it is planned, was tried, or was revoked.
        StatusTimestamp = "STATUS_TIMESTAMP",
    }
}

words! {
    /// How a schedule stands.
    pub enum PaymentScheduleStatus {
        Scheduled = "SCHEDULED",
        Started = "STARTED",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        Revoked = "REVOKED",
        Pending = "PENDING",
    }
}

/// Which schedules to revoke: those of a billing key, those that are named, or those that are both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevokePaymentSchedulesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_ids: Option<Vec<String>>,
}

/// The schedules are revoked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevokePaymentSchedulesResponse {
    pub revoked_schedule_ids: Vec<String>,
    /// Absent when there was nothing to revoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}
