//! Identity verification: a code by SMS, or an app that asks.
//!
//! The code is always `000000`. Every third wrong code closes a request, and so do ten minutes. What a
//! request yields is derived from what it said, so that it is the same each time: one person has one CI
//! everywhere, and one DI at each merchant. Neither is kept; both are made when they are asked for.

use super::api::{IdentityCodeBody, IdentityRequestBody};
use super::books::BooksError;
use super::code::Code;
use super::pages::{document, page};
use super::{Asking, Done, Psp, TRIES, Trouble};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use paypier_domain::identity_verification::Birth;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

const IDENTITY: &str = "identity";
const CODE: &str = "000000";
const MOST_WRONG_CODES: u32 = 3;
const MOST_RESENDS: u32 = 5;
const VALID_FOR: SignedDuration = SignedDuration::from_mins(10);
/// A resident number without its last six digits.
const RESIDENT_DIGITS: usize = 7;

/// As it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Page {
    id: String,
    fingerprint: String,
    name: String,
    phone_number: String,
    operator: Option<String>,
    /// `yyyy-MM-dd`.
    birth_date: String,
    gender: String,
    is_foreigner: bool,
    by_app: bool,
    sent_at: Timestamp,
    resends: u32,
    wrong_codes: u32,
    /// The app was answered.
    approved_at: Option<Timestamp>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Waiting,
    Verified { at: Timestamp },
    Closed { at: Timestamp },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    reference: &'a str,
    status: &'static str,
    sent_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonView<'a> {
    name: &'a str,
    phone_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
    birth_date: &'a str,
    gender: &'a str,
    is_foreigner: bool,
    ci: String,
    di: String,
}

/// Why an app cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    #[error("the simulated PSP has no such identity verification")]
    NotFound,
    #[error("the identity verification is by SMS: confirm it with the code 000000")]
    NotByApp,
    #[error("the identity verification does not wait for the app any more")]
    NotWaiting,
    #[error(transparent)]
    Books(#[from] BooksError),
}

impl Page {
    fn is_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.sent_at) >= VALID_FOR
    }

    /// Time closes what nobody confirmed.
    fn advance(&mut self, now: Timestamp) {
        if self.state == State::Waiting && self.is_expired(now) {
            self.state = State::Closed { at: now };
        }
    }
}

impl Psp {
    /// Sends a code, or has an app ask.
    pub(super) async fn request_identity(
        &self,
        asking: &Asking<'_>,
        body: IdentityRequestBody,
    ) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        let reference = body.reference.as_str();
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let by_app = match body.method.as_str() {
            "SMS" => false,
            "APP" => true,
            _ => return Err(Code::InvalidRequest.into()),
        };
        let resident = body.identity_number();
        let is_complete = !body.name.trim().is_empty()
            && is_digits(&body.phone_number)
            && resident.map_or(by_app, |digits| digits.len() == RESIDENT_DIGITS && is_digits(digits));
        if !is_complete {
            return Err(Code::InvalidRequest.into());
        }
        let birth = match resident {
            Some(digits) => Some(Birth::of_resident_number(digits).ok_or(Code::InvalidRequest)?),
            None => None,
        };
        // Without the number the app knows who it is; here, the phone number decides.
        let seventh = resident.and_then(|digits| digits.as_bytes().get(6).copied()).unwrap_or(b'1');
        let birth_date =
            birth.map_or_else(|| "1990-01-01".to_owned(), |b| format!("{}-{}-{}", b.year, b.month, b.day));
        let name = [asking.store.as_str(), asking.merchant, reference];
        let essentials = [&name[..], &[&body.name, &body.phone_number, &birth_date, &body.method]].concat();
        let derived = self.deriver.derive("identity", &name);
        let requested = Page {
            id: format!("sbxi_{}", hex::encode(derived.first_chunk::<8>().unwrap_or(&[0; 8]))),
            fingerprint: self.deriver.derive_hex("identity-fingerprint", &essentials),
            name: body.name.clone(),
            phone_number: body.phone_number.clone(),
            operator: body.operator.clone(),
            birth_date,
            gender: if matches!(seventh, b'2' | b'4' | b'6' | b'8' | b'0') { "FEMALE" } else { "MALE" }
                .into(),
            is_foreigner: matches!(seventh, b'5'..=b'8'),
            by_app,
            sent_at: asking.now,
            resends: 0,
            wrong_codes: 0,
            approved_at: None,
            state: State::Waiting,
        };
        match self.books.write(record(asking, reference, &requested, None)?, Vec::new()).await {
            Ok(()) => Ok(self.identity_told(asking, reference, &requested)),
            Err(BooksError::Conflict) => {
                let (_, stored) = self.stored_identity(asking, reference).await?;
                if stored.fingerprint != requested.fingerprint {
                    return Err(Code::ReferenceReused.into());
                }
                // As the first answer told it.
                Ok(self.identity_told(asking, reference, &Page { state: State::Waiting, ..stored }))
            }
            Err(error @ BooksError::Unavailable(_)) => Err(error.into()),
        }
    }

    pub(super) async fn query_identity(&self, asking: &Asking<'_>, reference: &str) -> Result<Done, Trouble> {
        let (_, mut stored) = self.stored_identity(asking, reference).await?;
        stored.advance(asking.now);
        Ok(self.identity_told(asking, reference, &stored))
    }

    /// Sends another code; wrong ones go on being counted.
    pub(super) async fn resend_identity(
        &self,
        asking: &Asking<'_>,
        reference: &str,
    ) -> Result<Done, Trouble> {
        self.change_identity(asking, reference, |stored, now| {
            match stored.state {
                State::Waiting if stored.by_app => return Err(Code::IdentityNotBySms),
                State::Waiting if stored.resends >= MOST_RESENDS => return Err(Code::IdentityResentTooOften),
                State::Waiting => {}
                State::Verified { .. } | State::Closed { .. } => return Err(Code::IdentityClosed),
            }
            stored.resends = stored.resends.saturating_add(1);
            stored.sent_at = now;
            Ok(())
        })
        .await
    }

    /// Looks at the code, or whether the app was answered. Repeated after success: the first answer, if
    /// the code is right.
    pub(super) async fn confirm_identity(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: IdentityCodeBody,
    ) -> Result<Done, Trouble> {
        self.change_identity(asking, reference, |stored, now| {
            let is_shown = if stored.by_app {
                stored.approved_at.is_some()
            } else {
                body.otp().is_some_and(|otp| bool::from(otp.as_bytes().ct_eq(CODE.as_bytes())))
            };
            match (stored.state, is_shown) {
                (State::Closed { .. }, _) => Err(Code::IdentityClosed),
                (State::Verified { .. }, true) => Ok(()),
                (State::Waiting, true) => {
                    stored.state = State::Verified { at: now };
                    Ok(())
                }
                (State::Waiting | State::Verified { .. }, false) if stored.by_app => {
                    Err(Code::IdentityNotApproved)
                }
                (State::Verified { .. }, false) => Err(Code::IdentityOtpWrong),
                (State::Waiting, false) => {
                    stored.wrong_codes = stored.wrong_codes.saturating_add(1);
                    if stored.wrong_codes < MOST_WRONG_CODES {
                        return Err(Code::IdentityOtpWrong);
                    }
                    stored.state = State::Closed { at: now };
                    Err(Code::IdentityClosed)
                }
            }
        })
        .await
    }

    /// Lets time pass, decides and writes what changed, also when it was refused: a wrong code counts.
    async fn change_identity(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        decide: impl Fn(&mut Page, Timestamp) -> Result<(), Code> + Send + Sync,
    ) -> Result<Done, Trouble> {
        for _ in 0..TRIES {
            let (version, before) = self.stored_identity(asking, reference).await?;
            let mut stored = before.clone();
            stored.advance(asking.now);
            let decided = decide(&mut stored, asking.now);
            if stored != before {
                let record = record(asking, reference, &stored, Some(version))?;
                match self.books.write(record, Vec::new()).await {
                    Ok(()) => {}
                    Err(BooksError::Conflict) => continue,
                    Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
                }
            }
            decided?;
            return Ok(self.identity_told(asking, reference, &stored));
        }
        Err(BooksError::Conflict.into())
    }

    /// Plays the person who answers the app.
    ///
    /// # Errors
    /// See [`ApprovalRefusal`].
    pub async fn approve_identity(
        &self,
        store: &StoreId,
        reference: &str,
        now: Timestamp,
    ) -> Result<(), ApprovalRefusal> {
        for _ in 0..TRIES {
            let found = self.books.record(store, IDENTITY, reference).await?;
            let record = found.ok_or(ApprovalRefusal::NotFound)?;
            let mut stored: Page = page(&record)?;
            stored.advance(now);
            if !stored.by_app {
                return Err(ApprovalRefusal::NotByApp);
            }
            match stored.state {
                State::Waiting => {}
                State::Verified { .. } | State::Closed { .. } => return Err(ApprovalRefusal::NotWaiting),
            }
            if stored.approved_at.is_some() {
                return Ok(());
            }
            stored.approved_at = Some(now);
            let next = SimulatorRecord {
                version: record.version.saturating_add(1),
                expects: Some(record.version),
                document: document(&stored)?,
                ..record
            };
            match self.books.write(next, Vec::new()).await {
                Ok(()) => return Ok(()),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
            }
        }
        Err(BooksError::Conflict.into())
    }

    async fn stored_identity(&self, asking: &Asking<'_>, reference: &str) -> Result<(u64, Page), Trouble> {
        let found = self.books.record(asking.store, IDENTITY, reference).await?;
        let found =
            found.filter(|found| found.merchant_id == asking.merchant).ok_or(Code::IdentityNotFound)?;
        Ok((found.version, page(&found)?))
    }

    fn identity_told(&self, asking: &Asking<'_>, reference: &str, stored: &Page) -> Done {
        let (status, verified_at) = match stored.state {
            State::Waiting => ("WAITING", None),
            State::Verified { at } => ("VERIFIED", Some(at)),
            State::Closed { .. } => ("CLOSED", None),
        };
        let person = verified_at.map(|_| {
            let who = [stored.name.as_str(), stored.birth_date.as_str(), stored.gender.as_str()];
            let at_merchant = [&[asking.store.as_str(), asking.merchant][..], &who].concat();
            PersonView {
                name: &stored.name,
                phone_number: &stored.phone_number,
                operator: stored.operator.as_deref(),
                birth_date: &stored.birth_date,
                gender: &stored.gender,
                is_foreigner: stored.is_foreigner,
                // 88 and 64 characters, as real ones have.
                ci: STANDARD.encode(
                    [self.deriver.derive("ci", &who), self.deriver.derive("ci, second half", &who)].concat(),
                ),
                di: hex::encode(self.deriver.derive("di", &at_merchant)),
            }
        });
        Done::answering(&View {
            id: &stored.id,
            reference,
            status,
            sent_at: stored.sent_at,
            verified_at,
            person,
        })
    }
}

fn record(
    asking: &Asking<'_>,
    reference: &str,
    stored: &Page,
    expects: Option<u64>,
) -> Result<SimulatorRecord, BooksError> {
    Ok(SimulatorRecord {
        store: asking.store.clone(),
        kind: IDENTITY.to_owned(),
        id: reference.to_owned(),
        version: expects.unwrap_or(0).saturating_add(1),
        expects,
        merchant_id: asking.merchant.to_owned(),
        currency: None,
        approved: 0,
        refunded: 0,
        at: stored.sent_at,
        document: document(stored)?,
    })
}
