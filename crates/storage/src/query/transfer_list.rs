//! Pages of transfers, the newest first, among any number of them.
//!
//! A page is found by its keys, as far as possible in an index alone, and only what is shown is read whole.
//! Before that, as little as needed is counted to know which way to go ([`Way`]).

use super::narrow::{Narrowed, owner};
use super::transfer::{SELECT, read};
use super::transfer_filter::{
    By, Part, TransferFilter, TransferKeyword, TransferPlace, Way, settlement_statuses,
};
use super::{Page, PageAsk};
use crate::engine::Query;
use crate::plan::day;
use crate::row::{Value, text};
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use paypier_domain::settlement::status::TransferStatus;
use paypier_domain::settlement::transfer::Transfer;

/// Matches that a list counts at most, as in lists of payments.
const MOST_COUNTED: u64 = 60_000;

/// Up to how many of what narrows a list count as rare: then they are looked up and sorted.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Rare {
    /// Transfers of a range of days. Sorting them needs their keys only.
    pub of_days: u64,
    /// The same, where something narrows, too, that is looked up for each.
    pub of_days_and_more: u64,
    pub partners: u64,
    pub settlements: u64,
    pub terms: u64,
}

impl Rare {
    pub const DEFAULT: Self = Self {
        of_days: MOST_COUNTED,
        of_days_and_more: 5_000,
        partners: 200,
        settlements: 500,
        terms: 2_000,
    };
}

/// A text with its values.
struct Asked {
    text: String,
    values: Vec<Value>,
}

impl Storage {
    /// A page of transfers, the newest first.
    pub async fn platform_transfers(
        &self,
        filter: &TransferFilter,
        page: PageAsk,
    ) -> Result<Page<Transfer>, ReadError> {
        self.platform_transfers_by(filter, page, Rare::DEFAULT).await
    }

    /// The same, where the tests say what is rare.
    #[doc(hidden)]
    pub async fn platform_transfers_by(
        &self,
        filter: &TransferFilter,
        page: PageAsk,
        rare: Rare,
    ) -> Result<Page<Transfer>, ReadError> {
        let way = self.way(filter, rare).await?;
        let keys = keys(filter, way, None, u64::from(page.size), page.offset());
        let (items, total) =
            tokio::try_join!(self.transfers_with(filter, keys), self.transfers_counted(filter, way))?;
        Ok(Page { items, total: total.min(MOST_COUNTED), total_is_exact: total <= MOST_COUNTED })
    }

    /// The transfers of a list behind a place: how a list of any length is read piece by piece.
    pub async fn platform_transfers_after(
        &self,
        filter: &TransferFilter,
        after: Option<&TransferPlace>,
        limit: u32,
    ) -> Result<Vec<Transfer>, ReadError> {
        let way = self.way(filter, Rare::DEFAULT).await?;
        self.transfers_with(filter, keys(filter, way, after, limit.into(), 0)).await
    }

    async fn transfers_with(&self, filter: &TransferFilter, keys: Asked) -> Result<Vec<Transfer>, ReadError> {
        let whole = format!(
            "{SELECT} JOIN ({}) k ON t.merchant_id = ?1 AND t.environment = ?2 AND t.transfer_id = k.id \
             ORDER BY k.at DESC, k.id DESC",
            keys.text
        );
        let rows = self.engine.rows(Query::scan("platform_transfers", whole, keys.values)).await?;
        rows.into_iter().map(|row| read(row, &filter.platform)).collect()
    }

    /// Which way to go.
    async fn way(&self, filter: &TransferFilter, rare: Rare) -> Result<Way, ReadError> {
        if filter.keyword.as_ref().is_some_and(TransferKeyword::is_rare) {
            return Ok(Way::Rare(By::Keyword));
        }
        for terms in filter.terms() {
            let mut values = owner(&filter.platform);
            let marks = marks(&mut values, terms.any.iter().map(|term| text(term)));
            let of = format!(
                "platform_transfer_terms WHERE {OWNED} AND kind = '{}' AND term IN ({marks})",
                terms.kind
            );
            if self.is_rare(&of, values, rare.terms).await? {
                return Ok(Way::Rare(By::Terms(terms.kind)));
            }
        }
        if let Some((which, from, until)) = filter.days {
            let mut values = owner(&filter.platform);
            values.extend([day(from), day(until)]);
            let column = which.column();
            let of = format!(
                "platform_transfers WHERE {OWNED} AND deleted_at IS NULL AND {column} >= ?3 AND {column} <= ?4"
            );
            if self.is_rare(&of, values, most_of_days(filter, rare)).await? {
                return Ok(Way::Rare(By::Days));
            }
        }
        if !filter.partner_tags.is_empty() {
            let mut values = owner(&filter.platform);
            let marks = marks(&mut values, filter.partner_tags.iter().map(|tag| text(tag)));
            let of = format!("platform_partner_tags WHERE {OWNED} AND tag IN ({marks})");
            if self.is_rare(&of, values, rare.partners).await? {
                return Ok(Way::Rare(By::Tags));
            }
        }
        match filter.parted() {
            (waiting, joined)
                if waiting.iter().all(|one| *one == TransferStatus::Settled) && !joined.is_empty() =>
            {
                let words = settlement_statuses(&joined);
                let of = format!("platform_partner_settlements WHERE {OWNED} AND status IN ({words})");
                if self.is_rare(&of, owner(&filter.platform), rare.settlements).await? {
                    return Ok(Way::Rare(By::Statuses));
                }
            }
            (waiting, joined) if waiting == [TransferStatus::Scheduled] && joined.is_empty() => {
                let mut values = owner(&filter.platform);
                values.push(day(filter.today));
                let of =
                    format!("platform_transfers WHERE {OWNED} AND deleted_at IS NULL AND starts_on > ?3");
                if self.is_rare(&of, values, most_of_days(filter, rare)).await? {
                    return Ok(Way::Rare(By::Statuses));
                }
            }
            _ => {}
        }
        Ok(Way::Newest)
    }

    async fn is_rare(&self, of: &str, values: Vec<Value>, most: u64) -> Result<bool, ReadError> {
        let limit = most.saturating_add(1);
        let count = format!("SELECT count(*) FROM (SELECT 1 FROM {of} LIMIT {limit}) few");
        Ok(self.counted_by(count, values).await? <= most)
    }

    /// How many match: exact up to [`MOST_COUNTED`]. What has joined a settlement and what has not are counted
    /// one after the other, because each has an index of its own.
    async fn transfers_counted(&self, filter: &TransferFilter, way: Way) -> Result<u64, ReadError> {
        let (waiting, joined) = filter.parted();
        let parts: &[Part] = match (waiting.is_empty(), joined.is_empty()) {
            (true, true) => &[Part::All],
            (true, false) => &[Part::Joined],
            (false, true) => &[Part::Waiting],
            (false, false) => &[Part::Waiting, Part::Joined],
        };
        let mut total = 0u64;
        for part in parts {
            let way = match part {
                // To be counted, nothing has to be sorted, and these have all that is asked for.
                Part::All | Part::Joined | Part::Waiting if filter.days.is_some() && filter.is_plain() => {
                    Way::Rare(By::Days)
                }
                Part::Joined if filter.is_by_status_only() => Way::Rare(By::Statuses),
                Part::Waiting if waiting == [TransferStatus::Scheduled] && filter.is_plain() => {
                    Way::Rare(By::Statuses)
                }
                Part::All | Part::Joined | Part::Waiting => way,
            };
            let narrowed = filter.conditions(way, *part);
            // In order, or else SQLite, which keeps no statistics, takes an index that has not got what is asked for.
            // PostgreSQL would sort what it counts.
            let order = match (self.engine.dialect(), way) {
                (Dialect::Sqlite, Way::Newest) => {
                    format!("ORDER BY {} DESC, t.transfer_id DESC", time(way, *part))
                }
                (Dialect::Sqlite, Way::Rare(_)) | (Dialect::Postgres, _) => String::new(),
            };
            let count = format!(
                "SELECT count(*) FROM (SELECT 1 FROM platform_transfers t WHERE {} {order} LIMIT {}) few",
                narrowed.text(),
                MOST_COUNTED.saturating_add(1)
            );
            total = total.saturating_add(self.counted_by(count, narrowed.values).await?);
        }
        Ok(total)
    }

    async fn counted_by(&self, count: String, values: Vec<Value>) -> Result<u64, ReadError> {
        match self.engine.row(Query::scan("platform_transfers", count, values)).await? {
            Some(mut row) => row.count("count"),
            None => Ok(0),
        }
    }
}

/// Up to how many transfers of a range of days are sorted.
fn most_of_days(filter: &TransferFilter, rare: Rare) -> u64 {
    if filter.is_plain() { rare.of_days } else { rare.of_days_and_more }
}

const OWNED: &str = "merchant_id = ?1 AND environment = ?2";

fn marks(values: &mut Vec<Value>, wanted: impl IntoIterator<Item = Value>) -> String {
    let mut marks = Vec::new();
    for value in wanted {
        values.push(value);
        marks.push(format!("?{}", values.len()));
    }
    marks.join(", ")
}

/// The time of a transfer, as an index brings it: that of all, or that of those that wait. What is sorted
/// afterwards must not tempt anybody to go through all by time.
const fn time(way: Way, part: Part) -> &'static str {
    match (way, part) {
        (Way::Newest, Part::All | Part::Joined) => "t.created_at",
        (Way::Newest, Part::Waiting) | (Way::Rare(_), _) => "(t.created_at + 0)",
    }
}

/// The keys of a page, as `at` and `id`.
fn keys(filter: &TransferFilter, way: Way, after: Option<&TransferPlace>, size: u64, offset: u64) -> Asked {
    let page = format!("LIMIT {size} OFFSET {offset}");
    let start = Narrowed::of(&filter.platform);
    match (way, filter.parted()) {
        // No index brings both together.
        (Way::Rare(By::Statuses), (waiting, joined)) if !waiting.is_empty() && !joined.is_empty() => {
            let waiting = behind(filter.narrow(start, way, Part::Waiting), way, Part::Waiting, after);
            let joined = Narrowed::beside(waiting.values.clone());
            let joined = behind(filter.narrow(joined, way, Part::Joined), way, Part::Joined, after);
            let of = "SELECT (t.created_at + 0) AS at, t.transfer_id AS id FROM platform_transfers t WHERE";
            let text = format!(
                "SELECT at, id FROM ({of} {} UNION ALL {of} {}) both_parts ORDER BY at DESC, id DESC {page}",
                waiting.text(),
                joined.text()
            );
            Asked { text, values: joined.values }
        }
        (_, (waiting, joined)) => {
            let part = if joined.is_empty() && !waiting.is_empty() { Part::Waiting } else { Part::All };
            let narrowed = behind(filter.narrow(start, way, part), way, part, after);
            let at = time(way, part);
            let text = format!(
                "SELECT {at} AS at, t.transfer_id AS id FROM platform_transfers t WHERE {} \
                 ORDER BY {at} DESC, t.transfer_id DESC {page}",
                narrowed.text()
            );
            Asked { text, values: narrowed.values }
        }
    }
}

/// What comes behind a place.
fn behind(mut narrowed: Narrowed, way: Way, part: Part, after: Option<&TransferPlace>) -> Narrowed {
    if let Some(place) = after {
        let (at, id) = (narrowed.bind(place.created_at.into()), narrowed.bind(text(place.id.as_str())));
        narrowed.push(format!("({}, t.transfer_id) < ({at}, {id})", time(way, part)));
    }
    narrowed
}
