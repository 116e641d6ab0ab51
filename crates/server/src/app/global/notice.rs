//! Who is told in the Global dialect: the endpoints of a topic, and the addresses that came with a payment link.
//!
//! A message is written down, signature included, in the commit of what it is about; every try sends these bytes.
//! Messages about one thing leave in the order of its changes, because its version is their number.

use crate::app::App;
use crate::app::directory::{GlobalProfile, StoreProfile};
use crate::app::failure::Failure;
use crate::global::message::{payment_webhook, refund_webhook};
use crate::global::transaction::Transaction;
use jiff::Timestamp;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::change::{Change, Notify, Touched, Write};
use paypier_domain::channel::Environment;
use paypier_domain::delivery::{Delivery, DeliveryState};
use paypier_domain::event::{PaymentEventKind, Subject};
use paypier_domain::global::{GlobalOrder, RefundNote, Topic};
use paypier_domain::id::{CancellationId, EventId, WebhookId};
use paypier_domain::payment::{AttemptState, Capture, Payment};
use paypier_wire::global::{Ksuid, TransactionStatus};
use serde::Serialize;

/// What a message is about. `subject` is whose messages leave in order: an order's, a link's or a subscription's
/// reference; `number` grows with each of them.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub environment: Environment,
    pub topic: Topic,
    pub subject: &'a str,
    pub number: u64,
}

impl App {
    /// The deliveries of one message: one for each endpoint of its topic, and for each address beside them. To be
    /// added to the change that the message is about.
    ///
    /// # Errors
    /// It cannot be written, which no type of the dialect makes possible.
    pub fn global_deliveries<T: Serialize>(
        &self,
        profile: &StoreProfile,
        about: About<'_>,
        beside: &[String],
        message: &T,
    ) -> Result<Vec<Delivery>, Failure> {
        let Some(global) = &profile.global else { return Ok(Vec::new()) };
        let mut urls: Vec<&str> = Vec::new();
        for url in global.urls(about.environment, about.topic).chain(beside.iter().map(String::as_str)) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        if urls.is_empty() {
            return Ok(Vec::new());
        }
        let body = serde_json::to_string(message)
            .map_err(|error| Failure::internal(format!("a message cannot be written: {error}")))?;
        let now = self.now(profile, about.environment);
        Ok(urls
            .into_iter()
            .map(|url| delivery(self.ids.uuid().to_string(), profile, about, url, body.clone(), now))
            .collect())
    }

    /// The deliveries about the payment that a change writes.
    ///
    /// # Errors
    /// The order cannot be read, or the secret not be opened.
    pub async fn global_deliveries_of(
        &self,
        profile: &StoreProfile,
        change: &Change,
    ) -> Result<Vec<Delivery>, Failure> {
        let Some(global) = &profile.global else { return Ok(Vec::new()) };
        let mut deliveries = Vec::new();
        for write in &change.writes {
            let Write::Payment { payment, touched, .. } = write else { continue };
            let news = news(change, payment, touched);
            // Only orders have ids like this; the other dialect's payments cost no look into the database.
            if news.is_empty() || !may_have_order(payment) {
                continue;
            }
            let order = match ordered(change, payment) {
                Some(order) => Some(order.clone()),
                None => self.storage.global_order_of(&payment.key.store, &payment.key.payment).await?,
            };
            let Some(order) = order else { continue };
            let notes = self.notes(change, payment).await?;
            deliveries.extend(self.tell(profile, global, (&order, payment, &notes), &news)?);
        }
        Ok(deliveries)
    }

    async fn notes(&self, change: &Change, payment: &Payment) -> Result<Vec<RefundNote>, Failure> {
        if payment.cancellations.is_empty() {
            return Ok(Vec::new());
        }
        let mut notes = self.storage.refund_notes_of(&payment.key.store, &payment.key.payment).await?;
        notes.extend(change.writes.iter().filter_map(|write| match write {
            Write::RefundNote(note) => Some(note.clone()),
            _ => None,
        }));
        Ok(notes)
    }

    /// The message that the transaction stands as it does, where the order itself changed and not its payment.
    ///
    /// # Errors
    /// As [`App::global_deliveries_of`].
    pub fn transaction_told(
        &self,
        profile: &StoreProfile,
        order: &GlobalOrder,
        payment: &Payment,
    ) -> Result<Vec<Delivery>, Failure> {
        let Some(global) = &profile.global else { return Ok(Vec::new()) };
        self.tell(profile, global, (order, payment, &[]), &[News::Payment])
    }

    fn tell(
        &self,
        profile: &StoreProfile,
        global: &GlobalProfile,
        (order, payment, notes): (&GlobalOrder, &Payment, &[RefundNote]),
        news: &[News],
    ) -> Result<Vec<Delivery>, Failure> {
        let beside = order.link.as_ref().map_or(&[][..], |link| link.urls.as_slice());
        let has_ears = !beside.is_empty()
            || [Topic::Payment, Topic::Refund]
                .into_iter()
                .any(|topic| global.urls(order.environment, topic).next().is_some());
        if !has_ears {
            return Ok(Vec::new());
        }
        let secret = self.global_secret(global)?;
        let now = self.now(profile, order.environment);
        let transaction =
            Transaction { merchant: &global.merchant, order, payment: Some(payment), notes, now };
        let about = |topic| About {
            environment: order.environment,
            topic,
            subject: &order.reference,
            number: payment.version,
        };
        let mut deliveries = Vec::new();
        for news in news {
            deliveries.extend(match news {
                // A try that may be followed by another one is not the outcome.
                News::Payment if transaction.status() == TransactionStatus::Initiated => Vec::new(),
                News::Payment => {
                    let message = payment_webhook(&transaction, &secret);
                    self.global_deliveries(profile, about(Topic::Payment), beside, &message)?
                }
                News::Refund(id) => match payment.cancellation(id) {
                    Some(cancellation) => {
                        let message = refund_webhook(&transaction, cancellation);
                        self.global_deliveries(profile, about(Topic::Refund), &[], &message)?
                    }
                    None => Vec::new(),
                },
            });
        }
        Ok(deliveries)
    }
}

/// Whether the payment's id begins as our references do.
pub(super) fn may_have_order(payment: &Payment) -> bool {
    payment.key.payment.as_str().get(..27).is_some_and(|start| start.parse::<Ksuid>().is_ok())
}

/// What a change of a payment has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum News {
    Payment,
    Refund(CancellationId),
}

fn news(change: &Change, payment: &Payment, touched: &Touched) -> Vec<News> {
    let mut news = Vec::new();
    for (event, notify) in &change.events {
        let Subject::Payment(about) = &event.subject else { continue };
        if about.payment != payment.key || *notify == Notify::No {
            continue;
        }
        match (&about.cancellation, about.kind) {
            (Some(cancellation), _) => news.push(News::Refund(cancellation.clone())),
            // Nothing that has a word here: a payment that is disputed is the success that it was.
            (
                None,
                PaymentEventKind::Ready
                | PaymentEventKind::DisputeCreated
                | PaymentEventKind::DisputeResolved,
            ) => {}
            (None, _) => news.push(News::Payment),
        }
    }
    if news.is_empty() && is_captured_now(change, payment, touched) {
        news.push(News::Payment);
    }
    news
}

/// The other dialect has no event for a capture; in this one the status changes.
fn is_captured_now(change: &Change, payment: &Payment, touched: &Touched) -> bool {
    let is_captured = payment.paid_attempt().is_some_and(|attempt| match &attempt.state {
        AttemptState::Paid(paid) => matches!(paid.capture, Capture::Captured { .. }),
        _ => false,
    });
    is_captured
        && change.events.is_empty()
        && touched.cancellations.is_empty()
        && !touched.attempts.is_empty()
}

/// The order that the change itself stores.
fn ordered<'a>(change: &'a Change, payment: &Payment) -> Option<&'a GlobalOrder> {
    change.writes.iter().find_map(|write| match write {
        Write::GlobalOrder { order, .. }
            if order.payment == payment.key.payment && order.store == payment.key.store =>
        {
            Some(&**order)
        }
        _ => None,
    })
}

fn delivery(
    id: String,
    profile: &StoreProfile,
    about: About<'_>,
    url: &str,
    body: String,
    now: Timestamp,
) -> Delivery {
    // Apart from the other dialect's messages about the same payment, which are listed with it.
    let subject = format!("{}/{}", about.topic.as_str(), about.subject);
    Delivery {
        id: WebhookId::known(id),
        event: EventId::known(format!("{subject}/{}", about.number)),
        store: profile.store.id.clone(),
        environment: about.environment,
        subject,
        sequence: about.number,
        url: url.to_owned(),
        version: PayloadVersion::V20240425,
        content_type: PayloadContentType::Json,
        body: Some(body),
        status_when_sent: None,
        trigger: None,
        created_at: now,
        state: DeliveryState::Due { at: now },
        executions: 0,
        manual_executions: 0,
        last: None,
    }
}
