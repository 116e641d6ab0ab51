//! Numbers of virtual accounts, none of which is given out twice.
//!
//! The store's counter is in the books. A block of numbers is taken from it at a time, so that most
//! accounts cost no write of their own; what is left of a block when the process ends is never used.

use super::books::BooksError;
use super::pages::{SETTINGS, document, page, settings_record};
use super::secret::number_below;
use super::{Psp, TRIES};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;
use tokio::sync::Mutex;

const COUNTER: &str = "account-numbers";
const BLOCK: u64 = 64;
const NINE_DIGITS: u64 = 1_000_000_000;
/// Has no factor in common with 10⁹, so that multiplying by it visits every number once.
const STRIDE: u64 = 387_420_489;

#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<HashMap<StoreId, Range<u64>>>);

impl Numbers {
    pub(super) async fn forget(&self, store: &StoreId) {
        self.0.lock().await.remove(store);
    }
}

#[derive(Serialize, Deserialize)]
struct Counter {
    next: u64,
}

impl Psp {
    pub(super) async fn next_account_number(
        &self,
        store: &StoreId,
        now: Timestamp,
    ) -> Result<String, BooksError> {
        let mut blocks = self.account_numbers.0.lock().await;
        let taken = match blocks.get_mut(store).and_then(Iterator::next) {
            Some(taken) => taken,
            None => {
                let mut block = self.take_block(store, now).await?;
                let taken = block.next().unwrap_or(block.start);
                blocks.insert(store.clone(), block);
                taken
            }
        };
        drop(blocks);
        let branch = number_below(&self.deriver.derive("branch", &[store.as_str()]), 0, 10_000);
        Ok(number(branch, taken))
    }

    /// The number of a lasting account: the same for the same name at the same merchant, and none of those
    /// that rotate.
    pub(super) fn fixed_account_number(&self, store: &StoreId, merchant: &str, id: &str) -> String {
        let name = self.deriver.derive("fixed account", &[store.as_str(), merchant, id]);
        format!("8{:013}", number_below(&name, 0, 10_000_000_000_000))
    }

    async fn take_block(&self, store: &StoreId, now: Timestamp) -> Result<Range<u64>, BooksError> {
        for _ in 0..TRIES {
            let stored = self.books.record(store, SETTINGS, COUNTER).await?;
            let next = stored.as_ref().map(page::<Counter>).transpose()?.map_or(0, |counter| counter.next);
            let end = next.saturating_add(BLOCK);
            let record =
                settings_record(store, COUNTER, stored.as_ref(), document(&Counter { next: end })?, now);
            match self.books.write(record, Vec::new()).await {
                Ok(()) => return Ok(next..end),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error),
            }
        }
        Err(BooksError::Conflict)
    }
}

/// Fourteen digits: 9, the store's four, and nine that look shuffled. After a thousand million
/// accounts the numbers get longer instead of repeating.
fn number(branch: u64, taken: u64) -> String {
    let place = taken.checked_rem(NINE_DIGITS).unwrap_or(0);
    let round = taken.checked_div(NINE_DIGITS).unwrap_or(0);
    let shuffled = place.saturating_mul(STRIDE).checked_rem(NINE_DIGITS).unwrap_or(0);
    let round = if round == 0 { String::new() } else { round.to_string() };
    format!("9{branch:04}{shuffled:09}{round}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_never_repeat() {
        let numbers: HashSet<String> =
            (0..100_000).chain(NINE_DIGITS..NINE_DIGITS + 1_000).map(|n| number(7, n)).collect();
        assert_eq!(numbers.len(), 101_000);
        assert!(numbers.iter().all(|n| n.len() >= 14 && n.starts_with("90007")));
    }
}
