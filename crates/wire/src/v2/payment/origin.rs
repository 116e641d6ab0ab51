//! Where an attempt was started.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// Where an attempt was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentOrigin {
    pub platform_type: PaymentOriginPlatformType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub ip_address: String,
}

words! {
    /// The platform an attempt was started on.
    pub enum PaymentOriginPlatformType {
        Pc = "PC",
        Mobile = "MOBILE",
        Api = "API",
    }
}
