//! Promotions: who gets the discount, out of which budget, and what a cancellation does to both.

use crate::shop::{
    APPROVED, CANCELS_LATER, OTHER_APPROVED, SILENT_AND_NOT_CHARGED, SILENT_BUT_CHARGED, SILENT_FOR_LONG,
    Shop, at_once, both_databases, card,
};
use jiff::{SignedDuration, Timestamp};
use paypier::cli::dev::demo;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::{PaymentId, PaymentKey, PromotionId, StoreId, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion::*;
use serde_json::{Value, json};

/// A card that begins with 4242 is one of KOOKMIN; one that begins with 4 is one of WOORI.
const KOOKMIN: &str = APPROVED;
const WOORI_DECLINED: &str = "4000000000000002";

fn won(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

fn percent(from: i64, percent: u8) -> Partition {
    Partition { from: won(from), scheme: Scheme::Percent(percent) }
}

fn fixed(from: i64, amount: i64) -> Partition {
    Partition { from: won(from), scheme: Scheme::Amount(won(amount)) }
}

impl Shop {
    /// A promotion of KOOKMIN's cards that is in progress for a day.
    fn promotion(&self, id: &str, partition: Partition, budget: i64) -> Promotion {
        let now = self.now();
        Promotion {
            id: PromotionId::known(id),
            store: StoreId::known(demo::STORE_ID),
            environment: Environment::Test,
            name: id.into(),
            card_company: CardCompany::Kookmin,
            currency: Currency::KRW,
            policy: DiscountPolicy::new(vec![partition], None).unwrap(),
            total_budget: won(budget),
            recovery: Recovery::Recover,
            start_at: now,
            end_at: now + SignedDuration::from_hours(24),
            created_at: now,
            paused_at: None,
            terminated_at: None,
            terms: 1,
            budget: Budget::default(),
        }
    }

    fn now(&self) -> Timestamp {
        self.app().clock.now()
    }

    async fn promotes(&self, promotion: Promotion) {
        let write = Write::Promotion { promotion: Box::new(promotion), expects: None };
        self.app().storage.commit(Change { writes: vec![write], ..Change::default() }).await.unwrap();
    }

    /// What an operator does meanwhile.
    async fn decides_about(&self, id: &str, decide: impl Fn(&Promotion, Timestamp) -> Promotion) {
        let stored = self.app().storage.promotion(&PromotionId::known(id)).await.unwrap().unwrap();
        let write = Write::Promotion {
            promotion: Box::new(decide(&stored, self.now())),
            expects: Some(stored.terms),
        };
        self.app().storage.commit(Change { writes: vec![write], ..Change::default() }).await.unwrap();
    }

    fn promoted(&self, promotion: &str, card_number: &str, total: i64) -> Value {
        let mut order = self.order(card_number, total);
        order["promotionId"] = promotion.into();
        order
    }

    async fn pays_promoted(
        &self,
        id: &str,
        promotion: &str,
        card_number: &str,
        total: i64,
    ) -> crate::shop::Answer {
        self.post(&format!("/payments/{id}/instant"), &self.promoted(promotion, card_number, total)).await
    }

    /// Reserved, spent, unfunded and unrecovered.
    async fn budget(&self, id: &str) -> [i64; 4] {
        let stored = self.app().storage.promotion(&PromotionId::known(id)).await.unwrap().unwrap();
        let Budget { reserved, spent, unfunded, unrecovered } = stored.budget;
        [reserved, spent, unfunded, unrecovered].map(Amount::minor_units)
    }

    /// Discount, paid and cancelled, and whether the payment names the promotion.
    async fn price(&self, id: &str) -> (i64, i64, i64, bool) {
        let payment = self.payment(id).await;
        let amount = |name: &str| payment["amount"][name].as_i64().unwrap();
        (amount("discount"), amount("paid"), amount("cancelled"), payment["promotionId"].is_string())
    }

    async fn cancels_part(&self, id: &str, amount: Option<i64>, option: Option<&str>) -> crate::shop::Answer {
        let mut body = json!({ "reason": "changed my mind" });
        if let Some(amount) = amount {
            body["amount"] = amount.into();
        }
        if let Some(option) = option {
            body["promotionDiscountRetainOption"] = option.into();
        }
        self.post(&format!("/payments/{id}/cancel"), &body).await
    }

    /// The buyer goes through a window; the shop's server has yet to approve.
    async fn opens_window(&self, id: &str, promotion: &str, total: i64) -> (PaymentKey, TransactionId) {
        let body = json!({
            "channelKey": demo::CARD.key, "orderName": "a book", "totalAmount": total, "currency": "KRW",
            "promotionId": promotion,
            "card": { "number": KOOKMIN, "expiryYear": "39", "expiryMonth": "12" },
        });
        let window = self.post(&format!("/sandbox/payments/{id}/authenticate"), &body).await.succeeds();
        let store = StoreId::known(demo::STORE_ID);
        let key = PaymentKey { store, payment: PaymentId::known(id) };
        (key, TransactionId::known(window["txId"].as_str().unwrap()))
    }

    async fn borne(&self) -> i128 {
        let sums = self.app().storage.ledger_sums().await.unwrap();
        let of = |account: &paypier_domain::ledger::Account| {
            sums.iter().filter(|sum| sum.account == *account).map(|sum| sum.balance).sum::<i128>()
        };
        let borne = of(&paypier_domain::ledger::Account::PromotionDiscounts);
        assert_eq!(borne, -of(&paypier_domain::ledger::Account::PromotionBudgets));
        borne
    }
}

#[test]
fn a_promotion_is_read_in_the_words_of_both_revisions() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let promotion = shop.get(&format!("/promotions/{}", demo::PROMOTION_ID)).await.succeeds();
        assert_eq!(
            (&promotion["type"], &promotion["status"], &promotion["cardCompany"], &promotion["spentAmount"]),
            (&json!("CARD"), &json!("IN_PROGRESS"), &json!("KOOKMIN_CARD"), &json!(0))
        );
        assert_eq!(
            promotion["discountPolicy"],
            json!({ "partitions": [{ "amountFrom": 5_000, "scheme": { "type": "PERCENT", "percent": 10 } }] })
        );
        assert_eq!(promotion["discountType"], json!({ "type": "PERCENT", "percent": 10 }));
        assert_eq!(
            (&promotion["minPaymentAmount"], &promotion["maxDiscountAmount"]),
            (&json!(5_000), &json!(10_000))
        );
        assert_eq!(promotion["recoverOption"], json!({ "type": "RECOVER" }));
        shop.promotes(Promotion {
            recovery: Recovery::NoRecover { spare: Some(Spare::Percent(20)) },
            terminated_at: Some(shop.now()),
            ..shop.promotion("over", fixed(10_000, 1_000), 5_000)
        })
        .await;
        let over = shop.get("/promotions/over").await.succeeds();
        assert_eq!(
            over["recoverOption"],
            json!({ "type": "NO_RECOVER", "spareBudget": { "type": "PERCENT", "percent": 20 } })
        );
        assert_eq!((&over["status"], &over["discountType"]["amount"]), (&json!("TERMINATED"), &json!(1_000)));
        assert!(over["terminatedAt"].is_string());
        shop.get("/promotions/other").await.refused(404, "PROMOTION_NOT_FOUND");
        let stranger = shop.send(shop.anonymous("GET", "/promotions/over")).await;
        stranger.refused(401, "UNAUTHORIZED");
        shop.closes().await;
    });
}

#[test]
fn a_payment_with_the_right_card_gets_the_discount() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("tenth", percent(5_000, 10), 1_500)).await;
        shop.pays_promoted("order-1", "tenth", KOOKMIN, 6_000).await.succeeds();
        assert_eq!(shop.price("order-1").await, (600, 5_400, 0, true));
        assert_eq!(shop.budget("tenth").await, [0, 600, 0, 0]);
        assert_eq!(shop.psp().await, (1, 5_400));
        assert_eq!(shop.borne().await, 600);
        assert_eq!(shop.get("/promotions/tenth").await.succeeds()["spentAmount"], 600);

        // The full price, silently: below the least amount, more than the budget has left, other currency.
        shop.pays_promoted("small", "tenth", KOOKMIN, 4_999).await.succeeds();
        assert_eq!(shop.price("small").await, (0, 4_999, 0, false));
        shop.pays_promoted("large", "tenth", KOOKMIN, 9_010).await.succeeds();
        assert_eq!(shop.price("large").await, (0, 9_010, 0, false));
        let mut dollars = shop.promoted("tenth", KOOKMIN, 6_000);
        dollars["currency"] = "USD".into();
        shop.post("/payments/dollars/instant", &dollars).await.succeeds();
        assert_eq!(shop.price("dollars").await, (0, 6_000, 0, false));
        shop.pays_promoted("order-2", "tenth", KOOKMIN, 9_000).await.succeeds();
        assert_eq!(shop.budget("tenth").await, [0, 1_500, 0, 0]);
        let exhausted = shop.get("/promotions/tenth").await.succeeds();
        assert_eq!(exhausted["status"], "BUDGET_EXHAUSTED");
        // Exhausted is not in progress: not even the card is looked at.
        shop.pays_promoted("late", "tenth", OTHER_APPROVED, 6_000).await.succeeds();
        assert_eq!(shop.price("late").await, (0, 6_000, 0, false));
        // Money that comes back brings it back.
        shop.cancels("order-1", None).await.succeeds();
        assert_eq!(shop.get("/promotions/tenth").await.succeeds()["status"], "IN_PROGRESS");
        assert_eq!(shop.price("order-1").await, (600, 5_400, 5_400, true));
        shop.closes().await;
    });
}

#[test]
fn a_promotion_that_does_not_fit_refuses_the_payment_and_leaves_no_trace() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("flat", fixed(0, 1_000), 5_000)).await;
        for (card_number, said) in [(OTHER_APPROVED, "HYUNDAI_CARD"), (WOORI_DECLINED, "WOORI_CARD")] {
            let refusal = shop
                .pays_promoted("order-1", "flat", card_number, 1_000)
                .await
                .refused(400, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
            assert!(refusal["message"].as_str().unwrap().contains(said), "{refusal}");
        }
        let mut account = shop.promoted("flat", KOOKMIN, 6_000);
        account["channelKey"] = demo::CHANNELS[2].key.into();
        account["method"] = json!({ "virtualAccount": {
            "bank": "SHINHAN", "expiry": { "validHours": 1 }, "option": { "type": "NORMAL" },
            "cashReceipt": { "type": "NO_RECEIPT", "customerIdentityNumber": "" },
        }});
        shop.post("/payments/order-1/instant", &account)
            .await
            .refused(400, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
        for total in [1, 1_000] {
            shop.pays_promoted("order-1", "flat", KOOKMIN, total)
                .await
                .refused(400, "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT");
        }
        let unknown =
            shop.pays_promoted("order-1", "other", KOOKMIN, 6_000).await.refused(400, "INVALID_REQUEST");
        assert_eq!(unknown["message"], "promotionId: the store has no promotion other");
        shop.promotes(Promotion {
            environment: Environment::Live,
            ..shop.promotion("live", percent(0, 10), 5_000)
        })
        .await;
        shop.pays_promoted("order-1", "live", KOOKMIN, 6_000).await.refused(400, "INVALID_REQUEST");
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.webhooks("order-1").await, [] as [&str; 0]);
        assert_eq!((shop.psp().await, shop.budget("flat").await), ((0, 0), [0, 0, 0, 0]));
        // What is wrong with the payment itself comes first.
        shop.is_paid("order-1", 1_000).await;
        shop.pays_promoted("order-1", "flat", OTHER_APPROVED, 6_000).await.refused(409, "ALREADY_PAID");
        let mut parts = shop.promoted("flat", OTHER_APPROVED, 6_000);
        parts["amount"]["taxFree"] = 6_001.into();
        shop.post("/payments/order-2/instant", &parts)
            .await
            .refused(409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT");
        shop.closes().await;
    });
}

#[test]
fn what_an_operator_decides_holds_for_payments_that_begin_afterwards() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let later = shop.now() + SignedDuration::from_hours(1);
        shop.promotes(Promotion { start_at: later, ..shop.promotion("soon", percent(0, 10), 5_000) }).await;
        let full = |id: &'static str| {
            let shop = &shop;
            async move {
                shop.pays_promoted(id, "soon", KOOKMIN, 6_000).await.succeeds();
                assert_eq!(shop.price(id).await, (0, 6_000, 0, false), "{id}");
            }
        };
        let status = || async { shop.get("/promotions/soon").await.succeeds()["status"].clone() };
        assert_eq!(status().await, "SCHEDULED");
        full("scheduled").await;
        shop.after("PT1H").await;
        shop.pays_promoted("in-progress", "soon", KOOKMIN, 6_000).await.succeeds();
        assert_eq!(shop.price("in-progress").await, (600, 5_400, 0, true));
        shop.decides_about("soon", |promotion, now| promotion.paused(now).unwrap()).await;
        assert_eq!(status().await, "PAUSED");
        full("paused").await;
        shop.decides_about("soon", |promotion, now| promotion.resumed(now).unwrap()).await;
        shop.pays_promoted("resumed", "soon", KOOKMIN, 6_000).await.succeeds();
        assert_eq!(shop.price("resumed").await, (600, 5_400, 0, true));
        shop.decides_about("soon", |promotion, now| promotion.terminated(now).unwrap()).await;
        assert_eq!(status().await, "TERMINATED");
        full("terminated").await;
        // A discount that was given is given back even so.
        shop.cancels("resumed", None).await.succeeds();
        assert_eq!(shop.budget("soon").await, [0, 600, 0, 0]);
        shop.promotes(shop.promotion("day", percent(0, 10), 5_000)).await;
        shop.after("PT25H").await;
        assert_eq!(shop.get("/promotions/day").await.succeeds()["status"], "COMPLETED");
        shop.pays_promoted("over", "day", KOOKMIN, 6_000).await.succeeds();
        assert_eq!(shop.price("over").await, (0, 6_000, 0, false));
        shop.closes().await;
    });
}

#[test]
fn many_buyers_at_once_never_overdraw_the_budget() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        // Enough for seven of them.
        shop.promotes(shop.promotion("tenth", percent(0, 10), 4_199 + 599)).await;
        let requests = (0..24)
            .map(|number| {
                shop.request("POST", &format!("/payments/order-{number}/instant"))
                    .body(shop.promoted("tenth", KOOKMIN, 6_000).to_string())
            })
            .collect();
        for answer in at_once(requests).await {
            answer.succeeds();
        }
        let mut discounted = 0;
        for number in 0..24 {
            let (discount, paid, ..) = shop.price(&format!("order-{number}")).await;
            assert_eq!(discount + paid, 6_000);
            discounted += i64::from(discount > 0);
        }
        assert_eq!(discounted, 7);
        assert_eq!(shop.budget("tenth").await, [0, 4_200, 0, 0]);
        assert_eq!(shop.psp().await, (24, 24 * 6_000 - 4_200));
        shop.closes().await;
    });
}

#[test]
fn a_held_discount_is_released_when_the_payment_fails_and_kept_while_nobody_knows() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let woori =
            |id| Promotion { card_company: CardCompany::Woori, ..shop.promotion(id, percent(0, 10), 600) };
        shop.promotes(woori("tenth")).await;
        shop.pays_promoted("declined", "tenth", WOORI_DECLINED, 6_000).await.refused(502, "PG_PROVIDER");
        let failed = shop.payment("declined").await;
        assert_eq!((&failed["status"], &failed["promotionId"]), (&json!("FAILED"), &json!("tenth")));
        assert_eq!(shop.budget("tenth").await, [0, 0, 0, 0]);

        // Charged, and the PSP says so only later: the budget has nothing for anybody else meanwhile.
        shop.pays_promoted("silent", "tenth", SILENT_FOR_LONG, 6_000).await.refused(502, "PG_PROVIDER");
        assert_eq!(
            (shop.status("silent").await, shop.budget("tenth").await),
            ("PAY_PENDING".into(), [600, 0, 0, 0])
        );
        assert_eq!(shop.get("/promotions/tenth").await.succeeds()["status"], "BUDGET_EXHAUSTED");
        shop.after("PT2H").await;
        assert_eq!(
            (shop.status("silent").await, shop.budget("tenth").await),
            ("PAID".into(), [0, 600, 0, 0])
        );
        assert_eq!(shop.price("silent").await, (600, 5_400, 0, true));

        // Never charged: released when that is proven.
        shop.promotes(woori("other")).await;
        let answer = shop.pays_promoted("lost", "other", SILENT_AND_NOT_CHARGED, 6_000).await;
        answer.refused(502, "PG_PROVIDER");
        shop.after("PT1M").await;
        assert_eq!((shop.status("lost").await, shop.budget("other").await), ("FAILED".into(), [0, 0, 0, 0]));
        shop.pays_promoted("lost", "other", SILENT_BUT_CHARGED, 6_000).await.succeeds();
        assert_eq!(shop.budget("other").await, [0, 600, 0, 0]);
        shop.closes().await;
    });
}

#[test]
fn a_power_cut_in_the_middle_loses_no_part_of_the_budget() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let promotion =
            Promotion { card_company: CardCompany::Woori, ..shop.promotion("tenth", percent(0, 10), 5_000) };
        shop.promotes(promotion).await;
        // Charged, and the caller is still waiting for an answer that does not come.
        let request = shop
            .request("POST", "/payments/order-1/instant")
            .body(shop.promoted("tenth", SILENT_FOR_LONG, 6_000).to_string());
        let caller = tokio::spawn(crate::shop::sent(request));
        while shop.psp_lines().await.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(shop.budget("tenth").await, [600, 0, 0, 0]);
        let shop = shop.loses_power_and_opens_again().await;
        let _ = caller.await;
        shop.after("PT2H").await;
        assert_eq!(
            (shop.status("order-1").await, shop.budget("tenth").await),
            ("PAID".into(), [0, 600, 0, 0])
        );
        shop.closes().await;
    });
}

#[test]
fn a_billing_key_gets_the_discount_by_its_card() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("tenth", percent(5_000, 10), 5_000)).await;
        for (number, total, refused) in [(KOOKMIN, 6_000, false), (OTHER_APPROVED, 6_000, true)] {
            let issued = shop
                .post(
                    "/billing-keys",
                    &json!({ "channelKey": demo::CHANNELS[1].key, "customer": { "id": "kim" }, "method": { "card": card(number) } }),
                )
                .await
                .succeeds();
            let body = json!({
                "billingKey": issued["billingKeyInfo"]["billingKey"], "orderName": "a book", "currency": "KRW",
                "amount": { "total": total }, "promotionId": "tenth",
            });
            let answer = shop.post(&format!("/payments/{number}/billing-key"), &body).await;
            if refused {
                answer.refused(400, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
            } else {
                answer.succeeds();
                assert_eq!(shop.price(number).await, (600, 5_400, 0, true));
            }
        }
        assert_eq!(shop.budget("tenth").await, [0, 600, 0, 0]);
        shop.closes().await;
    });
}

#[test]
fn the_documented_partial_cancellations_give_back_what_is_documented() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("tenth", percent(5_000, 10), 50_000)).await;
        shop.promotes(shop.promotion("thousand", fixed(5_000, 1_000), 50_000)).await;
        shop.promotes(shop.promotion("ten-thousand", percent(10_000, 10), 50_000)).await;
        // promotion, order, cancelled, option, refunded, held, discount that the buyer still has
        for (id, promotion, order, cancelled, option, refund, left, kept) in [
            ("a", "tenth", 6_000, 2_000, None, 1_400, 4_000, 0),
            ("b", "tenth", 6_000, 2_000, Some("RELEASE"), 1_400, 4_000, 0),
            ("c", "tenth", 6_000, 2_000, Some("RETAIN"), 1_800, 3_600, 400),
            ("d", "thousand", 6_000, 2_000, None, 1_000, 4_000, 0),
            ("e", "thousand", 6_000, 2_000, Some("RETAIN"), 1_800, 3_200, 800),
            ("f", "ten-thousand", 10_000, 500, Some("RETAIN"), 450, 8_550, 950),
            // More than the order that is cancelled: the discount grows.
            ("g", "thousand", 12_000, 2_000, Some("RETAIN"), 3_000, 8_000, 2_000),
            // Nothing to give back: no PSP is asked.
            ("h", "ten-thousand", 10_000, 1_000, None, 0, 9_000, 0),
        ] {
            let before = shop.budget(promotion).await[1];
            shop.pays_promoted(id, promotion, KOOKMIN, order).await.succeeds();
            let answer = shop.cancels_part(id, Some(cancelled), option).await.succeeds();
            assert_eq!(
                (&answer["cancellation"]["status"], &answer["cancellation"]["totalAmount"]),
                (&json!("SUCCEEDED"), &json!(refund)),
                "{id}"
            );
            let (_, paid, refunded, _) = shop.price(id).await;
            assert_eq!((paid - refunded, shop.budget(promotion).await[1] - before), (left, kept), "{id}");
            assert_eq!(shop.status(id).await, "PARTIAL_CANCELLED");
        }
        shop.pays_promoted("i", "ten-thousand", KOOKMIN, 10_000).await.succeeds();
        let refusal = shop
            .cancels_part("i", Some(500), None)
            .await
            .refused(400, "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT");
        assert!(refusal["message"].as_str().unwrap().contains("500 more than is held"), "{refusal}");
        assert_eq!(shop.payment("i").await["cancellations"], Value::Null);
        // The option of the first one holds for the next, but not for the last.
        shop.cancels_part("c", Some(100), None)
            .await
            .refused(400, "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED");
        shop.cancels_part("a", Some(100), Some("RETAIN"))
            .await
            .refused(400, "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED");
        // What is wrong with the amounts comes first.
        shop.cancels_part("c", Some(4_001), None)
            .await
            .refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        shop.cancels_part("c", Some(100), Some("RETAIN")).await.succeeds();
        for id in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
            shop.cancels_part(id, None, None).await.succeeds();
            let (discount, paid, refunded, _) = shop.price(id).await;
            assert_eq!((paid, shop.status(id).await), (refunded, "CANCELLED".into()), "{id} {discount}");
        }
        for promotion in ["tenth", "thousand", "ten-thousand"] {
            assert_eq!(shop.budget(promotion).await, [0, 0, 0, 0], "{promotion}");
        }
        assert_eq!((shop.psp().await.1, shop.borne().await), (0, 0));
        // Without a promotion the option means nothing.
        shop.is_paid("plain", 6_000).await;
        shop.cancels_part("plain", Some(1_000), Some("RETAIN")).await.succeeds();
        shop.cancels_part("plain", Some(1_000), Some("RELEASE")).await.succeeds();
        assert_eq!(shop.price("plain").await, (0, 6_000, 2_000, false));
        shop.closes().await;
    });
}

#[test]
fn a_pending_cancellation_gives_the_discount_back_when_it_has_ended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let woori = Promotion {
            card_company: CardCompany::Woori,
            ..shop.promotion("tenth", percent(5_000, 10), 600)
        };
        shop.promotes(woori).await;
        shop.pays_promoted("order-1", "tenth", CANCELS_LATER, 6_000).await.succeeds();
        let pending = shop.cancels_part("order-1", Some(2_000), None).await.succeeds();
        assert_eq!(pending["cancellation"]["status"], "REQUESTED");
        assert_eq!(shop.budget("tenth").await, [0, 600, 0, 0]);
        // Its option holds for the next one while it is pending.
        shop.cancels_part("order-1", Some(100), Some("RETAIN"))
            .await
            .refused(400, "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED");
        shop.after("PT11M").await;
        assert_eq!(shop.price("order-1").await, (600, 5_400, 1_400, true));
        assert_eq!(shop.budget("tenth").await, [0, 0, 0, 0]);
        shop.closes().await;
    });
}

#[test]
fn what_does_not_return_is_made_up_for_by_the_spare_budget() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let kept = |id, spare| Promotion {
            recovery: Recovery::NoRecover { spare },
            ..shop.promotion(id, percent(5_000, 10), 600)
        };
        shop.promotes(kept("none", None)).await;
        shop.promotes(kept("some", Some(Spare::Amount(won(700))))).await;
        for promotion in ["none", "some"] {
            let first = format!("{promotion}-1");
            shop.pays_promoted(&first, promotion, KOOKMIN, 6_000).await.succeeds();
            assert_eq!(
                shop.get(&format!("/promotions/{promotion}")).await.succeeds()["status"],
                "BUDGET_EXHAUSTED"
            );
            shop.cancels(&first, None).await.succeeds();
            assert_eq!(shop.budget(promotion).await, [0, 600, 0, 600]);
            shop.pays_promoted(&format!("{promotion}-2"), promotion, KOOKMIN, 6_000).await.succeeds();
        }
        assert_eq!(shop.price("none-2").await, (0, 6_000, 0, false));
        assert_eq!(shop.price("some-2").await, (600, 5_400, 0, true));
        assert_eq!(shop.budget("some").await, [0, 1_200, 0, 600]);
        shop.closes().await;
    });
}

/// An authenticated payment waits for the merchant's server, which never comes.
#[test]
fn the_discount_of_a_window_that_nobody_closes_is_free_again_after_half_an_hour() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("tenth", percent(5_000, 10), 600)).await;
        let opened = shop.opens_window("order-1", "tenth", 6_000).await;
        assert_eq!(
            (shop.status("order-1").await, shop.budget("tenth").await),
            ("READY".into(), [600, 0, 0, 0])
        );
        shop.after("PT29M").await;
        assert_eq!(shop.budget("tenth").await, [600, 0, 0, 0]);
        shop.after("PT2M").await;
        assert_eq!(
            (shop.status("order-1").await, shop.budget("tenth").await),
            ("READY".into(), [0, 0, 0, 0])
        );
        // Somebody else gets it; the buyer who comes back cannot have it again.
        let app = shop.app();
        let payment = || async { app.storage.payment(&opened.0).await.unwrap().unwrap() };
        app.check_hold(&payment().await, &opened.1).await.unwrap();
        shop.pays_promoted("order-2", "tenth", KOOKMIN, 6_000).await.succeeds();
        let refusal = app.check_hold(&payment().await, &opened.1).await;
        assert_eq!(refusal, Err(GrantRefusal::GivenUp.into()));
        shop.closes().await;
    });
}

/// The sandbox reset empties budgets with the payments that moved them.
#[test]
fn a_reset_gives_test_budgets_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays_promoted("order-1", demo::PROMOTION_ID, KOOKMIN, 6_000).await.succeeds();
        assert_eq!(shop.budget(demo::PROMOTION_ID).await, [0, 600, 0, 0]);
        shop.post("/sandbox/reset", &json!({})).await.succeeds();
        assert_eq!(shop.budget(demo::PROMOTION_ID).await, [0, 0, 0, 0]);
        shop.closes().await;
    });
}

#[test]
fn a_chargeback_takes_what_was_paid_and_gives_the_discount_back_with_the_rest() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.promotes(shop.promotion("tenth", percent(5_000, 10), 50_000)).await;
        shop.has_channel_of("INICIS_V2", "inicis", Some("ini-api-key")).await;
        // Of 10,000 the buyer paid 9,000, and the bank takes 4,000 of those back.
        let mut order = shop.promoted("tenth", KOOKMIN, 10_000);
        order["channelKey"] = json!("inicis");
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        let slip = json!({ "items": [{
            "storeBusinessRegistrationNumber": "120-81-47521", "storeName": "a stall", "totalAmount": 1_000,
            "taxFreeAmount": 0, "vatAmount": 91, "supplyAmount": 909, "currency": "KRW",
        }] });
        shop.post("/payments/order-1/register-store-receipt", &slip).await.succeeds();
        shop.is_charged_back("order-1", Some(4_000)).await;
        assert_eq!(shop.price("order-1").await, (1_000, 9_000, 4_000, true));
        assert_eq!(shop.budget("tenth").await, [0, 1_000, 0, 0], "the rest of the order has its discount");
        assert_eq!((shop.status("order-1").await, shop.borne().await), ("PARTIAL_CANCELLED".into(), 1_000));
        // More than is held cannot be taken, by nobody.
        let too_much = json!({ "amount": 5_001 });
        shop.post("/sandbox/payments/order-1/chargeback", &too_much).await.refused(400, "INVALID_REQUEST");
        shop.cancels_part("order-1", Some(6_001), None)
            .await
            .refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        // The slip stays with what is left.
        shop.post("/payments/order-1/register-store-receipt", &slip).await.succeeds();
        shop.is_charged_back("order-1", None).await;
        assert_eq!(shop.price("order-1").await, (1_000, 9_000, 9_000, true));
        assert_eq!(shop.status("order-1").await, "CANCELLED");
        assert_eq!((shop.budget("tenth").await, shop.borne().await), ([0, 0, 0, 0], 0));

        // Taken back, then refunded: the merchant's own cancellation is of the order that is left.
        shop.pays_promoted("order-2", "tenth", KOOKMIN, 10_000).await.succeeds();
        shop.is_charged_back("order-2", Some(1_000)).await;
        let answer = shop.cancels_part("order-2", Some(2_000), Some("RETAIN")).await.succeeds();
        assert_eq!(answer["cancellation"]["status"], "SUCCEEDED");
        let (_, paid, cancelled, _) = shop.price("order-2").await;
        let held: i64 = shop
            .psp_lines()
            .await
            .iter()
            .map(|(kind, _, amount)| if kind == "CHARGE" { *amount } else { -amount })
            .sum();
        assert_eq!(paid - cancelled, held, "our books and the PSP's agree");
        shop.cancels_part("order-2", None, None).await.succeeds();
        let (_, paid, cancelled, _) = shop.price("order-2").await;
        assert_eq!((paid - cancelled, shop.status("order-2").await), (0, "CANCELLED".into()));
        assert_eq!((shop.budget("tenth").await, shop.borne().await), ([0, 0, 0, 0], 0));

        // Where the discount does not return, a chargeback returns none either.
        let lost = Promotion {
            recovery: Recovery::NoRecover { spare: None },
            ..shop.promotion("lost", percent(5_000, 10), 50_000)
        };
        shop.promotes(lost).await;
        shop.pays_promoted("order-3", "lost", KOOKMIN, 10_000).await.succeeds();
        shop.is_charged_back("order-3", None).await;
        assert_eq!(shop.price("order-3").await, (1_000, 9_000, 9_000, true));
        shop.closes().await;
    });
}
