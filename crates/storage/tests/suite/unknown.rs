//! What no PSP has told yet is found, and nothing else.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::id::{StoreId, TransactionId};
use paypier_domain::job::Task;
use paypier_domain::outcome::{Doubt, Outcome};
use paypier_domain::payment::settle::{self, Settled};

on_both! {
    async fn unknown_outcomes_are_listed_from_the_oldest_and_counted(db: &Db) {
        let storage = db.migrated().await;
        let nothing = storage.unknown_outcomes(None, 10).await.unwrap();
        assert_eq!((nothing, storage.count_unknown_outcomes().await.unwrap()), (vec![], vec![]));
        // One is known, one is still being sent, two are unknown.
        for change in key_in("paid", at(0)).0 {
            storage.commit(change).await.unwrap();
        }
        storage.commit(key_in("sending", at(0)).0[0].clone()).await.unwrap();
        for (id, since) in [("later", 9), ("earlier", 5)] {
            let [intention, ..] = key_in(id, at(0)).0;
            let payment = begun(&intention);
            storage.commit(intention).await.unwrap();
            let transaction = TransactionId::known(format!("tx-{id}"));
            let doubt = Outcome::Unknown(Doubt { reason: "no answer".into() });
            let Settled::Changed(settled, _) = settle::attempt(&payment, &transaction, doubt, false, at(since))
            else { unreachable!("an unknown outcome is a change") };
            storage.commit(settled.change).await.unwrap();
        }

        let found = storage.unknown_outcomes(None, 10).await.unwrap();

        let named: Vec<_> = found.iter().map(|unknown| (unknown.task.clone(), unknown.since)).collect();
        let task = |id: &str| Task::ResolveAttempt {
            payment: key(id),
            transaction: TransactionId::known(format!("tx-{id}")),
        };
        assert_eq!(named, [(task("earlier"), at(5)), (task("later"), at(9))]);
        assert!(found.iter().all(|unknown| unknown.next_question_at > unknown.since));
        assert_eq!(storage.unknown_outcomes(None, 1).await.unwrap(), found[..1]);
        assert_eq!(storage.unknown_outcomes(Some(&StoreId::known("store-1")), 10).await.unwrap(), found);
        assert_eq!(storage.unknown_outcomes(Some(&StoreId::known("store-2")), 10).await.unwrap(), []);
        let counted = storage.count_unknown_outcomes().await.unwrap();
        assert_eq!(counted, [("resolve_attempt".to_owned(), 2, at(5))]);
    }
}
