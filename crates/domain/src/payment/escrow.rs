//! The delivery of goods whose payment is held in escrow: reporting the parcel, changing what was
//! reported, and completing the purchase.
//!
//! The PSP keeps the money until the buyer has accepted the goods, so each step is asked of it like a
//! capture: the intention first, then the call, then what became of it. What the carrier and the buyer
//! do comes from the PSP. No step moves money in our books, and none is an event. A payment in escrow of
//! which nothing was reported yet has no [`Escrow`].

use super::{Attempt, AttemptState, Decided, Draft, Limits, Order, Payment, Status};
use crate::change::RowWrite;
use crate::claim::ClaimRef;
use crate::customer::{Address, Product};
use crate::id::TransactionId;
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::outcome::Outcome;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escrow {
    /// `None` while the first report has no answer.
    pub delivery: Option<Delivery>,
    /// What the PSP is being asked for.
    pub asking: Option<Asking>,
}

/// What was reported about the parcel, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub logistics: Logistics,
    /// When the PSP took the report.
    pub applied_at: Timestamp,
    pub modified_at: Option<Timestamp>,
    pub state: DeliveryState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logistics {
    /// `CJ`, `HANJIN`, …
    pub company: String,
    pub invoice_number: String,
    pub sent_at: Timestamp,
    pub received_at: Option<Timestamp>,
    pub address: Option<Address>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Registered,
    Delivered,
    /// The buyer has accepted, or did not object in time.
    Confirmed {
        is_automatic: bool,
    },
    Rejected,
    /// The merchant has accepted the refusal.
    RejectConfirmed,
    /// The whole payment was given back.
    Cancelled,
}

impl DeliveryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::Delivered => "DELIVERED",
            Self::Confirmed { .. } => "CONFIRMED",
            Self::Rejected => "REJECTED",
            Self::RejectConfirmed => "REJECT_CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str, is_automatic: bool) -> Option<Self> {
        [
            Self::Registered,
            Self::Delivered,
            Self::Confirmed { is_automatic },
            Self::Rejected,
            Self::RejectConfirmed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }

    /// How late in the story it is: what a PSP says counts only when it is further on.
    const fn place(self) -> u8 {
        match self {
            Self::Registered => 0,
            Self::Delivered => 1,
            Self::Rejected => 2,
            Self::Confirmed { .. } | Self::RejectConfirmed => 3,
            Self::Cancelled => 4,
        }
    }

    /// Whether the purchase is still undecided.
    const fn is_open(self) -> bool {
        matches!(self, Self::Registered | Self::Delivered)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    pub step: Step,
    pub since: Timestamp,
    pub claim: Option<ClaimRef>,
}

/// What is asked of the PSP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Register(Logistics),
    Modify(Logistics),
    /// Completes the purchase; some PSPs want to know whether the merchant says so or the buyer.
    Complete {
        from_store: bool,
    },
}

/// What the PSP needs beside the parcel. Passed on and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Particulars {
    pub sender: Party,
    pub receiver: Party,
    pub products: Vec<Product>,
    /// The buyer is told by mail.
    pub send_email: bool,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Party {
    pub name: Option<String>,
    pub phone_number: Option<String>,
    pub zipcode: Option<String>,
    pub address: Option<Address>,
    /// Of the sender to the receiver.
    pub relationship: Option<String>,
}

/// Shows nobody's name, phone or address.
impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Party(..)")
    }
}

/// Why a step is refused, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EscrowRefusal {
    #[error("the payment is not paid (its status is {0})")]
    NotPaid(Status),
    #[error("the payment is not held in escrow")]
    NotEscrow,
    #[error(
        "an earlier request about this delivery has no answer yet; repeat the request when it has been answered"
    )]
    InProgress,
    #[error("the delivery was reported before; change what was reported with PATCH")]
    RegisteredBefore,
    #[error("no delivery was reported yet")]
    NotRegistered,
    #[error("the delivery is {0} and can be neither changed nor completed")]
    Over(&'static str),
    #[error("{provider} needs {member} for an escrow delivery")]
    Lacks { provider: String, member: &'static str },
}

/// An intention: what to commit, and which attempt it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub decided: Decided,
    pub transaction: TransactionId,
}

/// Decides whether the PSP may be asked for the step, and stores the intention.
///
/// # Errors
/// See [`EscrowRefusal`], the first in its order.
pub fn ask(
    payment: &Payment,
    step: Step,
    particulars: &Particulars,
    claim: Option<ClaimRef>,
    limits: Limits,
    now: Timestamp,
) -> Result<Asked, EscrowRefusal> {
    let status = payment.status();
    let attempt = match (status, payment.paid_attempt()) {
        (Status::Paid | Status::PartialCancelled, Some(attempt)) => attempt,
        (status, _) => return Err(EscrowRefusal::NotPaid(status)),
    };
    if !attempt.order.is_escrow {
        return Err(EscrowRefusal::NotEscrow);
    }
    let escrow = attempt.escrow.as_ref();
    if escrow.is_some_and(|escrow| escrow.asking.is_some()) {
        return Err(EscrowRefusal::InProgress);
    }
    let delivery = escrow.and_then(|escrow| escrow.delivery.as_ref());
    match (&step, delivery) {
        (Step::Register(_), None) => {}
        (Step::Register(_), Some(_)) => return Err(EscrowRefusal::RegisteredBefore),
        (Step::Modify(_) | Step::Complete { .. }, None) => return Err(EscrowRefusal::NotRegistered),
        (Step::Modify(_) | Step::Complete { .. }, Some(delivery)) if !delivery.state.is_open() => {
            return Err(EscrowRefusal::Over(delivery.state.as_str()));
        }
        (Step::Modify(_) | Step::Complete { .. }, Some(_)) => {}
    }
    let provider = attempt.channel.as_ref().map_or("", |channel| channel.pg_provider.as_str());
    if let Some(member) = lacking(provider, &step, particulars) {
        return Err(EscrowRefusal::Lacks { provider: provider.to_owned(), member });
    }
    let transaction = attempt.id.clone();
    let mut draft = Draft::of(payment, now);
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == transaction) {
        let delivery = row.escrow.take().and_then(|escrow| escrow.delivery);
        row.escrow = Some(Escrow { delivery, asking: Some(Asking { step, since: now, claim }) });
    }
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    let due_at = now.checked_add(limits.answer_overdue).unwrap_or(Timestamp::MAX);
    ask_again(&mut draft, &transaction, due_at, 0);
    Ok(Asked { decided: draft.decided(), transaction })
}

/// The first member that the PSP's contract demands with a report and that is not there.
fn lacking(provider: &str, step: &Step, particulars: &Particulars) -> Option<&'static str> {
    match step {
        Step::Register(_) | Step::Modify(_) => {}
        Step::Complete { .. } => return None,
    }
    let Particulars { sender, receiver, products, send_email: _ } = particulars;
    let is_there = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let needed: Vec<(&'static str, bool)> = match provider {
        "INICIS_V2" | "INICIS" | "WELCOME" => vec![
            ("sender.name", is_there(&sender.name)),
            ("sender.phoneNumber", is_there(&sender.phone_number)),
            ("sender.zipcode", is_there(&sender.zipcode)),
            ("sender.address", sender.address.is_some()),
            ("receiver.name", is_there(&receiver.name)),
            ("receiver.phoneNumber", is_there(&receiver.phone_number)),
            ("receiver.zipcode", is_there(&receiver.zipcode)),
            ("receiver.address", receiver.address.is_some()),
            ("products", !products.is_empty()),
        ],
        "NICE_V2" | "NICE" => {
            vec![("sender.name", is_there(&sender.name)), ("receiver.address", receiver.address.is_some())]
        }
        _ => Vec::new(),
    };
    needed.into_iter().find(|(_, is_there)| !is_there).map(|(member, _)| member)
}

/// How an order is paid, as far as PSPs take escrow in one way and not in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The merchant's server sends a card or a stored right.
    Api,
    /// The merchant's server asks for a virtual account.
    ApiAccount,
    /// The buyer pays in a window.
    Window,
}

/// Why an order in escrow cannot be paid in this way at this PSP; `None` when it can.
pub fn unpayable(provider: &str, order: &Order, way: Way) -> Option<&'static str> {
    if !order.is_escrow {
        return None;
    }
    match (provider, way) {
        ("KSNET", Way::Api | Way::ApiAccount) => {
            Some("isEscrow: KSNET takes escrow payments in its payment window only")
        }
        ("KCP_V2" | "KCP", _) if order.products.is_empty() => {
            Some("products: KCP needs at least one product for an escrow payment")
        }
        ("KPN", Way::ApiAccount) => Some("isEscrow: KPN issues no escrow virtual accounts by API"),
        _ => None,
    }
}

/// Applies what the PSP says to the step that is asked for. `None` when nothing is asked for any more.
pub fn settle(
    payment: &Payment,
    id: &TransactionId,
    outcome: &Outcome<Timestamp>,
    runs: u32,
    now: Timestamp,
) -> Option<Decided> {
    let is_given_back = payment.status() == Status::Cancelled;
    let mut draft = Draft::of(payment, now);
    let row = draft.payment.attempts.iter_mut().find(|a| a.id == *id)?;
    let escrow = row.escrow.as_mut()?;
    let asking = escrow.asking.clone()?;
    match outcome {
        Outcome::Done(at) => {
            escrow.asking = None;
            apply(escrow, asking.step, *at);
            if is_given_back && let Some(delivery) = &mut escrow.delivery {
                delivery.state = DeliveryState::Cancelled;
            }
            remove_resolution(&mut draft, id);
        }
        Outcome::Declined(_) | Outcome::NotSent(_) => {
            escrow.asking = None;
            if escrow.delivery.is_none() {
                row.escrow = None;
            }
            remove_resolution(&mut draft, id);
        }
        Outcome::Pending(_) | Outcome::Unknown(_) => {
            let due_at = now.checked_add(wait_before_query(runs)).unwrap_or(Timestamp::MAX);
            ask_again(&mut draft, id, due_at, runs.saturating_add(1));
        }
    }
    draft.touched.attempts.push((id.clone(), RowWrite::Update));
    Some(draft.decided())
}

fn apply(escrow: &mut Escrow, step: Step, at: Timestamp) {
    match (step, &mut escrow.delivery) {
        (Step::Register(logistics), delivery) => {
            *delivery = Some(Delivery {
                logistics,
                applied_at: at,
                modified_at: None,
                state: DeliveryState::Registered,
            });
        }
        (Step::Modify(logistics), Some(delivery)) => {
            delivery.logistics = logistics;
            delivery.modified_at = Some(at);
        }
        (Step::Complete { .. }, Some(delivery)) => {
            delivery.state = DeliveryState::Confirmed { is_automatic: false };
        }
        // Neither is asked for before a parcel was reported.
        (Step::Modify(_) | Step::Complete { .. }, None) => {}
    }
}

/// How a delivery stands at the PSP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub company: String,
    pub invoice_number: String,
    pub sent_at: Timestamp,
    pub applied_at: Timestamp,
    pub modified_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub state: DeliveryState,
}

/// When the PSP took the step that is asked for, if what it shows proves that it did.
pub fn taken_at(asking: &Asking, standing: &Standing) -> Option<Timestamp> {
    let is_shown = |logistics: &Logistics| {
        logistics.company == standing.company
            && logistics.invoice_number == standing.invoice_number
            // Instants are kept in whole microseconds; the PSP may have been given more.
            && logistics.sent_at.as_microsecond() == standing.sent_at.as_microsecond()
    };
    match &asking.step {
        Step::Register(logistics) => is_shown(logistics).then_some(standing.applied_at),
        Step::Modify(logistics) => {
            is_shown(logistics).then_some(standing.modified_at.unwrap_or(standing.applied_at))
        }
        Step::Complete { .. } => match standing.state {
            DeliveryState::Confirmed { .. } => standing.ended_at,
            DeliveryState::Registered
            | DeliveryState::Delivered
            | DeliveryState::Rejected
            | DeliveryState::RejectConfirmed
            | DeliveryState::Cancelled => None,
        },
    }
}

/// Takes over how far the PSP says that the delivery has come, beside whatever is asked for. `None` when
/// that is known, or when our report of it must be answered first.
pub fn heard(payment: &Payment, id: &TransactionId, standing: &Standing, now: Timestamp) -> Option<Decided> {
    let attempt = payment.attempt(id).filter(|a| a.is_paid() && a.order.is_escrow)?;
    let known = attempt.escrow.as_ref();
    let asking = known.and_then(|escrow| escrow.asking.clone());
    let delivery = match known.and_then(|escrow| escrow.delivery.clone()) {
        None if asking.is_some() => return None,
        Some(known) if standing.state.place() > known.state.place() => {
            Delivery { state: standing.state, ..known }
        }
        Some(_) => return None,
        // Reported at the PSP's own back office.
        None => Delivery {
            logistics: Logistics {
                company: standing.company.clone(),
                invoice_number: standing.invoice_number.clone(),
                sent_at: standing.sent_at,
                received_at: None,
                address: None,
            },
            applied_at: standing.applied_at,
            modified_at: standing.modified_at,
            state: standing.state,
        },
    };
    let mut draft = Draft::of(payment, now);
    let row = draft.payment.attempts.iter_mut().find(|a| a.id == *id)?;
    row.escrow = Some(Escrow { delivery: Some(delivery), asking });
    draft.touched.attempts.push((id.clone(), RowWrite::Update));
    Some(draft.decided())
}

/// The whole payment was given back: whatever was reported ends with it.
pub(super) fn given_back(draft: &mut Draft, id: &TransactionId) {
    let row = draft.payment.attempts.iter_mut().find(|a| a.id == *id);
    let delivery = row.and_then(|row| row.escrow.as_mut()).and_then(|escrow| escrow.delivery.as_mut());
    if let Some(delivery) = delivery {
        delivery.state = DeliveryState::Cancelled;
        draft.touched.attempts.push((id.clone(), RowWrite::Update));
    }
}

/// The step that the attempt's PSP is being asked for.
pub fn asked_of(attempt: &Attempt) -> Option<&Asking> {
    match attempt.state {
        AttemptState::Paid(_) => attempt.escrow.as_ref()?.asking.as_ref(),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. }
        | AttemptState::AccountIssued { .. }
        | AttemptState::Failed(_) => None,
    }
}

fn ask_again(draft: &mut Draft, transaction: &TransactionId, due_at: Timestamp, runs: u32) {
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveDelivery { payment: draft.payment.key.clone(), transaction: transaction.clone() },
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at,
        runs,
    }));
}

fn remove_resolution(draft: &mut Draft, transaction: &TransactionId) {
    let task = Task::ResolveDelivery { payment: draft.payment.key.clone(), transaction: transaction.clone() };
    draft.change.jobs.push(JobWrite::Remove(task.key()));
}

#[cfg(test)]
mod tests;
