//! The rules of a merchant's settlements.

use super::failure::PlatformFailure;
use super::{Desk, PlatformDone};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use paypier_domain::change::Write;
use paypier_domain::money::Rounding;
use paypier_domain::settlement::calculator::FormulaTexts;
use paypier_domain::settlement::property::PlatformSetting;
use paypier_domain::settlement::setting::SettingUpdate;
use paypier_storage::CommitError;

/// What changes; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeSetting {
    /// Without its calculator, which is changed by what follows.
    pub update: SettingUpdate,
    pub rounding: Option<Rounding>,
    pub platform_fee: Option<String>,
    pub discount_share: Option<String>,
    pub additional_fee: Option<String>,
}

impl App {
    /// # Errors
    /// The database cannot be read.
    pub async fn platform_setting(&self, desk: &Desk) -> Result<PlatformSetting, Failure> {
        Ok(self.storage.platform_setting(&desk.home()).await?)
    }

    /// # Errors
    /// A memo that is too long; formulas that cannot be read. Nothing changes then.
    pub async fn change_setting(&self, desk: &Desk, change: &ChangeSetting, ticket: &Ticket) -> Verdict {
        for _ in 0..MOST_TRIES {
            let found = self.platform_setting(desk).await?;
            let expects = found.revision;
            let mut calculator = found.setting.calculator.clone();
            if let Some(rounding) = change.rounding {
                calculator = calculator.rounded_alike(rounding);
            }
            let texts = FormulaTexts {
                platform_fee: change.platform_fee.as_deref(),
                discount_share: change.discount_share.as_deref(),
                additional_fee: change.additional_fee.as_deref(),
            };
            let calculator = calculator.with_formulas(texts).map_err(PlatformFailure::Formulas)?;
            let update = SettingUpdate { calculator: Some(calculator), ..change.update.clone() };
            let setting = found.setting.updated(update).map_err(|long| Failure::Invalid(long.to_string()))?;
            let changed = found.with_setting(setting);
            let success = Success::from(PlatformDone::Setting(changed.clone()));
            let write = Write::PlatformSetting { setting: Box::new(changed), expects };
            match self.commit_platform(desk, ticket, vec![write], &success).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}
