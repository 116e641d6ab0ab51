//! From the commit to the receiver: retries, order, secrets, and who must not wait for whom.

use super::receiver::{Received, Receiver, Reply};
use super::shop::{API_SECRET, Setup, Shop};
use crate::app::failure::{Failure, Missing};
use crate::app::success::Success;
use crate::app::ticket::Ticket;
use crate::http::events::{self, DeadWebhooks, Feed};
use crate::jobs::outbox;
use crate::webhooks::target::Targets;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::SignedDuration;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::delivery::{DeliveryState, ExecutionResult, MAX_EXECUTIONS};
use paypier_domain::event::Trigger;
use paypier_domain::id::{PaymentId, WebhookId};
use serde::de::DeserializeOwned;
use standardwebhooks::Webhook;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt;

const LONGER_THAN_ANY_WAIT: SignedDuration = SignedDuration::from_hours(5);

fn types(receiver: &Receiver) -> Vec<String> {
    receiver
        .received()
        .iter()
        .map(|received| {
            serde_json::from_str::<serde_json::Value>(&received.body).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn signed_by(secret: &str, received: &Received) -> bool {
    let timestamp = received.header("webhook-timestamp").parse().unwrap();
    let expected = Webhook::new(secret)
        .unwrap()
        .sign(&received.header("webhook-id"), timestamp, received.body.as_bytes())
        .unwrap();
    received.header("webhook-signature").split(' ').any(|signature| signature == expected)
}

#[tokio::test]
async fn a_webhook_arrives_signed_and_its_record_says_what_was_sent_and_answered() {
    let receiver = Receiver::open(Reply::Text("received".into())).await;
    let shop = Shop::open(&receiver.url).await;
    shop.opens_window("주문 1", &[]).await;
    assert_eq!(shop.delivers().await, 1);

    let [received] = receiver.received().try_into().unwrap();
    Webhook::new(&shop.secrets[0]).unwrap().verify(received.body.as_bytes(), &received.headers()).unwrap();
    assert!(received.body.starts_with(r#"{"type":"Transaction.Ready","timestamp":""#));
    assert!(
        received.body.ends_with(r#""paymentId":"주문 1","transactionId":"tx-주문 1","sequence":1}}"#),
        "{}",
        received.body
    );
    let [delivery] = shop.deliveries("주문 1").await.try_into().unwrap();
    assert_eq!((delivery.state, delivery.executions), (DeliveryState::Succeeded, 1));
    assert_eq!(delivery.id.as_str(), received.header("webhook-id"));
    let last = delivery.last.unwrap();
    assert_eq!(last.request_body, received.body);
    let header: serde_json::Value = serde_json::from_str(&last.request_header).unwrap();
    assert_eq!(header["webhook-signature"], received.header("webhook-signature"));
    let response = last.response.unwrap();
    assert_eq!((response.code, response.body.as_str()), (200, "received"));
}

#[tokio::test]
async fn a_receiver_that_always_fails_is_tried_six_times_and_not_a_seventh() {
    let receiver = Receiver::open(Reply::Status(500)).await;
    let shop = Shop::open(&receiver.url).await;
    shop.opens_window("payment-1", &[]).await;
    for _ in 0..10 {
        assert!(shop.delivers().await <= 1);
        shop.after(LONGER_THAN_ANY_WAIT);
    }

    let received = receiver.received();
    assert_eq!(received.len(), usize::try_from(MAX_EXECUTIONS).unwrap());
    let distinct = |of: &dyn Fn(&Received) -> String| received.iter().map(of).collect::<HashSet<_>>().len();
    assert_eq!(distinct(&|received| received.header("webhook-id")), 1);
    assert_eq!(distinct(&|received| received.body.clone()), 1);
    assert_eq!(distinct(&|received| received.header("webhook-timestamp")), 6);
    assert_eq!(distinct(&|received| received.header("webhook-signature")), 6);
    assert!(received.iter().all(|received| signed_by(&shop.secrets[0], received)));
    let [delivery] = shop.deliveries("payment-1").await.try_into().unwrap();
    assert_eq!((delivery.state, delivery.executions), (DeliveryState::Dead, 6));
    assert_eq!(delivery.last.unwrap().result, ExecutionResult::NotOk);
}

#[tokio::test]
async fn a_receiver_that_comes_back_hears_everything_in_order_per_payment() {
    let receiver = Receiver::open(Reply::HangUp).await;
    let shop = Shop::open(&receiver.url).await;
    let payment = shop.opens_window("payment-1", &[]).await;
    assert_eq!(shop.delivers().await, 1);
    shop.is_paid(&payment).await;
    assert_eq!(shop.delivers().await, 0, "the second event waits for the first");
    let other = shop.opens_window("payment-2", &[]).await;
    assert_eq!(shop.delivers().await, 1, "another payment does not");

    receiver.answers_from_now_on(Reply::Status(204));
    shop.is_paid(&other).await;
    shop.after(LONGER_THAN_ANY_WAIT);
    assert_eq!(shop.delivers().await, 4);

    let of = |payment: &str| -> Vec<String> {
        let told = receiver.received().into_iter().zip(types(&receiver)).skip(2);
        told.filter(|(received, _)| received.body.contains(payment)).map(|(_, name)| name).collect()
    };
    for payment in ["payment-1", "payment-2"] {
        assert_eq!(of(payment), ["Transaction.Ready", "Transaction.Paid"], "{payment}");
    }
}

#[tokio::test]
async fn a_slow_receiver_does_not_delay_another() {
    let slow = Receiver::open(Reply::Silence).await;
    let quick = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::with(Setup::default()).await;
    for number in 0..10 {
        shop.opens_window(&format!("slow-{number}"), &[&slow.url]).await;
    }
    shop.opens_window("quick", &[&quick.url]).await;

    let due = shop.due().await;
    assert_eq!(due.iter().filter(|delivery| delivery.url == slow.url).count(), 4, "at most four to one URL");
    let started = Instant::now();
    let sending = due.into_iter().map(|delivery| {
        let app = shop.app.clone();
        tokio::spawn(async move { outbox::deliver(&app, delivery).await })
    });
    let sending: Vec<_> = sending.collect();
    while quick.received().is_empty() {
        assert!(started.elapsed() < Duration::from_millis(350), "the quick one waits for the slow ones");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    futures::future::join_all(sending).await;
    let [delivery] = shop.deliveries("slow-0").await.try_into().unwrap();
    assert_eq!(delivery.last.unwrap().result, ExecutionResult::UnexpectedError);
}

#[tokio::test]
async fn an_origin_with_too_many_under_way_makes_the_next_step_back_and_uses_up_no_try() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::open(&receiver.url).await;
    shop.opens_window("payment-1", &[]).await;
    let passages: Vec<_> = std::iter::from_fn(|| shop.app.mailroom.passage(&receiver.url)).collect();
    assert_eq!(shop.delivers().await, 1);
    assert!(receiver.received().is_empty());
    let [delivery] = shop.deliveries("payment-1").await.try_into().unwrap();
    assert_eq!(delivery.executions, 0);
    drop(passages);
    shop.after(SignedDuration::from_secs(10));
    assert_eq!(shop.delivers().await, 1);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn both_active_secrets_sign() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::with(Setup { endpoint: Some(&receiver.url), secrets: 2, ..Setup::default() }).await;
    shop.opens_window("payment-1", &[]).await;
    shop.delivers().await;
    let [received] = receiver.received().try_into().unwrap();
    assert_eq!(received.header("webhook-signature").split(' ').count(), 2);
    assert!(shop.secrets.iter().all(|secret| signed_by(secret, &received)));
}

#[tokio::test]
async fn without_a_secret_the_id_and_the_time_are_sent_all_the_same() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::with(Setup { endpoint: Some(&receiver.url), secrets: 0, ..Setup::default() }).await;
    shop.opens_window("payment-1", &[]).await;
    shop.delivers().await;
    let [received] = receiver.received().try_into().unwrap();
    assert!(!received.headers().contains_key("webhook-signature"));
    assert!(!received.header("webhook-id").is_empty() && !received.header("webhook-timestamp").is_empty());
}

#[tokio::test]
async fn a_form_is_signed_like_anything_else() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::with(Setup {
        endpoint: Some(&receiver.url),
        version: PayloadVersion::V20240101,
        content_type: PayloadContentType::Form,
        ..Setup::default()
    })
    .await;
    shop.opens_window("payment-1", &[]).await;
    shop.delivers().await;
    let [received] = receiver.received().try_into().unwrap();
    assert_eq!(received.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(received.body, "payment_id=payment-1&tx_id=tx-payment-1&status=Ready");
    Webhook::new(&shop.secrets[0]).unwrap().verify(received.body.as_bytes(), &received.headers()).unwrap();
}

#[tokio::test]
async fn named_urls_replace_the_endpoint_and_each_hears_once_under_an_id_of_its_own() {
    let endpoint = Receiver::open(Reply::Status(200)).await;
    let named = [Receiver::open(Reply::Status(200)).await, Receiver::open(Reply::Status(200)).await];
    let shop = Shop::open(&endpoint.url).await;
    shop.opens_window("payment-1", &[&named[0].url, &named[1].url, &named[0].url]).await;
    assert_eq!(shop.delivers().await, 2);
    assert!(endpoint.received().is_empty());
    let ids: HashSet<String> =
        named.iter().map(|receiver| receiver.received()[0].header("webhook-id")).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| !id.contains(['.', ' '])));
}

#[tokio::test]
async fn without_any_url_there_is_no_delivery() {
    let shop = Shop::with(Setup::default()).await;
    shop.opens_window("payment-1", &[]).await;
    assert!(shop.deliveries("payment-1").await.is_empty());
}

#[tokio::test]
async fn outside_local_mode_a_private_target_is_refused_and_counts_as_a_try() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop =
        Shop::with(Setup { endpoint: Some(&receiver.url), targets: Targets::Public, ..Setup::default() })
            .await;
    shop.opens_window("payment-1", &[]).await;
    assert_eq!(shop.delivers().await, 1);
    assert!(receiver.received().is_empty());
    let [delivery] = shop.deliveries("payment-1").await.try_into().unwrap();
    assert_eq!((delivery.executions, delivery.last.unwrap().result), (1, ExecutionResult::UnexpectedError));
}

#[tokio::test]
async fn a_webhook_is_sent_again_on_request_up_to_its_quota_and_a_success_ends_the_schedule() {
    let receiver = Receiver::open(Reply::Status(500)).await;
    let shop = Shop::open(&receiver.url).await;
    let payment = PaymentId::known("payment-1");
    let again = async |webhook: Option<&WebhookId>, payment: &PaymentId| {
        shop.app.resend_webhook(&shop.caller(), None, payment, webhook, &Ticket::none()).await
    };
    assert_eq!(again(None, &payment).await, Err(Failure::NotFound(Missing::Payment)));
    shop.opens_window("payment-1", &[]).await;
    assert_eq!(
        again(Some(&WebhookId::known("other")), &payment).await,
        Err(Failure::NotFound(Missing::Webhook))
    );
    shop.delivers().await;

    let Ok(Success::WebhookResent(failed)) = again(None, &payment).await else { panic!("not sent again") };
    assert_eq!(failed.last.as_ref().unwrap().result, ExecutionResult::NotOk);
    assert_eq!((failed.executions, failed.manual_executions, failed.trigger), (1, 1, Some(Trigger::Manual)));
    receiver.answers_from_now_on(Reply::Status(200));
    let Ok(Success::WebhookResent(sent)) = again(Some(&failed.id), &payment).await else {
        panic!("not sent again")
    };
    assert_eq!(sent.state, DeliveryState::Succeeded);
    shop.after(LONGER_THAN_ANY_WAIT);
    assert_eq!(shop.delivers().await, 0);

    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|one| one.body == received[0].body));
    assert!(received.iter().all(|one| one.header("webhook-id") == received[0].header("webhook-id")));
    for _ in 0..8 {
        again(None, &payment).await.unwrap();
    }
    assert_eq!(again(None, &payment).await, Err(Failure::WebhookQuota { sent: 10, limit: 10 }));
    assert_eq!(shop.deliveries("payment-1").await[0].manual_executions, 10);
}

async fn call<Answer: DeserializeOwned>(shop: &Shop, method: &str, path: &str) -> (u16, Option<Answer>) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("PortOne {API_SECRET}"))
        .body(Body::empty())
        .unwrap();
    let response = events::routes(shop.app.clone()).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).ok())
}

async fn feed(shop: &Shop, query: &str) -> Feed {
    let (status, feed) = call(shop, "GET", &format!("/webhook-events?{query}")).await;
    assert_eq!(status, 200);
    feed.unwrap()
}

#[tokio::test]
async fn the_feed_gives_every_event_as_its_webhook_and_goes_on_where_it_was_left() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let shop = Shop::open(&receiver.url).await;
    let from_now_on = feed(&shop, "after=now").await;
    assert!(from_now_on.items.is_empty());
    let payment = shop.opens_window("주문 1", &[]).await;
    shop.is_paid(&payment).await;
    shop.delivers().await;

    let first = feed(&shop, &format!("after={}&limit=1", from_now_on.next)).await;
    let rest = feed(&shop, &format!("after={}", first.next)).await;
    let items: Vec<_> = first.items.into_iter().chain(rest.items).collect();
    assert_eq!(items.len(), 2);
    for (item, received) in items.iter().zip(receiver.received()) {
        assert_eq!(item.body, received.body);
        assert_eq!(item.id, received.header("webhook-id"));
        assert_eq!(item.webhook_ids, [item.id.as_str()]);
        let headers = item
            .headers
            .iter()
            .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        Webhook::new(&shop.secrets[0]).unwrap().verify(item.body.as_bytes(), &headers).unwrap();
    }
    assert_eq!(feed(&shop, "").await.items.len(), 2);
    assert!(feed(&shop, &format!("after={}", rest.next)).await.items.is_empty());
}

#[tokio::test]
async fn a_waiting_reader_hears_at_once_and_a_closing_server_sends_it_home() {
    let shop = Shop::with(Setup::default()).await;
    let reading = async { (feed(&shop, "after=now&wait=20").await, Instant::now()) };
    let happening = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        shop.opens_window("payment-1", &[]).await;
        Instant::now()
    };
    let ((feed_of_one, heard_at), happened_at) = tokio::join!(reading, happening);
    assert_eq!(feed_of_one.items.len(), 1);
    assert_eq!(feed_of_one.items[0].webhook_ids, [""; 0]);
    assert!(heard_at.duration_since(happened_at) < Duration::from_secs(2));

    let started = Instant::now();
    shop.app.mailroom.close();
    assert!(feed(&shop, "after=now&wait=20").await.items.is_empty());
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn the_feed_refuses_strangers_and_what_it_does_not_understand() {
    let shop = Shop::with(Setup::default()).await;
    for (query, status) in [
        ("limit=0", 400),
        ("limit=101", 400),
        ("wait=26", 400),
        ("wait=-1", 400),
        ("after=garbage", 400),
        ("after=%zz", 400),
        ("storeId=store-2", 403),
    ] {
        assert_eq!(
            call::<Feed>(&shop, "GET", &format!("/webhook-events?{query}")).await.0,
            status,
            "{query}"
        );
    }
    let request = Request::get("/webhook-events").body(Body::empty()).unwrap();
    assert_eq!(events::routes(shop.app.clone()).oneshot(request).await.unwrap().status(), 401);
}

#[tokio::test]
async fn dead_webhooks_are_listed_and_replayed() {
    let receiver = Receiver::open(Reply::Status(500)).await;
    let shop = Shop::open(&receiver.url).await;
    shop.opens_window("payment-1", &[]).await;
    for _ in 0..6 {
        shop.delivers().await;
        shop.after(LONGER_THAN_ANY_WAIT);
    }
    let (_, dead) = call::<DeadWebhooks>(&shop, "GET", "/webhook-events/dead").await;
    let [dead] = dead.unwrap().items.try_into().unwrap();
    assert_eq!((dead.subject.as_str(), dead.sequence, dead.execution_count), ("payment-1", 1, 6));

    receiver.answers_from_now_on(Reply::Status(200));
    let path = format!("/webhook-events/{}/replay", dead.webhook_id);
    let (status, answer) = call::<serde_json::Value>(&shop, "POST", &path).await;
    assert_eq!((status, answer.unwrap()["webhook"]["status"].clone()), (200, "SUCCEEDED".into()));
    let (_, dead) = call::<DeadWebhooks>(&shop, "GET", "/webhook-events/dead").await;
    assert!(dead.unwrap().items.is_empty());
    assert_eq!(call::<serde_json::Value>(&shop, "POST", "/webhook-events/unknown/replay").await.0, 404);
}
