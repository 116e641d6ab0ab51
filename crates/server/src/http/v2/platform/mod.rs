//! The settlement platform over HTTP. Every handler begins with [`desk`], so that who may not use the
//! platform learns nothing about what was sent.

pub(super) mod additional_fee_policy;
pub(super) mod answers;
pub(super) mod contract;
pub(super) mod counterparty;
pub(super) mod discount_share_policy;
pub(super) mod lookup;
pub(super) mod operator;
pub(super) mod partner;
pub(super) mod partner_settlement;
pub(super) mod payout;
pub(super) mod problem;
mod rule;
pub(super) mod setting;
mod settlement_answers;
mod settlement_problem;
pub(super) mod transfer;

use super::ask::Ask;
use super::translate::page;
use crate::app::failure::Failure;
use crate::app::platform::{Desk, Mode};
use paypier_storage::PageAsk;
use paypier_wire::v2;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Lets the caller to the platform, in the environment that the query names.
///
/// # Errors
/// The platform is off; the caller's secret does not reach it; `test` is neither true nor false.
pub(super) async fn desk(ask: &Ask) -> Result<Desk, Failure> {
    let desk = ask.app.platform_desk(&ask.caller).await?;
    Ok(Desk { mode: Mode::of(ask.flag("test")?), ..desk })
}

/// # Errors
/// As [`page::asked`].
pub(super) fn page(asked: Option<&v2::PageInput>) -> Result<PageAsk, Failure> {
    page::asked(asked, page::Reach::Unbounded)
}

/// The body of an update. Elsewhere `null` is read as absent; here it could be meant as "take it away", which
/// no member offers.
///
/// # Errors
/// As [`super::body::read`], and `null` anywhere.
pub(super) fn update<T: DeserializeOwned>(ask: &Ask) -> Result<T, Failure> {
    let body = ask.body()?;
    let value: Option<Value> = serde_json::from_slice(ask.bytes()).ok();
    match value.and_then(|value| null_in(&value, String::new())) {
        Some(member) => Err(Failure::Invalid(format!("{member} must not be null; leave out what stays"))),
        None => Ok(body),
    }
}

/// Where the first `null` is.
fn null_in(value: &Value, at: String) -> Option<String> {
    match value {
        Value::Null => Some(at),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            null_in(member, if at.is_empty() { name.clone() } else { format!("{at}.{name}") })
        }),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| null_in(item, format!("{at}[{index}]")))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_null_is_named() {
        for (body, found) in [
            (json!({"memo": null}), Some("memo")),
            (json!({"update": {"contact": {"email": null}}}), Some("update.contact.email")),
            (json!({"tags": ["a", null]}), Some("tags[1]")),
            (json!({"memo": "null"}), None),
        ] {
            assert_eq!(null_in(&body, String::new()).as_deref(), found, "{body}");
        }
    }
}
