//! Payments by the name that the PSP has for them.

use crate::row::text;
use crate::{ReadError, Storage};
use paypier_domain::id::{PgTxId, StoreId, TransactionId};

texts! {
    ATTEMPT_BY_PG_TX_ID = "SELECT transaction_id FROM payments WHERE store_id = ?1 AND pg_tx_id = ?2 \
        ORDER BY created_at DESC LIMIT 1";
}

impl Storage {
    /// The attempt that a payment stands by and that the PSP names so; the latest, should two PSPs have the
    /// same name.
    pub async fn attempt_by_pg_tx_id(
        &self,
        store: &StoreId,
        id: &PgTxId,
    ) -> Result<Option<TransactionId>, ReadError> {
        let values = vec![text(store.as_str()), text(id.as_str())];
        self.one("payments", ATTEMPT_BY_PG_TX_ID, values, |mut row| {
            Ok(TransactionId::known(row.text("transaction_id")?))
        })
        .await
    }
}
