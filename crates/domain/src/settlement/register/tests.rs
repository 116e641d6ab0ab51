//! Every refusal at its exact condition, and which of two comes first.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::super::calculator::ParameterValue;
use super::super::cancel::{self, AmountKind, Cancel, CancelDetail, CancelRefusal};
use super::super::contract::{ContractTerms, PaymentVat};
use super::super::cycle::{CycleMethod, DatePolicy, SettlementCycle};
use super::super::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, ProductId, TransferId};
use super::super::limit::{CancellationExceeded, PaymentExceeded, PaymentPart, PaymentParts};
use super::super::manual::ManualRefusal;
use super::super::order::{
    AmountExceeded, Calculation, CalculationRefusal, ContractFees, ExceededReason, calculate,
};
use super::super::policy::{AdditionalFeeTerms, DiscountShareTerms, Fee, Payer};
use super::super::setting::{ManualSettlement, OrdersPerPartner};
use super::super::testing::{amount, fixed, line, lines, order as order_of, rate};
use super::super::version::Versioned;
use super::*;
use crate::id::PaymentId;
use crate::money::{Amount, Currency, Rate, SignedAmount};
use jiff::Timestamp;
use jiff::civil::date;
use std::collections::BTreeMap;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn contract(platform_fee: Fee) -> Versioned<ContractTerms> {
    let terms = ContractTerms {
        name: "standard".into(),
        platform_fee,
        platform_fee_vat_payer: Payer::Partner,
        cycle: SettlementCycle::new(1, DatePolicy::HolidayBefore, CycleMethod::Daily).unwrap(),
        payment_vat: PaymentVat::Settled,
        memo: None,
    };
    Versioned::new(ContractId::known("contract"), terms, at("2024-01-01T00:00:00Z"))
}

struct Books {
    contract: Versioned<ContractTerms>,
    discounts: BTreeMap<DiscountSharePolicyId, Versioned<DiscountShareTerms>>,
    fees: BTreeMap<AdditionalFeePolicyId, Versioned<AdditionalFeeTerms>>,
    payment: PaymentFacts,
    setting: Setting,
    calendar: Calendar,
}

impl Books {
    fn new() -> Self {
        let long_ago = at("2024-01-01T00:00:00Z");
        let half = DiscountShareTerms { name: "half".into(), partner_share: Rate::bps(5_000), memo: None };
        let old = Versioned::new(DiscountSharePolicyId::known("old"), half.clone(), long_ago);
        let old = old.archive(long_ago).unwrap();
        let half = Versioned::new(DiscountSharePolicyId::known("half"), half, long_ago);
        let wrap = AdditionalFeeTerms {
            name: "wrap".into(),
            fee: fixed(300),
            vat_payer: Payer::Merchant,
            memo: None,
        };
        let wrap = Versioned::new(AdditionalFeePolicyId::known("wrap"), wrap, long_ago);
        Self {
            contract: contract(rate(10_000)),
            discounts: [half, old].into_iter().map(|policy| (policy.id.clone(), policy)).collect(),
            fees: [wrap].into_iter().map(|policy| (policy.id.clone(), policy)).collect(),
            payment: PaymentFacts::Ours {
                currency: Currency::KRW,
                paid_at: at("2024-10-17T16:00:00Z"), // the 18th, a Friday, in Korea
                paid: PaymentParts { total: amount(10_000), tax_free: Amount::ZERO },
                registered: PaymentParts::default(),
            },
            setting: Setting::default(),
            calendar: Calendar::korea(),
        }
    }

    fn found(&self) -> OrderFound<'_> {
        OrderFound {
            partner: Found::Found,
            contract: Some(&self.contract),
            discount_policies: &self.discounts,
            additional_fee_policies: &self.fees,
            payment: Some(&self.payment),
            unknown_property: None,
            id: IdUse::Free,
            existing: None,
        }
    }

    fn office(&self) -> Office<'_> {
        Office { setting: &self.setting, calendar: &self.calendar, today: date(2024, 10, 20) }
    }

    fn in_dollars(mut self) -> Self {
        self.payment = PaymentFacts::External { currency: Currency::USD, paid_at: None };
        self
    }
}

fn ask(units: i64) -> OrderAsk {
    OrderAsk {
        id: Some(TransferId::known("t")),
        payment: PaymentId::known("order-1"),
        detail: DetailAsk::Amount(amount(units)),
        tax_free: None,
        discounts: vec![],
        additional_fees: vec![],
        parameters: BTreeMap::new(),
        settlement_start_date: None,
        settlement_date: None,
    }
}

fn line_ask(product: &str, unit: i64) -> LineAsk {
    let line = line(product, unit, 1);
    LineAsk { product: line.product, quantity: 1, discounts: vec![], additional_fees: vec![] }
}

fn discount_ask(policy: &str, units: i64) -> DiscountAsk {
    DiscountAsk {
        policy: DiscountSharePolicyId::known(policy),
        amount: amount(units),
        tax_free: Amount::ZERO,
    }
}

/// A request in which everything is wrong, and with which nothing was found: what is put right one
/// after the other shows the order of the refusals.
#[test]
fn an_order_is_refused_for_the_first_rule_that_it_breaks() {
    use OrderRefusal as R;
    let mut books = Books::new();
    books.contract = contract(fixed(500));
    let gbp = Currency::parse("GBP").unwrap();
    books.payment = PaymentFacts::Ours {
        currency: gbp,
        paid_at: at("2024-10-17T16:00:00Z"),
        paid: PaymentParts { total: amount(100), tax_free: Amount::ZERO },
        registered: PaymentParts { total: amount(100), tax_free: Amount::ZERO },
    };
    let transfer = TransferId::known("earlier");
    let mut ask = OrderAsk {
        detail: DetailAsk::Lines(vec![
            LineAsk { quantity: 0, ..line_ask("A", 10) },
            LineAsk { additional_fees: vec![AdditionalFeePolicyId::known("no fee")], ..line_ask("A", 10) },
        ]),
        discounts: vec![discount_ask("old", 100), discount_ask("no policy", 1), discount_ask("half", 1)],
        additional_fees: vec![AdditionalFeePolicyId::known("wrap")],
        parameters: BTreeMap::from([("night".into(), ParameterValue::new(1, 0).unwrap())]),
        settlement_date: Some(date(2024, 10, 17)),
        ..ask(0)
    };
    let no_books = Books { discounts: books.discounts.clone(), ..Books::new() };
    let mut found = OrderFound {
        partner: Found::NotFound,
        contract: None,
        payment: None,
        unknown_property: Some("color"),
        id: IdUse::Used,
        existing: Some(&transfer),
        ..no_books.found()
    };
    let refused =
        |ask: &OrderAsk, found: OrderFound<'_>, books: &Books| order(ask, found, books.office()).unwrap_err();

    let malformed = CalculationRefusal::NoQuantity(ProductId::known("A"));
    assert_eq!(refused(&ask, found, &books), R::Malformed(malformed));
    let DetailAsk::Lines(rows) = &mut ask.detail else { unreachable!() };
    rows[0].quantity = 1;
    assert_eq!(refused(&ask, found, &books), R::PartnerNotFound);
    found.partner = Found::Found;
    assert_eq!(refused(&ask, found, &books), R::ContractNotFound);
    let archived = books.contract.clone().archive(at("2024-10-01T00:00:00Z")).unwrap();
    found.contract = Some(&archived);
    assert_eq!(refused(&ask, found, &books), R::ContractNotFound);
    found.contract = Some(&books.contract);
    let missing = ["no policy", "old"].map(DiscountSharePolicyId::known).to_vec();
    assert_eq!(refused(&ask, found, &books), R::DiscountSharePoliciesNotFound(missing));
    ask.discounts = vec![discount_ask("half", 100)];
    let missing = vec![AdditionalFeePolicyId::known("no fee")];
    assert_eq!(refused(&ask, found, &books), R::AdditionalFeePoliciesNotFound(missing));
    let DetailAsk::Lines(rows) = &mut ask.detail else { unreachable!() };
    rows[1].additional_fees.clear();
    assert_eq!(refused(&ask, found, &books), R::PaymentNotFound);
    found.payment = Some(&books.payment);
    assert_eq!(refused(&ask, found, &books), R::PropertyNotFound("color".into()));
    found.unknown_property = None;
    assert_eq!(refused(&ask, found, &books), R::ParameterNotFound("night".into()));
    ask.parameters.clear();
    assert_eq!(refused(&ask, found, &books), R::IdAlreadyUsed(TransferId::known("t")));
    found.id = IdUse::Free;
    assert_eq!(refused(&ask, found, &books), R::AlreadyExists(transfer.clone()));
    books.setting.orders_per_partner = OrdersPerPartner::Many;
    let (contract_of, payment_of) = (books.contract.clone(), books.payment);
    found.contract = Some(&contract_of);
    found.payment = Some(&payment_of);
    assert_eq!(refused(&ask, found, &books), R::ProductTwice(ProductId::known("A")));
    let DetailAsk::Lines(rows) = &mut ask.detail else { unreachable!() };
    rows[1].product.id = ProductId::known("B");
    assert_eq!(refused(&ask, found, &books), R::CurrencyNotSupported(gbp));
    let PaymentFacts::Ours { paid_at, paid, registered, .. } = payment_of else { unreachable!() };
    let in_dollars = PaymentFacts::Ours { currency: Currency::USD, paid_at, paid, registered };
    found.payment = Some(&in_dollars);
    let (contract_id, settlement) = (ContractId::known("contract"), Currency::USD);
    assert_eq!(refused(&ask, found, &books), R::ContractFeeCurrency { contract: contract_id, settlement });
    let by_rate = contract(rate(10_000));
    found.contract = Some(&by_rate);
    let policy = AdditionalFeePolicyId::known("wrap");
    assert_eq!(refused(&ask, found, &books), R::AdditionalFeeCurrency { policy, settlement });
    ask.additional_fees.clear();
    assert_eq!(
        refused(&ask, found, &books),
        R::Exceeded(AmountExceeded {
            reason: ExceededReason::DiscountThanOrder,
            asked: amount(100),
            allowed: amount(20),
            product: None
        })
    );
    ask.discounts = vec![discount_ask("half", 15)];
    assert_eq!(
        refused(&ask, found, &books),
        R::PaymentExceeded(PaymentExceeded {
            part: PaymentPart::Total,
            registered: amount(100),
            asked: amount(5),
            allowed: amount(100)
        })
    );
    let more = PaymentParts { total: amount(105), tax_free: Amount::ZERO };
    let fits = PaymentFacts::Ours { currency: Currency::USD, paid_at, paid: more, registered };
    found.payment = Some(&fits);
    let (starts_on, settles_on) = (date(2024, 10, 18), date(2024, 10, 17));
    assert_eq!(refused(&ask, found, &books), R::DateBeforeStart { starts_on, settles_on });
    ask.settlement_date = Some(starts_on);
    let registered = order(&ask, found, books.office()).unwrap();
    assert_eq!(
        (registered.starts_on, registered.settles_on, registered.currency),
        (starts_on, starts_on, Currency::USD)
    );
}

#[test]
fn what_cannot_be_malformed_is_found_malformed_when_it_is_summed() {
    let books = Books::new().in_dollars();
    let huge = OrderAsk {
        detail: DetailAsk::Lines(vec![LineAsk { quantity: 2, ..line_ask("A", crate::money::MAX_AMOUNT) }]),
        ..ask(0)
    };
    let refused = order(&huge, books.found(), books.office());
    assert!(
        matches!(refused, Err(OrderRefusal::Malformed(CalculationRefusal::OutOfRange(_)))),
        "{refused:?}"
    );
    let empty = OrderAsk { detail: DetailAsk::Lines(vec![]), ..ask(0) };
    assert_eq!(
        order(&empty, books.found(), books.office()),
        Err(OrderRefusal::Malformed(CalculationRefusal::NoLines))
    );
    let twice = OrderAsk { discounts: vec![discount_ask("half", 1), discount_ask("half", 1)], ..ask(9) };
    let policy = DiscountSharePolicyId::known("half");
    let refused = order(&twice, books.found(), books.office());
    assert_eq!(refused, Err(OrderRefusal::Malformed(CalculationRefusal::PolicyTwice(policy))));
}

#[test]
fn dates_come_from_the_request_the_payment_or_the_day() {
    let books = Books::new();
    let registered = |ask: &OrderAsk, books: &Books| order(ask, books.found(), books.office()).unwrap();
    // Paid on Friday; the Saturday after would be moved back to Friday, and is moved on instead.
    let by_payment = registered(&ask(10_000), &books);
    assert_eq!((by_payment.starts_on, by_payment.settles_on), (date(2024, 10, 18), date(2024, 10, 21)));
    let asked = OrderAsk { settlement_start_date: Some(date(2024, 10, 1)), ..ask(10_000) };
    // The 2nd is a business day between two holidays.
    assert_eq!(registered(&asked, &books).settles_on, date(2024, 10, 2));
    // A date that is given is kept, holiday or not.
    let given = OrderAsk { settlement_date: Some(date(2024, 10, 19)), ..ask(10_000) };
    assert_eq!(registered(&given, &books).settles_on, date(2024, 10, 19));
    let mut external = Books::new();
    external.payment = PaymentFacts::External { currency: Currency::KRW, paid_at: None };
    assert_eq!(registered(&ask(999_999), &external).starts_on, date(2024, 10, 20));
    let end = OrderAsk { settlement_start_date: Some(Date::MAX), ..ask(1) };
    assert!(matches!(order(&end, external.found(), external.office()), Err(OrderRefusal::NoDate(_))));
}

#[test]
fn the_versions_of_the_start_date_are_used() {
    use super::super::contract::ContractUpdate;
    use super::super::policy::DiscountShareUpdate;
    let mut books = Books::new();
    let now = at("2024-10-20T00:00:00Z");
    let cheaper = ContractUpdate { platform_fee: Some(rate(5_000)), ..Default::default() };
    books.contract = books.contract.reserve(cheaper, at("2024-11-01T15:00:00Z"), now).unwrap();
    let id = DiscountSharePolicyId::known("half");
    let all = DiscountShareUpdate { partner_share: Some(Rate::WHOLE), ..Default::default() };
    let half = books.discounts.remove(&id).unwrap().reserve(all, at("2024-11-01T15:00:00Z"), now).unwrap();
    books.discounts.insert(id, half);
    // Reserved for midnight of the 2nd in Korea: up to the 1st the old terms, from the 2nd the new ones.
    for (day, fee, share) in [(1, 1_000, 500), (2, 500, 1_000)] {
        let ask = OrderAsk {
            settlement_start_date: Some(date(2024, 11, day)),
            discounts: vec![discount_ask("half", 1_000)],
            ..ask(10_000)
        };
        let transfer = order(&ask, books.found(), books.office()).unwrap();
        let amounts = transfer.calculation.amount;
        assert_eq!(
            (amounts.platform_fee.minor_units(), amounts.discount_share.minor_units()),
            (fee, share),
            "{day}"
        );
        assert_eq!(transfer.contract.1.terms.platform_fee, rate(u32::try_from(fee).unwrap() * 10));
    }
}

struct CancelBooks {
    books: Books,
    id: TransferId,
    calculation: Calculation,
}

impl CancelBooks {
    fn new() -> Self {
        let fees = ContractFees {
            platform_fee: rate(10_000),
            vat_payer: Payer::Partner,
            payment_vat: PaymentVat::Settled,
        };
        let books = Books::new();
        let calculation = calculate(&order_of(10_000), &fees, &books.setting.calculator).unwrap();
        Self { books, id: TransferId::known("original"), calculation }
    }

    fn original(&self, origin: Origin) -> Original<'_> {
        Original { id: &self.id, calculation: &self.calculation, contract: &self.books.contract, origin }
    }
}

fn cancel_ask(units: i64) -> CancelAsk {
    CancelAsk {
        id: Some(TransferId::known("c")),
        named: CancelNaming::Transfer,
        what: Cancel { detail: CancelDetail::Amount(amount(units)), tax_free: None, discounts: vec![] },
        settlement_start_date: None,
        settlement_date: None,
    }
}

fn our_cancellation(cancelled: i64, registered: i64) -> CancellationFacts {
    let parts = |units| PaymentParts { total: amount(units), tax_free: Amount::ZERO };
    CancellationFacts::Ours(Some(OurCancellation {
        cancelled_at: at("2024-10-21T01:00:00Z"),
        cancelled: parts(cancelled),
        registered: parts(registered),
    }))
}

#[test]
fn a_cancel_is_refused_for_the_first_rule_that_it_breaks() {
    use OrderCancelRefusal as R;
    let cancels = CancelBooks::new();
    let transfer = TransferId::known("earlier");
    let ours = [cancels.original(Origin::Ours)];
    let two = [cancels.original(Origin::Ours), cancels.original(Origin::Ours)];
    let external = [cancels.original(Origin::External)];
    let done = cancel::calculate(
        &cancels.calculation,
        &[],
        &Cancel { detail: CancelDetail::All, tax_free: None, discounts: vec![] },
    )
    .unwrap();
    let done = [&done];
    let mut ask = CancelAsk {
        named: CancelNaming::Nothing,
        settlement_date: Some(date(2024, 10, 20)),
        what: Cancel { detail: CancelDetail::Lines(vec![]), tax_free: None, discounts: vec![] },
        ..cancel_ask(0)
    };
    let mut found = CancelFound {
        originals: &[],
        earlier: &done,
        unknown_property: Some("color"),
        payment: Found::NotFound,
        cancellation: CancellationFacts::External { cancelled_at: None },
        id: IdUse::Used,
        existing: Some(&transfer),
    };
    let refused = |ask: &CancelAsk, found: CancelFound<'_>| {
        order_cancel(ask, found, cancels.books.office()).unwrap_err()
    };

    assert_eq!(refused(&ask, found), R::CannotSpecifyTransfer);
    ask.named = CancelNaming::PartnerAndPayment;
    assert_eq!(refused(&ask, found), R::TransferNotFound);
    found.originals = &two;
    assert_eq!(refused(&ask, found), R::CannotSpecifyTransfer);
    found.originals = &ours;
    assert_eq!(refused(&ask, found), R::PropertyNotFound("color".into()));
    found.unknown_property = None;
    assert_eq!(refused(&ask, found), R::Malformed(CancelRefusal::Nothing));
    let row =
        super::super::cancel::LineCancel { product: ProductId::known("A"), quantity: 1, discounts: vec![] };
    ask.what.detail = CancelDetail::Lines(vec![row]);
    assert_eq!(refused(&ask, found), R::DetailMismatched(CancelRefusal::DetailMismatched));
    ask.what.detail = CancelDetail::Amount(amount(5_001));
    assert_eq!(refused(&ask, found), R::CancellationAndPaymentTypeMismatched);
    found.cancellation = CancellationFacts::Ours(None);
    found.originals = &external;
    assert_eq!(refused(&ask, found), R::CancellationAndPaymentTypeMismatched);
    found.originals = &ours;
    assert_eq!(refused(&ask, found), R::PaymentNotFound);
    found.payment = Found::Found;
    assert_eq!(refused(&ask, found), R::CancellationNotFound);
    found.cancellation = our_cancellation(8_000, 3_000);
    assert_eq!(refused(&ask, found), R::IdAlreadyUsed(TransferId::known("c")));
    found.id = IdUse::Free;
    assert_eq!(refused(&ask, found), R::AlreadyExists(transfer.clone()));
    found.existing = None;
    assert_eq!(refused(&ask, found), R::Refused(CancelRefusal::AlreadyCancelled));
    found.earlier = &[];
    let exceeded = CancellationExceeded {
        kind: AmountKind::SupplyWithVat,
        registered: amount(3_000),
        asked: amount(5_001),
        allowed: amount(8_000),
    };
    assert_eq!(refused(&ask, found), R::CancellationExceeded(exceeded));
    ask.what.detail = CancelDetail::Amount(amount(5_000));
    let (starts_on, settles_on) = (date(2024, 10, 21), date(2024, 10, 20));
    assert_eq!(refused(&ask, found), R::DateBeforeStart { starts_on, settles_on });
    ask.settlement_date = None;
    let registered = order_cancel(&ask, found, cancels.books.office()).unwrap();
    assert_eq!((registered.starts_on, registered.settles_on), (date(2024, 10, 21), date(2024, 10, 22)));
    assert_eq!(registered.calculation.amount.settlement.minor_units(), 4_450);
}

#[test]
fn an_external_cancel_starts_when_the_merchant_says_or_today() {
    let cancels = CancelBooks::new();
    let external = [cancels.original(Origin::External)];
    let mut found = CancelFound {
        originals: &external,
        earlier: &[],
        unknown_property: None,
        payment: Found::NotFound,
        cancellation: CancellationFacts::External { cancelled_at: Some(at("2024-10-22T15:00:00Z")) },
        id: IdUse::Free,
        existing: None,
    };
    let registered = |found| order_cancel(&cancel_ask(10_000), found, cancels.books.office()).unwrap();
    assert_eq!(registered(found).starts_on, date(2024, 10, 23));
    found.cancellation = CancellationFacts::External { cancelled_at: None };
    assert_eq!(registered(found).starts_on, date(2024, 10, 20));
}

#[test]
fn an_order_of_lines_is_registered_with_its_policies() {
    let mut books = Books::new();
    books.payment = PaymentFacts::External { currency: Currency::KRW, paid_at: None };
    let ask = OrderAsk {
        detail: DetailAsk::Lines(vec![
            LineAsk { discounts: vec![discount_ask("half", 100)], ..line_ask("A", 1_000) },
            LineAsk { additional_fees: vec![AdditionalFeePolicyId::known("wrap")], ..line_ask("B", 2_000) },
        ]),
        ..ask(0)
    };
    let registered = order(&ask, books.found(), books.office()).unwrap();
    let fees = ContractFees {
        platform_fee: rate(10_000),
        vat_payer: Payer::Partner,
        payment_vat: PaymentVat::Settled,
    };
    let expected = lines(vec![
        line("A", 1_000, 1).with_discount(super::super::testing::discount("half", 100, 0, 50_000)),
        line("B", 2_000, 1).with_fee(super::super::testing::fee("wrap", fixed(300), Payer::Merchant)),
    ]);
    assert_eq!(registered.calculation, calculate(&expected, &fees, &books.setting.calculator).unwrap());
}

#[test]
fn a_manual_transfer_is_refused_for_the_first_rule_that_it_breaks() {
    use ManualTransferRefusal as R;
    let won = |units| SignedAmount::new(units).unwrap();
    let gbp = Currency::parse("GBP").unwrap();
    let mut ask = ManualAsk {
        id: Some(TransferId::known("m")),
        settlement: won(-500),
        tax_free: won(1),
        currency: Some(gbp),
    };
    let mut found = ManualFound { partner: None, unknown_property: Some("color"), id: IdUse::Used };
    let each = ManualSettlement::Each;
    let refused = |ask: &ManualAsk, found| manual(ask, found, each).unwrap_err();
    let (settlement, tax_free) = (won(-500), won(1));
    assert_eq!(refused(&ask, found), R::Malformed(ManualRefusal::TaxFreeIsNoPart { settlement, tax_free }));
    ask.tax_free = won(0);
    assert_eq!(refused(&ask, found), R::PartnerNotFound);
    found.partner = Some(Currency::USD);
    assert_eq!(refused(&ask, found), R::PropertyNotFound("color".into()));
    found.unknown_property = None;
    assert_eq!(refused(&ask, found), R::IdAlreadyUsed(TransferId::known("m")));
    found.id = IdUse::Free;
    assert_eq!(refused(&ask, found), R::Refused(ManualRefusal::CurrencyNotSupported(gbp)));
    ask.currency = None;
    assert_eq!(refused(&ask, found), R::Refused(ManualRefusal::NegativeNotAllowed(settlement)));
    let made = manual(&ask, found, ManualSettlement::Together).unwrap();
    assert_eq!(made.currency, Currency::USD); // that of the partner's account
}
