//! Reads, one file a subject. None waits for a writer, and none decides about money: guards are in
//! the commit.

use crate::row::{Value, text};
use crate::{Cursor, CursorRange};
use paypier_domain::id::StoreId;

/// Declares texts that do not depend on what is asked, and lists them for the test that prepares each
/// on both databases.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* const $name: &str = $text;)*

        #[cfg(test)]
        pub(crate) const TEXTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use texts;

pub mod account;
pub mod billing_key;
pub mod cash_receipt;
pub mod checkout;
pub mod claim;
pub mod delivery;
pub mod event;
pub mod global;
pub mod identity_verification;
mod narrow;
pub mod paying;
pub mod payment;
pub mod payment_link;
pub mod pg_tx_id;
pub mod platform;
pub mod promotion;
pub mod schedule;
pub mod simulator;
pub mod subscription;
pub mod transfer;
pub mod transfer_filter;
pub mod transfer_list;
pub mod unknown;
pub mod vat;
pub mod verify;
pub mod window;

/// Every such text.
#[cfg(test)]
pub(crate) fn all_texts() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [
        account::TEXTS,
        billing_key::TEXTS,
        cash_receipt::TEXTS,
        checkout::TEXTS,
        claim::TEXTS,
        delivery::TEXTS,
        event::TEXTS,
        global::TEXTS,
        identity_verification::TEXTS,
        paying::TEXTS,
        payment::TEXTS,
        payment_link::TEXTS,
        pg_tx_id::TEXTS,
        platform::TEXTS,
        schedule::TEXTS,
        promotion::TEXTS,
        simulator::TEXTS,
        subscription::TEXTS,
        transfer::TEXTS,
        verify::TEXTS,
        window::TEXTS,
        crate::queue::TEXTS,
    ]
    .into_iter()
    .flatten()
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAsk {
    /// From 0.
    pub number: u32,
    pub size: u32,
}

impl PageAsk {
    pub(crate) fn offset(self) -> u64 {
        u64::from(self.number).saturating_mul(u64::from(self.size))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many rows match, over all pages.
    pub total: u64,
    /// Whether `total` is the exact number, or a lower bound because there are more rows than are
    /// worth counting (see [`payment`]).
    pub total_is_exact: bool,
}

/// Keeps the first of several walks that were merged.
pub(crate) fn cut(cursors: &mut Vec<Cursor>, limit: u32) {
    cursors.sort_by(|a, b| (a.at, &a.store, &a.id).cmp(&(b.at, &b.store, &b.id)));
    cursors.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
}

/// One store's part of a walk in the order (time, store, id). `select` ends in `store_id = ?1`.
pub(crate) fn cursor_walk(
    range: &CursorRange,
    store: &StoreId,
    select: &str,
    (time, id): (&str, &str),
) -> (String, Vec<Value>) {
    let (from, until) = range.bounds();
    let mut values = vec![text(store.as_str()), from.into(), until.into()];
    let behind = match &range.after {
        None => String::new(),
        Some(cursor) => {
            values.push(cursor.at.into());
            match store.as_str().cmp(cursor.store.as_str()) {
                std::cmp::Ordering::Less => format!(" AND {time} > ?4"),
                std::cmp::Ordering::Greater => format!(" AND {time} >= ?4"),
                std::cmp::Ordering::Equal => {
                    values.push(text(&cursor.id));
                    format!(" AND ({time}, {id}) > (?4, ?5)")
                }
            }
        }
    };
    let limit = range.limit;
    (format!("{select} AND {time} >= ?2 AND {time} < ?3{behind} ORDER BY {time}, {id} LIMIT {limit}"), values)
}
