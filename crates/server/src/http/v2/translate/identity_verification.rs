//! Identity verifications: asking for one, and how one stands.

use super::{channel, id, invalid, page};
use crate::app::failure::Failure;
use crate::app::identity_verification::{Asked, SendIdentityVerification, VerificationView};
use paypier_domain::id::{ChannelKey, IdentityVerificationId};
use paypier_domain::identity_verification::{Birth, IdentityVerification, Method, State};
use paypier_storage::PageAsk;
use paypier_wire::v2;
use serde_json::Value;
use std::net::IpAddr;
use zeroize::Zeroizing;

const MOST_NAME_CHARS: usize = 100;
const MOST_PHONE_DIGITS: usize = 15;
const MOST_CODE_CHARS: usize = 20;
/// A resident number without its last six digits.
const RESIDENT_DIGITS: usize = 7;

/// # Errors
/// An id that cannot be one, a name, phone number, resident number or address that is none, and a
/// verification by SMS without the resident number.
pub fn asked(
    verification: IdentityVerificationId,
    body: v2::SendIdentityVerificationBody,
) -> Result<SendIdentityVerification, Failure> {
    let channel = id("channelKey", Some(&body.channel_key), ChannelKey::parse)?
        .ok_or_else(|| invalid("channelKey", "is required"))?;
    let customer = body.customer;
    let name = customer.name.trim();
    if name.is_empty() || name.chars().count() > MOST_NAME_CHARS {
        return Err(invalid("customer.name", &format!("must have 1 to {MOST_NAME_CHARS} characters")));
    }
    if !is_digits(&customer.phone_number) || customer.phone_number.len() > MOST_PHONE_DIGITS {
        return Err(invalid("customer.phoneNumber", &format!("must be 1 to {MOST_PHONE_DIGITS} digits")));
    }
    if customer.ip_address.parse::<IpAddr>().is_err() {
        return Err(invalid("customer.ipAddress", "must be an IPv4 or IPv6 address"));
    }
    let method = match body.method {
        v2::IdentityVerificationMethod::Sms => Method::Sms,
        v2::IdentityVerificationMethod::App => Method::App,
    };
    let identity_number = customer.identity_number.map(Zeroizing::new);
    let is_resident =
        |digits: &str| digits.len() == RESIDENT_DIGITS && Birth::of_resident_number(digits).is_some();
    match (&identity_number, method) {
        (Some(digits), _) if !is_resident(digits) => {
            return Err(invalid(
                "customer.identityNumber",
                "must be the first seven digits of a resident number: a date of birth and one digit more",
            ));
        }
        (None, Method::Sms) => {
            return Err(invalid("customer.identityNumber", "is required for a verification by SMS"));
        }
        (Some(_), _) | (None, Method::App) => {}
    }
    Ok(SendIdentityVerification {
        store: body.store_id,
        id: verification,
        channel,
        custom_data: body.custom_data,
        asked: Asked {
            customer_id: customer.id,
            name: name.to_owned(),
            phone_number: customer.phone_number,
            identity_number,
            ip_address: customer.ip_address,
            operator: Some(body.operator.as_str().to_owned()),
            method,
            bypass: body
                .bypass
                .filter(|bypass| !bypass.is_empty())
                .map(|bypass| Value::Object(bypass).to_string()),
        },
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The code as it was typed; an empty one is none. It is never repeated in a refusal.
///
/// # Errors
/// It is longer than any code.
pub fn code(otp: Option<Zeroizing<String>>) -> Result<Option<Zeroizing<String>>, Failure> {
    match otp {
        Some(otp) if otp.chars().count() > MOST_CODE_CHARS => {
            Err(invalid("otp", &format!("must have at most {MOST_CODE_CHARS} characters")))
        }
        other => Ok(other.filter(|otp| !otp.is_empty())),
    }
}

/// # Errors
/// What is stored cannot be said in this dialect.
pub fn shown(view: &VerificationView) -> Result<v2::IdentityVerification, Failure> {
    let verification = &view.verification;
    Ok(match &verification.state {
        State::Verified(_) => verified(view)?.into(),
        State::Failed(failure) => v2::FailedIdentityVerification {
            id: verification.key.id.as_str().to_owned(),
            channel: Some(channel::selected(&verification.channel)?),
            requested_customer: customer(verification),
            custom_data: verification.custom_data.clone(),
            requested_at: verification.requested_at.into(),
            updated_at: verification.updated_at.into(),
            status_changed_at: verification.status_changed_at.into(),
            failure: v2::IdentityVerificationFailure {
                reason: Some(failure.reason.clone()),
                pg_code: failure.pg_code.clone(),
                pg_message: failure.pg_message.clone(),
            },
            version: v2::PortOneVersion::V2,
            pg_tx_id: verification.pg_tx_id.as_ref().map(|id| id.as_str().to_owned()),
        }
        .into(),
        State::Open
        | State::Sending
        | State::SendUnknown { .. }
        | State::Ready
        | State::Confirming { .. } => v2::ReadyIdentityVerification {
            id: verification.key.id.as_str().to_owned(),
            channel: Some(channel::selected(&verification.channel)?),
            requested_customer: customer(verification),
            custom_data: verification.custom_data.clone(),
            requested_at: verification.requested_at.into(),
            updated_at: verification.updated_at.into(),
            status_changed_at: verification.status_changed_at.into(),
            version: v2::PortOneVersion::V2,
            pg_tx_id: verification.pg_tx_id.as_ref().map(|id| id.as_str().to_owned()),
        }
        .into(),
    })
}

/// # Errors
/// It was not verified, or what is stored cannot be said in this dialect.
pub fn verified(view: &VerificationView) -> Result<v2::VerifiedIdentityVerification, Failure> {
    let verification = &view.verification;
    let (Some(proof), Some(secrets)) = (verification.proof(), &view.secrets) else {
        return Err(Failure::internal(format!("{} was not verified, or is not opened", verification.tx)));
    };
    let person = &proof.person;
    Ok(v2::VerifiedIdentityVerification {
        id: verification.key.id.as_str().to_owned(),
        channel: Some(channel::selected(&verification.channel)?),
        verified_customer: v2::IdentityVerificationVerifiedCustomer {
            id: verification.customer.id.clone(),
            name: person.name.clone(),
            operator: person.operator.as_deref().and_then(v2::IdentityVerificationOperator::parse),
            phone_number: person.phone_number.clone(),
            birth_date: format!("{}-{}-{}", person.birth.year, person.birth.month, person.birth.day),
            gender: person.gender.as_deref().and_then(v2::Gender::parse),
            is_foreigner: person.is_foreigner,
            ci: secrets.ci.clone(),
            di: secrets.di.clone(),
        },
        custom_data: verification.custom_data.clone(),
        requested_at: verification.requested_at.into(),
        updated_at: verification.updated_at.into(),
        status_changed_at: verification.status_changed_at.into(),
        verified_at: proof.at.into(),
        pg_tx_id: proof.pg_tx_id.as_str().to_owned(),
        pg_raw_response: secrets.raw.clone(),
        version: v2::PortOneVersion::V2,
    })
}

fn customer(verification: &IdentityVerification) -> v2::IdentityVerificationRequestedCustomer {
    let customer = &verification.customer;
    v2::IdentityVerificationRequestedCustomer {
        id: customer.id.clone(),
        name: customer.name.clone(),
        phone_number: customer.phone_number.clone(),
        birth_year: customer.birth.as_ref().map(|birth| birth.year.clone()),
        birth_month: customer.birth.as_ref().map(|birth| birth.month.clone()),
        birth_day: customer.birth.as_ref().map(|birth| birth.day.clone()),
    }
}

/// # Errors
/// As [`shown`].
pub fn page(
    views: &[VerificationView],
    asked: PageAsk,
    total: u64,
) -> Result<v2::GetIdentityVerificationsResponse, Failure> {
    let items = views.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(v2::GetIdentityVerificationsResponse { items, page: page::shown(asked, total) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::json;

    fn read(change: Value, customer: Value) -> Result<SendIdentityVerification, Failure> {
        let mut ask = json!({
            "channelKey": "channel-key-1", "operator": "SKT", "method": "SMS", "customer": {
                "name": "홍길동", "phoneNumber": "01012345678", "identityNumber": "9001011", "ipAddress": "203.0.113.7",
            },
        });
        for (name, member) in change.as_object().unwrap() {
            ask[name] = member.clone();
        }
        for (name, member) in customer.as_object().unwrap() {
            ask["customer"][name] = member.clone();
        }
        asked(IdentityVerificationId::known("who-1"), body::read(ask.to_string().as_bytes())?)
    }

    #[test]
    fn a_verification_is_asked_for_and_refused_by_name() {
        let none = || json!({});
        let ask = read(none(), none()).unwrap();
        let printed = format!("{ask:?}");
        assert!(
            !printed.contains("홍길동") && !printed.contains("5678") && !printed.contains("900101"),
            "{printed}"
        );
        assert!(read(json!({"method": "APP"}), json!({"identityNumber": null})).is_ok());
        for (change, customer, refusal) in [
            (json!({"channelKey": ""}), none(), "channelKey: the id is empty"),
            (
                json!({"operator": "AT&T"}),
                none(),
                "operator must be one of the words of IdentityVerificationOperator",
            ),
            (
                json!({"method": "FAX"}),
                none(),
                "method must be one of the words of IdentityVerificationMethod",
            ),
            (none(), json!({"name": " "}), "customer.name must have 1 to 100 characters"),
            (none(), json!({"phoneNumber": "010-1234-5678"}), "customer.phoneNumber must be 1 to 15 digits"),
            (none(), json!({"ipAddress": "here"}), "customer.ipAddress must be an IPv4 or IPv6 address"),
            (
                none(),
                json!({"identityNumber": null}),
                "customer.identityNumber is required for a verification by SMS",
            ),
            (
                none(),
                json!({"identityNumber": "9913011"}),
                "customer.identityNumber must be the first seven digits of a resident number: a date of birth and one digit more",
            ),
        ] {
            assert_eq!(
                read(change.clone(), customer.clone()).unwrap_err().to_string(),
                refusal,
                "{change} {customer}"
            );
        }
    }

    #[test]
    fn a_code_is_bounded_and_an_empty_one_is_none() {
        let read = |otp: &str| code(Some(Zeroizing::new(otp.to_owned())));
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read("000000").unwrap().unwrap().as_str(), "000000");
        assert!(read(&"0".repeat(21)).is_err());
        assert_eq!(code(None).unwrap(), None);
    }

    #[test]
    fn every_status_has_its_variant() {
        for (name, view) in samples::identity_verifications() {
            let shown = shown(&view).unwrap();
            assert_eq!(shown.tag(), name);
            assert!(!serde_json::to_string(&shown).unwrap().contains("null"));
            insta::with_settings!({snapshot_suffix => name}, {
                insta::assert_json_snapshot!(shown);
            });
        }
    }
}
