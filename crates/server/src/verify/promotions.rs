//! The budgets of promotions against the payments that moved them.

use super::report::{Open, Report, Rule};
use anyhow::Context;
use paypier_domain::id::{PromotionId, StoreId};
use paypier_domain::payment::Payment;
use paypier_domain::promotion::{Budget, Hold};
use paypier_storage::Storage;
use std::collections::BTreeMap;

type Key = (StoreId, PromotionId);

/// Budgets as they were stored before the payments were looked at, and what the payments say.
#[derive(Debug, Default)]
pub struct Promotions {
    stored: BTreeMap<Key, Budget>,
    derived: BTreeMap<Key, Derived>,
}

/// What the payments say about one promotion's money, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Derived {
    held: i64,
    /// Given to buyers, funded or not, less what returned.
    given: i64,
    lost: i64,
}

impl Derived {
    fn of(budget: Budget) -> Self {
        let units = paypier_domain::money::Amount::minor_units;
        Self {
            held: units(budget.reserved),
            given: units(budget.spent).saturating_add(units(budget.unfunded)),
            lost: units(budget.unrecovered),
        }
    }

    fn told(self) -> String {
        format!("{} held, {} given, {} given back and not returned", self.held, self.given, self.lost)
    }

    fn add(&mut self, other: Self) {
        self.held = self.held.saturating_add(other.held);
        self.given = self.given.saturating_add(other.given);
        self.lost = self.lost.saturating_add(other.lost);
    }
}

/// What one payment says about the promotions that its attempts name.
pub fn derived(payment: &Payment) -> Vec<(Key, Derived)> {
    let promoted = payment.attempts.iter().filter_map(|attempt| Some((attempt, attempt.promotion.as_ref()?)));
    promoted
        .map(|(attempt, used)| {
            let discount = used.discount.minor_units();
            let mut derived = Derived::default();
            match used.hold {
                Hold::Held => derived.held = discount,
                Hold::Spent => derived.given = discount,
                Hold::Released => {}
            }
            let succeeded = payment
                .cancellations
                .iter()
                .filter(|cancellation| cancellation.is_succeeded() && cancellation.transaction == attempt.id);
            for cancellation in succeeded {
                let change = cancellation.discount_change();
                if used.recovers || change > 0 {
                    derived.given = derived.given.saturating_add(change);
                } else {
                    derived.lost = derived.lost.saturating_sub(change);
                }
            }
            ((payment.key.store.clone(), used.id.clone()), derived)
        })
        .collect()
}

impl Promotions {
    /// # Errors
    /// The promotions cannot be read.
    pub async fn before(storage: &Storage) -> anyhow::Result<Self> {
        Ok(Self { stored: stored(storage).await?, derived: BTreeMap::new() })
    }

    pub fn add(&mut self, derived: Vec<(Key, Derived)>) {
        for (key, one) in derived {
            self.derived.entry(key).or_default().add(one);
        }
    }

    /// # Errors
    /// The promotions cannot be read.
    pub async fn compare(mut self, storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
        for (key, now) in stored(storage).await? {
            let derived = self.derived.remove(&key).unwrap_or_default();
            let found = Derived::of(now);
            if derived == found {
                continue;
            }
            let subject = format!("{} promotion {}", key.0, key.1);
            if self.stored.get(&key) != Some(&now) {
                let state = "its budget moved while the payments were looked at".to_owned();
                report.add_open(Open { subject, state });
                continue;
            }
            let expected = format!("what its payments say: {}", derived.told());
            report.differs(Rule::PromotionBudget, subject, expected, found.told());
        }
        for ((store, promotion), derived) in self.derived {
            report.differs(
                Rule::PromotionBudget,
                format!("{store} promotion {promotion}"),
                format!("a promotion with {}", derived.told()),
                "no such promotion",
            );
        }
        Ok(())
    }
}

async fn stored(storage: &Storage) -> anyhow::Result<BTreeMap<Key, Budget>> {
    let mut budgets = BTreeMap::new();
    for merchant in storage.merchants().await.context("the merchants cannot be read")? {
        for store in storage.stores_of(&merchant.id).await.context("the stores cannot be read")? {
            let promotions =
                storage.promotions_of(&store.id).await.context("the promotions cannot be read")?;
            budgets.extend(promotions.into_iter().map(|one| ((one.store, one.id), one.budget)));
        }
    }
    Ok(budgets)
}
