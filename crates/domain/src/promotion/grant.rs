//! Whether a payment gets a promotion's discount.

use super::{CardCompany, Hold, Promotion, PromotionUse, Recovery, Status};
use crate::money::{Amount, Currency};
use crate::payment::{Amounts, AmountsError};
use jiff::Timestamp;

/// What a payment that names a promotion gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The amounts with the discount, and what is to be remembered of it.
    Discount(Amounts, PromotionUse),
    /// Nothing, silently: the buyer pays the full price.
    FullPrice,
}

/// Why a payment that names a promotion is not made, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    #[error("the promotion is for cards of {wanted}, and the payment is {}", paid_with(*.found))]
    OtherCard { wanted: CardCompany, found: Option<CardCompany> },
    #[error(transparent)]
    TooLarge(#[from] AmountsError),
    /// A window that was left open for longer than a discount is held for, and the budget is used up.
    #[error(
        "the discount of this payment was held for a while and has gone to another one meanwhile; begin the payment anew"
    )]
    GivenUp,
}

fn paid_with(found: Option<CardCompany>) -> String {
    found.map_or_else(
        || "not made with a card whose company is known".to_owned(),
        |found| format!("made with one of {found}"),
    )
}

/// Decides about the discount of an order. A promotion that is not in progress, or is in another
/// currency, is as good as none, whatever the card; then the card has to be the promotion's; then the
/// discount has to be one that the budget still has in full.
///
/// # Errors
/// See [`GrantRefusal`].
pub fn decide(
    promotion: &Promotion,
    amounts: Amounts,
    currency: Currency,
    card: Option<CardCompany>,
    now: Timestamp,
) -> Result<Grant, GrantRefusal> {
    if promotion.currency != currency || promotion.status(now) != Status::InProgress {
        return Ok(Grant::FullPrice);
    }
    if card != Some(promotion.card_company) {
        return Err(GrantRefusal::OtherCard { wanted: promotion.card_company, found: card });
    }
    let discount = promotion.policy.discount(amounts.total);
    if discount.is_zero() {
        return Ok(Grant::FullPrice);
    }
    let whole = Amount::total([amounts.discount, discount]);
    let discounted = Amounts::new(amounts.total, amounts.tax_free, Some(amounts.vat), whole)?;
    if discount > promotion.room() {
        return Ok(Grant::FullPrice);
    }
    let used = PromotionUse {
        id: promotion.id.clone(),
        card_company: promotion.card_company,
        discount,
        policy: promotion.policy.clone(),
        recovers: promotion.recovery == Recovery::Recover,
        terms: promotion.terms,
        hold: Hold::Held,
    };
    Ok(Grant::Discount(discounted, used))
}
