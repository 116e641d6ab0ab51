//! Holders of accounts, and the standing of businesses.

use super::desk;
use crate::app::failure::Failure;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::platform::lookup as to;
use paypier_connectors::registry::{HolderAsk, Identity};
use paypier_domain::settlement::day_in_korea;
use paypier_wire::v2::Bank;
use std::sync::Arc;

fn segment(ask: &Ask, index: usize, what: &str) -> Result<String, Failure> {
    ask.segment(index).map_err(|malformed| Failure::Invalid(format!("{what} in the path {malformed}")))
}

/// `GET /platform/bank-accounts/{bank}/{accountNumber}/holder`
pub(in crate::http::v2) async fn holder(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let bank = segment(&ask, 2, "bank")?;
    let bank = Bank::parse(&bank)
        .ok_or_else(|| Failure::Invalid("bank in the path must be one of the words of Bank".into()))?;
    let number = segment(&ask, 3, "accountNumber")?;
    let number = to::account_number(&number)?;
    let (birthdate, registration) =
        (ask.parameter("birthdate")?, ask.parameter("businessRegistrationNumber")?);
    let registration =
        registration.map(|text| to::company_number("businessRegistrationNumber", &text)).transpose()?;
    let today = day_in_korea(ask.app.platform_now(&desk, &desk.home()));
    let birthdate = birthdate.map(|text| to::birthdate(&text, today)).transpose()?;
    let identity = match (birthdate, &registration) {
        (Some(_), Some(_)) => {
            return Err(Failure::Invalid(
                "birthdate and businessRegistrationNumber cannot both be given".into(),
            ));
        }
        (Some(day), None) => Some(Identity::Birthdate(day)),
        (None, Some(number)) => Some(Identity::RegistrationNumber(number)),
        (None, None) => None,
    };
    let found = ask.app.account_holder(&desk, &HolderAsk { bank: bank.as_str(), number, identity }).await?;
    ok(&to::holder(found))
}

/// `GET /platform/companies/{businessRegistrationNumber}/state`
pub(in crate::http::v2) async fn company(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let number = segment(&ask, 2, "businessRegistrationNumber")?;
    let number = to::company_number("businessRegistrationNumber in the path", &number)?;
    ok(&to::company(ask.app.company_state(&desk, &number).await?))
}
