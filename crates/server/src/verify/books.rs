//! Our ledger against the simulated PSP's own books, charge by charge and in sum.
//!
//! Both sides are reduced to a fingerprint that does not depend on order: the sum of the digests of
//! all charges. Equal fingerprints prove that both have the same charges with the same amounts,
//! without looking a single one up; only a store whose fingerprints differ is walked through again to
//! name what differs. What has an answer outstanding is kept apart.

use super::payment::Charged;
use super::report::{Open, Report, Rule};
use anyhow::Context;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::{PaymentKey, StoreId, TransactionId};
use paypier_domain::job::Task;
use paypier_domain::money::Currency;
use paypier_storage::{ReadError, Storage};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};

const SIMULATOR: &str = "sandbox";
const ORDER: &str = "order";
const PAGE: u32 = 512;

/// Our side, as far as it was read.
#[derive(Debug, Default)]
pub struct Books {
    stores: BTreeMap<StoreId, Side>,
}

#[derive(Debug, Default)]
struct Side {
    fingerprint: u128,
    totals: BTreeMap<(String, Currency), Total>,
    /// Charges with an answer outstanding.
    open: HashSet<TransactionId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Total {
    approved: i128,
    refunded: i128,
}

/// One charge as either side knows it.
struct Line<'a> {
    reference: &'a str,
    merchant_id: &'a str,
    currency: Currency,
    approved: i64,
    refunded: i64,
}

impl Side {
    fn add(&mut self, line: &Line<'_>) {
        // Nothing was charged: the other side may not even know of it.
        if line.approved == 0 && line.refunded == 0 {
            return;
        }
        self.fingerprint = self.fingerprint.wrapping_add(line.digest());
        let total = self.totals.entry((line.merchant_id.to_owned(), line.currency)).or_default();
        total.approved = total.approved.saturating_add(line.approved.into());
        total.refunded = total.refunded.saturating_add(line.refunded.into());
    }
}

impl Line<'_> {
    fn digest(&self) -> u128 {
        let mut digest = Sha256::new();
        for part in [self.reference, self.merchant_id, self.currency.code()] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        digest.update(self.approved.to_be_bytes());
        digest.update(self.refunded.to_be_bytes());
        let digest: [u8; 32] = digest.finalize().into();
        u128::from_be_bytes(*digest.first_chunk().unwrap_or(&[0; 16]))
    }
}

impl Books {
    pub fn ours(&mut self, charged: Vec<Charged>) {
        for charge in charged.into_iter().filter(|charge| charge.connector == SIMULATOR) {
            let side = self.stores.entry(charge.store.clone()).or_default();
            if charge.is_open {
                side.open.insert(charge.transaction);
                continue;
            }
            side.add(&Line {
                reference: charge.transaction.as_str(),
                merchant_id: &charge.merchant_id,
                currency: charge.currency,
                approved: charge.approved,
                refunded: charge.refunded,
            });
        }
    }

    /// # Errors
    /// The database cannot be read.
    pub async fn compare(mut self, storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
        let known =
            storage.stores_with_simulator().await.context("the simulated PSP's books cannot be read")?;
        let stores: BTreeSet<StoreId> = self.stores.keys().cloned().chain(known).collect();
        for store in stores {
            let ours = self.stores.remove(&store).unwrap_or_default();
            let theirs = theirs(storage, &store, &ours.open, report).await?;
            if ours.fingerprint == theirs.fingerprint {
                continue;
            }
            let named = name_differences(storage, &store, &ours.open, report).await?;
            if named.differences > 0 {
                name_totals(&store, &ours, &theirs, report);
                continue;
            }
            let state = match named.unreadable {
                // Read one after the other while payments were made: each charge agrees by now.
                0 => "changed while they were compared; every charge agrees".to_owned(),
                count => format!("cannot be compared: the payments of {count} charges cannot be read"),
            };
            report.add_open(Open { subject: format!("{store} totals at the simulated PSP"), state });
        }
        Ok(())
    }
}

async fn theirs(
    storage: &Storage,
    store: &StoreId,
    open: &HashSet<TransactionId>,
    report: &mut Report,
) -> anyhow::Result<Side> {
    let mut side = Side::default();
    let mut after = None;
    while let Some(page) = orders(storage, store, after.as_deref()).await? {
        for order in &page {
            report.checked.psp_orders = report.checked.psp_orders.saturating_add(1);
            if open.contains(&TransactionId::known(order.id.as_str())) {
                continue;
            }
            if let Some(line) = line_of(order) {
                side.add(&line);
            }
        }
        after = page.last().map(|order| order.id.clone());
    }
    Ok(side)
}

/// The next page of the PSP's orders, `None` behind the last.
async fn orders(
    storage: &Storage,
    store: &StoreId,
    after: Option<&str>,
) -> anyhow::Result<Option<Vec<SimulatorRecord>>> {
    let page = storage
        .simulator_records(store, ORDER, after, PAGE)
        .await
        .with_context(|| format!("the simulated PSP's orders of {store} cannot be read"))?;
    Ok((!page.is_empty()).then_some(page))
}

fn line_of(order: &SimulatorRecord) -> Option<Line<'_>> {
    Some(Line {
        reference: &order.id,
        merchant_id: &order.merchant_id,
        currency: order.currency?,
        approved: order.approved,
        refunded: order.refunded,
    })
}

/// Walks through both sides of a store and names every charge that differs. Both are read anew, so
/// what was only changing agrees by now.
async fn name_differences(
    storage: &Storage,
    store: &StoreId,
    open: &HashSet<TransactionId>,
    report: &mut Report,
) -> anyhow::Result<Named> {
    let before = report.difference_count;
    let mut unreadable = 0u64;
    let mut after: Option<String> = None;
    while let Some(page) = orders(storage, store, after.as_deref()).await? {
        for order in page.iter().filter(|order| order.approved != 0 || order.refunded != 0) {
            let transaction = TransactionId::known(order.id.as_str());
            if open.contains(&transaction) {
                continue;
            }
            match ledger_side(storage, store, &transaction).await? {
                Ours::Unreadable => unreadable = unreadable.saturating_add(1),
                Ours::Nothing => report.differs(
                    Rule::ChargeIsOurs,
                    format!("{store} order {} at the simulated PSP", order.id),
                    "an attempt of ours with this id",
                    format!("none, while the PSP holds {} and gave back {}", order.approved, order.refunded),
                ),
                Ours::Charge(charged) if charged.is_open => {}
                Ours::Charge(charged) => {
                    let is_equal = charged.approved == order.approved
                        && charged.refunded == order.refunded
                        && charged.merchant_id == order.merchant_id
                        && Some(charged.currency) == order.currency;
                    if !is_equal && is_being_told(storage, order).await? {
                        let subject = format!("{store}/{} attempt {transaction}", charged.payment);
                        report.add_open(Open { subject, state: "THE PSP IS TELLING".to_owned() });
                    } else if !is_equal {
                        report.differs(
                            Rule::PspAgrees,
                            format!("{store}/{} attempt {transaction}", charged.payment),
                            format!(
                                "as the PSP says: {} approved, {} refunded",
                                order.approved, order.refunded
                            ),
                            format!(
                                "in our ledger: {} approved, {} refunded",
                                charged.approved, charged.refunded
                            ),
                        );
                    }
                }
            }
        }
        after = page.last().map(|order| order.id.clone());
    }
    name_unknown_charges(storage, store, report).await?;
    Ok(Named { differences: report.difference_count.saturating_sub(before), unreadable })
}

/// What of an order says that the PSP may have something to tell about it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ToTell {
    notifications: Vec<IgnoredAny>,
    chargebacks: Vec<IgnoredAny>,
    account: Option<Deposited>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deposited {
    #[serde(default)]
    is_paid_after_close: bool,
}

/// Whether the PSP did something of its own accord (a chargeback, a deposit after the account was
/// closed) and a notification about it is on its way, or what it said is to be looked at again. Until
/// then it is ahead of us, rightly.
async fn is_being_told(storage: &Storage, order: &SimulatorRecord) -> anyhow::Result<bool> {
    let to_tell: ToTell = serde_json::from_str(&order.document).unwrap_or_default();
    let is_late = to_tell.account.is_some_and(|account| account.is_paid_after_close);
    if to_tell.chargebacks.is_empty() && !is_late {
        return Ok(false);
    }
    let notifications = (1..=to_tell.notifications.len())
        .map(|number| Task::SimulatorNotification { id: format!("sbxn_{number}_{}", order.id) }.key());
    let looks = (1..=to_tell.chargebacks.len())
        .map(|number| format!("look_again:{}:sbxb_{number}_{}", order.id, order.id));
    let keys: Vec<String> = notifications.chain(looks).collect();
    let missing = storage.missing_jobs(&keys).await.context("the jobs cannot be read")?;
    Ok(missing.len() < keys.len())
}

/// What a walk through both sides has named.
struct Named {
    differences: u64,
    /// Orders whose payment of ours cannot be read; named as such where payments are looked at.
    unreadable: u64,
}

/// Our side of one order.
enum Ours {
    Charge(Charged),
    Nothing,
    Unreadable,
}

/// What our ledger says about the attempt at present.
async fn ledger_side(
    storage: &Storage,
    store: &StoreId,
    transaction: &TransactionId,
) -> anyhow::Result<Ours> {
    let payment = match storage.payment_by_transaction(store, transaction).await {
        Ok(Some(payment)) => payment,
        Ok(None) => return Ok(Ours::Nothing),
        Err(ReadError::Broken(_)) => return Ok(Ours::Unreadable),
        Err(error) => return Err(error).context("a payment cannot be read"),
    };
    let charged = charges_of(storage, &payment).await?;
    Ok(charged
        .into_iter()
        .find(|charge| charge.transaction == *transaction)
        .map_or(Ours::Nothing, Ours::Charge))
}

async fn charges_of(
    storage: &Storage,
    payment: &paypier_domain::payment::Payment,
) -> anyhow::Result<Vec<Charged>> {
    let entries = storage.ledger_of(&payment.key).await.context("the ledger cannot be read")?;
    Ok(super::payment::Seen { payment, events: &[], entries: &entries }.charged())
}

/// Charges of ours that the PSP has no order for.
async fn name_unknown_charges(storage: &Storage, store: &StoreId, report: &mut Report) -> anyhow::Result<()> {
    // Ids are never empty: this stands before the store's first payment.
    let mut after = PaymentKey { store: store.clone(), payment: paypier_domain::id::PaymentId::known("") };
    loop {
        let page = match storage.payments_in_key_order(Some(&after), PAGE).await {
            Ok(page) => page,
            Err(ReadError::Broken(_)) => return Ok(()),
            Err(error) => return Err(error).context("the payments cannot be read"),
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = last.payment.key.clone();
        let is_last = after.store != *store;
        let payments = page.iter().map(|guarded| &guarded.payment);
        for payment in payments.filter(|payment| payment.key.store == *store) {
            for charge in charges_of(storage, payment).await? {
                if charge.is_open
                    || charge.connector != SIMULATOR
                    || (charge.approved == 0 && charge.refunded == 0)
                {
                    continue;
                }
                let order = storage
                    .simulator_record(store, ORDER, charge.transaction.as_str())
                    .await
                    .context("the simulated PSP's books cannot be read")?;
                if order.is_none() {
                    report.differs(
                        Rule::PspKnowsCharge,
                        format!("{store}/{} attempt {}", charge.payment, charge.transaction),
                        "an order of the simulated PSP",
                        format!(
                            "none, while our ledger has {} approved, {} refunded",
                            charge.approved, charge.refunded
                        ),
                    );
                }
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

fn name_totals(store: &StoreId, ours: &Side, theirs: &Side, report: &mut Report) {
    let accounts: BTreeSet<_> = ours.totals.keys().chain(theirs.totals.keys()).collect();
    for account in accounts {
        let (our, their) = (
            ours.totals.get(account).copied().unwrap_or_default(),
            theirs.totals.get(account).copied().unwrap_or_default(),
        );
        if our != their {
            let (merchant_id, currency) = account;
            report.differs(
                Rule::PspTotals,
                format!("{store} PSP account {merchant_id} in {currency}"),
                format!("as the PSP says: {} approved, {} refunded", their.approved, their.refunded),
                format!("in our ledger: {} approved, {} refunded", our.approved, our.refunded),
            );
        }
    }
}
