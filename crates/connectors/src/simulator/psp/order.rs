//! An order at the PSP, and every decision about it. Pure: the books are read and written elsewhere.
//!
//! Holds always: succeeded and pending refunds together are never above the approved amount; fees
//! given back add up to exactly the whole fee when the whole amount has gone back; what was decided
//! under a reference is never decided again.

use super::api::{FailureView, RefundBody, currency_code, minor_units};
use super::authentications::MethodFacts;
use super::cards::{Behaviour, CardFacts};
use super::code::Code;
use super::delivery::Delivery;
use super::disputes::{ChargebackRow, ChargebackView, DisputeRow, DisputeView};
use super::specialties::DeliveryProof;
use super::store_lines::StoreLine;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::money::{Amount, Currency, Rate, Rounding};
use serde::{Deserialize, Serialize};

/// What the PSP keeps of a charge: 3.2 %, half up, without VAT.
const FEE: Rate = Rate::bps(320);
/// How long a refund stays pending with the cards that have it so.
const REFUND_TAKES: SignedDuration = SignedDuration::from_mins(10);
/// How long a payment is pending that the provider approves later.
const APPROVAL_TAKES: SignedDuration = SignedDuration::from_mins(10);
/// How many queries of [`Behaviour::AnswerAndQueriesLost`] fail.
const QUERIES_LOST: u32 = 3;

/// As it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) id: String,
    /// Tells a repeated request from another one under the same reference.
    fingerprint: String,
    pub(super) order_name: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    #[serde(with = "minor_units")]
    fee: Amount,
    pub(super) behaviour: Behaviour,
    manual_capture: bool,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approval_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card: Option<CardFacts>,
    /// What it is paid with, when that is neither a card nor an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<MethodFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refunds: Vec<RefundRow>,
    /// The latest word about a delivery that the merchant proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery_proof: Option<DeliveryProof>,
    /// The money is held until the buyer has accepted the goods.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_escrow: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delivery: Option<Delivery>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) disputes: Vec<DisputeRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) chargebacks: Vec<ChargebackRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) store_lines: Vec<StoreLine>,
    /// Queries that were not answered.
    #[serde(default)]
    queries_lost: u32,
    /// When each notification is due; its number is its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notifications: Vec<Timestamp>,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum State {
    Approved {
        at: Timestamp,
        captured_at: Option<Timestamp>,
    },
    Declined {
        at: Timestamp,
        code: Code,
    },
    /// Accepted, and approved when the provider has decided.
    Processing {
        until: Timestamp,
    },
    WaitingForDeposit,
    Paid {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
    Closed {
        at: Timestamp,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) bank: String,
    pub(super) number: String,
    /// `NORMAL` or `FIXED`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) remittee_name: Option<String>,
    pub(super) remitter_name: Option<String>,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// What lies on it, or was taken from it when the order was paid.
    #[serde(with = "minor_units")]
    pub(super) deposited: Amount,
    /// What went back to its depositor, because the rest did not come in time.
    #[serde(with = "minor_units", default)]
    pub(super) sent_back: Amount,
    /// The bank has let a transfer through after the account was closed.
    #[serde(default)]
    pub(super) is_paid_after_close: bool,
}

impl Account {
    /// Nothing is waited for any more: what lies on the account goes back.
    fn empties(&mut self) {
        self.sent_back = self.sent_back.plus(self.deposited).unwrap_or(self.sent_back);
        self.deposited = Amount::ZERO;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundRow {
    reference: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    pub(super) requested_at: Timestamp,
    /// The first answer was "pending".
    was_pending: bool,
    pub(super) state: RefundState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum RefundState {
    Pending {
        until: Timestamp,
        then: Ending,
    },
    Succeeded {
        at: Timestamp,
        #[serde(with = "minor_units")]
        fee_returned: Amount,
    },
    Failed {
        at: Timestamp,
    },
    Stopped {
        at: Timestamp,
    },
    /// Refused at once; kept so that a repeated request gets the same answer.
    Refused {
        at: Timestamp,
        code: Code,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Ending {
    Succeeds,
    Fails,
}

/// What an order is paid with.
pub(super) enum Means {
    Card(CardFacts),
    Method(MethodFacts),
}

impl Means {
    fn apart(self) -> (Option<CardFacts>, Option<MethodFacts>) {
        match self {
            Self::Card(card) => (Some(card), None),
            Self::Method(method) => (None, Some(method)),
        }
    }
}

/// What an order is opened with.
pub(super) struct Opening {
    pub(super) id: String,
    pub(super) fingerprint: String,
    pub(super) order_name: String,
    pub(super) amount: Amount,
    pub(super) currency: Currency,
    pub(super) approval_number: String,
}

/// How the bank treats a transfer into an account that is past its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bank {
    /// It sends it back, as banks mostly do.
    SendsBack,
    LetsThrough,
}

/// What a deposit led to.
pub(super) enum DepositStep {
    Short,
    Paid,
}

/// Why a deposit is sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDeposit {
    NoAccount,
    Expired(Timestamp),
    Closed,
    AlreadyPaid,
    OutOfRange,
}

impl Order {
    fn open(opening: Opening, behaviour: Behaviour, state: State, now: Timestamp) -> Self {
        Self {
            fee: FEE.of(opening.amount, Rounding::HalfUp).unwrap_or(Amount::ZERO),
            id: opening.id,
            fingerprint: opening.fingerprint,
            order_name: opening.order_name,
            amount: opening.amount,
            currency: opening.currency,
            behaviour,
            manual_capture: false,
            state,
            approval_number: None,
            card: None,
            method: None,
            account: None,
            refunds: Vec::new(),
            delivery_proof: None,
            is_escrow: false,
            delivery: None,
            disputes: Vec::new(),
            chargebacks: Vec::new(),
            store_lines: Vec::new(),
            queries_lost: 0,
            notifications: Vec::new(),
            created_at: now,
        }
    }

    pub(super) fn approved(
        opening: Opening,
        behaviour: Behaviour,
        means: Means,
        manual_capture: bool,
        now: Timestamp,
    ) -> Self {
        let approval_number = Some(opening.approval_number.clone());
        let (card, method) = means.apart();
        let state = match behaviour {
            Behaviour::ApprovedLater => {
                State::Processing { until: now.checked_add(APPROVAL_TAKES).unwrap_or(Timestamp::MAX) }
            }
            _ => State::Approved { at: now, captured_at: (!manual_capture).then_some(now) },
        };
        Self { manual_capture, approval_number, card, method, ..Self::open(opening, behaviour, state, now) }
    }

    /// `means` are absent when what was typed is not a card.
    pub(super) fn declined(opening: Opening, code: Code, means: Option<Means>, now: Timestamp) -> Self {
        let (card, method) = means.map_or((None, None), Means::apart);
        Self {
            card,
            method,
            ..Self::open(opening, Behaviour::Declined, State::Declined { at: now, code }, now)
        }
    }

    pub(super) fn waiting(opening: Opening, account: Account, now: Timestamp) -> Self {
        Self {
            account: Some(account),
            ..Self::open(opening, Behaviour::Approved, State::WaitingForDeposit, now)
        }
    }

    /// Keeps how far the delivery is said to be.
    pub(super) fn is_proven(&mut self, proof: DeliveryProof) -> Result<(), Code> {
        if self.approved_at().is_none() {
            return Err(Code::NotApproved);
        }
        self.delivery_proof = Some(proof);
        Ok(())
    }

    /// In escrow or not.
    pub(super) fn held(self, is_escrow: bool) -> Self {
        Self { is_escrow, ..self }
    }

    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether the answer to the charge gets lost.
    pub(super) const fn loses_answer(&self) -> bool {
        matches!(self.behaviour, Behaviour::AnswerLost | Behaviour::AnswerAndQueriesLost)
    }

    pub(super) fn is_repeated_by(&self, fingerprint: &str) -> bool {
        self.fingerprint == fingerprint
    }

    /// When the money was taken, if it was.
    pub(super) const fn approved_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Approved { at, .. } | State::Paid { at } => Some(at),
            State::Declined { .. }
            | State::Processing { .. }
            | State::WaitingForDeposit
            | State::Expired { .. }
            | State::Closed { .. } => None,
        }
    }

    /// When the provider will have decided, while it has not.
    pub(super) const fn decided_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Processing { until } => Some(until),
            State::Approved { .. }
            | State::Declined { .. }
            | State::WaitingForDeposit
            | State::Paid { .. }
            | State::Expired { .. }
            | State::Closed { .. } => None,
        }
    }

    pub(super) const fn approved_amount(&self) -> Amount {
        if self.approved_at().is_some() { self.amount } else { Amount::ZERO }
    }

    /// Succeeded refunds: reference, amount, when.
    pub(super) fn given_back(&self) -> impl Iterator<Item = (&str, Amount, Timestamp)> {
        self.refunds.iter().filter_map(|row| match row.state {
            RefundState::Succeeded { at, .. } => Some((row.reference.as_str(), row.amount, at)),
            RefundState::Pending { .. }
            | RefundState::Failed { .. }
            | RefundState::Stopped { .. }
            | RefundState::Refused { .. } => None,
        })
    }

    /// What refunds gave back, at the merchant's wish.
    fn refunded_by_wish(&self) -> Amount {
        Amount::total(self.given_back().map(|(_, amount, _)| amount))
    }

    /// What went back to the buyer, whoever wanted it.
    pub(super) fn refunded_amount(&self) -> Amount {
        Amount::total([self.refunded_by_wish(), self.taken_back()])
    }

    /// What can still be refunded or taken back. Pending refunds count as gone.
    pub(super) fn left(&self) -> Amount {
        let gone = Amount::total([self.refunded_amount(), self.reserved_amount()]);
        self.approved_amount().minus_or_zero(gone)
    }

    /// When nothing is left, a delivery ends with it.
    pub(super) fn ends_delivery(&mut self, now: Timestamp) {
        let is_given_back = self.approved_at().is_some() && self.refunded_amount() >= self.amount;
        if is_given_back && let Some(delivery) = &mut self.delivery {
            delivery.cancel(now);
        }
    }

    fn reserved_amount(&self) -> Amount {
        let pending = self.refunds.iter().filter(|row| matches!(row.state, RefundState::Pending { .. }));
        Amount::total(pending.map(|row| row.amount))
    }

    fn fee_returned(&self) -> Amount {
        Amount::total(self.refunds.iter().map(|row| match row.state {
            RefundState::Succeeded { fee_returned, .. } => fee_returned,
            RefundState::Pending { .. }
            | RefundState::Failed { .. }
            | RefundState::Stopped { .. }
            | RefundState::Refused { .. } => Amount::ZERO,
        }))
    }

    /// The part of the fee that goes back with `amount`: what is due for all refunds so far, less
    /// what was given back for the earlier ones. So the last refund of any partition gives the rest.
    fn fee_for(&self, amount: Amount) -> Amount {
        let back = i128::from(self.refunded_by_wish().minor_units())
            .saturating_add(i128::from(amount.minor_units()));
        let whole = i128::from(self.amount.minor_units());
        let due = i128::from(self.fee.minor_units())
            .saturating_mul(back)
            .saturating_mul(2)
            .saturating_add(whole)
            .checked_div(whole.saturating_mul(2))
            .and_then(|due| i64::try_from(due).ok())
            .and_then(|due| Amount::new(due).ok())
            .unwrap_or(Amount::ZERO);
        due.min(self.fee).minus_or_zero(self.fee_returned())
    }

    /// Lets time pass: an account that waited too long is expired, pending refunds that are due end,
    /// in the order in which they are due.
    pub(super) fn advance(&mut self, now: Timestamp) {
        if let (State::WaitingForDeposit, Some(account)) = (self.state, &mut self.account)
            && account.expires_at <= now
        {
            self.state = State::Expired { at: account.expires_at };
            account.empties();
        }
        if let State::Processing { until } = self.state
            && until <= now
        {
            self.state = State::Approved { at: until, captured_at: (!self.manual_capture).then_some(until) };
        }
        let mut due: Vec<(Timestamp, usize, Ending)> = Vec::new();
        for (index, row) in self.refunds.iter().enumerate() {
            if let RefundState::Pending { until, then } = row.state
                && until <= now
            {
                due.push((until, index, then));
            }
        }
        due.sort_by_key(|(until, index, _)| (*until, *index));
        for (until, index, then) in due {
            let Some(amount) = self.refunds.get(index).map(|row| row.amount) else { continue };
            let state = match then {
                Ending::Succeeds => RefundState::Succeeded { at: until, fee_returned: self.fee_for(amount) },
                Ending::Fails => RefundState::Failed { at: until },
            };
            if let Some(row) = self.refunds.get_mut(index) {
                row.state = state;
            }
            self.ends_delivery(until);
        }
    }

    /// Takes the money of an approved order. Repeated: the first answer.
    pub(super) fn capture(&mut self, amount: Amount, now: Timestamp) -> Result<(), Code> {
        let State::Approved { at, captured_at } = self.state else { return Err(Code::NotApproved) };
        if !self.manual_capture {
            return Err(Code::NotCapturable);
        }
        // A merchant may ask for all that was approved, or for what is left of it after refunds: the
        // money that moves is the same.
        if amount != self.amount && Some(amount) != self.amount.minus(self.refunded_amount()) {
            return Err(Code::CaptureAmountMismatch);
        }
        self.state = State::Approved { at, captured_at: captured_at.or(Some(now)) };
        Ok(())
    }

    /// Gives money back, or notes why not; the place of the row is the answer. A repeated request
    /// finds the row that it made.
    ///
    /// # Errors
    /// The request is none that the order can remember under this reference.
    pub(super) fn refund(&mut self, ask: &RefundBody, now: Timestamp) -> Result<usize, Code> {
        if let Some(place) = self.refunds.iter().position(|row| row.reference == ask.reference) {
            let is_same = self.refunds.get(place).is_some_and(|row| row.amount == ask.amount);
            return if is_same && ask.currency == self.currency {
                Ok(place)
            } else {
                Err(Code::ReferenceReused)
            };
        }
        if ask.amount.is_zero() || ask.currency != self.currency {
            return Err(Code::InvalidRequest);
        }
        if self.approved_at().is_none() {
            return Err(Code::NotApproved);
        }
        let state = self.refund_state(ask, now);
        let was_pending = matches!(state, RefundState::Pending { .. });
        let row = RefundRow {
            reference: ask.reference.clone(),
            amount: ask.amount,
            requested_at: now,
            was_pending,
            state,
        };
        self.refunds.push(row);
        self.ends_delivery(now);
        Ok(self.refunds.len().saturating_sub(1))
    }

    fn refund_state(&self, ask: &RefundBody, now: Timestamp) -> RefundState {
        let refused = |code| RefundState::Refused { at: now, code };
        // What came after the account was closed goes back to where it came from.
        let needs_account = self.account.as_ref().is_some_and(|account| !account.is_paid_after_close);
        if needs_account && !ask.refund_account.as_ref().is_some_and(|account| account.is_complete()) {
            return refused(Code::RefundAccountMissing);
        }
        if ask.amount > self.left() {
            return refused(Code::RefundExceedsApproved);
        }
        let until = now.checked_add(REFUND_TAKES).unwrap_or(Timestamp::MAX);
        if needs_account {
            match ask.refund_account.as_ref().map(|account| account.ending()) {
                Some("00") => return refused(Code::RefundAccountUnknown),
                Some("11") => return RefundState::Pending { until, then: Ending::Succeeds },
                Some("13") => return RefundState::Pending { until, then: Ending::Fails },
                Some(_) | None => {}
            }
        }
        match self.behaviour {
            Behaviour::RefundRefused => refused(Code::RefundRefused),
            Behaviour::RefundSucceedsLater => RefundState::Pending { until, then: Ending::Succeeds },
            Behaviour::RefundFailsLater => RefundState::Pending { until, then: Ending::Fails },
            Behaviour::Approved
            | Behaviour::Declined
            | Behaviour::InsufficientFunds
            | Behaviour::Expired
            | Behaviour::IncorrectSecurityData
            | Behaviour::LostOrStolen
            | Behaviour::PspError
            | Behaviour::TokenDeclined
            | Behaviour::ThreeDSecure
            | Behaviour::AnswerLost
            | Behaviour::RequestLost
            | Behaviour::AnswerAndQueriesLost
            | Behaviour::ApprovedLater
            | Behaviour::NotifiedFirst => {
                RefundState::Succeeded { at: now, fee_returned: self.fee_for(ask.amount) }
            }
        }
    }

    /// When the refund at this place ends by itself.
    pub(super) fn pending_until(&self, place: usize) -> Option<Timestamp> {
        match self.refunds.get(place)?.state {
            RefundState::Pending { until, .. } => Some(until),
            RefundState::Succeeded { .. }
            | RefundState::Failed { .. }
            | RefundState::Stopped { .. }
            | RefundState::Refused { .. } => None,
        }
    }

    /// The code of a refund that was refused at once.
    pub(super) fn refused_with(&self, place: usize) -> Option<Code> {
        match self.refunds.get(place)?.state {
            RefundState::Refused { code, .. } => Some(code),
            RefundState::Pending { .. }
            | RefundState::Succeeded { .. }
            | RefundState::Failed { .. }
            | RefundState::Stopped { .. } => None,
        }
    }

    pub(super) fn place_of_refund(&self, reference: &str) -> Option<usize> {
        self.refunds.iter().position(|row| row.reference == reference)
    }

    /// Stops a pending refund. Repeated: the first answer.
    pub(super) fn stop_refund(&mut self, place: usize, now: Timestamp) -> Result<(), Code> {
        let row = self.refunds.get_mut(place).ok_or(Code::RefundNotFound)?;
        match row.state {
            RefundState::Pending { .. } => row.state = RefundState::Stopped { at: now },
            RefundState::Stopped { .. } => {}
            RefundState::Succeeded { .. } | RefundState::Failed { .. } | RefundState::Refused { .. } => {
                return Err(Code::RefundNotPending);
            }
        }
        Ok(())
    }

    /// Closes an account that nothing was deposited into. Repeated: the first answer.
    pub(super) fn close(&mut self, now: Timestamp) -> Result<(), Code> {
        match (self.state, &self.account) {
            (State::Closed { .. }, _) => Ok(()),
            (State::WaitingForDeposit, Some(account)) if account.deposited.is_zero() => {
                self.state = State::Closed { at: now };
                Ok(())
            }
            (State::WaitingForDeposit, _) => Err(Code::AccountHasDeposit),
            // Nothing lies on it any more, and late transfers are refused from now on.
            (State::Expired { .. }, Some(_)) => {
                self.state = State::Closed { at: now };
                Ok(())
            }
            (
                State::Expired { .. }
                | State::Paid { .. }
                | State::Approved { .. }
                | State::Processing { .. }
                | State::Declined { .. },
                _,
            ) => Err(Code::NotWaitingForDeposit),
        }
    }

    /// Lets the account expire now. Repeated, or after its time: nothing.
    pub(super) fn expire(&mut self, now: Timestamp) -> Result<(), Code> {
        match (self.state, &mut self.account) {
            (State::WaitingForDeposit, Some(account)) => {
                account.expires_at = now;
                account.empties();
                self.state = State::Expired { at: now };
                Ok(())
            }
            (State::Expired { .. }, _) => Ok(()),
            (
                State::WaitingForDeposit
                | State::Closed { .. }
                | State::Paid { .. }
                | State::Approved { .. }
                | State::Processing { .. }
                | State::Declined { .. },
                _,
            ) => Err(Code::NotWaitingForDeposit),
        }
    }

    pub(super) fn deposit(
        &mut self,
        amount: Amount,
        bank: Bank,
        now: Timestamp,
    ) -> Result<DepositStep, NoDeposit> {
        let account = self.account.as_mut().ok_or(NoDeposit::NoAccount)?;
        match self.state {
            State::WaitingForDeposit => {}
            State::Paid { .. } => return Err(NoDeposit::AlreadyPaid),
            State::Expired { .. } | State::Closed { .. } if bank == Bank::LetsThrough => {}
            State::Expired { at } => return Err(NoDeposit::Expired(at)),
            State::Closed { .. } => return Err(NoDeposit::Closed),
            State::Approved { .. } | State::Processing { .. } | State::Declined { .. } => {
                return Err(NoDeposit::NoAccount);
            }
        }
        let deposited = account.deposited.plus(amount).map_err(|_| NoDeposit::OutOfRange)?;
        if deposited < self.amount {
            // Nobody waits for the rest where the account is past its time.
            return match self.state {
                State::WaitingForDeposit => {
                    account.deposited = deposited;
                    Ok(DepositStep::Short)
                }
                State::Expired { at } => Err(NoDeposit::Expired(at)),
                State::Closed { .. }
                | State::Paid { .. }
                | State::Approved { .. }
                | State::Processing { .. }
                | State::Declined { .. } => Err(NoDeposit::Closed),
            };
        }
        account.deposited = deposited;
        account.is_paid_after_close = matches!(self.state, State::Closed { .. });
        self.state = State::Paid { at: now };
        Ok(DepositStep::Paid)
    }

    /// Deposited, still missing, and above what was asked.
    pub(super) fn deposits(&self) -> (Amount, Amount, Amount) {
        let deposited = self.account.as_ref().map_or(Amount::ZERO, |account| account.deposited);
        (deposited, self.amount.minus_or_zero(deposited), deposited.minus_or_zero(self.amount))
    }

    /// Counts a query, and says whether it is one that gets lost.
    pub(super) fn loses_query(&mut self) -> bool {
        if self.behaviour != Behaviour::AnswerAndQueriesLost || self.queries_lost >= QUERIES_LOST {
            return false;
        }
        self.queries_lost = self.queries_lost.saturating_add(1);
        true
    }

    /// Notes a notification; its number in the order is the answer.
    pub(super) fn announce(&mut self, due_at: Timestamp) -> usize {
        self.notifications.push(due_at);
        self.notifications.len()
    }

    /// When the notification with this number is due.
    pub(super) fn announced(&self, number: usize) -> Option<Timestamp> {
        self.notifications.get(number.checked_sub(1)?).copied()
    }

    /// The order as its first answer told it.
    pub(super) fn at_first(&self) -> Self {
        let mut first = self.clone();
        first.refunds.clear();
        first.delivery = None;
        first.disputes.clear();
        first.chargebacks.clear();
        first.state = match self.state {
            State::Approved { .. } | State::Processing { .. }
                if self.behaviour == Behaviour::ApprovedLater =>
            {
                let until = self.created_at.checked_add(APPROVAL_TAKES).unwrap_or(Timestamp::MAX);
                State::Processing { until }
            }
            State::Processing { until } => State::Processing { until },
            State::Approved { at, .. } => {
                State::Approved { at, captured_at: (!self.manual_capture).then_some(at) }
            }
            State::Declined { at, code } => State::Declined { at, code },
            State::WaitingForDeposit | State::Paid { .. } | State::Expired { .. } | State::Closed { .. } => {
                State::WaitingForDeposit
            }
        };
        if let Some(account) = &mut first.account {
            account.deposited = Amount::ZERO;
            account.sent_back = Amount::ZERO;
            account.is_paid_after_close = false;
        }
        first
    }

    /// The order as answers carry it. `receipt` is where its receipt is.
    pub(super) fn view<'a>(&'a self, reference: &'a str, receipt: &str) -> OrderView<'a> {
        let (status, captured_at, closed_at, failure) = match self.state {
            State::Approved { captured_at: None, .. } => ("APPROVED", None, None, None),
            State::Approved { captured_at, .. } => ("CAPTURED", captured_at, None, None),
            State::Declined { at, code } => ("DECLINED", None, Some(at), Some(code)),
            State::Processing { .. } => ("PENDING", None, None, None),
            State::WaitingForDeposit => ("WAITING_FOR_DEPOSIT", None, None, None),
            State::Paid { at } => ("PAID", Some(at), None, None),
            State::Expired { at } => ("EXPIRED", None, Some(at), Some(Code::AccountExpired)),
            State::Closed { at } => ("CLOSED", None, Some(at), Some(Code::AccountClosed)),
        };
        let approved_at = self.approved_at();
        let (_, waiting, overpaid) = self.deposits();
        OrderView {
            id: &self.id,
            reference,
            status,
            order_name: &self.order_name,
            amount: self.amount,
            currency: self.currency,
            fee: if failure.is_some() { Amount::ZERO } else { self.fee },
            approved_at,
            captured_at,
            closed_at,
            approval_number: self.approval_number.as_deref(),
            receipt_url: approved_at.map(|_| receipt.to_owned()),
            card: self.card.as_ref(),
            account: self.account.as_ref().map(|account| AccountView {
                account,
                waiting_amount: waiting,
                overpaid_amount: overpaid,
            }),
            failure: failure.map(FailureView::from),
            delivery: self.delivery.as_ref(),
            disputes: self.dispute_views(reference),
            chargebacks: self.chargeback_views(reference),
            refunds: (0..self.refunds.len())
                .filter_map(|place| self.refund_view(place, reference, receipt))
                .collect(),
        }
    }

    pub(super) fn refund_view<'a>(
        &'a self,
        place: usize,
        reference: &'a str,
        receipt: &str,
    ) -> Option<RefundView<'a>> {
        let row = self.refunds.get(place)?;
        let id = refund_id(place, reference);
        let (status, completed_at, fee_returned, failure) = match row.state {
            RefundState::Pending { .. } => ("PENDING", None, Amount::ZERO, None),
            RefundState::Succeeded { at, fee_returned } => ("SUCCEEDED", Some(at), fee_returned, None),
            RefundState::Failed { at } => ("FAILED", Some(at), Amount::ZERO, Some(Code::RefundFailed)),
            RefundState::Stopped { at } => ("STOPPED", Some(at), Amount::ZERO, Some(Code::RefundStopped)),
            RefundState::Refused { at, code } => ("REFUSED", Some(at), Amount::ZERO, Some(code)),
        };
        Some(RefundView {
            receipt_url: (status == "SUCCEEDED")
                .then(|| format!("{receipt}#refund-{}", place.saturating_add(1))),
            id,
            reference: &row.reference,
            charge_reference: reference,
            status,
            amount: row.amount,
            fee_returned,
            requested_at: row.requested_at,
            completed_at,
            failure: failure.map(FailureView::from),
        })
    }

    /// A refund as its first answer told it.
    pub(super) fn refund_view_at_first<'a>(
        &'a self,
        place: usize,
        reference: &'a str,
        receipt: &str,
    ) -> Option<RefundView<'a>> {
        let view = self.refund_view(place, reference, receipt)?;
        let was_pending = self.refunds.get(place).is_some_and(|row| row.was_pending);
        Some(if was_pending {
            RefundView {
                status: "PENDING",
                completed_at: None,
                fee_returned: Amount::ZERO,
                failure: None,
                receipt_url: None,
                ..view
            }
        } else {
            view
        })
    }
}

/// The PSP's id of a refund names its order, so that it can be found by this id alone.
fn refund_id(place: usize, reference: &str) -> String {
    format!("sbxr_{}_{reference}", place.saturating_add(1))
}

/// The place and the order of the refund with this id.
pub(super) fn read_refund_id(id: &str) -> Option<(usize, &str)> {
    let (number, reference) = id.strip_prefix("sbxr_")?.split_once('_')?;
    Some((number.parse::<usize>().ok()?.checked_sub(1)?, reference))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView<'a> {
    id: &'a str,
    reference: &'a str,
    status: &'static str,
    order_name: &'a str,
    #[serde(with = "minor_units")]
    amount: Amount,
    #[serde(with = "currency_code")]
    currency: Currency,
    #[serde(with = "minor_units")]
    fee: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a CardFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'a Delivery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disputes: Vec<DisputeView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chargebacks: Vec<ChargebackView<'a>>,
    refunds: Vec<RefundView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountView<'a> {
    #[serde(flatten)]
    account: &'a Account,
    #[serde(with = "minor_units")]
    waiting_amount: Amount,
    #[serde(with = "minor_units")]
    overpaid_amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundView<'a> {
    id: String,
    reference: &'a str,
    charge_reference: &'a str,
    status: &'static str,
    #[serde(with = "minor_units")]
    amount: Amount,
    #[serde(with = "minor_units")]
    fee_returned: Amount,
    requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_url: Option<String>,
}
