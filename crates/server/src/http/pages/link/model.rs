//! What the page of a payment link is about: typed, ready to be shown, and without a decision left in it.

use crate::http::pages::checkout::model::{Figure, Language};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPage {
    pub language: Language,
    /// Who sells, as the merchant said.
    pub merchant: String,
    /// An absolute `https` address.
    pub logo: Option<String>,
    /// Nothing here moves money.
    pub is_test: bool,
    pub order: Option<LinkOrder>,
    /// Where forms go.
    pub action: String,
    /// The merchant's site.
    pub back: Option<String>,
    /// Origins whose pages may frame this one; none stands alone.
    pub framed_by: Vec<String>,
    pub step: LinkStep,
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOrder {
    pub description: String,
    pub items: Vec<LinkItem>,
    /// What leads from the items to the total, in this order; empty when nothing is added or taken off.
    pub sums: Vec<(Sum, Figure)>,
    pub total: Figure,
    /// Until when it can be paid, as it is read.
    pub until: Option<String>,
    /// The link itself, for another device.
    pub code: Option<Code>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkItem {
    pub name: String,
    pub quantity: i64,
    /// Of one piece.
    pub price: Figure,
    /// An absolute `https` address.
    pub image: Option<String>,
}

/// A line of the calculation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    Subtotal,
    Shipping,
    Tax,
    /// With the code that earned it.
    Discount(String),
}

/// The modules of a QR code: a square of this many, and the dark ones as an SVG path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub width: usize,
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "one is made for a page, and nearly always the large one")]
pub enum LinkStep {
    Pay(PayStep),
    /// A payment that was started is not decided yet.
    Waiting,
    Paid,
    Expired,
    Cancelled,
    Missing,
    Unavailable,
    /// How a payment ended, for merchants without pages of their own.
    Result(ResultPage),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultPage {
    Success,
    Failure,
    Pending,
}

/// How and by whom it is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayStep {
    pub groups: Vec<MethodGroup>,
    pub payer: Payer,
    /// Where it is delivered; absent when nothing is.
    pub delivery: Option<Delivery>,
    pub problem: Option<Problem>,
}

impl PayStep {
    /// Whether the methods would make the page too long: their kinds are opened one at a time then.
    pub fn has_many_methods(&self) -> bool {
        const MOST_AT_A_GLANCE: usize = 8;
        self.groups.iter().map(|group| group.methods.len()).sum::<usize>() > MOST_AT_A_GLANCE
    }
}

/// Methods of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodGroup {
    /// As the catalogue groups them: `CARD`, `WALLET`, …
    pub category: String,
    /// Value and name.
    pub methods: Vec<(String, String)>,
}

/// Who pays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payer {
    pub name: String,
    pub email: String,
    pub phone: String,
}

/// Where it is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    pub name: String,
    pub phone: String,
    pub line_1: String,
    pub line_2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country_code: String,
}

/// Why the payer sees the form again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The payment before failed, in the words of whoever refused it; another one may be tried.
    Failed(String),
    /// The payer gave up.
    GivenUp,
    /// A field is not of the right form.
    Malformed,
    /// The method that was chosen is not on offer.
    NotOffered,
    /// The PSP cannot be used at the moment.
    TryAgain,
}
