//! What changes about partners, now or later, one or many.

use super::super::invalid;
use super::name;
use super::partner::{
    CurrencyRefusal, account, birthdate, checked, contract_id, properties, registration_number, required,
    taxation,
};
use crate::app::failure::Failure;
use crate::app::platform::partner::{ChangePartner, Vouchers};
use paypier_domain::settlement::partner::{
    BusinessUpdate, ContactUpdate, DetailsUpdate, PartnerUpdate, Person,
};
use paypier_wire::v2;

/// Both bodies have the same members under different names.
macro_rules! updates {
    ($($asked:ident of $body:ident;)+) => {$(
        /// # Errors
        /// Values that are not accepted; more than one kind of partner.
        pub fn $asked(body: v2::$body) -> Result<ChangePartner, Failure> {
            checked(body.tags.as_deref().unwrap_or_default(), body.memo.as_deref())?;
            let mut vouchers = Vouchers::default();
            let kinds = body.r#type.map(|kinds| (kinds.business, kinds.wht_payer, kinds.non_wht_payer));
            let details = match kinds {
                None => None,
                Some((Some(business), None, None)) => {
                    vouchers.company = business.company_verification_id;
                    let some = |member: &str, text: Option<String>| {
                        text.map(|text| required(member, &text)).transpose()
                    };
                    Some(DetailsUpdate::Business(BusinessUpdate {
                        company_name: some("type.business.companyName", business.company_name)?,
                        registration_number: business
                            .business_registration_number
                            .map(|text| {
                                registration_number("type.business.businessRegistrationNumber", &text)
                            })
                            .transpose()?,
                        representative_name: some(
                            "type.business.representativeName",
                            business.representative_name,
                        )?,
                        taxation: business.taxation_type.map(taxation),
                        address: business.company_address.map(Into::into),
                        business_type: business.business_type.map(Into::into),
                        business_class: business.business_class.map(Into::into),
                        status: None,
                    }))
                }
                Some((None, Some(person), None)) => Some(DetailsUpdate::WhtPayer(Person {
                    birthdate: person.birthdate.as_deref().map(birthdate).transpose()?,
                })),
                Some((None, None, Some(person))) => Some(DetailsUpdate::NonWhtPayer(Person {
                    birthdate: person.birthdate.as_deref().map(birthdate).transpose()?,
                })),
                Some(_) => {
                    return Err(invalid("type", "takes exactly one of business, whtPayer and nonWhtPayer"));
                }
            };
            let account = match body.account {
                None => None,
                Some(new) => {
                    vouchers.account = new.account_verification_id;
                    let refusal = CurrencyRefusal::Invalid;
                    Some(account(new.bank, new.currency, &new.number, &new.holder, refusal)?)
                }
            };
            let update = PartnerUpdate {
                name: body.name.as_deref().map(name).transpose()?,
                contact: body.contact.map(|contact| ContactUpdate {
                    name: contact.name.map(Into::into),
                    email: contact.email.map(Into::into),
                    phone_number: contact.phone_number.map(Into::into),
                }),
                account,
                details,
                default_contract: body.default_contract_id.as_deref().map(contract_id).transpose()?,
                tags: body.tags.map(|tags| tags.into_iter().map(Into::into).collect()),
                memo: body.memo.map(Into::into),
                properties: properties(body.user_defined_properties)?,
            };
            Ok(ChangePartner { update, vouchers })
        }
    )+};
}

updates! {
    asked of UpdatePlatformPartnerBody;
    for_many of SchedulePlatformPartnersBodyUpdate;
}
