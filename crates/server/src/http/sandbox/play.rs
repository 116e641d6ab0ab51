//! Playing the buyer: depositing into a virtual account, completing a hosted page, registering a
//! card.

use super::control::{Asked, Control, detached, reply};
use super::{identity, simulator};
use crate::app::App;
use crate::app::checkout::play::Played;
use crate::app::directory::StoreProfile;
use crate::app::failure::{Failure, Missing};
use crate::app::issue_billing_key::IssueBillingKey;
use crate::app::success::Success;
use crate::app::ticket::Ticket;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::header;
use paypier_connectors::contract::Card;
use paypier_connectors::simulator::psp::{Bank, BooksError, DepositRefusal};
use paypier_domain::channel::{Channel, Environment};
use paypier_domain::customer::{Address, Customer};
use paypier_domain::id::{BillingKeyId, ChannelKey, PaymentId, PaymentKey};
use paypier_domain::money::Amount;
use paypier_domain::payment::{Attempt, AttemptState, Notices, Origin, Payment, Platform};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

/// How long an answer waits for the notification that it has caused.
const SETTLING: Duration = Duration::from_secs(5);

/// A payment of the store's TEST data with its current attempt.
pub(super) async fn played(control: &Control) -> Result<(Payment, Attempt), Failure> {
    let id = PaymentId::parse(&control.segment(2)?)
        .map_err(|error| Failure::Invalid(format!("paymentId in the path: {error}")))?;
    let key = PaymentKey { store: control.profile.store.id.clone(), payment: id };
    let payment = control.app.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
    if payment.environment != Environment::Test {
        return Err(Failure::Forbidden("the payment is LIVE; the sandbox plays with TEST data only".into()));
    }
    let attempt = payment.current().cloned().ok_or(Failure::NotFound(Missing::Payment))?;
    if attempt.channel.as_ref().is_none_or(|channel| channel.connector != "sandbox") {
        return Err(Failure::Invalid("the payment's channel is not served by the simulated PSP".into()));
    }
    Ok((payment, attempt))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepositBody {
    /// Minor units of the payment's currency.
    amount: i64,
    /// The bank lets the transfer through although the account has expired or was closed.
    #[serde(default)]
    late: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositView {
    deposited: i64,
    /// What is still missing.
    waiting: i64,
    /// What the depositor can have back.
    overpaid: i64,
    is_paid: bool,
}

/// `POST /sandbox/payments/{paymentId}/deposit`: answers when the payment shows it.
pub async fn deposit(asked: Asked<DepositBody>) -> Response {
    reply(detached(async move { deposited(&asked.control, &asked.body).await }).await)
}

async fn deposited(control: &Control, body: &DepositBody) -> Result<DepositView, Failure> {
    let amount = Amount::new(body.amount).map_err(|error| Failure::Invalid(format!("amount: {error}")))?;
    let (_, attempt) = played(control).await?;
    match &attempt.state {
        AttemptState::AccountIssued { .. } => {}
        AttemptState::Failed(_) if body.late && attempt.account.closed_at.is_some() => {}
        other => {
            return Err(Failure::Invalid(format!(
                "the payment has no virtual account that waits for a deposit; its latest attempt is {}",
                word(other)
            )));
        }
    }
    let now = control.app.now(&control.profile, Environment::Test);
    let psp = simulator(&control.app)?;
    let bank = if body.late { Bank::LetsThrough } else { Bank::SendsBack };
    let done = psp.deposit(&control.profile.store.id, attempt.reference(), amount, bank, now).await;
    let done = done.map_err(sent_back)?;
    arrived(&control.app).await;
    Ok(DepositView {
        deposited: done.deposited.minor_units(),
        waiting: done.waiting.minor_units(),
        overpaid: done.overpaid.minor_units(),
        is_paid: done.is_paid,
    })
}

fn sent_back(refusal: DepositRefusal) -> Failure {
    match refusal {
        DepositRefusal::Books(BooksError::Conflict) => Failure::Overloaded,
        DepositRefusal::Books(BooksError::Unavailable(_)) => Failure::Unavailable,
        DepositRefusal::NotFound
        | DepositRefusal::ZeroAmount
        | DepositRefusal::Expired(_)
        | DepositRefusal::Closed
        | DepositRefusal::NotWaiting
        | DepositRefusal::AlreadyPaid
        | DepositRefusal::OutOfRange => Failure::Invalid(refusal.to_string()),
    }
}

/// Nothing to say.
#[derive(Debug, Serialize)]
struct Expired {}

/// `POST /sandbox/payments/{paymentId}/expire`: ends the time of the payment's virtual account.
pub async fn expire(control: Control) -> Response {
    reply(
        detached(async move {
            let (_, attempt) = played(&control).await?;
            let now = control.app.now(&control.profile, Environment::Test);
            let psp = simulator(&control.app)?;
            psp.expire(&control.profile.store.id, attempt.reference(), now).await.map_err(sent_back)?;
            arrived(&control.app).await;
            Ok(Expired {})
        })
        .await,
    )
}

/// Lets the PSP's notification arrive, so that the caller reads the payment as it is afterwards. A
/// slow webhook endpoint does not hold the answer back for long.
pub(super) async fn arrived(app: &App) {
    // Not a time-out around it: what it has taken would lie about until its lease ends.
    if !app.run_due_work_for(SETTLING).await {
        tracing::debug!("a sandbox control did not wait for all due work");
    }
}

const fn word(state: &AttemptState) -> &'static str {
    match state {
        AttemptState::Ready => "waiting for the buyer",
        AttemptState::Sending => "being sent to the PSP",
        AttemptState::Unknown { .. } => "of unknown outcome",
        AttemptState::Pending { .. } => "pending at the PSP",
        AttemptState::AccountIssued { .. } => "waiting for a deposit",
        AttemptState::Paid(_) => "paid",
        AttemptState::Failed(_) => "failed",
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompleteBody {
    outcome: Completion,
    /// The window's token, which a channel with manual approval needs.
    window: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Completion {
    Approve,
    Decline,
    Cancel,
    Timeout,
}

impl From<Completion> for Played {
    fn from(outcome: Completion) -> Self {
        match outcome {
            Completion::Approve => Self::Approve,
            Completion::Decline => Self::Decline,
            Completion::Cancel => Self::Cancel,
            Completion::Timeout => Self::Timeout,
        }
    }
}

/// Nothing to say.
#[derive(Debug, Serialize)]
pub(super) struct Completed {}

/// `POST /sandbox/payments/{paymentId}/complete`: plays the buyer on the hosted page.
pub async fn complete(asked: Asked<CompleteBody>) -> Response {
    reply(detached(async move { completed(&asked.control, asked.body).await }).await)
}

/// Plays what waits in a window; what else a payment may wait for has its own control, and the refusal
/// names it.
async fn completed(control: &Control, body: CompleteBody) -> Result<Completed, Failure> {
    let CompleteBody { outcome, window } = body;
    let (payment, attempt) = played(control).await?;
    if control
        .app
        .play_buyer(&control.profile, attempt.id.as_str(), outcome.into(), window.as_deref())
        .await?
        .is_some()
    {
        return Ok(Completed {});
    }
    let hint = match (&attempt.state, outcome) {
        (AttemptState::AccountIssued { .. }, Completion::Approve) => {
            "; deposit into its virtual account with POST /sandbox/payments/{paymentId}/deposit"
        }
        (AttemptState::AccountIssued { .. }, Completion::Timeout) => {
            "; let its virtual account expire with POST /sandbox/payments/{paymentId}/expire"
        }
        (AttemptState::Unknown { .. } | AttemptState::Sending, _) => {
            "; its outcome is asked for by itself, sooner when the clock is moved with POST /sandbox/clock"
        }
        (AttemptState::AccountIssued { .. }, Completion::Decline | Completion::Cancel)
        | (
            AttemptState::Ready
            | AttemptState::Pending { .. }
            | AttemptState::Paid(_)
            | AttemptState::Failed(_),
            _,
        ) => "",
    };
    Err(Failure::Invalid(format!(
        "nothing of the payment waits on the hosted page; its latest attempt is {} (the payment is {}){hint}",
        word(&attempt.state),
        payment.status().as_str(),
    )))
}

/// `POST /sandbox/billing-keys/{billingKey}/complete`: plays the buyer in the key's window.
pub async fn complete_billing_key(asked: Asked<CompleteBody>) -> Response {
    reply(detached(async move { completed_key(&asked.control, asked.body).await }).await)
}

async fn completed_key(control: &Control, body: CompleteBody) -> Result<Completed, Failure> {
    let id = BillingKeyId::parse(&control.segment(2)?)
        .map_err(|error| Failure::Invalid(format!("billingKey in the path: {error}")))?;
    let key = control.app.storage.billing_key(&id).await?;
    let key = key.filter(|key| key.store == control.profile.store.id);
    let key = key.ok_or(Failure::NotFound(Missing::BillingKey))?;
    if key.environment != Environment::Test {
        return Err(Failure::Forbidden("the key is LIVE; the sandbox plays with TEST data only".into()));
    }
    let subject = key.first_payment.as_ref().map_or(key.id.as_str(), |first| first.transaction.as_str());
    played_out(control, subject, body, "billing key").await
}

/// `POST /sandbox/identity-verifications/{identityVerificationId}/complete`: plays the person in the window
/// of its latest attempt.
pub async fn complete_identity(asked: Asked<CompleteBody>) -> Response {
    reply(detached(async move { completed_identity(&asked.control, asked.body).await }).await)
}

async fn completed_identity(control: &Control, body: CompleteBody) -> Result<Completed, Failure> {
    let verification = identity::found(control).await?;
    played_out(control, verification.tx.as_str(), body, "identity verification").await
}

async fn played_out(
    control: &Control,
    subject: &str,
    body: CompleteBody,
    what: &str,
) -> Result<Completed, Failure> {
    let CompleteBody { outcome, window } = body;
    let played = control.app.play_buyer(&control.profile, subject, outcome.into(), window.as_deref()).await?;
    let nothing = || Failure::Invalid(format!("nothing of this {what} waits in a window"));
    played.map(|()| Completed {}).ok_or_else(nothing)
}

/// The parameters of the browser SDK's `requestIssueBillingKey` that the simulated PSP can use, and
/// the card that the buyer would have typed. Others are ignored, as in the SDK.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyBody {
    store_id: Option<String>,
    channel_key: String,
    billing_key_method: Option<String>,
    issue_id: Option<String>,
    issue_name: Option<String>,
    #[serde(default)]
    customer: CustomerBody,
    custom_data: Option<serde_json::Value>,
    #[serde(default)]
    notice_urls: Vec<String>,
    card: CardBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardBody {
    number: String,
    expiry_year: String,
    expiry_month: String,
    birth_or_business_registration_number: Option<String>,
    password_two_digits: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerBody {
    customer_id: Option<String>,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    gender: Option<String>,
    birth_year: Option<String>,
    birth_month: Option<String>,
    birth_day: Option<String>,
    zipcode: Option<String>,
    country: Option<String>,
    address: Option<AddressBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressBody {
    address_line1: String,
    #[serde(default)]
    address_line2: String,
    city: Option<String>,
    province: Option<String>,
    country: Option<String>,
}

/// As the SDK's promise resolves.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IssuedView {
    transaction_type: &'static str,
    billing_key: String,
}

/// `POST /sandbox/billing-keys`
pub async fn billing_key(asked: Asked<BillingKeyBody>) -> Response {
    reply(detached(async move { issued(&asked.control, asked.body).await }).await)
}

async fn issued(control: &Control, body: BillingKeyBody) -> Result<IssuedView, Failure> {
    let profile = match &body.store_id {
        Some(store) => control.caller.store(&control.app, Some(store)).await?,
        None => control.profile.clone(),
    };
    if let Some(method) = body.billing_key_method.as_deref().filter(|method| *method != "CARD") {
        return Err(Failure::Invalid(format!(
            "billingKeyMethod is {}; the simulated PSP stores cards only (CARD)",
            crate::app::caller::shown(method)
        )));
    }
    let channel = playable(&profile, &body.channel_key)?;
    let command = IssueBillingKey {
        store: Some(profile.store.id.to_string()),
        channel: Some(channel.key.clone()),
        channel_group: None,
        card: body.card.read()?,
        customer: body.customer.read(),
        custom_data: body.custom_data.map(as_text),
        issue_id: body.issue_id,
        issue_name: body.issue_name,
        origin: origin(control),
        notices: Notices { urls: body.notice_urls, skip_success: false },
    };
    match control.app.issue_billing_key(&control.caller, command, &Ticket::none()).await? {
        Success::BillingKeyIssued(key) => {
            Ok(IssuedView { transaction_type: "ISSUE_BILLING_KEY", billing_key: key.id.to_string() })
        }
        other => Err(Failure::internal(format!("issuing a billing key gave {other:?}"))),
    }
}

pub(super) fn playable<'a>(profile: &'a StoreProfile, key: &str) -> Result<&'a Channel, Failure> {
    let key = ChannelKey::parse(key).map_err(|error| Failure::Invalid(format!("channelKey: {error}")))?;
    let channel = profile.channel(&key).ok_or(Failure::NotFound(Missing::Channel))?;
    if channel.environment != Environment::Test || channel.connector != "sandbox" {
        return Err(Failure::Forbidden("the channel is not a TEST channel of the simulated PSP".into()));
    }
    Ok(channel)
}

impl CardBody {
    pub(super) fn read(self) -> Result<Card, Failure> {
        let number: String = self.number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        for (member, is_right) in [
            ("card.number", is_number(&number, 12..=19)),
            ("card.expiryYear", is_number(&self.expiry_year, 2..=2)),
            ("card.expiryMonth", is_number(&self.expiry_month, 2..=2)),
        ] {
            if !is_right {
                return Err(Failure::Invalid(format!(
                    "{member} is not acceptable: a number has 12 to 19 digits, month and year have two each"
                )));
            }
        }
        Ok(Card::new(
            number,
            self.expiry_year,
            self.expiry_month,
            self.birth_or_business_registration_number,
            self.password_two_digits,
        ))
    }
}

impl CustomerBody {
    pub(super) fn read(self) -> Customer {
        let parts: Vec<String> = [self.last_name, self.first_name].into_iter().flatten().collect();
        let name = self.full_name.or_else(|| (!parts.is_empty()).then(|| parts.concat()));
        Customer {
            id: self.customer_id,
            name,
            birth_year: self.birth_year,
            birth_month: self.birth_month,
            birth_day: self.birth_day,
            gender: self.gender.map(|gender| gender.trim_start_matches("GENDER_").to_owned()),
            email: self.email,
            phone_number: self.phone_number,
            address: self.address.map(|address| Address::Separated {
                line1: address.address_line1,
                line2: address.address_line2,
                city: address.city,
                province: address.province,
                country: address.country,
            }),
            zipcode: self.zipcode,
            country: self.country,
            business_registration_number: None,
        }
    }
}

/// The SDK takes any JSON; the API keeps a text.
fn as_text(value: serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

pub(super) fn origin(control: &Control) -> Origin {
    let parts = control.parts();
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_string());
    Origin {
        platform: Platform::Api,
        ip_address: peer.unwrap_or_else(|| "0.0.0.0".to_owned()),
        user_agent: parts.headers.get(header::USER_AGENT).map(|value| {
            String::from_utf8_lossy(value.as_bytes()).chars().filter(|c| !c.is_control()).take(512).collect()
        }),
        url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(number: &str, year: &str) -> CardBody {
        CardBody {
            number: number.into(),
            expiry_year: year.into(),
            expiry_month: "12".into(),
            birth_or_business_registration_number: None,
            password_two_digits: None,
        }
    }

    #[test]
    fn cards_are_digits_with_or_without_separators() {
        assert_eq!(card("4242 4242-42424242", "32").read().unwrap().number(), "4242424242424242");
        for wrong in [
            card("", "32"),
            card("4242", "32"),
            card("4242424242424242", "2032"),
            card("４２４２424242424242", "32"),
        ] {
            assert!(wrong.read().is_err());
        }
    }

    #[test]
    fn custom_data_is_kept_as_text() {
        assert_eq!(as_text(serde_json::json!("plain")), "plain");
        assert_eq!(as_text(serde_json::json!({"a": [1]})), r#"{"a":[1]}"#);
    }
}
