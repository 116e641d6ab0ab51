//! Partners: who is paid, where to, and how the tax office sees them (v2-platform, section 7).
//!
//! A partner has versions like a contract. Verification of accounts and companies is not decided
//! here; a new account or registration number is only said to need it.

use super::id::{ContractId, PartnerId};
use super::payout::{PartnerType, Taxation};
use super::version::{Terms, VersionKind};
use crate::money::Currency;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The most tags of a partner.
pub const MAX_TAGS: usize = 10;
/// The longest memo, in characters.
pub const MAX_MEMO_CHARS: usize = 256;

/// The terms of one version of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerTerms {
    pub name: Box<str>,
    pub contact: Contact,
    pub account: Account,
    pub details: PartnerDetails,
    pub default_contract: ContractId,
    pub tags: Vec<Box<str>>,
    pub memo: Option<Box<str>>,
    /// By keys that the operator has defined.
    pub properties: BTreeMap<Box<str>, Box<str>>,
}

/// Whom to write to. Its values are not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    pub name: Box<str>,
    pub email: Box<str>,
    pub phone_number: Option<Box<str>>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// What an update names of a contact.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContactUpdate {
    pub name: Option<Box<str>>,
    pub email: Option<Box<str>>,
    pub phone_number: Option<Box<str>>,
}

impl std::fmt::Debug for ContactUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactUpdate(..)")
    }
}

impl Contact {
    fn updated(&self, update: &ContactUpdate) -> Self {
        Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            email: update.email.clone().unwrap_or_else(|| self.email.clone()),
            phone_number: update.phone_number.clone().or_else(|| self.phone_number.clone()),
        }
    }
}

/// Where the money goes. Number and holder are not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub bank: Box<str>,
    pub currency: Currency,
    number: Box<str>,
    pub holder: Box<str>,
    /// What the bank says about the holder.
    pub status: AccountStatus,
}

/// What is known about an account's holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    Verified,
    /// The bank knows another holder.
    VerifyFailed,
    /// The bank could not be asked.
    VerifyError,
    /// Nobody asked: the account is not in won.
    NotVerified,
}

impl AccountStatus {
    pub const ALL: [Self; 4] = [Self::Verified, Self::VerifyFailed, Self::VerifyError, Self::NotVerified];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::VerifyFailed => "VERIFY_FAILED",
            Self::VerifyError => "VERIFY_ERROR",
            Self::NotVerified => "NOT_VERIFIED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What the tax office says about a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BusinessStatus {
    /// Nobody asked.
    #[default]
    NotVerified,
    /// The tax office could not be asked.
    VerifyError,
    NotFound,
    InBusiness,
    Closed,
    Suspended,
}

impl BusinessStatus {
    pub const ALL: [Self; 6] = [
        Self::NotVerified,
        Self::VerifyError,
        Self::NotFound,
        Self::InBusiness,
        Self::Closed,
        Self::Suspended,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotVerified => "NOT_VERIFIED",
            Self::VerifyError => "VERIFY_ERROR",
            Self::NotFound => "NOT_FOUND",
            Self::InBusiness => "IN_BUSINESS",
            Self::Closed => "CLOSED",
            Self::Suspended => "SUSPENDED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({}, {}, ..)", self.bank, self.currency)
    }
}

impl Account {
    /// Dashes and blanks are left out of the number.
    ///
    /// # Errors
    /// A number that has anything but digits left, or none at all; a currency that is not supported.
    pub fn new(bank: &str, currency: Currency, number: &str, holder: &str) -> Result<Self, PartnerError> {
        if !super::is_supported(currency) {
            return Err(PartnerError::CurrencyNotSupported(currency));
        }
        let number: String = number.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect();
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PartnerError::AccountNumber);
        }
        let status = AccountStatus::NotVerified;
        Ok(Self { bank: bank.into(), currency, number: number.into(), holder: holder.into(), status })
    }

    /// With what the bank said about the holder.
    #[must_use]
    pub fn with_status(self, status: AccountStatus) -> Self {
        Self { status, ..self }
    }

    /// Whether it is the same account under the same holder, whatever is known about the holder.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.bank, self.currency, &self.number, &self.holder)
            == (&other.bank, other.currency, &other.number, &other.holder)
    }

    /// Digits only.
    pub fn number(&self) -> &str {
        &self.number
    }
}

/// A partner to the tax office, with what each kind brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartnerDetails {
    Business(Business),
    WhtPayer(Person),
    NonWhtPayer(Person),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    pub company_name: Box<str>,
    pub registration_number: Box<str>,
    pub representative_name: Box<str>,
    pub taxation: Taxation,
    pub address: Option<Box<str>>,
    pub business_type: Option<Box<str>>,
    pub business_class: Option<Box<str>>,
    pub status: BusinessStatus,
}

/// A person's birthdate is not for logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub birthdate: Option<Date>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// What an update names of a partner's kind; to become another kind, it must name enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetailsUpdate {
    Business(BusinessUpdate),
    WhtPayer(Person),
    NonWhtPayer(Person),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessUpdate {
    pub company_name: Option<Box<str>>,
    pub registration_number: Option<Box<str>>,
    pub representative_name: Option<Box<str>>,
    pub taxation: Option<Taxation>,
    pub address: Option<Box<str>>,
    pub business_type: Option<Box<str>>,
    pub business_class: Option<Box<str>>,
    /// Comes with a registration number.
    pub status: Option<BusinessStatus>,
}

/// What an update of a partner names; an absent member keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartnerUpdate {
    pub name: Option<Box<str>>,
    pub contact: Option<ContactUpdate>,
    pub account: Option<Account>,
    pub details: Option<DetailsUpdate>,
    pub default_contract: Option<ContractId>,
    pub tags: Option<Vec<Box<str>>>,
    pub memo: Option<Box<str>>,
    /// Replaces all.
    pub properties: Option<BTreeMap<Box<str>, Box<str>>>,
}

/// Why a partner's data was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartnerError {
    #[error("accounts in {0} are not supported")]
    CurrencyNotSupported(Currency),
    #[error("an account number has digits, dashes and blanks only")]
    AccountNumber,
    #[error("{0} tags are too many; at most {MAX_TAGS} are accepted")]
    TooManyTags(usize),
    #[error("the memo has {0} characters; at most {MAX_MEMO_CHARS} are accepted")]
    MemoTooLong(usize),
    /// `INSUFFICIENT_DATA_TO_CHANGE_PARTNER_TYPE`.
    #[error("to become a business, a partner needs {0}")]
    InsufficientData(&'static str),
}

impl PartnerDetails {
    pub const fn partner_type(&self) -> PartnerType {
        match self {
            Self::Business(business) => PartnerType::Business(business.taxation),
            Self::WhtPayer(_) => PartnerType::WhtPayer,
            Self::NonWhtPayer(_) => PartnerType::NonWhtPayer,
        }
    }

    /// With an update: details of the same kind are changed one by one, another kind replaces all.
    ///
    /// # Errors
    /// Another kind of which a required member is missing.
    pub fn updated(&self, update: &DetailsUpdate) -> Result<Self, PartnerError> {
        let person = |current: Option<&Person>, update: &Person| Person {
            birthdate: update.birthdate.or_else(|| current.and_then(|person| person.birthdate)),
        };
        Ok(match (self, update) {
            (Self::Business(business), DetailsUpdate::Business(update)) => {
                Self::Business(business.updated(update))
            }
            (Self::WhtPayer(_) | Self::NonWhtPayer(_), DetailsUpdate::Business(update)) => {
                Self::Business(Business::new(update)?)
            }
            (Self::WhtPayer(current), DetailsUpdate::WhtPayer(update)) => {
                Self::WhtPayer(person(Some(current), update))
            }
            (Self::NonWhtPayer(current), DetailsUpdate::NonWhtPayer(update)) => {
                Self::NonWhtPayer(person(Some(current), update))
            }
            (_, DetailsUpdate::WhtPayer(update)) => Self::WhtPayer(person(None, update)),
            (_, DetailsUpdate::NonWhtPayer(update)) => Self::NonWhtPayer(person(None, update)),
        })
    }

    /// Whether an update is about the kind that the partner has: a bulk update may be nothing else.
    pub const fn is_of_kind(&self, update: &DetailsUpdate) -> bool {
        matches!(
            (self, update),
            (Self::Business(_), DetailsUpdate::Business(_))
                | (Self::WhtPayer(_), DetailsUpdate::WhtPayer(_))
                | (Self::NonWhtPayer(_), DetailsUpdate::NonWhtPayer(_))
        )
    }
}

impl Business {
    /// # Errors
    /// The first required member that is missing.
    pub fn new(members: &BusinessUpdate) -> Result<Self, PartnerError> {
        let required =
            |value: &Option<Box<str>>, name| value.clone().ok_or(PartnerError::InsufficientData(name));
        Ok(Self {
            company_name: required(&members.company_name, "companyName")?,
            registration_number: required(&members.registration_number, "businessRegistrationNumber")?,
            representative_name: required(&members.representative_name, "representativeName")?,
            taxation: members.taxation.unwrap_or(Taxation::Normal),
            address: members.address.clone(),
            business_type: members.business_type.clone(),
            business_class: members.business_class.clone(),
            status: members.status.unwrap_or_default(),
        })
    }

    fn updated(&self, update: &BusinessUpdate) -> Self {
        let text =
            |update: &Option<Box<str>>, current: &str| update.clone().unwrap_or_else(|| current.into());
        let optional = |update: &Option<Box<str>>, current: &Option<Box<str>>| {
            update.clone().or_else(|| current.clone())
        };
        Self {
            company_name: text(&update.company_name, &self.company_name),
            registration_number: text(&update.registration_number, &self.registration_number),
            representative_name: text(&update.representative_name, &self.representative_name),
            taxation: update.taxation.unwrap_or(self.taxation),
            address: optional(&update.address, &self.address),
            business_type: optional(&update.business_type, &self.business_type),
            business_class: optional(&update.business_class, &self.business_class),
            status: update.status.unwrap_or(self.status),
        }
    }
}

impl PartnerTerms {
    /// Whether an update can be applied to these terms, and would leave them within their bounds.
    ///
    /// # Errors
    /// The first rule that is broken, in the order of [`PartnerError`].
    pub fn accepts(&self, update: &PartnerUpdate) -> Result<(), PartnerError> {
        checked(update.tags.as_deref(), update.memo.as_deref())?;
        match &update.details {
            Some(details) => self.details.updated(details).map(|_| ()),
            None => Ok(()),
        }
    }

    /// # Errors
    /// Too many tags, or a memo that is too long.
    pub fn checked(self) -> Result<Self, PartnerError> {
        checked(Some(&self.tags), self.memo.as_deref()).map(|()| self)
    }

    /// Whether another account is paid after an update, which has to be verified then.
    pub fn needs_verification(&self, update: &PartnerUpdate) -> bool {
        update.account.as_ref().is_some_and(|account| !account.is_same(&self.account))
    }
}

fn checked(tags: Option<&[Box<str>]>, memo: Option<&str>) -> Result<(), PartnerError> {
    let tags = tags.map_or(0, <[_]>::len);
    if tags > MAX_TAGS {
        return Err(PartnerError::TooManyTags(tags));
    }
    match memo.map_or(0, |memo| memo.chars().count()) {
        chars if chars > MAX_MEMO_CHARS => Err(PartnerError::MemoTooLong(chars)),
        _ => Ok(()),
    }
}

impl Terms for PartnerTerms {
    type Id = PartnerId;
    type Update = PartnerUpdate;
    const KIND: VersionKind = VersionKind::Partner;

    /// Updates are checked by [`PartnerTerms::accepts`] when they are asked for. A reserved one that no
    /// longer fits, because the partner has become another kind since, leaves the kind as it is.
    fn updated(&self, update: &Self::Update) -> Self {
        let details = update.details.as_ref().and_then(|details| self.details.updated(details).ok());
        Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            contact: update
                .contact
                .as_ref()
                .map_or_else(|| self.contact.clone(), |contact| self.contact.updated(contact)),
            account: update.account.clone().unwrap_or_else(|| self.account.clone()),
            details: details.unwrap_or_else(|| self.details.clone()),
            default_contract: update
                .default_contract
                .clone()
                .unwrap_or_else(|| self.default_contract.clone()),
            tags: update.tags.clone().unwrap_or_else(|| self.tags.clone()),
            memo: update.memo.clone().or_else(|| self.memo.clone()),
            properties: update.properties.clone().unwrap_or_else(|| self.properties.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::day_in_korea;
    use super::super::version::Versioned;
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;

    fn account(number: &str) -> Account {
        Account::new("KOOKMIN", Currency::KRW, number, "홍길동").unwrap()
    }

    fn partner() -> PartnerTerms {
        PartnerTerms {
            name: "a bakery".into(),
            contact: Contact { name: "Hong".into(), email: "hong@example.com".into(), phone_number: None },
            account: account("123-45 678"),
            details: PartnerDetails::WhtPayer(Person { birthdate: Some(date(1990, 1, 2)) }),
            default_contract: ContractId::known("a"),
            tags: vec!["bread".into()],
            memo: None,
            properties: BTreeMap::from([("color".into(), "red".into())]),
        }
    }

    fn company() -> BusinessUpdate {
        BusinessUpdate {
            company_name: Some("Bread Inc.".into()),
            registration_number: Some("1234567890".into()),
            representative_name: Some("Hong".into()),
            ..Default::default()
        }
    }

    #[test]
    fn account_numbers_are_digits() {
        assert_eq!(account("123-45 678").number(), "12345678");
        for number in ["", "-", "12a4", "１２３"] {
            assert_eq!(
                Account::new("KOOKMIN", Currency::KRW, number, "x"),
                Err(PartnerError::AccountNumber),
                "{number}"
            );
        }
        let gbp = Currency::parse("GBP").unwrap();
        assert_eq!(Account::new("X", gbp, "1", "x"), Err(PartnerError::CurrencyNotSupported(gbp)));
    }

    #[test]
    fn another_kind_needs_its_required_members() {
        let details = partner().details;
        for (members, missing) in [
            (BusinessUpdate { company_name: None, ..company() }, "companyName"),
            (BusinessUpdate { registration_number: None, ..company() }, "businessRegistrationNumber"),
            (BusinessUpdate { representative_name: None, ..company() }, "representativeName"),
        ] {
            let update = DetailsUpdate::Business(members);
            assert_eq!(details.updated(&update), Err(PartnerError::InsufficientData(missing)));
            assert!(!details.is_of_kind(&update));
        }
        let business = details.updated(&DetailsUpdate::Business(company())).unwrap();
        assert_eq!(business.partner_type(), PartnerType::Business(Taxation::Normal));
        // The same kind may name one member only.
        let tax_free = BusinessUpdate { taxation: Some(Taxation::TaxFree), ..Default::default() };
        let business = business.updated(&DetailsUpdate::Business(tax_free)).unwrap();
        assert_eq!(business.partner_type(), PartnerType::Business(Taxation::TaxFree));
        let PartnerDetails::Business(of) = &business else { panic!("{business:?}") };
        assert_eq!(&*of.company_name, "Bread Inc.");
        // A birthdate is kept while the kind is.
        assert_eq!(details.updated(&DetailsUpdate::WhtPayer(Person::default())).unwrap(), details);
        let other = details.updated(&DetailsUpdate::NonWhtPayer(Person::default())).unwrap();
        assert_eq!(other, PartnerDetails::NonWhtPayer(Person::default()));
    }

    #[test]
    fn bounds_are_checked_before_the_kind() {
        let tags = |count| Some(vec![Box::from("t"); count]);
        let memo = |chars| Some(Box::from("가".repeat(chars)));
        let kind = Some(DetailsUpdate::Business(BusinessUpdate::default()));
        for (update, refusal) in [
            (
                PartnerUpdate {
                    tags: tags(11),
                    memo: memo(257),
                    details: kind.clone(),
                    ..Default::default()
                },
                Err(PartnerError::TooManyTags(11)),
            ),
            (
                PartnerUpdate {
                    tags: tags(10),
                    memo: memo(257),
                    details: kind.clone(),
                    ..Default::default()
                },
                Err(PartnerError::MemoTooLong(257)),
            ),
            (
                PartnerUpdate { memo: memo(256), details: kind, ..Default::default() },
                Err(PartnerError::InsufficientData("companyName")),
            ),
            (PartnerUpdate { tags: tags(0), ..Default::default() }, Ok(())),
        ] {
            assert_eq!(partner().accepts(&update), refusal);
        }
        assert!(PartnerTerms { tags: tags(11).unwrap(), ..partner() }.checked().is_err());
        assert!(partner().checked().is_ok());
    }

    #[test]
    fn the_default_contract_is_that_of_the_start_date() {
        // Section 6: a contract change that is reserved for the 2nd.
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let update = PartnerUpdate {
            default_contract: Some(ContractId::known("b")),
            account: Some(account("999")),
            ..Default::default()
        };
        assert!(partner().needs_verification(&update));
        assert!(
            !partner().needs_verification(&PartnerUpdate {
                account: Some(account("12345678")),
                ..Default::default()
            })
        );
        let then = at("2024-11-02T00:00:00+09:00");
        let partner = Versioned::new(PartnerId::known("p"), partner(), at("2024-01-01T00:00:00Z"))
            .reserve(update, then, at("2024-10-15T00:00:00Z"))
            .unwrap();
        let contract = |day| partner.in_force_on(day).terms.default_contract;
        assert_eq!(contract(date(2024, 11, 1)).as_str(), "a");
        assert_eq!(contract(day_in_korea(then)).as_str(), "b");
        assert_eq!(partner.upcoming().unwrap().terms.properties, self::partner().properties);
    }

    #[test]
    fn a_reserved_update_that_no_longer_fits_leaves_the_kind() {
        let moment = |day: i8| day_in_korea_start(2024, 11, day);
        let tax_free = BusinessUpdate { taxation: Some(Taxation::TaxFree), ..Default::default() };
        let reserved = PartnerUpdate {
            name: Some("a bakery, renamed".into()),
            details: Some(DetailsUpdate::Business(tax_free)),
            ..Default::default()
        };
        let business =
            PartnerUpdate { details: Some(DetailsUpdate::Business(company())), ..Default::default() };
        let person = PartnerUpdate {
            details: Some(DetailsUpdate::NonWhtPayer(Person::default())),
            ..Default::default()
        };
        let partner = Versioned::new(PartnerId::known("p"), partner(), moment(1))
            .update(&business, moment(2))
            .unwrap()
            .reserve(reserved, moment(9), moment(3))
            .unwrap()
            .update(&person, moment(4))
            .unwrap()
            .as_of(moment(9));
        let now = &partner.current().terms;
        assert_eq!((&*now.name, now.details.partner_type()), ("a bakery, renamed", PartnerType::NonWhtPayer));
    }

    fn day_in_korea_start(year: i16, month: i8, day: i8) -> Timestamp {
        format!("{}T00:00:00+09:00", date(year, month, day)).parse().unwrap()
    }

    #[test]
    fn nothing_personal_is_printed() {
        let printed = format!("{:?}", partner());
        for secret in ["12345678", "홍길동", "hong@example.com", "1990"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
