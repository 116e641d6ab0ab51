//! Cash receipts: what the tax office is told about money that was paid in cash.
//!
//! A receipt belongs to a payment id, whether or not there is a payment of that name here. Many may be
//! made for one id, one after the other; at most one of them is open or valid at a time, which the
//! write itself sees to. Issuing and withdrawing are intentions that are stored before the PSP hears
//! of them; an unknown outcome is ended by the PSP's word alone. Who the buyer is to the tax office is
//! handed to the PSP and not kept here.

use crate::account::Sealed;
use crate::change::{Change, Write};
use crate::channel::{ChannelSnapshot, Environment};
use crate::claim::ClaimRef;
use crate::id::{CashReceiptId, MerchantId, PaymentKey};
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::money::Currency;
use crate::outcome::Outcome;
use crate::payment::{Amounts, Method, Payment, Status};
use crate::psp::Receipt;
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashReceipt {
    /// Our name for it at the PSP: receipt number and idempotency key in one.
    pub id: CashReceiptId,
    /// The payment that it is about, or the merchant's name for a deal that was made elsewhere.
    pub payment: PaymentKey,
    /// Counts the receipts of the payment id from 1.
    pub number: u32,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one.
    pub version: u64,
    pub channel: ChannelSnapshot,
    pub kind: Kind,
    pub order_name: String,
    pub currency: Currency,
    pub amounts: Amounts,
    pub origin: Origin,
    /// The keyed request that asked the PSP last: whoever ends that asking gives it its answer.
    pub claim: Option<ClaimRef>,
    pub requested_at: Timestamp,
    pub status_changed_at: Timestamp,
    /// How often a job asked the PSP about what is open.
    pub queries: u32,
    pub state: State,
}

/// What a receipt is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person's tax deduction.
    Personal,
    /// A company's expense.
    Corporate,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Corporate => "CORPORATE",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Personal, Self::Corporate].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Who asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The merchant, for this receipt alone.
    Manual,
    /// It was wanted together with the payment.
    Payment,
}

/// A receipt that the buyer wants as soon as the payment is paid; kept with the order until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Kind,
    /// The number that the buyer is known by to the tax office, sealed for [`identity_purpose`].
    pub identity: Sealed,
}

/// What the buyer's number is sealed for: the attempt that it was given with, or the schedule of one.
pub fn identity_purpose(asked_with: &str) -> String {
    format!("cash-receipt-identity:{asked_with}")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The PSP is being asked to issue it; its answer is outstanding.
    Issuing,
    /// No usable answer came; it may have been issued.
    Unknown {
        since: Timestamp,
    },
    Issued(Issue),
    /// The PSP is being asked to withdraw it. It is valid until the PSP says otherwise.
    Withdrawing {
        issue: Issue,
        since: Timestamp,
        /// Whoever asked was told that nobody knows.
        was_told: bool,
    },
    Cancelled {
        issue: Issue,
        at: Timestamp,
    },
    Failed(Failure),
}

/// What the PSP said when it issued the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    pub at: Timestamp,
    /// The tax office's number of it.
    pub number: String,
    pub pg_receipt_id: String,
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub at: Timestamp,
    pub reason: String,
    pub pg_code: String,
    pub pg_message: String,
}

impl CashReceipt {
    /// Our name for it at the PSP.
    pub fn reference(&self) -> &str {
        self.id.as_str()
    }

    /// Whether it keeps another one from being made for the same payment id: it is valid, or may be.
    pub const fn blocks_others(&self) -> bool {
        match self.state {
            State::Issuing | State::Unknown { .. } | State::Issued(_) | State::Withdrawing { .. } => true,
            State::Cancelled { .. } | State::Failed(_) => false,
        }
    }

    /// Whether the PSP has yet to say how something ended.
    pub const fn is_open(&self) -> bool {
        match self.state {
            State::Issuing | State::Unknown { .. } | State::Withdrawing { .. } => true,
            State::Issued(_) | State::Cancelled { .. } | State::Failed(_) => false,
        }
    }

    /// The status that others may see; `None` as long as nobody knows whether it exists.
    pub const fn status(&self) -> Option<ReceiptStatus> {
        match self.state {
            State::Issuing | State::Unknown { .. } => None,
            State::Issued(_) | State::Withdrawing { .. } => Some(ReceiptStatus::Issued),
            State::Cancelled { .. } => Some(ReceiptStatus::Cancelled),
            State::Failed(_) => Some(ReceiptStatus::Failed),
        }
    }

    pub const fn issue(&self) -> Option<&Issue> {
        match &self.state {
            State::Issued(issue) | State::Withdrawing { issue, .. } | State::Cancelled { issue, .. } => {
                Some(issue)
            }
            State::Issuing | State::Unknown { .. } | State::Failed(_) => None,
        }
    }

    pub const fn cancelled_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Cancelled { at, .. } => Some(at),
            State::Issuing
            | State::Unknown { .. }
            | State::Issued(_)
            | State::Withdrawing { .. }
            | State::Failed(_) => None,
        }
    }

    /// From when on a PSP's "not found" can be old enough to prove anything.
    pub const fn asked_at(&self) -> Timestamp {
        match self.state {
            State::Withdrawing { since, .. } => since,
            State::Issuing
            | State::Unknown { .. }
            | State::Issued(_)
            | State::Cancelled { .. }
            | State::Failed(_) => self.requested_at,
        }
    }

    fn job(&self, due_at: Option<Timestamp>, runs: u32) -> JobWrite {
        JobWrite::Put(Job {
            task: self.resolution(),
            store: self.payment.store.clone(),
            environment: self.environment,
            due_at: due_at.unwrap_or(Timestamp::MAX),
            runs,
        })
    }

    fn resolution(&self) -> Task {
        Task::ResolveCashReceipt { payment: self.payment.clone(), receipt: self.id.clone() }
    }

    fn decided(mut self, mut change: Change, expects: Option<u64>, now: Timestamp) -> Decided {
        self.version = self.version.saturating_add(1);
        self.status_changed_at = now;
        change.writes.push(Write::CashReceipt { receipt: Box::new(self.clone()), expects });
        Decided { receipt: self, change }
    }

    /// The same receipt in its last state of an asking, with the asking's job removed.
    fn ended(&self, state: State, now: Timestamp) -> Decided {
        let mut change = Change::default();
        change.jobs.push(JobWrite::Remove(self.resolution().key()));
        let after = Self { state, queries: 0, ..self.clone() };
        after.decided(change, Some(self.version), now)
    }

    /// Still nobody knows: the job asks again, later each time.
    fn still_open(&self, state: State, was_told: bool, now: Timestamp) -> Decided {
        let queries = if was_told { self.queries.saturating_add(1) } else { 0 };
        let mut change = Change::default();
        change.jobs.push(self.job(now.checked_add(wait_before_query(queries)).ok(), queries));
        let status_changed_at = if was_told { self.status_changed_at } else { now };
        let after = Self { state, queries, ..self.clone() };
        after.decided(change, Some(self.version), status_changed_at)
    }
}

/// The statuses of the dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptStatus {
    Issued,
    Cancelled,
    Failed,
}

impl ReceiptStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "ISSUED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// What a decision about a receipt gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub receipt: CashReceipt,
    pub change: Change,
}

/// Everything that a receipt is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub id: CashReceiptId,
    pub payment: PaymentKey,
    pub merchant: MerchantId,
    pub channel: ChannelSnapshot,
    pub kind: Kind,
    pub order_name: String,
    pub currency: Currency,
    pub amounts: Amounts,
    pub origin: Origin,
    pub claim: Option<ClaimRef>,
}

/// Why a receipt cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueRefusal {
    #[error("a cash receipt that is valid was issued for this payment id; cancel it first")]
    AlreadyIssued,
    #[error(
        "a cash receipt for this payment id is being issued or cancelled, and the PSP has not said yet how that ended; repeat the request a little later"
    )]
    InProgress,
    #[error("this payment id belongs to the other environment (TEST or LIVE)")]
    OtherEnvironment,
}

/// Stores the intention to issue a receipt. `latest` is the latest receipt of the payment id.
///
/// # Errors
/// See [`IssueRefusal`].
pub fn begin(
    latest: Option<&CashReceipt>,
    ask: Ask,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<Decided, IssueRefusal> {
    if latest.is_some_and(|receipt| receipt.environment != ask.channel.environment) {
        return Err(IssueRefusal::OtherEnvironment);
    }
    match latest.map(|receipt| &receipt.state) {
        Some(State::Issued(_)) => return Err(IssueRefusal::AlreadyIssued),
        Some(State::Issuing | State::Unknown { .. } | State::Withdrawing { .. }) => {
            return Err(IssueRefusal::InProgress);
        }
        None | Some(State::Cancelled { .. } | State::Failed(_)) => {}
    }
    let receipt = CashReceipt {
        id: ask.id,
        payment: ask.payment,
        number: latest.map_or(0, |receipt| receipt.number).saturating_add(1),
        merchant: ask.merchant,
        environment: ask.channel.environment,
        version: 0,
        channel: ask.channel,
        kind: ask.kind,
        order_name: ask.order_name,
        currency: ask.currency,
        amounts: ask.amounts,
        origin: ask.origin,
        claim: ask.claim,
        requested_at: now,
        status_changed_at: now,
        queries: 0,
        state: State::Issuing,
    };
    let mut change = Change::default();
    change.jobs.push(receipt.job(now.checked_add(answer_overdue).ok(), 0));
    Ok(receipt.decided(change, None, now))
}

/// What the PSP's answer to the request, or to a question about it, does. `None` when it does nothing:
/// whoever was faster has ended it.
pub fn settle_issue(receipt: &CashReceipt, outcome: Outcome<Receipt>, now: Timestamp) -> Option<Decided> {
    let was_told = match receipt.state {
        State::Issuing => false,
        State::Unknown { .. } => true,
        State::Issued(_) | State::Withdrawing { .. } | State::Cancelled { .. } | State::Failed(_) => {
            return None;
        }
    };
    let failed = |reason: &str, pg_code: String, pg_message: String| {
        let failure = Failure { at: now, reason: reason.to_owned(), pg_code, pg_message };
        Some(receipt.ended(State::Failed(failure), now))
    };
    match outcome {
        Outcome::Done(issued) => {
            let issue = Issue {
                at: issued.at,
                number: issued.issue_number,
                pg_receipt_id: issued.pg_receipt_id,
                url: issued.url,
            };
            // A receipt that the PSP has withdrawn by itself was issued and is not valid any more.
            let state = match issued.cancelled_at {
                Some(at) => State::Cancelled { issue, at },
                None => State::Issued(issue),
            };
            Some(receipt.ended(state, now))
        }
        Outcome::Declined(decline) => {
            failed("the PSP did not issue the cash receipt", decline.code, decline.message)
        }
        Outcome::NotSent(not_sent) => {
            failed("nothing was executed at the PSP", not_sent.code, not_sent.message)
        }
        Outcome::Pending(_) | Outcome::Unknown(_) => {
            let since = match receipt.state {
                State::Unknown { since } => since,
                _ => now,
            };
            Some(receipt.still_open(State::Unknown { since }, was_told, now))
        }
    }
}

/// Why a receipt cannot be withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawRefusal {
    #[error("no cash receipt that is valid exists for this payment id")]
    NotIssued,
    #[error(
        "the cash receipt of this payment id is being issued or cancelled, and the PSP has not said yet how that ended; repeat the request a little later"
    )]
    InProgress,
}

/// Stores the intention to withdraw a receipt, always whole.
///
/// # Errors
/// See [`WithdrawRefusal`].
pub fn withdraw(
    receipt: &CashReceipt,
    claim: Option<ClaimRef>,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<Decided, WithdrawRefusal> {
    let issue = match &receipt.state {
        State::Issued(issue) => issue.clone(),
        State::Issuing | State::Unknown { .. } | State::Withdrawing { .. } => {
            return Err(WithdrawRefusal::InProgress);
        }
        State::Cancelled { .. } | State::Failed(_) => return Err(WithdrawRefusal::NotIssued),
    };
    let after = CashReceipt {
        state: State::Withdrawing { issue, since: now, was_told: false },
        claim,
        queries: 0,
        ..receipt.clone()
    };
    let mut change = Change::default();
    change.jobs.push(after.job(now.checked_add(answer_overdue).ok(), 0));
    // Others still see a receipt that is valid, and since when.
    Ok(after.decided(change, Some(receipt.version), receipt.status_changed_at))
}

/// What the PSP's answer to a withdrawal does; a refused one leaves the receipt valid.
pub fn settle_withdrawal(
    receipt: &CashReceipt,
    outcome: &Outcome<Timestamp>,
    now: Timestamp,
) -> Option<Decided> {
    let State::Withdrawing { issue, since, was_told } = &receipt.state else { return None };
    match outcome {
        Outcome::Done(at) => Some(receipt.ended(State::Cancelled { issue: issue.clone(), at: *at }, now)),
        Outcome::Declined(_) | Outcome::NotSent(_) => {
            let back = State::Issued(issue.clone());
            Some(receipt.ended(back, receipt.status_changed_at))
        }
        Outcome::Pending(_) | Outcome::Unknown(_) => {
            let state = State::Withdrawing { issue: issue.clone(), since: *since, was_told: true };
            let mut decided = receipt.still_open(state, *was_told, now);
            decided.receipt.status_changed_at = receipt.status_changed_at;
            for write in &mut decided.change.writes {
                if let Write::CashReceipt { receipt: written, .. } = write {
                    written.status_changed_at = receipt.status_changed_at;
                }
            }
            Some(decided)
        }
    }
}

/// The job that issues the receipt that was wanted together with a payment that was just paid; `None`
/// when none was wanted, or the money did not come as cash.
pub fn wanted_with(payment: &Payment, now: Timestamp) -> Option<JobWrite> {
    let attempt = payment.paid_attempt()?;
    attempt.order.cash_receipt.as_ref()?;
    is_cash(attempt.method.as_ref()?).then(|| {
        JobWrite::Put(Job {
            task: Task::IssueWantedCashReceipt {
                payment: payment.key.clone(),
                transaction: attempt.id.clone(),
            },
            store: payment.key.store.clone(),
            environment: payment.environment,
            due_at: now,
            runs: 0,
        })
    })
}

/// Whether the tax office wants to hear of it by cash receipt: cards tell it by themselves.
pub const fn is_cash(method: &Method) -> bool {
    match method {
        Method::VirtualAccount { .. } | Method::Transfer { .. } | Method::EasyPay { .. } => true,
        Method::Card { .. }
        | Method::Mobile { .. }
        | Method::GiftCertificate { .. }
        | Method::ConvenienceStore { .. }
        | Method::Crypto => false,
    }
}

/// The job that withdraws the receipt of a payment that was just cancelled whole; `None` when the
/// payment can have none, or keeps it.
pub fn withdrawn_with(payment: &Payment, now: Timestamp) -> Option<JobWrite> {
    if payment.status() != Status::Cancelled {
        return None;
    }
    let attempt = payment.paid_attempt()?;
    // The receipt of an account of this PSP stays (v2-payments, section 7.7).
    let is_kept = matches!(attempt.method, Some(Method::VirtualAccount { .. }))
        && attempt.channel.as_ref().is_some_and(|channel| channel.pg_provider == "KSNET");
    let may_have_one = is_cash(attempt.method.as_ref()?) && !is_kept;
    may_have_one.then(|| {
        JobWrite::Put(Job {
            task: Task::WithdrawCashReceipt { payment: payment.key.clone() },
            store: payment.key.store.clone(),
            environment: payment.environment,
            due_at: now,
            runs: 0,
        })
    })
}

#[cfg(test)]
mod tests;
