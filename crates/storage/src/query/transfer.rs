//! Transfers: one, and those that others are decided beside.

use super::narrow::{named, owner};
use crate::engine::Query;
use crate::plan::day;
use crate::row::{Row, Value, text};
use crate::shape::transfer::{Columns, Transfer as Shape};
use crate::{ReadError, Storage};
use jiff::civil::Date;
use paypier_domain::id::{CancellationId, PaymentId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::{PartnerId, PartnerSettlementId, PayoutId, TransferId};
use paypier_domain::settlement::limit::PaymentParts;
use paypier_domain::settlement::status::PartnerSettlementStatus;
use paypier_domain::settlement::transfer::{Joined, Transfer};

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
pub(super) const SELECT: &str = concat!("SELECT ", columns!());

// SQLite keeps no statistics, and rather goes through a whole platform in the order that is asked for than sort
// the few rows that an index finds. So what is few is ordered by what is in no index: `created_at + 0`. And what
// is named by its id does not say `deleted_at IS NULL` (see `PlatformTransferUpdate`).
texts! {
    TRANSFER = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.transfer_id = ?3 AND coalesce(t.deleted_at, 0) = 0");
    ID_USED = "SELECT 1 FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND transfer_id = ?3";
    ORDERS_OF = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.payment_id = ?3 AND (t.partner_id || '') = ?4 \
        AND t.kind = 'ORDER' AND t.deleted_at IS NULL ORDER BY (t.created_at + 0), t.transfer_id LIMIT 3");
    REGISTERED = "SELECT CAST(coalesce(sum(payment), 0) AS TEXT), CAST(coalesce(sum(payment_tax_free), 0) AS TEXT) \
        FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND payment_id = ?3 \
        AND payment_store_id = ?4 AND channel_key IS NOT NULL AND kind = 'ORDER' AND deleted_at IS NULL";
    CANCELS_OF = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.original_id = ?3 AND t.deleted_at IS NULL \
        ORDER BY (t.created_at + 0), t.transfer_id");
    CANCELS_COUNT = "SELECT count(*) FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 \
        AND original_id = ?3 AND deleted_at IS NULL";
    CANCELLED = "SELECT CAST(coalesce(sum(payment), 0) AS TEXT), CAST(coalesce(sum(payment_tax_free), 0) AS TEXT) \
        FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 AND payment_id = ?3 \
        AND payment_store_id = ?4 AND channel_key IS NOT NULL AND cancellation_id = ?5 AND kind = 'ORDER_CANCEL' AND deleted_at IS NULL";
    HOLD = "SELECT version FROM platform_holds WHERE merchant_id = ?1 AND environment = ?2 AND what = ?3";
    DUE = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.settlement_id IS NULL AND t.deleted_at IS NULL \
        AND t.settles_on <= ?3 AND t.version > 0 AND (t.starts_on IS NULL OR t.starts_on <= ?3) \
        ORDER BY t.settles_on, t.partner_id, t.transfer_id LIMIT ?4");
    STARTED = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.frozen = 0 AND t.deleted_at IS NULL \
        AND (t.starts_on || '') <= ?3 ORDER BY (t.starts_on || ''), t.created_at, t.transfer_id LIMIT ?4");
    INSIDE = concat!("SELECT ", columns!(),
        "WHERE t.merchant_id = ?1 AND t.environment = ?2 AND t.settlement_id = ?3 AND t.deleted_at IS NULL \
        AND (t.transfer_id || '') > ?4 ORDER BY (t.transfer_id || '') LIMIT ?5");
    STARTS_LEFT = "SELECT count(*), min(starts_on), max(starts_on) FROM platform_transfers WHERE merchant_id = ?1 \
        AND environment = ?2 AND settlement_id = ?3 AND transfer_id <> ?4 AND deleted_at IS NULL";
    WORKING = "SELECT working FROM platform_transfers WHERE merchant_id = ?1 AND environment = ?2 \
        AND transfer_id = ?3 AND coalesce(deleted_at, 0) = 0";
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

    /// Transfers that are due on a day and have joined no settlement, those of a day and partner together.
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

pub(super) fn read(mut row: Row, platform: &PlatformKey) -> Result<Transfer, ReadError> {
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
