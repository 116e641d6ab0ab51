//! Every error type that operations of the platform publish is raised by a story on its condition, or has a
//! reason why it cannot be.
//!
//! What is published is read from the document that is served, which the tests of `wire` compare with
//! both revisions of the contract. Stories are compared as text: one that is renamed or stops to raise its type
//! fails here.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Type, file and story.
const RAISED: &[(&str, &str, &str)] = &[
    ("FORBIDDEN", "bulk_payouts", "two_people_let_a_bulk_payout_happen_and_the_bank_moves_the_money"),
    ("INVALID_FUNCTION", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    ("INVALID_OPERATOR", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    ("INVALID_REQUEST", "bulk_payouts", "two_people_let_a_bulk_payout_happen_and_the_bank_moves_the_money"),
    ("INVALID_SYNTAX", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    ("INVALID_VARIABLE", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    (
        "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED",
        "lookups",
        "a_look_up_vouches_once_for_what_was_looked_up_and_for_a_day",
    ),
    (
        "PLATFORM_ACCOUNT_VERIFICATION_FAILED",
        "lookups",
        "a_look_up_vouches_once_for_what_was_looked_up_and_for_a_day",
    ),
    (
        "PLATFORM_ACCOUNT_VERIFICATION_NOT_FOUND",
        "lookups",
        "a_look_up_vouches_once_for_what_was_looked_up_and_for_a_day",
    ),
    (
        "PLATFORM_ADDITIONAL_FEE_POLICIES_NOT_FOUND",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    ("PLATFORM_ADDITIONAL_FEE_POLICY_ALREADY_EXISTS", "policies", "a_fee_is_a_rate_or_an_amount"),
    ("PLATFORM_ADDITIONAL_FEE_POLICY_NOT_FOUND", "policies", "a_fee_is_a_rate_or_an_amount"),
    (
        "PLATFORM_ADDITIONAL_FEE_POLICY_SCHEDULE_ALREADY_EXISTS",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_ADDITIONAL_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    ("PLATFORM_ARCHIVED_ADDITIONAL_FEE_POLICY", "policies", "a_fee_is_a_rate_or_an_amount"),
    (
        "PLATFORM_ARCHIVED_CONTRACT",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_ARCHIVED_DISCOUNT_SHARE_POLICY",
        "policies",
        "a_discount_share_policy_is_made_changed_archived_and_recovered",
    ),
    ("PLATFORM_ARCHIVED_PARTNER", "connections", "a_connection_is_refused_for_the_first_thing_that_is_wrong"),
    (
        "PLATFORM_ARCHIVED_PARTNERS_CANNOT_BE_SCHEDULED",
        "many_partners",
        "one_update_is_reserved_for_all_who_match_or_for_none",
    ),
    (
        "PLATFORM_ARCHIVED_PARTNER_NTS_NOT_ALLOWED",
        "connections",
        "a_connection_is_refused_for_the_first_thing_that_is_wrong",
    ),
    ("PLATFORM_BTX_NOT_ENABLED", "connections", "a_connection_is_refused_for_the_first_thing_that_is_wrong"),
    (
        "PLATFORM_BULK_PAYOUT_ID_ALREADY_EXISTS",
        "bulk_payouts",
        "two_people_let_a_bulk_payout_happen_and_the_bank_moves_the_money",
    ),
    (
        "PLATFORM_CANCELLABLE_AMOUNT_EXCEEDED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCELLABLE_DISCOUNT_AMOUNT_EXCEEDED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCELLABLE_DISCOUNT_TAX_FREE_AMOUNT_EXCEEDED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCELLABLE_PRODUCT_QUANTITY_EXCEEDED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCELLATION_AND_PAYMENT_TYPE_MISMATCHED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCELLATION_NOT_FOUND",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_CANCEL_ORDER_TRANSFERS_EXISTS",
        "transfers",
        "cancels_take_back_what_the_order_gave_and_no_more",
    ),
    (
        "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_ADDITIONAL_FEE_POLICY",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_CONTRACT",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_DISCOUNT_SHARE_POLICY",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_CANNOT_ARCHIVE_SCHEDULED_PARTNER",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_CANNOT_SPECIFY_TRANSFER",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    ("PLATFORM_COMPANY_NOT_FOUND", "lookups", "the_tax_office_tells_how_a_business_stands"),
    (
        "PLATFORM_COMPANY_VERIFICATION_ALREADY_USED",
        "lookups",
        "a_look_up_vouches_once_for_what_was_looked_up_and_for_a_day",
    ),
    ("PLATFORM_CONTRACTS_NOT_FOUND", "many_partners", "many_partners_are_made_together_or_not_at_all"),
    (
        "PLATFORM_CONTRACT_ALREADY_EXISTS",
        "contracts",
        "a_contract_has_the_life_of_a_policy_and_stays_with_its_partners",
    ),
    (
        "PLATFORM_CONTRACT_NOT_FOUND",
        "contracts",
        "a_contract_has_the_life_of_a_policy_and_stays_with_its_partners",
    ),
    (
        "PLATFORM_CONTRACT_PLATFORM_FIXED_AMOUNT_FEE_CURRENCY_AND_SETTLEMENT_CURRENCY_MISMATCHED",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_CONTRACT_SCHEDULE_ALREADY_EXISTS",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_COUNTERPARTY_NOT_CONNECTABLE_STATUS",
        "connections",
        "a_business_is_connected_and_disconnected_when_the_provider_says_so",
    ),
    (
        "PLATFORM_COUNTERPARTY_NOT_CONNECTED",
        "connections",
        "a_business_is_connected_and_disconnected_when_the_provider_says_so",
    ),
    (
        "PLATFORM_DISCOUNT_SHARE_POLICIES_NOT_FOUND",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_DISCOUNT_SHARE_POLICY_ALREADY_EXISTS",
        "policies",
        "a_discount_share_policy_is_made_changed_archived_and_recovered",
    ),
    (
        "PLATFORM_DISCOUNT_SHARE_POLICY_ID_DUPLICATED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_DISCOUNT_SHARE_POLICY_NOT_FOUND",
        "policies",
        "a_discount_share_policy_is_made_changed_archived_and_recovered",
    ),
    (
        "PLATFORM_DISCOUNT_SHARE_POLICY_SCHEDULE_ALREADY_EXISTS",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    ("PLATFORM_DUPLICATED_PARTNER_SETTLEMENT_IDS", "settling", "only_what_can_be_paid_is_recorded_as_paid"),
    ("PLATFORM_EXTERNAL_API_FAILED", "lookups", "a_bank_names_the_holder_or_why_it_does_not"),
    ("PLATFORM_EXTERNAL_API_TEMPORARILY_FAILED", "lookups", "a_bank_names_the_holder_or_why_it_does_not"),
    ("PLATFORM_INSUFFICIENT_DATA_TO_CHANGE_PARTNER_TYPE", "partners", "a_change_keeps_what_it_does_not_name"),
    (
        "PLATFORM_INVALID_SETTLEMENT_FORMULA",
        "settings",
        "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told",
    ),
    (
        "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNERS_CANNOT_BE_SCHEDULED",
        "connections",
        "what_the_tax_office_knows_of_a_connected_partner_does_not_change_beside_it",
    ),
    (
        "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_BRN_UNCHANGEABLE",
        "connections",
        "what_the_tax_office_knows_of_a_connected_partner_does_not_change_beside_it",
    ),
    (
        "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_CANNOT_BE_SCHEDULED",
        "connections",
        "what_the_tax_office_knows_of_a_connected_partner_does_not_change_beside_it",
    ),
    (
        "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_TYPE_UNCHANGEABLE",
        "connections",
        "what_the_tax_office_knows_of_a_connected_partner_does_not_change_beside_it",
    ),
    (
        "PLATFORM_NEGATIVE_AMOUNT_NOT_ALLOWED",
        "transfer_refusals",
        "a_manual_amount_is_refused_for_what_it_names_and_what_it_is",
    ),
    ("PLATFORM_NON_DELETABLE_PARTNER_SETTLEMENTS", "settling", "only_what_can_be_paid_is_recorded_as_paid"),
    (
        "PLATFORM_NON_PAYABLE_PARTNER_SETTLEMENTS",
        "bulk_payouts",
        "what_is_below_nothing_is_carried_and_what_is_held_stays_out",
    ),
    ("PLATFORM_NOT_ENABLED", "environments", "whoever_may_not_come_in_is_told_before_anything_is_read"),
    ("PLATFORM_NOT_SUPPORTED_BANK", "lookups", "a_bank_names_the_holder_or_why_it_does_not"),
    (
        "PLATFORM_NO_SELECTED_PARTNER_SETTLEMENTS",
        "bulk_payouts",
        "two_people_let_a_bulk_payout_happen_and_the_bank_moves_the_money",
    ),
    (
        "PLATFORM_ORDER_DETAIL_MISMATCHED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_ORDER_TRANSFER_ALREADY_CANCELLED",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    ("PLATFORM_PARTNER_IDS_ALREADY_EXISTS", "many_partners", "many_partners_are_made_together_or_not_at_all"),
    ("PLATFORM_PARTNER_IDS_DUPLICATED", "many_partners", "many_partners_are_made_together_or_not_at_all"),
    (
        "PLATFORM_PARTNER_ID_ALREADY_EXISTS",
        "partners",
        "a_partner_is_refused_for_the_first_thing_that_is_wrong",
    ),
    (
        "PLATFORM_PARTNER_NOT_FOUND",
        "connections",
        "a_connection_is_refused_for_the_first_thing_that_is_wrong",
    ),
    (
        "PLATFORM_PARTNER_PENDING_NTS_OPERATION",
        "connections",
        "a_business_is_connected_and_disconnected_when_the_provider_says_so",
    ),
    (
        "PLATFORM_PARTNER_SCHEDULES_ALREADY_EXIST",
        "many_partners",
        "one_update_is_reserved_for_all_who_match_or_for_none",
    ),
    (
        "PLATFORM_PARTNER_SCHEDULE_ALREADY_EXISTS",
        "reserved_updates",
        "one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back",
    ),
    (
        "PLATFORM_PARTNER_SCHEDULE_EXISTS",
        "connections",
        "a_connection_is_refused_for_the_first_thing_that_is_wrong",
    ),
    (
        "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND",
        "bulk_payouts",
        "what_is_below_nothing_is_carried_and_what_is_held_stays_out",
    ),
    (
        "PLATFORM_PARTNER_TAXATION_TYPE_IS_SIMPLE",
        "connections",
        "a_connection_is_refused_for_the_first_thing_that_is_wrong",
    ),
    (
        "PLATFORM_PARTNER_TYPE_IS_NOT_BUSINESS",
        "connections",
        "a_connection_is_refused_for_the_first_thing_that_is_wrong",
    ),
    (
        "PLATFORM_PAYMENT_NOT_FOUND",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_PRODUCT_ID_DUPLICATED",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_PRODUCT_ID_NOT_FOUND",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_REFERENCED_CANCEL_ORDER_TRANSFERS_EXIST",
        "settling",
        "deleting_settlements_deletes_what_is_inside_or_nothing",
    ),
    (
        "PLATFORM_SETTLEMENT_AMOUNT_EXCEEDED",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_SETTLEMENT_CANCEL_AMOUNT_EXCEEDED_PORT_ONE_CANCEL",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_SETTLEMENT_DATE_EARLIER_THAN_SETTLEMENT_START_DATE",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_SETTLEMENT_PARAMETER_NOT_FOUND",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_SETTLEMENT_PAYMENT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_SETTLEMENT_SUPPLY_WITH_VAT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_SETTLEMENT_TAX_FREE_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    ("PLATFORM_TARGET_PARTNER_NOT_FOUND", "connections", "many_are_connected_by_one_task"),
    (
        "PLATFORM_TRANSFER_ALREADY_EXISTS",
        "transfer_refusals",
        "an_order_is_refused_for_what_it_names_and_for_what_it_says",
    ),
    (
        "PLATFORM_TRANSFER_DISCOUNT_SHARE_POLICY_NOT_FOUND",
        "transfer_refusals",
        "a_cancel_is_refused_for_what_it_names_and_for_what_it_would_take",
    ),
    (
        "PLATFORM_TRANSFER_ID_ALREADY_USED",
        "settling",
        "deleting_settlements_deletes_what_is_inside_or_nothing",
    ),
    ("PLATFORM_TRANSFER_NON_DELETABLE_STATUS", "settling", "only_what_can_be_paid_is_recorded_as_paid"),
    ("PLATFORM_TRANSFER_NOT_FOUND", "settling", "deleting_settlements_deletes_what_is_inside_or_nothing"),
    (
        "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND",
        "many_partners",
        "many_partners_are_made_together_or_not_at_all",
    ),
    ("UNAUTHORIZED", "environments", "whoever_may_not_come_in_is_told_before_anything_is_read"),
    (
        "UNEXPECTED_FUNCTION_ARGUMENTS",
        "settings",
        "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told",
    ),
    ("UNKNOWN_ERROR", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    ("UNSUPPORTED_VARIABLE", "settings", "a_formula_with_a_fault_changes_nothing_and_each_fault_is_told"),
    // Two classes share this type: an unsupported currency, and a payout below nothing.
    ("PLATFORM_CURRENCY_NOT_SUPPORTED", "partners", "a_partner_is_refused_for_the_first_thing_that_is_wrong"),
    ("PLATFORM_CURRENCY_NOT_SUPPORTED", "settling", "only_what_can_be_paid_is_recorded_as_paid"),
];

/// Published, and never answered.
const NOT_RAISED: &[(&str, &str)] = &[
    ("PLATFORM_COUNTERPARTY_ONGOING_TAX_INVOICE_EXISTS", "this server issues no tax invoices"),
    ("PLATFORM_ONGOING_TAX_INVOICE_EXISTS", "this server issues no tax invoices"),
];

/// What `things()` of the reserved updates puts for `{kind}`.
const KINDS: [&str; 4] = ["DISCOUNT_SHARE_POLICY", "ADDITIONAL_FEE_POLICY", "CONTRACT", "PARTNER"];

/// Types by the classes that have them, of all answers of `/platform` but the good ones.
fn published(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut next: Vec<&Value> = Vec::new();
    let operations = document["paths"].as_object().unwrap().iter();
    for (_, item) in operations.filter(|(path, _)| path.starts_with("/platform")) {
        for operation in item.as_object().unwrap().values() {
            let answers = operation["responses"].as_object().into_iter().flatten();
            next.extend(answers.filter(|(status, _)| *status != "200").map(|(_, answer)| answer));
        }
    }
    while let Some(value) = next.pop() {
        match value {
            Value::Array(items) => next.extend(items),
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("$ref", Value::String(to)) => {
                            let schema = to.rsplit('/').next().unwrap();
                            if seen.insert(schema) {
                                next.push(&document["components"]["schemas"][schema]);
                            }
                        }
                        ("mapping", Value::Object(mapping)) => {
                            for (kind, to) in mapping {
                                let class = to.as_str().unwrap().rsplit('/').next().unwrap();
                                types.entry(kind.clone()).or_default().insert(class.to_owned());
                            }
                        }
                        _ => next.push(member),
                    }
                }
            }
            _ => {}
        }
    }
    types
}

/// The text of a story, from its name to its end.
fn story<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    let start = source.find(&format!("#[test]\nfn {name}() {{"))?;
    let rest = source.get(start..)?;
    rest.get(..rest.find("\n}\n")?)
}

fn raises(story: &str, kind: &str) -> bool {
    let as_written = std::iter::once(kind.to_owned()).chain(KINDS.map(|one| kind.replace(one, "{kind}")));
    as_written.into_iter().any(|written| story.contains(&format!("\"{written}\"")))
}

#[test]
fn every_type_that_is_published_is_raised_by_a_story() {
    let document = serde_json::to_value(paypier_wire::v2::openapi::openapi()).unwrap();
    let published = published(&document);
    assert!(published.len() > 90, "{}", published.len());

    let listed: BTreeSet<&str> =
        RAISED.iter().map(|(kind, ..)| *kind).chain(NOT_RAISED.iter().map(|(kind, _)| *kind)).collect();
    let wanted: BTreeSet<&str> = published.keys().map(String::as_str).collect();
    assert_eq!(listed, wanted);
    // Where two classes have one type, there is a story for each.
    for (kind, classes) in &published {
        let stories = RAISED.iter().filter(|(raised, ..)| raised == kind).count();
        let excused = NOT_RAISED.iter().any(|(excused, _)| excused == kind);
        assert!(excused || stories >= classes.len(), "{kind}: {classes:?}, {stories} stories");
    }

    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/platform");
    for (kind, file, name) in RAISED {
        let source = std::fs::read_to_string(folder.join(file).with_extension("rs")).unwrap();
        let story = story(&source, name).unwrap_or_else(|| panic!("{file} has no story {name}"));
        assert!(raises(story, kind), "{file}::{name} does not raise {kind}");
    }
}
