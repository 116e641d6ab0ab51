//! Verifying who somebody is: by a code sent to a phone, or by an app.

mod list;

pub use list::*;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::time::Timestamp;
use crate::union::{tagged, union};
use crate::v2::{Gender, PortOneVersion, SelectedChannel};
use crate::words::words;

/// Asks for a code to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendIdentityVerificationBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    pub channel_key: String,
    pub customer: SendIdentityVerificationBodyCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    /// Members for the PSP, passed on as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub bypass: Option<Map<String, Value>>,
    pub operator: IdentityVerificationOperator,
    pub method: IdentityVerificationMethod,
}

/// Who says to be whom.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendIdentityVerificationBodyCustomer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    /// Digits only.
    pub phone_number: String,
    /// The first seven digits of the resident number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<String>,
    /// Where the person asks from.
    pub ip_address: String,
}

/// Never shows who it is.
impl fmt::Debug for SendIdentityVerificationBodyCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendIdentityVerificationBodyCustomer").finish_non_exhaustive()
    }
}

/// The code is on its way; there is nothing else to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendIdentityVerificationResponse {}

/// Shows the code, or that the app was answered.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmIdentityVerificationBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp: Option<String>,
}

/// Never shows the code.
impl fmt::Debug for ConfirmIdentityVerificationBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmIdentityVerificationBody")
            .field("store_id", &self.store_id)
            .finish_non_exhaustive()
    }
}

/// Who it turned out to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmIdentityVerificationResponse {
    pub identity_verification: ConfirmedIdentityVerification,
}

/// The one variant of [`IdentityVerification`] that a confirmation ends in, with its tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status")]
pub enum ConfirmedIdentityVerification {
    #[serde(rename = "VERIFIED")]
    Verified(VerifiedIdentityVerification),
}

impl PartialSchema for ConfirmedIdentityVerification {
    fn schema() -> RefOr<Schema> {
        tagged(VerifiedIdentityVerification::schema(), "status", "VERIFIED")
    }
}

impl ToSchema for ConfirmedIdentityVerification {
    fn name() -> Cow<'static, str> {
        VerifiedIdentityVerification::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        VerifiedIdentityVerification::schemas(schemas);
    }
}

/// Another code is on its way; there is nothing else to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResendIdentityVerificationResponse {}

words! {
    /// Who runs the phone's network.
    pub enum IdentityVerificationOperator {
        Skt = "SKT",
        Kt = "KT",
        Lgu = "LGU",
        SktMvno = "SKT_MVNO",
        KtMvno = "KT_MVNO",
        LguMvno = "LGU_MVNO",
    }
}

words! {
    /// How the person shows to have the phone.
    pub enum IdentityVerificationMethod {
        Sms = "SMS",
        App = "APP",
    }
}

union! {
    /// A verification as it stands.
    pub enum IdentityVerification by "status" {
        "READY" => Ready(ReadyIdentityVerification),
        "VERIFIED" => Verified(VerifiedIdentityVerification),
        "FAILED" => Failed(FailedIdentityVerification),
    }
}

/// A verification that waits for the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadyIdentityVerification {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    pub requested_customer: IdentityVerificationRequestedCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub requested_at: Timestamp,
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
}

/// A verification that ended well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedIdentityVerification {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    pub verified_customer: IdentityVerificationVerifiedCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub requested_at: Timestamp,
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    pub verified_at: Timestamp,
    pub pg_tx_id: String,
    pub pg_raw_response: String,
    pub version: PortOneVersion,
}

/// A verification that ended badly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedIdentityVerification {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    pub requested_customer: IdentityVerificationRequestedCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub requested_at: Timestamp,
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    pub failure: IdentityVerificationFailure,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
}

/// Why it ended badly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationFailure {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_message: Option<String>,
}

/// Who says to be whom, as far as it was said.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationRequestedCustomer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<String>,
    /// Two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_month: Option<String>,
    /// Two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_day: Option<String>,
}

/// Never shows who it is.
impl fmt::Debug for IdentityVerificationRequestedCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityVerificationRequestedCustomer").finish_non_exhaustive()
    }
}

/// Who it is.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationVerifiedCustomer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<IdentityVerificationOperator>,
    /// Digits only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// `yyyy-MM-dd`. The revision of October 2024 has it always.
    #[schema(format = Date)]
    pub birth_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_foreigner: Option<bool>,
    /// The same for one person everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// The same for one person at one merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub di: Option<String>,
}

/// Never shows who it is.
impl fmt::Debug for IdentityVerificationVerifiedCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityVerificationVerifiedCustomer").finish_non_exhaustive()
    }
}
