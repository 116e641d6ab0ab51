//! Section 17 of the specification for cancels, the refusals of section 11.4, and the laws: cancels
//! in any order and any split add up to the order.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::super::amount::Member;
use super::super::calculator::Calculator;
use super::super::order::tests::{any_calculator, any_contract, any_order};
use super::super::order::{ExceededReason, Order, calculate as order_of};
use super::super::policy::Payer::Partner;
use super::super::testing::*;
use super::*;
use proptest::prelude::*;

fn by_amount(units: i64) -> Cancel {
    Cancel { detail: CancelDetail::Amount(amount(units)), tax_free: None, discounts: vec![] }
}

fn by_lines(lines: Vec<LineCancel>) -> Cancel {
    Cancel { detail: CancelDetail::Lines(lines), ..by_amount(0) }
}

fn all() -> Cancel {
    Cancel { detail: CancelDetail::All, ..by_amount(0) }
}

fn units(product: &str, quantity: u32) -> LineCancel {
    LineCancel { product: ProductId::known(product), quantity, discounts: vec![] }
}

fn back(policy: &str, units: i64, tax_free: i64) -> DiscountCancel {
    DiscountCancel {
        policy: DiscountSharePolicyId::known(policy),
        amount: amount(units),
        tax_free: amount(tax_free),
    }
}

impl Cancel {
    fn with_tax_free(self, units: i64) -> Self {
        Self { tax_free: Some(amount(units)), ..self }
    }
    fn with(mut self, discount: DiscountCancel) -> Self {
        self.discounts.push(discount);
        self
    }
}

impl LineCancel {
    fn with(mut self, discount: DiscountCancel) -> Self {
        self.discounts.push(discount);
        self
    }
}

fn registered(order: &Order, fees: super::super::order::ContractFees) -> Calculation {
    order_of(order, &fees, &Calculator::default()).unwrap()
}

fn v1() -> Calculation {
    registered(&order(10_000), contract(rate(10_000)))
}

fn v3() -> Calculation {
    registered(&lines(vec![line("A", 2_000, 5), line("B", 4_000, 1)]), contract(rate(10_000)))
}

fn v5() -> Calculation {
    registered(&order(10_000).with_discount(discount("half", 2_000, 0, 50_000)), contract(rate(10_000)))
}

fn v7() -> Calculation {
    let half = || discount("half", 2_500, 0, 50_000);
    let five = || fee("five", rate(5_000), Partner);
    let order = lines(vec![line("A", 5_000, 5).with_discount(half()).with_fee(five())])
        .with_discount(half())
        .with_fee(five());
    registered(&order, contract(rate(10_000)).vat_by_merchant())
}

fn v9() -> Calculation {
    registered(&order(10_000).with_tax_free(4_000), contract(rate(10_000)))
}

fn v11() -> Calculation {
    let order = order(11_000).with_tax_free(4_400).with_discount(discount("third", 1_000, 400, 30_000));
    registered(&order, contract(rate(10_000)).withholding_vat())
}

/// Registers cancels one after the other and checks what holds for each.
fn after(original: &Calculation, cancels: &[Cancel]) -> Vec<Calculation> {
    let mut made: Vec<Calculation> = Vec::new();
    for cancel in cancels {
        let earlier: Vec<&Calculation> = made.iter().collect();
        let next = calculate(original, &earlier, cancel).unwrap();
        holds(&next.amount);
        next.lines.iter().for_each(|line| holds(&line.amount));
        made.push(next);
    }
    made
}

#[test]
fn the_cancel_vectors_of_the_specification() {
    let c1 = registered(&order(10_000), contract(rate(3_330)));
    assert_eq!(row(&c1.amount)[9..11], [333, 33]);
    let c1 = after(&c1, &[by_amount(3_333), by_amount(3_333), by_amount(3_334)]);
    let c2 = after(&v5(), &[by_amount(5_000).with(back("half", 1_000, 0))]);
    let c3 = after(&v5(), &[by_amount(5_000), all()]);
    let c4 = after(&v7(), &[by_lines(vec![units("A", 2).with(back("half", 1_000, 0))]), all()]);
    let c5 = after(&v11(), &[by_amount(5_500).with_tax_free(2_200).with(back("third", 500, 200)), all()]);
    let (v2, v4) = (after(&v1(), &[by_amount(5_000)]), after(&v3(), &[by_lines(vec![units("A", 2)])]));

    #[rustfmt::skip]
    let table: [(&str, &Calculation, [i64; 17]); 12] = [
        ("V2", &v2[0], [5000, 0, 0, 0, 5000, 0, 454, 4546, 0, 500, 50, 0, 0, 0, 0, 4450, 0]),
        ("V4", &v4[0], [4000, 0, 0, 0, 4000, 0, 363, 3637, 0, 400, 40, 0, 0, 0, 0, 3560, 0]),
        ("C1a", &c1[0], [3333, 0, 0, 0, 3333, 0, 303, 3030, 0, 110, 10, 0, 0, 0, 0, 3213, 0]),
        ("C1b", &c1[1], [3333, 0, 0, 0, 3333, 0, 303, 3030, 0, 111, 11, 0, 0, 0, 0, 3211, 0]),
        ("C1c", &c1[2], [3334, 0, 0, 0, 3334, 0, 303, 3031, 0, 112, 12, 0, 0, 0, 0, 3210, 0]),
        ("C2", &c2[0], [5000, 0, 1000, 0, 4000, 0, 363, 3637, 0, 500, 50, 0, 0, 500, 0, 3950, 0]),
        ("C3a", &c3[0], [5000, 0, 0, 0, 5000, 0, 454, 4546, 0, 500, 50, 0, 0, 0, 0, 4450, 0]),
        ("C3b", &c3[1], [5000, 0, 2000, 0, 3000, 0, 273, 2727, 0, 500, 50, 0, 0, 1000, 0, 3450, 0]),
        ("C4a", &c4[0], [10000, 0, 1000, 0, 9000, 0, 818, 8182, 0, 1000, 0, 1000, 100, 500, 0, 7400, 0]),
        ("C4b", &c4[1], [15000, 0, 4000, 0, 11000, 0, 1000, 10000, 0, 1500, 0, 1500, 150, 2000, 0, 9850, 0]),
        ("C5a", &c5[0], [5500, 2200, 500, 200, 5000, 2000, 272, 2728, 272, 550, 55, 0, 0, 150, 60, 4473, 1789]),
        ("C5b", &c5[1], [5500, 2200, 500, 200, 5000, 2000, 273, 2727, 273, 550, 55, 0, 0, 150, 60, 4472, 1789]),
    ];
    for (id, cancel, expected) in table {
        assert_eq!(row(&cancel.amount), expected, "{id}");
    }
    // The order's additional fee of 1,250 is divided 500 + 750, and so is the line's.
    let fees =
        |cancel: &Calculation| (cancel.additional_fees[0].amount, cancel.lines[0].additional_fees[0].amount);
    assert_eq!(fees(&c4[0]), (amount(500).into(), amount(500).into()));
    assert_eq!(fees(&c4[1]), (amount(750).into(), amount(750).into()));
}

#[test]
fn more_than_is_left_is_refused() {
    use AmountKind::{SupplyWithVat, TaxFree};
    use CancelRefusal as R;
    let product = |id: &str| Some(ProductId::known(id));
    let policy = |id: &str| DiscountSharePolicyId::known(id);
    let exceeded = |kind, cancellable, asked| R::AmountExceeded {
        kind,
        cancellable: amount(cancellable),
        asked: amount(asked),
    };
    let discount = |id: &str, cancellable, asked, product| R::DiscountExceeded {
        policy: policy(id),
        cancellable: amount(cancellable),
        asked: amount(asked),
        product,
    };
    let a_two = by_lines(vec![units("A", 2)]);
    let line_discount = |units_back| by_lines(vec![units("A", 1).with(back("half", units_back, 0))]);
    let quantity = |id: &str, cancellable| R::QuantityExceeded { product: ProductId::known(id), cancellable };
    // the order, earlier cancels, the cancel, the refusal
    let table: Vec<(Calculation, Vec<Cancel>, Cancel, R)> = vec![
        // Section 17: the checks after the vectors.
        (v3(), vec![a_two.clone()], by_lines(vec![units("A", 4)]), quantity("A", 3)),
        (v5(), vec![], by_amount(10_001), exceeded(SupplyWithVat, 10_000, 10_001)),
        (v9(), vec![], by_amount(5_000).with_tax_free(4_001), exceeded(TaxFree, 4_000, 4_001)),
        (v9(), vec![], by_amount(7_000).with_tax_free(0), exceeded(SupplyWithVat, 6_000, 7_000)),
        // What earlier cancels took is gone.
        (v1(), vec![by_amount(9_999)], by_amount(2), exceeded(SupplyWithVat, 1, 2)),
        (
            v9(),
            vec![by_amount(4_000).with_tax_free(4_000)],
            by_amount(1).with_tax_free(1),
            exceeded(TaxFree, 0, 1),
        ),
        (v5(), vec![], by_amount(5_000).with(back("half", 2_001, 0)), discount("half", 2_000, 2_001, None)),
        (
            v5(),
            vec![by_amount(2_000).with(back("half", 1_500, 0))],
            by_amount(5_000).with(back("half", 501, 0)),
            discount("half", 500, 501, None),
        ),
        (v7(), vec![], line_discount(2_501), discount("half", 2_500, 2_501, product("A"))),
        (
            v11(),
            vec![],
            by_amount(5_500).with(back("third", 500, 401)),
            R::DiscountTaxFreeExceeded {
                policy: policy("third"),
                cancellable: amount(400),
                asked: amount(401),
                product: None,
            },
        ),
        // Nothing is left.
        (v1(), vec![all()], all(), R::AlreadyCancelled),
        (v1(), vec![by_amount(4_000), by_amount(6_000)], by_amount(1), R::AlreadyCancelled),
        (
            v3(),
            vec![by_lines(vec![units("A", 5), units("B", 1)])],
            by_lines(vec![units("A", 1)]),
            R::AlreadyCancelled,
        ),
        (registered(&order(0), contract(fixed(500))), vec![by_amount(0)], all(), R::AlreadyCancelled),
        // By amount or by lines, as the order.
        (v1(), vec![], by_lines(vec![units("A", 1)]), R::DetailMismatched),
        (v3(), vec![], by_amount(1_000), R::DetailMismatched),
        // Names.
        (
            v5(),
            vec![],
            by_amount(1).with(back("half", 0, 0)).with(back("half", 0, 0)),
            R::PolicyTwice { policy: policy("half") },
        ),
        (
            v7(),
            vec![],
            by_lines(vec![units("A", 1).with(back("half", 0, 0)).with(back("half", 0, 0))]),
            R::PolicyTwice { policy: policy("half") },
        ),
        (v3(), vec![], by_lines(vec![units("A", 1), units("A", 1)]), R::ProductTwice(ProductId::known("A"))),
        (v3(), vec![], by_lines(vec![units("C", 1)]), R::ProductNotFound(ProductId::known("C"))),
        (
            v5(),
            vec![],
            by_amount(1).with(back("other", 0, 0)),
            R::PolicyNotFound { policy: policy("other"), product: None },
        ),
        (
            v7(),
            vec![],
            by_lines(vec![units("A", 1).with(back("other", 0, 0))]),
            R::PolicyNotFound { policy: policy("other"), product: product("A") },
        ),
        // A cancel of nothing.
        (v1(), vec![], by_amount(0), R::Nothing),
        (v3(), vec![], by_lines(vec![]), R::Nothing),
        (v3(), vec![], by_lines(vec![units("A", 0)]), R::Nothing),
    ];
    for (original, earlier, cancel, expected) in table {
        let made = after(&original, &earlier);
        let earlier: Vec<&Calculation> = made.iter().collect();
        assert_eq!(calculate(&original, &earlier, &cancel), Err(expected), "{cancel:?}");
    }
}

#[test]
fn a_cancel_and_what_it_leaves_must_be_orders() {
    use ExceededReason as R;
    // the cancel of V11; reason, asked, allowed
    for (cancel, reason, asked, allowed) in [
        (by_amount(100).with(back("third", 101, 0)), R::DiscountThanOrder, 101, 100),
        (
            by_amount(500).with_tax_free(300).with(back("third", 100, 200)),
            R::DiscountTaxFreeThanDiscount,
            200,
            100,
        ),
        (
            by_amount(500).with_tax_free(100).with(back("third", 200, 200)),
            R::DiscountTaxFreeThanOrderTaxFree,
            200,
            100,
        ),
        (
            by_amount(500).with_tax_free(500).with(back("third", 100, 0)),
            R::PaymentTaxFreeThanPayment,
            500,
            400,
        ),
        // Left would be an order of 900 with a discount of 1,000.
        (by_amount(10_100).with_tax_free(4_000), R::DiscountThanOrder, 1_000, 900),
    ] {
        let expected =
            AmountExceeded { reason, asked: amount(asked), allowed: amount(allowed), product: None };
        assert_eq!(calculate(&v11(), &[], &cancel), Err(CancelRefusal::Exceeded(expected)), "{cancel:?}");
    }
    // Of a line: one unit of 5,000 would be left with a discount of 6,000.
    let original = registered(
        &lines(vec![line("A", 5_000, 5).with_discount(discount("half", 6_000, 0, 50_000))]),
        contract(rate(10_000)),
    );
    let expected = AmountExceeded {
        reason: R::DiscountThanOrder,
        asked: amount(6_000),
        allowed: amount(5_000),
        product: Some(ProductId::known("A")),
    };
    let refused = calculate(&original, &[], &by_lines(vec![units("A", 4)]));
    assert_eq!(refused, Err(CancelRefusal::Exceeded(expected)));
}

#[test]
fn a_complete_cancel_takes_the_discounts_whatever_it_says_of_them() {
    for cancel in [
        all(),
        all().with(back("half", 1, 0)),
        by_amount(10_000).with(back("half", 1_999, 0)),
        by_amount(10_000).with(back("half", 9_999, 0)),
    ] {
        assert_eq!(calculate(&v5(), &[], &cancel).unwrap().amount, v5().amount, "{cancel:?}");
    }
    // All units of one product: that line's discount; the order's discount stays.
    let original = registered(
        &lines(vec![
            line("A", 5_000, 2).with_discount(discount("half", 1_000, 0, 50_000)),
            line("B", 5_000, 1),
        ])
        .with_discount(discount("half", 600, 0, 50_000)),
        contract(rate(10_000)),
    );
    let cancels = after(&original, &[by_lines(vec![units("A", 2)]), by_lines(vec![units("B", 1)])]);
    assert_eq!((cancels[0].amount.discount, cancels[1].amount.discount), (amount(1_000), amount(600)));
    assert!(cancels[0].discounts.is_empty());
    assert_eq!(cancels[0].amount.plus(&cancels[1].amount).unwrap(), original.amount);
}

#[test]
fn a_tax_free_part_that_replaces_that_of_the_lines_is_cancelled_by_name() {
    let original = registered(
        &lines(vec![line("A", 3_000, 2), line("B", 1_000, 2)]).with_tax_free(7_000),
        contract(rate(10_000)),
    );
    // The lines say that all of A is taxable; the order says that 1,000 of it is.
    let a = by_lines(vec![units("A", 2)]);
    let kind = AmountKind::SupplyWithVat;
    let expected = CancelRefusal::AmountExceeded { kind, cancellable: amount(1_000), asked: amount(6_000) };
    assert_eq!(calculate(&original, &[], &a), Err(expected));
    let cancels = after(&original, &[a.with_tax_free(5_500), all()]);
    assert_eq!(cancels[1].amount.order_tax_free, amount(1_500));
    assert_eq!(cancels[0].amount.plus(&cancels[1].amount).unwrap(), original.amount);
}

#[test]
fn an_order_of_nothing_with_a_fixed_fee_is_cancelled_once() {
    let original = registered(&order(0), contract(fixed(500)));
    let cancel = calculate(&original, &[], &all()).unwrap();
    assert_eq!(row(&cancel.amount)[15], -550);
    assert_eq!(cancel.amount, original.amount);
}

/// One step of a random history.
#[derive(Debug, Clone)]
struct Try {
    part: u8,
    quantities: Vec<u32>,
    discount: u8,
    /// Which of the registered cancels is deleted first, if any.
    deletes: Option<usize>,
}

fn any_try() -> impl Strategy<Value = Try> {
    (any::<u8>(), prop::collection::vec(0u32..4, 4), any::<u8>(), prop::option::weighted(0.2, 0usize..8))
        .prop_map(|(part, quantities, discount, deletes)| Try { part, quantities, discount, deletes })
}

impl Try {
    /// A cancel of an order: some part of its amount or some of its units, with some of its discounts.
    fn of(&self, original: &Calculation) -> Cancel {
        let part = |units: Amount| {
            amount((i128::from(units.minor_units()) * i128::from(self.part) / 512).try_into().unwrap())
        };
        let backs = |discounts: &[DiscountCalculation]| -> Vec<DiscountCancel> {
            let some = |units: Amount| {
                i64::try_from(i128::from(units.minor_units()) * i128::from(self.discount) / 512).unwrap()
            };
            discounts.iter().map(|of| back(of.policy.as_str(), some(of.amount), some(of.tax_free))).collect()
        };
        let detail = if original.lines.is_empty() {
            CancelDetail::Amount(part(original.amount.order))
        } else {
            let lines = original.lines.iter().zip(&self.quantities).filter(|(_, quantity)| **quantity > 0);
            CancelDetail::Lines(
                lines
                    .map(|(line, quantity)| LineCancel {
                        discounts: backs(&line.discounts),
                        ..units(line.product.id.as_str(), *quantity)
                    })
                    .collect(),
            )
        };
        let tax_free = original.lines.is_empty().then(|| part(original.amount.order_tax_free));
        Cancel { detail, tax_free, discounts: backs(&original.discounts) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn cancels_in_any_split_and_order_add_up_to_the_order(
        order in any_order(1_000_000_000), fees in any_contract(), calculator in any_calculator(),
        tries in prop::collection::vec(any_try(), 0..8),
    ) {
        let original = order_of(&order, &fees, &calculator).unwrap();
        let mut made: Vec<Calculation> = Vec::new();
        let mut total = SettlementAmount::default();
        for attempt in &tries {
            if let Some(index) = attempt.deletes.filter(|index| *index < made.len()) {
                total = total.minus(&made.remove(index).amount).unwrap();
            }
            let earlier: Vec<&Calculation> = made.iter().collect();
            let Ok(cancel) = calculate(&original, &earlier, &attempt.of(&original)) else { continue };
            holds(&cancel.amount);
            cancel.lines.iter().for_each(|line| holds(&line.amount));
            for step in cancel.working.steps() {
                prop_assert_eq!(step.rule.applied_to(step.base).unwrap(), step.result, "{}", step);
            }
            total = total.plus(&cancel.amount).unwrap();
            made.push(cancel);
            // Member by member no more than the order, the settlement excepted, which follows.
            for member in Member::ALL {
                if !matches!(member, Member::Settlement | Member::SettlementTaxFree) {
                    prop_assert!(total.member(member) <= original.amount.member(member), "{:?}", member);
                }
            }
        }
        let earlier: Vec<&Calculation> = made.iter().collect();
        match calculate(&original, &earlier, &all()) {
            Ok(rest) => {
                holds(&rest.amount);
                total = total.plus(&rest.amount).unwrap();
                made.push(rest);
            }
            Err(refusal) => prop_assert_eq!(refusal, CancelRefusal::AlreadyCancelled),
        }
        prop_assert_eq!(&total, &original.amount);
        for line in &original.lines {
            let mut sum = SettlementAmount::default();
            for part in made.iter().flat_map(|cancel| &cancel.lines).filter(|part| part.product.id == line.product.id) {
                sum = sum.plus(&part.amount).unwrap();
            }
            prop_assert_eq!(&sum, &line.amount);
        }
        let earlier: Vec<&Calculation> = made.iter().collect();
        prop_assert_eq!(calculate(&original, &earlier, &all()), Err(CancelRefusal::AlreadyCancelled));
    }

    #[test]
    fn one_full_cancel_is_the_order(order in any_order(1_000_000_000_000), fees in any_contract(), calculator in any_calculator()) {
        let original = order_of(&order, &fees, &calculator).unwrap();
        let cancel = calculate(&original, &[], &all()).unwrap();
        prop_assert_eq!(cancel.amount, original.amount);
        prop_assert_eq!(cancel.lines.len(), original.lines.len());
    }
}
