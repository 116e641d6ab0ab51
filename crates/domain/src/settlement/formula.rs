//! The formula language of the settlement calculator (v2-platform, section 15.6): numbers, variables,
//! `+ − × / ( )`, and three rounding functions. Reading one gives the first fault with its position;
//! evaluating one is exact arithmetic. Formulas are bounded in length and depth.

mod parse;

use super::policy::Fee;
use crate::money::{Fraction, MoneyError, Rounding, SignedAmount};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest formula that is read, in characters.
pub const MAX_FORMULA_CHARS: usize = 1_000;
/// How deep parentheses, functions and signs may be nested.
pub const MAX_FORMULA_DEPTH: usize = 32;

/// What a formula may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    OrderAmount,
    PaymentAmount,
    DiscountAmount,
    /// The policy's or contract's rate as a fraction; 0 for a fixed amount.
    FixedRate,
    /// Its fixed amount; 0 for a rate.
    FixedAmount,
    DiscountShareAmount,
    PlatformFeeAmount,
    PlatformFeeVat,
    AdditionalFeeAmount,
    AdditionalFeeVat,
    PaymentVatAmount,
    PaymentVatBurdenAmount,
    OrderTaxFreeRatio,
    SettlementAmount,
}

impl Variable {
    /// Each with its English and its Korean spelling.
    pub const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::OrderAmount, "ORDER_AMOUNT", "주문금액"),
        (Self::PaymentAmount, "PAYMENT_AMOUNT", "결제금액"),
        (Self::DiscountAmount, "DISCOUNT_AMOUNT", "할인금액"),
        (Self::FixedRate, "FIXED_RATE", "정률"),
        (Self::FixedAmount, "FIXED_AMOUNT", "정액"),
        (Self::DiscountShareAmount, "DISCOUNT_SHARE_AMOUNT", "할인분담금액"),
        (Self::PlatformFeeAmount, "PLATFORM_FEE_AMOUNT", "플랫폼수수료"),
        (Self::PlatformFeeVat, "PLATFORM_FEE_VAT", "플랫폼수수료부가세"),
        (Self::AdditionalFeeAmount, "ADDITIONAL_FEE_AMOUNT", "추가수수료"),
        (Self::AdditionalFeeVat, "ADDITIONAL_FEE_VAT", "추가수수료부가세"),
        (Self::PaymentVatAmount, "PAYMENT_VAT_AMOUNT", "결제부가세"),
        (Self::PaymentVatBurdenAmount, "PAYMENT_VAT_BURDEN_AMOUNT", "결제부가세부담금액"),
        (Self::OrderTaxFreeRatio, "ORDER_TAX_FREE_RATIO", "주문면세비율"),
        (Self::SettlementAmount, "SETTLEMENT_AMOUNT", "정산금액"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, english, korean)| [english, korean].contains(&&name)).map(|row| row.0)
    }
}

/// What a formula computes, which decides what it may refer to: only what is computed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormulaOf {
    DiscountShare,
    PlatformFee,
    AdditionalFee,
    /// A merchant's own figure beside the settlement; it may use settlement parameters.
    UserDefined,
}

impl FormulaOf {
    fn offers(self, variable: Variable) -> bool {
        use Variable as V;
        let wanted = match variable {
            V::OrderAmount | V::PaymentAmount | V::DiscountAmount => return true,
            V::FixedRate => return !matches!(self, Self::UserDefined),
            V::FixedAmount => return matches!(self, Self::PlatformFee | Self::AdditionalFee),
            V::DiscountShareAmount => return !matches!(self, Self::DiscountShare),
            V::PlatformFeeAmount | V::PlatformFeeVat => Self::AdditionalFee,
            V::AdditionalFeeAmount
            | V::AdditionalFeeVat
            | V::PaymentVatAmount
            | V::PaymentVatBurdenAmount
            | V::OrderTaxFreeRatio
            | V::SettlementAmount => Self::UserDefined,
        };
        self == wanted || self == Self::UserDefined
    }
}

/// Where a fault is: lines from 1, characters from 0, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub start_line: u32,
    pub start_index: u32,
    pub end_line: u32,
    pub end_index: u32,
}

/// The first fault of a formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(
        "the formula is longer than {MAX_FORMULA_CHARS} characters or nested deeper than {MAX_FORMULA_DEPTH}"
    )]
    Unknown,
    #[error("the function {name} takes {expected} argument, not {given}")]
    Arguments { name: String, expected: u32, given: u32, at: Position },
    #[error("there is no function {name}")]
    Function { name: String, at: Position },
    #[error("the variable {name} cannot be used in this formula")]
    UnsupportedVariable { name: String, at: Position },
    #[error("there is no variable {name}")]
    Variable { name: String, at: Position },
    #[error("there is no operator {operator}")]
    Operator { operator: String, at: Position },
    #[error("{syntax:?} is not expected here")]
    Syntax { syntax: String, at: Position },
}

#[derive(Debug, PartialEq, Eq)]
enum Expression {
    Number(Fraction),
    Variable(Variable),
    Parameter(Box<str>),
    Negative(Box<Expression>),
    Rounded(Rounding, Box<Expression>),
    Of(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// A formula that was read without fault.
#[derive(Debug, Clone)]
pub struct Formula {
    text: Arc<str>,
    root: Arc<Expression>,
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}
impl Eq for Formula {}

impl Formula {
    /// Reads a formula; `parameters` are the keys that user-defined ones may use.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(text: &str, of: FormulaOf, parameters: &[&str]) -> Result<Self, Fault> {
        let root = parse::expression(text, of, parameters)?;
        Ok(Self { text: text.into(), root: Arc::new(root) })
    }

    /// As the merchant wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The exact value, not rounded.
    ///
    /// # Errors
    /// Division by zero, or numbers beyond the range of exact arithmetic.
    pub fn value(&self, values: &Values) -> Result<Fraction, MoneyError> {
        self.root.value(values)
    }
}

/// What the variables of a formula stand for in one calculation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    amounts: BTreeMap<Variable, Fraction>,
    parameters: BTreeMap<Box<str>, Fraction>,
}

impl Values {
    #[must_use]
    pub fn with(mut self, variable: Variable, amount: impl Into<SignedAmount>) -> Self {
        self.amounts.insert(variable, Fraction::of(amount.into()));
        self
    }

    #[must_use]
    pub fn with_fraction(mut self, variable: Variable, fraction: Fraction) -> Self {
        self.amounts.insert(variable, fraction);
        self
    }

    /// The rate and the fixed amount of a fee; the one that it has not is 0.
    ///
    /// # Errors
    /// None for the rates that exist.
    pub fn with_fee(self, fee: Fee) -> Result<Self, MoneyError> {
        Ok(match fee {
            Fee::Rate(rate) => self
                .with_fraction(Variable::FixedRate, Fraction::decimal(rate.as_millipercent().into(), 5)?)
                .with(Variable::FixedAmount, SignedAmount::ZERO),
            Fee::Fixed(amount) => {
                self.with_fraction(Variable::FixedRate, Fraction::ZERO).with(Variable::FixedAmount, amount)
            }
        })
    }

    /// What the variables stand for, those without a value left out.
    pub fn amounts(&self) -> impl Iterator<Item = (Variable, Fraction)> {
        self.amounts.iter().map(|(variable, value)| (*variable, *value))
    }

    pub const fn parameters(&self) -> &BTreeMap<Box<str>, Fraction> {
        &self.parameters
    }

    #[must_use]
    pub fn with_parameters(mut self, parameters: BTreeMap<Box<str>, Fraction>) -> Self {
        self.parameters = parameters;
        self
    }
}

impl Expression {
    fn value(&self, values: &Values) -> Result<Fraction, MoneyError> {
        Ok(match self {
            Self::Number(number) => *number,
            Self::Variable(variable) => values.amounts.get(variable).copied().unwrap_or(Fraction::ZERO),
            Self::Parameter(key) => values.parameters.get(key).copied().unwrap_or(Fraction::ZERO),
            Self::Negative(inner) => inner.value(values)?.negated(),
            Self::Rounded(rounding, inner) => inner.value(values)?.to_whole(*rounding),
            Self::Of(operator, left, right) => {
                let (left, right) = (left.value(values)?, right.value(values)?);
                match operator {
                    Operator::Plus => left.plus(right)?,
                    Operator::Minus => left.minus(right)?,
                    Operator::Times => left.times(right)?,
                    Operator::Over => left.over(right)?,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
