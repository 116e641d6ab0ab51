//! The connector against recordings: what it sends, in which order, and what it makes of the answers.

use super::*;
use crate::exchange::Exchange;
use bytes::Bytes;
use http::{Method, StatusCode};
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::id::{ChannelId, ChannelKey, StoreId};
use paypier_domain::money::Currency;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

const CREDENTIALS: &str =
    r#"{"secretKey":"sk_test_0123456789abcdef","webhookSecret":"whsec_0123456789abcdef"}"#;
const NUMBER: &str = "4242424242424242";

/// One answer: a status and a file of `recordings`, a body, or silence.
#[derive(Clone)]
enum Reply {
    Is(u16, String),
    NotSent,
    Silence,
}

macro_rules! recorded {
    ($status:literal, $file:literal) => {
        Reply::Is($status, include_str!(concat!("recordings/", $file)).to_owned())
    };
}

fn page(objects: &[&str]) -> Reply {
    Reply::Is(200, format!(r#"{{"object":"list","has_more":false,"data":[{}]}}"#, objects.join(",")))
}

/// Stripe, playing a script. Every request must be expected and every answer asked for.
struct Script {
    expected: Mutex<VecDeque<(&'static str, Reply)>>,
    sent: Mutex<Vec<ExchangeRequest>>,
}

impl Script {
    fn of(expected: Vec<(&'static str, Reply)>) -> Self {
        Self { expected: Mutex::new(expected.into()), sent: Mutex::default() }
    }

    /// What was sent, once all that was expected was.
    fn played(self) -> Vec<ExchangeRequest> {
        let left: Vec<_> = self.expected.into_inner().unwrap().into_iter().map(|(line, _)| line).collect();
        assert!(left.is_empty(), "never asked for: {left:?}");
        self.sent.into_inner().unwrap()
    }
}

#[async_trait]
impl Exchange for Script {
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        let path = request.path.split('?').next().unwrap().to_owned();
        let line = format!("{} {path}", request.method);
        self.sent.lock().unwrap().push(request);
        let (expected, reply) =
            self.expected.lock().unwrap().pop_front().unwrap_or_else(|| panic!("{line} was not expected"));
        assert_eq!(line, expected);
        match reply {
            Reply::Is(status, body) => Ok(ExchangeResponse {
                status: StatusCode::from_u16(status).unwrap(),
                headers: Vec::new(),
                body: Bytes::from(body),
            }),
            Reply::NotSent => Err(ExchangeError::NotSent("nobody is there".into())),
            Reply::Silence => Err(ExchangeError::NoAnswer("nothing came".into())),
        }
    }
}

/// The form of a request, decoded.
fn form(request: &ExchangeRequest) -> HashMap<String, String> {
    let text = std::str::from_utf8(&request.body).unwrap();
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (decoded(n), decoded(v))).collect()
}

fn header<'a>(request: &'a ExchangeRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
}

fn channel(environment: Environment) -> ChannelSnapshot {
    ChannelSnapshot {
        key: ChannelKey::known("channel-key-1"),
        id: ChannelId::known("channel-id-1"),
        name: "Cards".into(),
        environment,
        connector: "stripe".into(),
        pg_provider: "STRIPE".into(),
        pg_merchant_id: "acct_1".into(),
    }
}

fn now() -> Timestamp {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

fn won(amount: i64) -> Amount {
    Amount::new(amount).unwrap()
}

fn card() -> Card {
    Card::new(NUMBER.into(), "39".into(), "12".into(), Some("900101".into()), Some("12".into()))
}

/// What a story asks for.
struct Ask {
    credentials: &'static str,
    options: StripeOptions,
    manual_capture: bool,
    installment_months: u8,
    currency: Currency,
    bypass: Option<&'static str>,
}

/// Does not pause before it repeats itself.
fn hurried(parameters: Parameters) -> StripeOptions {
    StripeOptions { pause_before_repeating: Duration::ZERO, parameters, ..StripeOptions::default() }
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            credentials: CREDENTIALS,
            options: hurried(Parameters::All),
            manual_capture: false,
            installment_months: 0,
            currency: Currency::KRW,
            bypass: None,
        }
    }
}

impl Ask {
    fn minimal() -> Self {
        Self { options: hurried(Parameters::Minimal), ..Self::default() }
    }

    async fn with<T>(&self, script: &Script, deed: impl AsyncFnOnce(&Stripe, &Call<'_>) -> T) -> T {
        let (store, channel) = (StoreId::known("store-1"), channel(Environment::Test));
        let call = Call {
            exchange: script,
            store: &store,
            channel: &channel,
            credentials: self.credentials,
            now: now(),
        };
        deed(&Stripe::new(self.options), &call).await
    }

    fn charge<'a>(&self, customer: &'a Customer) -> ChargeAsk<'a> {
        ChargeAsk {
            reference: "tx-1",
            payment_id: "order-1",
            order_name: "a book & 책",
            amount: won(10_000),
            tax_free: won(0),
            vat: won(909),
            currency: self.currency,
            customer,
            installment_months: self.installment_months,
            manual_capture: self.manual_capture,
            is_escrow: false,
            bypass: self.bypass,
        }
    }

    async fn charges_card(
        &self,
        expected: Vec<(&'static str, Reply)>,
    ) -> (Outcome<Charge>, Vec<ExchangeRequest>) {
        let script = Script::of(expected);
        let customer = Customer::default();
        let ask = self.charge(&customer);
        let outcome =
            self.with(&script, async |stripe, call| stripe.charge_card(call, &ask, &card()).await).await;
        (outcome, script.played())
    }

    async fn refunds(
        &self,
        amount: i64,
        expected: Vec<(&'static str, Reply)>,
    ) -> (Outcome<Refund>, Vec<ExchangeRequest>) {
        let script = Script::of(expected);
        let pg_tx_id = PgTxId::known("pi_made_up_1");
        let ask = RefundAsk {
            reference: "refund-1",
            charge_reference: "tx-1",
            pg_tx_id: &pg_tx_id,
            amount: won(amount),
            tax_free: won(0),
            vat: won(0),
            currency: Currency::KRW,
            reason: "changed my mind",
            refund_account: None,
        };
        let outcome = self.with(&script, async |stripe, call| stripe.refund(call, &ask).await).await;
        (outcome, script.played())
    }

    async fn queries(
        &self,
        pg_tx_id: Option<&str>,
        expected: Vec<(&'static str, Reply)>,
    ) -> (Found<Snapshot>, Vec<ExchangeRequest>) {
        let script = Script::of(expected);
        let id = pg_tx_id.map(PgTxId::known);
        let age = SignedDuration::from_hours(1);
        let found =
            self.with(&script, async |stripe, call| stripe.query(call, "tx-1", id.as_ref(), age).await).await;
        (found, script.played())
    }

    async fn captures(
        &self,
        amount: i64,
        expected: Vec<(&'static str, Reply)>,
    ) -> (Outcome<Timestamp>, Vec<ExchangeRequest>) {
        let script = Script::of(expected);
        let id = PgTxId::known("pi_made_up_1");
        let outcome = self
            .with(&script, async |stripe, call| stripe.capture(call, "tx-1", &id, won(amount)).await)
            .await;
        (outcome, script.played())
    }
}

const METHODS: &str = "POST /v1/payment_methods";
const INTENTS: &str = "POST /v1/payment_intents";
const INTENT: &str = "GET /v1/payment_intents/pi_made_up_1";
const CAPTURE: &str = "POST /v1/payment_intents/pi_made_up_1/capture";
const SEARCH: &str = "GET /v1/payment_intents/search";
const LIST: &str = "GET /v1/payment_intents";
const REFUNDS: &str = "GET /v1/refunds";
const REFUND_IT: &str = "POST /v1/refunds";

fn method() -> (&'static str, Reply) {
    (METHODS, recorded!(200, "payment_method.json"))
}

/// A recording with one member replaced.
fn with(recording: &str, member: &str, value: &str) -> Reply {
    let mut read: serde_json::Value = serde_json::from_str(recording).unwrap();
    let place = member.split('.').fold(&mut read, |place, name| &mut place[name]);
    *place = serde_json::from_str(value).unwrap();
    Reply::Is(200, read.to_string())
}

const SUCCEEDED: &str = include_str!("recordings/intent_succeeded.json");
const APPROVED: &str = include_str!("recordings/intent_requires_capture.json");
const RELEASED: &str = include_str!("recordings/intent_released.json");
const REFUNDED: &str = include_str!("recordings/refund_succeeded.json");

fn word<T>(outcome: &Outcome<T>) -> String {
    match outcome {
        Outcome::Declined(decline) => format!("declined {:?} {}", decline.class, decline.code),
        Outcome::NotSent(not_sent) => format!("not sent {}", not_sent.code),
        Outcome::Done(_) | Outcome::Pending(_) | Outcome::Unknown(_) => outcome.word().to_owned(),
    }
}

#[tokio::test]
async fn a_charge_sends_the_card_once_and_names_the_payment_method_afterwards() {
    let (outcome, sent) =
        Ask::default().charges_card(vec![method(), (INTENTS, recorded!(200, "intent_succeeded.json"))]).await;
    let Outcome::Done(charge) = outcome else { panic!("{outcome:?}") };
    assert_eq!(charge.pg_tx_id.as_str(), "pi_made_up_1");
    assert_eq!((charge.amount, charge.fee), (won(10_000), won(390)));
    assert_eq!(charge.approval_number.as_deref(), Some("123456"));
    let known = charge.card.unwrap();
    assert_eq!((known.brand.as_deref(), known.kind.as_deref()), (Some("VISA"), Some("CREDIT")));
    assert_eq!(
        (known.bin.as_deref(), known.masked_number.as_deref()),
        (Some("424242"), Some("42424242****4242"))
    );
    let raw = charge.raw.unwrap();
    assert!(raw.contains("pi_made_up_1") && !raw.contains("secret"), "the page's secret is not kept: {raw}");

    let card = form(&sent[0]);
    assert_eq!(card["card[number]"], NUMBER);
    assert_eq!((card["card[exp_month]"].as_str(), card["card[exp_year]"].as_str()), ("12", "2039"));
    assert_eq!(card.len(), 4, "what Stripe has no use for is not sent: {card:?}");
    let intent = form(&sent[1]);
    for (name, value) in [
        ("amount", "10000"),
        ("currency", "krw"),
        ("payment_method", "pm_made_up_1"),
        ("payment_method_types[]", "card"),
        ("capture_method", "automatic"),
        ("confirm", "true"),
        ("error_on_requires_action", "true"),
        ("description", "a book & 책"),
        ("metadata[paypier_reference]", "tx-1"),
        ("metadata[paypier_asked]", "10000 KRW"),
        ("metadata[paypier_payment]", "order-1"),
        ("expand[]", "latest_charge.balance_transaction"),
    ] {
        assert_eq!(intent.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(intent.len(), 12, "{intent:?}");
    for request in &sent {
        assert_eq!(header(request, "authorization"), Some("Bearer sk_test_0123456789abcdef"));
        assert!(header(request, "stripe-version").is_some());
        assert!(header(request, "idempotency-key").is_some_and(|key| key.len() <= 255));
    }
    assert_ne!(header(&sent[0], "idempotency-key"), header(&sent[1], "idempotency-key"));
    assert!(!format!("{sent:?}").contains(NUMBER), "a request does not print its body");
}

#[tokio::test]
async fn minimal_parameters_leave_out_what_emulators_do_not_know() {
    let (_, sent) =
        Ask::minimal().charges_card(vec![method(), (INTENTS, recorded!(200, "intent_succeeded.json"))]).await;
    let intent = form(&sent[1]);
    for name in ["description", "error_on_requires_action", "expand[]"] {
        assert!(!intent.contains_key(name), "{name}");
    }
    let script = vec![
        (INTENT, recorded!(200, "intent_succeeded.json")),
        (REFUNDS, page(&[])),
        (REFUND_IT, recorded!(200, "refund_succeeded.json")),
    ];
    let (_, sent) = Ask::minimal().refunds(3000, script).await;
    assert!(!form(&sent[2]).contains_key("reason"));
}

#[tokio::test]
async fn only_an_echo_of_our_reference_amount_and_currency_is_success() {
    for (member, value, manual_capture, expected) in [
        ("amount", "10000", false, "done"),
        ("amount", "10001", false, "unknown"),
        ("amount", "1000000", false, "unknown"),
        ("currency", "\"usd\"", false, "unknown"),
        ("currency", "\"KRW\"", false, "done"),
        ("amount_received", "9000", false, "unknown"),
        ("amount_received", "null", false, "done"),
        ("metadata.paypier_reference", "\"tx-2\"", false, "unknown"),
        ("metadata", "null", false, "unknown"),
        ("latest_charge", "\"ch_made_up_1\"", false, "done"),
        ("latest_charge", "null", false, "done"),
        ("status", "\"requires_capture\"", true, "done"),
        ("status", "\"requires_capture\"", false, "unknown"),
        ("status", "\"processing\"", false, "pending"),
        ("status", "\"requires_action\"", false, "pending"),
        ("status", "\"requires_confirmation\"", false, "pending"),
        ("status", "\"requires_payment_method\"", false, "unknown"),
        ("status", "\"settled\"", false, "unknown"),
        ("id", "7", false, "unknown"),
    ] {
        let ask = Ask { manual_capture, ..Ask::default() };
        let (outcome, _) = ask.charges_card(vec![method(), (INTENTS, with(SUCCEEDED, member, value))]).await;
        assert_eq!(word(&outcome), expected, "{member} = {value}");
    }
}

#[tokio::test]
async fn a_refusal_means_what_its_code_says() {
    for (reply, expected) in [
        (recorded!(402, "error_declined.json"), "declined Issuer insufficient_funds"),
        (recorded!(402, "error_authentication.json"), "declined Payer authentication_required"),
        (recorded!(400, "error_unexpected_state.json"), "declined Refused payment_intent_unexpected_state"),
        (
            Reply::Is(401, r#"{"error":{"type":"invalid_request_error","message":"No."}}"#.into()),
            "declined Misconfiguration ",
        ),
        (
            Reply::Is(429, r#"{"error":{"type":"invalid_request_error","code":"rate_limit"}}"#.into()),
            "not sent rate_limit",
        ),
        (
            Reply::Is(
                402,
                r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"processing_error"}}"#
                    .into(),
            ),
            "not sent processing_error",
        ),
        (
            Reply::Is(
                402,
                r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"solar_flare"}}"#
                    .into(),
            ),
            "unknown",
        ),
        (
            Reply::Is(400, r#"{"error":{"type":"idempotency_error","message":"other parameters"}}"#.into()),
            "unknown",
        ),
        (Reply::Is(402, "no".into()), "unknown"),
        (Reply::Is(302, String::new()), "unknown"),
        (Reply::Is(200, "<html>".into()), "unknown"),
        (Reply::NotSent, "not sent NOT_SENT"),
    ] {
        let (outcome, _) = Ask::default().charges_card(vec![method(), (INTENTS, reply)]).await;
        assert_eq!(word(&outcome), expected);
    }
}

#[tokio::test]
async fn silence_is_asked_once_more_under_the_same_key() {
    let unsure = [
        Reply::Silence,
        recorded!(500, "error_api.json"),
        Reply::Is(503, "busy".into()),
        Reply::Is(
            409,
            r#"{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use"}}"#.into(),
        ),
    ];
    for first in unsure.clone() {
        for (second, expected) in [
            (recorded!(200, "intent_succeeded.json"), "done"),
            (recorded!(402, "error_declined.json"), "declined Issuer insufficient_funds"),
            (Reply::Silence, "unknown"),
            (recorded!(500, "error_api.json"), "unknown"),
            // That the second one got nowhere says nothing about the first.
            (Reply::NotSent, "unknown"),
            (
                Reply::Is(429, r#"{"error":{"type":"invalid_request_error","code":"rate_limit"}}"#.into()),
                "unknown",
            ),
            (Reply::Is(401, r#"{"error":{"type":"invalid_request_error"}}"#.into()), "unknown"),
            (
                Reply::Is(
                    409,
                    r#"{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use"}}"#.into(),
                ),
                "unknown",
            ),
        ] {
            let script = vec![method(), (INTENTS, first.clone()), (INTENTS, second)];
            let (outcome, sent) = Ask::default().charges_card(script).await;
            assert_eq!(word(&outcome), expected);
            assert_eq!(header(&sent[1], "idempotency-key"), header(&sent[2], "idempotency-key"));
            assert_eq!(sent[1].body, sent[2].body);
        }
        // Who may not honour keys is not asked twice.
        let (outcome, _) = Ask::minimal().charges_card(vec![method(), (INTENTS, first)]).await;
        assert_eq!(word(&outcome), "unknown");
    }
}

#[tokio::test]
async fn losing_the_card_on_its_way_charges_nothing() {
    for (replies, expected) in [
        (vec![Reply::Silence, Reply::Silence], "not sent NOT_EXECUTED"),
        (vec![recorded!(500, "error_api.json"), recorded!(500, "error_api.json")], "not sent NOT_EXECUTED"),
        (vec![Reply::NotSent], "not sent NOT_SENT"),
        (
            vec![Reply::Is(402, r#"{"error":{"type":"card_error","code":"incorrect_number"}}"#.into())],
            "declined Payer incorrect_number",
        ),
    ] {
        let (outcome, _) =
            Ask::default().charges_card(replies.into_iter().map(|reply| (METHODS, reply)).collect()).await;
        assert_eq!(word(&outcome), expected);
    }
}

#[tokio::test]
async fn what_stripe_cannot_do_is_refused_before_the_card_leaves() {
    for (ask, expected) in [
        (Ask { installment_months: 3, ..Ask::default() }, "declined NotSupported INSTALLMENT_NOT_SUPPORTED"),
        (
            Ask { currency: Currency::parse("UGX").unwrap(), ..Ask::default() },
            "declined Misconfiguration CURRENCY_NOT_SUPPORTED",
        ),
        (
            Ask { currency: Currency::parse("XAU").unwrap(), ..Ask::default() },
            "declined Misconfiguration CURRENCY_NOT_SUPPORTED",
        ),
        (
            Ask { bypass: Some(r#"{"amount":1}"#), ..Ask::default() },
            "declined NotSupported BYPASS_NOT_SUPPORTED",
        ),
        (
            Ask { bypass: Some(r#"{"paymentMethod":"pm_card_visa"}"#), ..Ask::default() },
            "declined NotSupported PAYMENT_METHOD_NOT_ALLOWED",
        ),
        (
            Ask { credentials: r#"{"key":"x"}"#, ..Ask::default() },
            "declined Misconfiguration CREDENTIALS_UNREADABLE",
        ),
    ] {
        let (outcome, _) = ask.charges_card(Vec::new()).await;
        assert_eq!(word(&outcome), expected);
    }
}

#[tokio::test]
async fn a_payment_method_of_stripes_replaces_the_card_where_the_channel_allows_it() {
    let ask = Ask {
        credentials: r#"{"secretKey":"sk_test_0123456789abcdef","paymentMethodIds":true}"#,
        bypass: Some(r#"{"paymentMethod":"pm_card_visa","statementDescriptorSuffix":"BOOK"}"#),
        ..Ask::default()
    };
    let (outcome, sent) = ask.charges_card(vec![(INTENTS, recorded!(200, "intent_succeeded.json"))]).await;
    let Outcome::Done(charge) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        charge.card.unwrap().masked_number.as_deref(),
        Some("************4242"),
        "not the card that was not used"
    );
    let intent = form(&sent[0]);
    assert_eq!(
        (intent["payment_method"].as_str(), intent["statement_descriptor_suffix"].as_str()),
        ("pm_card_visa", "BOOK")
    );
}

#[tokio::test]
async fn a_fee_in_another_currency_is_not_booked_against_the_payment() {
    let reply = with(SUCCEEDED, "latest_charge.balance_transaction.currency", "\"usd\"");
    let (outcome, _) = Ask::default().charges_card(vec![method(), (INTENTS, reply)]).await;
    let Outcome::Done(charge) = outcome else { panic!("{outcome:?}") };
    assert_eq!(charge.fee, Amount::ZERO);
}

#[tokio::test]
async fn a_stored_card_is_issued_charged_and_detached() {
    let script = Script::of(vec![
        method(),
        ("POST /v1/customers", recorded!(200, "customer.json")),
        ("POST /v1/setup_intents", recorded!(200, "setup_intent.json")),
        ("POST /v1/setup_intents/seti_made_up_1/confirm", recorded!(200, "setup_intent_succeeded.json")),
        (INTENTS, recorded!(200, "intent_succeeded.json")),
        ("POST /v1/payment_methods/pm_made_up_1/detach", recorded!(200, "detached.json")),
    ]);
    let ask = Ask::default();
    let customer =
        Customer {
            name: Some("김 민수".into()), email: Some("m@example.com".into()), ..Customer::default()
        };
    let charged = ask.charge(&customer);
    ask.with(&script, async |stripe, call| {
        let Outcome::Done(issued) = stripe.issue_stored(call, "key-1", &customer, &card()).await else {
            panic!()
        };
        assert_eq!(issued.token, "cus_made_up_1/pm_made_up_1");
        assert_eq!(issued.card.unwrap().masked_number.as_deref(), Some("42424242****4242"));
        let outcome = stripe.charge_stored(call, &charged, &issued.token).await;
        assert_eq!(word(&outcome), "done");
        assert_eq!(stripe.delete_stored(call, &issued.token).await, Outcome::Done(now()));
    })
    .await;
    let sent = script.played();
    assert_eq!(
        (form(&sent[1])["name"].as_str(), form(&sent[1])["email"].as_str()),
        ("김 민수", "m@example.com")
    );
    assert_eq!(form(&sent[2])["usage"], "off_session");
    let intent = form(&sent[4]);
    assert_eq!(
        (intent["customer"].as_str(), intent["payment_method"].as_str()),
        ("cus_made_up_1", "pm_made_up_1")
    );
    assert_eq!(intent["off_session"], "true");
    assert!(!intent.contains_key("error_on_requires_action"), "Stripe refuses it together with off_session");
}

#[tokio::test]
async fn a_setup_that_does_not_succeed_gives_no_token() {
    for (reply, expected) in [
        (
            with(include_str!("recordings/setup_intent.json"), "status", "\"requires_action\""),
            "declined Payer authentication_required",
        ),
        (
            with(
                include_str!("recordings/setup_intent.json"),
                "last_setup_error",
                r#"{"type":"card_error","code":"card_declined","decline_code":"lost_card"}"#,
            ),
            "declined Issuer lost_card",
        ),
        (with(include_str!("recordings/setup_intent.json"), "status", "\"odd\""), "unknown"),
        (
            Reply::Is(402, include_str!("recordings/error_declined.json").into()),
            "declined Issuer insufficient_funds",
        ),
    ] {
        let script = Script::of(vec![
            method(),
            ("POST /v1/customers", recorded!(200, "customer.json")),
            ("POST /v1/setup_intents", recorded!(200, "setup_intent.json")),
            ("POST /v1/setup_intents/seti_made_up_1/confirm", reply),
        ]);
        let outcome = Ask::default()
            .with(&script, async |stripe, call| {
                stripe.issue_stored(call, "key-1", &Customer::default(), &card()).await
            })
            .await;
        assert_eq!(word(&outcome), expected);
        script.played();
    }
}

#[tokio::test]
async fn deleting_a_card_twice_is_done_and_a_card_that_is_still_there_is_not() {
    const DETACH: &str = "POST /v1/payment_methods/pm_made_up_1/detach";
    const STORED: &str = "GET /v1/payment_methods/pm_made_up_1";
    let refused =
        || Reply::Is(400, r#"{"error":{"type":"invalid_request_error","message":"not attached"}}"#.into());
    let attached = with(include_str!("recordings/payment_method.json"), "customer", "\"cus_made_up_1\"");
    for (script, expected) in [
        (vec![(DETACH, refused()), (STORED, recorded!(200, "detached.json"))], "done"),
        (vec![(DETACH, refused()), (STORED, attached.clone())], "unknown"),
        (vec![(DETACH, attached)], "unknown"),
        (vec![(DETACH, Reply::NotSent)], "not sent NOT_SENT"),
        (
            vec![
                (
                    DETACH,
                    Reply::Is(
                        404,
                        r#"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#.into(),
                    ),
                ),
                (
                    STORED,
                    Reply::Is(
                        404,
                        r#"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#.into(),
                    ),
                ),
            ],
            "declined Refused resource_missing",
        ),
    ] {
        let script = Script::of(script);
        let outcome = Ask::default()
            .with(&script, async |stripe, call| {
                stripe.delete_stored(call, "cus_made_up_1/pm_made_up_1").await
            })
            .await;
        assert_eq!(word(&outcome), expected);
        script.played();
    }
}

#[tokio::test]
async fn a_capture_looks_before_it_acts() {
    let approved = || (INTENT, recorded!(200, "intent_requires_capture.json"));
    for (amount, script, expected) in [
        (10_000, vec![approved(), (CAPTURE, recorded!(200, "intent_succeeded.json"))], "done"),
        (10_000, vec![(INTENT, recorded!(200, "intent_succeeded.json"))], "done"),
        (
            10_000,
            vec![approved(), (CAPTURE, Reply::Silence), (CAPTURE, recorded!(200, "intent_succeeded.json"))],
            "done",
        ),
        (10_000, vec![approved(), (CAPTURE, Reply::Silence), (CAPTURE, Reply::Silence)], "unknown"),
        (10_000, vec![approved(), (CAPTURE, recorded!(200, "intent_requires_capture.json"))], "unknown"),
        (9_000, vec![approved()], "declined Refused CAPTURE_AMOUNT_MISMATCH"),
        (10_000, vec![(INTENT, Reply::Silence)], "not sent NOT_EXECUTED"),
        (
            10_000,
            vec![(INTENT, recorded!(200, "intent_released.json"))],
            "declined Refused payment_intent_unexpected_state",
        ),
    ] {
        let (outcome, sent) = Ask::default().captures(amount, script).await;
        assert_eq!(word(&outcome), expected);
        if let Some(capture) = sent.get(1) {
            assert_eq!(form(capture)["amount_to_capture"], "10000");
        }
    }
}

#[tokio::test]
async fn a_refund_is_made_once_however_often_it_is_asked_for() {
    let paid = || (INTENT, recorded!(200, "intent_succeeded.json"));
    let made = || recorded!(200, "refund_succeeded.json");
    for (script, expected) in [
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, made())], "done"),
        // Found in the list: it was made before, and Stripe may have forgotten its key.
        (vec![paid(), (REFUNDS, page(&[REFUNDED]))], "done"),
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, Reply::Silence), (REFUND_IT, made())], "done"),
        (
            vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, Reply::Silence), (REFUND_IT, Reply::Silence)],
            "unknown",
        ),
        (vec![paid(), (REFUNDS, Reply::Silence)], "not sent NOT_EXECUTED"),
        (vec![(INTENT, Reply::Silence)], "not sent NOT_EXECUTED"),
        (
            vec![
                paid(),
                (REFUNDS, page(&[])),
                (
                    REFUND_IT,
                    Reply::Is(
                        400,
                        r#"{"error":{"type":"invalid_request_error","code":"charge_already_refunded"}}"#
                            .into(),
                    ),
                ),
            ],
            "declined Refused charge_already_refunded",
        ),
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "amount", "2999"))], "unknown"),
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "currency", "\"usd\""))], "unknown"),
        (
            vec![
                paid(),
                (REFUNDS, page(&[])),
                (REFUND_IT, with(REFUNDED, "metadata.paypier_refund", "\"x\"")),
            ],
            "unknown",
        ),
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "status", "\"pending\""))], "pending"),
        (
            vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "status", "\"requires_action\""))],
            "pending",
        ),
        (
            vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "status", "\"failed\""))],
            "declined Refused failed",
        ),
        (
            vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "status", "\"canceled\""))],
            "declined Refused canceled",
        ),
        (vec![paid(), (REFUNDS, page(&[])), (REFUND_IT, with(REFUNDED, "status", "\"odd\""))], "unknown"),
    ] {
        let (outcome, _) = Ask::default().refunds(3000, script).await;
        assert_eq!(word(&outcome), expected);
    }
}

#[tokio::test]
async fn what_is_only_approved_is_released_and_only_in_whole() {
    const MARK: &str = "POST /v1/payment_intents/pi_made_up_1";
    const VOID: &str = "POST /v1/payment_intents/pi_made_up_1/cancel";
    let approved = || (INTENT, recorded!(200, "intent_requires_capture.json"));
    let marked = || (MARK, recorded!(200, "intent_requires_capture.json"));
    let released = || recorded!(200, "intent_released.json");
    for (amount, script, expected) in [
        (10_000, vec![approved(), marked(), (VOID, released())], "done"),
        (10_000, vec![(INTENT, released())], "done"),
        (10_000, vec![approved(), marked(), (VOID, Reply::Silence), (VOID, released())], "done"),
        (10_000, vec![approved(), marked(), (VOID, Reply::Silence), (VOID, Reply::Silence)], "unknown"),
        (10_000, vec![approved(), (MARK, Reply::Silence), (MARK, Reply::Silence)], "not sent NOT_EXECUTED"),
        (
            10_000,
            vec![approved(), marked(), (VOID, recorded!(200, "intent_requires_capture.json"))],
            "unknown",
        ),
        (4_000, vec![approved()], "declined Refused PARTIAL_RELEASE_NOT_SUPPORTED"),
        // Somebody else's release.
        (
            10_000,
            vec![(INTENT, with(RELEASED, "metadata.paypier_void", "\"refund-2\""))],
            "declined Refused payment_intent_unexpected_state",
        ),
    ] {
        let (outcome, sent) = Ask::default().refunds(amount, script).await;
        assert_eq!(word(&outcome), expected);
        if let Some(mark) = sent.get(1) {
            assert_eq!(form(mark)["metadata[paypier_void]"], "refund-1");
        }
    }
}

#[tokio::test]
async fn a_query_by_id_says_how_everything_stands() {
    let script = vec![(INTENT, recorded!(200, "intent_succeeded.json")), (REFUNDS, page(&[REFUNDED]))];
    let (found, _) = Ask::default().queries(Some("pi_made_up_1"), script).await;
    let Found::Known(Outcome::Done(snapshot)) = found else { panic!("{found:?}") };
    assert_eq!(word(&snapshot.charge), "done");
    assert_eq!(snapshot.captured_at, Timestamp::from_second(1_790_000_003).ok());
    let [(name, refund)] = snapshot.refunds.as_slice() else { panic!("{:?}", snapshot.refunds) };
    assert_eq!((name.as_str(), word(refund).as_str()), ("refund-1", "done"));

    let (found, _) =
        Ask::default().queries(Some("pi_made_up_1"), vec![(INTENT, Reply::Is(200, RELEASED.into()))]).await;
    let Found::Known(Outcome::Done(snapshot)) = found else { panic!("{found:?}") };
    assert_eq!((word(&snapshot.charge).as_str(), snapshot.captured_at), ("done", None));
    assert_eq!(snapshot.refunds.len(), 1);
}

#[tokio::test]
async fn every_status_of_an_intent_has_a_meaning() {
    for (reply, expected) in [
        (with(APPROVED, "status", "\"requires_capture\""), "done"),
        (with(APPROVED, "status", "\"requires_action\""), "pending"),
        (with(APPROVED, "status", "\"requires_confirmation\""), "pending"),
        (with(APPROVED, "status", "\"processing\""), "pending"),
        (with(APPROVED, "status", "\"requires_payment_method\""), "unknown"),
        (with(APPROVED, "status", "\"canceled\""), "done"),
        (with(APPROVED, "status", "\"invented\""), "unknown"),
        (recorded!(200, "intent_declined.json"), "declined Issuer insufficient_funds"),
        // The status proves that nothing was charged, whatever the code is.
        (
            with(
                include_str!("recordings/intent_declined.json"),
                "last_payment_error.decline_code",
                "\"solar_flare\"",
            ),
            "declined Issuer solar_flare",
        ),
        (
            with(include_str!("recordings/intent_declined.json"), "status", "\"canceled\""),
            "declined Refused canceled",
        ),
        (Reply::Is(200, RELEASED.into()), "done"),
    ] {
        let (found, _) = Ask::default().queries(Some("pi_made_up_1"), vec![(INTENT, reply)]).await;
        let Found::Known(Outcome::Done(snapshot)) = found else { panic!("{found:?}") };
        assert_eq!(word(&snapshot.charge), expected);
    }
}

#[tokio::test]
async fn a_query_does_not_adopt_an_intent_that_is_not_as_we_made_it() {
    for (member, value) in [
        ("amount", "10001"),
        ("currency", "\"jpy\""),
        ("metadata.paypier_reference", "\"tx-2\""),
        ("metadata.paypier_asked", "\"10000 USD\""),
        ("metadata", "{}"),
    ] {
        let script = vec![(INTENT, with(SUCCEEDED, member, value)), (REFUNDS, page(&[]))];
        let (found, _) = Ask::default().queries(Some("pi_made_up_1"), script).await;
        assert!(matches!(found, Found::Known(Outcome::Unknown(_))), "{member} = {value}: {found:?}");
    }
}

#[tokio::test]
async fn a_charge_without_an_id_is_searched_for_and_not_finding_it_proves_nothing() {
    let found_it = vec![
        (SEARCH, page(&[SUCCEEDED])),
        (INTENT, recorded!(200, "intent_succeeded.json")),
        (REFUNDS, page(&[])),
    ];
    let (found, sent) = Ask::default().queries(None, found_it).await;
    assert!(matches!(found, Found::Known(Outcome::Done(_))), "{found:?}");
    assert!(sent[0].path.contains("metadata%5B%27paypier_reference%27%5D%3A%27tx-1%27"), "{}", sent[0].path);
    assert_eq!((&sent[0].method, header(&sent[0], "idempotency-key")), (&Method::GET, None));

    let (found, _) = Ask::default().queries(None, vec![(SEARCH, page(&[]))]).await;
    assert_eq!(found, Found::NotYet, "an hour later still");
    let (found, _) = Ask::default().queries(Some(""), vec![(SEARCH, page(&[]))]).await;
    assert_eq!(found, Found::NotYet, "an empty id is none");
    for reply in
        [Reply::Silence, Reply::NotSent, recorded!(500, "error_api.json"), Reply::Is(401, "{}".into())]
    {
        let (found, _) = Ask::default().queries(None, vec![(SEARCH, reply)]).await;
        assert!(matches!(found, Found::NoAnswer(_)), "{found:?}");
    }
    let (found, _) = Ask::default().queries(None, vec![(SEARCH, page(&[SUCCEEDED, SUCCEEDED]))]).await;
    assert!(matches!(found, Found::NoAnswer(_)), "one of them was charged too much: {found:?}");
}

#[tokio::test]
async fn where_there_is_no_search_all_pages_are_looked_through() {
    let other = SUCCEEDED.replace("tx-1", "tx-0").replace("pi_made_up_1", "pi_made_up_0");
    let more = Reply::Is(200, format!(r#"{{"has_more":true,"data":[{other}]}}"#));
    let script = vec![
        (LIST, more),
        (LIST, page(&[SUCCEEDED])),
        (INTENT, recorded!(200, "intent_succeeded.json")),
        (REFUNDS, page(&[])),
    ];
    let (found, sent) = Ask::minimal().queries(None, script).await;
    assert!(matches!(found, Found::Known(Outcome::Done(_))), "{found:?}");
    assert!(sent[1].path.ends_with("&starting_after=pi_made_up_0"), "{}", sent[1].path);
    let (found, _) = Ask::minimal().queries(None, vec![(LIST, page(&[&other]))]).await;
    assert_eq!(found, Found::NotYet);
}

#[test]
fn keys_are_checked_when_a_channel_is_made_and_never_quoted() {
    let script = Script::of(Vec::new());
    let store = StoreId::known("store-1");
    for (environment, credentials, expected) in [
        (Environment::Test, CREDENTIALS, None),
        (Environment::Test, r#"{"secretKey":"rk_test_0123456789abcdef"}"#, None),
        (
            Environment::Live,
            r#"{"secretKey":"sk_live_0123456789abcdef","webhookSecret":"whsec_0123456789abcdef"}"#,
            None,
        ),
        (Environment::Live, CREDENTIALS, Some("secretKey is a test key and the channel is a live channel")),
        (
            Environment::Test,
            r#"{"secretKey":"sk_live_0123456789abcdef"}"#,
            Some("secretKey is a live key and the channel is a test channel"),
        ),
        (Environment::Test, r#"{"secretKey":"pk_test_0123456789abcdef"}"#, Some("publishable key")),
        (Environment::Test, r#"{"secretKey":"sk_test_short"}"#, Some("sk_test_…")),
        (Environment::Test, r#"{"secretKey":"sk_test_0123456789abcdef\nx: y"}"#, Some("sk_test_…")),
        (
            Environment::Test,
            r#"{"secretKey":"sk_test_0123456789abcdef","webhookSecret":"secret0123456789"}"#,
            Some("webhookSecret is whsec_…"),
        ),
        (
            Environment::Test,
            r#"{"secretKey":"sk_test_0123456789abcdef","webhook_secret":"whsec_0123456789abcdef"}"#,
            Some("and no others"),
        ),
        (Environment::Test, "{}", Some("secretKey")),
        (Environment::Test, "sk_test_0123456789abcdef", Some("JSON object")),
    ] {
        let channel = channel(environment);
        let call = Call { exchange: &script, store: &store, channel: &channel, credentials, now: now() };
        let checked = Stripe::default().check_credentials(&call);
        match expected {
            None => assert_eq!(checked, Ok(()), "{credentials}"),
            Some(expected) => {
                let refusal = checked.unwrap_err();
                assert!(refusal.contains(expected), "{credentials}: {refusal}");
                assert!(!refusal.contains("0123456789abcdef"), "{refusal}");
            }
        }
    }
}

#[test]
fn what_the_connector_declares_is_what_it_does() {
    let full = Stripe::default().capabilities();
    assert_eq!(full.absent_is_conclusive_after, None, "a lagging search proves nothing");
    assert!(Stripe::default().unlisted_is_conclusive_after().is_some());
    assert!(matches!(full.idempotency, crate::contract::Idempotency::Header { .. }));
    let minimal = Stripe::new(Ask::minimal().options).capabilities();
    assert_eq!(minimal.idempotency, crate::contract::Idempotency::None);
}
