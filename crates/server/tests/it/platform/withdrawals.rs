//! Money that is taken out of the payout account: one person asks, another approves, the bank moves it once.

use crate::shop::{Answer, Shop, at_once, both_databases};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

const WITHDRAWALS: &str = "/operator/platform/accounts/mock/withdrawals?test=true";
/// What the account of the TEST environment begins with.
const OPENING: i64 = 1_000_000_000;

fn of(amount: i64) -> Value {
    json!({
        "amount": amount, "bank": "SHINHAN", "accountNumber": "110-200-300", "holder": "우리",
        "withdrawalMemo": "out", "depositMemo": "in",
    })
}

impl Shop {
    pub(super) async fn withdraws(&self, amount: i64) -> Answer {
        self.post(WITHDRAWALS, &of(amount)).await
    }

    /// Asks for a withdrawal; its id.
    async fn has_asked_for(&self, amount: i64) -> String {
        let asked = self.withdraws(amount).await.succeeds()["accountTransfer"].clone();
        asked["id"].as_str().unwrap().to_owned()
    }

    async fn steps_withdrawal(&self, secret: &str, id: &str, step: &str) -> Answer {
        let path = format!("/operator/platform/account-transfers/{id}/{step}?test=true");
        self.send(self.request_as(secret, "POST", &path).body("{}")).await
    }

    pub(super) async fn approves_withdrawal(&self, secret: &str, id: &str) -> Answer {
        self.steps_withdrawal(secret, id, "approve").await
    }

    async fn withdrawal(&self, id: &str) -> Value {
        let mut found = self.movements(json!({ "accountTransferIds": [id] })).await;
        assert_eq!(found.len(), 1);
        found.remove(0)
    }
}

#[test]
fn one_person_asks_another_approves_and_the_money_leaves_once() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let asked = shop.withdraws(300_000).await.succeeds()["accountTransfer"].clone();
        assert_eq!(
            (&asked["type"], &asked["withdrawalType"], &asked["status"]),
            (&json!("WITHDRAWAL"), &json!("REMIT"), &json!("PREPARED"))
        );
        assert_eq!(
            (&asked["depositBank"], &asked["depositAccountNumber"]),
            (&json!("SHINHAN"), &json!("110200300"))
        );
        assert_eq!((&asked["withdrawalMemo"], &asked["depositMemo"]), (&json!("out"), &json!("in")));
        // It is set aside at once, and nothing is sent for it.
        assert_eq!(shop.account().await, (OPENING, 300_000));
        shop.bank_pays().await;
        let id = asked["id"].as_str().unwrap();
        assert_eq!(shop.withdrawal(id).await["status"], "PREPARED");

        shop.approves_withdrawal(demo::API_SECRET, id).await.refused(403, "FORBIDDEN");
        shop.approves_withdrawal("second", id).await.succeeds();
        let again = shop.approves_withdrawal("second", id).await.refused(400, "INVALID_REQUEST");
        assert!(again["message"].as_str().unwrap().contains("not waiting for anybody's approval"), "{again}");
        shop.bank_pays().await;
        let arrived = shop.withdrawal(id).await;
        assert_eq!(
            (&arrived["status"], &arrived["sequenceNumber"], &arrived["balance"]),
            (&json!("SUCCEEDED"), &json!(1), &json!(OPENING - 300_000))
        );
        assert_eq!(shop.account().await, (OPENING - 300_000, 0));
        shop.approves_withdrawal("second", id).await.refused(400, "INVALID_REQUEST");
        shop.steps_withdrawal("second", id, "cancel").await.refused(400, "INVALID_REQUEST");
        // Numbers go on with the next payouts.
        shop.prepares("bulk-1").await;
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        shop.bank_pays().await;
        let mut numbers: Vec<i64> = shop
            .movements(json!({ "types": ["WITHDRAWAL"] }))
            .await
            .iter()
            .map(|one| one["sequenceNumber"].as_i64().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4]);
        shop.closes().await;
    });
}

#[test]
fn no_more_is_taken_out_than_is_not_on_its_way_already() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        shop.prepares("bulk-1").await;
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        shop.jobs_run().await;
        let (balance, held) = shop.account().await;
        assert_eq!((balance, held), (OPENING, 30_730));
        let too_low = shop.withdraws(OPENING - 30_729).await.refused(400, "INVALID_REQUEST");
        let message = too_low["message"].as_str().unwrap();
        assert!(message.contains("the account has 999969270 that is not on its way out"), "{message}");
        let id = shop.has_asked_for(OPENING - 30_730).await;
        assert_eq!(shop.account().await, (OPENING, OPENING));
        shop.withdraws(1).await.refused(400, "INVALID_REQUEST");
        // What is set aside is free again once it is given up.
        shop.steps_withdrawal(demo::API_SECRET, &id, "cancel").await.succeeds();
        assert_eq!(shop.withdrawal(&id).await["status"], "CANCELLED");
        assert_eq!(shop.account().await, (OPENING, 30_730));
        shop.approves_withdrawal("second", &id).await.refused(400, "INVALID_REQUEST");
        shop.bank_pays().await;
        shop.closes().await;
    });
}

#[test]
fn of_many_who_want_the_same_money_at_once_one_gets_it() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let most = of(OPENING - 1);
        let ask = |_| shop.request("POST", WITHDRAWALS).body(most.to_string());
        let answers = at_once((0..6).map(ask).collect()).await;
        let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400)));
        assert_eq!(shop.account().await, (OPENING, OPENING - 1));
        assert_eq!(shop.movements(json!({})).await.len(), 1);

        let id = won[0].body["accountTransfer"]["id"].as_str().unwrap();
        let path = format!("/operator/platform/account-transfers/{id}/approve?test=true");
        let approve = |_| shop.request_as("second", "POST", &path).body("{}");
        let answers = at_once((0..6).map(approve).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        shop.bank_pays().await;
        assert_eq!(shop.account().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn a_payout_and_a_withdrawal_that_meet_do_not_spend_the_same_money_or_number() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        shop.prepares("bulk-1").await;
        // Together they are one won more than there is.
        let most = of(OPENING - 30_729);
        let bulk = "/operator/platform/bulk-payouts/bulk-1/approve?test=true";
        let answers = at_once(vec![
            shop.request("POST", WITHDRAWALS).body(most.to_string()),
            shop.request_as("second", "POST", bulk).body("{}"),
        ])
        .await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        shop.bank_pays().await;
        shop.closes().await;
    });
}

#[test]
fn a_withdrawal_whose_end_the_bank_does_not_tell_is_asked_about_and_not_sent_again() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let id = shop.has_asked_for(300_000).await;
        shop.approves_withdrawal("second", &id).await.succeeds();
        shop.jobs_run().await;
        let accepted = shop.withdrawal(&id).await;
        assert_eq!(
            (&accepted["status"], &accepted["sequenceNumber"]),
            (&json!("ASYNC_PROCESSING"), &json!(1))
        );
        shop.steps_withdrawal("second", &id, "cancel").await.refused(400, "INVALID_REQUEST");
        // Still nothing, and the process dies: it is under the same number, and what it takes is held.
        shop.after("PT4M").await;
        let shop = shop.loses_power_and_opens_again().await;
        shop.jobs_run().await;
        let unknown = shop.withdrawal(&id).await;
        assert_eq!(
            (&unknown["status"], &unknown["sequenceNumber"], &unknown["statusUpdatedAt"]),
            (&json!("ASYNC_PROCESSING"), &json!(1), &accepted["statusUpdatedAt"])
        );
        assert_eq!(shop.account().await, (OPENING, 300_000));
        shop.after("PT2M").await;
        shop.jobs_run().await;
        assert_eq!(shop.withdrawal(&id).await["status"], "SUCCEEDED");
        assert_eq!(shop.account().await, (OPENING - 300_000, 0));
        shop.closes().await;
    });
}

#[test]
fn what_the_bank_rejects_is_there_again() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let mut closed = of(300_000);
        closed["accountNumber"] = json!("110-200-313");
        let asked = shop.post(WITHDRAWALS, &closed).await.succeeds()["accountTransfer"].clone();
        let id = asked["id"].as_str().unwrap();
        shop.approves_withdrawal("second", id).await.succeeds();
        shop.bank_pays().await;
        let failed = shop.withdrawal(id).await;
        assert_eq!(
            (&failed["status"], &failed["failReason"]),
            (&json!("FAILED"), &json!("SANDBOX_ACCOUNT_CLOSED"))
        );
        assert_eq!(failed.get("balance"), None);
        assert_eq!(shop.account().await, (OPENING, 0));
        shop.closes().await;
    });
}

#[test]
fn the_same_request_under_one_key_is_one_withdrawal() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let ask = || {
            let request = shop.request("POST", WITHDRAWALS).header("idempotency-key", "take-it-out-once");
            request.body(of(300_000).to_string())
        };
        let first = shop.send(ask()).await;
        let second = shop.send(ask()).await;
        assert_eq!((first.status, &first.bytes), (200, &second.bytes));
        assert_eq!(shop.account().await, (OPENING, 300_000));
        assert_eq!(shop.movements(json!({})).await.len(), 1);
        shop.closes().await;
    });
}

#[test]
fn nothing_is_sent_while_the_banks_are_closed() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let id = shop.has_asked_for(300_000).await;
        // From noon to eleven at night in Korea.
        shop.after("PT11H").await;
        let closed = shop.approves_withdrawal("second", &id).await.refused(400, "INVALID_REQUEST");
        assert!(closed["message"].as_str().unwrap().contains("maintenance"), "{closed}");
        shop.after("PT2H").await;
        shop.approves_withdrawal("second", &id).await.succeeds();
        shop.bank_pays().await;
        assert_eq!(shop.withdrawal(&id).await["status"], "SUCCEEDED");
        shop.closes().await;
    });
}

#[test]
fn what_is_no_withdrawal_is_refused_before_anything_is_set_aside() {
    both_databases(|engine| async move {
        let shop = Shop::payday(engine).await;
        let with = |member: &str, value: Value| {
            let mut body = of(1_000);
            body[member] = value;
            body
        };
        let long = "x".repeat(51);
        for wrong in [
            with("amount", json!(0)),
            with("amount", json!(-1)),
            with("amount", json!(1.5)),
            with("bank", json!("PIGGY")),
            with("accountNumber", json!("110-x")),
            with("accountNumber", json!(" - ")),
            with("holder", json!(" ")),
            with("withdrawalMemo", json!(long)),
            with("depositMemo", json!(long)),
        ] {
            shop.post(WITHDRAWALS, &wrong).await.refused(400, "INVALID_REQUEST");
        }
        let elsewhere = "/operator/platform/accounts/none/withdrawals?test=true";
        shop.post(elsewhere, &of(1_000)).await.refused(404, "NOT_FOUND");
        let live = "/operator/platform/accounts/mock/withdrawals?test=false";
        shop.post(live, &of(1_000)).await.refused(404, "NOT_FOUND");
        for step in ["approve", "cancel"] {
            shop.steps_withdrawal("second", "none", step).await.refused(404, "NOT_FOUND");
        }

        shop.opens_sub_store("store-sub", "sub").await;
        let from_sub = |path: &str| shop.request_as("sub", "POST", path).body(of(1_000).to_string());
        shop.send(from_sub(WITHDRAWALS)).await.refused(403, "FORBIDDEN");
        shop.has_a_neighbour("merchant-other", "store-other", "other").await;
        let id = shop.has_asked_for(1_000).await;
        for (secret, status, kind) in [("sub", 403, "FORBIDDEN"), ("other", 404, "NOT_FOUND")] {
            shop.approves_withdrawal(secret, &id).await.refused(status, kind);
            shop.steps_withdrawal(secret, &id, "cancel").await.refused(status, kind);
        }
        assert_eq!(shop.send(shop.anonymous("POST", WITHDRAWALS)).await.status, 401);
        assert_eq!(shop.account().await, (OPENING, 1_000));

        // What pays a partner is a payout's and has steps of its own.
        shop.prepares("bulk-1").await;
        shop.approves_bulk("second", "bulk-1", &json!({})).await.succeeds();
        let payout = shop.movements(json!({ "types": ["WITHDRAWAL_PARTNER_PAYOUT"] })).await.remove(0);
        for step in ["approve", "cancel"] {
            let id = payout["id"].as_str().unwrap();
            shop.steps_withdrawal(demo::API_SECRET, id, step).await.refused(404, "NOT_FOUND");
        }
        shop.bank_pays().await;
        shop.closes().await;
    });
}
