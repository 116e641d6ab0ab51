//! Disputes and chargebacks, as the PSP tells of them: applied like any other answer, in any order, any
//! number of times, with one effect.

use super::App;
use super::charging::seen;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::Change;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{CancellationId, TransactionId};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::payment::Payment;
use paypier_domain::payment::dispute::{self, ChargedBack};
use paypier_domain::psp::{Chargeback, DisputeReport};
use paypier_storage::CommitError;

/// How soon a chargeback that meets a cancellation of ours is looked at again.
pub(crate) const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// What evidence about either is filed under.
const DISPUTE: &str = "dispute";

impl App {
    /// Takes over the disputes of a charge.
    pub(crate) async fn hear_disputes(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        reports: &[DisputeReport],
    ) -> Result<Payment, CommitError> {
        if reports.is_empty() {
            return Ok(payment);
        }
        for _ in 0..MOST_TRIES {
            let moment = self.moment(profile, payment.environment);
            let Some(decided) = dispute::heard(&payment, transaction, reports, moment.at) else {
                return Ok(payment);
            };
            match self.commit(profile, &Ticket::none(), decided.change).await {
                Ok(()) => return Ok(decided.payment),
                Err(CommitError::Conflict) => payment = self.reloaded(&payment.key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }

    /// Takes over that the PSP took money of a charge back.
    pub(crate) async fn hear_chargeback(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        chargeback: &Chargeback,
        kind: EvidenceKind,
    ) -> Result<Payment, CommitError> {
        for _ in 0..MOST_TRIES {
            let moment = self.moment(profile, payment.environment);
            let evidence = |finding: String| Evidence {
                subject: Some(DISPUTE.into()),
                ..seen(&payment.key, transaction, kind, moment.at, finding)
            };
            let id = CancellationId::known(self.ids.uuid().to_string());
            let (change, after) = match dispute::charged_back(
                &payment,
                transaction,
                chargeback,
                id,
                moment.at,
            ) {
                ChargedBack::Unchanged => return Ok(payment),
                ChargedBack::Changed(decided) => {
                    let mut change = decided.change;
                    let taken = chargeback.amount;
                    change.evidence.push(evidence(format!("the PSP took {taken} back")));
                    (change, decided.payment)
                }
                ChargedBack::Later => {
                    let task = Task::LookAgain {
                        payment: payment.key.clone(),
                        transaction: transaction.clone(),
                        prompt: chargeback.pg_cancellation_id.to_string(),
                    };
                    let job = Job {
                        task,
                        store: payment.key.store.clone(),
                        environment: payment.environment,
                        due_at: moment.at.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX),
                        runs: 0,
                    };
                    let change = Change { jobs: vec![JobWrite::Put(job)], ..Change::default() };
                    (change, payment.clone())
                }
                ChargedBack::TooMuch { taken, held } => {
                    tracing::error!(payment.id = %payment.key, %taken, %held, "a PSP took more back than the payment holds; a person has to find out why");
                    let finding = format!("the PSP took {taken} back, while {held} are held");
                    let change = Change { evidence: vec![evidence(finding)], ..Change::default() };
                    (change, payment.clone())
                }
            };
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(after),
                Err(CommitError::Conflict) => payment = self.reloaded(&payment.key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }
}
