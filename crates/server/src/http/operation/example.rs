//! Examples that are made from the description: a body with believable values, and the request as a
//! command line that can be pasted.
//!
//! Values are found by the name of the member; a member without a known value gets one of its type.
//! Requests show what is required and a few members that nearly every caller sends; answers show
//! what is always there.

use super::document::{Document, Form, Kind, Member, Operation};

/// What the examples speak of, so that in local mode they run as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleValues {
    /// Where this server is reached, without a slash at the end.
    pub base_url: String,
    /// Only ever the demo credential of local mode.
    pub api_secret: Option<String>,
    pub channel_key: Option<String>,
}

/// JSON whose members keep their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sample {
    Object(Vec<(String, Sample)>),
    List(Vec<Sample>),
    Text(String),
    /// A number or a word of JSON, as it is written.
    Bare(&'static str),
}

/// Deeper than any body of the description; ends what refers to itself.
const DEEPEST: usize = 9;

/// Optional members that a request is shown with.
const SHOWN: [&str; 9] =
    ["channelKey", "card", "credential", "amount", "page", "number", "size", "isTest", "total"];

/// Variants that say most about a type.
const TELLING: [&str; 7] =
    ["TEST", "PAID", "SUCCEEDED", "ISSUED", "BillingKeyPaymentMethodCard", "PaymentMethodCard", "SEPARATED"];

/// Lists that are empty for nearly everybody.
const EMPTY: [&str; 1] = ["disputes"];

const TEXTS: [(&str, &str); 44] = [
    ("id", "0190f3c2-8a10-7e55-b0c1-d2e3f4a5b6c7"),
    ("ipAddress", "203.0.113.7"),
    ("apiSecret", "your API secret"),
    ("accessToken", "eyJhbGciOiJIUzI1NiJ9…"),
    ("refreshToken", "eyJhbGciOiJIUzI1NiJ9…"),
    ("storeId", "store-4ff4af41-85e3-4559-8eb8-0d08a2c6ceec"),
    ("merchantId", "merchant-0f0b44b6-c1d3-4cb8-a7ac-56b2b9a2f1a9"),
    ("paymentId", "order-1001"),
    ("transactionId", "0190f3c2-7f3e-7c30-9a51-0d1f3c2b4a5e"),
    ("cancellationId", "0190f3c5-1b2a-7a10-8c3d-9e8f7a6b5c4d"),
    ("billingKey", "billing-key-0190f3c2-9d40-7b11-a1b2-c3d4e5f60718"),
    ("webhookId", "0190f3c2-8a10-7e55-b0c1-d2e3f4a5b6c7"),
    ("channelKey", "your channel key"),
    ("orderName", "Two tickets"),
    ("name", "Kim Dana"),
    ("full", "Kim Dana"),
    ("email", "dana@example.com"),
    ("phoneNumber", "010-1234-5678"),
    ("reason", "The customer changed her mind"),
    ("number", "4242424242424242"),
    ("expiryYear", "32"),
    ("expiryMonth", "12"),
    ("birthOrBusinessRegistrationNumber", "900101"),
    ("passwordTwoDigits", "12"),
    ("bin", "424242"),
    ("approvalNumber", "30012345"),
    ("pgTxId", "sbx_0190f3c27f3e"),
    ("pgCancellationId", "sbx_0190f3c51b2a"),
    ("pgMerchantId", "sandbox-card"),
    ("pgCode", ""),
    ("pgMessage", ""),
    ("receiptUrl", "https://example.com/receipts/1001"),
    ("url", "https://example.com/webhooks"),
    ("currency", "KRW"),
    ("country", "KR"),
    ("locale", "KO_KR"),
    ("version", "V2"),
    ("pgProvider", "TOSSPAYMENTS"),
    ("cursor", "MDE5MGYzYzI"),
    ("paymentToken", "the token that the browser was given"),
    ("txId", "0190f3c2-7f3e-7c30-9a51-0d1f3c2b4a5e"),
    ("message", "what happened, with the value and the limit"),
    ("ko", "신한은행"),
    ("bank", "SHINHAN"),
];

const NUMBERS: [(&str, &str); 12] = [
    ("total", "15000"),
    ("paid", "15000"),
    ("amount", "15000"),
    ("totalAmount", "15000"),
    ("vat", "1364"),
    ("supply", "13636"),
    ("size", "10"),
    ("totalCount", "1"),
    ("quantity", "2"),
    ("currentExecutionCount", "1"),
    ("maxExecutionCount", "6"),
    ("validHours", "24"),
];

fn known<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(of, _)| *of == name).map(|(_, value)| *value)
}

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Request,
    Answer,
}

impl Document {
    /// A believable value.
    pub fn sample(&self, kind: &Kind, way: Way, values: &ExampleValues) -> Sample {
        self.sample_of(kind, "", way, values, 0)
    }

    fn sample_of(&self, kind: &Kind, name: &str, way: Way, values: &ExampleValues, depth: usize) -> Sample {
        let deeper = depth.saturating_add(1);
        match kind {
            Kind::Named(to) => self.sample_named(to, name, way, values, deeper),
            Kind::List(_) if depth >= DEEPEST || EMPTY.contains(&name) => Sample::List(Vec::new()),
            Kind::List(item) => match self.sample_of(item, name, way, values, deeper) {
                Sample::Object(members) if members.is_empty() => Sample::List(Vec::new()),
                item => Sample::List(vec![item]),
            },
            Kind::Words(words) => Sample::Text(words.first().cloned().unwrap_or_default()),
            Kind::Plain { name: plain, format } => {
                sample_plain(plain, format.as_deref().unwrap_or_default(), name, values)
            }
        }
    }

    fn sample_named(&self, to: &str, name: &str, way: Way, values: &ExampleValues, depth: usize) -> Sample {
        let Some(shape) = self.types.get(to).filter(|_| depth <= DEEPEST) else {
            return Sample::Object(Vec::new());
        };
        match &shape.form {
            Form::Words(words) => {
                let wanted = known(&TEXTS, name).filter(|wanted| words.iter().any(|word| word == wanted));
                let telling =
                    TELLING.iter().find(|telling| words.iter().any(|word| word == *telling)).copied();
                let word = wanted.or(telling).or_else(|| words.first().map(String::as_str));
                Sample::Text(word.unwrap_or_default().to_owned())
            }
            Form::Plain(kind) => self.sample_of(kind, name, way, values, depth),
            Form::Union { variants, .. } => {
                let variant = TELLING
                    .iter()
                    .find_map(|telling| variants.iter().find(|(word, _)| word == telling))
                    .or(variants.first());
                variant.map_or_else(
                    || Sample::Object(Vec::new()),
                    |(_, to)| self.sample_named(to, name, way, values, depth.saturating_add(1)),
                )
            }
            Form::Object(members) => Sample::Object(
                members
                    .iter()
                    .filter(|member| is_shown(member, way))
                    .map(|m| {
                        // A payment's own name is the merchant's.
                        let called =
                            if m.name == "id" && to.ends_with("Payment") { "paymentId" } else { &m.name };
                        (m.name.clone(), self.sample_of(&m.kind, called, way, values, depth))
                    })
                    .collect(),
            ),
        }
    }
}

fn is_shown(member: &Member, way: Way) -> bool {
    member.is_required || (way == Way::Request && SHOWN.contains(&member.name.as_str()))
}

fn sample_plain(plain: &str, format: &str, name: &str, values: &ExampleValues) -> Sample {
    match (plain, format) {
        ("integer" | "number", _) => Sample::Bare(known(&NUMBERS, name).unwrap_or("0")),
        ("boolean", _) => Sample::Bare("false"),
        ("object" | "any", _) => Sample::Object(Vec::new()),
        (_, "date-time") => Sample::Text("2026-05-01T09:30:00Z".to_owned()),
        (_, "date") => Sample::Text("2026-05-01".to_owned()),
        _ => Sample::Text(match (name, &values.channel_key, &values.api_secret) {
            ("channelKey", Some(key), _) => key.clone(),
            ("apiSecret", _, Some(secret)) => secret.clone(),
            _ => known(&TEXTS, name).unwrap_or("text").to_owned(),
        }),
    }
}

impl Sample {
    /// Indented by two blanks a level.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        let inner = level.saturating_add(1);
        match self {
            Self::Bare(bare) => out.push_str(bare),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Object(members) if members.is_empty() => out.push_str("{}"),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    next_line(out, index, inner);
                    out.push_str(&quoted(name));
                    out.push_str(": ");
                    value.write(out, inner);
                }
                end_line(out, level);
                out.push('}');
            }
            Self::List(items) => {
                out.push('[');
                for (index, value) in items.iter().enumerate() {
                    next_line(out, index, inner);
                    value.write(out, inner);
                }
                end_line(out, level);
                out.push(']');
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Object(members) => members.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Text(_) | Self::Bare(_) => false,
        }
    }
}

fn next_line(out: &mut String, index: usize, level: usize) {
    if index > 0 {
        out.push(',');
    }
    end_line(out, level);
}

fn end_line(out: &mut String, level: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(level));
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The request as a command line for `curl`.
pub fn curl(document: &Document, operation: &Operation, values: &ExampleValues) -> String {
    let mut path = operation.path.clone();
    for parameter in operation.parameters.iter().filter(|p| p.place == "path") {
        let value = known(&TEXTS, &parameter.name).unwrap_or("id");
        path = path.replace(&format!("{{{}}}", parameter.name), value);
    }
    let criteria = operation.parameters.iter().find(|parameter| parameter.is_criteria());
    let method = match operation.method.as_str() {
        "GET" if criteria.is_some() => " -G".to_owned(),
        "GET" => String::new(),
        method => format!(" -X {method}"),
    };
    let mut lines = vec![format!("curl{method} {}", shell(&format!("{}{path}", values.base_url)))];
    if operation.needs_credential {
        let header = match &values.api_secret {
            Some(secret) => shell(&format!("Authorization: PortOne {secret}")),
            None => "\"Authorization: PortOne $PAYPIER_API_SECRET\"".to_owned(),
        };
        lines.push(format!("-H {header}"));
    }
    match (criteria, &operation.body) {
        (Some(criteria), _) => {
            let sample = document.sample(&criteria.kind, Way::Request, values);
            if !sample.is_empty() {
                lines
                    .push(format!("--data-urlencode {}", shell(&format!("requestBody={}", sample.pretty()))));
            }
        }
        (None, Some(body)) => {
            lines.push("-H 'Content-Type: application/json'".to_owned());
            let sample = document.sample(&body.kind, Way::Request, values);
            lines.push(format!("-d {}", shell(&sample.pretty())));
        }
        (None, None) => {}
    }
    lines.join(" \\\n  ")
}

/// One word of a POSIX shell, whatever it contains.
fn shell(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_shell_stays_one_word() {
        assert_eq!(shell("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn every_request_of_the_description_has_an_example_that_is_json() {
        let description = serde_json::to_value(paypier_wire::v2::openapi::openapi()).unwrap();
        let document = Document::read(&description);
        let values =
            ExampleValues { base_url: "http://127.0.0.1:8080".into(), api_secret: None, channel_key: None };
        for operation in document.tags.iter().flat_map(|tag| &tag.operations) {
            let line = curl(&document, operation, &values);
            assert!(
                !line.contains('{') || serde_json::from_str::<serde_json::Value>(body_of(&line)).is_ok(),
                "{line}"
            );
            for answer in &operation.answers {
                if let Some(kind) = &answer.kind {
                    let text = document.sample(kind, Way::Answer, &values).pretty();
                    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
                }
            }
        }
    }

    fn body_of(line: &str) -> &str {
        let start = line.find('{').unwrap();
        let end = line.rfind('}').unwrap();
        &line[start..=end]
    }
}
