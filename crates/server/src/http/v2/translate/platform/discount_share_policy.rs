//! Policies about who bears a discount.

use super::super::{id, invalid};
use super::{at_most_one, graphql_id, is_for_test, name};
use crate::app::failure::Failure;
use paypier_domain::settlement::definition::Definition;
use paypier_domain::settlement::id::DiscountSharePolicyId;
use paypier_domain::settlement::policy::{self, DiscountShareTerms, DiscountShareUpdate};
use paypier_domain::settlement::version::{Version, VersionKind};
use paypier_storage::RuleFilter;
use paypier_wire::v2;

type Asked = (Option<DiscountSharePolicyId>, DiscountShareTerms);

fn share(value: i32) -> Result<paypier_domain::money::Rate, Failure> {
    policy::rate(value.into()).map_err(|_| invalid("partnerShareRate", "must be from 0 to 100000 (100 %)"))
}

/// # Errors
/// An id or a name that is not accepted, a rate out of range.
pub fn asked(body: v2::CreatePlatformDiscountSharePolicyBody) -> Result<Asked, Failure> {
    let id = id("id", body.id.as_deref(), DiscountSharePolicyId::parse)?;
    let terms = DiscountShareTerms {
        name: name(&body.name)?,
        partner_share: share(body.partner_share_rate)?,
        memo: body.memo.map(Into::into),
    };
    Ok((id, terms))
}

/// # Errors
/// As [`asked`].
pub fn update(body: v2::UpdatePlatformDiscountSharePolicyBody) -> Result<DiscountShareUpdate, Failure> {
    Ok(DiscountShareUpdate {
        name: body.name.as_deref().map(name).transpose()?,
        partner_share: body.partner_share_rate.map(share).transpose()?,
        memo: body.memo.map(Into::into),
    })
}

/// # Errors
/// A keyword of several members.
pub fn filter(body: Option<v2::PlatformDiscountSharePolicyFilterInput>) -> Result<RuleFilter, Failure> {
    let body = body.unwrap_or_default();
    let keyword = body.keyword.unwrap_or_default();
    at_most_one("filter.keyword", &[((), &keyword.id), ((), &keyword.name)])?;
    Ok(RuleFilter {
        archived: body.is_archived.unwrap_or(false),
        figures: body.partner_share_rates.unwrap_or_default().into_iter().map(i64::from).collect(),
        id: keyword.id,
        name: keyword.name,
        ..RuleFilter::default()
    })
}

pub fn shown(
    policy: &Definition<DiscountShareTerms>,
    version: &Version<DiscountShareTerms>,
) -> v2::PlatformDiscountSharePolicy {
    let id = policy.id().as_str();
    let terms = &version.terms;
    v2::PlatformDiscountSharePolicy {
        id: id.to_owned(),
        graphql_id: graphql_id(VersionKind::DiscountSharePolicy, id),
        name: terms.name.to_string(),
        // At most 100,000.
        partner_share_rate: i32::try_from(terms.partner_share.as_millipercent()).unwrap_or(i32::MAX),
        memo: terms.memo.as_deref().map(str::to_owned),
        is_archived: policy.of.archived,
        applied_at: version.applied_at.into(),
        is_for_test: is_for_test(&policy.platform),
    }
}
