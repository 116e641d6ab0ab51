//! Stripe's error and decline codes as the connector reads them: what each means to us.
//!
//! A code that is not in this list means nothing, and its answer is unknown until the charge itself
//! has been read again. Only a status and a type that belong together are believed.

use paypier_domain::outcome::DeclineClass;
use serde::Deserialize;

/// The members of `error` in an answer, and of an intent's `last_payment_error`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StripeError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) message: Option<String>,
}

impl StripeError {
    /// The most telling code: why a card was declined says more than that it was.
    pub(super) fn code(&self) -> &str {
        self.decline_code.as_deref().or(self.code.as_deref()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Not executed, and final for this request.
    Declined(DeclineClass),
    /// Nothing was executed; it may be asked for anew.
    NothingExecuted,
}

const ISSUER: Meaning = Meaning::Declined(DeclineClass::Issuer);
const PAYER: Meaning = Meaning::Declined(DeclineClass::Payer);
const REFUSED: Meaning = Meaning::Declined(DeclineClass::Refused);
const MISCONFIGURED: Meaning = Meaning::Declined(DeclineClass::Misconfiguration);

/// What an error under this HTTP status proves; `None` when it proves nothing.
pub(super) fn meaning(status: u16, error: &StripeError) -> Option<Meaning> {
    match (status, error.kind.as_deref()?) {
        // Refused at the door: a wrong key, or one without the permission.
        (401 | 403, "invalid_request_error") => Some(MISCONFIGURED),
        (402, "card_error") => declined(error),
        (400 | 402 | 404, "invalid_request_error") => match &error.code {
            // Invalid requests have a code only where Stripe found one worth having.
            None => Some(REFUSED),
            Some(_) => declined(error),
        },
        // Too many requests at once, or one for the same object: turned away before execution.
        (429, "invalid_request_error" | "api_error") => Some(Meaning::NothingExecuted),
        // 409 says that another request with this key is being executed, `idempotency_error` that one
        // was made with other parameters, 5xx nothing at all: how that ended is not known from here.
        _ => None,
    }
}

/// What the codes of an error say.
pub(super) fn declined(error: &StripeError) -> Option<Meaning> {
    match &error.decline_code {
        Some(code) => of_decline_code(code),
        None => of_code(error.code.as_deref()?),
    }
}

/// Why an issuer, or Stripe in its place, declined a card.
fn of_decline_code(code: &str) -> Option<Meaning> {
    Some(match code {
        "approve_with_id"
        | "call_issuer"
        | "card_not_supported"
        | "card_velocity_exceeded"
        | "currency_not_supported"
        | "do_not_honor"
        | "do_not_try_again"
        | "duplicate_transaction"
        | "fraudulent"
        | "generic_decline"
        | "insufficient_funds"
        | "invalid_account"
        | "invalid_amount"
        | "issuer_not_available"
        | "lost_card"
        | "merchant_blacklist"
        | "new_account_information_available"
        | "no_action_taken"
        | "not_permitted"
        | "pickup_card"
        | "pin_try_exceeded"
        | "reenter_transaction"
        | "restricted_card"
        | "revocation_of_all_authorizations"
        | "revocation_of_authorization"
        | "security_violation"
        | "service_not_allowed"
        | "stolen_card"
        | "stop_payment_order"
        | "testmode_decline"
        | "transaction_not_allowed"
        | "try_again_later"
        | "withdrawal_count_limit_exceeded" => ISSUER,
        "authentication_not_handled"
        | "authentication_required"
        | "expired_card"
        | "incorrect_address"
        | "incorrect_cvc"
        | "incorrect_number"
        | "incorrect_pin"
        | "incorrect_zip"
        | "invalid_cvc"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "invalid_number"
        | "invalid_pin"
        | "mobile_device_authentication_required"
        | "offline_pin_required"
        | "online_or_offline_pin_required" => PAYER,
        "processing_error" => Meaning::NothingExecuted,
        _ => return None,
    })
}

/// Error codes that the calls of this connector are answered with.
fn of_code(code: &str) -> Option<Meaning> {
    Some(match code {
        "card_declined"
        | "card_decline_rate_limit_exceeded"
        | "payment_intent_payment_attempt_failed"
        | "payment_method_provider_decline"
        | "setup_attempt_failed" => ISSUER,
        "authentication_required"
        | "expired_card"
        | "incorrect_address"
        | "incorrect_cvc"
        | "incorrect_number"
        | "incorrect_zip"
        | "invalid_card_type"
        | "invalid_characters"
        | "invalid_cvc"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "invalid_number"
        | "payment_intent_action_required"
        | "payment_intent_authentication_failure"
        | "payment_method_customer_decline"
        | "setup_intent_authentication_failure" => PAYER,
        "processing_error" => Meaning::NothingExecuted,
        "amount_too_large"
        | "amount_too_small"
        | "balance_insufficient"
        | "capture_charge_authorization_expired"
        | "charge_already_captured"
        | "charge_already_refunded"
        | "charge_disputed"
        | "charge_exceeds_source_limit"
        | "charge_exceeds_transaction_limit"
        | "charge_expired_for_capture"
        | "charge_invalid_parameter"
        | "charge_not_refundable"
        | "customer_max_payment_methods"
        | "email_invalid"
        | "intent_invalid_state"
        | "invalid_charge_amount"
        | "invalid_charge_amount_no_decimal_compatible"
        | "missing"
        | "parameter_invalid_empty"
        | "parameter_invalid_integer"
        | "parameter_invalid_string_blank"
        | "parameter_invalid_string_empty"
        | "parameter_missing"
        | "parameter_unknown"
        | "parameters_exclusive"
        | "payment_intent_incompatible_payment_method"
        | "payment_intent_invalid_parameter"
        | "payment_intent_mandate_invalid"
        | "payment_intent_payment_attempt_expired"
        | "payment_intent_unexpected_state"
        | "payment_method_currency_mismatch"
        | "payment_method_invalid_parameter"
        | "payment_method_not_available"
        | "payment_method_unexpected_state"
        | "refund_disputed_payment"
        | "resource_already_exists"
        | "resource_missing"
        | "return_url_required"
        | "setup_intent_invalid_parameter"
        | "setup_intent_mandate_invalid"
        | "setup_intent_setup_attempt_expired"
        | "setup_intent_unexpected_state"
        | "status_transition_invalid"
        | "token_already_used"
        | "token_in_use"
        | "url_invalid" => REFUSED,
        "account_closed"
        | "account_invalid"
        | "api_key_expired"
        | "country_unsupported"
        | "livemode_mismatch"
        | "payment_method_unactivated"
        | "payment_method_unsupported_type"
        | "platform_account_required"
        | "platform_api_key_expired"
        | "secret_key_required"
        | "testmode_charges_only"
        | "tls_version_unsupported" => MISCONFIGURED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: &str, code: Option<&str>, decline_code: Option<&str>) -> StripeError {
        StripeError {
            kind: Some(kind.into()),
            code: code.map(Into::into),
            decline_code: decline_code.map(Into::into),
            message: None,
        }
    }

    /// The decline codes that Stripe documents, written down apart from the table above.
    const DECLINE_CODES: [(&str, Meaning); 50] = [
        ("authentication_required", PAYER),
        ("authentication_not_handled", PAYER),
        ("approve_with_id", ISSUER),
        ("call_issuer", ISSUER),
        ("card_not_supported", ISSUER),
        ("card_velocity_exceeded", ISSUER),
        ("currency_not_supported", ISSUER),
        ("do_not_honor", ISSUER),
        ("do_not_try_again", ISSUER),
        ("duplicate_transaction", ISSUER),
        ("expired_card", PAYER),
        ("fraudulent", ISSUER),
        ("generic_decline", ISSUER),
        ("incorrect_address", PAYER),
        ("incorrect_number", PAYER),
        ("incorrect_cvc", PAYER),
        ("incorrect_pin", PAYER),
        ("incorrect_zip", PAYER),
        ("insufficient_funds", ISSUER),
        ("invalid_account", ISSUER),
        ("invalid_amount", ISSUER),
        ("invalid_cvc", PAYER),
        ("invalid_expiry_month", PAYER),
        ("invalid_expiry_year", PAYER),
        ("invalid_number", PAYER),
        ("invalid_pin", PAYER),
        ("issuer_not_available", ISSUER),
        ("lost_card", ISSUER),
        ("merchant_blacklist", ISSUER),
        ("mobile_device_authentication_required", PAYER),
        ("new_account_information_available", ISSUER),
        ("no_action_taken", ISSUER),
        ("not_permitted", ISSUER),
        ("offline_pin_required", PAYER),
        ("online_or_offline_pin_required", PAYER),
        ("pickup_card", ISSUER),
        ("pin_try_exceeded", ISSUER),
        ("processing_error", Meaning::NothingExecuted),
        ("reenter_transaction", ISSUER),
        ("restricted_card", ISSUER),
        ("revocation_of_all_authorizations", ISSUER),
        ("revocation_of_authorization", ISSUER),
        ("security_violation", ISSUER),
        ("service_not_allowed", ISSUER),
        ("stolen_card", ISSUER),
        ("stop_payment_order", ISSUER),
        ("testmode_decline", ISSUER),
        ("transaction_not_allowed", ISSUER),
        ("try_again_later", ISSUER),
        ("withdrawal_count_limit_exceeded", ISSUER),
    ];

    #[test]
    fn every_documented_decline_has_a_meaning() {
        for (code, expected) in DECLINE_CODES {
            let found = meaning(402, &error("card_error", Some("card_declined"), Some(code)));
            assert_eq!(found, Some(expected), "{code}");
        }
    }

    #[test]
    fn a_status_a_type_and_a_code_that_belong_together_have_a_meaning() {
        for (status, kind, code, expected) in [
            (400, "invalid_request_error", None, Some(REFUSED)),
            (400, "invalid_request_error", Some("parameter_missing"), Some(REFUSED)),
            (400, "invalid_request_error", Some("amount_too_small"), Some(REFUSED)),
            (400, "invalid_request_error", Some("charge_already_refunded"), Some(REFUSED)),
            (400, "invalid_request_error", Some("payment_intent_unexpected_state"), Some(REFUSED)),
            (400, "invalid_request_error", Some("testmode_charges_only"), Some(MISCONFIGURED)),
            (404, "invalid_request_error", Some("resource_missing"), Some(REFUSED)),
            (401, "invalid_request_error", None, Some(MISCONFIGURED)),
            (401, "invalid_request_error", Some("api_key_expired"), Some(MISCONFIGURED)),
            (403, "invalid_request_error", None, Some(MISCONFIGURED)),
            (402, "card_error", Some("card_declined"), Some(ISSUER)),
            (402, "card_error", Some("expired_card"), Some(PAYER)),
            (402, "card_error", Some("incorrect_cvc"), Some(PAYER)),
            (402, "card_error", Some("incorrect_number"), Some(PAYER)),
            (402, "card_error", Some("invalid_expiry_month"), Some(PAYER)),
            (402, "card_error", Some("invalid_expiry_year"), Some(PAYER)),
            (402, "card_error", Some("authentication_required"), Some(PAYER)),
            (402, "card_error", Some("processing_error"), Some(Meaning::NothingExecuted)),
            (429, "invalid_request_error", Some("rate_limit"), Some(Meaning::NothingExecuted)),
            (429, "invalid_request_error", Some("lock_timeout"), Some(Meaning::NothingExecuted)),
            (400, "idempotency_error", None, None),
            (409, "idempotency_error", Some("idempotency_key_in_use"), None),
            (409, "invalid_request_error", Some("idempotency_key_in_use"), None),
            (424, "api_error", None, None),
            (500, "api_error", None, None),
            (502, "api_error", Some("card_declined"), None),
            (503, "card_error", Some("card_declined"), None),
            // Nobody has documented these.
            (402, "card_error", None, None),
            (402, "card_error", Some("card_moved_away"), None),
            (400, "invalid_request_error", Some("made_up"), None),
            (400, "card_error", Some("card_declined"), None),
            (418, "invalid_request_error", None, None),
            (402, "new_error", Some("card_declined"), None),
        ] {
            assert_eq!(meaning(status, &error(kind, code, None)), expected, "{status} {kind} {code:?}");
        }
    }

    #[test]
    fn a_decline_code_that_nobody_documented_means_nothing() {
        for code in ["", "lost_cards", "LOST_CARD", "insufficient_funds ", "solar_flare"] {
            let found = meaning(402, &error("card_error", Some("card_declined"), Some(code)));
            assert_eq!(found, None, "{code:?}");
        }
        assert_eq!(meaning(402, &StripeError::default()), None);
    }
}
