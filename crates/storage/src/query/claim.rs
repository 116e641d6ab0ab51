//! Idempotency keys.

use crate::row::text;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::claim::{Answer, ClaimRef};
use paypier_domain::id::MerchantId;

/// A key as it is stored; `answer` is absent while the request runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClaim {
    pub reference: ClaimRef,
    pub fingerprint: [u8; 32],
    pub at: Timestamp,
    pub answer: Option<Answer>,
}

texts! {
    CLAIM = "SELECT merchant_id, claim_key, operation, fingerprint, at, status, answer FROM claims \
        WHERE merchant_id = ?1 AND claim_key = ?2";
}

impl Storage {
    pub async fn claim(&self, merchant: &MerchantId, key: &str) -> Result<Option<StoredClaim>, ReadError> {
        self.one("claims", CLAIM, vec![text(merchant.as_str()), text(key)], |mut row| {
            let reference = ClaimRef {
                merchant: MerchantId::known(row.text("merchant_id")?),
                key: row.text("claim_key")?,
                operation: row.text("operation")?,
            };
            let fingerprint = row.digest("fingerprint")?;
            let at = row.at("at")?;
            let answer = match (row.optional_int("status")?, row.optional_blob("answer")?) {
                (Some(status), Some(body)) => Some(Answer {
                    status: u16::try_from(status).map_err(|_| row.broken("status", "is no HTTP status"))?,
                    body,
                }),
                _ => None,
            };
            Ok(StoredClaim { reference, fingerprint, at, answer })
        })
        .await
    }
}
