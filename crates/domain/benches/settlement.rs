//! What one transfer of a marketplace costs to calculate: `cargo bench -p paypier-domain`.

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use paypier_domain::money::{Amount, MoneyError, Rate};
use paypier_domain::settlement::calculator::{Calculator, FormulaTexts};
use paypier_domain::settlement::calendar::Calendar;
use paypier_domain::settlement::cancel::{self, Cancel, CancelDetail};
use paypier_domain::settlement::contract::PaymentVat;
use paypier_domain::settlement::cycle::{CycleMethod, DatePolicy, EarlierDate, SettlementCycle};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, DiscountSharePolicyId, ProductId};
use paypier_domain::settlement::order::{
    AdditionalFee, ContractFees, Discount, Order, OrderDetail, OrderLine, Product, calculate,
};
use paypier_domain::settlement::policy::{Fee, Payer};
use std::collections::BTreeMap;
use std::hint::black_box;

fn by_amount() -> Result<Order, MoneyError> {
    Ok(Order {
        detail: OrderDetail::Amount(Amount::new(10_000)?),
        tax_free: None,
        discounts: vec![discount()?],
        additional_fees: vec![fee()],
        parameters: BTreeMap::new(),
    })
}

fn discount() -> Result<Discount, MoneyError> {
    Ok(Discount {
        policy: DiscountSharePolicyId::known("spring"),
        partner_share: Rate::bps(5_000),
        amount: Amount::new(1_000)?,
        tax_free: Amount::ZERO,
    })
}

fn fee() -> AdditionalFee {
    AdditionalFee {
        policy: AdditionalFeePolicyId::known("wrap"),
        fee: Fee::Rate(Rate::bps(250)),
        vat_payer: Payer::Partner,
    }
}

fn by_lines(count: u32) -> Result<Order, MoneyError> {
    let line = |index: u32| {
        Ok(OrderLine {
            product: Product {
                id: ProductId::known(format!("product-{index}")),
                name: "a book".into(),
                amount: Amount::new(3_300)?,
                tax_free: Amount::ZERO,
                tag: None,
            },
            quantity: 3,
            discounts: vec![discount()?],
            additional_fees: vec![fee()],
        })
    };
    let lines = (0..count).map(line).collect::<Result<_, MoneyError>>()?;
    Ok(Order { detail: OrderDetail::Lines(lines), ..by_amount()? })
}

fn settlement(c: &mut Criterion) {
    let contract = ContractFees {
        platform_fee: Fee::Rate(Rate::bps(1_000)),
        vat_payer: Payer::Partner,
        payment_vat: PaymentVat::Withheld,
    };
    let standard = Calculator::default();
    let formulas = FormulaTexts {
        platform_fee: Some("올림(PAYMENT_AMOUNT × FIXED_RATE / 10) × 10"),
        discount_share: Some("DISCOUNT_AMOUNT × FIXED_RATE"),
        additional_fee: Some("(PLATFORM_FEE_AMOUNT + PLATFORM_FEE_VAT) × FIXED_RATE"),
    };
    let own = Calculator::default().with_formulas(formulas).expect("formulas that can be read");
    let order = by_amount().expect("amounts in range");
    let lines = by_lines(5).expect("amounts in range");
    c.bench_function("calculate a transfer by amount", |b| {
        b.iter(|| calculate(black_box(&order), &contract, &standard));
    });
    c.bench_function("calculate a transfer of five lines", |b| {
        b.iter(|| calculate(black_box(&lines), &contract, &standard));
    });
    c.bench_function("calculate a transfer by amount with own formulas", |b| {
        b.iter(|| calculate(black_box(&order), &contract, &own));
    });
    let original = calculate(&lines, &contract, &standard).expect("an order that fits");
    let all = Cancel { detail: CancelDetail::All, tax_free: None, discounts: Vec::new() };
    c.bench_function("cancel a transfer of five lines", |b| {
        b.iter(|| cancel::calculate(black_box(&original), &[], &all));
    });
    let korea = Calendar::korea();
    let monthly = CycleMethod::monthly([10, 25]).expect("days of a month");
    let cycle = SettlementCycle::new(3, DatePolicy::HolidayBefore, monthly).expect("a lag in range");
    c.bench_function("find a settlement date", |b| {
        b.iter(|| cycle.settles_on(black_box(date(2025, 9, 26)), EarlierDate::TakeDayAfter, &korea));
    });
}

criterion_group!(benches, settlement);
criterion_main!(benches);
