//! Where a buyer lives or a parcel goes: read as a union (one line, or in parts), written in parts only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::v2::Country;

union! {
    /// An address as it was given.
    pub enum Address by "type" {
        "ONE_LINE" => OneLine(OneLineAddress),
        "SEPARATED" => Separated(SeparatedAddress),
    }
}

/// An address known only as one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneLineAddress {
    /// The whole address.
    pub one_line: String,
}

/// An address in parts, with the line they make together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeparatedAddress {
    /// The whole address.
    pub one_line: String,
    pub address_line1: String,
    pub address_line2: String,
    /// A city, or a district of a large one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// An address in parts, as a merchant gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeparatedAddressInput {
    pub address_line1: String,
    pub address_line2: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}
