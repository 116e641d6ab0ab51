//! The simulated PSP itself, as another company would have built it.
//!
//! Owns the API below `/v1`, the rules of its orders, refunds, accounts and tokens, its notifications
//! and its own ledger. Leaves to others: durable storage ([`Books`]), time and randomness (handed in
//! with each call), the transport, and the delivery of notifications.
//!
//! What always holds: a request that was executed is in the books before it is answered; a reference
//! is charged once; a card number is looked at and forgotten.
//!
//! | call | what it does |
//! |---|---|
//! | `POST /v1/charges` | charges a card or a token, at once or to be captured |
//! | `GET /v1/charges/{reference}` | how the order stands, with its refunds |
//! | `POST /v1/charges/{reference}/capture` | takes the money of an approved order |
//! | `POST /v1/charges/{reference}/refunds` | gives money back |
//! | `POST /v1/charges/{reference}/refunds/{refund}/stop` | stops a pending refund, named by its reference |
//! | `POST /v1/refunds/{id}/stop` | the same, named by the PSP's id |
//! | `POST /v1/virtual-accounts` | opens an account for one transfer |
//! | `POST /v1/virtual-accounts/{reference}/close` | closes one that nothing was deposited into |
//! | `POST`, `PUT /v1/charges/{reference}/delivery` | reports the parcel of an order in escrow, changes that |
//! | `POST /v1/charges/{reference}/delivery/complete` | completes its purchase |
//! | `PUT /v1/charges/{reference}/store-lines` | puts stores on the sales slip, in place of those there |
//! | `POST /v1/authentications` | takes a buyer's card or a provider's page for a token that is good for one charge |
//! | `POST /v1/authentications/{token}/code` | the code that the card's issuer wanted (3-D Secure) |
//! | `POST /v1/cash-receipts` | issues a cash receipt |
//! | `GET /v1/cash-receipts/{reference}` | how it stands |
//! | `POST /v1/cash-receipts/{reference}/cancel` | withdraws it |
//! | `POST /v1/identity-verifications` | sends a code, or has an app ask |
//! | `GET /v1/identity-verifications/{reference}` | how it stands |
//! | `POST /v1/identity-verifications/{reference}/confirm`, `…/resend` | looks at the code, sends another |
//! | `POST /v1/charges/{reference}/delivery-proof` | records how far a delivery is, as Paymentwall does |
//! | `GET /v1/kakaopay/orders/{tid}/{reference}` | an order as KakaoPay shows it |
//! | `GET /v1/card-discounts/{amount}` | discounts on cards, as KCP gives them |
//! | `POST /v1/tokens`, `DELETE /v1/tokens/{token}` | stores a card, forgets it |
//!
//! Every call carries `X-Sandbox-Store`, `X-Sandbox-Merchant` and `X-Sandbox-Secret`; calls that make
//! something carry `Idempotency-Key`, equal to the reference in the body.

mod accounts;
mod api;
mod authentications;
pub mod books;
mod calls;
mod cards;
pub mod cash_receipt;
pub(super) mod code;
mod delivery;
mod deposits;
mod disputes;
pub mod faults;
pub mod identity;
pub mod ledger;
pub mod notification;
mod order;
mod pages;
pub mod receipt;
mod secret;
mod settings;
mod specialties;
mod store_lines;
#[cfg(test)]
mod tests;
mod tokens;

pub use books::{Books, BooksError, MemoryBooks, ScheduledNotification, Total};
pub use delivery::{DeliveryRefusal, DeliveryStatus};
pub use deposits::{DepositRefusal, Deposited};
pub use disputes::DisputeRefusal;
pub use faults::Faults;
pub use ledger::{LedgerKind, LedgerLine, LedgerPage};
pub use notification::OutgoingNotification;
pub use order::Bank;
pub use receipt::Receipt;

use crate::exchange::{ExchangeRequest, ExchangeResponse};
use api::{answer, garbage, refusal};
use code::Code;
use faults::{Fate, Mishap, Moment, Weather};
use http::StatusCode;
use jiff::Timestamp;
use order::Order;
use pages::{ORDER, order_record, page};
use paypier_domain::id::StoreId;
use secret::Deriver;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// How often a change is decided again when others were faster. Whoever loses so often is told that
/// nothing was executed.
const TRIES: u32 = 64;

/// What the PSP is set up with.
#[derive(Clone)]
pub struct PspOptions {
    /// What merchant keys, tokens and fingerprints are derived from. Keep it: with another secret
    /// the keys in stored channel credentials are refused.
    pub secret: [u8; 32],
    /// Where the PSP's own pages are, receipts among them; without a slash at the end.
    pub public_url: String,
}

impl Drop for PspOptions {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl std::fmt::Debug for PspOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PspOptions({}, ..)", self.public_url)
    }
}

/// What the PSP does about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PspReply {
    /// Ids of notifications that go out before the answer does: whoever carries the answer delivers
    /// them first, or holds the answer back a little. They are queued as well, so that nothing is
    /// lost when nobody heeds this list.
    pub notify_first: Vec<String>,
    /// How long the PSP takes, on top of the work itself.
    pub delay: Duration,
    pub answer: PspAnswer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PspAnswer {
    Answer(ExchangeResponse),
    /// The connection stays silent until the caller gives up.
    NeverAnswer,
}

/// The simulated PSP. One instance serves all stores.
pub struct Psp {
    books: Arc<dyn Books>,
    deriver: Deriver,
    public_url: String,
    /// The faults of each store that was served so far.
    weather: RwLock<HashMap<StoreId, Arc<Weather>>>,
    account_numbers: accounts::Numbers,
}

impl std::fmt::Debug for Psp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Psp({}, ..)", self.public_url)
    }
}

/// Why a request was not executed.
#[derive(Debug)]
enum Trouble {
    Refused(Code),
    Books(BooksError),
}

impl From<Code> for Trouble {
    fn from(code: Code) -> Self {
        Self::Refused(code)
    }
}

impl From<BooksError> for Trouble {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl Trouble {
    fn answer(&self) -> ExchangeResponse {
        match self {
            Self::Refused(code) => refusal(*code),
            // Others were faster each time: certainly nothing was written.
            Self::Books(BooksError::Conflict) => refusal(Code::PspError),
            // A write may have happened: the answer must prove nothing.
            Self::Books(BooksError::Unavailable(_)) => garbage(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// What a request has led to, before faults.
struct Done {
    answer: PspAnswer,
    notify_first: Vec<String>,
}

impl Done {
    fn answering(body: &impl serde::Serialize) -> Self {
        Self::with(PspAnswer::Answer(answer(StatusCode::OK, body)))
    }

    const fn silence() -> Self {
        Self::with(PspAnswer::NeverAnswer)
    }

    const fn with(answer: PspAnswer) -> Self {
        Self { answer, notify_first: Vec::new() }
    }
}

/// Who asks, when, and what is to go wrong.
struct Asking<'a> {
    store: &'a StoreId,
    merchant: &'a str,
    key: Option<&'a str>,
    now: Timestamp,
    random: u64,
    announces_twice: bool,
}

impl Psp {
    pub fn new(books: Arc<dyn Books>, options: PspOptions) -> Self {
        Self {
            books,
            deriver: Deriver::new(&options.secret),
            public_url: options.public_url.clone(),
            weather: RwLock::new(HashMap::new()),
            account_numbers: accounts::Numbers::default(),
        }
    }

    /// The key that the PSP gave to this merchant. A channel's credentials are `{"secretKey": it}`;
    /// notifications are signed with it.
    pub fn secret_key(&self, store: &StoreId, merchant_id: &str) -> String {
        format!("sandbox_sk_{}", self.deriver.derive_hex("merchant", &[store.as_str(), merchant_id]))
    }

    /// Serves one request. `now` is the store's own time, `random` any uniformly distributed number.
    pub async fn handle(
        &self,
        store: &StoreId,
        request: ExchangeRequest,
        now: Timestamp,
        random: u64,
    ) -> PspReply {
        let at_once = |answer| PspReply {
            notify_first: Vec::new(),
            delay: Duration::ZERO,
            answer: PspAnswer::Answer(answer),
        };
        let merchant = header(&request, "x-sandbox-merchant").unwrap_or_default();
        let secret = header(&request, "x-sandbox-secret").unwrap_or_default();
        if merchant.is_empty()
            || !bool::from(secret.as_bytes().ct_eq(self.secret_key(store, merchant).as_bytes()))
        {
            return at_once(refusal(Code::Unauthorized));
        }
        let fate = match self.weather(store).await {
            Ok(weather) => weather.draw(),
            Err(error) => return at_once(Trouble::Books(error).answer()),
        };
        if let Some((mishap, Moment::BeforeWork)) = fate.mishap {
            return struck(mishap, fate);
        }
        let key = header(&request, "idempotency-key");
        let asking = Asking { store, merchant, key, now, random, announces_twice: fate.announces_twice };
        let done = match self.execute(&asking, &request).await {
            Ok(done) => done,
            Err(trouble) => Done::with(PspAnswer::Answer(trouble.answer())),
        };
        match fate.mishap {
            Some((mishap, _)) => struck(mishap, fate),
            None => PspReply { notify_first: done.notify_first, delay: fate.delay, answer: done.answer },
        }
    }

    /// Reads an order, lets time pass, decides and writes what changed; again when others were faster.
    async fn change<T: Send>(
        &self,
        store: &StoreId,
        reference: &str,
        merchant: Option<&str>,
        now: Timestamp,
        decide: impl Fn(&mut Order) -> Result<(T, Vec<Timestamp>), Trouble> + Send + Sync,
    ) -> Result<Changed<T>, Trouble> {
        for _ in 0..TRIES {
            let record = self.books.record(store, ORDER, reference).await?.ok_or(Code::OrderNotFound)?;
            if merchant.is_some_and(|merchant| merchant != record.merchant_id) {
                return Err(Code::OrderNotFound.into());
            }
            let stored: Order = page(&record)?;
            let mut order = stored.clone();
            order.advance(now);
            let (value, dues) = decide(&mut order)?;
            let notifications = announced(&mut order, reference, dues);
            if order == stored {
                return Ok(Changed { order, merchant_id: record.merchant_id, value });
            }
            let next = order_record(store, &record.merchant_id, reference, &order, Some(record.version))?;
            match self.books.write(next, notifications).await {
                Ok(()) => return Ok(Changed { order, merchant_id: record.merchant_id, value }),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
            }
        }
        Err(BooksError::Conflict.into())
    }
}

/// An order as it is after a change.
struct Changed<T> {
    order: Order,
    merchant_id: String,
    value: T,
}

fn struck(mishap: Mishap, fate: Fate) -> PspReply {
    let answer = match mishap {
        Mishap::Garbage => PspAnswer::Answer(garbage(StatusCode::INTERNAL_SERVER_ERROR)),
        Mishap::Silence => PspAnswer::NeverAnswer,
    };
    PspReply { notify_first: Vec::new(), delay: fate.delay, answer }
}

fn announced(order: &mut Order, reference: &str, dues: Vec<Timestamp>) -> Vec<ScheduledNotification> {
    dues.into_iter()
        .map(|due_at| ScheduledNotification {
            id: notification::id(order.announce(due_at), reference),
            due_at,
        })
        .collect()
}

fn header<'a>(request: &'a ExchangeRequest, name: &str) -> Option<&'a str> {
    request
        .headers
        .iter()
        .find(|(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
