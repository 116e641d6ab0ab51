//! Authentications: a buyer on a payment page, up to a token that is good for one charge.
//!
//! Cards go through the issuer, one of them through a code (3-D Secure); every other method is a
//! provider's page, whose buyer the caller plays. Nothing here moves money. A token names the charge and
//! the amount that it was given for, so whoever copies it can do nothing else with it.

use super::api::{AuthenticationBody, CodeBody};
use super::cards::{self, Behaviour, Verdict};
use super::code::Code;
use super::tokens::{Single, TokenPage};
use super::{Asking, BooksError, Done, Psp, TRIES, Trouble};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What the issuer of the card that asks for a code has sent to its holder.
const CODE: &str = "123456";

/// A method that is no card, as the books keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MethodFacts {
    pub(super) method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<String>,
}

/// What a buyer did on a provider's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Buyer {
    Approves,
    ApprovesLater,
    IsDeclined,
}

const METHODS: [&str; 8] = [
    "TRANSFER",
    "MOBILE",
    "GIFT_CERTIFICATE",
    "EASY_PAY",
    "PAYPAL",
    "ALIPAY",
    "CONVENIENCE_STORE",
    "ALIPAY_PLUS",
];

impl Psp {
    pub(super) async fn authenticate(
        &self,
        asking: &Asking<'_>,
        body: AuthenticationBody,
    ) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        // Nothing is charged with a billing key's authentication, so that its amount may be zero.
        if body.charge_reference.is_empty() {
            return Err(Code::InvalidRequest.into());
        }
        let (store, merchant) = (asking.store.as_str(), asking.merchant);
        let token = format!(
            "sbxa_{}",
            self.deriver.derive_hex("authentication", &[store, merchant, &body.reference])
        );
        let single = |wants_code| Single {
            charge_reference: body.charge_reference.clone(),
            amount: body.amount,
            currency: body.currency,
            wants_code,
        };
        let issued = match (&body.card, &body.method) {
            (Some(card), None) => {
                let fingerprint = self.deriver.derive_hex("card", &[store, merchant, card.number()]);
                let read = cards::read(card, asking.now)?;
                match read.behaviour.token_verdict() {
                    Verdict::Approve => {}
                    Verdict::Decline(code) => return Err(code.into()),
                    Verdict::Fail => return Err(Code::PspError.into()),
                    Verdict::Vanish => return Ok(Done::silence()),
                }
                let wants_code = read.behaviour == Behaviour::ThreeDSecure;
                TokenPage::single(
                    &body.reference,
                    fingerprint,
                    read.behaviour,
                    asking.now,
                    single(wants_code),
                )
                .with_card(read.expiry, read.facts)
            }
            (None, Some(method)) => {
                let behaviour = match body.buyer {
                    Some(Buyer::Approves) => Behaviour::Approved,
                    Some(Buyer::ApprovesLater) => Behaviour::ApprovedLater,
                    Some(Buyer::IsDeclined) => return Err(Code::Declined.into()),
                    None => return Err(Code::InvalidRequest.into()),
                };
                if !METHODS.contains(&method.as_str()) {
                    return Err(Code::InvalidRequest.into());
                }
                let provider = body.provider.clone();
                let parts = [store, merchant, method, provider.as_deref().unwrap_or_default()];
                let fingerprint = self.deriver.derive_hex("method", &parts);
                let method = MethodFacts { method: method.clone(), provider };
                TokenPage::single(&body.reference, fingerprint, behaviour, asking.now, single(false))
                    .with_method(method)
            }
            (Some(_), Some(_)) | (None, None) => return Err(Code::InvalidRequest.into()),
        };
        self.store_token(asking, &token, &issued).await
    }

    /// The code that the issuer wanted. A wrong one ends the authentication: there is no second try.
    pub(super) async fn answer_challenge(
        &self,
        asking: &Asking<'_>,
        token: &str,
        body: CodeBody,
    ) -> Result<Done, Trouble> {
        for _ in 0..TRIES {
            let (mut page, version) = self.own_token(asking, token).await?.ok_or(Code::TokenNotFound)?;
            let is_right = bool::from(body.code.as_bytes().ct_eq(CODE.as_bytes()));
            match &mut page.single {
                Some(single) if page.deleted_at.is_none() && single.wants_code => {
                    if is_right {
                        single.wants_code = false;
                    } else {
                        page.deleted_at = Some(asking.now);
                    }
                }
                // Repeated: it was answered rightly before.
                Some(single) if page.deleted_at.is_none() && !single.wants_code && is_right => {
                    return Ok(Done::answering(&page.view(token)));
                }
                Some(_) | None => return Err(Code::AuthenticationFailed.into()),
            }
            match self.replace_token(asking, token, &page, version).await {
                Ok(()) if is_right => return Ok(Done::answering(&page.view(token))),
                Ok(()) => return Err(Code::AuthenticationFailed.into()),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
            }
        }
        Err(BooksError::Conflict.into())
    }
}
