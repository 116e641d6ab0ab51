//! Section 17 of the specification as tables, and the laws of section 26.3 as properties.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::super::amount::Member;
use super::super::calculator::{Calculator, FormulaTexts, Parameter};
use super::super::policy::Payer::{Merchant, Partner};
use super::super::testing::*;
use super::super::working::{Figure, Place};
use super::*;
use crate::money::MAX_AMOUNT;
use proptest::prelude::*;

fn calculated(order: &Order, contract: &ContractFees, calculator: &Calculator) -> Calculation {
    let calculation = calculate(order, contract, calculator).unwrap();
    holds(&calculation.amount);
    calculation.lines.iter().for_each(|line| holds(&line.amount));
    calculation
}

fn standard(order: &Order, contract: &ContractFees) -> Calculation {
    calculated(order, contract, &Calculator::default())
}

/// An order with lines, discounts and fees on both levels (V16).
fn v16() -> Order {
    lines(vec![
        line("A", 3_300, 2),
        line("B", 1_500, 3).with_tax_free(1_500).with_discount(discount("fifth", 450, 450, 20_000)),
    ])
    .with_discount(discount("most", 1_000, 0, 70_000))
}

#[test]
fn the_vectors_of_the_specification() {
    let ten = contract(rate(10_000));
    let half = |units| discount("half", units, 0, 50_000);
    let five = || fee("five", rate(5_000), Partner);
    let v7 = standard(
        &lines(vec![line("A", 5_000, 5).with_discount(half(2_500)).with_fee(five())])
            .with_discount(half(2_500))
            .with_fee(five()),
        &ten.vat_by_merchant(),
    );
    let v3 = standard(&lines(vec![line("A", 2_000, 5), line("B", 4_000, 1)]), &ten);
    let v16_fees = contract(rate(5_000));
    let (v16_result, v17) = (standard(&v16(), &v16_fees), standard(&v16().with_tax_free(6_000), &v16_fees));
    let nearest = Calculator::rounding(Rounding::HalfUp);
    let of_payment = Calculator::default()
        .with_formulas(FormulaTexts {
            platform_fee: Some("PAYMENT_AMOUNT × FIXED_RATE"),
            ..Default::default()
        })
        .unwrap();
    let v5 = order(10_000).with_discount(half(2_000));
    let v11 = order(11_000).with_tax_free(4_400).with_discount(discount("third", 1_000, 400, 30_000));
    let v15 =
        order(20_000).with_fee(fee("fixed", fixed(300), Partner)).with_fee(fee("own", rate(2_500), Merchant));
    let v22 = order(33_333)
        .with_tax_free(11_111)
        .with_discount(discount("odd", 3_333, 1_111, 33_333))
        .with_fee(fee("odd", rate(1_111), Partner));

    // The members in the order of section 17: order, its tax-free part, discount, its tax-free part,
    // payment, its tax-free part, VAT, supply, VAT withheld, platform fee, VAT, additional fees, VAT,
    // share of discounts, its tax-free part, settlement, its tax-free part.
    #[rustfmt::skip]
    let table: [(&str, SettlementAmount, [i64; 17]); 27] = [
        ("V1", standard(&order(10_000), &ten).amount, [10000, 0, 0, 0, 10000, 0, 909, 9091, 0, 1000, 100, 0, 0, 0, 0, 8900, 0]),
        ("V3", v3.amount, [14000, 0, 0, 0, 14000, 0, 1272, 12728, 0, 1400, 140, 0, 0, 0, 0, 12460, 0]),
        ("V3A", v3.lines[0].amount.clone(), [10000, 0, 0, 0, 10000, 0, 909, 9091, 0, 1000, 100, 0, 0, 0, 0, 8900, 0]),
        ("V3B", v3.lines[1].amount.clone(), [4000, 0, 0, 0, 4000, 0, 363, 3637, 0, 400, 40, 0, 0, 0, 0, 3560, 0]),
        ("V5", standard(&v5, &ten).amount, [10000, 0, 2000, 0, 8000, 0, 727, 7273, 0, 1000, 100, 0, 0, 1000, 0, 7900, 0]),
        ("V6", standard(&order(10_000).with_fee(five()), &ten).amount, [10000, 0, 0, 0, 10000, 0, 909, 9091, 0, 1000, 100, 500, 50, 0, 0, 8350, 0]),
        ("V7", v7.amount, [25000, 0, 5000, 0, 20000, 0, 1818, 18182, 0, 2500, 0, 2500, 250, 2500, 0, 17250, 0]),
        ("V7L", v7.lines[0].amount.clone(), [25000, 0, 2500, 0, 22500, 0, 2045, 20455, 0, 2500, 0, 1250, 125, 1250, 0, 19875, 0]),
        ("V8", standard(&order(10_000), &ten.vat_by_merchant()).amount, [10000, 0, 0, 0, 10000, 0, 909, 9091, 0, 1000, 0, 0, 0, 0, 0, 9000, 0]),
        ("V9", standard(&order(10_000).with_tax_free(4_000), &ten).amount, [10000, 4000, 0, 0, 10000, 4000, 545, 5455, 0, 1000, 100, 0, 0, 0, 0, 8900, 3560]),
        ("V10", standard(&order(11_000), &ten.withholding_vat()).amount, [11000, 0, 0, 0, 11000, 0, 1000, 10000, 1000, 1100, 110, 0, 0, 0, 0, 8790, 0]),
        ("V11", standard(&v11, &ten.withholding_vat()).amount, [11000, 4400, 1000, 400, 10000, 4000, 545, 5455, 545, 1100, 110, 0, 0, 300, 120, 8945, 3578]),
        ("V12", standard(&order(9_999), &contract(rate(3_300))).amount, [9999, 0, 0, 0, 9999, 0, 909, 9090, 0, 329, 32, 0, 0, 0, 0, 9638, 0]),
        ("V13", calculated(&order(9_999), &contract(rate(3_300)), &nearest).amount, [9999, 0, 0, 0, 9999, 0, 909, 9090, 0, 330, 33, 0, 0, 0, 0, 9636, 0]),
        ("V14", standard(&order(10_000), &contract(fixed(500))).amount, [10000, 0, 0, 0, 10000, 0, 909, 9091, 0, 500, 50, 0, 0, 0, 0, 9450, 0]),
        ("V15", standard(&v15, &contract(rate(8_000))).amount, [20000, 0, 0, 0, 20000, 0, 1818, 18182, 0, 1600, 160, 800, 30, 0, 0, 17410, 0]),
        ("V16", v16_result.amount, [11100, 4500, 1450, 450, 9650, 4050, 509, 5091, 0, 555, 55, 0, 0, 790, 90, 9700, 4162]),
        ("V16A", v16_result.lines[0].amount.clone(), [6600, 0, 0, 0, 6600, 0, 600, 6000, 0, 330, 33, 0, 0, 0, 0, 6237, 0]),
        ("V16B", v16_result.lines[1].amount.clone(), [4500, 4500, 450, 450, 4050, 4050, 0, 0, 0, 225, 22, 0, 0, 90, 90, 4163, 4163]),
        ("V17", v17.amount, [11100, 6000, 1450, 450, 9650, 5550, 372, 3728, 0, 555, 55, 0, 0, 790, 90, 9700, 5580]),
        ("V17B", v17.lines[1].amount.clone(), [4500, 4500, 450, 450, 4050, 4050, 0, 0, 0, 225, 22, 0, 0, 90, 90, 4163, 4163]),
        ("V18", standard(&order(10_000).with_discount(discount("none", 10_000, 0, 0)), &ten).amount, [10000, 0, 10000, 0, 0, 0, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 8900, 0]),
        ("V19", standard(&order(10_000).with_discount(discount("all", 10_000, 0, 100_000)), &ten).amount, [10000, 0, 10000, 0, 0, 0, 0, 0, 0, 1000, 100, 0, 0, 10000, 0, -1100, 0]),
        ("V20", standard(&order(1_999), &contract(rate(5_000))).amount, [1999, 0, 0, 0, 1999, 0, 181, 1818, 0, 99, 9, 0, 0, 0, 0, 1891, 0]),
        ("V21", calculated(&v5, &ten, &of_payment).amount, [10000, 0, 2000, 0, 8000, 0, 727, 7273, 0, 800, 80, 0, 0, 1000, 0, 8120, 0]),
        ("V22", standard(&v22, &contract(rate(12_345)).withholding_vat()).amount, [33333, 11111, 3333, 1111, 30000, 10000, 1818, 18182, 1818, 4114, 411, 370, 37, 1110, 370, 25473, 8491]),
        ("V23", standard(&order(300), &contract(fixed(500))).amount, [300, 0, 0, 0, 300, 0, 27, 273, 0, 500, 50, 0, 0, 0, 0, -250, 0]),
    ];
    for (id, amount, expected) in table {
        assert_eq!(row(&amount), expected, "{id}");
    }
}

#[test]
fn the_figures_of_the_dictionary() {
    // Section 17, last paragraph: a fee of 3,000 with its VAT, 3 % of 30,000, a discount of 5,000 shared at 10 %.
    let amount =
        standard(&order(30_000).with_discount(discount("tenth", 5_000, 0, 10_000)), &contract(fixed(3_000)))
            .amount;
    assert_eq!(amount.platform_fee_vat.minor_units(), 300);
    assert_eq!(amount.discount_share.minor_units(), 500);
    assert_eq!(standard(&order(30_000), &contract(rate(3_000))).amount.platform_fee.minor_units(), 900);
}

#[test]
fn a_fixed_fee_is_charged_once_and_divided_over_the_lines() {
    let order = lines(vec![line("A", 100, 1), line("B", 100, 1), line("C", 100, 1)]);
    let calculation = standard(&order, &contract(fixed(500)));
    let fees: Vec<i64> =
        calculation.lines.iter().map(|line| line.amount.platform_fee.minor_units()).collect();
    assert_eq!(fees, [167, 167, 166]); // the larger parts to the earlier lines
    assert_eq!(calculation.amount.platform_fee.minor_units(), 500);
    // A line's own fixed fee is charged once for the line, whatever its quantity.
    let order = lines(vec![line("A", 100, 7).with_fee(fee("wrap", fixed(30), Merchant))]);
    assert_eq!(standard(&order, &contract(fixed(0))).amount.additional_fee.minor_units(), 30);
    // Lines that are worth nothing: the first bears it.
    let order = lines(vec![line("A", 0, 1), line("B", 0, 1)]);
    assert_eq!(standard(&order, &contract(fixed(500))).lines[0].amount.platform_fee.minor_units(), 500);
}

#[test]
fn own_formulas_see_everything_and_take_parameters() {
    let parameter = |key: &str, decimal, scale| Parameter {
        key: key.into(),
        name: key.into(),
        default: ParameterValue::new(decimal, scale).unwrap(),
    };
    let calculator = Calculator::default()
        .with_user_formulas(
            vec![parameter("bonus_rate", 15, 1)],
            &[
                ("bonus", "SETTLEMENT_AMOUNT × bonus_rate / 100", Rounding::Down),
                (
                    "fees",
                    "PLATFORM_FEE_AMOUNT + PLATFORM_FEE_VAT + ADDITIONAL_FEE_AMOUNT + ADDITIONAL_FEE_VAT",
                    Rounding::Down,
                ),
                ("tax_free", "SETTLEMENT_AMOUNT × ORDER_TAX_FREE_RATIO", Rounding::HalfUp),
                (
                    "vat",
                    "PAYMENT_VAT_AMOUNT - PAYMENT_VAT_BURDEN_AMOUNT + DISCOUNT_SHARE_AMOUNT",
                    Rounding::Down,
                ),
            ],
        )
        .unwrap();
    let mut order = order(10_000).with_tax_free(4_000).with_fee(fee("five", rate(5_000), Partner));
    order.parameters = calculator.parameter_values(&BTreeMap::new()).unwrap();
    let own = calculated(&order, &contract(rate(10_000)), &calculator).amount.user_defined;
    let own: Vec<(&str, i64)> = own.iter().map(|(key, value)| (&**key, value.minor_units())).collect();
    assert_eq!(own, [("bonus", 125), ("fees", 1_650), ("tax_free", 3_340), ("vat", 545)]);
}

#[test]
fn formulas_replace_the_standard_ones_and_may_go_below_zero() {
    let texts = FormulaTexts {
        platform_fee: Some("ORDER_AMOUNT × FIXED_RATE − DISCOUNT_SHARE_AMOUNT × 2"),
        discount_share: Some("올림(DISCOUNT_AMOUNT × FIXED_RATE / 1000) × 1000"),
        additional_fee: Some("(PLATFORM_FEE_AMOUNT + PLATFORM_FEE_VAT) × FIXED_RATE"),
    };
    let calculator = Calculator::default().with_formulas(texts).unwrap();
    let order = order(10_000).with_discount(discount("half", 1_200, 0, 50_000)).with_fee(fee(
        "f",
        rate(50_000),
        Merchant,
    ));
    let amount = calculated(&order, &contract(rate(10_000)), &calculator).amount;
    // share: 600 rounded up to a thousand; fee: 1,000 − 2,000; its VAT −100; half of both.
    let figures =
        [amount.discount_share, amount.platform_fee, amount.platform_fee_vat, amount.additional_fee];
    assert_eq!(figures.map(SignedAmount::minor_units), [1_000, -1_000, -100, -550]);
    assert_eq!(amount.settlement.minor_units(), 10_000 + 1_000 + 100 + 550 - 1_000);

    let by_zero = FormulaTexts { platform_fee: Some("ORDER_AMOUNT / DISCOUNT_AMOUNT"), ..Default::default() };
    let calculator = Calculator::default().with_formulas(by_zero).unwrap();
    let refused = calculate(&super::super::testing::order(10), &contract(rate(0)), &calculator);
    assert_eq!(refused, Err(CalculationRefusal::OutOfRange(MoneyError::DivisionByZero)));
}

#[test]
fn amounts_that_do_not_fit_are_refused_lines_first() {
    use ExceededReason as R;
    let ten = contract(rate(10_000));
    let d = |units, tax_free| discount("half", units, tax_free, 50_000);
    // the order; reason, asked, allowed, product
    let table = [
        (order(1_000).with_discount(d(1_001, 0)), R::DiscountThanOrder, 1_001, 1_000, None),
        (
            order(1_000).with_tax_free(500).with_discount(d(100, 101)),
            R::DiscountTaxFreeThanDiscount,
            101,
            100,
            None,
        ),
        // One discount may not hide behind another.
        (
            order(1_000)
                .with_tax_free(500)
                .with_discount(d(100, 101))
                .with_discount(discount("b", 100, 0, 0)),
            R::DiscountTaxFreeThanDiscount,
            101,
            100,
            None,
        ),
        (
            order(1_000).with_tax_free(50).with_discount(d(100, 60)),
            R::DiscountTaxFreeThanOrderTaxFree,
            60,
            50,
            None,
        ),
        (order(1_000).with_tax_free(1_001), R::PaymentTaxFreeThanPayment, 1_001, 1_000, None),
        (
            order(1_000).with_tax_free(950).with_discount(d(100, 0)),
            R::PaymentTaxFreeThanPayment,
            950,
            900,
            None,
        ),
        (
            lines(vec![line("A", 10, 1), line("B", 10, 1).with_discount(d(11, 0))]).with_tax_free(999),
            R::DiscountThanOrder,
            11,
            10,
            Some("B"),
        ),
        (lines(vec![line("A", 10, 1).with_tax_free(11)]), R::PaymentTaxFreeThanPayment, 11, 10, Some("A")),
        (lines(vec![line("A", 10, 1)]).with_discount(d(11, 0)), R::DiscountThanOrder, 11, 10, None),
    ];
    for (order, reason, asked, allowed, product) in table {
        let expected = AmountExceeded {
            reason,
            asked: amount(asked),
            allowed: amount(allowed),
            product: product.map(ProductId::known),
        };
        assert_eq!(
            calculate(&order, &ten, &Calculator::default()),
            Err(CalculationRefusal::Exceeded(expected)),
            "{order:?}"
        );
    }
}

#[test]
fn malformed_orders_are_refused_before_amounts_are_compared() {
    use CalculationRefusal as R;
    let refused =
        |order: Order| calculate(&order, &contract(rate(10_000)), &Calculator::default()).unwrap_err();
    let d = || discount("half", 2, 0, 0);
    assert_eq!(refused(lines(vec![])), R::NoLines);
    assert_eq!(refused(lines(vec![line("A", 1, 0)])), R::NoQuantity(ProductId::known("A")));
    let policy = DiscountSharePolicyId::known("half");
    assert_eq!(refused(order(1).with_discount(d()).with_discount(d())), R::PolicyTwice(policy.clone()));
    let line_twice = line("A", 1, 1).with_discount(d()).with_discount(d());
    assert_eq!(refused(lines(vec![line_twice])), R::PolicyTwice(policy));
    assert_eq!(
        refused(lines(vec![line("A", 1, 1).with_discount(d()), line("A", 1, 1)])),
        R::ProductTwice(ProductId::known("A"))
    );
    assert!(matches!(refused(lines(vec![line("A", MAX_AMOUNT, 2)])), R::OutOfRange(MoneyError::TooLarge(_))));
    assert!(matches!(refused(lines(vec![line("A", MAX_AMOUNT, u32::MAX)])), R::OutOfRange(_)));
    // The same policy on a line and on the order is two discounts.
    let both = lines(vec![line("A", 10, 1).with_discount(d())]).with_discount(d());
    assert_eq!(standard(&both, &contract(rate(0))).amount.discount, amount(4));
}

#[test]
fn the_working_reads_like_a_bill() {
    let order = order(9_999)
        .with_tax_free(4_000)
        .with_discount(discount("spring", 1_000, 400, 30_000))
        .with_fee(fee("wrap", fixed(300), Merchant));
    let calculation = standard(&order, &contract(rate(3_300)).withholding_vat());
    let working: Vec<String> = calculation.explained().map(ToString::to_string).collect();
    insta::assert_snapshot!(working.join("\n"), @r"
    order 9999: as given
    order, tax-free 4000: as given
    discount 1000: as given
    discount, tax-free 400: as given
    payment 8999: 9999 less 1000
    payment, tax-free 3600: 4000 less 400
    VAT of the payment 490: an eleventh of 5399, rounded down
    payment, taxable, without VAT 4909: 5399 less 490
    VAT of the payment, withheld 490: withheld in full
    share of discount spring 300: 30 % of 1000, rounded down
    tax-free share of discount spring 120: 30 % of 400, rounded down
    share of discounts 300: the sum of its parts
    share of discounts, tax-free 120: the sum of its parts
    platform fee 329: 3.3 % of 9999, rounded down
    VAT on the platform fee 32: a tenth of 329, rounded down
    additional fee wrap 300: a fixed amount of 300
    VAT on additional fee wrap 0: borne by the merchant
    additional fees 300: the sum of its parts
    VAT on the additional fees 0: the sum of its parts
    settlement 8548: 9999 less 1451
    settlement, tax-free 3419: 8848 × 4000 / 9999 less 120, rounded down
    ");
}

fn any_fee() -> impl Strategy<Value = Fee> {
    prop_oneof![(0u32..=100_000).prop_map(rate), (0i64..100_000).prop_map(fixed)]
}

fn any_payer() -> impl Strategy<Value = Payer> {
    prop::sample::select(vec![Partner, Merchant])
}

fn any_fees(most: usize) -> impl Strategy<Value = Vec<AdditionalFee>> {
    let one = (any_fee(), any_payer()).prop_map(|(kind, payer)| fee("fee", kind, payer));
    prop::collection::vec(one, 0..=most)
}

pub(in super::super) fn any_contract() -> impl Strategy<Value = ContractFees> {
    (any_fee(), any_payer(), any::<bool>()).prop_map(|(platform_fee, vat_payer, withheld)| ContractFees {
        platform_fee,
        vat_payer,
        payment_vat: if withheld { PaymentVat::Withheld } else { PaymentVat::Settled },
    })
}

pub(in super::super) fn any_calculator() -> impl Strategy<Value = Calculator> {
    prop::sample::select(vec![Rounding::Down, Rounding::HalfUp, Rounding::Up]).prop_map(Calculator::rounding)
}

/// Discounts that fit an amount of which a part is tax-free.
fn discounts_within(order: i64, tax_free: i64, cuts: &[(u8, u32)]) -> Vec<Discount> {
    let (mut taxable, mut free) = (order - tax_free, tax_free);
    cuts.iter()
        .enumerate()
        .map(|(index, (cut, share))| {
            let (from_taxable, from_free) = (taxable * i64::from(*cut) / 400, free * i64::from(*cut) / 500);
            taxable -= from_taxable;
            free -= from_free;
            discount(&format!("d{index}"), from_taxable + from_free, from_free, *share)
        })
        .collect()
}

fn any_cuts() -> impl Strategy<Value = Vec<(u8, u32)>> {
    prop::collection::vec((any::<u8>(), 0u32..=100_000), 0..3)
}

fn any_by_amount(most: i64) -> impl Strategy<Value = Order> {
    (0..=most, 0u8..=100, any_cuts(), any_fees(2)).prop_map(|(units, percent, cuts, fees)| {
        let tax_free = i64::try_from(i128::from(units) * i128::from(percent) / 100).unwrap();
        Order {
            tax_free: Some(amount(tax_free)),
            discounts: discounts_within(units, tax_free, &cuts),
            additional_fees: fees,
            ..order(units)
        }
    })
}

fn any_line(most: i64) -> impl Strategy<Value = (i64, u32, u8, Vec<(u8, u32)>, Vec<AdditionalFee>)> {
    (0..=most, 1u32..6, 0u8..=100, any_cuts(), any_fees(1))
}

fn any_by_lines(most: i64) -> impl Strategy<Value = Order> {
    (prop::collection::vec(any_line(most), 1..5), any_fees(1)).prop_map(|(rows, fees)| {
        let rows = rows.into_iter().enumerate().map(|(index, (unit, quantity, percent, cuts, fees))| {
            let unit_tax_free = unit * i64::from(percent) / 100;
            let all = i64::from(quantity);
            OrderLine {
                discounts: discounts_within(unit * all, unit_tax_free * all, &cuts),
                additional_fees: fees,
                ..line(&format!("p{index}"), unit, quantity).with_tax_free(unit_tax_free)
            }
        });
        Order { additional_fees: fees, ..lines(rows.collect()) }
    })
}

pub(in super::super) fn any_order(most: i64) -> impl Strategy<Value = Order> {
    prop_oneof![any_by_amount(most), any_by_lines(most)]
}

proptest! {
    #[test]
    fn parts_sum_to_wholes(order in any_order(1_000_000_000_000), fees in any_contract(), calculator in any_calculator()) {
        let calculation = calculated(&order, &fees, &calculator);
        if calculation.lines.is_empty() {
            return Ok(());
        }
        let of_lines = |member| -> i64 { calculation.lines.iter().map(|line| line.amount.member(member).minor_units()).sum() };
        let own_fee: i64 = calculation.additional_fees.iter().map(|own| own.amount.minor_units()).sum();
        let own_vat: i64 = calculation.additional_fees.iter().map(|own| own.vat.minor_units()).sum();
        let own_share: i64 = calculation.discounts.iter().map(|own| own.share.minor_units()).sum();
        for (member, own) in [
            (Member::Order, 0), (Member::OrderTaxFree, 0), (Member::PlatformFee, 0), (Member::PlatformFeeVat, 0),
            (Member::AdditionalFee, own_fee), (Member::AdditionalFeeVat, own_vat), (Member::DiscountShare, own_share),
        ] {
            prop_assert_eq!(calculation.amount.member(member).minor_units(), of_lines(member) + own, "{:?}", member);
        }
    }

    #[test]
    fn every_figure_is_what_its_rule_makes_of_its_base(order in any_order(1_000_000_000), fees in any_contract(), calculator in any_calculator()) {
        let calculation = calculated(&order, &fees, &calculator);
        for step in calculation.explained() {
            prop_assert_eq!(step.rule.applied_to(step.base).unwrap(), step.result, "{}", step);
        }
        // And every member has exactly one step, which says the same as the amounts.
        let places = std::iter::once((Place::Whole, &calculation.amount))
            .chain(calculation.lines.iter().enumerate().map(|(index, line)| (Place::Line(index), &line.amount)));
        for (place, amount) in places {
            for member in Member::ALL {
                let figure = Figure::Member(member);
                let results: Vec<SignedAmount> = calculation.working.of(place, &figure).map(|step| step.result).collect();
                prop_assert_eq!(results, vec![amount.member(member)], "{:?} of {:?}", member, place);
            }
        }
    }

    #[test]
    fn lines_change_nothing_beyond_their_rounding(
        units in prop::collection::vec((0i64..1_000_000_000, 1u32..9), 1..8), percent in 0u32..=100_000, vat_payer in any_payer(),
        extra in any_fees(2), tax_free in 0u8..=100, calculator in any_calculator(), charged in 0i64..100_000,
    ) {
        let rows: Vec<OrderLine> = units.iter().enumerate().map(|(index, (unit, quantity))| line(&format!("p{index}"), *unit, *quantity)).collect();
        let total: i64 = units.iter().map(|(unit, quantity)| unit * i64::from(*quantity)).sum();
        let free = i64::try_from(i128::from(total) * i128::from(tax_free) / 100).unwrap();
        let by_lines = Order { additional_fees: extra.clone(), ..lines(rows).with_tax_free(free) };
        let by_amount = Order { additional_fees: extra, ..order(total).with_tax_free(free) };
        let count = i64::try_from(units.len()).unwrap();
        for fees in [ContractFees { vat_payer, ..contract(rate(percent)) }, ContractFees { vat_payer, ..contract(fixed(charged)) }] {
            let (lined, whole) = (calculated(&by_lines, &fees, &calculator).amount, calculated(&by_amount, &fees, &calculator).amount);
            for member in Member::ALL {
                let difference = (lined.member(member).minor_units() - whole.member(member).minor_units()).abs();
                let allowed = match member {
                    // One rounding for each line instead of one; a fixed fee is divided exactly.
                    Member::PlatformFee if fees.platform_fee.is_fixed() => 0,
                    Member::PlatformFee => count,
                    // Rounded again, of a fee that differs by that much at most.
                    Member::PlatformFeeVat => 2 * count,
                    Member::Settlement | Member::SettlementTaxFree => 3 * count + 1,
                    _ => 0,
                };
                prop_assert!(difference <= allowed, "{:?}: {}", member, difference);
            }
        }
    }

    #[test]
    fn a_larger_order_never_earns_less_of_a_rate(units in 0i64..1_000_000_000, more in 0i64..1_000_000, percent in 0u32..=90_000) {
        // At 90 % and its VAT of 9 % something is left of every won.
        let earns = |units| standard(&order(units), &contract(rate(percent))).amount.settlement;
        prop_assert!(earns(units + more).minor_units() >= earns(units).minor_units() - 2);
    }

    #[test]
    fn nothing_overflows_and_what_is_too_large_is_an_error(
        units in any::<u64>(), quantity in any::<u32>(), fixed_fee in 0..=MAX_AMOUNT, percent in 0u32..=100_000, calculator in any_calculator(),
    ) {
        let unit = amount(i64::try_from(units % (u64::try_from(MAX_AMOUNT).unwrap() + 1)).unwrap());
        let mut row = line("A", 0, quantity.max(1));
        row.product.amount = unit;
        row.product.tax_free = unit;
        row.additional_fees = vec![fee("f", fixed(fixed_fee), Partner)];
        for fees in [contract(rate(percent)).withholding_vat(), contract(fixed(fixed_fee))] {
            match calculate(&lines(vec![row.clone()]), &fees, &calculator) {
                Ok(calculation) => holds(&calculation.amount),
                Err(refusal) => prop_assert!(matches!(refusal, CalculationRefusal::OutOfRange(_)), "{refusal}"),
            }
        }
    }
}
