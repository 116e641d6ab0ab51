//! What the PSP sends on its own account: the order as it stands when the notification goes out.
//!
//! Signed with the merchant's key over the time of signing and the exact body. The time of signing is
//! real time, whatever the store's test clock says: it protects against replays, and those are real.

use super::api::answer;
use super::books::BooksError;
use super::order::OrderView;
use super::secret::keyed;
use super::{Psp, Trouble};
use bytes::Bytes;
use hmac::Mac;
use http::StatusCode;
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use serde::Serialize;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-sandbox-signature";

/// A signed notification, ready to be sent to the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingNotification {
    /// Whose it is: the `pg_merchant_id` of the channel.
    pub merchant_id: String,
    /// The charge that it is about.
    pub reference: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationView<'a> {
    id: &'a str,
    reference: &'a str,
    occurred_at: Timestamp,
    charge: OrderView<'a>,
}

/// The id of an order's notification with this number.
pub(super) fn id(number: usize, reference: &str) -> String {
    format!("sbxn_{number}_{reference}")
}

fn read_id(id: &str) -> Option<(usize, &str)> {
    let (number, reference) = id.strip_prefix("sbxn_")?.split_once('_')?;
    Some((number.parse().ok()?, reference))
}

impl Psp {
    /// Builds the notification that was scheduled with this id: the order as it stands at `now`, the
    /// store's own time, signed at `signed_at`, real time. `None` when nothing was scheduled so. May
    /// be asked any number of times. What time has changed in the order is written down on the way,
    /// so that the books' totals follow the clock.
    ///
    /// # Errors
    /// The books cannot be read or written.
    pub async fn notification(
        &self,
        store: &StoreId,
        id: &str,
        now: Timestamp,
        signed_at: Timestamp,
    ) -> Result<Option<OutgoingNotification>, BooksError> {
        let Some((number, reference)) = read_id(id) else { return Ok(None) };
        let due = |order: &mut super::order::Order| Ok((order.announced(number), Vec::new()));
        let changed = match self.change(store, reference, None, now, due).await {
            Ok(changed) => changed,
            Err(Trouble::Refused(_)) => return Ok(None),
            Err(Trouble::Books(error)) => return Err(error),
        };
        let Some(occurred_at) = changed.value else { return Ok(None) };
        let charge = changed.order.view(reference, &self.receipt_url(store, reference));
        let body = answer(StatusCode::OK, &NotificationView { id, reference, occurred_at, charge }).body;
        let key = self.secret_key(store, &changed.merchant_id);
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            (SIGNATURE_HEADER, signature(&key, signed_at, &body)),
        ];
        Ok(Some(OutgoingNotification {
            merchant_id: changed.merchant_id,
            reference: reference.to_owned(),
            headers,
            body,
        }))
    }
}

/// `t=<seconds>,v1=<hex of HMAC-SHA-256 over "<seconds>.<body>">`.
fn signature(key: &str, signed_at: Timestamp, body: &[u8]) -> String {
    let seconds = signed_at.as_second();
    let mut mac = keyed(key.as_bytes());
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}
