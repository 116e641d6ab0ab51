//! Deductions: on demand, by the calendar, and the calendar's next one now.

use super::SubscriptionRefusal;
use super::charge::Names;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::{Failure, Missing};
use crate::app::global::Refusal;
use crate::app::global::caller::GlobalCaller;
use crate::app::global::order::OrderView;
use crate::app::ticket::Ticket;
use crate::global::transaction::failure_code;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::billing_key::BillingKey;
use paypier_domain::change::Change;
use paypier_domain::channel::Environment;
use paypier_domain::global::check_reference;
use paypier_domain::id::{BillingKeyId, PaymentId, StoreId, SubscriptionRef};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{self, Attempt, Payment};
use paypier_domain::subscription::{self, DeductRefusal, Due, Running, State, Subscription, Verdict};
use paypier_storage::CommitError;

/// A deduction that the merchant asks for.
#[derive(Debug, Clone)]
pub struct DeductOnDemand {
    pub subscription: SubscriptionRef,
    pub environment: Environment,
    pub merchant_ref: String,
    pub amount: Amount,
    pub currency: Currency,
    pub source: String,
    pub description: String,
}

/// A deduction that was made, however it ended.
#[derive(Debug, Clone)]
pub struct Deducted {
    /// As it stands when the caller's patience is over.
    pub view: OrderView,
}

/// What became of a date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RanCycle {
    /// A deduction is under way or has ended, and the commit of its outcome has made what comes next.
    Made,
    /// Its time comes after this long.
    TooEarly(SignedDuration),
    /// There is nothing to deduct any more.
    Over,
}

impl App {
    /// Deducts from a subscription on demand and waits for the PSP, for as long as a caller may be kept waiting.
    /// The merchant's reference is what makes a second request harmless.
    ///
    /// # Errors
    /// The subscription is not there or not to be deducted from, the reference was used before, no channel can
    /// take the charge. What the PSP refuses is no error here: the transaction says it.
    pub async fn deduct_on_demand(
        &self,
        caller: &GlobalCaller,
        ask: DeductOnDemand,
    ) -> Result<Deducted, SubscriptionRefusal> {
        check_reference(&ask.merchant_ref).map_err(Refusal::Reference)?;
        let profile = &caller.profile;
        let subscription = self.subscription_of(caller, &ask.subscription).await?;
        if subscription.environment != ask.environment {
            return Err(SubscriptionRefusal::UnknownSubscription);
        }
        let now = self.now(profile, ask.environment);
        let reference = self.ksuid(profile, ask.environment).to_string();
        let payment = PaymentId::known(reference.as_str());
        // Only the commit decides; this is for saying so before anything else is done.
        subscription::on_demand(&subscription, &payment, ask.amount, ask.currency, now)?;
        self.refuse_used_reference(caller, ask.environment, &ask.merchant_ref).await?;
        if ask.environment == Environment::Live && !caller.merchant().is_active {
            return Err(Refusal::Inactive.into());
        }
        let State::Active(running) = subscription.state.clone() else {
            return Err(DeductRefusal::NotActive(subscription.status_at(now)).into());
        };
        let Some(key) = self.key_of(profile, &running.billing_key).await? else {
            self.ends_without_key(profile, subscription).await?;
            return Err(DeductRefusal::CancelledByPsp.into());
        };
        let names = Names {
            reference,
            merchant_reference: ask.merchant_ref,
            source: ask.source,
            description: ask.description,
        };
        let prepared = self
            .prepared_deduction(profile, &subscription, (&key, &running.means), names, ask.amount)
            .await
            .map_err(|failure| match failure {
                Failure::NotFound(Missing::Channel) => {
                    Refusal::ChannelNotEnabled(running.means.channel.clone())
                }
                other => Refusal::Failed(other),
            })?;
        let begun = self
            .begin_deduction(profile, subscription, &prepared, &Change::default(), |subscription, now| {
                Ok(Some(subscription::on_demand(subscription, &payment, ask.amount, ask.currency, now)?))
            })
            .await?;
        let Some(begun) = begun else { return Err(SubscriptionRefusal::UnknownSubscription) };
        let order = prepared.order.clone();
        // How it ended is recorded, or will be; the transaction says it.
        let _told = self.finish_charge(profile, &prepared.route, begun, prepared.plan, &Ticket::none()).await;
        Ok(Deducted { view: self.order_view(profile, order).await? })
    }

    /// Makes the deduction of the calendar whose time has come.
    ///
    /// # Errors
    /// Nothing could be recorded, or the operator has to mend something first: it is tried again.
    pub(crate) async fn run_cycle(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
    ) -> Result<RanCycle, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(RanCycle::Over) };
        let Some(subscription) = self.storage.subscription(store, reference).await? else {
            return Ok(RanCycle::Over);
        };
        let now = self.now(&profile, subscription.environment);
        let wanted = match subscription::due(&subscription, now) {
            Due::Now(wanted) => wanted,
            Due::At(at) => return Ok(RanCycle::TooEarly(at.duration_since(now))),
            Due::Going => return Ok(RanCycle::Made),
            Due::Never => return Ok(RanCycle::Over),
        };
        let State::Active(Running { means, .. }) = subscription.state.clone() else {
            return Ok(RanCycle::Over);
        };
        let Some(key) = self.key_of(&profile, &wanted.billing_key).await? else {
            self.ends_without_key(&profile, subscription).await.map_err(inner)?;
            return Ok(RanCycle::Made);
        };
        let names = self.names_of_deduction(&subscription);
        let payment = PaymentId::known(names.reference.as_str());
        let prepared =
            self.prepared_deduction(&profile, &subscription, (&key, &means), names, wanted.amount).await?;
        let begun = self
            .begin_deduction(&profile, subscription, &prepared, &Change::default(), |subscription, now| {
                Ok(subscription::begin_due(subscription, &payment, now))
            })
            .await
            .map_err(inner)?;
        // Somebody else made it, or it was cancelled; either way the job was theirs to write.
        let Some(begun) = begun else { return Ok(RanCycle::Made) };
        let _told =
            self.finish_charge(&profile, &prepared.route, begun, prepared.plan, &Ticket::none()).await;
        Ok(RanCycle::Made)
    }

    /// Makes the calendar's next deduction due now.
    ///
    /// # Errors
    /// The subscription is not there, not regular, not running, or paid.
    pub async fn trigger_next_deduction(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        reference: &SubscriptionRef,
    ) -> Result<(), SubscriptionRefusal> {
        for _ in 0..MOST_TRIES {
            let subscription = self.subscription_of(caller, reference).await?;
            if subscription.environment != environment {
                return Err(SubscriptionRefusal::UnknownSubscription);
            }
            let now = self.now(&caller.profile, environment);
            let Some(triggered) = subscription::trigger(&subscription, now)? else {
                return Ok(());
            };
            match self.commit(&caller.profile, &Ticket::none(), triggered.change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The billing key of a subscription; none when it was deleted.
    async fn key_of(&self, profile: &StoreProfile, id: &BillingKeyId) -> Result<Option<BillingKey>, Failure> {
        match self.issued_key(profile, id).await {
            Ok(key) => Ok(Some(key)),
            Err(Failure::DeleteBillingKey(_) | Failure::NotFound(Missing::BillingKey)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Somebody deleted the key past the subscription.
    async fn ends_without_key(
        &self,
        profile: &StoreProfile,
        mut subscription: Subscription,
    ) -> Result<(), SubscriptionRefusal> {
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, subscription.environment);
            let Some(ended) = subscription::key_gone(&subscription, now) else { return Ok(()) };
            match self.commit(profile, &Ticket::none(), ended.change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let reloaded = self.storage.subscription(&subscription.store, &subscription.reference).await?;
            subscription = reloaded.ok_or(SubscriptionRefusal::UnknownSubscription)?;
        }
        Err(CommitError::Conflict.into())
    }

    /// What the outcome of an attempt does to the subscription that it is a deduction of, to be committed together
    /// with the outcome.
    pub(in crate::app) async fn deduction_followed(
        &self,
        payment: &Payment,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Change, CommitError> {
        let unavailable = |error: paypier_storage::ReadError| CommitError::Unavailable(error.to_string());
        if attempt.billing_key.is_none() {
            return Ok(Change::default());
        }
        let deduction = self.storage.deduction_of(&payment.key).await.map_err(unavailable)?;
        let Some(deduction) = deduction else { return Ok(Change::default()) };
        let subscription = self
            .storage
            .subscription(&deduction.store, &deduction.subscription)
            .await
            .map_err(unavailable)?;
        let followed = subscription
            .and_then(|subscription| subscription::follow(&subscription, &deduction, attempt, verdict, now));
        Ok(followed.map(|decided| decided.change).unwrap_or_default())
    }
}

/// Whether a card that was refused like this can be charged another day.
fn verdict(failure: &payment::Failure) -> Verdict {
    // The PSP's own words for a token that it does not have.
    if matches!(failure.pg_code.as_deref(), Some("SANDBOX_TOKEN_NOT_FOUND" | "resource_missing")) {
        return Verdict::KeyGone;
    }
    if failure_code(failure).is_hard() { Verdict::Hopeless } else { Verdict::MayPass }
}

/// For a job there is nobody to refuse: what keeps it from its work is tried again.
fn inner(refusal: SubscriptionRefusal) -> Failure {
    match refusal {
        SubscriptionRefusal::Dialect(Refusal::Failed(failure)) => failure,
        other => Failure::internal(format!("a deduction could not be begun: {other}")),
    }
}
