//! Plans, links and customers: what the stories about subscriptions have in common, and the way from a plan to a
//! deduction on demand.

use super::merchant::{Ear, Payer, parameter, secret};
use crate::checkout::visitor::{Got, card};
use crate::shop::{
    APPROVED, Answer, INSUFFICIENT_FUNDS, SILENT_BUT_CHARGED, SILENT_FOR_LONG, Shop, at_once, both_databases,
};
use paypier::cli::dev::demo;
use paypier::global::signature::sign;
use paypier_wire::global::signed;
use serde_json::{Value, json};

pub const KEY: &str = demo::GLOBAL_CLIENT_KEY;
/// A card method that takes dollars.
pub const DOLLARS: &str = "STRIPE/STRIPE_CARD";

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

/// The body with the signature that a plan has to have.
pub fn signed_plan(mut body: Value) -> Value {
    let (currency, merchant_order_ref) = (text(&body, "currency"), text(&body, "merchant_order_ref"));
    let signature = if body["plan_type"] == "REGULAR" {
        let amount = body["amount"].to_string().parse().unwrap_or_default();
        let frequency = body["frequency"].as_i64().unwrap_or_default();
        let message =
            signed::RegularPlan { amount, client_key: KEY, currency, frequency, merchant_order_ref };
        sign(&secret(), &message)
    } else {
        sign(&secret(), &signed::OnDemandPlan { client_key: KEY, currency, merchant_order_ref })
    };
    body["signature_hash"] = json!(signature);
    body
}

/// The same for a subscription.
pub fn signed_subscription(mut body: Value) -> Value {
    let (currency, merchant_order_ref) = (text(&body, "currency"), text(&body, "merchant_order_ref"));
    let (failure_url, success_url) = (text(&body, "failure_url"), text(&body, "success_url"));
    let signature = if body["subscription_type"] == "REGULAR" {
        let quantity = body["quantity"].as_i64().unwrap_or_default();
        let message = signed::RegularSubscription {
            client_key: KEY,
            currency,
            failure_url,
            merchant_order_ref,
            quantity,
            success_url,
        };
        sign(&secret(), &message)
    } else {
        let message = signed::OnDemandSubscription {
            client_key: KEY,
            currency,
            failure_url,
            merchant_order_ref,
            success_url,
        };
        sign(&secret(), &message)
    };
    body["signature_hash"] = json!(signature);
    body
}

/// The same for a deduction.
pub fn signed_deduction(mut body: Value) -> Value {
    let signature = sign(
        &secret(),
        &signed::Deduction {
            amount: body["amount"].to_string().parse().unwrap_or_default(),
            client_key: KEY,
            currency: text(&body, "currency"),
            merchant_order_ref: text(&body, "merchant_order_ref"),
            subscription_order_ref: text(&body, "subscription_order_ref"),
        },
    );
    body["signature_hash"] = json!(signature);
    body
}

pub fn regular_plan(reference: &str) -> Value {
    json!({ "portone_key": KEY, "merchant_order_ref": reference, "source": "api", "amount": 1000,
        "currency": "USD", "name": "1000 USD per month", "description": "1000 USD per month",
        "environment": "sandbox", "frequency": 1, "period": "M", "plan_type": "REGULAR",
        "notes": [{ "key": "key1", "value": "value1" }, { "key": "key2", "value": "value2" }] })
}

pub fn on_demand_plan(reference: &str) -> Value {
    json!({ "portone_key": KEY, "merchant_order_ref": reference, "source": "api", "currency": "USD",
        "name": "as you go", "environment": "sandbox", "plan_type": "ONDEMAND" })
}

fn link_of(plan: &str, reference: &str) -> Value {
    json!({ "portone_key": KEY, "merchant_order_ref": reference, "source": "api", "currency": "USD",
        "environment": "sandbox", "plan_order_ref": plan,
        "success_url": "https://shop.example/ok?x=1", "failure_url": "https://shop.example/ko",
        "pending_url": "https://shop.example/wait", "customer_email_address": "test@test.com",
        "customer_name": "test2", "customer_phone_number": "8947594533" })
}

pub fn regular_link(plan: &str, reference: &str) -> Value {
    let mut body = link_of(plan, reference);
    for (member, value) in [
        ("subscription_type", json!("REGULAR")),
        ("quantity", json!(3)),
        ("allow_accumulate", json!("Y")),
        ("recurrance_count", json!(3)),
        ("additional_costs", json!([{ "key": "test", "value": 5 }, { "key": "test1", "value": 5 }])),
    ] {
        body[member] = value;
    }
    body
}

pub fn on_demand_link(plan: &str, reference: &str) -> Value {
    let mut body = link_of(plan, reference);
    body["subscription_type"] = json!("ONDEMAND");
    body["initial_amount"] = json!(0);
    body
}

/// The published example, with the merchant's key; to be signed.
pub fn example(subscription: &str) -> Value {
    json!({
        "portone_key": KEY,
        "merchant_order_ref": "Merchant_1729672233763",
        "subscription_order_ref": subscription,
        "description": "Product name for the customer's subscription purchase",
        "source": "api",
        "amount": 100,
        "currency": "USD",
        "environment": "sandbox"
    })
}

impl Shop {
    pub async fn makes_plan(&self, body: Value) -> Answer {
        self.global_post("/api/subscription/createPlan", &signed_plan(body)).await
    }

    pub async fn makes_subscription(&self, body: Value) -> Answer {
        self.global_post("/api/subscription/createSubscription", &signed_subscription(body)).await
    }

    pub async fn deducts(&self, body: Value) -> Answer {
        self.global_post("/api/subscription/deduct", &signed_deduction(body)).await
    }

    /// The reference of a new plan.
    pub async fn has_plan(&self, body: Value) -> String {
        self.makes_plan(body).await.succeeds()["order_ref"].as_str().unwrap().to_owned()
    }

    /// The reference of a new subscription.
    pub async fn has_subscription(&self, body: Value) -> String {
        self.makes_subscription(body).await.succeeds()["order_ref"].as_str().unwrap().to_owned()
    }

    pub async fn has_regular_link(&self) -> String {
        let plan = self.has_plan(regular_plan("Plan_1")).await;
        self.has_subscription(regular_link(&plan, "Subscription_1")).await
    }

    pub async fn has_on_demand_link(&self) -> String {
        let plan = self.has_plan(on_demand_plan("Plan_1")).await;
        self.has_subscription(on_demand_link(&plan, "Subscription_1")).await
    }

    /// A subscription on demand whose customer has enrolled with this card.
    pub async fn has_subscriber(&self, number: &str) -> String {
        let subscription = self.has_on_demand_link().await;
        let led = self.customer(&subscription).enrols(number).await;
        assert!(led.header("location").starts_with("https://shop.example/ok"), "{}", led.html);
        subscription
    }

    /// A customer's browser on the page of a link.
    pub fn customer(&self, subscription: &str) -> Payer {
        Payer::at(&format!("{}/subscribe/?ref={subscription}", self.url))
    }

    pub async fn reads_subscription(&self, subscription: &str) -> Value {
        let read = self.global_get(&format!("/api/subscription/{subscription}")).await.succeeds();
        assert_eq!(read["is_success"], true);
        read["content"].clone()
    }

    pub async fn subscription_status(&self, subscription: &str) -> String {
        self.reads_subscription(subscription).await["status"].as_str().unwrap().to_owned()
    }

    pub async fn deductions_of(&self, subscription: &str) -> Vec<Value> {
        let path = format!("/api/subscription/{subscription}/txns-records");
        let read = self.global_get(&path).await.succeeds();
        assert_eq!((&read["is_success"], &read["status_code"]), (&json!(true), &json!("2000")));
        read["content"].as_array().unwrap().clone()
    }

    pub async fn record_statuses(&self, subscription: &str) -> Vec<String> {
        let records = self.deductions_of(subscription).await;
        records.iter().map(|record| record["status"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn cancels_subscription(&self, subscription: &str) -> Answer {
        self.global_put(&format!("/api/subscription/{subscription}/status/cancelled"), &json!({})).await
    }

    pub async fn triggers(&self, subscription: &str) -> Answer {
        let body =
            json!({ "portone_key": KEY, "subscription_order_ref": subscription, "environment": "sandbox" });
        self.global_put("/api/subscription/triggerNextDeduction", &body).await
    }
}

impl Payer {
    pub async fn enrols(&self, number: &str) -> Got {
        self.enrols_by(DOLLARS, number).await
    }

    pub async fn enrols_by(&self, method: &str, number: &str) -> Got {
        let mut fields = vec![("method", method), ("consent", "yes")];
        fields.extend(card(number));
        self.submits(&fields).await
    }
}

/// The parameters behind the address that a browser is sent to.
pub fn told(led: &Got) -> Vec<(String, String)> {
    let url = url::Url::parse(led.header("location")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[test]
fn check_6_7_and_11_the_published_deduction_is_made_read_and_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (payments, subscriptions) = (Ear::open().await, Ear::open().await);
        shop.tells(&payments, "payment_status").await;
        shop.tells(&subscriptions, "subscription_status").await;
        let subscription = shop.has_subscriber(APPROVED).await;
        assert_eq!(subscriptions.hears(1).await[0]["status"], "Active");
        assert_eq!(shop.psp().await, (0, 0), "the card is kept and nothing is charged");

        let answer = shop.deducts(example(&subscription)).await;
        let text = answer.text();
        let body = answer.succeeds();
        let order_ref = body["order_ref"].as_str().unwrap().to_owned();
        assert_eq!(
            text,
            format!(
                "{{\"is_success\":true,\"merchant_order_ref\":\"Merchant_1729672233763\",\
                 \"order_ref\":\"{order_ref}\",\"status_code\":\"200\",\"status\":\"success\"}}"
            ),
            "these five members, in this order"
        );
        assert!(order_ref.len() == 27 && order_ref != subscription, "a transaction of its own");
        assert_eq!(shop.psp().await, (1, 10_000));

        let details = shop.global_transaction(&order_ref).await;
        for (member, value) in [
            ("status", json!("Success")),
            ("amount", json!(100)),
            ("currency", json!("USD")),
            ("merchant_order_ref", json!("Merchant_1729672233763")),
            ("subscription_order_ref", json!(subscription)),
            ("source", json!("api")),
            ("payment_link_ref", json!("")),
            ("channel_key", json!("STRIPE")),
            ("method_key", json!("STRIPE_CARD")),
            ("description", json!("Product name for the customer's subscription purchase")),
        ] {
            assert_eq!(details[member], value, "{member}");
        }
        let heard = payments.hears(1).await;
        assert_eq!((&heard[0]["status"], &heard[0]["order_ref"]), (&json!("Success"), &json!(order_ref)));
        let word = |member: &str| heard[0][member].as_str().unwrap().to_owned();
        let signature = sign(
            &secret(),
            &signed::PaymentWebhook {
                amount: heard[0]["amount"].to_string().parse().unwrap(),
                channel_key: &word("channel_key"),
                channel_order_ref: &word("channel_order_ref"),
                country_code: &word("country_code"),
                currency: &word("currency"),
                merchant_order_ref: &word("merchant_order_ref"),
                method_name: &word("method_name"),
                order_ref: &word("order_ref"),
                status: &word("status"),
            },
        );
        assert_eq!(heard[0]["signature_hash"], signature);

        let mut next = example(&subscription);
        next["merchant_order_ref"] = json!("Merchant_2");
        next["amount"] = json!(0.5);
        next.as_object_mut().unwrap().remove("description");
        let created =
            shop.global_post("/api/subscription/createDeduction", &signed_deduction(next)).await.succeeds();
        assert_eq!((&created["status_code"], &created["status"]), (&json!("2000"), &json!("Success")));
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["collected_amount"]), (&json!("Active"), &json!(100.5)));
        assert_eq!((&read["collected_count"], &read["total_amount"]), (&json!(2), &json!(0)));
        assert_eq!((&read["next_deduction_amount"], &read["next_deduction_date"]), (&json!(0), &Value::Null));

        let records = shop.deductions_of(&subscription).await;
        let references: Vec<_> = records.iter().map(|record| record["merchant_order_ref"].clone()).collect();
        assert_eq!(references, ["Merchant_1729672233763", "Merchant_2"], "oldest first");
        assert_eq!(records[0]["payment_method_used"], "Credit or debit card | ************4242");
        assert_eq!(subscriptions.all().len(), 1, "its status is what it was");

        // It is a payment like any other, in both dialects.
        assert_eq!(shop.payment(&order_ref).await["status"], "PAID");
        let refund = json!({ "amount": 40, "channel": "STRIPE", "description": "d", "environment": "sandbox",
            "refund_type": "partial", "refund_reason": "r" });
        let refunded = shop.global_post(&format!("/api/refund/{order_ref}"), &refund).await.succeeds();
        assert_eq!(refunded["amountToRefund"], 60);
        assert_eq!(
            shop.reads_subscription(&subscription).await["collected_amount"],
            100.5,
            "refunds take nothing from it"
        );
        shop.closes().await;
    });
}

#[test]
fn check_9_of_deductions_a_reference_is_deducted_once_also_by_twenty_at_a_time() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(APPROVED).await;
        let body = signed_deduction(example(&subscription)).to_string();
        let requests =
            (0..20).map(|_| shop.global("POST", "/api/subscription/deduct").body(body.clone())).collect();
        let answers = at_once(requests).await;
        let (made, refusals): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((made.len(), refusals.len()), (1, 19));
        for refusal in refusals {
            assert_eq!(
                refusal.text(),
                r#"{"is_success":false,"message":"Duplicate merchant order ref","status_code":"400","status_reason":"Bad Request"}"#
            );
        }
        let body = signed_deduction(example(&subscription));
        let again = shop.global_post("/api/subscription/createDeduction", &body).await;
        let again = super::merchant::refused(again, 400, "4002", "DUPLICATE_TRANSACTION_ERROR");
        assert_eq!(again["is_success"], false);
        assert_eq!(shop.psp().await, (1, 10_000));
        assert_eq!(shop.deductions_of(&subscription).await.len(), 1);
        assert_eq!(shop.reads_subscription(&subscription).await["collected_count"], 1);

        // Different references are different deductions, also at the same time.
        let one = |n: u32| {
            let mut body = example(&subscription);
            body["merchant_order_ref"] = json!(format!("Merchant_{n}"));
            shop.global("POST", "/api/subscription/deduct").body(signed_deduction(body).to_string())
        };
        for answer in at_once((0..10).map(one).collect()).await {
            answer.succeeds();
        }
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["collected_amount"], &read["collected_count"]), (&json!(1_100), &json!(11)));
        assert_eq!(shop.psp().await, (11, 110_000));
        shop.closes().await;
    });
}

#[test]
fn a_payments_reference_is_no_deductions_and_the_other_way_round() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(APPROVED).await;
        shop.initiates(&shop.sale("Merchant_1729672233763", "100")).await.succeeds();
        let refused = shop.deducts(example(&subscription)).await;
        assert_eq!((refused.status, text(&refused.body, "message")), (400, "Duplicate merchant order ref"));
        let mut body = example(&subscription);
        body["merchant_order_ref"] = json!("Merchant_2");
        shop.deducts(body).await.succeeds();
        let again = shop.initiates(&shop.sale("Merchant_2", "100")).await;
        super::merchant::refused(again, 400, "4002", "DUPLICATE_TRANSACTION_ERROR");
        shop.closes().await;
    });
}

#[test]
fn check_10_a_declined_deduction_is_told_and_the_subscription_goes_on() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let subscription = shop.has_subscriber(INSUFFICIENT_FUNDS).await;
        let refused = shop.deducts(example(&subscription)).await;
        assert_eq!(
            (refused.status, text(&refused.body, "status_code"), text(&refused.body, "status_reason")),
            (400, "400", "Bad Request")
        );
        assert!(text(&refused.body, "message").contains("SANDBOX_INSUFFICIENT_FUNDS"), "{}", refused.body);
        let mut body = example(&subscription);
        body["merchant_order_ref"] = json!("Merchant_2");
        let refused = shop.global_post("/api/subscription/createDeduction", &signed_deduction(body)).await;
        super::merchant::refused(refused, 400, "6002", "FUNDS_LIMIT_ERROR");
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["collected_amount"]), (&json!("Active"), &json!(0)));
        assert_eq!(shop.record_statuses(&subscription).await, ["Failed", "Failed"]);
        assert_eq!(ear.hears(2).await[0]["status"], "Failed");
        assert_eq!(shop.psp().await, (0, 0));
        // Nothing is tried again by itself.
        shop.after("P10D").await;
        assert_eq!(shop.deductions_of(&subscription).await.len(), 2);
        shop.closes().await;
    });
}

#[test]
fn a_silent_psp_makes_a_deduction_pending_and_nothing_charges_it_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let subscription = shop.has_subscriber(SILENT_FOR_LONG).await;
        let pending = shop.deducts(example(&subscription)).await.succeeds();
        assert_eq!((&pending["is_success"], &pending["status"]), (&json!(true), &json!("pending")));
        let refused = shop.deducts(example(&subscription)).await;
        assert_eq!(text(&refused.body, "message"), "Duplicate merchant order ref");
        assert_eq!(shop.reads_subscription(&subscription).await["collected_count"], 0, "nobody knows yet");
        for _ in 0..8 {
            shop.after("PT6H").await;
            shop.jobs_run().await;
        }
        assert_eq!(shop.record_statuses(&subscription).await, ["Success"]);
        assert_eq!(shop.reads_subscription(&subscription).await["collected_amount"], 100);
        assert_eq!(shop.psp().await, (1, 10_000), "once");
        assert_eq!(ear.all().last().unwrap()["status"], "Success");
        shop.closes().await;
    });
}

#[test]
fn an_answer_that_is_lost_is_found_while_the_caller_waits() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(SILENT_BUT_CHARGED).await;
        let body = shop.deducts(example(&subscription)).await.succeeds();
        assert_eq!(body["status"], "success");
        assert_eq!(shop.psp().await, (1, 10_000));
        shop.closes().await;
    });
}

#[test]
fn an_initial_amount_is_charged_at_enrolment_with_the_additional_costs() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let mut link = on_demand_link(&plan, "Subscription_1");
        link["initial_amount"] = json!(20.5);
        link["additional_costs"] = json!([{ "key": "setup", "value": 5 }]);
        let subscription = shop.has_subscription(link).await;
        let led = shop.customer(&subscription).enrols(APPROVED).await;
        let back = told(&led);
        assert_eq!(parameter(&back, "initial_amount"), "20.5");
        assert_eq!(parameter(&back, "subscription_type"), "ONDEMAND");
        assert_eq!(parameter(&back, "status"), "Success");
        assert!(back.iter().all(|(name, _)| name != "amount" && name != "recurrance_count"), "{back:?}");
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["collected_amount"]), (&json!("Active"), &json!(25.5)));
        let records = shop.deductions_of(&subscription).await;
        assert_eq!(records[0]["order_ref"], parameter(&back, "order_ref"));
        shop.closes().await;
    });
}
