//! Partners: made one by one or many at once, changed now or later, archived and recovered.
//!
//! An account in won is looked up at its bank, a registration number at the tax office, whenever one is
//! set; what they say is kept beside it and keeps nobody from being registered. Look-ups that the merchant
//! made itself are named by their ids instead, each good once.

use super::failure::PlatformFailure;
use super::rule::{DUE_AT_ONCE, replace_failure, reserve_failure};
use super::{Desk, PlatformDone};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use futures::stream::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_domain::money::Currency;
use paypier_domain::settlement::definition::{Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::{ContractId, PartnerId};
use paypier_domain::settlement::partner::{
    Account, AccountStatus, BusinessStatus, DetailsUpdate, PartnerDetails, PartnerError, PartnerTerms,
    PartnerUpdate,
};
use paypier_domain::settlement::property::PropertyOf;
use paypier_domain::settlement::verification::{Verification, VerificationOf, VerificationRefusal};
use paypier_domain::settlement::version::{ArchiveRefusal, UpdateRefusal, VersionKind};
use paypier_storage::{CommitError, Page, PageAsk, PartnerFilter};
use std::collections::{BTreeMap, HashSet};

/// The most partners that one request makes.
pub const MOST_AT_ONCE: usize = 1_000;
/// The most partners that one request reserves an update for.
pub const MOST_RESERVED_AT_ONCE: u32 = 10_000;
/// The most tags and contracts that filter options tell.
const MOST_OPTIONS: u32 = 1_000;
/// How many banks are asked side by side.
const LOOKUPS_AT_ONCE: usize = 8;
/// How many partners one page of a walk has.
const WALK: u32 = 1_000;

/// A partner that is to be made.
#[derive(Debug, Clone)]
pub struct NewPartner {
    pub id: Option<PartnerId>,
    pub terms: PartnerTerms,
    pub vouchers: Vouchers,
}

/// Look-ups that the merchant made before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vouchers {
    pub account: Option<String>,
    pub company: Option<String>,
}

impl Vouchers {
    const fn is_none(&self) -> bool {
        self.account.is_none() && self.company.is_none()
    }
}

/// What changes about a partner.
#[derive(Debug, Clone, Default)]
pub struct ChangePartner {
    pub update: PartnerUpdate,
    pub vouchers: Vouchers,
}

/// The refusals that an operation has words for; others of its kind say that the request is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    All,
    /// Replacing a reserved update: contracts only.
    ContractOnly,
    /// One update for many: contracts and properties.
    NoVouchers,
}

/// Which look-ups were used.
#[derive(Debug, Default)]
struct Used(Vec<Box<str>>);

impl Used {
    fn writes(self, platform: &PlatformKey, at: Timestamp) -> impl Iterator<Item = Write> {
        let platform = platform.clone();
        self.0.into_iter().map(move |id| Write::VerificationUsed { platform: platform.clone(), id, at })
    }
}

impl App {
    /// # Errors
    /// In this order: the contract, a property, a look-up that is not there; the id that is taken; a look-up
    /// that was used, or that is about something else.
    pub async fn create_partner(&self, desk: &Desk, new: NewPartner, ticket: &Ticket) -> Verdict {
        let platform = desk.home();
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, &platform);
            self.check_references(&platform, Some(&new.terms.default_contract), Some(&new.terms.properties))
                .await?;
            let vouchers = self.vouchers(&platform, &new.vouchers, now).await?;
            let id = new.id.clone().unwrap_or_else(|| PartnerId::known(self.ids.prefixed("ptn-")));
            if self.storage.partner(&platform, &id).await?.is_some() {
                return Err(PlatformFailure::Exists(VersionKind::Partner).into());
            }
            let (terms, used) = self.with_findings(&platform, new.terms.clone(), &vouchers, now).await?;
            let made = Partner::new(Definition::new(platform.clone(), id, terms, now));
            let success = Success::from(PlatformDone::Partner(made.clone()));
            let mut writes = vec![Write::Partner { partner: Box::new(made), expects: None }];
            writes.extend(used.writes(&platform, now));
            match self.commit_platform(desk, ticket, writes, &success).await {
                Ok(()) => return Ok(success),
                // The id or the look-up is taken: the next round finds out which.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// All of them, or none. Look-ups that are named are passed over: everything is looked up anew.
    ///
    /// # Errors
    /// In this order: ids that are given twice; contracts, then a property, that are not there; ids that
    /// are taken.
    pub async fn create_partners(&self, desk: &Desk, new: Vec<NewPartner>, ticket: &Ticket) -> Verdict {
        let platform = desk.home();
        let ids: Vec<PartnerId> = new.iter().filter_map(|one| one.id.clone()).collect();
        let twice = named_twice(&ids);
        if !twice.is_empty() {
            return Err(PlatformFailure::PartnersTwice(twice).into());
        }
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, &platform);
            let mut contracts: Vec<ContractId> = Vec::new();
            for one in &new {
                if !contracts.contains(&one.terms.default_contract) {
                    contracts.push(one.terms.default_contract.clone());
                }
            }
            let found: HashSet<ContractId> =
                self.storage.contracts_found(&platform, &contracts).await?.into_iter().collect();
            let missing: Vec<String> = contracts
                .iter()
                .filter(|contract| !found.contains(*contract))
                .map(|contract| contract.as_str().to_owned())
                .collect();
            if !missing.is_empty() {
                return Err(PlatformFailure::ContractsMissing(missing).into());
            }
            let properties = self.storage.platform_setting(&platform).await?.properties;
            for one in &new {
                properties
                    .check(PropertyOf::Partner, &one.terms.properties)
                    .map_err(PlatformFailure::Property)?;
            }
            let taken = self.storage.partner_ids_taken(&platform, &ids).await?;
            if !taken.is_empty() {
                let taken = taken.iter().map(|id| id.as_str().to_owned()).collect();
                return Err(PlatformFailure::PartnersExist(taken).into());
            }
            let nothing = Found::default();
            let looked_up = |one: NewPartner| {
                let (platform, nothing) = (&platform, &nothing);
                async move {
                    let id = one.id.unwrap_or_else(|| PartnerId::known(self.ids.prefixed("ptn-")));
                    let (terms, _) = self.with_findings(platform, one.terms, nothing, now).await?;
                    Ok::<_, Failure>(Partner::new(Definition::new(platform.clone(), id, terms, now)))
                }
            };
            let made: Vec<Partner> = futures::stream::iter(new.clone().into_iter().map(looked_up))
                .buffered(LOOKUPS_AT_ONCE)
                .try_collect()
                .await?;
            let success = Success::from(PlatformDone::Partners(made.clone()));
            let writes =
                made.into_iter().map(|partner| Write::Partner { partner: Box::new(partner), expects: None });
            match self.commit_platform(desk, ticket, writes.collect(), &success).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// As it is now.
    ///
    /// # Errors
    /// There is none.
    pub async fn read_partner(&self, desk: &Desk, id: &PartnerId) -> Result<Partner, Failure> {
        let found = self.partner_for_decision(desk, id).await?;
        let now = self.platform_now(desk, &found.definition.platform);
        Ok(found.as_of(now))
    }

    /// The one with a reserved update.
    ///
    /// # Errors
    /// There is none, or it has none.
    pub async fn read_reserved_partner(&self, desk: &Desk, id: &PartnerId) -> Result<Partner, Failure> {
        let found = self.read_partner(desk, id).await?;
        match found.definition.of.reserved() {
            Some(_) => Ok(found),
            None => Err(PlatformFailure::NothingReserved(VersionKind::Partner).into()),
        }
    }

    /// As it is stored: its revision is what a write expects.
    pub(super) async fn partner_for_decision(&self, desk: &Desk, id: &PartnerId) -> Result<Partner, Failure> {
        for platform in desk.places() {
            if let Some(found) = self.storage.partner(&platform, id).await? {
                return Ok(found);
            }
        }
        Err(PlatformFailure::Missing(VersionKind::Partner).into())
    }

    /// A page, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn list_partners(
        &self,
        desk: &Desk,
        filter: &PartnerFilter,
        page: PageAsk,
    ) -> Result<Page<Partner>, Failure> {
        let platform = desk.home();
        self.record_due_partners(desk, &platform).await?;
        Ok(self.storage.partners(&platform, filter, page).await?)
    }

    /// Every partner that matches, at most `limit`.
    ///
    /// # Errors
    /// There are more.
    pub(super) async fn matching_partners(
        &self,
        desk: &Desk,
        filter: &PartnerFilter,
        limit: u32,
    ) -> Result<Vec<Partner>, Failure> {
        let mut all = Vec::new();
        for number in 0.. {
            let page = self.list_partners(desk, filter, PageAsk { number, size: WALK }).await?;
            if page.total > u64::from(limit) {
                return Err(Failure::Invalid(format!(
                    "filter: {} partners match; at most {limit} can be changed at once",
                    page.total
                )));
            }
            let is_last = page.items.len() < usize::try_from(WALK).unwrap_or(usize::MAX);
            all.extend(page.items);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// As [`App::record_due_rules`].
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn record_due_partners(&self, desk: &Desk, platform: &PlatformKey) -> Result<(), Failure> {
        for _ in 0..super::valid::MOST_DUE_ROUNDS {
            let now = self.platform_now(desk, platform);
            let due = self.storage.partners_due(platform, now, DUE_AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let writes = due.into_iter().map(|due| {
                let expects = Some(due.definition.revision);
                Write::Partner { partner: Box::new(due.as_of(now)), expects }
            });
            let change = Change { writes: writes.collect(), ..Change::default() };
            match self.commit(&desk.profile, &Ticket::none(), change).await {
                Ok(()) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Tags and default contracts of partners.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn partner_options(
        &self,
        desk: &Desk,
        archived: bool,
    ) -> Result<(Vec<String>, Vec<Definition<paypier_domain::settlement::contract::ContractTerms>>), Failure>
    {
        let platform = desk.home();
        self.record_due_partners(desk, &platform).await?;
        let tags = self.storage.partner_tags(&platform, archived, MOST_OPTIONS).await?;
        let contracts = self.storage.contracts_in_use(&platform, archived, MOST_OPTIONS).await?;
        let now = self.platform_now(desk, &platform);
        Ok((tags, contracts.into_iter().map(|contract| contract.as_of(now)).collect()))
    }

    /// The rates of discount share policies.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn discount_share_rates(&self, desk: &Desk, archived: bool) -> Result<Vec<i64>, Failure> {
        use paypier_domain::settlement::policy::DiscountShareTerms;
        let platform = desk.home();
        self.record_due_rules::<DiscountShareTerms>(desk, &platform).await?;
        Ok(self.storage.discount_share_rates(&platform, archived, MOST_OPTIONS).await?)
    }

    /// # Errors
    /// In this order: the partner, the contract, a property, a look-up that is not there; an archived
    /// partner; what a connection forbids; a look-up that was used; too little to become another kind; a
    /// look-up about something else.
    pub async fn update_partner(
        &self,
        desk: &Desk,
        id: &PartnerId,
        change: &ChangePartner,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let found = self.partner_for_decision(desk, id).await?;
            let platform = found.definition.platform.clone();
            let (expects, now) = (found.definition.revision, self.platform_now(desk, &platform));
            let current = found.as_of(now);
            let (update, used) = self.prepared(&current, change, Words::All, now).await?;
            let definition =
                current.definition.clone().update(&update, now).map_err(|refusal| match refusal {
                    UpdateRefusal::Archived => PlatformFailure::Archived(VersionKind::Partner),
                })?;
            // `as_of` and the update were one decision.
            let definition = one_revision(definition, expects);
            let changed = current.with(definition);
            let success = Success::from(PlatformDone::Partner(changed.clone()));
            let mut writes = vec![Write::Partner { partner: Box::new(changed), expects: Some(expects) }];
            writes.extend(used.writes(&platform, now));
            match self.commit_platform(desk, ticket, writes, &success).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// # Errors
    /// As [`App::update_partner`]; then a time that is not in the future, and an update that is reserved.
    pub async fn reserve_partner(
        &self,
        desk: &Desk,
        id: &PartnerId,
        change: &ChangePartner,
        applied_at: Timestamp,
        ticket: &Ticket,
    ) -> Verdict {
        self.check_time(desk, applied_at)?;
        self.plan_partner(desk, id, change, Words::All, ticket, |current, update, now| {
            current
                .reserve(update, applied_at, now)
                .map_err(|refusal| reserve_failure::<PartnerTerms>(&refusal))
        })
        .await
    }

    /// # Errors
    /// There is none; its time is not in the future; the contract; a connection; none is reserved.
    pub async fn replace_reserved_partner(
        &self,
        desk: &Desk,
        id: &PartnerId,
        change: &ChangePartner,
        applied_at: Timestamp,
        ticket: &Ticket,
    ) -> Verdict {
        self.check_time(desk, applied_at)?;
        self.plan_partner(desk, id, change, Words::ContractOnly, ticket, |current, update, now| {
            let replaced = current.replace_reserved(update, applied_at, now);
            replaced.map_err(|refusal| replace_failure::<PartnerTerms>(&refusal))
        })
        .await
    }

    async fn plan_partner(
        &self,
        desk: &Desk,
        id: &PartnerId,
        change: &ChangePartner,
        words: Words,
        ticket: &Ticket,
        decide: impl Fn(
            Definition<PartnerTerms>,
            PartnerUpdate,
            Timestamp,
        ) -> Result<Definition<PartnerTerms>, Failure>
        + Send
        + Sync,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let found = self.partner_for_decision(desk, id).await?;
            let platform = found.definition.platform.clone();
            let (expects, now) = (found.definition.revision, self.platform_now(desk, &platform));
            let current = found.as_of(now);
            let (update, used) = self.prepared(&current, change, words, now).await?;
            if current.connection.is_bound() {
                return Err(PlatformFailure::BoundToNow.into());
            }
            let definition = one_revision(decide(current.definition.clone(), update, now)?, expects);
            let changed = current.with(definition);
            let success = Success::from(PlatformDone::ScheduledPartner(changed.clone()));
            let mut writes = vec![Write::Partner { partner: Box::new(changed), expects: Some(expects) }];
            writes.extend(used.writes(&platform, now));
            match self.commit_platform(desk, ticket, writes, &success).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// One update for every partner that matches; for all of them, or none.
    ///
    /// # Errors
    /// In this order: a time that is not in the future; the contract, then a property, that is not there; a
    /// filter that selects archived partners; partners that have one reserved, then those that are
    /// connected; an update that does not fit one of them.
    pub async fn reserve_partners(
        &self,
        desk: &Desk,
        filter: &PartnerFilter,
        change: &ChangePartner,
        applied_at: Timestamp,
        ticket: &Ticket,
    ) -> Verdict {
        self.check_time(desk, applied_at)?;
        let platform = desk.home();
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, &platform);
            self.check_references(
                &platform,
                change.update.default_contract.as_ref(),
                change.update.properties.as_ref(),
            )
            .await?;
            let targets = self.matching_partners(desk, filter, MOST_RESERVED_AT_ONCE).await?;
            let ids = |is: &dyn Fn(&Partner) -> bool| -> Vec<String> {
                let these = targets.iter().filter(|partner| is(partner));
                these.map(|partner| partner.definition.id().as_str().to_owned()).collect()
            };
            if targets.iter().any(|partner| partner.definition.of.archived) {
                return Err(PlatformFailure::ArchivedPartners.into());
            }
            let reserved = ids(&|partner| partner.definition.of.reserved().is_some());
            if !reserved.is_empty() {
                return Err(PlatformFailure::SchedulesExist(reserved).into());
            }
            let bound = ids(&|partner| partner.connection.is_bound());
            if !bound.is_empty() {
                return Err(PlatformFailure::PartnersBoundToNow(bound).into());
            }
            let mut writes = Vec::with_capacity(targets.len());
            let mut all_used: HashSet<Box<str>> = HashSet::new();
            for target in targets {
                let expects = target.definition.revision;
                if let Some(details) = &change.update.details
                    && !target.definition.terms().details.is_of_kind(details)
                {
                    return Err(Failure::Invalid(format!(
                        "update.type: the partner {} is of another kind, which one update for many cannot change",
                        crate::app::caller::shown(target.definition.id().as_str())
                    )));
                }
                let (update, used) = self.prepared(&target, change, Words::NoVouchers, now).await?;
                all_used.extend(used.0);
                let definition = target
                    .definition
                    .clone()
                    .reserve(update, applied_at, now)
                    .map_err(|refusal| reserve_failure::<PartnerTerms>(&refusal))?;
                let changed = target.with(one_revision(definition, expects));
                writes.push(Write::Partner { partner: Box::new(changed), expects: Some(expects) });
            }
            writes.extend(Used(all_used.into_iter().collect()).writes(&platform, now));
            match self.commit_platform(desk, ticket, writes, &Success::Done).await {
                Ok(()) => return Ok(Success::Done),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// # Errors
    /// There is none, or it has none.
    pub async fn unreserve_partner(&self, desk: &Desk, id: &PartnerId, ticket: &Ticket) -> Verdict {
        let success = |_: &Partner| Success::Done;
        self.alter_partner(desk, id, ticket, success, |current, now| {
            let without = current.definition.clone().unreserve(now);
            let without = without.ok_or(PlatformFailure::NothingReserved(VersionKind::Partner))?;
            Ok(Some(current.with(without)))
        })
        .await
    }

    /// # Errors
    /// There is none; an update of it is reserved; the provider of tax invoices has not answered yet.
    pub async fn archive_partner(&self, desk: &Desk, id: &PartnerId, ticket: &Ticket) -> Verdict {
        self.alter_partner(desk, id, ticket, shown, |current, now| {
            if current.definition.of.archived {
                return Ok(None);
            }
            let archived = current.definition.clone().archive(now).map_err(|refusal| match refusal {
                ArchiveRefusal::UpdateReserved(_) => PlatformFailure::HasSchedule(VersionKind::Partner),
            })?;
            if current.connection.is_pending() {
                return Err(PlatformFailure::PendingConnection.into());
            }
            Ok(Some(current.with(archived)))
        })
        .await
    }

    /// # Errors
    /// There is none; the provider of tax invoices has not answered yet.
    pub async fn recover_partner(&self, desk: &Desk, id: &PartnerId, ticket: &Ticket) -> Verdict {
        self.alter_partner(desk, id, ticket, shown, |current, _| {
            if current.connection.is_pending() {
                return Err(PlatformFailure::PendingConnection.into());
            }
            if !current.definition.of.archived {
                return Ok(None);
            }
            let recovered = current.definition.clone().recover();
            Ok(Some(current.with(recovered)))
        })
        .await
    }

    /// Loads, decides and commits until nobody else changed it in between. `None`: nothing changes.
    pub(super) async fn alter_partner(
        &self,
        desk: &Desk,
        id: &PartnerId,
        ticket: &Ticket,
        success: impl Fn(&Partner) -> Success + Send + Sync,
        decide: impl Fn(Partner, Timestamp) -> Result<Option<Partner>, Failure> + Send + Sync,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let found = self.partner_for_decision(desk, id).await?;
            let now = self.platform_now(desk, &found.definition.platform);
            let expects = found.definition.revision;
            let current = found.as_of(now);
            let Some(changed) = decide(current.clone(), now)? else { return Ok(success(&current)) };
            let definition = one_revision(changed.definition.clone(), expects);
            let changed = changed.with(definition);
            let success = success(&changed);
            let write = Write::Partner { partner: Box::new(changed), expects: Some(expects) };
            match self.commit_platform(desk, ticket, vec![write], &success).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

fn shown(partner: &Partner) -> Success {
    PlatformDone::Partner(partner.clone()).into()
}

/// A change of several steps is one stored change.
fn one_revision(mut definition: Definition<PartnerTerms>, expects: u64) -> Definition<PartnerTerms> {
    definition.revision = expects.saturating_add(1);
    definition
}

/// Ids that are named more than once, each once, in the order of their second naming.
fn named_twice(ids: &[PartnerId]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut twice: Vec<String> = Vec::new();
    for id in ids {
        if !seen.insert(id) && !twice.iter().any(|known| known == id.as_str()) {
            twice.push(id.as_str().to_owned());
        }
    }
    twice
}

/// Look-ups that were found, by what they are named for.
#[derive(Debug, Default)]
struct Found {
    account: Option<Verification>,
    company: Option<Verification>,
}

/// An undeclared refusal says that the request is invalid.
fn or_invalid(words: Words, declared: &[Words], failure: PlatformFailure) -> Failure {
    if declared.contains(&words) { failure.into() } else { Failure::Invalid(failure.to_string()) }
}

impl App {
    /// Of a time that is in the past wherever the request may lead.
    pub(super) fn check_time(&self, desk: &Desk, applied_at: Timestamp) -> Result<(), Failure> {
        if desk.places().all(|platform| applied_at <= self.platform_now(desk, &platform)) {
            return Err(Failure::Invalid("appliedAt must be in the future".into()));
        }
        Ok(())
    }

    async fn check_references(
        &self,
        platform: &PlatformKey,
        contract: Option<&ContractId>,
        properties: Option<&BTreeMap<Box<str>, Box<str>>>,
    ) -> Result<(), Failure> {
        if let Some(contract) = contract {
            let found = self.storage.contract(platform, contract).await?;
            if found.is_none_or(|found| found.of.archived) {
                return Err(PlatformFailure::Missing(VersionKind::Contract).into());
            }
        }
        if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
            let known = self.storage.platform_setting(platform).await?.properties;
            known.check(PropertyOf::Partner, properties).map_err(PlatformFailure::Property)?;
        }
        Ok(())
    }

    /// The look-ups that are named. A company's that is not there is an invalid request: the dialect has no
    /// word for it.
    async fn vouchers(
        &self,
        platform: &PlatformKey,
        named: &Vouchers,
        now: Timestamp,
    ) -> Result<Found, Failure> {
        let mut found = Found::default();
        let unknown = VerificationRefusal::Unknown;
        if let Some(id) = &named.account {
            let account = self.storage.verification(platform, id).await?;
            let account = account.filter(|one| matches!(one.of, VerificationOf::Account { .. }));
            found.account = Some(
                account
                    .filter(|one| is_there(one, now))
                    .ok_or(PlatformFailure::AccountVerification(unknown))?,
            );
        }
        if let Some(id) = &named.company {
            let company = self.storage.verification(platform, id).await?;
            let company = company.filter(|one| matches!(one.of, VerificationOf::Company { .. }));
            found.company = Some(
                company
                    .filter(|one| is_there(one, now))
                    .ok_or_else(|| Failure::Invalid(format!("companyVerificationId: {unknown}")))?,
            );
        }
        Ok(found)
    }

    /// Terms with what banks and the tax office say about them.
    async fn with_findings(
        &self,
        platform: &PlatformKey,
        mut terms: PartnerTerms,
        vouchers: &Found,
        now: Timestamp,
    ) -> Result<(PartnerTerms, Used), Failure> {
        let mut used = Used::default();
        self.check_used(vouchers)?;
        terms.account = self.verified(platform, terms.account, vouchers, now, &mut used).await?;
        if let PartnerDetails::Business(business) = &mut terms.details {
            let number = business.registration_number.clone();
            business.status = self.business_status(platform, &number, vouchers, now, &mut used).await?;
        }
        Ok((terms, used))
    }

    /// What was used before is told before what differs.
    fn check_used(&self, vouchers: &Found) -> Result<(), Failure> {
        let used = VerificationRefusal::Used;
        if vouchers.account.as_ref().is_some_and(|one| one.used_at.is_some()) {
            return Err(PlatformFailure::AccountVerification(used).into());
        }
        if vouchers.company.as_ref().is_some_and(|one| one.used_at.is_some()) {
            return Err(PlatformFailure::CompanyVerification(used).into());
        }
        Ok(())
    }

    async fn verified(
        &self,
        platform: &PlatformKey,
        account: Account,
        vouchers: &Found,
        now: Timestamp,
        used: &mut Used,
    ) -> Result<Account, Failure> {
        if let Some(voucher) = &vouchers.account {
            let digest = super::lookup::account_digest(&account.bank, account.number(), &account.holder);
            voucher.vouches_for(&digest, now).map_err(PlatformFailure::AccountVerification)?;
            used.0.push(voucher.id.clone());
            return Ok(account.with_status(AccountStatus::Verified));
        }
        let status = match account.currency {
            Currency::KRW => self.account_status(platform, &account).await,
            _ => AccountStatus::NotVerified,
        };
        Ok(account.with_status(status))
    }

    async fn business_status(
        &self,
        platform: &PlatformKey,
        number: &str,
        vouchers: &Found,
        now: Timestamp,
        used: &mut Used,
    ) -> Result<BusinessStatus, Failure> {
        let Some(voucher) = &vouchers.company else {
            return Ok(self.registered_status(platform, number).await);
        };
        match voucher.vouches_for(&super::lookup::company_digest(number), now) {
            Ok(()) => {}
            Err(used @ VerificationRefusal::Used) => {
                return Err(PlatformFailure::CompanyVerification(used).into());
            }
            Err(other) => return Err(Failure::Invalid(format!("companyVerificationId: {other}"))),
        }
        used.0.push(voucher.id.clone());
        Ok(match &voucher.of {
            VerificationOf::Company { status, .. } => *status,
            VerificationOf::Account { .. } => BusinessStatus::NotVerified,
        })
    }

    /// An update that may happen, with what banks and the tax office say about what is new.
    async fn prepared(
        &self,
        current: &Partner,
        change: &ChangePartner,
        words: Words,
        now: Timestamp,
    ) -> Result<(PartnerUpdate, Used), Failure> {
        use Words::{All, NoVouchers};
        let platform = &current.definition.platform;
        let terms = current.definition.terms();
        let mut update = change.update.clone();
        match self
            .check_references(platform, update.default_contract.as_ref(), update.properties.as_ref())
            .await
        {
            Err(Failure::Platform(failure)) if matches!(*failure, PlatformFailure::Property(_)) => {
                return Err(or_invalid(words, &[All, NoVouchers], *failure));
            }
            checked => checked?,
        }
        let vouchers = if change.vouchers.is_none() {
            Found::default()
        } else {
            self.vouchers(platform, &change.vouchers, now).await.map_err(|failure| less(words, failure))?
        };
        if current.definition.of.archived && words == All {
            return Err(PlatformFailure::Archived(VersionKind::Partner).into());
        }
        current.lets(&update).map_err(|refusal| or_invalid_when_bound(words, refusal))?;
        self.check_used(&vouchers).map_err(|failure| less(words, failure))?;
        terms.accepts(&update).map_err(|error| match error {
            PartnerError::InsufficientData(what) => {
                or_invalid(words, &[All], PlatformFailure::InsufficientData(what))
            }
            other => Failure::Invalid(other.to_string()),
        })?;
        let mut used = Used::default();
        if let Some(account) = update.account.take() {
            update.account = Some(if account.is_same(&terms.account) && vouchers.account.is_none() {
                account.with_status(terms.account.status)
            } else {
                self.verified(platform, account, &vouchers, now, &mut used)
                    .await
                    .map_err(|failure| less(words, failure))?
            });
        } else if vouchers.account.is_some() {
            return Err(Failure::Invalid("accountVerificationId needs the account it is about".into()));
        }
        if let Some(DetailsUpdate::Business(business)) = &mut update.details {
            let known = match &terms.details {
                PartnerDetails::Business(known) => Some(known.registration_number.clone()),
                PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => None,
            };
            let number = business.registration_number.clone().or_else(|| known.clone());
            if let Some(number) =
                number.filter(|number| Some(number) != known.as_ref() || vouchers.company.is_some())
            {
                let status = self.business_status(platform, &number, &vouchers, now, &mut used).await;
                business.status = Some(status.map_err(|failure| less(words, failure))?);
            }
        }
        Ok((update, used))
    }
}

/// Whether it was made lately enough, or was used, which is told apart later.
fn is_there(verification: &Verification, now: Timestamp) -> bool {
    let (VerificationOf::Account { digest } | VerificationOf::Company { digest, .. }) = &verification.of;
    verification.vouches_for(digest, now) != Err(VerificationRefusal::Unknown)
}

/// Where an operation has no word for what is wrong with a look-up, the request is invalid.
fn less(words: Words, failure: Failure) -> Failure {
    match failure {
        Failure::Platform(refusal) if words != Words::All => Failure::Invalid(refusal.to_string()),
        other => other,
    }
}

fn or_invalid_when_bound(
    words: Words,
    refusal: paypier_domain::settlement::definition::BoundRefusal,
) -> Failure {
    match words {
        Words::All => PlatformFailure::Bound(refusal).into(),
        // They have one word for everything about connected partners.
        Words::ContractOnly | Words::NoVouchers => PlatformFailure::BoundToNow.into(),
    }
}
