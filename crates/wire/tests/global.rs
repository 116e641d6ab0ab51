//! Compares what we describe of the Global dialect with what it publishes, and reads the published examples.
//!
//! The published documents are not part of this repository. They are looked for in the folder that
//! `PAYPIER_SHARED` names, or in `shared` beside the workspace. Without them the comparison is left out and says
//! so; in CI that is a failure.

use std::collections::BTreeSet;
use std::path::PathBuf;

use paypier_wire::global::openapi::openapi;
use paypier_wire::global::{
    Choice, CreatePaymentLinkRequest, DeductionAnswer, DeductionRequest, Environment, RefundContent,
    RefundRequest, RefundStatus, RefundType, Refunds, ReminderTimeUnit, Source,
};
use serde_json::{Map, Value, json};

const DOCUMENTS: [&str; 3] =
    ["portone-global-payment.json", "portone-global-refund.json", "portone-global-subscription.json"];

/// Where a published document is contradicted by its own examples or by another source; what we do instead is
/// said in the specification of the dialect. A line that no longer matters fails the comparison.
const CONTRADICTED: &[(&str, &str)] = &[
    // Seed 001 has them optional.
    ("POST /api/paymentLink body.merchant_details", "promo_discount is required, not with us"),
    ("POST /api/paymentLink body.merchant_details", "shipping_charges is required, not with us"),
    // The examples are in snake case.
    ("POST /api/{key}/transaction-details 200.content", "statusCode is missing"),
    ("POST /api/{key}/transaction-details 200.content", "statusReason is missing"),
    // A list, not an object, in the example.
    ("POST /api/{key}/transaction-details 200.content.order_details", "data is object, ours is array"),
    (
        "PUT /api/update-paylink/{payment_link_ref} body.merchant_details",
        "promo_discount is required, not with us",
    ),
    (
        "PUT /api/update-paylink/{payment_link_ref} body.merchant_details",
        "shipping_charges is required, not with us",
    ),
    // The example has them in an envelope.
    ("PUT /api/update-paylink/{payment_link_ref} 200", "these members are in content with us"),
    // The schema of another member was named here.
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "forex_rate is missing"),
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "invoice_amount is missing"),
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "invoice_currency is missing"),
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "payment_amount is missing"),
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "payment_currency is missing"),
    ("PUT /api/update-paylink/{payment_link_ref} 200.customer_details", "show_fx_conversion is missing"),
    // A flag in the example.
    ("GET /api/merchant/{key}/pay-channel/{pckey} 200.content[]", "is_va_flow is string, ours is boolean"),
    // Numbers and flags in the examples.
    ("GET /api/subscription/{orderRef} 200.content", "collected_count is string, ours is integer"),
    ("PUT /api/subscription/{orderRef}/status/{status} 200", "is_success is string, ours is boolean"),
    ("PUT /api/subscription/{orderRef}/status/{status} 400", "is_success is string, ours is boolean"),
];

fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is told by its environment where the documents are"
    )]
    std::env::var(name).ok()
}

fn published(file: &str) -> Option<Value> {
    let shared = match variable("PAYPIER_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    match std::fs::read_to_string(shared.join("contract").join(file)) {
        Ok(text) => Some(serde_json::from_str(&text).expect("a published document is JSON")),
        Err(error) if variable("CI").is_some() => panic!("{file} cannot be read in CI: {error}"),
        Err(_) => None,
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

/// The schema itself, where a reference to it may be.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(to) => document.pointer(to.trim_start_matches('#')).expect("a reference leads somewhere"),
        None => schema,
    }
}

fn kind(schema: &Value) -> &str {
    match schema["type"].as_str() {
        Some(kind) => kind,
        None if schema.get("properties").is_some() => "object",
        None => "anything",
    }
}

fn words(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Which way a body travels.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    In,
    Out,
}

struct Comparison<'a> {
    published: &'a Value,
    ours: &'a Value,
    wrong: Vec<(String, String)>,
}

impl Comparison<'_> {
    fn complain(&mut self, place: &str, what: String) {
        self.wrong.push((place.to_owned(), what));
    }

    fn schema(&mut self, place: &str, published: &Value, ours: &Value, way: Way) {
        let (published, ours) =
            (resolved(self.published, published).clone(), resolved(self.ours, ours).clone());
        let word = |value: &Value| value.get("enum").cloned().unwrap_or_default();
        for word in words(&word(&published)).difference(&words(&word(&ours))) {
            self.complain(place, format!("{word} is not a word of ours"));
        }
        match (kind(&published), kind(&ours)) {
            // A published list that says nothing about its items agrees with every list.
            ("array", "array") => {
                self.schema(&format!("{place}[]"), &published["items"], &ours["items"], way);
            }
            ("object", "object") => self.members(place, &published, &ours, way),
            _ => {}
        }
    }

    fn members(&mut self, place: &str, published: &Value, ours: &Value, way: Way) {
        let Some(members) = published.get("properties") else { return };
        let mut ours = ours;
        let content = resolved(self.ours, &ours["properties"]["content"]).clone();
        if members.get("content").is_none() && content.get("properties").is_some() {
            self.complain(place, "these members are in content with us".to_owned());
            ours = &content;
        }
        for (member, schema) in object(members) {
            let Some(our_schema) = ours["properties"].get(member) else {
                self.complain(place, format!("{member} is missing"));
                continue;
            };
            let (theirs, mine) =
                (resolved(self.published, schema).clone(), resolved(self.ours, our_schema).clone());
            let (theirs, mine) = (kind(&theirs), kind(&mine));
            // Whole numbers are numbers; of what is read, translation finds out whether it is a whole one.
            let agree = theirs == mine
                || theirs == "anything"
                || (theirs, mine) == ("number", "integer")
                || way == Way::In && (theirs, mine) == ("integer", "number");
            if agree {
                self.schema(&format!("{place}.{member}"), schema, our_schema, way);
            } else {
                self.complain(place, format!("{member} is {theirs}, ours is {mine}"));
            }
        }
        if way == Way::In {
            let (theirs, mine) = (words(&published["required"]), words(&ours["required"]));
            for member in mine.difference(&theirs) {
                self.complain(place, format!("{member} may be absent, not with us"));
            }
            for member in theirs.difference(&mine) {
                self.complain(place, format!("{member} is required, not with us"));
            }
        }
    }

    fn operation(&mut self, name: &str, published: &Value, ours: &Value) {
        for parameter in published["parameters"].as_array().into_iter().flatten() {
            let header = parameter["in"] == "header";
            // The key and the token are security schemes with us, and a body has a content type of its own.
            if header && parameter["name"] != "X-Portone-SubMerchant-Key" {
                continue;
            }
            let same = |other: &&Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
            match ours["parameters"].as_array().and_then(|all| all.iter().find(same)) {
                None => self.complain(name, format!("parameter {} is missing", parameter["name"])),
                Some(found) if (found["required"] == true) != (parameter["required"] == true) => {
                    self.complain(name, format!("parameter {} is not needed alike", parameter["name"]));
                }
                Some(_) => {}
            }
        }
        let authorized = published["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "Authorization"));
        let asks_for_token = ours["security"][0].get("bearerJwt").is_some();
        if authorized != asks_for_token {
            self.complain(name, format!("a token is published as needed: {authorized}"));
        }
        let body = |value: &Value| value["content"]["application/json"]["schema"].clone();
        let theirs = body(&published["requestBody"]);
        if !theirs.is_null() {
            self.schema(&format!("{name} body"), &theirs, &body(&ours["requestBody"]), Way::In);
        }
        for (status, response) in object(&published["responses"]) {
            if ours["responses"].get(status).is_none() {
                self.complain(name, format!("{status} is not answered by us"));
                continue;
            }
            self.schema(
                &format!("{name} {status}"),
                &body(response),
                &body(&ours["responses"][status]),
                Way::Out,
            );
        }
    }
}

/// What is wrong with our description.
fn compare(published: &Value, ours: &Value) -> Vec<(String, String)> {
    let mut comparison = Comparison { published, ours, wrong: Vec::new() };
    let mut seen = 0u32;
    for (path, item) in object(&published["paths"]) {
        for (method, operation) in object(item) {
            let name = format!("{} {path}", method.to_uppercase());
            match ours["paths"].get(path).and_then(|item| item.get(method)) {
                Some(found) => comparison.operation(&name, operation, found),
                None => comparison.complain(&name, "is missing".to_owned()),
            }
            seen = seen.saturating_add(1);
        }
    }
    assert!(seen > 0, "nothing is published");
    comparison.wrong
}

#[test]
fn what_is_published_is_described() {
    let ours = openapi();
    let mut contradicted = BTreeSet::new();
    let mut left_out = false;
    let mut wrong = Vec::new();
    for file in DOCUMENTS {
        let Some(published) = published(file) else {
            println!("contract: LEFT OUT, {file} is not there");
            left_out = true;
            continue;
        };
        for (place, what) in compare(&published, &ours) {
            match CONTRADICTED.iter().find(|known| (known.0, known.1) == (place.as_str(), what.as_str())) {
                Some(known) => {
                    contradicted.insert(*known);
                }
                None => wrong.push(format!("{file}: {place}: {what}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for known in CONTRADICTED {
        assert!(left_out || contradicted.contains(known), "is no contradiction any more: {known:?}");
    }
}

/// The comparison would notice: each change makes ours worse than what is published.
#[test]
fn a_worse_description_is_noticed() {
    let Some(published) = published("portone-global-refund.json") else {
        println!("contract: LEFT OUT, the description of refunds is not there");
        return;
    };
    let before = compare(&published, &openapi()).len();
    let refund = "/paths/~1api~1refund~1{portone_order_ref}/post";
    for (place, worse) in [
        ("/components/schemas/RefundRequest/properties".to_owned(), json!({})),
        ("/components/schemas/RefundRequest/properties/amount/type".to_owned(), json!("string")),
        ("/components/schemas/RefundRequest/required".to_owned(), json!([])),
        (
            "/components/schemas/RefundRequest/required".to_owned(),
            json!(["amount", "channel", "description", "environment", "refund_type", "refund_reason", "x"]),
        ),
        ("/components/schemas/RefundRequest/properties/refund_type/enum".to_owned(), json!(["full"])),
        ("/components/schemas/RefundContent/properties/refund_id/type".to_owned(), json!("integer")),
        (
            "/components/schemas/Refunds/properties/refundDetails/items".to_owned(),
            json!({"type": "object", "properties": {}}),
        ),
        (format!("{refund}/parameters"), json!([])),
        (format!("{refund}/security"), json!([{}])),
        (format!("{refund}/responses"), json!({})),
    ] {
        let mut ours = openapi();
        let (parent, member) = place.rsplit_once('/').unwrap();
        ours.pointer_mut(parent).unwrap()[member] = worse;
        assert!(compare(&published, &ours).len() > before, "{place} was not noticed");
    }
}

#[test]
fn the_deduction_of_the_documentation_is_read_and_answered() {
    let request: DeductionRequest = serde_json::from_str(
        r#"{
          "portone_key": "PORTONE_KEY",
          "merchant_order_ref": "Merchant_1729672233763",
          "subscription_order_ref": "2nsRMeHXpSUpe8DZzdyZkKCtI9D",
          "description": "Product name for the customer's subscription purchase",
          "source": "api",
          "amount": 100,
          "currency": "USD",
          "environment": "sandbox"
        }"#,
    )
    .unwrap();
    assert_eq!(request.source, Some(Choice::Known(Source::Api)));
    assert_eq!(request.environment, Some(Choice::Known(Environment::Sandbox)));
    assert_eq!(request.amount.unwrap().decimal(), Some(100.into()));
    assert_eq!(request.signature_hash, None, "the sample leaves it out");

    let answer = |answer: &DeductionAnswer| serde_json::to_string(answer).unwrap();
    assert_eq!(
        answer(&DeductionAnswer::as_deduct(
            "Merchant_1729672233763",
            "2nsRMeHXpSUpe8DZzdyZkKCtI9D",
            "Success"
        )),
        r#"{"is_success":true,"merchant_order_ref":"Merchant_1729672233763","order_ref":"2nsRMeHXpSUpe8DZzdyZkKCtI9D","status_code":"200","status":"success"}"#
    );
    assert_eq!(
        answer(&DeductionAnswer::as_create_deduction(
            "Subscription_1687863670647",
            "2RmmXauKYyPl58ZRdmbSu9KyjdU",
            "Initiated"
        )),
        r#"{"is_success":true,"merchant_order_ref":"Subscription_1687863670647","order_ref":"2RmmXauKYyPl58ZRdmbSu9KyjdU","status_code":"2000","status":"Initiated"}"#
    );
}

#[test]
fn the_payment_link_of_the_documentation_is_read() {
    let request: CreatePaymentLinkRequest = serde_json::from_str(
        r#"{"portone_key":"{PORTONE_KEY}","merchant_details":{"name":"PortOne Demo Account","logo":"","back_url":"https://admin.portone.cloud","promo_code":"NA","promo_discount":0,"shipping_charges":0},
        "source":"default","description":"test payment link description","signature_hash":"signature_hash","amount":2500,"currency":"THB","country_code":"TH","custom_link_ref":"786283tghjwefdhvsdvbfnvbn","merchant_order_id":"011352FD604A301","show_shipping_details":false,
        "billing_details":{"billing_name":"Test Customer Name","billing_email":"testcustomer@gmail.com","billing_phone":"+918767677665","billing_address":{"city":"City","country_code":"TH","locale":"TH","line_1":"address","line_2":"address_2","postal_code":"400202","state":"Mah"}},
        "shipping_details":{"shipping_name":"Test Customer Name","shipping_email":"testcustomer@gmail.com","shipping_phone":"+918767677665","shipping_address":{"city":"abc","country_code":"TH","locale":"TH","line_1":"address_1","line_2":"address_2","postal_code":"400202","state":"Mah"}},
        "is_checkout_embed":false,"success_url":"https://checkout.portone.cloud/success.html","failure_url":"https://checkout.portone.cloud/failure.html","pending_url":"https://checkout.portone.cloud/pending.html","expiry_date":"2024-07-28T18:30:00.000Z",
        "customer_details":{"name":"Test Customer Name","email_address":"testcustomer@gmail.com","phone_number":"+918767677665"},"notify_by_email":true,"notify_by_phone":true,"notes":[{"key":"key1","value":"value1"},{"key":"key2","value":"value2"}],
        "reminder_time":1,"reminder_time_unit":"hours","send_immediately":false,"scheduled_date":"2024-07-26T18:30:00.000Z",
        "chosen_payment_methods":[{"payment_channel":"GBPRIMEPAY","payment_method":"GBPRIMEPAY_CREDIT_CARD"},{"payment_channel":"CHILLPAY","payment_method":"CHILLPAY_QRCODE"}],"environment":"sandbox"}"#,
    )
    .unwrap();
    assert_eq!(request.amount.unwrap().decimal(), Some(2500.into()));
    assert_eq!(request.reminder_time_unit, Some(Choice::Known(ReminderTimeUnit::Hours)));
    assert_eq!(request.notes.unwrap().len(), 2);
    assert_eq!(request.billing_details.unwrap().billing_address.unwrap().line_1.as_deref(), Some("address"));
    let chosen = request.chosen_payment_methods.unwrap();
    assert_eq!(chosen[1].payment_method.as_deref(), Some("CHILLPAY_QRCODE"));
    assert_eq!(request.send_immediately.map(|flag| flag.0), Some(false));
}

#[test]
fn the_refunds_of_the_documentation_are_read_and_answered() {
    let request: RefundRequest = serde_json::from_str(
        r#"{"amount":700000,"channel":"MOMOPAY","description":"momo refund","refund_type":"Partial","refund_reason":"customer request","environment":"live"}"#,
    )
    .unwrap();
    assert_eq!(request.refund_type, Some(Choice::Known(RefundType::Partial)), "any case");
    assert_eq!(request.environment, Some(Choice::Known(Environment::Live)));

    let row = |merchant_id: Option<&str>| RefundContent {
        refund_date: "2022-06-30T06:20:41.052983Z".parse().unwrap(),
        refund_id: String::new(),
        psp_refund_id: "13785967".into(),
        amount: 40_000.into(),
        currency: "VND".into(),
        refund_status: RefundStatus::Success,
        refund_type: RefundType::Partial,
        refund_reason: "some reason".into(),
        merchant_id: merchant_id.map(str::to_owned),
    };
    let answer = |row| {
        serde_json::to_string(&Refunds { amount_to_refund: 60_000.into(), refund_details: vec![row] })
            .unwrap()
    };
    assert_eq!(
        answer(row(Some("11"))),
        r#"{"amountToRefund":60000,"refundDetails":[{"refund_date":"2022-06-30T06:20:41.052983Z","refund_id":"","psp_refund_id":"13785967","amount":40000,"currency":"VND","refund_status":"SUCCESS","refund_type":"partial","refund_reason":"some reason","merchant_id":"11"}]}"#
    );
    assert!(!answer(row(None)).contains("merchant_id"));
}
