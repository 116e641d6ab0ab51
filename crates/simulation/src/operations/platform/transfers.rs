//! Transfers: what partners earn from payments, what cancels take back, what is given by hand.

use super::{What, changes, day, id, market, numbered, reads};
use crate::model::Order;
use crate::operations::{About, Ask, Scene, with_criteria};
use http::Method;
use serde_json::{Value, json};

fn partner(scene: &mut Scene<'_>) -> String {
    numbered(scene, "bakery", 4, 7)
}

/// Half of a coupon, and wrapping.
fn discounts(scene: &Scene<'_>, amount: i64) -> Value {
    json!([{ "sharePolicyId": id(scene, "share-0"), "amount": amount }])
}

fn fees(scene: &Scene<'_>) -> Value {
    json!([{ "policyId": id(scene, "fee-0") }])
}

/// What is sold: by amount or by lines, of which a cake is free of tax in part. Payments of this world are taxed
/// as a whole, and so is what is sold with them, in most cases.
fn detail(scene: &mut Scene<'_>, is_external: bool) -> (Value, bool) {
    if scene.dice.happens(550) {
        let amounts: &[i64] = if is_external {
            &[400, 1_000, 3_000, 9_000, 20_000, 200_000]
        } else {
            &[200, 400, 600, 900, 3_000]
        };
        let amount = scene.dice.pick(amounts).copied().unwrap_or(400);
        return (json!({ "orderAmount": amount }), false);
    }
    let of_a = scene.dice.between(1, 5);
    let (discounts, fees) = (discounts(scene, 50), fees(scene));
    let tax_free = if is_external || scene.dice.happens(100) { 100 } else { 0 };
    let lines = json!([
        { "product": { "id": "A", "name": "A loaf", "amount": 150 }, "quantity": of_a,
          "discounts": discounts, "additionalFees": [] },
        { "product": { "id": "B", "name": "A cake", "amount": 400, "taxFreeAmount": tax_free }, "quantity": 1,
          "discounts": [], "additionalFees": if scene.dice.happens(200) { fees } else { json!([]) } },
    ]);
    (json!({ "orderLines": lines }), true)
}

/// When it counts and when it is settled: as the contract says, or as is asked.
fn dates(scene: &mut Scene<'_>, body: &mut Value) {
    let start = scene.dice.pick(&[0i64, 0, 0, 1]).copied().unwrap_or(0);
    if scene.dice.happens(700) {
        body["settlementStartDate"] = json!(day(scene, start).to_string());
        if scene.dice.happens(600) {
            let more = scene.dice.pick(&[0i64, 0, 1, 2]).copied().unwrap_or(0);
            body["settlementDate"] = json!(day(scene, start.saturating_add(more)).to_string());
        }
    }
}

/// An id of the caller's own, in most cases.
fn named(scene: &mut Scene<'_>, body: &mut Value, word: &str) {
    if scene.dice.happens(700) {
        body["id"] = json!(id(scene, &format!("{word}-{}", scene.step)));
    }
}

fn order(scene: &mut Scene<'_>, payment: String, external: Option<Value>) -> Option<Ask> {
    let partner = partner(scene);
    let is_external = external.is_some();
    let (detail, has_lines) = detail(scene, is_external);
    let mut body = json!({
        "partnerId": partner, "paymentId": payment, "orderDetail": detail, "discounts": [],
        "additionalFees": [], "memo": "Spring sale",
    });
    if !has_lines && scene.dice.happens(300) {
        body["discounts"] = discounts(scene, 100);
    }
    if scene.dice.happens(120) {
        body["additionalFees"] = fees(scene);
    }
    if scene.dice.happens(if is_external { 250 } else { 20 }) {
        body["taxFreeAmount"] = json!(100);
    }
    if let Some(external) = external {
        body["externalPaymentDetail"] = external;
    }
    dates(scene, &mut body);
    named(scene, &mut body, "order");
    let what = What::Order { partner, payment, is_external, has_lines };
    changes(scene, Method::POST, "/platform/transfers/order", &body, what)
}

/// Of a payment that was paid in one of the merchant's stores.
pub fn of_payment(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    // Several partners often share in one payment.
    if scene.dice.happens(450)
        && let Some(shared) = market.order(&mut scene.dice, |order| !order.is_external)
    {
        return order(scene, shared.payment.clone(), None);
    }
    let stores: Vec<&str> = crate::office::SHOPS
        .iter()
        .filter(|shop| shop.merchant == scene.shop.merchant)
        .map(|shop| shop.id)
        .collect();
    let store = scene.dice.pick(&stores).copied()?;
    let payment = scene.known.paid_payment(store, &mut scene.dice)?;
    order(scene, payment.id, None)
}

/// Of a payment that only the merchant knows.
pub fn external(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let now = scene.known.time_of(scene.shop.id, scene.now);
    let payment = format!("elsewhere-{}", scene.step.checked_div(6).unwrap_or(0));
    let external = json!({ "currency": "KRW", "paidAt": now.to_string(), "orderName": "bread" });
    order(scene, payment, Some(external))
}

/// Whoever counts on a sale gives it back: then there is something that a cancel can be about.
pub fn give_back(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let order = market.order(&mut scene.dice, |order| !order.is_external)?;
    let stores = || {
        crate::office::SHOPS.iter().filter(|shop| shop.merchant == scene.shop.merchant).map(|shop| shop.id)
    };
    let payment = stores().find_map(|store| scene.known.paid_named(store, &order.payment))?;
    let store = crate::office::SHOPS.iter().find(|shop| shop.id == payment.store)?;
    scene.goes_to(store);
    let mut body = json!({ "reason": "stale bread" });
    if scene.dice.happens(700) {
        body["amount"] = json!(scene.dice.pick(&[300i64, 500, 1_000]).copied());
    }
    let path = format!("/payments/{}/cancel", payment.id);
    Some(scene.change(Method::POST, path, body, About::Cancel { payment }))
}

/// So much of an order, in the words in which it was registered.
fn part(scene: &mut Scene<'_>, order: &Order, most: i64) -> Value {
    if scene.dice.happens(300) {
        return json!({ "all": {} });
    }
    // Now and then in other words, which is refused.
    if order.has_lines != scene.dice.happens(30) {
        let mut line = json!({ "productId": "A", "quantity": scene.dice.between(1, 2), "discounts": [] });
        if scene.dice.happens(400) {
            line["discounts"] = discounts(scene, 20);
        }
        return json!({ "orderLines": [line] });
    }
    let amount = scene.dice.pick(&[100i64, 300, 500, 1_000, 5_000]).copied().unwrap_or(100);
    json!({ "orderAmount": amount.min(most) })
}

fn cancel(scene: &mut Scene<'_>, order: &Order, cancellation: &str, detail: &Value) -> Value {
    let mut body = json!({ "cancellationId": cancellation, "orderDetail": detail, "discounts": [] });
    if scene.dice.happens(750) {
        body["transferId"] = json!(order.id);
    } else {
        body["partnerId"] = json!(order.partner);
        body["paymentId"] = json!(order.payment);
    }
    if scene.dice.happens(600) {
        body["settlementStartDate"] = json!(day(scene, 0).to_string());
        let later = i64::try_from(scene.dice.below(2)).unwrap_or(0);
        body["settlementDate"] = json!(day(scene, later).to_string());
    }
    named(scene, &mut body, "cancel");
    body
}

/// Of an order whose payment the merchant knows, and so does it know the cancellation.
pub fn cancel_external(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let order = market.order(&mut scene.dice, |order| order.is_external)?.clone();
    let detail = part(scene, &order, i64::MAX);
    let cancellation = format!("elsewhere-{}", scene.step);
    let mut body = cancel(scene, &order, &cancellation, &detail);
    body["externalCancellationDetail"] = json!({});
    changes(scene, Method::POST, "/platform/transfers/order-cancel", &body, What::Cancel { order: order.id })
}

/// Of an order of ours, under a cancellation that really was.
pub fn cancel_ours(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let cancelled = scene.known.cancelled_payments(scene.shop.merchant);
    let order = market
        .order(&mut scene.dice, |order| cancelled.iter().any(|(payment, ..)| payment.id == order.payment))?
        .clone();
    let of_it: Vec<_> = cancelled.iter().filter(|(payment, ..)| payment.id == order.payment).collect();
    let (_, cancellation, amount) = scene.dice.pick(&of_it).copied()?.clone();
    let most = if scene.dice.happens(300) { i64::MAX } else { amount };
    let detail = part(scene, &order, most);
    let body = cancel(scene, &order, &cancellation, &detail);
    changes(scene, Method::POST, "/platform/transfers/order-cancel", &body, What::Cancel { order: order.id })
}

pub fn manual(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let amounts =
        [(700i64, 8u32), (9_000, 6), (14_669, 6), (120_000, 4), (-300, 2), (-3_000, 1), (600_000_000, 2)];
    let (_, (amount, _)) = scene.dice.weighted(&amounts, |(_, weight)| *weight)?;
    let amount = *amount;
    let later = scene.dice.pick(&[0i64, 0, 0, 1, 2]).copied().unwrap_or(0);
    let mut body = json!({
        "partnerId": partner(scene), "settlementAmount": amount, "memo": "=1+1",
        "settlementDate": day(scene, later).to_string(),
    });
    if scene.dice.happens(200) {
        body["settlementTaxFreeAmount"] = json!(amount.checked_div(2).unwrap_or(0));
    }
    named(scene, &mut body, "manual");
    changes(scene, Method::POST, "/platform/transfers/manual", &body, What::Manual)
}

fn any(scene: &mut Scene<'_>) -> Option<String> {
    market(scene).transfer(&mut scene.dice)
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = any(scene)?;
    reads(scene, &format!("/platform/transfers/{id}"), What::ReadTransfer(id))
}

pub fn working(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = any(scene)?;
    reads(scene, &format!("/operator/platform/transfers/{id}/working"), What::ReadTransfer(id))
}

/// Another marketplace's transfer is not there.
pub fn anothers(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = any(scene)?;
    let [first, _, second] = &crate::office::SHOPS;
    scene.goes_to(if scene.shop.id == first.id { second } else { first });
    reads(scene, &format!("/platform/transfers/{id}"), What::Forbidden)
}

pub fn delete(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = any(scene)?;
    let path = format!("/platform/transfers/{id}");
    changes(scene, Method::DELETE, &path, &Value::Null, What::Delete(id))
}

fn filter(scene: &mut Scene<'_>) -> Value {
    let days = json!({ "from": day(scene, -1).to_string(), "until": day(scene, 1).to_string() });
    match scene.dice.below(9) {
        0 => json!({ "types": ["ORDER", "ORDER_CANCEL"] }),
        1 => json!({ "statuses": ["SETTLED"] }),
        2 => json!({ "statuses": ["IN_PROCESS", "PAID_OUT"], "partnerTags": ["bread"] }),
        3 => json!({ "settlementDateRange": days }),
        4 => json!({ "settlementStartDateRange": days, "contractIds": [id(scene, "contract-0")] }),
        5 => json!({ "discountSharePolicyIds": [id(scene, "share-0")] }),
        6 => json!({ "keyword": { "all": "cake" } }),
        7 => json!({ "keyword": { "partnerName": "bake" }, "paymentMethodTypes": ["CARD"] }),
        _ => json!({}),
    }
}

pub fn summaries(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let page = json!({ "number": scene.dice.below(3), "size": 5 });
    let criteria = json!({ "page": page, "filter": filter(scene) });
    reads(scene, &with_criteria("/platform/transfer-summaries", &criteria), What::Nothing)
}

pub fn sheet(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let mut criteria = json!({ "filter": filter(scene) });
    if scene.dice.happens(500) {
        criteria["fields"] =
            json!(["TRANSFER_ID", "TYPE", "TRANSFER_MEMO", "SETTLEMENT_AMOUNT", "PARTNER_NAME"]);
    }
    reads(scene, &with_criteria("/platform/transfer-summaries/sheet-file", &criteria), What::Nothing)
}
