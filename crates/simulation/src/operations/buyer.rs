//! What the sandbox lets a test play: the buyer.

use super::body::CHALLENGED;
use super::{About, Ask, Payment, Scene};
use crate::model::{Filling, Form, Place};
use crate::office::ChannelKind;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

fn typed_card(scene: &mut Scene<'_>) -> Value {
    json!({ "number": scene.card_number(), "expiryYear": "39", "expiryMonth": "12" })
}

pub fn authenticate(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let body = json!({
        "channelKey": scene.shop.channel(ChannelKind::Card), "orderName": "a book", "totalAmount": amount,
        "currency": "KRW", "card": typed_card(scene),
    });
    let mut body = scene.with_notices(body);
    if scene.dice.happens(250) {
        body["promotionId"] = json!(scene.shop.promotion());
    }
    let path = format!("/sandbox/payments/{}/authenticate", payment.id);
    Some(scene.ask(Method::POST, path, body, About::Authenticate { payment, amount }))
}

pub fn deposit(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = scene.known.account(scene.shop.id, &mut scene.dice)?;
    let amount = match scene.dice.below(8) {
        0 => amount.saturating_sub(100),
        1 => amount.saturating_add(100),
        _ => amount,
    };
    let path = format!("/sandbox/payments/{}/deposit", payment.id);
    Some(scene.ask(Method::POST, path, json!({ "amount": amount }), About::ReadPayment { payment }))
}

/// The bank lets it through although the account is past its time.
pub fn deposit_late(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = scene.known.account(scene.shop.id, &mut scene.dice)?;
    let path = format!("/sandbox/payments/{}/deposit", payment.id);
    let body = json!({ "amount": amount, "late": true });
    Some(scene.ask(Method::POST, path, body, About::ReadPayment { payment }))
}

pub fn expire(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, _) = scene.known.account(scene.shop.id, &mut scene.dice)?;
    let path = format!("/sandbox/payments/{}/expire", payment.id);
    Some(scene.ask(Method::POST, path, Value::Null, About::ReadPayment { payment }))
}

pub fn dispute(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice)?;
    let path = format!("/sandbox/payments/{}/dispute", payment.id);
    Some(scene.ask(Method::POST, path, json!({}), About::ReadPayment { payment }))
}

pub fn resolve_dispute(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice)?;
    let path = format!("/sandbox/payments/{}/dispute/resolve", payment.id);
    Some(scene.ask(Method::POST, path, json!({}), About::ReadPayment { payment }))
}

pub fn charge_back(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice)?;
    let body = match scene.dice.pick(&[400i64, 1_000, 0]).copied() {
        Some(amount) if amount > 0 => json!({ "amount": amount }),
        _ => json!({}),
    };
    let path = format!("/sandbox/payments/{}/chargeback", payment.id);
    Some(scene.ask(Method::POST, path, body, About::ReadPayment { payment }))
}

pub fn complete(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = match scene.known.checkout(scene.shop.id, &mut scene.dice) {
        Some((payment, _)) if scene.dice.happens(800) => payment,
        _ => scene.payment(),
    };
    let outcome = match scene.dice.below(8) {
        0 => "decline",
        1 => "cancel",
        2 => "timeout",
        _ => "approve",
    };
    let path = format!("/sandbox/payments/{}/complete", payment.id);
    Some(scene.ask(Method::POST, path, json!({ "outcome": outcome }), About::ReadPayment { payment }))
}

fn asked_of_window(scene: &mut Scene<'_>, payment: &Payment) -> Bytes {
    let amount = scene.amount();
    let mut request = scene.with_notices(json!({
        "storeId": scene.shop.id, "paymentId": payment.id, "orderName": "a book",
        "totalAmount": amount, "currency": "CURRENCY_KRW", "payMethod": "CARD",
        "channelKey": scene.shop.channel(ChannelKind::Card),
    }));
    match scene.dice.below(8) {
        0 => request["payMethod"] = json!("EASY_PAY"),
        1 => request["payMethod"] = json!("TRANSFER"),
        2 => {
            request["payMethod"] = json!("VIRTUAL_ACCOUNT");
            request["virtualAccount"] = json!({ "accountExpiry": { "validHours": 24 } });
        }
        _ => {}
    }
    let page =
        json!({ "url": "https://shop.example/cart", "origin": "https://shop.example", "platform": "PC" });
    Bytes::from(json!({ "kind": "PAYMENT", "request": request, "page": page }).to_string())
}

/// The merchant's page asks for a window.
pub fn open_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.payment();
    let body = asked_of_window(scene, &payment);
    Some(scene.open(Method::POST, "/checkout/windows".into(), body, About::OpenCheckout { payment }))
}

/// The page asks anew of a window that is open: the amount may be another.
pub fn update_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, window) = scene.known.checkout(scene.shop.id, &mut scene.dice)?;
    let body = asked_of_window(scene, &payment);
    let path = format!("/checkout/windows/{window}");
    Some(scene.open(Method::PUT, path, body, About::OpenCheckout { payment }))
}

/// The page asks for a billing key.
pub fn open_key_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let method = scene.dice.pick(&["CARD", "MOBILE", "PAYPAL"]).copied()?;
    let request = scene.with_notices(json!({
        "storeId": scene.shop.id, "channelKey": scene.shop.channel(ChannelKind::Card), "billingKeyMethod": method,
    }));
    let page =
        json!({ "url": "https://shop.example/plan", "origin": "https://shop.example", "platform": "PC" });
    let body =
        Bytes::from(json!({ "kind": "ISSUE_BILLING_KEY", "request": request, "page": page }).to_string());
    let about = About::OpenKeyCheckout { store: scene.shop.id };
    Some(scene.open(Method::POST, "/checkout/windows".into(), body, about))
}

pub fn complete_key(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.known.asked_key(scene.shop.id, &mut scene.dice)?;
    let outcome =
        scene.dice.pick(&["approve", "approve", "approve", "decline", "cancel", "timeout"]).copied()?;
    let path = format!("/sandbox/billing-keys/{key}/complete");
    Some(scene.ask(Method::POST, path, json!({ "outcome": outcome }), About::Anything))
}

pub fn see_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, window) = scene.known.checkout(scene.shop.id, &mut scene.dice)?;
    let path = format!("/checkout/{window}");
    Some(scene.open(Method::GET, path.clone(), Bytes::new(), About::SeePage { payment, path }))
}

/// A form of a window's page, as a buyer fills it in.
pub fn send_form(scene: &mut Scene<'_>) -> Option<Ask> {
    let form = scene.known.form(scene.shop.id, Place::Window, &mut scene.dice)?;
    filled_in(scene, form)
}

/// Fills a form in: mostly what belongs there, now and then the way out, and rarely what does not fit.
pub fn filled_in(scene: &mut Scene<'_>, form: Form) -> Option<Ask> {
    let leaves = scene.dice.happens(120);
    let mut fields: Vec<(&str, String)> = vec![("nonce", form.nonce)];
    let mut put = |name, value: &str| fields.push((name, value.to_owned()));
    match form.kind {
        _ if leaves => put("intent", "cancel"),
        Filling::Card => {
            let number = if scene.dice.happens(150) { CHALLENGED } else { scene.card_number() };
            put("intent", "card");
            put("number", number);
            put("expiry", if scene.dice.happens(50) { "13 / 39" } else { "12 / 39" });
            put("birth", "900101");
            put("password", "12");
            put("installment", if scene.dice.happens(200) { "3" } else { "0" });
        }
        Filling::Code => {
            put("intent", "code");
            put("code", if scene.dice.happens(250) { "654321" } else { "123456" });
        }
        Filling::Provider => {
            let intent =
                scene.dice.pick(&["approve", "approve", "approve", "decline", "silence"]).copied()?;
            put("intent", intent);
        }
        Filling::Account => {
            put("intent", "account");
            put("bank", if scene.dice.happens(50) { "NO_BANK" } else { "SHINHAN" });
            put("depositor", "Hong Gildong");
        }
        Filling::Sheet => {
            put("intent", "pay");
            put("method", scene.dice.pick(&["CARD_KR", "CARD_KR", "KAKAO_PAY", "DANA"]).copied()?);
        }
    }
    let written = |(name, value): &(&str, String)| {
        format!("{name}={}", percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC))
    };
    let body = fields.iter().map(written).collect::<Vec<_>>().join("&");
    let about = About::SendForm { payment: form.payment };
    let mut ask = scene.open(Method::POST, form.path, Bytes::from(body), about);
    ask.headers.push(("content-type", "application/x-www-form-urlencoded".into()));
    Some(ask)
}

/// A form that did not come from the window's page.
pub fn forge_form(scene: &mut Scene<'_>) -> Option<Ask> {
    let (_, window) = scene.known.checkout(scene.shop.id, &mut scene.dice)?;
    let body = Bytes::from_static(b"nonce=guessed&intent=approve");
    let mut ask = scene.open(Method::POST, format!("/checkout/{window}"), body, About::Anything);
    ask.headers.push(("content-type", "application/x-www-form-urlencoded".into()));
    Some(ask)
}

pub fn window_result(scene: &mut Scene<'_>) -> Option<Ask> {
    let (_, window) = scene.known.checkout(scene.shop.id, &mut scene.dice)?;
    let path = format!("/checkout/windows/{window}/result");
    Some(scene.open(Method::GET, path, Bytes::new(), About::Anything))
}

pub fn close_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let (_, window) = scene.known.checkout(scene.shop.id, &mut scene.dice)?;
    let path = format!("/checkout/windows/{window}/close");
    Some(scene.open(Method::POST, path, Bytes::new(), About::Anything))
}

pub fn register_card(scene: &mut Scene<'_>) -> Option<Ask> {
    let body = json!({
        "channelKey": scene.shop.channel(ChannelKind::Card), "billingKeyMethod": "CARD",
        "card": typed_card(scene),
    });
    let about = About::IssueKey { store: scene.shop.id };
    Some(scene.ask(Method::POST, "/sandbox/billing-keys".into(), body, about))
}

pub fn receipt(scene: &mut Scene<'_>) -> Option<Ask> {
    let url = scene.known.receipt(&mut scene.dice)?;
    let path = url.strip_prefix("http://paypier.example")?.to_owned();
    Some(scene.open(Method::GET, path, Bytes::new(), About::Anything))
}
