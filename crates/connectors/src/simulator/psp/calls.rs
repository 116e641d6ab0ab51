//! The calls of the API: what each body leads to.

use super::api::{
    AccountBody, AuthenticationBody, CaptureBody, CashReceiptBody, ChargeBody, CodeBody, IdentityCodeBody,
    IdentityRequestBody, RefundBody, TokenBody, garbage, refusal,
};
use super::books::BooksError;
use super::cards::{self, Behaviour, Instrument, Verdict};
use super::code::Code;
use super::order::{self, Account, Means, Opening, Order};
use super::pages::{ORDER, order_record, page};
use super::secret::number_below;
use super::{Asking, Done, Psp, PspAnswer, Trouble, announced};
use crate::exchange::ExchangeRequest;
use http::{Method, StatusCode};
use jiff::Timestamp;
use paypier_domain::money::{Amount, Currency};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

const MAX_REFERENCE_CHARS: usize = 255;

impl Psp {
    pub(super) async fn execute(
        &self,
        asking: &Asking<'_>,
        request: &ExchangeRequest,
    ) -> Result<Done, Trouble> {
        let path = request.path.split('?').next().unwrap_or_default();
        let mut segments = Vec::new();
        for segment in path.strip_prefix("/v1/").ok_or(Code::UnknownCall)?.split('/') {
            segments.push(percent_decode_str(segment).decode_utf8().map_err(|_| Code::InvalidRequest)?);
        }
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let body = &request.body;
        match (&request.method, segments.as_slice()) {
            (&Method::POST, ["charges"]) => self.charge(asking, read(body)?).await,
            (&Method::GET, ["charges", reference]) => self.query(asking, reference).await,
            (&Method::POST, ["charges", reference, "capture"]) => {
                self.capture(asking, reference, read(body)?).await
            }
            (&Method::POST, ["charges", reference, "refunds"]) => {
                self.refund(asking, reference, read(body)?).await
            }
            (&Method::POST, ["charges", reference, "refunds", refund, "stop"]) => {
                self.stop(asking, reference, |order| order.place_of_refund(refund)).await
            }
            (&Method::POST, ["refunds", id, "stop"]) => {
                let (place, reference) = order::read_refund_id(id).ok_or(Code::RefundNotFound)?;
                self.stop(asking, reference, |_| Some(place)).await
            }
            (&Method::POST, ["charges", reference, "delivery"]) => {
                self.report_delivery(asking, reference, read(body)?).await
            }
            (&Method::PUT, ["charges", reference, "delivery"]) => {
                self.correct_delivery(asking, reference, read(body)?).await
            }
            (&Method::POST, ["charges", reference, "delivery", "complete"]) => {
                self.complete_delivery(asking, reference).await
            }
            (&Method::PUT, ["charges", reference, "store-lines"]) => {
                self.register_store_lines(asking, reference, read(body)?).await
            }
            (&Method::POST, ["charges", reference, "delivery-proof"]) => {
                self.confirm_delivery(asking, reference, read(body)?).await
            }
            (&Method::GET, ["kakaopay", "orders", tid, reference]) => {
                self.kakaopay_order(asking, tid, reference).await
            }
            (&Method::GET, ["card-discounts", amount]) => Self::card_discounts(amount),
            (&Method::POST, ["virtual-accounts"]) => self.open_account(asking, read(body)?).await,
            (&Method::POST, ["virtual-accounts", reference, "close"]) => {
                self.close_account(asking, reference).await
            }
            (&Method::POST, ["authentications"]) => {
                self.authenticate(asking, read::<AuthenticationBody>(body)?).await
            }
            (&Method::POST, ["authentications", token, "code"]) => {
                self.answer_challenge(asking, token, read::<CodeBody>(body)?).await
            }
            (&Method::POST, ["cash-receipts"]) => {
                self.issue_cash_receipt(asking, read::<CashReceiptBody>(body)?).await
            }
            (&Method::GET, ["cash-receipts", reference]) => self.query_cash_receipt(asking, reference).await,
            (&Method::POST, ["cash-receipts", reference, "cancel"]) => {
                self.cancel_cash_receipt(asking, reference).await
            }
            (&Method::POST, ["identity-verifications"]) => {
                self.request_identity(asking, read::<IdentityRequestBody>(body)?).await
            }
            (&Method::GET, ["identity-verifications", reference]) => {
                self.query_identity(asking, reference).await
            }
            (&Method::POST, ["identity-verifications", reference, "resend"]) => {
                self.resend_identity(asking, reference).await
            }
            (&Method::POST, ["identity-verifications", reference, "confirm"]) => {
                self.confirm_identity(asking, reference, read::<IdentityCodeBody>(body)?).await
            }
            (&Method::POST, ["tokens"]) => self.issue_token(asking, read::<TokenBody>(body)?).await,
            (&Method::DELETE, ["tokens", token]) => self.delete_token(asking, token).await,
            _ => Err(Code::UnknownCall.into()),
        }
    }

    async fn charge(&self, asking: &Asking<'_>, body: ChargeBody) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        if body.amount.is_zero() {
            return Err(Code::InvalidRequest.into());
        }
        let instrument = match (&body.card, &body.token) {
            (Some(card), None) => card.number(),
            (None, Some(token)) => token,
            (Some(_), Some(_)) | (None, None) => return Err(Code::InvalidRequest.into()),
        };
        let opening = self.opening(
            asking,
            &body.reference,
            body.order_name,
            body.amount,
            body.currency,
            &[if body.manual_capture { "approve" } else { "charge" }, instrument],
        );
        let read = match (&body.card, &body.token) {
            (Some(card), _) => cards::read(card, asking.now)
                .map(|card| (card.behaviour, Instrument::KeyIn, Means::Card(card.facts))),
            (None, Some(token)) => match self.usable_token(asking, token).await? {
                Some(page) if page.expiry.is_some_and(|expiry| expiry.is_past(asking.now)) => {
                    Err(Code::ExpiredCard)
                }
                Some(page) if !page.is_for(&body.reference, body.amount, body.currency) => {
                    return Err(Code::AuthenticationFailed.into());
                }
                Some(page) => Ok((page.behaviour, Instrument::Token, page.means())),
                // The token may have been deleted after the charge that is repeated here.
                None => {
                    return self
                        .repeated(asking, &body.reference, &opening.fingerprint, Code::TokenNotFound)
                        .await;
                }
            },
            (None, None) => Err(Code::InvalidCard),
        };
        let order = match read {
            Err(code) => Order::declined(opening, code, None, asking.now),
            Ok((behaviour, instrument, means)) => match behaviour.verdict(instrument) {
                Verdict::Approve => {
                    Order::approved(opening, behaviour, means, body.manual_capture, asking.now)
                }
                Verdict::Decline(code) => Order::declined(opening, code, Some(means), asking.now),
                Verdict::Fail => return Err(Code::PspError.into()),
                Verdict::Vanish => return Ok(Done::silence()),
            },
        };
        let order = order.held(body.escrow);
        let (dues, is_first) = match (order.approved_at(), order.behaviour) {
            // What is decided later is announced when it is.
            (None, _) => {
                (order.decided_at().map_or_else(Vec::new, |due| asking.announcements(vec![due])), false)
            }
            (Some(_), Behaviour::NotifiedFirst) => (vec![asking.now, asking.now], true),
            (Some(_), _) => (asking.announcements(Vec::new()), false),
        };
        self.open(asking, &body.reference, order, dues, is_first).await
    }

    async fn open_account(&self, asking: &Asking<'_>, body: AccountBody) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        if body.amount.is_zero() || body.bank.trim().is_empty() || body.expires_at <= asking.now {
            return Err(Code::InvalidRequest.into());
        }
        let parts = [
            "account",
            body.bank.as_str(),
            body.fixed_account.as_deref().unwrap_or_default(),
            body.fixed_account_id.as_deref().unwrap_or_default(),
        ];
        let opening =
            self.opening(asking, &body.reference, body.order_name, body.amount, body.currency, &parts);
        let (number, kind) = match (body.fixed_account, body.fixed_account_id) {
            (Some(number), _) => (number, "FIXED"),
            (None, Some(id)) => (self.fixed_account_number(asking.store, asking.merchant, &id), "FIXED"),
            (None, None) => (self.next_account_number(asking.store, asking.now).await?, "NORMAL"),
        };
        let account = Account {
            bank: body.bank,
            number,
            kind: kind.to_owned(),
            remittee_name: body.remittee_name,
            remitter_name: body.remitter_name,
            issued_at: asking.now,
            expires_at: body.expires_at,
            deposited: Amount::ZERO,
            sent_back: Amount::ZERO,
            is_paid_after_close: false,
        };
        let order = Order::waiting(opening, account, asking.now).held(body.escrow);
        // The expiry is announced when it comes; an account that is paid by then is announced as paid.
        self.open(asking, &body.reference, order, asking.announcements(vec![body.expires_at]), false).await
    }

    fn opening(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        order_name: String,
        amount: Amount,
        currency: Currency,
        parts: &[&str],
    ) -> Opening {
        let name = self.deriver.derive("order", &[asking.store.as_str(), asking.merchant, reference]);
        let minor_units = amount.minor_units().to_string();
        let mut essentials =
            vec![asking.store.as_str(), asking.merchant, reference, minor_units.as_str(), currency.code()];
        essentials.extend(parts);
        Opening {
            id: format!(
                "sbx_{}{:016x}",
                hex::encode(name.first_chunk::<8>().unwrap_or(&[0; 8])),
                asking.random
            ),
            fingerprint: self.deriver.derive_hex("fingerprint", &essentials),
            order_name,
            amount,
            currency,
            approval_number: format!("{:08}", number_below(&name, 8, 100_000_000)),
        }
    }

    /// Writes a new order without looking whether there is one: the write itself finds out.
    async fn open(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        mut order: Order,
        dues: Vec<Timestamp>,
        is_announced_first: bool,
    ) -> Result<Done, Trouble> {
        let notifications = announced(&mut order, reference, dues);
        let ids = notifications.iter().map(|n| n.id.clone()).collect();
        let record = order_record(asking.store, asking.merchant, reference, &order, None)?;
        match self.books.write(record, notifications).await {
            Ok(()) => {}
            Err(BooksError::Conflict) => {
                return self.repeated(asking, reference, order.fingerprint(), Code::PspError).await;
            }
            Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
        }
        if order.approved_at().is_some() && order.loses_answer() {
            return Ok(Done::silence());
        }
        let done = self.told(asking, &order, reference);
        Ok(if is_announced_first { Done { notify_first: ids, ..done } } else { done })
    }

    /// The answer to a request under a reference that may be taken: the first one, if it is the same
    /// request. `otherwise` when there is none.
    async fn repeated(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        fingerprint: &str,
        otherwise: Code,
    ) -> Result<Done, Trouble> {
        let Some(record) = self.books.record(asking.store, ORDER, reference).await? else {
            return Err(otherwise.into());
        };
        let order: Order = page(&record)?;
        if record.merchant_id != asking.merchant || !order.is_repeated_by(fingerprint) {
            return Err(Code::ReferenceReused.into());
        }
        Ok(self.told(asking, &order.at_first(), reference))
    }

    /// An order as the answer to the request that opened it.
    fn told(&self, asking: &Asking<'_>, order: &Order, reference: &str) -> Done {
        match order.state {
            order::State::Declined { code, .. } => Done::with(PspAnswer::Answer(refusal(code))),
            order::State::Approved { .. }
            | order::State::Processing { .. }
            | order::State::WaitingForDeposit
            | order::State::Paid { .. }
            | order::State::Expired { .. }
            | order::State::Closed { .. } => self.shown(asking, order, reference),
        }
    }

    pub(super) fn shown(&self, asking: &Asking<'_>, order: &Order, reference: &str) -> Done {
        Done::answering(&order.view(reference, &self.receipt_url(asking.store, reference)))
    }

    async fn query(&self, asking: &Asking<'_>, reference: &str) -> Result<Done, Trouble> {
        let (order, is_lost) = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                Ok((order.loses_query(), Vec::new()))
            })
            .await
            .map(|changed| (changed.order, changed.value))?;
        if is_lost {
            return Ok(Done::with(PspAnswer::Answer(garbage(StatusCode::BAD_GATEWAY))));
        }
        Ok(self.shown(asking, &order, reference))
    }

    async fn capture(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: CaptureBody,
    ) -> Result<Done, Trouble> {
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                order.capture(body.amount, asking.now)?;
                Ok(((), Vec::new()))
            })
            .await?;
        Ok(self.shown(asking, &changed.order, reference))
    }

    async fn refund(&self, asking: &Asking<'_>, reference: &str, body: RefundBody) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                let is_new = order.place_of_refund(&body.reference).is_none();
                let place = order.refund(&body, asking.now)?;
                let ends = order.pending_until(place).into_iter().collect();
                let is_refused = order.refused_with(place).is_some();
                Ok((place, if is_new && !is_refused { asking.announcements(ends) } else { Vec::new() }))
            })
            .await?;
        if let Some(code) = changed.order.refused_with(changed.value) {
            return Err(code.into());
        }
        let receipt = self.receipt_url(asking.store, reference);
        let view = changed.order.refund_view_at_first(changed.value, reference, &receipt);
        Ok(Done::answering(&view.ok_or(Code::RefundNotFound)?))
    }

    async fn stop(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        place: impl Fn(&Order) -> Option<usize> + Send + Sync,
    ) -> Result<Done, Trouble> {
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                let place = place(order).ok_or(Code::RefundNotFound)?;
                order.stop_refund(place, asking.now)?;
                Ok((place, Vec::new()))
            })
            .await?;
        let receipt = self.receipt_url(asking.store, reference);
        let view = changed.order.refund_view(changed.value, reference, &receipt);
        Ok(Done::answering(&view.ok_or(Code::RefundNotFound)?))
    }

    async fn close_account(&self, asking: &Asking<'_>, reference: &str) -> Result<Done, Trouble> {
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                order.close(asking.now)?;
                Ok(((), Vec::new()))
            })
            .await?;
        Ok(self.shown(asking, &changed.order, reference))
    }
}

impl Asking<'_> {
    /// A reference that can be one, and that is the idempotency key if there is one.
    pub(super) fn accepts(&self, reference: &str) -> Result<(), Code> {
        let is_fit = !reference.is_empty()
            && reference.chars().count() <= MAX_REFERENCE_CHARS
            && !reference.chars().any(char::is_control)
            && self.key.is_none_or(|key| key == reference);
        if is_fit { Ok(()) } else { Err(Code::InvalidRequest) }
    }

    /// When a change is announced: as it is due, and once more when the fault says so.
    fn announcements(&self, dues: Vec<Timestamp>) -> Vec<Timestamp> {
        match (self.announces_twice, dues.is_empty()) {
            (false, _) => dues,
            (true, true) => vec![self.now, self.now],
            (true, false) => dues.iter().flat_map(|due| [*due, *due]).collect(),
        }
    }
}

/// What the reader would say about a wrong body quotes it, card number and all; so it is not said.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Code> {
    serde_json::from_slice(body).map_err(|_| Code::InvalidRequest)
}
