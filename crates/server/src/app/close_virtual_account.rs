//! Closing a virtual account that waits for its deposit.
//!
//! The PSP's books decide between a closing and a deposit that arrive together: only the PSP knows what
//! was transferred. What it says is applied by `domain::payment::virtual_account`, whoever brings it: this
//! request, a notification, or the job that asks when the answer was lost.

use super::App;
use super::caller::Caller;
use super::charging::{never_happened, seen};
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::Fate;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{PaymentId, PaymentKey, TransactionId};
use paypier_domain::outcome::{NotSent, Outcome};
use paypier_domain::payment::virtual_account::{self, CloseRefusal};
use paypier_domain::payment::{Attempt, AttemptState, Payment};
use paypier_storage::CommitError;

/// What evidence about a closing is filed under.
const CLOSING: &str = "closing";

impl App {
    /// # Errors
    /// No such payment, it does not wait for a deposit, another request closes it, the PSP's refusal or an
    /// unknown outcome.
    pub async fn close_virtual_account(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        let (payment, transaction) = self.begin_closing(&profile, &key, ticket).await?;
        let (payment, outcome) = self.ask_for_closing(&profile, payment, &transaction).await;
        let settled = self
            .settle_closing(&profile, payment, &transaction, &outcome, 0, EvidenceKind::Answer, ticket)
            .await;
        match settled {
            Ok(payment) => verdict(&payment, &transaction, Some(&outcome)),
            Err(error) => {
                tracing::error!(%transaction, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                match self.storage.payment(&key).await {
                    Ok(Some(stored)) => verdict(&stored, &transaction, None),
                    Ok(None) | Err(_) => Err(Failure::Psp(not_known_yet())),
                }
            }
        }
    }

    async fn begin_closing(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ticket: &Ticket,
    ) -> Result<(Payment, TransactionId), Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            let moment = self.moment(profile, payment.environment);
            let closing =
                virtual_account::close(&payment, ticket.reference(), self.policy.limits, moment.at)?;
            let mut change = closing.decided.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok((closing.decided.payment, closing.transaction)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// What the PSP says to it. When it says no, it is asked how the account stands: mostly a deposit was
    /// faster, and that is applied first.
    async fn ask_for_closing(
        &self,
        profile: &StoreProfile,
        payment: Payment,
        transaction: &TransactionId,
    ) -> (Payment, Outcome<Timestamp>) {
        let Some((attempt, channel)) =
            payment.attempt(transaction).and_then(|attempt| Some((attempt, attempt.channel.as_ref()?)))
        else {
            return (payment, Outcome::NotSent(never_happened()));
        };
        let route = match self.route(profile, &channel.key) {
            Ok(route) => route,
            Err(failure) => {
                tracing::error!(payment.id = %payment.key, ?failure, "a virtual account cannot be closed");
                return (
                    payment,
                    Outcome::NotSent(NotSent {
                        code: "CHANNEL_UNUSABLE".into(),
                        message: "the channel of this payment cannot be used".into(),
                    }),
                );
            }
        };
        let now = self.now(profile, payment.environment);
        let pg_tx_id = attempt.pg_tx_id.clone().unwrap_or_else(|| paypier_domain::id::PgTxId::known(""));
        let outcome = route
            .measured(
                "close_virtual_account",
                route.connector.close_virtual_account(&route.call(now), attempt.reference(), &pg_tx_id),
            )
            .await;
        if !matches!(outcome, Outcome::Declined(_)) {
            return (payment, outcome);
        }
        let Some(snapshot) = self.looked_up(profile, &route, &payment, transaction).await else {
            return (payment, outcome);
        };
        let before = payment.clone();
        match self.apply_snapshot(profile, &route, payment, transaction, snapshot, EvidenceKind::Query).await
        {
            Ok(payment) => (payment, outcome),
            Err(error) => {
                tracing::warn!(%transaction, %error, "what the PSP says about an account could not be recorded");
                (before, outcome)
            }
        }
    }

    /// Applies what the PSP says about a closing, however often the row changes meanwhile.
    #[expect(
        clippy::too_many_arguments,
        reason = "the one place where all that is known about an answer comes together"
    )]
    pub(crate) async fn settle_closing(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        outcome: &Outcome<Timestamp>,
        runs: u32,
        kind: EvidenceKind,
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        for _ in 0..MOST_TRIES {
            let moment = self.moment(profile, payment.environment);
            let Some(decided) = virtual_account::settle(&payment, transaction, outcome, runs, moment.at)
            else {
                return Ok(payment);
            };
            let mut change = decided.change;
            change.evidence.push(Evidence {
                subject: Some(CLOSING.into()),
                ..seen(&payment.key, transaction, kind, moment.at, finding(outcome))
            });
            let begun_by = payment.attempt(transaction).and_then(|attempt| {
                attempt.account.closing?;
                attempt.claim.as_ref()
            });
            let was_silent = ticket.is_none()
                && self
                    .is_unanswered(begun_by)
                    .await
                    .map_err(|failure| CommitError::Unavailable(failure.to_string()))?;
            let told = verdict(&decided.payment, transaction, Some(outcome));
            self.answer_request(&mut change, ticket, begun_by, Fate::of(outcome, was_silent), &told);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(decided.payment),
                Err(CommitError::Conflict) => payment = self.reloaded(&payment.key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }
}

/// What the caller of a closing is told when a deposit was faster; `None` when no closing was ended.
pub fn ended_by_deposit(before: &Attempt, after: &Payment) -> Option<Verdict> {
    before.account.closing?;
    let now = after.attempt(&before.id)?;
    now.account.closing.is_none().then(|| verdict(after, &before.id, None))
}

/// What a caller is told about a closing as it stands. `outcome` is what the PSP said last, if anything.
fn verdict(payment: &Payment, transaction: &TransactionId, outcome: Option<&Outcome<Timestamp>>) -> Verdict {
    let Some(attempt) = payment.attempt(transaction) else {
        return Err(Failure::internal(format!("the attempt {transaction} is not part of {}", payment.key)));
    };
    if let Some(at) = attempt.account.closed_at {
        return Ok(Success::AccountClosed { at });
    }
    let psp = |code: &str, message: &str, note: &str| {
        Err(Failure::Psp(PspFailure { code: code.into(), message: message.into(), note: note.into() }))
    };
    match (&attempt.state, outcome) {
        (AttemptState::AccountIssued { .. }, Some(Outcome::Declined(decline))) => {
            psp(&decline.code, &decline.message, "the PSP did not close the account")
        }
        (AttemptState::AccountIssued { .. }, Some(Outcome::NotSent(reason))) => {
            psp(&reason.code, &reason.message, "nothing was closed; the request may be repeated")
        }
        (AttemptState::AccountIssued { .. }, _) => Err(Failure::Psp(not_known_yet())),
        (
            AttemptState::Ready
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::Paid(_)
            | AttemptState::Failed(_),
            _,
        ) => Err(CloseRefusal::NotWaiting(payment.status()).into()),
    }
}

fn finding(outcome: &Outcome<Timestamp>) -> String {
    match outcome {
        Outcome::Declined(decline) => format!("the account is not closed: {}", decline.code),
        Outcome::NotSent(reason) => format!("nothing was closed: {}", reason.code),
        Outcome::Unknown(doubt) => format!("whether the account is closed is unknown: {}", doubt.reason),
        Outcome::Done(_) | Outcome::Pending(_) => format!("closing the account is {}", outcome.word()),
    }
}

fn not_known_yet() -> PspFailure {
    PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said whether the account is closed".into(),
        note: "it is not known yet whether the account was closed; the server keeps asking the PSP".into(),
    }
}
