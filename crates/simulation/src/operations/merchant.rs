//! What a merchant's server asks about payments.

use super::body::APPROVED;
use super::{About, Ask, Scene};
use crate::office::ChannelKind;
use http::Method;
use serde_json::{Value, json};

fn order(scene: &mut Scene<'_>, amount: i64) -> Value {
    let body = json!({ "orderName": "a book", "currency": "KRW", "amount": { "total": amount } });
    scene.with_notices(body)
}

pub fn pay_by_card(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let mut body = order(scene, amount);
    body["method"] = json!({ "card": scene.card() });
    let mut is_captured_later = false;
    match scene.dice.below(10) {
        0 => body["channelKey"] = json!(scene.shop.channel(ChannelKind::Backup)),
        1 => body["channelGroupId"] = json!(scene.shop.group()),
        2 | 3 => {
            is_captured_later = true;
            body["channelKey"] = json!(scene.shop.channel(ChannelKind::CapturedLater));
        }
        _ => body["channelKey"] = json!(scene.shop.channel(ChannelKind::Card)),
    }
    if scene.dice.happens(50) {
        body["skipWebhook"] = json!(true);
    }
    let is_in_escrow = scene.dice.happens(200);
    if is_in_escrow {
        body["isEscrow"] = json!(true);
    }
    // Mostly with the promotion's card: with others the payment is refused.
    let number = body["method"]["card"]["credential"]["number"].as_str().unwrap_or("").to_owned();
    if scene.dice.happens(if number == APPROVED { 500 } else { 60 }) {
        body["promotionId"] = json!(scene.shop.promotion());
    }
    let path = format!("/payments/{}/instant", payment.id);
    let about = About::Pay { payment, amount, is_captured_later, is_in_escrow };
    Some(scene.change(Method::POST, path, body, about))
}

pub fn pay_by_account(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let mut body = order(scene, amount);
    body["channelKey"] = json!(scene.shop.channel(ChannelKind::Account));
    body["method"] = json!({ "virtualAccount": {
        "bank": "SHINHAN", "expiry": { "validHours": scene.dice.between(1, 48) }, "option": { "type": "NORMAL" },
    }});
    if scene.dice.happens(250) {
        body["method"]["virtualAccount"]["option"] =
            json!({ "type": "FIXED", "fixed": { "pgAccountId": "customer-7" } });
    }
    if scene.dice.happens(600) {
        body["method"]["virtualAccount"]["cashReceipt"] = super::receipts::wanted(scene);
    }
    let path = format!("/payments/{}/instant", payment.id);
    Some(scene.change(Method::POST, path, body, About::IssueAccount { payment }))
}

pub fn close_account(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = match scene.known.account(scene.shop.id, &mut scene.dice) {
        Some((payment, _)) => payment,
        None => scene.payment(),
    };
    let path = format!("/payments/{}/virtual-account/close", payment.id);
    Some(scene.change(Method::POST, path, Value::Null, About::CloseAccount { payment }))
}

pub fn pay_with_key(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.known.billing_key(scene.shop.id, &mut scene.dice)?;
    let (payment, amount) = (scene.payment(), scene.amount());
    let mut body = order(scene, amount);
    body["billingKey"] = json!(key);
    if scene.dice.happens(300) {
        body["promotionId"] = json!(scene.shop.promotion());
    }
    let path = format!("/payments/{}/billing-key", payment.id);
    let about = About::Pay { payment, amount, is_captured_later: false, is_in_escrow: false };
    Some(scene.change(Method::POST, path, body, about))
}

pub fn pre_register(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let path = format!("/payments/{}/pre-register", payment.id);
    let body = json!({ "totalAmount": amount, "currency": "KRW" });
    Some(scene.change(Method::POST, path, body, About::ReadPayment { payment }))
}

fn cancellation(scene: &mut Scene<'_>, amount: Option<u64>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice).unwrap_or_else(|| scene.payment());
    let mut body = json!({ "reason": "changed my mind" });
    if let Some(amount) = amount {
        body["amount"] = json!(amount);
        if scene.dice.happens(400) {
            body["promotionDiscountRetainOption"] = json!("RETAIN");
        }
    }
    if scene.known.is_account(&payment) {
        // The last two digits decide how the bank takes it.
        let ending = scene.dice.pick(&["89", "89", "89", "11", "11", "13", "00"]).copied().unwrap_or("89");
        body["refundAccount"] = json!({ "bank": "SHINHAN", "number": format!("1101234567{ending}"), "holderName": "Hong Gildong" });
    }
    if scene.dice.happens(50) {
        body["skipWebhook"] = json!(true);
    }
    let path = format!("/payments/{}/cancel", payment.id);
    Some(scene.change(Method::POST, path, body, About::Cancel { payment }))
}

pub fn cancel(scene: &mut Scene<'_>) -> Option<Ask> {
    cancellation(scene, None)
}

pub fn cancel_part(scene: &mut Scene<'_>) -> Option<Ask> {
    let amount = scene.dice.pick(&[400u64, 1_000, 3_000, 7_000]).copied();
    cancellation(scene, amount)
}

pub fn stop(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, cancellation) = scene.known.pending_cancellation(scene.shop.id, &mut scene.dice)?;
    let path = format!("/payments/{}/cancellations/{cancellation}/stop", payment.id);
    Some(scene.change(Method::POST, path, json!({}), About::StopCancellation { payment, cancellation }))
}

pub fn capture(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = match scene.known.capturable(scene.shop.id, &mut scene.dice) {
        Some(payment) if scene.dice.happens(850) => payment,
        _ => scene.payment(),
    };
    let path = format!("/payments/{}/capture", payment.id);
    Some(scene.change(Method::POST, path, json!({}), About::Capture { payment }))
}

pub fn confirm(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, token, amount) = scene.known.window(scene.shop.id, &mut scene.dice)?;
    let token = if scene.dice.happens(50) { "guessed".to_owned() } else { token };
    let path = format!("/payments/{}/confirm", payment.id);
    let about = About::Confirm { payment, amount };
    Some(scene.change(Method::POST, path, json!({ "paymentToken": token }), about))
}

pub fn resend(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice).unwrap_or_else(|| scene.payment());
    let path = format!("/payments/{}/resend-webhook", payment.id);
    Some(scene.change(Method::POST, path, json!({}), About::Resend { payment }))
}
