//! Merchants, stores, secrets, endpoints.

use super::{Read, Senseless, Text, flag, is, maybe_instant, shape, text};
use crate::row::micros;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account as domain;
use paypier_domain::account::{
    ConfirmProcess, LateApproval, PayloadContentType, PayloadVersion, StorePolicy,
};
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, SecretId, StoreId};

shape! { Merchant { name: Text<'a>; } }

impl<'a> Merchant<'a> {
    pub(crate) fn of(merchant: &'a domain::Merchant) -> Self {
        Self { name: text(&merchant.name) }
    }
    pub(crate) fn read(self, id: MerchantId, created_at: Timestamp) -> domain::Merchant {
        domain::Merchant { id, name: self.name.into_owned(), created_at }
    }
}

shape! { Store { name: Text<'a>, late_approval: Text<'a>; is_representative: bool, confirm_process: Text<'a>,
result_waits_for_webhook: bool } }

impl<'a> Store<'a> {
    pub(crate) fn of(store: &'a domain::Store) -> Self {
        Self {
            name: text(&store.name),
            late_approval: text(match store.policy.late_approval {
                LateApproval::Accept => "ACCEPT",
                LateApproval::CancelAtOnce => "CANCEL_AT_ONCE",
            }),
            is_representative: flag(store.is_representative),
            confirm_process: (store.policy.confirm_process != ConfirmProcess::default())
                .then(|| text(store.policy.confirm_process.as_str())),
            result_waits_for_webhook: flag(store.policy.result_waits_for_webhook),
        }
    }
    pub(crate) fn read(
        self,
        id: StoreId,
        merchant: MerchantId,
        created_at: Timestamp,
        test_clock_offset: SignedDuration,
    ) -> Read<domain::Store> {
        Ok(domain::Store {
            id,
            merchant,
            name: self.name.into_owned(),
            is_representative: is(self.is_representative),
            policy: StorePolicy {
                late_approval: match self.late_approval.as_ref() {
                    "ACCEPT" => LateApproval::Accept,
                    "CANCEL_AT_ONCE" => LateApproval::CancelAtOnce,
                    _ => return Err(Senseless("late_approval")),
                },
                confirm_process: match self.confirm_process {
                    None => ConfirmProcess::default(),
                    Some(word) => ConfirmProcess::parse(&word).ok_or(Senseless("confirm_process"))?,
                },
                result_waits_for_webhook: is(self.result_waits_for_webhook),
            },
            test_clock_offset,
            created_at,
        })
    }
}

shape! { ApiSecret { merchant: Text<'a>, name: Text<'a>; expires_at: i64, deleted_at: i64 } }

impl<'a> ApiSecret<'a> {
    pub(crate) fn of(secret: &'a domain::ApiSecret) -> Self {
        Self {
            merchant: text(secret.merchant.as_str()),
            name: text(&secret.name),
            expires_at: secret.expires_at.map(micros),
            deleted_at: secret.deleted_at.map(micros),
        }
    }
    pub(crate) fn read(
        self,
        id: SecretId,
        store: StoreId,
        digest: [u8; 32],
        created_at: Timestamp,
    ) -> Read<domain::ApiSecret> {
        Ok(domain::ApiSecret {
            id,
            merchant: MerchantId::known(self.merchant),
            store,
            name: self.name.into_owned(),
            digest,
            created_at,
            expires_at: maybe_instant(self.expires_at, "expires_at")?,
            deleted_at: maybe_instant(self.deleted_at, "deleted_at")?,
        })
    }
}

shape! { Endpoint { url: Text<'a>, version: Text<'a>, content_type: Text<'a>; } }

pub(crate) const fn version_word(version: PayloadVersion) -> &'static str {
    match version {
        PayloadVersion::V20240101 => "2024-01-01",
        PayloadVersion::V20240425 => "2024-04-25",
    }
}

pub(crate) fn version(word: &str) -> Read<PayloadVersion> {
    match word {
        "2024-01-01" => Ok(PayloadVersion::V20240101),
        "2024-04-25" => Ok(PayloadVersion::V20240425),
        _ => Err(Senseless("version")),
    }
}

pub(crate) const fn content_type_word(content_type: PayloadContentType) -> &'static str {
    match content_type {
        PayloadContentType::Json => "JSON",
        PayloadContentType::Form => "FORM",
    }
}

pub(crate) fn content_type(word: &str) -> Read<PayloadContentType> {
    match word {
        "JSON" => Ok(PayloadContentType::Json),
        "FORM" => Ok(PayloadContentType::Form),
        _ => Err(Senseless("content_type")),
    }
}

impl<'a> Endpoint<'a> {
    pub(crate) fn of(endpoint: &'a domain::WebhookEndpoint) -> Self {
        Self {
            url: text(&endpoint.url),
            version: text(version_word(endpoint.version)),
            content_type: text(content_type_word(endpoint.content_type)),
        }
    }
    pub(crate) fn read(self, store: StoreId, environment: Environment) -> Read<domain::WebhookEndpoint> {
        Ok(domain::WebhookEndpoint {
            store,
            environment,
            url: self.url.into_owned(),
            version: version(&self.version)?,
            content_type: content_type(&self.content_type)?,
        })
    }
}
