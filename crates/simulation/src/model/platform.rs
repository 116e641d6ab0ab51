//! What may be true of the settlement platform: what an order gave is taken back once at most, what was settled
//! is paid once at most, and the books, the bank and the statements tell the same story.

mod answers;
mod bank;
mod known;
mod payouts;
mod settlements;
mod transfers;

pub use answers::statement_ties;
pub use known::{Bulk, Marketplace, Marketplaces, Order, Settled};

use crate::ground::Finding;
use crate::office::Person;
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::settlement::amount::SettlementAmount;
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{AccountTransfer, BulkPayout, Payout, PayoutAccount};
use paypier_domain::settlement::payout::PayoutAmounts;
use paypier_domain::settlement::status::{BulkPayoutStatus, PayoutStatus};
use paypier_domain::settlement::transfer::Transfer;
use std::collections::{BTreeMap, BTreeSet};

/// A partner's account in the books: the posting's id, by how much more is owed, and when.
pub type BookLines = Vec<(String, i64, Timestamp)>;

/// Everything that is stored of one merchant's TEST platform at one moment.
#[derive(Debug)]
pub struct SeenMarket {
    pub merchant: &'static str,
    pub today: Date,
    pub transfers: Vec<Transfer>,
    pub settlements: Vec<PartnerSettlement>,
    pub payouts: Vec<Payout>,
    pub bulks: Vec<BulkPayout>,
    pub movements: Vec<AccountTransfer>,
    pub accounts: Vec<PayoutAccount>,
    /// By store and id: what was paid of a payment of ours, and its cancellations that succeeded.
    pub paid: BTreeMap<(String, String), PaidPayment>,
    /// By partner, in won.
    pub books: BTreeMap<String, BookLines>,
}

#[derive(Debug, Default)]
pub struct PaidPayment {
    pub total: i64,
    pub cancellations: BTreeMap<String, i64>,
}

/// When it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Busy,
    /// Nothing is outstanding and nothing is due.
    AtRest,
}

/// Everything that is remembered of one merchant's platform.
#[derive(Debug, Default)]
pub struct Market {
    told: Told,
    asked: Asked,
    seen: History,
}

/// What operators were told.
#[derive(Debug, Default)]
struct Told {
    partners: BTreeSet<String>,
    /// By id: whose it is.
    transfers: BTreeMap<String, String>,
    deleted: BTreeSet<String>,
    /// By bulk payout, what was recorded as paid.
    completed: BTreeMap<String, Vec<String>>,
    succeeded: BTreeSet<String>,
    /// Whose was the bulk payout.
    makers: BTreeMap<String, Person>,
    deposits: BTreeSet<String>,
    /// By the memo of each.
    withdrawals: BTreeSet<String>,
    /// What was looked up, and for whom it has vouched.
    vouched: BTreeMap<String, String>,
}

/// What may have happened although nobody was told so.
#[derive(Debug, Default)]
struct Asked {
    deletions: BTreeSet<String>,
    settlement_deletions: BTreeSet<String>,
    /// By depositor: how often it was asked for, once where there was a key.
    deposits: BTreeMap<String, u64>,
    /// By memo, the same.
    withdrawals: BTreeMap<String, u64>,
}

/// What was seen stored, which most things must stay.
#[derive(Debug, Default)]
struct History {
    frozen: BTreeMap<String, SettlementAmount>,
    /// By transfer, the settlement that it has joined.
    joined: BTreeMap<String, String>,
    /// By settlement, whose it is.
    partners: BTreeMap<String, String>,
    /// By settlement that was paid, the payout and how much it was worth.
    paid: BTreeMap<String, (String, i64)>,
    /// By payout, what was ever inside.
    inside: BTreeMap<String, BTreeSet<String>>,
    payouts: BTreeMap<String, (PayoutStatus, PayoutAmounts)>,
    bulks: BTreeMap<String, BulkPayoutStatus>,
    /// Movements that have ended, by id: whether money moved, and how much.
    ended: BTreeMap<String, (bool, i64)>,
    postings: BTreeMap<String, i64>,
}

impl Market {
    /// Compares what is stored with everything that is known.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn look_at(&mut self, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
        self.transfers_fit(seen)?;
        self.settlements_fit(seen, moment)?;
        self.payouts_fit(seen, moment)?;
        self.bank_agrees(seen, moment)
    }
}

/// The platforms of both merchants.
#[derive(Debug, Default)]
pub struct Markets(BTreeMap<&'static str, Market>);

impl Markets {
    pub fn of(&mut self, merchant: &'static str) -> &mut Market {
        self.0.entry(merchant).or_default()
    }
}

fn broken<T>(law: &'static str, what: impl Into<String>) -> Result<T, Finding> {
    Err(Finding::new(law, what))
}

/// Sums are made where nothing can overflow.
fn sum(units: impl IntoIterator<Item = i64>) -> i128 {
    units.into_iter().fold(0i128, |sum, units| sum.saturating_add(i128::from(units)))
}
