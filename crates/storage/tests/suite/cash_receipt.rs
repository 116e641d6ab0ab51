//! Cash receipts: every state reads back, one is valid at a time, lists, and what is emptied.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::SignedDuration;
use paypier_domain::account::Sealed;
use paypier_domain::cash_receipt::{self, Ask, CashReceipt, Decided, Kind, Origin, Wanted};
use paypier_domain::change::Write;
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::id::*;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Outcome};
use paypier_domain::payment::Amounts;
use paypier_domain::psp::Receipt;
use paypier_storage::*;

fn ask(deal: &str, id: &str, environment: Environment) -> Ask {
    Ask {
        id: CashReceiptId::known(id),
        payment: key(deal),
        merchant: merchant(),
        channel: ChannelSnapshot { environment, ..channel_snapshot() },
        kind: Kind::Corporate,
        order_name: format!("order of {deal}"),
        currency: Currency::KRW,
        amounts: Amounts::new(won(11_000), Amount::ZERO, None, Amount::ZERO).unwrap(),
        origin: Origin::Manual,
        claim: Some(paypier_domain::claim::ClaimRef {
            merchant: merchant(),
            key: "key-of-a-receipt".into(),
            operation: "issueCashReceipt".into(),
        }),
    }
}

fn begun(deal: &str, id: &str, second: i64) -> Decided {
    let overdue = SignedDuration::from_secs(60);
    cash_receipt::begin(None, ask(deal, id, Environment::Test), overdue, at(second)).unwrap()
}

fn issued(second: i64) -> Outcome<Receipt> {
    Outcome::Done(Receipt {
        pg_receipt_id: format!("pg-{second}"),
        issue_number: format!("{second:09}"),
        url: Some("https://psp.example/1".into()),
        at: at(second),
        cancelled_at: None,
    })
}

async fn reads_back(storage: &Storage, decided: Decided) -> CashReceipt {
    let receipt = decided.receipt.clone();
    storage.commit(decided.change).await.unwrap();
    let stored = storage.cash_receipt(&receipt.payment.store, &receipt.id).await.unwrap().unwrap();
    assert_eq!(stored, receipt);
    assert_eq!(storage.latest_cash_receipt(&receipt.payment).await.unwrap(), Some(receipt.clone()));
    let shown = storage.shown_cash_receipt(&receipt.payment).await.unwrap();
    assert_eq!(shown, receipt.status().is_some().then_some(receipt.clone()));
    receipt
}

on_both! {
    async fn every_state_of_a_receipt_reads_back(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(writes(vec![Write::Store(store("store-1"))])).await.unwrap();
        let receipt = reads_back(&storage, begun("deal-1", "r-1", 1)).await;
        let doubt = Outcome::Unknown(Doubt { reason: "silence".into() });
        let receipt = reads_back(&storage, cash_receipt::settle_issue(&receipt, doubt, at(2)).unwrap()).await;
        let receipt = reads_back(&storage, cash_receipt::settle_issue(&receipt, issued(3), at(3)).unwrap()).await;
        let overdue = SignedDuration::from_secs(60);
        let receipt = reads_back(&storage, cash_receipt::withdraw(&receipt, None, overdue, at(4)).unwrap()).await;
        let doubt = Outcome::Unknown(Doubt { reason: "silence".into() });
        let receipt = reads_back(&storage, cash_receipt::settle_withdrawal(&receipt, &doubt, at(5)).unwrap()).await;
        reads_back(&storage, cash_receipt::settle_withdrawal(&receipt, &Outcome::Done(at(6)), at(6)).unwrap()).await;
        let no = Decline { class: DeclineClass::Refused, code: "NO".into(), message: "no".into() };
        let receipt = reads_back(&storage, begun("deal-2", "r-2", 7)).await;
        reads_back(&storage, cash_receipt::settle_issue(&receipt, Outcome::Declined(no), at(8)).unwrap()).await;
        let walked = storage.cash_receipts_in_key_order(None, 1).await.unwrap();
        let rest = storage.cash_receipts_in_key_order(walked.last(), 9).await.unwrap();
        assert_eq!((walked.len(), rest.len()), (1, 1));
    }
}

on_both! {
    async fn of_one_payment_id_one_receipt_is_valid_whatever_is_decided(db: &Db) {
        let storage = db.migrated().await;
        let first = begun("deal-1", "r-1", 1);
        storage.commit(first.change.clone()).await.unwrap();
        // Decided by somebody who has not seen the first.
        let mut blind = begun("deal-1", "r-2", 1);
        assert!(matches!(storage.commit(blind.change.clone()).await, Err(CommitError::Conflict)));
        if let Some(Write::CashReceipt { receipt, .. }) = blind.change.writes.first_mut() {
            receipt.number = 2;
        }
        assert!(matches!(storage.commit(blind.change).await, Err(CommitError::Conflict)));
        // And of two who settle the same state, one is late.
        let settled = cash_receipt::settle_issue(&first.receipt, issued(3), at(3)).unwrap();
        storage.commit(settled.change.clone()).await.unwrap();
        assert!(matches!(storage.commit(settled.change).await, Err(CommitError::Conflict)));
    }
}

on_both! {
    async fn the_latest_valid_receipt_of_each_payment_is_found(db: &Db) {
        let storage = db.migrated().await;
        for (deal, second) in [("deal-1", 1), ("deal-2", 2)] {
            let receipt = reads_back(&storage, begun(deal, &format!("r-{second}"), second)).await;
            reads_back(&storage, cash_receipt::settle_issue(&receipt, issued(second), at(second)).unwrap()).await;
        }
        reads_back(&storage, begun("deal-3", "r-3", 3)).await;
        let found = storage.cash_receipts_of(&key("x").store, &["deal-1", "deal-2", "deal-3", "deal-4"]).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|receipt| receipt.id.as_str()).collect();
        assert_eq!(ids, ["r-1", "r-2"]);
    }
}

on_both! {
    async fn emptying_takes_test_receipts_and_leaves_live_ones(db: &Db) {
        let storage = db.migrated().await;
        let overdue = SignedDuration::from_secs(60);
        let live = cash_receipt::begin(None, ask("deal-2", "r-2", Environment::Live), overdue, at(1)).unwrap();
        for change in [begun("deal-1", "r-1", 1).change, live.change] {
            storage.commit(change).await.unwrap();
        }
        storage.commit(writes(vec![Write::EmptyTestData { store: key("x").store }])).await.unwrap();
        assert_eq!(storage.latest_cash_receipt(&key("deal-1")).await.unwrap(), None);
        assert!(storage.latest_cash_receipt(&key("deal-2")).await.unwrap().is_some());
    }
}

on_both! {
    async fn what_a_buyer_wants_with_a_payment_is_kept_sealed(db: &Db) {
        let storage = db.migrated().await;
        let (_, mut payment) = key_in("order-1", at(1));
        payment.attempts[0].order.cash_receipt =
            Some(Wanted { kind: Kind::Personal, identity: Sealed(vec![0, 127, 255]) });
        storage.commit(inserts(&payment)).await.unwrap();
        let stored = storage.payment(&payment.key).await.unwrap().unwrap();
        assert_eq!(stored.attempts[0].order.cash_receipt, payment.attempts[0].order.cash_receipt);
    }
}
