//! Payers and customers: the pages of links and subscriptions, their forms, and the way back to the shop.

use super::{Matter, Thing, form};
use crate::operations::buyer::filled_in;
use crate::operations::{About, Ask, Scene, first};
use bytes::Bytes;
use http::Method;

fn sees(scene: &mut Scene<'_>, path: String, about: Matter) -> Ask {
    scene.open(Method::GET, path, Bytes::new(), About::Global(about))
}

fn link(scene: &mut Scene<'_>) -> Option<Thing> {
    scene.known.global.link(scene.shop.id, &mut scene.dice)
}

pub fn see_link(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = link(scene)?;
    Some(sees(scene, format!("/pay/{}", thing.reference()), Matter::SeeLink { thing }))
}

/// As links are written.
pub fn see_link_by_query(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = link(scene)?;
    Some(sees(scene, format!("/?ref={}", thing.reference()), Matter::SeeLink { thing }))
}

/// A payer in a window of this dialect: looks at its page, or sends the form that it showed.
pub fn pays(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, token) = scene.known.global.window(scene.shop.id, &mut scene.dice)?;
    let path = format!("/checkout/{token}");
    match scene.known.form_at(scene.shop.id, &path) {
        Some(form) if scene.dice.happens(650) => filled_in(scene, form),
        _ => {
            let about = About::SeePage { payment, path: path.clone() };
            first("checkout page", Some(scene.open(Method::GET, path, Bytes::new(), about)))
        }
    }
}

/// A payer chooses a method that the page offered; now and then the page was left behind, and rarely one that it
/// did not offer.
pub fn choose(scene: &mut Scene<'_>) -> Option<Ask> {
    let Some((thing, offered)) = scene.known.global.link_page(scene.shop.id, &mut scene.dice) else {
        return match link(scene) {
            Some(_) => first("link page", see_link(scene)),
            None => first("createPaymentLink", super::link::create(scene)),
        };
    };
    let method = match scene.dice.pick(&offered) {
        Some(method) if !scene.dice.happens(30) => method.clone(),
        _ => "OMISE:OMISE_CREDIT_CARD".to_owned(),
    };
    let fields = [
        ("intent", "pay".to_owned()),
        ("method", method),
        ("billing_name", "N K".to_owned()),
        ("billing_email", "n@example.com".to_owned()),
        ("billing_phone", "+821012345678".to_owned()),
    ];
    let path = format!("/pay/{}", thing.reference());
    Some(form(scene, path, &fields, About::Global(Matter::StartLink { thing })))
}

pub fn success(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.open(Method::GET, "/success.html".into(), Bytes::new(), About::Health))
}

pub fn failure(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.open(Method::GET, "/failure.html".into(), Bytes::new(), About::Health))
}

pub fn pending(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.open(Method::GET, "/pending.html".into(), Bytes::new(), About::Health))
}

/// The browser comes back from the window; the page there sends it on to the shop.
pub fn comes_back(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, mut path) = scene.known.global.way_back(scene.shop.id, &mut scene.dice)?;
    if scene.dice.happens(600) {
        path = format!("{}?go=1", path.split('?').next().unwrap_or_default());
    }
    Some(sees(scene, path.clone(), Matter::ComeBack { payment, path }))
}

/// Between two tries: whether to go on.
pub fn decides(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, path) = scene.known.global.crossroads(scene.shop.id, &mut scene.dice)?;
    let choice = if scene.dice.happens(750) { "retry" } else { "cancel" };
    let about = About::Global(Matter::ComeBack { payment, path: path.clone() });
    Some(form(scene, path, &[("choice", choice.to_owned())], about))
}

fn subscription(scene: &mut Scene<'_>) -> Option<Thing> {
    scene.known.global.subscription(scene.shop.id, &mut scene.dice)
}

pub fn see_subscription(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = subscription(scene)?;
    Some(sees(scene, format!("/subscribe/?ref={}", thing.reference()), Matter::SeeSubscription { thing }))
}

pub fn see_subscription_bare(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = subscription(scene)?;
    Some(sees(scene, format!("/subscribe?ref={}", thing.reference()), Matter::SeeSubscription { thing }))
}

fn enrols(scene: &mut Scene<'_>, slash: &str) -> Option<Ask> {
    let Some(thing) = subscription(scene) else {
        return first("createSubscription", super::subscription::create(scene));
    };
    let seen = scene.known.global.enrolment(&thing, &mut scene.dice);
    let Some((nonce, offered)) = seen.filter(|_| scene.dice.happens(800)) else {
        let path = format!("/subscribe{slash}?ref={}", thing.reference());
        return first("enrolment page", Some(sees(scene, path, Matter::SeeSubscription { thing })));
    };
    let method = scene.dice.pick(&offered).cloned()?;
    let consent = if scene.dice.happens(40) { "" } else { "yes" };
    let fields = [
        ("nonce", nonce),
        ("intent", "card".to_owned()),
        ("method", method),
        ("consent", consent.to_owned()),
        ("number", scene.card_number().to_owned()),
        ("expiry", "12 / 39".to_owned()),
        ("birth", "900101".to_owned()),
        ("password", "12".to_owned()),
        ("installment", "0".to_owned()),
    ];
    let path = format!("/subscribe{slash}?ref={}", thing.reference());
    Some(form(scene, path, &fields, About::Global(Matter::Enrol { thing })))
}

pub fn enrol(scene: &mut Scene<'_>) -> Option<Ask> {
    enrols(scene, "/")
}

pub fn enrol_bare(scene: &mut Scene<'_>) -> Option<Ask> {
    enrols(scene, "")
}
