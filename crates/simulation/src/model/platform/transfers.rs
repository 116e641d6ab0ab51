//! What may be true of transfers: an order is registered once, cancels take back what it gave and no more, and
//! nothing changes what has begun.

use super::{Market, SeenMarket, broken, sum};
use crate::ground::Finding;
use paypier_domain::settlement::amount::SettlementAmount;
use paypier_domain::settlement::transfer::{CancelContent, OrderContent, Transfer, TransferContent};
use std::collections::{BTreeMap, BTreeSet};

/// An order transfer and the cancels of it.
struct Bought<'a> {
    transfer: &'a Transfer,
    order: &'a OrderContent,
    cancels: Vec<(&'a Transfer, &'a CancelContent)>,
}

impl Market {
    pub(super) fn transfers_fit(&mut self, seen: &SeenMarket) -> Result<(), Finding> {
        self.told_ones_are_there(seen)?;
        self.what_began_stays(seen)?;
        let mut orders: BTreeMap<&str, Bought<'_>> = BTreeMap::new();
        for transfer in &seen.transfers {
            if let TransferContent::Order(order) = &transfer.content {
                orders.insert(transfer.id.as_str(), Bought { transfer, order, cancels: Vec::new() });
            }
        }
        for transfer in &seen.transfers {
            let TransferContent::OrderCancel(cancel) = &transfer.content else { continue };
            let Some(bought) = orders.get_mut(cancel.original.as_str()) else {
                return broken("an order stays as long as its cancels", transfer.id.to_string());
            };
            bought.cancels.push((transfer, cancel));
        }
        registered_once(&orders)?;
        within_payments(&orders, seen)?;
        within_cancellations(&orders, seen)?;
        orders.values().try_for_each(Bought::takes_back_no_more)
    }

    fn told_ones_are_there(&self, seen: &SeenMarket) -> Result<(), Finding> {
        let stored: BTreeSet<&str> = seen.transfers.iter().map(|one| one.id.as_str()).collect();
        for (id, partner) in &self.told.transfers {
            let is_there = stored.contains(id.as_str());
            if is_there && self.told.deleted.contains(id) {
                return broken("what somebody was told is deleted stays so", id.clone());
            }
            let may_be_gone = self.asked.deletions.contains(id) || self.may_have_gone_along(id, partner);
            if !is_there && !may_be_gone {
                return broken("a transfer that somebody was told of is never lost", id.clone());
            }
        }
        Ok(())
    }

    /// With a settlement that somebody wanted to delete. One that it joined since the last look is not known.
    fn may_have_gone_along(&self, id: &str, partner: &str) -> bool {
        match self.seen.joined.get(id) {
            Some(settlement) => self.asked.settlement_deletions.contains(settlement),
            None => {
                self.asked.settlement_deletions.iter().any(|settlement| {
                    self.seen.partners.get(settlement).is_some_and(|whose| whose == partner)
                })
            }
        }
    }

    /// Amounts that were frozen once, and the settlement that was joined.
    fn what_began_stays(&mut self, seen: &SeenMarket) -> Result<(), Finding> {
        for transfer in &seen.transfers {
            let id = transfer.id.as_str();
            if let (true, Some(amount)) = (transfer.is_frozen(), transfer.amount()) {
                let first = self.seen.frozen.entry(id.to_owned()).or_insert_with(|| amount.clone());
                if first != amount {
                    let what = format!("{id}: {first:?} and then {amount:?}");
                    return broken("nothing changes a transfer that has begun", what);
                }
            }
            let joined = transfer.settlement.as_ref().map(|joined| joined.id.as_str());
            match (self.seen.joined.get(id).map(String::as_str), joined) {
                (Some(before), now) if now != Some(before) => {
                    return broken("a transfer joins one settlement", format!("{id}: {before}, {now:?}"));
                }
                (None, Some(settlement)) => {
                    self.seen.joined.insert(id.to_owned(), settlement.to_owned());
                }
                (Some(_), _) | (None, None) => {}
            }
        }
        Ok(())
    }
}

fn registered_once(orders: &BTreeMap<&str, Bought<'_>>) -> Result<(), Finding> {
    let mut known: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
    for (id, bought) in orders {
        let payment = &bought.order.payment;
        let key = (bought.transfer.partner.as_str(), payment.store.as_str(), payment.id.as_str());
        if let Some(other) = known.insert(key, id) {
            let what = format!("{other} and {id} are of {key:?}");
            return broken("a payment is registered once for a partner", what);
        }
    }
    Ok(())
}

fn within_payments(orders: &BTreeMap<&str, Bought<'_>>, seen: &SeenMarket) -> Result<(), Finding> {
    let mut sums: BTreeMap<(String, String), i128> = BTreeMap::new();
    for bought in orders.values() {
        let payment = &bought.order.payment;
        if payment.is_ours() {
            let key = (payment.store.as_str().to_owned(), payment.id.as_str().to_owned());
            let sum = sums.entry(key).or_default();
            let units = bought.order.calculation.amount.payment.minor_units();
            *sum = sum.saturating_add(i128::from(units));
        }
    }
    for (key, registered) in sums {
        let paid = seen.paid.get(&key).map_or(0, |paid| paid.total);
        if registered > i128::from(paid) {
            let what = format!("{key:?}: {registered} of {paid}");
            return broken("partners get no more of a payment than was paid", what);
        }
    }
    Ok(())
}

fn within_cancellations(orders: &BTreeMap<&str, Bought<'_>>, seen: &SeenMarket) -> Result<(), Finding> {
    let mut sums: BTreeMap<(String, String, String), i128> = BTreeMap::new();
    for bought in orders.values() {
        for (_, cancel) in bought.cancels.iter().filter(|(_, cancel)| cancel.payment.is_ours()) {
            let payment = &cancel.payment;
            let key = (payment.store.to_string(), payment.id.to_string(), cancel.cancellation.id.to_string());
            let sum = sums.entry(key).or_default();
            *sum = sum.saturating_add(i128::from(cancel.calculation.amount.payment.minor_units()));
        }
    }
    for ((store, payment, cancellation), taken) in sums {
        let paid = seen.paid.get(&(store, payment.clone()));
        let cancelled = paid.and_then(|paid| paid.cancellations.get(&cancellation)).copied();
        if taken > i128::from(cancelled.unwrap_or(0)) {
            let what = format!("{payment}, {cancellation}: {taken} of {cancelled:?}");
            return broken("cancels take back no more than was cancelled", what);
        }
    }
    Ok(())
}

/// The members that no later term changes, in minor units.
fn firm(amount: &SettlementAmount) -> [i64; 5] {
    [amount.order, amount.order_tax_free, amount.discount, amount.payment, amount.payment_tax_free]
        .map(|amount| amount.minor_units())
}

/// Those that contracts and policies make.
fn derived(amount: &SettlementAmount) -> [i64; 7] {
    [
        amount.platform_fee,
        amount.platform_fee_vat,
        amount.additional_fee,
        amount.additional_fee_vat,
        amount.discount_share,
        amount.settlement,
        amount.settlement_tax_free,
    ]
    .map(|amount| amount.minor_units())
}

fn column(amounts: &[[i64; 5]], member: usize) -> i128 {
    sum(amounts.iter().filter_map(|row| row.get(member)).copied())
}

impl Bought<'_> {
    fn takes_back_no_more(&self) -> Result<(), Finding> {
        let id = &self.transfer.id;
        let mut under: BTreeSet<&str> = BTreeSet::new();
        for (_, cancel) in &self.cancels {
            if !under.insert(cancel.cancellation.id.as_str()) {
                return broken("a cancellation takes back once of an order", id.to_string());
            }
        }
        let order = firm(&self.order.calculation.amount);
        let taken: Vec<[i64; 5]> =
            self.cancels.iter().map(|(_, cancel)| firm(&cancel.calculation.amount)).collect();
        let is_more = |limits: &[i64; 5], taken: &[[i64; 5]]| {
            limits.iter().enumerate().any(|(member, most)| column(taken, member) > i128::from(*most))
        };
        if is_more(&order, &taken) {
            return broken("cancels take back what the order gave and no more", format!("{id}: {taken:?}"));
        }
        for line in &self.order.calculation.lines {
            let same: Vec<_> = self
                .cancels
                .iter()
                .flat_map(|(_, cancel)| &cancel.calculation.lines)
                .filter(|cancelled| cancelled.product.id == line.product.id)
                .collect();
            let quantity = sum(same.iter().map(|line| i64::from(line.quantity)));
            let taken: Vec<[i64; 5]> = same.iter().map(|line| firm(&line.amount)).collect();
            if quantity > i128::from(line.quantity) || is_more(&firm(&line.amount), &taken) {
                let what = format!("{id}, line {:?}: {quantity}, {taken:?}", line.product.id);
                return broken("cancels take back what a line gave and no more", what);
            }
        }
        self.all_of_it_is_all_of_it(&order, &taken)
    }

    /// Once everything was cancelled, the cancels are exactly the order, member by member. A cancel that began
    /// before its order did has taken back what the order was worth then, and terms may have changed since.
    fn all_of_it_is_all_of_it(&self, order: &[i64; 5], taken: &[[i64; 5]]) -> Result<(), Finding> {
        let is_whole = order.first().is_some_and(|all| *all > 0 && column(taken, 0) == i128::from(*all));
        let is_in_time = |(one, cancel): &(&Transfer, &CancelContent)| {
            one.is_frozen() && cancel.starts_on >= self.order.starts_on
        };
        let is_firm = self.transfer.is_frozen() && self.cancels.iter().all(is_in_time);
        if !is_whole || !is_firm {
            return Ok(());
        }
        let given = derived(&self.order.calculation.amount);
        let back: Vec<[i64; 7]> =
            self.cancels.iter().map(|(_, cancel)| derived(&cancel.calculation.amount)).collect();
        for (member, given) in given.iter().enumerate() {
            let taken = sum(back.iter().filter_map(|row| row.get(member)).copied());
            if taken != i128::from(*given) {
                let what = format!("{}: member {member} gave {given}, {taken} was taken", self.transfer.id);
                return broken("all cancels together are exactly the order", what);
            }
        }
        Ok(())
    }
}
