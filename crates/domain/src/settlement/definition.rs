//! Policies, contracts and partners as a merchant keeps them: whose they are, and which of their versions
//! have been recorded.
//!
//! A definition that was read for a decision knows its current version only; one that was read for a
//! calculation knows them all ([`Definition::of`] either way). What a decision adds to the versions that were
//! read is what a write has to record ([`Definition::unrecorded`]), so that a history of any length costs a
//! decision nothing.

use super::partner::{PartnerTerms, PartnerUpdate};
use super::version::{
    ArchiveRefusal, ReplaceRefusal, ReserveRefusal, Terms, UpdateRefusal, Version, Versioned,
};
use crate::channel::Environment;
use crate::id::MerchantId;
use jiff::Timestamp;

/// A merchant's platform in one environment: the owner of everything of the settlement platform. LIVE and
/// TEST share nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformKey {
    pub merchant: MerchantId,
    pub environment: Environment,
}

/// A policy, a contract or a partner's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition<T: Terms> {
    pub platform: PlatformKey,
    pub created_at: Timestamp,
    /// Counts stored changes from 1.
    pub revision: u64,
    pub of: Versioned<T>,
    /// How many versions are recorded.
    recorded: u64,
    /// How many of the versions in `of` were read; those behind them are new.
    read: usize,
}

impl<T: Terms> Definition<T> {
    pub const fn new(platform: PlatformKey, id: T::Id, terms: T, now: Timestamp) -> Self {
        Self {
            platform,
            created_at: now,
            revision: 1,
            of: Versioned::new(id, terms, now),
            recorded: 0,
            read: 0,
        }
    }

    /// As read back from storage, where `recorded` versions are.
    pub fn known(
        platform: PlatformKey,
        created_at: Timestamp,
        revision: u64,
        recorded: u64,
        of: Versioned<T>,
    ) -> Self {
        let read = of.versions().count();
        Self { platform, created_at, revision, of, recorded, read }
    }

    pub const fn id(&self) -> &T::Id {
        &self.of.id
    }

    /// The terms that hold now.
    pub fn terms(&self) -> &T {
        &self.of.current().terms
    }

    /// The versions that a write has to record, with their numbers, which count from 1.
    pub fn unrecorded(&self) -> impl Iterator<Item = (u64, &Version<T>)> {
        (self.recorded.saturating_add(1)..).zip(self.of.versions().skip(self.read))
    }

    /// How many versions are recorded when this is written.
    pub fn recorded(&self) -> u64 {
        self.recorded.saturating_add(u64::try_from(self.unrecorded().count()).unwrap_or(u64::MAX))
    }

    /// Whether a reserved update is due that storage does not have among the versions yet.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.of.reserved().is_some_and(|reserved| reserved.applied_at <= now)
    }

    fn next(self, of: Versioned<T>) -> Self {
        Self { revision: self.revision.saturating_add(1), of, ..self }
    }

    /// With what is due made current.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        if !self.is_due(now) {
            return self;
        }
        let of = self.of.clone().as_of(now);
        self.next(of)
    }

    /// See [`Versioned::update`].
    ///
    /// # Errors
    /// Archived things.
    pub fn update(self, update: &T::Update, now: Timestamp) -> Result<Self, UpdateRefusal> {
        let of = self.of.clone().update(update, now)?;
        Ok(self.next(of))
    }

    /// See [`Versioned::reserve`].
    ///
    /// # Errors
    /// See [`ReserveRefusal`].
    pub fn reserve(
        self,
        update: T::Update,
        applied_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, ReserveRefusal> {
        let of = self.of.clone().reserve(update, applied_at, now)?;
        Ok(self.next(of))
    }

    /// See [`Versioned::replace_reserved`].
    ///
    /// # Errors
    /// See [`ReplaceRefusal`].
    pub fn replace_reserved(
        self,
        update: T::Update,
        applied_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, ReplaceRefusal> {
        let of = self.of.clone().replace_reserved(update, applied_at, now)?;
        Ok(self.next(of))
    }

    /// See [`Versioned::unreserve`].
    pub fn unreserve(self, now: Timestamp) -> Option<Self> {
        let of = self.of.clone().unreserve(now)?;
        Some(self.next(of))
    }

    /// See [`Versioned::archive`].
    ///
    /// # Errors
    /// A reserved update.
    pub fn archive(self, now: Timestamp) -> Result<Self, ArchiveRefusal> {
        let of = self.of.clone().archive(now)?;
        Ok(self.next(of))
    }

    /// See [`Versioned::recover`].
    #[must_use]
    pub fn recover(self) -> Self {
        let of = self.of.clone().recover();
        self.next(of)
    }
}

/// A partner with what has no versions: what the operator and the provider of tax invoices say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub definition: Definition<PartnerTerms>,
    pub approval: Approval,
    pub connection: Connection,
}

/// What the operator says about a partner. Payouts go to approved ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Approval {
    Pending,
    Approved,
    Rejected,
}

impl Approval {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Rejected];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|approval| approval.as_str() == text)
    }
}

/// How a business stands with the provider of tax invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    NotConnected,
    /// Asked for, then.
    ConnectPending {
        since: Timestamp,
    },
    Connected,
    ConnectFailed {
        reason: Box<str>,
    },
    DisconnectPending {
        since: Timestamp,
    },
}

impl Connection {
    pub const WORDS: [&'static str; 5] =
        ["NOT_CONNECTED", "CONNECT_PENDING", "CONNECTED", "CONNECT_FAILED", "DISCONNECT_PENDING"];

    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotConnected => "NOT_CONNECTED",
            Self::ConnectPending { .. } => "CONNECT_PENDING",
            Self::Connected => "CONNECTED",
            Self::ConnectFailed { .. } => "CONNECT_FAILED",
            Self::DisconnectPending { .. } => "DISCONNECT_PENDING",
        }
    }

    /// Whether the provider has not answered yet.
    pub const fn is_pending(&self) -> bool {
        matches!(self, Self::ConnectPending { .. } | Self::DisconnectPending { .. })
    }

    /// Whether a change of what the tax office knows has to go through the provider.
    pub const fn is_bound(&self) -> bool {
        matches!(self, Self::Connected | Self::ConnectPending { .. } | Self::DisconnectPending { .. })
    }
}

impl Partner {
    /// A partner that the merchant registers, and thereby approves.
    pub const fn new(definition: Definition<PartnerTerms>) -> Self {
        Self { definition, approval: Approval::Approved, connection: Connection::NotConnected }
    }

    /// With a decision about its terms.
    #[must_use]
    pub fn with(self, definition: Definition<PartnerTerms>) -> Self {
        Self { definition, ..self }
    }

    /// With another standing at the provider of tax invoices.
    #[must_use]
    pub fn connected(self, connection: Connection) -> Self {
        let revision = self.definition.revision.saturating_add(1);
        Self { definition: Definition { revision, ..self.definition }, connection, ..self }
    }

    /// With another word of the operator.
    #[must_use]
    pub fn approved(self, approval: Approval) -> Self {
        let revision = self.definition.revision.saturating_add(1);
        Self { definition: Definition { revision, ..self.definition }, approval, ..self }
    }

    /// See [`Definition::as_of`].
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let definition = self.definition.clone().as_of(now);
        self.with(definition)
    }
}

/// What an update may not touch while a partner is connected to the provider of tax invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoundRefusal {
    #[error("the partner is connected to the provider of tax invoices; its kind cannot change")]
    Kind,
    #[error(
        "the partner is connected to the provider of tax invoices; its registration number cannot change"
    )]
    RegistrationNumber,
}

impl Partner {
    /// Whether the connection lets this update happen.
    ///
    /// # Errors
    /// The kind, then the registration number.
    pub fn lets(&self, update: &PartnerUpdate) -> Result<(), BoundRefusal> {
        use super::partner::{DetailsUpdate, PartnerDetails};
        let Some(details) = update.details.as_ref().filter(|_| self.connection.is_bound()) else {
            return Ok(());
        };
        match (&self.definition.terms().details, details) {
            (PartnerDetails::Business(business), DetailsUpdate::Business(update)) => {
                match &update.registration_number {
                    Some(number) if *number != business.registration_number => {
                        Err(BoundRefusal::RegistrationNumber)
                    }
                    Some(_) | None => Ok(()),
                }
            }
            (current, update) if current.is_of_kind(update) => Ok(()),
            _ => Err(BoundRefusal::Kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::DiscountSharePolicyId;
    use super::super::policy::{DiscountShareTerms, DiscountShareUpdate};
    use super::*;
    use crate::money::Rate;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn policy() -> Definition<DiscountShareTerms> {
        let platform =
            PlatformKey { merchant: MerchantId::known("merchant-1"), environment: Environment::Test };
        let terms = DiscountShareTerms { name: "half".into(), partner_share: Rate::bps(5_000), memo: None };
        Definition::new(platform, DiscountSharePolicyId::known("p"), terms, at(0))
    }

    fn numbers(policy: &Definition<DiscountShareTerms>) -> Vec<u64> {
        policy.unrecorded().map(|(number, _)| number).collect()
    }

    /// As storage reads it for a decision: the current version, and how many there are.
    fn stored(policy: &Definition<DiscountShareTerms>) -> Definition<DiscountShareTerms> {
        let of = Versioned::known(
            policy.id().clone(),
            vec![policy.of.current().clone()],
            policy.of.reserved().cloned(),
            policy.of.archived,
        );
        Definition::known(
            policy.platform.clone(),
            policy.created_at,
            policy.revision,
            policy.recorded(),
            of.unwrap(),
        )
    }

    #[test]
    fn versions_are_numbered_on_whatever_was_read() {
        let first = policy();
        assert_eq!((numbers(&first), first.recorded(), first.revision), (vec![1], 1, 1));
        let first = stored(&first);
        assert_eq!((numbers(&first), first.recorded()), (vec![], 1));

        let share = |bps| DiscountShareUpdate { partner_share: Some(Rate::bps(bps)), ..Default::default() };
        let reserved = first.reserve(share(1_000), at(50), at(10)).unwrap();
        assert_eq!((numbers(&reserved), reserved.revision), (vec![], 2));

        // The reserved update takes effect with the next decision, which makes two versions at once.
        let reserved = stored(&reserved);
        assert!(!reserved.is_due(at(49)) && reserved.is_due(at(50)));
        let updated = reserved.update(&share(2_000), at(60)).unwrap();
        assert_eq!((numbers(&updated), updated.recorded(), updated.revision), (vec![2, 3], 3, 3));
        assert_eq!(updated.terms().partner_share, Rate::bps(2_000));
        assert_eq!(stored(&updated).as_of(at(70)), stored(&updated));
    }
}
