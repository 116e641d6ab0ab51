//! Who is told about an event: the URLs named with the payment or key, else the store's endpoint.

use super::App;
use super::directory::StoreProfile;
use crate::webhooks::render;
use jiff::Timestamp;
use paypier_domain::account::{PayloadContentType, PayloadVersion, WebhookEndpoint};
use paypier_domain::change::{Change, Notify, Write};
use paypier_domain::delivery::{Delivery, DeliveryState};
use paypier_domain::event::{BillingKeyEventKind, Event, Subject};
use paypier_domain::id::WebhookId;

impl App {
    /// The deliveries of the events in `change`: one for each event that is told and each URL. `now`
    /// is the store's time.
    pub fn deliveries_for(&self, profile: &StoreProfile, change: &Change, now: Timestamp) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (event, notify) in &change.events {
            match notify {
                Notify::No => continue,
                Notify::Yes => {}
            }
            let endpoint = profile.endpoint(event.environment);
            let named = named_urls(change, event);
            if named.is_empty() && endpoint.is_none() {
                continue;
            }
            let (version, content_type) = payload(endpoint);
            if !render::has_words(version, &event.subject) {
                continue;
            }
            let mut tell = |url: &str| {
                let id = WebhookId::known(self.ids.uuid().to_string());
                deliveries.push(delivery(id, event, url, version, content_type, now));
            };
            if named.is_empty() {
                endpoint.iter().for_each(|endpoint| tell(&endpoint.url));
            } else {
                // Named twice is meant once: a second message would have an id of its own, and the
                // receiver could not tell it from a second event.
                named
                    .iter()
                    .enumerate()
                    .filter(|(index, url)| !named.iter().take(*index).any(|earlier| earlier == *url))
                    .for_each(|(_, url)| tell(url));
            }
        }
        deliveries
    }
}

/// The URLs that were given with the attempt or key that the event is about. Empty means the store's.
fn named_urls<'a>(change: &'a Change, event: &Event) -> &'a [String] {
    let found = change.writes.iter().find_map(|write| match (write, &event.subject) {
        (Write::Payment { payment, .. }, Subject::Payment(about)) if payment.key == about.payment => {
            payment.attempt(&about.transaction).map(|attempt| attempt.notices.urls.as_slice())
        }
        (Write::BillingKey { key, .. }, Subject::BillingKey { key: about, .. }) if key.id == *about => {
            Some(key.notices.urls.as_slice())
        }
        _ => None,
    });
    found.unwrap_or_default()
}

/// What is sent: the endpoint's choice, also to named URLs.
fn payload(endpoint: Option<&WebhookEndpoint>) -> (PayloadVersion, PayloadContentType) {
    endpoint.map_or((PayloadVersion::V20240425, PayloadContentType::Json), |endpoint| {
        (endpoint.version, endpoint.content_type)
    })
}

fn delivery(
    id: WebhookId,
    event: &Event,
    url: &str,
    version: PayloadVersion,
    content_type: PayloadContentType,
    now: Timestamp,
) -> Delivery {
    let (subject, sequence, status_when_sent) = match &event.subject {
        Subject::Payment(about) => {
            (about.payment.payment.as_str().to_owned(), about.sequence, Some(about.status))
        }
        Subject::BillingKey { key, kind } => (key.as_str().to_owned(), place(*kind), None),
    };
    Delivery {
        id,
        event: event.id.clone(),
        store: event.store.clone(),
        environment: event.environment,
        subject,
        sequence,
        url: url.to_owned(),
        version,
        content_type,
        body: None,
        status_when_sent,
        trigger: event.trigger,
        created_at: now,
        state: DeliveryState::Due { at: now },
        executions: 0,
        manual_executions: 0,
        last: None,
    }
}

/// A key's events have no numbers; this is the order in which they can happen.
const fn place(kind: BillingKeyEventKind) -> u64 {
    match kind {
        BillingKeyEventKind::Ready => 1,
        BillingKeyEventKind::Issued => 2,
        BillingKeyEventKind::Failed => 3,
        BillingKeyEventKind::Updated => 4,
        BillingKeyEventKind::Deleted => 5,
    }
}
