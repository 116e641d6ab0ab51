//! Holders of accounts, and the standing of businesses.

use super::super::invalid;
use super::partner::{registration_number, taxation_shown};
use crate::app::failure::Failure;
use crate::app::platform::lookup::{CompanyFound, HolderFound};
use jiff::civil::Date;
use paypier_connectors::registry::{BusinessState, CompanyTaxation};
use paypier_wire::v2;

/// An account's number: digits only.
///
/// # Errors
/// Anything else.
pub fn account_number(text: &str) -> Result<&str, Failure> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("accountNumber in the path", "must have digits only"));
    }
    Ok(text)
}

/// A registration number of ten digits.
///
/// # Errors
/// Anything else.
pub fn company_number(member: &str, text: &str) -> Result<Box<str>, Failure> {
    let number = registration_number(member, text)?;
    if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(member, "must have ten digits, with or without dashes"));
    }
    Ok(number)
}

/// `YYMMDD`, `YYYYMMDD` or `YYYY-MM-DD`. Of two digits, a year that would be to come is of the century before.
///
/// # Errors
/// Anything else.
pub fn birthdate(text: &str, today: Date) -> Result<Date, Failure> {
    if text.len() != 6 {
        return super::partner::birthdate(text);
    }
    let this_century = today.year().saturating_sub(today.year() % 100) / 100;
    let of = |century: i16| super::partner::birthdate(&format!("{century:02}{text}"));
    match of(this_century) {
        Ok(day) if day <= today => Ok(day),
        _ => of(this_century.saturating_sub(1)),
    }
}

pub fn holder(found: HolderFound) -> v2::PlatformAccountHolder {
    v2::PlatformAccountHolder { holder_name: found.holder, account_verification_id: found.verification }
}

pub fn company(found: CompanyFound) -> v2::GetPlatformCompanyStatePayload {
    let state = found.state;
    let (business_status, ended_on) = match state.business {
        BusinessState::Going => (v2::PlatformBusinessStatus::InBusiness, None),
        BusinessState::Closed { on } => (v2::PlatformBusinessStatus::Closed, Some(on)),
        BusinessState::Suspended { on } => (v2::PlatformBusinessStatus::Suspended, Some(on)),
    };
    let taxation_type = match state.taxation {
        CompanyTaxation::As(taxation) => match taxation_shown(taxation) {
            v2::PlatformPartnerTaxationType::Normal => v2::PlatformTaxationType::Normal,
            v2::PlatformPartnerTaxationType::SimpleTaxInvoiceIssuer => {
                v2::PlatformTaxationType::SimpleTaxInvoiceIssuer
            }
            v2::PlatformPartnerTaxationType::Simple => v2::PlatformTaxationType::Simple,
            v2::PlatformPartnerTaxationType::TaxFree => v2::PlatformTaxationType::TaxFree,
        },
        CompanyTaxation::AssignedIdNumber => v2::PlatformTaxationType::AssignedIdNumber,
        CompanyTaxation::Special => v2::PlatformTaxationType::Special,
    };
    v2::GetPlatformCompanyStatePayload {
        company_state: v2::PlatformCompanyState {
            taxation_type,
            taxation_type_date: state.taxed_since.map(Into::into),
            business_status,
            closed_suspended_date: ended_on.map(Into::into),
        },
        company_verification_id: found.verification,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_birthdate_of_two_digits_is_in_the_past() {
        let today = date(2026, 11, 27);
        for (text, day) in [
            ("900102", date(1990, 1, 2)),
            ("261127", date(2026, 11, 27)),
            ("261128", date(1926, 11, 28)),
            ("20000102", date(2000, 1, 2)),
            ("2000-01-02", date(2000, 1, 2)),
        ] {
            assert_eq!(birthdate(text, today).unwrap(), day, "{text}");
        }
        assert!(birthdate("901302", today).is_err());
    }

    #[test]
    fn numbers_have_their_lengths() {
        assert_eq!(&*company_number("n", "120-81-47521").unwrap(), "1208147521");
        assert!(company_number("n", "120-81-4752").is_err());
        assert!(account_number("12-3").is_err());
        assert_eq!(account_number("123").unwrap(), "123");
    }
}
