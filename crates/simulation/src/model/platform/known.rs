//! What the operators of a marketplace know, to ask about later. What they heard last may be old by now.

use crate::dice::Dice;
use crate::office::Person;
use serde_json::Value;
use std::collections::BTreeMap;

/// An order that was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: String,
    pub partner: String,
    pub payment: String,
    pub is_external: bool,
    pub has_lines: bool,
}

/// A partner settlement as somebody was told it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub id: String,
    pub partner: String,
    pub status: String,
    pub settles_on: String,
    /// What it adds to a payout: below nothing for cancels.
    pub amount: i64,
    /// The bulk payout among whose settlements it was listed.
    bulk: Option<String>,
}

impl Settled {
    pub fn is_payable(&self) -> bool {
        matches!(self.status.as_str(), "PAYOUT_PREPARED" | "PAYOUT_FAILED" | "CANCELLED")
    }

    pub fn bulk_is(&self, bulk: &str) -> bool {
        self.bulk.as_deref() == Some(bulk)
    }

    fn read(item: &Value, bulk: Option<&str>) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let amount = item["amount"].as_i64().or_else(|| item["amount"]["settlement"].as_i64())?;
        Some(Self {
            id: text(&item["id"])?,
            partner: text(&item["partner"]["id"])?,
            status: text(&item["status"])?,
            settles_on: text(&item["settlementDate"])?,
            amount: if item["type"] == "ORDER_CANCEL" { amount.saturating_neg() } else { amount },
            bulk: bulk.map(str::to_owned),
        })
    }
}

/// A bulk payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    pub id: String,
    pub status: String,
    /// Who made it, when that was heard.
    pub maker: Option<Person>,
}

/// Everything that one marketplace's operators have heard.
#[derive(Debug, Default)]
pub struct Marketplace {
    orders: Vec<Order>,
    transfers: Vec<String>,
    settled: BTreeMap<String, Settled>,
    bulks: Vec<Bulk>,
    payouts: BTreeMap<String, String>,
    /// A withdrawal, and who has asked for it, when that was heard.
    withdrawals: Vec<(String, Option<Person>)>,
    /// A look-up of an account, and whose it turned out to be.
    look_ups: Vec<(String, String)>,
}

/// Lists are short, as all that merchants know.
const KEPT: usize = 24;

fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() >= KEPT {
        list.remove(0);
    }
    list.push(item);
}

fn latest<'a, T>(list: &[&'a T], dice: &mut Dice) -> Option<&'a T> {
    let from = if dice.happens(600) { list.len().saturating_sub(5) } else { 0 };
    dice.pick(list.get(from..)?).copied()
}

impl Marketplace {
    pub fn registered(&mut self, order: Order) {
        keep(&mut self.orders, order);
    }

    pub fn has_transfer(&mut self, id: &str) {
        if !self.transfers.iter().any(|known| known == id) {
            keep(&mut self.transfers, id.to_owned());
        }
    }

    pub fn is_gone(&mut self, id: &str) {
        self.orders.retain(|order| order.id != id);
    }

    pub fn order(&self, dice: &mut Dice, wanted: impl Fn(&Order) -> bool) -> Option<&Order> {
        let found: Vec<&Order> = self.orders.iter().filter(|order| wanted(order)).collect();
        latest(&found, dice)
    }

    pub fn transfer(&self, dice: &mut Dice) -> Option<String> {
        let all: Vec<&String> = self.transfers.iter().collect();
        latest(&all, dice).cloned()
    }

    /// A page of settlements was read, of a bulk payout or of all.
    pub fn settlements_are(&mut self, page: &Value, bulk: Option<&str>) {
        for item in page["items"].as_array().into_iter().flatten() {
            if let Some(settled) = Settled::read(item, bulk) {
                self.settled.insert(settled.id.clone(), settled);
            }
        }
    }

    pub fn settlement_is(&mut self, settlement: &Value) {
        if let Some(settled) = Settled::read(settlement, None) {
            self.settled.insert(settled.id.clone(), settled);
        }
    }

    pub fn settlement_is_gone(&mut self, id: &str) {
        self.settled.remove(id);
    }

    pub fn all_settled(&self) -> impl Iterator<Item = &Settled> {
        self.settled.values()
    }

    pub fn settled(&self, dice: &mut Dice, wanted: impl Fn(&Settled) -> bool) -> Option<&Settled> {
        let found: Vec<&Settled> = self.settled.values().filter(|one| wanted(one)).collect();
        dice.pick(&found).copied()
    }

    /// A bulk payout stands so; whoever has just made it is its maker.
    pub fn bulk_is(&mut self, bulk: &Value, maker: Option<Person>) {
        let (Some(id), Some(status)) = (bulk["id"].as_str(), bulk["status"].as_str()) else { return };
        match self.bulks.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                status.clone_into(&mut known.status);
                known.maker = known.maker.or(maker);
            }
            None => keep(&mut self.bulks, Bulk { id: id.to_owned(), status: status.to_owned(), maker }),
        }
    }

    pub fn bulk(&self, dice: &mut Dice, wanted: impl Fn(&Bulk) -> bool) -> Option<&Bulk> {
        let found: Vec<&Bulk> = self.bulks.iter().filter(|bulk| wanted(bulk)).collect();
        latest(&found, dice)
    }

    pub fn payout_is(&mut self, payout: &Value) {
        if let (Some(id), Some(status)) = (payout["id"].as_str(), payout["status"].as_str()) {
            self.payouts.insert(id.to_owned(), status.to_owned());
        }
    }

    pub fn payout(&self, dice: &mut Dice, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let found: Vec<&String> =
            self.payouts.iter().filter(|(_, status)| wanted(status)).map(|(id, _)| id).collect();
        dice.pick(&found).map(|id| (*id).clone())
    }

    /// A withdrawal was asked for or changed.
    pub fn withdrawal_is(&mut self, transfer: &Value, asker: Option<Person>) {
        let Some(id) = transfer["id"].as_str() else { return };
        let before = self.withdrawals.iter().find(|(known, _)| known == id).and_then(|(_, asker)| *asker);
        self.withdrawals.retain(|(known, _)| known != id);
        keep(&mut self.withdrawals, (id.to_owned(), before.or(asker)));
    }

    pub fn withdrawal(&self, dice: &mut Dice) -> Option<(String, Option<Person>)> {
        let all: Vec<_> = self.withdrawals.iter().collect();
        latest(&all, dice).cloned()
    }

    pub fn looked_up(&mut self, id: String, holder: String) {
        keep(&mut self.look_ups, (id, holder));
    }

    /// A look-up to vouch with, now and then.
    pub fn look_up(&self, dice: &mut Dice) -> Option<(String, String)> {
        if dice.happens(400) { dice.pick(&self.look_ups).cloned() } else { None }
    }
}

/// What is known in each marketplace.
#[derive(Debug, Default)]
pub struct Marketplaces {
    first: Marketplace,
    second: Marketplace,
}

impl Marketplaces {
    pub fn of(&self, merchant: &str) -> &Marketplace {
        if merchant == crate::office::SHOPS[0].merchant { &self.first } else { &self.second }
    }

    pub fn at(&mut self, merchant: &str) -> &mut Marketplace {
        if merchant == crate::office::SHOPS[0].merchant { &mut self.first } else { &mut self.second }
    }
}
