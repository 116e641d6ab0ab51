//! Amounts of the Global dialect: decimals of the major unit outside, minor units inside. Exact in both
//! directions; what cannot be said exactly is refused and never rounded.

use paypier_domain::money::{Amount, Currency};
use paypier_wire::global::{Code, Decimal, NotADecimal, NotMinorUnits, Number};

/// Why an amount is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountRefusal {
    #[error("the amount is not a number")]
    NotANumber,
    #[error("the amount {0} is not above zero")]
    NotPositive(Decimal),
    #[error("the amount {amount} has more decimals than {currency}, which has {decimals}", decimals = currency.exponent())]
    TooManyPlaces { amount: Decimal, currency: Currency },
    #[error("the amount is too large")]
    TooLarge,
}

impl AmountRefusal {
    /// What the dialect calls it.
    pub const fn code(self) -> Code {
        match self {
            Self::NotANumber | Self::NotPositive(_) | Self::TooLarge => Code::InvalidAmount,
            Self::TooManyPlaces { .. } => Code::InvalidAmountCurrency,
        }
    }

    /// The text that the dialect answers.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotANumber | Self::NotPositive(_) | Self::TooLarge => "Invalid amount",
            Self::TooManyPlaces { .. } => "Invalid amount for currency",
        }
    }
}

/// The number itself, which is what a signature is over. Whether it is an amount of some currency comes later:
/// the dialect checks the signature first.
///
/// # Errors
/// It is no number, or not above zero.
pub fn positive(number: Number) -> Result<Decimal, AmountRefusal> {
    match number.0 {
        Ok(decimal) if decimal.is_positive() => Ok(decimal),
        Ok(decimal) => Err(AmountRefusal::NotPositive(decimal)),
        Err(NotADecimal::NotANumber) => Err(AmountRefusal::NotANumber),
        Err(NotADecimal::OutOfRange) => Err(AmountRefusal::TooLarge),
    }
}

/// This many minor units of the currency. Zero is an amount; asking for more than zero is up to [`positive`].
///
/// # Errors
/// It is negative, has more places than the currency, or is above the largest amount.
pub fn of(decimal: Decimal, currency: Currency) -> Result<Amount, AmountRefusal> {
    if decimal.is_negative() {
        return Err(AmountRefusal::NotPositive(decimal));
    }
    let units = decimal.minor_units(currency.exponent()).map_err(|fault| match fault {
        NotMinorUnits::TooManyPlaces => AmountRefusal::TooManyPlaces { amount: decimal, currency },
        NotMinorUnits::OutOfRange => AmountRefusal::TooLarge,
    })?;
    Amount::new(units).map_err(|_| AmountRefusal::TooLarge)
}

/// The amount in the major unit of its currency.
pub fn written(amount: Amount, currency: Currency) -> Decimal {
    Decimal::from_minor_units(amount.minor_units(), currency.exponent())
}

/// The currency with this code, in upper or lower case.
pub fn currency(code: &str) -> Option<Currency> {
    Currency::parse(&code.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::money::MAX_AMOUNT;
    use paypier_wire::global::RefundRequest;
    use proptest::prelude::*;

    fn read(amount: &str, code: &str) -> Result<i64, Code> {
        let decimal = positive(Number(amount.parse())).map_err(AmountRefusal::code)?;
        of(decimal, currency(code).unwrap()).map(Amount::minor_units).map_err(AmountRefusal::code)
    }

    #[test]
    fn an_amount_is_exact_or_refused() {
        for (amount, code, units) in [
            ("100.25", "USD", Ok(10_025)),
            ("0.5", "usd", Ok(50)),
            ("0.1", "USD", Ok(10)),
            ("100.00", "KRW", Ok(100)),
            ("1e3", "JPY", Ok(1_000)),
            ("12345.678", "KWD", Ok(12_345_678)),
            ("99999999.99", "VND", Err(Code::InvalidAmountCurrency)),
            ("0.5", "KRW", Err(Code::InvalidAmountCurrency)),
            ("1.005", "USD", Err(Code::InvalidAmountCurrency)),
            ("0", "USD", Err(Code::InvalidAmount)),
            ("-1", "USD", Err(Code::InvalidAmount)),
            ("abc", "USD", Err(Code::InvalidAmount)),
            ("NaN", "USD", Err(Code::InvalidAmount)),
            ("", "USD", Err(Code::InvalidAmount)),
            ("10000000000000", "USD", Ok(MAX_AMOUNT)),
            ("10000000000000.01", "USD", Err(Code::InvalidAmount)),
            ("1e29", "USD", Err(Code::InvalidAmount)),
            ("1e400", "USD", Err(Code::InvalidAmount)),
        ] {
            assert_eq!(read(amount, code), units, "{amount} {code}");
        }
    }

    /// Bodies that cannot be read are gone through again by a reader that remembers the path; it must read
    /// amounts alike.
    #[test]
    fn an_amount_is_exact_for_every_reader_of_bodies() {
        let text = r#"{"amount": 9007199254740993.0, "channel": 1}"#;
        let mut json = serde_json::Deserializer::from_str(text);
        let error = serde_path_to_error::deserialize::<_, RefundRequest>(&mut json).unwrap_err();
        assert_eq!(error.path().to_string(), "channel");
        let mut json = serde_json::Deserializer::from_str(r#"{"amount": 9007199254740993.0}"#);
        let request: RefundRequest = serde_path_to_error::deserialize(&mut json).unwrap();
        assert_eq!(request.amount.unwrap().whole(), Some(9_007_199_254_740_993));
    }

    #[test]
    fn zero_is_an_amount_where_it_is_allowed() {
        assert_eq!(of(Decimal::ZERO, Currency::USD), Ok(Amount::ZERO));
        assert!(of((-1).into(), Currency::USD).is_err());
        assert_eq!(currency("thb"), Currency::parse("THB"));
        assert_eq!(currency("ABC"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(units in 0i64..=MAX_AMOUNT, code in prop::sample::select(vec!["KRW", "USD", "KWD", "CLF"])) {
            let (currency, amount) = (Currency::parse(code).unwrap(), Amount::new(units).unwrap());
            let text = written(amount, currency).to_string();
            prop_assert_eq!(of(text.parse().unwrap(), currency), Ok(amount));
        }
    }
}
