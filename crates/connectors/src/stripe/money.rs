//! Amounts as Stripe counts them: mostly the ISO 4217 minor unit, with exceptions.
//!
//! Amounts that Stripe cannot express are refused here, before anything is sent, and amounts of
//! Stripe that we cannot express are no amounts. Nothing is ever rounded.

use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass};

/// The currencies that Stripe charges cards in. UGX is left out: the sources disagree about its unit,
/// and a guess would be wrong by a factor of 100.
pub(super) const CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP",
    "CRC", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "ISK", "JMD", "JOD", "JPY",
    "KES", "KGS", "KHR", "KMF", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL",
    "MGA", "MKD", "MMK", "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
    "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RWF", "SAR",
    "SBD", "SCR", "SEK", "SGD", "SHP", "SOS", "SRD", "SZL", "THB", "TJS", "TND", "TOP", "TRY", "TTD", "TWD",
    "TZS", "UAH", "USD", "UYU", "UZS", "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW",
];

/// How one of our minor units compares to one of Stripe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Same,
    /// Stripe counts hundredths where ISO 4217 has none: 5 krónur are 500.
    TheirsAreHundredths,
    /// Stripe counts whole units where ISO 4217 has hundredths.
    TheirsAreWhole,
    /// The same unit, but the last digit must be 0.
    TensOnly,
}

fn unit(currency: Currency) -> Option<Unit> {
    if !CURRENCIES.contains(&currency.code()) {
        return None;
    }
    Some(match currency.code() {
        "ISK" => Unit::TheirsAreHundredths,
        "MGA" => Unit::TheirsAreWhole,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => Unit::TensOnly,
        _ => Unit::Same,
    })
}

/// The amount in Stripe's unit.
///
/// # Errors
/// Stripe does not charge this currency, or cannot express the amount.
pub(super) fn to_stripe(amount: Amount, currency: Currency) -> Result<i64, Decline> {
    let ours = amount.minor_units();
    let unit = unit(currency).ok_or_else(|| Decline {
        class: DeclineClass::Misconfiguration,
        code: "CURRENCY_NOT_SUPPORTED".into(),
        message: format!("payments in {currency} are not made through Stripe"),
    })?;
    let theirs = match unit {
        Unit::Same => Some(ours),
        Unit::TheirsAreHundredths => ours.checked_mul(100),
        Unit::TheirsAreWhole => divided_exactly(ours, 100),
        Unit::TensOnly => divided_exactly(ours, 10).map(|_| ours),
    };
    theirs.ok_or_else(|| Decline {
        class: DeclineClass::Refused,
        code: "AMOUNT_NOT_EXPRESSIBLE".into(),
        message: match unit {
            Unit::TensOnly => format!("the last digit of an amount in {currency} must be 0 at Stripe"),
            Unit::TheirsAreWhole => format!("an amount in {currency} has no fraction at Stripe"),
            Unit::Same | Unit::TheirsAreHundredths => "the amount is too large for Stripe".into(),
        },
    })
}

/// What Stripe's amount is in our unit; `currency` as Stripe writes it, in any case.
pub(super) fn from_stripe(amount: i64, currency: &str) -> Option<(Amount, Currency)> {
    let currency = Currency::parse(&currency.to_ascii_uppercase())?;
    let ours = match unit(currency)? {
        Unit::Same | Unit::TensOnly => amount,
        Unit::TheirsAreHundredths => divided_exactly(amount, 100)?,
        Unit::TheirsAreWhole => amount.checked_mul(100)?,
    };
    Some((Amount::new(ours).ok()?, currency))
}

fn divided_exactly(value: i64, divisor: i64) -> Option<i64> {
    (value.checked_rem(divisor)? == 0).then(|| value.checked_div(divisor))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::money::MAX_AMOUNT;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn amounts_are_counted_in_the_unit_of_each_currency() {
        for (code, ours, theirs) in [
            ("KRW", 1000, Some(1000)),
            ("JPY", 1, Some(1)),
            ("USD", 1050, Some(1050)),
            ("THB", 2000, Some(2000)),
            // Zero-decimal at Stripe: what has no decimals there and two here.
            ("MGA", 100, Some(1)),
            ("MGA", 150, None),
            // Two decimals at Stripe, always 00, and none here.
            ("ISK", 5, Some(500)),
            ("ISK", MAX_AMOUNT, Some(MAX_AMOUNT * 100)),
            // Three decimals, the last one 0.
            ("KWD", 5120, Some(5120)),
            ("KWD", 5124, None),
            ("BHD", 10, Some(10)),
            ("JOD", 1, None),
            ("OMR", 1005, None),
            ("TND", 1000, Some(1000)),
            // Not in Stripe's list, or not settled what its unit is.
            ("UGX", 500, None),
            ("IRR", 500, None),
            ("CLF", 500, None),
        ] {
            let found = to_stripe(Amount::new(ours).unwrap(), currency(code)).ok();
            assert_eq!(found, theirs, "{code} {ours}");
        }
    }

    #[test]
    fn the_zero_decimal_currencies_have_no_decimals_at_stripe() {
        for code in [
            "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF",
            "XPF",
        ] {
            let whole = Amount::new(7 * 10_i64.pow(currency(code).exponent().into())).unwrap();
            assert_eq!(to_stripe(whole, currency(code)).unwrap(), 7, "{code}");
        }
    }

    #[test]
    fn every_declared_currency_is_one_of_ours() {
        for code in CURRENCIES {
            assert!(Currency::parse(code).is_some(), "{code}");
        }
    }

    #[test]
    fn an_amount_that_cannot_be_ours_is_none() {
        assert_eq!(from_stripe(501, "isk"), None);
        assert_eq!(from_stripe(-1, "krw"), None);
        assert_eq!(from_stripe(1, "xyz"), None);
        assert_eq!(from_stripe(i64::MAX, "mga"), None);
        assert_eq!(from_stripe(100, "usd"), Some((Amount::new(100).unwrap(), Currency::USD)));
    }

    proptest! {
        #[test]
        fn what_is_sent_reads_back_as_what_was_asked(
            ours in 0..=MAX_AMOUNT, index in 0..CURRENCIES.len()
        ) {
            let currency = currency(CURRENCIES[index]);
            let amount = Amount::new(ours).unwrap();
            if let Ok(theirs) = to_stripe(amount, currency) {
                let echoed = from_stripe(theirs, &currency.code().to_ascii_lowercase());
                prop_assert_eq!(echoed, Some((amount, currency)));
            }
        }
    }
}
