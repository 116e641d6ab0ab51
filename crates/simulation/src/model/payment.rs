//! What may be true of payments: what was acknowledged stays, money adds up, events tell the story.

use crate::ground::Finding;
use crate::operations::Payment;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::event::{PaymentEventKind as Kind, Subject, Trigger};
use paypier_domain::payment::escrow::DeliveryState;
use paypier_domain::payment::{AttemptState, CancellationState, Payment as Stored};
use paypier_storage::{StoredEntry, StoredEvent};
use std::collections::{BTreeMap, BTreeSet};

/// What the PSP's books say about one attempt, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    pub approved: i64,
    pub refunded: i64,
}

/// Everything that is remembered of all payments.
#[derive(Debug, Default)]
pub struct Payments(BTreeMap<Payment, Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Somebody was told that it is paid, with so much.
    acknowledged: Option<i64>,
    /// What it was to be paid with, where nobody but the merchant says so.
    asked: Option<i64>,
    /// So much, as somebody was told, was given back.
    given_back: i64,
    /// Refunds that somebody was told have succeeded.
    refunds: BTreeMap<String, i64>,
    /// When accounts of it were closed, as somebody was told.
    closed: BTreeSet<Timestamp>,
    /// Somebody was told that the parcel was reported, or even that the purchase is complete.
    is_delivery_told: bool,
    is_completion_told: bool,
    events: Vec<Told>,
    /// What a PSP once holds or gave back, it does not forget.
    psp: BTreeMap<String, Account>,
}

/// An event as far as the story goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    sequence: u64,
    kind: Kind,
    is_repeated: bool,
    id: String,
}

/// What is stored about a payment at one moment.
#[derive(Debug)]
pub struct Seen<'a> {
    pub payment: &'a Stored,
    pub events: &'a [StoredEvent],
    pub entries: &'a [StoredEntry],
    /// By attempt.
    pub psp: &'a BTreeMap<String, Account>,
}

impl Payments {
    /// A caller was told that the payment is paid with so much.
    pub fn was_told_paid(&mut self, payment: &Payment, amount: i64) {
        self.0.entry(payment.clone()).or_default().acknowledged.get_or_insert(amount);
    }

    /// Whoever makes the payment has said with how much it is to be paid.
    pub fn was_asked(&mut self, payment: &Payment, amount: i64) {
        self.0.entry(payment.clone()).or_default().asked.get_or_insert(amount);
    }

    pub fn asked(&self, payment: &Payment) -> Option<i64> {
        self.0.get(payment)?.asked
    }

    /// A caller was told that so much was given back.
    pub fn was_told_given_back(&mut self, payment: &Payment, amount: i64) {
        let known = self.0.entry(payment.clone()).or_default();
        known.given_back = known.given_back.max(amount);
    }

    /// A caller was told that a refund has succeeded.
    pub fn was_told_refunded(&mut self, payment: &Payment, cancellation: &str, amount: i64) {
        self.0.entry(payment.clone()).or_default().refunds.insert(cancellation.to_owned(), amount);
    }

    /// A caller was told that the payment's account is closed.
    pub fn was_told_closed(&mut self, payment: &Payment, at: Timestamp) {
        self.0.entry(payment.clone()).or_default().closed.insert(at);
    }

    /// A caller was told that the PSP took the report of a delivery, or that the purchase is complete.
    pub fn was_told_of_delivery(&mut self, payment: &Payment, is_complete: bool) {
        let known = self.0.entry(payment.clone()).or_default();
        known.is_delivery_told = true;
        known.is_completion_told |= is_complete;
    }

    /// Payments that somebody was told are paid.
    pub fn acknowledged(&self) -> impl Iterator<Item = &Payment> {
        self.0.iter().filter(|(_, known)| known.acknowledged.is_some()).map(|(payment, _)| payment)
    }

    pub fn is_acknowledged(&self, payment: &Payment) -> bool {
        self.0.get(payment).is_some_and(|known| known.acknowledged.is_some())
    }

    /// Everybody who was spoken of.
    pub fn all(&self) -> impl Iterator<Item = &Payment> {
        self.0.keys()
    }

    pub fn meet(&mut self, payment: &Payment) {
        self.0.entry(payment.clone()).or_default();
    }

    /// # Errors
    /// The law that is broken.
    pub fn is_missing(&self, payment: &Payment) -> Result<(), Finding> {
        match self.0.get(payment).and_then(|known| known.acknowledged) {
            Some(_) => Err(Finding::new("an acknowledged payment is never lost", payment.to_string())),
            None => Ok(()),
        }
    }

    /// Compares what is stored with everything that is known.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn look_at(&mut self, name: &Payment, seen: &Seen<'_>) -> Result<(), Finding> {
        let known = self.0.entry(name.clone()).or_default();
        let broken = |law, what: String| Err(Finding::new(law, format!("{name}: {what}")));
        let payment = seen.payment;

        let paid: Vec<_> =
            payment.attempts.iter().filter(|a| matches!(a.state, AttemptState::Paid(_))).collect();
        if paid.len() > 1 {
            return broken("at most one attempt succeeds", format!("{} have", paid.len()));
        }
        let amount = paid.first().map_or(0, |attempt| attempt.amounts.to_pay().minor_units());
        let (mut refunded, mut reserved) = (0i64, 0i64);
        for cancellation in &payment.cancellations {
            let refund = cancellation.refund.minor_units();
            match &cancellation.state {
                CancellationState::Succeeded { .. } => refunded = refunded.saturating_add(refund),
                CancellationState::Sending
                | CancellationState::Unknown { .. }
                | CancellationState::Requested { .. } => reserved = reserved.saturating_add(refund),
                CancellationState::Failed { .. } => {}
            }
        }
        if refunded.saturating_add(reserved) > amount {
            return broken(
                "never more is cancelled than was paid",
                format!("{refunded} given back and {reserved} asked for, of {amount}"),
            );
        }
        // The order's amount: whether it got a discount, the caller was not told.
        let ordered = paid.first().map_or(0, |attempt| attempt.amounts.total.minor_units());
        if let Some(acknowledged) = known.acknowledged
            && ordered != acknowledged
        {
            return broken(
                "what was acknowledged as paid stays paid",
                format!("{acknowledged} was acknowledged, {ordered} is paid ({:?})", payment.status()),
            );
        }
        if let Some(asked) = known.asked
            && !paid.is_empty()
            && ordered != asked
        {
            return broken(
                "a payment takes what was asked for",
                format!("{asked} was asked, {ordered} is paid"),
            );
        }
        if refunded < known.given_back {
            return broken(
                "a refund that was acknowledged stays",
                format!("{} was acknowledged, {refunded} is given back", known.given_back),
            );
        }
        for (id, told) in &known.refunds {
            let stored = payment.cancellations.iter().find(|c| c.id.as_str() == id);
            let is_kept = stored.is_some_and(|c| {
                matches!(c.state, CancellationState::Succeeded { .. }) && c.refund.minor_units() == *told
            });
            if !is_kept {
                return broken("a refund that was acknowledged stays", format!("{id} of {told}"));
            }
        }
        for at in &known.closed {
            let is_kept = payment.attempts.iter().any(|attempt| {
                let closed_at = attempt.account.closed_at.map(|at| at.as_microsecond());
                closed_at == Some(at.as_microsecond()) && matches!(attempt.state, AttemptState::Failed(_))
            });
            if !is_kept {
                return broken("an account that was closed stays closed", at.to_string());
            }
        }
        let delivery = paid
            .first()
            .and_then(|attempt| attempt.escrow.as_ref()?.delivery.as_ref())
            .map(|delivery| delivery.state);
        if known.is_delivery_told && delivery.is_none() {
            return broken("a delivery that was reported stays reported", "there is none".into());
        }
        let is_complete =
            matches!(delivery, Some(DeliveryState::Confirmed { .. } | DeliveryState::Cancelled));
        if known.is_completion_told && !is_complete {
            return broken("a purchase that was completed stays complete", format!("{delivery:?}"));
        }
        if payment.environment != Environment::Test {
            return broken("TEST and LIVE never meet", "it is LIVE".into());
        }
        known.events(seen).or_else(|what| broken("events tell the whole story in order", what))?;
        ledger(seen).or_else(|what| broken("postings sum to zero and say what happened", what))?;
        known.psp(seen, refunded).or_else(|what| broken("the PSP's books and ours agree", what))
    }
}

impl Remembered {
    /// Numbered from 1 without gaps, legal in order, and what was there before is still there.
    fn events(&mut self, seen: &Seen<'_>) -> Result<(), String> {
        let mut story = Vec::with_capacity(seen.events.len());
        for stored in seen.events {
            let Subject::Payment(event) = &stored.event.subject else {
                return Err("an event of something else".into());
            };
            // That a cancellation failed after all has no word of its own: the word for how the payment
            // stands is said again.
            let is_repeated = stored.event.trigger == Some(Trigger::AsyncCancelFailed);
            if is_repeated && event.moved != 0 {
                return Err(format!("a cancellation that failed moved {}", event.moved));
            }
            story.push(Told {
                sequence: event.sequence,
                kind: event.kind,
                is_repeated,
                id: stored.event.id.to_string(),
            });
        }
        for (told, expected) in story.iter().zip(1u64..) {
            if told.sequence != expected {
                return Err(format!("event {} stands where {expected} is due", told.sequence));
            }
        }
        if story.get(..self.events.len()) != Some(self.events.as_slice()) {
            return Err(format!("{:?} was there before, now there is {story:?}", self.events));
        }
        let mut before: Option<Kind> = None;
        let mut is_paid = false;
        let mut disputes = 0u32;
        for told in &story {
            let is_legal = match told.is_repeated {
                true => is_paid && before != Some(Kind::Cancelled),
                false => may_follow(before, is_paid, told.kind),
            };
            if !is_legal {
                return Err(format!("{:?} after {before:?} in {:?}", told.kind, kinds(&story)));
            }
            is_paid |= told.kind == Kind::Paid;
            match told.kind {
                // Beside the story of the money, at any time after it came.
                Kind::DisputeCreated => disputes = disputes.saturating_add(1),
                Kind::DisputeResolved => match disputes.checked_sub(1) {
                    Some(left) => disputes = left,
                    None => return Err(format!("a dispute ends that never began: {:?}", kinds(&story))),
                },
                _ => before = Some(told.kind),
            }
        }
        let has_paid = seen.payment.attempts.iter().any(|a| matches!(a.state, AttemptState::Paid(_)));
        if is_paid != has_paid {
            return Err(format!("paid is {has_paid}, the events say {:?}", kinds(&story)));
        }
        self.events = story;
        Ok(())
    }

    /// At most one charge of a payment is executed; what was given back fits into it; and where nothing
    /// is open, both sides have the same figures.
    fn psp(&mut self, seen: &Seen<'_>, refunded: i64) -> Result<(), String> {
        for (attempt, before) in &self.psp {
            let now = seen.psp.get(attempt).copied().unwrap_or_default();
            if now.approved < before.approved || now.refunded < before.refunded {
                return Err(format!("the PSP forgot {before:?} of {attempt}: {now:?}"));
            }
        }
        self.psp.clone_from(seen.psp);
        // What was transferred into an account after it was closed does not count: it goes back.
        let is_closed = |id: &str| {
            let attempt = seen.payment.attempts.iter().find(|attempt| attempt.id.as_str() == id);
            attempt.is_some_and(|attempt| attempt.account.closed_at.is_some())
        };
        let executed: Vec<_> =
            seen.psp.iter().filter(|(id, account)| account.approved > 0 && !is_closed(id)).collect();
        if executed.len() > 1 {
            return Err(format!("{} charges were executed: {executed:?}", executed.len()));
        }
        for (attempt, account) in &executed {
            if account.refunded > account.approved {
                return Err(format!("{attempt}: {account:?}"));
            }
        }
        if is_open(seen) {
            return Ok(());
        }
        for attempt in &seen.payment.attempts {
            if is_closed(attempt.id.as_str()) {
                continue;
            }
            let account = seen.psp.get(attempt.id.as_str()).copied().unwrap_or_default();
            let ours = match &attempt.state {
                AttemptState::Paid(_) => {
                    Account { approved: attempt.amounts.to_pay().minor_units(), refunded }
                }
                AttemptState::Failed(_) | AttemptState::Ready => Account::default(),
                AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::Pending { .. }
                | AttemptState::AccountIssued { .. } => continue,
            };
            // The PSP takes money back of its own accord, and tells afterwards. That it is told in the end is
            // proved when everything has come to rest.
            let is_taken_back = account.approved == ours.approved && account.refunded > ours.refunded;
            if account != ours && !is_taken_back {
                return Err(format!("{} has {ours:?}, the PSP {account:?}", attempt.id));
            }
        }
        Ok(())
    }
}

fn kinds(story: &[Told]) -> Vec<Kind> {
    story.iter().map(|told| told.kind).collect()
}

/// Whether a PSP is being asked for the money, or has not said.
pub(in crate::model) fn is_at_psp(payment: &Stored) -> bool {
    payment.attempts.iter().any(|attempt| {
        matches!(
            attempt.state,
            AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::Pending { .. }
                | AttemptState::AccountIssued { .. }
        )
    })
}

/// Whether an answer is still outstanding.
fn is_open(seen: &Seen<'_>) -> bool {
    let cancellations = seen.payment.cancellations.iter().any(|cancellation| {
        matches!(
            cancellation.state,
            CancellationState::Sending
                | CancellationState::Unknown { .. }
                | CancellationState::Requested { .. }
        )
    });
    is_at_psp(seen.payment) || cancellations
}

/// The story that events may tell.
fn may_follow(before: Option<Kind>, is_paid: bool, next: Kind) -> bool {
    match next {
        Kind::Ready => !is_paid && matches!(before, None | Some(Kind::Ready | Kind::Failed)),
        Kind::PayPending => !is_paid && matches!(before, None | Some(Kind::Ready | Kind::Failed)),
        Kind::VirtualAccountIssued => {
            !is_paid && matches!(before, None | Some(Kind::Ready | Kind::Failed | Kind::PayPending))
        }
        Kind::Paid => !is_paid,
        Kind::Failed => !is_paid,
        Kind::CancelPending | Kind::PartialCancelled => is_paid && before != Some(Kind::Cancelled),
        Kind::Cancelled => is_paid && before != Some(Kind::Cancelled),
        Kind::DisputeCreated | Kind::DisputeResolved => is_paid,
    }
}

/// A deposit into a closed account is posted, and given back, and told to nobody.
fn is_of_late_deposit(seen: &Seen<'_>, posting: &str) -> bool {
    let mut late = seen.payment.attempts.iter().filter(|attempt| attempt.account.late_deposit_at.is_some());
    late.any(|attempt| {
        posting == format!("charge:{}", attempt.id) || posting == format!("refund:{}-reversal", attempt.id)
    })
}

/// Each posting sums to zero, no posting is there twice, and together they are what was paid less what
/// went back.
fn ledger(seen: &Seen<'_>) -> Result<(), String> {
    use paypier_domain::ledger::Account as Of;
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut sales, mut refunds) = (0i64, 0i64);
    for entry in seen.entries {
        let sum = sums.entry(entry.posting.as_str()).or_default();
        *sum = sum.saturating_add(entry.signed);
        if is_of_late_deposit(seen, &entry.posting) {
            continue;
        }
        match &entry.account {
            Of::Sales => sales = sales.saturating_sub(entry.signed),
            Of::Refunds => refunds = refunds.saturating_add(entry.signed),
            Of::PspReceivable(_) | Of::PspFees | Of::PromotionDiscounts | Of::PromotionBudgets => {}
            // Of partners, and of no payment.
            of => return Err(format!("{} moves {}", entry.posting, of.name())),
        }
    }
    if let Some((posting, sum)) = sums.iter().find(|(_, sum)| **sum != 0) {
        return Err(format!("{posting} sums to {sum}"));
    }
    let moved = seen.events.iter().fold((0i64, 0i64), |(paid, back), stored| match &stored.event.subject {
        Subject::Payment(event) if event.moved > 0 => (paid.saturating_add(event.moved), back),
        Subject::Payment(event) => (paid, back.saturating_sub(event.moved)),
        Subject::BillingKey { .. } => (paid, back),
    });
    if (sales, refunds) != moved {
        return Err(format!("postings say {:?}, events say {moved:?}", (sales, refunds)));
    }
    Ok(())
}
