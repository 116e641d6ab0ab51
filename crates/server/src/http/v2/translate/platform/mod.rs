//! The settlement platform.

pub mod account_transfer;
pub mod additional_fee_policy;
pub mod contract;
pub mod counterparty;
pub mod cycle;
pub mod discount_share_policy;
pub mod fee;
pub mod formula;
pub mod lookup;
pub mod october;
pub mod operator;
pub mod partner;
pub mod partner_filter;
pub mod partner_settlement;
pub mod partner_update;
pub mod payout;
pub mod setting;
pub mod sheet;
pub mod transfer;
pub mod transfer_filter;
pub mod transfer_input;

use super::invalid;
use crate::app::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use paypier_domain::channel::Environment;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::policy;
use paypier_domain::settlement::version::VersionKind;

/// What an opaque id is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Platform,
    DiscountSharePolicy,
    AdditionalFeePolicy,
    Partner,
    Contract,
    Transfer,
    PartnerSettlement,
    Payout,
    BulkPayout,
    AccountTransfer,
    BulkAccountTransfer,
    BankAccount,
    BulkTask,
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Platform => 1,
            Self::DiscountSharePolicy => 2,
            Self::AdditionalFeePolicy => 3,
            Self::Partner => 4,
            Self::Contract => 5,
            Self::Transfer => 6,
            Self::PartnerSettlement => 7,
            Self::Payout => 8,
            Self::BulkPayout => 9,
            Self::AccountTransfer => 10,
            Self::BulkAccountTransfer => 11,
            Self::BankAccount => 12,
            Self::BulkTask => 13,
        }
    }
}

impl From<VersionKind> for Kind {
    fn from(kind: VersionKind) -> Self {
        match kind {
            VersionKind::DiscountSharePolicy => Self::DiscountSharePolicy,
            VersionKind::AdditionalFeePolicy => Self::AdditionalFeePolicy,
            VersionKind::Contract => Self::Contract,
            VersionKind::Partner => Self::Partner,
        }
    }
}

/// The opaque id of something: the same for all its versions.
pub fn graphql_id(kind: impl Into<Kind>, id: &str) -> String {
    STANDARD.encode(format!("{}:{id}", kind.into().number()))
}

pub fn is_for_test(platform: &PlatformKey) -> bool {
    platform.environment == Environment::Test
}

/// A name that says something.
///
/// # Errors
/// A blank one.
pub fn name(text: &str) -> Result<Box<str>, Failure> {
    policy::name(text).map_err(|_| invalid("name", "must not be blank"))
}

/// At most one member of a keyword may be given.
///
/// # Errors
/// Several are.
pub fn at_most_one<'a, W: Copy>(
    member: &str,
    given: &'a [(W, &Option<String>)],
) -> Result<Option<(W, &'a str)>, Failure> {
    let mut given = given.iter().filter_map(|(which, text)| Some((*which, text.as_deref()?)));
    let first = given.next();
    if given.next().is_some() {
        return Err(invalid(member, "takes at most one member"));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_ids_are_the_kind_and_the_id() {
        assert_eq!(graphql_id(VersionKind::Partner, "partner-1"), "NDpwYXJ0bmVyLTE=");
        assert_eq!(graphql_id(Kind::BulkTask, ""), "MTM6");
    }

    #[test]
    fn a_keyword_is_one_text() {
        let (none, some) = (None, Some("x".to_owned()));
        assert_eq!(at_most_one("k", &[(1, &none), (2, &some)]).unwrap(), Some((2, "x")));
        assert_eq!(at_most_one::<u8>("k", &[(1, &none)]).unwrap(), None);
        assert!(at_most_one("k", &[(1, &some), (2, &some)]).is_err());
    }
}
