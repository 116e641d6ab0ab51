//! Policies, contracts, partners and settings of a merchant's platform.
//!
//! What is read for a decision or a list has its current version only; `…_history` has all of them, for
//! calculations that need what held on another day.

use super::narrow::{Narrowed, owner};
use super::{Page, PageAsk};
use crate::engine::Query;
use crate::row::{Row, micros, text};
use crate::shape::platform::{Kept, Rule, Stored};
use crate::shape::platform_setting::Setting as SettingShape;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Approval, Connection, Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId};
use paypier_domain::settlement::partner::BusinessStatus;
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use paypier_domain::settlement::property::PlatformSetting;
use paypier_domain::settlement::verification::{Verification, VerificationOf};
use paypier_domain::settlement::version::{Version, Versioned};
use std::collections::BTreeMap;

texts! {
    SETTING = "SELECT revision, body FROM platform_settings WHERE merchant_id = ?1 AND environment = ?2";
    RULE = "SELECT rule_id, created_at, revision, versions, is_archived, reserved_at, body FROM platform_rules \
        WHERE merchant_id = ?1 AND environment = ?2 AND kind = ?3 AND rule_id = ?4";
    RULES_DUE = "SELECT rule_id, created_at, revision, versions, is_archived, reserved_at, body FROM platform_rules \
        WHERE merchant_id = ?1 AND environment = ?2 AND kind = ?3 AND reserved_at IS NOT NULL AND reserved_at <= ?4 \
        ORDER BY reserved_at LIMIT ?5";
    PARTNER = "SELECT partner_id, created_at, revision, versions, is_archived, reserved_at, approval, connection, \
        connection_at, connection_note, body FROM platform_partners \
        WHERE merchant_id = ?1 AND environment = ?2 AND partner_id = ?3";
    PARTNERS_DUE = "SELECT partner_id, created_at, revision, versions, is_archived, reserved_at, approval, connection, \
        connection_at, connection_note, body FROM platform_partners \
        WHERE merchant_id = ?1 AND environment = ?2 AND reserved_at IS NOT NULL AND reserved_at <= ?3 \
        ORDER BY reserved_at LIMIT ?4";
    VERSIONS = "SELECT thing_id, applied_at, body FROM platform_versions \
        WHERE merchant_id = ?1 AND environment = ?2 AND kind = ?3 AND thing_id = ?4 ORDER BY number";
    FIGURES = "SELECT DISTINCT figure FROM platform_rules \
        WHERE merchant_id = ?1 AND environment = ?2 AND kind = ?3 AND is_archived = ?4 ORDER BY figure LIMIT ?5";
    TAGS = "SELECT DISTINCT t.tag FROM platform_partner_tags t, platform_partners p \
        WHERE t.merchant_id = ?1 AND t.environment = ?2 AND p.merchant_id = ?1 AND p.environment = ?2 \
        AND p.partner_id = t.partner_id AND p.is_archived = ?3 ORDER BY t.tag LIMIT ?4";
    CONTRACTS_IN_USE = "SELECT r.rule_id, r.created_at, r.revision, r.versions, r.is_archived, r.reserved_at, r.body \
        FROM platform_rules r WHERE r.merchant_id = ?1 AND r.environment = ?2 AND r.kind = 'CONTRACT' \
        AND EXISTS (SELECT 1 FROM platform_partners p WHERE p.merchant_id = ?1 AND p.environment = ?2 \
        AND p.contract_id = r.rule_id AND p.is_archived = ?3) ORDER BY r.rule_id LIMIT ?4";
    VERIFICATION = "SELECT verification_id, kind, digest, business_status, made_at, used_at \
        FROM platform_verifications WHERE merchant_id = ?1 AND environment = ?2 AND verification_id = ?3";
}

const RULE_COLUMNS: &str = "rule_id, created_at, revision, versions, is_archived, reserved_at, body";
const PARTNER_COLUMNS: &str = "partner_id, created_at, revision, versions, is_archived, reserved_at, approval, \
     connection, connection_at, connection_note, body";

/// How many ids one query asks for.
const IDS_AT_ONCE: usize = 200;

/// What policies and contracts are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleFilter {
    pub archived: bool,
    /// Rates in 10⁻⁵, or amounts.
    pub figures: Vec<i64>,
    /// `PARTNER`, `MERCHANT`.
    pub payers: Vec<String>,
    pub cycles: Vec<String>,
    pub date_policies: Vec<String>,
    /// Contained, whatever the case.
    pub id: Option<String>,
    pub name: Option<String>,
}

/// What partners are narrowed down by; empty lists and `None` do not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartnerFilter {
    pub archived: bool,
    /// At least one of them.
    pub tags: Vec<String>,
    pub banks: Vec<String>,
    pub currencies: Vec<String>,
    pub ids: Vec<String>,
    pub contracts: Vec<String>,
    pub account_statuses: Vec<String>,
    pub business_statuses: Vec<String>,
    pub kinds: Vec<String>,
    pub taxations: Vec<String>,
    pub connections: Vec<String>,
    /// Contained, whatever the case.
    pub keyword: Option<(PartnerText, String)>,
}

/// A text of a partner that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerText {
    Id,
    Name,
    Email,
    RegistrationNumber,
    DefaultContract,
    Memo,
    AccountNumber,
    AccountHolder,
}

impl PartnerText {
    const fn column(self) -> &'static str {
        match self {
            Self::Id => "search_id",
            Self::Name => "name",
            Self::Email => "email",
            Self::RegistrationNumber => "registration_number",
            Self::DefaultContract => "search_contract",
            Self::Memo => "memo",
            Self::AccountNumber => "account_number",
            Self::AccountHolder => "account_holder",
        }
    }
}

impl Storage {
    /// What holds, whether or not anything was ever set.
    pub async fn platform_setting(&self, platform: &PlatformKey) -> Result<PlatformSetting, ReadError> {
        let read = |mut row: Row| {
            let revision = row.count("revision")?;
            let shape: SettingShape<'static> = row.document("body")?;
            shape.read(platform.clone(), revision).map_err(|wrong| row.broken("body", wrong.0))
        };
        let found = self.one("platform_settings", SETTING, owner(platform), read).await?;
        Ok(found.unwrap_or_else(|| PlatformSetting::standard(platform.clone())))
    }

    pub async fn discount_share_policy(
        &self,
        platform: &PlatformKey,
        id: &DiscountSharePolicyId,
    ) -> Result<Option<Definition<DiscountShareTerms>>, ReadError> {
        self.rule(platform, id.as_str()).await
    }

    pub async fn additional_fee_policy(
        &self,
        platform: &PlatformKey,
        id: &AdditionalFeePolicyId,
    ) -> Result<Option<Definition<AdditionalFeeTerms>>, ReadError> {
        self.rule(platform, id.as_str()).await
    }

    pub async fn contract(
        &self,
        platform: &PlatformKey,
        id: &ContractId,
    ) -> Result<Option<Definition<ContractTerms>>, ReadError> {
        self.rule(platform, id.as_str()).await
    }

    /// With all its versions.
    pub async fn discount_share_policy_history(
        &self,
        platform: &PlatformKey,
        id: &DiscountSharePolicyId,
    ) -> Result<Option<Definition<DiscountShareTerms>>, ReadError> {
        self.rule_history(platform, id.as_str()).await
    }

    /// With all its versions.
    pub async fn additional_fee_policy_history(
        &self,
        platform: &PlatformKey,
        id: &AdditionalFeePolicyId,
    ) -> Result<Option<Definition<AdditionalFeeTerms>>, ReadError> {
        self.rule_history(platform, id.as_str()).await
    }

    /// With all its versions.
    pub async fn contract_history(
        &self,
        platform: &PlatformKey,
        id: &ContractId,
    ) -> Result<Option<Definition<ContractTerms>>, ReadError> {
        self.rule_history(platform, id.as_str()).await
    }

    /// A page of policies, the newest first.
    pub async fn discount_share_policies(
        &self,
        platform: &PlatformKey,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> Result<Page<Definition<DiscountShareTerms>>, ReadError> {
        self.rules(platform, filter, page).await
    }

    /// A page of policies, the newest first.
    pub async fn additional_fee_policies(
        &self,
        platform: &PlatformKey,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> Result<Page<Definition<AdditionalFeeTerms>>, ReadError> {
        self.rules(platform, filter, page).await
    }

    /// A page of contracts, the newest first.
    pub async fn contracts(
        &self,
        platform: &PlatformKey,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> Result<Page<Definition<ContractTerms>>, ReadError> {
        self.rules(platform, filter, page).await
    }

    /// Policies whose reserved update is due and not among their versions yet, the longest due first.
    pub async fn discount_share_policies_due(
        &self,
        platform: &PlatformKey,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Definition<DiscountShareTerms>>, ReadError> {
        self.rules_due(platform, now, limit).await
    }

    /// As [`Storage::discount_share_policies_due`].
    pub async fn additional_fee_policies_due(
        &self,
        platform: &PlatformKey,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Definition<AdditionalFeeTerms>>, ReadError> {
        self.rules_due(platform, now, limit).await
    }

    /// As [`Storage::discount_share_policies_due`].
    pub async fn contracts_due(
        &self,
        platform: &PlatformKey,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Definition<ContractTerms>>, ReadError> {
        self.rules_due(platform, now, limit).await
    }

    /// The rates of discount share policies, each once, ascending.
    pub async fn discount_share_rates(
        &self,
        platform: &PlatformKey,
        archived: bool,
        limit: u32,
    ) -> Result<Vec<i64>, ReadError> {
        let mut values = owner(platform);
        values.extend([DiscountShareTerms::WORD.into(), archived.into(), limit.into()]);
        self.all("platform_rules", FIGURES, values, |mut row| row.int("figure")).await
    }

    async fn rule<T: Rule>(
        &self,
        platform: &PlatformKey,
        id: &str,
    ) -> Result<Option<Definition<T>>, ReadError> {
        let mut values = owner(platform);
        values.extend([T::WORD.into(), text(id)]);
        self.one("platform_rules", RULE, values, |row| rule(row, platform)).await
    }

    async fn rule_history<T: Rule>(
        &self,
        platform: &PlatformKey,
        id: &str,
    ) -> Result<Option<Definition<T>>, ReadError> {
        let Some(current) = self.rule::<T>(platform, id).await? else { return Ok(None) };
        self.with_history(current).await.map(Some)
    }

    /// The row was read first: a reserved update that took effect in between is then applied once more by
    /// whoever asks what holds, which changes nothing. The other way round it would be missing.
    async fn with_history<T: Stored>(&self, current: Definition<T>) -> Result<Definition<T>, ReadError> {
        let versions = self.versions::<T>(&current.platform, T::name_of(current.id())).await?;
        joined(current, versions)
    }

    async fn rules<T: Rule>(
        &self,
        platform: &PlatformKey,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> Result<Page<Definition<T>>, ReadError> {
        let mut conditions = Narrowed::of(platform);
        conditions.is("kind", T::WORD.into());
        conditions.is("is_archived", filter.archived.into());
        conditions.any_value("figure", filter.figures.iter().map(|figure| (*figure).into()).collect());
        conditions.any("payer", &filter.payers);
        conditions.any("cycle", &filter.cycles);
        conditions.any("date_policy", &filter.date_policies);
        for (column, wanted) in [("search_id", &filter.id), ("name", &filter.name)] {
            if let Some(wanted) = wanted {
                let found = conditions.contains(column, wanted);
                conditions.push(found);
            }
        }
        self.platform_list("platform_rules", RULE_COLUMNS, "rule_id", conditions, page, |row| {
            rule(row, platform)
        })
        .await
    }

    async fn rules_due<T: Rule>(
        &self,
        platform: &PlatformKey,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Definition<T>>, ReadError> {
        let mut values = owner(platform);
        values.extend([T::WORD.into(), micros(now).into(), limit.into()]);
        self.all("platform_rules", RULES_DUE, values, |row| rule(row, platform)).await
    }

    async fn versions<T: Stored>(
        &self,
        platform: &PlatformKey,
        id: &str,
    ) -> Result<Vec<Version<T>>, ReadError> {
        let mut values = owner(platform);
        values.extend([T::WORD.into(), text(id)]);
        self.all("platform_versions", VERSIONS, values, |row| version(row).map(|(_, version)| version)).await
    }

    /// The versions of many, by their ids.
    async fn versions_of<T: Stored>(
        &self,
        platform: &PlatformKey,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Vec<Version<T>>>, ReadError> {
        const TABLE: &str = "platform_versions";
        let mut conditions = Narrowed::of(platform);
        conditions.is("kind", T::WORD.into());
        conditions.any("thing_id", ids);
        let list = format!(
            "SELECT thing_id, applied_at, body FROM {TABLE} WHERE {} ORDER BY (number + 0)",
            conditions.text()
        );
        let mut found = BTreeMap::<String, Vec<Version<T>>>::new();
        for row in self.engine.rows(Query::scan(TABLE, list, conditions.values)).await? {
            let (id, version) = version(row)?;
            found.entry(id).or_default().push(version);
        }
        Ok(found)
    }

    async fn platform_list<R>(
        &self,
        table: &'static str,
        columns: &str,
        id: &str,
        conditions: Narrowed,
        page: PageAsk,
        read: impl Fn(Row) -> Result<R, ReadError>,
    ) -> Result<Page<R>, ReadError> {
        let condition = conditions.text();
        let list = format!(
            "SELECT {columns} FROM {table} WHERE {condition} ORDER BY created_at DESC, {id} DESC LIMIT {} OFFSET {}",
            page.size,
            page.offset()
        );
        let count = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let rows = self.engine.rows(Query::scan(table, list, conditions.values.clone())).await?;
        let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let total = match self.engine.row(Query::scan(table, count, conditions.values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total, total_is_exact: true })
    }

    pub async fn partner(
        &self,
        platform: &PlatformKey,
        id: &PartnerId,
    ) -> Result<Option<Partner>, ReadError> {
        let mut values = owner(platform);
        values.push(text(id.as_str()));
        self.one("platform_partners", PARTNER, values, |row| partner(row, platform)).await
    }

    /// With all its versions.
    pub async fn partner_history(
        &self,
        platform: &PlatformKey,
        id: &PartnerId,
    ) -> Result<Option<Partner>, ReadError> {
        let Some(current) = self.partner(platform, id).await? else { return Ok(None) };
        let definition = self.with_history(current.definition.clone()).await?;
        Ok(Some(current.with(definition)))
    }

    /// Those of these partners that exist, with all their versions: for lists, which would otherwise ask for each.
    pub async fn partner_histories(
        &self,
        platform: &PlatformKey,
        ids: &[PartnerId],
    ) -> Result<Vec<Partner>, ReadError> {
        const TABLE: &str = "platform_partners";
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS_AT_ONCE) {
            let some: Vec<&str> = some.iter().map(PartnerId::as_str).collect();
            let mut conditions = Narrowed::of(platform);
            conditions.any("partner_id", &some);
            let list = format!("SELECT {PARTNER_COLUMNS} FROM {TABLE} WHERE {}", conditions.text());
            // The rows first, as in `with_history`.
            let rows = self.engine.rows(Query::scan(TABLE, list, conditions.values)).await?;
            let mut versions = self.versions_of(platform, &some).await?;
            for row in rows {
                let current = partner(row, platform)?;
                let of_it = versions.remove(current.definition.id().as_str()).unwrap_or_default();
                let definition = joined(current.definition.clone(), of_it)?;
                found.push(current.with(definition));
            }
        }
        Ok(found)
    }

    /// A page of partners, the newest first.
    pub async fn partners(
        &self,
        platform: &PlatformKey,
        filter: &PartnerFilter,
        page: PageAsk,
    ) -> Result<Page<Partner>, ReadError> {
        let conditions = partner_conditions(platform, filter);
        self.platform_list("platform_partners", PARTNER_COLUMNS, "partner_id", conditions, page, |row| {
            partner(row, platform)
        })
        .await
    }

    /// As [`Storage::discount_share_policies_due`].
    pub async fn partners_due(
        &self,
        platform: &PlatformKey,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Partner>, ReadError> {
        let mut values = owner(platform);
        values.extend([micros(now).into(), limit.into()]);
        self.all("platform_partners", PARTNERS_DUE, values, |row| partner(row, platform)).await
    }

    /// Which of these ids are taken, in their order.
    pub async fn partner_ids_taken(
        &self,
        platform: &PlatformKey,
        ids: &[PartnerId],
    ) -> Result<Vec<PartnerId>, ReadError> {
        let ids: Vec<&str> = ids.iter().map(PartnerId::as_str).collect();
        let found = self.ids_found(platform, "platform_partners", "partner_id", None, &ids).await?;
        Ok(found.into_iter().map(PartnerId::known).collect())
    }

    /// Which of these contracts exist and are not archived, in their order.
    pub async fn contracts_found(
        &self,
        platform: &PlatformKey,
        ids: &[ContractId],
    ) -> Result<Vec<ContractId>, ReadError> {
        let ids: Vec<&str> = ids.iter().map(ContractId::as_str).collect();
        let only = Some("kind = 'CONTRACT' AND is_archived = 0");
        let found = self.ids_found(platform, "platform_rules", "rule_id", only, &ids).await?;
        Ok(found.into_iter().map(ContractId::known).collect())
    }

    async fn ids_found(
        &self,
        platform: &PlatformKey,
        table: &'static str,
        column: &str,
        only: Option<&str>,
        ids: &[&str],
    ) -> Result<Vec<String>, ReadError> {
        let mut known = std::collections::HashSet::new();
        for some in ids.chunks(IDS_AT_ONCE) {
            let mut conditions = Narrowed::of(platform);
            if let Some(only) = only {
                conditions.push(only.to_owned());
            }
            conditions.any(column, some);
            let list = format!("SELECT {column} FROM {table} WHERE {}", conditions.text());
            for mut row in self.engine.rows(Query::scan(table, list, conditions.values)).await? {
                known.insert(row.text("id")?);
            }
        }
        Ok(ids.iter().filter(|id| known.contains(**id)).map(|id| (*id).to_owned()).collect())
    }

    /// The tags of partners, each once.
    pub async fn partner_tags(
        &self,
        platform: &PlatformKey,
        archived: bool,
        limit: u32,
    ) -> Result<Vec<String>, ReadError> {
        let mut values = owner(platform);
        values.extend([archived.into(), limit.into()]);
        self.all("platform_partner_tags", TAGS, values, |mut row| row.text("tag")).await
    }

    /// The contracts that partners have as their default.
    pub async fn contracts_in_use(
        &self,
        platform: &PlatformKey,
        archived: bool,
        limit: u32,
    ) -> Result<Vec<Definition<ContractTerms>>, ReadError> {
        let mut values = owner(platform);
        values.extend([archived.into(), limit.into()]);
        self.all("platform_rules", CONTRACTS_IN_USE, values, |row| rule(row, platform)).await
    }

    pub async fn verification(
        &self,
        platform: &PlatformKey,
        id: &str,
    ) -> Result<Option<Verification>, ReadError> {
        let mut values = owner(platform);
        values.push(text(id));
        self.one("platform_verifications", VERIFICATION, values, |mut row| {
            let id = row.text("verification_id")?.into_boxed_str();
            let kind = row.text("kind")?;
            let digest = row.digest("digest")?;
            let status = row.optional_text("business_status")?;
            let of = match (kind.as_str(), status) {
                ("ACCOUNT", None) => VerificationOf::Account { digest },
                ("COMPANY", Some(status)) => VerificationOf::Company {
                    digest,
                    status: BusinessStatus::parse(&status)
                        .ok_or_else(|| row.broken("business_status", "is not a word of ours"))?,
                },
                _ => return Err(row.broken("kind", "does not fit what was found")),
            };
            let made_at = row.at("made_at")?;
            Ok(Verification {
                platform: platform.clone(),
                id,
                of,
                made_at,
                used_at: row.optional_at("used_at")?,
            })
        })
        .await
    }
}

fn partner_conditions(platform: &PlatformKey, filter: &PartnerFilter) -> Narrowed {
    let mut conditions = Narrowed::of(platform);
    conditions.is("is_archived", filter.archived.into());
    for (column, wanted) in [
        ("bank", &filter.banks),
        ("currency", &filter.currencies),
        ("partner_id", &filter.ids),
        ("contract_id", &filter.contracts),
        ("account_status", &filter.account_statuses),
        ("business_status", &filter.business_statuses),
        ("kind", &filter.kinds),
        ("taxation", &filter.taxations),
        ("connection", &filter.connections),
    ] {
        conditions.any(column, wanted);
    }
    conditions.tags(&filter.tags);
    if let Some((which, wanted)) = &filter.keyword {
        let found = conditions.contains(which.column(), wanted);
        conditions.push(found);
    }
    conditions
}

/// What every thing with versions has, in the order of its columns.
struct Standing {
    id: String,
    created_at: Timestamp,
    revision: u64,
    versions: u64,
    archived: bool,
    reserved_at: Option<Timestamp>,
}

impl Standing {
    fn read(row: &mut Row) -> Result<Self, ReadError> {
        Ok(Self {
            id: row.text("id")?,
            created_at: row.at("created_at")?,
            revision: row.count("revision")?,
            versions: row.count("versions")?,
            archived: row.flag("is_archived")?,
            reserved_at: row.optional_at("reserved_at")?,
        })
    }

    fn definition<T: Stored>(
        self,
        row: &mut Row,
        platform: &PlatformKey,
    ) -> Result<Definition<T>, ReadError> {
        let kept: Kept = row.document("body")?;
        let of = kept
            .read(self.id, self.reserved_at, self.archived)
            .map_err(|wrong| row.broken("body", wrong.0))?;
        Ok(Definition::known(platform.clone(), self.created_at, self.revision, self.versions, of))
    }
}

fn rule<T: Rule>(mut row: Row, platform: &PlatformKey) -> Result<Definition<T>, ReadError> {
    Standing::read(&mut row)?.definition(&mut row, platform)
}

fn version<T: Stored>(mut row: Row) -> Result<(String, Version<T>), ReadError> {
    let id = row.text("thing_id")?;
    let applied_at = row.at("applied_at")?;
    let document = row.document("body")?;
    let terms = T::read(document).map_err(|wrong| row.broken("body", wrong.0))?;
    Ok((id, Version { applied_at, terms }))
}

/// A definition with its versions, of which it has one at least.
fn joined<T: Stored>(current: Definition<T>, versions: Vec<Version<T>>) -> Result<Definition<T>, ReadError> {
    let reserved = current.of.reserved().cloned();
    let Some(of) = Versioned::known(current.id().clone(), versions, reserved, current.of.archived) else {
        let id = T::name_of(current.id());
        return Err(ReadError::Broken(format!("table platform_versions has no version of {}/{id}", T::WORD)));
    };
    let recorded = current.recorded();
    Ok(Definition::known(current.platform, current.created_at, current.revision, recorded, of))
}

fn partner(mut row: Row, platform: &PlatformKey) -> Result<Partner, ReadError> {
    let standing = Standing::read(&mut row)?;
    let approval = row.word("approval", Approval::parse)?;
    let word = row.text("connection")?;
    let since = row.optional_at("connection_at")?;
    let note = row.optional_text("connection_note")?;
    let connection = match (word.as_str(), since, note) {
        ("NOT_CONNECTED", None, None) => Connection::NotConnected,
        ("CONNECT_PENDING", Some(since), None) => Connection::ConnectPending { since },
        ("CONNECTED", None, None) => Connection::Connected,
        ("CONNECT_FAILED", None, Some(reason)) => Connection::ConnectFailed { reason: reason.into() },
        ("DISCONNECT_PENDING", Some(since), None) => Connection::DisconnectPending { since },
        _ => return Err(row.broken("connection", "does not fit what is beside it")),
    };
    Ok(Partner { definition: standing.definition(&mut row, platform)?, approval, connection })
}
