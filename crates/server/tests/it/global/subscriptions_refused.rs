//! What plans, subscriptions and deductions are refused for: the documented code, reason and status, nothing stored
//! and nothing sent.

use super::merchant::refused;
use super::subscriptions::{
    KEY, example, on_demand_link, on_demand_plan, regular_link, regular_plan, signed_deduction, signed_plan,
    signed_subscription,
};
use crate::shop::{APPROVED, Answer, Shop, both_databases};
use serde_json::{Value, json};

#[track_caller]
fn refused_plainly(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.text());
    let members = (&answer.body["is_success"], &answer.body["status_code"], &answer.body["status_reason"]);
    assert_eq!(members, (&json!(false), &json!("400"), &json!("Bad Request")), "{what}");
    assert!(!answer.body["message"].as_str().unwrap().is_empty(), "{what}");
    assert_eq!(answer.body.as_object().unwrap().len(), 4, "{what}");
}

fn without(body: &Value, member: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(member);
    body
}

fn with(body: &Value, member: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[member] = value;
    body
}

#[test]
fn check_8_each_required_member_of_a_deduction_is_missed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(APPROVED).await;
        let whole = signed_deduction(example(&subscription));
        let both = |body: Value| {
            let shop = &shop;
            async move {
                let first = shop.global_post("/api/subscription/deduct", &body).await;
                (first, shop.global_post("/api/subscription/createDeduction", &body).await)
            }
        };
        for member in [
            "portone_key",
            "signature_hash",
            "merchant_order_ref",
            "subscription_order_ref",
            "source",
            "amount",
            "currency",
        ] {
            for body in [without(&whole, member), with(&whole, member, json!(""))] {
                let (plain, coded) = both(body).await;
                refused_plainly(&plain, member);
                let is_number = member == "amount" && plain.body["message"] == "Invalid amount";
                let code = if is_number { ("4041", "INVALID_AMOUNT") } else { ("4001", "INVALID_REQUEST") };
                assert_eq!(refused(coded, 400, code.0, code.1)["is_success"], false, "{member}");
            }
            let message = both(without(&whole, member)).await.0.body["message"].clone();
            assert_eq!(message, format!("{member} is a required field"));
        }
        let (plain, coded) = both(without(&whole, "environment")).await;
        refused_plainly(&plain, "environment");
        refused(coded, 400, "4034", "INVALID_ENVIRONMENT");
        let several = without(&without(&whole, "amount"), "currency");
        let (plain, _) = both(several).await;
        assert_eq!(plain.body["message"], "The API request failed due to invalid parameters.");
        let unreadable = shop.global("POST", "/api/subscription/deduct").body("{\"amount\":");
        let unreadable = shop.send(unreadable).await;
        refused_plainly(&unreadable, "unreadable");
        assert_eq!(unreadable.body["message"], "The API request failed due to invalid parameters.");
        for (member, value, code, reason) in [
            ("amount", json!(0), "4041", "INVALID_AMOUNT"),
            ("amount", json!(-1), "4041", "INVALID_AMOUNT"),
            ("amount", json!("abc"), "4041", "INVALID_AMOUNT"),
            ("amount", json!(0.005), "4076", "INVALID_AMOUNT_CURRENCY_ERROR"),
            ("source", json!("elsewhere"), "4001", "INVALID_REQUEST"),
            ("environment", json!("test"), "4034", "INVALID_ENVIRONMENT"),
            ("currency", json!("KRW"), "4075", "INVALID_CURRENCY"),
            ("currency", json!("XXZ"), "4075", "INVALID_CURRENCY"),
            (
                "subscription_order_ref",
                json!("2nsRMeHXpSUpe8DZzdyZkKCtI9D"),
                "4089",
                "INVALID_SUBSCRIPTION_ORDER_REF",
            ),
            ("environment", json!("live"), "4089", "INVALID_SUBSCRIPTION_ORDER_REF"),
            ("merchant_order_ref", json!("a".repeat(129)), "4001", "INVALID_REQUEST"),
        ] {
            let (plain, coded) = both(signed_deduction(with(&whole, member, value.clone()))).await;
            refused_plainly(&plain, member);
            assert_eq!(coded.body["status_code"], code, "{member} {value}: {}", coded.text());
            assert_eq!(coded.body["status_reason"], reason, "{member} {value}");
        }
        let fraction = with(&with(&whole, "amount", json!(0.5)), "currency", json!("JPY"));
        let (_, coded) = both(signed_deduction(fraction)).await;
        refused(coded, 400, "4076", "INVALID_AMOUNT_CURRENCY_ERROR");
        assert_eq!(shop.deductions_of(&subscription).await, Vec::<Value>::new(), "nothing is stored");
        assert_eq!(shop.psp().await, (0, 0), "and nothing was sent");
        shop.closes().await;
    });
}

#[test]
fn check_10_only_an_active_subscription_on_demand_is_deducted_from() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_9")).await;
        let created = shop.has_subscription(on_demand_link(&plan, "Subscription_9")).await;
        let cancelled = shop.has_subscription(on_demand_link(&plan, "Subscription_8")).await;
        shop.cancels_subscription(&cancelled).await.succeeds();
        let regular = shop.has_regular_link().await;
        shop.customer(&regular).enrols(APPROVED).await;
        let charged = shop.psp().await;
        for (subscription, code, message) in [
            (created.as_str(), "4089", "Subscription is not active"),
            (cancelled.as_str(), "4089", "Subscription is not active"),
            (regular.as_str(), "4001", "Deduction is allowed only for ONDEMAND subscription"),
            (plan.as_str(), "4089", "Subscription does not exist with this order ref"),
        ] {
            let body = signed_deduction(example(subscription));
            let plain = shop.global_post("/api/subscription/deduct", &body).await;
            refused_plainly(&plain, subscription);
            assert_eq!(plain.body["message"], message);
            let coded = shop.global_post("/api/subscription/createDeduction", &body).await;
            assert_eq!(
                (coded.status, coded.body["status_code"].as_str()),
                (400, Some(code)),
                "{}",
                coded.text()
            );
        }
        assert_eq!(shop.psp().await, charged, "nothing was sent");
        assert!(shop.deductions_of(&created).await.is_empty());
        shop.closes().await;
    });
}

#[test]
fn check_3_and_4_of_deductions_who_calls_and_what_is_signed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_subscriber(APPROVED).await;
        let body = signed_deduction(example(&subscription));
        for path in ["/api/subscription/deduct", "/api/subscription/createDeduction"] {
            let keyless = shop.anonymous("POST", path).header("content-type", "application/json");
            let answer = shop.send(keyless.body(body.to_string())).await;
            refused(answer, 401, "4010", "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR");
            let tokenless = shop
                .anonymous("POST", path)
                .header("x-portone-client-key", KEY)
                .header("content-type", "application/json");
            let answer = shop.send(tokenless.body(body.to_string())).await;
            refused(answer, 401, "4054", "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR");
            let foreign = with(&body, "portone_key", json!("SglffyyZgojEdXWL"));
            let answer = shop.global_post(path, &foreign).await;
            refused(answer, 401, "4010", "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR");
            for changed in [
                with(&body, "amount", json!(101)),
                with(&body, "merchant_order_ref", json!("Merchant_2")),
                with(&body, "signature_hash", json!("ZD8NHqL7IxeQuRk/qn078p1tbIUFz7zx/dhn7cC2v7Y=")),
            ] {
                let answer = shop.global_post(path, &changed).await;
                refused(answer, 401, "4011", "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR");
            }
        }
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn plans_are_made_once_read_cancelled_and_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let made = shop.makes_plan(regular_plan("Plan_1")).await.succeeds();
        let reference = made["order_ref"].as_str().unwrap().to_owned();
        assert_eq!(
            made,
            json!({ "merchant_order_ref": "Plan_1", "order_ref": reference, "status_code": "2000" })
        );
        let read = shop.global_get(&format!("/api/subscription/plan/{reference}")).await.succeeds();
        assert_eq!(
            read,
            json!({ "content": { "amount": 1000, "portone_key": KEY, "currency": "USD",
                "description": "1000 USD per month", "environment": "sandbox", "frequency": 1,
                "merchant_order_ref": "Plan_1", "name": "1000 USD per month",
                "notes": [{ "key": "key1", "value": "value1" }, { "key": "key2", "value": "value2" }],
                "order_ref": reference, "period": "M", "is_active": true, "plan_type": "REGULAR" },
                "status_code": "2000", "status_reason": "SUCCESS" })
        );
        let on_demand = shop.has_plan(on_demand_plan("Plan_2")).await;
        let read = shop.global_get(&format!("/api/subscription/plan/{on_demand}")).await.succeeds();
        assert_eq!((&read["content"]["amount"], &read["content"]["period"]), (&json!(0), &json!("")));

        let body = regular_plan("Plan_3");
        for (member, value, code, reason) in [
            ("name", json!(""), "4001", "INVALID_REQUEST"),
            ("description", json!("a".repeat(101)), "4001", "INVALID_REQUEST"),
            ("source", json!("x"), "4001", "INVALID_REQUEST"),
            ("plan_type", json!("WEEKLY"), "4001", "INVALID_REQUEST"),
            ("environment", json!("test"), "4034", "INVALID_ENVIRONMENT"),
            ("amount", json!(0), "4041", "INVALID_AMOUNT"),
            ("amount", json!(0.001), "4076", "INVALID_AMOUNT_CURRENCY_ERROR"),
            ("currency", json!("XXZ"), "4075", "INVALID_CURRENCY"),
            ("frequency", json!(0), "4094", "INVALID_FREQUENCY"),
            ("frequency", json!(1.5), "4094", "INVALID_FREQUENCY"),
            ("period", json!("P"), "4091", "INVALID_PERIOD"),
            ("merchant_order_ref", json!("Plan_1"), "4002", "DUPLICATE_TRANSACTION_ERROR"),
        ] {
            let answer = shop.makes_plan(with(&body, member, value)).await;
            assert_eq!(refused(answer, 400, code, reason)["is_success"], false, "{member}");
        }
        for member in ["amount", "frequency", "period", "currency", "merchant_order_ref", "environment"] {
            let answer =
                shop.global_post("/api/subscription/createPlan", &signed_plan(without(&body, member))).await;
            assert_eq!(answer.status, 400, "{member}: {}", answer.text());
        }
        let missing =
            shop.global_post("/api/subscription/createPlan", &signed_plan(without(&body, "frequency"))).await;
        assert_eq!(missing.body["message"], "frequency is a required field");
        let mut hourly = with(&body, "period", json!("H"));
        shop.makes_plan(with(&hourly, "merchant_order_ref", json!("Plan_H"))).await.succeeds();
        hourly["environment"] = json!("live");
        refused(shop.makes_plan(hourly).await, 400, "4091", "INVALID_PERIOD");
        let unsigned = shop.global_post("/api/subscription/createPlan", &body).await;
        assert_eq!(
            refused(unsigned, 400, "4001", "INVALID_REQUEST")["message"],
            "signature_hash is a required field"
        );
        let forged = with(&signed_plan(body), "amount", json!(1));
        let forged = shop.global_post("/api/subscription/createPlan", &forged).await;
        refused(forged, 401, "4011", "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR");

        let unknown = shop.global_get("/api/subscription/plan/2RmeBi6k3mH850nvmRfYfnfADyp").await;
        let unknown = refused(unknown, 400, "4001", "INVALID_REQUEST");
        assert_eq!(unknown["message"], "Plan does not exist with this order ref");
        assert!(unknown.get("is_success").is_none());
        let status = |status: &str| format!("/api/subscription/plan/{reference}/status/{status}");
        refused(shop.global_put(&status("active"), &json!({})).await, 400, "4079", "INVALID_STATUS_TYPE");
        for _ in 0..2 {
            let done = shop.global_put(&status("cancelled"), &json!({})).await.succeeds();
            assert_eq!(done["message"], "Plan status updated successfully to cancelled");
        }
        refused(
            shop.makes_subscription(regular_link(&reference, "Subscription_1")).await,
            400,
            "4085",
            "INVALID_PRICE_REF",
        );
        shop.closes().await;
    });
}

#[test]
fn a_plan_that_is_cancelled_ends_its_links_and_not_what_runs() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let running = shop.has_subscription(on_demand_link(&plan, "Subscription_1")).await;
        let waiting = shop.has_subscription(on_demand_link(&plan, "Subscription_2")).await;
        shop.customer(&running).enrols(APPROVED).await;
        let page = shop.customer(&waiting).sees().await;
        assert!(page.html.contains("<form"), "{}", page.html);
        shop.global_put(&format!("/api/subscription/plan/{plan}/status/cancelled"), &json!({}))
            .await
            .succeeds();
        shop.deducts(example(&running)).await.succeeds();
        let page = shop.customer(&waiting).sees().await;
        assert!(!page.html.contains("<form"), "{}", page.html);
        assert_eq!(shop.subscription_status(&waiting).await, "Created");
        shop.closes().await;
    });
}

#[test]
fn subscriptions_are_refused_with_their_codes() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let on_demand = shop.has_plan(on_demand_plan("Plan_2")).await;
        shop.has_subscription(regular_link(&plan, "Subscription_0")).await;
        let body = regular_link(&plan, "Subscription_1");
        for (member, value, code, reason) in [
            ("plan_order_ref", json!("2RmeBi6k3mH850nvmRfYfnfADyp"), "4085", "INVALID_PRICE_REF"),
            ("plan_order_ref", json!(on_demand), "4001", "INVALID_REQUEST"),
            ("currency", json!("THB"), "4075", "INVALID_CURRENCY"),
            ("environment", json!("live"), "4034", "INVALID_ENVIRONMENT"),
            ("environment", json!("test"), "4034", "INVALID_ENVIRONMENT"),
            ("success_url", json!("/ok"), "5030", "INVALID_REDIRECT_URL"),
            ("failure_url", json!("javascript:alert(1)"), "5030", "INVALID_REDIRECT_URL"),
            ("quantity", json!(0), "4086", "INVALID_QUANTITY"),
            ("allow_accumulate", json!("Z"), "4086", "INVALID_QUANTITY"),
            ("recurrance_count", json!(0), "4087", "INVALID_RECURRANCE_COUNT"),
            ("recurrance_count", json!("many"), "4087", "INVALID_RECURRANCE_COUNT"),
            (
                "additional_costs",
                json!([{ "key": "a", "value": -1 }]),
                "4090",
                "INVALID_TOTAL_ADDITIONAL_COST",
            ),
            (
                "additional_costs",
                json!([{ "key": "a", "value": "x" }]),
                "4090",
                "INVALID_TOTAL_ADDITIONAL_COST",
            ),
            ("trial_frequency", json!(3), "4091", "INVALID_PERIOD"),
            ("trial_period", json!("D"), "4094", "INVALID_FREQUENCY"),
            ("country_code", json!("THA"), "4001", "INVALID_REQUEST"),
            ("started_at", json!("soon"), "4001", "INVALID_REQUEST"),
            ("subscription_type", json!("WEEKLY"), "4001", "INVALID_REQUEST"),
            ("merchant_order_ref", json!("Subscription_0"), "4002", "DUPLICATE_TRANSACTION_ERROR"),
        ] {
            let answer = shop.makes_subscription(with(&body, member, value.clone())).await;
            let refusal = refused(answer, 400, code, reason);
            assert_eq!(refusal["is_success"], false, "{member} {value}");
            if member == "allow_accumulate" {
                assert_eq!(refusal["message"], "Allow Accumulate must be Y or N only");
            }
        }
        let forged = with(&signed_subscription(body.clone()), "quantity", json!(4));
        let forged = shop.global_post("/api/subscription/createSubscription", &forged).await;
        refused(forged, 401, "4011", "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR");
        let negative = with(&on_demand_link(&on_demand, "Subscription_3"), "initial_amount", json!(-1));
        refused(shop.makes_subscription(negative).await, 400, "4041", "INVALID_AMOUNT");
        // The environment of the plan, where none is said.
        let inherited = shop.has_subscription(without(&body, "environment")).await;
        assert_eq!(shop.reads_subscription(&inherited).await["environment"], "sandbox");

        let unknown = "2nsRMeHXpSUpe8DZzdyZkKCtI9D";
        let read = shop.global_get(&format!("/api/subscription/{unknown}")).await;
        let read = refused(read, 400, "4001", "INVALID_REQUEST");
        assert_eq!(read["message"], "Subscription does not exist with this order ref");
        refused(
            shop.global_get(&format!("/api/subscription/{unknown}/txns-records")).await,
            400,
            "4001",
            "INVALID_REQUEST",
        );
        let cancel = shop.cancels_subscription(unknown).await;
        assert_eq!(refused(cancel, 400, "4001", "INVALID_REQUEST")["is_success"], false);
        let other =
            shop.global_put(&format!("/api/subscription/{inherited}/status/paused"), &json!({})).await;
        refused(other, 400, "4079", "INVALID_STATUS_TYPE");
        for subscription in [unknown, &inherited] {
            let trigger = refused(shop.triggers(subscription).await, 400, "4001", "INVALID_REQUEST");
            assert_eq!(trigger["message"], "Invalid request parameters");
        }
        shop.closes().await;
    });
}

#[test]
fn the_page_takes_only_forms_of_its_own_that_agree() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_on_demand_link().await;
        let customer = shop.customer(&subscription);
        let page = customer.sees().await;
        assert_eq!(page.status, 200);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://shop.example"), "{policy}");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let fields = |consent: &'static str, method: &'static str| {
            let mut fields = vec![("method", method), ("consent", consent)];
            fields.extend(crate::checkout::visitor::card(APPROVED));
            fields
        };
        for (consent, method) in [
            ("", super::subscriptions::DOLLARS),
            ("yes", "NOWHERE/CARD"),
            ("yes", "ONEPAY/ONEPAY_SUBSCRIPTION_CARD"),
        ] {
            let page = customer.submits(&fields(consent, method)).await;
            assert_eq!(page.status, 200);
            assert!(page.html.contains("role=\"alert\""), "{}", page.html);
        }
        assert_eq!(shop.subscription_status(&subscription).await, "Created");
        for path in ["/subscribe/", "/subscribe/?ref=nonsense", "/subscribe/?ref=2nsRMeHXpSUpe8DZzdyZkKCtI9D"]
        {
            let answer = shop.send(shop.anonymous("GET", path)).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        let elsewhere = shop
            .anonymous("POST", &format!("/subscribe/?ref={subscription}"))
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("nonce=1&intent=card&consent=yes");
        assert_eq!(shop.send(elsewhere).await.status, 403);
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}
