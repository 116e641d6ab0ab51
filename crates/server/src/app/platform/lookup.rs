//! Looking up the holder of an account and the standing of a business.
//!
//! LIVE needs a provider; TEST has the sandbox's. Each look-up that a merchant makes gets an id, with which a
//! partner can be registered without a second one.

use super::Desk;
use super::failure::PlatformFailure;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use paypier_connectors::registry::{
    Bank, BankError, BusinessState, CompanyState, HolderAsk, Identity, TaxOffice,
};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::partner::{Account, AccountStatus, BusinessStatus};
use paypier_domain::settlement::verification::{Verification, VerificationOf};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The providers of each environment.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    pub live: Registry,
    pub test: Registry,
}

/// Who answers for an environment.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    pub bank: Option<Arc<dyn Bank>>,
    pub tax_office: Option<Arc<dyn TaxOffice>>,
}

impl Registries {
    pub const fn of(&self, environment: Environment) -> &Registry {
        match environment {
            Environment::Live => &self.live,
            Environment::Test => &self.test,
        }
    }
}

/// A holder, and the id of the look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFound {
    pub holder: String,
    pub verification: String,
}

/// A business, and the id of the look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyFound {
    pub state: CompanyState,
    pub verification: String,
}

/// An account and its holder as one digest; what separates the three cannot be in any.
pub fn account_digest(bank: &str, number: &str, holder: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [bank, number, holder.trim()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

pub fn company_digest(registration_number: &str) -> [u8; 32] {
    Sha256::digest(registration_number.as_bytes()).into()
}

impl App {
    /// # Errors
    /// The bank cannot be asked this, does not know the account or is closed; there is no provider.
    pub async fn account_holder(&self, desk: &Desk, ask: &HolderAsk<'_>) -> Result<HolderFound, Failure> {
        let platform = desk.home();
        let Some(bank) = &self.registries.of(platform.environment).bank else {
            return Err(PlatformFailure::BankFailed.into());
        };
        let holder = bank.holder(ask).await.map_err(|error| match error {
            BankError::NotSupported => PlatformFailure::BankNotSupported,
            BankError::Failed => PlatformFailure::BankFailed,
            BankError::TemporarilyFailed => PlatformFailure::BankTemporarilyFailed,
        })?;
        let of = VerificationOf::Account { digest: account_digest(ask.bank, ask.number, &holder) };
        let verification = self.remember_lookup(desk, platform, of).await?;
        Ok(HolderFound { holder, verification })
    }

    /// # Errors
    /// There is no such business; the tax office cannot be asked.
    pub async fn company_state(&self, desk: &Desk, number: &str) -> Result<CompanyFound, Failure> {
        let platform = desk.home();
        let Some(office) = &self.registries.of(platform.environment).tax_office else {
            return Err(PlatformFailure::TaxOfficeFailed.into());
        };
        let state = office.state(number).await.map_err(|_| PlatformFailure::TaxOfficeFailed)?;
        let state = state.ok_or(PlatformFailure::CompanyMissing)?;
        let of = VerificationOf::Company { digest: company_digest(number), status: status(&state) };
        let verification = self.remember_lookup(desk, platform, of).await?;
        Ok(CompanyFound { state, verification })
    }

    async fn remember_lookup(
        &self,
        desk: &Desk,
        platform: PlatformKey,
        of: VerificationOf,
    ) -> Result<String, Failure> {
        let id = self.ids.uuid().to_string();
        let made_at = self.platform_now(desk, &platform);
        let made = Verification { platform, id: id.as_str().into(), of, made_at, used_at: None };
        let change = Change { writes: vec![Write::Verification(Box::new(made))], ..Change::default() };
        self.commit(&desk.profile, &Ticket::none(), change).await?;
        Ok(id)
    }

    /// What the bank says about an account's holder.
    pub(super) async fn account_status(&self, platform: &PlatformKey, account: &Account) -> AccountStatus {
        let Some(bank) = &self.registries.of(platform.environment).bank else {
            return AccountStatus::NotVerified;
        };
        let ask = HolderAsk { bank: &account.bank, number: account.number(), identity: None::<Identity<'_>> };
        match bank.holder(&ask).await {
            Ok(holder) if holder.trim() == account.holder.trim() => AccountStatus::Verified,
            Ok(_) => AccountStatus::VerifyFailed,
            Err(BankError::NotSupported) => AccountStatus::NotVerified,
            Err(BankError::Failed | BankError::TemporarilyFailed) => AccountStatus::VerifyError,
        }
    }

    /// What the tax office says about a registration number.
    pub(super) async fn registered_status(&self, platform: &PlatformKey, number: &str) -> BusinessStatus {
        let Some(office) = &self.registries.of(platform.environment).tax_office else {
            return BusinessStatus::NotVerified;
        };
        match office.state(number).await {
            Ok(Some(state)) => status(&state),
            Ok(None) => BusinessStatus::NotFound,
            Err(_) => BusinessStatus::VerifyError,
        }
    }
}

const fn status(state: &CompanyState) -> BusinessStatus {
    match state.business {
        BusinessState::Going => BusinessStatus::InBusiness,
        BusinessState::Closed { .. } => BusinessStatus::Closed,
        BusinessState::Suspended { .. } => BusinessStatus::Suspended,
    }
}
