//! Links of subscriptions that are sent to their customers.

use super::links::mail::Mail;
use super::links::notices::open;
use super::merchant::refused;
use super::subscriptions::{on_demand_link, on_demand_plan, regular_link, regular_plan};
use crate::shop::{APPROVED, Shop, both_databases};
use serde_json::{Value, json};

fn notified(mut body: Value, members: &Value) -> Value {
    body["customer_name"] = json!("Kim <b>");
    body["customer_email_address"] = json!("kim@example.com");
    body["customer_phone_number"] = json!("+66899999999");
    body["notify_by_email"] = json!(true);
    body["notify_by_phone"] = json!(true);
    for (member, value) in members.as_object().unwrap() {
        body[member] = value.clone();
    }
    body
}

/// The text of a mail without the line breaks of its encoding.
fn plain(mail: &Mail) -> String {
    mail.text.replace("=\n", "").replace("=3D", "=")
}

/// The parts of a mail whose bytes were written in base64, decoded.
fn decoded(mail: &Mail) -> String {
    use base64::Engine as _;
    mail.text
        .split("\n\n")
        .filter_map(|part| {
            let lines: String = part.lines().take_while(|line| !line.starts_with("--")).collect();
            base64::engine::general_purpose::STANDARD.decode(lines).ok()
        })
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect()
}

#[test]
fn a_subscription_is_sent_at_once_by_mail_and_by_text_message() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let plan = shop.has_plan(regular_plan("Plan_1")).await;
        let made = shop.makes_subscription(notified(regular_link(&plan, "Subscription_1"), &json!({}))).await;
        let made = made.succeeds();
        let link = made["subscription_link"].as_str().unwrap();
        let mails = mail.gets(1).await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (1, 1), "once by each way");
        let sent = &mails[0];
        assert!(sent.to[0].contains("<kim@example.com>"), "{sent:?}");
        assert!(sent.header("From").contains("<pay@paypier.test>"), "{sent:?}");
        assert!(sent.header("Subject").contains("asks you to set up a recurring payment"), "{sent:?}");
        let text = plain(sent);
        for said in [link, "USD 3,000.00 every month, 3 times", "1000 USD per month", "Kim &lt;b&gt;"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains("Kim <b>,</bdi>"), "{text}");
        let message = &gateway.messages()[0].1;
        assert_eq!(message["to"], "+66899999999");
        assert!(message["text"].as_str().unwrap().ends_with(link), "{message}");
        // A page that was opened before the customer was told is still good.
        let order = made["order_ref"].as_str().unwrap();
        shop.customer(order).enrols(APPROVED).await;
        assert_eq!(shop.subscription_status(order).await, "Active");
        shop.after("P2D").await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (1, 1));
        shop.closes().await;
    });
}

#[test]
fn customers_in_korea_are_written_in_korean() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let members = json!({ "country_code": "KR" });
        shop.has_subscription(notified(on_demand_link(&plan, "Subscription_1"), &members)).await;
        let mails = mail.gets(1).await;
        shop.jobs_run().await;
        let text = decoded(&mails[0]);
        for said in ["정기결제의 등록을 요청했습니다", "이용한 만큼 결제", "등록 기한", "as you go"]
        {
            assert!(text.contains(said), "{said}: {text}\n{}", mails[0].text);
        }
        assert!(gateway.messages()[0].1["text"].as_str().unwrap().contains("정기결제 등록"));
        shop.closes().await;
    });
}

#[test]
fn nobody_is_told_who_was_not_to_be_told_or_has_nothing_to_enrol_in_any_more() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let silent = json!({ "notify_by_email": false, "notify_by_phone": false });
        shop.has_subscription(notified(on_demand_link(&plan, "Subscription_1"), &silent)).await;
        // Its link has expired before it was made.
        let over = json!({ "expiry_date": "2023-06-27T11:32:57Z" });
        shop.has_subscription(notified(on_demand_link(&plan, "Subscription_2"), &over)).await;
        // Not signed.
        let mut forged = notified(on_demand_link(&plan, "Subscription_3"), &json!({}));
        forged["signature_hash"] = json!("forged");
        let path = "/api/subscription/createSubscription";
        assert_eq!(shop.global_post(path, &forged).await.status, 401);
        shop.jobs_run().await;
        // Cancelled while the mail server could not be reached.
        mail.closes(true);
        gateway.answers(503);
        let cancelled =
            shop.has_subscription(notified(on_demand_link(&plan, "Subscription_4"), &json!({}))).await;
        shop.jobs_run().await;
        shop.cancels_subscription(&cancelled).await.succeeds();
        mail.closes(false);
        gateway.answers(202);
        let tried = gateway.messages().len();
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (0, tried));
        assert_eq!(tried, 1);
        shop.closes().await;
    });
}

#[test]
fn what_did_not_leave_is_sent_later_and_what_was_refused_is_not() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        mail.closes(true);
        gateway.answers(400);
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let order =
            shop.has_subscription(notified(on_demand_link(&plan, "Subscription_1"), &json!({}))).await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (0, 1));
        let page = shop.customer(&order).sees().await;
        mail.closes(false);
        shop.after("PT2M").await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (1, 1));
        assert_eq!(
            crate::checkout::visitor::nonce(&page.html),
            crate::checkout::visitor::nonce(&shop.customer(&order).sees().await.html),
            "a page that is open stays good"
        );
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 1);
        shop.closes().await;
    });
}

#[test]
fn whoever_is_to_be_told_needs_an_address() {
    both_databases(|engine| async move {
        let (shop, mail, _) = open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        for (member, value, code, reason) in [
            ("customer_email_address", json!(""), "4001", "INVALID_REQUEST"),
            ("customer_email_address", json!("kim"), "4052", "INVALID_EMAIL_ADDRESS"),
            ("customer_email_address", json!("a@b\r\nBcc: c@d.example"), "4052", "INVALID_EMAIL_ADDRESS"),
            ("customer_phone_number", json!(""), "4001", "INVALID_REQUEST"),
        ] {
            let mut members = json!({});
            members[member] = value;
            let body = notified(on_demand_link(&plan, "Subscription_1"), &members);
            refused(shop.makes_subscription(body).await, 400, code, reason);
        }
        shop.jobs_run().await;
        assert!(mail.mails().is_empty());
        shop.closes().await;
    });
}

#[test]
fn without_a_way_a_subscription_is_made_and_not_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plan = shop.has_plan(on_demand_plan("Plan_1")).await;
        let order =
            shop.has_subscription(notified(on_demand_link(&plan, "Subscription_1"), &json!({}))).await;
        shop.jobs_run().await;
        assert_eq!(shop.subscription_status(&order).await, "Created");
        let store = paypier_domain::id::StoreId::known(paypier::cli::dev::demo::STORE_ID);
        let reference = paypier_domain::id::SubscriptionRef::known(order);
        let stored = shop.app().storage.subscription(&store, &reference).await.unwrap().unwrap();
        let said = format!("{:?}", stored.notices);
        assert_eq!(stored.notices.len(), 2, "{said}");
        assert!(said.contains("no way to send it is configured"), "{said}");
        shop.closes().await;
    });
}
