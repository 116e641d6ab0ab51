//! Who may ask, and about what.

use crate::shop::{APPROVED, CANCELS_LATER, Shop, at_once, both_databases, card, with_criteria};
use jiff::SignedDuration;
use paypier::cli::dev::demo;
use paypier::clock::Clock;
use paypier_domain::account::ApiSecret;
use paypier_domain::change::Write;
use paypier_domain::channel::ChannelUsage;
use paypier_domain::id::{PaymentId, PaymentKey, StoreId};
use paypier_wire::v2::operation::{Access, Operation, Subject, operations};
use serde_json::{Value, json};
use std::time::Duration;

impl Shop {
    async fn logs_in(&self) -> (String, String) {
        let pair = self.send(
            self.anonymous("POST", "/login/api-secret")
                .body(json!({ "apiSecret": demo::API_SECRET }).to_string()),
        );
        tokens(&pair.await.succeeds())
    }

    fn refreshes(&self, refresh: &str) -> reqwest::RequestBuilder {
        self.anonymous("POST", "/token/refresh").body(json!({ "refreshToken": refresh }).to_string())
    }

    fn bears(&self, token: &str) -> reqwest::RequestBuilder {
        self.anonymous("GET", "/payments").header("authorization", format!("Bearer {token}"))
    }
}

fn tokens(pair: &Value) -> (String, String) {
    let token = |name: &str| pair[name].as_str().unwrap().to_owned();
    (token("accessToken"), token("refreshToken"))
}

#[test]
fn a_secret_or_an_access_token_opens_and_nothing_else_does() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (access, refresh) = shop.logs_in().await;
        let with = |value: String| shop.anonymous("GET", "/payments").header("authorization", value);
        for value in [
            format!("PortOne {}", demo::API_SECRET),
            format!("portone {}", demo::API_SECRET),
            format!("PortOne   {}", demo::API_SECRET),
            format!("Bearer {access}"),
            format!("bearer {access}"),
        ] {
            shop.send(with(value)).await.succeeds();
        }
        for value in [
            String::new(),
            "PortOne".into(),
            "PortOne ".into(),
            demo::API_SECRET.into(),
            format!("Basic {}", demo::API_SECRET),
            format!("Bearer {}", demo::API_SECRET),
            format!("PortOne {access}"),
            format!("Bearer {refresh}"),
            format!("PortOne {}x", demo::API_SECRET),
            format!("PortOne {}", &demo::API_SECRET[1..]),
            format!("PortOne {}", "x".repeat(5_000)),
            "Bearer ' OR '1'='1".into(),
        ] {
            let refusal = shop.send(with(value.clone())).await.refused(401, "UNAUTHORIZED");
            assert!(!refusal.to_string().contains(demo::API_SECRET), "{value}");
        }
        shop.send(shop.anonymous("GET", "/payments")).await.refused(401, "UNAUTHORIZED");
        for body in [json!({ "apiSecret": "wrong" }), json!({ "apiSecret": "x".repeat(5_000) })] {
            let login = shop.anonymous("POST", "/login/api-secret").body(body.to_string());
            shop.send(login).await.refused(401, "UNAUTHORIZED");
        }
        for (path, body) in
            [("/login/api-secret", "{}"), ("/token/refresh", "{}"), ("/login/api-secret", "[")]
        {
            shop.send(shop.anonymous("POST", path).body(body)).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn a_login_or_refresh_kills_the_refresh_tokens_before_it_and_leaves_access_tokens() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (first_access, first) = shop.logs_in().await;
        let (second_access, second) = tokens(&shop.send(shop.refreshes(&first)).await.succeeds());
        shop.send(shop.refreshes(&first)).await.refused(401, "UNAUTHORIZED");
        let (_, third) = shop.logs_in().await;
        shop.send(shop.refreshes(&second)).await.refused(401, "UNAUTHORIZED");
        shop.send(shop.refreshes(&first_access)).await.refused(401, "UNAUTHORIZED");
        shop.send(shop.refreshes(&third)).await.succeeds();
        for access in [&first_access, &second_access] {
            shop.send(shop.bears(access)).await.succeeds();
        }
        shop.closes().await;
    });
}

#[test]
fn of_two_refreshes_at_once_one_wins() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (_, mut refresh) = shop.logs_in().await;
        for _ in 0..8 {
            let answers = at_once(vec![shop.refreshes(&refresh), shop.refreshes(&refresh)]).await;
            let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
            assert_eq!(won.len(), 1);
            lost.into_iter().for_each(|answer| drop(answer.refused(401, "UNAUTHORIZED")));
            refresh = tokens(&won[0].body).1;
        }
        shop.closes().await;
    });
}

#[test]
fn tokens_end_when_their_time_is_over() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (access, refresh) = shop.logs_in().await;
        shop.wall.passes(29 * 60);
        shop.send(shop.bears(&access)).await.succeeds();
        shop.wall.passes(2 * 60);
        shop.send(shop.bears(&access)).await.refused(401, "UNAUTHORIZED");
        let (_, refresh) = tokens(&shop.send(shop.refreshes(&refresh)).await.succeeds());
        shop.wall.passes(24 * 60 * 60 + 1);
        shop.send(shop.refreshes(&refresh)).await.refused(401, "UNAUTHORIZED");
        shop.closes().await;
    });
}

#[test]
fn several_secrets_work_until_one_is_deleted_or_expires() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.directory_staleness = Duration::ZERO).await;
        let secret = |name: &str| shop.secret(demo::MERCHANT_ID, demo::STORE_ID, name);
        let now = shop.wall.now();
        let soon =
            ApiSecret { expires_at: Some(now + SignedDuration::from_secs(60)), ..secret("rotated-out") };
        shop.writes_elsewhere(vec![Write::ApiSecret(secret("rotated-in")), Write::ApiSecret(soon)]).await;
        let asks = |name: &'static str| shop.request_as(name, "GET", "/payments");
        for name in ["rotated-in", "rotated-out", demo::API_SECRET] {
            shop.send(asks(name)).await.succeeds();
        }
        let login = shop
            .anonymous("POST", "/login/api-secret")
            .body(json!({ "apiSecret": "rotated-in" }).to_string());
        let (access, refresh) = tokens(&shop.send(login).await.succeeds());

        shop.wall.passes(61);
        shop.send(asks("rotated-out")).await.refused(401, "UNAUTHORIZED");
        shop.send(asks("rotated-in")).await.succeeds();

        let deleted = ApiSecret { deleted_at: Some(now), ..secret("rotated-in") };
        shop.writes_elsewhere(vec![Write::ApiSecret(deleted)]).await;
        shop.send(asks("rotated-in")).await.refused(401, "UNAUTHORIZED");
        shop.send(shop.bears(&access)).await.refused(401, "UNAUTHORIZED");
        shop.send(shop.refreshes(&refresh)).await.refused(401, "UNAUTHORIZED");
        shop.send(asks(demo::API_SECRET)).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn another_process_may_delete_a_secret_and_it_dies_within_the_configured_time() {
    both_databases(|engine| async move {
        let shop =
            Shop::open_with(engine, |config| config.limits.directory_staleness = Duration::from_millis(200))
                .await;
        let secret = shop.secret(demo::MERCHANT_ID, demo::STORE_ID, "short-lived");
        shop.writes(vec![Write::ApiSecret(secret.clone())]).await;
        let asks = || shop.request_as("short-lived", "GET", "/payments");
        shop.send(asks()).await.succeeds();
        shop.writes_elsewhere(vec![Write::ApiSecret(ApiSecret {
            deleted_at: Some(shop.wall.now()),
            ..secret
        })])
        .await;
        crate::shop::eventually("the end of the secret", || async { shop.send(asks()).await.status == 401 })
            .await;
        shop.closes().await;
    });
}

#[test]
fn the_representative_secret_acts_on_sub_stores_and_a_sub_stores_secret_on_its_own_alone() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_sub_store("store-sub-1", "sub-1-secret").await;
        shop.opens_sub_store("store-sub-2", "sub-2-secret").await;
        let mut order = shop.order(APPROVED, 2_000);
        order["channelKey"] = json!("channel-key-of-store-sub-1");
        // The same id in two stores is two payments.
        shop.is_paid("order-1", 9_000).await;
        shop.post("/payments/order-1/instant", &order).await.refused(404, "CHANNEL_NOT_FOUND");
        order["storeId"] = json!("store-sub-1");
        shop.post("/payments/order-1/instant", &order).await.succeeds();

        let read = |secret: &'static str, path: &'static str| shop.send(shop.request_as(secret, "GET", path));
        let total = |payment: &Value| payment["amount"]["total"].clone();
        assert_eq!(total(&shop.payment("order-1").await), 9_000);
        assert_eq!(
            total(&read(demo::API_SECRET, "/payments/order-1?storeId=store-sub-1").await.succeeds()),
            2_000
        );
        assert_eq!(total(&read("sub-1-secret", "/payments/order-1").await.succeeds()), 2_000);
        assert_eq!(
            total(&read("sub-1-secret", "/payments/order-1?storeId=store-sub-1").await.succeeds()),
            2_000
        );
        read("sub-2-secret", "/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        for path in ["/payments/order-1?storeId=store-sub-1", "/payments/nothing?storeId=store-sub-1"] {
            read("sub-2-secret", path).await.refused(403, "FORBIDDEN");
        }
        let demo_store = "/payments/order-1?storeId=store-de300000-0000-4000-8000-000000000002";
        read("sub-1-secret", demo_store).await.refused(403, "FORBIDDEN");
        read(demo::API_SECRET, "/payments/order-1?storeId=store-unknown").await.refused(403, "FORBIDDEN");

        let count = async |secret: &str, filter: Value| {
            let path = with_criteria("/payments", &json!({ "filter": filter }));
            let list = shop.send(shop.request_as(secret, "GET", &path)).await.succeeds();
            list["page"]["totalCount"].as_i64().unwrap()
        };
        assert_eq!(count(demo::API_SECRET, json!({})).await, 2, "the whole merchant");
        assert_eq!(count(demo::API_SECRET, json!({ "storeId": "store-sub-1" })).await, 1);
        assert_eq!(count("sub-1-secret", json!({})).await, 1);
        assert_eq!(count("sub-2-secret", json!({})).await, 0);

        // Cancelling goes to the store that is named.
        let cancel = json!({ "reason": "theirs", "storeId": "store-sub-1" });
        let tried =
            shop.request_as("sub-2-secret", "POST", "/payments/order-1/cancel").body(cancel.to_string());
        shop.send(tried).await.refused(403, "FORBIDDEN");
        shop.post("/payments/order-1/cancel", &cancel).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(read("sub-1-secret", "/payments/order-1").await.body["status"], "CANCELLED");
        shop.closes().await;
    });
}

/// A store's data that somebody else reaches for.
struct Prey {
    payment: &'static str,
    cancellation: String,
    billing_key: String,
    verification: &'static str,
    schedule: String,
    session: String,
    transaction: String,
}

impl Prey {
    async fn of(shop: &Shop) -> Self {
        shop.pays("prey", CANCELS_LATER, 10_000).await.succeeds();
        let cancelled = shop.cancels("prey", Some(1_000)).await.succeeds();
        let issue = json!({ "channelKey": demo::CARD.key, "method": { "card": card(APPROVED) } });
        let issued = shop.post("/billing-keys", &issue).await.succeeds();
        shop.post("/cash-receipts", &receipt_ask("prey")).await.succeeds();
        shop.post("/identity-verifications/prey/send", &verification_ask()).await.succeeds();
        let billing_key = issued["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
        let plan = schedule_ask(&billing_key);
        let planned = shop.post("/payments/prey-later/schedule", &plan).await.succeeds();
        let mut opened = session_ask();
        opened["storeId"] = json!(demo::STORE_ID);
        let opened = shop.post("/payment-sessions", &opened).await.succeeds();
        Self {
            transaction: shop.payment("prey").await["transactionId"].as_str().unwrap().to_owned(),
            session: opened["sessionId"].as_str().unwrap().to_owned(),
            payment: "prey",
            cancellation: cancelled["cancellation"]["id"].as_str().unwrap().to_owned(),
            billing_key,
            verification: "prey",
            schedule: planned["schedule"]["id"].as_str().unwrap().to_owned(),
        }
    }

    /// Everything that its owner can see of it.
    async fn looks(&self, shop: &Shop) -> Vec<Value> {
        shop.jobs_run().await;
        let mut seen = Vec::new();
        for path in [
            format!("/payments/{}", self.payment),
            format!("/payments/{}/transactions", self.payment),
            format!("/billing-keys/{}", self.billing_key),
            format!("/payments/{}/cash-receipt", self.payment),
            format!("/identity-verifications/{}", self.verification),
            format!("/payment-schedules/{}", self.schedule),
            format!("/payment-sessions/{}", self.session),
            "/cash-receipts".into(),
            "/identity-verifications".into(),
            "/payments".into(),
            "/billing-keys".into(),
            "/sandbox/psp/ledger".into(),
            "/sandbox/clock".into(),
            "/sandbox/psp/faults".into(),
        ] {
            let mut body = shop.get(&path).await.succeeds();
            body.as_object_mut().unwrap().remove("now");
            body.as_object_mut().unwrap().remove("ahead");
            seen.push(body);
        }
        let key =
            PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(self.payment) };
        seen.push(json!(shop.app().storage.pre_registration(&key).await.unwrap().is_some()));
        seen
    }

    /// The operation on this prey, naming a store or not.
    fn request(
        &self,
        shop: &Shop,
        operation: &Operation,
        secret: Option<&str>,
        store: Option<&str>,
    ) -> reqwest::RequestBuilder {
        let mut path = operation
            .path
            .replace("{paymentId}", self.payment)
            .replace("{cancellationId}", &self.cancellation)
            .replace("{billingKey}", &self.billing_key)
            .replace("{identityVerificationId}", self.verification)
            .replace("{paymentScheduleId}", &self.schedule)
            .replace("{promotionId}", "promotion-id-unknown")
            .replace("{sessionId}", &self.session);
        let (mut body, place) = match operation.id {
            "getPayment"
            | "getPaymentTransactions"
            | "getBillingKeyInfo"
            | "deleteBillingKey"
            | "closeVirtualAccount"
            | "getCashReceiptByPaymentId"
            | "cancelCashReceiptByPaymentId"
            | "getIdentityVerification"
            | "resendIdentityVerification"
            | "getPaymentSchedule"
            | "getPromotion" => (Value::Null, Place::Query),
            "getPayments"
            | "getBillingKeyInfos"
            | "getCashReceipts"
            | "getIdentityVerifications"
            | "getPaymentSchedules" => (json!({ "filter": {} }), Place::Filter),
            "getAllPaymentsByCursor" | "getAllPaymentEventsByCursor" => (json!({}), Place::Body),
            "payInstantly" => (shop.order(APPROVED, 1_000), Place::Body),
            "preRegisterPayment" => (json!({ "totalAmount": 1 }), Place::Body),
            "payWithBillingKey" => (
                json!({ "billingKey": self.billing_key, "orderName": "a book", "currency": "KRW", "amount": { "total": 1_000 } }),
                Place::Body,
            ),
            "cancelPayment" => (json!({ "reason": "theirs" }), Place::Body),
            "capturePayment" | "resendWebhook" | "stopPaymentCancellation" => (json!({}), Place::Body),
            "confirmPayment" => (json!({ "paymentToken": "token" }), Place::Body),
            "issueBillingKey" => {
                (json!({ "channelKey": demo::CARD.key, "method": { "card": card(APPROVED) } }), Place::Body)
            }
            "createPaymentSchedule" => {
                let mut ask = schedule_ask(&self.billing_key);
                if let Some(store) = store {
                    ask["payment"]["storeId"] = json!(store);
                }
                (ask, Place::Nowhere)
            }
            "revokePaymentSchedules" => (json!({ "billingKey": self.billing_key }), Place::Body),
            "confirmBillingKey" | "confirmBillingKeyIssueAndPay" => {
                (json!({ "billingIssueToken": "token" }), Place::Body)
            }
            "applyEscrowLogistics" | "modifyEscrowLogistics" => (parcel(), Place::Body),
            "confirmEscrow" => (json!({}), Place::Body),
            "registerStoreReceipt" => (stall(), Place::Body),
            "createPaymentSession" => (session_ask(), Place::Body),
            "closePaymentSession" => (Value::Null, Place::Nowhere),
            "getKakaopayPaymentOrder" => {
                path = format!("{path}?pgTxId=tid&channelKey={}", demo::CARD.key);
                (Value::Null, Place::Nowhere)
            }
            "getPgCardPromotions" => {
                path = format!("{path}?amount=1000&channelKey={}", demo::CARD.key);
                (Value::Null, Place::Nowhere)
            }
            "confirmPaymentwallDelivery" => (delivery(&self.transaction), Place::Nowhere),
            "getPaymentReconciliationSettlementVatReport"
            | "getPaymentReconciliationTransactionVatReport" => {
                let mut criteria = json!({ "dateRange": { "from": "2026-01-01", "until": "2026-02-01" } });
                if let Some(store) = store {
                    criteria["filter"] = json!({ "storeIds": [store] });
                }
                path = with_criteria(&path, &criteria);
                (Value::Null, Place::Nowhere)
            }
            "issueCashReceipt" => (receipt_ask(self.payment), Place::Body),
            "sendIdentityVerification" => (verification_ask(), Place::Body),
            "confirmIdentityVerification" => (json!({ "otp": "000000" }), Place::Body),
            other => panic!("the operation {other} needs a row here"),
        };
        match (store, place) {
            (None, _) | (Some(_), Place::Nowhere) => {}
            (Some(store), Place::Query) => path = format!("{path}?storeId={store}"),
            (Some(store), Place::Filter) => body["filter"]["storeId"] = json!(store),
            (Some(store), Place::Body) => body["storeId"] = json!(store),
        }
        let mut request = shop.anonymous(operation.method.as_str(), &path);
        if let Some(secret) = secret {
            request = request.header("authorization", format!("PortOne {secret}"));
        }
        match body {
            Value::Null => request,
            body => request.body(body.to_string()),
        }
    }
}

fn parcel() -> Value {
    json!({ "logistics": { "company": "CJ", "invoiceNumber": "1", "sentAt": "2026-04-25T10:00:00+09:00" } })
}

fn stall() -> Value {
    json!({ "items": [{
        "storeBusinessRegistrationNumber": "120-81-47521", "storeName": "a stall", "totalAmount": 1_000,
        "taxFreeAmount": 0, "vatAmount": 91, "supplyAmount": 909, "currency": "KRW",
    }] })
}

fn session_ask() -> Value {
    json!({
        "paymentId": "prey", "profileKey": demo::PROFILE_KEY, "country": "KR", "currency": "KRW",
        "totalAmount": 5_000, "orderName": "a book",
    })
}

fn delivery(transaction: &str) -> Value {
    json!({
        "transactionId": transaction, "deliveryType": "DIGITAL", "deliveryStatus": "DELIVERED",
        "refundable": false, "details": "a book", "estimatedDeliveryDatetime": "2030-01-01T00:00:00Z",
        "estimatedUpdateDatetime": "2030-01-01T00:00:00Z", "shippingAddressEmail": "hong@example.com",
    })
}

fn receipt_ask(deal: &str) -> Value {
    json!({
        "paymentId": deal, "channelKey": demo::CARD.key, "type": "PERSONAL", "orderName": "a book",
        "currency": "KRW", "amount": { "total": 1_000 }, "customer": { "identityNumber": "01012345678" },
    })
}

fn schedule_ask(billing_key: &str) -> Value {
    json!({ "timeToPay": "2099-01-01T00:00:00Z", "payment": {
        "billingKey": billing_key, "orderName": "a book", "currency": "KRW", "amount": { "total": 1_000 },
    }})
}

fn verification_ask() -> Value {
    let channel =
        demo::CHANNELS.iter().find(|channel| channel.usage == ChannelUsage::IdentityVerification).unwrap();
    json!({
        "channelKey": channel.key, "operator": "SKT", "method": "SMS",
        "customer": {
            "name": "Hong Gildong", "phoneNumber": "01012345678", "identityNumber": "9001012",
            "ipAddress": "203.0.113.7",
        },
    })
}

/// Where an operation names a store.
enum Place {
    Query,
    Filter,
    Body,
    /// It was named already.
    Nowhere,
}

/// Those of the settlement platform, which no store owns, have a story of their own.
fn guarded() -> impl Iterator<Item = &'static Operation> {
    operations()
        .filter(|operation| operation.access == Access::Credential && operation.subject != Subject::Platform)
}

/// What only this server has.
const EXTENSIONS: [(&str, &str, &str); 16] = [
    ("GET", "/sandbox/clock", ""),
    ("POST", "/sandbox/clock", "{\"advance\":\"P1D\"}"),
    ("GET", "/sandbox/psp/ledger", ""),
    ("GET", "/sandbox/psp/faults", ""),
    ("PUT", "/sandbox/psp/faults", "{\"errorRate\":1}"),
    ("POST", "/sandbox/reset", ""),
    ("POST", "/sandbox/payments/prey/deposit", "{\"amount\":1}"),
    ("POST", "/sandbox/payments/prey/complete", "{\"outcome\":\"approve\"}"),
    ("POST", "/sandbox/payments/prey/authenticate", "{}"),
    ("POST", "/sandbox/billing-keys", "{}"),
    ("POST", "/sandbox/billing-keys/prey/complete", "{\"outcome\":\"approve\"}"),
    ("POST", "/sandbox/identity-verifications/prey/approve", ""),
    ("POST", "/sandbox/identity-verifications/prey/complete", "{\"outcome\":\"approve\"}"),
    ("GET", "/webhook-events", ""),
    ("GET", "/webhook-events/dead", ""),
    ("POST", "/webhook-events/none/replay", ""),
];

#[test]
fn every_operation_turns_strangers_away() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let prey = Prey::of(&shop).await;
        let before = prey.looks(&shop).await;
        for operation in guarded() {
            for secret in [None, Some("stolen-and-wrong")] {
                for store in [None, Some(demo::STORE_ID), Some("store-unknown")] {
                    let answer = shop.send(prey.request(&shop, operation, secret, store)).await;
                    assert_eq!(answer.status, 401, "{} {}", operation.id, answer.body);
                    answer.refused(401, "UNAUTHORIZED");
                }
            }
        }
        for (method, path, body) in EXTENSIONS {
            let answer = shop.send(shop.anonymous(method, path).body(body)).await;
            assert_eq!(answer.status, 401, "{method} {path} {}", answer.body);
            let answer = shop.send(shop.request_as("stolen-and-wrong", method, path).body(body)).await;
            answer.refused(401, "UNAUTHORIZED");
        }
        assert_eq!(prey.looks(&shop).await, before);
        shop.send(shop.anonymous("GET", "/banks")).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn no_operation_reaches_another_stores_data() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let prey = Prey::of(&shop).await;
        shop.opens_sub_store("store-sub", "sub-secret").await;
        shop.has_a_neighbour("merchant-other", "store-other", "other-secret").await;
        let before = prey.looks(&shop).await;
        for secret in ["sub-secret", "other-secret"] {
            for operation in guarded() {
                let named =
                    shop.send(prey.request(&shop, operation, Some(secret), Some(demo::STORE_ID))).await;
                // Where nothing names a store, what is another's does not exist.
                match operation.id {
                    "getPromotion" => drop(named.refused(404, "PROMOTION_NOT_FOUND")),
                    "closePaymentSession" => drop(named.refused(404, "SESSION_NOT_FOUND")),
                    "getPgCardPromotions" => drop(named.refused(404, "CHANNEL_NOT_FOUND")),
                    "confirmPaymentwallDelivery" => drop(named.refused(404, "PAYMENT_NOT_FOUND")),
                    "getKakaopayPaymentOrder" => drop(named.refused(400, "INVALID_REQUEST")),
                    "getPaymentReconciliationSettlementVatReport"
                    | "getPaymentReconciliationTransactionVatReport" => drop(named.succeeds()),
                    _ => {
                        assert_eq!(named.status, 403, "{} as {secret}: {}", operation.id, named.body);
                        named.refused(403, "FORBIDDEN");
                    }
                }
                let answer = shop.send(prey.request(&shop, operation, Some(secret), None)).await;
                let missing = match operation.id {
                    "payInstantly" | "issueBillingKey" | "issueCashReceipt" | "sendIdentityVerification" => {
                        "CHANNEL_NOT_FOUND"
                    }
                    "getCashReceiptByPaymentId" | "cancelCashReceiptByPaymentId" => "CASH_RECEIPT_NOT_FOUND",
                    "getIdentityVerification"
                    | "confirmIdentityVerification"
                    | "resendIdentityVerification" => "IDENTITY_VERIFICATION_NOT_FOUND",
                    "payWithBillingKey"
                    | "getBillingKeyInfo"
                    | "deleteBillingKey"
                    | "createPaymentSchedule"
                    | "revokePaymentSchedules" => "BILLING_KEY_NOT_FOUND",
                    "getPaymentSchedule" => "PAYMENT_SCHEDULE_NOT_FOUND",
                    "getPromotion" => "PROMOTION_NOT_FOUND",
                    "closePaymentSession" => "SESSION_NOT_FOUND",
                    "confirmBillingKey" | "confirmBillingKeyIssueAndPay" => "BILLING_KEY_NOT_FOUND",
                    "getPgCardPromotions" => "CHANNEL_NOT_FOUND",
                    "getKakaopayPaymentOrder" | "createPaymentSession" => {
                        // The channel is not theirs; a session names its store, or there is none.
                        answer.refused(400, "INVALID_REQUEST");
                        continue;
                    }
                    "getPaymentReconciliationSettlementVatReport"
                    | "getPaymentReconciliationTransactionVatReport" => {
                        answer.succeeds();
                        continue;
                    }
                    "preRegisterPayment" => {
                        // In a store of its own the id is free.
                        assert_eq!(answer.succeeds(), json!({}));
                        continue;
                    }
                    "getPayments"
                    | "getBillingKeyInfos"
                    | "getCashReceipts"
                    | "getIdentityVerifications"
                    | "getPaymentSchedules"
                    | "getAllPaymentsByCursor"
                    | "getAllPaymentEventsByCursor" => {
                        assert_eq!(answer.succeeds()["items"], json!([]));
                        continue;
                    }
                    _ => "PAYMENT_NOT_FOUND",
                };
                assert_eq!(answer.status, 404, "{} as {secret}: {}", operation.id, answer.body);
                answer.refused(404, missing);
            }
            for (method, path, body) in EXTENSIONS {
                let named = format!("{path}?storeId={}", demo::STORE_ID);
                let answer = shop.send(shop.request_as(secret, method, &named).body(body)).await;
                let expected = if path.ends_with("/replay") { 404 } else { 403 };
                assert_eq!(answer.status, expected, "{method} {path} as {secret}: {}", answer.body);
            }
            for path in ["/sandbox/payments/prey/deposit", "/sandbox/payments/prey/complete"] {
                let body =
                    if path.ends_with("deposit") { "{\"amount\":1}" } else { "{\"outcome\":\"approve\"}" };
                shop.send(shop.request_as(secret, "POST", path).body(body))
                    .await
                    .refused(404, "PAYMENT_NOT_FOUND");
            }
            let feed = shop.send(shop.request_as(secret, "GET", "/webhook-events")).await.succeeds();
            assert_eq!(feed["items"], json!([]));
            let webhook = before[0]["webhooks"][0]["id"].as_str().unwrap();
            let replay = shop.request_as(secret, "POST", &format!("/webhook-events/{webhook}/replay"));
            shop.send(replay).await.refused(404, "WEBHOOK_NOT_FOUND");
        }
        assert_eq!(prey.looks(&shop).await, before);
        shop.closes().await;
    });
}
