//! Promotions: their terms are guarded by their number, and their money by the statements that move it.

use crate::harness::{Db, Place, at};
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::{PromotionId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion::*;
use paypier_storage::{CommitError, Storage, migrate};

fn id() -> PromotionId {
    PromotionId::known("promotion-id-1")
}

/// Of 1,000 won.
fn promotion() -> Promotion {
    let tiers = vec![
        Partition { from: won(5_000), scheme: Scheme::Amount(won(500)) },
        Partition { from: won(10_000), scheme: Scheme::Percent(15) },
    ];
    Promotion {
        id: id(),
        store: StoreId::known("store-1"),
        environment: Environment::Test,
        name: "봄 \"할인\"".into(),
        card_company: CardCompany::Nh,
        currency: Currency::KRW,
        policy: DiscountPolicy::new(tiers, Some(won(3_000))).unwrap(),
        total_budget: won(1_000),
        recovery: Recovery::NoRecover { spare: Some(Spare::Percent(10)) },
        start_at: at(0),
        end_at: at(100),
        created_at: at(-1),
        paused_at: Some(at(5)),
        terminated_at: None,
        terms: 1,
        budget: Budget::default(),
    }
}

fn inserted(promotion: &Promotion) -> Change {
    writes(vec![Write::Promotion { promotion: Box::new(promotion.clone()), expects: None }])
}

async fn moves(storage: &Storage, movement: Movement, amount: i64) -> Result<(), CommitError> {
    let store = StoreId::known("store-1");
    let moved = BudgetMovement { store, promotion: id(), movement, amount: won(amount) };
    storage.commit(writes(vec![Write::Budget(moved)])).await
}

/// Reserved, spent, unfunded, unrecovered.
async fn money(storage: &Storage) -> [i64; 4] {
    let budget = storage.promotion(&id()).await.unwrap().unwrap().budget;
    [budget.reserved, budget.spent, budget.unfunded, budget.unrecovered].map(Amount::minor_units)
}

on_both! {
    async fn a_promotion_reads_back_and_its_terms_are_guarded(db: &Db) {
        let storage = db.migrated().await;
        let first = promotion();
        storage.commit(inserted(&first)).await.unwrap();
        assert_eq!(storage.promotion(&id()).await.unwrap(), Some(first.clone()));
        assert_eq!(storage.promotion(&PromotionId::known("other")).await.unwrap(), None);
        assert!(matches!(storage.commit(inserted(&first)).await, Err(CommitError::Exists(_))));
        moves(&storage, Movement::Reserve { terms: 1 }, 100).await.unwrap();
        let edited = Promotion {
            recovery: Recovery::Recover,
            terminated_at: Some(at(6)),
            terms: 2,
            ..first.clone()
        };
        let edits = |expects| writes(vec![Write::Promotion { promotion: Box::new(edited.clone()), expects: Some(expects) }]);
        storage.commit(edits(1)).await.unwrap();
        assert_eq!(storage.commit(edits(1)).await, Err(CommitError::Conflict));
        let budget = Budget { reserved: won(100), ..Budget::default() };
        assert_eq!(storage.promotion(&id()).await.unwrap(), Some(Promotion { budget, ..edited }));
        let later = Promotion { id: PromotionId::known("a"), created_at: at(9), recovery: Recovery::NoRecover { spare: Some(Spare::Amount(won(3))) }, ..first };
        storage.commit(inserted(&later)).await.unwrap();
        let listed = storage.promotions_of(&later.store).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["promotion-id-1", "a"]);
        assert_eq!(listed[1], later);
        assert_eq!(storage.promotions_of(&StoreId::known("store-2")).await.unwrap(), []);
    }
}

on_both! {
    async fn each_movement_does_what_its_name_says(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(inserted(&promotion())).await.unwrap();
        use Movement::*;
        // movement, amount, what comes of it, and the money afterwards
        for (movement, amount, result, after) in [
            (Reserve { terms: 2 }, 1, Err(CommitError::Conflict), [0, 0, 0, 0]),
            (Reserve { terms: 1 }, 1_001, Err(CommitError::Conflict), [0, 0, 0, 0]),
            (Reserve { terms: 1 }, 600, Ok(()), [600, 0, 0, 0]),
            (Reserve { terms: 1 }, 401, Err(CommitError::Conflict), [600, 0, 0, 0]),
            (Regain, 401, Err(CommitError::Conflict), [600, 0, 0, 0]),
            (Regain, 400, Ok(()), [1_000, 0, 0, 0]),
            (Release, 400, Ok(()), [600, 0, 0, 0]),
            (Spend, 600, Ok(()), [0, 600, 0, 0]),
            (SpendUnheld, 300, Ok(()), [0, 900, 0, 0]),
            (SpendUnheld, 250, Ok(()), [0, 1_000, 150, 0]),
            (SpendUnheld, 50, Ok(()), [0, 1_000, 200, 0]),
            (Recover, 150, Ok(()), [0, 1_000, 50, 0]),
            (Recover, 250, Ok(()), [0, 800, 0, 0]),
            (Lose, 70, Ok(()), [0, 800, 0, 70]),
            // The spare budget is 100, and stands for what was lost.
            (Reserve { terms: 1 }, 270, Ok(()), [270, 800, 0, 70]),
            (Reserve { terms: 1 }, 1, Err(CommitError::Conflict), [270, 800, 0, 70]),
            (Lose, 70, Ok(()), [270, 800, 0, 140]),
            (Reserve { terms: 1 }, 31, Err(CommitError::Conflict), [270, 800, 0, 140]),
            (Reserve { terms: 1 }, 30, Ok(()), [300, 800, 0, 140]),
        ] {
            assert_eq!(moves(&storage, movement, amount).await, result, "{movement:?} {amount}");
            assert_eq!(money(&storage).await, after, "{movement:?} {amount}");
        }
        // What cannot be is refused by the row itself.
        for (movement, amount) in [(Spend, 301), (Release, 301), (Recover, 801)] {
            assert!(matches!(moves(&storage, movement, amount).await, Err(CommitError::Broken(_))), "{movement:?}");
        }
        assert_eq!(money(&storage).await, [300, 800, 0, 140]);
        let live = Promotion { id: PromotionId::known("live"), environment: Environment::Live, budget: Budget { spent: won(7), ..Budget::default() }, ..promotion() };
        storage.commit(inserted(&live)).await.unwrap();
        storage.commit(writes(vec![Write::EmptyTestData { store: live.store.clone() }])).await.unwrap();
        assert_eq!(money(&storage).await, [0, 0, 0, 0]);
        assert_eq!(storage.promotion(&live.id).await.unwrap(), Some(live));
    }
}

on_both! {
    async fn many_at_once_never_overdraw_a_budget(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(inserted(&promotion())).await.unwrap();
        let tasks: Vec<_> = (0..60)
            .map(|_| {
                let storage = storage.clone();
                tokio::spawn(async move { moves(&storage, Movement::Reserve { terms: 1 }, 30).await })
            })
            .collect();
        let (mut reserved, mut refused) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => reserved += 1,
                Err(error) => {
                    assert_eq!(error, CommitError::Conflict);
                    refused += 1;
                }
            }
        }
        assert_eq!((reserved, refused), (33, 27));
        assert_eq!(money(&storage).await, [990, 0, 0, 0]);
    }
}

/// The rule about refunds was a stricter one before there were promotions.
async fn survives(db: &Db) {
    let base = match &db.place {
        Place::File { .. } => include_str!("../../migrations/sqlite/0001_base.sql"),
        Place::Schema { .. } => include_str!("../../migrations/postgres/0001_base.sql"),
    };
    db.sql(base).await;
    db.sql(
        "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL); \
         INSERT INTO schema_version VALUES (1, '0001_base.sql', 0)",
    )
    .await;
    let payment = begun(&key_in("order-1", at(0)).0[0]);
    let insert = |number: u32, order: u32, refund: u32| {
        format!(
            "INSERT INTO cancellations VALUES ('store-1', '{}', {number}, 'c{number}', {order}, {refund}, 'pg-{number}', 'why', \
             '{{\"transaction\":\"{}\",\"order_amount\":{order},\"refund\":{refund},\"tax_free\":0,\"vat\":0,\"reason\":\"why\",\
             \"origin\":\"API\",\"requested_at\":0,\"state\":{{\"is\":\"SENDING\"}}}}')",
            payment.attempts[0].id, payment.attempts[0].id
        )
    };
    db.sql(&insert(1, 20, 10)).await;
    let report = migrate(&db.url, at(0)).await.unwrap();
    assert_eq!(report.from, 1);
    db.sql(&insert(2, 20, 30)).await;
    let storage = db.open().await;
    storage.commit(inserts(&payment)).await.unwrap();
    let read = storage.payment(&payment.key).await.unwrap().unwrap();
    let refunds: Vec<_> =
        read.cancellations.iter().map(|c| (c.id.as_str(), c.refund.minor_units(), c.retain)).collect();
    assert_eq!(refunds, [("c1", 10, None), ("c2", 30, None)]);
}

on_both! {
    async fn cancellations_from_before_promotions_survive(db: &Db) {
        survives(db).await;
    }
}
