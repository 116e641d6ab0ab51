//! What stands around every request: id, admission, deadline, panics, log line, metrics.
//!
//! Admission has three bounds. Places: no more requests inside than the limit. Work: what callers
//! have left behind counts as well. The database's line: when changes stand in line there, a request
//! that would add one is refused before anything of it is done, because waiting longer would serve
//! nobody sooner. What is inside already is never refused for that, nor is a read.
//!
//! One function instead of a tower of layers, because all of it shares the start time, the route and
//! the request id. Bodies and headers are never logged.

use super::global::problem as global;
use super::request_id::{self, RequestId};
use super::v2::problem;
use super::{Http, HttpOptions};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::Method;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::{Instant, timeout};

#[derive(Debug, Clone)]
pub struct Guard {
    http: Http,
    /// Requests that are inside; absent where nobody is turned away.
    inside: Option<Arc<AtomicUsize>>,
    line: InLine,
    time: Time,
}

/// For how long an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    UntilDeadline,
    /// As long as it takes; for what bounds itself.
    Unlimited,
}

/// Whether requests that change something are refused while changes stand in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InLine {
    Refused,
    Admitted,
}

/// One request's place; given back when it is dropped.
struct Seat(Option<Arc<AtomicUsize>>);

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(inside) = &self.0 {
            inside.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Guard {
    pub fn new(http: Http) -> Self {
        let inside = Some(Arc::new(AtomicUsize::new(0)));
        Self { http, inside, line: InLine::Refused, time: Time::UntilDeadline }
    }

    /// With places of its own, which a crowd elsewhere cannot take, and open while changes stand in
    /// line: for what ends work rather than begins it.
    pub fn set_apart(&self) -> Self {
        Self { inside: Some(Arc::new(AtomicUsize::new(0))), line: InLine::Admitted, ..self.clone() }
    }

    /// The same, turning nobody away.
    pub fn without_admission(self) -> Self {
        Self { inside: None, line: InLine::Admitted, ..self }
    }

    /// The same, and the answer comes when the work is done, however long that takes.
    pub fn without_deadline(self) -> Self {
        Self { time: Time::Unlimited, ..self }
    }

    fn options(&self) -> &HttpOptions {
        &self.http.options
    }

    /// A place, unless all are taken. Work that its caller has left still takes one.
    fn admit(&self, method: &Method) -> Result<Seat, &'static str> {
        let Some(inside) = &self.inside else { return Ok(Seat(None)) };
        let limit = self.options().max_in_flight;
        let seat = Seat(Some(inside.clone()));
        let before = inside.fetch_add(1, Ordering::Relaxed);
        if before >= limit {
            return Err("places");
        }
        match self.line {
            InLine::Admitted => Ok(seat),
            InLine::Refused if self.options().work.len() >= limit => Err("work"),
            InLine::Refused if !method.is_safe() && self.is_line_standing() => Err("line"),
            InLine::Refused => Ok(seat),
        }
    }

    fn is_line_standing(&self) -> bool {
        self.http.app.storage.standing_wait() > self.options().longest_line
    }
}

pub async fn stand(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers(), || guard.http.app.ids.uuid().to_string());
    let method = method_word(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(id.clone());
    let envelope = Envelope::of(request.uri().path());

    let mut response = match guard.admit(request.method()) {
        Ok(_seat) => answered(&guard, request, next, &id, envelope).await,
        Err(lack) => {
            metrics::counter!("paypier_http_requests_shed_total", "lack" => lack).increment(1);
            match envelope {
                Envelope::V2 => problem::busy(),
                Envelope::Global => global::busy(),
            }
        }
    };

    response.headers_mut().insert(request_id::HEADER, id.header());
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let status = response.status();
    let elapsed = started.elapsed();
    tracing::info!(
        request.id = %id,
        method,
        route,
        status = status.as_u16(),
        elapsed_ms = f64::from(u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX)) / 1000.0,
        "answered"
    );
    let status = metrics::SharedString::from(status.as_str().to_owned());
    metrics::counter!("paypier_http_requests_total", "route" => route.to_owned(), "method" => method, "status" => status)
        .increment(1);
    metrics::histogram!("paypier_http_request_seconds", "route" => route.to_owned(), "method" => method)
        .record(elapsed);
    response
}

/// In whose words a request is refused that reached no handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Envelope {
    V2,
    Global,
}

impl Envelope {
    fn of(path: &str) -> Self {
        if global::is_path(path) { Self::Global } else { Self::V2 }
    }
}

async fn answered(
    guard: &Guard,
    request: Request,
    next: Next,
    id: &RequestId,
    envelope: Envelope,
) -> Response {
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let outcome = match guard.time {
        Time::UntilDeadline => timeout(guard.options().deadline, answering).await,
        Time::Unlimited => Ok(answering.await),
    };
    match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request.id = %id, "a handler panicked");
            match envelope {
                Envelope::V2 => problem::panicked(),
                Envelope::Global => global::panicked(),
            }
        }
        Err(_) => {
            tracing::warn!(request.id = %id, "a request passed its deadline; work that it began goes on");
            match envelope {
                Envelope::V2 => problem::too_late(),
                Envelope::Global => global::too_late(),
            }
        }
    }
}

/// The method as a label: callers invent methods, and labels must stay few.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_are_one_label() {
        assert_eq!(method_word(&Method::DELETE), "DELETE");
        assert_eq!(method_word(&Method::from_bytes(b"BREW").unwrap()), "OTHER");
    }
}
