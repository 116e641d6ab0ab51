//! Buyers and addresses.

use super::invalid;
use crate::app::failure::Failure;
use paypier_domain::customer::{Address, Customer};
use paypier_wire::v2;

/// # Errors
/// A name in both forms or in none.
pub fn asked(customer: Option<v2::CustomerInput>) -> Result<Customer, Failure> {
    let Some(customer) = customer else { return Ok(Customer::default()) };
    Ok(Customer {
        id: customer.id,
        name: customer.name.map(name).transpose()?,
        birth_year: customer.birth_year,
        birth_month: customer.birth_month,
        birth_day: customer.birth_day,
        gender: customer.gender.map(|gender| gender.as_str().to_owned()),
        email: customer.email,
        phone_number: customer.phone_number,
        address: customer.address.map(address_asked),
        zipcode: customer.zipcode,
        country: customer.country.map(|country| country.as_str().to_owned()),
        business_registration_number: customer.business_registration_number,
    })
}

/// A separated name is kept as one, the family name first, as the dialect's own clients join it.
fn name(name: v2::CustomerNameInput) -> Result<String, Failure> {
    match (name.full, name.separated) {
        (Some(full), None) => Ok(full),
        (None, Some(v2::CustomerSeparatedName { first, last })) => {
            Ok(format!("{last} {first}").trim().to_owned())
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(invalid("customer.name", "must have exactly one of full and separated"))
        }
    }
}

pub fn address_asked(address: v2::SeparatedAddressInput) -> Address {
    Address::Separated {
        line1: address.address_line1,
        line2: address.address_line2,
        city: address.city,
        province: address.province,
        country: address.country.map(|country| country.as_str().to_owned()),
    }
}

/// Always an object: a buyer of whom nothing is known is shown as `{}`.
pub fn shown(customer: &Customer) -> v2::Customer {
    v2::Customer {
        id: customer.id.clone(),
        name: customer.name.clone(),
        birth_year: customer.birth_year.clone(),
        birth_month: customer.birth_month.clone(),
        birth_day: customer.birth_day.clone(),
        gender: customer.gender.as_deref().and_then(v2::Gender::parse),
        email: customer.email.clone(),
        phone_number: customer.phone_number.clone(),
        address: customer.address.as_ref().map(address_shown),
        zipcode: customer.zipcode.clone(),
    }
}

fn address_shown(address: &Address) -> v2::Address {
    let one_line = address.one_line();
    match address {
        Address::OneLine(_) => v2::Address::OneLine(v2::OneLineAddress { one_line }),
        Address::Separated { line1, line2, city, province, country } => {
            v2::Address::Separated(v2::SeparatedAddress {
                one_line,
                address_line1: line1.clone(),
                address_line2: line2.clone(),
                city: city.clone(),
                province: province.clone(),
                country: country.as_deref().and_then(v2::Country::parse),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_of_two_forms() {
        let separated = || Some(v2::CustomerSeparatedName { first: "길동".into(), last: "홍".into() });
        let named = |full: Option<&str>, separated| {
            let name = v2::CustomerNameInput { full: full.map(Into::into), separated };
            asked(Some(v2::CustomerInput { name: Some(name), ..v2::CustomerInput::default() }))
        };
        assert_eq!(named(Some("홍길동"), None).unwrap().name.as_deref(), Some("홍길동"));
        assert_eq!(named(None, separated()).unwrap().name.as_deref(), Some("홍 길동"));
        for both_or_none in [named(Some("홍길동"), separated()), named(None, None)] {
            assert_eq!(
                both_or_none.unwrap_err().to_string(),
                "customer.name must have exactly one of full and separated"
            );
        }
        assert_eq!(asked(None).unwrap(), Customer::default());
    }

    #[test]
    fn an_unknown_buyer_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&shown(&Customer::default())).unwrap(), "{}");
    }
}
