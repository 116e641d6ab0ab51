//! Charging: intention, call, outcome. Shared by every way of paying.
//!
//! The intention is durable before the PSP hears anything. The call has no transaction open. What
//! the PSP says is applied by `domain::payment::settle`, which takes answers in any order; when the
//! PSP says nothing usable the PSP is asked, for as long as the caller may be kept waiting, and
//! afterwards by a job (`jobs/resolve.rs`).

use super::App;
use super::close_virtual_account::ended_by_deposit;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, PspFailure};
use super::idempotency::Fate;
use super::psp::Route;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::contract::{self, AccountAsk, Card, ChargeAsk};
use paypier_domain::account::LateApproval;
use paypier_domain::billing_key::BillingKey;
use paypier_domain::change::{Change, Write};
use paypier_domain::claim::ClaimRef;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{PaymentKey, PromotionId, TransactionId};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::outcome::{Found, NotSent, Outcome};
use paypier_domain::payment::pay::{self, PayRefusal};
use paypier_domain::payment::settle::{self, Effect, Settled};
use paypier_domain::payment::{Attempt, AttemptState, Payment, Platform, Request};
use paypier_domain::psp::Charge;
use paypier_domain::schedule;
use paypier_storage::{CommitError, ReadError};
use std::time::Duration;
use tokio::time::Instant;

/// With what is paid.
#[derive(Debug)]
pub enum Instrument {
    Card(Card),
    Stored {
        token: String,
    },
    VirtualAccount {
        bank: String,
        expires_at: Timestamp,
        fixed_account: Option<FixedAccount>,
        remittee_name: Option<String>,
    },
}

/// A lasting account of the merchant's, as the PSP's contract names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixedAccount {
    PgAccountId(String),
    Number(String),
}

impl From<&paypier_domain::checkout::FixedAccount> for FixedAccount {
    fn from(account: &paypier_domain::checkout::FixedAccount) -> Self {
        match account {
            paypier_domain::checkout::FixedAccount::PgAccountId(id) => Self::PgAccountId(id.clone()),
            paypier_domain::checkout::FixedAccount::Number(number) => Self::Number(number.clone()),
        }
    }
}

impl FixedAccount {
    fn asked(&self) -> contract::FixedAccount<'_> {
        match self {
            Self::PgAccountId(id) => contract::FixedAccount::PgAccountId(id),
            Self::Number(number) => contract::FixedAccount::Number(number),
        }
    }
}

/// One charge to be made.
#[derive(Debug)]
pub struct ChargePlan {
    pub payment: PaymentKey,
    /// At the full price.
    pub request: Request,
    /// Which promotion's discount it is to get, where it can.
    pub promotion: Option<PromotionId>,
    pub instrument: Instrument,
    pub installment_months: u8,
    pub bypass: Option<String>,
    /// What is stored with the intention: rows that name the payment in a dialect.
    pub beside: Vec<Write>,
}

/// Whether a commit was refused because an order of the Global dialect has one of these references.
pub(super) fn is_order(error: &CommitError) -> bool {
    matches!(error, CommitError::Exists(table) if table == "global_orders")
}

/// Waits between questions while the caller is kept waiting.
const CALLER_WAITS: [Duration; 6] = [
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(6),
];

impl App {
    /// Makes one charge and says how it ended.
    ///
    /// # Errors
    /// The refusals of `pay::begin`, what the PSP refused, an unknown outcome, or that nothing could
    /// be recorded.
    pub async fn charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        plan: ChargePlan,
        ticket: &Ticket,
    ) -> Verdict {
        let payment = self.begin_charge(profile, route, &plan, ticket).await?;
        self.finish_charge(profile, route, payment, plan, ticket).await
    }

    /// Calls the PSP for an intention that is durable, and records how it ended.
    ///
    /// # Errors
    /// What the PSP refused, an unknown outcome, or that nothing could be recorded.
    pub(super) async fn finish_charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: Payment,
        plan: ChargePlan,
        ticket: &Ticket,
    ) -> Verdict {
        let transaction = plan.request.transaction.clone();
        let outcome = self.ask_for_charge(profile, route, &plan, &payment).await;
        drop(plan);
        self.conclude_charge(profile, route, payment, &transaction, outcome, ticket).await
    }

    async fn begin_charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        plan: &ChargePlan,
        ticket: &Ticket,
    ) -> Result<Payment, Failure> {
        let environment = plan.request.channel.environment;
        let _lane = self.lanes.enter(&plan.payment).await;
        // Most payments are new: the first try takes that for granted, and the commit says otherwise. Not
        // where a promotion is looked at, because what is wrong with the payment itself comes first.
        let mut existing = match &plan.promotion {
            Some(_) => self.storage.payment(&plan.payment).await?,
            None => None,
        };
        for _ in 0..MOST_TRIES {
            let moment = self.moment(profile, environment);
            let request = match &plan.promotion {
                None => plan.request.clone(),
                Some(promotion) => {
                    pay::check(existing.as_ref(), &plan.request, self.policy.limits)?;
                    self.discounted(route, plan.request.clone(), promotion, moment.at).await?
                }
            };
            let begun = pay::begin(
                existing.as_ref(),
                &plan.payment,
                &profile.store.merchant,
                request,
                self.policy.limits,
                moment.at,
            )?;
            let mut change = begun.change;
            change.writes.extend(plan.beside.iter().cloned());
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(begun.payment),
                Err(error @ CommitError::Exists(_)) if is_order(&error) => return Err(error.into()),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {
                    existing = self.storage.payment(&plan.payment).await?;
                    self.refuse_scheduled(&plan.payment).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Refuses a payment that a schedule will make. To be asked after the payment was loaded: a schedule
    /// that is made later than that is noticed by the write.
    ///
    /// # Errors
    /// `PayRefusal::Scheduled`.
    pub(super) async fn refuse_scheduled(&self, payment: &PaymentKey) -> Result<(), Failure> {
        match self.storage.waiting_schedule_of(payment).await? {
            Some(schedule) => Err(Failure::Pay(PayRefusal::Scheduled(schedule))),
            None => Ok(()),
        }
    }

    async fn ask_for_charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        plan: &ChargePlan,
        payment: &Payment,
    ) -> Outcome<Charge> {
        let request = &plan.request;
        let call = route.call(self.now(profile, payment.environment));
        // As it was decided, which is with the discount.
        let Some(attempt) = payment.attempt(&request.transaction) else {
            return Outcome::NotSent(never_happened());
        };
        let parts = attempt.psp_parts();
        let ask = ChargeAsk {
            reference: request.transaction.as_str(),
            payment_id: plan.payment.payment.as_str(),
            order_name: &request.order.name,
            amount: attempt.amounts.to_pay(),
            tax_free: parts.tax_free,
            vat: parts.vat,
            currency: request.currency,
            customer: &request.order.customer,
            installment_months: plan.installment_months,
            manual_capture: route.manual_capture,
            is_escrow: request.order.is_escrow,
            bypass: plan.bypass.as_deref(),
        };
        match &plan.instrument {
            Instrument::Card(card) => {
                route.measured("charge_card", route.connector.charge_card(&call, &ask, card)).await
            }
            Instrument::Stored { token } => {
                route.measured("charge_stored", route.connector.charge_stored(&call, &ask, token)).await
            }
            Instrument::VirtualAccount { bank, expires_at, fixed_account, remittee_name } => {
                let ask = AccountAsk {
                    charge: ask,
                    bank,
                    expires_at: *expires_at,
                    remittee_name: remittee_name.as_deref(),
                    fixed_account: fixed_account.as_ref().map(FixedAccount::asked),
                };
                route
                    .measured("issue_virtual_account", route.connector.issue_virtual_account(&call, &ask))
                    .await
            }
        }
    }

    /// Records how a charge ended. An unknown outcome is asked about first, for as long as the caller
    /// may be kept waiting.
    async fn conclude_charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: Payment,
        transaction: &TransactionId,
        outcome: Outcome<Charge>,
        ticket: &Ticket,
    ) -> Verdict {
        let mut evidence = Vec::new();
        let key = payment.key.clone();
        let outcome = match outcome {
            Outcome::Unknown(doubt) => {
                let now = self.now(profile, payment.environment);
                evidence.push(seen(
                    &payment.key,
                    transaction,
                    EvidenceKind::Answer,
                    now,
                    format!("no usable answer: {}", doubt.reason),
                ));
                self.ask_while_caller_waits(profile, route, &payment, transaction, &mut evidence).await
            }
            known => known,
        };
        match self
            .settle_charge(profile, route.manual_capture, payment, transaction, outcome, evidence, ticket)
            .await
        {
            Ok(payment) => verdict(&payment, transaction),
            Err(error) => {
                tracing::error!(transaction = %transaction, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                // A notification may have been faster, and reading goes on when writing fails.
                match self.storage.payment(&key).await {
                    Ok(Some(stored)) => verdict(&stored, transaction),
                    Ok(None) | Err(_) => Err(Failure::Psp(unknown_outcome())),
                }
            }
        }
    }

    async fn ask_while_caller_waits(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        transaction: &TransactionId,
        evidence: &mut Vec<Evidence>,
    ) -> Outcome<Charge> {
        let started = Instant::now();
        let waits = CALLER_WAITS.iter().copied().chain(std::iter::repeat(Duration::from_secs(6)));
        let mut last = paypier_domain::outcome::Doubt { reason: "the PSP was not reached in time".into() };
        for wait in waits {
            if started.elapsed().saturating_add(wait) >= self.policy.caller_patience {
                break;
            }
            tokio::time::sleep(wait).await;
            let found = self.look_up_charge(profile, route, payment, transaction).await;
            let now = self.now(profile, payment.environment);
            evidence.push(seen(&payment.key, transaction, EvidenceKind::Query, now, finding(&found)));
            match found {
                Found::Known(Outcome::Unknown(doubt)) | Found::NoAnswer(doubt) => last = doubt,
                Found::Known(outcome) => return outcome,
                Found::Absent => return Outcome::NotSent(never_happened()),
                Found::NotYet => {}
            }
        }
        Outcome::Unknown(last)
    }

    /// Asks the PSP how an attempt stands.
    pub(crate) async fn look_up_charge(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        transaction: &TransactionId,
    ) -> Found<Charge> {
        let Some(attempt) = payment.attempt(transaction) else { return Found::Absent };
        let now = self.now(profile, payment.environment);
        let age = now.duration_since(attempt.asked_at());
        let started = Instant::now();
        let found = route
            .connector
            .query(
                &route.call(now),
                attempt.reference(),
                attempt.pg_tx_id.as_ref(),
                age.max(SignedDuration::ZERO),
            )
            .await;
        metrics::histogram!("paypier_psp_call_seconds", "connector" => route.connector.name(), "operation" => "query").record(started.elapsed());
        match found {
            Found::Known(snapshot) => match snapshot {
                Outcome::Done(snapshot) | Outcome::Pending(snapshot) => Found::Known(snapshot.charge),
                Outcome::Declined(decline) => Found::Known(Outcome::Declined(decline)),
                Outcome::NotSent(reason) => Found::Known(Outcome::NotSent(reason)),
                Outcome::Unknown(doubt) => Found::NoAnswer(doubt),
            },
            Found::Absent => Found::Absent,
            Found::NotYet => Found::NotYet,
            Found::NoAnswer(doubt) => Found::NoAnswer(doubt),
        }
    }

    /// Applies an outcome, however often the row changes meanwhile. Gives back the payment as it is
    /// afterwards.
    #[expect(
        clippy::too_many_arguments,
        reason = "the one place where all that is known about an answer comes together"
    )]
    pub(crate) async fn settle_charge(
        &self,
        profile: &StoreProfile,
        manual_capture: bool,
        mut payment: Payment,
        transaction: &TransactionId,
        outcome: Outcome<Charge>,
        evidence: Vec<Evidence>,
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        let answer = ChargeAnswer { manual_capture, outcome, evidence };
        for _ in 0..MOST_TRIES {
            match self.settle_charge_once(profile, &payment, transaction, &answer, ticket).await {
                Err(CommitError::Conflict | CommitError::Exists(_)) => {
                    payment = self.reloaded(&payment.key).await?;
                }
                ended => return ended,
            }
        }
        Err(CommitError::Conflict)
    }

    /// Applies an outcome to the payment as it was loaded.
    ///
    /// # Errors
    /// `Conflict` or `Exists` when the row changed meanwhile; nothing was written.
    pub(super) async fn settle_charge_once(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        transaction: &TransactionId,
        answer: &ChargeAnswer,
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        let ChargeAnswer { manual_capture, outcome, evidence } = answer;
        let moment = self.moment(profile, payment.environment);
        let now = moment.at;
        let settled = settle::attempt(payment, transaction, outcome.clone(), *manual_capture, now);
        let (decided, effect) = match settled {
            Settled::Changed(decided, effect) => (*decided, effect),
            Settled::Unchanged => {
                if !evidence.is_empty() {
                    let change = Change { evidence: evidence.clone(), ..Default::default() };
                    self.commit(profile, &Ticket::none(), change).await?;
                }
                return Ok(payment.clone());
            }
        };
        let mut change = decided.change;
        change.evidence.extend(evidence.iter().cloned());
        let change_of_schedule = self.followed(&decided.payment, transaction, now).await?;
        change = change.and(change_of_schedule);
        if let Some(attempt) = decided.payment.attempt(transaction) {
            change = change.and(self.deduction_followed(&decided.payment, attempt, now).await?);
        }
        if effect == Effect::PaidLate && profile.store.policy.late_approval == LateApproval::CancelAtOnce {
            change.jobs.push(JobWrite::Put(Job {
                task: Task::CancelLate { payment: payment.key.clone(), transaction: transaction.clone() },
                store: payment.key.store.clone(),
                environment: payment.environment,
                due_at: now,
                runs: 0,
            }));
        }
        let begun = payment.attempt(transaction);
        let was_silent = begun.is_some_and(|attempt| attempt.state == AttemptState::Sending);
        let fate = Fate::of(outcome, was_silent);
        let ended_closing = begun.and_then(|before| ended_by_deposit(before, &decided.payment));
        let (told, begun_by) = match ended_closing {
            Some(told) => (told, begun.and_then(|attempt| attempt.claim.as_ref())),
            None => (verdict(&decided.payment, transaction), begun.and_then(unanswered_claim)),
        };
        let is_asked = begun_by.is_some() || !ticket.is_none();
        let (told, fate) = match self.issued_with(&decided.payment, transaction).await? {
            // The token of the request is used up: it cannot be repeated, whatever became of the charge.
            Some(key) if is_asked => {
                let payment = Some(payment.key.payment.clone());
                (told.map(|_| Success::BillingKeyConfirmed { key: key.id, payment }), Fate::Ended)
            }
            Some(_) | None => (told, fate),
        };
        self.answer_request(&mut change, ticket, begun_by, fate, &told);
        self.commit(profile, ticket, change).await?;
        metrics::counter!("paypier_attempts_settled_total", "status" => decided.payment.status().as_str())
            .increment(1);
        Ok(decided.payment)
    }
}

impl App {
    /// The billing key whose first payment the attempt is: one request had both made.
    async fn issued_with(
        &self,
        payment: &Payment,
        transaction: &TransactionId,
    ) -> Result<Option<BillingKey>, CommitError> {
        // A charge by API is of a key that was there before.
        let by = payment
            .attempt(transaction)
            .filter(|attempt| attempt.origin.platform != Platform::Api)
            .and_then(|attempt| attempt.billing_key.as_ref());
        let Some(id) = by else { return Ok(None) };
        let unavailable = |error: ReadError| CommitError::Unavailable(error.to_string());
        let key = self.storage.billing_key(id).await.map_err(unavailable)?;
        Ok(key
            .filter(|key| key.first_payment.as_ref().is_some_and(|first| first.transaction == *transaction)))
    }

    /// What becomes of the schedule that made the attempt, to be committed together with the attempt.
    async fn followed(
        &self,
        payment: &Payment,
        transaction: &TransactionId,
        now: Timestamp,
    ) -> Result<Change, CommitError> {
        let Some(attempt) = payment.attempt(transaction) else { return Ok(Change::default()) };
        let Some(id) = &attempt.schedule else { return Ok(Change::default()) };
        let schedule = self
            .storage
            .schedule(&payment.key.store, id)
            .await
            .map_err(|error| CommitError::Unavailable(error.to_string()))?;
        let decided = schedule.and_then(|schedule| schedule::follow(&schedule, attempt, now));
        Ok(decided.map(|decided| decided.change).unwrap_or_default())
    }
}

/// What is known about how a charge ended, and where it is known from.
#[derive(Debug)]
pub(super) struct ChargeAnswer {
    pub manual_capture: bool,
    pub outcome: Outcome<Charge>,
    pub evidence: Vec<Evidence>,
}

/// What a caller is told about an attempt as it stands.
pub fn verdict(payment: &Payment, transaction: &TransactionId) -> Verdict {
    let Some(attempt) = payment.attempt(transaction) else {
        return Err(Failure::internal(format!("the attempt {transaction} is not part of {}", payment.key)));
    };
    match &attempt.state {
        AttemptState::Paid(paid) => Ok(Success::Paid { pg_tx_id: known_id(attempt), at: paid.at }),
        AttemptState::AccountIssued { at } => Ok(Success::Paid { pg_tx_id: known_id(attempt), at: *at }),
        AttemptState::Failed(failure) => Err(Failure::Psp(PspFailure {
            code: failure.pg_code.clone().unwrap_or_default(),
            message: failure.pg_message.clone().unwrap_or_default(),
            note: failure.reason.clone().unwrap_or_else(|| "the payment failed".into()),
        })),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. } => Err(Failure::Psp(unknown_outcome())),
    }
}

/// The request that began the attempt, as long as the attempt's end is its answer. The request for an
/// account was answered when the account was there; what becomes of the account does not change that.
fn unanswered_claim(attempt: &Attempt) -> Option<&ClaimRef> {
    match attempt.state {
        AttemptState::AccountIssued { .. } => None,
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. }
        | AttemptState::Paid(_)
        | AttemptState::Failed(_) => attempt.claim.as_ref(),
    }
}

fn known_id(attempt: &Attempt) -> paypier_domain::id::PgTxId {
    attempt.pg_tx_id.clone().unwrap_or_else(|| paypier_domain::id::PgTxId::known(""))
}

/// The honest answer when nobody knows.
pub fn unknown_outcome() -> PspFailure {
    PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said how this ended".into(),
        note: "the outcome is not known yet and the payment may still succeed; do not charge again: read the payment or wait for its webhook, which follows as soon as the PSP's answer is known".into(),
    }
}

/// The PSP proved that it never saw the request.
pub fn never_happened() -> NotSent {
    NotSent {
        code: NotSent::NOT_EXECUTED.into(),
        message: "the PSP has no record of the request; nothing was charged".into(),
    }
}

pub fn seen(
    payment: &PaymentKey,
    transaction: &TransactionId,
    kind: EvidenceKind,
    at: Timestamp,
    finding: String,
) -> Evidence {
    Evidence {
        payment: payment.clone(),
        transaction: transaction.clone(),
        subject: None,
        at,
        kind,
        finding,
        raw: None,
    }
}

/// What a PSP says about a charge, with what was transferred where that is not simply the amount.
pub fn said(outcome: &Outcome<Charge>) -> String {
    let word = outcome.word();
    let (Outcome::Done(charge) | Outcome::Pending(charge)) = outcome else {
        return format!("the PSP says: {word}");
    };
    match &charge.account {
        Some(account) if account.deposited > charge.amount => format!(
            "the PSP says: {word}; {} were deposited, {} more than asked for, which are the depositor's",
            account.deposited,
            account.deposited.minus_or_zero(charge.amount),
        ),
        Some(account) if account.deposited < charge.amount && !account.deposited.is_zero() => format!(
            "the PSP says: {word}; {} were deposited, {} are missing",
            account.deposited,
            charge.amount.minus_or_zero(account.deposited),
        ),
        _ => format!("the PSP says: {word}"),
    }
}

pub fn finding<T>(found: &Found<T>) -> String {
    match found {
        Found::Known(outcome) => format!("the PSP says: {}", outcome.word()),
        Found::Absent => "the PSP has no such request, conclusively".into(),
        Found::NotYet => "the PSP has no such request yet".into(),
        Found::NoAnswer(doubt) => format!("the question was not answered: {}", doubt.reason),
    }
}
