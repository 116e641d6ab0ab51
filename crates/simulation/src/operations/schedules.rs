//! Payments that are planned, and plans that are taken back.

use super::body::with_criteria;
use super::{About, Ask, Scene};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Mostly soon, so that it runs while others speak of the payment.
pub fn plan(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.known.billing_key(scene.shop.id, &mut scene.dice)?;
    let (payment, amount) = (scene.payment(), scene.amount());
    let ahead = match scene.dice.below(10) {
        0..=5 => scene.dice.between(1, 90),
        6 | 7 => scene.dice.between(90, 3_600),
        _ => scene.dice.between(3_600, 3 * 86_400),
    };
    let ahead = SignedDuration::from_secs(i64::try_from(ahead).unwrap_or(60));
    let time = scene.known.time_of(scene.shop.id, scene.now).checked_add(ahead).ok()?;
    let planned = json!({ "billingKey": key, "orderName": "a month", "currency": "KRW", "amount": { "total": amount } });
    let planned = scene.with_notices(planned);
    let path = if scene.dice.happens(100) { "schedules" } else { "schedule" };
    let path = format!("/payments/{}/{path}", payment.id);
    // The member that names the store is inside the plan.
    let mut ask =
        scene.change(Method::POST, path, json!({ "timeToPay": time.to_string() }), About::Plan { payment });
    let mut body: Value = serde_json::from_slice(&ask.body).ok()?;
    let store = body.as_object_mut().and_then(|body| body.remove("storeId"));
    body["payment"] = planned;
    if let Some(store) = store {
        body["payment"]["storeId"] = store;
    }
    ask.body = body.to_string().into();
    Some(ask)
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let schedule = scene.known.schedule(scene.shop.id, &mut scene.dice)?;
    let path = format!("/payment-schedules/{schedule}");
    Some(scene.ask(Method::GET, path, Value::Null, About::ReadSchedule { schedule }))
}

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    let mut filter =
        json!({ "from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "storeId": scene.shop.id });
    if scene.dice.happens(500) {
        filter["status"] = json!(["SCHEDULED", "STARTED"]);
    }
    let criteria = json!({ "page": { "number": 0, "size": 20 }, "filter": filter });
    let mut ask = scene.open(
        Method::GET,
        with_criteria("/payment-schedules", &criteria),
        bytes::Bytes::new(),
        About::Anything,
    );
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret)));
    Some(ask)
}

/// By its name, with a second one, or all of a key.
pub fn revoke(scene: &mut Scene<'_>) -> Option<Ask> {
    let schedule = scene.known.schedule(scene.shop.id, &mut scene.dice)?;
    let mut criteria = match scene.dice.below(4) {
        0 => json!({ "billingKey": scene.known.billing_key(scene.shop.id, &mut scene.dice)? }),
        1 => {
            let other = scene.known.schedule(scene.shop.id, &mut scene.dice)?;
            json!({ "scheduleIds": [schedule, other] })
        }
        _ => json!({ "scheduleIds": [schedule] }),
    };
    criteria["storeId"] = json!(scene.shop.id);
    let path = with_criteria("/payment-schedules", &criteria);
    let mut ask = scene.change(Method::DELETE, "/payment-schedules".into(), Value::Null, About::Revoke);
    ask.path = path;
    Some(ask)
}
