//! Partner settlements, payouts, bulk payouts, and the movements of the accounts that they are paid from.

use super::narrow::{Narrowed, named, owner};
use super::transfer::read_day;
use super::{Page, PageAsk};
use crate::engine::Query;
use crate::plan::day;
use crate::row::{Row, Value, micros, text};
use crate::shape::paying::{Account, Bulk, Movement, Movements, Payout as PayoutShape};
use crate::shape::transfer::Settlement as SettlementShape;
use crate::shape::{amount, instant, maybe_instant};
use crate::{ReadError, Storage};
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::ledger::{Account as Ledger, partner_book};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::group::{GroupKey, GroupKind};
use paypier_domain::settlement::id::{
    BulkPayoutId, ContractId, PartnerId, PartnerSettlementId, PayoutId, TransferId,
};
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{
    AccountTransfer, AccountTransferId, AccountTransferStatus, BulkAccountTransfer, BulkAccountTransferId,
    BulkAccountTransferStatus, BulkPayout, Payout, PayoutAccount, PayoutAccountId,
};
use paypier_domain::settlement::status::{BulkPayoutStatus, PartnerSettlementStatus, PayoutStatus};
use std::collections::BTreeMap;

/// Matches that a list counts at most.
const MOST_COUNTED: u64 = 100_000;
/// Ids that one statement asks for.
const IDS_AT_ONCE: usize = 200;

const SETTLEMENT: &str = "settlement_id, store_id, created_at, version, partner_id, kind, alone_id, contract_id, currency, \
     settles_on, status, status_at, transfers, payout_id, bulk_payout_id, body";
const PAYOUT: &str = "payout_id, store_id, bulk_payout_id, created_at, version, method, status, status_at, partner_id, \
     currency, settlement, amount, scheduled_at, body";
const BULK: &str = "bulk_payout_id, store_id, created_at, version, method, currency, status, status_at, created_by, \
     approved_by, reserved_for, body";
const MOVEMENT: &str = "account_transfer_id, store_id, account_id, created_at, version, status, status_at, amount, traded_at, \
     asked_by, approved_by, body";
const MOVEMENTS: &str =
    "bulk_account_transfer_id, store_id, account_id, created_at, version, status, status_at, total, body";

// What is few is ordered, and narrowed down, by what is in no index, as in `transfer.rs`.
texts! {
    WAITING = "SELECT settlement_id, store_id, created_at, version, partner_id, kind, alone_id, contract_id, currency, \
        settles_on, status, status_at, transfers, payout_id, bulk_payout_id, body FROM platform_partner_settlements \
        WHERE merchant_id = ?1 AND environment = ?2 AND partner_id = ?3 AND settles_on = ?4 AND kind = ?5 \
        AND coalesce(contract_id, '') = ?6 AND coalesce(alone_id, '') = ?7 AND currency = ?8 \
        AND (status || '') = 'PAYOUT_PREPARED' ORDER BY (created_at + 0), (settlement_id || '') LIMIT 1";
    OF_PAYOUT = "SELECT settlement_id, store_id, created_at, version, partner_id, kind, alone_id, contract_id, currency, \
        settles_on, status, status_at, transfers, payout_id, bulk_payout_id, body FROM platform_partner_settlements \
        WHERE merchant_id = ?1 AND environment = ?2 AND payout_id = ?3 ORDER BY (settlement_id || '')";
    OF_BULK = "SELECT settlement_id, store_id, created_at, version, partner_id, kind, alone_id, contract_id, currency, \
        settles_on, status, status_at, transfers, payout_id, bulk_payout_id, body FROM platform_partner_settlements \
        WHERE merchant_id = ?1 AND environment = ?2 AND bulk_payout_id = ?3 ORDER BY (settlement_id || '')";
    OF_PARTNER = "SELECT settlement_id, store_id, created_at, version, partner_id, kind, alone_id, contract_id, currency, \
        settles_on, status, status_at, transfers, payout_id, bulk_payout_id, body FROM platform_partner_settlements \
        WHERE merchant_id = ?1 AND environment = ?2 AND partner_id = ?3 AND settles_on >= ?4 AND settles_on <= ?5 \
        ORDER BY settles_on, settlement_id LIMIT ?6";
    PAYOUT_BY_ID = "SELECT payout_id, store_id, bulk_payout_id, created_at, version, method, status, status_at, partner_id, \
        currency, settlement, amount, scheduled_at, body FROM platform_payouts \
        WHERE merchant_id = ?1 AND environment = ?2 AND payout_id = ?3";
    PAYOUTS_OF = "SELECT payout_id, store_id, bulk_payout_id, created_at, version, method, status, status_at, partner_id, \
        currency, settlement, amount, scheduled_at, body FROM platform_payouts \
        WHERE merchant_id = ?1 AND environment = ?2 AND bulk_payout_id = ?3 ORDER BY payout_id";
    PAYOUT_OPEN = "SELECT 1 FROM platform_payouts WHERE merchant_id = ?1 AND environment = ?2 AND bulk_payout_id = ?3 \
        AND status NOT IN ('SUCCEEDED', 'FAILED', 'STOPPED', 'CANCELLED') LIMIT 1";
    MOVEMENTS_FOR = "SELECT DISTINCT m.bulk_account_transfer_id FROM platform_payouts p JOIN platform_account_transfers m \
        ON m.merchant_id = p.merchant_id AND m.environment = p.environment AND m.payout_id = p.payout_id \
        WHERE p.merchant_id = ?1 AND p.environment = ?2 AND p.bulk_payout_id = ?3 \
        AND m.bulk_account_transfer_id IS NOT NULL ORDER BY m.bulk_account_transfer_id";
    BULK_BY_ID = "SELECT bulk_payout_id, store_id, created_at, version, method, currency, status, status_at, created_by, \
        approved_by, reserved_for, body FROM platform_bulk_payouts \
        WHERE merchant_id = ?1 AND environment = ?2 AND bulk_payout_id = ?3";
    BULKS_GOING = "SELECT count(*) FROM platform_bulk_payouts \
        WHERE merchant_id = ?1 AND environment = ?2 AND status IN ('ONGOING', 'POST_PROCESS_PENDING')";
    BULKS_RESERVED = "SELECT count(*) FROM platform_bulk_payouts \
        WHERE merchant_id = ?1 AND environment = ?2 AND status = 'PREPARED' AND reserved_for IS NOT NULL";
    MOVEMENT_BY_ID = "SELECT account_transfer_id, store_id, account_id, created_at, version, status, status_at, amount, \
        traded_at, asked_by, approved_by, body FROM platform_account_transfers \
        WHERE merchant_id = ?1 AND environment = ?2 AND account_transfer_id = ?3";
    MOVEMENTS_OF_PAYOUT = "SELECT account_transfer_id, store_id, account_id, created_at, version, status, status_at, amount, \
        traded_at, asked_by, approved_by, body FROM platform_account_transfers \
        WHERE merchant_id = ?1 AND environment = ?2 AND payout_id = ?3 ORDER BY (created_at + 0) DESC, account_transfer_id DESC";
    MOVEMENTS_BY_ID = "SELECT bulk_account_transfer_id, store_id, account_id, created_at, version, status, status_at, total, \
        body FROM platform_bulk_account_transfers \
        WHERE merchant_id = ?1 AND environment = ?2 AND bulk_account_transfer_id = ?3";
    MOVEMENTS_OPEN = "SELECT count(*) FROM platform_account_transfers WHERE merchant_id = ?1 AND environment = ?2 \
        AND bulk_account_transfer_id = ?3 AND status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED', 'STOPPED')";
    ACCOUNT = "SELECT account_id, store_id, created_at, currency, balance, held, last_sequence, body \
        FROM platform_accounts WHERE merchant_id = ?1 AND environment = ?2 AND account_id = ?3";
    ACCOUNTS = "SELECT account_id, store_id, created_at, currency, balance, held, last_sequence, body \
        FROM platform_accounts WHERE merchant_id = ?1 AND environment = ?2 ORDER BY created_at, account_id";
    OWED_BEFORE = "SELECT CAST(coalesce(sum(signed), 0) AS TEXT) FROM ledger_entries \
        WHERE store_id = ?1 AND lane = ?2 AND account = ?3 AND currency = ?4 AND at < ?5";
    OWED_LINES = "SELECT posting_id, signed, at FROM ledger_entries WHERE store_id = ?1 AND lane = ?2 AND account = ?3 \
        AND currency = ?4 AND at >= ?5 AND at < ?6 ORDER BY at, posting_id, line LIMIT ?7";
    DAYS = "SELECT DISTINCT settles_on FROM platform_partner_settlements \
        WHERE merchant_id = ?1 AND environment = ?2 ORDER BY settles_on DESC LIMIT ?3";
}

/// How many match, and what they add up to (minor units), by status.
pub type ByStatus = BTreeMap<String, (u64, i128)>;

/// Whose account a statement is of.
#[derive(Debug, Clone, Copy)]
pub struct PartnerBook<'a> {
    pub home: &'a StoreId,
    pub environment: Environment,
    pub partner: &'a PartnerId,
    pub currency: Currency,
}

/// What partner settlements are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementFilter {
    pub platform: PlatformKey,
    pub days: Vec<Date>,
    pub contracts: Vec<String>,
    pub partner_tags: Vec<String>,
    pub currencies: Vec<String>,
    pub statuses: Vec<String>,
    pub partners: Vec<String>,
    /// `ORDER`, `ORDER_CANCEL`, `MANUAL`.
    pub kinds: Vec<String>,
    pub id: Option<String>,
    pub payout: Option<String>,
    pub bulk: Option<String>,
}

impl SettlementFilter {
    pub const fn of(platform: PlatformKey) -> Self {
        Self {
            platform,
            days: Vec::new(),
            contracts: Vec::new(),
            partner_tags: Vec::new(),
            currencies: Vec::new(),
            statuses: Vec::new(),
            partners: Vec::new(),
            kinds: Vec::new(),
            id: None,
            payout: None,
            bulk: None,
        }
    }

    fn conditions(&self) -> Narrowed {
        let mut narrowed = Narrowed::of(&self.platform);
        if !self.days.is_empty() {
            let marks = narrowed.list(self.days.iter().map(|one| day(*one)));
            narrowed.push(format!("settles_on IN ({marks})"));
        }
        narrowed.any("contract_id", &self.contracts);
        narrowed.tags(&self.partner_tags);
        narrowed.any("currency", &self.currencies);
        narrowed.any("partner_id", &self.partners);
        narrowed.any("kind", &self.kinds);
        for (column, id) in
            [("settlement_id", &self.id), ("payout_id", &self.payout), ("bulk_payout_id", &self.bulk)]
        {
            if let Some(id) = id {
                narrowed.is(column, text(id));
            }
        }
        narrowed
    }
}

/// A time of a payout, a bulk payout or a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayingTime {
    Created,
    StatusUpdated,
    Scheduled,
    /// When the bank moved the money; of movements only.
    Traded,
}

impl PayingTime {
    const fn column(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::StatusUpdated => "status_at",
            Self::Scheduled => "scheduled_at",
            Self::Traded => "traded_at",
        }
    }
}

/// Both ends inclusive.
pub type PayingRange = (PayingTime, Timestamp, Timestamp);

fn ranged(narrowed: &mut Narrowed, range: Option<&PayingRange>) {
    if let Some((time, from, until)) = range {
        let column = time.column();
        let (from, until) = (narrowed.bind(micros(*from).into()), narrowed.bind(micros(*until).into()));
        narrowed.push(format!("{column} >= {from} AND {column} <= {until}"));
    }
}

/// What payouts are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutFilter {
    pub platform: PlatformKey,
    pub range: Option<PayingRange>,
    pub bulk: Option<String>,
    pub ids: Vec<String>,
    pub statuses: Vec<String>,
    pub partners: Vec<String>,
    pub partner_tags: Vec<String>,
    pub banks: Vec<String>,
    pub currencies: Vec<String>,
    pub partner_types: Vec<String>,
    pub taxations: Vec<String>,
    /// Nothing matches: of what is asked for, this server makes none.
    pub hopeless: bool,
}

impl PayoutFilter {
    pub const fn of(platform: PlatformKey) -> Self {
        Self {
            platform,
            range: None,
            bulk: None,
            ids: Vec::new(),
            statuses: Vec::new(),
            partners: Vec::new(),
            partner_tags: Vec::new(),
            banks: Vec::new(),
            currencies: Vec::new(),
            partner_types: Vec::new(),
            taxations: Vec::new(),
            hopeless: false,
        }
    }

    fn conditions(&self) -> Narrowed {
        let mut narrowed = Narrowed::of(&self.platform);
        if self.hopeless {
            narrowed.push("1 = 0".into());
        }
        ranged(&mut narrowed, self.range.as_ref());
        if let Some(bulk) = &self.bulk {
            narrowed.is("bulk_payout_id", text(bulk));
        }
        narrowed.any("payout_id", &self.ids);
        narrowed.any("partner_id", &self.partners);
        narrowed.tags(&self.partner_tags);
        narrowed.any("bank", &self.banks);
        narrowed.any("currency", &self.currencies);
        narrowed.any("partner_type", &self.partner_types);
        narrowed.any("taxation", &self.taxations);
        narrowed
    }
}

/// What bulk payouts are narrowed down by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPayoutFilter {
    pub platform: PlatformKey,
    pub range: Option<PayingRange>,
    pub id: Option<String>,
    pub statuses: Vec<String>,
    pub methods: Vec<String>,
}

/// What movements are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementFilter {
    pub platform: PlatformKey,
    pub range: Option<PayingRange>,
    pub ids: Vec<String>,
    pub account: Option<String>,
    pub bulk: Option<String>,
    pub payout: Option<String>,
    /// Kind and purpose: `DEPOSIT`, `WITHDRAWAL`, or a withdrawal's purpose.
    pub kinds: Vec<(String, Option<String>)>,
    pub statuses: Vec<String>,
    /// Contained.
    pub depositor: Option<String>,
    pub holder: Option<String>,
    pub deposit_memo: Option<String>,
    pub withdrawal_memo: Option<String>,
}

impl MovementFilter {
    pub const fn of(platform: PlatformKey) -> Self {
        Self {
            platform,
            range: None,
            ids: Vec::new(),
            account: None,
            bulk: None,
            payout: None,
            kinds: Vec::new(),
            statuses: Vec::new(),
            depositor: None,
            holder: None,
            deposit_memo: None,
            withdrawal_memo: None,
        }
    }

    fn conditions(&self) -> Narrowed {
        let mut narrowed = Narrowed::of(&self.platform);
        ranged(&mut narrowed, self.range.as_ref());
        narrowed.any("account_transfer_id", &self.ids);
        for (column, id) in [
            ("account_id", &self.account),
            ("bulk_account_transfer_id", &self.bulk),
            ("payout_id", &self.payout),
        ] {
            if let Some(id) = id {
                narrowed.is(column, text(id));
            }
        }
        if !self.kinds.is_empty() {
            let any: Vec<String> = self
                .kinds
                .iter()
                .map(|(kind, purpose)| {
                    let kind = narrowed.bind(text(kind));
                    match purpose {
                        None => format!("kind = {kind}"),
                        Some(purpose) => {
                            let purpose = narrowed.bind(text(purpose));
                            format!("(kind = {kind} AND purpose = {purpose})")
                        }
                    }
                })
                .collect();
            narrowed.push(format!("({})", any.join(" OR ")));
        }
        for (column, wanted) in [
            ("depositor_text", &self.depositor),
            ("holder_text", &self.holder),
            ("deposit_memo_text", &self.deposit_memo),
            ("withdrawal_memo_text", &self.withdrawal_memo),
        ] {
            if let Some(wanted) = wanted {
                let condition = narrowed.contains(column, wanted);
                narrowed.push(condition);
            }
        }
        narrowed
    }
}

/// What bulk account transfers are narrowed down by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementsFilter {
    pub platform: PlatformKey,
    pub range: Option<PayingRange>,
    pub id: Option<String>,
    pub statuses: Vec<String>,
}

/// A list: its table, columns, the column of ids, and that of what is summed up.
struct Listing {
    table: &'static str,
    columns: &'static str,
    id: &'static str,
    sum: &'static str,
}

impl Storage {
    /// A page, the newest first, and how many match of each status, whatever statuses are asked for.
    async fn paying<T>(
        &self,
        listing: &Listing,
        narrowed: Narrowed,
        statuses: &[String],
        page: PageAsk,
        read: impl Fn(Row) -> Result<T, ReadError>,
    ) -> Result<(Page<T>, ByStatus), ReadError> {
        let Listing { table, columns, id, sum } = listing;
        let counts = format!(
            "SELECT status, count(*), CAST(coalesce(sum({sum}), 0) AS TEXT) FROM \
             (SELECT status, {sum} FROM {table} WHERE {} LIMIT {}) few GROUP BY status",
            narrowed.text(),
            MOST_COUNTED.saturating_add(1)
        );
        let counted = self.by_status(table, counts, narrowed.values.clone()).await?;
        let mut listed = narrowed;
        listed.any("status", statuses);
        let list = format!(
            "SELECT {columns} FROM {table} WHERE {} ORDER BY created_at DESC, {id} DESC LIMIT {} OFFSET {}",
            listed.text(),
            page.size,
            page.offset()
        );
        let rows = self.engine.rows(Query::scan(table, list, listed.values)).await?;
        let items = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        let matching = counted.iter().filter(|(status, _)| statuses.is_empty() || statuses.contains(status));
        let total = matching.fold(0u64, |sum, (_, (count, _))| sum.saturating_add(*count));
        let all = counted.values().fold(0u64, |sum, (count, _)| sum.saturating_add(*count));
        Ok((Page { items, total, total_is_exact: all <= MOST_COUNTED }, counted))
    }

    async fn by_status(
        &self,
        table: &'static str,
        query: String,
        values: Vec<Value>,
    ) -> Result<ByStatus, ReadError> {
        let rows = self.engine.rows(Query::scan(table, query, values)).await?;
        rows.into_iter()
            .map(|mut row| {
                let (status, count) = (row.text("status")?, row.count("count")?);
                let sum = row.text("sum")?.parse().map_err(|_| row.broken("sum", "is no sum"))?;
                Ok((status, (count, sum)))
            })
            .collect()
    }

    async fn counted(&self, query: &'static str, values: Vec<Value>) -> Result<u64, ReadError> {
        match self.engine.row(Query::scan("platform", query, values)).await? {
            Some(mut row) => row.count("count"),
            None => Ok(0),
        }
    }

    /// The settlements with these ids that exist, by id.
    pub async fn partner_settlements_by_id(
        &self,
        platform: &PlatformKey,
        ids: &[PartnerSettlementId],
    ) -> Result<Vec<PartnerSettlement>, ReadError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(IDS_AT_ONCE) {
            let mut narrowed = Narrowed::of(platform);
            let ids: Vec<String> = chunk.iter().map(|id| id.as_str().to_owned()).collect();
            narrowed.any("settlement_id", &ids);
            let query = format!(
                "SELECT {SETTLEMENT} FROM platform_partner_settlements WHERE {} ORDER BY settlement_id",
                narrowed.text()
            );
            let query = Query::scan("platform_partner_settlements", query, narrowed.values);
            for row in self.engine.rows(query).await? {
                found.push(settlement(row, platform)?);
            }
        }
        Ok(found)
    }

    /// The first settlement of a key that still waits to be paid.
    pub async fn waiting_settlement(
        &self,
        platform: &PlatformKey,
        key: &GroupKey,
    ) -> Result<Option<PartnerSettlement>, ReadError> {
        let (contract, alone) = match &key.kind {
            GroupKind::Order(contract) | GroupKind::OrderCancel(contract) => (contract.as_str(), ""),
            GroupKind::Manual => ("", ""),
            GroupKind::ManualAlone(transfer) => ("", transfer.as_str()),
        };
        let mut values = named(platform, key.partner.as_str());
        values.extend([
            day(key.settles_on),
            key.kind.word().into(),
            text(contract),
            text(alone),
            text(key.currency.code()),
        ]);
        let read = |row| settlement(row, platform);
        self.one("platform_partner_settlements", WAITING, values, read).await
    }

    pub async fn settlements_of_payout(
        &self,
        platform: &PlatformKey,
        payout: &PayoutId,
    ) -> Result<Vec<PartnerSettlement>, ReadError> {
        self.settlements_by(platform, OF_PAYOUT, named(platform, payout.as_str())).await
    }

    /// Those that a bulk payout has selected, or was made of.
    pub async fn settlements_of_bulk(
        &self,
        platform: &PlatformKey,
        bulk: &BulkPayoutId,
    ) -> Result<Vec<PartnerSettlement>, ReadError> {
        self.settlements_by(platform, OF_BULK, named(platform, bulk.as_str())).await
    }

    /// Those of a partner that are settled on these days, both inclusive, by day.
    pub async fn settlements_of_partner(
        &self,
        platform: &PlatformKey,
        partner: &PartnerId,
        (from, until): (Date, Date),
        limit: u32,
    ) -> Result<Vec<PartnerSettlement>, ReadError> {
        let mut values = named(platform, partner.as_str());
        values.extend([day(from), day(until), limit.into()]);
        self.settlements_by(platform, OF_PARTNER, values).await
    }

    async fn settlements_by(
        &self,
        platform: &PlatformKey,
        query: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<PartnerSettlement>, ReadError> {
        let rows = self.engine.rows(Query::scan("platform_partner_settlements", query, values)).await?;
        rows.into_iter().map(|row| settlement(row, platform)).collect()
    }

    pub async fn partner_settlements(
        &self,
        filter: &SettlementFilter,
        page: PageAsk,
    ) -> Result<(Page<PartnerSettlement>, ByStatus), ReadError> {
        let listing = Listing {
            table: "platform_partner_settlements",
            columns: SETTLEMENT,
            id: "settlement_id",
            sum: "settlement",
        };
        let read = |row| settlement(row, &filter.platform);
        self.paying(&listing, filter.conditions(), &filter.statuses, page, read).await
    }

    /// The days that settlements are of, the latest first.
    pub async fn settlement_days(&self, platform: &PlatformKey, limit: u32) -> Result<Vec<Date>, ReadError> {
        let mut values = owner(platform);
        values.push(limit.into());
        self.all("platform_partner_settlements", DAYS, values, |mut row| read_day(&mut row, "settles_on"))
            .await
    }

    /// What a partner was owed before a time, by the books, minor units; and what moved it from then until
    /// another time: the posting's id, by how much (above 0 is owed more), and when.
    pub async fn owed_to_partner(
        &self,
        book: &PartnerBook<'_>,
        (from, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<(i128, Vec<(String, i64, Timestamp)>), ReadError> {
        let account = Ledger::PartnerPayable(book.partner.clone()).name();
        let lane = partner_book(book.environment, Some(book.partner));
        let mut values = vec![
            text(book.home.as_str()),
            text(lane.as_str()),
            text(&account),
            text(book.currency.code()),
            micros(from).into(),
        ];
        let before = Query::scan("ledger_entries", OWED_BEFORE, values.clone());
        let before: i128 = match self.engine.row(before).await? {
            Some(mut row) => row.text("sum")?.parse().map_err(|_| row.broken("sum", "is no sum"))?,
            None => 0,
        };
        values.extend([micros(until).into(), limit.into()]);
        let rows = self.engine.rows(Query::scan("ledger_entries", OWED_LINES, values)).await?;
        let lines = rows.into_iter().map(|mut row| {
            // The books keep what is owed as a credit.
            Ok((row.text("posting_id")?, row.int("signed")?.saturating_neg(), row.at("at")?))
        });
        Ok((before.saturating_neg(), lines.collect::<Result<_, ReadError>>()?))
    }

    pub async fn platform_payout(
        &self,
        platform: &PlatformKey,
        id: &PayoutId,
    ) -> Result<Option<Payout>, ReadError> {
        let read = |row| payout(row, platform);
        self.one("platform_payouts", PAYOUT_BY_ID, named(platform, id.as_str()), read).await
    }

    pub async fn payouts_of_bulk(
        &self,
        platform: &PlatformKey,
        bulk: &BulkPayoutId,
    ) -> Result<Vec<Payout>, ReadError> {
        let query = Query::scan("platform_payouts", PAYOUTS_OF, named(platform, bulk.as_str()));
        self.engine.rows(query).await?.into_iter().map(|row| payout(row, platform)).collect()
    }

    /// Whether a payout of a bulk payout has not ended yet.
    pub async fn has_open_payouts(
        &self,
        platform: &PlatformKey,
        bulk: &BulkPayoutId,
    ) -> Result<bool, ReadError> {
        let query = Query::point("platform_payouts", PAYOUT_OPEN, named(platform, bulk.as_str()));
        Ok(self.engine.row(query).await?.is_some())
    }

    /// The bulk account transfers in which the payouts of a bulk payout were moved.
    pub async fn movements_for_bulk(
        &self,
        platform: &PlatformKey,
        bulk: &BulkPayoutId,
    ) -> Result<Vec<BulkAccountTransferId>, ReadError> {
        let query = Query::scan("platform_account_transfers", MOVEMENTS_FOR, named(platform, bulk.as_str()));
        let rows = self.engine.rows(query).await?;
        rows.into_iter()
            .map(|mut row| Ok(BulkAccountTransferId::known(row.text("bulk_account_transfer_id")?)))
            .collect()
    }

    pub async fn platform_payouts(
        &self,
        filter: &PayoutFilter,
        page: PageAsk,
    ) -> Result<(Page<Payout>, ByStatus), ReadError> {
        let listing = Listing { table: "platform_payouts", columns: PAYOUT, id: "payout_id", sum: "amount" };
        let read = |row| payout(row, &filter.platform);
        self.paying(&listing, filter.conditions(), &filter.statuses, page, read).await
    }

    /// The payouts of each of these bulk payouts by status, with their sums.
    pub async fn payout_stats(
        &self,
        platform: &PlatformKey,
        bulks: &[BulkPayoutId],
    ) -> Result<BTreeMap<BulkPayoutId, ByStatus>, ReadError> {
        let ids: Vec<String> = bulks.iter().map(|id| id.as_str().to_owned()).collect();
        let stats =
            self.stats(platform, "platform_payouts", "bulk_payout_id", "status", "amount", &ids).await?;
        Ok(stats.into_iter().map(|(id, counts)| (BulkPayoutId::known(id), counts)).collect())
    }

    /// The movements of each of these bulk account transfers by status, with their sums.
    pub async fn movement_stats(
        &self,
        platform: &PlatformKey,
        bulks: &[BulkAccountTransferId],
    ) -> Result<BTreeMap<BulkAccountTransferId, ByStatus>, ReadError> {
        let ids: Vec<String> = bulks.iter().map(|id| id.as_str().to_owned()).collect();
        let table = "platform_account_transfers";
        let stats = self.stats(platform, table, "bulk_account_transfer_id", "status", "amount", &ids).await?;
        Ok(stats.into_iter().map(|(id, counts)| (BulkAccountTransferId::known(id), counts)).collect())
    }

    async fn stats(
        &self,
        platform: &PlatformKey,
        table: &'static str,
        of: &str,
        status: &str,
        sum: &str,
        ids: &[String],
    ) -> Result<BTreeMap<String, ByStatus>, ReadError> {
        let mut stats: BTreeMap<String, ByStatus> = BTreeMap::new();
        for chunk in ids.chunks(IDS_AT_ONCE) {
            let mut narrowed = Narrowed::of(platform);
            narrowed.any(of, chunk);
            let query = format!(
                "SELECT {of}, {status}, count(*), CAST(sum({sum}) AS TEXT) FROM {table} WHERE {} \
                 GROUP BY {of}, {status}",
                narrowed.text()
            );
            for mut row in self.engine.rows(Query::scan(table, query, narrowed.values)).await? {
                let (id, status, count) = (row.text("id")?, row.text("status")?, row.count("count")?);
                let sum = row.text("sum")?.parse().map_err(|_| row.broken("sum", "is no sum"))?;
                stats.entry(id).or_default().insert(status, (count, sum));
            }
        }
        Ok(stats)
    }

    pub async fn bulk_payout(
        &self,
        platform: &PlatformKey,
        id: &BulkPayoutId,
    ) -> Result<Option<BulkPayout>, ReadError> {
        let read = |row| bulk(row, platform);
        self.one("platform_bulk_payouts", BULK_BY_ID, named(platform, id.as_str()), read).await
    }

    pub async fn bulk_payouts(
        &self,
        filter: &BulkPayoutFilter,
        page: PageAsk,
    ) -> Result<(Page<BulkPayout>, ByStatus), ReadError> {
        let mut narrowed = Narrowed::of(&filter.platform);
        ranged(&mut narrowed, filter.range.as_ref());
        if let Some(id) = &filter.id {
            narrowed.is("bulk_payout_id", text(id));
        }
        narrowed.any("method", &filter.methods);
        let listing =
            Listing { table: "platform_bulk_payouts", columns: BULK, id: "bulk_payout_id", sum: "version" };
        let read = |row| bulk(row, &filter.platform);
        self.paying(&listing, narrowed, &filter.statuses, page, read).await
    }

    /// How many bulk payouts are being executed, and how many are reserved.
    pub async fn bulk_payouts_under_way(&self, platform: &PlatformKey) -> Result<(u64, u64), ReadError> {
        Ok((
            self.counted(BULKS_GOING, owner(platform)).await?,
            self.counted(BULKS_RESERVED, owner(platform)).await?,
        ))
    }

    pub async fn account_transfer(
        &self,
        platform: &PlatformKey,
        id: &AccountTransferId,
    ) -> Result<Option<AccountTransfer>, ReadError> {
        let read = |row| movement(row, platform);
        self.one("platform_account_transfers", MOVEMENT_BY_ID, named(platform, id.as_str()), read).await
    }

    /// The movements that were made for a payout, the latest first.
    pub async fn account_transfers_of_payout(
        &self,
        platform: &PlatformKey,
        payout: &PayoutId,
    ) -> Result<Vec<AccountTransfer>, ReadError> {
        let read = |row| movement(row, platform);
        let values = named(platform, payout.as_str());
        self.all("platform_account_transfers", MOVEMENTS_OF_PAYOUT, values, read).await
    }

    pub async fn account_transfers(
        &self,
        filter: &MovementFilter,
        page: PageAsk,
    ) -> Result<(Page<AccountTransfer>, ByStatus), ReadError> {
        let listing = Listing {
            table: "platform_account_transfers",
            columns: MOVEMENT,
            id: "account_transfer_id",
            sum: "amount",
        };
        let read = |row| movement(row, &filter.platform);
        self.paying(&listing, filter.conditions(), &filter.statuses, page, read).await
    }

    pub async fn bulk_account_transfer(
        &self,
        platform: &PlatformKey,
        id: &BulkAccountTransferId,
    ) -> Result<Option<BulkAccountTransfer>, ReadError> {
        let read = |row| movements(row, platform);
        let values = named(platform, id.as_str());
        self.one("platform_bulk_account_transfers", MOVEMENTS_BY_ID, values, read).await
    }

    pub async fn bulk_account_transfers(
        &self,
        filter: &MovementsFilter,
        page: PageAsk,
    ) -> Result<(Page<BulkAccountTransfer>, ByStatus), ReadError> {
        let mut narrowed = Narrowed::of(&filter.platform);
        ranged(&mut narrowed, filter.range.as_ref());
        if let Some(id) = &filter.id {
            narrowed.is("bulk_account_transfer_id", text(id));
        }
        let listing = Listing {
            table: "platform_bulk_account_transfers",
            columns: MOVEMENTS,
            id: "bulk_account_transfer_id",
            sum: "total",
        };
        let read = |row| movements(row, &filter.platform);
        self.paying(&listing, narrowed, &filter.statuses, page, read).await
    }

    /// How many movements of these have not ended.
    pub async fn open_movements(
        &self,
        platform: &PlatformKey,
        bulk: &BulkAccountTransferId,
    ) -> Result<u64, ReadError> {
        self.counted(MOVEMENTS_OPEN, named(platform, bulk.as_str())).await
    }

    pub async fn payout_account(
        &self,
        platform: &PlatformKey,
        id: &PayoutAccountId,
    ) -> Result<Option<PayoutAccount>, ReadError> {
        let read = |row| account(row, platform);
        self.one("platform_accounts", ACCOUNT, named(platform, id.as_str()), read).await
    }

    pub async fn payout_accounts(&self, platform: &PlatformKey) -> Result<Vec<PayoutAccount>, ReadError> {
        let read = |row| account(row, platform);
        self.all("platform_accounts", ACCOUNTS, owner(platform), read).await
    }
}

fn money(row: &mut Row, column: &'static str) -> Result<Amount, ReadError> {
    let units = row.int(column)?;
    amount(units, column).map_err(|wrong| row.broken(column, wrong.0))
}

fn settlement(mut row: Row, platform: &PlatformKey) -> Result<PartnerSettlement, ReadError> {
    let id = PartnerSettlementId::known(row.text("settlement_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let partner = PartnerId::known(row.text("partner_id")?);
    let kind = row.text("kind")?;
    let alone = row.optional_text("alone_id")?.map(TransferId::known);
    let contract = row.optional_text("contract_id")?.map(ContractId::known);
    let kind = match (kind.as_str(), contract, alone) {
        ("ORDER", Some(contract), None) => GroupKind::Order(contract),
        ("ORDER_CANCEL", Some(contract), None) => GroupKind::OrderCancel(contract),
        ("MANUAL", None, None) => GroupKind::Manual,
        ("MANUAL", None, Some(transfer)) => GroupKind::ManualAlone(transfer),
        _ => return Err(row.broken("kind", "does not fit its contract")),
    };
    let currency = row.word("currency", Currency::parse)?;
    let settles_on = read_day(&mut row, "settles_on")?;
    let status = row.word("status", PartnerSettlementStatus::parse)?;
    let status_at = row.at("status_at")?;
    let transfers = row.count("transfers")?;
    let payout = row.optional_text("payout_id")?.map(PayoutId::known);
    let bulk = row.optional_text("bulk_payout_id")?.map(BulkPayoutId::known);
    let mut shape: SettlementShape = row.document("body")?;
    let memo = shape.memo.take().map(Into::into);
    let total = shape.total().map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(PartnerSettlement {
        platform: platform.clone(),
        id,
        home,
        created_at,
        version,
        partner,
        kind,
        currency,
        settles_on,
        status,
        status_at,
        memo,
        total,
        transfers,
        payout,
        bulk,
    })
}

fn payout(mut row: Row, platform: &PlatformKey) -> Result<Payout, ReadError> {
    let id = PayoutId::known(row.text("payout_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let bulk = BulkPayoutId::known(row.text("bulk_payout_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let method = row.word("method", PayoutMethod::parse)?;
    let status = row.word("status", PayoutStatus::parse)?;
    let status_at = row.at("status_at")?;
    let partner = PartnerId::known(row.text("partner_id")?);
    let currency = row.word("currency", Currency::parse)?;
    let settlement = money(&mut row, "settlement")?;
    let paid = money(&mut row, "amount")?;
    let scheduled_at = row.optional_at("scheduled_at")?;
    let shape: PayoutShape = row.document("body")?;
    let body = shape.read(currency, settlement, paid).map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(Payout {
        platform: platform.clone(),
        id,
        home,
        bulk,
        created_at,
        version,
        method,
        status,
        status_at,
        partner,
        terms: body.terms,
        account: body.account,
        amounts: body.amounts,
        memo: body.memo,
        withdrawal_memo: body.withdrawal_memo,
        deposit_memo: body.deposit_memo,
        scheduled_at,
        fail_reason: body.fail_reason,
    })
}

fn bulk(mut row: Row, platform: &PlatformKey) -> Result<BulkPayout, ReadError> {
    let id = BulkPayoutId::known(row.text("bulk_payout_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let method = row.word("method", PayoutMethod::parse)?;
    let currency = row.word("currency", Currency::parse)?;
    let status = row.word("status", BulkPayoutStatus::parse)?;
    let status_at = row.at("status_at")?;
    let created_by = row.text("created_by")?.into();
    let approved_by = row.optional_text("approved_by")?.map(Into::into);
    let reserved_for = row.optional_at("reserved_for")?;
    let shape: Bulk = row.document("body")?;
    let (total_settlement, total_payout) = shape.totals().map_err(|wrong| row.broken("body", wrong.0))?;
    let updated_at = instant(shape.updated_at, "updated_at").map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(BulkPayout {
        platform: platform.clone(),
        id,
        home,
        name: shape.name.into(),
        created_by,
        approved_by,
        method,
        currency,
        settlement_dates: shape.dates,
        status,
        status_at,
        created_at,
        updated_at,
        version,
        reserved_for,
        total_settlement,
        total_payout,
    })
}

fn movement(mut row: Row, platform: &PlatformKey) -> Result<AccountTransfer, ReadError> {
    let id = AccountTransferId::known(row.text("account_transfer_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let account = PayoutAccountId::known(row.text("account_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let status = row.word("status", AccountTransferStatus::parse)?;
    let status_at = row.at("status_at")?;
    let amount = money(&mut row, "amount")?;
    let traded_at = row.optional_at("traded_at")?;
    let asked_by = row.optional_text("asked_by")?.map(Into::into);
    let approved_by = row.optional_text("approved_by")?.map(Into::into);
    let shape: Movement = row.document("body")?;
    let body = shape.read(asked_by, approved_by).map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(AccountTransfer {
        platform: platform.clone(),
        id,
        home,
        account,
        created_at,
        updated_at: body.updated_at,
        version,
        status,
        status_at,
        currency: body.currency,
        amount,
        direction: body.direction,
        deposit_memo: body.deposit_memo,
        withdrawal_memo: body.withdrawal_memo,
        balance: body.balance,
        traded_at,
    })
}

fn movements(mut row: Row, platform: &PlatformKey) -> Result<BulkAccountTransfer, ReadError> {
    let id = BulkAccountTransferId::known(row.text("bulk_account_transfer_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let account = PayoutAccountId::known(row.text("account_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let status = row.word("status", BulkAccountTransferStatus::parse)?;
    let status_at = row.at("status_at")?;
    let total = money(&mut row, "total")?;
    let shape: Movements = row.document("body")?;
    let updated_at = instant(shape.updated_at, "updated_at").map_err(|wrong| row.broken("body", wrong.0))?;
    let scheduled_at =
        maybe_instant(shape.scheduled_at, "scheduled_at").map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(BulkAccountTransfer {
        platform: platform.clone(),
        id,
        home,
        account,
        created_by: shape.created_by.into(),
        total,
        status,
        status_at,
        created_at,
        updated_at,
        version,
        scheduled_at,
    })
}

fn account(mut row: Row, platform: &PlatformKey) -> Result<PayoutAccount, ReadError> {
    let id = PayoutAccountId::known(row.text("account_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let created_at = row.at("created_at")?;
    let currency = row.word("currency", Currency::parse)?;
    let balance = money(&mut row, "balance")?;
    let held = money(&mut row, "held")?;
    let last_sequence = row.small("last_sequence")?;
    let shape: Account = row.document("body")?;
    Ok(PayoutAccount {
        platform: platform.clone(),
        id,
        home,
        provider: shape.provider.into(),
        bank: shape.bank.into(),
        number: shape.number.into(),
        holder: shape.holder.map(Into::into),
        currency,
        created_at,
        balance,
        held,
        last_sequence,
    })
}
