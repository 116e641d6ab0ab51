//! Fees, and who bears the VAT on them.

use super::super::invalid;
use crate::app::failure::Failure;
use paypier_domain::settlement::policy::{Fee, Payer};
use paypier_wire::v2;

/// # Errors
/// None or both members, or a value out of range.
pub fn asked(member: &str, fee: &v2::PlatformFeeInput) -> Result<Fee, Failure> {
    Fee::new(fee.fixed_rate.map(i64::from), fee.fixed_amount)
        .map_err(|error| invalid(member, &format!("is not accepted: {error}")))
}

pub fn shown(fee: Fee) -> v2::PlatformFee {
    match fee {
        // Rates are at most 100,000 (100 %).
        Fee::Rate(rate) => {
            v2::PlatformFixedRateFee { rate: i32::try_from(rate.as_millipercent()).unwrap_or(i32::MAX) }
                .into()
        }
        Fee::Fixed(amount) => v2::PlatformFixedAmountFee { amount: amount.minor_units() }.into(),
    }
}

pub const fn payer(payer: v2::PlatformPayer) -> Payer {
    match payer {
        v2::PlatformPayer::Partner => Payer::Partner,
        v2::PlatformPayer::Merchant => Payer::Merchant,
    }
}

pub const fn payer_shown(payer: Payer) -> v2::PlatformPayer {
    match payer {
        Payer::Partner => v2::PlatformPayer::Partner,
        Payer::Merchant => v2::PlatformPayer::Merchant,
    }
}
