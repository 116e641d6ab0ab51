//! Billing keys: asking for one, and how one stands.

use super::{card, channel, customer, invalid, page, sale};
use crate::app::failure::{Failure, Missing};
use crate::app::issue_billing_key::IssueBillingKey;
use paypier_domain::billing_key::{BillingKey, Holding, HoldingState, KeyMethod, State};
use paypier_domain::payment::Origin;
use paypier_domain::psp::CardDetails;
use paypier_storage::PageAsk;
use paypier_wire::v2;

/// # Errors
/// No card, no channel and no group, a card or a name that cannot be one.
pub fn asked(body: v2::IssueBillingKeyBody, origin: Origin) -> Result<IssueBillingKey, Failure> {
    let (channel, channel_group) =
        channel::asked(body.channel_key.as_deref(), body.channel_group_id.as_deref())?;
    let card = body.method.card.ok_or_else(|| invalid("method.card", "is required"))?;
    Ok(IssueBillingKey {
        store: body.store_id,
        channel,
        channel_group,
        card: card::asked(card.credential)?,
        customer: customer::asked(body.customer)?,
        custom_data: body.custom_data,
        issue_id: None,
        issue_name: None,
        origin,
        notices: sale::notices(body.notice_urls, body.skip_webhook)?,
    })
}

/// What was just issued. The list of failures is always there, because clients look at its length.
///
/// # Errors
/// What is stored cannot be said in this dialect.
pub fn issuance(key: &BillingKey) -> Result<v2::IssueBillingKeyResponse, Failure> {
    let issued_at = match key.state {
        State::Issued { at } | State::Deleted { issued_at: at, .. } => at,
        State::Ready | State::Sending | State::Failed { .. } => {
            return Err(Failure::internal(format!("billing key {} was not issued", key.id)));
        }
    };
    let failures = key.holdings.iter().filter_map(refused).collect::<Result<_, _>>()?;
    Ok(v2::IssueBillingKeyResponse {
        billing_key_info: v2::BillingKeyInfoSummary {
            billing_key: key.id.as_str().to_owned(),
            channels: Some(key.held_at().map(channel::selected).collect::<Result<_, _>>()?),
            issued_at: issued_at.into(),
        },
        channel_specific_failures: Some(failures),
    })
}

fn refused(holding: &Holding) -> Option<Result<v2::ChannelSpecificFailure, Failure>> {
    let HoldingState::Refused { at: _, pg_code, pg_message, message } = &holding.state else { return None };
    Some(channel::selected(&holding.channel).map(|channel| {
        v2::ChannelSpecificFailurePgProvider {
            channel,
            message: Some(message.clone()),
            pg_code: pg_code.clone(),
            pg_message: pg_message.clone(),
        }
        .into()
    }))
}

/// # Errors
/// The key was never issued, which nobody may see; or what is stored cannot be said in this dialect.
pub fn shown(key: &BillingKey) -> Result<v2::BillingKeyInfo, Failure> {
    let methods = match (&key.method, key.card()) {
        (KeyMethod::Card, None) => None,
        (of, card) => Some(vec![method(of, card)]),
    };
    let responses =
        key.holdings.iter().filter_map(|h| response(&key.method, h).transpose()).collect::<Result<_, _>>()?;
    macro_rules! body {
        ($body:ident, $issued_at:expr, $channels:expr $(, $member:ident: $value:expr)?) => {
            v2::$body {
                billing_key: key.id.as_str().to_owned(),
                merchant_id: key.merchant.as_str().to_owned(),
                store_id: key.store.as_str().to_owned(),
                methods,
                channels: $channels,
                customer: customer::shown(&key.customer),
                custom_data: key.custom_data.clone(),
                issue_id: key.issue_id.clone(),
                issue_name: key.issue_name.clone(),
                requested_at: Some(key.requested_at.into()),
                issued_at: $issued_at.into(),
                channel_group: key.channel_group.as_ref().map(channel::group),
                pg_billing_key_issue_responses: Some(responses),
                $($member: $value,)?
            }
            .into()
        };
    }
    match key.state {
        State::Issued { at } => {
            let channels = key.held_at().map(channel::selected).collect::<Result<_, _>>()?;
            Ok(body!(IssuedBillingKeyInfo, at, channels))
        }
        State::Deleted { issued_at, at } => {
            // A deleted key is held nowhere; what is shown is where it was.
            let was_held = key.holdings.iter().filter(|h| is_or_was_held(&h.state)).map(|h| &h.channel);
            let channels = was_held.map(channel::selected).collect::<Result<_, _>>()?;
            Ok(body!(DeletedBillingKeyInfo, issued_at, channels, deleted_at: at.into()))
        }
        State::Ready | State::Sending | State::Failed { .. } => Err(Failure::NotFound(Missing::BillingKey)),
    }
}

const fn is_or_was_held(state: &HoldingState) -> bool {
    match state {
        HoldingState::Held { .. } | HoldingState::Released => true,
        HoldingState::Asked | HoldingState::Refused { .. } => false,
    }
}

fn method(of: &KeyMethod, card: Option<&CardDetails>) -> v2::BillingKeyPaymentMethod {
    match of {
        KeyMethod::Card => v2::BillingKeyPaymentMethodCard { card: card.map(card::shown) }.into(),
        KeyMethod::EasyPay { provider } => v2::BillingKeyPaymentMethodEasyPay {
            provider: provider.as_deref().and_then(v2::EasyPayProvider::parse),
            method: card.map(|card| v2::BillingKeyPaymentMethodCard { card: Some(card::shown(card)) }.into()),
        }
        .into(),
        KeyMethod::Mobile => v2::BillingKeyPaymentMethodMobile { phone_number: None }.into(),
        KeyMethod::Paypal => v2::BillingKeyPaymentMethodPaypal {}.into(),
        KeyMethod::Transfer { bank } => v2::BillingKeyPaymentMethodTransfer {
            bank: bank.as_deref().and_then(v2::Bank::parse),
            account_number: None,
        }
        .into(),
    }
}

/// How a channel answered; `None` when it has not.
fn response(of: &KeyMethod, holding: &Holding) -> Result<Option<v2::PgBillingKeyIssueResponse>, Failure> {
    let channel = channel::selected(&holding.channel)?;
    Ok(match &holding.state {
        HoldingState::Held { token: _, pg_tx_id, card } => Some(
            v2::IssuedPgBillingKeyIssueResponse {
                channel,
                pg_tx_id: pg_tx_id.as_ref().map(|id| id.as_str().to_owned()),
                method: Some(method(of, card.as_ref())),
            }
            .into(),
        ),
        HoldingState::Released => {
            Some(v2::IssuedPgBillingKeyIssueResponse { channel, pg_tx_id: None, method: None }.into())
        }
        HoldingState::Refused { at, pg_code, pg_message, message } => Some(
            v2::FailedPgBillingKeyIssueResponse {
                channel,
                failure: v2::BillingKeyFailure {
                    message: Some(message.clone()),
                    pg_code: Some(pg_code.clone()),
                    pg_message: Some(pg_message.clone()),
                    failed_at: (*at).into(),
                },
            }
            .into(),
        ),
        HoldingState::Asked => None,
    })
}

/// # Errors
/// As [`shown`].
pub fn page(
    keys: &[BillingKey],
    asked: PageAsk,
    total: u64,
) -> Result<v2::GetBillingKeyInfosResponse, Failure> {
    let items = keys.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(v2::GetBillingKeyInfosResponse { items, page: page::shown(asked, total) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::json;

    #[test]
    fn a_key_is_shown_from_issuance_to_deletion() {
        let issued = samples::billing_key();
        let mut deleted = issued.clone();
        deleted.state = State::Deleted { issued_at: samples::at(1), at: samples::at(9) };
        for holding in &mut deleted.holdings {
            if matches!(holding.state, HoldingState::Held { .. }) {
                holding.state = HoldingState::Released;
            }
        }
        insta::assert_json_snapshot!([shown(&issued).unwrap(), shown(&deleted).unwrap()]);
        insta::assert_json_snapshot!(issuance(&issued).unwrap());
    }

    #[test]
    fn a_key_that_was_never_issued_is_not_found() {
        for state in [State::Ready, State::Sending, State::Failed { at: samples::at(1) }] {
            let key = BillingKey { state, ..samples::billing_key() };
            assert_eq!(shown(&key), Err(Failure::NotFound(Missing::BillingKey)));
        }
    }

    #[test]
    fn requests_are_read_and_refused_by_name() {
        let card =
            json!({"credential": {"number": "4242424242424242", "expiryYear": "30", "expiryMonth": "12"}});
        for (change, refusal) in [
            (json!({}), None),
            (json!({"channelKey": null, "channelGroupId": "channel-group-test-1"}), None),
            (json!({"channelKey": null}), Some("one of channelKey and channelGroupId is required")),
            (json!({"method": {}}), Some("method.card is required")),
            (json!({"method": null}), Some("method must be an object")),
            (
                json!({"noticeUrls": ["x"]}),
                Some("noticeUrls[0] must be an http or https URL of at most 2048 characters"),
            ),
        ] {
            let mut ask = json!({"channelKey": "channel-key-1", "method": {"card": card}});
            for (name, member) in change.as_object().unwrap() {
                ask[name] = member.clone();
            }
            let read = body::read(ask.to_string().as_bytes()).and_then(|body| asked(body, samples::origin()));
            assert_eq!(read.err().map(|failure| failure.to_string()).as_deref(), refusal, "{ask}");
        }
    }
}
