//! What the settlement platforms of the world begin with: rules, and the partners that everybody speaks of. They
//! are registered as any operator would, over HTTP.

use super::{Person, SHOPS, Shop};
use crate::operations::{About, Ask, PATIENCE, platform_partners as partners, platform_terms as terms};
use axum::Router;
use bytes::Bytes;
use http::Method;
use serde_json::Value;

/// # Errors
/// Something is refused.
pub(super) async fn opens(router: &Router) -> anyhow::Result<()> {
    for shop in SHOPS.iter().filter(|shop| shop.is_representative) {
        let merchant = shop.merchant;
        let mut things = vec![
            ("discount-share-policies", terms::share(&format!("{merchant}-share-0"))),
            ("additional-fee-policies", terms::fee(&format!("{merchant}-fee-0"))),
        ];
        for number in 0..terms::Kind::Contract.furnished() {
            things.push(("contracts", terms::contract(&format!("{merchant}-contract-{number}"), number)));
        }
        for number in 0..terms::Kind::Partner.furnished() {
            things.push(("partners", partners::furnished(merchant, number)));
        }
        for (path, body) in things {
            registers(router, shop, path, &body).await?;
        }
    }
    Ok(())
}

async fn registers(router: &Router, shop: &Shop, path: &str, body: &Value) -> anyhow::Result<()> {
    let ask = Ask {
        operation: "(moving in)",
        method: Method::POST,
        path: format!("/platform/{path}?test=true"),
        body: Bytes::from(body.to_string()),
        headers: vec![("authorization", format!("PortOne {}", shop.secret_of(Person::First)))],
        key: None,
        about: About::Anything,
        patience: PATIENCE,
    };
    match crate::world::answer(router.clone(), &ask).await {
        Some((200, _)) => Ok(()),
        other => anyhow::bail!("{path} could not be registered: {other:?}"),
    }
}
