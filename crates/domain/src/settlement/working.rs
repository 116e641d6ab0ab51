//! The working of a calculation: each figure with the rule and the base it came from.
//!
//! A figure is never computed beside its working: [`Working::note`] applies the rule and keeps it, so
//! that a merchant's question "why 329 won?" is answered by the very step that made them.

use super::amount::Member;
use super::formula::{Formula, Values};
use super::id::{AdditionalFeePolicyId, DiscountSharePolicyId};
use crate::money::{Amount, Fraction, MoneyError, Rate, Rounding, SignedAmount};

/// One figure and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub place: Place,
    pub figure: Figure,
    pub rule: Rule,
    pub base: SignedAmount,
    pub result: SignedAmount,
}

/// The whole transfer, or one of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Whole,
    /// Counted from 0, in the order's order.
    Line(usize),
}

/// What was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// A member of the amounts of that place.
    Member(Member),
    /// One policy's part of a member.
    Share(DiscountSharePolicyId),
    ShareTaxFree(DiscountSharePolicyId),
    Fee(AdditionalFeePolicyId),
    FeeVat(AdditionalFeePolicyId),
    UserDefined(Box<str>),
}

/// How a figure follows from its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// As the request says, or the sum of what it says.
    Given,
    /// The base is the unit's amount.
    Units(u32),
    /// The sum over lines and policies.
    Sum,
    Less(SignedAmount),
    Rate {
        rate: Rate,
        rounding: Rounding,
    },
    /// An amount that is charged whatever the order is.
    Fixed(Amount),
    /// This line's part of a fixed amount that is charged once: by order amount, the largest
    /// remainder first.
    FixedPart {
        part: Amount,
        whole: Amount,
    },
    Formula {
        formula: Formula,
        values: Box<Values>,
        rounding: Rounding,
    },
    /// VAT contained in the base: an eleventh of it.
    VatContained(Rounding),
    /// VAT on top of the base: a tenth of it.
    VatOnTop(Rounding),
    /// The merchant bears it, so that the partner's part is nothing.
    MerchantBears,
    /// All of the base is withheld.
    Withheld,
    /// Nothing of the base is withheld.
    NotWithheld,
    /// base × tax_free / order, less a share that is tax-free itself; nothing of an order of 0.
    TaxFreePart {
        tax_free: Amount,
        order: Amount,
        less: SignedAmount,
        rounding: Rounding,
    },
    /// A cancel's part of the base: base × cancelled / of, rounded down, less what earlier cancels took.
    Reversed {
        cancelled: i64,
        of: i64,
        earlier: SignedAmount,
    },
    /// VAT contained in everything that has been cancelled so far, less what earlier cancels took;
    /// never more than the taxable amount of this cancel.
    VatReversed {
        rounding: Rounding,
        earlier: SignedAmount,
        at_most: Amount,
    },
    /// The cancel that completes an order takes what is left of the base.
    Rest {
        earlier: SignedAmount,
    },
}

impl Rule {
    /// The figure that this rule makes of a base.
    ///
    /// # Errors
    /// A figure that leaves its range, or a formula that divides by zero.
    pub fn applied_to(&self, base: SignedAmount) -> Result<SignedAmount, MoneyError> {
        let units = i128::from(base.minor_units());
        match self {
            Self::Given | Self::Sum | Self::Withheld => Ok(base),
            Self::Units(quantity) => SignedAmount::from_wide(units.saturating_mul(i128::from(*quantity))),
            Self::Less(other) | Self::Rest { earlier: other } => base.minus(*other),
            Self::Rate { rate, rounding } => Fraction::quotient(
                units.saturating_mul(i128::from(rate.as_millipercent())),
                i128::from(Rate::WHOLE.as_millipercent()),
                *rounding,
            ),
            Self::Fixed(amount) | Self::FixedPart { part: amount, .. } => Ok((*amount).into()),
            Self::Formula { formula, values, rounding } => formula.value(values)?.rounded(*rounding),
            Self::VatContained(rounding) => Fraction::quotient(units, 11, *rounding),
            Self::VatOnTop(rounding) => Fraction::quotient(units, 10, *rounding),
            Self::MerchantBears | Self::NotWithheld => Ok(SignedAmount::ZERO),
            Self::TaxFreePart { order, .. } if order.is_zero() => Ok(SignedAmount::ZERO),
            Self::TaxFreePart { tax_free, order, less, rounding } => {
                let order = i128::from(order.minor_units());
                let part = units.saturating_mul(i128::from(tax_free.minor_units()));
                let less = i128::from(less.minor_units()).saturating_mul(order);
                Fraction::quotient(part.saturating_sub(less), order, *rounding)
            }
            Self::Reversed { of: 0, .. } => Ok(SignedAmount::ZERO),
            Self::Reversed { cancelled, of, earlier } => {
                let part = units.saturating_mul(i128::from(*cancelled));
                let so_far = Fraction::quotient(part, i128::from(*of), Rounding::Down)?;
                let now = so_far.minus(*earlier)?;
                // A cancel that was deleted in between may leave the earlier ones a unit ahead.
                Ok(if now.is_negative() == base.is_negative() { now } else { SignedAmount::ZERO })
            }
            Self::VatReversed { rounding, earlier, at_most } => {
                let now = Fraction::quotient(units, 11, *rounding)?.minus(*earlier)?;
                Ok(now.max(SignedAmount::ZERO).min((*at_most).into()))
            }
        }
    }
}

impl Rule {
    /// As a merchant reads it: `3.3 % of 9999, rounded down`.
    fn told_of(&self, base: SignedAmount, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = |rounding: &Rounding| match rounding {
            Rounding::Down => "rounded down",
            Rounding::HalfUp => "rounded to the nearest",
            Rounding::Up => "rounded up",
        };
        match self {
            Self::Given => f.write_str("as given"),
            Self::Units(quantity) => write!(f, "{quantity} units of {base}"),
            Self::Sum => f.write_str("the sum of its parts"),
            Self::Less(other) => write!(f, "{base} less {other}"),
            Self::Rate { rate, rounding } => write!(f, "{rate} of {base}, {}", rounded(rounding)),
            Self::Fixed(amount) => write!(f, "a fixed amount of {amount}"),
            Self::FixedPart { part, whole } => write!(f, "{part} of the fixed amount of {whole}"),
            Self::Formula { formula, rounding, .. } => write!(f, "{}, {}", formula.text(), rounded(rounding)),
            Self::VatContained(rounding) => write!(f, "an eleventh of {base}, {}", rounded(rounding)),
            Self::VatOnTop(rounding) => write!(f, "a tenth of {base}, {}", rounded(rounding)),
            Self::MerchantBears => f.write_str("borne by the merchant"),
            Self::Withheld => f.write_str("withheld in full"),
            Self::NotWithheld => f.write_str("not withheld"),
            Self::TaxFreePart { tax_free, order, less, rounding } => {
                write!(f, "{base} × {tax_free} / {order} less {less}, {}", rounded(rounding))
            }
            Self::Reversed { cancelled, of, earlier } => {
                write!(f, "{base} × {cancelled} / {of}, rounded down, less {earlier} of earlier cancels")
            }
            Self::VatReversed { rounding, earlier, .. } => {
                write!(f, "an eleventh of {base}, {}, less {earlier} of earlier cancels", rounded(rounding))
            }
            Self::Rest { earlier } => write!(f, "the rest of {base} after {earlier} of earlier cancels"),
        }
    }
}

/// The steps of one calculation, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Working(Vec<Step>);

impl Working {
    /// As read back from storage.
    pub const fn known(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// Applies a rule, and keeps it with its base and result.
    ///
    /// # Errors
    /// As [`Rule::applied_to`].
    pub fn note(
        &mut self,
        place: Place,
        figure: Figure,
        rule: Rule,
        base: impl Into<SignedAmount>,
    ) -> Result<SignedAmount, MoneyError> {
        let base = base.into();
        let result = rule.applied_to(base)?;
        self.0.push(Step { place, figure, rule, base, result });
        Ok(result)
    }

    /// For figures that the rules of an order keep at 0 or above.
    ///
    /// # Errors
    /// As [`Rule::applied_to`], and figures below 0.
    pub fn note_amount(
        &mut self,
        place: Place,
        member: Member,
        rule: Rule,
        base: impl Into<SignedAmount>,
    ) -> Result<Amount, MoneyError> {
        let result = self.note(place, Figure::Member(member), rule, base)?;
        result.to_amount().ok_or(MoneyError::Negative(result.minor_units()))
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The steps that made one figure of one place.
    pub fn of<'a>(&'a self, place: Place, figure: &'a Figure) -> impl Iterator<Item = &'a Step> {
        self.0.iter().filter(move |step| step.place == place && step.figure == *figure)
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Place::Whole => {}
            Place::Line(index) => write!(f, "line {}: ", index.saturating_add(1))?,
        }
        match &self.figure {
            Figure::Member(member) => f.write_str(member.as_words())?,
            Figure::Share(policy) => write!(f, "share of discount {policy}")?,
            Figure::ShareTaxFree(policy) => write!(f, "tax-free share of discount {policy}")?,
            Figure::Fee(policy) => write!(f, "additional fee {policy}")?,
            Figure::FeeVat(policy) => write!(f, "VAT on additional fee {policy}")?,
            Figure::UserDefined(key) => write!(f, "{key}")?,
        }
        write!(f, " {}: ", self.result)?;
        self.rule.told_of(self.base, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(units: i64) -> SignedAmount {
        SignedAmount::new(units).unwrap()
    }

    #[test]
    fn rules_on_negative_bases_go_toward_zero_when_rounded_down() {
        let down = Rounding::Down;
        for (rule, base, result) in [
            (Rule::VatOnTop(down), -999, -99),
            (Rule::VatContained(down), -10, 0),
            (Rule::Rate { rate: Rate::bps(330), rounding: down }, -9_999, -329),
            (Rule::Reversed { cancelled: 1, of: 3, earlier: won(0) }, -100, -33),
            (Rule::Reversed { cancelled: 2, of: 3, earlier: won(-33) }, -100, -33),
            (Rule::Rest { earlier: won(-66) }, -100, -34),
        ] {
            assert_eq!(rule.applied_to(won(base)).unwrap(), won(result), "{rule:?} of {base}");
        }
    }

    #[test]
    fn a_reversal_gives_nothing_back_of_what_earlier_cancels_took_too_much() {
        let rule = Rule::Reversed { cancelled: 1, of: 10, earlier: won(12) };
        assert_eq!(rule.applied_to(won(100)).unwrap(), won(0));
        let vat = Rule::VatReversed { rounding: Rounding::Up, earlier: won(5), at_most: Amount::ZERO };
        assert_eq!(vat.applied_to(won(11)).unwrap(), won(0));
    }
}
