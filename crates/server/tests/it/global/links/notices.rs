//! Links that are sent to their buyers.

use super::mail::{Gateway, MailServer};
use super::{link, signed};
use crate::shop::{Shop, both_databases};
use paypier::config::Environment;
use serde_json::{Value, json};

/// A shop with a mail server and a gateway for text messages.
pub async fn open(engine: crate::shop::Engine) -> (Shop, MailServer, Gateway) {
    let (mail, gateway) = (MailServer::open().await, Gateway::open().await);
    let (smtp, sms) = (mail.url.clone(), gateway.url.clone());
    let shop = Shop::open_with(engine, move |config| {
        let environment = Environment::of(&[
            ("PAYPIER_NOTIFY_SMTP_URL", smtp.as_str()),
            ("PAYPIER_NOTIFY_EMAIL_FROM", "Payments <pay@paypier.test>"),
            ("PAYPIER_NOTIFY_SMS_URL", sms.as_str()),
            ("PAYPIER_NOTIFY_SMS_TOKEN", "sms-token"),
            ("PAYPIER_NOTIFY_SMS_SENDER", "PIER"),
        ]);
        config.notify = paypier::config::Config::load(None, &environment, &[]).unwrap().notify;
    })
    .await;
    (shop, mail, gateway)
}

fn notified(order: &str, members: &Value) -> Value {
    let mut body = link(order);
    body["customer_details"] =
        json!({ "name": "Kim <b>", "email_address": "kim@example.com", "phone_number": "+66899999999" });
    body["notify_by_email"] = json!(true);
    body["notify_by_phone"] = json!(true);
    for (member, value) in members.as_object().unwrap() {
        body[member] = value.clone();
    }
    signed(body)
}

#[test]
fn check_16_a_link_is_sent_at_once_by_mail_and_by_text_message() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let reference = shop.has_link(&notified("ORDER-1", &json!({ "send_immediately": true }))).await;
        let mails = mail.gets(1).await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 1, "once");
        let sent = &mails[0];
        assert!(sent.to[0].contains("<kim@example.com>"), "{sent:?}");
        assert!(
            sent.header("From").contains("Pier Coffee") && sent.header("From").contains("<pay@paypier.test>")
        );
        assert!(sent.header("Subject").contains("Pier Coffee asks you to pay THB 300.00"), "{sent:?}");
        let plain = sent.text.replace("=\n", "").replace("=3D", "=");
        assert!(plain.contains(&format!("{}?ref={reference}", shop.url)), "{plain}");
        assert!(!plain.contains("Kim <b>,</bdi>") && plain.contains("Kim &lt;b&gt;"), "{plain}");
        let messages = gateway.messages();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].0, "Bearer sms-token");
        assert_eq!((&messages[0].1["to"], &messages[0].1["from"]), (&json!("+66899999999"), &json!("PIER")));
        assert!(messages[0].1["text"].as_str().unwrap().contains(&format!("?ref={reference}")));
        shop.closes().await;
    });
}

#[test]
fn check_16_a_schedule_and_a_reminder_fire_once_each_at_their_time() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let now = shop.app().clock.now();
        let at = |hours: i64| now.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap().to_string();
        let body = notified(
            "ORDER-1",
            &json!({ "send_immediately": false, "scheduled_date": at(2), "expiry_date": at(10), "reminder_time": 1,
                "reminder_time_unit": "hours" }),
        );
        let reference = shop.has_link(&body).await;
        shop.after("PT1H").await;
        shop.jobs_run().await;
        assert!(mail.mails().is_empty(), "not yet");
        shop.after("PT61M").await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (1, 1));
        shop.after("PT6H").await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 1, "not before the reminder's hour");
        shop.after("PT1H").await;
        shop.jobs_run().await;
        let mails = mail.mails();
        assert_eq!((mails.len(), gateway.messages().len()), (2, 2));
        assert!(mails[1].header("Subject").contains("is due soon"), "{:?}", mails[1]);
        shop.after("PT3H").await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 2);
        assert_eq!(shop.link_stands(&reference).await["status"], "Expired");
        shop.closes().await;
    });
}

#[test]
fn check_16_a_link_that_was_cancelled_is_neither_sent_nor_reminded_of() {
    both_databases(|engine| async move {
        let (shop, mail, _) = open(engine).await;
        let now = shop.app().clock.now();
        let at = |hours: i64| now.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap().to_string();
        let body = notified(
            "ORDER-1",
            &json!({ "scheduled_date": at(2), "expiry_date": at(10), "reminder_time": 1, "reminder_time_unit": "hours" }),
        );
        let reference = shop.has_link(&body).await;
        shop.cancels_link(&reference).await.succeeds();
        shop.after("P1D").await;
        shop.jobs_run().await;
        // One that is never to be sent is not.
        shop.has_link(&notified("ORDER-2", &json!({ "send_immediately": false }))).await;
        shop.jobs_run().await;
        assert!(mail.mails().is_empty());
        shop.closes().await;
    });
}

#[test]
fn a_mail_server_that_does_not_serve_is_asked_again_and_one_that_refuses_is_not() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        mail.closes(true);
        gateway.answers(400);
        let reference = shop.has_link(&notified("ORDER-1", &json!({ "send_immediately": true }))).await;
        shop.jobs_run().await;
        assert_eq!((mail.mails().len(), gateway.messages().len()), (0, 1));
        mail.closes(false);
        shop.after("PT2M").await;
        shop.jobs_run().await;
        assert_eq!(
            (mail.mails().len(), gateway.messages().len()),
            (1, 1),
            "what was refused is not repeated"
        );
        assert_eq!(
            shop.link_stands(&reference).await["status"],
            "Created",
            "a link does not depend on its mail"
        );
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 1);

        mail.refuses();
        shop.has_link(&notified("ORDER-2", &json!({ "send_immediately": true, "notify_by_phone": false })))
            .await;
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!(mail.mails().len(), 1);
        shop.closes().await;
    });
}

#[test]
fn nothing_that_was_refused_is_sent() {
    both_databases(|engine| async move {
        let (shop, mail, gateway) = open(engine).await;
        let mut body = notified("ORDER-1", &json!({ "send_immediately": true }));
        body["signature_hash"] = json!("forged");
        assert_eq!(shop.makes_link(&body).await.status, 401);
        let bad =
            notified("ORDER-1", &json!({ "send_immediately": true, "success_url": "javascript:alert(1)" }));
        assert_eq!(shop.makes_link(&bad).await.status, 400);
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert!(mail.mails().is_empty() && gateway.messages().is_empty());
        shop.closes().await;
    });
}

#[test]
fn without_a_way_a_link_is_made_and_not_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&notified("ORDER-1", &json!({ "send_immediately": true }))).await;
        shop.jobs_run().await;
        assert_eq!(shop.link_stands(&reference).await["status"], "Created");
        let stored = shop.app().storage.payment_link(&reference).await.unwrap().unwrap();
        let said = format!("{:?}", stored.notices);
        assert_eq!(stored.notices.len(), 2, "{said}");
        assert!(said.contains("no way to send it is configured"), "{said}");
        shop.closes().await;
    });
}
