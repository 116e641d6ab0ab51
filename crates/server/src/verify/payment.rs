//! What must be true of one payment, its events and its lines of the ledger. Pure.
//!
//! The postings and events that a payment must have are derived from its attempts and cancellations
//! alone, and compared with the stored ones in both directions.

use super::report::{Difference, Open, Rule};
use paypier_domain::claim::ClaimRef;
use paypier_domain::event::{PaymentEvent, PaymentEventKind, Subject, Trigger};
use paypier_domain::id::TransactionId;
use paypier_domain::ledger::{Account, Context, Posting};
use paypier_domain::money::Currency;
use paypier_domain::payment::escrow;
use paypier_domain::payment::{Attempt, AttemptState, Cancellation, CancellationState, Capture, Payment};
use paypier_storage::{StoredEntry, StoredEvent};
use std::collections::BTreeMap;

/// A payment with everything that is stored about it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub payment: &'a Payment,
    pub events: &'a [StoredEvent],
    pub entries: &'a [StoredEntry],
}

/// What our ledger says about one attempt at its PSP, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    pub store: paypier_domain::id::StoreId,
    pub payment: String,
    pub transaction: TransactionId,
    pub connector: String,
    pub merchant_id: String,
    pub currency: Currency,
    pub approved: i64,
    pub refunded: i64,
    /// An answer is outstanding, so the PSP may know more than we do.
    pub is_open: bool,
}

/// Sums by account; accounts that sum to nothing are left out.
type Lines = BTreeMap<Account, i64>;

impl Seen<'_> {
    pub fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        self.amounts(&mut found);
        self.environments(&mut found);
        self.postings(&mut found);
        self.events(&mut found);
        found
    }

    pub fn subject(&self, of: &str) -> String {
        format!("{} {of}", self.payment.key)
    }

    fn amounts(&self, found: &mut Vec<Difference>) {
        let payment = self.payment;
        let paid: Vec<&Attempt> = payment.attempts.iter().filter(|attempt| attempt.is_paid()).collect();
        if paid.len() > 1 {
            let ids: Vec<&str> = paid.iter().map(|attempt| attempt.id.as_str()).collect();
            found.push(Difference::new(
                Rule::OnePaidAttempt,
                payment.key.to_string(),
                "at most one paid attempt",
                ids.join(", "),
            ));
        }
        let claiming = || payment.cancellations.iter().filter(|cancellation| cancellation.is_claiming());
        let (order, refund) = claiming().fold((0i64, 0i64), |(order, refund), cancellation| {
            (
                order.saturating_add(cancellation.order_amount.minor_units()),
                refund.saturating_add(cancellation.refund.minor_units()),
            )
        });
        let (total, to_pay) = paid.first().map_or((0, 0), |attempt| {
            (attempt.amounts.total.minor_units(), attempt.amounts.to_pay().minor_units())
        });
        if order > total || refund > to_pay {
            found.push(Difference::new(
                Rule::CancelledWithinPaid,
                payment.key.to_string(),
                format!("at most {total} taken off the order and {to_pay} given back"),
                format!("{order} taken off and {refund} given back or promised"),
            ));
        }
        for cancellation in claiming() {
            if payment.attempt(&cancellation.transaction).is_none() {
                found.push(Difference::new(
                    Rule::CancelledWithinPaid,
                    self.subject(&format!("cancellation {}", cancellation.id)),
                    "an attempt whose money goes back",
                    format!("no attempt {}", cancellation.transaction),
                ));
            }
        }
    }

    fn environments(&self, found: &mut Vec<Difference>) {
        let own = self.payment.environment;
        for attempt in &self.payment.attempts {
            if let Some(channel) = attempt.channel.as_ref().filter(|channel| channel.environment != own) {
                found.push(Difference::new(
                    Rule::OneEnvironment,
                    self.subject(&format!("attempt {}", attempt.id)),
                    own.as_str(),
                    format!("a {} channel", channel.environment.as_str()),
                ));
            }
        }
        for entry in self.entries.iter().filter(|entry| entry.environment != own) {
            found.push(Difference::new(
                Rule::OneEnvironment,
                self.subject(&format!("posting {}", entry.posting)),
                own.as_str(),
                entry.environment.as_str(),
            ));
        }
    }

    fn stored_postings(&self) -> BTreeMap<&str, Lines> {
        let mut postings: BTreeMap<&str, Lines> = BTreeMap::new();
        for entry in self.entries {
            let lines = postings.entry(entry.posting.as_str()).or_default();
            let sum = lines.entry(entry.account.clone()).or_default();
            *sum = sum.saturating_add(entry.signed);
        }
        for lines in postings.values_mut() {
            lines.retain(|_, sum| *sum != 0);
        }
        postings
    }

    fn postings(&self, found: &mut Vec<Difference>) {
        let mut stored = self.stored_postings();
        for attempt in &self.payment.attempts {
            let id = charge_id(&attempt.id);
            let lines = stored.remove(id.as_str()).unwrap_or_default();
            let reversal = stored.remove(reversal_id(&attempt.id).as_str()).unwrap_or_default();
            match &attempt.state {
                AttemptState::Paid(paid) => {
                    let expected = self.context(attempt).map_or_else(Lines::new, |context| {
                        let discount =
                            attempt.promotion.as_ref().map_or(0, |used| used.discount.minor_units());
                        let charge =
                            Posting::charge(context, &attempt.id, attempt.amounts.to_pay(), paid.fee);
                        summed(&charge.with_discount(discount))
                    });
                    self.compare(Rule::ChargePosted, &id, &expected, &lines, found);
                }
                AttemptState::Failed(_) if !lines.is_empty() => {
                    self.reversed(attempt, &lines, &reversal, found)
                }
                AttemptState::Failed(_)
                | AttemptState::Ready
                | AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::Pending { .. }
                | AttemptState::AccountIssued { .. } => {
                    self.compare(Rule::PostingHasCause, &id, &Lines::new(), &lines, found);
                }
            }
        }
        for cancellation in &self.payment.cancellations {
            let id = refund_id(cancellation);
            let lines = stored.remove(id.as_str()).unwrap_or_default();
            match &cancellation.state {
                CancellationState::Succeeded { fee_returned, .. } => {
                    let attempt = self.payment.attempt(&cancellation.transaction);
                    let context = attempt.and_then(|a| self.context(a));
                    let is_promoted = attempt.is_some_and(|a| a.promotion.is_some());
                    let discount = if is_promoted { cancellation.discount_change() } else { 0 };
                    let expected = context.map_or_else(Lines::new, |context| {
                        let refund =
                            Posting::refund(context, &cancellation.id, cancellation.refund, *fee_returned);
                        summed(&refund.with_discount(discount))
                    });
                    self.compare(Rule::RefundPosted, &id, &expected, &lines, found);
                }
                CancellationState::Sending
                | CancellationState::Unknown { .. }
                | CancellationState::Requested { .. }
                | CancellationState::Failed { .. } => {
                    self.compare(Rule::PostingHasCause, &id, &Lines::new(), &lines, found);
                }
            }
        }
        for (id, lines) in stored {
            self.compare(Rule::PostingHasCause, id, &Lines::new(), &lines, found);
        }
    }

    /// A second success, which was charged and is given back: what was taken must have been all of
    /// it, and what goes back exactly what was taken.
    fn reversed(&self, attempt: &Attempt, charge: &Lines, reversal: &Lines, found: &mut Vec<Difference>) {
        let to_pay = attempt.amounts.to_pay().minor_units();
        let taken = charge.get(&Account::Sales).copied().unwrap_or(0).saturating_neg();
        let given_back = reversal.get(&Account::Refunds).copied().unwrap_or(0);
        if taken != to_pay || !(reversal.is_empty() || given_back == to_pay) {
            found.push(Difference::new(
                Rule::RefundPosted,
                self.subject(&format!("attempt {}", attempt.id)),
                format!("a charge of {to_pay} that must not stand, and its reversal"),
                format!("{taken} charged and {given_back} given back"),
            ));
        }
    }

    fn compare(&self, rule: Rule, id: &str, expected: &Lines, stored: &Lines, found: &mut Vec<Difference>) {
        if expected != stored {
            found.push(Difference::new(
                rule,
                self.subject(&format!("posting {id}")),
                told(expected),
                told(stored),
            ));
        }
    }

    fn context(&self, attempt: &Attempt) -> Option<Context> {
        Some(Context {
            payment: self.payment.key.clone(),
            environment: self.payment.environment,
            currency: attempt.currency,
            channel: attempt.channel.as_ref()?.key.clone(),
            at: attempt.requested_at,
        })
    }

    fn payment_events(&self) -> impl Iterator<Item = (&PaymentEvent, Option<Trigger>)> {
        self.events.iter().filter_map(|stored| match &stored.event.subject {
            Subject::Payment(event) => Some((event, stored.event.trigger)),
            Subject::BillingKey { .. } => None,
        })
    }

    fn events(&self, found: &mut Vec<Difference>) {
        for attempt in &self.payment.attempts {
            self.events_of_attempt(attempt, found);
        }
        for cancellation in &self.payment.cancellations {
            self.events_of_cancellation(cancellation, found);
        }
        // An attempt that is being sent is not told, so the status may be ahead of the last event.
        let is_sending = self.payment.attempts.iter().any(|a| matches!(a.state, AttemptState::Sending));
        let status = self.payment.status();
        if let Some((last, _)) = self.payment_events().max_by_key(|(event, _)| event.sequence)
            && !is_sending
            && last.status != status
        {
            found.push(Difference::new(
                Rule::EventForState,
                self.payment.key.to_string(),
                format!("the last event says {}", status.as_str()),
                format!("event {} says {}", last.sequence, last.status.as_str()),
            ));
        }
    }

    fn events_of_attempt(&self, attempt: &Attempt, found: &mut Vec<Difference>) {
        let of = |kind: PaymentEventKind| {
            self.payment_events().filter(move |(event, trigger)| {
                // An asynchronous cancellation that failed repeats the event of the present status.
                event.transaction == attempt.id
                    && event.kind == kind
                    && *trigger != Some(Trigger::AsyncCancelFailed)
            })
        };
        let subject = || self.subject(&format!("attempt {}", attempt.id));
        let mut expect = |kind: PaymentEventKind, least: usize, most: usize| {
            let count = of(kind).count();
            if count < least || count > most {
                let rule = if count < least { Rule::EventForState } else { Rule::StateForEvent };
                let expected = match (least, most) {
                    (0, 0) => {
                        format!("no event {} for an attempt that is {}", kind.as_str(), word(&attempt.state))
                    }
                    (1, 1) => {
                        format!("one event {} for an attempt that is {}", kind.as_str(), word(&attempt.state))
                    }
                    (least, _) => {
                        format!(
                            "{least} or more events {} for an attempt that is {}",
                            kind.as_str(),
                            word(&attempt.state)
                        )
                    }
                };
                found.push(Difference::new(rule, subject(), expected, format!("{count}")));
            }
        };
        use PaymentEventKind as Kind;
        match &attempt.state {
            AttemptState::Paid(_) => expect(Kind::Paid, 1, 1),
            AttemptState::Failed(_) => {
                expect(Kind::Paid, 0, 0);
                // A second success that is given back is nothing that the merchant is told.
                let is_reversed = self.entries.iter().any(|entry| entry.posting == charge_id(&attempt.id));
                // Nor is a window that was left when the payment was paid otherwise.
                let is_alone = self.payment.attempts.len() == 1;
                expect(Kind::Failed, if is_reversed || !is_alone { 0 } else { 1 }, 1);
            }
            AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
                expect(Kind::Paid, 0, 0);
                expect(Kind::PayPending, 1, usize::MAX);
            }
            AttemptState::AccountIssued { .. } => {
                expect(Kind::Paid, 0, 0);
                expect(Kind::VirtualAccountIssued, 1, 1);
            }
            AttemptState::Ready | AttemptState::Sending => {
                expect(Kind::Paid, 0, 0);
                expect(Kind::Failed, 0, 0);
            }
        }
        let to_pay = attempt.amounts.to_pay().minor_units();
        let moved: Vec<i64> =
            of(Kind::Paid).map(|(event, _)| event.moved).filter(|moved| *moved != to_pay).collect();
        for moved in moved {
            found.push(Difference::new(
                Rule::StateForEvent,
                subject(),
                format!("an event Paid about {to_pay}"),
                format!("one about {moved}"),
            ));
        }
    }

    fn events_of_cancellation(&self, cancellation: &Cancellation, found: &mut Vec<Difference>) {
        let about: Vec<&PaymentEvent> = self
            .payment_events()
            .filter(|(event, trigger)| {
                event.cancellation.as_ref() == Some(&cancellation.id)
                    && *trigger != Some(Trigger::AsyncCancelFailed)
            })
            .map(|(event, _)| event)
            .collect();
        let subject = || self.subject(&format!("cancellation {}", cancellation.id));
        let done: Vec<i64> = about
            .iter()
            .filter(|event| {
                matches!(event.kind, PaymentEventKind::Cancelled | PaymentEventKind::PartialCancelled)
            })
            .map(|event| event.moved)
            .collect();
        let pending = about.iter().filter(|event| event.kind == PaymentEventKind::CancelPending).count();
        let (is_right, expected) = match &cancellation.state {
            CancellationState::Succeeded { .. } => {
                let moved = cancellation.refund.minor_units().saturating_neg();
                (done == [moved], format!("one event about {moved}, because the cancellation succeeded"))
            }
            CancellationState::Unknown { .. } | CancellationState::Requested { .. } => (
                done.is_empty() && pending > 0,
                "an event CancelPending and none that money went back".to_owned(),
            ),
            CancellationState::Sending | CancellationState::Failed { .. } => {
                (done.is_empty(), "no event that money went back".to_owned())
            }
        };
        if !is_right {
            let rule = if done.is_empty() { Rule::EventForState } else { Rule::StateForEvent };
            let found_text =
                format!("{} events that money went back ({done:?}), {pending} CancelPending", done.len());
            found.push(Difference::new(rule, subject(), expected, found_text));
        }
    }

    /// What nothing can be said about before its answer is known.
    pub fn open(&self) -> Vec<Open> {
        let key = &self.payment.key;
        let attempts = self.payment.attempts.iter().filter_map(|attempt| {
            let state = match &attempt.state {
                AttemptState::Sending => "SENDING".to_owned(),
                AttemptState::Unknown { since } => format!("UNKNOWN since {since}"),
                AttemptState::Pending { since } => format!("PENDING since {since}"),
                AttemptState::Paid(paid) => match &paid.capture {
                    Capture::Sending { since } => format!("CAPTURE UNKNOWN since {since}"),
                    Capture::WithApproval | Capture::Awaited | Capture::Captured { .. } => return None,
                },
                AttemptState::Failed(_) if self.is_being_reversed(attempt) => "BEING GIVEN BACK".to_owned(),
                AttemptState::AccountIssued { .. } => match attempt.account.closing {
                    Some(since) => format!("CLOSING UNKNOWN since {since}"),
                    None => return None,
                },
                AttemptState::Ready | AttemptState::Failed(_) => return None,
            };
            Some(Open { subject: format!("{key} attempt {}", attempt.id), state })
        });
        let deliveries = self.payment.attempts.iter().filter_map(|attempt| {
            let since = escrow::asked_of(attempt)?.since;
            let subject = format!("{key} delivery of attempt {}", attempt.id);
            Some(Open { subject, state: format!("UNKNOWN since {since}") })
        });
        let cancellations = self.payment.cancellations.iter().filter_map(|cancellation| {
            let state = match &cancellation.state {
                CancellationState::Sending => "SENDING".to_owned(),
                CancellationState::Unknown { since } => format!("UNKNOWN since {since}"),
                CancellationState::Requested { since } => format!("REQUESTED since {since}"),
                CancellationState::Succeeded { .. } | CancellationState::Failed { .. } => return None,
            };
            Some(Open { subject: format!("{key} cancellation {}", cancellation.id), state })
        });
        attempts.chain(deliveries).chain(cancellations).collect()
    }

    /// A charge that must not stand and is not given back yet.
    pub fn is_being_reversed(&self, attempt: &Attempt) -> bool {
        let (charge, reversal) = (charge_id(&attempt.id), reversal_id(&attempt.id));
        matches!(attempt.state, AttemptState::Failed(_))
            && self.entries.iter().any(|entry| entry.posting == charge)
            && !self.entries.iter().any(|entry| entry.posting == reversal)
    }

    /// What our ledger says about each attempt that a PSP was asked about.
    pub fn charged(&self) -> Vec<Charged> {
        let stored = self.stored_postings();
        let of = |id: &str, account: &Account| {
            stored.get(id).and_then(|lines| lines.get(account)).copied().unwrap_or(0)
        };
        self.payment
            .attempts
            .iter()
            .filter_map(|attempt| {
                let channel = attempt.channel.as_ref()?;
                let cancellations =
                    || self.payment.cancellations.iter().filter(|c| c.transaction == attempt.id);
                let refunded = cancellations()
                    .map(refund_id)
                    .chain([reversal_id(&attempt.id)])
                    .fold(0i64, |sum, id| sum.saturating_add(of(&id, &Account::Refunds)));
                let is_open = match &attempt.state {
                    AttemptState::Sending
                    | AttemptState::Unknown { .. }
                    | AttemptState::Pending { .. }
                    // A deposit that was made may not have been announced yet.
                    | AttemptState::AccountIssued { .. } => true,
                    AttemptState::Failed(_) => self.is_being_reversed(attempt),
                    AttemptState::Ready | AttemptState::Paid(_) => false,
                };
                Some(Charged {
                    store: self.payment.key.store.clone(),
                    payment: self.payment.key.payment.to_string(),
                    transaction: attempt.id.clone(),
                    connector: channel.connector.clone(),
                    merchant_id: channel.pg_merchant_id.clone(),
                    currency: attempt.currency,
                    approved: of(&charge_id(&attempt.id), &Account::Sales).saturating_neg(),
                    refunded,
                    is_open: is_open || cancellations().any(|c| c.is_claiming() && !c.is_succeeded()),
                })
            })
            .collect()
    }

    /// Idempotency keys of requests that have ended, so that their answer must be remembered. A key that
    /// was given back, because nothing had happened, may name a repetition by now that still runs.
    pub fn ended_claims(&self) -> Vec<(&ClaimRef, String)> {
        let attempts = self.payment.attempts.iter().filter_map(|attempt| {
            let claim = attempt.claim.as_ref()?;
            Some((claim, format!("attempt {}", attempt.id), has_ended(attempt)))
        });
        let cancellations = self.payment.cancellations.iter().filter_map(|cancellation| {
            let has_ended = cancellation.is_succeeded() || !cancellation.is_claiming();
            Some((cancellation.claim.as_ref()?, format!("cancellation {}", cancellation.id), has_ended))
        });
        let (ended, open): (Vec<_>, Vec<_>) =
            attempts.chain(cancellations).partition(|(_, _, has_ended)| *has_ended);
        let runs = |claim: &ClaimRef| open.iter().any(|(other, ..)| *other == claim);
        ended.into_iter().filter(|(claim, ..)| !runs(claim)).map(|(claim, what, _)| (claim, what)).collect()
    }
}

/// Whether the request that an attempt keeps the key of has ended. While a paid attempt is captured,
/// that is the request for the capture; while an account is closed, the one for that.
const fn has_ended(attempt: &Attempt) -> bool {
    match &attempt.state {
        AttemptState::Paid(paid) => !matches!(paid.capture, Capture::Sending { .. }),
        AttemptState::Failed(_) => true,
        AttemptState::AccountIssued { .. } => attempt.account.closing.is_none(),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. } => false,
    }
}

fn charge_id(transaction: &TransactionId) -> String {
    format!("charge:{transaction}")
}

fn refund_id(cancellation: &Cancellation) -> String {
    format!("refund:{}", cancellation.id)
}

/// A charge that must not stand is given back under a reference of its own (`jobs/reverse.rs`).
fn reversal_id(transaction: &TransactionId) -> String {
    format!("refund:{transaction}-reversal")
}

fn summed(posting: &Posting) -> Lines {
    let mut lines = Lines::new();
    for entry in posting.entries() {
        let sum = lines.entry(entry.account.clone()).or_default();
        *sum = sum.saturating_add(entry.signed);
    }
    lines.retain(|_, sum| *sum != 0);
    lines
}

fn told(lines: &Lines) -> String {
    if lines.is_empty() {
        return "no posting".to_owned();
    }
    lines.iter().map(|(account, sum)| format!("{} {sum}", account.name())).collect::<Vec<_>>().join(", ")
}

const fn word(state: &AttemptState) -> &'static str {
    match state {
        AttemptState::Ready => "ready",
        AttemptState::Sending => "being sent",
        AttemptState::Unknown { .. } => "of unknown outcome",
        AttemptState::Pending { .. } => "pending",
        AttemptState::AccountIssued { .. } => "waiting for a deposit",
        AttemptState::Paid(_) => "paid",
        AttemptState::Failed(_) => "failed",
    }
}
