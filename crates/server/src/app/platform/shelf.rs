//! Definitions as calculations and answers need them: with all their versions, each read once.
//!
//! A platform's definitions are its own. Clients of October 2024 have one set for both environments, so that
//! what TEST data names and TEST does not have is looked for among LIVE definitions, too. Never the other way
//! round, and never for anything that holds money.

use crate::app::App;
use crate::app::failure::Failure;
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::channel::Environment;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId};
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use paypier_domain::settlement::version::{Terms, Version, VersionKind, Versioned};
use std::collections::{BTreeMap, BTreeSet};

/// Where definitions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// In the platform itself only.
    None,
    /// TEST looks among LIVE definitions, too.
    Live,
}

/// What was read so far.
pub struct Shelf<'a> {
    app: &'a App,
    places: Vec<PlatformKey>,
    now: Timestamp,
    partners: BTreeMap<PartnerId, Option<Partner>>,
    contracts: BTreeMap<ContractId, Option<Definition<ContractTerms>>>,
    pub discounts: BTreeMap<DiscountSharePolicyId, Option<Definition<DiscountShareTerms>>>,
    pub fees: BTreeMap<AdditionalFeePolicyId, Option<Definition<AdditionalFeeTerms>>>,
}

impl std::fmt::Debug for Shelf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shelf({:?})", self.places)
    }
}

macro_rules! read_once {
    ($self:ident . $shelf:ident, $id:ident, $found:ident) => {{
        if !$self.$shelf.contains_key($id) {
            let mut found = None;
            for place in &$self.places {
                found = $self.app.storage.$found(place, $id).await?.map(|found| found.as_of($self.now));
                if found.is_some() {
                    break;
                }
            }
            $self.$shelf.insert($id.clone(), found);
        }
        Ok($self.$shelf.get($id).and_then(Option::as_ref))
    }};
}

impl<'a> Shelf<'a> {
    pub fn new(app: &'a App, platform: &PlatformKey, fallback: Fallback, now: Timestamp) -> Self {
        let mut places = vec![platform.clone()];
        if platform.environment == Environment::Test && fallback == Fallback::Live {
            places.push(PlatformKey { environment: Environment::Live, ..platform.clone() });
        }
        Self {
            app,
            places,
            now,
            partners: BTreeMap::new(),
            contracts: BTreeMap::new(),
            discounts: BTreeMap::new(),
            fees: BTreeMap::new(),
        }
    }

    /// # Errors
    /// The database does not answer.
    pub async fn partner(&mut self, id: &PartnerId) -> Result<Option<&Partner>, Failure> {
        read_once!(self.partners, id, partner_history)
    }

    /// Reads partners that a list is about to ask for, all at once. What is not found in the platform itself is looked
    /// for when it is asked for.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn fetch_partners(&mut self, ids: impl Iterator<Item = PartnerId>) -> Result<(), Failure> {
        let Some(place) = self.places.first() else { return Ok(()) };
        let missing: BTreeSet<PartnerId> = ids.filter(|id| !self.partners.contains_key(id)).collect();
        let missing: Vec<PartnerId> = missing.into_iter().collect();
        for partner in self.app.storage.partner_histories(place, &missing).await? {
            let partner = partner.as_of(self.now);
            self.partners.insert(partner.definition.id().clone(), Some(partner));
        }
        Ok(())
    }

    /// # Errors
    /// The database does not answer.
    pub async fn contract(&mut self, id: &ContractId) -> Result<Option<&Definition<ContractTerms>>, Failure> {
        read_once!(self.contracts, id, contract_history)
    }

    /// # Errors
    /// The database does not answer.
    pub async fn discount(
        &mut self,
        id: &DiscountSharePolicyId,
    ) -> Result<Option<&Definition<DiscountShareTerms>>, Failure> {
        read_once!(self.discounts, id, discount_share_policy_history)
    }

    /// # Errors
    /// The database does not answer.
    pub async fn fee(
        &mut self,
        id: &AdditionalFeePolicyId,
    ) -> Result<Option<&Definition<AdditionalFeeTerms>>, Failure> {
        read_once!(self.fees, id, additional_fee_policy_history)
    }

    /// The partner as it is now; transfers never outlive theirs.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn known_partner(&mut self, id: &PartnerId) -> Result<Partner, Failure> {
        let found = self.partner(id).await?.cloned();
        found.ok_or_else(|| gone(VersionKind::Partner, id.as_str()))
    }

    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn known_contract(&mut self, id: &ContractId) -> Result<Definition<ContractTerms>, Failure> {
        let found = self.contract(id).await?.cloned();
        found.ok_or_else(|| gone(VersionKind::Contract, id.as_str()))
    }
}

/// What a stored row refers to is never removed.
fn gone(kind: VersionKind, id: &str) -> Failure {
    Failure::internal(format!("a {} that something refers to is gone: {id}", super::failure::word(kind)))
}

/// The definition as it was in one version: that which took effect then, or else (a version that took
/// effect later than it was reserved for) the one that held on that day.
pub fn in_version<T: Terms>(definition: &Definition<T>, applied_at: Timestamp) -> Definition<T>
where
    T::Id: Clone,
{
    let of = &definition.of;
    let recorded = of.versions().rev().find(|version| version.applied_at == applied_at).cloned();
    let upcoming = || of.upcoming().filter(|version| version.applied_at == applied_at);
    let day = paypier_domain::settlement::day_in_korea(applied_at);
    let version = recorded.or_else(upcoming).unwrap_or_else(|| of.in_force_on(day));
    only(definition, version)
}

/// The definition as it holds for what starts on a day.
pub fn on_day<T: Terms>(definition: &Definition<T>, day: Date) -> Definition<T>
where
    T::Id: Clone,
{
    only(definition, definition.of.in_force_on(day))
}

fn only<T: Terms>(definition: &Definition<T>, version: Version<T>) -> Definition<T>
where
    T::Id: Clone,
{
    let archived = definition.of.archived;
    // One version is given, so that there is one.
    let of = Versioned::known(definition.of.id.clone(), vec![version], None, archived)
        .unwrap_or_else(|| definition.of.clone());
    let mut only = definition.clone();
    only.of = of;
    only
}
