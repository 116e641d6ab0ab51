//! The buyer as a store described them, and what they ordered.

/// Who pays. Every member is what the merchant sent; nothing is guessed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    pub id: Option<String>,
    pub name: Option<String>,
    pub birth_year: Option<String>,
    pub birth_month: Option<String>,
    pub birth_day: Option<String>,
    /// `MALE`, `FEMALE` or `OTHER`.
    pub gender: Option<String>,
    pub email: Option<String>,
    pub phone_number: Option<String>,
    pub address: Option<Address>,
    pub zipcode: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    pub business_registration_number: Option<String>,
}

impl Customer {
    /// This customer with absent members taken from `other`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            id: self.id.or_else(|| other.id.clone()),
            name: self.name.or_else(|| other.name.clone()),
            birth_year: self.birth_year.or_else(|| other.birth_year.clone()),
            birth_month: self.birth_month.or_else(|| other.birth_month.clone()),
            birth_day: self.birth_day.or_else(|| other.birth_day.clone()),
            gender: self.gender.or_else(|| other.gender.clone()),
            email: self.email.or_else(|| other.email.clone()),
            phone_number: self.phone_number.or_else(|| other.phone_number.clone()),
            address: self.address.or_else(|| other.address.clone()),
            zipcode: self.zipcode.or_else(|| other.zipcode.clone()),
            country: self.country.or_else(|| other.country.clone()),
            business_registration_number: self
                .business_registration_number
                .or_else(|| other.business_registration_number.clone()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    OneLine(String),
    Separated {
        line1: String,
        line2: String,
        city: Option<String>,
        province: Option<String>,
        country: Option<String>,
    },
}

impl Address {
    /// The whole address in one line: province, city, first line, second line, without blanks.
    pub fn one_line(&self) -> String {
        match self {
            Self::OneLine(line) => line.clone(),
            Self::Separated { line1, line2, city, province, country: _ } => {
                [province.as_deref(), city.as_deref(), Some(line1), Some(line2)]
                    .into_iter()
                    .flatten()
                    .filter(|part| !part.trim().is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
            }
        }
    }
}

/// A product line of an order, as the merchant described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub tag: Option<String>,
    pub code: Option<String>,
    /// Price of one piece, minor units; the merchant's words, not decided upon.
    pub amount: i64,
    pub quantity: i32,
    pub link: Option<String>,
}
