//! The double-entry ledger: accounts, entries and postings that sum to zero.

use crate::channel::Environment;
use crate::id::{CancellationId, ChannelKey, PaymentId, PaymentKey, StoreId, TransactionId};
use crate::money::{Amount, Currency, SignedAmount};
use crate::settlement::id::PartnerId;
use jiff::Timestamp;
use std::collections::BTreeMap;

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
    /// What the merchant has of buyers' money for partners' orders, whole.
    MerchantReceivable,
    /// What the merchant owes a partner: what was settled less what was paid.
    PartnerPayable(PartnerId),
    /// What the merchant has kept of partners' orders, without VAT.
    PlatformFees,
    /// VAT: that on the merchant's fees, and that of payments which is withheld from partners; less that
    /// which partners were paid on top.
    PlatformVat,
    /// What partners have borne of discounts.
    DiscountShares,
    /// Taxes that were withheld from partners for the tax office.
    WithholdingPayable,
    /// What the merchant has paid to partners by itself.
    Remitted,
    /// What the account holds from which the bank pays partners.
    PayoutAccount,
    /// What the merchant has put into it, less what it took out.
    PayoutFunding,
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
            Self::MerchantReceivable => "merchant_receivable".into(),
            Self::PartnerPayable(partner) => format!("partner_payable:{partner}"),
            Self::PlatformFees => "platform_fees".into(),
            Self::PlatformVat => "platform_vat".into(),
            Self::DiscountShares => "discount_shares".into(),
            Self::WithholdingPayable => "withholding_payable".into(),
            Self::Remitted => "remitted".into(),
            Self::PayoutAccount => "payout_account".into(),
            Self::PayoutFunding => "payout_funding".into(),
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "sales" => Some(Self::Sales),
            "refunds" => Some(Self::Refunds),
            "psp_fees" => Some(Self::PspFees),
            "promotion_discounts" => Some(Self::PromotionDiscounts),
            "promotion_budgets" => Some(Self::PromotionBudgets),
            "merchant_receivable" => Some(Self::MerchantReceivable),
            "platform_fees" => Some(Self::PlatformFees),
            "platform_vat" => Some(Self::PlatformVat),
            "discount_shares" => Some(Self::DiscountShares),
            "withholding_payable" => Some(Self::WithholdingPayable),
            "remitted" => Some(Self::Remitted),
            "payout_account" => Some(Self::PayoutAccount),
            "payout_funding" => Some(Self::PayoutFunding),
            _ => match name.split_once(':')? {
                ("psp_receivable", key) => Some(Self::PspReceivable(ChannelKey::known(key))),
                ("partner_payable", id) => Some(Self::PartnerPayable(PartnerId::known(id))),
                _ => None,
            },
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

/// Whose book a posting of the settlement platform belongs to, and where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerContext {
    /// The merchant's representative store.
    pub store: StoreId,
    pub environment: Environment,
    /// `None`: it is about no partner.
    pub partner: Option<PartnerId>,
    pub currency: Currency,
    pub at: Timestamp,
}

/// What stands in place of a payment in the books of a partner. No payment can have such an id: it begins
/// with a control character.
pub fn partner_book(environment: Environment, partner: Option<&PartnerId>) -> PaymentId {
    let partner = partner.map_or("", PartnerId::as_str);
    PaymentId::known(format!("\u{1f}{}\u{1f}{partner}", environment.as_str()))
}

impl Posting {
    /// Movements of the settlement platform, each from its second account to its first; below 0 the other
    /// way round. `None` when nothing is moved.
    pub fn of_partner(
        id: String,
        context: PartnerContext,
        movements: &[(Account, Account, SignedAmount)],
    ) -> Option<Self> {
        let mut sums: BTreeMap<&Account, i64> = BTreeMap::new();
        for (debit, credit, amount) in movements {
            let units = amount.minor_units();
            let debited = sums.entry(debit).or_default();
            *debited = debited.saturating_add(units);
            let credited = sums.entry(credit).or_default();
            *credited = credited.saturating_sub(units);
        }
        let entries: Vec<Entry> = sums
            .into_iter()
            .filter(|(_, signed)| *signed != 0)
            .map(|(account, signed)| Entry { account: account.clone(), signed })
            .collect();
        let payment = PaymentKey {
            store: context.store.clone(),
            payment: partner_book(context.environment, context.partner.as_ref()),
        };
        (!entries.is_empty()).then_some(Self {
            id,
            store: context.store,
            environment: context.environment,
            currency: context.currency,
            at: context.at,
            payment,
            entries,
        })
    }

    /// Whether it is about a partner and not about a payment.
    pub fn is_of_platform(&self) -> bool {
        self.payment.payment.as_str().starts_with('\u{1f}')
    }

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
            Account::MerchantReceivable,
            Account::PartnerPayable(PartnerId::known("a:b")),
            Account::PlatformFees,
            Account::PlatformVat,
            Account::DiscountShares,
            Account::WithholdingPayable,
            Account::Remitted,
            Account::PayoutAccount,
            Account::PayoutFunding,
        ] {
            assert_eq!(Account::parse(&account.name()), Some(account));
        }
    }
}
