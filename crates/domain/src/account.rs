//! Merchants, their stores, API secrets, bearer tokens and webhook endpoints.

use crate::channel::Environment;
use crate::id::{MerchantId, SecretId, StoreId};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
    pub created_at: Timestamp,
}

/// A store: the owner of payments, channels and webhook endpoints. A merchant's first store is its
/// representative store, whose secrets may act on the merchant's other stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub id: StoreId,
    pub merchant: MerchantId,
    pub name: String,
    pub is_representative: bool,
    pub policy: StorePolicy,
    /// How far the store's TEST clock runs ahead of the real one. Never negative.
    pub test_clock_offset: SignedDuration,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StorePolicy {
    pub late_approval: LateApproval,
    pub confirm_process: ConfirmProcess,
    /// A window tells its result when the webhook about it was tried once.
    pub result_waits_for_webhook: bool,
}

/// Whether the merchant's server is asked before a window's payment is approved (`confirmUrl`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmProcess {
    /// A `confirmUrl` is ignored.
    Off,
    /// Asked when the page names a `confirmUrl`.
    #[default]
    Optional,
    /// A window without a `confirmUrl` is not opened.
    Required,
}

impl ConfirmProcess {
    pub const ALL: [Self; 3] = [Self::Off, Self::Optional, Self::Required];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Optional => "OPTIONAL",
            Self::Required => "REQUIRED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|process| process.as_str() == text)
    }
}

/// What happens when a PSP says "paid" about an attempt that it had called failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LateApproval {
    #[default]
    Accept,
    CancelAtOnce,
}

/// An API secret as it is stored: never the secret, always its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSecret {
    pub id: SecretId,
    pub merchant: MerchantId,
    pub store: StoreId,
    pub name: String,
    /// SHA-256 of the secret. A secret has 256 random bits, so a slow hash would add nothing.
    pub digest: [u8; 32],
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

impl ApiSecret {
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.deleted_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

/// A bearer token as it is stored: by its digest, tied to the secret that it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub digest: [u8; 32],
    pub kind: TokenKind,
    pub secret: SecretId,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Access,
    Refresh,
}

/// Where a store's webhooks of one environment go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    pub store: StoreId,
    pub environment: Environment,
    pub url: String,
    pub version: PayloadVersion,
    pub content_type: PayloadContentType,
}

/// Which of the two published payload versions an endpoint receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadVersion {
    V20240101,
    V20240425,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadContentType {
    Json,
    /// Only with [`PayloadVersion::V20240101`].
    Form,
}

/// A webhook signing secret, sealed under the key ring. At most two are active per environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    pub id: SecretId,
    pub store: StoreId,
    pub environment: Environment,
    pub sealed: Sealed,
    pub created_at: Timestamp,
    pub expired_at: Option<Timestamp>,
}

/// Bytes under envelope encryption; only the server can open them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}
