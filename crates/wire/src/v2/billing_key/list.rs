//! Searching billing keys: page, sort, filter.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    BillingKeyInfo, PageInfo, PageInput, PaymentClientType, PgCompany, PgProvider, PortOneVersion, SortOrder,
};
use crate::words::words;

/// Which billing keys to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetBillingKeyInfosBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<BillingKeySortInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<BillingKeyFilterInput>,
}

/// One page of billing keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetBillingKeyInfosResponse {
    pub items: Vec<BillingKeyInfo>,
    pub page: PageInfo,
}

/// What billing keys are narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_range_field: Option<BillingKeyTimeRangeField>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<BillingKeyStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_type: Option<PaymentClientType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_search: Option<BillingKeyTextSearch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_providers: Option<Vec<PgProvider>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_companies: Option<Vec<PgCompany>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<BillingKeyPaymentMethodType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<PortOneVersion>,
}

/// A prefix to look for in one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyTextSearch {
    pub field: BillingKeyTextSearchField,
    pub value: String,
}

words! {
    /// The fields of a billing key that can be searched.
    pub enum BillingKeyTextSearchField {
        CardBin = "CARD_BIN",
        CardNumber = "CARD_NUMBER",
        PgMerchantId = "PG_MERCHANT_ID",
        CustomerName = "CUSTOMER_NAME",
        CustomerEmail = "CUSTOMER_EMAIL",
        CustomerPhoneNumber = "CUSTOMER_PHONE_NUMBER",
        CustomerAddress = "CUSTOMER_ADDRESS",
        CustomerZipcode = "CUSTOMER_ZIPCODE",
        UserAgent = "USER_AGENT",
        BillingKey = "BILLING_KEY",
        ChannelGroupName = "CHANNEL_GROUP_NAME",
    }
}

/// The order of a list of billing keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeySortInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<BillingKeySortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
}

words! {
    /// The instants billing keys are ordered by.
    pub enum BillingKeySortBy {
        RequestedAt = "REQUESTED_AT",
        IssuedAt = "ISSUED_AT",
        DeletedAt = "DELETED_AT",
        StatusTimestamp = "STATUS_TIMESTAMP",
    }
}

words! {
    /// The instants a range is applied to.
    pub enum BillingKeyTimeRangeField {
        RequestedAt = "REQUESTED_AT",
        IssuedAt = "ISSUED_AT",
        DeletedAt = "DELETED_AT",
        StatusTimestamp = "STATUS_TIMESTAMP",
    }
}

words! {
    /// Whether a key exists.
    pub enum BillingKeyStatus {
        Issued = "ISSUED",
        Deleted = "DELETED",
    }
}

words! {
    /// The kinds of instrument a filter knows. PayPal is not among them.
    pub enum BillingKeyPaymentMethodType {
        Card = "CARD",
        Mobile = "MOBILE",
        EasyPay = "EASY_PAY",
        Transfer = "TRANSFER",
    }
}
