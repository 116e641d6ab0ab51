//! What keeps a payment safe while nobody looks: the columns that its writes are checked against, and
//! a job for everything that is open. Both are derived a second time from its rows. Pure.

use super::payment::Seen;
use super::report::{Difference, Rule};
use paypier_domain::job::Task;
use paypier_domain::payment::escrow;
use paypier_domain::payment::{AttemptState, CancellationState, Capture};
use paypier_domain::promotion::Hold;
use paypier_storage::GuardedPayment;

/// A column that says something else than the rows guards the wrong amount, or nothing.
pub fn column_differences(guarded: &GuardedPayment) -> Vec<Difference> {
    let GuardedPayment { payment, columns } = guarded;
    let mut found = Vec::new();
    let mut compare = |column: &str, expected: String, stored: String| {
        if expected != stored {
            let subject = format!("{} column {column}", payment.key);
            found.push(Difference::new(Rule::GuardColumns, subject, expected, stored));
        }
    };
    let claiming = || payment.cancellations.iter().filter(|cancellation| cancellation.is_claiming());
    let sum = |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0i64, i64::saturating_add).to_string();
    let order = sum(&mut claiming().map(|cancellation| cancellation.order_amount.minor_units()));
    let refund = sum(&mut claiming().map(|cancellation| cancellation.refund.minor_units()));
    compare("status", payment.status().as_str().to_owned(), columns.status.clone());
    compare("claimed_order_amount", order, columns.claimed_order_amount.to_string());
    compare("claimed_refund", refund, columns.claimed_refund.to_string());
    if let Some(current) = payment.current() {
        compare("transaction_id", current.id.to_string(), columns.transaction.clone());
        compare("total", current.amounts.total.minor_units().to_string(), columns.total.to_string());
        compare("to_pay", current.amounts.to_pay().minor_units().to_string(), columns.to_pay.to_string());
    }
    for attempt in payment.attempts.iter().filter(|a| a.is_paid() != columns.paid.contains(&a.id)) {
        let (expected, stored) =
            if attempt.is_paid() { ("paid", "not marked as paid") } else { ("not paid", "marked as paid") };
        let subject = format!("{} attempt {} column is_paid", payment.key, attempt.id);
        found.push(Difference::new(Rule::GuardColumns, subject, expected, stored));
    }
    found
}

/// A job that must be queued, and what it closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub task: Task,
    pub subject: String,
}

impl Needed {
    pub fn missing(self) -> Difference {
        let expected = format!("the job {}", self.task.key());
        Difference::new(Rule::JobQueued, self.subject, expected, "no such job")
    }
}

/// The jobs that the payment needs as it stands. Whatever opens something queues its job in the same
/// commit, and only what closes it removes the job.
pub fn jobs(seen: &Seen<'_>) -> Vec<Needed> {
    let payment = || seen.payment.key.clone();
    let attempts = seen.payment.attempts.iter().filter_map(|attempt| {
        let transaction = attempt.id.clone();
        let task = match &attempt.state {
            AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
                Task::ResolveAttempt { payment: payment(), transaction }
            }
            AttemptState::Paid(paid) => match &paid.capture {
                Capture::Sending { .. } => Task::ResolveCapture { payment: payment(), transaction },
                Capture::WithApproval | Capture::Awaited | Capture::Captured { .. } => return None,
            },
            AttemptState::Failed(_) if seen.is_being_reversed(attempt) => {
                Task::ReverseCharge { payment: payment(), transaction }
            }
            AttemptState::AccountIssued { .. } if attempt.account.closing.is_some() => {
                Task::ResolveClosing { payment: payment(), transaction }
            }
            AttemptState::Failed(_) | AttemptState::Ready | AttemptState::AccountIssued { .. } => {
                return None;
            }
        };
        Some(Needed { task, subject: seen.subject(&format!("attempt {}", attempt.id)) })
    });
    let deliveries = seen.payment.attempts.iter().filter_map(|attempt| {
        escrow::asked_of(attempt)?;
        let task = Task::ResolveDelivery { payment: payment(), transaction: attempt.id.clone() };
        Some(Needed { task, subject: seen.subject(&format!("delivery of attempt {}", attempt.id)) })
    });
    let windows = seen.payment.attempts.iter().filter_map(|attempt| {
        let is_held = attempt.promotion.as_ref().is_some_and(|used| used.hold == Hold::Held);
        (is_held && attempt.state == AttemptState::Ready).then(|| Needed {
            task: Task::ReleasePromotion { payment: payment(), transaction: attempt.id.clone() },
            subject: seen.subject(&format!("discount of attempt {}", attempt.id)),
        })
    });
    let cancellations = seen.payment.cancellations.iter().filter_map(|cancellation| {
        let task = match &cancellation.state {
            CancellationState::Sending
            | CancellationState::Unknown { .. }
            | CancellationState::Requested { .. } => {
                Task::ResolveCancellation { payment: payment(), cancellation: cancellation.id.clone() }
            }
            CancellationState::Succeeded { .. } | CancellationState::Failed { .. } => return None,
        };
        Some(Needed { task, subject: seen.subject(&format!("cancellation {}", cancellation.id)) })
    });
    attempts.chain(deliveries).chain(windows).chain(cancellations).collect()
}
