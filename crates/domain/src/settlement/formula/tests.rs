//! The formula language: values, faults with their positions, and that no text breaks the reader.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::*;
use crate::money::{Amount, Rate};
use proptest::prelude::*;

fn read(text: &str) -> Result<Formula, Fault> {
    Formula::read(text, FormulaOf::AdditionalFee, &[])
}

fn values() -> Values {
    let won = |units| SignedAmount::new(units).unwrap();
    Values::default()
        .with(Variable::OrderAmount, won(10_000))
        .with(Variable::PaymentAmount, won(8_000))
        .with(Variable::DiscountAmount, won(2_000))
        .with_fee(Fee::Rate(Rate::bps(330)))
        .unwrap()
        .with(Variable::PlatformFeeAmount, won(1_000))
}

#[test]
fn a_formula_is_worth_what_arithmetic_says() {
    // formula; down, nearest, up
    for (text, down, nearest, up) in [
        ("ORDER_AMOUNT × FIXED_RATE", 330, 330, 330),
        ("(ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT", 330, 330, 330),
        ("주문금액 * 정률", 330, 330, 330),
        ("(주문금액 − 할인금액) × 0.01999", 159, 160, 160),
        ("ORDER_AMOUNT - DISCOUNT_AMOUNT - 500", 7_500, 7_500, 7_500),
        ("ORDER_AMOUNT - (DISCOUNT_AMOUNT - 500)", 8_500, 8_500, 8_500),
        ("1 + 2 × 3", 7, 7, 7),
        ("10 / 4 / 5", 0, 1, 1),
        ("-PLATFORM_FEE_AMOUNT / 3", -333, -333, -334),
        ("--7", 7, 7, 7),
        ("올림(10 / 3) + 내림(10 / 3) + 반올림(10 / 4)", 10, 10, 10),
        ("CEIL(-7/2)+FLOOR(-7/2)+ROUND(-7/2)", -11, -11, -11),
        ("반올림(PAYMENT_AMOUNT / 11)", 727, 727, 727),
        ("0.00000000000000001", 0, 0, 1),
        ("ORDER_AMOUNT\n × FIXED_RATE", 330, 330, 330),
    ] {
        let value = read(text).unwrap().value(&values()).unwrap();
        let rounded = [Rounding::Down, Rounding::HalfUp, Rounding::Up]
            .map(|rounding| value.rounded(rounding).unwrap().minor_units());
        assert_eq!(rounded, [down, nearest, up], "{text}");
    }
}

#[test]
fn dividing_by_nothing_is_an_error_value() {
    let formula = read("1 / (ORDER_AMOUNT - 10000)").unwrap();
    assert_eq!(formula.value(&values()), Err(MoneyError::DivisionByZero));
    let huge = "999999999999999999 × 999999999999999999 × 999999999999999999";
    assert_eq!(read(huge).unwrap().value(&values()), Err(MoneyError::Inexact));
}

#[test]
fn the_first_fault_is_told_with_its_position() {
    // formula, the fault, its position: line, from, to
    for (text, fault, line, from, to) in [
        ("ORDER_AMOUNT ^ 2", "there is no operator ^", 1, 13, 14),
        ("(ORDER_AMOUNT % 2)", "there is no operator %", 1, 14, 15),
        ("ORDER_AMOUNT 2", "\"2\" is not expected here", 1, 13, 14),
        ("ORDER_AMOUNT +", "\"\" is not expected here", 1, 14, 14),
        ("", "\"\" is not expected here", 1, 0, 0),
        ("(1 + 2", "\"\" is not expected here", 1, 6, 6),
        ("1 + 2)", "\")\" is not expected here", 1, 5, 6),
        ("× 2", "\"×\" is not expected here", 1, 0, 1),
        ("1.5.2", "\"1.5.2\" is not expected here", 1, 0, 5),
        (".5", "\".5\" is not expected here", 1, 0, 2),
        ("1234567890123456789", "\"1234567890123456789\" is not expected here", 1, 0, 19),
        ("1 +\n  GROSS_AMOUNT", "there is no variable GROSS_AMOUNT", 2, 2, 14),
        ("order_amount", "there is no variable order_amount", 1, 0, 12),
        ("SETTLEMENT_AMOUNT", "the variable SETTLEMENT_AMOUNT cannot be used in this formula", 1, 0, 17),
        ("MAX(1)", "there is no function MAX", 1, 0, 3),
        ("1 + CEIL()", "the function CEIL takes 1 argument, not 0", 1, 4, 10),
        ("올림(1, 2)", "the function 올림 takes 1 argument, not 2", 1, 0, 8),
        ("NOPE + MAX(1) ^ 2", "there is no variable NOPE", 1, 0, 4),
    ] {
        let found = read(text).unwrap_err();
        assert_eq!(found.to_string(), fault, "{text}");
        let (Fault::Arguments { at, .. }
        | Fault::Function { at, .. }
        | Fault::UnsupportedVariable { at, .. }
        | Fault::Variable { at, .. }
        | Fault::Operator { at, .. }
        | Fault::Syntax { at, .. }) = found
        else {
            panic!("{text}: no position")
        };
        assert_eq!((at.start_line, at.start_index, at.end_index), (line, from, to), "{text}");
    }
}

#[test]
fn each_formula_is_offered_what_is_computed_before_it() {
    use FormulaOf::{AdditionalFee, DiscountShare, PlatformFee, UserDefined};
    for (name, offered) in [
        ("ORDER_AMOUNT", vec![DiscountShare, PlatformFee, AdditionalFee, UserDefined]),
        ("PAYMENT_AMOUNT", vec![DiscountShare, PlatformFee, AdditionalFee, UserDefined]),
        ("DISCOUNT_AMOUNT", vec![DiscountShare, PlatformFee, AdditionalFee, UserDefined]),
        ("FIXED_RATE", vec![DiscountShare, PlatformFee, AdditionalFee]),
        ("FIXED_AMOUNT", vec![PlatformFee, AdditionalFee]),
        ("DISCOUNT_SHARE_AMOUNT", vec![PlatformFee, AdditionalFee, UserDefined]),
        ("PLATFORM_FEE_AMOUNT", vec![AdditionalFee, UserDefined]),
        ("PLATFORM_FEE_VAT", vec![AdditionalFee, UserDefined]),
        ("ADDITIONAL_FEE_AMOUNT", vec![UserDefined]),
        ("ADDITIONAL_FEE_VAT", vec![UserDefined]),
        ("PAYMENT_VAT_AMOUNT", vec![UserDefined]),
        ("PAYMENT_VAT_BURDEN_AMOUNT", vec![UserDefined]),
        ("ORDER_TAX_FREE_RATIO", vec![UserDefined]),
        ("SETTLEMENT_AMOUNT", vec![UserDefined]),
        ("night_fee", vec![UserDefined]),
    ] {
        for of in [DiscountShare, PlatformFee, AdditionalFee, UserDefined] {
            let read = Formula::read(name, of, &["night_fee"]);
            assert_eq!(read.is_ok(), offered.contains(&of), "{name} in {of:?}");
            assert!(matches!(read, Ok(_) | Err(Fault::UnsupportedVariable { .. })), "{name} in {of:?}");
        }
    }
    assert!(matches!(Formula::read("day_fee", UserDefined, &["night_fee"]), Err(Fault::Variable { .. })));
}

#[test]
fn both_spellings_are_the_same_formula() {
    for (_, english, korean) in Variable::ALL {
        for of in [FormulaOf::AdditionalFee, FormulaOf::UserDefined] {
            assert_eq!(
                Formula::read(english, of, &[]).ok(),
                Formula::read(korean, of, &[]).ok(),
                "{english}"
            );
        }
    }
}

#[test]
fn length_and_depth_are_bounded() {
    let deep = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(&deep(MAX_FORMULA_DEPTH - 1)).is_ok());
    assert_eq!(read(&deep(MAX_FORMULA_DEPTH)), Err(Fault::Unknown));
    assert_eq!(read(&"-".repeat(900)), Err(Fault::Unknown));
    assert_eq!(read(&"1+".repeat(501)), Err(Fault::Unknown));
    // Length alone is no depth.
    assert!(read(&format!("{}1", "1+".repeat(499))).is_ok());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,60}") {
        if let Ok(formula) = read(&text) {
            let _ = formula.value(&values());
        }
    }

    #[test]
    fn no_pieces_of_the_language_break_it(pieces in prop::collection::vec(
        prop::sample::select(vec!["ORDER_AMOUNT", "FIXED_RATE", "+", "-", "×", "/", "(", ")", "CEIL", "올림(", "0.5", "7", ",", " "]), 0..24)
    ) {
        let text = pieces.concat();
        if let Ok(formula) = read(&text) {
            let _ = formula.value(&values());
        }
    }

    /// The standard formulas, written out, are what the calculator computes without them.
    #[test]
    fn a_rate_is_its_fraction(order in 0i64..1_000_000_000_000, rate in 0u32..=100_000) {
        let (order, rate) = (Amount::new(order).unwrap(), Rate::millipercent(rate));
        let values = Values::default().with(Variable::OrderAmount, order).with_fee(Fee::Rate(rate)).unwrap();
        let value = read("(ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT").unwrap().value(&values).unwrap();
        for rounding in [Rounding::Down, Rounding::HalfUp, Rounding::Up] {
            prop_assert_eq!(value.rounded(rounding).unwrap(), SignedAmount::from(rate.of(order, rounding).unwrap()));
        }
    }
}
