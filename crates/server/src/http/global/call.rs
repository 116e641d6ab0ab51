//! What all calls have in common: the body, who calls, and how answers and refusals are written. In the dialect's
//! order: the body is read first, then the client key is looked at, then the token, and then whatever the handler
//! checks.

use super::problem::{self, Refused};
use crate::app::App;
use crate::app::global::caller::GlobalCaller;
use crate::global::token;
use crate::http::Http;
use crate::http::address;
use crate::http::v2::ask::Open;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use paypier_domain::payment::{Origin, Platform};
use paypier_wire::global::code::fault;
use paypier_wire::global::operation::{Access, Operation, operations};
use paypier_wire::global::{Code, RefusalForm};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::Arc;

/// The headers with the client key: today's name, and what they were called before.
const CLIENT_KEY: [&str; 2] = ["x-portone-client-key", "x-chaipay-client-key"];
/// The headers with the key of a merchant that a master merchant acts for.
const SUB_MERCHANT: [&str; 2] = ["x-portone-submerchant-key", "x-chaipay-submerchant-key"];
/// Path parameters that hold the caller's own key.
const OWN_KEY: [&str; 3] = ["key", "portOneKey", "smchKey"];

/// What a handler answers.
pub type Answered<T> = Result<T, Refused>;

/// The body of an operation that reads none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Nothing {}

/// One call, whose caller is known where the operation asks for one.
pub struct Call {
    pub app: App,
    pub operation: &'static Operation,
    caller: Option<GlobalCaller>,
    open: Open,
    path: String,
}

// Headers hold tokens; none of it is printed.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({})", self.operation.id)
    }
}

impl Call {
    /// Who calls.
    ///
    /// # Errors
    /// The operation is one that everybody may call; then nobody asks.
    pub fn caller(&self) -> Answered<&GlobalCaller> {
        self.caller.as_ref().ok_or_else(|| fault::CLIENT_KEY_MISSING.into())
    }

    /// A path parameter by its name in the operation's path, decoded.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn path(&self, name: &str) -> Answered<String> {
        let wrong = || Refused::invalid(Code::InvalidRequest, format!("{name} in the path is not readable"));
        let segments = self.operation.path.trim_start_matches('/').split('/');
        // A parameter may be called like a word of the path: `/status/{status}`.
        let names = |segment: &str| segment.strip_prefix('{')?.strip_suffix('}').map(|found| found == name);
        let index = segments.into_iter().position(|segment| names(segment) == Some(true));
        let value = address::segment(&self.path, index.ok_or_else(wrong)?).map_err(|_| wrong())?;
        if value.contains('\0') { Err(wrong()) } else { Ok(value) }
    }

    /// A segment of the path by its number, for addresses that the table does not have.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn segment(&self, index: usize) -> Answered<String> {
        address::segment(&self.path, index)
            .map_err(|_| Refused::invalid(Code::InvalidRequest, "the path is not readable".to_owned()))
    }

    /// A query parameter that is not empty.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn query(&self, name: &str) -> Answered<Option<String>> {
        let value = self.open.parameter(name)?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Where the call came from. Payers are not here yet: it is the merchant's server, or a payer's app.
    pub fn origin(&self) -> Origin {
        Origin { platform: Platform::Pc, ..self.open.origin() }
    }

    pub fn headers(&self) -> &HeaderMap {
        self.open.headers()
    }

    /// Whether the page that calls is one that the merchant has named, so that no signature is needed.
    pub fn is_trusted_page(&self) -> bool {
        let header = |name| self.headers().get(name).and_then(|value| value.to_str().ok());
        let Some(caller) = &self.caller else { return false };
        let origin = header(header::ORIGIN).map(str::to_owned).or_else(|| {
            let referrer = url::Url::parse(header(header::REFERER)?).ok()?;
            Some(referrer.origin().ascii_serialization())
        });
        origin.is_some_and(|origin| caller.merchant().origins.contains(&origin))
    }
}

/// The first of these headers that is there and not empty.
fn first<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::trim)
        .find(|value| !value.is_empty())
}

/// Answers one call of an operation.
pub async fn serve<B, T, Fut>(
    http: Http,
    request: Request,
    id: &'static str,
    handler: fn(Arc<Call>, B) -> Fut,
) -> Response
where
    B: DeserializeOwned + Send + 'static,
    T: Serialize,
    Fut: Future<Output = Answered<T>> + Send + 'static,
{
    let Some(operation) = operations().find(|operation| operation.id == id) else {
        return problem::unknown_path();
    };
    match taken_in(http, request, operation).await {
        Ok((call, body)) => {
            let form = operation.refusal;
            let body = match read::<B>(&body) {
                Ok(body) => body,
                Err(refused) => return problem::written(form, &problem::unreadable(form, refused)),
            };
            let call = match admitted(call).await {
                Ok(call) => Arc::new(call),
                Err(refused) => return problem::written(form, &refused),
            };
            let work = handler(call.clone(), body);
            match call
                .open
                .worked_off(async move { work.await.map(|answer| problem::success(&answer)) })
                .await
            {
                Some(Ok(response)) => response,
                Some(Err(refused)) => problem::written(form, &refused),
                None => problem::written(form, &Refused::internal()),
            }
        }
        Err(refused) => problem::written(operation.refusal, &refused),
    }
}

async fn taken_in(
    http: Http,
    request: Request,
    operation: &'static Operation,
) -> Result<(Call, Bytes), Refused> {
    let (parts, stream) = request.into_parts();
    let body = collected(stream, &parts.headers, http.options.body_limit).await?;
    let path = parts.uri.path().to_owned();
    let open = Open::taken(parts, Bytes::new(), &http);
    Ok((Call { app: http.app.clone(), operation, caller: None, open, path }, body))
}

async fn collected(stream: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Refused> {
    let too_large =
        || Refused::new(413, Code::InvalidRequestData, format!("the body is larger than {limit} bytes"));
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > u64::try_from(limit).unwrap_or(u64::MAX)) {
        return Err(too_large());
    }
    let body = match Limited::new(stream, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(_) => return Err(unreadable("the body ended before it was complete")),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.is_empty() || kind.to_ascii_lowercase().contains("json");
    if !body.is_empty() && !is_json {
        return Err(Refused::new(
            415,
            Code::InvalidRequestData,
            "the body must be application/json".to_owned(),
        ));
    }
    Ok(body)
}

fn unreadable(why: &str) -> Refused {
    Refused::invalid(Code::InvalidRequest, format!("Invalid Request, err : {why}"))
}

/// The body. Nothing of it is repeated in a refusal: it may hold a secret.
fn read<B: DeserializeOwned>(bytes: &[u8]) -> Result<B, Refused> {
    crate::http::v2::body::read(bytes).map_err(|failure| unreadable(&failure.to_string()))
}

/// Checks who calls.
async fn admitted(mut call: Call) -> Result<Call, Refused> {
    if !call.operation.access.has_client_key() {
        return Ok(call);
    }
    let headers = call.open.headers();
    let key = first(headers, &CLIENT_KEY).ok_or(fault::CLIENT_KEY_MISSING)?;
    let caller = call.app.global_caller(key).await?.ok_or(fault::CLIENT_KEY_UNKNOWN)?;
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    // One that is there must be right, also where none is needed.
    let must_prove = call.operation.access != Access::Signature || authorization.is_some();
    if must_prove {
        let now = call.app.clock.now();
        token::verify(&caller.secret, key, authorization.unwrap_or_default(), now).map_err(|why| {
            tracing::info!(%why, "a token of the Global dialect was refused");
            if call.operation.id == "updatePaymentLink" { fault::TOKEN_OF_LINK_UPDATE } else { fault::TOKEN }
        })?;
    }
    if call.operation.sub_merchant
        && let Some(named) = first(headers, &SUB_MERCHANT)
        && named != caller.client_key()
    {
        let is_known = call.app.global_caller(named).await?.is_some();
        let code =
            if is_known { Code::MerchantNotAssociatedWithMasterMerchant } else { Code::MerchantNotFound };
        return Err(Refused::invalid(code, "the sub-merchant is not one of this merchant's".to_owned()));
    }
    for name in call.operation.path_parameters().filter(|name| OWN_KEY.contains(name)) {
        // The one operation that says something else reads the key itself.
        if call.operation.id != "fetchAllPayments" && call.path(name)? != caller.client_key() {
            return Err(fault::CLIENT_KEY_UNKNOWN.into());
        }
    }
    call.caller = Some(caller);
    Ok(call)
}

/// How an unserved address is refused.
pub const TRANSPORT_FORM: RefusalForm = RefusalForm::Plain;
