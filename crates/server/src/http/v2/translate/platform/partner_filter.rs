//! What partners are narrowed down by.

use super::at_most_one;
use crate::app::failure::Failure;
use paypier_storage::{PartnerFilter, PartnerText};
use paypier_wire::v2;

/// # Errors
/// A keyword of several members.
pub fn asked(filter: Option<v2::PlatformPartnerFilterInput>) -> Result<PartnerFilter, Failure> {
    let filter = filter.unwrap_or_default();
    let keyword = filter.keyword.unwrap_or_default();
    let keyword = at_most_one(
        "filter.keyword",
        &[
            (PartnerText::Id, &keyword.id),
            (PartnerText::Name, &keyword.name),
            (PartnerText::Email, &keyword.email),
            (PartnerText::RegistrationNumber, &keyword.business_registration_number),
            (PartnerText::DefaultContract, &keyword.default_contract_id),
            (PartnerText::Memo, &keyword.memo),
            (PartnerText::AccountNumber, &keyword.account_number),
            (PartnerText::AccountHolder, &keyword.account_holder),
        ],
    )?
    .map(|(which, text)| (which, text.to_owned()));
    Ok(PartnerFilter {
        archived: filter.is_archived.unwrap_or(false),
        tags: filter.tags.unwrap_or_default(),
        banks: words(filter.banks),
        currencies: words(filter.account_currencies),
        ids: filter.ids.unwrap_or_default(),
        contracts: filter.contract_ids.unwrap_or_default(),
        account_statuses: words(filter.account_statuses),
        business_statuses: words(filter.business_statuses),
        kinds: words(filter.types),
        taxations: words(filter.taxation_types),
        connections: words(filter.member_company_connection_statuses),
        keyword,
    })
}

fn words<W: ToString>(words: Option<Vec<W>>) -> Vec<String> {
    words.unwrap_or_default().iter().map(ToString::to_string).collect()
}
