//! Policies and contracts: the same use cases for all three, since they differ in their terms only.

use super::failure::PlatformFailure;
use super::{Desk, PlatformDone};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Definition, PlatformKey};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId};
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use paypier_domain::settlement::version::{ReplaceRefusal, ReserveRefusal, Terms};
use paypier_storage::{CommitError, Page, PageAsk, ReadError, RuleFilter, Storage};
use std::future::Future;

/// How many reserved updates are recorded by one commit.
pub(super) const DUE_AT_ONCE: u32 = 100;

/// A policy or a contract.
pub trait Rule: Terms<Id: Send + Sync, Update: Send + Sync> + Send + Sync + Sized {
    fn known(id: String) -> Self::Id;
    fn found(
        storage: &Storage,
        platform: &PlatformKey,
        id: &Self::Id,
    ) -> impl Future<Output = Result<Option<Definition<Self>>, ReadError>> + Send;
    fn due(
        storage: &Storage,
        platform: &PlatformKey,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Definition<Self>>, ReadError>> + Send;
    fn listed(
        storage: &Storage,
        platform: &PlatformKey,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> impl Future<Output = Result<Page<Definition<Self>>, ReadError>> + Send;
    fn write(definition: Definition<Self>, expects: Option<u64>) -> Write;
    fn done(definition: Definition<Self>) -> PlatformDone;
    fn scheduled(definition: Definition<Self>) -> PlatformDone;
}

macro_rules! rules {
    ($($terms:ident($id:ident) as $write:ident($member:ident), $done:ident, $scheduled:ident,
       $found:ident, $due:ident, $listed:ident;)+) => {$(
        impl Rule for $terms {
            fn known(id: String) -> $id {
                $id::known(id)
            }
            async fn found(
                storage: &Storage,
                platform: &PlatformKey,
                id: &$id,
            ) -> Result<Option<Definition<Self>>, ReadError> {
                storage.$found(platform, id).await
            }
            async fn due(
                storage: &Storage,
                platform: &PlatformKey,
                now: Timestamp,
            ) -> Result<Vec<Definition<Self>>, ReadError> {
                storage.$due(platform, now, DUE_AT_ONCE).await
            }
            async fn listed(
                storage: &Storage,
                platform: &PlatformKey,
                filter: &RuleFilter,
                page: PageAsk,
            ) -> Result<Page<Definition<Self>>, ReadError> {
                storage.$listed(platform, filter, page).await
            }
            fn write(definition: Definition<Self>, expects: Option<u64>) -> Write {
                Write::$write { $member: Box::new(definition), expects }
            }
            fn done(definition: Definition<Self>) -> PlatformDone {
                PlatformDone::$done(definition)
            }
            fn scheduled(definition: Definition<Self>) -> PlatformDone {
                PlatformDone::$scheduled(definition)
            }
        }
    )+};
}

rules! {
    DiscountShareTerms(DiscountSharePolicyId) as DiscountSharePolicy(policy), DiscountSharePolicy,
        ScheduledDiscountSharePolicy, discount_share_policy, discount_share_policies_due, discount_share_policies;
    AdditionalFeeTerms(AdditionalFeePolicyId) as AdditionalFeePolicy(policy), AdditionalFeePolicy,
        ScheduledAdditionalFeePolicy, additional_fee_policy, additional_fee_policies_due, additional_fee_policies;
    ContractTerms(ContractId) as Contract(contract), Contract, ScheduledContract, contract, contracts_due, contracts;
}

/// What a decision makes of a definition.
pub(super) enum Decided<T: Terms> {
    /// It is as it is wanted already.
    Same(Definition<T>),
    Changed(Definition<T>),
}

/// What the answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Current,
    Reserved,
    Nothing,
}

impl App {
    /// # Errors
    /// Its id is taken.
    pub async fn create_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: Option<T::Id>,
        terms: T,
        ticket: &Ticket,
    ) -> Verdict {
        let platform = desk.home();
        for _ in 0..MOST_TRIES {
            let chosen = id.clone().unwrap_or_else(|| T::known(self.short_id()));
            let now = self.platform_now(desk, &platform);
            if T::found(&self.storage, &platform, &chosen).await?.is_none() {
                let made = Definition::new(platform.clone(), chosen, terms.clone(), now);
                let success = Success::from(T::done(made.clone()));
                match self.commit_platform(desk, ticket, vec![T::write(made, None)], &success).await {
                    Ok(()) => return Ok(success),
                    Err(CommitError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            // Somebody has it; of ids that we make up, the next one is free.
            if id.is_some() {
                return Err(PlatformFailure::Exists(T::KIND).into());
            }
        }
        Err(Failure::Overloaded)
    }

    /// As it is now.
    ///
    /// # Errors
    /// There is none.
    pub async fn read_rule<T: Rule>(&self, desk: &Desk, id: &T::Id) -> Result<Definition<T>, Failure> {
        for platform in desk.places() {
            if let Some(found) = T::found(&self.storage, &platform, id).await? {
                return Ok(found.as_of(self.platform_now(desk, &platform)));
            }
        }
        Err(PlatformFailure::Missing(T::KIND).into())
    }

    /// The one with a reserved update.
    ///
    /// # Errors
    /// There is none, or it has none.
    pub async fn read_reserved_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
    ) -> Result<Definition<T>, Failure> {
        let found = self.read_rule::<T>(desk, id).await?;
        match found.of.reserved() {
            Some(_) => Ok(found),
            None => Err(PlatformFailure::NothingReserved(T::KIND).into()),
        }
    }

    /// A page, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn list_rules<T: Rule>(
        &self,
        desk: &Desk,
        filter: &RuleFilter,
        page: PageAsk,
    ) -> Result<Page<Definition<T>>, Failure> {
        let platform = desk.home();
        self.record_due_rules::<T>(desk, &platform).await?;
        Ok(T::listed(&self.storage, &platform, filter, page).await?)
    }

    /// Records the reserved updates that are due: lists are narrowed down by what is recorded. Done by
    /// several at once, one of them does it.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn record_due_rules<T: Rule>(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
    ) -> Result<(), Failure> {
        for _ in 0..super::valid::MOST_DUE_ROUNDS {
            let now = self.platform_now(desk, platform);
            let due = T::due(&self.storage, platform, now).await?;
            if due.is_empty() {
                return Ok(());
            }
            let writes = due.into_iter().map(|due| {
                let expects = Some(due.revision);
                T::write(due.as_of(now), expects)
            });
            let change = Change { writes: writes.collect(), ..Change::default() };
            match self.commit(&desk.profile, &Ticket::none(), change).await {
                Ok(()) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// # Errors
    /// There is none; it is archived.
    pub async fn update_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
        update: &T::Update,
        ticket: &Ticket,
    ) -> Verdict {
        self.alter_rule::<T>(desk, id, ticket, Told::Current, |found, now| {
            let changed = found.update(update, now).map_err(|_| PlatformFailure::Archived(T::KIND))?;
            Ok(Decided::Changed(changed))
        })
        .await
    }

    /// # Errors
    /// There is none; an update of it is reserved.
    pub async fn archive_rule<T: Rule>(&self, desk: &Desk, id: &T::Id, ticket: &Ticket) -> Verdict {
        self.alter_rule::<T>(desk, id, ticket, Told::Current, |found, now| {
            if found.of.archived {
                return Ok(Decided::Same(found));
            }
            let changed = found.archive(now).map_err(|_| PlatformFailure::HasSchedule(T::KIND))?;
            Ok(Decided::Changed(changed))
        })
        .await
    }

    /// # Errors
    /// There is none.
    pub async fn recover_rule<T: Rule>(&self, desk: &Desk, id: &T::Id, ticket: &Ticket) -> Verdict {
        self.alter_rule::<T>(desk, id, ticket, Told::Current, |found, _| {
            Ok(if found.of.archived { Decided::Changed(found.recover()) } else { Decided::Same(found) })
        })
        .await
    }

    /// # Errors
    /// There is none; its time is not in the future; one is reserved; it is archived.
    pub async fn reserve_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
        update: &T::Update,
        applied_at: Timestamp,
        ticket: &Ticket,
    ) -> Verdict {
        self.check_time(desk, applied_at)?;
        self.alter_rule::<T>(desk, id, ticket, Told::Reserved, |found, now| {
            let reserved = found.reserve(update.clone(), applied_at, now);
            Ok(Decided::Changed(reserved.map_err(|refusal| reserve_failure::<T>(&refusal))?))
        })
        .await
    }

    /// # Errors
    /// There is none; its time is not in the future; none is reserved.
    pub async fn replace_reserved_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
        update: &T::Update,
        applied_at: Timestamp,
        ticket: &Ticket,
    ) -> Verdict {
        self.check_time(desk, applied_at)?;
        self.alter_rule::<T>(desk, id, ticket, Told::Reserved, |found, now| {
            let replaced = found.replace_reserved(update.clone(), applied_at, now);
            Ok(Decided::Changed(replaced.map_err(|refusal| replace_failure::<T>(&refusal))?))
        })
        .await
    }

    /// # Errors
    /// There is none, or it has none.
    pub async fn unreserve_rule<T: Rule>(&self, desk: &Desk, id: &T::Id, ticket: &Ticket) -> Verdict {
        self.alter_rule::<T>(desk, id, ticket, Told::Nothing, |found, now| match found.unreserve(now) {
            Some(without) => Ok(Decided::Changed(without)),
            None => Err(PlatformFailure::NothingReserved(T::KIND).into()),
        })
        .await
    }

    async fn alter_rule<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
        ticket: &Ticket,
        told: Told,
        decide: impl Fn(Definition<T>, Timestamp) -> Result<Decided<T>, Failure> + Send + Sync,
    ) -> Verdict {
        let answer = |definition: Definition<T>| match told {
            Told::Current => Success::from(T::done(definition)),
            Told::Reserved => Success::from(T::scheduled(definition)),
            Told::Nothing => Success::Done,
        };
        for _ in 0..MOST_TRIES {
            let found = self.read_rule_for_decision::<T>(desk, id).await?;
            let (expects, now) = (found.revision, self.platform_now(desk, &found.platform));
            match decide(found, now)? {
                Decided::Same(same) => return Ok(answer(same.as_of(now))),
                Decided::Changed(changed) => {
                    let success = answer(changed.clone());
                    let write = T::write(changed, Some(expects));
                    match self.commit_platform(desk, ticket, vec![write], &success).await {
                        Ok(()) => return Ok(success),
                        Err(CommitError::Conflict) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        Err(Failure::Overloaded)
    }

    /// As it is stored: its revision is what a write expects.
    async fn read_rule_for_decision<T: Rule>(
        &self,
        desk: &Desk,
        id: &T::Id,
    ) -> Result<Definition<T>, Failure> {
        for platform in desk.places() {
            if let Some(found) = T::found(&self.storage, &platform, id).await? {
                return Ok(found);
            }
        }
        Err(PlatformFailure::Missing(T::KIND).into())
    }
}

pub(super) fn reserve_failure<T: Terms>(refusal: &ReserveRefusal) -> Failure {
    match refusal {
        ReserveRefusal::NotInTheFuture { .. } => Failure::Invalid(format!("appliedAt: {refusal}")),
        ReserveRefusal::AlreadyReserved(_) => PlatformFailure::ScheduleExists(T::KIND).into(),
        ReserveRefusal::Archived => PlatformFailure::Archived(T::KIND).into(),
    }
}

pub(super) fn replace_failure<T: Terms>(refusal: &ReplaceRefusal) -> Failure {
    match refusal {
        ReplaceRefusal::NotInTheFuture { .. } => Failure::Invalid(format!("appliedAt: {refusal}")),
        ReplaceRefusal::NothingReserved => PlatformFailure::NothingReserved(T::KIND).into(),
    }
}
