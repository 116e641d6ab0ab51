//! Cash receipts that are open, wanted with a payment, or to be withdrawn with one.
//!
//! Safe to repeat: asking changes nothing at the PSP; a receipt that is open or was issued keeps
//! another one from being issued for the same payment, and one that was withdrawn is not withdrawn
//! again.

use super::Next;
use super::found::{TOO_EARLY_TO_TELL, known};
use crate::app::App;
use crate::app::cash_receipt::{Buyer, ReceiptAnswer};
use crate::app::charging::finding;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use paypier_domain::cash_receipt::{self, CashReceipt, IssueRefusal, Origin, State, WithdrawRefusal};
use paypier_domain::change::Change;
use paypier_domain::id::{CashReceiptId, PaymentKey, TransactionId};
use paypier_domain::job::{Job, wait_before_query};
use paypier_domain::money::Amount;
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::{Amounts, Attempt, Status};
use zeroize::Zeroizing;

/// How often a PSP that cannot be reached is asked for a receipt that a payment wants, or asked to
/// withdraw one. What is left after that shows in the lists and can be done by hand.
const MOST_TRIES: u32 = 7;

/// Asks the PSP how an issuing or a withdrawal ended.
pub(super) async fn resolve(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    id: &CashReceiptId,
) -> Result<Next, Failure> {
    let Some(receipt) = app.storage.cash_receipt(&key.store, id).await? else { return Ok(Next::Done) };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let (is_withdrawal, was_told) = match receipt.state {
        State::Issuing => (false, false),
        State::Unknown { .. } => (false, true),
        State::Withdrawing { was_told, .. } => (true, was_told),
        State::Issued(_) | State::Cancelled { .. } | State::Failed(_) => return Ok(Next::Done),
    };
    let route = app.route(&profile, &receipt.channel.key)?;
    let age = app.now(&profile, receipt.environment).duration_since(receipt.asked_at());
    let is_early = !was_told && age < TOO_EARLY_TO_TELL;
    let (found, answer) = if is_withdrawal {
        let found = app.look_up_withdrawal(&profile, &route, &receipt).await;
        (finding(&found), known(found, is_early).map(ReceiptAnswer::Withdrawal))
    } else {
        let found = app.look_up_issue(&profile, &route, &receipt).await;
        (finding(&found), known(found, is_early).map(ReceiptAnswer::Issue))
    };
    let evidence = vec![app.receipt_query(&profile, &receipt, found)];
    let Some(answer) = answer else {
        app.commit(&profile, &Ticket::none(), Change { evidence, ..Change::default() }).await?;
        return Ok(Next::Later(wait_before_query(job.runs.min(1))));
    };
    let before = receipt.version;
    let settled = app.settle_receipt(&profile, receipt, &answer, evidence, &Ticket::none()).await?;
    // A change removes its job or gives it its next time.
    Ok(if settled.version != before { Next::Queued } else { Next::Later(wait_before_query(job.runs)) })
}

/// Issues the receipt that was wanted together with a payment, now that it is paid.
pub(super) async fn issue_wanted(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let Some(attempt) = payment.attempt(transaction) else { return Ok(Next::Done) };
    let (Some(wanted), Some(channel)) = (&attempt.order.cash_receipt, &attempt.channel) else {
        return Ok(Next::Done);
    };
    // What was given back whole needs no receipt any more.
    if !matches!(payment.status(), Status::Paid | Status::PartialCancelled) {
        return Ok(Next::Done);
    }
    let latest = app.storage.latest_cash_receipt(key).await?;
    if latest.as_ref().is_some_and(|latest| !may_follow(latest, job)) {
        return Ok(Next::Done);
    }
    let purpose = cash_receipt::identity_purpose(transaction.as_str());
    let Ok(identity) = app.keyring.open(&purpose, &wanted.identity).map(Zeroizing::new) else {
        // Not a failure that time mends: the receipt can be issued by hand.
        tracing::error!(payment.id = %key, "a cash receipt is wanted and the buyer's number cannot be opened; was its master key removed?");
        return Ok(Next::Done);
    };
    let identity = Zeroizing::new(String::from_utf8_lossy(&identity).into_owned());
    let route = app.route(&profile, &channel.key)?;
    if !route.connector.capabilities().cash_receipt {
        return Ok(Next::Done);
    }
    let intention = cash_receipt::Ask {
        id: CashReceiptId::known(app.ids.uuid().to_string()),
        payment: key.clone(),
        merchant: payment.merchant.clone(),
        channel: route.channel.clone(),
        kind: wanted.kind,
        order_name: attempt.order.name.clone(),
        currency: attempt.currency,
        amounts: paid_amounts(attempt),
        origin: Origin::Payment,
        claim: None,
    };
    let receipt = match app.begin_receipt(&profile, intention, &Ticket::none()).await {
        Ok(receipt) => receipt,
        Err(Failure::IssueReceipt(refusal)) => {
            return Ok(match refusal {
                IssueRefusal::AlreadyIssued | IssueRefusal::OtherEnvironment => Next::Done,
                IssueRefusal::InProgress => Next::Later(wait_before_query(job.runs)),
            });
        }
        Err(failure) => return Err(failure),
    };
    let buyer = Buyer {
        identity_number: &identity,
        identity_kind: None,
        customer: &attempt.order.customer,
        business_registration_number: None,
        paid_by: attempt.method.as_ref().map(paypier_domain::payment::Method::kind),
        paid_at: None,
    };
    let outcome = app.ask_for_receipt(&profile, &route, &receipt, &buyer).await;
    let was_not_sent = matches!(outcome, Outcome::NotSent(_));
    let answer = ReceiptAnswer::Issue(outcome);
    app.settle_receipt(&profile, receipt, &answer, Vec::new(), &Ticket::none()).await?;
    // Each try is a receipt of its own, so that lists show what happened.
    Ok(if was_not_sent && job.runs < MOST_TRIES {
        Next::Later(wait_before_query(job.runs))
    } else {
        Next::Done
    })
}

/// Whether this job may make another receipt after this one: nothing but its own failed tries lets it.
fn may_follow(latest: &CashReceipt, job: &Job) -> bool {
    match latest.state {
        State::Failed(_) => latest.origin == Origin::Manual || job.runs > 0,
        State::Cancelled { .. } => latest.origin == Origin::Manual,
        State::Issuing | State::Unknown { .. } | State::Issued(_) | State::Withdrawing { .. } => false,
    }
}

/// What the buyer paid in cash: the order less what discounts took off it.
fn paid_amounts(attempt: &Attempt) -> Amounts {
    let asked = attempt.amounts;
    let total = asked.to_pay();
    if total == asked.total {
        return asked;
    }
    let tax_free = asked.tax_free.min(total);
    Amounts::new(total, tax_free, None, Amount::ZERO).unwrap_or(asked)
}

/// Withdraws the receipt of a payment that was cancelled whole.
pub(super) async fn withdraw(app: &App, job: &Job, key: &PaymentKey) -> Result<Next, Failure> {
    let Some(latest) = app.storage.latest_cash_receipt(key).await? else { return Ok(Next::Done) };
    // What the merchant asked for by itself, only the merchant takes back.
    if latest.origin == Origin::Manual {
        return Ok(Next::Done);
    }
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let (receipt, route) = match app.begin_withdrawal(&profile, key, &Ticket::none()).await {
        Ok(begun) => begun,
        Err(Failure::WithdrawReceipt(WithdrawRefusal::NotIssued)) => return Ok(Next::Done),
        Err(Failure::WithdrawReceipt(WithdrawRefusal::InProgress)) => {
            return Ok(match latest.state {
                // Its own job ends it.
                State::Withdrawing { .. } => Next::Done,
                _ => Next::Later(wait_before_query(job.runs)),
            });
        }
        Err(failure) => return Err(failure),
    };
    let outcome = app.ask_for_withdrawal(&profile, &route, &receipt).await;
    let (was_not_sent, was_declined) =
        (matches!(outcome, Outcome::NotSent(_)), matches!(outcome, Outcome::Declined(_)));
    if was_declined {
        tracing::warn!(payment.id = %key, "the payment was cancelled and the PSP did not cancel its cash receipt");
    }
    let answer = ReceiptAnswer::Withdrawal(outcome);
    app.settle_receipt(&profile, receipt, &answer, Vec::new(), &Ticket::none()).await?;
    Ok(if was_not_sent && job.runs < MOST_TRIES {
        Next::Later(wait_before_query(job.runs))
    } else {
        Next::Done
    })
}
