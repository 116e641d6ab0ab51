//! Buyers, addresses, products.

use super::{Text, maybe, own, shape, text};
use paypier_domain::customer as domain;
use serde::{Deserialize, Serialize};

shape! { Customer { ;
    id: Text<'a>, name: Text<'a>, birth_year: Text<'a>, birth_month: Text<'a>, birth_day: Text<'a>,
    gender: Text<'a>, email: Text<'a>, phone_number: Text<'a>, address: Address<'a>, zipcode: Text<'a>,
    country: Text<'a>, business_registration_number: Text<'a>,
} }

impl<'a> Customer<'a> {
    /// `None` when nothing is known of the buyer.
    pub(crate) fn of(customer: &'a domain::Customer) -> Option<Self> {
        if *customer == domain::Customer::default() {
            return None;
        }
        Some(Self {
            id: maybe(&customer.id),
            name: maybe(&customer.name),
            birth_year: maybe(&customer.birth_year),
            birth_month: maybe(&customer.birth_month),
            birth_day: maybe(&customer.birth_day),
            gender: maybe(&customer.gender),
            email: maybe(&customer.email),
            phone_number: maybe(&customer.phone_number),
            address: customer.address.as_ref().map(Address::of),
            zipcode: maybe(&customer.zipcode),
            country: maybe(&customer.country),
            business_registration_number: maybe(&customer.business_registration_number),
        })
    }

    pub(crate) fn read(self) -> domain::Customer {
        domain::Customer {
            id: own(self.id),
            name: own(self.name),
            birth_year: own(self.birth_year),
            birth_month: own(self.birth_month),
            birth_day: own(self.birth_day),
            gender: own(self.gender),
            email: own(self.email),
            phone_number: own(self.phone_number),
            address: self.address.map(Address::read),
            zipcode: own(self.zipcode),
            country: own(self.country),
            business_registration_number: own(self.business_registration_number),
        }
    }
}

/// `one_line` repeats the parts in one line, which is what is searched.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Address<'a> {
    one_line: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<AddressParts<'a>>,
}

shape! { AddressParts { line1: Text<'a>, line2: Text<'a>; city: Text<'a>, province: Text<'a>, country: Text<'a> } }

impl<'a> Address<'a> {
    pub(crate) fn of(address: &'a domain::Address) -> Self {
        match address {
            domain::Address::OneLine(line) => Self { one_line: text(line), parts: None },
            domain::Address::Separated { line1, line2, city, province, country } => Self {
                one_line: address.one_line().into(),
                parts: Some(AddressParts {
                    line1: text(line1),
                    line2: text(line2),
                    city: maybe(city),
                    province: maybe(province),
                    country: maybe(country),
                }),
            },
        }
    }

    pub(crate) fn read(self) -> domain::Address {
        match self.parts {
            None => domain::Address::OneLine(self.one_line.into_owned()),
            Some(parts) => domain::Address::Separated {
                line1: parts.line1.into_owned(),
                line2: parts.line2.into_owned(),
                city: own(parts.city),
                province: own(parts.province),
                country: own(parts.country),
            },
        }
    }
}

shape! { Product { id: Text<'a>, name: Text<'a>, amount: i64, quantity: i32; tag: Text<'a>, code: Text<'a>, link: Text<'a> } }

impl<'a> Product<'a> {
    pub(crate) fn of(product: &'a domain::Product) -> Self {
        Self {
            id: text(&product.id),
            name: text(&product.name),
            amount: product.amount,
            quantity: product.quantity,
            tag: maybe(&product.tag),
            code: maybe(&product.code),
            link: maybe(&product.link),
        }
    }

    pub(crate) fn read(self) -> domain::Product {
        domain::Product {
            id: self.id.into_owned(),
            name: self.name.into_owned(),
            tag: own(self.tag),
            code: own(self.code),
            amount: self.amount,
            quantity: self.quantity,
            link: own(self.link),
        }
    }
}
