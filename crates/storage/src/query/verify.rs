//! Reads that prove the books: for `paypier verify`. Each walks a whole table and takes its
//! time, without a deadline. Payments themselves are walked by `payments_in_key_order`, with the
//! columns that guard them.

use crate::engine::Query;
use crate::row::{Row, Value, text};
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{ChannelKey, PaymentId, PaymentKey, StoreId};
use paypier_domain::ledger::Account;
use paypier_domain::money::Currency;
use std::collections::BTreeSet;

/// Job keys that one statement asks for.
const KEYS_AT_ONCE: usize = 200;

/// One account: what its entries sum up to and what its balance says. They must be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub store: StoreId,
    pub environment: Environment,
    pub account: Account,
    pub currency: Currency,
    /// Minor units.
    pub entries: i128,
    /// Minor units.
    pub balance: i128,
}

/// A posting whose lines do not sum to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingImbalance {
    pub payment: PaymentKey,
    pub posting: String,
    pub sum: i128,
}

/// A payment whose events are not numbered 1, 2, 3 … up to its last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceGap {
    pub payment: PaymentKey,
    pub last_event: u64,
    pub stored_events: u64,
    pub highest: u64,
}

/// What the PSP of a channel owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receivable {
    pub store: StoreId,
    pub environment: Environment,
    pub channel: ChannelKey,
    pub currency: Currency,
    pub amount: i128,
}

/// Two sums of the settlement platform that must be equal and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementGap {
    pub store: StoreId,
    pub environment: Environment,
    /// What it is about, in words.
    pub subject: String,
    pub currency: Currency,
    /// What the expected sum is of.
    pub of: &'static str,
    pub expected: i128,
    pub found: i128,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub posting: String,
    pub environment: Environment,
    pub account: Account,
    pub currency: Currency,
    pub signed: i64,
    pub at: Timestamp,
}

/// Sums are carried as text: PostgreSQL sums integers as `numeric`, and no sum may wrap around.
fn sum(row: &mut Row, column: &str) -> Result<i128, ReadError> {
    let sum = row.text(column)?;
    sum.parse().map_err(|_| row.broken(column, "is no sum"))
}

fn key(row: &mut Row) -> Result<PaymentKey, ReadError> {
    Ok(PaymentKey {
        store: StoreId::known(row.text("store_id")?),
        payment: PaymentId::known(row.text("payment_id")?),
    })
}

fn currency(row: &mut Row) -> Result<Currency, ReadError> {
    row.word("currency", Currency::parse)
}

texts! {
    LEDGER_SUMS = "SELECT store_id, environment, account, currency, CAST(sum(entries) AS TEXT), \
        CAST(sum(balance) AS TEXT) FROM \
        (SELECT store_id, environment, account, currency, signed AS entries, 0 AS balance FROM ledger_entries \
        UNION ALL SELECT store_id, environment, account, currency, 0, amount FROM balances) lines \
        GROUP BY store_id, environment, account, currency \
        ORDER BY store_id, environment, account, currency";
    POSTING_IMBALANCES = "SELECT store_id, payment_id, posting_id, CAST(sum(signed) AS TEXT) FROM ledger_entries \
        GROUP BY store_id, lane, payment_id, posting_id, currency HAVING sum(signed) <> 0 \
        ORDER BY store_id, payment_id, posting_id";
    EVENT_SEQUENCE_GAPS = "SELECT p.store_id, p.payment_id, p.last_event, count(e.sequence), coalesce(max(e.sequence), 0) \
        FROM payments p LEFT JOIN events e ON e.store_id = p.store_id AND e.lane = p.root \
        AND e.sequence IS NOT NULL GROUP BY p.store_id, p.payment_id, p.last_event \
        HAVING count(e.sequence) <> p.last_event OR coalesce(max(e.sequence), 0) <> p.last_event \
        ORDER BY p.store_id, p.payment_id";
    RECEIVABLE_BY_CHANNEL = "SELECT store_id, environment, account, currency, CAST(sum(amount) AS TEXT) FROM balances \
        WHERE account LIKE 'psp_receivable:%' GROUP BY store_id, environment, account, currency \
        ORDER BY store_id, environment, account, currency";
    OWED_TO_PARTNERS = "SELECT store_id, environment, account, currency, CAST(sum(owed) AS TEXT), CAST(sum(posted) AS TEXT) \
        FROM (SELECT store_id, environment, 'partner_payable:' || partner_id AS account, currency, settlement AS owed, \
        0 AS posted FROM platform_partner_settlements WHERE status <> 'PAID_OUT' \
        UNION ALL SELECT store_id, environment, account, currency, 0, -amount FROM balances \
        WHERE account LIKE 'partner_payable:%') lines \
        GROUP BY store_id, environment, account, currency HAVING sum(owed) <> sum(posted) \
        ORDER BY store_id, environment, account, currency";
    PAYOUT_ACCOUNTS_AND_LEDGER = "SELECT store_id, environment, 'payout_account', currency, CAST(sum(posted) AS TEXT), \
        CAST(sum(held) AS TEXT) FROM \
        (SELECT store_id, environment, currency, balance AS held, 0 AS posted FROM platform_accounts \
        UNION ALL SELECT store_id, environment, currency, 0, amount FROM balances WHERE account = 'payout_account') lines \
        GROUP BY store_id, environment, currency HAVING sum(held) <> sum(posted) \
        ORDER BY store_id, environment, currency";
    HOLDS_AND_MOVEMENTS = "SELECT a.store_id, a.environment, a.account_id, a.currency, \
        CAST(coalesce(sum(t.amount), 0) AS TEXT), CAST(a.held AS TEXT) FROM platform_accounts a \
        LEFT JOIN platform_account_transfers t ON t.merchant_id = a.merchant_id AND t.environment = a.environment \
        AND t.account_id = a.account_id AND t.kind = 'WITHDRAWAL' \
        AND t.status IN ('PREPARED', 'PROCESSING', 'ASYNC_PROCESSING') \
        GROUP BY a.merchant_id, a.store_id, a.environment, a.account_id, a.currency, a.held \
        HAVING a.held <> coalesce(sum(t.amount), 0) ORDER BY a.store_id, a.environment, a.account_id";
    PAYOUTS_AND_SETTLEMENTS = "SELECT p.store_id, p.environment, p.payout_id, p.currency, \
        CAST(coalesce(sum(s.settlement), 0) AS TEXT), CAST(p.settlement AS TEXT) FROM platform_payouts p \
        LEFT JOIN platform_partner_settlements s ON s.merchant_id = p.merchant_id AND s.environment = p.environment \
        AND s.payout_id = p.payout_id WHERE p.status = 'SUCCEEDED' \
        GROUP BY p.merchant_id, p.store_id, p.environment, p.payout_id, p.currency, p.settlement \
        HAVING p.settlement <> coalesce(sum(s.settlement), 0) ORDER BY p.store_id, p.environment, p.payout_id";
    SETTLEMENTS_AND_TRANSFERS = "SELECT s.store_id, s.environment, s.settlement_id, s.currency, \
        CAST(count(t.transfer_id) AS TEXT), CAST(s.transfers AS TEXT) FROM platform_partner_settlements s \
        LEFT JOIN platform_transfers t ON t.merchant_id = s.merchant_id AND t.environment = s.environment \
        AND t.settlement_id = s.settlement_id AND t.deleted_at IS NULL \
        GROUP BY s.merchant_id, s.store_id, s.environment, s.settlement_id, s.currency, s.transfers \
        HAVING s.transfers <> count(t.transfer_id) ORDER BY s.store_id, s.environment, s.settlement_id";
    LEDGER_OF = "SELECT posting_id, environment, account, currency, signed, at FROM ledger_entries \
        WHERE store_id = ?1 AND lane = \
        coalesce((SELECT p.root FROM payments p WHERE p.store_id = ?1 AND p.payment_id = ?2), ?2) \
        ORDER BY at, posting_id, line";
}

impl Storage {
    /// Every account that has entries or a balance, as of one moment.
    pub async fn ledger_sums(&self) -> Result<Vec<Comparison>, ReadError> {
        let rows = self.engine.rows(Query::walk("ledger_entries", LEDGER_SUMS, Vec::new())).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Comparison {
                    store: StoreId::known(row.text("store_id")?),
                    environment: row.word("environment", Environment::parse)?,
                    account: row.word("account", Account::parse)?,
                    currency: currency(&mut row)?,
                    entries: sum(&mut row, "signed")?,
                    balance: sum(&mut row, "amount")?,
                })
            })
            .collect()
    }

    pub async fn posting_imbalances(&self) -> Result<Vec<PostingImbalance>, ReadError> {
        let rows = self.engine.rows(Query::walk("ledger_entries", POSTING_IMBALANCES, Vec::new())).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(PostingImbalance {
                    payment: key(&mut row)?,
                    posting: row.text("posting_id")?,
                    sum: sum(&mut row, "signed")?,
                })
            })
            .collect()
    }

    pub async fn event_sequence_gaps(&self) -> Result<Vec<SequenceGap>, ReadError> {
        let rows = self.engine.rows(Query::walk("events", EVENT_SEQUENCE_GAPS, Vec::new())).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(SequenceGap {
                    payment: key(&mut row)?,
                    last_event: row.count("last_event")?,
                    stored_events: row.count("sequence")?,
                    highest: row.count("sequence")?,
                })
            })
            .collect()
    }

    pub async fn receivable_by_channel(&self) -> Result<Vec<Receivable>, ReadError> {
        let rows = self.engine.rows(Query::walk("balances", RECEIVABLE_BY_CHANNEL, Vec::new())).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Receivable {
                    store: StoreId::known(row.text("store_id")?),
                    environment: row.word("environment", Environment::parse)?,
                    channel: row.word("account", |name| match Account::parse(name) {
                        Some(Account::PspReceivable(channel)) => Some(channel),
                        Some(
                            Account::Sales
                            | Account::Refunds
                            | Account::PspFees
                            | Account::PromotionDiscounts
                            | Account::PromotionBudgets
                            | Account::MerchantReceivable
                            | Account::PartnerPayable(_)
                            | Account::PlatformFees
                            | Account::PlatformVat
                            | Account::DiscountShares
                            | Account::WithholdingPayable
                            | Account::Remitted
                            | Account::PayoutAccount
                            | Account::PayoutFunding,
                        )
                        | None => None,
                    })?,
                    currency: currency(&mut row)?,
                    amount: sum(&mut row, "amount")?,
                })
            })
            .collect()
    }

    /// Where the books of the settlement platform do not tie: partners and what they are owed, the account
    /// that they are paid from, payouts and what is inside, settlements and what is inside. Each comparison
    /// is of one moment.
    pub async fn settlement_gaps(&self) -> Result<Vec<SettlementGap>, ReadError> {
        let comparisons = [
            (OWED_TO_PARTNERS, "the partner's settlements that are not paid"),
            (PAYOUT_ACCOUNTS_AND_LEDGER, "the ledger"),
            (HOLDS_AND_MOVEMENTS, "the withdrawals that are under way"),
            (PAYOUTS_AND_SETTLEMENTS, "the settlements that it pays"),
            (SETTLEMENTS_AND_TRANSFERS, "the number of transfers inside"),
        ];
        let mut gaps = Vec::new();
        for (sql, of) in comparisons {
            for mut row in
                self.engine.rows(Query::walk("platform_partner_settlements", sql, Vec::new())).await?
            {
                gaps.push(SettlementGap {
                    store: StoreId::known(row.text("store_id")?),
                    environment: row.word("environment", Environment::parse)?,
                    subject: row.text("account")?,
                    currency: currency(&mut row)?,
                    of,
                    expected: sum(&mut row, "expected")?,
                    found: sum(&mut row, "found")?,
                });
            }
        }
        Ok(gaps)
    }

    /// The payment's lines, in the order of posting.
    pub async fn ledger_of(&self, key: &PaymentKey) -> Result<Vec<StoredEntry>, ReadError> {
        let values = vec![text(key.store.as_str()), text(key.payment.as_str())];
        self.all("ledger_entries", LEDGER_OF, values, |mut row| {
            Ok(StoredEntry {
                posting: row.text("posting_id")?,
                environment: row.word("environment", Environment::parse)?,
                account: row.word("account", Account::parse)?,
                currency: currency(&mut row)?,
                signed: row.int("signed")?,
                at: row.at("at")?,
            })
        })
        .await
    }

    /// Those of these job keys that are not queued.
    pub async fn missing_jobs(&self, keys: &[String]) -> Result<Vec<String>, ReadError> {
        let mut queued: BTreeSet<String> = BTreeSet::new();
        for chunk in keys.chunks(KEYS_AT_ONCE) {
            let values: Vec<Value> = chunk.iter().map(|key| text(key)).collect();
            let marks: Vec<String> = (1..=values.len()).map(|number| format!("?{number}")).collect();
            let sql = format!("SELECT job_key FROM jobs WHERE job_key IN ({})", marks.join(", "));
            for mut row in self.engine.rows(Query::scan("jobs", sql, values)).await? {
                queued.insert(row.text("job_key")?);
            }
        }
        Ok(keys.iter().filter(|key| !queued.contains(*key)).cloned().collect())
    }

    /// What the engine's own check of the whole file complains about (SQLite); it reads every page.
    /// PostgreSQL has its checks outside of SQL (`pg_amcheck`, data checksums).
    pub async fn integrity_problems(&self) -> Result<Vec<String>, ReadError> {
        match self.engine.dialect() {
            Dialect::Postgres => Ok(Vec::new()),
            Dialect::Sqlite => {
                let query = Query::walk("the file", "PRAGMA integrity_check(20)", Vec::new());
                let rows = self.engine.rows(query).await?;
                let found: Vec<String> =
                    rows.into_iter().map(|mut row| row.text("integrity_check")).collect::<Result<_, _>>()?;
                Ok(found.into_iter().filter(|line| line != "ok").collect())
            }
        }
    }
}
