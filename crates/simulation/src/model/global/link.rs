//! What may be true of a payment link: one payer at a time, one payment that pays it, and no way back.

use crate::ground::Finding;
use crate::model::payment::is_at_psp;
use crate::operations::global::Thing;
use paypier_domain::link::LinkStatus;
use paypier_domain::payment::{AttemptState, CancellationState, Payment};
use paypier_domain::payment_link::PaymentLink;

#[derive(Debug, Default)]
pub struct Link {
    /// Somebody was told so.
    pub is_told_paid: bool,
    paid_by: String,
    /// A status that is final, once it was seen.
    ended: Option<LinkStatus>,
}

/// What is stored about a link at one moment.
#[derive(Debug)]
pub struct SeenLink<'a> {
    pub link: &'a PaymentLink,
    /// Each try is one.
    pub payments: &'a [Payment],
    /// Nothing is under way any more.
    pub is_at_rest: bool,
}

/// What was paid and is neither given back nor being given back, in minor units.
fn kept(payment: &Payment) -> i64 {
    let paid = payment.attempts.iter().find(|attempt| matches!(attempt.state, AttemptState::Paid(_)));
    let paid = paid.map_or(0, |attempt| attempt.amounts.to_pay().minor_units());
    let claims = payment.cancellations.iter().filter(|cancellation| match cancellation.state {
        CancellationState::Succeeded { .. }
        | CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Requested { .. } => true,
        CancellationState::Failed { .. } => false,
    });
    claims.fold(paid, |left, claim| left.saturating_sub(claim.refund.minor_units()))
}

/// Money that should go back is here, and nobody has tried: what the PSP refused to give back stays.
pub fn is_kept(payment: &Payment) -> bool {
    let is_refused = |state: &CancellationState| matches!(state, CancellationState::Failed { .. });
    kept(payment) > 0 && !payment.cancellations.iter().any(|cancellation| is_refused(&cancellation.state))
}

pub fn is_paid(payment: &Payment) -> bool {
    payment.attempts.iter().any(|attempt| matches!(attempt.state, AttemptState::Paid(_)))
}

impl Link {
    pub fn look_at(&mut self, thing: &Thing, seen: &SeenLink<'_>) -> Result<(), Finding> {
        let broken = |law, what: String| Err(Finding::new(law, format!("{thing}: {what}")));
        let link = seen.link;
        if !self.paid_by.is_empty() && link.paid_by != self.paid_by {
            return broken(
                "a link is paid once",
                format!("by {} and then by {}", self.paid_by, link.paid_by),
            );
        }
        self.paid_by.clone_from(&link.paid_by);
        let at_psp: Vec<_> = seen.payments.iter().filter(|payment| is_at_psp(payment)).collect();
        if at_psp.len() > 1 {
            let names: Vec<_> = at_psp.iter().map(|payment| payment.key.payment.to_string()).collect();
            return broken("one payer of a link is at the PSP at a time", names.join(", "));
        }
        let is_success = link.status == LinkStatus::Success;
        if is_success == link.paid_by.is_empty() || (self.is_told_paid && !is_success) {
            let told = self.is_told_paid;
            return broken(
                "a link that is paid is Success and stays so",
                format!("{:?}, paid by {:?}, told: {told}", link.status, link.paid_by),
            );
        }
        if let Some(ended) = self.ended
            && ended != link.status
            && !is_success
        {
            return broken("a link that has ended stays so", format!("{ended:?} and then {:?}", link.status));
        }
        self.ended = link.status.is_final().then_some(link.status);
        for payment in seen.payments.iter().filter(|payment| is_paid(payment)) {
            let name = payment.key.payment.as_str();
            if link.paid_by.is_empty() {
                return broken("a payment of a link pays it", format!("{name} is paid, {:?}", link.status));
            }
            let amount = payment.paid_attempt().map_or(0, |attempt| attempt.amounts.total.minor_units());
            if name == link.paid_by && amount != link.terms.amount.minor_units() {
                return broken(
                    "a link is paid with its amount",
                    format!("{name} paid {amount} of {}", link.terms.amount.minor_units()),
                );
            }
            if name != link.paid_by && seen.is_at_rest && is_kept(payment) {
                return broken(
                    "a link is paid once, and more is given back",
                    format!("{name} beside {}", link.paid_by),
                );
            }
        }
        if seen.is_at_rest && !at_psp.is_empty() {
            return broken("everything that was outstanding is resolved", "a payment of it is not".into());
        }
        Ok(())
    }
}
