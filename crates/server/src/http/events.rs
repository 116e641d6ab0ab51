//! An extension of our own: events as they happen, for whoever cannot be reached by webhooks.
//!
//! `GET /webhook-events?after=&wait=&limit=&storeId=` answers with the events behind a place in the
//! order of commit, each as the message a webhook would be: body, id, fresh timestamp and signatures.
//! When there is none it waits for one. A reader that keeps `next` misses nothing, however long it
//! was away. `GET /webhook-events/dead` lists webhooks whose tries are used up, and
//! `POST /webhook-events/{webhookId}/replay` sends one again by its id alone.
//!
//! Authenticated like every operation, and scoped to what the caller may reach.

use super::address;
use super::v2::{answers, problem};
use crate::app::App;
use crate::app::caller::Caller;
use crate::app::failure::{Failure, Missing};
use crate::webhooks::{render, sign};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Uri, header};
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::change::Notify;
use paypier_domain::claim::Answer;
use paypier_domain::delivery::Delivery;
use paypier_domain::event::{Event, Subject};
use paypier_domain::id::{StoreId, WebhookId};
use paypier_storage::{EventPosition, PositionedEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The longest that a caller may be kept waiting. Below the shortest time-out that clients have.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// How often a waiting caller's place is looked at. Other instances write events without telling us,
/// so looking is the only way that works everywhere; one look is one indexed read.
const LOOK_EVERY: Duration = Duration::from_millis(250);

const DEFAULT_EVENTS: u32 = 50;
const MOST_EVENTS: u32 = 100;
const MOST_DEAD: u32 = 1_000;

/// In place of a cursor: from now on.
pub const NOW: &str = "now";

/// Some events, and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    pub items: Vec<FeedItem>,
    /// The place behind the last item, to be given as `after`.
    pub next: String,
}

/// One event as the message that a webhook would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedItem {
    /// The place behind this event.
    pub cursor: String,
    /// The message's id: that of the event's first webhook, or of the event when it has none.
    pub id: String,
    pub store_id: String,
    /// `TEST` or `LIVE`.
    pub environment: String,
    /// Whether the merchant is told; `false` when the request asked for silence.
    pub is_notified: bool,
    /// The webhooks that were made for the event, one for each URL.
    pub webhook_ids: Vec<String>,
    /// The headers it would be sent with now. Without `webhook-signature` when the store has no
    /// secret.
    pub headers: BTreeMap<String, String>,
    /// The body, in version 2024-04-25, byte by byte.
    pub body: String,
}

/// Webhooks whose tries are used up, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadWebhooks {
    pub items: Vec<DeadWebhook>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadWebhook {
    pub webhook_id: String,
    pub store_id: String,
    /// The payment id or billing key that it is about.
    pub subject: String,
    pub sequence: u64,
    pub url: String,
    pub execution_count: u32,
}

pub fn routes(app: App) -> Router {
    Router::new()
        .route("/webhook-events", get(feed))
        .route("/webhook-events/dead", get(dead))
        .route("/webhook-events/{webhookId}/replay", post(replay))
        .with_state(app)
}

/// `GET /webhook-events`
async fn feed(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    answered(read_feed(&app, &headers, uri.query()).await)
}

/// `GET /webhook-events/dead`
async fn dead(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    answered(read_dead(&app, &headers, uri.query()).await)
}

/// `POST /webhook-events/{webhookId}/replay`
async fn replay(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    answered(send_again(&app, &headers, uri.path()).await)
}

fn answered(answer: Result<Answer, Failure>) -> Response {
    problem::response(answer.unwrap_or_else(|failure| {
        if let Failure::Internal(inside) = &failure {
            tracing::error!(?inside, "an internal error was answered");
        }
        problem::answer(&failure)
    }))
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    app.authenticate(headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())).await
}

async fn read_feed(app: &App, headers: &HeaderMap, query: Option<&str>) -> Result<Answer, Failure> {
    let caller = caller(app, headers).await?;
    let store = caller.reach(app, parameter(query, "storeId")?.as_deref()).await?;
    let limit = number(query, "limit", DEFAULT_EVENTS, 1, MOST_EVENTS)?;
    let longest = u32::try_from(LONGEST_WAIT.as_secs()).unwrap_or(u32::MAX);
    let wait = Duration::from_secs(u64::from(number(query, "wait", 0, 0, longest)?));
    let after = match parameter(query, "after")?.as_deref() {
        None | Some("") => EventPosition::default(),
        Some(NOW) => app.storage.events_end().await?,
        Some(text) => text
            .parse()
            .map_err(|_| Failure::Invalid("after is not a cursor that this server has given out".into()))?,
    };
    let until = Instant::now().checked_add(wait).unwrap_or_else(Instant::now);
    let found = loop {
        let found = app.storage.events_after(&caller.merchant, store.as_ref(), &after, limit).await?;
        if !found.is_empty() || Instant::now() >= until {
            break found;
        }
        tokio::select! {
            biased;
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.mailroom.closing() => break found,
        }
    };
    let next = found.last().map_or(&after, |last| &last.position).to_string();
    answers::ok(&Feed { items: items(app, found).await?, next })
}

async fn items(app: &App, found: Vec<PositionedEvent>) -> Result<Vec<FeedItem>, Failure> {
    let deliveries = deliveries(app, &found).await?;
    let mut items = Vec::with_capacity(found.len());
    for PositionedEvent { position, stored } in found {
        let webhook_ids: Vec<String> = deliveries
            .iter()
            .filter(|delivery| delivery.event == stored.event.id)
            .map(|delivery| delivery.id.to_string())
            .collect();
        items.push(item(app, &position, &stored.event, stored.notify, webhook_ids).await?);
    }
    Ok(items)
}

/// The deliveries about what the events are about.
async fn deliveries(app: &App, found: &[PositionedEvent]) -> Result<Vec<Delivery>, Failure> {
    let mut subjects: BTreeMap<&StoreId, Vec<&str>> = BTreeMap::new();
    for PositionedEvent { stored, .. } in found {
        let subject = match &stored.event.subject {
            Subject::Payment(about) => about.payment.payment.as_str(),
            Subject::BillingKey { key, .. } => key.as_str(),
        };
        let of_store = subjects.entry(&stored.event.store).or_default();
        if !of_store.contains(&subject) {
            of_store.push(subject);
        }
    }
    let mut deliveries = Vec::new();
    for (store, subjects) in subjects {
        deliveries.extend(app.storage.deliveries_of(store, &subjects).await?);
    }
    Ok(deliveries)
}

async fn item(
    app: &App,
    position: &EventPosition,
    event: &Event,
    notify: Notify,
    webhook_ids: Vec<String>,
) -> Result<FeedItem, Failure> {
    let gone = || Failure::internal(format!("the store {} of the event {} is gone", event.store, event.id));
    let profile = app.directory.store(app, &event.store).await?.ok_or_else(gone)?;
    let rendered = render::render(event, PayloadVersion::V20240425, PayloadContentType::Json)
        .ok_or_else(|| Failure::internal(format!("the event {} has no words", event.id)))?;
    let id = webhook_ids.iter().min().cloned().unwrap_or_else(|| event.id.to_string());
    let now = app.clock.now();
    let keys = sign::active_keys(&app.keyring, &profile.webhook_secrets, event.environment, now)
        .map_err(Failure::internal)?;
    let mut headers = BTreeMap::from([("content-type".to_owned(), rendered.content_type.to_owned())]);
    let signed = sign::headers(&keys, &id, now, rendered.body.as_bytes());
    headers.extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(FeedItem {
        cursor: position.to_string(),
        id,
        store_id: event.store.to_string(),
        environment: event.environment.as_str().to_owned(),
        is_notified: match notify {
            Notify::Yes => true,
            Notify::No => false,
        },
        webhook_ids,
        headers,
        body: rendered.body,
    })
}

async fn read_dead(app: &App, headers: &HeaderMap, query: Option<&str>) -> Result<Answer, Failure> {
    let caller = caller(app, headers).await?;
    let limit = number(query, "limit", MOST_DEAD, 1, MOST_DEAD)?;
    let found = app.dead_webhooks(&caller, parameter(query, "storeId")?.as_deref(), limit).await?;
    let items = found
        .into_iter()
        .map(|delivery| DeadWebhook {
            webhook_id: delivery.id.to_string(),
            store_id: delivery.store.to_string(),
            subject: delivery.subject,
            sequence: delivery.sequence,
            url: delivery.url,
            execution_count: delivery.executions,
        })
        .collect();
    answers::ok(&DeadWebhooks { items })
}

async fn send_again(app: &App, headers: &HeaderMap, path: &str) -> Result<Answer, Failure> {
    let caller = caller(app, headers).await?;
    // What cannot be an id names no webhook.
    let id = address::segment(path, 1).ok().and_then(|text| WebhookId::parse(&text).ok());
    let id = id.ok_or(Failure::NotFound(Missing::Webhook))?;
    answers::success("resendWebhook", &app.replay_webhook(&caller, &id).await?)
}

fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, Failure> {
    address::parameter(query, name)
        .map_err(|malformed| Failure::Invalid(format!("the query parameter {name} {malformed}")))
}

fn number(query: Option<&str>, name: &str, default: u32, least: u32, most: u32) -> Result<u32, Failure> {
    let Some(text) = parameter(query, name)? else { return Ok(default) };
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        Failure::Invalid(format!("the query parameter {name} must be a whole number from {least} to {most}"))
    })
}
