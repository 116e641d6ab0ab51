//! What lists of transfers are narrowed down by, as conditions.
//!
//! A condition can be written so that an index answers it, or so that it only passes over what another
//! order brings ([`Way`]). Neither database knows which is right: SQLite keeps no statistics, and both
//! guess wrong where what is asked for is rare among the newest. So the list decides
//! ([`super::transfer_list`]), and the text leaves no other way: `settles_on || ''` is in no index.

use super::narrow::Narrowed;
use crate::plan::{day, property_term};
use crate::row::text;
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::TransferId;
use paypier_domain::settlement::status::{PartnerSettlementStatus, TransferStatus};

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

/// How what matches is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the newest on, passing over what does not match: right where much matches.
    Newest,
    /// By what narrows most, sorted afterwards: right where little matches.
    Rare(By),
}

/// What few transfers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Keyword,
    /// Terms of this kind.
    Terms(&'static str),
    Days,
    /// Their partners.
    Tags,
    Statuses,
}

/// Transfers by whether they have joined a settlement: what their status depends on is another for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    Waiting,
    Joined,
}

/// Something of which transfers have several, kept in rows of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) kind: &'static str,
    pub(super) any: Vec<String>,
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

    /// Whether no more narrows than what the index of days holds: kinds, contracts, statuses.
    pub(super) fn is_plain(&self) -> bool {
        let plain = Self {
            days: self.days,
            kinds: self.kinds.clone(),
            contracts: self.contracts.clone(),
            statuses: self.statuses.clone(),
            ..Self::of(self.platform.clone(), self.today)
        };
        *self == plain
    }

    /// Whether nothing but statuses narrows.
    pub(super) fn is_by_status_only(&self) -> bool {
        self.is_plain() && self.days.is_none() && self.kinds.is_empty() && self.contracts.is_empty()
    }

    /// The statuses that time brings, and those that a settlement brings. One is both.
    pub(super) fn parted(&self) -> (Vec<TransferStatus>, Vec<TransferStatus>) {
        use TransferStatus as S;
        let of = |which: &[S]| self.statuses.iter().copied().filter(|one| which.contains(one)).collect();
        (
            of(&[S::Scheduled, S::InProcess, S::Settled]),
            of(&[S::Settled, S::PayoutConfirmed, S::InPayout, S::PaidOut]),
        )
    }

    /// What it asks for of things that transfers have several of.
    pub(super) fn terms(&self) -> Vec<Terms> {
        let mut terms = Vec::new();
        let mut push = |kind: &'static str, any: &[String]| {
            if !any.is_empty() {
                terms.push(Terms { kind, any: any.to_vec() });
            }
        };
        push("DISCOUNT", &self.discount_policies);
        push("FEE", &self.fee_policies);
        if let Some((key, value)) = &self.property {
            push("PROPERTY", &[property_term(key, value)]);
        }
        match &self.keyword {
            Some(TransferKeyword::Product(id)) => push("PRODUCT_ID", std::slice::from_ref(id)),
            Some(TransferKeyword::ProductName(name)) => push("PRODUCT_NAME", std::slice::from_ref(name)),
            Some(
                TransferKeyword::All(_)
                | TransferKeyword::Payment(_)
                | TransferKeyword::Transfer(_)
                | TransferKeyword::Memo(_)
                | TransferKeyword::Partner(_)
                | TransferKeyword::PartnerName(_)
                | TransferKeyword::PartnerMemo(_)
                | TransferKeyword::Settlement(_)
                | TransferKeyword::Payout(_),
            )
            | None => {}
        }
        terms
    }

    pub(super) fn conditions(&self, way: Way, part: Part) -> Narrowed {
        self.narrow(Narrowed::of(&self.platform), way, part)
    }

    pub(super) fn narrow(&self, mut narrowed: Narrowed, way: Way, part: Part) -> Narrowed {
        narrowed.push("deleted_at IS NULL".into());
        if let Some((which, from, until)) = self.days {
            let column = asked(which.column(), way == Way::Rare(By::Days));
            let (from, until) = (narrowed.bind(day(from)), narrowed.bind(day(until)));
            narrowed.push(format!("{column} >= {from} AND {column} <= {until}"));
        }
        if !self.partner_tags.is_empty() {
            let column = asked("partner_id", way == Way::Rare(By::Tags));
            narrowed.partners_with(&column, &self.partner_tags);
        }
        // An index of its own brings one kind, or one contract, in the order of time; two do not go together.
        let is_plain = way == Way::Newest && self.is_plain();
        let by_contract = is_plain && self.contracts.len() == 1;
        let by_kind = is_plain && self.kinds.len() == 1 && self.contracts.is_empty();
        narrowed.any(&asked("kind", by_kind), &self.kinds);
        narrowed.any(&asked("contract_id", by_contract), &self.contracts);
        narrowed.any("method", &self.methods);
        narrowed.any("channel_key", &self.channels);
        for terms in self.terms() {
            let marks = narrowed.list(terms.any.iter().map(|term| text(term)));
            let of = "FROM platform_transfer_terms w WHERE w.merchant_id = ?1 AND w.environment = ?2";
            let kind = terms.kind;
            narrowed.push(if way == Way::Rare(By::Terms(kind)) {
                format!(
                    "transfer_id IN (SELECT w.transfer_id {of} AND w.kind = '{kind}' AND w.term IN ({marks}))"
                )
            } else {
                format!(
                    "EXISTS (SELECT 1 {of} AND w.kind = '{kind}' AND w.term IN ({marks}) \
                     AND w.transfer_id = t.transfer_id)"
                )
            });
        }
        self.narrow_statuses(&mut narrowed, way, part);
        if let Some(keyword) = &self.keyword {
            keyword.narrow(&mut narrowed);
        }
        narrowed
    }

    fn narrow_statuses(&self, narrowed: &mut Narrowed, way: Way, part: Part) {
        if self.statuses.is_empty() {
            return;
        }
        let (waiting, joined) = self.parted();
        let mut any = Vec::new();
        if part != Part::Joined && !waiting.is_empty() {
            // A value that no condition uses is refused.
            let today = narrowed.bind(day(self.today));
            any.extend(waiting.into_iter().map(|status| by_time(status, &today, way)));
        }
        if part != Part::Waiting && !joined.is_empty() {
            any.push(by_settlement(&joined, way));
        }
        narrowed.push(if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" OR ")) });
    }
}

impl TransferDay {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Start => "starts_on",
            Self::Settlement => "settles_on",
        }
    }
}

/// A column that holds a text, for an index to answer or to be passed over.
fn asked(column: &str, by_index: bool) -> String {
    if by_index { column.to_owned() } else { format!("({column} || '')") }
}

/// How [`TransferStatus::of`] reads as a condition of what has joined no settlement.
fn by_time(status: TransferStatus, today: &str, way: Way) -> String {
    let by_index = way == Way::Rare(By::Statuses);
    let (starts_on, settles_on) = (asked("t.starts_on", by_index), asked("t.settles_on", by_index));
    let started = format!("(t.starts_on IS NULL OR {starts_on} <= {today})");
    match status {
        TransferStatus::Scheduled => format!("(t.settlement_id IS NULL AND {starts_on} > {today})"),
        TransferStatus::InProcess => {
            format!("(t.settlement_id IS NULL AND {started} AND {settles_on} > {today})")
        }
        TransferStatus::Settled => {
            format!("(t.settlement_id IS NULL AND {started} AND {settles_on} <= {today})")
        }
        TransferStatus::PayoutConfirmed | TransferStatus::InPayout | TransferStatus::PaidOut => {
            "1 = 0".into()
        }
    }
}

/// And of what has.
fn by_settlement(statuses: &[TransferStatus], way: Way) -> String {
    let words = settlement_statuses(statuses);
    let of = "FROM platform_partner_settlements s WHERE s.merchant_id = ?1 AND s.environment = ?2";
    if way == Way::Rare(By::Statuses) {
        format!("t.settlement_id IN (SELECT s.settlement_id {of} AND s.status IN ({words}))")
    } else {
        format!("EXISTS (SELECT 1 {of} AND s.settlement_id = t.settlement_id AND s.status IN ({words}))")
    }
}

/// The words of the settlements whose transfers have one of these statuses.
pub(super) fn settlement_statuses(statuses: &[TransferStatus]) -> String {
    let of = PartnerSettlementStatus::ALL.iter().filter(|one| statuses.contains(&one.of_transfers()));
    of.map(|one| format!("'{}'", one.as_str())).collect::<Vec<_>>().join(", ")
}

impl TransferKeyword {
    /// Whether only few transfers can have it, however many there are.
    pub(super) const fn is_rare(&self) -> bool {
        match self {
            Self::Payment(_) | Self::Transfer(_) | Self::Payout(_) => true,
            Self::All(_)
            | Self::Memo(_)
            | Self::Product(_)
            | Self::ProductName(_)
            | Self::Partner(_)
            | Self::PartnerName(_)
            | Self::PartnerMemo(_)
            | Self::Settlement(_) => false,
        }
    }

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
            // Among the terms.
            Self::Product(_) | Self::ProductName(_) => {}
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
