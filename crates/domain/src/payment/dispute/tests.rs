//! Reports of disputes and chargebacks, in any order and any number of times.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::*;
use crate::event::Subject;
use crate::id::PgCancellationId;
use crate::payment::Status;
use crate::payment::testing::{after, at, begun, declined, paid, won};
use proptest::prelude::*;

fn t1() -> TransactionId {
    TransactionId::known("t1")
}

fn report(id: &str, resolved_at: Option<i64>) -> DisputeReport {
    DisputeReport {
        pg_dispute_id: id.into(),
        reason: "not recognised".into(),
        created_at: at(10),
        resolved_at: resolved_at.map(at),
    }
}

fn kinds(decided: &Decided) -> Vec<&'static str> {
    let kind = |(event, _): &(crate::event::Event, Notify)| match &event.subject {
        Subject::Payment(payment) => Some(payment.kind.as_str()),
        Subject::BillingKey { .. } => None,
    };
    decided.change.events.iter().filter_map(kind).collect()
}

#[test]
fn a_dispute_is_told_when_it_opens_and_when_it_ends_and_moves_nothing() {
    let payment = paid(1000, 0);
    let opened = heard(&payment, &t1(), &[report("d1", None)], at(20)).unwrap();
    assert_eq!(kinds(&opened), ["DisputeCreated"]);
    assert_eq!((opened.payment.status(), opened.change.postings.len()), (Status::Paid, 0));
    assert_eq!(opened.payment.status_changed_at, payment.status_changed_at);
    assert!(heard(&opened.payment, &t1(), &[report("d1", None)], at(21)).is_none(), "told twice");
    let second =
        heard(&opened.payment, &t1(), &[report("d1", Some(30)), report("d2", None)], at(31)).unwrap();
    assert_eq!(kinds(&second), ["DisputeResolved", "DisputeCreated"]);
    assert_eq!(second.payment.disputes.len(), 2);
    assert!(heard(&second.payment, &t1(), &[report("d1", None)], at(32)).is_none(), "a resolution stands");
    let at_once = heard(&payment, &t1(), &[report("d3", Some(15))], at(20)).unwrap();
    assert_eq!(kinds(&at_once), ["DisputeCreated", "DisputeResolved"]);
    let triggers: Vec<_> = at_once.change.events.iter().map(|(event, _)| event.trigger).collect();
    assert_eq!(triggers, [Some(Trigger::DisputeCreated), Some(Trigger::DisputeResolved)]);
}

#[test]
fn only_what_was_paid_can_be_disputed_and_not_without_end() {
    let failed = after(&begun(None, "t1", 1000, 0), "t1", declined());
    assert!(heard(&failed, &t1(), &[report("d1", None)], at(20)).is_none());
    assert!(heard(&paid(1000, 0), &TransactionId::known("t2"), &[report("d1", None)], at(20)).is_none());
    let flood: Vec<_> = (0..500).map(|number| report(&format!("d{number}"), None)).collect();
    let flooded = heard(&paid(1000, 0), &t1(), &flood, at(20)).unwrap();
    assert_eq!(flooded.payment.disputes.len(), MOST_DISPUTES);
}

fn chargeback(id: &str, units: i64) -> Chargeback {
    Chargeback {
        pg_cancellation_id: PgCancellationId::known(id),
        amount: won(units),
        at: at(40),
        fee_returned: Amount::ZERO,
        reason: "the dispute was lost".into(),
    }
}

fn taken(payment: &Payment, id: &str, units: i64) -> ChargedBack {
    charged_back(payment, &t1(), &chargeback(id, units), CancellationId::known(format!("ours-{id}")), at(41))
}

#[test]
fn a_chargeback_is_a_cancellation_that_nobody_asked_for() {
    let ChargedBack::Changed(part) = taken(&paid(1100, 100), "b1", 500) else { panic!("unchanged") };
    assert_eq!(part.payment.status(), Status::PartialCancelled);
    assert_eq!(kinds(&part), ["PartialCancelled"]);
    assert_eq!(part.change.postings.len(), 1);
    let made = &part.payment.cancellations[0];
    assert_eq!((made.origin, made.refund, made.tax_free), (CancelOrigin::Chargeback, won(500), won(0)));
    assert_eq!(taken(&part.payment, "b1", 500), ChargedBack::Unchanged, "told twice");
    let too_much = ChargedBack::TooMuch { taken: won(601), held: won(600) };
    assert_eq!(taken(&part.payment, "b2", 601), too_much);
    let ChargedBack::Changed(rest) = taken(&part.payment, "b2", 600) else { panic!("unchanged") };
    assert_eq!(rest.payment.status(), Status::Cancelled);
    assert_eq!(kinds(&rest), ["Cancelled"]);
    let sum = |part: fn(&Cancellation) -> Amount| {
        Amount::total(rest.payment.cancellations.iter().map(part)).minor_units()
    };
    let attempt = &rest.payment.attempts[0];
    assert_eq!(sum(|c| c.tax_free), attempt.amounts.tax_free.minor_units());
    assert_eq!(sum(|c| c.vat), attempt.amounts.vat.minor_units());
}

fn cuts() -> impl Strategy<Value = Vec<i64>> {
    // Many that are so small that their VAT rounds to nothing, or a few that are not.
    prop_oneof![prop::collection::vec(1i64..6, 0..40), prop::collection::vec(1i64..50_000, 0..6)]
}

proptest! {
    /// However a PSP cuts it up: never more goes back than came in, and the parts add up in the end.
    #[test]
    fn chargebacks_in_parts_add_up(
        total in prop_oneof![2i64..200, 2i64..100_000],
        tax_free in 0i64..100_000,
        cuts in cuts(),
    ) {
        let mut payment = paid(total, tax_free.min(total));
        let mut left = total;
        for (number, cut) in cuts.into_iter().chain([i64::MAX]).enumerate() {
            let units = cut.min(left);
            if units == 0 {
                break;
            }
            let ChargedBack::Changed(decided) = taken(&payment, &format!("b{number}"), units) else {
                panic!("unchanged")
            };
            payment = decided.payment;
            left -= units;
        }
        prop_assert_eq!(payment.status(), Status::Cancelled);
        let sum = |part: fn(&Cancellation) -> Amount| {
            Amount::total(payment.cancellations.iter().map(part)).minor_units()
        };
        prop_assert_eq!(sum(|c| c.refund), total);
        prop_assert_eq!(sum(|c| c.tax_free), payment.attempts[0].amounts.tax_free.minor_units());
        prop_assert_eq!(sum(|c| c.vat), payment.attempts[0].amounts.vat.minor_units());
    }
}

#[test]
fn what_a_cancellation_of_ours_holds_is_looked_at_again_later() {
    use crate::payment::Limits;
    use crate::payment::cancel::{self, CancelAsk};
    let ask = CancelAsk {
        id: CancellationId::known("c1"),
        amount: Some(won(700)),
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "changed my mind".into(),
        requester: None,
        origin: CancelOrigin::Api,
        refund_account: None,
        retain: crate::promotion::RetainOption::default(),
        skip_webhook: false,
        claim: None,
    };
    let asked = cancel::request(&paid(1000, 0), ask, Limits::default(), at(30)).unwrap().decided.payment;
    assert_eq!(taken(&asked, "b1", 1000), ChargedBack::Later);
    // The PSP had taken everything and refuses the refund: then the money is there to be taken.
    let id = CancellationId::known("c1");
    let cancel::CancelSettled::Changed(refused) = cancel::settle(&asked, &id, declined(), at(31)) else {
        panic!("nothing changed")
    };
    assert!(matches!(taken(&refused.payment, "b1", 1000), ChargedBack::Changed(_)));
}
