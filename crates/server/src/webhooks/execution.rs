//! One try of one delivery: render, sign, send, and say what came of it.

use super::send::{Answer, NoAnswer, Parcel};
use super::{render, sign};
use crate::app::App;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use bytes::Bytes;
use paypier_domain::delivery::{Delivery, Execution, ExecutionResult, Response};
use tokio::time::Instant;

impl App {
    /// Sends a delivery once and returns what was sent and what came back. Writes nothing.
    ///
    /// # Errors
    /// Nothing was sent: the event could not be read, or a signing secret not be opened. A receiver
    /// that fails is no error but a result.
    pub async fn execute(&self, profile: &StoreProfile, delivery: &Delivery) -> Result<Execution, Failure> {
        let body = self.body_of(delivery).await?;
        // Receivers compare the header's time with their own clock, so it is the real one; the record
        // is in the store's time like everything else about the payment.
        let real_now = self.clock.now();
        // A message that was frozen when it happened has its dialect's signature inside.
        let keys = if delivery.body.is_some() {
            Vec::new()
        } else {
            sign::active_keys(&self.keyring, &profile.webhook_secrets, delivery.environment, real_now)
                .map_err(Failure::internal)?
        };
        let mut headers =
            vec![("content-type", render::content_type(delivery.version, delivery.content_type).to_owned())];
        headers.extend(sign::headers(&keys, delivery.id.as_str(), real_now, body.as_bytes()));
        let request_header = header_text(headers.iter().map(|(name, value)| (*name, value.as_str())));
        let requested_at = self.now(profile, delivery.environment);
        let parcel =
            Parcel { url: delivery.url.clone(), headers, body: Bytes::from(body.clone().into_bytes()) };

        let carried = {
            let _under_way = UnderWay::begun();
            let started = Instant::now();
            let carried = self.mailroom.courier.carry(parcel).await;
            metrics::histogram!("paypier_webhook_delivery_seconds").record(started.elapsed());
            carried
        };

        let (result, response) = match carried {
            Ok(Answer { status, headers, body }) => {
                let result = match status {
                    200..=299 => ExecutionResult::Succeeded,
                    _ => ExecutionResult::NotOk,
                };
                let header = header_text(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let responded_at = self.now(profile, delivery.environment);
                (result, Some(Response { code: status, header, body, responded_at }))
            }
            Err(NoAnswer(reason)) => {
                tracing::info!(webhook.id = %delivery.id, store.id = %delivery.store, reason, "a webhook got no answer");
                (ExecutionResult::UnexpectedError, None)
            }
        };
        let word = match result {
            ExecutionResult::Succeeded => "succeeded",
            ExecutionResult::NotOk => "not_ok",
            ExecutionResult::UnexpectedError => "no_answer",
        };
        metrics::counter!("paypier_webhook_deliveries_total", "result" => word).increment(1);
        Ok(Execution { result, requested_at, request_header, request_body: body, response })
    }

    /// The bytes that were sent before, or else the event in the delivery's version. Taking them
    /// from the record keeps them equal also when a newer release renders the event differently.
    async fn body_of(&self, delivery: &Delivery) -> Result<String, Failure> {
        if let Some(last) = &delivery.last {
            return Ok(last.request_body.clone());
        }
        if let Some(body) = &delivery.body {
            return Ok(body.clone());
        }
        let stored = self.storage.event_of(delivery).await?.ok_or_else(|| {
            Failure::internal(format!("the event {} of the webhook {} is gone", delivery.event, delivery.id))
        })?;
        render::render(&stored.event, delivery.version, delivery.content_type)
            .map(|rendered| rendered.body)
            .ok_or_else(|| {
                Failure::internal(format!(
                    "the webhook {} is of a version that does not know its event",
                    delivery.id
                ))
            })
    }
}

/// Headers as the text of a JSON object, in the order given.
fn header_text<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let members: Vec<String> = headers
        .map(|(name, value)| format!("{}:{}", serde_json::Value::from(name), serde_json::Value::from(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A webhook that waits for its receiver, in the metrics, until this is dropped: also when the sending is
/// given up.
struct UnderWay;

impl UnderWay {
    fn begun() -> Self {
        metrics::gauge!("paypier_webhook_deliveries_under_way").increment(1.0);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        metrics::gauge!("paypier_webhook_deliveries_under_way").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_text_is_json_whatever_the_values() {
        let text = header_text([("content-type", "text/plain"), ("x-odd", "a\"b\\c\u{7f}주")].into_iter());
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, serde_json::json!({"content-type": "text/plain", "x-odd": "a\"b\\c\u{7f}주"}));
        assert_eq!(header_text(std::iter::empty()), "{}");
    }
}
