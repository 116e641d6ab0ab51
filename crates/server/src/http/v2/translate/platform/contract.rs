//! Contracts.

use super::super::id;
use super::{at_most_one, cycle, fee, graphql_id, is_for_test, name};
use crate::app::failure::Failure;
use paypier_domain::settlement::contract::{ContractTerms, ContractUpdate, PaymentVat};
use paypier_domain::settlement::definition::Definition;
use paypier_domain::settlement::id::ContractId;
use paypier_domain::settlement::version::{Version, VersionKind};
use paypier_storage::RuleFilter;
use paypier_wire::v2;

type Asked = (Option<ContractId>, ContractTerms);

const fn payment_vat(subtract: bool) -> PaymentVat {
    if subtract { PaymentVat::Withheld } else { PaymentVat::Settled }
}

/// # Errors
/// An id or a name that is not accepted, a fee that is none, a cycle that is none.
pub fn asked(body: v2::CreatePlatformContractBody) -> Result<Asked, Failure> {
    let id = id("id", body.id.as_deref(), ContractId::parse)?;
    let terms = ContractTerms {
        name: name(&body.name)?,
        platform_fee: fee::asked("platformFee", &body.platform_fee)?,
        platform_fee_vat_payer: fee::payer(body.platform_fee_vat_payer),
        cycle: cycle::asked(body.settlement_cycle)?,
        payment_vat: payment_vat(body.subtract_payment_vat_amount),
        memo: body.memo.map(Into::into),
    };
    Ok((id, terms))
}

/// # Errors
/// As [`asked`].
pub fn update(body: v2::UpdatePlatformContractBody) -> Result<ContractUpdate, Failure> {
    Ok(ContractUpdate {
        name: body.name.as_deref().map(name).transpose()?,
        platform_fee: body.platform_fee.map(|input| fee::asked("platformFee", &input)).transpose()?,
        platform_fee_vat_payer: body.platform_fee_vat_payer.map(fee::payer),
        cycle: body.settlement_cycle.map(cycle::asked).transpose()?,
        payment_vat: body.subtract_payment_vat_amount.map(payment_vat),
        memo: body.memo.map(Into::into),
    })
}

/// # Errors
/// A keyword of several members.
pub fn filter(body: Option<v2::PlatformContractFilterInput>) -> Result<RuleFilter, Failure> {
    let body = body.unwrap_or_default();
    let keyword = body.keyword.unwrap_or_default();
    at_most_one("filter.keyword", &[((), &keyword.id), ((), &keyword.name)])?;
    Ok(RuleFilter {
        archived: body.is_archived.unwrap_or(false),
        payers: body.platform_fee_payers.unwrap_or_default().iter().map(ToString::to_string).collect(),
        cycles: body.cycle_types.unwrap_or_default().iter().map(ToString::to_string).collect(),
        date_policies: body.date_policies.unwrap_or_default().iter().map(ToString::to_string).collect(),
        id: keyword.id,
        name: keyword.name,
        ..RuleFilter::default()
    })
}

pub fn shown(contract: &Definition<ContractTerms>, version: &Version<ContractTerms>) -> v2::PlatformContract {
    let id = contract.id().as_str();
    let terms = &version.terms;
    v2::PlatformContract {
        id: id.to_owned(),
        graphql_id: graphql_id(VersionKind::Contract, id),
        name: terms.name.to_string(),
        memo: terms.memo.as_deref().map(str::to_owned),
        platform_fee: fee::shown(terms.platform_fee),
        settlement_cycle: cycle::shown(&terms.cycle),
        platform_fee_vat_payer: fee::payer_shown(terms.platform_fee_vat_payer),
        subtract_payment_vat_amount: terms.payment_vat == PaymentVat::Withheld,
        is_archived: contract.of.archived,
        applied_at: version.applied_at.into(),
        is_for_test: is_for_test(&contract.platform),
    }
}
