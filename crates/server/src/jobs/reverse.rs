//! Giving back a charge that must not stand: a second success of one payment, or a late one that
//! its store refuses.
//!
//! Safe to repeat: the refund's reference is derived from the attempt, so the PSP sees one refund.

use super::Next;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use paypier_connectors::contract::RefundAsk;
use paypier_domain::change::Change;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{CancellationId, PaymentKey, TransactionId};
use paypier_domain::job::{JobWrite, Task};
use paypier_domain::ledger::{Context, Posting};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::cancel::{CancelAsk, CancelOrigin};
use paypier_domain::promotion::RetainOption;
use paypier_storage::CommitError;

/// The attempt that was charged is `Failed` in our record, because another one had succeeded.
pub(super) async fn charge(
    app: &App,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(attempt) = payment.attempt(transaction) else { return Ok(Next::Done) };
    let (Some(channel), Some(pg_tx_id)) = (&attempt.channel, &attempt.pg_tx_id) else {
        return Ok(Next::Done);
    };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let now = app.now(&profile, payment.environment);
    let reference = format!("{transaction}-reversal");
    let parts = attempt.psp_parts();
    let ask = RefundAsk {
        reference: &reference,
        charge_reference: attempt.reference(),
        pg_tx_id,
        amount: attempt.amounts.to_pay(),
        tax_free: parts.tax_free,
        vat: parts.vat,
        currency: attempt.currency,
        reason: "another attempt of this payment had succeeded",
        refund_account: None,
    };
    let refund = match route.measured("refund", route.connector.refund(&route.call(now), &ask)).await {
        Outcome::Done(refund) => refund,
        other => return Err(Failure::internal(format!("the reversal of {transaction} is {}", other.word()))),
    };
    let context = Context {
        payment: key.clone(),
        environment: payment.environment,
        currency: attempt.currency,
        channel: channel.key.clone(),
        at: now,
    };
    let id = CancellationId::known(reference);
    let mut change = Change::default();
    change.postings.push(Posting::refund(context, &id, attempt.amounts.to_pay(), refund.fee_returned));
    change.evidence.push(crate::app::charging::seen(
        key,
        transaction,
        EvidenceKind::Answer,
        now,
        "the charge was given back".into(),
    ));
    let task = Task::ReverseCharge { payment: key.clone(), transaction: transaction.clone() };
    change.jobs.push(JobWrite::Remove(task.key()));
    match app.commit(&profile, &Ticket::none(), change).await {
        // Posted before: another run of this job was faster.
        Ok(()) | Err(CommitError::Exists(_)) => Ok(Next::Done),
        Err(error) => Err(error.into()),
    }
}

/// The late charge stands as paid, and is cancelled in whole like any other payment.
pub(super) async fn cancel_late(
    app: &App,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    if payment.paid_attempt().is_none_or(|attempt| attempt.id != *transaction)
        || !payment.cancellations.is_empty()
    {
        return Ok(Next::Done);
    }
    let ask = CancelAsk {
        id: CancellationId::known(app.ids.uuid().to_string()),
        amount: None,
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "approved late; the store's policy gives late approvals back".into(),
        requester: None,
        origin: CancelOrigin::Server,
        refund_account: None,
        retain: RetainOption::Release,
        skip_webhook: false,
        claim: None,
    };
    app.refund(&profile, key, ask, &Ticket::none()).await?;
    Ok(Next::Done)
}
