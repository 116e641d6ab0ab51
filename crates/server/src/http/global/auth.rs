//! Tokens, and signatures on request.

use super::call::{Answered, Call};
use super::need::{self, Tone};
use super::problem::Refused;
use crate::global::{amount, signature, token};
use paypier_wire::global::code::fault;
use paypier_wire::global::{
    AuthTokenContent, AuthTokenRequest, Code, Content, GenerateSignatureRequest, Secret,
    SignatureHashContent, signed,
};
use std::sync::Arc;

fn unknown_merchant(key: &str) -> Refused {
    let shown = crate::app::caller::shown(key);
    Refused::invalid(Code::MerchantNotFound, format!("Merchant not found for this key : {shown}"))
}

/// `POST /api/merchant/auth-token`
pub async fn create_token(call: Arc<Call>, body: AuthTokenRequest) -> Answered<Content<AuthTokenContent>> {
    let key = need::text(Tone::Request, "portone_key", body.portone_key.as_ref())?;
    let secret = body.portone_secret.as_ref().map(|secret| &secret.0);
    let secret = need::text(Tone::Request, "portone_secret", secret)?;
    let caller = call.app.global_caller(key).await?.ok_or_else(|| unknown_merchant(key))?;
    if !caller.secret.is(secret) {
        return Err(fault::SECRET.into());
    }
    let token = token::issue(&caller.secret, caller.client_key(), call.app.clock.now());
    let content = AuthTokenContent { expires_in: token::LIFETIME, token: Secret(token) };
    Ok(Content::saying(content, "Auth Token generated successfully!"))
}

/// `POST /api/merchant/generate-signature`
pub async fn generate_signature(
    call: Arc<Call>,
    body: GenerateSignatureRequest,
) -> Answered<Content<SignatureHashContent>> {
    let caller = call.caller()?;
    let key = need::text(Tone::Request, "portone_key", body.portone_key.as_ref())?;
    let currency = need::text(Tone::Request, "currency", body.currency.as_ref())?;
    let number = need::some(Tone::Request, "amount", body.amount)?;
    let order = need::text(Tone::Request, "merchant_order_id", body.merchant_order_id.as_ref())?;
    let success_url = need::text(Tone::Request, "success_url", body.success_url.as_ref())?;
    let failure_url = need::text(Tone::Request, "failure_url", body.failure_url.as_ref())?;
    if key != caller.client_key() {
        return Err(unknown_merchant(key));
    }
    let amount = amount::positive(number)?;
    let message = signed::PaymentRequest {
        amount,
        client_key: key,
        currency,
        failure_url,
        merchant_order_id: order,
        success_url,
    };
    let content = SignatureHashContent { signature: signature::sign(&caller.secret, &message) };
    Ok(Content::saying(content, "Signature generated successfully!"))
}
