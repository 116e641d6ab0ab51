//! What a PSP's transactions mean for the value-added tax.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Date;
use crate::words::words;

/// Which transactions to report on, by their day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentReconciliationTransactionVatReportBody {
    pub date_range: DateRange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PaymentReconciliationTransactionSummaryFilterInput>,
}

/// Which transactions to report on, by the day of their settlement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentReconciliationSettlementVatReportBody {
    pub date_range: DateRange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PaymentReconciliationSettlementSummaryFilterInput>,
}

/// Days of the calendar in Seoul, both included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DateRange {
    pub from: Date,
    pub until: Date,
}

/// What a report by transaction is narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentReconciliationTransactionSummaryFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconciliation_statuses: Option<Vec<PaymentReconciliationStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_specifiers: Option<Vec<ReconciliationPgSpecifier>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_ids: Option<Vec<String>>,
}

/// What a report by settlement is narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentReconciliationSettlementSummaryFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_specifiers: Option<Vec<ReconciliationPgSpecifier>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_ids: Option<Vec<String>>,
}

/// One contract with one PSP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationPgSpecifier {
    /// The merchant as the PSP names it.
    pub pg_merchant_id: String,
    pub pg_provider: ReconciliationPgProvider,
}

/// The figures for the value-added tax, by transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentReconciliationTransactionVatReportResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<PaymentReconciliationVatReportItem>>,
    pub summary: PaymentReconciliationVatReportSummary,
    /// The contracts that contributed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_specifiers: Option<Vec<ReconciliationPgSpecifier>>,
}

/// The figures for the value-added tax, by settlement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentReconciliationSettlementVatReportResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<PaymentReconciliationVatReportItem>>,
    pub summary: PaymentReconciliationVatReportSummary,
    /// The contracts that contributed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_specifiers: Option<Vec<ReconciliationPgSpecifier>>,
}

/// One way of paying. Cancellations are taken off, so that amounts may be negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentReconciliationVatReportItem {
    pub payment_method: SimplifiedPaymentMethodType,
    pub supply_amount: i64,
    pub vat_amount: i64,
    pub tax_free_amount: i64,
    /// The sum of the other three.
    pub total_amount: i64,
}

/// The sums over all ways of paying.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentReconciliationVatReportSummary {
    pub total_supply_amount: i64,
    pub total_vat_amount: i64,
    pub total_tax_free_amount: i64,
    pub total_amount: i64,
}

words! {
    /// How our record of a transaction compares with the PSP's.
    pub enum PaymentReconciliationStatus {
        Matched = "MATCHED",
        NotMatched = "NOT_MATCHED",
        Incomparable = "INCOMPARABLE",
        NotCollected = "NOT_COLLECTED",
    }
}

words! {
    /// Ways of paying, in as many kinds as the tax cares about.
    pub enum SimplifiedPaymentMethodType {
        Card = "CARD",
        VirtualAccount = "VIRTUAL_ACCOUNT",
        Transfer = "TRANSFER",
        Charge = "CHARGE",
        Mobile = "MOBILE",
        Point = "POINT",
        Etc = "ETC",
    }
}

words! {
    /// The PSPs whose transactions are reported.
    pub enum ReconciliationPgProvider {
        Kakaopay = "KAKAOPAY",
        Nicepay = "NICEPAY",
        Naverpay = "NAVERPAY",
        Uplus = "UPLUS",
        Tosspayments = "TOSSPAYMENTS",
        Tosspay = "TOSSPAY",
        Payco = "PAYCO",
        Kcp = "KCP",
        Danal = "DANAL",
        Eximbay = "EXIMBAY",
        Inicis = "INICIS",
        Hecto = "HECTO",
        Ksnet = "KSNET",
        Kpn = "KPN",
        Hyphen = "HYPHEN",
        Paypal = "PAYPAL",
        HectoEasy = "HECTO_EASY",
        Mobilians = "MOBILIANS",
        PayletterGlobal = "PAYLETTER_GLOBAL",
        Kiwoompay = "KIWOOMPAY",
        Paymentwall = "PAYMENTWALL",
        Innopay = "INNOPAY",
        Galaxia = "GALAXIA",
    }
}
