//! Things with versions: policies, contracts and partners, and the one update that may be reserved
//! for later (v2-platform, section 6).
//!
//! What is in force is derived from the stored versions and a moment, never from a job that ran: a
//! reserved update is in force from its `applied_at` on, whether or not anybody has written that down.

use super::day_in_korea;
use jiff::Timestamp;
use jiff::civil::Date;

/// Terms that are updated member by member.
pub trait Terms: Clone + std::fmt::Debug + PartialEq + Eq {
    type Id: Clone + std::fmt::Debug + PartialEq + Eq;
    type Update: Clone + std::fmt::Debug + PartialEq + Eq;
    const KIND: VersionKind;

    /// These terms with the members that `update` names.
    fn updated(&self, update: &Self::Update) -> Self;
}

/// What has versions, for the error types that differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionKind {
    DiscountSharePolicy,
    AdditionalFeePolicy,
    Contract,
    Partner,
}

/// Terms, and the moment from which they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<T> {
    pub applied_at: Timestamp,
    pub terms: T,
}

/// A thing with its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T: Terms> {
    pub id: T::Id,
    first: Version<T>,
    /// Later versions, in the order in which they took effect.
    later: Vec<Version<T>>,
    reserved: Option<Reserved<T::Update>>,
    pub archived: bool,
}

/// An update that will apply later, with the members it names and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved<U> {
    pub applied_at: Timestamp,
    pub update: U,
}

/// Why an update was refused, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpdateRefusal {
    #[error("it is archived; recover it first")]
    Archived,
}

/// Why an update was not reserved, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveRefusal {
    #[error("the update should apply at {applied_at}, which is not after {now}")]
    NotInTheFuture { applied_at: Timestamp, now: Timestamp },
    #[error("an update is reserved already, for {0}")]
    AlreadyReserved(Timestamp),
    #[error("it is archived; recover it first")]
    Archived,
}

/// Why a reserved update was not replaced, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceRefusal {
    #[error("the update should apply at {applied_at}, which is not after {now}")]
    NotInTheFuture { applied_at: Timestamp, now: Timestamp },
    #[error("no update is reserved")]
    NothingReserved,
}

/// Why a thing was not archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveRefusal {
    #[error("an update is reserved for {0}; cancel it first")]
    UpdateReserved(Timestamp),
}

impl<T: Terms> Versioned<T> {
    pub const fn new(id: T::Id, terms: T, now: Timestamp) -> Self {
        Self {
            id,
            first: Version { applied_at: now, terms },
            later: Vec::new(),
            reserved: None,
            archived: false,
        }
    }

    /// As read back from storage: versions are put in the order of their moments, those of one
    /// moment in the order given. `None` without any version.
    pub fn known(
        id: T::Id,
        versions: Vec<Version<T>>,
        reserved: Option<Reserved<T::Update>>,
        archived: bool,
    ) -> Option<Self> {
        let mut later = versions;
        later.sort_by_key(|version| version.applied_at);
        let mut versions = later.into_iter();
        let first = versions.next()?;
        Some(Self { id, first, later: versions.collect(), reserved, archived })
    }

    /// All versions that took effect, the first one first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &Version<T>> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// With a reserved update that is due made the current version. Every decision and every
    /// reader begins with this, so that a late job changes nothing.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        match self.reserved.take() {
            Some(due) if due.applied_at <= now => {
                let version = self.outlook(&due);
                self.later.push(version);
            }
            other => self.reserved = other,
        }
        self
    }

    /// The latest version that took effect.
    pub fn current(&self) -> &Version<T> {
        self.later.last().unwrap_or(&self.first)
    }

    /// The version as it will be when the reserved update applies.
    pub fn upcoming(&self) -> Option<Version<T>> {
        self.reserved.as_ref().map(|reserved| self.outlook(reserved))
    }

    /// The stored reservation, as its members were named.
    pub const fn reserved(&self) -> Option<&Reserved<T::Update>> {
        self.reserved.as_ref()
    }

    fn outlook(&self, reserved: &Reserved<T::Update>) -> Version<T> {
        Version { applied_at: reserved.applied_at, terms: self.current().terms.updated(&reserved.update) }
    }

    /// The version that holds for what starts on a day: the last one whose moment falls on that
    /// day or before it, in Korea; before the first version, the first. A reserved update counts
    /// as soon as it is known.
    pub fn in_force_on(&self, day: Date) -> Version<T> {
        if let Some(upcoming) = self.upcoming().filter(|version| day_in_korea(version.applied_at) <= day) {
            return upcoming;
        }
        self.versions()
            .rev()
            .find(|version| day_in_korea(version.applied_at) <= day)
            .unwrap_or(&self.first)
            .clone()
    }

    /// Applies an update now, as a new version. A reserved update stays and will apply on top.
    ///
    /// # Errors
    /// Archived things.
    pub fn update(self, update: &T::Update, now: Timestamp) -> Result<Self, UpdateRefusal> {
        let mut updated = self.as_of(now);
        if updated.archived {
            return Err(UpdateRefusal::Archived);
        }
        let version = Version { applied_at: now, terms: updated.current().terms.updated(update) };
        updated.later.push(version);
        Ok(updated)
    }

    /// Reserves an update.
    ///
    /// # Errors
    /// See [`ReserveRefusal`]; the first rule that is broken, in its order.
    pub fn reserve(
        self,
        update: T::Update,
        applied_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, ReserveRefusal> {
        if applied_at <= now {
            return Err(ReserveRefusal::NotInTheFuture { applied_at, now });
        }
        let mut reserving = self.as_of(now);
        if let Some(reserved) = &reserving.reserved {
            return Err(ReserveRefusal::AlreadyReserved(reserved.applied_at));
        }
        if reserving.archived {
            return Err(ReserveRefusal::Archived);
        }
        reserving.reserved = Some(Reserved { applied_at, update });
        Ok(reserving)
    }

    /// Replaces the reserved update as a whole.
    ///
    /// # Errors
    /// See [`ReplaceRefusal`].
    pub fn replace_reserved(
        self,
        update: T::Update,
        applied_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, ReplaceRefusal> {
        if applied_at <= now {
            return Err(ReplaceRefusal::NotInTheFuture { applied_at, now });
        }
        let mut replacing = self.as_of(now);
        if replacing.reserved.is_none() {
            return Err(ReplaceRefusal::NothingReserved);
        }
        replacing.reserved = Some(Reserved { applied_at, update });
        Ok(replacing)
    }

    /// Takes the reserved update back; `None` when there is none (any more).
    pub fn unreserve(self, now: Timestamp) -> Option<Self> {
        let mut without = self.as_of(now);
        without.reserved.take()?;
        Some(without)
    }

    /// Archives; archiving again changes nothing.
    ///
    /// # Errors
    /// A reserved update.
    pub fn archive(self, now: Timestamp) -> Result<Self, ArchiveRefusal> {
        let mut archived = self.as_of(now);
        if let Some(reserved) = &archived.reserved {
            return Err(ArchiveRefusal::UpdateReserved(reserved.applied_at));
        }
        archived.archived = true;
        Ok(archived)
    }

    /// Recovers from the archive; recovering again changes nothing.
    #[must_use]
    pub fn recover(self) -> Self {
        Self { archived: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::DiscountSharePolicyId;
    use super::super::policy::{DiscountShareTerms, DiscountShareUpdate};
    use super::*;
    use crate::money::Rate;
    use jiff::civil::date;

    type Policy = Versioned<DiscountShareTerms>;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn policy() -> Policy {
        let terms = DiscountShareTerms { name: "half".into(), partner_share: Rate::bps(5_000), memo: None };
        Versioned::new(DiscountSharePolicyId::known("p"), terms, at("2024-10-01T10:00:00+09:00"))
    }

    fn share(bps: u32) -> DiscountShareUpdate {
        DiscountShareUpdate { partner_share: Some(Rate::bps(bps)), ..Default::default() }
    }

    fn renamed(name: &str) -> DiscountShareUpdate {
        DiscountShareUpdate { name: Some(name.into()), ..Default::default() }
    }

    fn share_on(policy: &Policy, day: Date) -> u32 {
        policy.in_force_on(day).terms.partner_share.as_bps()
    }

    #[test]
    fn the_version_of_the_start_date_holds() {
        let policy = policy()
            .update(&share(4_000), at("2024-10-10T23:59:59+09:00"))
            .unwrap()
            .update(&share(3_000), at("2024-10-20T00:00:00+09:00"))
            .unwrap()
            .update(&share(2_000), at("2024-10-20T18:00:00+09:00"))
            .unwrap();
        for (day, bps) in [
            (date(2024, 9, 1), 5_000), // before the first version: the first
            (date(2024, 10, 9), 5_000),
            (date(2024, 10, 10), 4_000), // the whole day, although it took effect in its last second
            (date(2024, 10, 19), 4_000),
            (date(2024, 10, 20), 2_000), // two on one day: the last
            (date(2030, 1, 1), 2_000),
        ] {
            assert_eq!(share_on(&policy, day), bps, "{day}");
        }
    }

    #[test]
    fn a_reserved_update_counts_for_its_days_and_applies_by_itself() {
        // Section 6: reserved for the 2nd, start dates up to the 1st keep the old terms.
        let (now, then) = (at("2024-10-15T12:00:00+09:00"), at("2024-11-02T00:00:00+09:00"));
        let policy = policy().reserve(share(1_000), then, now).unwrap();
        assert_eq!(policy.current().terms.partner_share, Rate::bps(5_000));
        assert_eq!(policy.upcoming().unwrap().applied_at, then);
        assert_eq!(
            (share_on(&policy, date(2024, 11, 1)), share_on(&policy, date(2024, 11, 2))),
            (5_000, 1_000)
        );

        let before = policy.clone().as_of(then - jiff::SignedDuration::from_nanos(1));
        assert!(before.reserved().is_some());
        let after = policy.as_of(then);
        assert!(after.reserved().is_none());
        assert_eq!(
            (after.current().applied_at, after.current().terms.partner_share),
            (then, Rate::bps(1_000))
        );
        assert_eq!(
            (share_on(&after, date(2024, 11, 1)), share_on(&after, date(2024, 11, 2))),
            (5_000, 1_000)
        );
    }

    #[test]
    fn a_reserved_update_applies_on_top_of_what_is_current_then() {
        let now = at("2024-10-15T12:00:00+09:00");
        let policy = policy()
            .reserve(share(1_000), at("2024-11-02T00:00:00+09:00"), now)
            .unwrap()
            .update(&renamed("a tenth"), at("2024-10-20T12:00:00+09:00"))
            .unwrap()
            .as_of(at("2025-01-01T00:00:00+09:00"));
        assert_eq!(
            (&*policy.current().terms.name, policy.current().terms.partner_share),
            ("a tenth", Rate::bps(1_000))
        );
        assert_eq!(policy.versions().count(), 3);
    }

    #[test]
    fn refusals_come_in_their_order() {
        let now = at("2024-10-15T12:00:00+09:00");
        let then = at("2024-11-02T00:00:00+09:00");
        let reserved = policy().reserve(share(1_000), then, now).unwrap();
        let archived = policy().archive(now).unwrap();

        let past = ReserveRefusal::NotInTheFuture { applied_at: now, now };
        assert_eq!(reserved.clone().reserve(share(1), now, now), Err(past));
        assert_eq!(reserved.clone().reserve(share(1), then, now), Err(ReserveRefusal::AlreadyReserved(then)));
        assert_eq!(archived.clone().reserve(share(1), then, now), Err(ReserveRefusal::Archived));
        assert_eq!(archived.clone().update(&share(1), now), Err(UpdateRefusal::Archived));
        assert_eq!(reserved.clone().archive(now), Err(ArchiveRefusal::UpdateReserved(then)));
        let past = ReplaceRefusal::NotInTheFuture { applied_at: now, now };
        assert_eq!(reserved.clone().replace_reserved(share(1), now, now), Err(past));
        assert_eq!(policy().replace_reserved(share(1), then, now), Err(ReplaceRefusal::NothingReserved));
        // Once it has applied, nothing is reserved: it can be archived, and no longer be taken back.
        assert_eq!(reserved.clone().unreserve(then), None);
        assert!(reserved.archive(then).unwrap().archived);
        // Archiving and recovering again changes nothing.
        assert_eq!(archived.clone().archive(now).unwrap(), archived);
        assert_eq!(archived.recover().recover(), policy());
    }

    #[test]
    fn replacing_forgets_what_the_first_reservation_named() {
        let now = at("2024-10-15T12:00:00+09:00");
        let then = at("2024-11-02T00:00:00+09:00");
        let policy = policy().reserve(share(1_000), then, now).unwrap();
        let policy = policy.replace_reserved(renamed("other"), then, now).unwrap();
        let upcoming = policy.upcoming().unwrap().terms;
        assert_eq!((&*upcoming.name, upcoming.partner_share), ("other", Rate::bps(5_000)));
        assert_eq!(policy.unreserve(now).unwrap().upcoming(), None);
    }

    #[test]
    fn stored_versions_are_put_in_order() {
        let version = |bps, moment: &str| Version {
            applied_at: at(moment),
            terms: DiscountShareTerms { name: "x".into(), partner_share: Rate::bps(bps), memo: None },
        };
        let id = DiscountSharePolicyId::known("p");
        let versions = vec![version(2, "2024-03-01T00:00:00Z"), version(1, "2024-01-01T00:00:00Z")];
        let policy = Policy::known(id.clone(), versions, None, false).unwrap();
        assert_eq!(policy.current().terms.partner_share.as_bps(), 2);
        assert_eq!(Policy::known(id, vec![], None, false), None);
    }
}
