//! What careless and hostile callers send: amounts that were tampered with, script in every text, the same reference
//! many times at once, dates that have passed.

use super::links::{KEY, link, signed};
use super::merchant::{Payer, refused, secret, signed_sale};
use super::subscriptions::{
    example, on_demand_link, on_demand_plan, regular_link, regular_plan, signed_deduction, signed_plan,
    signed_subscription,
};
use crate::checkout::visitor::{BROWSER, got};
use crate::shop::{APPROVED, PSP_ERROR, Shop, at_once, both_databases};
use paypier::global::signature::sign;
use paypier_wire::global::signed::PaymentRequest;
use serde_json::{Value, json};

const MISMATCH: &str = "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR";
const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";

#[test]
fn an_amount_that_is_off_by_a_power_of_ten_matches_no_signature() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(APPROVED).await;
        let calls = [
            ("/api/initiatePayment", shop.sale("Merchant_1", "100")),
            ("/api/paymentLink", link("ORDER-1")),
            ("/api/subscription/createPlan", signed_plan(regular_plan("Plan_9"))),
            ("/api/subscription/createDeduction", signed_deduction(example(&subscription))),
        ];
        for (path, body) in calls {
            let amount = body["amount"].as_i64().unwrap();
            for wrong in [json!(amount * 10), json!(amount * 1000), json!(amount / 10), json!(amount + 1)] {
                let mut body = body.clone();
                body["amount"] = wrong;
                refused(shop.global_post(path, &body).await, 401, "4011", MISMATCH);
            }
        }
        assert_eq!(shop.psp().await.0, 0, "nothing was charged");
        let order = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        let refund = |amount: Value| {
            json!({ "amount": amount, "channel": "OMISE", "description": "d", "environment": "sandbox",
                "refund_type": "partial", "refund_reason": "r" })
        };
        for amount in [json!(1000), json!(100.01), json!(0), json!(-100), json!("1e3")] {
            let answer = shop.global_post(&format!("/api/refund/{order}"), &refund(amount)).await;
            refused(answer, 400, "4041", "INVALID_AMOUNT");
        }
        shop.closes().await;
    });
}

#[test]
fn script_in_every_text_is_text_on_every_page() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let is_text = |html: &str| {
            assert!(!html.contains("<script>alert(1)") && !html.contains("<img src=x"), "{html}");
        };
        let mut sale = shop.sale("<b>Merchant_1</b>", "100");
        for member in ["description", "user_configured_field1", "user_configured_field5"] {
            sale[member] = json!(EVIL);
        }
        for member in ["billing_name", "billing_surname", "billing_phone"] {
            sale["billing_details"][member] = json!(EVIL);
        }
        sale["order_details"] = json!([{ "id": EVIL, "name": EVIL, "price": 100, "quantity": 1, "image": EVIL, "additional_details": { "a": EVIL } }]);
        sale["override_auto_redirect"] = json!(true);
        sale["routing_enabled"] = json!(true);
        sale["routing_params"] = json!({ "type": "failover", "data": [
            { "channel_key": "OMISE", "method_key": "OMISE_CREDIT_CARD", "rank": 1 },
            { "channel_key": "GBPRIMEPAY", "method_key": "GBPRIMEPAY_CREDIT_CARD", "rank": 2 },
        ]});
        let started = shop.initiates(&signed_sale(sale)).await.succeeds();
        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        is_text(&payer.sees().await.html);
        payer.types(PSP_ERROR).await;
        let (between, seen) = payer.ends_up().await;
        is_text(&seen.unwrap().html);
        let next = Payer::at(super::merchant::presses(&between, "retry").await.header("location"));
        next.types(APPROVED).await;
        let (_, seen) = next.ends_up().await;
        is_text(&seen.unwrap().html);

        let mut body = link("ORDER-1");
        for member in ["description", "custom_link_ref", "user_configured_field1", "source"] {
            body[member] = json!(EVIL);
        }
        body["merchant_details"] = json!({ "name": EVIL, "promo_code": EVIL });
        body["billing_details"] = json!({ "billing_name": EVIL, "billing_phone": EVIL,
            "billing_address": { "city": EVIL, "line_1": EVIL } });
        body["show_shipping_details"] = json!(true);
        body["order_details"] = json!([{ "id": EVIL, "name": EVIL, "price": 300, "quantity": 1 }]);
        let reference = shop.has_link(&signed(body)).await;
        is_text(&shop.payer_of(&reference).sees().await.html);
        is_text(&shop.payer_of(&reference).starts().await.sees().await.html);

        let mut plan = regular_plan("Plan_1");
        plan["name"] = json!(EVIL);
        let plan = shop.has_plan(plan).await;
        let mut body = regular_link(&plan, "Subscription_1");
        for member in ["description", "customer_name", "customer_phone_number"] {
            body[member] = json!(EVIL);
        }
        body["additional_costs"] = json!([{ "key": EVIL, "value": 1 }]);
        let subscription = shop.has_subscription(body).await;
        is_text(&shop.customer(&subscription).sees().await.html);
        // What was typed comes back as it was typed, where programs read it.
        assert_eq!(shop.reads_subscription(&subscription).await["customer_name"], EVIL);
        shop.closes().await;
    });
}

#[test]
fn of_many_plans_and_subscriptions_with_one_reference_one_is_made() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let many = |path: &'static str, body: Value| {
            let requests = (0..12).map(|_| shop.global("POST", path).body(body.to_string())).collect();
            async move {
                let answers = at_once(requests).await;
                let (made, not): (Vec<_>, Vec<_>) =
                    answers.into_iter().partition(|answer| answer.status == 200);
                assert_eq!(made.len(), 1, "{path}");
                for answer in not {
                    refused(answer, 400, "4002", "DUPLICATE_TRANSACTION_ERROR");
                }
                made[0].body["order_ref"].as_str().unwrap().to_owned()
            }
        };
        let plan = many("/api/subscription/createPlan", signed_plan(on_demand_plan("Plan_1"))).await;
        let body = signed_subscription(on_demand_link(&plan, "Subscription_1"));
        many("/api/subscription/createSubscription", body).await;
        shop.closes().await;
    });
}

#[test]
fn dates_that_have_passed_are_taken_as_the_published_samples_send_them() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let mut body = regular_link(&plan, "Subscription_1");
        body["started_at"] = json!("2023-06-27T11:32:57.071477Z");
        let subscription = shop.has_subscription(body).await;
        shop.customer(&subscription).enrols(APPROVED).await;
        assert_eq!(shop.reads_subscription(&subscription).await["collected_count"], 1, "it begins at once");
        let mut body = regular_link(&plan, "Subscription_2");
        body["expiry_date"] = json!("2023-07-27");
        let over = shop.has_subscription(body).await;
        assert_eq!(shop.subscription_status(&over).await, "Expired");
        let mut body = link("ORDER-1");
        body["expiry_date"] = json!("2024-07-28T18:30:00.000Z");
        let over = shop.has_link(&signed(body)).await;
        assert_eq!(shop.link_stands(&over).await["status"], "Expired");
        for (member, value) in [("started_at", "yesterday"), ("expiry_date", "2023-02-30T00:00:00Z")] {
            let mut body = regular_link(&plan, "Subscription_3");
            body[member] = json!(value);
            refused(shop.makes_subscription(body).await, 400, "4001", "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn pages_of_other_origins_may_start_payments_and_make_links_and_nothing_else() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let preflight = |path: &str| {
            BROWSER
                .request(reqwest::Method::OPTIONS, format!("{}{path}", shop.url))
                .header("origin", "https://shop.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type,x-portone-client-key")
        };
        for path in ["/api/initiatePayment", "/api/paymentLink"] {
            let told = got(preflight(path)).await;
            assert_eq!((told.status, told.header("access-control-allow-origin")), (204, "*"), "{path}");
            assert!(told.header("access-control-allow-headers").contains("x-portone-client-key"));
        }
        for path in ["/api/merchant/auth-token", "/api/refund/x", "/api/subscription/deduct"] {
            let told = got(preflight(path)).await;
            assert_eq!((told.status, told.header("access-control-allow-origin")), (405, ""), "{path}");
        }
        // It is the signature that proves who asks, and not the page.
        let mut sale = shop.sale("Merchant_1", "100");
        let (amount, order) = ("1000".parse().unwrap(), "Merchant_1");
        let other = PaymentRequest {
            amount,
            client_key: KEY,
            currency: "THB",
            failure_url: "https://shop.example/ko",
            merchant_order_id: order,
            success_url: "https://shop.example/ok?order=1",
        };
        sale["signature_hash"] = json!(sign(&secret(), &other));
        refused(shop.initiates(&sale).await, 401, "4011", MISMATCH);
        shop.closes().await;
    });
}

#[test]
fn a_payer_in_a_frame_stays_in_it_and_the_merchants_page_alone_may_hear_how_it_ended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let framed = |request: reqwest::RequestBuilder| request.header("sec-fetch-dest", "iframe");
        for (is_embed, order) in [(true, "ORDER-1"), (false, "ORDER-2")] {
            let mut body = link(order);
            body["is_checkout_embed"] = json!(is_embed);
            let reference = shop.has_link(&signed(body)).await;
            let form = BROWSER
                .post(format!("{}/pay/{reference}", shop.url))
                .header("content-type", "application/x-www-form-urlencoded")
                .body("method=OMISE%3AOMISE_CREDIT_CARD&billing_name=N");
            let window = got(framed(form)).await.goes_to().to_owned();
            let payer = Payer::at(&format!("{}{window}", shop.url));
            let page = payer.sees().await;
            let ancestors = if is_embed { "https://shop.example" } else { "'none'" };
            let policy = page.header("content-security-policy").to_owned();
            assert!(policy.contains(&format!("frame-ancestors {ancestors}")), "{policy}");
            assert!(!is_embed || !page.html.contains("data-window"), "nobody listens to the window");
            payer.types(APPROVED).await;
            let back = payer.sees().await.goes_to().to_owned();
            let told = got(framed(BROWSER.get(&back))).await;
            let policy = told.header("content-security-policy").to_owned();
            assert!(policy.contains(&format!("frame-ancestors {ancestors}")), "{policy}");
            assert_eq!(told.html.contains("id=\"told\""), is_embed, "{}", told.html);
            if is_embed {
                assert!(told.html.contains("data-origin=\"https://shop.example\""), "{}", told.html);
                assert!(told.html.contains("\"status\":\"Success\""), "{}", told.html);
                // Outside of a frame the payer is led on as ever.
                let alone = got(BROWSER.get(&back)).await;
                assert!(alone.html.contains("http-equiv=\"refresh\""), "{}", alone.html);
            }
        }
        shop.closes().await;
    });
}
