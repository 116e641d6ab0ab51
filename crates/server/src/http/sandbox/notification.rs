//! `POST /psp/notifications/{storeId}/{channelKey}`: where PSPs report. Open to everybody; what is
//! not authentic is refused before anything in it is used, by the channel's connector.

use super::control::read_body;
use crate::app::App;
use crate::app::notification::NotificationFailure;
use crate::http::address;
use crate::http::v2::problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use paypier_connectors::contract::{NotificationRefusal, NotificationReply};
use paypier_domain::id::{ChannelKey, StoreId};
use paypier_wire::v2::ErrorType;

pub async fn received(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    let (Ok(store), Ok(channel)) = (address::segment(path, 2), address::segment(path, 3)) else {
        return refusal(&NotificationFailure::UnknownChannel);
    };
    let (Ok(store), Ok(channel)) = (StoreId::parse(&store), ChannelKey::parse(&channel)) else {
        return refusal(&NotificationFailure::UnknownChannel);
    };
    let headers = request.headers().clone();
    let body = match read_body(request).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    // To its end, whether or not the PSP waits for the answer.
    let work = tokio::spawn(async move { app.receive_notification(&store, &channel, &headers, &body).await });
    match work.await {
        Ok(Ok(reply)) => accepted(&reply),
        Ok(Err(failure)) => refusal(&failure),
        Err(error) => {
            tracing::error!(%error, "taking a notification broke off");
            refusal(&NotificationFailure::NotRecorded)
        }
    }
}

fn accepted(reply: &NotificationReply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from(reply.body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    response
}

fn refusal(failure: &NotificationFailure) -> Response {
    let kind = match failure {
        NotificationFailure::UnknownChannel => ErrorType::NotFound,
        NotificationFailure::Refused(
            NotificationRefusal::Forged | NotificationRefusal::Stale | NotificationRefusal::Replayed,
        ) => ErrorType::Unauthorized,
        NotificationFailure::Refused(NotificationRefusal::Malformed) => ErrorType::InvalidRequest,
        NotificationFailure::NotRecorded => ErrorType::ServiceUnavailable,
    };
    problem::transport(kind, &failure.to_string())
}
