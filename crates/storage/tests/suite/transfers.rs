//! Transfers: each kind reads back, sums are held, lists find what they are asked for, and settling.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::civil::{Date, date};
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::id::*;
use paypier_domain::money::{Amount, Currency, Rate, SignedAmount};
use paypier_domain::settlement::calculator::{Calculator, ParameterValue};
use paypier_domain::settlement::cancel::{self, Cancel, CancelDetail, DiscountCancel, LineCancel};
use paypier_domain::settlement::contract::PaymentVat;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::group::partner_settlements;
use paypier_domain::settlement::id::*;
use paypier_domain::settlement::manual::ManualAmount;
use paypier_domain::settlement::order::*;
use paypier_domain::settlement::partner_settlement::{NewSettlement, PartnerSettlement, join};
use paypier_domain::settlement::policy::{Fee, Payer};
use paypier_domain::settlement::setting::ManualSettlement;
use paypier_domain::settlement::status::{PartnerSettlementStatus, TransferStatus};
use paypier_domain::settlement::transfer::*;
use paypier_storage::*;
use std::collections::BTreeMap;

pub fn platform() -> PlatformKey {
    PlatformKey { merchant: merchant(), environment: Environment::Test }
}

pub fn home() -> StoreId {
    StoreId::known("store-1")
}

pub fn today() -> Date {
    date(2027, 1, 15)
}

pub fn transfer(id: &str, second: i64, content: TransferContent) -> Transfer {
    Transfer {
        platform: platform(),
        id: TransferId::known(id),
        home: home(),
        created_at: at(second),
        version: 1,
        partner: PartnerId::known("p-1"),
        settles_on: date(2027, 1, 20),
        currency: Currency::KRW,
        memo: Some("Spring SALE".into()),
        properties: vec![("color".into(), "red".into())],
        content,
        settlement: None,
    }
}

fn payment(id: &str) -> TransferPayment {
    TransferPayment {
        id: PaymentId::known(id),
        store: home(),
        channel: Some(ChannelKey::known("channel-1")),
        order_name: Some("books".into()),
        method: Some(PaidWith::EasyPay { provider: Some("KAKAOPAY".into()), method: Some("CHARGE".into()) }),
        currency: Currency::KRW,
        paid_at: Some(at(0)),
    }
}

const FEES: ContractFees = ContractFees {
    platform_fee: Fee::Rate(Rate::bps(1_000)),
    vat_payer: Payer::Partner,
    payment_vat: PaymentVat::Withheld,
};

/// Of two lines, with a discount and a fee of the line and of the whole.
pub fn order(id: &str, second: i64, paid_by: &str) -> Transfer {
    let discount = |amount| Discount {
        policy: DiscountSharePolicyId::known("half"),
        partner_share: Rate::bps(5_000),
        amount: won(amount),
        tax_free: won(0),
    };
    let fee = AdditionalFee {
        policy: AdditionalFeePolicyId::known("wrap"),
        fee: Fee::Fixed(won(300)),
        vat_payer: Payer::Partner,
    };
    let line = |product: &str, name: &str, unit, quantity| OrderLine {
        product: Product {
            id: ProductId::known(product),
            name: name.into(),
            amount: won(unit),
            tax_free: won(unit / 10),
            tag: Some("t".into()),
        },
        quantity,
        discounts: vec![discount(100)],
        additional_fees: vec![fee.clone()],
    };
    let two = ParameterValue::new(2, 1).unwrap();
    let wanted = Order {
        detail: OrderDetail::Lines(vec![line("A", "A Tale", 1_000, 3), line("B", "Two Cities", 500, 2)]),
        tax_free: Some(won(50)),
        discounts: vec![discount(200)],
        additional_fees: vec![fee.clone()],
        parameters: BTreeMap::new(),
    };
    let content = OrderContent {
        contract: Edition { id: ContractId::known("c-1"), applied_at: at(1) },
        payment: payment(paid_by),
        starts_on: date(2027, 1, 16),
        asked_date: Some(date(2027, 1, 20)),
        asked_tax_free: Some(won(50)),
        asked_parameters: BTreeMap::from([("n".into(), two)]),
        parameters: BTreeMap::from([("n".into(), two)]),
        discount_policies: BTreeMap::from([(DiscountSharePolicyId::known("half"), at(2))]),
        additional_fee_policies: BTreeMap::from([(AdditionalFeePolicyId::known("wrap"), at(3))]),
        calculation: calculate(&wanted, &FEES, &Calculator::default()).unwrap(),
        frozen: false,
    };
    transfer(id, second, TransferContent::Order(Box::new(content)))
}

pub fn by_amount(id: &str, second: i64, units: i64, settles_on: Date) -> Transfer {
    let Transfer { content: TransferContent::Order(mut content), .. } = order(id, second, id) else {
        unreachable!()
    };
    let wanted = Order {
        detail: OrderDetail::Amount(won(units)),
        tax_free: None,
        discounts: vec![],
        additional_fees: vec![],
        parameters: BTreeMap::new(),
    };
    content.calculation = calculate(&wanted, &FEES, &Calculator::default()).unwrap();
    content.starts_on = date(2027, 1, 10);
    content.frozen = true;
    Transfer { settles_on, ..transfer(id, second, TransferContent::Order(content)) }
}

fn cancel_of(id: &str, second: i64, original: &Transfer) -> Transfer {
    let TransferContent::Order(order) = &original.content else { unreachable!() };
    let taken = DiscountCancel {
        policy: DiscountSharePolicyId::known("half"),
        amount: won(50),
        tax_free: Amount::ZERO,
    };
    let asked = Cancel {
        detail: CancelDetail::Lines(vec![LineCancel {
            product: ProductId::known("A"),
            quantity: 1,
            discounts: vec![taken.clone()],
        }]),
        tax_free: Some(won(10)),
        discounts: vec![taken],
    };
    let content = CancelContent {
        original: original.id.clone(),
        contract: order.contract.clone(),
        payment: order.payment.clone(),
        cancellation: OrderCancellation { id: CancellationId::known("cancellation-1"), cancelled_at: at(9) },
        starts_on: date(2027, 1, 17),
        asked_date: None,
        calculation: cancel::calculate(&order.calculation, &[], &asked).unwrap(),
        asked,
        parameters: order.parameters.clone(),
        discount_policies: order.discount_policies.clone(),
        additional_fee_policies: order.additional_fee_policies.clone(),
        frozen: false,
    };
    transfer(id, second, TransferContent::OrderCancel(Box::new(content)))
}

pub fn manual(id: &str, second: i64, units: i64) -> Transfer {
    let content = ManualAmount {
        settlement: SignedAmount::new(units).unwrap(),
        tax_free: SignedAmount::ZERO,
        currency: Currency::KRW,
    };
    transfer(id, second, TransferContent::Manual(content))
}

/// As it is read back: the working is told and not kept.
fn kept(transfer: &Transfer) -> Transfer {
    let mut kept = transfer.clone();
    match &mut kept.content {
        TransferContent::Order(order) => order.calculation.working = Default::default(),
        TransferContent::OrderCancel(cancel) => cancel.calculation.working = Default::default(),
        TransferContent::Manual(_) => {}
    }
    kept
}

pub async fn stores(storage: &Storage, transfers: &[&Transfer]) {
    for transfer in transfers {
        storage.commit(transfer.registered(vec![])).await.unwrap();
    }
}

/// Nothing is rare: everything is looked for from the newest on.
const NEWEST_FIRST: Rare = Rare { of_days: 0, of_days_and_more: 0, partners: 0, settlements: 0, terms: 0 };

/// What a list finds, whichever way it is gone through.
async fn found(storage: &Storage, filter: TransferFilter) -> Vec<String> {
    let page = storage.platform_transfers(&filter, PageAsk { number: 0, size: 10 }).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    let walked = storage.platform_transfers_after(&filter, None, 10).await.unwrap();
    assert_eq!(walked, page.items);
    let ten = PageAsk { number: 0, size: 10 };
    assert_eq!(storage.platform_transfers_by(&filter, ten, NEWEST_FIRST).await.unwrap(), page);
    for (number, one) in (0u32..).zip(&page.items) {
        let alone = storage.platform_transfers(&filter, PageAsk { number, size: 1 }).await.unwrap();
        assert_eq!(alone.items, std::slice::from_ref(one));
        let place = TransferPlace { created_at: one.created_at, id: one.id.clone() };
        let behind = storage.platform_transfers_after(&filter, Some(&place), 10).await.unwrap();
        assert_eq!(behind, page.items[usize::try_from(number).unwrap() + 1..]);
    }
    page.items.iter().map(|transfer| transfer.id.as_str().to_owned()).collect()
}

/// Lets everything that is due join.
pub async fn settles(storage: &Storage, today: Date, second: i64) -> Vec<PartnerSettlement> {
    let due = storage.due_transfers(&platform(), today, 100).await.unwrap();
    let groups = partner_settlements(due.iter().map(Transfer::due), ManualSettlement::Together).unwrap();
    let mut settled = Vec::new();
    for (number, (key, group)) in groups.into_iter().enumerate() {
        let inside: Vec<&Transfer> = due.iter().filter(|one| group.transfers.contains(&one.id)).collect();
        let waiting = storage.waiting_settlement(&platform(), &key).await.unwrap();
        let id = PartnerSettlementId::known(format!("s-{second}-{number}"));
        let id = waiting.as_ref().map_or(id, |waiting| waiting.id.clone());
        let new = NewSettlement { id: id.clone(), platform: platform(), home: home() };
        storage.commit(join(&key, group, &inside, waiting, new, at(second)).unwrap()).await.unwrap();
        settled.extend(storage.partner_settlements_by_id(&platform(), &[id]).await.unwrap());
    }
    settled
}

on_both! {
    async fn every_kind_of_transfer_reads_back_with_its_working(db: &Db) {
        let storage = db.migrated().await;
        let order = order("t-1", 1, "order-1");
        let cancel = cancel_of("t-2", 2, &order);
        let manual = manual("t-3", 3, -500);
        stores(&storage, &[&order, &cancel, &manual]).await;
        for transfer in [&order, &cancel, &manual] {
            let stored = storage.platform_transfer(&platform(), &transfer.id).await.unwrap();
            assert_eq!(stored, Some(kept(transfer)));
            let working = storage.transfer_working(&platform(), &transfer.id).await.unwrap();
            let told = transfer.calculation().map(|c| c.explained().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
            assert_eq!(working, told);
        }
        let live = PlatformKey { environment: Environment::Live, ..platform() };
        assert_eq!(storage.platform_transfer(&live, &order.id).await.unwrap(), None);
        assert_eq!(storage.cancels_of(&platform(), &order.id).await.unwrap(), [kept(&cancel)]);
        assert_eq!(storage.count_cancels_of(&platform(), &order.id).await.unwrap(), 1);

        // What changes is stored at the version that was read, once.
        let TransferContent::Order(mut content) = order.content.clone() else { unreachable!() };
        content.frozen = true;
        let frozen = Transfer { content: TransferContent::Order(content), settles_on: date(2027, 1, 21), ..order.clone() };
        let (frozen, change) = frozen.changed();
        storage.commit(change.clone()).await.unwrap();
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict));
        assert_eq!(storage.platform_transfer(&platform(), &order.id).await.unwrap(), Some(kept(&frozen)));

        // An id stays taken when its transfer is deleted.
        storage.commit(cancel.deleted(vec![], at(9))).await.unwrap();
        assert_eq!(storage.platform_transfer(&platform(), &cancel.id).await.unwrap(), None);
        assert_eq!(storage.count_cancels_of(&platform(), &order.id).await.unwrap(), 0);
        assert!(storage.is_transfer_id_used(&platform(), &cancel.id).await.unwrap());
        assert_eq!(storage.commit(cancel.registered(vec![])).await, Err(CommitError::Conflict));
        assert_eq!(storage.commit(cancel.deleted(vec![], at(9))).await, Err(CommitError::Conflict));
    }
}

on_both! {
    async fn of_two_who_move_a_sum_one_is_late(db: &Db) {
        let storage = db.migrated().await;
        let store = home();
        let id = PaymentId::known("order-1");
        let what = payment_hold(&store, &id);
        let hold = |version| Hold { platform: platform(), what: what.clone(), version };
        assert_eq!(storage.platform_hold(&platform(), &what).await.unwrap(), None);
        storage.commit(order("t-1", 1, "order-1").registered(vec![hold(None)])).await.unwrap();
        let late = order("t-2", 1, "order-1");
        for version in [None, Some(2)] {
            assert_eq!(storage.commit(late.registered(vec![hold(version)])).await, Err(CommitError::Conflict));
        }
        assert_eq!(storage.platform_hold(&platform(), &what).await.unwrap(), Some(1));
        storage.commit(late.registered(vec![hold(Some(1))])).await.unwrap();
        assert_eq!(storage.platform_hold(&platform(), &what).await.unwrap(), Some(2));
        let registered = storage.registered_for_payment(&platform(), &store, &id).await.unwrap();
        assert_eq!((registered.total, registered.tax_free), (won(7_200), won(100)));
        let elsewhere = StoreId::known("store-2");
        assert_eq!(storage.registered_for_payment(&platform(), &elsewhere, &id).await.unwrap(), Default::default());
        let of = storage.order_transfers_of(&platform(), &id, &PartnerId::known("p-1")).await.unwrap();
        assert_eq!(of.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["t-1", "t-2"]);
        let cancel = cancel_of("t-3", 3, &late);
        storage.commit(cancel.registered(vec![])).await.unwrap();
        let cancellation = CancellationId::known("cancellation-1");
        let under = storage.registered_for_cancellation(&platform(), &store, &id, &cancellation).await.unwrap();
        assert_eq!(under.total, won(900));
        // Deleted ones give room back.
        storage.commit(of[0].deleted(vec![], at(9))).await.unwrap();
        let registered = storage.registered_for_payment(&platform(), &store, &id).await.unwrap();
        assert_eq!(registered.total, won(3_600));
    }
}

on_both! {
    async fn lists_find_what_they_are_asked_for(db: &Db) {
        let storage = db.migrated().await;
        let first = order("t-1", 1, "order-1");
        let cancel = cancel_of("t-2", 2, &first);
        let other = Transfer { partner: PartnerId::known("p-2"), memo: None, properties: vec![], settles_on: date(2027, 1, 10), ..manual("t-3", 3, 700) };
        stores(&storage, &[&first, &cancel, &other]).await;
        let all = || TransferFilter::of(platform(), today());
        let some = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        use TransferKeyword as K;
        let keyword = |keyword| TransferFilter { keyword: Some(keyword), ..all() };
        let days = |which, from, until| TransferFilter { days: Some((which, date(2027, 1, from), date(2027, 1, until))), ..all() };
        for (filter, expected) in [
            (all(), some(&["t-3", "t-2", "t-1"])),
            (days(TransferDay::Start, 16, 16), some(&["t-1"])),
            (days(TransferDay::Settlement, 10, 19), some(&["t-3"])),
            (TransferFilter { contracts: some(&["c-1"]), ..all() }, some(&["t-2", "t-1"])),
            (TransferFilter { discount_policies: some(&["x", "half"]), kinds: some(&["ORDER"]), ..all() }, some(&["t-1"])),
            (TransferFilter { fee_policies: some(&["x"]), ..all() }, vec![]),
            (TransferFilter { methods: some(&["EASY_PAY"]), channels: some(&["channel-1"]), ..all() }, some(&["t-2", "t-1"])),
            (TransferFilter { statuses: vec![TransferStatus::Scheduled], ..all() }, some(&["t-2", "t-1"])),
            (TransferFilter { statuses: vec![TransferStatus::Settled, TransferStatus::PaidOut], ..all() }, some(&["t-3"])),
            (TransferFilter { statuses: vec![TransferStatus::PaidOut, TransferStatus::InPayout], ..all() }, vec![]),
            (TransferFilter { statuses: vec![TransferStatus::InProcess], today: date(2027, 1, 16), ..all() }, some(&["t-1"])),
            (TransferFilter { property: Some(("color".into(), "red".into())), ..all() }, some(&["t-2", "t-1"])),
            (TransferFilter { property: Some(("color".into(), "re".into())), ..all() }, vec![]),
            (keyword(K::All("spring s".into())), some(&["t-2", "t-1"])),
            (keyword(K::All("two CITIES".into())), some(&["t-1"])),
            (keyword(K::All("%".into())), vec![]),
            (keyword(K::Payment("order-1".into())), some(&["t-2", "t-1"])),
            (keyword(K::Transfer("t-2".into())), some(&["t-2"])),
            (keyword(K::Memo("SALE".into())), some(&["t-2", "t-1"])),
            (keyword(K::Product("B".into())), some(&["t-1"])),
            (keyword(K::ProductName("A Tale".into())), some(&["t-2", "t-1"])),
            (keyword(K::ProductName("Tale".into())), vec![]),
            (keyword(K::Partner("p-2".into())), some(&["t-3"])),
        ] {
            let told = format!("{filter:?}");
            assert_eq!(found(&storage, filter).await, expected, "{told}");
        }
        let one = PageAsk { number: 1, size: 1 };
        let page = storage.platform_transfers(&all(), one).await.unwrap();
        assert_eq!((page.items[0].id.as_str(), page.total, page.total_is_exact), ("t-2", 3, true));
        let place = TransferPlace { created_at: at(3), id: other.id.clone() };
        let behind = storage.platform_transfers_after(&all(), Some(&place), 1).await.unwrap();
        assert_eq!(behind[0].id.as_str(), "t-2");
    }
}

on_both! {
    async fn lists_find_what_has_been_settled_and_what_waits(db: &Db) {
        let storage = db.migrated().await;
        let day = date(2027, 1, 14);
        let (first, second) = (by_amount("t-1", 1, 11_000, day), by_amount("t-2", 2, 22_000, day));
        stores(&storage, &[&first, &second]).await;
        let settlement = settles(&storage, today(), 10).await.remove(0);
        let later = by_amount("t-3", 3, 5_000, date(2027, 1, 16));
        let due = by_amount("t-4", 4, 5_000, day);
        let coming = order("t-5", 5, "order-5");
        stores(&storage, &[&later, &due, &coming]).await;
        use TransferStatus as S;
        let of = |statuses: &[S]| TransferFilter { statuses: statuses.to_vec(), ..TransferFilter::of(platform(), today()) };
        let orders = |statuses: &[S]| TransferFilter { kinds: vec!["ORDER".into()], contracts: vec!["c-1".into()], ..of(statuses) };
        let of_day = |statuses: &[S]| TransferFilter { days: Some((TransferDay::Settlement, day, day)), ..of(statuses) };
        for (filter, expected) in [
            (of(&[S::Settled]), vec!["t-4", "t-2", "t-1"]),
            (of(&[S::Scheduled]), vec!["t-5"]),
            (of(&[S::InProcess]), vec!["t-3"]),
            (of(&[S::InProcess, S::Settled]), vec!["t-4", "t-3", "t-2", "t-1"]),
            (of(&[S::PaidOut]), vec![]),
            (of(&[S::Scheduled, S::PaidOut]), vec!["t-5"]),
            (orders(&[S::Settled]), vec!["t-4", "t-2", "t-1"]),
            (orders(&[]), vec!["t-5", "t-4", "t-3", "t-2", "t-1"]),
            (of_day(&[S::Settled]), vec!["t-4", "t-2", "t-1"]),
            (of_day(&[S::InProcess]), vec![]),
        ] {
            let told = format!("{filter:?}");
            assert_eq!(found(&storage, filter).await, expected, "{told}");
        }
        let (_, change) = settlement.with_status(PartnerSettlementStatus::PaidOut, at(11)).changed();
        storage.commit(change).await.unwrap();
        assert_eq!(found(&storage, of(&[S::PaidOut])).await, ["t-2", "t-1"]);
        assert_eq!(found(&storage, of(&[S::Settled])).await, ["t-4"]);
        assert_eq!(found(&storage, of(&[S::Settled, S::PaidOut])).await, ["t-4", "t-2", "t-1"]);
        // What is due comes partner by partner.
        let neighbour = Transfer { partner: PartnerId::known("p-0"), ..by_amount("t-6", 6, 5_000, day) };
        stores(&storage, &[&neighbour]).await;
        let due = storage.due_transfers(&platform(), today(), 9).await.unwrap();
        assert_eq!(due.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["t-6", "t-4"]);
    }
}

on_both! {
    async fn what_is_due_is_added_up_once_and_posted(db: &Db) {
        let storage = db.migrated().await;
        let day = date(2027, 1, 14);
        let (first, second) = (by_amount("t-1", 1, 11_000, day), by_amount("t-2", 2, 22_000, day));
        let later = by_amount("t-3", 3, 5_000, date(2027, 1, 16));
        let penalty = Transfer { settles_on: day, ..manual("t-4", 4, -300) };
        stores(&storage, &[&first, &second, &later, &penalty]).await;
        let settled = settles(&storage, today(), 10).await;
        let row = |one: &PartnerSettlement| (one.kind.word(), one.payable_amounts().0.minor_units(), one.transfers);
        assert_eq!(settled.iter().map(row).collect::<Vec<_>>(), [("ORDER", 26_370, 2), ("MANUAL", -300, 1)]);
        // It happens once, whoever tries again.
        assert_eq!(settles(&storage, today(), 11).await, []);
        let again = Write::PlatformTransferJoined { platform: platform(), transfer: first.id.clone(), settlement: settled[0].id.clone() };
        assert_eq!(storage.commit(writes(vec![again])).await, Err(CommitError::Conflict));
        let inside = storage.transfers_in(&platform(), &settled[0].id, Some(&first.id), 9).await.unwrap();
        assert_eq!(inside.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["t-2"]);
        assert_eq!(inside[0].status(today()), TransferStatus::Settled);
        // A late one joins what waits.
        let late = by_amount("t-5", 5, 1_100, day);
        stores(&storage, &[&late]).await;
        let joined = settles(&storage, today(), 12).await;
        assert_eq!(joined.iter().map(row).collect::<Vec<_>>(), [("ORDER", 27_249, 3)]);
        assert_eq!(joined[0].id, settled[0].id);
        // And leaves it again.
        let stored = storage.platform_transfer(&platform(), &late.id).await.unwrap().unwrap();
        let left = storage.starts_without(&platform(), &joined[0].id, &late.id).await.unwrap();
        let day_ten = Some(date(2027, 1, 10));
        assert_eq!(left, Some((day_ten, day_ten)));
        let change = joined[0].clone().without(&stored, left, at(13)).unwrap();
        storage.commit(change.and(stored.deleted(vec![], at(13)))).await.unwrap();
        let again = storage.partner_settlements_by_id(&platform(), &[joined[0].id.clone()]).await.unwrap();
        assert_eq!(again.iter().map(row).collect::<Vec<_>>(), [("ORDER", 26_370, 2)]);
        let alone = storage.platform_transfer(&platform(), &penalty.id).await.unwrap().unwrap();
        assert_eq!(storage.starts_without(&platform(), &settled[1].id, &penalty.id).await.unwrap(), None);
        let change = settled[1].clone().without(&alone, None, at(14)).unwrap();
        storage.commit(change.and(alone.deleted(vec![], at(14)))).await.unwrap();
        // The books say what is owed, and balance.
        let sums = storage.ledger_sums().await.unwrap();
        let owed = sums.iter().find(|sum| sum.account.name() == "partner_payable:p-1").unwrap();
        assert_eq!((owed.entries, owed.balance), (-26_370, -26_370));
        assert_eq!(storage.posting_imbalances().await.unwrap(), []);
        let filter = SettlementFilter { days: vec![day], ..SettlementFilter::of(platform()) };
        let (page, counts) = storage.partner_settlements(&filter, PageAsk { number: 0, size: 9 }).await.unwrap();
        assert_eq!((page.items.len(), page.total), (1, 1));
        assert_eq!(counts["PAYOUT_PREPARED"], (1, 26_370));
        assert_eq!(storage.settlement_days(&platform(), 9).await.unwrap(), [day]);
    }
}

on_both! {
    async fn emptying_takes_the_test_platform_and_leaves_the_live_one(db: &Db) {
        let storage = db.migrated().await;
        let live = PlatformKey { environment: Environment::Live, ..platform() };
        let day = date(2027, 1, 14);
        let of_live = Transfer { platform: live.clone(), ..by_amount("t-1", 1, 11_000, day) };
        stores(&storage, &[&by_amount("t-1", 1, 11_000, day), &of_live]).await;
        assert_eq!(settles(&storage, today(), 10).await.len(), 1);
        storage.commit(writes(vec![Write::EmptyTestData { store: home() }])).await.unwrap();
        assert_eq!(storage.platform_transfer(&platform(), &of_live.id).await.unwrap(), None);
        assert!(!storage.is_transfer_id_used(&platform(), &of_live.id).await.unwrap());
        assert_eq!(storage.settlement_days(&platform(), 9).await.unwrap(), Vec::<Date>::new());
        assert!(storage.platform_transfer(&live, &of_live.id).await.unwrap().is_some());
        assert_eq!(storage.ledger_sums().await.unwrap(), []);
        // The same ids can be used again.
        stores(&storage, &[&by_amount("t-1", 1, 11_000, day)]).await;
    }
}

on_both! {
    async fn an_operator_holds_a_settlement_at_the_version_that_was_seen(db: &Db) {
        let storage = db.migrated().await;
        stores(&storage, &[&by_amount("t-1", 1, 11_000, date(2027, 1, 14))]).await;
        let settlement = settles(&storage, today(), 10).await.remove(0);
        let (held, change) = settlement.clone().set_by_operator(PartnerSettlementStatus::Withheld, at(11)).unwrap();
        storage.commit(change.clone()).await.unwrap();
        assert_eq!(storage.commit(change).await, Err(CommitError::Conflict));
        let stored = storage.partner_settlements_by_id(&platform(), &[settlement.id]).await.unwrap();
        assert_eq!(stored, std::slice::from_ref(&held));
        // Nothing joins what is held.
        assert_eq!(storage.waiting_settlement(&platform(), &held.key()).await.unwrap(), None);
        storage.commit(held.removed()).await.unwrap();
    }
}
