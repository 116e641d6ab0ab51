//! Refusals of bulk payouts, each at its exact condition and in its order.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::super::payout::plan;
use super::super::status::PartnerSettlementStatus as S;
use super::super::testing::amount;
use super::*;
use jiff::civil::date;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn payable(id: &str, partner: &str, status: S, units: i64) -> Payable {
    Payable {
        id: PartnerSettlementId::known(id),
        partner: PartnerId::known(partner),
        currency: Currency::KRW,
        status,
        settlement: SignedAmount::new(units).unwrap(),
        tax_free: SignedAmount::ZERO,
        alone: None,
    }
}

fn ids(ids: &[&str]) -> Vec<PartnerSettlementId> {
    ids.iter().map(|id| PartnerSettlementId::known(*id)).collect()
}

#[test]
fn payouts_are_generated_of_what_can_be_paid() {
    use BulkPayoutStatus::{Prepared, Preparing};
    use GenerateRefusal as R;
    use PayoutMethod::{Agency, Direct};
    let (krw, usd) = (Currency::KRW, Currency::USD);
    let good = payable("a1", "a", S::Prepared, 100);
    let dollars = Payable { currency: usd, ..payable("a2", "a", S::Prepared, 100) };
    let negative = payable("b1", "b", S::Prepared, -1);
    let withheld = payable("c1", "c", S::Withheld, 100);
    let paid = payable("d1", "d", S::PaidOut, 100);
    let unapproved = payable("e1", "e", S::Prepared, 100);
    // status, method, currency, what is selected, the refusal
    for (status, method, currency, selected, refusal) in [
        (Prepared, Agency, usd, vec![], Some(R::NotPreparing(Prepared))),
        (Preparing, Agency, usd, vec![], Some(R::CurrencyNotSupported(usd))),
        (Preparing, Direct, usd, vec![dollars.clone()], None),
        (Preparing, Agency, krw, vec![], Some(R::NothingSelected)),
        (
            Preparing,
            Agency,
            krw,
            vec![good.clone(), negative.clone(), withheld, paid, unapproved, dollars],
            Some(R::NonPayable(ids(&["d1", "c1", "e1", "a2"]))),
        ),
        (
            Preparing,
            Agency,
            krw,
            vec![good.clone(), negative],
            Some(R::NegativePartners(vec![PartnerId::known("b")])),
        ),
        (Preparing, Agency, krw, vec![good], None),
    ] {
        let selected = plan(&selected, |partner| partner.as_str() != "e").unwrap();
        let generated = generate(status, method, currency, selected.clone());
        match refusal {
            Some(refusal) => assert_eq!(generated, Err(refusal)),
            None => assert_eq!(generated, Ok(selected.payouts)),
        }
    }
}

#[test]
fn executions_and_reservations_are_refused_in_their_order() {
    use BulkPayoutStatus::{Prepared, Preparing};
    use ExecuteRefusal as R;
    let now = at("2024-10-15T12:00:00+09:00");
    let idle = AccountState { balance: amount(1_000), is_executing: false, reserved: 0 };
    let busy = AccountState { is_executing: true, ..idle };
    let full = AccountState { reserved: MAX_RESERVED, ..idle };
    let night = at("2024-10-15T23:00:00+09:00");
    let too_low = R::BalanceTooLow { total: amount(1_001), balance: amount(1_000) };
    assert_eq!(execute(Preparing, amount(1_001), busy, night), Err(R::NotPrepared(Preparing)));
    assert_eq!(execute(Prepared, amount(1_001), busy, night), Err(R::AnotherIsExecuting));
    assert_eq!(execute(Prepared, amount(1_001), idle, night), Err(R::Maintenance(night)));
    assert_eq!(execute(Prepared, amount(1_001), idle, now), Err(too_low));
    assert_eq!(execute(Prepared, amount(1_000), full, now), Ok(()));

    let slot = at("2024-10-15T12:10:00+09:00");
    for (account, total, moment, expected) in [
        (full, 1_001, "2024-10-15T11:55:00+09:00", Err(R::TooManyReserved)),
        (busy, 1_001, "2024-10-15T11:55:00+09:00", Err(R::NotASlot(at("2024-10-15T11:55:00+09:00")))),
        (busy, 1_001, "2024-10-15T12:10:01+09:00", Err(R::NotASlot(at("2024-10-15T12:10:01+09:00")))),
        (busy, 1_001, "2024-10-15T12:00:00+09:00", Err(R::NotInTheFuture(now))),
        (busy, 1_001, "2024-10-15T23:00:00+09:00", Err(R::Maintenance(night))),
        (busy, 1_001, "2024-10-15T12:10:00+09:00", Err(too_low)),
        (busy, 1_000, "2024-10-15T12:10:00+09:00", Ok(())),
    ] {
        assert_eq!(reserve(Prepared, amount(total), account, at(moment), now), expected, "{moment}");
    }
    assert_eq!(reserve(Preparing, amount(1), idle, slot, now), Err(R::NotPrepared(Preparing)));
}

#[test]
fn the_banks_are_closed_from_ten_to_eleven_until_one() {
    for (clock, closed) in [
        ("22:49:59", false),
        ("22:50:00", true),
        ("23:59:59", true),
        ("00:00:00", true),
        ("00:59:59", true),
        ("01:00:00", false),
        ("12:00:00", false),
    ] {
        assert_eq!(is_maintenance(at(&format!("2024-10-15T{clock}+09:00"))), closed, "{clock}");
    }
}

#[test]
fn what_was_paid_outside_is_recorded_once() {
    use CompleteRefusal as R;
    let now = at("2024-10-15T15:30:00Z"); // the 16th in Korea
    let id = BulkPayoutId::known("b");
    let rows = [
        payable("a1", "a", S::Prepared, 100),
        payable("a2", "a", S::Failed, -40),
        payable("b1", "b", S::Cancelled, -1),
        payable("c1", "c", S::Withheld, 100),
        payable("d1", "d", S::InPayout, 100),
    ];
    let today = date(2024, 10, 16);
    let tomorrow = date(2024, 10, 17);
    // the ids, the rows found, a day, whether the id is used; the refusal
    for (asked, found, day, exists, refusal) in [
        (vec![], &rows[..0], Some(tomorrow), true, R::InTheFuture { completed_at: tomorrow, today }),
        (vec![], &rows[..0], None, true, R::NothingSelected),
        (ids(&["a1", "x", "a1"]), &rows[..1], None, true, R::NamedTwice(PartnerSettlementId::known("a1"))),
        (ids(&["a1", "x"]), &rows[..1], None, true, R::NotFound(ids(&["x"]))),
        (ids(&["a1", "a2", "b1", "c1", "d1"]), &rows[..], None, true, R::NonPayable(ids(&["c1", "d1"]))),
        (
            ids(&["a1", "b1"]),
            &[rows[0].clone(), rows[2].clone()],
            None,
            true,
            R::NegativePartners(vec![PartnerId::known("b")]),
        ),
        (ids(&["a1"]), &rows[..1], Some(today), true, R::IdAlreadyExists(id.clone())),
    ] {
        let found = CompleteFound { settlements: found, bulk_payout_exists: exists };
        assert_eq!(complete_outside(&id, &asked, day, found, now), Err(refusal));
    }
    let found = CompleteFound { settlements: &rows[..2], bulk_payout_exists: false };
    let payouts = complete_outside(&id, &ids(&["a1", "a2"]), Some(today), found, now).unwrap();
    assert_eq!(payouts.len(), 1);
    assert_eq!(payouts[0].settlement.minor_units(), 60);
}

#[test]
fn totals_are_bounded() {
    assert_eq!(total([amount(1), amount(2)]), Ok(amount(3)));
    assert!(total([amount(crate::money::MAX_AMOUNT), amount(1)]).is_err());
}

#[test]
fn a_bulk_payout_is_created_of_what_is_due_and_free() {
    use CreateRefusal as R;
    use PayoutMethod::{Agency, Direct};
    let days = |count: i8| -> BTreeSet<Date> { (1..=count).map(|day| date(2024, 10, day)).collect() };
    let ask = |method, currency, count| CreateAsk {
        id: BulkPayoutId::known("b"),
        method,
        currency,
        settlement_dates: days(count),
    };
    let (krw, usd) = (Currency::KRW, Currency::USD);
    let other = BulkPayoutId::known("other");
    let free = (payable("a1", "a", S::Prepared, 100), None);
    let taken = (payable("a2", "a", S::Prepared, 100), Some(other.clone()));
    let withheld = (payable("a3", "a", S::Withheld, 100), Some(other.clone()));
    let failed = (payable("a4", "a", S::Failed, 100), None);
    // what is asked, whether the id is used, whether there is an account, the settlements; the answer
    for (ask, id_is_used, has_withdrawal_account, settlements, expected) in [
        (ask(Agency, usd, 0), true, false, vec![], Err(R::Dates(0))),
        (ask(Agency, usd, 11), true, false, vec![], Err(R::Dates(11))),
        (ask(Agency, usd, 10), true, false, vec![], Err(R::IdAlreadyExists(BulkPayoutId::known("b")))),
        (ask(Agency, usd, 10), false, false, vec![], Err(R::CurrencyNotSupported(usd))),
        (ask(Agency, krw, 10), false, false, vec![], Err(R::NoWithdrawalAccount)),
        (ask(Agency, krw, 10), false, true, vec![withheld.clone()], Err(R::NothingPayable)),
        (ask(Agency, krw, 1), false, true, vec![free.clone(), taken], Err(R::SelectedByAnother(other))),
        (ask(Agency, krw, 1), false, true, vec![free.clone(), withheld, failed], Ok(ids(&["a1", "a4"]))),
        (ask(Direct, usd, 1), false, false, vec![free], Ok(ids(&["a1"]))),
    ] {
        let found = CreateFound { id_is_used, has_withdrawal_account, settlements: &settlements };
        assert_eq!(create(&ask, found), expected);
    }
}

#[test]
fn money_leaves_when_two_people_want_it() {
    use ApproveRefusal as R;
    use BulkPayoutStatus::{Prepared, Preparing};
    assert_eq!(approve(Preparing, "kim", "kim"), Err(R::NotPrepared(Preparing)));
    assert_eq!(approve(Prepared, "kim", "kim"), Err(R::SamePerson));
    assert_eq!(approve(Prepared, "kim", "lee"), Ok(()));
}
