//! Plans, subscriptions and deductions.

use super::{FAILURE, Matter, PENDING, SUCCESS, Thing, ask, ask_as_stranger, forged, reference, text};
use crate::model::SubscriptionKind;
use crate::operations::{Ask, Scene, first};
use http::Method;
use jiff::SignedDuration;
use paypier_wire::global::signed;
use serde_json::{Value, json};

pub fn create_plan(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let (order, amount) = (reference(scene, "P"), scene.amount());
    let mut body = json!({
        "portone_key": shop.client_key(), "merchant_order_ref": order, "source": "api", "name": "beans",
        "currency": shop.global_currency(), "environment": "sandbox", "plan_type": "ONDEMAND",
    });
    let (client_key, currency) = (shop.client_key(), shop.global_currency());
    let is_regular = scene.dice.happens(550);
    let signature = if is_regular {
        let frequency = i64::try_from(scene.dice.between(1, 12)).unwrap_or(1);
        let period = if scene.dice.happens(700) { "H" } else { "D" };
        let frequency = if period == "D" { 1 } else { frequency };
        body["plan_type"] = json!("REGULAR");
        body["amount"] = shop.json_number(amount);
        body["frequency"] = json!(frequency);
        body["period"] = json!(period);
        let amount = shop.number(amount);
        shop.signs(&signed::RegularPlan {
            amount,
            client_key,
            currency,
            frequency,
            merchant_order_ref: &order,
        })
    } else {
        shop.signs(&signed::OnDemandPlan { client_key, currency, merchant_order_ref: &order })
    };
    body["signature_hash"] = json!(signature);
    let about = Matter::MakePlan { store: shop.id, reference: order, is_regular };
    Some(ask(scene, Method::POST, "/api/subscription/createPlan".into(), &body, about))
}

fn known_plan(scene: &mut Scene<'_>) -> Option<(String, bool)> {
    scene.known.global.plan(scene.shop.id, &mut scene.dice)
}

pub fn plan(scene: &mut Scene<'_>) -> Option<Ask> {
    let (plan, _) = known_plan(scene)?;
    let path = format!("/api/subscription/plan/{plan}");
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::Anything))
}

/// Rare: what nobody can subscribe to any more is of no use.
pub fn cancel_plan(scene: &mut Scene<'_>) -> Option<Ask> {
    let (plan, _) = known_plan(scene)?;
    let word = if scene.dice.happens(300) { "cancelled" } else { "paused" };
    let path = format!("/api/subscription/plan/{plan}/status/{word}");
    Some(ask(scene, Method::PUT, path, &Value::Null, Matter::Anything))
}

pub fn create(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let Some((plan, is_regular)) = known_plan(scene) else {
        return first("createPlan", create_plan(scene));
    };
    let order = reference(scene, "S");
    let now = scene.known.time_of(shop.id, scene.now);
    // Short-lived, so that links which nobody uses end within the calm.
    let hours = i64::try_from(scene.dice.between(3, 60)).unwrap_or(3);
    let mut body = json!({
        "portone_key": shop.client_key(), "merchant_order_ref": order, "source": "api", "plan_order_ref": plan,
        "currency": shop.global_currency(), "environment": "sandbox", "success_url": SUCCESS,
        "failure_url": FAILURE, "pending_url": PENDING, "customer_name": "N K",
        "customer_email_address": "n@example.com",
        "expiry_date": now.checked_add(SignedDuration::from_hours(hours)).ok()?.to_string(),
    });
    let (client_key, currency) = (shop.client_key(), shop.global_currency());
    let signature = if is_regular {
        let quantity = i64::try_from(scene.dice.between(1, 2)).unwrap_or(1);
        body["subscription_type"] = json!("REGULAR");
        body["quantity"] = json!(quantity);
        body["allow_accumulate"] = json!(if scene.dice.happens(500) { "Y" } else { "N" });
        body["recurrance_count"] = json!(scene.dice.between(1, 4));
        if scene.dice.happens(300) {
            body["additional_costs"] = json!([{ "key": "shipping", "value": shop.json_number(500) }]);
        }
        if scene.dice.happens(150) {
            body["trial_frequency"] = json!(scene.dice.between(1, 3));
            body["trial_period"] = json!("H");
        } else if scene.dice.happens(150) {
            body["started_at"] = json!(now.checked_add(SignedDuration::from_hours(2)).ok()?.to_string());
        }
        shop.signs(&signed::RegularSubscription {
            client_key,
            currency,
            failure_url: FAILURE,
            merchant_order_ref: &order,
            quantity,
            success_url: SUCCESS,
        })
    } else {
        let initial = scene.dice.pick(&[0i64, 0, 1_000]).copied()?;
        body["subscription_type"] = json!("ONDEMAND");
        body["initial_amount"] = shop.json_number(initial);
        shop.signs(&signed::OnDemandSubscription {
            client_key,
            currency,
            failure_url: FAILURE,
            merchant_order_ref: &order,
            success_url: SUCCESS,
        })
    };
    body["signature_hash"] = json!(signature);
    let about = Matter::MakeSubscription { store: shop.id, reference: order, is_regular };
    Some(ask(scene, Method::POST, "/api/subscription/createSubscription".into(), &body, about))
}

pub fn create_forged(scene: &mut Scene<'_>) -> Option<Ask> {
    create(scene).filter(|ask| ask.operation.is_empty()).and_then(forged)
}

/// Mostly from one that somebody has enrolled in, so that more may be taken at any time; where nobody has,
/// somebody mostly does. The reference is one of payments, too.
fn deduction(scene: &mut Scene<'_>, path: &str) -> Option<Ask> {
    let shop = scene.shop;
    let is_proper = scene.dice.happens(850);
    let thing = match scene.known.global.active(shop.id, Some(SubscriptionKind::OnDemand), &mut scene.dice) {
        Some(thing) if is_proper => thing,
        None if is_proper => return first("enrolment form", super::payer::enrol(scene)),
        _ => match scene.known.global.subscription(shop.id, &mut scene.dice) {
            Some(thing) => thing,
            None => return first("createSubscription", create(scene)),
        },
    };
    let (order, amount) = (reference(scene, "T"), scene.amount());
    let mut body = json!({
        "portone_key": shop.client_key(), "merchant_order_ref": order, "subscription_order_ref": thing.reference(),
        "description": "usage", "source": "api", "amount": shop.json_number(amount),
        "currency": shop.global_currency(), "environment": "sandbox",
    });
    let signature = shop.signs(&signed::Deduction {
        amount: shop.number(amount),
        client_key: shop.client_key(),
        currency: text(&body, "currency"),
        merchant_order_ref: text(&body, "merchant_order_ref"),
        subscription_order_ref: text(&body, "subscription_order_ref"),
    });
    body["signature_hash"] = json!(signature);
    let about = Matter::Deduct { thing, reference: order, amount };
    Some(ask(scene, Method::POST, path.to_owned(), &body, about))
}

pub fn deduct(scene: &mut Scene<'_>) -> Option<Ask> {
    deduction(scene, "/api/subscription/deduct")
}

pub fn deduct_forged(scene: &mut Scene<'_>) -> Option<Ask> {
    deduct(scene).filter(|ask| ask.operation.is_empty()).and_then(forged)
}

pub fn create_deduction(scene: &mut Scene<'_>) -> Option<Ask> {
    deduction(scene, "/api/subscription/createDeduction")
}

fn known(scene: &mut Scene<'_>, kind: Option<SubscriptionKind>) -> Option<Thing> {
    let active = scene.known.global.active(scene.shop.id, kind, &mut scene.dice);
    match active {
        Some(thing) if scene.dice.happens(700) => Some(thing),
        _ => scene.known.global.subscription(scene.shop.id, &mut scene.dice),
    }
}

pub fn trigger(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene, Some(SubscriptionKind::Regular))?;
    let body = json!({
        "portone_key": scene.shop.client_key(), "subscription_order_ref": thing.reference(), "environment": "sandbox",
    });
    let path = "/api/subscription/triggerNextDeduction".into();
    Some(ask(scene, Method::PUT, path, &body, Matter::Trigger { thing }))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene, None)?;
    let path = format!("/api/subscription/{}", thing.reference());
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::ReadSubscription { thing }))
}

pub fn read_anothers(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene, None)?;
    let path = format!("/api/subscription/{}", thing.reference());
    ask_as_stranger(scene, Method::GET, path, &Value::Null)
}

pub fn records(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene, None)?;
    let path = format!("/api/subscription/{}/txns-records", thing.reference());
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::ReadSubscription { thing }))
}

pub fn cancel(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene, None)?;
    let path = format!("/api/subscription/{}/status/cancelled", thing.reference());
    Some(ask(scene, Method::PUT, path, &Value::Null, Matter::CancelSubscription { thing }))
}
