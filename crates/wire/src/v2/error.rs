//! Refusals: every type of error, its status, and the bodies they are written as.
//!
//! [`ErrorType`] is the whole list: those the dialect publishes for all payment-side operations and, at its
//! end, those of the transport, which clients do not know and read as "some error". Which operation may answer
//! which is in [`operation`](super::operation).

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::v2::{ChannelSpecificFailure, PlatformError, PlatformErrorDetails, SelectedChannel};
use crate::words::words;

words! {
    /// Why a request was refused.
    pub enum ErrorType {
        InvalidRequest = "INVALID_REQUEST",
        Unauthorized = "UNAUTHORIZED",
        Forbidden = "FORBIDDEN",
        AlreadyPaid = "ALREADY_PAID",
        AlreadyPaidOrWaiting = "ALREADY_PAID_OR_WAITING",
        BillingKeyAlreadyDeleted = "BILLING_KEY_ALREADY_DELETED",
        BillingKeyAlreadyIssued = "BILLING_KEY_ALREADY_ISSUED",
        BillingKeyNotFound = "BILLING_KEY_NOT_FOUND",
        BillingKeyNotIssued = "BILLING_KEY_NOT_ISSUED",
        CancellableAmountConsistencyBroken = "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN",
        CancelAmountExceedsCancellableAmount = "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT",
        CancelTaxAmountExceedsCancellableTaxAmount = "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT",
        CancelTaxFreeAmountExceedsCancellableTaxFreeAmount = "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
        CashReceiptAlreadyIssued = "CASH_RECEIPT_ALREADY_ISSUED",
        CashReceiptNotFound = "CASH_RECEIPT_NOT_FOUND",
        CashReceiptNotIssued = "CASH_RECEIPT_NOT_ISSUED",
        ChannelNotFound = "CHANNEL_NOT_FOUND",
        ChannelSpecific = "CHANNEL_SPECIFIC",
        DiscountAmountExceedsTotalAmount = "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT",
        IdentityVerificationAlreadySent = "IDENTITY_VERIFICATION_ALREADY_SENT",
        IdentityVerificationAlreadyVerified = "IDENTITY_VERIFICATION_ALREADY_VERIFIED",
        IdentityVerificationNotFound = "IDENTITY_VERIFICATION_NOT_FOUND",
        IdentityVerificationNotSent = "IDENTITY_VERIFICATION_NOT_SENT",
        InformationMismatch = "INFORMATION_MISMATCH",
        InvalidPaymentToken = "INVALID_PAYMENT_TOKEN",
        MaxCancelCountReached = "MAX_CANCEL_COUNT_REACHED",
        MaxTransactionCountReached = "MAX_TRANSACTION_COUNT_REACHED",
        MaxTtlExceeded = "MAX_TTL_EXCEEDED",
        MaxWebhookRetryCountReached = "MAX_WEBHOOK_RETRY_COUNT_REACHED",
        NegativePromotionAdjustedCancelAmount = "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT",
        PaymentAlreadyCancelled = "PAYMENT_ALREADY_CANCELLED",
        PaymentCancellationNotFound = "PAYMENT_CANCELLATION_NOT_FOUND",
        PaymentCancellationNotPending = "PAYMENT_CANCELLATION_NOT_PENDING",
        PaymentNotFound = "PAYMENT_NOT_FOUND",
        PaymentNotPaid = "PAYMENT_NOT_PAID",
        PaymentNotWaitingForDeposit = "PAYMENT_NOT_WAITING_FOR_DEPOSIT",
        PaymentScheduleAlreadyExists = "PAYMENT_SCHEDULE_ALREADY_EXISTS",
        PaymentScheduleAlreadyProcessed = "PAYMENT_SCHEDULE_ALREADY_PROCESSED",
        PaymentScheduleAlreadyRevoked = "PAYMENT_SCHEDULE_ALREADY_REVOKED",
        PaymentScheduleNotFound = "PAYMENT_SCHEDULE_NOT_FOUND",
        PgProvider = "PG_PROVIDER",
        PlatformAccountVerificationAlreadyUsed = "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED",
        PlatformAccountVerificationFailed = "PLATFORM_ACCOUNT_VERIFICATION_FAILED",
        PlatformAccountVerificationNotFound = "PLATFORM_ACCOUNT_VERIFICATION_NOT_FOUND",
        PlatformAdditionalFeePoliciesNotFound = "PLATFORM_ADDITIONAL_FEE_POLICIES_NOT_FOUND",
        PlatformAdditionalFeePolicyAlreadyExists = "PLATFORM_ADDITIONAL_FEE_POLICY_ALREADY_EXISTS",
        PlatformAdditionalFeePolicyNotFound = "PLATFORM_ADDITIONAL_FEE_POLICY_NOT_FOUND",
        PlatformAdditionalFeePolicyScheduleAlreadyExists = "PLATFORM_ADDITIONAL_FEE_POLICY_SCHEDULE_ALREADY_EXISTS",
        PlatformAdditionalFixedAmountFeeCurrencyAndSettlementCurrencyMismatched = "PLATFORM_ADDITIONAL_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
        PlatformArchivedAdditionalFeePolicy = "PLATFORM_ARCHIVED_ADDITIONAL_FEE_POLICY",
        PlatformArchivedContract = "PLATFORM_ARCHIVED_CONTRACT",
        PlatformArchivedDiscountSharePolicy = "PLATFORM_ARCHIVED_DISCOUNT_SHARE_POLICY",
        PlatformArchivedPartner = "PLATFORM_ARCHIVED_PARTNER",
        PlatformArchivedPartnersCannotBeScheduled = "PLATFORM_ARCHIVED_PARTNERS_CANNOT_BE_SCHEDULED",
        PlatformArchivedPartnerNtsNotAllowed = "PLATFORM_ARCHIVED_PARTNER_NTS_NOT_ALLOWED",
        PlatformBtxNotEnabled = "PLATFORM_BTX_NOT_ENABLED",
        PlatformBulkPayoutIdAlreadyExists = "PLATFORM_BULK_PAYOUT_ID_ALREADY_EXISTS",
        PlatformCancellableAmountExceeded = "PLATFORM_CANCELLABLE_AMOUNT_EXCEEDED",
        PlatformCancellableDiscountAmountExceeded = "PLATFORM_CANCELLABLE_DISCOUNT_AMOUNT_EXCEEDED",
        PlatformCancellableDiscountTaxFreeAmountExceeded = "PLATFORM_CANCELLABLE_DISCOUNT_TAX_FREE_AMOUNT_EXCEEDED",
        PlatformCancellableProductQuantityExceeded = "PLATFORM_CANCELLABLE_PRODUCT_QUANTITY_EXCEEDED",
        PlatformCancellationAndPaymentTypeMismatched = "PLATFORM_CANCELLATION_AND_PAYMENT_TYPE_MISMATCHED",
        PlatformCancellationNotFound = "PLATFORM_CANCELLATION_NOT_FOUND",
        PlatformCancelOrderTransfersExists = "PLATFORM_CANCEL_ORDER_TRANSFERS_EXISTS",
        PlatformCannotArchiveScheduledAdditionalFeePolicy = "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_ADDITIONAL_FEE_POLICY",
        PlatformCannotArchiveScheduledContract = "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_CONTRACT",
        PlatformCannotArchiveScheduledDiscountSharePolicy = "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_DISCOUNT_SHARE_POLICY",
        PlatformCannotArchiveScheduledPartner = "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_PARTNER",
        PlatformCannotSpecifyTransfer = "PLATFORM_CANNOT_SPECIFY_TRANSFER",
        PlatformCompanyNotFound = "PLATFORM_COMPANY_NOT_FOUND",
        PlatformCompanyVerificationAlreadyUsed = "PLATFORM_COMPANY_VERIFICATION_ALREADY_USED",
        PlatformContractsNotFound = "PLATFORM_CONTRACTS_NOT_FOUND",
        PlatformContractAlreadyExists = "PLATFORM_CONTRACT_ALREADY_EXISTS",
        PlatformContractNotFound = "PLATFORM_CONTRACT_NOT_FOUND",
        PlatformContractPlatformFixedAmountFeeCurrencyAndSettlementCurrencyMismatched = "PLATFORM_CONTRACT_PLATFORM_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
        PlatformContractScheduleAlreadyExists = "PLATFORM_CONTRACT_SCHEDULE_ALREADY_EXISTS",
        PlatformCounterpartyNotConnectableStatus = "PLATFORM_COUNTERPARTY_NOT_CONNECTABLE_STATUS",
        PlatformCounterpartyNotConnected = "PLATFORM_COUNTERPARTY_NOT_CONNECTED",
        PlatformCounterpartyOngoingTaxInvoiceExists = "PLATFORM_COUNTERPARTY_ONGOING_TAX_INVOICE_EXISTS",
        PlatformCurrencyNotSupported = "PLATFORM_CURRENCY_NOT_SUPPORTED",
        PlatformDiscountSharePoliciesNotFound = "PLATFORM_DISCOUNT_SHARE_POLICIES_NOT_FOUND",
        PlatformDiscountSharePolicyAlreadyExists = "PLATFORM_DISCOUNT_SHARE_POLICY_ALREADY_EXISTS",
        PlatformDiscountSharePolicyIdDuplicated = "PLATFORM_DISCOUNT_SHARE_POLICY_ID_DUPLICATED",
        PlatformDiscountSharePolicyNotFound = "PLATFORM_DISCOUNT_SHARE_POLICY_NOT_FOUND",
        PlatformDiscountSharePolicyScheduleAlreadyExists = "PLATFORM_DISCOUNT_SHARE_POLICY_SCHEDULE_ALREADY_EXISTS",
        PlatformDuplicatedPartnerSettlementIds = "PLATFORM_DUPLICATED_PARTNER_SETTLEMENT_IDS",
        PlatformExternalApiFailed = "PLATFORM_EXTERNAL_API_FAILED",
        PlatformExternalApiTemporarilyFailed = "PLATFORM_EXTERNAL_API_TEMPORARILY_FAILED",
        PlatformInsufficientDataToChangePartnerType = "PLATFORM_INSUFFICIENT_DATA_TO_CHANGE_PARTNER_TYPE",
        PlatformInvalidSettlementFormula = "PLATFORM_INVALID_SETTLEMENT_FORMULA",
        PlatformMemberCompanyConnectedPartnersCannotBeScheduled = "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNERS_CANNOT_BE_SCHEDULED",
        PlatformMemberCompanyConnectedPartnerBrnUnchangeable = "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_BRN_UNCHANGEABLE",
        PlatformMemberCompanyConnectedPartnerCannotBeScheduled = "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_CANNOT_BE_SCHEDULED",
        PlatformMemberCompanyConnectedPartnerTypeUnchangeable = "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_TYPE_UNCHANGEABLE",
        PlatformNegativeAmountNotAllowed = "PLATFORM_NEGATIVE_AMOUNT_NOT_ALLOWED",
        PlatformNonDeletablePartnerSettlements = "PLATFORM_NON_DELETABLE_PARTNER_SETTLEMENTS",
        PlatformNonPayablePartnerSettlements = "PLATFORM_NON_PAYABLE_PARTNER_SETTLEMENTS",
        PlatformNotEnabled = "PLATFORM_NOT_ENABLED",
        PlatformNotSupportedBank = "PLATFORM_NOT_SUPPORTED_BANK",
        PlatformNoSelectedPartnerSettlements = "PLATFORM_NO_SELECTED_PARTNER_SETTLEMENTS",
        PlatformOngoingTaxInvoiceExists = "PLATFORM_ONGOING_TAX_INVOICE_EXISTS",
        PlatformOrderDetailMismatched = "PLATFORM_ORDER_DETAIL_MISMATCHED",
        PlatformOrderTransferAlreadyCancelled = "PLATFORM_ORDER_TRANSFER_ALREADY_CANCELLED",
        PlatformPartnerIdsAlreadyExists = "PLATFORM_PARTNER_IDS_ALREADY_EXISTS",
        PlatformPartnerIdsDuplicated = "PLATFORM_PARTNER_IDS_DUPLICATED",
        PlatformPartnerIdAlreadyExists = "PLATFORM_PARTNER_ID_ALREADY_EXISTS",
        PlatformPartnerNotFound = "PLATFORM_PARTNER_NOT_FOUND",
        PlatformPartnerPendingNtsOperation = "PLATFORM_PARTNER_PENDING_NTS_OPERATION",
        PlatformPartnerSchedulesAlreadyExist = "PLATFORM_PARTNER_SCHEDULES_ALREADY_EXIST",
        PlatformPartnerScheduleAlreadyExists = "PLATFORM_PARTNER_SCHEDULE_ALREADY_EXISTS",
        PlatformPartnerScheduleExists = "PLATFORM_PARTNER_SCHEDULE_EXISTS",
        PlatformPartnerSettlementsNotFound = "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND",
        PlatformPartnerTaxationTypeIsSimple = "PLATFORM_PARTNER_TAXATION_TYPE_IS_SIMPLE",
        PlatformPartnerTypeIsNotBusiness = "PLATFORM_PARTNER_TYPE_IS_NOT_BUSINESS",
        PlatformPaymentNotFound = "PLATFORM_PAYMENT_NOT_FOUND",
        PlatformProductIdDuplicated = "PLATFORM_PRODUCT_ID_DUPLICATED",
        PlatformProductIdNotFound = "PLATFORM_PRODUCT_ID_NOT_FOUND",
        PlatformReferencedCancelOrderTransfersExist = "PLATFORM_REFERENCED_CANCEL_ORDER_TRANSFERS_EXIST",
        PlatformSettlementAmountExceeded = "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
        PlatformSettlementCancelAmountExceededPortOneCancel = "PLATFORM_SETTLEMENT_CANCEL_AMOUNT_EXCEEDED_PORT_ONE_CANCEL",
        PlatformSettlementDateEarlierThanSettlementStartDate = "PLATFORM_SETTLEMENT_DATE_EARLIER_THAN_SETTLEMENT_START_DATE",
        PlatformSettlementParameterNotFound = "PLATFORM_SETTLEMENT_PARAMETER_NOT_FOUND",
        PlatformSettlementPaymentAmountExceededPortOnePayment = "PLATFORM_SETTLEMENT_PAYMENT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        PlatformSettlementSupplyWithVatAmountExceededPortOnePayment = "PLATFORM_SETTLEMENT_SUPPLY_WITH_VAT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        PlatformSettlementTaxFreeAmountExceededPortOnePayment = "PLATFORM_SETTLEMENT_TAX_FREE_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        PlatformTargetPartnerNotFound = "PLATFORM_TARGET_PARTNER_NOT_FOUND",
        PlatformTransferAlreadyExists = "PLATFORM_TRANSFER_ALREADY_EXISTS",
        PlatformTransferDiscountSharePolicyNotFound = "PLATFORM_TRANSFER_DISCOUNT_SHARE_POLICY_NOT_FOUND",
        PlatformTransferIdAlreadyUsed = "PLATFORM_TRANSFER_ID_ALREADY_USED",
        PlatformTransferNonDeletableStatus = "PLATFORM_TRANSFER_NON_DELETABLE_STATUS",
        PlatformTransferNotFound = "PLATFORM_TRANSFER_NOT_FOUND",
        PlatformUserDefinedPropertyNotFound = "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND",
        ProfileSettingsNotFound = "PROFILE_SETTINGS_NOT_FOUND",
        PromotionDiscountRetainOptionShouldNotBeChanged = "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED",
        PromotionNotFound = "PROMOTION_NOT_FOUND",
        PromotionPayMethodDoesNotMatch = "PROMOTION_PAY_METHOD_DOES_NOT_MATCH",
        /// Published by the revision of October 2024 only.
        RemainedAmountLessThanPromotionMinPaymentAmount = "REMAINED_AMOUNT_LESS_THAN_PROMOTION_MIN_PAYMENT_AMOUNT",
        SessionExpired = "SESSION_EXPIRED",
        SessionNotFound = "SESSION_NOT_FOUND",
        SumOfPartsExceedsCancelAmount = "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT",
        SumOfPartsExceedsTotalAmount = "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT",
        WebhookNotFound = "WEBHOOK_NOT_FOUND",
        /// No operation has this path.
        NotFound = "NOT_FOUND",
        /// The path has no such method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        TooManyRequests = "TOO_MANY_REQUESTS",
        InternalServerError = "INTERNAL_SERVER_ERROR",
        /// The first request with this idempotency key is still running.
        IdempotencyOutstandingRequest = "IDEMPOTENCY_OUTSTANDING_REQUEST",
        /// Refused early because of overload, or while shutting down.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
    }
}

impl ErrorType {
    /// The HTTP status, which follows from the type alone.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::DiscountAmountExceedsTotalAmount
            | Self::InvalidPaymentToken
            | Self::MaxTransactionCountReached
            | Self::MaxTtlExceeded
            | Self::MaxWebhookRetryCountReached
            | Self::NegativePromotionAdjustedCancelAmount
            | Self::PlatformAccountVerificationFailed
            | Self::PlatformAdditionalFixedAmountFeeCurrencyAndSettlementCurrencyMismatched
            | Self::PlatformCancellableAmountExceeded
            | Self::PlatformCancellableDiscountAmountExceeded
            | Self::PlatformCancellableDiscountTaxFreeAmountExceeded
            | Self::PlatformCancellableProductQuantityExceeded
            | Self::PlatformCancellationAndPaymentTypeMismatched
            | Self::PlatformCancelOrderTransfersExists
            | Self::PlatformCannotSpecifyTransfer
            | Self::PlatformContractPlatformFixedAmountFeeCurrencyAndSettlementCurrencyMismatched
            | Self::PlatformCounterpartyNotConnectableStatus
            | Self::PlatformCounterpartyNotConnected
            | Self::PlatformCurrencyNotSupported
            | Self::PlatformDiscountSharePolicyIdDuplicated
            | Self::PlatformDuplicatedPartnerSettlementIds
            | Self::PlatformInsufficientDataToChangePartnerType
            | Self::PlatformInvalidSettlementFormula
            | Self::PlatformNegativeAmountNotAllowed
            | Self::PlatformNonDeletablePartnerSettlements
            | Self::PlatformNonPayablePartnerSettlements
            | Self::PlatformNotSupportedBank
            | Self::PlatformNoSelectedPartnerSettlements
            | Self::PlatformOrderDetailMismatched
            | Self::PlatformOrderTransferAlreadyCancelled
            | Self::PlatformPartnerIdsDuplicated
            | Self::PlatformPartnerTaxationTypeIsSimple
            | Self::PlatformPartnerTypeIsNotBusiness
            | Self::PlatformProductIdDuplicated
            | Self::PlatformReferencedCancelOrderTransfersExist
            | Self::PlatformSettlementAmountExceeded
            | Self::PlatformSettlementCancelAmountExceededPortOneCancel
            | Self::PlatformSettlementDateEarlierThanSettlementStartDate
            | Self::PlatformSettlementPaymentAmountExceededPortOnePayment
            | Self::PlatformSettlementSupplyWithVatAmountExceededPortOnePayment
            | Self::PlatformSettlementTaxFreeAmountExceededPortOnePayment
            | Self::PlatformTransferNonDeletableStatus
            | Self::PromotionDiscountRetainOptionShouldNotBeChanged
            | Self::PromotionPayMethodDoesNotMatch => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::PlatformBtxNotEnabled | Self::PlatformNotEnabled => 403,
            Self::BillingKeyNotFound
            | Self::BillingKeyNotIssued
            | Self::CashReceiptNotFound
            | Self::CashReceiptNotIssued
            | Self::ChannelNotFound
            | Self::IdentityVerificationNotFound
            | Self::IdentityVerificationNotSent
            | Self::PaymentCancellationNotFound
            | Self::PaymentNotFound
            | Self::PaymentScheduleNotFound
            | Self::PlatformAccountVerificationNotFound
            | Self::PlatformAdditionalFeePoliciesNotFound
            | Self::PlatformAdditionalFeePolicyNotFound
            | Self::PlatformCancellationNotFound
            | Self::PlatformCompanyNotFound
            | Self::PlatformContractsNotFound
            | Self::PlatformContractNotFound
            | Self::PlatformDiscountSharePoliciesNotFound
            | Self::PlatformDiscountSharePolicyNotFound
            | Self::PlatformPartnerNotFound
            | Self::PlatformPartnerSettlementsNotFound
            | Self::PlatformPaymentNotFound
            | Self::PlatformProductIdNotFound
            | Self::PlatformSettlementParameterNotFound
            | Self::PlatformTargetPartnerNotFound
            | Self::PlatformTransferDiscountSharePolicyNotFound
            | Self::PlatformTransferNotFound
            | Self::PlatformUserDefinedPropertyNotFound
            | Self::ProfileSettingsNotFound
            | Self::PromotionNotFound
            | Self::SessionNotFound
            | Self::WebhookNotFound
            | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyPaid
            | Self::AlreadyPaidOrWaiting
            | Self::BillingKeyAlreadyDeleted
            | Self::BillingKeyAlreadyIssued
            | Self::CancellableAmountConsistencyBroken
            | Self::CancelAmountExceedsCancellableAmount
            | Self::CancelTaxAmountExceedsCancellableTaxAmount
            | Self::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount
            | Self::CashReceiptAlreadyIssued
            | Self::IdentityVerificationAlreadySent
            | Self::IdentityVerificationAlreadyVerified
            | Self::InformationMismatch
            | Self::MaxCancelCountReached
            | Self::PaymentAlreadyCancelled
            | Self::PaymentCancellationNotPending
            | Self::PaymentNotPaid
            | Self::PaymentNotWaitingForDeposit
            | Self::PaymentScheduleAlreadyExists
            | Self::PaymentScheduleAlreadyProcessed
            | Self::PaymentScheduleAlreadyRevoked
            | Self::PlatformAccountVerificationAlreadyUsed
            | Self::PlatformAdditionalFeePolicyAlreadyExists
            | Self::PlatformAdditionalFeePolicyScheduleAlreadyExists
            | Self::PlatformArchivedAdditionalFeePolicy
            | Self::PlatformArchivedContract
            | Self::PlatformArchivedDiscountSharePolicy
            | Self::PlatformArchivedPartner
            | Self::PlatformArchivedPartnersCannotBeScheduled
            | Self::PlatformArchivedPartnerNtsNotAllowed
            | Self::PlatformBulkPayoutIdAlreadyExists
            | Self::PlatformCannotArchiveScheduledAdditionalFeePolicy
            | Self::PlatformCannotArchiveScheduledContract
            | Self::PlatformCannotArchiveScheduledDiscountSharePolicy
            | Self::PlatformCannotArchiveScheduledPartner
            | Self::PlatformCompanyVerificationAlreadyUsed
            | Self::PlatformContractAlreadyExists
            | Self::PlatformContractScheduleAlreadyExists
            | Self::PlatformCounterpartyOngoingTaxInvoiceExists
            | Self::PlatformDiscountSharePolicyAlreadyExists
            | Self::PlatformDiscountSharePolicyScheduleAlreadyExists
            | Self::PlatformMemberCompanyConnectedPartnersCannotBeScheduled
            | Self::PlatformMemberCompanyConnectedPartnerBrnUnchangeable
            | Self::PlatformMemberCompanyConnectedPartnerCannotBeScheduled
            | Self::PlatformMemberCompanyConnectedPartnerTypeUnchangeable
            | Self::PlatformOngoingTaxInvoiceExists
            | Self::PlatformPartnerIdsAlreadyExists
            | Self::PlatformPartnerIdAlreadyExists
            | Self::PlatformPartnerPendingNtsOperation
            | Self::PlatformPartnerSchedulesAlreadyExist
            | Self::PlatformPartnerScheduleAlreadyExists
            | Self::PlatformPartnerScheduleExists
            | Self::PlatformTransferAlreadyExists
            | Self::PlatformTransferIdAlreadyUsed
            | Self::RemainedAmountLessThanPromotionMinPaymentAmount
            | Self::SumOfPartsExceedsCancelAmount
            | Self::SumOfPartsExceedsTotalAmount
            | Self::IdempotencyOutstandingRequest => 409,
            Self::SessionExpired => 410,
            Self::PayloadTooLarge => 413,
            Self::TooManyRequests => 429,
            Self::InternalServerError => 500,
            Self::ChannelSpecific | Self::PgProvider => 502,
            Self::ServiceUnavailable
            | Self::PlatformExternalApiFailed
            | Self::PlatformExternalApiTemporarilyFailed => 503,
        }
    }

    /// The name its schema has in the dialect's description: `PAYMENT_NOT_PAID` is `PaymentNotPaidError`.
    #[must_use]
    pub fn schema_name(self) -> String {
        // The dialect's own description says it so.
        if matches!(self, Self::PlatformPartnerIdsAlreadyExists) {
            return "PlatformPartnerIdsAlreadyExistError".to_owned();
        }
        let mut name = String::with_capacity(64);
        for part in self.as_str().split('_') {
            let mut letters = part.chars();
            name.extend(letters.next());
            name.extend(letters.map(|letter| letter.to_ascii_lowercase()));
        }
        name.push_str("Error");
        name
    }
}

/// The body of every answer that is not 200.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// An error that is told by its type and a message.
    Problem(Problem),
    PgProvider(PgProviderError),
    ChannelSpecific(ChannelSpecificError),
    /// An error of the settlement platform that says more.
    Platform(Box<PlatformError>),
}

// Types that need more members are written by their own struct; `Error::new` sees to it.
/// An error that is told by its type and a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: ErrorType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The PSP refused, or could not be understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PgProviderError {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The PSP's own code; empty when it gave none.
    pub pg_code: String,
    /// The PSP's own words; empty when it gave none.
    pub pg_message: String,
}

/// Channels of one group answered differently.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelSpecificError {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub failures: Vec<ChannelSpecificFailure>,
    pub succeeded_channels: Vec<SelectedChannel>,
}

impl Error {
    /// An error with nothing to tell but its type and a message. Members its type makes mandatory are there,
    /// and empty, because clients cannot read the body without them.
    #[must_use]
    pub fn new(kind: ErrorType, message: Option<String>) -> Self {
        if matches!(kind, ErrorType::PgProvider) {
            Self::PgProvider(PgProviderError { message, ..PgProviderError::default() })
        } else if matches!(kind, ErrorType::ChannelSpecific) {
            Self::ChannelSpecific(ChannelSpecificError { message, ..ChannelSpecificError::default() })
        } else if let Some(details) = PlatformErrorDetails::none(kind) {
            Self::Platform(Box::new(PlatformError { kind, message, details }))
        } else {
            Self::Problem(Problem { kind, message })
        }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> ErrorType {
        match self {
            Self::Platform(error) => error.kind,
            Self::Problem(problem) => problem.kind,
            Self::PgProvider(_) => ErrorType::PgProvider,
            Self::ChannelSpecific(_) => ErrorType::ChannelSpecific,
        }
    }

    /// The HTTP status it is answered with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind().status()
    }
}

/// A body with its type in front.
#[derive(Serialize)]
struct Typed<'a, Body> {
    #[serde(rename = "type")]
    kind: ErrorType,
    #[serde(flatten)]
    body: &'a Body,
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Problem(problem) => problem.serialize(serializer),
            Self::PgProvider(body) => Typed { kind: self.kind(), body }.serialize(serializer),
            Self::ChannelSpecific(body) => Typed { kind: self.kind(), body }.serialize(serializer),
            Self::Platform(body) => body.serialize(serializer),
        }
    }
}

/// Takes a member out of a body; null is as good as none.
fn taken<T: DeserializeOwned>(
    members: &mut serde_json::Map<String, serde_json::Value>,
    name: &str,
) -> serde_json::Result<Option<T>> {
    members.remove(name).map_or(Ok(None), serde_json::from_value)
}

impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = serde_json::Map::deserialize(deserializer)?;
        let missing = D::Error::missing_field;
        let kind: ErrorType =
            taken(&mut members, "type").map_err(D::Error::custom)?.ok_or_else(|| missing("type"))?;
        let message = taken(&mut members, "message").map_err(D::Error::custom)?;
        let mut text = |name| taken(&mut members, name).map_err(D::Error::custom);
        if matches!(kind, ErrorType::PgProvider) {
            return Ok(Self::PgProvider(PgProviderError {
                message,
                pg_code: text("pgCode")?.ok_or_else(|| missing("pgCode"))?,
                pg_message: text("pgMessage")?.ok_or_else(|| missing("pgMessage"))?,
            }));
        }
        if matches!(kind, ErrorType::ChannelSpecific) {
            let failures: Option<Vec<ChannelSpecificFailure>> =
                taken(&mut members, "failures").map_err(D::Error::custom)?;
            let succeeded: Option<Vec<SelectedChannel>> =
                taken(&mut members, "succeededChannels").map_err(D::Error::custom)?;
            return Ok(Self::ChannelSpecific(ChannelSpecificError {
                message,
                failures: failures.ok_or_else(|| missing("failures"))?,
                succeeded_channels: succeeded.ok_or_else(|| missing("succeededChannels"))?,
            }));
        }
        match PlatformErrorDetails::read(kind, members) {
            Some(Ok(details)) => Ok(Self::Platform(Box::new(PlatformError { kind, message, details }))),
            Some(Err(error)) => Err(D::Error::custom(error)),
            None => Ok(Self::Problem(Problem { kind, message })),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_is_read_as_it_was_written() {
        for kind in ErrorType::ALL {
            for message in [None, Some("asked 4000, cancellable 3000".to_owned())] {
                let error = Error::new(*kind, message);
                assert_eq!(error.kind(), *kind);
                let body = serde_json::to_value(&error).unwrap();
                assert_eq!(body["type"], kind.as_str());
                assert_eq!(serde_json::from_value::<Error>(body).unwrap(), error);
            }
        }
    }

    #[test]
    fn members_clients_cannot_do_without_are_always_there() {
        let pg_provider = Error::new(ErrorType::PgProvider, None);
        assert_eq!(
            serde_json::to_value(pg_provider).unwrap(),
            json!({"type": "PG_PROVIDER", "pgCode": "", "pgMessage": ""})
        );
        let channel_specific = Error::new(ErrorType::ChannelSpecific, None);
        assert_eq!(
            serde_json::to_value(channel_specific).unwrap(),
            json!({"type": "CHANNEL_SPECIFIC", "failures": [], "succeededChannels": []})
        );
        assert!(serde_json::from_value::<Error>(json!({"type": "PG_PROVIDER"})).is_err());
    }

    #[test]
    fn a_schema_is_named_after_its_type() {
        assert_eq!(ErrorType::PgProvider.schema_name(), "PgProviderError");
        assert_eq!(ErrorType::MaxTtlExceeded.schema_name(), "MaxTtlExceededError");
    }
}
