//! The double-entry ledger: accounts, entries and postings that sum to zero.

use crate::channel::Environment;
use crate::id::{CancellationId, ChannelKey, PaymentKey, StoreId, TransactionId};
use crate::money::{Amount, Currency};
use jiff::Timestamp;

/// Whose money an entry is about, inside one store and environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the PSP of a channel owes the store: charges less refunds less its fees.
    PspReceivable(ChannelKey),
    /// What buyers paid.
    Sales,
    /// What went back to buyers.
    Refunds,
    /// What PSPs kept.
    PspFees,
    /// What promotions took off orders for buyers: sales and this together are the orders' amounts.
    PromotionDiscounts,
    /// What the store has borne for promotions out of their budgets.
    PromotionBudgets,
}

impl Account {
    /// The account's name in storage and exports.
    pub fn name(&self) -> String {
        match self {
            Self::PspReceivable(channel) => format!("psp_receivable:{channel}"),
            Self::Sales => "sales".into(),
            Self::Refunds => "refunds".into(),
            Self::PspFees => "psp_fees".into(),
            Self::PromotionDiscounts => "promotion_discounts".into(),
            Self::PromotionBudgets => "promotion_budgets".into(),
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "sales" => Some(Self::Sales),
            "refunds" => Some(Self::Refunds),
            "psp_fees" => Some(Self::PspFees),
            "promotion_discounts" => Some(Self::PromotionDiscounts),
            "promotion_budgets" => Some(Self::PromotionBudgets),
            _ => name.strip_prefix("psp_receivable:").map(|key| Self::PspReceivable(ChannelKey::known(key))),
        }
    }
}

/// One immutable line. Debits are positive, credits negative, so that a posting's lines sum to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub account: Account,
    /// Minor units; positive is a debit, negative a credit, never zero.
    pub signed: i64,
}

/// Lines that belong together. Made only by the constructors below, each of which balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Unique by what it records, so that the same movement cannot be posted twice.
    id: String,
    store: StoreId,
    environment: Environment,
    currency: Currency,
    at: Timestamp,
    payment: PaymentKey,
    entries: Vec<Entry>,
}

/// Which payment a posting belongs to, and where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub payment: PaymentKey,
    pub environment: Environment,
    pub currency: Currency,
    pub channel: ChannelKey,
    pub at: Timestamp,
}

impl Posting {
    /// The PSP took `paid` from the buyer and keeps `fee` of it.
    pub fn charge(context: Context, transaction: &TransactionId, paid: Amount, fee: Amount) -> Self {
        let receivable = Account::PspReceivable(context.channel.clone());
        let mut movements = vec![(receivable.clone(), Account::Sales, paid)];
        movements.push((Account::PspFees, receivable, fee));
        Self::balanced(format!("charge:{transaction}"), context, &movements)
    }

    /// The PSP gave `refunded` back to the buyer, and `fee_returned` of its fee to the store.
    pub fn refund(
        context: Context,
        cancellation: &CancellationId,
        refunded: Amount,
        fee_returned: Amount,
    ) -> Self {
        let receivable = Account::PspReceivable(context.channel.clone());
        let movements =
            [(Account::Refunds, receivable.clone(), refunded), (receivable, Account::PspFees, fee_returned)];
        Self::balanced(format!("refund:{cancellation}"), context, &movements)
    }

    /// The PSP reversed a charge that must not stand (a second success, or a refused late one).
    pub fn balanced(id: String, context: Context, movements: &[(Account, Account, Amount)]) -> Self {
        let entries = movements
            .iter()
            .filter(|(_, _, amount)| !amount.is_zero())
            .flat_map(|(debit, credit, amount)| {
                [
                    Entry { account: debit.clone(), signed: amount.minor_units() },
                    Entry { account: credit.clone(), signed: amount.minor_units().saturating_neg() },
                ]
            })
            .collect();
        Self {
            id,
            store: context.payment.store.clone(),
            environment: context.environment,
            currency: context.currency,
            at: context.at,
            payment: context.payment,
            entries,
        }
    }

    /// With what the store bears of the order because of a promotion; below 0 when a cancellation gives
    /// that much of it back. Nothing is 0.
    #[must_use]
    pub fn with_discount(mut self, signed: i64) -> Self {
        if signed != 0 {
            self.entries.push(Entry { account: Account::PromotionDiscounts, signed });
            self.entries.push(Entry { account: Account::PromotionBudgets, signed: signed.saturating_neg() });
        }
        self
    }

    pub fn id(&self) -> &str {
        &self.id
    }
    pub fn store(&self) -> &StoreId {
        &self.store
    }
    pub fn environment(&self) -> Environment {
        self.environment
    }
    pub fn currency(&self) -> Currency {
        self.currency
    }
    pub fn at(&self) -> Timestamp {
        self.at
    }
    pub fn payment(&self) -> &PaymentKey {
        &self.payment
    }
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{PaymentId, StoreId};
    use proptest::prelude::*;

    fn context() -> Context {
        Context {
            payment: PaymentKey { store: StoreId::known("s"), payment: PaymentId::known("p") },
            environment: Environment::Test,
            currency: Currency::KRW,
            channel: ChannelKey::known("c"),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    proptest! {
        #[test]
        fn every_posting_sums_to_zero(paid in 0i64..1_000_000_000, fee in 0i64..1_000_000) {
            let (paid, fee) = (Amount::new(paid).unwrap(), Amount::new(fee).unwrap());
            for posting in [
                Posting::charge(context(), &TransactionId::known("t"), paid, fee),
                Posting::refund(context(), &CancellationId::known("c"), paid, fee),
                Posting::charge(context(), &TransactionId::known("t"), paid, fee).with_discount(7),
                Posting::refund(context(), &CancellationId::known("c"), paid, fee).with_discount(-7),
            ] {
                prop_assert_eq!(posting.entries().iter().map(|entry| entry.signed).sum::<i64>(), 0);
            }
        }
    }

    #[test]
    fn account_names_read_back() {
        for account in [
            Account::Sales,
            Account::Refunds,
            Account::PspFees,
            Account::PromotionDiscounts,
            Account::PromotionBudgets,
            Account::PspReceivable(ChannelKey::known("k")),
        ] {
            assert_eq!(Account::parse(&account.name()), Some(account));
        }
    }
}
