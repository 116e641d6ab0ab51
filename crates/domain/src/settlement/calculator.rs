//! How a merchant's platform computes: formulas, round types and parameters (v2-platform, sections 3
//! and 15.4).

use super::formula::{Fault, Formula, FormulaOf};
use crate::money::{Fraction, MoneyError, Rounding};
use std::collections::BTreeMap;

/// The most formulas of its own that a merchant may define.
pub const MAX_USER_FORMULAS: usize = 10;
/// The largest scale of a settlement parameter.
pub const MAX_PARAMETER_SCALE: u8 = 5;

/// How one component is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Absent: the standard formula, (ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT, or DISCOUNT_AMOUNT × FIXED_RATE.
    pub formula: Option<Formula>,
    pub rounding: Rounding,
}

impl Component {
    pub const fn standard(rounding: Rounding) -> Self {
        Self { formula: None, rounding }
    }
}

/// The rules that turn an order's amounts into a settlement. Stored with a transfer when it is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculator {
    pub platform_fee: Component,
    pub discount_share: Component,
    pub additional_fee: Component,
    /// How VAT is rounded, that of the payment and that on fees.
    pub vat: Rounding,
    /// How the tax-free part of the settlement is rounded.
    pub tax_free: Rounding,
    /// In the merchant's order.
    pub user_defined: Vec<UserFormula>,
    pub parameters: Vec<Parameter>,
}

impl Default for Calculator {
    /// The standard formulas, everything rounded down.
    fn default() -> Self {
        Self::rounding(Rounding::Down)
    }
}

/// A figure of the merchant's own, shown beside the settlement and no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFormula {
    pub key: Box<str>,
    pub formula: Formula,
    pub rounding: Rounding,
}

/// A number that an order may bring along for the merchant's own formulas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub key: Box<str>,
    pub name: Box<str>,
    pub default: ParameterValue,
}

/// A decimal number with its scale: 15 with scale 1 is 1.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterValue {
    decimal: i64,
    scale: u8,
}

impl ParameterValue {
    /// `None` when the scale is above 5.
    pub const fn new(decimal: i64, scale: u8) -> Option<Self> {
        if scale > MAX_PARAMETER_SCALE { None } else { Some(Self { decimal, scale }) }
    }

    pub const fn decimal(self) -> i64 {
        self.decimal
    }

    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// # Errors
    /// Only the smallest 64-bit integer has no fraction of its own.
    pub fn fraction(self) -> Result<Fraction, MoneyError> {
        Fraction::decimal(self.decimal, self.scale.into())
    }
}

/// New formulas as texts; an absent one keeps what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FormulaTexts<'a> {
    pub platform_fee: Option<&'a str>,
    pub discount_share: Option<&'a str>,
    pub additional_fee: Option<&'a str>,
}

/// The first fault of each formula that has one.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("at least one formula cannot be read")]
pub struct InvalidFormulas {
    pub platform_fee: Option<Fault>,
    pub discount_share: Option<Fault>,
    pub additional_fee: Option<Fault>,
}

/// Why a merchant's own formulas or parameters were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserFormulaError {
    #[error("{0} formulas are too many; at most {MAX_USER_FORMULAS} are accepted")]
    TooMany(usize),
    #[error("the key {0:?} may have letters a to z, digits and underscores only")]
    Key(String),
    #[error("the key {0:?} is used twice")]
    KeyTwice(String),
    #[error("the formula {key:?}: {fault}")]
    Formula { key: String, fault: Fault },
}

impl Calculator {
    /// The standard formulas, everything rounded alike (the October 2024 `roundType`).
    pub const fn rounding(rounding: Rounding) -> Self {
        Self {
            platform_fee: Component::standard(rounding),
            discount_share: Component::standard(rounding),
            additional_fee: Component::standard(rounding),
            vat: rounding,
            tax_free: rounding,
            user_defined: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// With everything rounded alike.
    #[must_use]
    pub fn rounded_alike(mut self, rounding: Rounding) -> Self {
        for component in [&mut self.platform_fee, &mut self.discount_share, &mut self.additional_fee] {
            component.rounding = rounding;
        }
        for own in &mut self.user_defined {
            own.rounding = rounding;
        }
        Self { vat: rounding, tax_free: rounding, ..self }
    }

    /// With new formulas: all of them, or none when one has a fault.
    ///
    /// # Errors
    /// The first fault of each formula.
    pub fn with_formulas(mut self, texts: FormulaTexts<'_>) -> Result<Self, Box<InvalidFormulas>> {
        let mut faults = InvalidFormulas::default();
        for (text, of, component, fault) in [
            (texts.platform_fee, FormulaOf::PlatformFee, &mut self.platform_fee, &mut faults.platform_fee),
            (
                texts.discount_share,
                FormulaOf::DiscountShare,
                &mut self.discount_share,
                &mut faults.discount_share,
            ),
            (
                texts.additional_fee,
                FormulaOf::AdditionalFee,
                &mut self.additional_fee,
                &mut faults.additional_fee,
            ),
        ] {
            match text.map(|text| Formula::read(text, of, &[])) {
                Some(Ok(formula)) => component.formula = Some(formula),
                Some(Err(found)) => *fault = Some(found),
                None => {}
            }
        }
        if faults == InvalidFormulas::default() { Ok(self) } else { Err(Box::new(faults)) }
    }

    /// With the merchant's own formulas (key, formula, rounding) over these parameters.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn with_user_formulas(
        mut self,
        parameters: Vec<Parameter>,
        formulas: &[(&str, &str, Rounding)],
    ) -> Result<Self, UserFormulaError> {
        if formulas.len() > MAX_USER_FORMULAS {
            return Err(UserFormulaError::TooMany(formulas.len()));
        }
        let mut keys = std::collections::BTreeSet::new();
        let named = parameters.iter().map(|parameter| &*parameter.key);
        for key in named.clone().chain(formulas.iter().map(|row| row.0)) {
            if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(UserFormulaError::Key(key.to_owned()));
            }
            if !keys.insert(key.to_owned()) {
                return Err(UserFormulaError::KeyTwice(key.to_owned()));
            }
        }
        let named: Vec<&str> = named.collect();
        self.user_defined = formulas
            .iter()
            .map(|(key, text, rounding)| match Formula::read(text, FormulaOf::UserDefined, &named) {
                Ok(formula) => Ok(UserFormula { key: (*key).into(), formula, rounding: *rounding }),
                Err(fault) => Err(UserFormulaError::Formula { key: (*key).to_owned(), fault }),
            })
            .collect::<Result<_, _>>()?;
        self.parameters = parameters;
        Ok(self)
    }

    /// The values of all parameters: those given, and the defaults of those that are not.
    ///
    /// # Errors
    /// The first key, in their order, that is none of this calculator's.
    pub fn parameter_values(
        &self,
        given: &BTreeMap<Box<str>, ParameterValue>,
    ) -> Result<BTreeMap<Box<str>, ParameterValue>, Box<str>> {
        if let Some(unknown) = given.keys().find(|key| self.parameters.iter().all(|p| p.key != **key)) {
            return Err(unknown.clone());
        }
        let value = |p: &Parameter| given.get(&p.key).copied().unwrap_or(p.default);
        Ok(self.parameters.iter().map(|p| (p.key.clone(), value(p))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_taken_together_or_not_at_all() {
        let texts = FormulaTexts {
            platform_fee: Some("PAYMENT_AMOUNT × FIXED_RATE"),
            discount_share: Some("DISCOUNT_AMOUNT × FIXED_AMOUNT"),
            additional_fee: Some("1 +"),
        };
        let faults = Calculator::default().with_formulas(texts).unwrap_err();
        assert_eq!(faults.platform_fee, None);
        assert!(matches!(faults.discount_share, Some(Fault::UnsupportedVariable { .. })));
        assert!(matches!(faults.additional_fee, Some(Fault::Syntax { .. })));

        let texts = FormulaTexts { platform_fee: Some("PAYMENT_AMOUNT × FIXED_RATE"), ..Default::default() };
        let calculator = Calculator::default().with_formulas(texts).unwrap();
        assert_eq!(calculator.platform_fee.formula.unwrap().text(), "PAYMENT_AMOUNT × FIXED_RATE");
        assert_eq!(calculator.additional_fee, Component::standard(Rounding::Down));
    }

    fn parameter(key: &str) -> Parameter {
        Parameter { key: key.into(), name: "night".into(), default: ParameterValue::new(15, 1).unwrap() }
    }

    #[test]
    fn own_formulas_have_keys_of_their_own() {
        let refused = |parameters: Vec<Parameter>, formulas: &[(&str, &str, Rounding)]| {
            Calculator::default().with_user_formulas(parameters, formulas).unwrap_err()
        };
        let down = Rounding::Down;
        let eleven: Vec<_> = ["a"; 11].iter().map(|key| (*key, "1", down)).collect();
        assert_eq!(refused(vec![], &eleven), UserFormulaError::TooMany(11));
        assert_eq!(refused(vec![], &[("a-b", "1", down)]), UserFormulaError::Key("a-b".into()));
        assert_eq!(refused(vec![], &[("", "1", down)]), UserFormulaError::Key("".into()));
        assert_eq!(
            refused(vec![parameter("n")], &[("n", "1", down)]),
            UserFormulaError::KeyTwice("n".into())
        );
        assert!(matches!(refused(vec![], &[("a", "n", down)]), UserFormulaError::Formula { .. }));
        assert!(
            Calculator::default().with_user_formulas(vec![parameter("n")], &[("a", "n × 2", down)]).is_ok()
        );
    }

    #[test]
    fn parameters_have_defaults_and_unknown_keys_are_named() {
        let calculator =
            Calculator::default().with_user_formulas(vec![parameter("n"), parameter("m")], &[]).unwrap();
        let two = ParameterValue::new(2, 0).unwrap();
        let values = calculator.parameter_values(&BTreeMap::from([("n".into(), two)])).unwrap();
        assert_eq!(
            values,
            BTreeMap::from([("n".into(), two), ("m".into(), ParameterValue::new(15, 1).unwrap())])
        );
        assert_eq!(calculator.parameter_values(&BTreeMap::from([("x".into(), two)])), Err("x".into()));
        assert_eq!(ParameterValue::new(1, 6), None);
    }
}
