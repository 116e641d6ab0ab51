//! What nobody should send: it gets a clear refusal in the envelope, and nothing comes of it.

use crate::shop::{APPROVED, Answer, DECLINED, Shop, both_databases, card};
use paypier::cli::dev::demo;
use paypier::config::quantity::Bytes;
use paypier_domain::change::Write;
use paypier_domain::channel::{Channel, ChannelUsage, Environment};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

impl Shop {
    /// How many payments and billing keys there are, and what the PSP has done.
    async fn counts(&self) -> (Value, Value, usize) {
        let payments = self.get("/payments").await.succeeds();
        let keys = self.get("/billing-keys").await.succeeds();
        (
            payments["page"]["totalCount"].clone(),
            keys["page"]["totalCount"].clone(),
            self.psp_lines().await.len(),
        )
    }
}

/// `order` with a member changed; `/amount/total` names it. A null removes the member.
fn with(order: &Value, pointer: &str, value: Value) -> Value {
    let mut order = order.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(parent.remove(name)),
        value => drop(parent.insert(name.to_owned(), value)),
    }
    order
}

#[test]
fn orders_that_make_no_sense_are_refused_by_name_and_leave_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let before = shop.counts().await;
        let order = shop.order(APPROVED, 1_000);
        let account = json!({ "virtualAccount": { "bank": "SHINHAN", "expiry": { "validHours": 1 }, "option": { "type": "NORMAL" } } });
        let identity =
            demo::CHANNELS.iter().find(|c| c.usage == ChannelUsage::IdentityVerification).unwrap().key;
        let rows: Vec<(&str, Value, u16, &str)> = vec![
            ("/amount", Value::Null, 400, "INVALID_REQUEST"),
            ("/amount", json!(1_000), 400, "INVALID_REQUEST"),
            ("/amount/total", Value::Null, 400, "INVALID_REQUEST"),
            ("/amount/total", json!("1000"), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(true), 400, "INVALID_REQUEST"),
            ("/amount/total", json!([1_000]), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(1_000.0), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(1_000.5), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(0), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(-1), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(1_000_000_000_000_001_i64), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(i64::MAX), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(i64::MIN), 400, "INVALID_REQUEST"),
            ("/amount/total", json!(u64::MAX), 400, "INVALID_REQUEST"),
            ("/amount/taxFree", json!(-1), 400, "INVALID_REQUEST"),
            ("/amount/taxFree", json!(1_001), 409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
            ("/amount/taxFree", json!(i64::MAX), 400, "INVALID_REQUEST"),
            ("/amount/vat", json!(1_001), 409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
            ("/amount/vat", json!(0.5), 400, "INVALID_REQUEST"),
            ("/currency", Value::Null, 400, "INVALID_REQUEST"),
            ("/currency", json!("krw"), 400, "INVALID_REQUEST"),
            ("/currency", json!("KRW "), 400, "INVALID_REQUEST"),
            ("/currency", json!("BTC"), 400, "INVALID_REQUEST"),
            ("/currency", json!(""), 400, "INVALID_REQUEST"),
            ("/currency", json!(410), 400, "INVALID_REQUEST"),
            ("/orderName", Value::Null, 400, "INVALID_REQUEST"),
            ("/orderName", json!(""), 400, "INVALID_REQUEST"),
            ("/orderName", json!("\u{0}"), 400, "INVALID_REQUEST"),
            ("/orderName", json!({ "$ne": null }), 400, "INVALID_REQUEST"),
            ("/method", Value::Null, 400, "INVALID_REQUEST"),
            ("/method", json!({}), 400, "INVALID_REQUEST"),
            ("/method", json!([]), 400, "INVALID_REQUEST"),
            ("/method/virtualAccount", account["virtualAccount"].clone(), 400, "INVALID_REQUEST"),
            ("/method/card/credential/number", json!("4242-4242-4242-4242"), 400, "INVALID_REQUEST"),
            ("/method/card/credential/number", json!("4242"), 400, "INVALID_REQUEST"),
            (
                "/method/card/credential/number",
                json!("４２４２４２４２４２４２４２４２"),
                400,
                "INVALID_REQUEST",
            ),
            ("/method/card/credential/number", json!("4".repeat(10_000)), 400, "INVALID_REQUEST"),
            ("/method/card/credential/number", json!(4_242_424_242_424_242_i64), 400, "INVALID_REQUEST"),
            ("/method/card/credential/expiryMonth", json!("13"), 400, "INVALID_REQUEST"),
            ("/method/card/credential/expiryYear", json!("2039"), 400, "INVALID_REQUEST"),
            ("/method/card/installmentMonth", json!(-1), 400, "INVALID_REQUEST"),
            ("/channelKey", Value::Null, 400, "INVALID_REQUEST"),
            ("/channelKey", json!("channel-key-unknown"), 404, "CHANNEL_NOT_FOUND"),
            ("/channelKey", json!(identity), 404, "CHANNEL_NOT_FOUND"),
            ("/channelKey", json!("x".repeat(256)), 400, "INVALID_REQUEST"),
            ("/noticeUrls", json!("http://127.0.0.1"), 400, "INVALID_REQUEST"),
            ("/noticeUrls", json!(["file:///etc/passwd"]), 400, "INVALID_REQUEST"),
            ("/noticeUrls", json!([17]), 400, "INVALID_REQUEST"),
            ("/storeId", json!("store-unknown"), 403, "FORBIDDEN"),
            ("/storeId", json!("'; DROP TABLE payments; --"), 403, "FORBIDDEN"),
            ("/storeId", json!(7), 400, "INVALID_REQUEST"),
            (
                "/products",
                json!([{ "id": "p", "name": "n", "amount": -1, "quantity": 1 }]),
                400,
                "INVALID_REQUEST",
            ),
            (
                "/customer",
                json!({ "name": { "full": "a", "separated": { "first": "b", "last": "c" } } }),
                400,
                "INVALID_REQUEST",
            ),
            ("/country", json!("Korea"), 400, "INVALID_REQUEST"),
            ("/bypass", json!("text"), 400, "INVALID_REQUEST"),
        ];
        for (pointer, value, status, kind) in rows {
            let body = with(&order, pointer, value.clone());
            let answer = shop.post("/payments/order-1/instant", &body).await;
            let shown = value.to_string().chars().take(60).collect::<String>();
            assert_eq!(answer.status, status, "{pointer} = {shown}: {}", answer.text());
            let refusal = answer.refused(status, kind);
            assert!(!refusal.to_string().contains("4242"), "a card number is repeated: {refusal}");
        }
        assert_eq!(shop.counts().await, before);
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.is_paid("order-1", 1_000).await;
        shop.closes().await;
    });
}

#[test]
fn bodies_that_are_not_json_are_refused_wherever_they_are_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("paid", 1_000).await;
        let before = shop.counts().await;
        let deep = format!("{{\"reason\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let bodies: Vec<&[u8]> = vec![
            b"{",
            b"}",
            b"[]",
            b"null",
            b"\"text\"",
            b"17",
            b"{\"reason\":\"x\",}",
            b"{\"reason\":\"x\"} {}",
            b"{'reason':'x'}",
            b"reason=x&amount=1",
            b"<xml/>",
            b"\xef\xbb\xbf{\"reason\":\"x\"}",
            b"{\"reason\":\"\xff\xfe\"}",
            b"{\"reason\":\"\\ud800\"}",
            b"{\"reason\":\"\\u0000\"}",
            b"{\"reason\":\"x\",\"reason\":\"y\"}",
            b"{\"reason\":\"x\",\"amount\":1e400}",
            b"{\"reason\":\"x\",\"amount\":NaN}",
            b"{\"reason\":\"x\",\"amount\":0x10}",
            b"{\"reason\":\"x\",\"amount\":1_000}",
            b"{\"reason\":\"x\",\"amount\":99999999999999999999999}",
            b"{\"reason\":\"x\",\"amount\":-0.0}",
            b"\x00\x01\x02\x03",
            deep.as_bytes(),
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let refused = async |method: &str, path: &str| {
                let answer = shop.send(shop.request(method, path).body(body.to_vec())).await;
                assert_eq!(answer.status, 400, "{method} {path} {shown}: {}", answer.text());
                answer.refused(400, "INVALID_REQUEST");
            };
            refused("POST", "/payments/paid/cancel").await;
            // Where no member is required, what is not about the body's shape may pass.
            if !shown.contains("reason\"") {
                for (method, path) in [
                    ("POST", "/payments/new/instant"),
                    ("POST", "/payments/new/billing-key"),
                    ("POST", "/payments/new/pre-register"),
                    ("POST", "/payments/paid/confirm"),
                    ("POST", "/payments/paid/capture"),
                    ("POST", "/payments/paid/resend-webhook"),
                    ("POST", "/payments/paid/cancellations/none/stop"),
                    ("POST", "/billing-keys"),
                    ("GET", "/payments"),
                    ("GET", "/payments-by-cursor"),
                    ("GET", "/payment-events-by-cursor"),
                    ("GET", "/billing-keys"),
                    ("POST", "/sandbox/clock"),
                    ("PUT", "/sandbox/psp/faults"),
                    ("POST", "/sandbox/payments/paid/deposit"),
                    ("POST", "/login/api-secret"),
                    ("POST", "/token/refresh"),
                ] {
                    refused(method, path).await;
                }
            }
        }
        for query in ["%7B", "%5B%5D", "%", "%ff", "null", "%7B%22page%22%3A%7B%22size%22%3A1.5%7D%7D"] {
            for path in ["/payments", "/payments-by-cursor", "/payment-events-by-cursor", "/billing-keys"] {
                let answer = shop.get(&format!("{path}?requestBody={query}")).await;
                assert_eq!(
                    answer.status,
                    if query.contains("page") && path.contains("cursor") { 200 } else { 400 },
                    "{path} {query}"
                );
            }
        }
        assert_eq!(shop.counts().await, before);
        assert_eq!(shop.status("paid").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn refunds_that_make_no_sense_move_no_money() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut order = shop.order(APPROVED, 10_000);
        order["amount"]["taxFree"] = json!(3_000);
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        let before = (shop.counts().await, shop.payment("order-1").await["amount"].clone());
        for (body, status, kind) in [
            (json!({}), 400, "INVALID_REQUEST"),
            (json!({ "reason": "" }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "amount": 0 }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "amount": -1 }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "amount": 1.5 }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "amount": i64::MAX }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "amount": 1_000, "taxFreeAmount": -1 }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "requester": "NOBODY" }), 400, "INVALID_REQUEST"),
            (json!({ "reason": "x", "refundAccount": {} }), 400, "INVALID_REQUEST"),
            (
                json!({ "reason": "x", "currentCancellableAmount": 9_999 }),
                409,
                "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN",
            ),
            (json!({ "reason": "x", "amount": 10_001 }), 409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"),
            (
                json!({ "reason": "x", "amount": 100, "taxFreeAmount": 101 }),
                409,
                "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT",
            ),
            (
                json!({ "reason": "x", "amount": 5_000, "taxFreeAmount": 3_001 }),
                409,
                "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
            ),
            (
                json!({ "reason": "x", "amount": 7_001 }),
                409,
                "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT",
            ),
        ] {
            let answer = shop.post("/payments/order-1/cancel", &body).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
            answer.refused(status, kind);
        }
        shop.pays("failed", DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        shop.cancels("failed", None).await.refused(409, "PAYMENT_NOT_PAID");
        shop.cancels("nothing", None).await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.payment("order-1").await["amount"], before.1);
        assert_eq!(shop.psp().await, (1, 10_000));
        // What is left is cancelled to the last won, tax-free part included.
        let rest = shop.cancels("order-1", None).await.succeeds();
        assert_eq!(rest["cancellation"]["taxFreeAmount"], 3_000);
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn hostile_ids_are_ids_or_are_refused_and_never_more() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let before = shop.counts().await;
        let long = "a".repeat(10_000);
        let just_too_long = "%EA%B0%80".repeat(256);
        let longest = "%EA%B0%80".repeat(255);
        let rows: Vec<(&[u8], u16)> = vec![
            (b"..", 404),
            (b".", 404),
            (b"%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
            (b"a%2Fb", 404),
            (b"a%252Fb", 404),
            (b"'%20OR%20'1'='1", 404),
            (b"%F0%9F%9B%92", 404),
            (b"%3Cscript%3E", 404),
            (b"a%20b", 404),
            (b"%25", 404),
            (b"null", 404),
            (longest.as_bytes(), 404),
            (just_too_long.as_bytes(), 400),
            (long.as_bytes(), 400),
            (b"%00", 400),
            (b"order%00-1", 400),
            (b"%0d%0aSet-Cookie:x", 400),
            (b"%7f", 400),
            (b"%", 400),
            (b"%2", 400),
            (b"%zz", 400),
            (b"%ff", 400),
            (b"%c0%af", 400),
            (b"%ed%a0%80", 400),
        ];
        for (id, status) in rows {
            let shown = String::from_utf8_lossy(&id[..id.len().min(40)]).into_owned();
            for (method, before, after, body) in [
                ("GET", "/payments/", "", ""),
                ("GET", "/payments/", "/transactions", ""),
                ("POST", "/payments/", "/cancel", "{\"reason\":\"x\"}"),
                ("POST", "/payments/", "/capture", ""),
                ("POST", "/payments/", "/confirm", "{\"paymentToken\":\"x\"}"),
                ("POST", "/payments/", "/resend-webhook", ""),
                ("POST", "/payments/", "/cancellations/c-1/stop", ""),
                ("POST", "/payments/p-1/cancellations/", "/stop", ""),
                ("GET", "/billing-keys/", "", ""),
                ("DELETE", "/billing-keys/", "", ""),
            ] {
                let target = [before.as_bytes(), id, after.as_bytes()].concat();
                let answer = shop.asks(method, &target, body.as_bytes()).await;
                assert_eq!(answer.status, status, "{method} {before}{shown}{after}: {}", answer.text());
                let kind = match (status, before) {
                    (400, _) => "INVALID_REQUEST",
                    (_, "/billing-keys/") => "BILLING_KEY_NOT_FOUND",
                    _ => "PAYMENT_NOT_FOUND",
                };
                answer.refused(status, kind);
            }
        }
        assert_eq!(shop.counts().await, before);
        // Odd ids are ids: what is paid under one is read back under it and under nothing else.
        for id in ["%2e%2e", "a%2Fb", "%F0%9F%9B%92", "a%20b%3Fc%23d", "%25", "'%22%3C%3E%5C"] {
            let target = format!("/payments/{id}/instant");
            let paid =
                shop.asks("POST", target.as_bytes(), shop.order(APPROVED, 700).to_string().as_bytes()).await;
            paid.succeeds();
            let read = shop.asks("GET", format!("/payments/{id}").as_bytes(), b"").await.succeeds();
            assert_eq!(read["amount"]["total"], 700);
            assert!(
                percent_encoding::percent_decode_str(id).decode_utf8().unwrap()
                    == read["id"].as_str().unwrap()
            );
        }
        assert_eq!(shop.psp().await, (6, 4_200));
        shop.closes().await;
    });
}

#[test]
fn unknown_paths_and_wrong_methods_answer_in_the_envelope() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for target in
            ["/payment", "/payments/a/b/c", "/payments/", "/apis/v1", "/v2/payments", "/%2e%2e", "//"]
        {
            for method in ["GET", "POST", "BREW"] {
                let answer = shop.asks(method, target.as_bytes(), b"").await;
                assert_eq!(answer.status, 404, "{method} {target}: {}", answer.text());
                answer.refused(404, "NOT_FOUND");
            }
        }
        // The root is the page of payment links, for whoever reads pages.
        shop.asks("GET", b"/", b"").await.refused(404, "NOT_FOUND");
        for (method, target) in [
            ("POST", "/"),
            ("DELETE", "/payments"),
            ("POST", "/payments"),
            ("PUT", "/payments/order-1"),
            ("PATCH", "/payments/order-1"),
            ("DELETE", "/payments/order-1"),
            ("POST", "/payments/order-1"),
            ("GET", "/payments/order-1/instant"),
            ("GET", "/payments/order-1/cancel"),
            ("PUT", "/payments/order-1/cancel"),
            ("PUT", "/billing-keys"),
            ("PATCH", "/billing-keys/key-1"),
            ("GET", "/login/api-secret"),
            ("POST", "/banks"),
            ("BREW", "/payments"),
            ("DELETE", "/sandbox/clock"),
        ] {
            let answer = shop.asks(method, target.as_bytes(), b"").await;
            assert_eq!(answer.status, 405, "{method} {target}: {}", answer.text());
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
        shop.asks("POST", b"/payments//cancel", b"{\"reason\":\"x\"}").await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_and_while_it_is_read() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.max_body_size = Bytes::kib(16)).await;
        let before = shop.counts().await;
        let head = format!(
            "POST /payments/large/instant HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: PortOne {}\r\n",
            demo::API_SECRET
        );
        let declared = format!("{head}Content-Length: 5000000000\r\n\r\n");
        shop.answers_bytes(declared.as_bytes()).await.refused(413, "PAYLOAD_TOO_LARGE");
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000)).repeat(5);
        let streamed = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
        shop.answers_bytes(streamed.as_bytes()).await.refused(413, "PAYLOAD_TOO_LARGE");
        // A stranger's is not even looked at.
        let stranger = declared.replace(demo::API_SECRET, "wrong");
        shop.answers_bytes(stranger.as_bytes()).await.refused(401, "UNAUTHORIZED");
        let notification = format!(
            "POST /psp/notifications/s/c HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{}",
            "Content-Length: 50000\r\n\r\n"
        );
        let refused = shop.answers_bytes(&[notification.as_bytes(), &vec![b'x'; 50_000]].concat()).await;
        refused.refused(413, "PAYLOAD_TOO_LARGE");
        assert_eq!(shop.counts().await, before);

        let mut order = shop.order(APPROVED, 1_000);
        order["customData"] = json!("x".repeat(14 * 1024));
        shop.post("/payments/large/instant", &order).await.succeeds();
        assert_eq!(shop.payment("large").await["customData"], order["customData"]);
        shop.closes().await;
    });
}

#[test]
fn garbage_in_headers_is_passed_over_or_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 1_000).to_string();
        let junk = vec![b'x'; 8_000];
        let harmless: Vec<(&str, &[u8])> = vec![
            ("content-type", b"text/plain;charset=UTF-8"),
            ("content-type", b"application/x-www-form-urlencoded"),
            ("content-type", b"\xff\xfe;;;"),
            ("content-type", b"multipart/form-data; boundary="),
            ("accept", b"image/png"),
            ("accept-language", b"xx-YY;q=9"),
            ("user-agent", b"\xf0\x9f\x9b\x92 \xff <script>"),
            ("user-agent", &junk),
            ("x-request-id", b"\xff\x80"),
            ("x-request-id", &junk),
            ("x-forwarded-for", b"999.999.999.999, ::::"),
            ("cookie", &junk),
            ("x-http-method-override", b"DELETE"),
            ("expect", b"something"),
        ];
        for (number, (name, value)) in harmless.into_iter().enumerate() {
            let head = format!(
                "POST /payments/order-{number}/instant HTTP/1.1\r\nAuthorization: PortOne {}\r\n{name}: ",
                demo::API_SECRET
            );
            let answer = shop.says(&[head.as_bytes(), value].concat(), order.as_bytes()).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
            let payment = shop.payment(&format!("order-{number}")).await;
            assert_eq!(
                (&payment["status"], &payment["origin"]["ipAddress"]),
                (&json!("PAID"), &json!("127.0.0.1"))
            );
        }
        let unreadable =
            |value: &[u8]| [b"GET /payments HTTP/1.1\r\nAuthorization: ".as_slice(), value].concat();
        for value in [
            b"PortOne \xff\xfe".as_slice(),
            b"\xf0\x9f\x9b\x92",
            b"PortOne",
            b"PortOne\t",
            b"=?utf-8?q?PortOne?=",
        ] {
            shop.says(&unreadable(value), b"").await.refused(401, "UNAUTHORIZED");
        }
        // No HTTP at all ends the connection, and only that one.
        for bytes in [b"\x16\x03\x01\x02\x00\x01\x00".as_slice(), b"GET\r\n\r\n", b"\r\n\r\n\r\n\r\n"] {
            let mut stream = shop.connects().await;
            stream.write_all(bytes).await.unwrap();
        }
        shop.get("/payments").await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn test_and_live_never_meet() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let live = Channel {
            environment: Environment::Live,
            ..shop.channel(demo::STORE_ID, "channel-key-live", "live-account")
        };
        shop.writes(vec![Write::Channel(Box::new(live))]).await;
        let pays = async |id: &str, channel: &str, number: &str| -> Answer {
            let mut order = shop.order(number, 1_000);
            order["channelKey"] = json!(channel);
            order["noticeUrls"] = json!([]);
            shop.post(&format!("/payments/{id}/instant"), &order).await
        };
        pays("tested", demo::CARD.key, DECLINED).await.refused(502, "PG_PROVIDER");
        pays("tested", "channel-key-live", APPROVED).await.refused(400, "INVALID_REQUEST");
        assert_eq!(shop.status("tested").await, "FAILED");
        assert_eq!(
            shop.get("/payments/tested/transactions").await.succeeds()["items"].as_array().unwrap().len(),
            1
        );

        pays("lived", "channel-key-live", DECLINED).await.refused(502, "PG_PROVIDER");
        let payment = shop.payment("lived").await;
        assert_eq!(payment["channel"]["type"], "LIVE");
        pays("lived", demo::CARD.key, APPROVED).await.refused(400, "INVALID_REQUEST");
        // The sandbox plays with TEST data only.
        for (path, body) in
            [("deposit", json!({ "amount": 1_000 })), ("complete", json!({ "outcome": "approve" }))]
        {
            let answer = shop.post(&format!("/sandbox/payments/lived/{path}"), &body).await;
            answer.refused(403, "FORBIDDEN");
        }
        shop.after("P1D").await;
        assert_eq!(shop.payment("lived").await, payment);
        for (is_test, id) in [(true, "tested"), (false, "lived")] {
            let list = shop.list("/payments", &json!({ "filter": { "isTest": is_test } })).await.succeeds();
            let ids: Vec<_> =
                list["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
            assert_eq!(ids, [id]);
        }
        shop.post("/sandbox/reset", &json!({})).await.succeeds();
        shop.get("/payments/tested").await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.payment("lived").await, payment);
        shop.closes().await;
    });
}

#[test]
fn hundreds_of_idle_and_half_finished_connections_do_not_stop_the_service() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut held = Vec::new();
        for number in 0..300 {
            let mut stream = shop.connects().await;
            if number % 2 == 0 {
                stream
                    .write_all(b"POST /payments/half/instant HTTP/1.1\r\nHost: shop\r\nContent-Le")
                    .await
                    .unwrap();
            }
            held.push(stream);
        }
        let paid = tokio::time::timeout(Duration::from_secs(10), shop.pays("order-1", APPROVED, 1_000)).await;
        paid.expect("an answer in time").succeeds();
        drop(held);
        shop.closes().await;
    });
}

#[test]
fn a_card_number_is_kept_nowhere() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 1_000).await;
        shop.pays("order-2", DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        let issue = json!({ "channelKey": demo::CARD.key, "method": { "card": card(APPROVED) }, "noticeUrls": [shop.receiver.url] });
        shop.post("/billing-keys", &issue).await.succeeds();
        shop.webhooks("order-1").await;
        let mut seen = String::new();
        for path in [
            "/payments",
            "/billing-keys",
            "/payments/order-1/transactions",
            "/sandbox/psp/ledger",
            "/webhook-events",
        ] {
            seen.push_str(&shop.get(path).await.succeeds().to_string());
        }
        for webhook in shop.receiver.all() {
            seen.push_str(&String::from_utf8(webhook.raw).unwrap());
        }
        for number in [APPROVED, DECLINED, "900101"] {
            assert!(!seen.contains(number), "{seen}");
        }
        for bytes in shop.stored_bytes() {
            for number in [APPROVED, DECLINED] {
                assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()));
            }
        }
        shop.closes().await;
    });
}
