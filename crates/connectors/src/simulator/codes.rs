//! The PSP's codes as the connector reads them: what each means to us.
//!
//! A code that is not in this list means nothing, and its answer is unknown.

use paypier_domain::outcome::DeclineClass;

/// What a documented code means, and the HTTP status that it comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Documented {
    /// `None` for codes that only orders and refunds carry.
    pub(super) status: Option<u16>,
    pub(super) meaning: Meaning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Not executed, and final for this request.
    Declined(DeclineClass),
    /// Nothing was executed.
    NothingExecuted,
}

/// A query's "there is no such order".
pub(super) const ORDER_NOT_FOUND: &str = "SANDBOX_ORDER_NOT_FOUND";
/// A query's "there is no such cash receipt".
pub(super) const RECEIPT_NOT_FOUND: &str = "SANDBOX_RECEIPT_NOT_FOUND";
/// A query's "there is no such identity verification".
pub(super) const IDENTITY_NOT_FOUND: &str = "SANDBOX_IDENTITY_NOT_FOUND";

pub(super) fn documented(code: &str) -> Option<Documented> {
    let (status, class) = match code {
        "SANDBOX_INVALID_REQUEST" => (Some(400), DeclineClass::Refused),
        "SANDBOX_UNAUTHORIZED" => (Some(401), DeclineClass::Misconfiguration),
        "SANDBOX_DECLINED" | "SANDBOX_INSUFFICIENT_FUNDS" | "SANDBOX_LOST_OR_STOLEN" => {
            (Some(402), DeclineClass::Issuer)
        }
        "SANDBOX_EXPIRED_CARD"
        | "SANDBOX_INCORRECT_SECURITY_DATA"
        | "SANDBOX_INVALID_CARD"
        | "SANDBOX_AUTHENTICATION_FAILED" => (Some(402), DeclineClass::Payer),
        ORDER_NOT_FOUND
        | RECEIPT_NOT_FOUND
        | IDENTITY_NOT_FOUND
        | "SANDBOX_TOKEN_NOT_FOUND"
        | "SANDBOX_REFUND_NOT_FOUND" => (Some(404), DeclineClass::Refused),
        "SANDBOX_UNKNOWN_CALL" => (Some(404), DeclineClass::NotSupported),
        "SANDBOX_ACCOUNT_EXPIRED" | "SANDBOX_IDENTITY_NOT_APPROVED" | "SANDBOX_IDENTITY_NOT_BY_SMS" => {
            (Some(409), DeclineClass::Payer)
        }
        "SANDBOX_IDENTITY_WRONG_CODE" => (Some(422), DeclineClass::Payer),
        "SANDBOX_IDENTITY_RESENT_TOO_OFTEN" => (Some(429), DeclineClass::Payer),
        "SANDBOX_IDENTITY_CLOSED" => (Some(409), DeclineClass::Refused),
        "SANDBOX_REFERENCE_REUSED"
        | "SANDBOX_NOT_APPROVED"
        | "SANDBOX_NOT_CAPTURABLE"
        | "SANDBOX_REFUND_NOT_PENDING"
        | "SANDBOX_ACCOUNT_HAS_DEPOSIT"
        | "SANDBOX_NOT_WAITING_FOR_DEPOSIT"
        | "SANDBOX_NOT_IN_ESCROW"
        | "SANDBOX_DELIVERY_REGISTERED"
        | "SANDBOX_DELIVERY_NOT_REGISTERED"
        | "SANDBOX_DELIVERY_OVER" => (Some(409), DeclineClass::Refused),
        "SANDBOX_CAPTURE_AMOUNT_MISMATCH"
        | "SANDBOX_REFUND_REFUSED"
        | "SANDBOX_REFUND_EXCEEDS_APPROVED"
        | "SANDBOX_REFUND_ACCOUNT_MISSING"
        | "SANDBOX_REFUND_ACCOUNT_UNKNOWN"
        | "SANDBOX_INVOICE_UNKNOWN"
        | "SANDBOX_STORE_UNKNOWN"
        | "SANDBOX_RECEIPT_REFUSED" => (Some(422), DeclineClass::Refused),
        "SANDBOX_REFUND_FAILED" | "SANDBOX_REFUND_STOPPED" | "SANDBOX_ACCOUNT_CLOSED" => {
            (None, DeclineClass::Refused)
        }
        "SANDBOX_PSP_ERROR" => {
            return Some(Documented { status: Some(503), meaning: Meaning::NothingExecuted });
        }
        _ => return None,
    };
    Some(Documented { status, meaning: Meaning::Declined(class) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::psp::code::Code;

    #[test]
    fn every_code_that_the_psp_documents_has_a_meaning() {
        for code in Code::ALL {
            let documented = documented(code.as_str()).unwrap_or_else(|| panic!("{}", code.as_str()));
            assert!(
                documented.status.is_none_or(|status| status == code.status().as_u16()),
                "{}",
                code.as_str()
            );
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_code_that_nobody_documented_means_nothing() {
        for code in ["", "SANDBOX_", "SANDBOX_NEW", "sandbox_declined", "SANDBOX_DECLINED "] {
            assert_eq!(documented(code), None, "{code:?}");
        }
    }
}
