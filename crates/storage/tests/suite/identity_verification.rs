//! Identity verifications: every state reads back, one is open and one succeeds, and what is emptied.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::SignedDuration;
use paypier_domain::account::Sealed;
use paypier_domain::change::Write;
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::id::*;
use paypier_domain::identity_verification::*;
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Outcome};
use paypier_storage::{CommitError, Storage};

fn key_of(id: &str) -> VerificationKey {
    VerificationKey { store: key("x").store, id: IdentityVerificationId::known(id) }
}

fn begun(
    id: &str,
    tx: &str,
    latest: Option<&IdentityVerification>,
    environment: Environment,
    origin: Origin,
) -> Decided {
    let ask = Ask {
        key: key_of(id),
        tx: IdentityVerificationTxId::known(tx),
        merchant: merchant(),
        channel: ChannelSnapshot { environment, ..channel_snapshot() },
        origin,
        customer: AskedCustomer {
            id: Some("c-1".into()),
            name: Some("홍길동".into()),
            phone_number: Some("01012345678".into()),
            birth: Birth::of_resident_number("9001011"),
        },
        operator: Some("SKT".into()),
        method: Some(Method::Sms),
        custom_data: Some("{}".into()),
        claim: None,
    };
    begin(latest, ask, 100, SignedDuration::from_secs(60), at(1)).unwrap()
}

async fn reads_back(storage: &Storage, decided: Decided) -> IdentityVerification {
    let verification = decided.verification.clone();
    storage.commit(decided.change).await.unwrap();
    let (store, tx) = (&verification.key.store, &verification.tx);
    assert_eq!(storage.identity_verification_attempt(store, tx).await.unwrap(), Some(verification.clone()));
    assert_eq!(storage.identity_verification(&verification.key).await.unwrap(), Some(verification.clone()));
    verification
}

fn sent() -> Outcome<CodeSent> {
    Outcome::Done(CodeSent { pg_tx_id: PgTxId::known("pg-1"), at: at(2) })
}

fn proof() -> Outcome<Proof> {
    let person = Person {
        name: "홍길동".into(),
        operator: Some("KT".into()),
        phone_number: Some("01012345678".into()),
        birth: Birth::of_resident_number("9001011").unwrap(),
        gender: Some("MALE".into()),
        is_foreigner: Some(false),
    };
    Outcome::Done(Proof { at: at(5), pg_tx_id: PgTxId::known("pg-1"), person, secrets: Sealed(vec![0, 255]) })
}

on_both! {
    async fn every_state_of_a_verification_reads_back(db: &Db) {
        let storage = db.migrated().await;
        let overdue = SignedDuration::from_secs(60);
        let doubt = Doubt { reason: "silence".into() };
        let window = reads_back(&storage, begun("who-1", "tx-1", None, Environment::Test, Origin::Window)).await;
        // The API takes over; the window's attempt ends in the same change.
        let sending = reads_back(&storage, begun("who-1", "tx-2", Some(&window), Environment::Test, Origin::Api)).await;
        let left = storage.identity_verification_attempt(&window.key.store, &window.tx).await.unwrap().unwrap();
        assert_eq!(left.status(), VerificationStatus::Failed);
        let unknown = reads_back(&storage, settle_send(&sending, &Outcome::Unknown(doubt.clone()), at(2)).unwrap()).await;
        let ready = reads_back(&storage, settle_send(&unknown, &sent(), at(3)).unwrap()).await;
        let ready = reads_back(&storage, resent(&ready, Origin::Api, None, at(3)).unwrap()).await;
        let confirming = reads_back(&storage, confirm(&ready, Origin::Api, true, None, overdue, at(4)).unwrap()).await;
        let wrong = Decline { class: DeclineClass::Payer, code: "NO".into(), message: "no".into() };
        let ready = reads_back(&storage, settle_confirm(&confirming, &Outcome::Declined(wrong), at(4)).unwrap()).await;
        let confirming = reads_back(&storage, confirm(&ready, Origin::Api, true, None, overdue, at(4)).unwrap()).await;
        let confirming = reads_back(&storage, settle_confirm(&confirming, &Outcome::Unknown(doubt), at(4)).unwrap()).await;
        reads_back(&storage, settle_confirm(&confirming, &proof(), at(5)).unwrap()).await;
        let sealed = storage.sealed_identity_verifications(&key("x").store, None, 9).await.unwrap();
        assert_eq!(sealed.len(), 1);
        let behind = storage.sealed_identity_verifications(&key("x").store, sealed.last(), 9).await.unwrap();
        assert!(behind.is_empty());
        assert_eq!(storage.open_identity_verifications(None, 9).await.unwrap(), []);
    }
}

on_both! {
    async fn what_has_not_ended_is_walked_through_page_by_page(db: &Db) {
        let storage = db.migrated().await;
        let mut open = Vec::new();
        for (id, tx) in [("who-1", "tx-1"), ("who-2", "tx-2"), ("who-3", "tx-3")] {
            open.push(reads_back(&storage, begun(id, tx, None, Environment::Test, Origin::Api)).await);
        }
        let mut found = Vec::new();
        loop {
            let page = storage.open_identity_verifications(found.last(), 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, open);
    }
}

on_both! {
    async fn one_attempt_is_open_whatever_is_decided(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(begun("who-1", "tx-1", None, Environment::Test, Origin::Api).change).await.unwrap();
        // Decided by somebody who has not seen the first.
        let mut blind = begun("who-1", "tx-2", None, Environment::Test, Origin::Api).change;
        assert!(matches!(storage.commit(blind.clone()).await, Err(CommitError::Conflict)));
        if let Some(Write::IdentityVerification { verification, .. }) = blind.writes.first_mut() {
            verification.number = 2;
        }
        assert!(matches!(storage.commit(blind).await, Err(CommitError::Conflict)));
    }
}

on_both! {
    async fn emptying_takes_test_verifications_and_leaves_live_ones(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(begun("who-1", "tx-1", None, Environment::Test, Origin::Api).change).await.unwrap();
        storage.commit(begun("who-2", "tx-2", None, Environment::Live, Origin::Api).change).await.unwrap();
        storage.commit(writes(vec![Write::EmptyTestData { store: key("x").store }])).await.unwrap();
        assert_eq!(storage.identity_verification(&key_of("who-1")).await.unwrap(), None);
        assert!(storage.identity_verification(&key_of("who-2")).await.unwrap().is_some());
    }
}
