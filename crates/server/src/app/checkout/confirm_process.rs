//! The confirm process: the merchant's server is asked just before a payment is approved.
//!
//! A question and not an event: signed like a webhook, sent once, never again, and not recorded among
//! them. Only HTTP 200 in time approves; everything else, silence included, does not. That the question is
//! being asked is durable before it leaves: a process that dies while it waits leaves a job that ends the
//! attempt, because nobody may ask a second time and nobody knows what was answered.

use super::Visit;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use crate::webhooks::send::Parcel;
use crate::webhooks::sign;
use bytes::Bytes;
use jiff::Timestamp;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::checkout::{EndCode, Ending, PaymentPurpose, Step};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::payment::{self, settle};
use paypier_storage::CommitError;
use paypier_wire::webhook::{v2024_01_01, v2024_04_25};
use std::time::Duration;

/// How long the merchant's server may take.
const PATIENCE: Duration = Duration::from_secs(10);
const HTTP_OK: u16 = 200;
/// The longest message of the merchant's that is passed on, in characters.
const LONGEST_MESSAGE: usize = 500;
const REFUSED: &str = "the merchant's server did not confirm the payment";
const SILENT: &str = "the merchant's server did not answer the confirm request in time";
const INTERRUPTED: &str = "the confirm request was interrupted; nothing was charged";

impl App {
    /// Asks the merchant's server. `true` when it confirmed and the window still waits for that; else the
    /// attempt has failed.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(super) async fn is_confirmed(
        &self,
        visit: &Visit,
        about: &PaymentPurpose,
        url: &str,
    ) -> Result<bool, Failure> {
        if !self.begin_confirming(visit).await? {
            return Ok(false);
        }
        let answered = match self.question(visit, about, url) {
            Ok(parcel) => tokio::time::timeout(PATIENCE, self.mailroom.courier.carry(parcel)).await,
            Err(failure) => {
                self.end_confirming(&visit.window.digest, REFUSED).await?;
                return Err(failure);
            }
        };
        let message = match answered {
            Ok(Ok(answer)) if answer.status == HTTP_OK => return Ok(true),
            Ok(Ok(answer)) => message_of(&answer.body).unwrap_or_else(|| REFUSED.to_owned()),
            Ok(Err(no_answer)) => {
                tracing::info!(store.id = %visit.window.store, reason = %no_answer, "a confirm request got no answer");
                SILENT.to_owned()
            }
            Err(_) => SILENT.to_owned(),
        };
        self.end_confirming(&visit.window.digest, &message).await?;
        Ok(false)
    }

    /// Whether this caller gets to ask: of two tabs one does.
    async fn begin_confirming(&self, visit: &Visit) -> Result<bool, Failure> {
        let moment = self.moment(&visit.profile, visit.window.environment);
        let next = visit.window.at(Step::Confirming { since: moment.at });
        let mut change = next.replacing(Some(&visit.window));
        change.jobs.push(JobWrite::Put(Job {
            task: Task::EndConfirming { window: visit.window.digest },
            store: visit.window.store.clone(),
            environment: visit.window.environment,
            due_at: moment.at.checked_add(self.policy.limits.answer_overdue).unwrap_or(Timestamp::MAX),
            runs: 0,
        }));
        match self.commit(&visit.profile, &Ticket::none(), change).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The confirm process was interrupted: the attempt ends. Safe to repeat, because only an attempt
    /// that still waits in a window that still asks is ended, and both are guarded by the write.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub async fn give_up_confirming(&self, window: &[u8; 32]) -> Result<(), Failure> {
        self.end_confirming(window, INTERRUPTED).await
    }

    async fn end_confirming(&self, digest: &[u8; 32], message: &str) -> Result<(), Failure> {
        for _ in 0..MOST_TRIES {
            let Some(window) = self.storage.window(digest).await? else { return Ok(()) };
            let Some(visit) = self.visit_of(window).await? else { return Ok(()) };
            if !matches!(visit.window.step, Step::Confirming { .. }) {
                return Ok(());
            }
            let Some(about) = visit.window.purpose.payment() else { return Ok(()) };
            let Some(payment) = &visit.payment else { return Ok(()) };
            let moment = self.moment(&visit.profile, payment.environment);
            let failure = payment::Failure {
                at: moment.at,
                reason: Some(message.to_owned()),
                pg_code: None,
                pg_message: None,
            };
            let given_up = settle::given_up(payment, &about.transaction, failure, moment.at);
            let Some(decided) = given_up else { return Ok(()) };
            let ending = Ending {
                code: EndCode::ConfirmProcessFailed,
                message: message.to_owned(),
                pg_code: None,
                pg_message: None,
            };
            let ended = visit.window.at(Step::Ended(ending)).replacing(Some(&visit.window));
            let mut change = decided.change.and(ended);
            change.jobs.push(JobWrite::Remove(Task::EndConfirming { window: *digest }.key()));
            match self.commit(&visit.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// The signed question, in the words of the store's payload version.
    fn question(&self, visit: &Visit, about: &PaymentPurpose, url: &str) -> Result<Parcel, Failure> {
        let environment = visit.window.environment;
        let total_amount = visit.attempt().map_or(0, |attempt| attempt.amounts.total.minor_units());
        let (version, kind) = visit
            .profile
            .endpoint(environment)
            .map_or((PayloadVersion::V20240425, PayloadContentType::Json), |endpoint| {
                (endpoint.version, endpoint.content_type)
            });
        let body = match version {
            PayloadVersion::V20240425 => {
                let question = v2024_04_25::Question::Confirm(v2024_04_25::Message {
                    timestamp: self.now(&visit.profile, environment).into(),
                    data: v2024_04_25::ConfirmData {
                        store_id: visit.window.store.to_string(),
                        payment_id: about.payment.to_string(),
                        transaction_id: about.transaction.to_string(),
                        total_amount,
                    },
                });
                serde_json::to_string(&question).map_err(Failure::internal)?
            }
            PayloadVersion::V20240101 => {
                let question = v2024_01_01::Confirm {
                    payment_id: about.payment.to_string(),
                    tx_id: about.transaction.to_string(),
                    total_amount,
                };
                match kind {
                    PayloadContentType::Json => {
                        serde_json::to_string(&question).map_err(Failure::internal)?
                    }
                    PayloadContentType::Form => question.to_form(),
                }
            }
        };
        let real_now = self.clock.now();
        let keys = sign::active_keys(&self.keyring, &visit.profile.webhook_secrets, environment, real_now)
            .map_err(Failure::internal)?;
        let content_type = crate::webhooks::render::content_type(version, kind);
        let mut headers = vec![("content-type", content_type.to_owned())];
        let id = self.ids.uuid().to_string();
        headers.extend(sign::headers(&keys, &id, real_now, body.as_bytes()));
        Ok(Parcel { url: url.to_owned(), headers, body: Bytes::from(body.into_bytes()) })
    }
}

/// What the merchant wants its buyer to read.
fn message_of(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let text: String = body
        .get("errorMessage")?
        .as_str()?
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_MESSAGE)
        .collect();
    Some(text).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_may_say_why() {
        for (body, message) in [
            (r#"{"errorMessage":"sold out"}"#, Some("sold out")),
            (r#"{"errorMessage":"a\u0000b\nc"}"#, Some("abc")),
            (r#"{"errorMessage":""}"#, None),
            (r#"{"errorMessage":7}"#, None),
            (r#"{"message":"sold out"}"#, None),
            ("sold out", None),
            ("", None),
        ] {
            assert_eq!(message_of(body).as_deref(), message, "{body}");
        }
        let long = format!(r#"{{"errorMessage":"{}"}}"#, "가".repeat(2_000));
        assert_eq!(message_of(&long).unwrap().chars().count(), LONGEST_MESSAGE);
    }
}
