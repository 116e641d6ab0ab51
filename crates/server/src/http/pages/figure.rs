//! Amounts as people read them.

use paypier_domain::money::{Amount, Currency};

/// An amount in the currency's major unit: `45,000` for KRW, `1,234.50` for USD.
pub fn figure(amount: Amount, currency: Currency) -> String {
    let decimals = usize::from(currency.exponent());
    let digits = format!("{:0width$}", amount.minor_units(), width = decimals.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && whole.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if fraction.is_empty() { text } else { format!("{text}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_the_currencys_own_decimals() {
        for (minor_units, code, text) in [
            (0, "KRW", "0"),
            (999, "KRW", "999"),
            (45_000, "KRW", "45,000"),
            (1_234_567, "JPY", "1,234,567"),
            (0, "USD", "0.00"),
            (5, "USD", "0.05"),
            (123_450, "USD", "1,234.50"),
            (1_234_567, "BHD", "1,234.567"),
            (1, "CLF", "0.0001"),
            (1_000_000_000_000_000, "EUR", "10,000,000,000,000.00"),
        ] {
            let amount = Amount::new(minor_units).unwrap();
            assert_eq!(figure(amount, Currency::parse(code).unwrap()), text, "{minor_units} {code}");
        }
    }
}
