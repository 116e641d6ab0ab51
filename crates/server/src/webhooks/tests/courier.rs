//! What the network is allowed to do to us.

use super::receiver::{Receiver, Reply};
use crate::webhooks::send::{Answer, Courier, HttpCourier, MOST_ANSWER_BYTES, NoAnswer, Parcel, Patience};
use crate::webhooks::target::Targets;
use bytes::Bytes;
use std::time::Duration;
use tokio::time::Instant;

fn parcel(url: &str) -> Parcel {
    Parcel {
        url: url.to_owned(),
        headers: vec![("content-type", "application/json".into()), ("webhook-id", "message-1".into())],
        body: Bytes::from_static("{\"orderName\":\"주문\"}".as_bytes()),
    }
}

fn courier(targets: Targets) -> HttpCourier {
    let patience = Patience {
        connect: Duration::from_millis(500),
        read: Duration::from_millis(300),
        whole: Duration::from_millis(800),
    };
    HttpCourier::new(targets, patience).unwrap()
}

async fn carried(url: &str) -> Result<Answer, NoAnswer> {
    courier(Targets::Any).carry(parcel(url)).await
}

#[tokio::test]
async fn a_message_arrives_as_it_was_handed_over() {
    let receiver = Receiver::open(Reply::Text("받음".into())).await;
    let answer = carried(&receiver.url).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "받음"));
    assert!(answer.headers.contains(&("connection".into(), "close".into())));
    let [received] = receiver.received().try_into().unwrap();
    assert!(received.head.starts_with("POST /webhooks HTTP/1.1"), "{}", received.head);
    assert_eq!(received.body, "{\"orderName\":\"주문\"}");
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("webhook-id"), "message-1");
    assert_eq!(received.header("content-length"), received.body.len().to_string());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let elsewhere = Receiver::open(Reply::Status(200)).await;
    let receiver = Receiver::open(Reply::Redirect(elsewhere.url.clone())).await;
    assert_eq!(carried(&receiver.url).await.unwrap().status, 307);
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let receiver = Receiver::open(Reply::Text("가".repeat(MOST_ANSWER_BYTES))).await;
    let answer = carried(&receiver.url).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() <= MOST_ANSWER_BYTES && answer.body.len() > MOST_ANSWER_BYTES - 3);
}

#[tokio::test]
async fn silence_a_hang_up_and_nobody_at_all_are_no_answer() {
    for reply in [Reply::Silence, Reply::HangUp] {
        let receiver = Receiver::open(reply).await;
        carried(&receiver.url).await.unwrap_err();
        assert!(!receiver.received().is_empty());
    }
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    carried(&format!("http://{free}/")).await.unwrap_err();
    carried("http://no-such-name.invalid/").await.unwrap_err();
    carried("ftp://127.0.0.1/").await.unwrap_err();
    carried("not a url").await.unwrap_err();
}

#[tokio::test]
async fn an_answer_that_trickles_in_is_given_up() {
    let receiver = Receiver::open(Reply::Drip).await;
    let started = Instant::now();
    carried(&receiver.url).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn outside_local_mode_this_machine_is_not_called_under_any_name() {
    let receiver = Receiver::open(Reply::Status(200)).await;
    let port = url::Url::parse(&receiver.url).unwrap().port().unwrap();
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let refused =
            courier(Targets::Public).carry(parcel(&format!("http://{host}:{port}/"))).await.unwrap_err();
        assert!(refused.0.contains("public"), "{host}: {refused}");
    }
    assert!(receiver.received().is_empty());
}
