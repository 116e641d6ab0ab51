//! What PSPs tell us unasked. Verified before anything in it is used, then applied like any other
//! answer: in any order, any number of times, with one effect.

use super::App;
use super::charging;
use super::directory::StoreProfile;
use super::psp::Route;
use super::refunding;
use super::ticket::Ticket;
use paypier_connectors::contract::{Notification, NotificationRefusal, NotificationReply, Snapshot};
use paypier_domain::change::Change;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{CancellationId, ChannelKey, StoreId, TransactionId};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::outcome::{Found, Outcome};
use paypier_domain::payment::{AttemptState, Payment};

/// Why a notification has no effect.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotificationFailure {
    #[error("no channel has this key")]
    UnknownChannel,
    #[error(transparent)]
    Refused(#[from] NotificationRefusal),
    /// The PSP should send it again later.
    #[error("the notification could not be recorded; send it again later")]
    NotRecorded,
}

/// What a genuine notification gives us to work with.
enum Said {
    Snapshot(Box<Snapshot>),
    LookAgain { prompt: String },
}

impl App {
    /// Takes one notification for a channel of a store.
    ///
    /// # Errors
    /// See [`NotificationFailure`]. A notification about a charge that we do not know is accepted
    /// and logged: refusing it would only make the PSP repeat it.
    pub async fn receive_notification(
        &self,
        store: &StoreId,
        channel: &ChannelKey,
        headers: &http::HeaderMap,
        body: &[u8],
    ) -> Result<NotificationReply, NotificationFailure> {
        let profile = self
            .directory
            .store(self, store)
            .await
            .map_err(|_| NotificationFailure::NotRecorded)?
            .ok_or(NotificationFailure::UnknownChannel)?;
        let route = self.route(&profile, channel).map_err(|_| NotificationFailure::UnknownChannel)?;
        // Signatures are made with real time, whatever the store's test clock says.
        let read = route.connector.read_notification(route.credentials(), headers, body, self.clock.now());
        let notification = match read {
            Ok(notification) => notification,
            Err(refusal) => return Err(refused(&route, channel, refusal)),
        };
        let (reference, said) = match notification {
            Notification::Verified { reference, snapshot } => (reference, Said::Snapshot(snapshot)),
            Notification::Hint { reference, delivery: Some(delivery) } => {
                if !self.heard.is_new(channel, &delivery, self.clock.now()) {
                    return Err(refused(&route, channel, NotificationRefusal::Replayed));
                }
                (reference, Said::LookAgain { prompt: delivery })
            }
            Notification::Hint { reference, delivery: None } => {
                (reference, Said::LookAgain { prompt: self.ids.uuid().to_string() })
            }
            Notification::Unrelated => return Ok(route.connector.notification_reply()),
        };
        let transaction = TransactionId::known(reference);
        let payment = self
            .storage
            .payment_by_transaction(store, &transaction)
            .await
            .map_err(|_| NotificationFailure::NotRecorded)?;
        let Some(payment) = payment else {
            tracing::warn!(channel = %channel, transaction = %transaction, "a PSP notified about a charge that is not ours");
            return Ok(route.connector.notification_reply());
        };
        // What belongs to one channel cannot be moved by another one's credentials.
        let is_own =
            payment.attempt(&transaction).and_then(|a| a.channel.as_ref()).is_some_and(|c| c.key == *channel);
        if !is_own {
            return Err(NotificationFailure::UnknownChannel);
        }
        let snapshot = match said {
            Said::Snapshot(snapshot) => *snapshot,
            // The PSP is answered at once and asked afterwards, by a job that outlives this process.
            Said::LookAgain { prompt } => {
                self.look_again(&profile, &payment, transaction, prompt).await?;
                return Ok(route.connector.notification_reply());
            }
        };
        self.apply_snapshot(&profile, &route, payment, &transaction, snapshot, EvidenceKind::Notification)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "a PSP notification could not be recorded");
                NotificationFailure::NotRecorded
            })?;
        Ok(route.connector.notification_reply())
    }

    async fn look_again(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        transaction: TransactionId,
        prompt: String,
    ) -> Result<(), NotificationFailure> {
        let job = Job {
            task: Task::LookAgain { payment: payment.key.clone(), transaction, prompt },
            store: payment.key.store.clone(),
            environment: payment.environment,
            due_at: self.now(profile, payment.environment),
            runs: 0,
        };
        let change = Change { jobs: vec![JobWrite::Put(job)], ..Change::default() };
        self.commit(profile, &Ticket::none(), change).await.map_err(|error| {
            tracing::warn!(%error, "a PSP notification could not be recorded");
            NotificationFailure::NotRecorded
        })
    }

    /// Asks the PSP how a charge and its refunds stand; `None` when it does not say.
    pub(crate) async fn looked_up(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        transaction: &TransactionId,
    ) -> Option<Snapshot> {
        let attempt = payment.attempt(transaction)?;
        let now = self.now(profile, payment.environment);
        let age = now.duration_since(attempt.asked_at());
        match route
            .connector
            .query(&route.call(now), attempt.reference(), attempt.pg_tx_id.as_ref(), age)
            .await
        {
            Found::Known(Outcome::Done(snapshot) | Outcome::Pending(snapshot)) => Some(snapshot),
            Found::Known(_) | Found::Absent | Found::NotYet | Found::NoAnswer(_) => None,
        }
    }

    /// Applies everything that a snapshot says: how the charge stands, and how each refund does.
    pub(crate) async fn apply_snapshot(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: Payment,
        transaction: &TransactionId,
        snapshot: Snapshot,
        kind: EvidenceKind,
    ) -> Result<Payment, paypier_storage::CommitError> {
        let now = self.now(profile, payment.environment);
        let evidence = charging::seen(&payment.key, transaction, kind, now, charging::said(&snapshot.charge));
        let ticket = Ticket::none();
        let mut payment = self
            .settle_charge(
                profile,
                route.manual_capture,
                payment,
                transaction,
                snapshot.charge,
                vec![evidence],
                &ticket,
            )
            .await?;
        if let Some(at) = snapshot.account_closed_at {
            let closed = Outcome::Done(at);
            payment = self.settle_closing(profile, payment, transaction, &closed, 0, kind, &ticket).await?;
        }
        if let Some(standing) = &snapshot.delivery {
            payment = self.hear_delivery(profile, payment, transaction, standing, kind).await?;
        }
        payment = self.hear_disputes(profile, payment, transaction, &snapshot.disputes).await?;
        for (reference, outcome) in snapshot.refunds {
            let id = CancellationId::known(reference);
            let Some(cancellation) = payment.cancellation(&id) else { continue };
            let finding = format!("the PSP says: {}", outcome.word());
            let evidence = refunding::seen(&payment, cancellation, kind, now, finding);
            payment = self.settle_refund(profile, payment, &id, outcome, vec![evidence], &ticket).await?;
        }
        // After the refunds, which may have ended before and then count as gone.
        for chargeback in &snapshot.chargebacks {
            payment = self.hear_chargeback(profile, payment, transaction, chargeback, kind).await?;
        }
        Ok(payment)
    }

    /// Whether an attempt still waits for somebody's word.
    pub(crate) fn is_open(payment: &Payment, transaction: &TransactionId) -> bool {
        payment.attempt(transaction).is_some_and(|attempt| match attempt.state {
            AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => true,
            AttemptState::Ready
            | AttemptState::AccountIssued { .. }
            | AttemptState::Paid(_)
            | AttemptState::Failed(_) => false,
        })
    }
}

/// Counts and logs a refusal, once.
fn refused(route: &Route, channel: &ChannelKey, refusal: NotificationRefusal) -> NotificationFailure {
    metrics::counter!("paypier_notifications_refused_total", "connector" => route.connector.name(), "reason" => refusal.word())
        .increment(1);
    tracing::warn!(channel = %channel, %refusal, "a PSP notification was refused");
    refusal.into()
}
