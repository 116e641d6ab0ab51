//! The codes of the dialect, its documented refusals, and the HTTP status of each.
//!
//! A code is four digits and a reason. Some digits have several reasons, because single operations answer
//! another pair than the table of codes has; each pair is a value of its own here. The HTTP status follows from
//! the pair, but for some documented faults, which are spelled out in [`fault`].

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $digits:literal $reason:literal,)+) => {
        /// A pair of `status_code` and `status_reason`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$meta])* $variant,)+ }

        impl Code {
            /// Every pair, by its digits.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// `status_code`: four digits, always a text.
            #[must_use]
            pub const fn digits(self) -> &'static str {
                match self { $(Self::$variant => $digits,)+ }
            }

            /// `status_reason`.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)+ }
            }
        }
    };
}

codes! {
    Pending = "1000" "PENDING",
    Success = "2000" "SUCCESS",
    BadRequest = "4000" "BAD_REQUEST",
    InvalidTransactionError = "4000" "INVALID_TRANSACTION_ERROR",
    InvalidRequestData = "4001" "INVALID_REQUEST_DATA",
    InvalidRequest = "4001" "INVALID_REQUEST",
    InvalidPaymentRequest = "4001" "INVALID_PAYMENT_REQUEST",
    SystemError = "4001" "SYSTEM_ERROR",
    DuplicateTransaction = "4002" "DUPLICATE_TRANSACTION_ERROR",
    TransactionNotExistOnPsp = "4003" "TRANSACTION_NOT_EXIST_ON_PSP",
    InvalidClientKey = "4010" "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR",
    /// A bad token on the update of a payment link.
    InvalidLinkToken = "4010" "INVALID_JWT_TOKEN",
    /// A bad token on the calls of mobile pages.
    InvalidMobileToken = "4010" "INVALID_UNAUTHORISED_TRANSACTION_ERROR",
    InvalidSignature = "4011" "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR",
    InvalidUnauthorisedTransaction = "4012" "INVALID_UNAUTHORISED_TRANSACTION_ERROR",
    InvalidMerchantType = "4013" "INVALID_MERCHANT_TYPE",
    InvalidEmail = "4014" "INVALID_EMAIL",
    MasterMerchantNotFound = "4015" "MASTER_MERCHANT_NOT_FOUND",
    MerchantNotFound = "4016" "MERCHANT_NOT_FOUND",
    MerchantNotAssociatedWithMasterMerchant = "4017" "MERCHANT_NOT_ASSOCIATED_WITH_MASTER_MERCHANT",
    MerchantAssociatedWithAnotherMasterMerchant = "4018" "MERCHANT_ASSOCIATED_WITH_ANOTHER_MASTER_MERCHANT",
    InvalidMerchantStatus = "4019" "INVALID_MERCHANT_STATUS",
    InvalidActionType = "4020" "INVALID_ACTION_TYPE",
    MerchantLoginNotAllowed = "4021" "MERCHANT_LOGIN_NOT_ALLOWED",
    MerchantLoginDisabledByMasterMerchant = "4022" "MERCHANT_LOGIN_DISABLED_BY_MASTER_MERCHANT",
    MasterMerchantDonotHaveThisAccess = "4023" "MASTER_MERCHANT_DONOT_HAVE_THIS_ACCESS",
    MerchantIsInactive = "4024" "MERCHANT_IS_INACTIVE",
    /// Too many requests. Its reason is that of another code.
    Throttled = "4025" "INVALID_REQUEST",
    ReconMappingNotFound = "4026" "RECON_MAPPING_NOT_FOUND",
    ReconMappingNotUpdated = "4027" "RECON_MAPPING_NOT_UPDATED",
    ReconMappingNotCreated = "4028" "RECON_MAPPING_NOT_CREATED",
    RefundSystemError = "4029" "REFUND_SYSTEM_ERROR",
    PayoutSystemError = "4030" "PAYOUT_SYSTEM_ERROR",
    PayoutvendorSystemError = "4031" "PAYOUTVENDOR_SYSTEM_ERROR",
    ReconSystemError = "4032" "RECON_SYSTEM_ERROR",
    InvalidPortalRequest = "4033" "INVALID_PORTAL_REQUEST",
    InvalidEnvironment = "4034" "INVALID_ENVIRONMENT",
    KycRecordNotFound = "4035" "KYC_RECORD_NOT_FOUND",
    KycRecordNotCreated = "4036" "KYC_RECORD_NOT_CREATED",
    KycRecordNotUpdated = "4037" "KYC_RECORD_NOT_UPDATED",
    KycSubmissionNotCreated = "4038" "KYC_SUBMISSION_NOT_CREATED",
    KycSubmissionNotUpdated = "4039" "KYC_SUBMISSION_NOT_UPDATED",
    MissingKycSubmissionLink = "4040" "MISSING_KYC_SUBMISSION_LINK",
    InvalidAmount = "4041" "INVALID_AMOUNT",
    MerchantAlreadyExists = "4042" "MERCHANT_ALREADY_EXISTS",
    /// As payouts and master merchants say it.
    MerchantDataNotFound = "4042" "MERCHANT_NOT_FOUND",
    DataNotFound = "4042" "DATA_NOT_FOUND",
    MerchantInviteError = "4043" "MERCHANT_INVITE_ERROR",
    CredsNotFound = "4044" "CREDS_NOT_FOUND",
    VirtualAccountNotSupported = "4045" "VIRTUAL_ACCOUNT_NOT_SUPPORTED",
    InvalidPaymentChannelKey = "4046" "INVALID_PAYMENT_CHANNEL_KEY",
    InvalidSettlementRef = "4047" "INVALID_SETTLEMENT_REF",
    InvalidSettlementStatus = "4048" "INVALID_SETTLEMENT_STATUS",
    MissingKycSubmissionValue = "4049" "MISSING_KYC_SUBMISSION_VALUE",
    InvalidLinkMerchantOrderRef = "4050" "INVALID_LINK_MERCHANT_ORDER_REF",
    MerchantAlreadyRegisteredOnPsp = "4051" "MERCHANT_ALREADY_REGISTERED_ON_PSP",
    InvalidEmailAddress = "4052" "INVALID_EMAIL_ADDRESS",
    InvalidPassword = "4053" "INVALID_PASSWORD",
    InvalidToken = "4054" "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR",
    MasterMerchantRegistrationError = "4055" "MASTER_MERCHANT_REGISTRATION_ERROR",
    OtpExpired = "4056" "OTP_EXPIRED",
    InvalidPaymentMethod = "4057" "INVALID_PAYMENT_METHOD",
    PaymentMethodConfigurationError = "4058" "PAYMENT_METHOD_CONFIGURATION_ERROR",
    InvalidPaymentPageStock = "4059" "INVALID_PAYMENT_PAGE_STOCK",
    PaymentPageInvalidOwner = "4060" "PAYMENT_PAGE_INVALID_OWNER",
    InvalidVirtualAccount = "4061" "INVALID_VIRTUAL_ACCOUNT",
    InvalidPageField = "4062" "INVALID_PAGE_FIELD",
    InvalidPageFieldValue = "4063" "INVALID_PAGE_FIELD_VALUE",
    MissingMandatoryField = "4064" "MISSING_MANDATORY_FIELD",
    InvalidPageRef = "4065" "INVALID_PAGE_REF",
    InvalidMerchantPaymentData = "4066" "INVALID_MERCHANT_PAYMENT_DATA",
    LimitedPaymentChannelRecordNotFound = "4067" "LIMITED_PAYMENT_CHANNEL_RECORD_NOT_FOUND",
    InvalidPageType = "4068" "INVALID_PAGE_TYPE",
    InactivePaymentPage = "4069" "INACTIVE_PAYMENT_PAGE",
    RefundNotAllowed = "4070" "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED",
    OrderCancelled = "4071" "INVALID_TRANSACTION_ORDER_CANCELLED_ERROR",
    TransactionExpired = "4072" "TRANSACTION_EXPIRED",
    OtpVerificationError = "4073" "OTP_VERIFICATION_ERROR",
    InvalidCurrency = "4075" "INVALID_CURRENCY",
    InvalidAmountCurrency = "4076" "INVALID_AMOUNT_CURRENCY_ERROR",
    InvalidMinimumAmountLimit = "4077" "INVALID_MINIMUM_AMOUNT_LIMIT",
    InvalidMaximumAmountLimit = "4078" "INVALID_MAXIMUM_AMOUNT_LIMIT",
    InvalidStatusType = "4079" "INVALID_STATUS_TYPE",
    PaymentServiceProviderError = "4080" "PAYMENT_SERVICE_PROVIDER_ERROR",
    PartialRefundNotAllowed = "4081" "PARTIAL_REFUND_NOT_ALLOWED",
    RoleNotAllowed = "4081" "ROLE_NOT_ALLOWED",
    TransactionExpiredByChaiport = "4082" "TRANSACTION_EXPIRED_BY_CHAIPORT",
    InvalidPaymentLinkRef = "4083" "INVALID_PAYMENT_LINK_REF",
    InvalidPortoneKey = "4084" "INVALID_UNAUTHORISED_PORTONEKEY_ERROR",
    InvalidPriceRef = "4085" "INVALID_PRICE_REF",
    /// Also a bad `allow_accumulate`.
    InvalidQuantity = "4086" "INVALID_QUANTITY",
    /// Spelled as the dialect spells it.
    InvalidRecurranceCount = "4087" "INVALID_RECURRANCE_COUNT",
    MaxRetryLimitExceed = "4088" "MAX_RETRY_LIMIT_EXCEED",
    InvalidSubscriptionOrderRef = "4089" "INVALID_SUBSCRIPTION_ORDER_REF",
    InvalidTotalAdditionalCost = "4090" "INVALID_TOTAL_ADDITIONAL_COST",
    InvalidPeriod = "4091" "INVALID_PERIOD",
    ReconInvalidOwner = "4092" "RECON_INVALID_OWNER",
    Voided = "4093" "VOIDED",
    InvalidFrequency = "4094" "INVALID_FREQUENCY",
    PspCancelledSubscription = "4095" "PSP_CANCELLED_SUBSCRIPTION",
    InvalidReference = "4096" "INVALID_REFERENCE",
    TransactionUnderReview = "4097" "TRANSACTION_UNDER_REVIEW",
    InvalidAccount = "4098" "INVALID_ACCOUNT",
    InvalidSecret = "4099" "INVALID_UNAUTHORISED_PORTONE_SECRET_ERROR",
    SuspectedFraudulentTransactionError = "4100" "SUSPECTED_FRAUDULENT_TRANSACTION_ERROR",
    MerchantSubuserNotFound = "4101" "MERCHANT_SUBUSER_NOT_FOUND",
    VerifyAccountNotSupported = "4102" "VERIFY_ACCOUNT_NOT_SUPPORTED",
    PaymentSystemError = "5000" "PAYMENT_SYSTEM_ERROR",
    RecordNotFoundError = "5001" "RECORD_NOT_FOUND_ERROR",
    DuplicateFoundError = "5002" "DUPLICATE_FOUND_ERROR",
    MerchantUpdateFailed = "5011" "MERCHANT_UPDATE_FAILED",
    FailedToSendEmail = "5012" "FAILED_TO_SEND_EMAIL",
    MerchantPaymentMethodUpdateFailed = "5013" "MERCHANT_PAYMENT_METHOD_UPDATE_FAILED",
    ErrorInFetchingRecords = "5014" "ERROR_IN_FETCHING_RECORDS",
    RecordNotCreated = "5015" "RECORD_NOT_CREATED",
    MerchantCreationFailed = "5016" "MERCHANT_CREATION_FAILED",
    SubUserCreationFailed = "5017" "SUB_USER_CREATION_FAILED",
    PaymentTxnNotCreated = "5018" "PAYMENT_TXN_NOT_CREATED",
    RecordUpdateFailed = "5019" "RECORD_UPDATE_FAILED",
    MerchantKycCreationFailed = "5020" "MERCHANT_KYC_CREATION_FAILED",
    TokenizationKeyCreationFailed = "5021" "TOKENIZATION_KEY_CREATION_FAILED",
    PaymentChannelNotSupported = "5022" "PAYMENT_CHANNEL_NOT_SUPPORTED",
    InvalidPaymentChannel = "5023" "INVALID_PAYMENT_CHANNEL",
    PspCommunicationError = "5024" "PSP_COMMUNICATION_ERROR",
    ErrorParsingResponse = "5025" "ERROR_PARSING_RESPONSE",
    InvalidRedirectUrl = "5030" "INVALID_REDIRECT_URL",
    BankRefusedTransaction = "6001" "BANK_REFUSED_TRANSACTION",
    FundsLimitError = "6002" "FUNDS_LIMIT_ERROR",
    PaymentMethodIssuerRefusedTransaction = "6003" "PAYMENT_METHOD_ISSUER_REFUSED_TRANSACTION",
    InvalidCardInfoError = "6011" "INVALID_CARD_INFO_ERROR",
    InvalidCardNotSupportedError = "6012" "INVALID_CARD_NOT_SUPPORTED_ERROR",
    InvalidCardExpiredError = "6013" "INVALID_CARD_EXPIRED_ERROR",
    InvalidCardDeclinedError = "6014" "INVALID_CARD_DECLINED_ERROR",
    InvalidCardBlockedError = "6015" "INVALID_CARD_BLOCKED_ERROR",
    InvalidCard3dsError = "6016" "INVALID_CARD_3DS_ERROR",
    InvalidCardProcessingError = "6017" "INVALID_CARD_PROCESSING_ERROR",
    DeclinedByBank = "6018" "DECLINED_BY_BANK",
    ExceededMaxLimit = "6019" "EXCEEDED_MAX_LIMIT",
    InvalidBankCode = "6020" "INVALID_BANK_CODE",
    InvalidCardBlacklistedError = "6021" "INVALID_CARD_BLACKLISTED_ERROR",
    InvalidCardLostError = "6022" "INVALID_CARD_LOST_ERROR",
    ErrorCreatingCustomer = "7000" "ERROR_CREATING_CUSTOMER",
    PaymentAuthorizationError = "8001" "PAYMENT_AUTHORIZATION_ERROR",
    PaymentAuthenticationError = "8002" "PAYMENT_AUTHENTICATION_ERROR",
    PaymentProcessingError = "8003" "PAYMENT_PROCESSING_ERROR",
    RiskValidationError = "8004" "RISK_VALIDATION_ERROR",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.digits(), self.reason())
    }
}

/// Whose fault a failed payment was; it decides what is tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The payer's, who may try the same PSP again.
    Payer,
    /// The PSP's or the bank's; another PSP may succeed.
    Psp,
    /// Nothing may succeed any more.
    Final,
    /// Not the outcome of a payment.
    Nobody,
}

impl Code {
    /// The HTTP status, unless a [`fault`] says another one.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Pending | Self::Success => 200,
            Self::InvalidClientKey
            | Self::InvalidLinkToken
            | Self::InvalidMobileToken
            | Self::InvalidSignature
            | Self::InvalidUnauthorisedTransaction
            | Self::InvalidToken
            | Self::InvalidPortoneKey
            | Self::InvalidSecret => 401,
            Self::Throttled => 429,
            Self::RefundSystemError
            | Self::PayoutSystemError
            | Self::PayoutvendorSystemError
            | Self::ReconSystemError
            | Self::PaymentSystemError => 500,
            Self::PspCommunicationError => 502,
            _ => 400,
        }
    }

    /// Whose fault a payment that ended with this code was.
    #[must_use]
    pub const fn blame(self) -> Blame {
        match self {
            Self::OrderCancelled
            | Self::TransactionExpired
            | Self::FundsLimitError
            | Self::InvalidCardInfoError
            | Self::InvalidCardNotSupportedError
            | Self::InvalidCardExpiredError
            | Self::InvalidCardDeclinedError
            | Self::InvalidCardBlockedError
            | Self::InvalidCard3dsError
            | Self::InvalidCardBlacklistedError
            | Self::InvalidCardLostError
            | Self::PaymentAuthenticationError => Blame::Payer,
            Self::TransactionNotExistOnPsp
            | Self::PaymentServiceProviderError
            | Self::PaymentSystemError
            | Self::PaymentChannelNotSupported
            | Self::InvalidPaymentChannel
            | Self::PspCommunicationError
            | Self::ErrorParsingResponse
            | Self::BankRefusedTransaction
            | Self::PaymentMethodIssuerRefusedTransaction
            | Self::InvalidCardProcessingError
            | Self::DeclinedByBank
            | Self::PaymentAuthorizationError
            | Self::PaymentProcessingError => Blame::Psp,
            Self::SuspectedFraudulentTransactionError
            | Self::ExceededMaxLimit
            | Self::RiskValidationError => Blame::Final,
            _ => Blame::Nobody,
        }
    }

    /// Whether a recurring deduction that failed with this code is given up at once.
    #[must_use]
    pub const fn is_hard(self) -> bool {
        matches!(
            self,
            Self::InvalidCardExpiredError
                | Self::InvalidCardBlockedError
                | Self::InvalidCardBlacklistedError
                | Self::InvalidCardLostError
                | Self::SuspectedFraudulentTransactionError
        )
    }
}

/// The digits; the reason is a member of its own.
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits())
    }
}

/// A documented refusal: its status, its pair and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub status: u16,
    pub code: Code,
    /// Merchants compare these texts, so they are kept letter by letter.
    pub message: &'static str,
}

/// The refusals whose status or text does not follow from their code alone.
pub mod fault {
    use super::{Code, Fault};

    const fn fault(status: u16, code: Code, message: &'static str) -> Fault {
        Fault { status, code, message }
    }

    /// No client key in the header.
    pub const CLIENT_KEY_MISSING: Fault = fault(401, Code::InvalidClientKey, "key is a required field");
    /// A client key that nobody has, or one that is not the key of the path or the body.
    pub const CLIENT_KEY_UNKNOWN: Fault = fault(401, Code::InvalidClientKey, "invalid auth key");
    /// A token that is absent, forged, expired or another merchant's.
    pub const TOKEN: Fault = fault(401, Code::InvalidToken, "The JWT Token or header is invalid or expired!");
    /// The same when a payment link is updated; `is_success` is there, too.
    pub const TOKEN_OF_LINK_UPDATE: Fault = fault(401, Code::InvalidLinkToken, "JWT authentication error");
    /// The same on the calls of mobile pages.
    pub const TOKEN_OF_MOBILE: Fault =
        fault(401, Code::InvalidMobileToken, "Invalid JWT Token / Client Key. Error in parsing JWT Token.");
    /// The secret that is traded for a token is wrong.
    pub const SECRET: Fault = fault(401, Code::InvalidSecret, "Invalid PortOne secret");
    /// No signature on `initiatePayment`. Status 401 with the code of a bad request.
    pub const SIGNATURE_MISSING_ON_PAYMENT: Fault =
        fault(401, Code::InvalidPaymentRequest, "signature_hash is a required field");
    /// No signature on a new payment link.
    pub const SIGNATURE_MISSING_ON_LINK: Fault =
        fault(401, Code::InvalidClientKey, "signature_hash is a required field");
    /// No signature on plans, subscriptions and `createDeduction`.
    pub const SIGNATURE_MISSING_ON_SUBSCRIPTION: Fault =
        fault(400, Code::InvalidRequest, "signature_hash is a required field");
    /// A signature over something else, or with another secret.
    pub const SIGNATURE_MISMATCH: Fault = fault(401, Code::InvalidSignature, "Signature verification failed");
    /// A payment link can only be cancelled. Status 401 with the code of a bad request.
    pub const LINK_STATUS: Fault =
        fault(401, Code::InvalidPaymentRequest, "Invalid status! Only cancelled status is allowed");
    /// Neither live nor sandbox.
    pub const ENVIRONMENT: Fault = fault(
        400,
        Code::InvalidEnvironment,
        "Appropriate environment not found, Please pass either sandbox/live value for environment",
    );
    /// The items do not add up to the amount.
    pub const SUMMATION: Fault = fault(
        400,
        Code::InvalidPaymentRequest,
        "Summation of order value, tax, duties, shipping and discount is equal to amount",
    );
    /// No transaction has this reference.
    pub const TRANSACTION_UNKNOWN: Fault =
        fault(400, Code::InvalidReference, "Transaction record with given reference not found");
    /// The same when it is to be captured, which is the one 404.
    pub const CAPTURE_UNKNOWN: Fault =
        fault(404, Code::InvalidReference, "Transaction record with given reference not found");
    /// No plan has this reference.
    pub const PLAN_UNKNOWN: Fault =
        fault(400, Code::InvalidRequest, "Plan does not exist with this order ref");
    /// No subscription has this reference.
    pub const SUBSCRIPTION_UNKNOWN: Fault =
        fault(400, Code::InvalidRequest, "Subscription does not exist with this order ref");
    /// The next deduction cannot be triggered.
    pub const TRIGGER: Fault = fault(400, Code::InvalidRequest, "Invalid request parameters");
    /// Neither `Y` nor `N`; the code is that of a bad quantity.
    pub const ALLOW_ACCUMULATE: Fault =
        fault(400, Code::InvalidQuantity, "Allow Accumulate must be Y or N only");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_four_digits_and_no_pair_is_there_twice() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!(code.digits().len() == 4 && code.digits().bytes().all(|byte| byte.is_ascii_digit()));
            for other in Code::ALL.iter().take(index) {
                assert!((code.digits(), code.reason()) != (other.digits(), other.reason()), "{code}");
                assert!(other.digits() <= code.digits(), "{code} is out of order");
            }
        }
        assert_eq!(serde_json::to_string(&Code::Success).unwrap(), "\"2000\"");
    }

    #[test]
    fn statuses_are_those_of_the_table() {
        let with = |status: u16| {
            let mut digits: Vec<_> =
                Code::ALL.iter().filter(|code| code.status() == status).map(|code| code.digits()).collect();
            digits.dedup();
            digits
        };
        assert_eq!(with(200), ["1000", "2000"]);
        assert_eq!(with(401), ["4010", "4011", "4012", "4054", "4084", "4099"]);
        assert_eq!(with(429), ["4025"]);
        assert_eq!(with(500), ["4029", "4030", "4031", "4032", "5000"]);
        assert_eq!(with(502), ["5024"]);
    }

    #[test]
    fn the_documented_oddities_keep_their_status() {
        assert_eq!(fault::SIGNATURE_MISSING_ON_PAYMENT.status, 401);
        assert_eq!(fault::SIGNATURE_MISSING_ON_PAYMENT.code.status(), 400);
        assert_eq!(fault::SIGNATURE_MISSING_ON_PAYMENT.code.to_string(), "4001 INVALID_PAYMENT_REQUEST");
        assert_eq!(fault::LINK_STATUS.status, 401);
        assert_eq!(fault::CAPTURE_UNKNOWN.status, 404);
        assert_eq!(fault::SIGNATURE_MISSING_ON_LINK.code.digits(), "4010");
        assert_eq!(fault::TOKEN_OF_LINK_UPDATE.code.to_string(), "4010 INVALID_JWT_TOKEN");
        assert_eq!(fault::ALLOW_ACCUMULATE.code.to_string(), "4086 INVALID_QUANTITY");
    }

    #[test]
    fn blame_follows_the_lists_of_failover() {
        let blamed = |blame| {
            let blamed = Code::ALL.iter().filter(|code| code.blame() == blame);
            blamed.map(|code| code.digits()).collect::<Vec<_>>()
        };
        assert_eq!(
            blamed(Blame::Payer),
            ["4071", "4072", "6002", "6011", "6012", "6013", "6014", "6015", "6016", "6021", "6022", "8002"]
        );
        assert_eq!(
            blamed(Blame::Psp),
            [
                "4003", "4080", "5000", "5022", "5023", "5024", "5025", "6001", "6003", "6017", "6018",
                "8001", "8003"
            ]
        );
        assert_eq!(blamed(Blame::Final), ["4100", "6019", "8004"]);
    }
}
