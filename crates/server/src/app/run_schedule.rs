//! Running a schedule: its one charge, when its time has come.
//!
//! The claim and the intention to charge are one commit, so that whoever comes second finds the schedule
//! claimed: another instance, the same job after its lease, a revocation. From there the attempt is like
//! any other: an answer that nobody recorded is found by asking the PSP, and never by charging again. Only
//! when the PSP proves that the request never arrived is it sent, under the same reference.

use super::App;
use super::charging::ChargePlan;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::pay_instantly::{AmountsAsk, Sale};
use super::pay_with_billing_key::PayWithBillingKey;
use super::psp::Route;
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::Change;
use paypier_domain::evidence::Evidence;
use paypier_domain::id::{ChannelKey, ScheduleId, StoreId, TransactionId};
use paypier_domain::payment::pay::{self, Unsendable};
use paypier_domain::payment::{Attempt, Decided, Failure as AttemptFailure, Payment};
use paypier_domain::schedule::{self, Schedule, ScheduleStatus};
use paypier_storage::CommitError;

/// What became of a schedule that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// It was claimed, now or before, or was revoked.
    Claimed,
    /// There is no such schedule any more.
    Gone,
    /// Its time comes after this long.
    TooEarly(SignedDuration),
}

/// What becomes of a schedule whose time has come.
enum Try<'a> {
    Charge {
        route: &'a Route,
        plan: &'a ChargePlan,
    },
    /// Nothing can be sent.
    Unsent {
        transaction: TransactionId,
        why: &'a str,
    },
}

impl Try<'_> {
    fn claims(&self, schedule: &Schedule, now: Timestamp) -> Option<schedule::Decided> {
        match self {
            Self::Charge { plan, .. } => schedule::started(schedule, &plan.request.transaction, now),
            Self::Unsent { transaction, .. } => schedule::failed(schedule, Some(transaction), now),
        }
    }
}

impl App {
    /// # Errors
    /// Nothing could be recorded, or the operator has to mend something first: the schedule waits, and is
    /// tried again.
    pub(crate) async fn run_schedule(&self, store: &StoreId, id: &ScheduleId) -> Result<Ran, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(Ran::Gone) };
        let Some(schedule) = self.storage.schedule(store, id).await? else { return Ok(Ran::Gone) };
        if schedule.status() != ScheduleStatus::Scheduled {
            return Ok(Ran::Claimed);
        }
        let late_by = self.now(&profile, schedule.environment).duration_since(schedule.time_to_pay);
        if late_by.is_negative() {
            return Ok(Ran::TooEarly(late_by.abs()));
        }
        if let Some(limit) = self.policy.schedule_lateness
            && late_by > limit
        {
            let why = format!("the time to pay had passed by {late_by:#}, which is more than {limit:#}");
            return self.fails_unsent(&profile, schedule, &why).await;
        }
        match self.charge_of_schedule(&profile, &schedule, None).await {
            Ok((route, plan)) => self.claims_and_charges(&profile, schedule, &route, plan).await,
            Err(refusal) if is_final(&refusal) => {
                self.fails_unsent(&profile, schedule, &refusal.to_string()).await
            }
            Err(circumstance) => Err(circumstance),
        }
    }

    async fn claims_and_charges(
        &self,
        profile: &StoreProfile,
        schedule: Schedule,
        route: &Route,
        plan: ChargePlan,
    ) -> Result<Ran, Failure> {
        let claimed = self.claimed(profile, schedule.clone(), &Try::Charge { route, plan: &plan }).await;
        let payment = match claimed {
            Ok(Some(payment)) => payment,
            Ok(None) => return Ok(Ran::Claimed),
            // Its promotion does not fit the card or the amount any more.
            Err(Failure::Grant(refusal)) => {
                return self.fails_unsent(profile, schedule, &refusal.to_string()).await;
            }
            Err(circumstance) => return Err(circumstance),
        };
        // How it ended is recorded; nobody waits to be told.
        let _told = self.finish_charge(profile, route, payment, plan, &Ticket::none()).await;
        Ok(Ran::Claimed)
    }

    /// Records that the charge could not even be sent, and tells the merchant.
    async fn fails_unsent(
        &self,
        profile: &StoreProfile,
        schedule: Schedule,
        why: &str,
    ) -> Result<Ran, Failure> {
        tracing::warn!(schedule = %schedule.id, payment.id = %schedule.payment.payment, why, "a scheduled payment was not sent");
        let transaction = TransactionId::known(self.ids.uuid().to_string());
        self.claimed(profile, schedule, &Try::Unsent { transaction, why }).await?;
        Ok(Ran::Claimed)
    }

    /// The attempt that a schedule makes of its payment now.
    async fn tried(
        &self,
        profile: &StoreProfile,
        schedule: &Schedule,
        existing: Option<&Payment>,
        what: &Try<'_>,
        now: Timestamp,
    ) -> Result<Decided, Failure> {
        let (merchant, limits) = (&profile.store.merchant, self.policy.limits);
        match what {
            Try::Charge { route, plan } => {
                let request = match &plan.promotion {
                    None => plan.request.clone(),
                    Some(promotion) => {
                        pay::check(existing, &plan.request, limits)?;
                        self.discounted(route, plan.request.clone(), promotion, now).await?
                    }
                };
                Ok(pay::begin(existing, &plan.payment, merchant, request, limits, now)?)
            }
            Try::Unsent { transaction, why } => {
                let charge = schedule.charge.clone();
                let unsendable = Unsendable {
                    transaction: transaction.clone(),
                    environment: schedule.environment,
                    currency: charge.currency,
                    // Whether the parts fit was decided when it was scheduled.
                    amounts: charge.amounts()?,
                    order: charge.order,
                    origin: charge.origin,
                    billing_key: Some(charge.billing_key),
                    schedule: Some(schedule.id.clone()),
                    notices: charge.notices,
                    failure: AttemptFailure {
                        at: now,
                        reason: Some((*why).to_owned()),
                        pg_code: None,
                        pg_message: None,
                    },
                };
                Ok(pay::not_sent(existing, &schedule.payment, merchant, unsendable, limits, now)?)
            }
        }
    }

    /// Commits an attempt of the payment together with the claim of the schedule. `None` when the schedule
    /// was claimed or revoked before, or when no attempt is possible any more, which ends it.
    async fn claimed(
        &self,
        profile: &StoreProfile,
        mut schedule: Schedule,
        what: &Try<'_>,
    ) -> Result<Option<Payment>, Failure> {
        let key = schedule.payment.clone();
        let _lane = self.lanes.enter(&key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(&key).await?;
            let moment = self.moment(profile, schedule.environment);
            let (change, begun) = match self
                .tried(profile, &schedule, payment.as_ref(), what, moment.at)
                .await
            {
                Ok(begun) => {
                    let Some(claimed) = what.claims(&schedule, moment.at) else { return Ok(None) };
                    // The schedule goes first: it owns the payment id as long as it waits.
                    (claimed.change.and(begun.change), Some(begun.payment))
                }
                Err(Failure::Pay(refusal)) => {
                    tracing::warn!(schedule = %schedule.id, payment.id = %key.payment, %refusal, "a scheduled payment cannot be tried");
                    let Some(ended) = schedule::failed(&schedule, None, moment.at) else { return Ok(None) };
                    (ended.change, None)
                }
                Err(other) => return Err(other),
            };
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(begun),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {}
                Err(error) => return Err(error.into()),
            }
            let reloaded = self.storage.schedule(&key.store, &schedule.id).await?;
            let Some(reloaded) = reloaded else { return Ok(None) };
            schedule = reloaded;
        }
        Err(Failure::Overloaded)
    }

    /// The charge as it was asked for, through a channel as it is now.
    async fn charge_of_schedule(
        &self,
        profile: &StoreProfile,
        schedule: &Schedule,
        channel: Option<&ChannelKey>,
    ) -> Result<(Route, ChargePlan), Failure> {
        let mut charge = schedule.charge.clone();
        let receipt = charge
            .order
            .cash_receipt
            .take()
            .and_then(|wanted| self.opened_receipt(schedule.id.as_str(), &wanted));
        let key = self.issued_key(profile, &charge.billing_key).await?;
        let ask = PayWithBillingKey {
            store: None,
            payment_id: schedule.payment.payment.clone(),
            billing_key: charge.billing_key,
            channel: channel.cloned().or(charge.channel),
            installment: charge.installment,
            is_point_used: charge.is_point_used,
            schedule: Some(schedule.id.clone()),
            beside: Vec::new(),
            sale: Sale {
                order: charge.order,
                amounts: AmountsAsk { total: charge.total, tax_free: charge.tax_free, vat: charge.vat },
                currency: charge.currency,
                origin: charge.origin,
                notices: charge.notices,
                promotion: charge.promotion,
                receipt,
                bypass: charge.bypass,
            },
        };
        self.charge_of_key(profile, &key, ask, &Ticket::none()).await
    }

    /// Sends the charge of a schedule that was claimed by a process which died before it could send it, as
    /// the PSP has proved. The reference is the attempt's, which fixes the transaction for good. Says whether
    /// the attempt was such a one and could be sent.
    ///
    /// # Errors
    /// As [`App::run_schedule`].
    pub(crate) async fn send_claimed(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        attempt: &Attempt,
        evidence: Vec<Evidence>,
    ) -> Result<bool, Failure> {
        let (Some(id), Some(channel)) = (&attempt.schedule, &attempt.channel) else { return Ok(false) };
        let Some(schedule) = self.storage.schedule(&payment.key.store, id).await? else { return Ok(false) };
        let prepared = self.charge_of_schedule(profile, &schedule, Some(&channel.key)).await;
        let (route, mut plan) = match prepared {
            Ok(prepared) => prepared,
            Err(refusal) if is_final(&refusal) => return Ok(false),
            Err(circumstance) => return Err(circumstance),
        };
        plan.request.transaction = attempt.id.clone();
        plan.request.amounts = attempt.amounts;
        let now = self.now(profile, payment.environment);
        let Some(again) = pay::again(payment, &attempt.id, self.policy.limits, now) else { return Ok(false) };
        let change = Change { evidence, ..again.change };
        self.commit(profile, &Ticket::none(), change).await?;
        let _told = self.finish_charge(profile, &route, again.payment, plan, &Ticket::none()).await;
        Ok(true)
    }
}

/// Whether what was planned cannot be done, now or later: there is nobody who could ask otherwise. What is
/// left is a matter of circumstances and is tried again.
const fn is_final(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::NotFound(Missing::Channel | Missing::BillingKey)
            | Failure::DeleteBillingKey(_)
            | Failure::Invalid(_)
            | Failure::Amounts(_)
    )
}
