//! Cash receipts: issuing one by hand, withdrawing one, reading them. The same three steps as for
//! charges: intention, call, outcome.

use super::App;
use super::caller::Caller;
use super::channel_choice::Wanted;
use super::charging::never_happened;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::Fate;
use super::pay_instantly::AmountsAsk;
use super::psp::Route;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::contract::ReceiptAsk;
use paypier_domain::cash_receipt::{self, CashReceipt, Decided, IssueRefusal, Kind, Origin, State};
use paypier_domain::change::Change;
use paypier_domain::customer::Customer;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{CashReceiptId, ChannelKey, PaymentId, PaymentKey, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Doubt, Found, Outcome};
use paypier_domain::payment::Amounts;
use paypier_domain::psp::Receipt;
use paypier_storage::CommitError;
use zeroize::Zeroizing;

/// `POST /cash-receipts` in no dialect's words.
pub struct IssueCashReceipt {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub channel: ChannelKey,
    pub kind: Kind,
    pub order_name: String,
    pub currency: Currency,
    pub amounts: AmountsAsk,
    pub identity_number: Zeroizing<String>,
    /// `PHONE`, `CARD` or `BUSINESS`.
    pub identity_kind: Option<String>,
    pub customer: Customer,
    pub business_registration_number: Option<String>,
    /// `TRANSFER` or `VIRTUAL_ACCOUNT`.
    pub paid_by: Option<String>,
    pub paid_at: Option<Timestamp>,
}

impl std::fmt::Debug for IssueCashReceipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssueCashReceipt({} at {}, ..)", self.payment_id, self.channel)
    }
}

/// Longer than any number that the tax office knows people and companies by.
pub const MOST_DIGITS: usize = 30;

/// The digits of a number that names a buyer to the tax office; hyphens between them are passed over. `None` when
/// it is no such number.
pub fn identity_number(text: &str) -> Option<Zeroizing<String>> {
    let digits: Zeroizing<String> = Zeroizing::new(text.chars().filter(|letter| *letter != '-').collect());
    let is_number = !digits.is_empty()
        && digits.len() <= MOST_DIGITS
        && digits.bytes().all(|letter| letter.is_ascii_digit());
    is_number.then_some(digits)
}

/// A receipt that is wanted together with a payment, as it was asked for.
#[derive(Clone)]
pub struct WantedReceipt {
    pub kind: Kind,
    pub identity_number: Zeroizing<String>,
}

impl std::fmt::Debug for WantedReceipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WantedReceipt({}, ..)", self.kind.as_str())
    }
}

/// What the PSP needs to know of the buyer beside the receipt itself.
pub(crate) struct Buyer<'a> {
    pub identity_number: &'a str,
    pub identity_kind: Option<&'a str>,
    pub customer: &'a Customer,
    pub business_registration_number: Option<&'a str>,
    pub paid_by: Option<&'a str>,
    pub paid_at: Option<Timestamp>,
}

/// What is known about how an asking ended.
#[derive(Debug)]
pub(crate) enum ReceiptAnswer {
    Issue(Outcome<Receipt>),
    Withdrawal(Outcome<Timestamp>),
}

impl ReceiptAnswer {
    fn decide(&self, receipt: &CashReceipt, now: Timestamp) -> Option<Decided> {
        match self {
            Self::Issue(outcome) => cash_receipt::settle_issue(receipt, outcome.clone(), now),
            Self::Withdrawal(outcome) => cash_receipt::settle_withdrawal(receipt, outcome, now),
        }
    }

    fn fate(&self, before: &CashReceipt) -> Fate {
        let was_silent = match before.state {
            State::Issuing | State::Withdrawing { was_told: false, .. } => true,
            State::Unknown { .. }
            | State::Withdrawing { was_told: true, .. }
            | State::Issued(_)
            | State::Cancelled { .. }
            | State::Failed(_) => false,
        };
        match self {
            Self::Issue(outcome) => Fate::of(outcome, was_silent),
            Self::Withdrawal(outcome) => Fate::of(outcome, was_silent),
        }
    }

    /// What a caller is told about the receipt as it stands after this answer.
    fn verdict(&self, receipt: &CashReceipt) -> Verdict {
        match self {
            Self::Issue(_) => issue_verdict(receipt),
            Self::Withdrawal(outcome) => match (&receipt.state, outcome) {
                (State::Cancelled { .. }, _) => Ok(Success::CashReceiptWithdrawn(Box::new(receipt.clone()))),
                (_, Outcome::Declined(decline)) => Err(Failure::Psp(PspFailure {
                    code: decline.code.clone(),
                    message: decline.message.clone(),
                    note: "the PSP did not cancel the cash receipt; it is still valid".into(),
                })),
                (_, Outcome::NotSent(not_sent)) => Err(Failure::Psp(PspFailure {
                    code: not_sent.code.clone(),
                    message: not_sent.message.clone(),
                    note: "nothing was executed at the PSP; the cash receipt is still valid".into(),
                })),
                (_, Outcome::Done(_) | Outcome::Pending(_) | Outcome::Unknown(_)) => Err(unknown()),
            },
        }
    }
}

fn issue_verdict(receipt: &CashReceipt) -> Verdict {
    match &receipt.state {
        State::Issued(_) | State::Withdrawing { .. } | State::Cancelled { .. } => {
            Ok(Success::CashReceiptIssued(Box::new(receipt.clone())))
        }
        State::Failed(failure) => Err(Failure::Psp(PspFailure {
            code: failure.pg_code.clone(),
            message: failure.pg_message.clone(),
            note: failure.reason.clone(),
        })),
        State::Issuing | State::Unknown { .. } => Err(unknown()),
    }
}

/// The honest answer when nobody knows.
fn unknown() -> Failure {
    Failure::Psp(PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said how this ended".into(),
        note: "the outcome is not known yet; do not ask for another cash receipt: read this one, which shows it as soon as the PSP's answer is known".into(),
    })
}

fn seen(receipt: &CashReceipt, kind: EvidenceKind, at: Timestamp, finding: String) -> Evidence {
    Evidence {
        payment: receipt.payment.clone(),
        transaction: TransactionId::known(receipt.id.as_str()),
        subject: Some("cash receipt".into()),
        at,
        kind,
        finding,
        raw: None,
    }
}

impl App {
    /// # Errors
    /// Store out of reach, no usable channel, amounts that do not fit, a receipt that is valid or under
    /// way, the PSP's refusal or an unknown outcome.
    pub async fn issue_cash_receipt(
        &self,
        caller: &Caller,
        ask: IssueCashReceipt,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        if !self.can_serve(&profile, &ask.channel, Wanted::CashReceipt, ask.currency) {
            return Err(Failure::NotFound(Missing::Channel));
        }
        let route = self.route(&profile, &ask.channel)?;
        let amounts = Amounts::new(ask.amounts.total, ask.amounts.tax_free, ask.amounts.vat, Amount::ZERO)
            .map_err(|error| Failure::Invalid(format!("amount: {error}")))?;
        let payment = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        if let Some(known) = self.storage.payment(&payment).await?
            && known.environment != route.channel.environment
        {
            return Err(Failure::IssueReceipt(IssueRefusal::OtherEnvironment));
        }
        let intention = cash_receipt::Ask {
            id: CashReceiptId::known(self.ids.uuid().to_string()),
            payment,
            merchant: profile.store.merchant.clone(),
            channel: route.channel.clone(),
            kind: ask.kind,
            order_name: ask.order_name,
            currency: ask.currency,
            amounts,
            origin: Origin::Manual,
            claim: ticket.reference(),
        };
        let buyer = Buyer {
            identity_number: &ask.identity_number,
            identity_kind: ask.identity_kind.as_deref(),
            customer: &ask.customer,
            business_registration_number: ask.business_registration_number.as_deref(),
            paid_by: ask.paid_by.as_deref(),
            paid_at: ask.paid_at,
        };
        let receipt = self.begin_receipt(&profile, intention, ticket).await?;
        let outcome = self.ask_for_receipt(&profile, &route, &receipt, &buyer).await;
        let mut evidence = Vec::new();
        let outcome = match outcome {
            Outcome::Unknown(doubt) => {
                self.note_silence(&profile, &receipt, &doubt, &mut evidence);
                let look = || self.look_up_issue(&profile, &route, &receipt);
                self.ask_until_known(look, |found| {
                    let now = self.now(&profile, receipt.environment);
                    evidence.push(seen(&receipt, EvidenceKind::Query, now, found));
                })
                .await
            }
            known => known,
        };
        self.conclude_receipt(&profile, receipt, ReceiptAnswer::Issue(outcome), evidence, ticket).await
    }

    /// # Errors
    /// Store out of reach, no receipt of this payment id, one that is not valid or under way, the PSP's
    /// refusal or an unknown outcome.
    pub async fn withdraw_cash_receipt(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        let (receipt, route) = self.begin_withdrawal(&profile, &key, ticket).await?;
        let mut evidence = Vec::new();
        let outcome = match self.ask_for_withdrawal(&profile, &route, &receipt).await {
            Outcome::Unknown(doubt) => {
                self.note_silence(&profile, &receipt, &doubt, &mut evidence);
                let look = || self.look_up_withdrawal(&profile, &route, &receipt);
                self.ask_until_known(look, |found| {
                    let now = self.now(&profile, receipt.environment);
                    evidence.push(seen(&receipt, EvidenceKind::Query, now, found));
                })
                .await
            }
            known => known,
        };
        self.conclude_receipt(&profile, receipt, ReceiptAnswer::Withdrawal(outcome), evidence, ticket).await
    }

    /// The latest receipt of a payment id of which it is known whether it exists.
    ///
    /// # Errors
    /// Store out of reach, or there is none.
    pub async fn cash_receipt(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
    ) -> Result<CashReceipt, Failure> {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        self.storage.shown_cash_receipt(&key).await?.ok_or(Failure::NotFound(Missing::CashReceipt))
    }

    /// Stores the intention to issue a receipt.
    ///
    /// # Errors
    /// See [`IssueRefusal`].
    pub(crate) async fn begin_receipt(
        &self,
        profile: &StoreProfile,
        ask: cash_receipt::Ask,
        ticket: &Ticket,
    ) -> Result<CashReceipt, Failure> {
        let _lane = self.lanes.enter(&ask.payment).await;
        for _ in 0..MOST_TRIES {
            let latest = self.storage.latest_cash_receipt(&ask.payment).await?;
            let now = self.now(profile, ask.channel.environment);
            let overdue = self.policy.limits.answer_overdue;
            let begun = cash_receipt::begin(latest.as_ref(), ask.clone(), overdue, now)?;
            let mut change = begun.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(begun.receipt),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Stores the intention to withdraw the latest receipt of a payment id.
    ///
    /// # Errors
    /// There is none, or see [`cash_receipt::WithdrawRefusal`].
    pub(crate) async fn begin_withdrawal(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ticket: &Ticket,
    ) -> Result<(CashReceipt, Route), Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let latest = self.storage.latest_cash_receipt(key).await?;
            let latest = latest.ok_or(Failure::NotFound(Missing::CashReceipt))?;
            let now = self.now(profile, latest.environment);
            let overdue = self.policy.limits.answer_overdue;
            let begun = cash_receipt::withdraw(&latest, ticket.reference(), overdue, now)?;
            let route = self.route(profile, &latest.channel.key)?;
            let mut change = begun.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok((begun.receipt, route)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    pub(crate) async fn ask_for_receipt(
        &self,
        profile: &StoreProfile,
        route: &Route,
        receipt: &CashReceipt,
        buyer: &Buyer<'_>,
    ) -> Outcome<Receipt> {
        let now = self.now(profile, receipt.environment);
        let ask = ReceiptAsk {
            reference: receipt.reference(),
            payment_id: receipt.payment.payment.as_str(),
            order_name: &receipt.order_name,
            kind: receipt.kind,
            amount: receipt.amounts.total,
            tax_free: receipt.amounts.tax_free,
            vat: receipt.amounts.vat,
            currency: receipt.currency,
            identity_number: buyer.identity_number,
            identity_kind: buyer.identity_kind,
            customer: buyer.customer,
            business_registration_number: buyer.business_registration_number,
            paid_by: buyer.paid_by,
            paid_at: buyer.paid_at,
        };
        route.measured("issue_receipt", route.connector.issue_receipt(&route.call(now), &ask)).await
    }

    pub(crate) async fn ask_for_withdrawal(
        &self,
        profile: &StoreProfile,
        route: &Route,
        receipt: &CashReceipt,
    ) -> Outcome<Timestamp> {
        let Some(issue) = receipt.issue() else { return Outcome::NotSent(never_happened()) };
        let now = self.now(profile, receipt.environment);
        let call = route.call(now);
        let asked = route.connector.withdraw_receipt(&call, receipt.reference(), &issue.pg_receipt_id);
        route.measured("withdraw_receipt", asked).await
    }

    fn note_silence(
        &self,
        profile: &StoreProfile,
        receipt: &CashReceipt,
        doubt: &Doubt,
        evidence: &mut Vec<Evidence>,
    ) {
        let now = self.now(profile, receipt.environment);
        let finding = format!("no usable answer: {}", doubt.reason);
        evidence.push(seen(receipt, EvidenceKind::Answer, now, finding));
    }

    /// Asks the PSP whether it issued the receipt.
    pub(crate) async fn look_up_issue(
        &self,
        profile: &StoreProfile,
        route: &Route,
        receipt: &CashReceipt,
    ) -> Found<Receipt> {
        let now = self.now(profile, receipt.environment);
        let age = now.duration_since(receipt.asked_at()).max(SignedDuration::ZERO);
        route.connector.query_receipt(&route.call(now), receipt.reference(), age).await
    }

    /// Asks the PSP whether it withdrew the receipt. A receipt that it calls valid long after it was
    /// asked to withdraw it shows that it never was asked.
    pub(crate) async fn look_up_withdrawal(
        &self,
        profile: &StoreProfile,
        route: &Route,
        receipt: &CashReceipt,
    ) -> Found<Timestamp> {
        let age = self.now(profile, receipt.environment).duration_since(receipt.asked_at());
        match self.look_up_issue(profile, route, receipt).await {
            Found::Known(Outcome::Done(Receipt { cancelled_at: Some(at), .. })) => {
                Found::Known(Outcome::Done(at))
            }
            Found::Known(Outcome::Done(_)) => match route.connector.unlisted_is_conclusive_after() {
                Some(delay) if age >= delay => Found::Absent,
                Some(_) | None => Found::NotYet,
            },
            Found::Known(other) => {
                Found::NoAnswer(Doubt { reason: format!("the PSP calls the cash receipt {}", other.word()) })
            }
            Found::Absent | Found::NotYet => Found::NoAnswer(Doubt {
                reason: "the PSP does not find the cash receipt that is to be cancelled".into(),
            }),
            Found::NoAnswer(doubt) => Found::NoAnswer(doubt),
        }
    }

    /// Records how an asking ended, and says what its caller is told.
    async fn conclude_receipt(
        &self,
        profile: &StoreProfile,
        receipt: CashReceipt,
        answer: ReceiptAnswer,
        evidence: Vec<Evidence>,
        ticket: &Ticket,
    ) -> Verdict {
        let (store, id) = (receipt.payment.store.clone(), receipt.id.clone());
        match self.settle_receipt(profile, receipt, &answer, evidence, ticket).await {
            Ok(receipt) => answer.verdict(&receipt),
            Err(error) => {
                tracing::error!(receipt = %id, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                match self.storage.cash_receipt(&store, &id).await {
                    Ok(Some(stored)) if !stored.is_open() => answer.verdict(&stored),
                    Ok(_) | Err(_) => Err(unknown()),
                }
            }
        }
    }

    /// Applies an answer, however often the row changes meanwhile.
    ///
    /// # Errors
    /// It cannot be recorded.
    pub(crate) async fn settle_receipt(
        &self,
        profile: &StoreProfile,
        mut receipt: CashReceipt,
        answer: &ReceiptAnswer,
        evidence: Vec<Evidence>,
        ticket: &Ticket,
    ) -> Result<CashReceipt, CommitError> {
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, receipt.environment);
            let Some(decided) = answer.decide(&receipt, now) else {
                if !evidence.is_empty() {
                    self.commit(profile, &Ticket::none(), Change { evidence, ..Change::default() }).await?;
                }
                return Ok(receipt);
            };
            let mut change = decided.change;
            change.evidence.extend(evidence.iter().cloned());
            let told = answer.verdict(&decided.receipt);
            self.answer_request(&mut change, ticket, receipt.claim.as_ref(), answer.fate(&receipt), &told);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(decided.receipt),
                Err(CommitError::Conflict) => {
                    let (store, id) = (&receipt.payment.store, &receipt.id);
                    let stored = self.storage.cash_receipt(store, id).await;
                    receipt = stored
                        .map_err(|error| CommitError::Unavailable(error.to_string()))?
                        .ok_or_else(|| CommitError::Broken(format!("the cash receipt {id} disappeared")))?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }

    /// What a question about the receipt found, kept with it.
    pub(crate) fn receipt_query(
        &self,
        profile: &StoreProfile,
        receipt: &CashReceipt,
        finding: String,
    ) -> Evidence {
        seen(receipt, EvidenceKind::Query, self.now(profile, receipt.environment), finding)
    }
}
