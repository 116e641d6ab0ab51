//! Playing the buyer in a window whose channel wants manual approval: what is left is a `READY`
//! payment and the token with which the merchant's server approves it.

use super::control::{Asked, Control, detached, reply};
use super::play::{CardBody, CustomerBody, origin, playable};
use crate::app::authenticate_payment::AuthenticatePayment;
use crate::app::failure::Failure;
use crate::app::pay_instantly::{AmountsAsk, Sale};
use axum::response::Response;
use paypier_domain::id::PaymentId;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{Notices, Order};
use serde::{Deserialize, Serialize};

/// The parameters of the browser SDK's `requestPayment` that the simulated PSP can use, and the card
/// that the buyer would have typed. Others are ignored, as in the SDK.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticateBody {
    store_id: Option<String>,
    channel_key: String,
    order_name: String,
    /// Minor units of the currency.
    total_amount: i64,
    #[serde(default)]
    tax_free_amount: i64,
    vat_amount: Option<i64>,
    currency: String,
    #[serde(default)]
    customer: CustomerBody,
    #[serde(default)]
    notice_urls: Vec<String>,
    promotion_id: Option<String>,
    card: CardBody,
}

/// As the SDK's promise resolves on a channel with manual approval.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticatedView {
    transaction_type: &'static str,
    tx_id: String,
    payment_id: String,
    payment_token: String,
}

/// `POST /sandbox/payments/{paymentId}/authenticate`
pub async fn authenticate(asked: Asked<AuthenticateBody>) -> Response {
    reply(detached(async move { authenticated(&asked.control, asked.body).await }).await)
}

async fn authenticated(control: &Control, body: AuthenticateBody) -> Result<AuthenticatedView, Failure> {
    let payment_id = PaymentId::parse(&control.segment(2)?)
        .map_err(|error| Failure::Invalid(format!("paymentId in the path: {error}")))?;
    let profile = control.caller.store(&control.app, body.store_id.as_deref()).await?;
    let channel = playable(&profile, &body.channel_key)?;
    let currency = Currency::parse(body.currency.trim_start_matches("CURRENCY_"))
        .ok_or_else(|| Failure::Invalid("currency is not an ISO 4217 code".into()))?;
    let command = AuthenticatePayment {
        store: Some(profile.store.id.to_string()),
        payment_id: payment_id.clone(),
        channel: channel.key.clone(),
        card: body.card.read()?,
        sale: Sale {
            order: Order { name: body.order_name, customer: body.customer.read(), ..Order::default() },
            amounts: AmountsAsk {
                total: amount("totalAmount", body.total_amount)?,
                tax_free: amount("taxFreeAmount", body.tax_free_amount)?,
                vat: body.vat_amount.map(|vat| amount("vatAmount", vat)).transpose()?,
            },
            currency,
            origin: origin(control),
            notices: Notices { urls: body.notice_urls, skip_success: false },
            promotion: body.promotion_id,
            bypass: None,
            receipt: None,
        },
    };
    let authenticated = control.app.authenticate_payment(&control.caller, command).await?;
    Ok(AuthenticatedView {
        transaction_type: "PAYMENT",
        tx_id: authenticated.transaction.to_string(),
        payment_id: payment_id.to_string(),
        payment_token: authenticated.payment_token,
    })
}

fn amount(member: &str, units: i64) -> Result<Amount, Failure> {
    Amount::new(units).map_err(|error| Failure::Invalid(format!("{member}: {error}")))
}
