//! Bulk payouts: two people let money leave, the bank moves it, what fails is tried again.

use super::transfers::earns_outside;
use super::{partner, person};
use crate::shop::{Answer, Engine, Shop, at_once, both_databases, with_criteria};
use paypier::cli::dev::demo;
use paypier::config::Config;
use paypier_domain::change::Write;
use serde_json::{Value, json};

const DAYS: [&str; 1] = ["2027-03-05"];

impl Shop {
    /// It is Friday noon; `p` is owed 8,900, `b` 17,800 and `closed`, whose account the bank rejects, 4,450.
    pub(super) async fn payday(engine: Engine) -> Self {
        Self::payday_with(engine, |_| {}).await
    }

    /// With settings of its own.
    pub(super) async fn payday_with(engine: Engine, settle: impl FnOnce(&mut Config)) -> Self {
        let shop = Self::marketplace_with(engine, settle).await;
        shop.writes(vec![Write::ApiSecret(shop.secret(demo::MERCHANT_ID, demo::STORE_ID, "second"))]).await;
        let mut closed = partner("closed", person());
        closed["account"]["number"] = json!("110-123-4513");
        shop.post("/platform/partners?test=true", &closed).await.succeeds();
        for (partner, amount) in [("p", 10_000), ("b", 20_000), ("closed", 5_000)] {
            let mut order = earns_outside(&format!("t-{partner}"), amount);
            order["partnerId"] = json!(partner);
            shop.registers(&order).await.succeeds();
        }
        shop.after("P3D").await;
        shop
    }

    pub(super) async fn operates(&self, path: &str, body: &Value) -> Answer {
        self.post(&format!("/operator/platform/{path}?test=true"), body).await
    }

    pub(super) async fn approves_bulk(&self, secret: &str, bulk: &str, body: &Value) -> Answer {
        let path = format!("/operator/platform/bulk-payouts/{bulk}/approve?test=true");
        self.send(self.request_as(secret, "POST", &path).body(body.to_string())).await
    }

    async fn makes_bulk(&self, id: &str) -> Answer {
        let body = json!({ "id": id, "method": "AGENCY", "currency": "KRW", "settlementDates": DAYS });
        self.operates("bulk-payouts", &body).await
    }

    /// A bulk payout with its payouts.
    pub(super) async fn prepares(&self, id: &str) {
        self.makes_bulk(id).await.succeeds();
        self.operates(&format!("bulk-payouts/{id}/payouts"), &json!({})).await.succeeds();
    }

    async fn bulk(&self, id: &str) -> Value {
        self.get(&format!("/operator/platform/bulk-payouts/{id}?test=true")).await.succeeds()
    }

    /// The payout of a partner in a bulk payout.
    async fn payout(&self, bulk: &str, partner: &str) -> Value {
        let filter = json!({ "partnerIds": [partner], "criteria": { "bulkPayoutId": bulk } });
        let path = with_criteria("/platform/payouts", &json!({ "filter": filter }));
        let list = self.get(&format!("{path}&test=true")).await.succeeds();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }

    pub(super) async fn account(&self) -> (i64, i64) {
        let accounts = self.get("/operator/platform/accounts?test=true").await.succeeds();
        let account = &accounts["items"][0];
        (account["balance"].as_i64().unwrap(), account["held"].as_i64().unwrap())
    }

    /// What is due is sent, and the bank has had its time.
    pub(super) async fn bank_pays(&self) {
        self.jobs_run().await;
        self.after("PT6M").await;
    }

    async fn status_of_settlement(&self, partner: &str) -> Value {
        self.settlements(json!({ "partnerIds": [partner] })).await.0[0]["status"].clone()
    }
}

#[test]
fn two_people_let_a_bulk_payout_happen_and_the_bank_moves_the_money() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let made = shop.makes_bulk("bulk-1").await.succeeds()["bulkPayout"].clone();
        assert_eq!((&made["status"], &made["arePayoutsGenerated"]), (&json!("PREPARING"), &json!(false)));
        // What one has selected, another cannot.
        shop.makes_bulk("bulk-2").await.refused(400, "INVALID_REQUEST");
        shop.makes_bulk("bulk-1").await.refused(409, "PLATFORM_BULK_PAYOUT_ID_ALREADY_EXISTS");
        let inside =
            shop.get("/operator/platform/bulk-payouts/bulk-1/partner-settlements?test=true").await.succeeds();
        assert_eq!(inside["page"]["totalCount"], 3);
        let generated =
            shop.operates("bulk-payouts/bulk-1/payouts", &json!({ "depositMemo": "bread" })).await;
        let generated = generated.succeeds()["bulkPayout"].clone();
        assert_eq!(
            (&generated["status"], &generated["arePayoutsGenerated"]),
            (&json!("PREPARED"), &json!(true))
        );
        assert_eq!(
            (&generated["totalSettlementAmount"], &generated["totalPayoutAmount"]),
            (&json!(31_150), &json!(8_620 + 17_800 + 4_310))
        );
        assert_eq!(shop.status_of_settlement("p").await, "CONFIRMED");

        shop.approves_bulk(demo::API_SECRET, "bulk-1", &json!({})).await.refused(403, "FORBIDDEN");
        let (before, held) = shop.account().await;
        assert_eq!(held, 0);
        let approved = shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        assert_eq!(approved["bulkPayout"]["status"], "ONGOING");
        shop.approves_bulk("second", "bulk-1", &json!({})).await.refused(400, "INVALID_REQUEST");
        shop.jobs_run().await;
        assert_eq!(shop.account().await, (before, 30_730));
        assert_eq!(shop.payout("bulk-1", "p").await["status"], "PROCESSING");
        assert_eq!(shop.status_of_settlement("p").await, "IN_PAYOUT");
        shop.bank_pays().await;

        for (partner, status, settlement) in [
            ("p", "SUCCEEDED", "PAID_OUT"),
            ("b", "SUCCEEDED", "PAID_OUT"),
            ("closed", "FAILED", "PAYOUT_FAILED"),
        ] {
            assert_eq!(shop.payout("bulk-1", partner).await["status"], status, "{partner}");
            assert_eq!(shop.status_of_settlement(partner).await, settlement, "{partner}");
        }
        let failed = shop.payout("bulk-1", "closed").await;
        assert_eq!(
            (&failed["failReason"], &failed["depositMemo"]),
            (&json!("SANDBOX_ACCOUNT_CLOSED"), &json!("bread"))
        );
        assert_eq!(shop.account().await, (before - 26_420, 0));
        let bulk = shop.bulk("bulk-1").await;
        assert_eq!(bulk["status"], "COMPLETED");
        assert_eq!(
            (&bulk["payoutStats"]["count"]["succeeded"], &bulk["payoutStats"]["amount"]["failed"]),
            (&json!(2), &json!(4_310))
        );
        let moved = shop.get("/platform/account-transfers?test=true").await.succeeds();
        assert_eq!((&moved["counts"]["succeeded"], &moved["counts"]["failed"]), (&json!(2), &json!(1)));
        let of = |payout: &Value| {
            let items = moved["items"].as_array().unwrap().clone();
            items.into_iter().find(|item| item["payoutId"] == payout["id"]).unwrap()
        };
        let p = of(&shop.payout("bulk-1", "p").await);
        assert_eq!(
            (&p["type"], &p["amount"], &p["partnerId"]),
            (&json!("WITHDRAWAL"), &json!(8_620), &json!("p"))
        );
        assert_eq!((&p["withdrawalType"], &p["bulkPayoutId"]), (&json!("PARTNER_PAYOUT"), &json!("bulk-1")));
        let together = shop.get("/platform/bulk-account-transfers?test=true").await.succeeds();
        assert_eq!(
            (&together["items"][0]["status"], &together["items"][0]["totalAmount"]),
            (&json!("COMPLETED"), &json!(30_730))
        );
        assert_eq!(shop.statement("p").await["closingBalance"], 0);
        assert_eq!(shop.statement("closed").await["closingBalance"], 4_450);

        // The partner has another account now; a retry has to be approved by somebody else, too.
        let retry = format!("payouts/{}/retry", failed["id"].as_str().unwrap());
        let account = json!({ "account": { "bank": "KOOKMIN", "currency": "KRW", "number": "110-1", "holder": "Kim" } });
        shop.patch("/platform/partners/closed?test=true", &account).await.succeeds();
        let paid = format!("payouts/{}/retry", p["payoutId"].as_str().unwrap());
        shop.operates(&paid, &json!({})).await.refused(400, "INVALID_REQUEST");
        let again = shop.operates(&retry, &json!({})).await.succeeds()["bulkPayout"].clone();
        assert_eq!((&again["status"], &again["totalPayoutAmount"]), (&json!("PREPARED"), &json!(4_310)));
        shop.operates(&retry, &json!({})).await.refused(400, "PLATFORM_NO_SELECTED_PARTNER_SETTLEMENTS");
        let again = again["id"].as_str().unwrap();
        shop.approves_bulk(demo::API_SECRET, again, &json!({})).await.refused(403, "FORBIDDEN");
        shop.approves_bulk("second", again, &json!({})).await.succeeds();
        shop.bank_pays().await;
        assert_eq!(shop.payout(again, "closed").await["status"], "SUCCEEDED");
        assert_eq!(shop.account().await, (before - 30_730, 0));
        assert_eq!(shop.statement("closed").await["closingBalance"], 0);
        shop.closes().await;
    });
}

#[test]
fn of_many_who_approve_at_once_one_executes() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let (before, _) = shop.account().await;
        shop.prepares("bulk-1").await;
        let approve = |_| {
            shop.request_as("second", "POST", "/operator/platform/bulk-payouts/bulk-1/approve?test=true")
                .body("{}")
        };
        let answers = at_once((0..6).map(approve).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        shop.bank_pays().await;
        assert_eq!(shop.account().await, (before - 26_420, 0));
        let moved = shop.get("/platform/account-transfers?test=true").await.succeeds();
        assert_eq!(moved["page"]["totalCount"], 3);
        shop.closes().await;
    });
}

#[test]
fn of_many_who_approve_under_one_key_none_is_refused_what_another_was_told() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        shop.prepares("bulk-1").await;
        let approve = |_| {
            shop.request_as("second", "POST", "/operator/platform/bulk-payouts/bulk-1/approve?test=true")
                .header("idempotency-key", "the-second-person-says-yes")
                .body("{}")
        };
        let answers = at_once((0..8).map(approve).collect()).await;
        let told: Vec<&Answer> = answers.iter().filter(|answer| answer.status != 409).collect();
        assert!(!told.is_empty());
        for answer in &told {
            assert_eq!((answer.status, &answer.body), (200, &told[0].body));
        }
    });
}

#[test]
fn a_bulk_payout_waits_for_its_time_and_can_be_given_up_until_then() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        shop.prepares("bulk-1").await;
        for (at, _why) in [
            ("2027-03-05T04:05:00Z", "no slot"),
            ("2027-03-05T02:00:00Z", "over"),
            ("2027-03-05T14:00:00Z", "the banks are closed"),
        ] {
            shop.approves_bulk("second", "bulk-1", &json!({ "scheduledAt": at }))
                .await
                .refused(400, "INVALID_REQUEST");
        }
        let at = json!({ "scheduledAt": "2027-03-05T05:00:00Z" });
        let reserved = shop.approves_bulk("second", "bulk-1", &at).await.succeeds()["bulkPayout"].clone();
        assert_eq!(reserved["scheduledAt"], "2027-03-05T05:00:00Z");
        assert_eq!(shop.payout("bulk-1", "p").await["status"], "SCHEDULED");
        shop.operates("bulk-payouts/bulk-1/cancel", &json!({})).await.succeeds();
        assert_eq!(shop.payout("bulk-1", "p").await["status"], "CANCELLED");
        shop.after("PT3H").await;
        assert_eq!(shop.bulk("bulk-1").await["status"], "CANCELLED");
        // Nothing has left, and what was inside can be paid again.
        assert_eq!(
            shop.get("/platform/account-transfers?test=true").await.succeeds()["page"]["totalCount"],
            0
        );
        shop.prepares("bulk-2").await;
        let at = json!({ "scheduledAt": "2027-03-05T07:00:00Z" });
        shop.approves_bulk("second", "bulk-2", &at).await.succeeds();
        shop.after("PT59M").await;
        assert_eq!(shop.payout("bulk-2", "p").await["status"], "SCHEDULED");
        shop.after("PT2M").await;
        shop.bank_pays().await;
        assert_eq!(shop.payout("bulk-2", "p").await["status"], "SUCCEEDED");
        shop.closes().await;
    });
}

#[test]
fn what_is_below_nothing_is_carried_and_what_is_held_stays_out() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let taken = json!({ "id": "m", "partnerId": "p", "settlementAmount": -20_000, "settlementDate": "2027-03-05" });
        shop.gives(&taken).await.succeeds();
        let closed = shop.settlement("closed", "ORDER").await;
        let held = format!("/operator/platform/partner-settlements/{closed}?test=true");
        shop.patch(&held, &json!({ "status": "PAYOUT_WITHHELD" })).await.succeeds();
        shop.makes_bulk("bulk-1").await.succeeds();
        let generate = "bulk-payouts/bulk-1/payouts";
        shop.operates(generate, &json!({})).await.refused(400, "PLATFORM_CURRENCY_NOT_SUPPORTED");
        let (order, manual) = (shop.settlement("p", "ORDER").await, shop.settlement("p", "MANUAL").await);
        let select = "bulk-payouts/bulk-1/partner-settlements";
        shop.operates(select, &json!({ "deselect": [order, manual] })).await.succeeds();
        shop.operates(select, &json!({ "select": [closed] }))
            .await
            .refused(400, "PLATFORM_NON_PAYABLE_PARTNER_SETTLEMENTS");
        shop.operates(select, &json!({ "select": ["none"] }))
            .await
            .refused(404, "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND");
        shop.operates(generate, &json!({})).await.succeeds();
        shop.operates(generate, &json!({})).await.refused(400, "INVALID_REQUEST");
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        shop.bank_pays().await;
        assert_eq!(shop.bulk("bulk-1").await["payoutStats"]["count"]["succeeded"], 1);
        assert_eq!(shop.statement("p").await["closingBalance"], 8_900 - 20_000);
        // The next week earns it back: the balance that was carried is paid with it.
        let mut more = earns_outside("t-more", 30_000);
        more["settlementDate"] = json!("2027-03-12");
        shop.registers(&more).await.succeeds();
        shop.after("P7D").await;
        let body = json!({
            "id": "bulk-2", "method": "DIRECT", "currency": "KRW", "settlementDates": ["2027-03-05", "2027-03-12"],
        });
        shop.operates("bulk-payouts", &body).await.succeeds();
        shop.operates("bulk-payouts/bulk-2/payouts", &json!({})).await.succeeds();
        shop.approves_bulk("second", "bulk-2", &json!({})).await.succeeds();
        assert_eq!(shop.payout("bulk-2", "p").await["settlementAmount"], 8_900 - 20_000 + 26_700);
        assert_eq!(shop.statement("p").await["closingBalance"], 0);
        assert_eq!(shop.status_of_settlement("closed").await, "PAYOUT_WITHHELD");
        shop.closes().await;
    });
}

#[test]
fn an_account_pays_no_more_than_it_holds() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let (before, _) = shop.account().await;
        let big = json!({
            "id": "m", "partnerId": "b", "settlementAmount": 1_000_000_000_i64, "settlementDate": "2027-03-05",
        });
        shop.gives(&big).await.succeeds();
        shop.prepares("bulk-1").await;
        let too_low =
            shop.approves_bulk("second", "bulk-1", &json!({})).await.refused(400, "INVALID_REQUEST");
        assert!(too_low["message"].as_str().unwrap().contains("the account holds 1000000000"), "{too_low}");
        for (body, account) in [
            (json!({ "amount": 0, "depositorName": "we" }), "mock"),
            (json!({ "amount": 1, "depositorName": " " }), "mock"),
        ] {
            shop.operates(&format!("accounts/{account}/deposits"), &body)
                .await
                .refused(400, "INVALID_REQUEST");
        }
        let deposit = json!({ "amount": 100_000, "depositorName": "we" });
        shop.operates("accounts/none/deposits", &deposit).await.refused(404, "NOT_FOUND");
        let account = shop.operates("accounts/mock/deposits", &deposit).await.succeeds();
        assert_eq!(account["balance"], before + 100_000);
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        shop.bank_pays().await;
        assert_eq!(shop.account().await, (before + 100_000 - 1_000_000_000 - 26_420, 0));
        let moved = shop.get("/platform/account-transfers?test=true").await.succeeds();
        let deposits =
            moved["items"].as_array().unwrap().iter().filter(|item| item["type"] == "DEPOSIT").count();
        assert_eq!(deposits, 1);
        let stranger = shop.send(shop.anonymous("GET", "/operator/platform/accounts")).await;
        assert_eq!(stranger.status, 401);
        shop.closes().await;
    });
}
