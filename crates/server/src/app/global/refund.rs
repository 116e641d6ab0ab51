//! Refunds: the dialect's own rules, and then the one cancellation that both dialects make.

use super::Refusal;
use super::caller::GlobalCaller;
use super::order::OrderView;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::success::Success;
use crate::app::ticket::Ticket;
use paypier_domain::catalogue::{self, RefundFacts, RefundRefusal, RefundSize};
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::global::{RefundKind, RefundNote};
use paypier_domain::id::CancellationId;
use paypier_domain::money::Amount;
use paypier_domain::payment::AttemptState;
use paypier_domain::payment::cancel::{CancelAsk, CancelOrigin, CancelRefusal};
use paypier_domain::promotion::RetainOption;
use paypier_wire::global::TransactionStatus;

/// How much to refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All that is left.
    Full,
    Partial(Amount),
}

/// A refund to be made.
#[derive(Debug, Clone)]
pub struct RefundAsk {
    pub environment: Environment,
    /// The channel that the payment went through, which the caller has to know.
    pub channel: String,
    pub share: Share,
    pub reason: String,
    pub description: String,
}

impl App {
    /// Makes one refund and gives back the transaction with all of them. What the PSP queues, or does not answer,
    /// is a success that stands in the queue.
    ///
    /// # Errors
    /// In this order: another environment or channel, not paid, nothing left, the PSP's rules, more than is left,
    /// and the PSP's refusal.
    pub async fn refund_order(
        &self,
        caller: &GlobalCaller,
        view: OrderView,
        ask: RefundAsk,
    ) -> Result<OrderView, Refusal> {
        let global = caller.global.clone();
        let transaction = view.transaction(&global);
        if view.order.environment != ask.environment {
            return Err(Refusal::OtherEnvironment);
        }
        if !same_channel(transaction.channel_key(), &ask.channel) {
            return Err(Refusal::OtherChannel);
        }
        if transaction.status() != TransactionStatus::Success {
            return Err(Refusal::NotRefundable("it is not paid"));
        }
        let (Some(payment), Some(attempt)) = (&view.payment, transaction.attempt()) else {
            return Err(Refusal::NotRefundable("it is not paid"));
        };
        let AttemptState::Paid(paid) = &attempt.state else {
            return Err(Refusal::NotRefundable("it is not paid"));
        };
        if transaction.channel_key() == "TRIPLEA" && view.order.billing.email.is_empty() {
            return Err(Refusal::Lacks("billing_email"));
        }
        let remaining = payment.cancellable();
        if remaining.is_zero() {
            return Err(Refusal::NotRefundable("nothing is left"));
        }
        let (kind, amount) = match ask.share {
            Share::Full => (RefundKind::Full, remaining),
            Share::Partial(amount) => (RefundKind::Partial, amount),
        };
        let earlier = payment.cancellations.iter().filter(|earlier| earlier.is_claiming()).count();
        let method = transaction.method();
        if let Some(method) = method {
            let size = if amount == attempt.amounts.total { RefundSize::Full } else { RefundSize::Partial };
            // Nothing here knows when a PSP settles; what was paid an hour ago may well be settled.
            let facts = RefundFacts { paid_at: paid.at, is_settled: true, earlier };
            method.takes_refund(size, facts, view.now).map_err(Refusal::Refund)?;
        }
        if amount.is_zero() || amount > remaining {
            return Err(Refusal::RefundAmount);
        }
        let takes_several = method.is_none_or(|method| method.refund_terms().several);
        let id = CancellationId::known(self.ids.uuid().to_string());
        let note = RefundNote {
            store: view.order.store.clone(),
            environment: view.order.environment,
            cancellation: id.clone(),
            payment: payment.key.payment.clone(),
            kind,
            description: ask.description,
        };
        let cancel = CancelAsk {
            id,
            amount: Some(amount),
            tax_free: None,
            vat: None,
            // Two at once where only one is allowed, or of everything: one of them finds another remainder.
            current_cancellable: (kind == RefundKind::Full || !takes_several).then_some(remaining),
            reason: ask.reason,
            requester: None,
            origin: CancelOrigin::Api,
            refund_account: None,
            retain: RetainOption::default(),
            skip_webhook: false,
            claim: None,
        };
        let key = payment.key.clone();
        let verdict = self
            .refund_noting(&caller.profile, &key, cancel, vec![Write::RefundNote(note)], &Ticket::none())
            .await;
        match verdict {
            Ok(Success::Cancelled(_)) => {}
            Ok(_) => return Err(Failure::internal("a refund gave back something else").into()),
            Err(Failure::Cancel(refusal)) => return Err(refused(refusal, takes_several)),
            Err(failure) => return Err(failure.into()),
        }
        self.order_by_reference(caller, &view.order.reference).await
    }
}

/// What a cancellation is refused for, after the dialect's own rules let it pass: somebody else was faster.
fn refused(refusal: CancelRefusal, takes_several: bool) -> Refusal {
    match refusal {
        CancelRefusal::AlreadyCancelled => Refusal::NotRefundable("nothing is left"),
        CancelRefusal::NotPaid(_) => Refusal::NotRefundable("it is not paid"),
        _ if !takes_several => Refusal::Refund(RefundRefusal::TooMany { method: "this method", most: 1 }),
        _ => Refusal::RefundAmount,
    }
}

/// Published keys differ in case and blanks.
fn same_channel(stored: &str, named: &str) -> bool {
    match (catalogue::channel(stored), catalogue::channel(named)) {
        (Some(stored), Some(named)) => stored == named,
        _ => stored.eq_ignore_ascii_case(named.trim()),
    }
}
