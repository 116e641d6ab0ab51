//! Regular subscriptions: the calendar, retries, trials, triggers, and their ends.

use super::merchant::{Ear, parameter, refused, secret};
use super::subscriptions::{regular_link, regular_plan, told};
use crate::checkout::visitor::{card, got, nonce};
use crate::shop::{
    APPROVED, DECLINED, INSUFFICIENT_FUNDS, SILENT_AND_NOT_CHARGED, Shop, TOKEN_DECLINED, at_once,
    both_databases, eventually,
};
use jiff::Timestamp;
use paypier::global::signature::sign;
use paypier_wire::global::signed;
use serde_json::{Value, json};

const LOST_OR_STOLEN: &str = "4000000000009987";

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value} is no instant")).parse().unwrap()
}

/// Days between two instants of a calendar.
fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(86_400)
}

impl Shop {
    /// Behind the next date of the subscription's calendar.
    async fn passes_the_next_date(&self, subscription: &str) {
        let next = at(&self.reads_subscription(subscription).await["next_deduction_date"]);
        let clock = self.get("/sandbox/clock").await.succeeds();
        let seconds = next.as_second() - at(&clock["now"]).as_second() + 5;
        self.after(&format!("PT{seconds}S")).await;
        self.jobs_run().await;
    }

    async fn collected(&self, subscription: &str) -> (Value, Value) {
        let read = self.reads_subscription(subscription).await;
        (read["collected_amount"].clone(), read["collected_count"].clone())
    }
}

#[test]
fn check_27_three_of_a_plan_three_times_and_the_costs_once_are_9010() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "subscription_status").await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let made = shop.makes_subscription(regular_link(&plan, "Subscription_1")).await.succeeds();
        let subscription = made["order_ref"].as_str().unwrap().to_owned();
        assert_eq!(made["subscription_link"], format!("{}/subscribe/?ref={subscription}", shop.url));
        assert_eq!(
            (&made["is_success"], &made["merchant_order_ref"], &made["status_code"]),
            (&json!(true), &json!("Subscription_1"), &json!("2000"))
        );
        let read = shop.reads_subscription(&subscription).await;
        for (member, value) in [
            ("status", json!("Created")),
            ("total_amount", json!(9010)),
            ("plan_amount", json!(1000)),
            ("collected_amount", json!(0)),
            ("total_additional_cost", json!(10)),
            ("quantity", json!(3)),
            ("next_deduction_amount", json!(0)),
            ("next_deduction_date", Value::Null),
            ("recurrance_count", json!(3)),
            ("in_trial", json!(false)),
            ("allow_accumulate", json!("Y")),
            ("additional_costs", json!([{ "key": "test", "value": 5 }, { "key": "test1", "value": 5 }])),
            ("plan_order_ref", json!(plan)),
            ("subscription_type", json!("REGULAR")),
            ("signature_hash", json!("")),
        ] {
            assert_eq!(read[member], value, "{member}");
        }
        assert_eq!(days(at(&read["created_at"]), at(&read["expired_at"])), 30);

        let led = shop.customer(&subscription).enrols(APPROVED).await;
        assert_eq!(led.status, 303, "{}", led.html);
        let back = told(&led);
        for (name, value) in [
            ("amount", "3010"),
            ("currency", "USD"),
            ("frequency", "1"),
            ("period", "M"),
            ("status", "Success"),
            ("recurrance_amount", "3000"),
            ("recurrance_count", "3"),
            ("total_amount", "9010"),
            ("x", "1"),
            ("total_additional_cost", "10"),
            ("link_order_ref", "Subscription_1"),
            ("status_code", "2000"),
            ("subscription_order_ref", subscription.as_str()),
            ("subscription_type", "REGULAR"),
        ] {
            assert_eq!(parameter(&back, name), value, "{name}");
        }
        let order_ref = parameter(&back, "order_ref");
        let (start, letters) = order_ref.split_once('_').unwrap();
        assert_eq!((start, letters.len()), (subscription.as_str(), 5));
        assert_eq!(parameter(&back, "merchant_order_ref"), order_ref);
        let signature = sign(
            &secret(),
            &signed::Redirect {
                channel_order_ref: parameter(&back, "channel_order_ref"),
                merchant_order_ref: order_ref,
                order_ref,
                status: "Success",
            },
        );
        assert_eq!(parameter(&back, "signature_hash"), signature);

        assert_eq!(shop.collected(&subscription).await, (json!(3010), json!(1)));
        assert_eq!(shop.reads_subscription(&subscription).await["next_deduction_amount"], 3000);
        shop.passes_the_next_date(&subscription).await;
        assert_eq!(shop.collected(&subscription).await, (json!(6010), json!(2)));
        shop.passes_the_next_date(&subscription).await;
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["collected_amount"]), (&json!("Completed"), &json!(9010)));
        assert_eq!((&read["next_deduction_amount"], &read["next_deduction_date"]), (&json!(0), &Value::Null));
        assert_eq!(shop.psp().await, (3, 901_000));
        shop.after("P365D").await;
        assert_eq!(shop.deductions_of(&subscription).await.len(), 3, "it is over");

        let heard = ear.hears(2).await;
        let statuses: Vec<_> = heard.iter().map(|message| message["status"].clone()).collect();
        assert_eq!(statuses, ["Active", "Completed"]);
        for message in &heard {
            let word = |member: &str| message[member].as_str().unwrap();
            let signature = sign(
                &secret(),
                &signed::SubscriptionWebhook {
                    currency: word("currency"),
                    merchant_order_ref: word("merchant_order_ref"),
                    order_ref: word("order_ref"),
                    status: word("status"),
                },
            );
            assert_eq!(message["signature_hash"], signature);
        }
        for (member, value) in [
            ("collected_amount", json!(3010)),
            ("collected_count", json!(1)),
            ("recurring_amount", json!(3000)),
            ("next_deduction_amount", json!(3000)),
            ("name", json!("1000 USD per month")),
            ("period", json!("M")),
            ("additional_cost", json!({ "test": 5, "test1": 5 })),
            ("total_additional_cost", json!(10)),
        ] {
            assert_eq!(heard[0][member], value, "{member}");
        }
        shop.closes().await;
    });
}

#[test]
fn check_27_a_quarter_has_three_months() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut plan = regular_plan("Plan_1");
        plan["period"] = json!("Q");
        let plan = shop.has_plan(plan).await;
        let subscription = shop.has_subscription(regular_link(&plan, "Subscription_1")).await;
        shop.customer(&subscription).enrols(APPROVED).await;
        let read = shop.reads_subscription(&subscription).await;
        let between = days(at(&read["started_at"]), at(&read["next_deduction_date"]));
        assert!((89..=92).contains(&between), "{between} days");
        shop.closes().await;
    });
}

#[test]
fn check_27_a_month_without_a_31st_ends_on_its_last_day() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let mut link = regular_link(&plan, "Subscription_1");
        let clock = at(&shop.get("/sandbox/clock").await.succeeds()["now"]);
        let year = clock.to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
        link["started_at"] = json!(format!("{year}-01-31T10:00:00.000Z"));
        let subscription = shop.has_subscription(link).await;
        let led = shop.customer(&subscription).enrols(APPROVED).await;
        assert!(led.header("location").starts_with("https://shop.example/ok"), "{}", led.html);
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["collected_count"]), (&json!("Active"), &json!(0)));
        let leap = jiff::civil::date(year, 1, 1).in_leap_year();
        let february = if leap { "02-29" } else { "02-28" };
        for date in ["01-31", february, "03-31"] {
            let next = shop.reads_subscription(&subscription).await["next_deduction_date"].clone();
            assert_eq!(next, format!("{year}-{date}T10:00:00Z"));
            shop.passes_the_next_date(&subscription).await;
        }
        assert_eq!(shop.subscription_status(&subscription).await, "Completed");
        shop.closes().await;
    });
}

#[test]
fn check_27_triggering_twice_charges_once_and_leaves_the_calendar() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        shop.customer(&subscription).enrols(APPROVED).await;
        let next = at(&shop.reads_subscription(&subscription).await["next_deduction_date"]);
        let body = json!({ "portone_key": super::subscriptions::KEY, "subscription_order_ref": subscription,
            "environment": "sandbox" });
        let trigger = || shop.global("PUT", "/api/subscription/triggerNextDeduction").body(body.to_string());
        for answer in at_once(vec![trigger(), trigger(), trigger()]).await {
            let body = answer.succeeds();
            assert_eq!(body["message"], "The next deduction should happen shortly");
            assert_eq!(body["is_success"], true);
        }
        shop.jobs_run().await;
        shop.triggers(&subscription).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.collected(&subscription).await, (json!(6010), json!(2)));
        assert_eq!(shop.psp().await.0, 2, "the first one, and the one that was asked for");
        let after = at(&shop.reads_subscription(&subscription).await["next_deduction_date"]);
        assert!((28..=31).contains(&days(next, after)), "{next} {after}");
        shop.passes_the_next_date(&subscription).await;
        assert_eq!(shop.subscription_status(&subscription).await, "Completed");
        refused(shop.triggers(&subscription).await, 400, "4001", "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn check_27_a_server_that_is_cut_off_while_it_deducts_deducts_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        shop.customer(&subscription).enrols(APPROVED).await;
        // The PSP charges and is slow to say so; the power goes meanwhile.
        shop.faults(json!({ "latencyMs": 250 })).await;
        shop.triggers(&subscription).await.succeeds();
        eventually("it was begun", || async { shop.deductions_of(&subscription).await.len() == 2 }).await;
        let shop = shop.loses_power_and_opens_again().await;
        shop.faults(json!({ "latencyMs": 0 })).await;
        for _ in 0..6 {
            shop.after("PT1H").await;
            shop.jobs_run().await;
        }
        assert_eq!(shop.collected(&subscription).await, (json!(6010), json!(2)));
        assert_eq!(shop.psp().await, (2, 601_000), "once, however it ended");
        shop.closes().await;
    });
}

#[test]
fn after_a_standstill_every_date_is_made_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        shop.customer(&subscription).enrols(APPROVED).await;
        shop.after("P100D").await;
        shop.jobs_run().await;
        assert_eq!(shop.subscription_status(&subscription).await, "Completed");
        assert_eq!(shop.psp().await, (3, 901_000));
        shop.closes().await;
    });
}

#[test]
fn a_trial_charges_nothing_until_it_ends() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let mut link = regular_link(&plan, "Subscription_1");
        link["trial_frequency"] = json!(7);
        link["trial_period"] = json!("D");
        let subscription = shop.has_subscription(link).await;
        let led = shop.customer(&subscription).enrols(APPROVED).await;
        let back = told(&led);
        assert_eq!(
            (parameter(&back, "status"), parameter(&back, "order_ref")),
            ("Success", subscription.as_str())
        );
        let read = shop.reads_subscription(&subscription).await;
        for (member, value) in [
            ("status", json!("Active")),
            ("in_trial", json!(true)),
            ("collected_count", json!(0)),
            ("trial_frequency", json!(7)),
            ("trial_period", json!("D")),
            ("next_deduction_amount", json!(3010)),
        ] {
            assert_eq!(read[member], value, "{member}");
        }
        shop.after("P6D").await;
        assert_eq!(shop.psp().await, (0, 0));
        shop.after("P1DT1M").await;
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["in_trial"], &read["collected_amount"]), (&json!(false), &json!(3010)));
        assert!((27..=31).contains(&days(at(&read["started_at"]), at(&read["next_deduction_date"]))));

        let mut both = regular_link(&plan, "Subscription_2");
        for (member, value) in [
            ("trial_frequency", json!(1)),
            ("trial_period", json!("M")),
            ("started_at", json!("2040-01-01T00:00:00.000Z")),
        ] {
            both[member] = value;
        }
        refused(shop.makes_subscription(both).await, 400, "4001", "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_failed_deduction_is_tried_again_and_then_carried_over() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "subscription_status").await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let mut link = regular_link(&plan, "Subscription_1");
        // Nothing is charged at enrolment, so that a card without funds can be kept.
        link["trial_frequency"] = json!(1);
        link["trial_period"] = json!("D");
        let subscription = shop.has_subscription(link).await;
        shop.customer(&subscription).enrols(INSUFFICIENT_FUNDS).await;
        shop.passes_the_next_date(&subscription).await;
        assert_eq!(shop.record_statuses(&subscription).await, ["Failed"]);
        for tries in 2..=4 {
            shop.passes_the_next_date(&subscription).await;
            assert_eq!(shop.deductions_of(&subscription).await.len(), tries, "each a new transaction");
        }
        let read = shop.reads_subscription(&subscription).await;
        assert_eq!((&read["status"], &read["next_deduction_amount"]), (&json!("Active"), &json!(6010)));
        let references: std::collections::BTreeSet<_> =
            shop.deductions_of(&subscription).await.iter().map(|r| r["order_ref"].to_string()).collect();
        assert_eq!(references.len(), 4);
        // Two more dates, four tries each, and it is given up.
        for _ in 0..8 {
            shop.passes_the_next_date(&subscription).await;
        }
        assert_eq!(shop.subscription_status(&subscription).await, "Cancelled");
        assert_eq!(shop.deductions_of(&subscription).await.len(), 12);
        assert_eq!(shop.psp().await, (0, 0));
        let statuses: Vec<_> = ear.hears(2).await.iter().map(|message| message["status"].clone()).collect();
        assert_eq!(statuses, ["Active", "Cancelled"]);
        shop.after("P365D").await;
        assert_eq!(shop.deductions_of(&subscription).await.len(), 12);
        shop.closes().await;
    });
}

#[test]
fn a_first_charge_that_fails_leads_to_the_failure_page_and_leaves_the_link() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        let led = shop.customer(&subscription).enrols(TOKEN_DECLINED).await;
        assert!(led.header("location").starts_with("https://shop.example/ko?"), "{}", led.header("location"));
        let back = told(&led);
        assert_eq!((parameter(&back, "status"), parameter(&back, "status_code")), ("Failed", "6014"));
        assert_eq!(shop.subscription_status(&subscription).await, "Created");
        assert_eq!(shop.record_statuses(&subscription).await, ["Failed"]);

        // A card that the PSP does not keep is answered on the page.
        for number in [DECLINED, LOST_OR_STOLEN] {
            let page = shop.customer(&subscription).enrols(number).await;
            assert_eq!(page.status, 200);
            assert!(page.html.contains("role=\"alert\""), "{}", page.html);
        }
        shop.customer(&subscription).enrols(APPROVED).await;
        assert_eq!(shop.subscription_status(&subscription).await, "Active");
        assert_eq!(shop.record_statuses(&subscription).await, ["Failed", "Success"]);
        assert_eq!(shop.psp().await, (1, 301_000));
        shop.closes().await;
    });
}

#[test]
fn a_first_charge_that_nobody_knows_about_is_pending_and_found_out() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        let led = shop.customer(&subscription).enrols(SILENT_AND_NOT_CHARGED).await;
        assert!(
            led.header("location").starts_with("https://shop.example/wait?"),
            "{}",
            led.header("location")
        );
        assert_eq!(parameter(&told(&led), "status"), "Pending");
        let page = shop.customer(&subscription).sees().await;
        assert!(page.html.contains("http-equiv=\"refresh\""), "nobody else enrols meanwhile");
        for _ in 0..8 {
            shop.after("PT6H").await;
            shop.jobs_run().await;
        }
        assert_eq!(shop.subscription_status(&subscription).await, "Created", "it never happened");
        assert_eq!(shop.record_statuses(&subscription).await, ["Failed"]);
        shop.customer(&subscription).enrols(APPROVED).await;
        assert_eq!(shop.subscription_status(&subscription).await, "Active");
        shop.closes().await;
    });
}

#[test]
fn one_of_six_customers_at_once_enrols() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        let customer = shop.customer(&subscription);
        let seen = customer.sees().await;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("nonce", &nonce(&seen.html));
        form.append_pair("method", super::subscriptions::DOLLARS).append_pair("consent", "yes");
        for (name, value) in card(APPROVED) {
            form.append_pair(name, value);
        }
        let form = form.finish();
        let stays = reqwest::redirect::Policy::none();
        let browser = reqwest::Client::builder().redirect(stays).build().unwrap();
        let confirming = (0..6).map(|_| {
            let request = browser.post(&customer.page).body(form.clone());
            got(request.header("content-type", "application/x-www-form-urlencoded"))
        });
        let mut enrolled = 0;
        for led in futures::future::join_all(confirming).await {
            let leads_on = led.status == 303 && led.header("location").starts_with("https://shop.example/ok");
            enrolled += usize::from(leads_on);
        }
        assert_eq!(enrolled, 1);
        assert_eq!(shop.psp().await, (1, 301_000));
        assert_eq!(shop.collected(&subscription).await, (json!(3010), json!(1)));
        let page = shop.customer(&subscription).sees().await;
        assert!(page.status == 200 && !page.html.contains("<form"), "a terminal page: {}", page.html);
        shop.closes().await;
    });
}

#[test]
fn a_cancelled_subscription_is_never_charged_and_its_card_is_gone() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "subscription_status").await;
        let subscription = shop.has_regular_link().await;
        shop.customer(&subscription).enrols(APPROVED).await;
        let cancelled = shop.cancels_subscription(&subscription).await.succeeds();
        assert_eq!(
            cancelled,
            json!({ "is_success": true, "message": "Subscription status updated successfully to cancelled",
                "status_code": "2000", "status_reason": "SUCCESS" })
        );
        shop.cancels_subscription(&subscription).await.succeeds();
        shop.jobs_run().await;
        let keys = shop.list("/billing-keys", &json!({})).await.succeeds();
        assert_eq!(keys["items"][0]["status"], "DELETED");
        shop.after("P90D").await;
        shop.jobs_run().await;
        assert_eq!(shop.subscription_status(&subscription).await, "Cancelled");
        assert_eq!(shop.psp().await, (1, 301_000), "nothing more, and nothing is given back");
        let heard = ear.hears(2).await;
        assert_eq!((heard.len(), &heard[1]["status"]), (2, &json!("Cancelled")));
        refused(shop.triggers(&subscription).await, 400, "4001", "INVALID_REQUEST");
        let page = shop.customer(&subscription).sees().await;
        assert!(!page.html.contains("<form"), "{}", page.html);
        shop.closes().await;
    });
}

#[test]
fn a_link_that_nobody_uses_expires() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "subscription_status").await;
        let subscription = shop.has_regular_link().await;
        shop.after("P29D").await;
        assert_eq!(shop.subscription_status(&subscription).await, "Created");
        assert!(ear.all().is_empty());
        shop.after("P1DT1M").await;
        shop.jobs_run().await;
        assert_eq!(shop.subscription_status(&subscription).await, "Expired");
        assert_eq!(ear.hears(1).await[0]["status"], "Expired");
        let page = shop.customer(&subscription).sees().await;
        assert!(!page.html.contains("<form"), "{}", page.html);
        refused(shop.cancels_subscription(&subscription).await, 400, "4001", "INVALID_REQUEST");

        // Published examples hold past dates.
        let plan = shop.has_plan(regular_plan("Plan_2")).await;
        let mut link = regular_link(&plan, "Subscription_2");
        link["expiry_date"] = json!("2023-07-27T11:32:57.071Z");
        let made = shop.has_subscription(link).await;
        assert_eq!(shop.subscription_status(&made).await, "Expired");
        let mut link = regular_link(&plan, "Subscription_3");
        link["started_at"] = json!("2023-06-27T11:32:57.071Z");
        let made = shop.has_subscription(link).await;
        shop.customer(&made).enrols(APPROVED).await;
        assert_eq!(shop.reads_subscription(&made).await["collected_count"], 1, "at once");
        shop.closes().await;
    });
}

#[test]
fn a_key_that_was_deleted_past_the_subscription_ends_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let subscription = shop.has_regular_link().await;
        shop.customer(&subscription).enrols(APPROVED).await;
        let keys = shop.list("/billing-keys", &json!({})).await.succeeds();
        let key = keys["items"][0]["billingKey"].as_str().unwrap();
        shop.send(shop.request("DELETE", &format!("/billing-keys/{key}"))).await.succeeds();
        shop.passes_the_next_date(&subscription).await;
        assert_eq!(shop.subscription_status(&subscription).await, "Cancelled");
        assert_eq!(shop.psp().await.0, 1);
        shop.closes().await;
    });
}
