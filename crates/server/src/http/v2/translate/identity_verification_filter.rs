//! `GET /identity-verifications`: what the list is narrowed down by.

use super::billing_key_filter::providers;
use super::payment_filter::{order, words};
use super::range;
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_storage::{VerificationFilter, VerificationTimeField};
use paypier_wire::v2;

/// The filter in storage's words; `None` when nothing can be found by it.
///
/// # Errors
/// A range that ends before it begins.
pub fn asked(
    caller: &Caller,
    store: Option<StoreId>,
    criteria: v2::GetIdentityVerificationsBody,
    now: Timestamp,
) -> Result<Option<VerificationFilter>, Failure> {
    let filter = criteria.filter.unwrap_or_default();
    let sort = criteria.sort.unwrap_or_default();
    let (from, until) = range::asked("filter", filter.from, filter.until, now)?;
    let Some(pg_providers) = providers(filter.pg_providers, filter.pg_companies) else { return Ok(None) };
    if filter.version == Some(v2::PortOneVersion::V1) {
        return Ok(None);
    }
    let customer = filter.customer.unwrap_or_default();
    Ok(Some(VerificationFilter {
        merchant: caller.merchant.clone(),
        store,
        time_field: match filter.time_range_field {
            Some(v2::IdentityVerificationTimeRangeField::RequestedAt) | None => {
                VerificationTimeField::RequestedAt
            }
            Some(v2::IdentityVerificationTimeRangeField::VerifiedAt) => VerificationTimeField::VerifiedAt,
            Some(v2::IdentityVerificationTimeRangeField::FailedAt) => VerificationTimeField::FailedAt,
            Some(v2::IdentityVerificationTimeRangeField::StatusUpdatedAt) => {
                VerificationTimeField::StatusUpdatedAt
            }
        },
        from,
        until,
        id: filter.identity_verification_id,
        tx: filter.identity_verification_tx_id,
        environment: filter
            .is_test
            .map(|is_test| if is_test { Environment::Test } else { Environment::Live }),
        statuses: words(filter.statuses, v2::IdentityVerificationStatus::as_str),
        pg_tx_id: filter.pg_tx_id,
        pg_merchant_id: filter.pg_merchant_id,
        pg_providers,
        carriers: words(filter.carriers, v2::Carrier::as_str),
        name: customer.name,
        birth_year: customer.birth_year,
        birth_month: customer.birth_month,
        birth_day: customer.birth_day,
        phone_number: customer.phone_number,
        gender: customer.gender.map(|gender| gender.as_str().to_owned()),
        sort_by: match sort.by {
            Some(v2::IdentityVerificationSortBy::RequestedAt) | None => VerificationTimeField::RequestedAt,
            Some(v2::IdentityVerificationSortBy::VerifiedAt) => VerificationTimeField::VerifiedAt,
            Some(v2::IdentityVerificationSortBy::FailedAt) => VerificationTimeField::FailedAt,
            Some(v2::IdentityVerificationSortBy::StatusUpdatedAt) => VerificationTimeField::StatusUpdatedAt,
        },
        order: order(sort.order),
    }))
}
