//! Cash receipts at the simulated PSP, through the connector.

use super::*;
use crate::contract::ReceiptAsk;
use paypier_domain::cash_receipt::Kind;
use paypier_domain::psp::Receipt;

const PHONE: &str = "01012345678";

impl<B: Books + 'static> Shop<B> {
    async fn issues(&self, reference: &str, amount: i64, identity_number: &str) -> Outcome<Receipt> {
        let customer = Customer::default();
        let ask = ReceiptAsk {
            reference,
            payment_id: "deal-1",
            order_name: "a book",
            kind: Kind::Personal,
            amount: won(amount),
            tax_free: Amount::ZERO,
            vat: Amount::ZERO,
            currency: Currency::KRW,
            identity_number,
            identity_kind: None,
            customer: &customer,
            business_registration_number: None,
            paid_by: None,
            paid_at: None,
        };
        self.sandbox.issue_receipt(&self.call(), &ask).await
    }

    async fn withdraws(&self, reference: &str) -> Outcome<Timestamp> {
        self.sandbox.withdraw_receipt(&self.call(), reference, "").await
    }

    async fn finds(&self, reference: &str, age_s: i64) -> Found<Receipt> {
        self.sandbox.query_receipt(&self.call(), reference, SignedDuration::from_secs(age_s)).await
    }
}

fn code<T: std::fmt::Debug>(outcome: Outcome<T>) -> String {
    match outcome {
        Outcome::Declined(decline) => decline.code,
        other => format!("{other:?}"),
    }
}

fn done<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Done(value) => value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_receipt_is_issued_once_found_and_withdrawn_once() {
    let shop = Shop::open();
    let issued = done(shop.issues("r-1", 11_000, PHONE).await);
    assert_eq!(issued.issue_number.len(), 9);
    assert_eq!(done(shop.issues("r-1", 11_000, PHONE).await), issued, "the same request, the same answer");
    assert_eq!(shop.finds("r-1", 0).await, Found::Known(Outcome::Done(issued.clone())));
    let at = done(shop.withdraws("r-1").await);
    assert_eq!(done(shop.withdraws("r-1").await), at);
    let Found::Known(Outcome::Done(found)) = shop.finds("r-1", 0).await else { panic!("it is known") };
    assert_eq!(found.cancelled_at, Some(at));
    assert_eq!(done(shop.issues("r-1", 11_000, PHONE).await), issued, "a repetition, as at first");
    assert_ne!(done(shop.issues("r-2", 11_000, PHONE).await).issue_number, issued.issue_number);
    assert_eq!(shop.total().await, (0, 0), "a receipt moves no money");
}

#[tokio::test]
async fn the_psp_refuses_what_it_cannot_issue() {
    let shop = Shop::open();
    done(shop.issues("r-1", 11_000, PHONE).await);
    for (reference, amount, identity, refusal) in [
        ("r-2", 11_000, "01012340000", "SANDBOX_RECEIPT_REFUSED"),
        ("r-2", 0, PHONE, "SANDBOX_INVALID_REQUEST"),
        ("r-2", 11_000, "0101234", "SANDBOX_INVALID_REQUEST"),
        ("r-2", 11_000, "010-1234-5678", "SANDBOX_INVALID_REQUEST"),
        ("r-1", 12_000, PHONE, "SANDBOX_REFERENCE_REUSED"),
        ("r-1", 11_000, "01087654321", "SANDBOX_REFERENCE_REUSED"),
    ] {
        assert_eq!(code(shop.issues(reference, amount, identity).await), refusal, "{reference} {identity}");
    }
    assert_eq!(code(shop.withdraws("r-2").await), "SANDBOX_RECEIPT_NOT_FOUND");
    assert_eq!(shop.finds("r-2", 4).await, Found::NotYet);
    assert_eq!(shop.finds("r-2", 5).await, Found::Absent);
}

#[tokio::test]
async fn an_identity_number_is_forgotten() {
    let shop = Shop::open();
    done(shop.issues("r-1", 11_000, PHONE).await);
    assert!(shop.books.documents().iter().all(|document| !document.contains(PHONE)));
}

#[tokio::test]
async fn a_lost_answer_is_found_by_asking() {
    let shop = Shop::open();
    let lost = Faults { drop_answer_rate: Rate::bps(10_000), seed: 1, ..Faults::NONE };
    let mut issued = 0;
    for number in 0..20 {
        let reference = format!("r-{number}");
        let now = *shop.clock.lock().unwrap();
        shop.psp.set_faults(&shop.store, lost, now).await.unwrap();
        assert!(matches!(shop.issues(&reference, 1_000, PHONE).await, Outcome::Unknown(_)));
        let now = *shop.clock.lock().unwrap();
        shop.psp.set_faults(&shop.store, Faults::NONE, now).await.unwrap();
        match shop.finds(&reference, 60).await {
            Found::Known(Outcome::Done(_)) => issued += 1,
            Found::Absent => {}
            other => panic!("{other:?}"),
        }
    }
    // The seed's sequence begins anew each time, so all of them met the same fate.
    assert!(issued == 0 || issued == 20, "{issued}");
}

#[tokio::test]
async fn a_receipt_is_shown_to_whoever_has_its_link() {
    let shop = Shop::open();
    let url = done(shop.issues("r-1", 11_000, PHONE).await).url.unwrap();
    let tag = url.rsplit('/').next().unwrap();
    let shown = shop.psp.shown_cash_receipt(&shop.store, "r-1", tag).await.unwrap().unwrap();
    assert_eq!((shown.amount, shown.kind.as_str(), shown.cancelled_at), (won(11_000), "PERSONAL", None));
    for (reference, tag) in [("r-1", "0000000000000000"), ("r-2", tag), ("r-1", "")] {
        assert_eq!(shop.psp.shown_cash_receipt(&shop.store, reference, tag).await.unwrap(), None);
    }
}
