//! Ending payments that nobody completed.
//!
//! Every try has a job from the moment it is opened. What waits for its payer when its time is over ends, and the
//! merchant is told; so does a route on which nobody chose to go on. An account that waits for a transfer is closed at
//! the PSP, whose books decide between the closing and a deposit that arrives at the last moment. What a PSP has been
//! asked and not decided is left alone: only evidence ends that.

use super::notice::may_have_order;
use super::retry::Returned;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use crate::global::transaction::{ORDER_EXPIRED, PATIENCE, account_deadline};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::catalogue::{self, Category};
use paypier_domain::change::{Change, Write};
use paypier_domain::global::{Choice, GlobalOrder};
use paypier_domain::id::{PaymentKey, TransactionId};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::payment::{self, AttemptState, Payment, settle};
use paypier_storage::CommitError;

/// When to look again at what a PSP has not decided, and at an account that the PSP did not close.
const UNDECIDED: SignedDuration = SignedDuration::from_hours(1);
const NOT_CLOSED: SignedDuration = SignedDuration::from_hours(24);

impl App {
    /// The job that ends a try which begins now.
    pub(super) fn expiry_of(
        &self,
        order: &GlobalOrder,
        choice: &Choice,
        transaction: &TransactionId,
        now: Timestamp,
    ) -> JobWrite {
        let payment = PaymentKey { store: order.store.clone(), payment: order.payment.clone() };
        JobWrite::Put(Job {
            task: Task::ExpireOrder { payment, transaction: transaction.clone() },
            store: order.store.clone(),
            environment: order.environment,
            due_at: now.checked_add(self.patience(choice)).unwrap_or(Timestamp::MAX),
            runs: 0,
        })
    }

    /// How long a payer may take. A code is good for as long as `expiry_in_minutes` has told.
    fn patience(&self, choice: &Choice) -> SignedDuration {
        match catalogue::find(&choice.channel, &choice.method).map(|method| method.category) {
            Some(Category::QrCode) => self.policy.window_lifetime,
            Some(_) | None => PATIENCE,
        }
    }

    /// Ends the try when its time is over. How long to wait before looking again, where that is needed.
    ///
    /// Safe to repeat: what has ended stays so, and each end is a condition of its write.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(crate) async fn expire_order(
        &self,
        key: &PaymentKey,
        transaction: &TransactionId,
    ) -> Result<Option<SignedDuration>, Failure> {
        let Some(profile) = self.directory.store(self, &key.store).await? else { return Ok(None) };
        for _ in 0..MOST_TRIES {
            let Some(order) = self.storage.global_order_of(&key.store, &key.payment).await? else {
                return Ok(None);
            };
            let Some(payment) = self.storage.payment(key).await? else { return Ok(None) };
            // A later try has a job of its own.
            let Some(attempt) = payment.current().filter(|attempt| attempt.id == *transaction) else {
                return Ok(None);
            };
            let now = self.now(&profile, payment.environment);
            let patience = order.choice_of(transaction).map_or(PATIENCE, |choice| self.patience(choice));
            let ends_at = match &attempt.state {
                AttemptState::Ready | AttemptState::Failed(_) => {
                    attempt.requested_at.checked_add(patience).unwrap_or(Timestamp::MAX)
                }
                AttemptState::AccountIssued { .. } => account_deadline(attempt),
                AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
                    return Ok(Some(UNDECIDED));
                }
                AttemptState::Paid(_) => return Ok(None),
            };
            if now < ends_at {
                return Ok(Some(ends_at.duration_since(now)));
            }
            match &attempt.state {
                AttemptState::Ready => match self.end_waiting(&profile, &payment, now).await {
                    Ok(()) => return Ok(None),
                    Err(CommitError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                },
                AttemptState::AccountIssued { .. } => return self.close_account_of(key).await,
                AttemptState::Failed(_)
                | AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::Pending { .. }
                | AttemptState::Paid(_) => return self.end_route(order).await.map(|()| None),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn end_waiting(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let reason = "nobody has paid in time";
        let failure = payment::Failure {
            at: now,
            reason: Some(reason.to_owned()),
            pg_code: Some(ORDER_EXPIRED.to_owned()),
            pg_message: Some(reason.to_owned()),
        };
        match settle::all_given_up(payment, &failure, now) {
            Some(decided) => self.commit(profile, &Ticket::none(), decided.change).await,
            None => Ok(()),
        }
    }

    /// A payer who was asked whether to try another way, and did not answer, does not go on.
    async fn end_route(&self, order: GlobalOrder) -> Result<(), Failure> {
        let Some(caller) = self.global_caller_of(&order.store).await? else { return Ok(()) };
        let view = self.order_view(&caller.profile, order).await.map_err(Failure::internal)?;
        self.give_up_order(Returned { caller, view }).await.map_err(Failure::internal)?;
        Ok(())
    }

    async fn close_account_of(&self, key: &PaymentKey) -> Result<Option<SignedDuration>, Failure> {
        let Some(caller) = self.global_caller_of(&key.store).await? else { return Ok(None) };
        let closed =
            self.close_virtual_account(&caller.as_caller(), None, &key.payment, &Ticket::none()).await;
        Ok(match closed {
            Ok(_) => None,
            Err(failure) => {
                // Mostly a part of the amount was transferred: then it waits for the rest, or for the merchant.
                tracing::info!(payment.id = %key, ?failure, "an account whose time is over was not closed");
                Some(NOT_CLOSED)
            }
        })
    }
}

/// Takes the jobs away that would end what has been paid.
pub(in crate::app) fn not_ended(change: &Change) -> Vec<JobWrite> {
    let mut jobs = Vec::new();
    for write in &change.writes {
        let Write::Payment { payment, touched, .. } = write else { continue };
        let Some(paid) = payment.paid_attempt().filter(|_| may_have_order(payment)) else { continue };
        if touched.attempts.iter().any(|(id, _)| *id == paid.id) {
            let task = Task::ExpireOrder { payment: payment.key.clone(), transaction: paid.id.clone() };
            jobs.push(JobWrite::Remove(task.key()));
        }
    }
    jobs
}
