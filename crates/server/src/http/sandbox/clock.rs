//! The store's test clock.

use super::control::{Asked, Control, detached, reply};
use crate::app::App;
use crate::app::clock_control::ClockMove;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use axum::response::Response;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    advance: Option<String>,
    now: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClockView {
    now: Timestamp,
    /// How far it runs ahead of the real clock, ISO 8601.
    ahead: SignedDuration,
}

/// `GET /sandbox/clock`
pub async fn read(control: Control) -> Response {
    reply(view(&control.app, &control.profile).await)
}

async fn view(app: &App, profile: &StoreProfile) -> Result<ClockView, Failure> {
    let now = app.test_clock(&profile.store.id).await?;
    Ok(ClockView { now, ahead: now.duration_since(app.clock.now()).max(SignedDuration::ZERO) })
}

/// `POST /sandbox/clock`: answers when everything that became due has run.
pub async fn moved(asked: Asked<MoveBody>) -> Response {
    let Asked { control: Control { app, profile, .. }, body } = asked;
    reply(
        detached(async move {
            app.advance_clock(&profile.store.id, wanted(&body)?).await?;
            view(&app, &profile).await
        })
        .await,
    )
}

fn wanted(body: &MoveBody) -> Result<ClockMove, Failure> {
    match (&body.advance, &body.now) {
        (Some(advance), None) => Ok(ClockMove::By(duration(advance)?)),
        (None, Some(now)) => now.parse().map(ClockMove::To).map_err(|_| {
            Failure::Invalid("now must be an instant with a time zone, such as 2026-12-01T00:00:00Z".into())
        }),
        (Some(_), Some(_)) | (None, None) => Err(Failure::Invalid(
            "give either advance (an ISO 8601 duration, such as PT1H or P2D) or now (an instant)".into(),
        )),
    }
}

/// ISO 8601, with days of 24 hours. Months and years have no fixed length.
fn duration(text: &str) -> Result<SignedDuration, Failure> {
    let wrong = |why: &str| {
        Failure::Invalid(format!("advance must be an ISO 8601 duration such as PT1H or P2D: {why}"))
    };
    // jiff also reads "1 hour", which is not what was promised.
    if !text.starts_with('P') {
        return Err(wrong("it begins with P; a move back is refused"));
    }
    let span: Span = text.parse().map_err(|_| wrong("it cannot be read"))?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(wrong("months and years differ in length; give the instant as now instead"));
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong("it is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_days_of_24_hours_and_no_months() {
        for (text, seconds) in [
            ("PT1H", 3_600),
            ("PT90S", 90),
            ("P1D", 86_400),
            ("P1W", 604_800),
            ("P1DT1H30M", 91_800),
            ("PT0S", 0),
        ] {
            assert_eq!(duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "1 hour", "3600", "P1M", "P1Y", "-PT1H", "PT", "P99999999999D", "PT1H;"] {
            assert!(matches!(duration(text), Err(Failure::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn one_of_the_two_ways_is_given() {
        let body = |advance: Option<&str>, now: Option<&str>| MoveBody {
            advance: advance.map(Into::into),
            now: now.map(Into::into),
        };
        assert!(matches!(wanted(&body(Some("PT1S"), None)), Ok(ClockMove::By(_))));
        assert!(matches!(wanted(&body(None, Some("2026-12-01T00:00:00Z"))), Ok(ClockMove::To(_))));
        for wrong in [
            body(None, None),
            body(Some("PT1S"), Some("2026-12-01T00:00:00Z")),
            body(None, Some("2026-12-01")),
        ] {
            assert!(wanted(&wrong).is_err(), "{wrong:?}");
        }
    }
}
