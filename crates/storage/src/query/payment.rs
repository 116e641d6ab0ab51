//! Payments: one, a filtered page, and the walk by cursor.
//!
//! # How a page is found
//! A list has a store and a time range, and two indexes begin with both (creation, time of the
//! status); they also hold the facets that lists are narrowed by most. A page walks one of them in
//! the order that is asked for and stops when it is full. A search in a field with an index of its
//! own first counts how many rows the prefix has: up to [`FEW`] they are fetched and sorted, which is
//! exact and fast; more than that are so common that the walk fills its page soon. The same is done
//! for statuses other than paid. Fields without an index (addresses, banks, reasons …) narrow the walk only: a rare one looks at every payment of
//! the range.
//!
//! # Totals
//! Exact as long as the time range holds at most [`COUNTED`] payments ([`COUNTED_BY_ROW`] when the
//! filter asks for more than the index holds), and for everything that was answered from an index of
//! its own. Beyond that, `total` counts the matches among as many rows that are first in the list's
//! order and says that it is a lower bound: no page beyond 60,000 rows
//! can be asked for, so that an exact number would cost every caller a walk over the whole table and
//! could not be paged to anyway.

use super::{Page, PageAsk};
use crate::engine::Query;
use crate::row::{Row, Value, micros, text};
use crate::shape::attempt::{Attempt, platform_word};
use crate::shape::cancellation::{Cancellation, Dispute};
use crate::sql::Dialect;
use crate::{Cursor, CursorRange, ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{CancellationId, PaymentId};
use paypier_domain::id::{MerchantId, PaymentKey, StoreId, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{Payment, Platform, PreRegistration, Status};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The instant that a range is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeField {
    /// When the payment was first requested.
    CreatedAt,
    /// The time proper to the present status: paid → paid at, cancelled → cancelled at, …
    #[default]
    StatusChangedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    RequestedAt,
    #[default]
    StatusChangedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    Asc,
    #[default]
    Desc,
}

/// How the delivery about the payment's present status ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStatus {
    Succeeded,
    NotOk,
    UnexpectedError,
}

/// What a payment's cash receipt must be: all members AND, about one receipt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CashReceiptFilter {
    pub kind: Option<String>,
    pub status: Option<String>,
    pub issued: Option<(Timestamp, Timestamp)>,
    pub cancelled: Option<(Timestamp, Timestamp)>,
}

impl CashReceiptFilter {
    fn condition(&self, draft: &mut Draft) -> String {
        let mut all = Vec::new();
        for (column, word) in [("kind", &self.kind), ("status", &self.status)] {
            if let Some(word) = word {
                let mark = draft.bind(text(word));
                all.push(format!("r.{column} = {mark}"));
            }
        }
        for (column, range) in [("issued_at", self.issued), ("cancelled_at", self.cancelled)] {
            if let Some((from, until)) = range {
                let (from, until) = (draft.bind(micros(from)), draft.bind(micros(until)));
                all.push(format!("r.{column} >= {from} AND r.{column} < {until}"));
            }
        }
        if all.is_empty() { "1 = 1".to_owned() } else { all.join(" AND ") }
    }
}

/// The field that a prefix is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchField {
    All,
    PaymentId,
    TxId,
    ScheduleId,
    FailReason,
    CardIssuer,
    CardAcquirer,
    CardBin,
    CardNumber,
    CardApprovalNumber,
    CardReceiptName,
    CardInstallment,
    TransBank,
    VirtualAccountHolderName,
    VirtualAccountBank,
    VirtualAccountNumber,
    PgMerchantId,
    PgTxId,
    PgReceiptId,
    ReceiptApprovalNumber,
    PgCancellationId,
    CancelReason,
    OrderName,
    CustomerName,
    CustomerEmail,
    CustomerPhoneNumber,
    CustomerAddress,
    CustomerZipcode,
    UserAgent,
    BillingKey,
    PromotionId,
    GiftCertificationApprovalNumber,
}

/// One prefix in one field. An empty prefix does not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSearch {
    pub field: SearchField,
    pub prefix: String,
}

/// What payments are narrowed down by: all members AND, lists OR inside; empty lists and `None` do
/// not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentFilter {
    pub merchant: MerchantId,
    /// `None`: all stores of the merchant.
    pub store: Option<StoreId>,
    pub time_field: TimeField,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub statuses: Vec<Status>,
    /// `CARD`, `VIRTUAL_ACCOUNT`, … as [`paypier_domain::payment::Method::kind`] names them.
    pub methods: Vec<String>,
    pub pg_providers: Vec<String>,
    pub environment: Option<Environment>,
    pub is_scheduled: Option<bool>,
    pub webhook_status: Option<WebhookStatus>,
    pub platform: Option<Platform>,
    pub currency: Option<Currency>,
    pub is_escrow: Option<bool>,
    /// How far the delivery of a payment in escrow has come: `REGISTERED`, `DELIVERED`, …
    pub escrow_status: Option<String>,
    pub card_brand: Option<String>,
    pub card_type: Option<String>,
    pub card_owner: Option<String>,
    pub gift_kind: Option<String>,
    pub cash_receipt: Option<CashReceiptFilter>,
    pub text_search: Vec<TextSearch>,
    pub sort_by: SortBy,
    pub order: SortOrder,
}

impl PaymentFilter {
    /// Everything of the merchant whose status changed in this range, the latest first.
    pub fn of(merchant: MerchantId, from: Timestamp, until: Timestamp) -> Self {
        Self {
            merchant,
            store: None,
            time_field: TimeField::default(),
            from,
            until,
            statuses: Vec::new(),
            methods: Vec::new(),
            pg_providers: Vec::new(),
            environment: None,
            is_scheduled: None,
            webhook_status: None,
            platform: None,
            currency: None,
            is_escrow: None,
            escrow_status: None,
            card_brand: None,
            card_type: None,
            card_owner: None,
            gift_kind: None,
            cash_receipt: None,
            text_search: Vec::new(),
            sort_by: SortBy::default(),
            order: SortOrder::default(),
        }
    }
}

/// A prefix with at most this many rows is answered from its own index.
const FEW: i64 = 2_000;
/// Rows of a range that are looked at for a total, in the index alone.
const COUNTED: u64 = 60_000;
/// The same when the payments themselves must be looked at.
const COUNTED_BY_ROW: u64 = 10_000;
/// Payments that are loaded by one statement.
const LOADED_AT_ONCE: usize = 100;

/// The text of a read that is put together, and its values.
struct Draft {
    text: String,
    values: Vec<Value>,
    dialect: Dialect,
}

impl Draft {
    fn new(dialect: Dialect) -> Self {
        Self { text: String::new(), values: Vec::new(), dialect }
    }

    /// The placeholder of a value.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn bind_all(&mut self, values: impl Iterator<Item = Value>) -> String {
        let marks: Vec<String> = values.map(|value| self.bind(value)).collect();
        marks.join(", ")
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Makes SQLite use an index; PostgreSQL knows its statistics.
    fn indexed_by(&self, index: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!(" INDEXED BY {index}"),
            Dialect::Postgres => String::new(),
        }
    }

    fn json(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => "::json",
        }
    }

    /// `column` begins with `prefix`, in a form that an index answers.
    fn begins(&mut self, column: &str, prefix: &str) -> String {
        let from = self.bind(text(prefix));
        match successor(prefix) {
            Some(next) => {
                let until = self.bind(Value::from(next));
                format!("{column} >= {from} AND {column} < {until}")
            }
            None => format!("{column} >= {from}"),
        }
    }

    /// `expression` begins with `prefix`, in a form that depends on no collation.
    fn starts(&mut self, expression: &str, prefix: &str) -> String {
        let length = prefix.chars().count();
        let mark = self.bind(text(prefix));
        format!("substr({expression}, 1, {length}) = {mark}")
    }

    fn query(self) -> Query {
        Query::scan("payments", self.text, self.values)
    }
}

/// The smallest text above all texts that begin with `prefix`, in the order of code points.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = u32::from(last).checked_add(1).and_then(|code| match code {
            // No characters in between.
            0xD800..=0xDFFF => char::from_u32(0xE000),
            code => char::from_u32(code),
        });
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// Where a searchable field is.
enum Place {
    /// A column of `payments` with an index of its own.
    Indexed {
        column: &'static str,
        index: Option<&'static str>,
    },
    Column(&'static str),
    /// A member of the current attempt's document; the second is a method kind that it must have.
    Attempt(&'static [&'static str], Option<&'static str>),
    Transaction,
    Cancellation(&'static str),
    /// A column or member of the payment's cash receipts.
    Receipt(ReceiptPlace),
    /// Not kept yet: matches nothing.
    Nowhere,
}

#[derive(Debug, Clone, Copy)]
enum ReceiptPlace {
    PgReceiptId,
    IssueNumber,
}

impl SearchField {
    const EACH: [Self; 31] = [
        Self::PaymentId,
        Self::TxId,
        Self::ScheduleId,
        Self::FailReason,
        Self::CardIssuer,
        Self::CardAcquirer,
        Self::CardBin,
        Self::CardNumber,
        Self::CardApprovalNumber,
        Self::CardReceiptName,
        Self::CardInstallment,
        Self::TransBank,
        Self::VirtualAccountHolderName,
        Self::VirtualAccountBank,
        Self::VirtualAccountNumber,
        Self::PgMerchantId,
        Self::PgTxId,
        Self::PgReceiptId,
        Self::ReceiptApprovalNumber,
        Self::PgCancellationId,
        Self::CancelReason,
        Self::OrderName,
        Self::CustomerName,
        Self::CustomerEmail,
        Self::CustomerPhoneNumber,
        Self::CustomerAddress,
        Self::CustomerZipcode,
        Self::UserAgent,
        Self::BillingKey,
        Self::PromotionId,
        Self::GiftCertificationApprovalNumber,
    ];

    fn place(self) -> Place {
        let indexed = |column, index| Place::Indexed { column, index: Some(index) };
        match self {
            Self::All => Place::Nowhere,
            Self::PgReceiptId => Place::Receipt(ReceiptPlace::PgReceiptId),
            Self::ReceiptApprovalNumber => Place::Receipt(ReceiptPlace::IssueNumber),
            Self::PaymentId => Place::Indexed { column: "payment_id", index: None },
            Self::TxId => Place::Transaction,
            Self::ScheduleId => Place::Attempt(&["schedule"], None),
            Self::FailReason => Place::Attempt(&["state", "reason"], None),
            Self::CardIssuer => Place::Attempt(&["method", "card", "issuer"], None),
            // What PSPs tell of the acquirer is the publisher's code.
            Self::CardAcquirer => Place::Attempt(&["method", "card", "publisher"], None),
            Self::CardBin => Place::Attempt(&["method", "card", "bin"], None),
            Self::CardNumber => Place::Column("card_number"),
            Self::CardApprovalNumber => Place::Attempt(&["method", "approval_number"], Some("CARD")),
            Self::CardReceiptName => Place::Attempt(&["method", "card", "name"], None),
            Self::CardInstallment => Place::Attempt(&["method", "installment", "months"], None),
            Self::TransBank => Place::Attempt(&["method", "bank"], Some("TRANSFER")),
            Self::VirtualAccountHolderName => Place::Attempt(&["method", "account", "remittee_name"], None),
            Self::VirtualAccountBank => Place::Attempt(&["method", "account", "bank"], None),
            Self::VirtualAccountNumber => Place::Attempt(&["method", "account", "account_number"], None),
            Self::PgMerchantId => Place::Attempt(&["channel", "pg_merchant_id"], None),
            Self::PgTxId => indexed("pg_tx_id", "payments_by_pg_tx_id"),
            Self::PgCancellationId => Place::Cancellation("pg_cancellation_id"),
            Self::CancelReason => Place::Cancellation("reason"),
            Self::OrderName => Place::Column("order_name"),
            Self::CustomerName => Place::Column("customer_name"),
            Self::CustomerEmail => indexed("customer_email", "payments_by_customer_email"),
            Self::CustomerPhoneNumber => indexed("customer_phone", "payments_by_customer_phone"),
            Self::CustomerAddress => Place::Attempt(&["order", "customer", "address", "one_line"], None),
            Self::CustomerZipcode => Place::Attempt(&["order", "customer", "zipcode"], None),
            Self::UserAgent => Place::Attempt(&["origin", "user_agent"], None),
            Self::BillingKey => indexed("billing_key", "payments_by_billing_key"),
            Self::PromotionId => Place::Attempt(&["promotion", "id"], None),
            Self::GiftCertificationApprovalNumber => {
                Place::Attempt(&["method", "approval_number"], Some("GIFT_CERTIFICATE"))
            }
        }
    }
}

/// The conditions of one search on `p`.
fn search_condition(draft: &mut Draft, search: &TextSearch) -> String {
    if search.field != SearchField::All {
        return field_condition(draft, search.field, &search.prefix);
    }
    let mut columns = Vec::new();
    let mut members = Vec::new();
    for field in SearchField::EACH {
        match field.place() {
            // One look at the attempt for all members of it.
            Place::Attempt(path, kind) => members.push(member_condition(draft, path, kind, &search.prefix)),
            _ => columns.push(field_condition(draft, field, &search.prefix)),
        }
    }
    columns.push(of_attempt(&members.join(" OR ")));
    format!("({})", columns.join(" OR "))
}

fn field_condition(draft: &mut Draft, field: SearchField, prefix: &str) -> String {
    match field.place() {
        Place::Nowhere => "1 = 0".to_owned(),
        Place::Indexed { column, .. } | Place::Column(column) => {
            format!("({})", draft.begins(&format!("p.{column}"), prefix))
        }
        Place::Transaction => {
            let begins = draft.begins("a.transaction_id", prefix);
            format!(
                "EXISTS (SELECT 1 FROM attempts a WHERE a.store_id = p.store_id AND a.root = p.root AND {begins})"
            )
        }
        Place::Cancellation(column) => {
            let starts = draft.starts(&format!("c.{column}"), prefix);
            format!(
                "EXISTS (SELECT 1 FROM cancellations c WHERE c.store_id = p.store_id AND c.root = p.root AND {starts})"
            )
        }
        Place::Attempt(path, kind) => of_attempt(&member_condition(draft, path, kind, prefix)),
        Place::Receipt(place) => {
            let expression = match place {
                ReceiptPlace::PgReceiptId => "r.pg_receipt_id".to_owned(),
                ReceiptPlace::IssueNumber => {
                    format!("(r.body{} -> 'state' -> 'issue' ->> 'number')", draft.json())
                }
            };
            of_receipt(&draft.starts(&expression, prefix))
        }
    }
}

fn of_receipt(condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM cash_receipts r WHERE r.store_id = p.store_id AND r.payment_id = p.payment_id \
         AND r.status IN ('ISSUED', 'CANCELLED') AND ({condition}))"
    )
}

fn of_attempt(condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM attempts a WHERE a.store_id = p.store_id AND a.transaction_id = p.transaction_id AND ({condition}))"
    )
}

fn member(draft: &Draft, path: &[&str]) -> String {
    let mut expression = format!("a.body{}", draft.json());
    for (index, name) in (1usize..).zip(path) {
        let arrow = if index == path.len() { "->>" } else { "->" };
        // Names of ours; writing into a String cannot fail.
        let _ = write!(expression, " {arrow} '{name}'");
    }
    format!("({expression})")
}

fn member_condition(draft: &mut Draft, path: &[&str], kind: Option<&str>, prefix: &str) -> String {
    let expression = member(draft, path);
    let starts = draft.starts(&expression, prefix);
    match kind {
        Some(kind) => format!("({} = '{kind}' AND {starts})", member(draft, &["method", "kind"])),
        None => starts,
    }
}

fn time_column(field: TimeField) -> &'static str {
    match field {
        TimeField::CreatedAt => "created_at",
        TimeField::StatusChangedAt => "status_at",
    }
}

fn time_index(column: &str) -> &'static str {
    if column == "created_at" { "payments_by_creation" } else { "payments_by_status_time" }
}

impl PaymentFilter {
    fn sort_column(&self) -> &'static str {
        match self.sort_by {
            SortBy::RequestedAt => "created_at",
            SortBy::StatusChangedAt => "status_at",
        }
    }

    /// Whether it asks for something that is not kept, so that nothing can match.
    fn is_hopeless(&self) -> bool {
        self.from >= self.until
    }

    /// Store and time range on `p`.
    fn range(&self, draft: &mut Draft, store: &StoreId) -> String {
        let column = time_column(self.time_field);
        let store = draft.bind(text(store.as_str()));
        let from = draft.bind(micros(self.from));
        let until = draft.bind(micros(self.until));
        format!("p.store_id = {store} AND p.{column} >= {from} AND p.{column} < {until}")
    }

    /// What the range of one time says about the other, which the walk follows: no status is older
    /// than its payment.
    fn bound_of_sort(&self, draft: &mut Draft) -> Option<String> {
        match (self.time_field, self.sort_by) {
            (TimeField::StatusChangedAt, SortBy::RequestedAt) => {
                let until = draft.bind(micros(self.until));
                Some(format!("p.created_at < {until}"))
            }
            (TimeField::CreatedAt, SortBy::StatusChangedAt) => {
                let from = draft.bind(micros(self.from));
                Some(format!("p.status_at >= {from}"))
            }
            (TimeField::CreatedAt, SortBy::RequestedAt)
            | (TimeField::StatusChangedAt, SortBy::StatusChangedAt) => None,
        }
    }

    /// The payments whose status is asked for, by their own index; `None` when paid ones are among
    /// them, which are many.
    fn by_status(&self, draft: &mut Draft, store: &StoreId) -> Option<String> {
        if self.statuses.is_empty() || self.statuses.contains(&Status::Paid) {
            return None;
        }
        let store = draft.bind(text(store.as_str()));
        let marks = draft.bind_all(self.statuses.iter().map(|status| status.as_str().into()));
        let range = match self.time_field {
            TimeField::CreatedAt => String::new(),
            TimeField::StatusChangedAt => {
                let from = draft.bind(micros(self.from));
                let until = draft.bind(micros(self.until));
                format!(" AND status_at >= {from} AND status_at < {until}")
            }
        };
        let index = draft.indexed_by("payments_not_paid");
        Some(format!(
            "payments{index} WHERE store_id = {store} AND status <> 'PAID' AND status IN ({marks}){range}"
        ))
    }

    /// The payments in escrow, by their own index; `None` when they are not asked for.
    fn in_escrow(&self, draft: &mut Draft, store: &StoreId) -> Option<String> {
        if self.escrow_status.is_none() && self.is_escrow != Some(true) {
            return None;
        }
        let store = draft.bind(text(store.as_str()));
        let range = match self.time_field {
            TimeField::CreatedAt => String::new(),
            TimeField::StatusChangedAt => {
                let from = draft.bind(micros(self.from));
                let until = draft.bind(micros(self.until));
                format!(" AND status_at >= {from} AND status_at < {until}")
            }
        };
        let index = draft.indexed_by("payments_in_escrow");
        Some(format!("payments{index} WHERE store_id = {store} AND is_escrow = 1{range}"))
    }

    /// Everything but store and time range, on `p`; empty when nothing else is asked for.
    fn narrowing(&self, draft: &mut Draft) -> Vec<String> {
        let mut all = Vec::new();
        let words = |words: &[String]| words.iter().map(|word| text(word)).collect::<Vec<_>>();
        if !self.statuses.is_empty() {
            let marks = draft.bind_all(self.statuses.iter().map(|status| status.as_str().into()));
            all.push(format!("p.status IN ({marks})"));
        }
        for (column, wanted) in [("method", &self.methods), ("pg_provider", &self.pg_providers)] {
            if !wanted.is_empty() {
                let marks = draft.bind_all(words(wanted).into_iter());
                all.push(format!("p.{column} IN ({marks})"));
            }
        }
        let equal: [(&str, Option<Value>); 8] = [
            ("environment", self.environment.map(|environment| environment.as_str().into())),
            ("currency", self.currency.map(|currency| text(currency.code()))),
            ("is_scheduled", self.is_scheduled.map(Value::from)),
            ("platform", self.platform.map(|platform| platform_word(platform).into())),
            ("is_escrow", self.is_escrow.map(Value::from)),
            ("card_brand", self.card_brand.as_deref().map(text)),
            ("card_type", self.card_type.as_deref().map(text)),
            ("card_owner", self.card_owner.as_deref().map(text)),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                let mark = draft.bind(value);
                all.push(format!("p.{column} = {mark}"));
            }
        }
        if let Some(kind) = &self.gift_kind {
            let mark = draft.bind(text(kind));
            let member = member(draft, &["method", "gift_kind"]);
            all.push(format!(
                "p.method = 'GIFT_CERTIFICATE' AND {}",
                of_attempt(&format!("{member} = {mark}"))
            ));
        }
        if let Some(status) = &self.escrow_status {
            let mark = draft.bind(text(status));
            let member = member(draft, &["escrow", "delivery", "state"]);
            all.push(format!("p.is_escrow = 1 AND {}", of_attempt(&format!("{member} = {mark}"))));
        }
        if let Some(status) = self.webhook_status {
            let mark = draft.bind(match status {
                WebhookStatus::Succeeded => "SUCCEEDED",
                WebhookStatus::NotOk => "NOT_OK",
                WebhookStatus::UnexpectedError => "UNEXPECTED_ERROR",
            });
            all.push(format!(
                "EXISTS (SELECT 1 FROM deliveries d WHERE d.store_id = p.store_id AND d.lane = p.root \
                 AND d.status_when_sent = p.status AND d.result = {mark} AND d.sequence = \
                 (SELECT max(e.sequence) FROM deliveries e WHERE e.store_id = p.store_id \
                  AND e.lane = p.root AND e.status_when_sent = p.status))"
            ));
        }
        if let Some(receipt) = &self.cash_receipt {
            all.push(of_receipt(&receipt.condition(draft)));
        }
        for search in self.searches() {
            all.push(search_condition(draft, search));
        }
        all
    }

    fn searches(&self) -> impl Iterator<Item = &TextSearch> {
        self.text_search.iter().filter(|search| !search.prefix.is_empty())
    }
}

/// What a page of one store is found by.
enum Driver<'f> {
    /// A walk along a time index, in the order that is asked for.
    Walk,
    /// The rows of a selective prefix, sorted.
    Prefix(&'f TextSearch),
    /// The rows of uncommon statuses, sorted.
    Status,
    /// The payments in escrow, sorted.
    Escrow,
    /// The rows of a short time range, sorted by the other time.
    Range,
}

/// A payment's place in a list.
struct Found {
    sort: i64,
    key: PaymentKey,
}

/// Keys of payments, and how many there are.
struct Listed {
    found: Vec<Found>,
    total: u64,
    is_exact: bool,
}

/// Loads payments by a query or list of their keys; `guards` are further columns of the three parts.
macro_rules! load {
    ($keys:literal) => {
        load!($keys, "", "", "")
    };
    ($keys:literal, $of_payment:literal, $of_attempt:literal, $of_cancellation:literal) => {
        concat!(
            "WITH k (store_id, payment_id) AS (",
            $keys,
            ") SELECT p.store_id, p.payment_id, 0 AS part, 0 AS number, p.merchant_id AS id, \
             p.environment AS environment, p.version, p.last_event, p.created_at, p.updated_at, \
             p.status_changed_at, p.disputes AS body",
            $of_payment,
            " FROM k CROSS JOIN payments p WHERE p.store_id = k.store_id AND p.payment_id = k.payment_id \
             UNION ALL SELECT p.store_id, p.payment_id, 1, a.number, a.transaction_id, NULL, 0, 0, 0, 0, 0, a.body",
            $of_attempt,
            " FROM k CROSS JOIN payments p CROSS JOIN attempts a WHERE p.store_id = k.store_id \
             AND p.payment_id = k.payment_id AND a.store_id = p.store_id AND a.root = p.root \
             UNION ALL SELECT p.store_id, p.payment_id, 2, c.number, c.cancellation_id, NULL, 0, 0, 0, 0, 0, c.body",
            $of_cancellation,
            " FROM k CROSS JOIN payments p CROSS JOIN cancellations c WHERE p.store_id = k.store_id \
             AND p.payment_id = k.payment_id AND c.store_id = p.store_id AND c.root = p.root \
             ORDER BY 1, 2, 3, 4"
        )
    };
}

/// The same with the columns that [`GuardColumns`] are read from.
macro_rules! load_guarded {
    ($keys:literal) => {
        load!(
            $keys,
            ", p.status, p.transaction_id, p.claimed_order_amount, p.claimed_refund, p.total, p.to_pay, 0",
            ", NULL, NULL, 0, 0, 0, 0, a.is_paid",
            ", NULL, NULL, 0, 0, 0, 0, 0"
        )
    };
}

/// Stands for keys that are listed.
const KEYS: &str = "{KEYS}";
const LOAD_THESE: &str = load!("{KEYS}");

texts! {
    LOAD_ONE = load!("VALUES (?1, ?2)");
    LOAD_BY_TRANSACTION = load!(
        "SELECT t.store_id, t.payment_id FROM attempts t WHERE t.store_id = ?1 AND t.transaction_id = ?2"
    );
    LOAD_GUARDED = load_guarded!("VALUES (?1, ?2)");
    LOAD_NEXT_GUARDED = load_guarded!(
        "SELECT o.store_id, o.payment_id FROM payments o WHERE (o.store_id, o.payment_id) > (?1, ?2) \
         ORDER BY o.store_id, o.payment_id LIMIT ?3"
    );
    PRE_REGISTRATION = "SELECT total, tax_free, currency, registered_at FROM pre_registrations \
        WHERE store_id = ?1 AND payment_id = ?2";
    EVIDENCE_OF = "SELECT e.transaction_id, e.subject, e.at, e.kind, e.finding, e.raw \
        FROM payments p CROSS JOIN attempts a CROSS JOIN evidence e \
        WHERE p.store_id = ?1 AND p.payment_id = ?2 AND a.store_id = p.store_id AND a.root = p.root \
        AND e.store_id = a.store_id AND e.transaction_id = a.transaction_id ORDER BY e.at, e.entry";
}

/// What the writes of a payment are checked against, as it is stored in columns of its own. It says
/// again what the rows say, and must not say anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuardColumns {
    pub status: String,
    /// The current attempt.
    pub transaction: String,
    /// Minor units, as all amounts here: what cancellations have taken or hold of the order.
    pub claimed_order_amount: i64,
    /// What was given back or may still be.
    pub claimed_refund: i64,
    pub total: i64,
    pub to_pay: i64,
    /// The attempts that are marked as paid.
    pub paid: Vec<TransactionId>,
}

/// A payment and what guards it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardedPayment {
    pub payment: Payment,
    pub columns: GuardColumns,
}

/// Which table a row of a loaded payment is from.
enum Part<'a> {
    Payment,
    Attempt(&'a TransactionId),
    Cancellation,
}

/// Puts payments and their guards together.
fn assemble_guarded(rows: Vec<Row>) -> Result<Vec<GuardedPayment>, ReadError> {
    let mut all: Vec<GuardColumns> = Vec::new();
    let payments = assemble_with(rows, |row, part| {
        match part {
            Part::Payment => all.push(GuardColumns {
                status: row.text("status")?,
                transaction: row.text("transaction_id")?,
                claimed_order_amount: row.int("claimed_order_amount")?,
                claimed_refund: row.int("claimed_refund")?,
                total: row.int("total")?,
                to_pay: row.int("to_pay")?,
                paid: Vec::new(),
            }),
            Part::Attempt(id) => {
                for _ in 0..BEFORE_IS_PAID {
                    row.skip();
                }
                if row.flag("attempts.is_paid")?
                    && let Some(columns) = all.last_mut()
                {
                    columns.paid.push(id.clone());
                }
            }
            Part::Cancellation => {}
        }
        Ok(())
    })?;
    Ok(payments.into_iter().zip(all).map(|(payment, columns)| GuardedPayment { payment, columns }).collect())
}

/// Columns of a payment's own guards.
const BEFORE_IS_PAID: usize = 6;

fn assemble(rows: Vec<Row>) -> Result<Vec<Payment>, ReadError> {
    assemble_with(rows, |_, _| Ok(()))
}

/// Puts payments together from the rows of a `load!`; `further` reads the columns behind those.
fn assemble_with(
    rows: Vec<Row>,
    mut further: impl FnMut(&mut Row, Part<'_>) -> Result<(), ReadError>,
) -> Result<Vec<Payment>, ReadError> {
    let mut payments: Vec<Payment> = Vec::new();
    for mut row in rows {
        let store = row.text("store_id")?;
        let payment = row.text("payment_id")?;
        let part = row.int("part")?;
        let number = row.small("number")?;
        let id = row.text("id")?;
        let environment = row.optional_text("environment")?;
        let version = row.count("version")?;
        let last_event = row.count("last_event")?;
        let created_at = row.at("created_at")?;
        let updated_at = row.at("updated_at")?;
        let status_changed_at = row.at("status_changed_at")?;
        if part == 0 {
            let disputes: Vec<Dispute<'static>> = row.optional_document("disputes")?.unwrap_or_default();
            let disputes = disputes
                .into_iter()
                .map(Dispute::read)
                .collect::<Result<_, _>>()
                .map_err(|wrong| row.broken("disputes", wrong.0))?;
            payments.push(Payment {
                key: PaymentKey { store: StoreId::known(store), payment: PaymentId::known(payment) },
                merchant: MerchantId::known(id),
                environment: environment
                    .as_deref()
                    .and_then(Environment::parse)
                    .ok_or_else(|| row.broken("environment", "is neither TEST nor LIVE"))?,
                version,
                last_event,
                created_at,
                updated_at,
                status_changed_at,
                attempts: Vec::new(),
                cancellations: Vec::new(),
                disputes,
            });
            further(&mut row, Part::Payment)?;
            continue;
        }
        let Some(last) = payments
            .last_mut()
            .filter(|last| last.key.store.as_str() == store && last.key.payment.as_str() == payment)
        else {
            return Err(ReadError::Broken(format!("table attempts, row {store}/{payment}: has no payment")));
        };
        if part == 1 {
            let shape: Attempt<'static> = row.document("attempts.body")?;
            let attempt = shape
                .read(TransactionId::known(id), number)
                .map_err(|wrong| row.broken("attempts.body", wrong.0))?;
            further(&mut row, Part::Attempt(&attempt.id))?;
            last.attempts.push(attempt);
        } else {
            let shape: Cancellation<'static> = row.document("cancellations.body")?;
            let cancellation = shape
                .read(CancellationId::known(id))
                .map_err(|wrong| row.broken("cancellations.body", wrong.0))?;
            further(&mut row, Part::Cancellation)?;
            last.cancellations.push(cancellation);
        }
    }
    Ok(payments)
}

impl Storage {
    /// The payment with its attempts and cancellations, as of one moment.
    pub async fn payment(&self, key: &PaymentKey) -> Result<Option<Payment>, ReadError> {
        let values = vec![text(key.store.as_str()), text(key.payment.as_str())];
        let rows = self.engine.rows(Query::point("payments", LOAD_ONE, values)).await?;
        Ok(assemble(rows)?.pop())
    }

    pub async fn payment_by_transaction(
        &self,
        store: &StoreId,
        transaction: &TransactionId,
    ) -> Result<Option<Payment>, ReadError> {
        let values = vec![text(store.as_str()), text(transaction.as_str())];
        let rows = self.engine.rows(Query::point("payments", LOAD_BY_TRANSACTION, values)).await?;
        Ok(assemble(rows)?.pop())
    }

    /// Payments by their keys, in the order of the keys.
    async fn load(&self, keys: &[&PaymentKey]) -> Result<Vec<Payment>, ReadError> {
        let mut loaded: HashMap<PaymentKey, Payment> = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(LOADED_AT_ONCE) {
            let mut draft = Draft::new(self.engine.dialect());
            let rows: Vec<String> = chunk
                .iter()
                .map(|key| {
                    let store = draft.bind(text(key.store.as_str()));
                    let payment = draft.bind(text(key.payment.as_str()));
                    format!("({store}, {payment})")
                })
                .collect();
            draft.push(&LOAD_THESE.replace(KEYS, &format!("VALUES {}", rows.join(", "))));
            for payment in assemble(self.engine.rows(draft.query()).await?)? {
                loaded.insert(payment.key.clone(), payment);
            }
        }
        // One that was removed in between is left out.
        Ok(keys.iter().filter_map(|key| loaded.remove(key)).collect())
    }

    /// The stores that a list covers. A store of another merchant is none.
    pub(crate) async fn covered(
        &self,
        merchant: &MerchantId,
        store: Option<&StoreId>,
    ) -> Result<Vec<StoreId>, ReadError> {
        match store {
            Some(id) => {
                let found = self.store(id).await?.filter(|store| store.merchant == *merchant);
                Ok(found.into_iter().map(|store| store.id).collect())
            }
            None => Ok(self.stores_of(merchant).await?.into_iter().map(|store| store.id).collect()),
        }
    }

    pub async fn payments(&self, filter: &PaymentFilter, page: PageAsk) -> Result<Page<Payment>, ReadError> {
        let nothing = Page { items: Vec::new(), total: 0, total_is_exact: true };
        if filter.is_hopeless() {
            return Ok(nothing);
        }
        let stores = self.covered(&filter.merchant, filter.store.as_ref()).await?;
        let lists = stores.iter().map(|store| self.listed(filter, store, page));
        let lists = futures::future::try_join_all(lists).await?;
        let mut found = Vec::new();
        let (mut total, mut total_is_exact) = (0u64, true);
        for list in lists {
            found.extend(list.found);
            total = total.saturating_add(list.total);
            total_is_exact &= list.is_exact;
        }
        found.sort_by(|a, b| {
            let order = (a.sort, &a.key.payment, &a.key.store).cmp(&(b.sort, &b.key.payment, &b.key.store));
            match filter.order {
                SortOrder::Asc => order,
                SortOrder::Desc => order.reverse(),
            }
        });
        let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        // A list of all stores is merged here; a list of one store has skipped already.
        let skip = if filter.store.is_none() { skip } else { 0 };
        let keys: Vec<&PaymentKey> = found.iter().skip(skip).take(size).map(|found| &found.key).collect();
        let items = self.load(&keys).await?;
        let seen = page.offset().saturating_add(u64::try_from(items.len()).unwrap_or(u64::MAX));
        let total = if items.is_empty() { total } else { total.max(seen) };
        Ok(Page { items, total, total_is_exact })
    }

    async fn driver<'f>(&self, filter: &'f PaymentFilter, store: &StoreId) -> Result<Driver<'f>, ReadError> {
        for search in filter.searches() {
            let mut draft = Draft::new(self.engine.dialect());
            let store = draft.bind(text(store.as_str()));
            let source = match search.field.place() {
                Place::Indexed { column, index } => {
                    let begins = draft.begins(column, &search.prefix);
                    let index = index.map(|index| draft.indexed_by(index)).unwrap_or_default();
                    format!("payments{index} WHERE store_id = {store} AND {column} IS NOT NULL AND {begins}")
                }
                Place::Transaction => {
                    let begins = draft.begins("transaction_id", &search.prefix);
                    format!("attempts WHERE store_id = {store} AND {begins}")
                }
                Place::Column(_)
                | Place::Attempt(..)
                | Place::Cancellation(_)
                | Place::Receipt(_)
                | Place::Nowhere => continue,
            };
            if self.is_few(draft, &source).await? {
                return Ok(Driver::Prefix(search));
            }
        }
        let mut draft = Draft::new(self.engine.dialect());
        if let Some(source) = filter.by_status(&mut draft, store)
            && self.is_few(draft, &source).await?
        {
            return Ok(Driver::Status);
        }
        let mut draft = Draft::new(self.engine.dialect());
        if let Some(source) = filter.in_escrow(&mut draft, store)
            && self.is_few(draft, &source).await?
        {
            return Ok(Driver::Escrow);
        }
        let column = time_column(filter.time_field);
        if column == filter.sort_column() {
            return Ok(Driver::Walk);
        }
        let mut draft = Draft::new(self.engine.dialect());
        let range = filter.range(&mut draft, store);
        let index = draft.indexed_by(time_index(column));
        let is_few = self.is_few(draft, &format!("payments p{index} WHERE {range}")).await?;
        Ok(if is_few { Driver::Range } else { Driver::Walk })
    }

    async fn is_few(&self, mut draft: Draft, source: &str) -> Result<bool, ReadError> {
        draft.push(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {}) few",
            FEW.saturating_add(1)
        ));
        match self.engine.row(draft.query()).await? {
            Some(mut row) => Ok(row.int("count")? <= FEW),
            None => Ok(false),
        }
    }

    /// One store's part of a page.
    async fn listed(
        &self,
        filter: &PaymentFilter,
        store: &StoreId,
        page: PageAsk,
    ) -> Result<Listed, ReadError> {
        match self.driver(filter, store).await? {
            Driver::Walk => {
                let (found, counted) =
                    futures::try_join!(self.walk(filter, store, page), self.count(filter, store))?;
                Ok(Listed { found, total: counted.0, is_exact: counted.1 })
            }
            driver @ (Driver::Prefix(_) | Driver::Status | Driver::Escrow | Driver::Range) => {
                self.sorted(filter, store, page, driver).await
            }
        }
    }

    async fn walk(
        &self,
        filter: &PaymentFilter,
        store: &StoreId,
        page: PageAsk,
    ) -> Result<Vec<Found>, ReadError> {
        let mut draft = Draft::new(self.engine.dialect());
        let sort = filter.sort_column();
        let mut conditions = vec![filter.range(&mut draft, store)];
        conditions.extend(filter.bound_of_sort(&mut draft));
        conditions.extend(filter.narrowing(&mut draft));
        let index = draft.indexed_by(time_index(sort));
        let order = order_word(filter.order);
        draft.push(&format!(
            "SELECT p.{sort}, p.store_id, p.payment_id FROM payments p{index} WHERE {} \
             ORDER BY p.{sort} {order}, p.payment_id {order}",
            conditions.join(" AND ")
        ));
        limit(&mut draft, filter, page);
        read_found(self.engine.rows(draft.query()).await?)
    }

    /// All rows of a selective source, narrowed, sorted here.
    async fn sorted(
        &self,
        filter: &PaymentFilter,
        store: &StoreId,
        page: PageAsk,
        driver: Driver<'_>,
    ) -> Result<Listed, ReadError> {
        let mut draft = Draft::new(self.engine.dialect());
        let sort = filter.sort_column();
        let hits = match driver {
            Driver::Prefix(search) => {
                let store = draft.bind(text(store.as_str()));
                match search.field.place() {
                    Place::Transaction => {
                        let begins = draft.begins("t.transaction_id", &search.prefix);
                        format!(
                            "SELECT DISTINCT t.store_id, t.payment_id FROM attempts t WHERE t.store_id = {store} AND {begins}"
                        )
                    }
                    Place::Indexed { column, index } => {
                        let begins = draft.begins(column, &search.prefix);
                        let index = index.map(|index| draft.indexed_by(index)).unwrap_or_default();
                        format!(
                            "SELECT store_id, payment_id FROM payments{index} WHERE store_id = {store} AND {column} IS NOT NULL AND {begins}"
                        )
                    }
                    Place::Column(_)
                    | Place::Attempt(..)
                    | Place::Cancellation(_)
                    | Place::Receipt(_)
                    | Place::Nowhere => {
                        return Err(ReadError::Broken("a search without an index cannot lead".into()));
                    }
                }
            }
            Driver::Status => {
                let source = filter.by_status(&mut draft, store).unwrap_or_default();
                format!("SELECT store_id, payment_id FROM {source}")
            }
            Driver::Escrow => {
                let source = filter.in_escrow(&mut draft, store).unwrap_or_default();
                format!("SELECT store_id, payment_id FROM {source}")
            }
            Driver::Range | Driver::Walk => {
                let range = filter.range(&mut draft, store);
                let index = draft.indexed_by(time_index(time_column(filter.time_field)));
                format!("SELECT p.store_id, p.payment_id FROM payments p{index} WHERE {range}")
            }
        };
        let mut conditions = vec![filter.range(&mut draft, store)];
        conditions.extend(filter.narrowing(&mut draft));
        draft.push(&format!(
            "WITH hits (store_id, payment_id) AS MATERIALIZED ({hits}) \
             SELECT p.{sort}, p.store_id, p.payment_id FROM hits CROSS JOIN payments p \
             WHERE p.store_id = hits.store_id AND p.payment_id = hits.payment_id AND {}",
            conditions.join(" AND ")
        ));
        let mut found = read_found(self.engine.rows(draft.query()).await?)?;
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        found.sort_by(|a, b| {
            let order = (a.sort, &a.key.payment).cmp(&(b.sort, &b.key.payment));
            match filter.order {
                SortOrder::Asc => order,
                SortOrder::Desc => order.reverse(),
            }
        });
        if filter.store.is_some() {
            let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
            found.drain(..skip.min(found.len()));
        }
        Ok(Listed { found, total, is_exact: true })
    }

    /// How many match, and whether that is the exact number.
    async fn count(&self, filter: &PaymentFilter, store: &StoreId) -> Result<(u64, bool), ReadError> {
        let mut draft = Draft::new(self.engine.dialect());
        let column = time_column(filter.time_field);
        let range = filter.range(&mut draft, store);
        let index = draft.indexed_by(time_index(column));
        let order = order_word(filter.order);
        let narrowing = filter.narrowing(&mut draft);
        let by_row = narrowing.iter().any(|condition| needs_row(condition));
        let counted = if by_row { COUNTED_BY_ROW } else { COUNTED };
        let bound = counted.saturating_add(1);
        if narrowing.is_empty() {
            draft.push(&format!(
                "SELECT count(*), count(*) FROM (SELECT 1 FROM payments p{index} WHERE {range} LIMIT {bound}) p"
            ));
        } else {
            let columns =
                if by_row { "p.*" } else { "p.status, p.environment, p.method, p.pg_provider, p.currency" };
            draft.push(&format!(
                "SELECT count(*), coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0) FROM \
                 (SELECT {columns} FROM payments p{index} WHERE {range} \
                  ORDER BY p.{column} {order}, p.payment_id {order} LIMIT {bound}) p",
                narrowing.join(" AND ")
            ));
        }
        let Some(mut row) = self.engine.row(draft.query()).await? else { return Ok((0, true)) };
        let (looked_at, matches) = (row.count("count")?, row.count("count")?);
        if looked_at > counted { Ok((matches.min(counted), false)) } else { Ok((matches, true)) }
    }

    /// Payments ascending by creation time, each with its cursor.
    pub async fn payments_after(&self, range: &CursorRange) -> Result<Vec<(Cursor, Payment)>, ReadError> {
        let stores = self.covered(&range.merchant, range.store.as_ref()).await?;
        let walks = stores.iter().map(|store| self.walk_after(range, store));
        let mut cursors: Vec<Cursor> =
            futures::future::try_join_all(walks).await?.into_iter().flatten().collect();
        super::cut(&mut cursors, range.limit);
        let keys: Vec<PaymentKey> = cursors
            .iter()
            .map(|cursor| PaymentKey {
                store: StoreId::known(cursor.store.as_str()),
                payment: PaymentId::known(cursor.id.as_str()),
            })
            .collect();
        let payments = self.load(&keys.iter().collect::<Vec<_>>()).await?;
        let mut by_key: HashMap<PaymentKey, Cursor> = keys.into_iter().zip(cursors).collect();
        Ok(payments
            .into_iter()
            .filter_map(|payment| by_key.remove(&payment.key).map(|cursor| (cursor, payment)))
            .collect())
    }

    async fn walk_after(&self, range: &CursorRange, store: &StoreId) -> Result<Vec<Cursor>, ReadError> {
        let (text, values) = super::cursor_walk(
            range,
            store,
            "SELECT created_at, store_id, payment_id FROM payments WHERE store_id = ?1",
            ("created_at", "payment_id"),
        );
        let rows = self.engine.rows(Query::scan("payments", text, values)).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Cursor {
                    at: row.int("created_at")?,
                    store: row.text("store_id")?,
                    id: row.text("payment_id")?,
                })
            })
            .collect()
    }

    /// All payments of the database in key order, behind `after`, each with what guards it. For
    /// `paypier verify` and exports.
    pub async fn payments_in_key_order(
        &self,
        after: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<GuardedPayment>, ReadError> {
        let (store, payment) = after.map_or(("", ""), |key| (key.store.as_str(), key.payment.as_str()));
        let values = vec![text(store), text(payment), limit.into()];
        assemble_guarded(self.engine.rows(Query::walk("payments", LOAD_NEXT_GUARDED, values)).await?)
    }

    /// The payment with what guards it, as of one moment.
    pub async fn guarded_payment(&self, key: &PaymentKey) -> Result<Option<GuardedPayment>, ReadError> {
        let values = vec![text(key.store.as_str()), text(key.payment.as_str())];
        let rows = self.engine.rows(Query::point("payments", LOAD_GUARDED, values)).await?;
        Ok(assemble_guarded(rows)?.pop())
    }

    pub async fn pre_registration(&self, key: &PaymentKey) -> Result<Option<PreRegistration>, ReadError> {
        let query = Query::point(
            "pre_registrations",
            PRE_REGISTRATION,
            vec![text(key.store.as_str()), text(key.payment.as_str())],
        );
        let Some(mut row) = self.engine.row(query).await? else { return Ok(None) };
        let mut amount = |column: &str| -> Result<Option<Amount>, ReadError> {
            row.optional_int(column)?
                .map(|units| Amount::new(units).map_err(|_| row.broken(column, "is no amount")))
                .transpose()
        };
        let (total, tax_free) = (amount("total")?, amount("tax_free")?);
        let currency = row
            .optional_text("currency")?
            .map(|code| Currency::parse(&code).ok_or_else(|| row.broken("currency", "is no currency")))
            .transpose()?;
        Ok(Some(PreRegistration {
            key: key.clone(),
            total,
            tax_free,
            currency,
            registered_at: row.at("registered_at")?,
        }))
    }

    /// Everything that was observed about the payment, in order.
    pub async fn evidence_of(&self, key: &PaymentKey) -> Result<Vec<Evidence>, ReadError> {
        let query =
            Query::point("evidence", EVIDENCE_OF, vec![text(key.store.as_str()), text(key.payment.as_str())]);
        let rows = self.engine.rows(query).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Evidence {
                    payment: key.clone(),
                    transaction: TransactionId::known(row.text("transaction_id")?),
                    subject: row.optional_text("subject")?,
                    at: row.at("at")?,
                    kind: row.word("kind", EvidenceKind::parse)?,
                    finding: row.text("finding")?,
                    raw: row.optional_text("raw")?,
                })
            })
            .collect()
    }
}

/// Whether a condition needs more than the time indexes hold.
fn needs_row(condition: &str) -> bool {
    let covered = ["p.status IN", "p.method IN", "p.pg_provider IN", "p.environment =", "p.currency ="];
    !covered.iter().any(|start| condition.starts_with(start))
}

fn order_word(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Asc => "ASC",
        SortOrder::Desc => "DESC",
    }
}

/// One store skips in the database. Several are merged here, so that each lists from its beginning.
fn limit(draft: &mut Draft, filter: &PaymentFilter, page: PageAsk) {
    if filter.store.is_some() {
        draft.push(&format!(" LIMIT {} OFFSET {}", page.size, page.offset()));
    } else {
        draft.push(&format!(" LIMIT {}", page.offset().saturating_add(u64::from(page.size))));
    }
}

fn read_found(rows: Vec<Row>) -> Result<Vec<Found>, ReadError> {
    rows.into_iter()
        .map(|mut row| {
            Ok(Found {
                sort: row.int("time")?,
                key: PaymentKey {
                    store: StoreId::known(row.text("store_id")?),
                    payment: PaymentId::known(row.text("payment_id")?),
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_of_a_prefix_is_above_all_that_begins_with_it() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(successor("\u{10FFFF}"), None);
        for prefix in ["order", "주문", "~"] {
            let next = successor(prefix).unwrap();
            assert!(format!("{prefix}\u{10FFFF}\u{10FFFF}") < next);
        }
    }
}
