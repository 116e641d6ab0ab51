//! Discount-share and additional-fee policies: what a partner bears of a discount, and what is
//! charged on top of the platform fee (v2-platform, section 4).

use super::id::{AdditionalFeePolicyId, DiscountSharePolicyId};
use super::version::{Terms, VersionKind};
use crate::money::{Amount, Rate};

/// Who bears the VAT on a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    Partner,
    Merchant,
}

/// A fee: a share of the order amount, or an amount in won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fee {
    Rate(Rate),
    /// Minor units of KRW, the only currency of fixed fees.
    Fixed(Amount),
}

/// Why the members of a policy or contract were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    #[error("exactly one of fixedRate and fixedAmount must be given")]
    NotOneFee,
    #[error("the rate {0} is not between 0 and 100000 (100 %)")]
    Rate(i64),
    #[error("the fixed amount {0} is not between 0 and {max}", max = crate::money::MAX_AMOUNT)]
    FixedAmount(i64),
    #[error("the name is blank")]
    BlankName,
}

impl Fee {
    /// From the two members of which exactly one may be given; the rate in 10⁻⁵.
    ///
    /// # Errors
    /// None or both given, or a value out of range.
    pub fn new(fixed_rate: Option<i64>, fixed_amount: Option<i64>) -> Result<Self, TermsError> {
        match (fixed_rate, fixed_amount) {
            (Some(value), None) => rate(value).map(Self::Rate),
            (None, Some(amount)) => {
                Amount::new(amount).map(Self::Fixed).map_err(|_| TermsError::FixedAmount(amount))
            }
            (None, None) | (Some(_), Some(_)) => Err(TermsError::NotOneFee),
        }
    }

    pub const fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// A rate in 10⁻⁵, from 0 to 100 %.
///
/// # Errors
/// Values outside that range.
pub fn rate(value: i64) -> Result<Rate, TermsError> {
    u32::try_from(value)
        .ok()
        .map(Rate::millipercent)
        .filter(|rate| *rate <= Rate::WHOLE)
        .ok_or(TermsError::Rate(value))
}

/// A name that says something.
///
/// # Errors
/// Blank names.
pub fn name(text: &str) -> Result<Box<str>, TermsError> {
    if text.trim().is_empty() { Err(TermsError::BlankName) } else { Ok(text.into()) }
}

/// What share of a discount the partner bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountShareTerms {
    pub name: Box<str>,
    pub partner_share: Rate,
    pub memo: Option<Box<str>>,
}

/// What an update of a discount-share policy names; an absent member keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiscountShareUpdate {
    pub name: Option<Box<str>>,
    pub partner_share: Option<Rate>,
    pub memo: Option<Box<str>>,
}

impl Terms for DiscountShareTerms {
    type Id = DiscountSharePolicyId;
    type Update = DiscountShareUpdate;
    const KIND: VersionKind = VersionKind::DiscountSharePolicy;

    fn updated(&self, update: &Self::Update) -> Self {
        Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            partner_share: update.partner_share.unwrap_or(self.partner_share),
            memo: update.memo.clone().or_else(|| self.memo.clone()),
        }
    }
}

/// A fee beside the platform fee, and who bears its VAT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdditionalFeeTerms {
    pub name: Box<str>,
    pub fee: Fee,
    pub vat_payer: Payer,
    pub memo: Option<Box<str>>,
}

/// What an update of an additional-fee policy names; an absent member keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdditionalFeeUpdate {
    pub name: Option<Box<str>>,
    pub fee: Option<Fee>,
    pub vat_payer: Option<Payer>,
    pub memo: Option<Box<str>>,
}

impl Terms for AdditionalFeeTerms {
    type Id = AdditionalFeePolicyId;
    type Update = AdditionalFeeUpdate;
    const KIND: VersionKind = VersionKind::AdditionalFeePolicy;

    fn updated(&self, update: &Self::Update) -> Self {
        Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            fee: update.fee.unwrap_or(self.fee),
            vat_payer: update.vat_payer.unwrap_or(self.vat_payer),
            memo: update.memo.clone().or_else(|| self.memo.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_exactly_one_thing() {
        let won = |amount| Fee::Fixed(Amount::new(amount).unwrap());
        // fixedRate, fixedAmount, the fee
        for (fixed_rate, fixed_amount, fee) in [
            (Some(5_000), None, Ok(Fee::Rate(Rate::bps(500)))),
            (Some(0), None, Ok(Fee::Rate(Rate::ZERO))),
            (Some(100_000), None, Ok(Fee::Rate(Rate::WHOLE))),
            (Some(100_001), None, Err(TermsError::Rate(100_001))),
            (Some(-1), None, Err(TermsError::Rate(-1))),
            (Some(i64::MAX), None, Err(TermsError::Rate(i64::MAX))),
            (None, Some(500), Ok(won(500))),
            (None, Some(0), Ok(won(0))),
            (None, Some(-1), Err(TermsError::FixedAmount(-1))),
            (None, Some(i64::MAX), Err(TermsError::FixedAmount(i64::MAX))),
            (None, None, Err(TermsError::NotOneFee)),
            (Some(1), Some(1), Err(TermsError::NotOneFee)),
        ] {
            assert_eq!(Fee::new(fixed_rate, fixed_amount), fee, "{fixed_rate:?} {fixed_amount:?}");
        }
    }

    #[test]
    fn an_update_keeps_what_it_does_not_name() {
        let terms = DiscountShareTerms {
            name: "spring".into(),
            partner_share: Rate::bps(5_000),
            memo: Some("until May".into()),
        };
        let updated = terms
            .updated(&DiscountShareUpdate { partner_share: Some(Rate::bps(3_000)), ..Default::default() });
        assert_eq!(updated, DiscountShareTerms { partner_share: Rate::bps(3_000), ..terms });
        assert_eq!(name(" \t"), Err(TermsError::BlankName));
    }
}
