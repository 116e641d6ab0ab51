//! What the merchant's endpoint gets, when, in which order, and signed by whom.

use crate::shop::{APPROVED, DECLINED, Receiver, SECOND_SECRET, Shop, both_databases};
use paypier::cli::dev::demo;
use paypier::compose::Mode;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use serde_json::{Value, json};

impl Shop {
    /// The delivery records of a payment, in the order of their messages.
    async fn records(&self, id: &str) -> Vec<Value> {
        self.payment(id).await["webhooks"].as_array().cloned().unwrap_or_default()
    }

    async fn resends(&self, id: &str, webhook: Option<&str>) -> crate::shop::Answer {
        let body = webhook.map_or_else(|| json!({}), |webhook| json!({ "webhookId": webhook }));
        self.post(&format!("/payments/{id}/resend-webhook"), &body).await
    }

    /// A payment that tells nobody unless the store has an endpoint.
    async fn pays_quietly(&self, id: &str) {
        let mut order = self.order(APPROVED, 1_000);
        order["noticeUrls"] = json!([]);
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
    }
}

#[test]
fn a_message_says_what_happened_and_nothing_more() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 10_000).await;
        let cancelled = shop.cancels("order-1", Some(4_000)).await.succeeds();
        shop.jobs_run().await;
        let payment = shop.payment("order-1").await;
        let received = shop.receiver.about("order-1");
        let (paid, cancel) = (&received[0], &received[1]);
        assert_eq!(
            paid.body["data"],
            json!({ "storeId": demo::STORE_ID, "paymentId": "order-1", "transactionId": payment["transactionId"], "sequence": 1 })
        );
        assert_eq!(
            cancel.body["data"],
            json!({
                "storeId": demo::STORE_ID, "paymentId": "order-1", "transactionId": payment["transactionId"],
                "cancellationId": cancelled["cancellation"]["id"], "sequence": 2,
            })
        );
        assert_eq!(paid.content_type, "application/json");
        assert!(paid.body["timestamp"].as_str().unwrap().ends_with('Z'));
        assert!(!paid.id.contains(['.', ' ']) && paid.timestamp.parse::<i64>().is_ok());
        let records = shop.records("order-1").await;
        assert_eq!(records.len(), 2);
        let record = records
            .iter()
            .find(|record| record["id"] == paid.id.as_str())
            .expect("the id of the record is that of the message");
        assert_eq!((&record["status"], &record["url"]), (&json!("SUCCEEDED"), &json!(shop.receiver.url)));
        assert_eq!(
            (&record["paymentStatus"], &record["currentExecutionCount"], &record["maxExecutionCount"]),
            (&json!("PAID"), &json!(1), &json!(6))
        );
        assert_eq!(record["request"]["body"], String::from_utf8(paid.raw.clone()).unwrap());
        assert_eq!(record["response"]["code"], "200");
        assert!(record["request"]["header"].as_str().unwrap().contains(&paid.signature));
        shop.closes().await;
    });
}

#[test]
fn what_failed_is_delivered_first_and_the_rest_waits_for_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.receiver.answers(500);
        shop.is_paid("order-1", 10_000).await;
        for amount in [1_000, 2_000] {
            shop.cancels("order-1", Some(amount)).await.succeeds();
        }
        shop.cancels("order-1", None).await.succeeds();
        assert_eq!(shop.webhooks("order-1").await, ["Paid"], "later ones wait");
        // Another payment is not held up.
        shop.is_paid("order-2", 1_000).await;
        assert_eq!(shop.webhooks("order-2").await, ["Paid"]);
        shop.receiver.answers(200);
        shop.after("PT2M").await;
        let mut kinds = shop.webhooks("order-1").await;
        kinds.dedup();
        assert_eq!(kinds, ["Paid", "PartialCancelled", "Cancelled"]);
        let sequences: Vec<_> = shop
            .receiver
            .about("order-1")
            .iter()
            .map(|webhook| webhook.body["data"]["sequence"].as_i64().unwrap())
            .collect();
        assert!(sequences.is_sorted() && sequences.ends_with(&[2, 3, 4]), "{sequences:?}");
        shop.closes().await;
    });
}

#[test]
fn a_message_is_tried_six_times_and_not_a_seventh() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.receiver.answers(503);
        shop.is_paid("order-1", 10_000).await;
        assert_eq!(shop.webhooks("order-1").await.len(), 1);
        // At most 1, 4, 16, 64 and 256 minutes later.
        for (number, minutes) in [(2, 1), (3, 4), (4, 16), (5, 64), (6, 256)] {
            // Receivers compare the header's time with their own clock, so it is the real one.
            shop.wall.passes(2);
            shop.after(&format!("PT{minutes}M")).await;
            let tries = shop.webhooks("order-1").await.len();
            assert!((number..=6).contains(&tries), "{tries} tries after {minutes} minutes");
        }
        shop.after("P30D").await;
        let tries = shop.receiver.about("order-1");
        assert_eq!(tries.len(), 6);
        let (first, last) = (&tries[0], &tries[5]);
        assert!(tries.iter().all(|again| again.id == first.id && again.raw == first.raw));
        assert!(last.timestamp.parse::<i64>().unwrap() > first.timestamp.parse::<i64>().unwrap());
        assert_ne!(last.signature, first.signature);
        let record = &shop.records("order-1").await[0];
        assert_eq!(
            (&record["status"], &record["currentExecutionCount"]),
            (&json!("FAILED_NOT_OK_RESPONSE"), &json!(6))
        );
        assert_eq!(record["response"]["code"], "503");

        // What is dead is seen, and does not hold up what comes after it.
        let dead = shop.get("/webhook-events/dead").await.succeeds();
        assert_eq!(
            (&dead["items"][0]["subject"], &dead["items"][0]["executionCount"]),
            (&json!("order-1"), &json!(6))
        );
        shop.receiver.answers(200);
        shop.cancels("order-1", None).await.succeeds();
        assert_eq!(shop.webhooks("order-1").await.last().map(String::as_str), Some("Cancelled"));
        let id = dead["items"][0]["webhookId"].as_str().unwrap();
        shop.post(&format!("/webhook-events/{id}/replay"), &json!({})).await.succeeds();
        assert_eq!(shop.receiver.about("order-1").last().unwrap().id, id);
        assert_eq!(shop.get("/webhook-events/dead").await.succeeds()["items"], json!([]));
        shop.closes().await;
    });
}

#[test]
fn the_list_finds_payments_by_how_their_webhook_ended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("delivered", 1_000).await;
        shop.jobs_run().await;
        shop.receiver.answers(418);
        shop.is_paid("refused", 1_000).await;
        shop.jobs_run().await;
        let mut order = shop.order(APPROVED, 1_000);
        order["noticeUrls"] = json!(["http://127.0.0.1:9/nobody"]);
        shop.post("/payments/lost/instant", &order).await.succeeds();
        shop.pays_quietly("quiet").await;
        shop.jobs_run().await;
        for (status, id) in [
            ("SUCCEEDED", "delivered"),
            ("FAILED_NOT_OK_RESPONSE", "refused"),
            ("FAILED_UNEXPECTED_ERROR", "lost"),
        ] {
            let list =
                shop.list("/payments", &json!({ "filter": { "webhookStatus": status } })).await.succeeds();
            let ids: Vec<_> =
                list["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
            assert_eq!(ids, [id], "{status}");
            assert_eq!(shop.records(id).await[0]["status"], status);
        }
        assert!(shop.records("quiet").await.is_empty());
        shop.closes().await;
    });
}

#[test]
fn a_webhook_is_sent_again_on_request_ten_times() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays_quietly("quiet").await;
        shop.resends("quiet", None).await.refused(404, "WEBHOOK_NOT_FOUND");
        shop.resends("nobody", None).await.refused(404, "PAYMENT_NOT_FOUND");

        shop.is_paid("order-1", 1_000).await;
        shop.is_paid("order-2", 1_000).await;
        shop.cancels("order-1", Some(100)).await.succeeds();
        shop.jobs_run().await;
        let (paid, cancelled) =
            (shop.receiver.about("order-1")[0].clone(), shop.receiver.about("order-1")[1].clone());
        for unknown in ["unknown", &shop.receiver.about("order-2")[0].id] {
            shop.resends("order-1", Some(unknown)).await.refused(404, "WEBHOOK_NOT_FOUND");
        }
        shop.resends("order-1", Some("\u{7}")).await.refused(400, "INVALID_REQUEST");
        // Without an id it is the latest.
        let again = shop.resends("order-1", None).await.succeeds();
        assert_eq!(
            (&again["webhook"]["id"], &again["webhook"]["trigger"]),
            (&json!(cancelled.id), &json!("MANUAL"))
        );
        assert_eq!(
            (&again["webhook"]["status"], &again["webhook"]["currentExecutionCount"]),
            (&json!("SUCCEEDED"), &json!(1))
        );
        assert_eq!(shop.receiver.all().last().unwrap().raw, cancelled.raw);

        for _ in 0..10 {
            let again = shop.resends("order-1", Some(&paid.id)).await.succeeds();
            assert_eq!(again["webhook"]["id"], paid.id.as_str());
        }
        assert_eq!(shop.receiver.all().last().unwrap().raw, paid.raw);
        let sent = shop.receiver.all().len();
        shop.resends("order-1", Some(&paid.id)).await.refused(400, "MAX_WEBHOOK_RETRY_COUNT_REACHED");
        assert_eq!(shop.receiver.all().len(), sent);
        // The quota is each message's own.
        shop.resends("order-1", Some(&cancelled.id)).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_receiver_that_fails_a_resend_is_no_failure_of_the_request_and_a_success_ends_the_schedule() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.receiver.answers(302);
        shop.is_paid("order-1", 1_000).await;
        shop.jobs_run().await;
        let again = shop.resends("order-1", None).await.succeeds();
        assert_eq!(
            (&again["webhook"]["status"], &again["webhook"]["response"]["code"]),
            (&json!("FAILED_NOT_OK_RESPONSE"), &json!("302"))
        );
        shop.receiver.answers(204);
        let again = shop.resends("order-1", None).await.succeeds();
        assert_eq!(again["webhook"]["status"], "SUCCEEDED");
        let sent = shop.receiver.all().len();
        shop.after("P2D").await;
        assert_eq!(shop.receiver.all().len(), sent);
        shop.closes().await;
    });
}

#[test]
fn notice_urls_replace_the_stores_endpoint_for_their_payment() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (endpoint, third) = (Receiver::open().await, Receiver::open().await);
        shop.has_endpoint(&endpoint.url, PayloadVersion::V20240425, PayloadContentType::Json).await;
        shop.pays_quietly("to-the-endpoint").await;
        shop.is_paid("to-the-notice-url", 1_000).await;
        let mut order = shop.order(APPROVED, 1_000);
        order["noticeUrls"] = json!([shop.receiver.url, third.url, third.url]);
        shop.post("/payments/to-both/instant", &order).await.succeeds();
        shop.cancels("to-both", None).await.succeeds();
        shop.jobs_run().await;

        let about = |receiver: &Receiver| -> Vec<String> {
            receiver
                .all()
                .iter()
                .map(|webhook| webhook.body["data"]["paymentId"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(about(&endpoint), ["to-the-endpoint"]);
        assert_eq!(about(&third), ["to-both", "to-both"]);
        assert_eq!(shop.receiver.about("to-both").len(), 2);
        assert_eq!(shop.receiver.about("to-the-notice-url").len(), 1);
        // Each URL has a message of its own, and a schedule.
        let records = shop.records("to-both").await;
        let mut ids: Vec<_> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((records.len(), ids.len()), (4, 4));

        third.answers(500);
        shop.post("/payments/half/instant", &order).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.receiver.about("half").len(), 1);
        third.answers(200);
        shop.after("PT5M").await;
        assert_eq!((shop.receiver.about("half").len(), third.about("half").len()), (1, 2));
        shop.closes().await;
    });
}

#[test]
fn the_original_version_is_spoken_as_json_and_as_a_form() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (content_type, kind) in [
            (PayloadContentType::Json, "application/json"),
            (PayloadContentType::Form, "application/x-www-form-urlencoded"),
        ] {
            let endpoint = Receiver::open().await;
            shop.has_endpoint(&endpoint.url, PayloadVersion::V20240101, content_type).await;
            let id = format!("주문 & {}", kind.len());
            let path =
                percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC).to_string();
            shop.pays_quietly(&path).await;
            shop.cancels(&path, None).await.succeeds();
            let issue =
                json!({ "channelKey": demo::CARD.key, "method": { "card": crate::shop::card(APPROVED) } });
            shop.post("/billing-keys", &issue).await.succeeds();
            shop.jobs_run().await;
            let transaction = shop.payment(&path).await["transactionId"].as_str().unwrap().to_owned();
            let told: Vec<Vec<(String, String)>> = endpoint
                .all()
                .iter()
                .map(|webhook| {
                    assert_eq!(webhook.content_type, kind);
                    match content_type {
                        PayloadContentType::Json => {
                            let member = |(name, value): (&String, &Value)| {
                                (name.clone(), value.as_str().unwrap().to_owned())
                            };
                            webhook.body.as_object().unwrap().iter().map(member).collect()
                        }
                        PayloadContentType::Form => {
                            url::form_urlencoded::parse(&webhook.raw).into_owned().collect()
                        }
                    }
                })
                .map(|mut members: Vec<(String, String)>| {
                    members.sort();
                    members
                })
                .collect();
            let message = |status: &str| {
                vec![
                    ("payment_id".to_owned(), id.clone()),
                    ("status".to_owned(), status.to_owned()),
                    ("tx_id".to_owned(), transaction.clone()),
                ]
            };
            assert_eq!(
                told,
                [message("Paid"), message("Cancelled")],
                "billing keys have no words in this version"
            );
        }
        shop.closes().await;
    });
}

#[test]
fn two_secrets_sign_together_and_one_that_expired_signs_no_more() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.rotates_webhook_secrets().await;
        shop.is_paid("order-1", 1_000).await;
        shop.jobs_run().await;
        let received = shop.receiver.about("order-1")[0].clone();
        let signatures: Vec<_> = received.signature.split(' ').collect();
        assert_eq!(signatures.len(), 2);
        let verify = |secret: &str, signature: &str| {
            let mut headers = axum::http::HeaderMap::new();
            for (name, value) in [
                ("webhook-id", received.id.as_str()),
                ("webhook-timestamp", &received.timestamp),
                ("webhook-signature", signature),
            ] {
                headers.insert(name, value.parse().unwrap());
            }
            standardwebhooks::Webhook::new(secret).unwrap().verify(&received.raw, &headers).is_ok()
        };
        assert!(
            verify(SECOND_SECRET, &received.signature) && verify(demo::WEBHOOK_SECRET, &received.signature)
        );
        assert!(verify(SECOND_SECRET, signatures[0]), "the newest signs first");
        assert!(!verify(SECOND_SECRET, signatures[1]));

        // The merchant has deployed the new one; the old one expires, in the middle of retries.
        shop.receiver.answers(500);
        shop.is_paid("order-2", 1_000).await;
        shop.jobs_run().await;
        shop.expires_second_secret().await;
        shop.receiver.answers(200);
        shop.after("PT2M").await;
        let last = shop.receiver.about("order-2").last().unwrap().clone();
        assert_eq!(last.signature.split(' ').count(), 1);
        shop.closes().await;
    });
}

#[test]
fn a_private_target_is_refused_where_merchants_are_strangers() {
    both_databases(|engine| async move {
        let shop = Shop::open_as(engine, Mode::Production, |_| {}).await;
        let port = shop.receiver.url.rsplit(':').next().unwrap().to_owned();
        let targets = [
            shop.receiver.url.clone(),
            format!("http://localhost:{port}"),
            format!("http://2130706433:{port}"),
            format!("http://[::1]:{port}"),
            format!("http://[::ffff:127.0.0.1]:{port}"),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "http://10.0.0.1/".to_owned(),
        ];
        let mut order = shop.order(APPROVED, 1_000);
        order["noticeUrls"] = json!(targets);
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        shop.jobs_run().await;
        let records = shop.records("order-1").await;
        assert_eq!(records.len(), targets.len());
        for record in &records {
            assert_eq!(record["status"], "FAILED_UNEXPECTED_ERROR", "{record}");
            assert!(record["response"].is_null());
        }
        assert!(shop.receiver.all().is_empty());
        let again = shop.resends("order-1", None).await.succeeds();
        assert_eq!(again["webhook"]["status"], "FAILED_UNEXPECTED_ERROR");
        shop.closes().await;
    });
}

#[test]
fn the_event_feed_goes_on_where_its_reader_stopped() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let end = shop.get("/webhook-events?after=now").await.succeeds();
        assert_eq!(end["items"], json!([]));
        for number in 0..5 {
            shop.is_paid(&format!("order-{number}"), 1_000).await;
        }
        shop.cancels("order-0", None).await.succeeds();
        shop.jobs_run().await;
        let mut seen = Vec::new();
        let mut after = end["next"].as_str().unwrap().to_owned();
        while seen.len() < 6 {
            // On PostgreSQL events show up when every older transaction of the server has ended.
            let page = shop.get(&format!("/webhook-events?limit=2&wait=20&after={after}")).await.succeeds();
            let items = page["items"].as_array().unwrap().clone();
            assert!((1..=2).contains(&items.len()));
            after = page["next"].as_str().unwrap().to_owned();
            assert_eq!(items.last().unwrap()["cursor"], after.as_str());
            seen.extend(items);
        }
        let bodies: Vec<_> = seen.iter().map(|item| item["body"].as_str().unwrap()).collect();
        let sent = shop.receiver.all();
        assert_eq!(bodies.len(), 6);
        for (item, body) in seen.iter().zip(&bodies) {
            let webhook = sent
                .iter()
                .find(|webhook| webhook.id == item["id"].as_str().unwrap())
                .expect("the message that was sent");
            assert_eq!(webhook.raw, body.as_bytes());
            // The feed's own headers are signed like the webhook's.
            let mut headers = axum::http::HeaderMap::new();
            for (name, value) in item["headers"].as_object().unwrap() {
                headers.insert(
                    axum::http::HeaderName::try_from(name).unwrap(),
                    value.as_str().unwrap().parse().unwrap(),
                );
            }
            standardwebhooks::Webhook::new(demo::WEBHOOK_SECRET)
                .unwrap()
                .verify(body.as_bytes(), &headers)
                .unwrap();
        }
        // Somebody who waits is told.
        let waiting = shop.request("GET", &format!("/webhook-events?wait=20&after={after}"));
        let waiting = tokio::spawn(crate::shop::sent(waiting));
        shop.pays("order-5", DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        let told = waiting.await.unwrap().unwrap().succeeds();
        assert!(told["items"][0]["body"].as_str().unwrap().contains("Transaction.Failed"));

        // The cursor outlives the server.
        let shop = shop.loses_power_and_opens_again().await;
        let again = shop.get(&format!("/webhook-events?wait=20&after={after}")).await.succeeds();
        assert_eq!(again["items"].as_array().unwrap().len(), 1);
        assert_eq!(again["items"][0]["cursor"], told["items"][0]["cursor"]);
        for query in ["after=garbage", "limit=0", "limit=101", "limit=x", "wait=-1", "wait=3601", "after=%ff"]
        {
            shop.get(&format!("/webhook-events?{query}")).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn an_endpoint_that_never_answers_holds_up_nobody_else() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/silent", silent.local_addr().unwrap());
        let listens = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = silent.accept().await {
                held.push(stream);
            }
        });
        let mut order = shop.order(APPROVED, 1_000);
        order["noticeUrls"] = json!([url]);
        for number in 0..8 {
            shop.post(&format!("/payments/silent-{number}/instant"), &order).await.succeeds();
        }
        shop.is_paid("quick", 1_000).await;
        crate::shop::eventually("the webhook of another endpoint", || async {
            shop.receiver.about("quick").len() == 1
        })
        .await;
        assert!(shop.records("silent-0").await[0].get("status").is_none(), "still under way");
        // The endpoint is switched off; what was under way there has failed.
        listens.abort();
        let _ = listens.await;
        shop.jobs_run().await;
        assert_eq!(shop.records("silent-0").await[0]["status"], "FAILED_UNEXPECTED_ERROR");
        shop.closes().await;
    });
}
