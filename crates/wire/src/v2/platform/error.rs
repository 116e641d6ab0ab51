//! What errors of the settlement platform say beside their type and message.

use crate::time::Date;
use crate::v2::{Currency, ErrorType, PlatformSettlementFormulaError};
use crate::words::words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An error with members of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlatformError {
    #[serde(rename = "type")]
    pub kind: ErrorType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(flatten)]
    pub details: PlatformErrorDetails,
}

/// Declares which error types say what.
macro_rules! details {
    ($($(#[$about:meta])* $variant:ident($body:ident) of $($kind:ident)|+;)+) => {
        /// The members of an error, by what they are about.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum PlatformErrorDetails { $($(#[$about])* $variant($body),)+ }

        impl PlatformErrorDetails {
            /// The members of this type with nothing in them; none when the type has no members.
            #[must_use]
            pub fn none(kind: ErrorType) -> Option<Self> {
                $(if matches!(kind, $(ErrorType::$kind)|+) {
                    return Some(Self::$variant($body::default()));
                })+
                None
            }

            pub(crate) fn read(
                kind: ErrorType,
                members: Map<String, Value>,
            ) -> Option<Result<Self, serde_json::Error>> {
                $(if matches!(kind, $(ErrorType::$kind)|+) {
                    return Some(serde_json::from_value(Value::Object(members)).map(Self::$variant));
                })+
                None
            }

            /// The schema of the members; none when the type has no members.
            pub(crate) fn schema(kind: ErrorType) -> Option<RefOr<Schema>> {
                $(if matches!(kind, $(ErrorType::$kind)|+) {
                    return Some($body::schema());
                })+
                None
            }

            /// Adds what the members refer to.
            pub(crate) fn schemas(found: &mut Vec<(String, RefOr<Schema>)>) {
                $($body::schemas(found);)+
            }
        }
    };
}

details! {
    Ids(PlatformErrorIds) of PlatformAdditionalFeePoliciesNotFound | PlatformContractsNotFound
        | PlatformDiscountSharePoliciesNotFound | PlatformMemberCompanyConnectedPartnersCannotBeScheduled
        | PlatformNonDeletablePartnerSettlements | PlatformNonPayablePartnerSettlements
        | PlatformPartnerIdsAlreadyExists | PlatformPartnerIdsDuplicated | PlatformPartnerSchedulesAlreadyExist
        | PlatformPartnerSettlementsNotFound;
    /// Ids of a kind that has no opaque ones.
    PlainIds(PlatformErrorPlainIds) of PlatformReferencedCancelOrderTransfersExist;
    Id(PlatformErrorId) of PlatformDiscountSharePolicyIdDuplicated;
    Product(PlatformErrorProduct) of PlatformProductIdDuplicated | PlatformProductIdNotFound;
    Formulas(PlatformErrorFormulas) of PlatformInvalidSettlementFormula;
    FeeCurrency(PlatformErrorFeeCurrency)
        of PlatformAdditionalFixedAmountFeeCurrencyAndSettlementCurrencyMismatched
        | PlatformContractPlatformFixedAmountFeeCurrencyAndSettlementCurrencyMismatched;
    Cancellable(PlatformErrorCancellable) of PlatformCancellableAmountExceeded;
    CancellableDiscount(PlatformErrorCancellableDiscount) of PlatformCancellableDiscountAmountExceeded
        | PlatformCancellableDiscountTaxFreeAmountExceeded;
    CancellableQuantity(PlatformErrorCancellableQuantity) of PlatformCancellableProductQuantityExceeded;
    Settlement(PlatformErrorSettlement) of PlatformSettlementAmountExceeded;
    Cancellation(PlatformErrorCancellation) of PlatformSettlementCancelAmountExceededPortOneCancel;
    Dates(PlatformErrorDates) of PlatformSettlementDateEarlierThanSettlementStartDate;
    Payment(PlatformErrorPayment) of PlatformSettlementPaymentAmountExceededPortOnePayment;
    Supply(PlatformErrorSupply) of PlatformSettlementSupplyWithVatAmountExceededPortOnePayment;
    TaxFree(PlatformErrorTaxFree) of PlatformSettlementTaxFreeAmountExceededPortOnePayment;
    Transfer(PlatformErrorTransfer) of PlatformTransferAlreadyExists;
    TransferDiscount(PlatformErrorTransferDiscount) of PlatformTransferDiscountSharePolicyNotFound;
}

/// Everything that the error is about, in one order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorIds {
    pub ids: Vec<String>,
    pub graphql_ids: Vec<String>,
}

/// Everything that the error is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformErrorPlainIds {
    pub ids: Vec<String>,
}

/// What the error is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorId {
    pub id: String,
    pub graphql_id: String,
}

/// The product that the error is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformErrorProduct {
    pub id: String,
}

/// The first fault of each formula that has one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorFormulas {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_fee: Option<PlatformSettlementFormulaError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_share: Option<PlatformSettlementFormulaError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_fee: Option<PlatformSettlementFormulaError>,
}

/// A fixed fee that meets another currency, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorFeeCurrency {
    pub id: String,
    pub graphql_id: String,
    pub fee_currency: Currency,
    pub settlement_currency: Currency,
}

impl Default for PlatformErrorFeeCurrency {
    fn default() -> Self {
        Self {
            id: String::new(),
            graphql_id: String::new(),
            fee_currency: Currency::Krw,
            settlement_currency: Currency::Krw,
        }
    }
}

/// More was to be cancelled than is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorCancellable {
    pub cancellable_amount: i64,
    pub request_amount: i64,
    pub amount_type: PlatformCancellableAmountType,
}

impl Default for PlatformErrorCancellable {
    fn default() -> Self {
        let amount_type = PlatformCancellableAmountType::SupplyWithVat;
        Self { cancellable_amount: 0, request_amount: 0, amount_type }
    }
}

words! {
    /// Which part of an order amount.
    pub enum PlatformCancellableAmountType {
        SupplyWithVat = "SUPPLY_WITH_VAT",
        TaxFree = "TAX_FREE",
    }
}

/// More of a discount was to be taken back than is left of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorCancellableDiscount {
    pub discount_share_policy_id: String,
    pub discount_share_policy_graphql_id: String,
    pub cancellable_amount: i64,
    pub request_amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
}

/// More of a product was to be cancelled than is left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorCancellableQuantity {
    pub product_id: String,
    pub cancellable_quantity: i64,
}

/// Amounts that do not fit each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorSettlement {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    pub requested_amount: i64,
    pub allowed_amount: i64,
    /// Which amount is above which; the dialect has it under the name of the error's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_exceeded_type: Option<PlatformSettlementAmountExceededType>,
}

words! {
    /// Which amount is above which.
    pub enum PlatformSettlementAmountExceededType {
        DiscountThanOrder = "DISCOUNT_THAN_ORDER",
        DiscountTaxFreeThanDiscount = "DISCOUNT_TAX_FREE_THAN_DISCOUNT",
        DiscountTaxFreeThanOrderTaxFree = "DISCOUNT_TAX_FREE_THAN_ORDER_TAX_FREE",
        PaymentTaxFreeThanPayment = "PAYMENT_TAX_FREE_THAN_PAYMENT",
    }
}

/// Cancels of a cancellation add up to more than it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorCancellation {
    pub registered_settlement_cancel_amount: i64,
    pub request_settlement_cancel_amount: i64,
    pub port_one_cancel_amount: i64,
    pub amount_type: PlatformPortOnePaymentCancelAmountType,
}

impl Default for PlatformErrorCancellation {
    fn default() -> Self {
        Self {
            registered_settlement_cancel_amount: 0,
            request_settlement_cancel_amount: 0,
            port_one_cancel_amount: 0,
            amount_type: PlatformPortOnePaymentCancelAmountType::SupplyWithVat,
        }
    }
}

words! {
    /// Which part of a cancellation's amount.
    pub enum PlatformPortOnePaymentCancelAmountType {
        SupplyWithVat = "SUPPLY_WITH_VAT",
        TaxFree = "TAX_FREE",
    }
}

/// A settlement date before its start date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorDates {
    pub settlement_start_date: Date,
    pub settlement_date: Date,
}

impl Default for PlatformErrorDates {
    fn default() -> Self {
        let day = Date::from(jiff::civil::Date::ZERO);
        Self { settlement_start_date: day, settlement_date: day }
    }
}

/// Transfers of a payment add up to more than was paid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorPayment {
    pub registered_settlement_payment_amount: i64,
    pub request_settlement_payment_amount: i64,
    pub port_one_payment_amount: i64,
}

/// Transfers of a payment add up to more than the taxable part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorSupply {
    pub registered_settlement_supply_with_vat_amount: i64,
    pub request_settlement_supply_with_vat_amount: i64,
    pub port_one_supply_with_vat_amount: i64,
}

/// Transfers of a payment add up to more than the tax-free part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorTaxFree {
    pub registered_settlement_tax_free_amount: i64,
    pub request_settlement_tax_free_amount: i64,
    pub port_one_tax_free_amount: i64,
}

/// The transfer that exists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorTransfer {
    pub transfer_id: String,
    pub transfer_graphql_id: String,
}

/// The policy that a transfer does not have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformErrorTransferDiscount {
    pub discount_share_policy_id: String,
    pub discount_share_policy_graphql_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
}
