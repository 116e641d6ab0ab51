//! The merchant's credentials at PSPs.

use super::call::{Answered, Call, Nothing};
use super::need::{self, Tone};
use super::problem::Refused;
use super::translate as to;
use crate::app::global::Refusal;
use crate::app::global::channel::Expected;
use paypier_domain::catalogue::{self, Category, Currencies, Method};
use paypier_domain::global::Taking;
use paypier_wire::global::channel::masked;
use paypier_wire::global::{
    ChannelContent, ChannelCredentialsContent, ChannelCredentialsRequest, ChannelType, Code, Content,
    PayMethodContent, PayType,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All but the last characters of each are stars. What is no text is shown as none.
fn hidden(credentials: &Map<String, Value>) -> Map<String, Value> {
    credentials
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.clone(), Value::String(masked(&text)))
        })
        .collect()
}

async fn put(
    call: &Call,
    body: ChannelCredentialsRequest,
    expected: Expected,
) -> Answered<Content<ChannelCredentialsContent>> {
    let caller = call.caller()?;
    let creds = need::some(Tone::Request, "creds", body.creds)?.0;
    let country = need::text(Tone::Request, "country", body.country.as_ref())?;
    if country.len() > 16 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(Refused::invalid(
            Code::InvalidRequest,
            "Invalid Request, err : country must be two letters or GLOBAL",
        ));
    }
    let environment = need::environment(body.environment.as_ref())?;
    let name = call.path("pckey")?;
    let name = call.app.put_channel(caller, environment, &name, country, &creds, expected).await?;
    let content = ChannelCredentialsContent {
        merchant_uuid: uuid_of(caller.store().as_str()),
        payment_channel_key: name.to_owned(),
        masked_data: hidden(&creds),
    };
    Ok(Content::saying(content, "Payment Channel Creds added successfully!"))
}

/// The UUID in a store's id.
fn uuid_of(store: &str) -> String {
    store.strip_prefix("store-").unwrap_or(store).to_owned()
}

/// `POST /api/merchant/{key}/add-pay-channel/{pckey}`
pub async fn add(
    call: Arc<Call>,
    body: ChannelCredentialsRequest,
) -> Answered<Content<ChannelCredentialsContent>> {
    put(&call, body, Expected::Anything).await
}

/// `PUT /api/merchant/{key}/add-pay-channel/{pckey}`
pub async fn update(
    call: Arc<Call>,
    body: ChannelCredentialsRequest,
) -> Answered<Content<ChannelCredentialsContent>> {
    put(&call, body, Expected::Existing).await
}

/// `GET /api/merchant/{key}/pay-channel/{pckey}`
pub async fn read(call: Arc<Call>, _: Nothing) -> Answered<Content<Vec<ChannelContent>>> {
    let caller = call.caller()?;
    let environment = call.query("environment")?;
    let environment = need::some(Tone::Request, "environment", environment)?;
    let environment = need::environment_word(Some(&environment))?;
    let pay_type = call.query("payType")?;
    let pay_type = match need::some(Tone::Request, "payType", pay_type)?.as_str() {
        "PAYIN" => PayType::PayIn,
        "PAYOUT" => PayType::PayOut,
        _ => {
            return Err(Refused::invalid(
                Code::InvalidRequest,
                "Invalid Request, err : payType must be PAYIN or PAYOUT",
            ));
        }
    };
    let asked = call.path("pckey")?;
    let name = catalogue::channel(&asked).ok_or_else(|| Refused::from(Refusal::UnknownChannel(asked)))?;
    let stored = caller.global.channel(environment, name).filter(|_| pay_type == PayType::PayIn);
    let mut found = Vec::new();
    if let Some(channel) = stored {
        let creds = call.app.given_credentials(channel)?;
        found.push(ChannelContent {
            key: name.to_owned(),
            kind: kind(name),
            logo: String::new(),
            creds: hidden(&creds),
            is_enabled: true,
            country: channel.country.clone(),
            pay_type,
            is_va_flow: methods(name).any(|category| category == Category::VaBankTransfer),
        });
    }
    Ok(Content::saying(found, "Payment Channel Creds fetched successfully!"))
}

/// `GET /merchants/{key}/paymethodsbyKey`: what can be used now, by group.
pub async fn methods_of(call: Arc<Call>, _: Nothing) -> Answered<BTreeMap<String, Vec<PayMethodContent>>> {
    let caller = call.caller()?;
    let currency = call.query("currency")?;
    let currency = to::currency(&need::some(Tone::Request, "currency", currency)?)?;
    let environment = need::environment_word(call.query("environment")?.as_deref())?;
    let mut groups: BTreeMap<String, Vec<PayMethodContent>> = BTreeMap::new();
    for method in catalogue::methods() {
        let is_ready = call.app.engine_channel(caller, environment, method.channel, Taking::Purchase).is_ok();
        if is_ready && method.available && method.takes(currency.code()) {
            groups.entry(method.category.as_str().to_owned()).or_default().push(offered(method));
        }
    }
    // Of several channels for cards the first one is what pages begin with.
    if let Some(first) = groups.get_mut(Category::Card.as_str()).and_then(|cards| cards.first_mut()) {
        first.is_default = true;
    }
    Ok(groups)
}

fn offered(method: &'static Method) -> PayMethodContent {
    let terms = method.refund_terms();
    PayMethodContent {
        payment_channel_key: method.channel.to_owned(),
        payment_method_key: method.key.to_owned(),
        sub_type: method.category.as_str().to_owned(),
        logo: String::new(),
        display_name: method.name.to_owned(),
        is_default: false,
        is_enabled: true,
        is_merchant_sponsored: false,
        collect_payslip: false,
        tokenization_possible: false,
        name: method.name.to_owned(),
        country: method.countries.join(","),
        currency: match &method.currencies {
            Currencies::Of(codes) => codes.join(","),
            Currencies::Local => String::new(),
        },
        is_refund_allowed: terms.full,
        is_partial_refund_allowed: terms.partial,
        is_multi_refund_allowed: terms.several,
    }
}

fn methods(channel: &'static str) -> impl Iterator<Item = Category> {
    catalogue::methods().iter().filter(move |method| method.channel == channel).map(|method| method.category)
}

/// A wallet offers itself and nothing else; whatever offers several things is a gateway.
fn kind(channel: &'static str) -> ChannelType {
    if methods(channel).all(|category| category == Category::Wallet) {
        ChannelType::DigitalWallet
    } else {
        ChannelType::Gateway
    }
}
