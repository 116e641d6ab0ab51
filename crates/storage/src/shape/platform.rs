//! Policies, contracts and partners: the terms of a version, and the update that is reserved.
//!
//! The row of a thing holds its current version and its reserved update ([`Kept`]), a row of
//! `platform_versions` the terms of one version ([`Stored::document`]).

use super::{Read, Senseless, Text, document, instant, shape, text};
use crate::row::{Value, micros, optional};
use paypier_domain::money::{Amount, Currency, Rate};
use paypier_domain::settlement::contract::{ContractTerms, ContractUpdate, PaymentVat};
use paypier_domain::settlement::cycle::{CycleMethod, DatePolicy, DayOfWeek, SettlementCycle};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId};
use paypier_domain::settlement::partner::{
    Account, AccountStatus, Business, BusinessStatus, BusinessUpdate, Contact, ContactUpdate, DetailsUpdate,
    PartnerDetails, PartnerTerms, PartnerUpdate, Person,
};
use paypier_domain::settlement::payout::Taxation;
use paypier_domain::settlement::policy::{
    AdditionalFeeTerms, AdditionalFeeUpdate, DiscountShareTerms, DiscountShareUpdate, Fee, Payer,
};
use paypier_domain::settlement::version::{Reserved, Terms, Version, Versioned};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Terms that are stored.
pub(crate) trait Stored: Terms {
    /// The word of the kind, in keys.
    const WORD: &'static str;

    fn known(id: String) -> Self::Id;
    fn name_of(id: &Self::Id) -> &str;
    fn document(&self) -> serde_json::Value;
    fn read(document: serde_json::Value) -> Read<Self>;
    fn document_of(update: &Self::Update) -> serde_json::Value;
    fn read_update(document: serde_json::Value) -> Read<Self::Update>;
}

/// Policies and contracts, which share a table.
pub(crate) trait Rule: Stored {
    fn columns(&self) -> RuleColumns<'_>;
}

/// What lists are narrowed down by.
pub(crate) struct RuleColumns<'a> {
    pub(crate) name: &'a str,
    /// A rate in 10⁻⁵ or an amount.
    pub(crate) figure: i64,
    pub(crate) payer: Option<&'static str>,
    pub(crate) cycle: Option<&'static str>,
    pub(crate) date_policy: Option<&'static str>,
}

impl RuleColumns<'_> {
    pub(crate) fn values(&self, values: &mut Vec<Value>) {
        // In lower case, because it is searched.
        values.push(Value::from(self.name.to_lowercase()));
        values.push(self.figure.into());
        values.push(optional(self.payer));
        values.push(optional(self.cycle));
        values.push(optional(self.date_policy));
    }
}

/// The row's document.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    applied_at: i64,
    terms: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reserved: Option<serde_json::Value>,
}

impl Kept {
    pub(crate) fn of<T: Stored>(versioned: &Versioned<T>) -> String {
        let current = versioned.current();
        document(&Self {
            applied_at: micros(current.applied_at),
            terms: current.terms.document(),
            reserved: versioned.reserved().map(|reserved| T::document_of(&reserved.update)),
        })
    }

    pub(crate) fn read<T: Stored>(
        self,
        id: String,
        reserved_at: Option<jiff::Timestamp>,
        archived: bool,
    ) -> Read<Versioned<T>> {
        let reserved = match (self.reserved, reserved_at) {
            (Some(update), Some(applied_at)) => {
                Some(Reserved { applied_at, update: T::read_update(update)? })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(Senseless("reserved")),
        };
        let applied_at = instant(self.applied_at, "applied_at")?;
        let current = Version { applied_at, terms: T::read(self.terms)? };
        Versioned::known(T::known(id), vec![current], reserved, archived).ok_or(Senseless("terms"))
    }
}

fn parsed<S: DeserializeOwned>(document: serde_json::Value, member: &'static str) -> Read<S> {
    serde_json::from_value(document).map_err(|_| Senseless(member))
}

fn value<S: Serialize>(shape: &S) -> serde_json::Value {
    // The shapes hold nothing that JSON cannot say.
    serde_json::to_value(shape).unwrap_or_default()
}

fn words<T: Copy + PartialEq>(all: &[(T, &'static str)], one: T) -> &'static str {
    all.iter().find(|(value, _)| *value == one).map_or("", |(_, word)| word)
}

fn meant<T: Copy>(all: &[(T, &'static str)], word: &str, member: &'static str) -> Read<T> {
    all.iter().find(|(_, known)| *known == word).map(|(value, _)| *value).ok_or(Senseless(member))
}

const PAYERS: [(Payer, &str); 2] = [(Payer::Partner, "PARTNER"), (Payer::Merchant, "MERCHANT")];
const DATE_POLICIES: [(DatePolicy, &str); 3] = [
    (DatePolicy::HolidayBefore, "HOLIDAY_BEFORE"),
    (DatePolicy::HolidayAfter, "HOLIDAY_AFTER"),
    (DatePolicy::CalendarDay, "CALENDAR_DAY"),
];
const WEEKDAYS: [(DayOfWeek, &str); 7] = [
    (DayOfWeek::Monday, "MON"),
    (DayOfWeek::Tuesday, "TUE"),
    (DayOfWeek::Wednesday, "WED"),
    (DayOfWeek::Thursday, "THU"),
    (DayOfWeek::Friday, "FRI"),
    (DayOfWeek::Saturday, "SAT"),
    (DayOfWeek::Sunday, "SUN"),
];
pub(crate) const TAXATIONS: [(Taxation, &str); 4] = [
    (Taxation::Normal, "NORMAL"),
    (Taxation::SimpleTaxInvoiceIssuer, "SIMPLE_TAX_INVOICE_ISSUER"),
    (Taxation::Simple, "SIMPLE"),
    (Taxation::TaxFree, "TAX_FREE"),
];

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FeeShape {
    Rate(u32),
    Fixed(i64),
}

impl FeeShape {
    fn of(fee: Fee) -> Self {
        match fee {
            Fee::Rate(rate) => Self::Rate(rate.as_millipercent()),
            Fee::Fixed(amount) => Self::Fixed(amount.minor_units()),
        }
    }

    fn read(self) -> Read<Fee> {
        Ok(match self {
            Self::Rate(thousandths) => Fee::Rate(Rate::millipercent(thousandths)),
            Self::Fixed(units) => Fee::Fixed(Amount::new(units).map_err(|_| Senseless("fee"))?),
        })
    }
}

fn figure(fee: Fee) -> i64 {
    match fee {
        Fee::Rate(rate) => rate.as_millipercent().into(),
        Fee::Fixed(amount) => amount.minor_units(),
    }
}

/// Terms and updates have the same members here; of terms, those that must be there are looked for.
fn must<V>(member: Option<V>, name: &'static str) -> Read<V> {
    member.ok_or(Senseless(name))
}

fn boxed(text: Option<Text<'_>>) -> Option<Box<str>> {
    text.map(|text| text.into_owned().into_boxed_str())
}

fn maybe(text: &Option<Box<str>>) -> Option<Text<'_>> {
    text.as_deref().map(super::text)
}

shape! { DiscountShare { ; name: Text<'a>, share: u32, memo: Text<'a> } }

impl Stored for DiscountShareTerms {
    const WORD: &'static str = "DISCOUNT_SHARE";

    fn known(id: String) -> DiscountSharePolicyId {
        DiscountSharePolicyId::known(id)
    }
    fn name_of(id: &DiscountSharePolicyId) -> &str {
        id.as_str()
    }
    fn document(&self) -> serde_json::Value {
        value(&DiscountShare {
            name: Some(text(&self.name)),
            share: Some(self.partner_share.as_millipercent()),
            memo: maybe(&self.memo),
        })
    }
    fn read(document: serde_json::Value) -> Read<Self> {
        let update = Self::read_update(document)?;
        Ok(Self {
            name: must(update.name, "name")?,
            partner_share: must(update.partner_share, "share")?,
            memo: update.memo,
        })
    }
    fn document_of(update: &DiscountShareUpdate) -> serde_json::Value {
        value(&DiscountShare {
            name: maybe(&update.name),
            share: update.partner_share.map(Rate::as_millipercent),
            memo: maybe(&update.memo),
        })
    }
    fn read_update(document: serde_json::Value) -> Read<DiscountShareUpdate> {
        let shape: DiscountShare<'static> = parsed(document, "terms")?;
        Ok(DiscountShareUpdate {
            name: boxed(shape.name),
            partner_share: shape.share.map(Rate::millipercent),
            memo: boxed(shape.memo),
        })
    }
}

impl Rule for DiscountShareTerms {
    fn columns(&self) -> RuleColumns<'_> {
        let figure = self.partner_share.as_millipercent().into();
        RuleColumns { name: &self.name, figure, payer: None, cycle: None, date_policy: None }
    }
}

shape! { AdditionalFee { ; name: Text<'a>, fee: FeeShape, vat_payer: Text<'a>, memo: Text<'a> } }

impl Stored for AdditionalFeeTerms {
    const WORD: &'static str = "ADDITIONAL_FEE";

    fn known(id: String) -> AdditionalFeePolicyId {
        AdditionalFeePolicyId::known(id)
    }
    fn name_of(id: &AdditionalFeePolicyId) -> &str {
        id.as_str()
    }
    fn document(&self) -> serde_json::Value {
        value(&AdditionalFee {
            name: Some(text(&self.name)),
            fee: Some(FeeShape::of(self.fee)),
            vat_payer: Some(text(words(&PAYERS, self.vat_payer))),
            memo: maybe(&self.memo),
        })
    }
    fn read(document: serde_json::Value) -> Read<Self> {
        let update = Self::read_update(document)?;
        Ok(Self {
            name: must(update.name, "name")?,
            fee: must(update.fee, "fee")?,
            vat_payer: must(update.vat_payer, "vat_payer")?,
            memo: update.memo,
        })
    }
    fn document_of(update: &AdditionalFeeUpdate) -> serde_json::Value {
        value(&AdditionalFee {
            name: maybe(&update.name),
            fee: update.fee.map(FeeShape::of),
            vat_payer: update.vat_payer.map(|payer| text(words(&PAYERS, payer))),
            memo: maybe(&update.memo),
        })
    }
    fn read_update(document: serde_json::Value) -> Read<AdditionalFeeUpdate> {
        let shape: AdditionalFee<'static> = parsed(document, "terms")?;
        Ok(AdditionalFeeUpdate {
            name: boxed(shape.name),
            fee: shape.fee.map(FeeShape::read).transpose()?,
            vat_payer: shape.vat_payer.map(|word| meant(&PAYERS, &word, "vat_payer")).transpose()?,
            memo: boxed(shape.memo),
        })
    }
}

impl Rule for AdditionalFeeTerms {
    fn columns(&self) -> RuleColumns<'_> {
        RuleColumns {
            name: &self.name,
            figure: figure(self.fee),
            payer: Some(words(&PAYERS, self.vat_payer)),
            cycle: None,
            date_policy: None,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MethodShape {
    Daily,
    Weekly(Vec<String>),
    Monthly(Vec<i8>),
    ManualDates(Vec<(i8, i8)>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CycleShape {
    lag_days: u8,
    date_policy: String,
    method: MethodShape,
}

impl CycleShape {
    fn of(cycle: &SettlementCycle) -> Self {
        Self {
            lag_days: cycle.lag_days(),
            date_policy: words(&DATE_POLICIES, cycle.date_policy).to_owned(),
            method: match cycle.method() {
                CycleMethod::Daily => MethodShape::Daily,
                CycleMethod::Weekly(days) => {
                    MethodShape::Weekly(days.iter().map(|day| words(&WEEKDAYS, day).to_owned()).collect())
                }
                CycleMethod::Monthly(days) => MethodShape::Monthly(days.iter().collect()),
                CycleMethod::ManualDates(dates) => MethodShape::ManualDates(dates.iter().collect()),
            },
        }
    }

    fn read(self) -> Read<SettlementCycle> {
        let wrong = |_| Senseless("cycle");
        let method = match self.method {
            MethodShape::Daily => CycleMethod::Daily,
            MethodShape::Weekly(days) => {
                let days: Read<Vec<_>> = days.iter().map(|day| meant(&WEEKDAYS, day, "cycle")).collect();
                CycleMethod::weekly(days?).map_err(wrong)?
            }
            MethodShape::Monthly(days) => {
                CycleMethod::monthly(days.into_iter().map(i32::from)).map_err(wrong)?
            }
            MethodShape::ManualDates(dates) => {
                let dates = dates.into_iter().map(|(month, day)| (i32::from(month), i32::from(day)));
                CycleMethod::manual_dates(dates).map_err(wrong)?
            }
        };
        let policy = meant(&DATE_POLICIES, &self.date_policy, "cycle")?;
        SettlementCycle::new(self.lag_days.into(), policy, method).map_err(wrong)
    }
}

const fn cycle_word(method: &CycleMethod) -> &'static str {
    match method {
        CycleMethod::Daily => "DAILY",
        CycleMethod::Weekly(_) => "WEEKLY",
        CycleMethod::Monthly(_) => "MONTHLY",
        CycleMethod::ManualDates(_) => "MANUAL_DATES",
    }
}

shape! { Contract { ; name: Text<'a>, fee: FeeShape, vat_payer: Text<'a>, cycle: CycleShape, withholds_vat: bool,
memo: Text<'a> } }

impl Stored for ContractTerms {
    const WORD: &'static str = "CONTRACT";

    fn known(id: String) -> ContractId {
        ContractId::known(id)
    }
    fn name_of(id: &ContractId) -> &str {
        id.as_str()
    }
    fn document(&self) -> serde_json::Value {
        value(&Contract {
            name: Some(text(&self.name)),
            fee: Some(FeeShape::of(self.platform_fee)),
            vat_payer: Some(text(words(&PAYERS, self.platform_fee_vat_payer))),
            cycle: Some(CycleShape::of(&self.cycle)),
            withholds_vat: Some(self.payment_vat == PaymentVat::Withheld),
            memo: maybe(&self.memo),
        })
    }
    fn read(document: serde_json::Value) -> Read<Self> {
        let update = Self::read_update(document)?;
        Ok(Self {
            name: must(update.name, "name")?,
            platform_fee: must(update.platform_fee, "fee")?,
            platform_fee_vat_payer: must(update.platform_fee_vat_payer, "vat_payer")?,
            cycle: must(update.cycle, "cycle")?,
            payment_vat: must(update.payment_vat, "withholds_vat")?,
            memo: update.memo,
        })
    }
    fn document_of(update: &ContractUpdate) -> serde_json::Value {
        value(&Contract {
            name: maybe(&update.name),
            fee: update.platform_fee.map(FeeShape::of),
            vat_payer: update.platform_fee_vat_payer.map(|payer| text(words(&PAYERS, payer))),
            cycle: update.cycle.as_ref().map(CycleShape::of),
            withholds_vat: update.payment_vat.map(|vat| vat == PaymentVat::Withheld),
            memo: maybe(&update.memo),
        })
    }
    fn read_update(document: serde_json::Value) -> Read<ContractUpdate> {
        let shape: Contract<'static> = parsed(document, "terms")?;
        let vat = |withholds| if withholds { PaymentVat::Withheld } else { PaymentVat::Settled };
        Ok(ContractUpdate {
            name: boxed(shape.name),
            platform_fee: shape.fee.map(FeeShape::read).transpose()?,
            platform_fee_vat_payer: shape
                .vat_payer
                .map(|word| meant(&PAYERS, &word, "vat_payer"))
                .transpose()?,
            cycle: shape.cycle.map(CycleShape::read).transpose()?,
            payment_vat: shape.withholds_vat.map(vat),
            memo: boxed(shape.memo),
        })
    }
}

impl Rule for ContractTerms {
    fn columns(&self) -> RuleColumns<'_> {
        RuleColumns {
            name: &self.name,
            figure: figure(self.platform_fee),
            payer: Some(words(&PAYERS, self.platform_fee_vat_payer)),
            cycle: Some(cycle_word(self.cycle.method())),
            date_policy: Some(words(&DATE_POLICIES, self.cycle.date_policy)),
        }
    }
}

shape! { AccountShape { bank: Text<'a>, currency: Text<'a>, number: Text<'a>, holder: Text<'a>, status: Text<'a>; } }

impl<'a> AccountShape<'a> {
    fn of(account: &'a Account) -> Self {
        Self {
            bank: text(&account.bank),
            currency: text(account.currency.code()),
            number: text(account.number()),
            holder: text(&account.holder),
            status: text(account.status.as_str()),
        }
    }

    fn read(self) -> Read<Account> {
        let currency = Currency::parse(&self.currency).ok_or(Senseless("account.currency"))?;
        let status = AccountStatus::parse(&self.status).ok_or(Senseless("account.status"))?;
        let account = Account::new(&self.bank, currency, &self.number, &self.holder);
        Ok(account.map_err(|_| Senseless("account"))?.with_status(status))
    }
}

shape! { ContactShape { ; name: Text<'a>, email: Text<'a>, phone_number: Text<'a> } }

shape! { BusinessShape { ; company_name: Text<'a>, registration_number: Text<'a>, representative_name: Text<'a>,
taxation: Text<'a>, address: Text<'a>, business_type: Text<'a>, business_class: Text<'a>, status: Text<'a> } }

shape! { PersonShape { ; birthdate: Text<'a> } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DetailsShape<'a> {
    Business(BusinessShape<'a>),
    WhtPayer(PersonShape<'a>),
    NonWhtPayer(PersonShape<'a>),
}

impl<'a> PersonShape<'a> {
    fn of(person: &Person) -> Self {
        Self { birthdate: person.birthdate.map(|day| Text::Owned(day.to_string())) }
    }

    fn read(self) -> Read<Person> {
        let day = |text: Text<'_>| text.parse().map_err(|_| Senseless("birthdate"));
        Ok(Person { birthdate: self.birthdate.map(day).transpose()? })
    }
}

impl<'a> DetailsShape<'a> {
    fn of(update: &'a DetailsUpdate) -> Self {
        match update {
            DetailsUpdate::Business(business) => Self::Business(BusinessShape {
                company_name: maybe(&business.company_name),
                registration_number: maybe(&business.registration_number),
                representative_name: maybe(&business.representative_name),
                taxation: business.taxation.map(|taxation| text(words(&TAXATIONS, taxation))),
                address: maybe(&business.address),
                business_type: maybe(&business.business_type),
                business_class: maybe(&business.business_class),
                status: business.status.map(|status| text(status.as_str())),
            }),
            DetailsUpdate::WhtPayer(person) => Self::WhtPayer(PersonShape::of(person)),
            DetailsUpdate::NonWhtPayer(person) => Self::NonWhtPayer(PersonShape::of(person)),
        }
    }

    fn read(self) -> Read<DetailsUpdate> {
        Ok(match self {
            Self::Business(shape) => DetailsUpdate::Business(BusinessUpdate {
                company_name: boxed(shape.company_name),
                registration_number: boxed(shape.registration_number),
                representative_name: boxed(shape.representative_name),
                taxation: shape.taxation.map(|word| meant(&TAXATIONS, &word, "taxation")).transpose()?,
                address: boxed(shape.address),
                business_type: boxed(shape.business_type),
                business_class: boxed(shape.business_class),
                status: shape
                    .status
                    .map(|word| BusinessStatus::parse(&word).ok_or(Senseless("status")))
                    .transpose()?,
            }),
            Self::WhtPayer(shape) => DetailsUpdate::WhtPayer(shape.read()?),
            Self::NonWhtPayer(shape) => DetailsUpdate::NonWhtPayer(shape.read()?),
        })
    }
}

/// All there is to say about a partner's kind, as an update that would make it.
fn whole(details: &PartnerDetails) -> DetailsUpdate {
    match details {
        PartnerDetails::Business(business) => DetailsUpdate::Business(BusinessUpdate {
            company_name: Some(business.company_name.clone()),
            registration_number: Some(business.registration_number.clone()),
            representative_name: Some(business.representative_name.clone()),
            taxation: Some(business.taxation),
            address: business.address.clone(),
            business_type: business.business_type.clone(),
            business_class: business.business_class.clone(),
            status: Some(business.status),
        }),
        PartnerDetails::WhtPayer(person) => DetailsUpdate::WhtPayer(person.clone()),
        PartnerDetails::NonWhtPayer(person) => DetailsUpdate::NonWhtPayer(person.clone()),
    }
}

fn contact(update: ContactUpdate) -> Read<Contact> {
    Ok(Contact {
        name: must(update.name, "contact.name")?,
        email: must(update.email, "contact.email")?,
        phone_number: update.phone_number,
    })
}

fn details(update: DetailsUpdate) -> Read<PartnerDetails> {
    Ok(match update {
        DetailsUpdate::Business(business) => {
            PartnerDetails::Business(Business::new(&business).map_err(|_| Senseless("details"))?)
        }
        DetailsUpdate::WhtPayer(person) => PartnerDetails::WhtPayer(person),
        DetailsUpdate::NonWhtPayer(person) => PartnerDetails::NonWhtPayer(person),
    })
}

shape! { PartnerShape { ; name: Text<'a>, contact: ContactShape<'a>, account: AccountShape<'a>,
details: DetailsShape<'a>, default_contract: Text<'a>, tags: Vec<Text<'a>>, memo: Text<'a>,
properties: BTreeMap<Text<'a>, Text<'a>> } }

impl Stored for PartnerTerms {
    const WORD: &'static str = "PARTNER";

    fn known(id: String) -> PartnerId {
        PartnerId::known(id)
    }
    fn name_of(id: &PartnerId) -> &str {
        id.as_str()
    }
    fn document(&self) -> serde_json::Value {
        Self::document_of(&PartnerUpdate {
            name: Some(self.name.clone()),
            contact: Some(ContactUpdate {
                name: Some(self.contact.name.clone()),
                email: Some(self.contact.email.clone()),
                phone_number: self.contact.phone_number.clone(),
            }),
            account: Some(self.account.clone()),
            details: Some(whole(&self.details)),
            default_contract: Some(self.default_contract.clone()),
            tags: Some(self.tags.clone()),
            memo: self.memo.clone(),
            properties: Some(self.properties.clone()),
        })
    }
    fn read(document: serde_json::Value) -> Read<Self> {
        let update = Self::read_update(document)?;
        Ok(Self {
            name: must(update.name, "name")?,
            contact: contact(must(update.contact, "contact")?)?,
            account: must(update.account, "account")?,
            details: details(must(update.details, "details")?)?,
            default_contract: must(update.default_contract, "default_contract")?,
            tags: update.tags.unwrap_or_default(),
            memo: update.memo,
            properties: update.properties.unwrap_or_default(),
        })
    }
    fn document_of(update: &PartnerUpdate) -> serde_json::Value {
        value(&PartnerShape {
            name: maybe(&update.name),
            contact: update.contact.as_ref().map(|contact| ContactShape {
                name: maybe(&contact.name),
                email: maybe(&contact.email),
                phone_number: maybe(&contact.phone_number),
            }),
            account: update.account.as_ref().map(AccountShape::of),
            details: update.details.as_ref().map(DetailsShape::of),
            default_contract: update.default_contract.as_ref().map(|id| text(id.as_str())),
            tags: update.tags.as_ref().map(|tags| tags.iter().map(|tag| text(tag)).collect()),
            memo: maybe(&update.memo),
            properties: update
                .properties
                .as_ref()
                .map(|all| all.iter().map(|(key, value)| (text(key), text(value))).collect()),
        })
    }
    fn read_update(document: serde_json::Value) -> Read<PartnerUpdate> {
        let shape: PartnerShape<'static> = parsed(document, "terms")?;
        let own = |text: Text<'static>| text.into_owned().into_boxed_str();
        Ok(PartnerUpdate {
            name: boxed(shape.name),
            contact: shape.contact.map(|contact| ContactUpdate {
                name: boxed(contact.name),
                email: boxed(contact.email),
                phone_number: boxed(contact.phone_number),
            }),
            account: shape.account.map(AccountShape::read).transpose()?,
            details: shape.details.map(DetailsShape::read).transpose()?,
            default_contract: shape.default_contract.map(|id| ContractId::known(own(id))),
            tags: shape.tags.map(|tags| tags.into_iter().map(own).collect()),
            memo: boxed(shape.memo),
            properties: shape
                .properties
                .map(|all| all.into_iter().map(|(key, value)| (own(key), own(value))).collect()),
        })
    }
}

pub(crate) fn taxation_word(details: &PartnerDetails) -> Option<&'static str> {
    match details {
        PartnerDetails::Business(business) => Some(words(&TAXATIONS, business.taxation)),
        PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => None,
    }
}

pub(crate) const fn kind_word(details: &PartnerDetails) -> &'static str {
    match details {
        PartnerDetails::Business(_) => "BUSINESS",
        PartnerDetails::WhtPayer(_) => "WHT_PAYER",
        PartnerDetails::NonWhtPayer(_) => "NON_WHT_PAYER",
    }
}
