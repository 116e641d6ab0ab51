//! What a calculation needs of the platform: policies, contracts and partners with all their versions, so
//! that [`Versioned::in_force_on`](paypier_domain::settlement::version::Versioned::in_force_on) can say what
//! held, or will hold, on a day.

use super::Desk;
use crate::app::App;
use crate::app::failure::Failure;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId};
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};

/// How often due updates are looked for before a list gives up: far more are due at once than fit.
pub(super) const MOST_DUE_ROUNDS: u32 = 1_000;

impl App {
    /// The partner among these places, the first that has it, as of now and with all versions.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn partner_in(
        &self,
        desk: &Desk,
        places: &[PlatformKey],
        id: &PartnerId,
    ) -> Result<Option<Partner>, Failure> {
        for platform in places {
            if let Some(found) = self.storage.partner_history(platform, id).await? {
                return Ok(Some(found.as_of(self.platform_now(desk, platform))));
            }
        }
        Ok(None)
    }

    /// As [`App::partner_in`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn contract_in(
        &self,
        desk: &Desk,
        places: &[PlatformKey],
        id: &ContractId,
    ) -> Result<Option<Definition<ContractTerms>>, Failure> {
        for platform in places {
            if let Some(found) = self.storage.contract_history(platform, id).await? {
                return Ok(Some(found.as_of(self.platform_now(desk, platform))));
            }
        }
        Ok(None)
    }

    /// As [`App::partner_in`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn discount_share_policy_in(
        &self,
        desk: &Desk,
        places: &[PlatformKey],
        id: &DiscountSharePolicyId,
    ) -> Result<Option<Definition<DiscountShareTerms>>, Failure> {
        for platform in places {
            if let Some(found) = self.storage.discount_share_policy_history(platform, id).await? {
                return Ok(Some(found.as_of(self.platform_now(desk, platform))));
            }
        }
        Ok(None)
    }

    /// As [`App::partner_in`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn additional_fee_policy_in(
        &self,
        desk: &Desk,
        places: &[PlatformKey],
        id: &AdditionalFeePolicyId,
    ) -> Result<Option<Definition<AdditionalFeeTerms>>, Failure> {
        for platform in places {
            if let Some(found) = self.storage.additional_fee_policy_history(platform, id).await? {
                return Ok(Some(found.as_of(self.platform_now(desk, platform))));
            }
        }
        Ok(None)
    }
}
