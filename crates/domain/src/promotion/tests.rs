#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::grant::decide;
use super::*;
use crate::payment::{Amounts, AmountsError};
use proptest::prelude::*;

pub fn won(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub fn percent(from: i64, percent: u8) -> Partition {
    Partition { from: won(from), scheme: Scheme::Percent(percent) }
}

pub fn fixed(from: i64, amount: i64) -> Partition {
    Partition { from: won(from), scheme: Scheme::Amount(won(amount)) }
}

pub fn policy(partitions: &[Partition], cap: Option<i64>) -> DiscountPolicy {
    DiscountPolicy::new(partitions.to_vec(), cap.map(won)).unwrap()
}

/// In progress from second 0 to 1000.
pub fn promotion(policy: DiscountPolicy, budget: i64) -> Promotion {
    Promotion {
        id: PromotionId::known("promotion-id-1"),
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        name: "spring".into(),
        card_company: CardCompany::Shinhan,
        currency: Currency::KRW,
        policy,
        total_budget: won(budget),
        recovery: Recovery::Recover,
        start_at: at(0),
        end_at: at(1000),
        created_at: at(-100),
        paused_at: None,
        terminated_at: None,
        terms: 1,
        budget: Budget::default(),
    }
}

#[test]
fn the_highest_partition_that_an_order_reaches_decides() {
    let tiers = policy(&[percent(10_000, 10), fixed(5_000, 250), percent(50_000, 20)], Some(12_000));
    // order, discount
    for (order, discount) in [
        (0, 0),
        (4_999, 0),
        (5_000, 250),
        (9_999, 250),
        (10_000, 1_000),
        (10_019, 1_001),
        (49_999, 4_999),
        (50_000, 10_000),
        (60_000, 12_000),
        (600_000, 12_000),
    ] {
        assert_eq!(tiers.discount(won(order)), won(discount), "{order}");
    }
}

#[test]
fn partitions_that_make_no_policy_are_refused() {
    let six: Vec<_> = (1..=6).map(|n| percent(n * 1000, u8::try_from(n).unwrap())).collect();
    for (partitions, cap, refusal) in [
        (vec![], None, PolicyError::Count(0)),
        (six, None, PolicyError::Count(6)),
        (vec![percent(0, 0)], None, PolicyError::Percent(0)),
        (vec![percent(0, 101)], None, PolicyError::Percent(101)),
        (vec![fixed(10, 0)], None, PolicyError::Nothing),
        (vec![percent(0, 1)], Some(0), PolicyError::Nothing),
        (vec![percent(10, 1), percent(10, 2)], None, PolicyError::SameStart(won(10))),
        // 1,000 from 5,000 is 20 %, and so is 20 %.
        (vec![fixed(5_000, 1_000), percent(10_000, 20)], None, PolicyError::LowerRate { from: won(10_000) }),
        (vec![fixed(0, 1), percent(10, 100)], None, PolicyError::LowerRate { from: won(10) }),
    ] {
        let made = DiscountPolicy::new(partitions.clone(), cap.map(won));
        assert_eq!(made, Err(refusal), "{partitions:?}");
    }
    policy(&[fixed(5_000, 1_000), percent(10_000, 21)], Some(1));
}

#[test]
fn a_status_follows_from_time_budget_and_what_the_operator_did() {
    let running = promotion(policy(&[percent(0, 10)], None), 1_000);
    let spent = |spent, reserved| Promotion {
        budget: Budget { spent: won(spent), reserved: won(reserved), ..Budget::default() },
        ..running.clone()
    };
    let paused = Promotion { paused_at: Some(at(-5)), ..running.clone() };
    let terminated = Promotion { terminated_at: Some(at(5)), ..paused.clone() };
    for (promotion, now, status) in [
        (&running, -1, Status::Scheduled),
        (&running, 0, Status::InProgress),
        (&running, 999, Status::InProgress),
        (&running, 1000, Status::Completed),
        (&spent(999, 0), 1, Status::InProgress),
        (&spent(900, 100), 1, Status::BudgetExhausted),
        (&spent(900, 100), 1000, Status::Completed),
        // The start that passes while it is paused does not start it.
        (&paused, -1, Status::Paused),
        (&paused, 500, Status::Paused),
        (&paused, 1000, Status::Completed),
        (&terminated, 10, Status::Terminated),
        (&terminated, 2000, Status::Terminated),
    ] {
        assert_eq!(promotion.status(at(now)), status, "{promotion:?} at {now}");
    }
}

#[test]
fn the_spare_budget_makes_up_for_what_does_not_return() {
    // recovery, unrecovered, limit of a budget of 1,000
    for (recovery, unrecovered, limit) in [
        (Recovery::Recover, 500, 1_000),
        (Recovery::NoRecover { spare: None }, 500, 1_000),
        (Recovery::NoRecover { spare: Some(Spare::Amount(won(300))) }, 0, 1_000),
        (Recovery::NoRecover { spare: Some(Spare::Amount(won(300))) }, 200, 1_200),
        (Recovery::NoRecover { spare: Some(Spare::Amount(won(300))) }, 500, 1_300),
        (Recovery::NoRecover { spare: Some(Spare::Percent(10)) }, 500, 1_100),
    ] {
        let budget = Budget { unrecovered: won(unrecovered), ..Budget::default() };
        let promotion = Promotion { recovery, budget, ..promotion(policy(&[percent(0, 10)], None), 1_000) };
        assert_eq!(promotion.limit(), won(limit), "{recovery:?}");
    }
}

#[test]
fn a_payment_is_discounted_refused_or_pays_the_full_price() {
    let tenth = || promotion(policy(&[percent(5_000, 10)], None), 1_000);
    let shinhan = Some(CardCompany::Shinhan);
    let amounts = |total| Amounts::new(won(total), Amount::ZERO, None, Amount::ZERO).unwrap();
    let full = |promotion: Promotion, total, card, now| {
        let granted = decide(&promotion, amounts(total), Currency::KRW, card, at(now));
        assert_eq!(granted, Ok(Grant::FullPrice), "{promotion:?} {total}");
    };
    let Ok(Grant::Discount(discounted, used)) =
        decide(&tenth(), amounts(9_000), Currency::KRW, shinhan, at(1))
    else {
        panic!("no discount");
    };
    assert_eq!((discounted.discount, discounted.to_pay(), used.discount), (won(900), won(8_100), won(900)));
    assert_eq!(discounted.vat, amounts(9_000).vat);

    full(tenth(), 4_999, shinhan, 1);
    full(tenth(), 10_010, shinhan, 1);
    full(tenth(), 9_000, shinhan, -1);
    full(tenth(), 9_000, shinhan, 1000);
    full(Promotion { paused_at: Some(at(0)), ..tenth() }, 9_000, shinhan, 1);
    full(Promotion { terminated_at: Some(at(0)), ..tenth() }, 9_000, shinhan, 1);
    full(Promotion { currency: Currency::USD, ..tenth() }, 9_000, shinhan, 1);
    // What is not in progress looks at no card.
    full(Promotion { paused_at: Some(at(0)), ..tenth() }, 9_000, None, 1);
    let held = Budget { reserved: won(101), ..Budget::default() };
    full(Promotion { budget: held, ..tenth() }, 9_000, shinhan, 1);
    let used_up = Budget { spent: won(1_000), ..Budget::default() };
    full(Promotion { budget: used_up, ..tenth() }, 9_000, shinhan, 1);

    for card in [None, Some(CardCompany::Kookmin)] {
        let refusal = GrantRefusal::OtherCard { wanted: CardCompany::Shinhan, found: card };
        full(Promotion { budget: used_up, ..tenth() }, 9_000, card, 1);
        assert_eq!(decide(&tenth(), amounts(9_000), Currency::KRW, card, at(1)), Err(refusal.clone()));
        assert_eq!(decide(&tenth(), amounts(100), Currency::KRW, card, at(1)), Err(refusal));
    }
    let flat = || promotion(policy(&[fixed(0, 500)], None), 400);
    let too_large = AmountsError::DiscountExceedsTotal { total: won(500), discount: won(500) };
    assert_eq!(
        decide(&flat(), amounts(500), Currency::KRW, shinhan, at(1)),
        Err(GrantRefusal::TooLarge(too_large))
    );
    full(flat(), 501, shinhan, 1);
}

#[test]
fn an_operator_may_do_what_the_status_allows() {
    let promotion = promotion(policy(&[percent(0, 10)], None), 1_000);
    let paused = promotion.paused(at(10)).unwrap();
    assert_eq!((paused.terms, paused.status(at(11))), (2, Status::Paused));
    assert_eq!(paused.paused(at(11)), Err(TermsRefusal::Paused));
    assert_eq!(promotion.resumed(at(11)), Err(TermsRefusal::NotPaused(Status::InProgress)));
    assert_eq!(paused.resumed(at(11)).unwrap().status(at(12)), Status::InProgress);
    assert_eq!(promotion.paused(at(-5)).unwrap().resumed(at(-4)).unwrap().status(at(-3)), Status::Scheduled);
    let terminated = paused.terminated(at(20)).unwrap();
    let over = TermsRefusal::Over(Status::Terminated);
    assert_eq!(terminated.resumed(at(21)), Err(over.clone()));
    assert_eq!(terminated.paused(at(21)), Err(over.clone()));
    assert_eq!(terminated.terminated(at(21)), Err(over.clone()));
    assert_eq!(terminated.edited(Edit::default(), at(21)), Err(over));
    assert_eq!(promotion.paused(at(1000)), Err(TermsRefusal::Over(Status::Completed)));

    let name = || Edit { name: Some("autumn".into()), ..Edit::default() };
    let end = |end| Edit { end_at: Some(at(end)), ..Edit::default() };
    let start = |start| Edit { start_at: Some(at(start)), ..Edit::default() };
    let budget = || Edit { total_budget: Some(won(5)), ..Edit::default() };
    let company = || Edit { card_company: Some(CardCompany::Nh), ..Edit::default() };
    let fixed = |member, status| Some(TermsRefusal::Fixed { member, status });
    // edit, when, of what, refusal
    for (edit, now, of, refusal) in [
        (name(), -1, &promotion, None),
        (budget(), -1, &promotion, None),
        (company(), -1, &promotion, None),
        (start(50), -1, &promotion, None),
        (
            start(1000),
            -1,
            &promotion,
            Some(TermsRefusal::EndsBeforeStart { start_at: at(1000), end_at: at(1000) }),
        ),
        (
            Edit { total_budget: Some(Amount::ZERO), ..Edit::default() },
            -1,
            &promotion,
            Some(TermsRefusal::NoBudget),
        ),
        (name(), 1, &promotion, None),
        (end(2000), 1, &promotion, None),
        (start(0), 1, &promotion, None),
        (start(2), 1, &promotion, Some(TermsRefusal::Started(at(2)))),
        (budget(), 1, &promotion, fixed("the budget", Status::InProgress)),
        (company(), 1, &promotion, fixed("the card company", Status::InProgress)),
        (name(), 11, &paused, None),
        (end(2000), 11, &paused, None),
        (start(0), 11, &paused, fixed("the start", Status::Paused)),
    ] {
        assert_eq!(of.edited(edit.clone(), at(now)).err(), refusal, "{edit:?} at {now}");
    }
}

fn used(policy: DiscountPolicy, order: i64) -> PromotionUse {
    PromotionUse {
        id: PromotionId::known("promotion-id-1"),
        card_company: CardCompany::Shinhan,
        discount: policy.discount(won(order)),
        policy,
        recovers: true,
        terms: 1,
        hold: Hold::Spent,
    }
}

#[test]
fn the_documented_cancellations_are_refunded_as_documented() {
    let tenth = |from| used(policy(&[percent(from, 10)], None), if from == 5_000 { 6_000 } else { 10_000 });
    let thousand = |order| used(policy(&[fixed(5_000, 1_000)], None), order);
    let capped = used(policy(&[percent(0, 50)], Some(1_000)), 10_000);
    let flat = used(policy(&[fixed(0, 1_000)], None), 5_000);
    use RetainOption::{Release, Retain};
    // rule, order, cancelled, option, refunded (or what the buyer would owe), left
    for (used, order, cancelled, option, refund, left) in [
        (tenth(5_000), 6_000, 2_000, Release, Ok(1_400), 4_000),
        (tenth(5_000), 6_000, 2_000, Retain, Ok(1_800), 3_600),
        (thousand(6_000), 6_000, 2_000, Release, Ok(1_000), 4_000),
        (thousand(6_000), 6_000, 2_000, Retain, Ok(1_800), 3_200),
        (tenth(10_000), 10_000, 500, Release, Err(500), 9_000),
        (tenth(10_000), 10_000, 500, Retain, Ok(450), 8_550),
        // More than the order that is cancelled, because the rate is that of the condition.
        (thousand(12_000), 12_000, 2_000, Retain, Ok(3_000), 8_000),
        (thousand(12_000), 12_000, 2_000, Release, Ok(2_000), 9_000),
        (thousand(6_000), 6_000, 1_001, Release, Ok(1), 4_999),
        (thousand(6_000), 6_000, 1_000, Release, Ok(1_000), 4_000),
        // Nothing to give back: accepted.
        (tenth(10_000), 10_000, 1_000, Release, Ok(0), 9_000),
        // What the cap left of 50 % is 10 %.
        (capped.clone(), 10_000, 5_000, Retain, Ok(4_500), 4_500),
        (capped, 10_000, 5_000, Release, Ok(5_000), 4_000),
        // A discount is never larger than what it is a discount of.
        (flat.clone(), 5_000, 4_500, Release, Ok(4_000), 0),
        (flat, 5_000, 4_500, Retain, Ok(3_600), 400),
    ] {
        let paid = order - used.discount.minor_units();
        let given = give_back::refund(&used, won(order), won(order - cancelled), won(paid), option);
        let case = format!("{used:?} {order} {cancelled} {option:?}");
        match (given, refund) {
            (Ok(given), Ok(refund)) => assert_eq!((given, paid - refund), (won(refund), left), "{case}"),
            (Err(would), Err(owed)) => assert_eq!((would.owed, paid), (won(owed), left), "{case}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

fn any_policy() -> impl Strategy<Value = DiscountPolicy> {
    let partition = (
        0i64..50_000,
        prop_oneof![
            (1u8..=100).prop_map(Scheme::Percent),
            (1i64..20_000).prop_map(|amount| Scheme::Amount(won(amount))),
        ],
    )
        .prop_map(|(from, scheme)| Partition { from: won(from), scheme });
    (prop::collection::vec(partition, 1..=3), prop::option::of(1i64..20_000))
        .prop_filter_map("a policy", |(partitions, cap)| DiscountPolicy::new(partitions, cap.map(won)).ok())
}

proptest! {
    /// Whatever is cancelled in whatever parts: never more goes back than is held, a released rest costs
    /// what an order of its size costs, and in the end everything that was paid has gone back.
    #[test]
    fn refunds_tie(
        policy in any_policy(),
        order in 2i64..100_000,
        parts in prop::collection::vec(1i64..40_000, 0..6),
        retains in any::<bool>(),
    ) {
        let used = used(policy, order);
        prop_assume!(used.discount < won(order));
        let option = if retains { RetainOption::Retain } else { RetainOption::Release };
        let (mut rest, mut held) = (order, order - used.discount.minor_units());
        for part in parts {
            if part >= rest {
                continue;
            }
            match give_back::refund(&used, won(order), won(rest - part), won(held), option) {
                Ok(refund) => {
                    prop_assert!(refund <= won(held));
                    held -= refund.minor_units();
                    rest -= part;
                    if option == RetainOption::Release {
                        let discount = used.policy.discount(won(rest)).min(won(rest));
                        prop_assert_eq!(held, rest - discount.minor_units());
                    }
                }
                Err(would) => prop_assert!(would.owed > Amount::ZERO),
            }
            prop_assert!(held >= 0 && held <= rest);
        }
    }

    /// A cap is the operator's own way to give less for more.
    #[test]
    fn a_discount_never_falls_when_the_order_grows(policy in any_policy(), one in 0i64..200_000, more in 0i64..10_000) {
        let policy = DiscountPolicy::known(policy.partitions().to_vec(), None);
        prop_assert!(policy.discount(won(one)) <= policy.discount(won(one + more)));
    }
}
