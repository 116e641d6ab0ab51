//! One request of the V2 dialect, taken in: who asks, from where, what, under which key.
//!
//! [`Open`] is a request anybody may make; [`Ask`] is one whose caller is known. Checks are made in
//! the dialect's order: authentication, store, syntax, and then whatever the use case says.

use super::{answers, body, key, problem};
use crate::app::App;
use crate::app::caller::Caller;
use crate::app::failure::Failure;
use crate::app::idempotency::Once;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::address::{self, Malformed};
use crate::http::{Http, HttpOptions, RequestId};
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use paypier_domain::claim::{Answer, Claim, ClaimRef};
use paypier_domain::id::{
    BillingKeyId, CancellationId, IdError, IdentityVerificationId, PaymentId, PromotionId, ScheduleId,
};
use paypier_domain::payment::{Origin, Platform};
use paypier_wire::v2::ErrorType;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What a read answers with.
pub type Answered = Result<Answer, Failure>;

/// A request that needs no caller.
#[derive(Debug)]
pub struct Open {
    pub app: App,
    http: Http,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    peer: Option<IpAddr>,
    body: Bytes,
    id: RequestId,
}

/// A request whose caller is known.
#[derive(Debug)]
pub struct Ask {
    pub caller: Caller,
    open: Open,
}

impl std::ops::Deref for Ask {
    type Target = Open;
    fn deref(&self) -> &Open {
        &self.open
    }
}

impl FromRequest<Http> for Open {
    type Rejection = Response;

    async fn from_request(request: Request, http: &Http) -> Result<Self, Response> {
        let (parts, stream) = request.into_parts();
        let body = taken_in(stream, &parts.headers, http.options.body_limit).await?;
        Ok(Self::taken(parts, body, http))
    }
}

impl FromRequest<Http> for Ask {
    type Rejection = Response;

    async fn from_request(request: Request, http: &Http) -> Result<Self, Response> {
        // Strangers are turned away before anything that they sent is read.
        let authorization =
            request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = match http.app.authenticate(authorization).await {
            Ok(caller) => caller,
            Err(failure) => {
                let id = request_id(request.extensions(), http);
                return Err(problem::response(refused(&failure, &id)));
            }
        };
        Ok(Self { caller, open: Open::from_request(request, http).await? })
    }
}

fn request_id(extensions: &http::Extensions, http: &Http) -> RequestId {
    let made = || http.app.ids.uuid().to_string();
    extensions.get::<RequestId>().cloned().unwrap_or_else(|| RequestId::of(&HeaderMap::new(), made))
}

async fn taken_in(stream: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Response> {
    let too_large = || {
        let message = format!("the body is larger than {limit} bytes");
        problem::transport(ErrorType::PayloadTooLarge, &message)
    };
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > u64::try_from(limit).unwrap_or(u64::MAX)) {
        return Err(too_large());
    }
    match Limited::new(stream, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(problem::transport(ErrorType::InvalidRequest, "the body ended before it was complete")),
    }
}

/// A failure as an answer. What only the operator may see is logged here, once.
fn refused(failure: &Failure, id: &RequestId) -> Answer {
    if let Failure::Internal(inside) = failure {
        tracing::error!(request.id = %id, inside = ?inside, "an internal error was answered");
    }
    problem::answer(failure)
}

impl Open {
    /// A request whose body was taken in elsewhere: by a dialect that refuses it in its own words.
    pub(in crate::http) fn taken(parts: http::request::Parts, body: Bytes, http: &Http) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let id = request_id(&parts.extensions, http);
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        Self { app: http.app.clone(), http: http.clone(), method, uri, headers, peer, body, id }
    }

    /// The body.
    ///
    /// # Errors
    /// See [`body::read`].
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        body::read(&self.body)
    }

    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What the operator has set about HTTP.
    pub fn options(&self) -> &HttpOptions {
        &self.http.options
    }

    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The path's segment `index`, counted from 0, decoded.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn segment(&self, index: usize) -> Result<String, Malformed> {
        address::segment(self.uri.path(), index)
    }

    /// Does work to its end even when the caller has left. `None` when it panicked.
    pub async fn worked_off<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let done = self.http.options.work.spawn(work).await;
        if done.is_err() {
            tracing::error!(request.id = %self.id, "the work of a request panicked");
        }
        done.ok()
    }

    /// The criteria of a read: the query parameter `requestBody`, or else the body.
    ///
    /// # Errors
    /// See [`body::read`].
    pub fn criteria<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        match self.parameter("requestBody")? {
            Some(text) => body::read(text.as_bytes()),
            None => self.body(),
        }
    }

    /// A query parameter.
    ///
    /// # Errors
    /// It is not well encoded, or holds a NUL.
    pub fn parameter(&self, name: &str) -> Result<Option<String>, Failure> {
        let value = address::parameter(self.uri.query(), name)
            .map_err(|malformed| Failure::Invalid(format!("the query parameter {name} {malformed}")))?;
        match value {
            Some(value) if value.contains('\0') => {
                Err(Failure::Invalid(format!("the query parameter {name} holds the character U+0000")))
            }
            other => Ok(other),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// It is another text.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.parameter(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::Invalid(format!("the query parameter {name} must be true or false"))),
        }
    }

    /// The id in the path's segment `index`, counted from 0.
    pub(super) fn path_id<T>(
        &self,
        index: usize,
        what: &str,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Result<T, Failure> {
        let wrong = |why: &dyn std::fmt::Display| Failure::Invalid(format!("{what} in the path: {why}"));
        let decoded =
            address::segment(self.uri.path(), index).map_err(|malformed: Malformed| wrong(&malformed))?;
        parse(&decoded).map_err(|error| wrong(&error))
    }

    /// # Errors
    /// The id in the path is not well encoded or not acceptable.
    pub fn payment_id(&self) -> Result<PaymentId, Failure> {
        self.path_id(1, "paymentId", PaymentId::parse)
    }

    /// # Errors
    /// As [`Open::payment_id`].
    pub fn cancellation_id(&self) -> Result<CancellationId, Failure> {
        self.path_id(3, "cancellationId", CancellationId::parse)
    }

    /// # Errors
    /// As [`Open::payment_id`].
    pub fn billing_key(&self) -> Result<BillingKeyId, Failure> {
        self.path_id(1, "billingKey", BillingKeyId::parse)
    }

    /// # Errors
    /// As [`Open::payment_id`].
    pub fn identity_verification_id(&self) -> Result<IdentityVerificationId, Failure> {
        self.path_id(1, "identityVerificationId", IdentityVerificationId::parse)
    }

    pub fn schedule_id(&self) -> Result<ScheduleId, Failure> {
        self.path_id(1, "paymentScheduleId", ScheduleId::parse)
    }

    pub fn promotion_id(&self) -> Result<PromotionId, Failure> {
        self.path_id(1, "promotionId", PromotionId::parse)
    }

    /// A payment session's id: any text, because only its digest is looked for.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn session_id(&self) -> Result<String, Failure> {
        address::segment(self.uri.path(), 1)
            .map_err(|malformed| Failure::Invalid(format!("sessionId in the path: {malformed}")))
    }

    /// Where the request came from.
    pub fn origin(&self) -> Origin {
        Origin {
            platform: Platform::Api,
            ip_address: caller_address(&self.headers, self.peer, &self.http.options).to_string(),
            user_agent: self.headers.get(header::USER_AGENT).map(|value| user_agent(value.as_bytes())),
            url: None,
        }
    }

    pub(super) fn reply(&self, answered: Answered) -> Response {
        problem::response(answered.unwrap_or_else(|failure| refused(&failure, &self.id)))
    }
}

/// The address of whoever asks: the peer, or what the proxy in front of us says when it is trusted.
/// Only the last entry is the proxy's own; those before it are the caller's to invent.
fn caller_address(headers: &HeaderMap, peer: Option<IpAddr>, options: &HttpOptions) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let named = if options.trusted_proxy { forwarded() } else { None };
    named.or(peer).unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}

/// A header that may hold anything, as a text of bounded length without control characters.
fn user_agent(bytes: &[u8]) -> String {
    const LONGEST: usize = 512;
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// The store that a body or criteria name, read leniently: for bodies that are refused otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    store_id: Option<serde_json::Value>,
    filter: Option<Within>,
    payment: Option<Within>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Within {
    store_id: Option<serde_json::Value>,
}

impl Ask {
    /// The store that the query names.
    ///
    /// # Errors
    /// As [`Open::parameter`].
    pub fn store(&self) -> Result<Option<String>, Failure> {
        self.parameter("storeId")
    }

    /// The store is checked before the syntax: a request that is invalid and names a store out of
    /// reach is forbidden.
    async fn store_first(&self, failure: Failure) -> Failure {
        if !matches!(failure, Failure::Invalid(_)) {
            return failure;
        }
        let Some(store) = self.named_store() else { return failure };
        match self.caller.store(&self.app, Some(&store)).await {
            Err(forbidden @ Failure::Forbidden(_)) => forbidden,
            Ok(_) | Err(_) => failure,
        }
    }

    fn named_store(&self) -> Option<String> {
        if let Ok(Some(store)) = self.store() {
            return Some(store);
        }
        let named: Named = match self.parameter("requestBody") {
            Ok(Some(text)) => serde_json::from_str(&text).ok()?,
            _ => serde_json::from_slice(&self.open.body).ok()?,
        };
        let within = |part: Option<Within>| part.unwrap_or_default().store_id;
        let store = named.store_id.or_else(|| within(named.filter)).or_else(|| within(named.payment))?;
        store.as_str().filter(|store| !store.contains('\0')).map(str::to_owned)
    }

    fn claim(&self, operation: &'static str) -> Result<Option<Claim>, Failure> {
        let Some(key) = key::read(&self.headers)? else { return Ok(None) };
        let address = self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        Ok(Some(Claim {
            reference: ClaimRef {
                merchant: self.caller.merchant.clone(),
                key,
                operation: operation.to_owned(),
            },
            fingerprint: key::fingerprint(self.method.as_str(), address, &self.open.body),
            at: self.app.clock.now(),
        }))
    }
}

/// Answers a request that anybody may make.
pub async fn open<F, Fut>(ask: Open, handle: F) -> Response
where
    F: FnOnce(Arc<Open>) -> Fut,
    Fut: Future<Output = Answered>,
{
    let ask = Arc::new(ask);
    let answered = handle(ask.clone()).await;
    ask.reply(answered)
}

/// Answers a read.
pub async fn read<F, Fut>(ask: Ask, handle: F) -> Response
where
    F: FnOnce(Arc<Ask>) -> Fut,
    Fut: Future<Output = Answered>,
{
    let ask = Arc::new(ask);
    let answered = match handle(ask.clone()).await {
        Err(failure) => Err(ask.store_first(failure).await),
        found => found,
    };
    ask.reply(answered)
}

/// Answers a request that changes something: at most once for its idempotency key, and to its end
/// even when the caller has left.
pub async fn change<F, Fut>(ask: Ask, operation: &'static str, handle: F) -> Response
where
    F: FnOnce(Arc<Ask>, Ticket) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let ask = Arc::new(ask);
    let claim = match ask.claim(operation) {
        Ok(claim) => claim,
        Err(failure) => return ask.reply(Err(ask.store_first(failure).await)),
    };
    let (tracker, id) = (ask.http.options.work.clone(), ask.id.clone());
    let work = async move {
        let asked = ask.clone();
        let once = ask.app.once(claim, |ticket| async move {
            match handle(asked.clone(), ticket).await {
                Err(failure) => Err(asked.store_first(failure).await),
                done => done,
            }
        });
        match once.await {
            Once::Replayed(answer) => match answers::remembered(&ask.app, operation, answer).await {
                Ok(answer) => answer,
                Err(failure) => refused(&failure, &ask.id),
            },
            Once::Decided(Ok(success)) => {
                answers::success(operation, &success).unwrap_or_else(|failure| refused(&failure, &ask.id))
            }
            Once::Decided(Err(failure)) => refused(&failure, &ask.id),
        }
    };
    match tracker.spawn(work).await {
        Ok(answer) => problem::response(answer),
        Err(_) => {
            tracing::error!(request.id = %id, operation, "the work of a request panicked");
            problem::panicked()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_callers_address_is_the_peer_unless_a_trusted_proxy_names_another() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        for (trusted, forwarded, address) in [
            (false, Some("203.0.113.7"), "10.0.0.1"),
            (true, None, "10.0.0.1"),
            (true, Some("203.0.113.7"), "203.0.113.7"),
            (true, Some("1.2.3.4, 203.0.113.7"), "203.0.113.7"),
            (true, Some("1.2.3.4,  2001:db8::1 "), "2001:db8::1"),
            (true, Some("203.0.113.7, garbage"), "10.0.0.1"),
            (true, Some(""), "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(forwarded) = forwarded {
                headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            }
            let options = HttpOptions { trusted_proxy: trusted, ..HttpOptions::default() };
            assert_eq!(caller_address(&headers, Some(peer), &options).to_string(), address, "{forwarded:?}");
        }
        assert_eq!(caller_address(&HeaderMap::new(), None, &HttpOptions::default()).to_string(), "0.0.0.0");
    }

    #[test]
    fn a_user_agent_is_bounded_and_printable() {
        assert_eq!(user_agent(b"curl/8.0"), "curl/8.0");
        assert_eq!(user_agent(b"a\xff\tb"), "a\u{fffd}b");
        assert_eq!(user_agent(&[b'x'; 4096]).len(), 512);
    }
}
