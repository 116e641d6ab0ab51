//! Properties that a merchant defines.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a merchant keeps about a partner, by keys that it has defined.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformProperties(pub BTreeMap<String, PlatformUserDefinedPropertyValue>);

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformUserDefinedPropertyValue {
    pub string: String,
}
