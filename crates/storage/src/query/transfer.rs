//! Transfers: one, those that others are decided beside, and lists.

use super::narrow::{Narrowed, named, owner};
use super::{Page, PageAsk};
use crate::engine::Query;
use crate::plan::{day, property_term};
use crate::row::{Row, Value, text};
use crate::shape::transfer::{Columns, Transfer as Shape};
use crate::{ReadError, Storage};
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::id::{CancellationId, PaymentId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::{PartnerId, PartnerSettlementId, PayoutId, TransferId};
use paypier_domain::settlement::limit::PaymentParts;
use paypier_domain::settlement::status::{PartnerSettlementStatus, TransferStatus};
use paypier_domain::settlement::transfer::{Joined, Transfer};

/// Matches that a list counts at most.
const MOST_COUNTED: u64 = 100_000;

macro_rules! columns {
    () => {
        "t.merchant_id, t.transfer_id, t.store_id, t.created_at, t.version, t.partner_id, t.starts_on, t.settles_on, \
         t.currency, t.frozen, t.original_id, t.cancellation_id, t.settlement_id, \
         (SELECT s.status FROM platform_partner_settlements s WHERE s.merchant_id = t.merchant_id \
         AND s.environment = t.environment AND s.settlement_id = t.settlement_id), \
         (SELECT s.payout_id FROM platform_partner_settlements s WHERE s.merchant_id = t.merchant_id \
         AND s.environment = t.environment AND s.settlement_id = t.settlement_id), t.body FROM platform_transfers t "
    };
}
const SELECT: &str = concat!("SELECT ", columns!());

texts! {
    TRANSFER = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.transfer_id = ?3 AND t.deleted_at IS NULL");
    ID_USED = "SELECT 1 FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND transfer_id = ?3";
    ORDERS_OF = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.payment_id = ?3 AND t.partner_id = ?4 \
        AND t.kind = 'ORDER' AND t.deleted_at IS NULL ORDER BY t.created_at, t.transfer_id LIMIT 3");
    REGISTERED = "SELECT CAST(coalesce(sum(payment), 0) AS TEXT), CAST(coalesce(sum(payment_tax_free), 0) AS TEXT) \
        FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND payment_id = ?3 \
        AND payment_store_id = ?4 AND channel_key IS NOT NULL AND kind = 'ORDER' AND deleted_at IS NULL";
    CANCELS_OF = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.original_id = ?3 AND t.deleted_at IS NULL \
        ORDER BY t.created_at, t.transfer_id");
    CANCELS_COUNT = "SELECT count(*) FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 \
        AND original_id = ?3 AND deleted_at IS NULL";
    CANCELLED = "SELECT CAST(coalesce(sum(payment), 0) AS TEXT), CAST(coalesce(sum(payment_tax_free), 0) AS TEXT) \
        FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND payment_id = ?3 \
        AND payment_store_id = ?4 AND channel_key IS NOT NULL AND cancellation_id = ?5 AND kind = 'ORDER_CANCEL' AND deleted_at IS NULL";
    HOLD = "SELECT version FROM platform_holds WHERE merchant_id = ?1 AND environment = ?2 AND what = ?3";
    DUE = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.settlement_id IS NULL AND t.deleted_at IS NULL \
        AND t.settles_on <= ?3 AND (t.starts_on IS NULL OR t.starts_on <= ?3) ORDER BY t.settles_on, t.transfer_id LIMIT ?4");
    STARTED = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.frozen = 0 AND t.deleted_at IS NULL \
        AND t.starts_on <= ?3 ORDER BY t.starts_on, t.created_at, t.transfer_id LIMIT ?4");
    INSIDE = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.settlement_id = ?3 AND t.deleted_at IS NULL \
        AND t.transfer_id > ?4 ORDER BY t.transfer_id LIMIT ?5");
    STARTS_LEFT = "SELECT count(*), min(starts_on), max(starts_on) FROM platform_transfers WHERE merchant_id = ?1 \
        AND environment = ?2 AND settlement_id = ?3 AND transfer_id <> ?4 AND deleted_at IS NULL";
    WORKING = "SELECT working FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 \
        AND transfer_id = ?3 AND deleted_at IS NULL";
}

/// Which day of a transfer a range is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferDay {
    Start,
    Settlement,
}

/// What transfers are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferFilter {
    pub platform: PlatformKey,
    /// By which statuses are told.
    pub today: Date,
    /// Both days inclusive.
    pub days: Option<(TransferDay, Date, Date)>,
    pub partner_tags: Vec<String>,
    pub contracts: Vec<String>,
    pub discount_policies: Vec<String>,
    pub fee_policies: Vec<String>,
    pub methods: Vec<String>,
    pub channels: Vec<String>,
    /// `ORDER`, `ORDER_CANCEL`, `MANUAL`.
    pub kinds: Vec<String>,
    pub statuses: Vec<TransferStatus>,
    pub property: Option<(String, String)>,
    pub keyword: Option<TransferKeyword>,
}

/// A text by which transfers are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferKeyword {
    /// Contained in ids, memo, products, or in the partner's name or memo.
    All(String),
    Payment(String),
    Transfer(String),
    /// Contained.
    Memo(String),
    Product(String),
    ProductName(String),
    Partner(String),
    /// Contained.
    PartnerName(String),
    /// Contained.
    PartnerMemo(String),
    /// Contained.
    Settlement(String),
    Payout(String),
}

/// A place in the list of transfers, which begins with the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferPlace {
    pub created_at: Timestamp,
    pub id: TransferId,
}

impl TransferFilter {
    pub fn of(platform: PlatformKey, today: Date) -> Self {
        Self {
            platform,
            today,
            days: None,
            partner_tags: Vec::new(),
            contracts: Vec::new(),
            discount_policies: Vec::new(),
            fee_policies: Vec::new(),
            methods: Vec::new(),
            channels: Vec::new(),
            kinds: Vec::new(),
            statuses: Vec::new(),
            property: None,
            keyword: None,
        }
    }

    fn conditions(&self) -> Narrowed {
        let mut narrowed = Narrowed::of(&self.platform);
        narrowed.push("deleted_at IS NULL".into());
        if let Some((which, from, until)) = self.days {
            let column = match which {
                TransferDay::Start => "starts_on",
                TransferDay::Settlement => "settles_on",
            };
            let (from, until) = (narrowed.bind(day(from)), narrowed.bind(day(until)));
            narrowed.push(format!("{column} >= {from} AND {column} <= {until}"));
        }
        narrowed.tags(&self.partner_tags);
        narrowed.any("contract_id", &self.contracts);
        narrowed.any("method", &self.methods);
        narrowed.any("channel_key", &self.channels);
        narrowed.any("kind", &self.kinds);
        term(&mut narrowed, "DISCOUNT", &self.discount_policies);
        term(&mut narrowed, "FEE", &self.fee_policies);
        if let Some((key, value)) = &self.property {
            term(&mut narrowed, "PROPERTY", &[property_term(key, value)]);
        }
        if !self.statuses.is_empty() {
            // A value that no condition uses is refused.
            let is_dated = self.statuses.iter().any(|status| depends_on_day(*status));
            let today = if is_dated { narrowed.bind(day(self.today)) } else { String::new() };
            let any: Vec<String> = self.statuses.iter().map(|status| is_status(*status, &today)).collect();
            narrowed.push(format!("({})", any.join(" OR ")));
        }
        if let Some(keyword) = &self.keyword {
            keyword.narrow(&mut narrowed);
        }
        narrowed
    }
}

/// Transfers that have one of these terms.
fn term(narrowed: &mut Narrowed, kind: &'static str, wanted: &[String]) {
    if !wanted.is_empty() {
        let marks = narrowed.list(wanted.iter().map(|term| text(term)));
        narrowed.push(format!(
            "transfer_id IN (SELECT w.transfer_id FROM platform_transfer_terms w WHERE w.merchant_id = ?1 \
             AND w.environment = ?2 AND w.kind = '{kind}' AND w.term IN ({marks}))"
        ));
    }
}

/// Whether time alone leads to this status, or out of it.
const fn depends_on_day(status: TransferStatus) -> bool {
    matches!(status, TransferStatus::Scheduled | TransferStatus::InProcess | TransferStatus::Settled)
}

/// How [`TransferStatus::of`] reads as a condition. `today` is used where it [`depends_on_day`].
fn is_status(status: TransferStatus, today: &str) -> String {
    let of_settlements: Vec<String> = PartnerSettlementStatus::ALL
        .iter()
        .filter(|one| one.of_transfers() == status)
        .map(|one| format!("'{}'", one.as_str()))
        .collect();
    let joined = format!(
        "EXISTS (SELECT 1 FROM platform_partner_settlements s WHERE s.merchant_id = t.merchant_id \
         AND s.environment = t.environment AND s.settlement_id = t.settlement_id AND s.status IN ({}))",
        of_settlements.join(", ")
    );
    let started = format!("(t.starts_on IS NULL OR t.starts_on <= {today})");
    match status {
        TransferStatus::Scheduled => format!("(t.settlement_id IS NULL AND t.starts_on > {today})"),
        TransferStatus::InProcess => {
            format!("(t.settlement_id IS NULL AND {started} AND t.settles_on > {today})")
        }
        TransferStatus::Settled => {
            format!("((t.settlement_id IS NULL AND {started} AND t.settles_on <= {today}) OR {joined})")
        }
        TransferStatus::PayoutConfirmed | TransferStatus::InPayout | TransferStatus::PaidOut => joined,
    }
}

impl TransferKeyword {
    fn narrow(&self, narrowed: &mut Narrowed) {
        let of_partner = |condition: &str| {
            format!(
                "partner_id IN (SELECT p.partner_id FROM platform_partners p WHERE p.merchant_id = ?1 \
                 AND p.environment = ?2 AND {condition})"
            )
        };
        match self {
            Self::All(wanted) => {
                let own = narrowed.contains("search_text", wanted);
                let (name, memo) = (narrowed.contains("p.name", wanted), narrowed.contains("p.memo", wanted));
                let partner = of_partner(&format!("({name} OR {memo})"));
                narrowed.push(format!("({own} OR {partner})"));
            }
            Self::Payment(id) => narrowed.is("payment_id", text(id)),
            Self::Transfer(id) => narrowed.is("transfer_id", text(id)),
            Self::Memo(wanted) => {
                let condition = narrowed.contains("memo_text", wanted);
                narrowed.push(condition);
            }
            Self::Product(id) => term(narrowed, "PRODUCT_ID", std::slice::from_ref(id)),
            Self::ProductName(name) => term(narrowed, "PRODUCT_NAME", std::slice::from_ref(name)),
            Self::Partner(id) => narrowed.is("partner_id", text(id)),
            Self::PartnerName(wanted) => {
                let condition = narrowed.contains("p.name", wanted);
                narrowed.push(of_partner(&condition));
            }
            Self::PartnerMemo(wanted) => {
                let condition = narrowed.contains("p.memo", wanted);
                narrowed.push(of_partner(&condition));
            }
            Self::Settlement(wanted) => {
                let condition = narrowed.contains("lower(settlement_id)", wanted);
                narrowed.push(condition);
            }
            Self::Payout(id) => {
                let mark = narrowed.bind(text(id));
                narrowed.push(format!(
                    "settlement_id IN (SELECT s.settlement_id FROM platform_partner_settlements s \
                     WHERE s.merchant_id = ?1 AND s.environment = ?2 AND s.payout_id = {mark})"
                ));
            }
        }
    }
}

impl Storage {
    /// A transfer that was not deleted.
    pub async fn platform_transfer(
        &self,
        platform: &PlatformKey,
        id: &TransferId,
    ) -> Result<Option<Transfer>, ReadError> {
        let read = |row| read(row, platform);
        self.one("platform_transfers", TRANSFER, named(platform, id.as_str()), read).await
    }

    /// Whether a transfer has, or had, this id.
    pub async fn is_transfer_id_used(
        &self,
        platform: &PlatformKey,
        id: &TransferId,
    ) -> Result<bool, ReadError> {
        let query = Query::point("platform_transfers", ID_USED, named(platform, id.as_str()));
        Ok(self.engine.row(query).await?.is_some())
    }

    /// The order transfers of a payment and a partner, the oldest first; three at most.
    pub async fn order_transfers_of(
        &self,
        platform: &PlatformKey,
        payment: &PaymentId,
        partner: &PartnerId,
    ) -> Result<Vec<Transfer>, ReadError> {
        let mut values = named(platform, payment.as_str());
        values.push(text(partner.as_str()));
        self.transfers_by(platform, ORDERS_OF, values).await
    }

    /// What all order transfers of a payment of ours add up to. One of the merchant's own may have the same id.
    pub async fn registered_for_payment(
        &self,
        platform: &PlatformKey,
        store: &StoreId,
        payment: &PaymentId,
    ) -> Result<PaymentParts, ReadError> {
        let mut values = named(platform, payment.as_str());
        values.push(text(store.as_str()));
        self.parts(REGISTERED, values).await
    }

    /// What all cancels under a cancellation of ours add up to.
    pub async fn registered_for_cancellation(
        &self,
        platform: &PlatformKey,
        store: &StoreId,
        payment: &PaymentId,
        cancellation: &CancellationId,
    ) -> Result<PaymentParts, ReadError> {
        let mut values = named(platform, payment.as_str());
        values.push(text(store.as_str()));
        values.push(text(cancellation.as_str()));
        self.parts(CANCELLED, values).await
    }

    async fn parts(&self, query: &'static str, values: Vec<Value>) -> Result<PaymentParts, ReadError> {
        let Some(mut row) = self.engine.row(Query::point("platform_transfers", query, values)).await? else {
            return Ok(PaymentParts::default());
        };
        let mut sum = |column: &'static str| -> Result<Amount, ReadError> {
            let units = row.text(column)?.parse::<i64>().map_err(|_| row.broken(column, "is no sum"))?;
            Amount::new(units).map_err(|_| row.broken(column, "is out of range"))
        };
        Ok(PaymentParts { total: sum("payment")?, tax_free: sum("payment_tax_free")? })
    }

    /// The cancels of an order transfer, the oldest first.
    pub async fn cancels_of(
        &self,
        platform: &PlatformKey,
        order: &TransferId,
    ) -> Result<Vec<Transfer>, ReadError> {
        self.transfers_by(platform, CANCELS_OF, named(platform, order.as_str())).await
    }

    pub async fn count_cancels_of(
        &self,
        platform: &PlatformKey,
        order: &TransferId,
    ) -> Result<usize, ReadError> {
        let query = Query::point("platform_transfers", CANCELS_COUNT, named(platform, order.as_str()));
        match self.engine.row(query).await? {
            Some(mut row) => Ok(usize::try_from(row.count("count")?).unwrap_or(usize::MAX)),
            None => Ok(0),
        }
    }

    /// The version of a hold; `None` when nobody has held it yet. To be read before what it guards.
    pub async fn platform_hold(&self, platform: &PlatformKey, what: &str) -> Result<Option<u64>, ReadError> {
        let query = Query::point("platform_holds", HOLD, named(platform, what));
        match self.engine.row(query).await? {
            Some(mut row) => Ok(Some(row.count("version")?)),
            None => Ok(None),
        }
    }

    /// Transfers that are due on a day and have joined no settlement.
    pub async fn due_transfers(
        &self,
        platform: &PlatformKey,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Transfer>, ReadError> {
        let mut values = owner(platform);
        values.extend([day(today), limit.into()]);
        self.transfers_by(platform, DUE, values).await
    }

    /// Transfers that have started by a day and are not frozen.
    pub async fn started_transfers(
        &self,
        platform: &PlatformKey,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Transfer>, ReadError> {
        let mut values = owner(platform);
        values.extend([day(today), limit.into()]);
        self.transfers_by(platform, STARTED, values).await
    }

    /// The transfers in a settlement by id, behind `after`.
    pub async fn transfers_in(
        &self,
        platform: &PlatformKey,
        settlement: &PartnerSettlementId,
        after: Option<&TransferId>,
        limit: u32,
    ) -> Result<Vec<Transfer>, ReadError> {
        let mut values = named(platform, settlement.as_str());
        values.extend([text(after.map_or("", TransferId::as_str)), limit.into()]);
        self.transfers_by(platform, INSIDE, values).await
    }

    /// The first and last start date of what stays in a settlement without a transfer; `None` when
    /// nothing stays.
    pub async fn starts_without(
        &self,
        platform: &PlatformKey,
        settlement: &PartnerSettlementId,
        transfer: &TransferId,
    ) -> Result<Option<(Option<Date>, Option<Date>)>, ReadError> {
        let mut values = named(platform, settlement.as_str());
        values.push(text(transfer.as_str()));
        let Some(mut row) = self.engine.row(Query::scan("platform_transfers", STARTS_LEFT, values)).await?
        else {
            return Ok(None);
        };
        if row.count("count")? == 0 {
            return Ok(None);
        }
        Ok(Some((optional_day(&mut row, "starts_on")?, optional_day(&mut row, "starts_on")?)))
    }

    /// How the amounts of a transfer came about, a line for each step.
    pub async fn transfer_working(
        &self,
        platform: &PlatformKey,
        id: &TransferId,
    ) -> Result<Option<String>, ReadError> {
        let query = Query::point("platform_transfers", WORKING, named(platform, id.as_str()));
        match self.engine.row(query).await? {
            Some(mut row) => row.optional_text("working"),
            None => Ok(None),
        }
    }

    /// A page of transfers, the newest first.
    pub async fn platform_transfers(
        &self,
        filter: &TransferFilter,
        page: PageAsk,
    ) -> Result<Page<Transfer>, ReadError> {
        let narrowed = filter.conditions();
        let list = format!(
            "{SELECT} WHERE {} ORDER BY t.created_at DESC, t.transfer_id DESC LIMIT {} OFFSET {}",
            narrowed.text(),
            page.size,
            page.offset()
        );
        let count = format!(
            "SELECT count(*) FROM (SELECT 1 FROM platform_transfers t WHERE {} LIMIT {}) few",
            narrowed.text(),
            MOST_COUNTED.saturating_add(1)
        );
        let query = Query::scan("platform_transfers", list, narrowed.values.clone());
        let rows = self.engine.rows(query).await?;
        let items = rows.into_iter().map(|row| read(row, &filter.platform)).collect::<Result<_, _>>()?;
        let total = match self.engine.row(Query::scan("platform_transfers", count, narrowed.values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total: total.min(MOST_COUNTED), total_is_exact: total <= MOST_COUNTED })
    }

    /// The transfers of a list behind a place: how a list of any length is read piece by piece.
    pub async fn platform_transfers_after(
        &self,
        filter: &TransferFilter,
        after: Option<&TransferPlace>,
        limit: u32,
    ) -> Result<Vec<Transfer>, ReadError> {
        let mut narrowed = filter.conditions();
        if let Some(place) = after {
            let (at, id) = (narrowed.bind(place.created_at.into()), narrowed.bind(text(place.id.as_str())));
            narrowed.push(format!("(t.created_at, t.transfer_id) < ({at}, {id})"));
        }
        let list = format!(
            "{SELECT} WHERE {} ORDER BY t.created_at DESC, t.transfer_id DESC LIMIT {limit}",
            narrowed.text()
        );
        let rows = self.engine.rows(Query::scan("platform_transfers", list, narrowed.values)).await?;
        rows.into_iter().map(|row| read(row, &filter.platform)).collect()
    }

    async fn transfers_by(
        &self,
        platform: &PlatformKey,
        query: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Transfer>, ReadError> {
        let rows = self.engine.rows(Query::scan("platform_transfers", query, values)).await?;
        rows.into_iter().map(|row| read(row, platform)).collect()
    }
}

pub(super) fn optional_day(row: &mut Row, column: &'static str) -> Result<Option<Date>, ReadError> {
    match row.optional_text(column)? {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| row.broken(column, "is no day")),
    }
}

pub(super) fn read_day(row: &mut Row, column: &'static str) -> Result<Date, ReadError> {
    optional_day(row, column)?.ok_or_else(|| row.broken(column, "is null"))
}

fn read(mut row: Row, platform: &PlatformKey) -> Result<Transfer, ReadError> {
    row.skip();
    let id = TransferId::known(row.text("transfer_id")?);
    let home = StoreId::known(row.text("store_id")?);
    let created_at = row.at("created_at")?;
    let version = row.count("version")?;
    let partner = PartnerId::known(row.text("partner_id")?);
    let starts_on = optional_day(&mut row, "starts_on")?;
    let settles_on = read_day(&mut row, "settles_on")?;
    let currency = row.word("currency", Currency::parse)?;
    let frozen = row.flag("frozen")?;
    let original = row.optional_text("original_id")?.map(TransferId::known);
    let cancellation = row.optional_text("cancellation_id")?.map(CancellationId::known);
    let settlement = row.optional_text("settlement_id")?.map(PartnerSettlementId::known);
    let status = row.optional_text("status")?;
    let payout = row.optional_text("payout_id")?.map(PayoutId::known);
    let settlement = match (settlement, status) {
        (Some(id), Some(status)) => {
            let status = PartnerSettlementStatus::parse(&status)
                .ok_or_else(|| row.broken("status", "is not a word that this version knows"))?;
            Some(Joined { id, status, payout })
        }
        (None, _) => None,
        (Some(_), None) => return Err(row.broken("settlement_id", "names no settlement")),
    };
    let shape: Shape = row.document("body")?;
    let columns = Columns { starts_on, currency, frozen, original, cancellation };
    let body = shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(Transfer {
        platform: platform.clone(),
        id,
        home,
        created_at,
        version,
        partner,
        settles_on,
        currency,
        memo: body.memo,
        properties: body.properties,
        content: body.content,
        settlement,
    })
}
