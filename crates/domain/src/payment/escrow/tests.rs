//! Every step in every state of a delivery, and what the PSP says in any order.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use super::*;
use crate::channel::ChannelSnapshot;
use crate::payment::testing::{after, at, begun, declined, paid, unknown};

fn t1() -> TransactionId {
    TransactionId::known("t1")
}

fn logistics(invoice: &str) -> Logistics {
    Logistics {
        company: "CJ".into(),
        invoice_number: invoice.into(),
        sent_at: at(10),
        received_at: None,
        address: None,
    }
}

fn in_escrow(provider: &str) -> Payment {
    let mut payment = paid(1000, 0);
    let attempt = &mut payment.attempts[0];
    attempt.order.is_escrow = true;
    let channel = attempt.channel.take().unwrap();
    attempt.channel = Some(ChannelSnapshot { pg_provider: provider.into(), ..channel });
    payment
}

fn asked(payment: &Payment, step: Step) -> Result<Asked, EscrowRefusal> {
    ask(payment, step, &Particulars::default(), None, Limits::default(), at(20))
}

fn done(payment: &Payment, step: Step) -> Payment {
    let asked = asked(payment, step).unwrap();
    settle(&asked.decided.payment, &t1(), &Outcome::Done(at(30)), 0, at(31)).unwrap().payment
}

fn in_state(state: DeliveryState) -> Payment {
    let mut payment = done(&in_escrow("TOSSPAYMENTS"), Step::Register(logistics("1")));
    payment.attempts[0].escrow.as_mut().unwrap().delivery.as_mut().unwrap().state = state;
    payment
}

fn state(payment: &Payment) -> Option<DeliveryState> {
    Some(payment.attempts[0].escrow.as_ref()?.delivery.as_ref()?.state)
}

fn standing(state: DeliveryState) -> Standing {
    Standing {
        company: "CJ".into(),
        invoice_number: "1".into(),
        sent_at: at(10),
        applied_at: at(30),
        modified_at: None,
        ended_at: Some(at(40)),
        state,
    }
}

#[test]
fn steps_are_taken_in_their_order_only() {
    use DeliveryState as State;
    let modify = || Step::Modify(logistics("2"));
    let complete = || Step::Complete { from_store: true };
    let failed = after(&begun(None, "t1", 1000, 0), "t1", declined());
    let asking = asked(&in_escrow("TOSSPAYMENTS"), Step::Register(logistics("1"))).unwrap().decided.payment;
    for (payment, step, refusal) in [
        (failed, Step::Register(logistics("1")), Some(EscrowRefusal::NotPaid(Status::Failed))),
        (paid(1000, 0), Step::Register(logistics("1")), Some(EscrowRefusal::NotEscrow)),
        (in_escrow("TOSSPAYMENTS"), Step::Register(logistics("1")), None),
        (in_escrow("TOSSPAYMENTS"), modify(), Some(EscrowRefusal::NotRegistered)),
        (in_escrow("TOSSPAYMENTS"), complete(), Some(EscrowRefusal::NotRegistered)),
        (asking.clone(), Step::Register(logistics("1")), Some(EscrowRefusal::InProgress)),
        (asking, complete(), Some(EscrowRefusal::InProgress)),
        (in_state(State::Registered), Step::Register(logistics("1")), Some(EscrowRefusal::RegisteredBefore)),
        (in_state(State::Registered), modify(), None),
        (in_state(State::Registered), complete(), None),
        (in_state(State::Delivered), modify(), None),
        (in_state(State::Delivered), complete(), None),
        (in_state(State::Rejected), complete(), Some(EscrowRefusal::Over("REJECTED"))),
        (in_state(State::RejectConfirmed), modify(), Some(EscrowRefusal::Over("REJECT_CONFIRMED"))),
        (
            in_state(State::Confirmed { is_automatic: true }),
            complete(),
            Some(EscrowRefusal::Over("CONFIRMED")),
        ),
    ] {
        assert_eq!(asked(&payment, step.clone()).err(), refusal, "{step:?} of {:?}", state(&payment));
    }
}

#[test]
fn a_psp_gets_what_its_contract_demands() {
    let party = Party {
        name: Some("Hong".into()),
        phone_number: Some("01012345678".into()),
        zipcode: Some("04524".into()),
        address: Some(Address::OneLine("Seoul".into())),
        relationship: None,
    };
    let product = Product {
        id: "p".into(),
        name: "a book".into(),
        tag: None,
        code: None,
        amount: 1000,
        quantity: 1,
        link: None,
    };
    let full = Particulars {
        sender: party.clone(),
        receiver: party.clone(),
        products: vec![product],
        send_email: true,
    };
    let without = |change: fn(&mut Particulars)| {
        let mut particulars = full.clone();
        change(&mut particulars);
        particulars
    };
    for (provider, particulars, lacks) in [
        ("TOSSPAYMENTS", Particulars::default(), None),
        ("INICIS_V2", full.clone(), None),
        ("INICIS_V2", Particulars::default(), Some("sender.name")),
        ("INICIS_V2", without(|p| p.sender.phone_number = Some(" ".into())), Some("sender.phoneNumber")),
        ("INICIS_V2", without(|p| p.sender.zipcode = None), Some("sender.zipcode")),
        ("WELCOME", without(|p| p.sender.address = None), Some("sender.address")),
        ("WELCOME", without(|p| p.receiver.name = None), Some("receiver.name")),
        ("WELCOME", without(|p| p.receiver.phone_number = None), Some("receiver.phoneNumber")),
        ("WELCOME", without(|p| p.receiver.zipcode = None), Some("receiver.zipcode")),
        ("INICIS_V2", without(|p| p.receiver.address = None), Some("receiver.address")),
        ("INICIS_V2", without(|p| p.products.clear()), Some("products")),
        ("NICE_V2", without(|p| p.products.clear()), None),
        ("NICE_V2", without(|p| p.sender.name = None), Some("sender.name")),
        ("NICE_V2", without(|p| p.receiver.address = None), Some("receiver.address")),
    ] {
        let payment = in_escrow(provider);
        let asked =
            ask(&payment, Step::Register(logistics("1")), &particulars, None, Limits::default(), at(20));
        let expected = lacks.map(|member| EscrowRefusal::Lacks { provider: provider.into(), member });
        assert_eq!(asked.err(), expected, "{provider}");
    }
}

#[test]
fn orders_in_escrow_that_a_psp_takes_in_its_window_only_are_known() {
    let mut order = Order { is_escrow: true, ..Order::default() };
    for (provider, way, is_payable) in [
        ("KSNET", Way::Api, false),
        ("KSNET", Way::ApiAccount, false),
        ("KSNET", Way::Window, true),
        ("KPN", Way::Api, true),
        ("KPN", Way::ApiAccount, false),
        ("KPN", Way::Window, true),
        ("KCP_V2", Way::Api, false),
        ("KCP_V2", Way::Window, false),
        ("KCP", Way::Window, false),
        ("TOSSPAYMENTS", Way::ApiAccount, true),
    ] {
        assert_eq!(unpayable(provider, &order, way).is_none(), is_payable, "{provider} {way:?}");
    }
    order.is_escrow = false;
    assert_eq!(unpayable("KSNET", &order, Way::Api), None);
}

#[test]
fn the_answer_ends_a_step_and_silence_does_not() {
    let registering =
        asked(&in_escrow("TOSSPAYMENTS"), Step::Register(logistics("1"))).unwrap().decided.payment;
    let refused = settle(&registering, &t1(), &declined(), 0, at(30)).unwrap().payment;
    assert_eq!(refused.attempts[0].escrow, None, "as if nothing had been asked");
    let silent = settle(&registering, &t1(), &unknown(), 3, at(30)).unwrap();
    assert!(silent.payment.attempts[0].escrow.as_ref().unwrap().asking.is_some());
    assert!(silent.change.jobs.iter().any(|job| matches!(job, JobWrite::Put(job) if job.runs == 4)));
    let registered = settle(&silent.payment, &t1(), &Outcome::Done(at(30)), 0, at(31)).unwrap();
    assert_eq!(state(&registered.payment), Some(DeliveryState::Registered));
    assert!(registered.change.events.is_empty() && registered.change.postings.is_empty());
    assert!(settle(&registered.payment, &t1(), &Outcome::Done(at(30)), 0, at(32)).is_none());

    let modified = done(&registered.payment, Step::Modify(logistics("2")));
    let delivery = modified.attempts[0].escrow.as_ref().unwrap().delivery.as_ref().unwrap();
    assert_eq!((delivery.logistics.invoice_number.as_str(), delivery.modified_at), ("2", Some(at(30))));
    let refused = asked(&modified, Step::Modify(logistics("3"))).unwrap().decided.payment;
    let refused = settle(&refused, &t1(), &declined(), 0, at(40)).unwrap().payment;
    assert_eq!(refused.attempts[0].escrow, modified.attempts[0].escrow);
    let confirmed = done(&modified, Step::Complete { from_store: true });
    assert_eq!(state(&confirmed), Some(DeliveryState::Confirmed { is_automatic: false }));
}

#[test]
fn what_the_psp_says_counts_only_when_it_is_further_on() {
    use DeliveryState as State;
    for (known, said, then) in [
        (State::Registered, State::Delivered, State::Delivered),
        (State::Registered, State::Rejected, State::Rejected),
        (State::Delivered, State::Registered, State::Delivered),
        (State::Delivered, State::Confirmed { is_automatic: true }, State::Confirmed { is_automatic: true }),
        (State::Rejected, State::RejectConfirmed, State::RejectConfirmed),
        (State::Rejected, State::Delivered, State::Rejected),
        (State::RejectConfirmed, State::Confirmed { is_automatic: true }, State::RejectConfirmed),
        (State::Cancelled, State::Confirmed { is_automatic: true }, State::Cancelled),
    ] {
        let payment = in_state(known);
        let heard = heard(&payment, &t1(), &standing(said), at(50)).map(|decided| decided.payment);
        assert_eq!(heard.is_some(), known != then, "{known:?} {said:?}");
        assert_eq!(state(&heard.unwrap_or(payment)), Some(then), "{known:?} {said:?}");
    }
    // Reported at the PSP itself.
    let heard_first = heard(&in_escrow("TOSSPAYMENTS"), &t1(), &standing(State::Delivered), at(50)).unwrap();
    assert_eq!(state(&heard_first.payment), Some(State::Delivered));
    assert!(heard(&paid(1000, 0), &t1(), &standing(State::Delivered), at(50)).is_none(), "not in escrow");
    // Our report is answered first; other requests wait on while the parcel moves.
    let asking = asked(&in_escrow("TOSSPAYMENTS"), Step::Register(logistics("1"))).unwrap();
    assert!(heard(&asking.decided.payment, &t1(), &standing(State::Delivered), at(50)).is_none());
    let asking = asked(&in_state(State::Registered), Step::Complete { from_store: true }).unwrap();
    let moved = heard(&asking.decided.payment, &t1(), &standing(State::Delivered), at(50)).unwrap();
    assert_eq!(state(&moved.payment), Some(State::Delivered));
    assert!(asked_of(&moved.payment.attempts[0]).is_some());
}

#[test]
fn what_the_psp_shows_proves_that_it_took_a_step_or_not() {
    use DeliveryState as State;
    let asking = |step| Asking { step, since: at(20), claim: None };
    let shown = standing(State::Registered);
    let modified = Standing { modified_at: Some(at(35)), ..shown.clone() };
    let confirmed = standing(State::Confirmed { is_automatic: false });
    for (step, standing, taken) in [
        (Step::Register(logistics("1")), &shown, Some(at(30))),
        (Step::Register(logistics("2")), &shown, None),
        (Step::Modify(logistics("1")), &modified, Some(at(35))),
        (Step::Modify(logistics("2")), &shown, None),
        (Step::Complete { from_store: false }, &confirmed, Some(at(40))),
        (Step::Complete { from_store: false }, &shown, None),
    ] {
        assert_eq!(taken_at(&asking(step.clone()), standing), taken, "{step:?}");
    }
}

#[test]
fn a_whole_refund_ends_the_delivery_and_a_part_does_not() {
    use crate::id::{CancellationId, PgCancellationId};
    use crate::payment::cancel::{self, CancelAsk, CancelOrigin, CancelSettled};
    use crate::promotion::RetainOption;
    let refund = |payment: &Payment, units: Option<i64>| {
        let id = CancellationId::known(format!("c{}", payment.cancellations.len()));
        let ask = CancelAsk {
            id: id.clone(),
            amount: units.map(crate::payment::testing::won),
            tax_free: None,
            vat: None,
            current_cancellable: None,
            reason: "changed my mind".into(),
            requester: None,
            origin: CancelOrigin::Api,
            refund_account: None,
            retain: RetainOption::default(),
            skip_webhook: false,
            claim: None,
        };
        let asked = cancel::request(payment, ask, Limits::default(), at(60)).unwrap();
        let done = Outcome::Done(crate::psp::Refund {
            pg_cancellation_id: PgCancellationId::known(id.as_str()),
            amount: asked.cancellation.refund,
            at: at(61),
            fee_returned: crate::money::Amount::ZERO,
            receipt_url: None,
            raw: None,
        });
        match cancel::settle(&asked.decided.payment, &id, done, at(62)) {
            CancelSettled::Changed(decided) => decided.payment,
            CancelSettled::Unchanged => panic!("nothing changed"),
        }
    };
    let delivered = in_state(DeliveryState::Delivered);
    let part = refund(&delivered, Some(400));
    assert_eq!(state(&part), Some(DeliveryState::Delivered));
    assert_eq!(state(&refund(&part, None)), Some(DeliveryState::Cancelled));
    assert_eq!(state(&refund(&in_escrow("TOSSPAYMENTS"), None)), None, "nothing was reported");
}
