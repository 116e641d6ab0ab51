//! Stripe's events: let in only when they are Stripe's, fresh and new, and never believed.

use super::door::Counterpart::Localstripe;
use super::{CARDS, MANUAL, Trade, WEBHOOK_SECRET, events_path, is_told, stripe_channel, with};
use crate::shop::{APPROVED, Answer, Shop, both_databases, eventually};
use hmac::{Hmac, KeyInit, Mac};
use paypier::cli::dev::demo;
use paypier::clock::Clock;
use paypier_domain::change::Write;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{PaymentId, PaymentKey, StoreId};
use sha2::Sha256;

/// Stripe wants the buyer to authenticate.
const AUTHENTICATES: &str = "4000002500003155";

/// An event as Stripe would send it.
fn event(id: &str, kind: &str, reference: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"{kind}","data":{{"object":{{"status":"succeeded","metadata":{{"paypier_reference":"{reference}"}}}}}}}}"#
    )
}

fn signature(shop: &Shop, secret: &str, seconds_ago: i64, body: &str) -> String {
    let seconds = shop.wall.now().as_second() - seconds_ago;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn hears(shop: &Shop, channel: &str, body: &str) -> Answer {
    is_told(shop, channel, Some(&signature(shop, WEBHOOK_SECRET, 0, body)), body).await
}

#[test]
fn what_is_not_stripes_own_and_fresh_and_new_is_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for key in [CARDS, MANUAL] {
            shop.writes(vec![Write::Channel(Box::new(stripe_channel(&shop, key, false)))]).await;
        }
        let body = event("evt_1", "payment_intent.succeeded", "tx-of-nobody");
        let signed = signature(&shop, WEBHOOK_SECRET, 0, &body);
        let other = event("evt_1", "payment_intent.succeeded", "tx-of-somebody");

        for (signature, body) in [
            (None, &body),
            (Some("t=1,v1=00".to_owned()), &body),
            (Some(signature(&shop, "whsec_fedcba9876543210", 0, &body)), &body),
            (Some(signature(&shop, "", 0, &body)), &body),
            (Some(signed.clone()), &other),
            (Some(signature(&shop, WEBHOOK_SECRET, 302, &body)), &body),
            (Some(signature(&shop, WEBHOOK_SECRET, -302, &body)), &body),
        ] {
            let refused = is_told(&shop, CARDS, signature.as_deref(), body).await;
            refused.refused(401, "UNAUTHORIZED");
        }
        let nothing = "{}";
        hears(&shop, CARDS, nothing).await.refused(400, "INVALID_REQUEST");
        hears(&shop, "channel-key-of-nobody", &body).await.refused(404, "NOT_FOUND");

        let taken = is_told(&shop, CARDS, Some(&signed), &body).await;
        assert_eq!(
            (taken.status, taken.text().as_str()),
            (200, ""),
            "somebody else's charge is taken and forgotten"
        );
        is_told(&shop, CARDS, Some(&signed), &body).await.refused(401, "UNAUTHORIZED");
        // Another channel has not heard it, and Stripe signs what it repeats anew.
        assert_eq!(is_told(&shop, MANUAL, Some(&signed), &body).await.status, 200);
        shop.wall.passes(2);
        assert_eq!(hears(&shop, CARDS, &body).await.status, 200);
        let unrelated = event("evt_2", "customer.created", "tx-of-nobody");
        assert_eq!(hears(&shop, CARDS, &unrelated).await.status, 200);
        shop.closes().await;
    });
}

#[test]
fn an_event_about_another_channels_charge_has_no_effect() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.writes(vec![Write::Channel(Box::new(stripe_channel(&shop, CARDS, false)))]).await;
        shop.is_paid("order-1", 5_000).await;
        let transaction = shop.payment("order-1").await["transactionId"].as_str().unwrap().to_owned();
        let body = event("evt_1", "payment_intent.payment_failed", &transaction);
        hears(&shop, CARDS, &body).await.refused(404, "NOT_FOUND");
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.closes().await;
    });
}

/// Lets localstripe report to the shop's channel.
async fn subscribes(trade: &Trade) {
    let url = format!("{}{}", trade.shop.url, events_path(CARDS));
    let path = format!("/_config/webhooks/{}", trade.mark);
    let form = [
        ("url", url.as_str()),
        ("secret", WEBHOOK_SECRET),
        ("events[]", "payment_intent.succeeded"),
        ("events[]", "payment_intent.payment_failed"),
    ];
    trade.door.does(&path, &form).await;
}

async fn authenticates(trade: &Trade, name: &str, is_successful: bool) {
    let intents = trade.intents(name).await;
    let (id, secret) = (intents[0]["id"].as_str().unwrap(), intents[0]["client_secret"].as_str().unwrap());
    let success = if is_successful { "true" } else { "false" };
    let path = format!("/v1/payment_intents/{id}/_authenticate");
    trade.door.does(&path, &[("client_secret", secret), ("success", success)]).await;
}

#[test]
fn an_event_of_localstripe_arrives_is_verified_and_settles_the_payment() {
    with(Localstripe, |trade| async move {
        subscribes(&trade).await;
        let refusal = trade.pays("order", AUTHENTICATES, 6_000).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
        assert_eq!(trade.status("order").await, "PAY_PENDING");

        authenticates(&trade, "order", true).await;
        eventually("the payment is paid", || async { trade.status("order").await == "PAID" }).await;
        // The queue asks by itself, too; whoever is second finds nothing left to do.
        eventually("the event was looked into", || async {
            let key = PaymentKey {
                store: StoreId::known(demo::STORE_ID),
                payment: PaymentId::known(trade.id("order")),
            };
            let evidence = trade.shop.app().storage.evidence_of(&key).await.unwrap();
            evidence.iter().any(|seen| seen.kind == EvidenceKind::Notification)
        })
        .await;
        assert_eq!(trade.webhooks("order").await, ["PayPending", "Paid"]);
        trade.cancels("order", None).await.succeeds();
        assert_eq!(trade.refunded("order").await, [6_000]);
        trade.shop.closes().await;
    });
}

#[test]
fn an_event_is_not_believed_but_looked_into() {
    with(Localstripe, |trade| async move {
        trade.pays("order", AUTHENTICATES, 6_000).await.refused(502, "PG_PROVIDER");
        let transaction = trade.payment("order").await["transactionId"].as_str().unwrap().to_owned();
        // Genuine, and yet not true (any more, or yet): the intent still waits for its buyer.
        let body = event("evt_1", "payment_intent.succeeded", &transaction);
        assert_eq!(hears(&trade.shop, CARDS, &body).await.status, 200);
        trade.shop.jobs_run().await;
        assert_eq!(trade.status("order").await, "PAY_PENDING");

        authenticates(&trade, "order", false).await;
        let body = event("evt_2", "payment_intent.payment_failed", &transaction);
        assert_eq!(hears(&trade.shop, CARDS, &body).await.status, 200);
        trade.shop.jobs_run().await;
        assert_eq!(trade.status("order").await, "FAILED");
        trade.pays("order", APPROVED, 6_000).await.succeeds();
        trade.shop.closes().await;
    });
}

#[test]
fn an_event_tells_of_a_charge_whose_answer_was_lost() {
    use super::INTENTS;
    use super::door::Fault;
    with(Localstripe, |trade| async move {
        subscribes(&trade).await;
        trade.door.next(INTENTS, Fault::LosesAnswer);
        // While the caller waits nobody learns anything, whether he asks or an event has come.
        for _ in 0..100 {
            trade.door.next("GET /v1/payment_intents", Fault::AnswersInstead(503, "down"));
        }
        let refusal = trade.pays("order", APPROVED, 6_000).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
        trade.door.is_well();
        eventually("the payment is paid", || async { trade.status("order").await == "PAID" }).await;
        assert_eq!(trade.intents("order").await.len(), 1);
        trade.shop.closes().await;
    });
}
