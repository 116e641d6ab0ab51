//! Policies about fees beside the platform fee.

use super::super::id;
use super::{at_most_one, fee, graphql_id, is_for_test, name};
use crate::app::failure::Failure;
use paypier_domain::settlement::definition::Definition;
use paypier_domain::settlement::id::AdditionalFeePolicyId;
use paypier_domain::settlement::policy::{AdditionalFeeTerms, AdditionalFeeUpdate};
use paypier_domain::settlement::version::{Version, VersionKind};
use paypier_storage::RuleFilter;
use paypier_wire::v2;

type Asked = (Option<AdditionalFeePolicyId>, AdditionalFeeTerms);

/// # Errors
/// An id or a name that is not accepted, a fee that is none.
pub fn asked(body: v2::CreatePlatformAdditionalFeePolicyBody) -> Result<Asked, Failure> {
    let id = id("id", body.id.as_deref(), AdditionalFeePolicyId::parse)?;
    let terms = AdditionalFeeTerms {
        name: name(&body.name)?,
        fee: fee::asked("fee", &body.fee)?,
        vat_payer: fee::payer(body.vat_payer),
        memo: body.memo.map(Into::into),
    };
    Ok((id, terms))
}

/// # Errors
/// As [`asked`].
pub fn update(body: v2::UpdatePlatformAdditionalFeePolicyBody) -> Result<AdditionalFeeUpdate, Failure> {
    Ok(AdditionalFeeUpdate {
        name: body.name.as_deref().map(name).transpose()?,
        fee: body.fee.map(|input| fee::asked("fee", &input)).transpose()?,
        vat_payer: body.vat_payer.map(fee::payer),
        memo: body.memo.map(Into::into),
    })
}

/// A fee that is looked for equals the rate or the amount; what is no number equals none.
///
/// # Errors
/// A keyword of several members.
pub fn filter(body: Option<v2::PlatformAdditionalFeePolicyFilterInput>) -> Result<RuleFilter, Failure> {
    let body = body.unwrap_or_default();
    let keyword = body.keyword.unwrap_or_default();
    at_most_one("filter.keyword", &[((), &keyword.id), ((), &keyword.name), ((), &keyword.fee)])?;
    let figures = keyword.fee.map(|fee| vec![fee.trim().parse().unwrap_or(-1)]);
    Ok(RuleFilter {
        archived: body.is_archived.unwrap_or(false),
        figures: figures.unwrap_or_default(),
        payers: body.vat_payers.unwrap_or_default().iter().map(ToString::to_string).collect(),
        id: keyword.id,
        name: keyword.name,
        ..RuleFilter::default()
    })
}

pub fn shown(
    policy: &Definition<AdditionalFeeTerms>,
    version: &Version<AdditionalFeeTerms>,
) -> v2::PlatformAdditionalFeePolicy {
    let id = policy.id().as_str();
    let terms = &version.terms;
    v2::PlatformAdditionalFeePolicy {
        id: id.to_owned(),
        graphql_id: graphql_id(VersionKind::AdditionalFeePolicy, id),
        name: terms.name.to_string(),
        fee: fee::shown(terms.fee),
        memo: terms.memo.as_deref().map(str::to_owned),
        vat_payer: fee::payer_shown(terms.vat_payer),
        is_archived: policy.of.archived,
        applied_at: version.applied_at.into(),
        is_for_test: is_for_test(&policy.platform),
    }
}
