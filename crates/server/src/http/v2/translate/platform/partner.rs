//! Partners: new ones, and how they are shown.

use super::super::{amount, id, invalid};
use super::{graphql_id, is_for_test, name};
use crate::app::failure::Failure;
use crate::app::platform::PlatformFailure;
use crate::app::platform::partner::{NewPartner, Vouchers};
use jiff::civil::Date;
use paypier_domain::money::Currency;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Approval, Connection, Definition, Partner};
use paypier_domain::settlement::id::{ContractId, PartnerId};
use paypier_domain::settlement::partner::{
    Account, AccountStatus, Business, BusinessStatus, BusinessUpdate, Contact, PartnerDetails, PartnerError,
    PartnerTerms, Person,
};
use paypier_domain::settlement::payout::Taxation;
use paypier_domain::settlement::property::MAX_VALUE_CHARS;
use paypier_domain::settlement::version::{Version, VersionKind};
use paypier_wire::v2;
use std::collections::BTreeMap;

/// Where the refusal of a currency has a type of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyRefusal {
    Named,
    Invalid,
}

/// # Errors
/// What a partner needs and does not have, and values that are not accepted.
pub fn asked(body: v2::CreatePlatformPartnerBody) -> Result<NewPartner, Failure> {
    let id = id("id", body.id.as_deref(), PartnerId::parse)?;
    let v2::CreatePlatformPartnerBodyType { business, wht_payer, non_wht_payer } = body.r#type;
    let mut vouchers = Vouchers::default();
    let details = match (business, wht_payer, non_wht_payer) {
        (Some(business), None, None) => {
            vouchers.company = business.company_verification_id;
            let members = BusinessUpdate {
                company_name: Some(required("type.business.companyName", &business.company_name)?),
                registration_number: Some(registration_number(
                    "type.business.businessRegistrationNumber",
                    &business.business_registration_number,
                )?),
                representative_name: Some(required(
                    "type.business.representativeName",
                    &business.representative_name,
                )?),
                taxation: business.taxation_type.map(taxation),
                address: business.company_address.map(Into::into),
                business_type: business.business_type.map(Into::into),
                business_class: business.business_class.map(Into::into),
                status: None,
            };
            PartnerDetails::Business(
                Business::new(&members).map_err(|error| Failure::Invalid(error.to_string()))?,
            )
        }
        (None, Some(person), None) => PartnerDetails::WhtPayer(Person {
            birthdate: person.birthdate.as_deref().map(birthdate).transpose()?,
        }),
        (None, None, Some(person)) => PartnerDetails::NonWhtPayer(Person {
            birthdate: person.birthdate.as_deref().map(birthdate).transpose()?,
        }),
        _ => return Err(invalid("type", "takes exactly one of business, whtPayer and nonWhtPayer")),
    };
    let v2::CreatePlatformPartnerBodyAccount { bank, currency, number, holder, account_verification_id } =
        body.account;
    vouchers.account = account_verification_id;
    checked(&body.tags, body.memo.as_deref())?;
    let (name, default_contract) = (name(&body.name)?, contract_id(&body.default_contract_id)?);
    let properties = properties(body.user_defined_properties)?.unwrap_or_default();
    // Last: a currency that is not supported comes after everything that makes a request invalid.
    let account = account(bank, currency, &number, &holder, CurrencyRefusal::Named)?;
    let terms = PartnerTerms {
        name,
        contact: Contact {
            name: body.contact.name.into(),
            email: body.contact.email.into(),
            phone_number: body.contact.phone_number.map(Into::into),
        },
        account,
        details,
        default_contract,
        tags: body.tags.into_iter().map(Into::into).collect(),
        memo: body.memo.map(Into::into),
        properties,
    };
    Ok(NewPartner { id, terms, vouchers })
}

/// # Errors
/// Too many tags, a memo that is too long.
pub(super) fn checked(tags: &[String], memo: Option<&str>) -> Result<(), Failure> {
    use paypier_domain::settlement::partner::{MAX_MEMO_CHARS, MAX_TAGS};
    if tags.len() > MAX_TAGS {
        return Err(Failure::Invalid(PartnerError::TooManyTags(tags.len()).to_string()));
    }
    match memo.map_or(0, |memo| memo.chars().count()) {
        chars if chars > MAX_MEMO_CHARS => {
            Err(Failure::Invalid(PartnerError::MemoTooLong(chars).to_string()))
        }
        _ => Ok(()),
    }
}

pub(super) fn contract_id(text: &str) -> Result<ContractId, Failure> {
    ContractId::parse(text)
        .map_err(|error| invalid("defaultContractId", &format!("is not accepted: {error}")))
}

pub(super) fn required(member: &str, text: &str) -> Result<Box<str>, Failure> {
    if text.trim().is_empty() { Err(invalid(member, "must not be blank")) } else { Ok(text.into()) }
}

/// Dashes and blanks are left out: the tax office writes ten digits.
pub(super) fn registration_number(member: &str, text: &str) -> Result<Box<str>, Failure> {
    let digits: String = text.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect();
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(invalid(member, "must be a registration number: digits, with or without dashes"));
    }
    Ok(digits.into())
}

/// `YYYY-MM-DD` or `YYYYMMDD`.
pub(super) fn birthdate(text: &str) -> Result<Date, Failure> {
    let refused = || invalid("birthdate", "must be a day as YYYY-MM-DD or YYYYMMDD");
    let digits: String = match text.len() {
        8 => text.to_owned(),
        10 if text.get(4..5) == Some("-") && text.get(7..8) == Some("-") => text.replace('-', ""),
        _ => return Err(refused()),
    };
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok());
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(refused()) };
    let small = |number: i16| i8::try_from(number).map_err(|_| refused());
    Date::new(year, small(month)?, small(day)?).map_err(|_| refused())
}

pub(super) fn account(
    bank: v2::Bank,
    currency: v2::Currency,
    number: &str,
    holder: &str,
    refusal: CurrencyRefusal,
) -> Result<Account, Failure> {
    let currency: Currency = amount::currency(currency)?;
    let holder = required("account.holder", holder)?;
    match (Account::new(bank.as_str(), currency, number, &holder), refusal) {
        (Ok(account), _) => Ok(account),
        (Err(PartnerError::CurrencyNotSupported(currency)), CurrencyRefusal::Named) => {
            // Whatever else is wrong makes the request invalid first.
            match Account::new(bank.as_str(), Currency::KRW, number, &holder) {
                Ok(_) => Err(PlatformFailure::Currency(currency).into()),
                Err(error) => Err(invalid("account", &format!("is not accepted: {error}"))),
            }
        }
        (Err(error), _) => Err(invalid("account", &format!("is not accepted: {error}"))),
    }
}

/// Values by the keys of the properties that a merchant has defined.
type Properties = BTreeMap<Box<str>, Box<str>>;

/// # Errors
/// A value that is too long.
pub(super) fn properties(given: Option<v2::PlatformProperties>) -> Result<Option<Properties>, Failure> {
    let Some(v2::PlatformProperties(given)) = given else { return Ok(None) };
    if given.values().any(|value| value.string.chars().count() > MAX_VALUE_CHARS) {
        return Err(invalid(
            "userDefinedProperties",
            &format!("has a value of more than {MAX_VALUE_CHARS} characters"),
        ));
    }
    Ok(Some(given.into_iter().map(|(key, value)| (key.into(), value.string.into())).collect()))
}

pub(super) const fn taxation(taxation: v2::PlatformPartnerTaxationType) -> Taxation {
    match taxation {
        v2::PlatformPartnerTaxationType::Normal => Taxation::Normal,
        v2::PlatformPartnerTaxationType::SimpleTaxInvoiceIssuer => Taxation::SimpleTaxInvoiceIssuer,
        v2::PlatformPartnerTaxationType::Simple => Taxation::Simple,
        v2::PlatformPartnerTaxationType::TaxFree => Taxation::TaxFree,
    }
}

pub const fn taxation_shown(taxation: Taxation) -> v2::PlatformPartnerTaxationType {
    match taxation {
        Taxation::Normal => v2::PlatformPartnerTaxationType::Normal,
        Taxation::SimpleTaxInvoiceIssuer => v2::PlatformPartnerTaxationType::SimpleTaxInvoiceIssuer,
        Taxation::Simple => v2::PlatformPartnerTaxationType::Simple,
        Taxation::TaxFree => v2::PlatformPartnerTaxationType::TaxFree,
    }
}

/// # Errors
/// `Internal`: the bank or the currency has no word in this dialect.
pub fn shown(partner: &Partner, version: &Version<PartnerTerms>) -> Result<v2::PlatformPartner, Failure> {
    let definition = &partner.definition;
    let id = definition.id().as_str();
    let terms = &version.terms;
    Ok(v2::PlatformPartner {
        id: id.to_owned(),
        graphql_id: graphql_id(VersionKind::Partner, id),
        name: terms.name.to_string(),
        contact: v2::PlatformContact {
            name: terms.contact.name.to_string(),
            phone_number: terms.contact.phone_number.as_deref().map(str::to_owned),
            email: terms.contact.email.to_string(),
        },
        account: account_shown(&terms.account)?,
        status: match partner.approval {
            Approval::Pending => v2::PlatformPartnerStatus::Pending,
            Approval::Approved => v2::PlatformPartnerStatus::Approved,
            Approval::Rejected => v2::PlatformPartnerStatus::Rejected,
        },
        default_contract_id: terms.default_contract.as_str().to_owned(),
        memo: terms.memo.as_deref().map(str::to_owned),
        tags: terms.tags.iter().map(ToString::to_string).collect(),
        r#type: details_shown(&terms.details, &partner.connection),
        is_archived: definition.of.archived,
        applied_at: version.applied_at.into(),
        user_defined_properties: properties_shown(&terms.properties),
        is_for_test: is_for_test(&definition.platform),
    })
}

/// As it is now.
///
/// # Errors
/// As [`shown`].
pub fn current(partner: &Partner) -> Result<v2::PlatformPartner, Failure> {
    shown(partner, partner.definition.of.current())
}

pub fn properties_shown(properties: &BTreeMap<Box<str>, Box<str>>) -> v2::PlatformProperties {
    let value = |value: &str| v2::PlatformUserDefinedPropertyValue { string: value.to_owned() };
    v2::PlatformProperties(properties.iter().map(|(key, text)| (key.to_string(), value(text))).collect())
}

/// # Errors
/// As [`shown`].
pub fn account_shown(account: &Account) -> Result<v2::PlatformAccount, Failure> {
    Ok(v2::PlatformAccount {
        bank: v2::Bank::parse(&account.bank).ok_or_else(|| {
            Failure::internal(format!("the bank {} has no word in this dialect", account.bank))
        })?,
        currency: amount::currency_shown(account.currency)?,
        number: account.number().to_owned(),
        holder: account.holder.to_string(),
        status: match account.status {
            AccountStatus::Verified => v2::PlatformAccountStatus::Verified,
            AccountStatus::VerifyFailed => v2::PlatformAccountStatus::VerifyFailed,
            AccountStatus::VerifyError => v2::PlatformAccountStatus::VerifyError,
            AccountStatus::NotVerified => v2::PlatformAccountStatus::NotVerified,
        },
    })
}

pub fn details_shown(details: &PartnerDetails, connection: &Connection) -> v2::PlatformPartnerType {
    match details {
        PartnerDetails::Business(business) => business_shown(business, connection).into(),
        PartnerDetails::WhtPayer(person) => {
            v2::PlatformPartnerTypeWhtPayer { birthdate: person.birthdate.map(Into::into) }.into()
        }
        PartnerDetails::NonWhtPayer(person) => {
            v2::PlatformPartnerTypeNonWhtPayer { birthdate: person.birthdate.map(Into::into) }.into()
        }
    }
}

fn business_shown(business: &Business, connection: &Connection) -> v2::PlatformPartnerTypeBusiness {
    use v2::PlatformPartnerMemberCompanyConnectionStatus as Status;
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let (connection, reason) = match connection {
        Connection::NotConnected => (Status::NotConnected, None),
        Connection::ConnectPending { .. } => (Status::ConnectPending, None),
        Connection::Connected => (Status::Connected, None),
        Connection::ConnectFailed { reason } => (Status::ConnectFailed, Some(reason.to_string())),
        Connection::DisconnectPending { .. } => (Status::DisconnectPending, None),
    };
    v2::PlatformPartnerTypeBusiness {
        company_name: business.company_name.to_string(),
        taxation_type: taxation_shown(business.taxation),
        business_status: match business.status {
            BusinessStatus::NotVerified => v2::PlatformPartnerBusinessStatus::NotVerified,
            BusinessStatus::VerifyError => v2::PlatformPartnerBusinessStatus::VerifyError,
            BusinessStatus::NotFound => v2::PlatformPartnerBusinessStatus::NotFound,
            BusinessStatus::InBusiness => v2::PlatformPartnerBusinessStatus::InBusiness,
            BusinessStatus::Closed => v2::PlatformPartnerBusinessStatus::Closed,
            BusinessStatus::Suspended => v2::PlatformPartnerBusinessStatus::Suspended,
        },
        business_registration_number: business.registration_number.to_string(),
        representative_name: business.representative_name.to_string(),
        company_address: text(&business.address),
        business_type: text(&business.business_type),
        business_class: text(&business.business_class),
        member_company_connection_status: connection,
        member_company_connection_failed_reason: reason,
    }
}

pub fn options(
    tags: Vec<String>,
    contracts: &[Definition<ContractTerms>],
) -> v2::PlatformPartnerFilterOptions {
    v2::PlatformPartnerFilterOptions {
        tags,
        contract_summary: contracts
            .iter()
            .map(|contract| v2::PlatformPartnerContractSummary {
                id: contract.id().as_str().to_owned(),
                name: contract.terms().name.to_string(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birthdates_have_two_forms() {
        let day = jiff::civil::date(1990, 1, 2);
        for text in ["1990-01-02", "19900102"] {
            assert_eq!(birthdate(text).unwrap(), day, "{text}");
        }
        for text in
            ["", "900102", "1990/01/02", "1990-1-2", "19901302", "1990-02-30", "１９９00102", "199001020"]
        {
            assert!(birthdate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn registration_numbers_lose_their_dashes() {
        assert_eq!(&*registration_number("n", "120-81-47521").unwrap(), "1208147521");
        for text in ["", "--", "한글", "12 34_5"] {
            assert!(registration_number("n", text).is_err(), "{text}");
        }
    }
}
