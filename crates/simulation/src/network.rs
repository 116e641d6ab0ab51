//! The network between the server and the PSP.
//!
//! The PSP behind it is the simulated one, which does what it promises. What the network may do to a
//! request: refuse it, lose it, hold it up, deliver it twice; and to an answer: lose it, hold it up
//! until nobody waits any more, mutilate it, or put another machine's excuses in its place.
//!
//! What it may not do is what the contract with the PSP rules out: a request that left reaches the PSP
//! within [`SLOWEST`], or never. The server takes a "not found" for a proof a little later than that
//! (`absent_is_conclusive_after`), so a slower network would not be a fault but another contract. For
//! the same reason nobody moves a clock while a request is under way.

use crate::dice::Dice;
use crate::ground::{Ground, Spot, locked, pass};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use paypier_connectors::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest that a request is under way, in milliseconds of virtual time.
const SLOWEST_MS: u64 = 2_000;
/// How old a request that was under way when the process died may be when it arrives: recovery asks
/// about it at once, and must not be told "not found" by a PSP that has yet to see it.
const STILL_ARRIVES: Duration = Duration::from_millis(3_500);

/// How the network is: each is so many in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// Not a byte left.
    pub refused: u64,
    /// The request never arrives.
    pub lost: u64,
    pub slow: u64,
    /// A copy arrives as well, a little later.
    pub doubled: u64,
    /// The PSP did it, and the answer never arrives.
    pub unanswered: u64,
    /// The answer arrives when nobody waits any more.
    pub answered_late: u64,
    /// An error page of a machine in between.
    pub garbage: u64,
    /// The answer breaks off.
    pub torn: u64,
}

impl Weather {
    pub const FAIR: Self = Self {
        refused: 0,
        lost: 0,
        slow: 0,
        doubled: 0,
        unanswered: 0,
        answered_late: 0,
        garbage: 0,
        torn: 0,
    };
}

/// What is under way, and how the network is.
#[derive(Debug, Default)]
pub struct Traffic {
    weather: Mutex<Weather>,
    /// A store's clock is being moved. The network's time does not move with it: what arrives seconds late would arrive
    /// hours after its caller has given up, which no PSP's network does. It is lost instead.
    is_clock_moving: AtomicBool,
    under_way: Mutex<UnderWay>,
    /// Requests whose senders wait for an answer.
    questions: AtomicUsize,
    /// Method and path of every request that was to be sent.
    asked: Mutex<Vec<(Method, String)>>,
}

#[derive(Debug, Default)]
struct UnderWay {
    last: u64,
    requests: BTreeMap<u64, Departed>,
}

/// A request that has left and not arrived.
#[derive(Debug)]
pub struct Departed {
    request: ExchangeRequest,
    /// In time that really passed.
    at: Duration,
}

impl Traffic {
    pub fn clock_moves(&self, moves: bool) {
        self.is_clock_moving.store(moves, Ordering::Relaxed);
    }

    pub fn set_weather(&self, weather: Weather) {
        *locked(&self.weather) = weather;
    }

    /// How often the PSP was asked for something.
    pub fn asked(&self, method: &Method, path_end: &str) -> usize {
        let is_it = |(asked, path): &&(Method, String)| asked == method && path.ends_with(path_end);
        locked(&self.asked).iter().filter(is_it).count()
    }

    fn is_clock_moving(&self) -> bool {
        self.is_clock_moving.load(Ordering::Relaxed)
    }

    pub fn is_anything_under_way(&self) -> bool {
        !locked(&self.under_way).requests.is_empty() || self.questions.load(Ordering::Relaxed) > 0
    }

    fn departs(&self, request: &ExchangeRequest, at: Duration) -> u64 {
        let mut under_way = locked(&self.under_way);
        under_way.last = under_way.last.saturating_add(1);
        let number = under_way.last;
        under_way.requests.insert(number, Departed { request: request.clone(), at });
        number
    }

    fn is_gone(&self, number: u64) {
        locked(&self.under_way).requests.remove(&number);
    }

    /// What was under way when the process died; those that are too old never arrive.
    pub fn left_behind(&self, now: Duration) -> Vec<ExchangeRequest> {
        let requests = std::mem::take(&mut locked(&self.under_way).requests);
        let arrives = |departed: &Departed| now.saturating_sub(departed.at) < STILL_ARRIVES;
        requests.into_values().filter(arrives).map(|departed| departed.request).collect()
    }
}

/// One request for as long as it is under way: until it arrives, or until whoever sent it has hung up, as
/// somebody who reads may. What was under way when the process died stays so, and is found by
/// [`Traffic::left_behind`].
struct Journey {
    ground: Arc<Ground>,
    number: u64,
}

impl Journey {
    fn begins(ground: &Arc<Ground>, request: &ExchangeRequest) -> Self {
        let number = ground.traffic.departs(request, ground.clock.passed());
        Self { ground: ground.clone(), number }
    }
}

impl Drop for Journey {
    fn drop(&mut self) {
        if !self.ground.power.is_dead() {
            self.ground.traffic.is_gone(self.number);
        }
    }
}

/// One request for as long as its sender waits, which ends with the process, too.
struct Question(Arc<Ground>);

impl Question {
    fn begins(ground: &Arc<Ground>) -> Self {
        ground.traffic.questions.fetch_add(1, Ordering::Relaxed);
        Self(ground.clone())
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.0.traffic.questions.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What happens to one request and its answer.
#[derive(Debug, Clone, Copy)]
struct Fate {
    there: There,
    copy_after: Option<Duration>,
    back: Back,
}

#[derive(Debug, Clone, Copy)]
enum There {
    Refused,
    Lost,
    Arrives(Duration),
}

#[derive(Debug, Clone, Copy)]
enum Back {
    Whole(Duration),
    Lost,
    TooLate,
    Garbage,
    Torn,
}

impl Fate {
    fn draw(weather: Weather, dice: &mut Dice) -> Self {
        let there = if dice.happens(weather.refused) {
            There::Refused
        } else if dice.happens(weather.lost) {
            There::Lost
        } else if dice.happens(weather.slow) {
            There::Arrives(dice.millis(1, SLOWEST_MS))
        } else {
            There::Arrives(Duration::ZERO)
        };
        let copy_after = dice.happens(weather.doubled).then(|| dice.millis(1, SLOWEST_MS));
        let back = if dice.happens(weather.unanswered) {
            Back::Lost
        } else if dice.happens(weather.answered_late) {
            Back::TooLate
        } else if dice.happens(weather.garbage) {
            Back::Garbage
        } else if dice.happens(weather.torn) {
            Back::Torn
        } else if dice.happens(weather.slow) {
            Back::Whole(dice.millis(1, 900))
        } else {
            Back::Whole(Duration::ZERO)
        };
        Self { there, copy_after, back }
    }
}

/// The connector's way to the PSP.
pub struct Network {
    pub ground: Arc<Ground>,
    pub psp: Arc<dyn Exchange>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(..)")
    }
}

impl Network {
    fn fate(&self) -> Fate {
        let weather = *locked(&self.ground.traffic.weather);
        Fate::draw(weather, &mut self.ground.fates())
    }

    /// A request that nobody waits for: a copy that a router in between kept, or one that takes too long.
    fn arrives_later(&self, request: ExchangeRequest, after: Duration) {
        let psp = self.psp.clone();
        let journey = Journey::begins(&self.ground, &request);
        tokio::spawn(async move {
            pass(after).await;
            drop(journey);
            // Nobody waits for what it is answered.
            let _ = psp.send(request).await;
        });
    }
}

#[async_trait]
impl Exchange for Network {
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        let ground = &self.ground;
        let _question = Question::begins(ground);
        let fate = self.fate();
        locked(&ground.traffic.asked).push((request.method.clone(), request.path.clone()));
        ground.trace.say(format!("  psp <- {} {}: {fate:?}", request.method, request.path));
        if let Some(pause) = ground.at(Spot::PspAsked) {
            pause.await;
        }
        let patience = request.read_timeout;
        match fate.there {
            There::Refused => return Err(ExchangeError::NotSent("connection refused".into())),
            There::Lost => return Err(silence(patience).await),
            There::Arrives(after) if after >= patience && ground.traffic.is_clock_moving() => {
                return Err(silence(patience).await);
            }
            // It arrives when the caller has given up, and may have asked what became of it.
            There::Arrives(after) if after >= patience => {
                self.arrives_later(request, after);
                return Err(silence(patience).await);
            }
            There::Arrives(after) => {
                if !after.is_zero() {
                    let journey = Journey::begins(ground, &request);
                    pass(after).await;
                    drop(journey);
                }
            }
        }
        if let Some(after) = fate.copy_after {
            self.arrives_later(request.clone(), after);
        }
        let answer = self.psp.send(request).await;
        if let Some(pause) = ground.at(Spot::PspActed) {
            pause.await;
        }
        let answer = answer?;
        ground.trace.say(format!("  psp -> {}", answer.status));
        match fate.back {
            Back::Whole(after) => {
                if !after.is_zero() {
                    pass(after).await;
                }
                Ok(answer)
            }
            Back::Lost | Back::TooLate => Err(silence(patience).await),
            Back::Garbage => Ok(ExchangeResponse {
                status: StatusCode::BAD_GATEWAY,
                headers: vec![("content-type".into(), "text/html".into())],
                body: Bytes::from_static(b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
            }),
            Back::Torn => {
                let kept = answer.body.len().checked_div(2).unwrap_or(0);
                Ok(ExchangeResponse { body: answer.body.slice(..kept), ..answer })
            }
        }
    }
}

async fn silence(patience: Duration) -> ExchangeError {
    pass(patience).await;
    ExchangeError::NoAnswer(format!("nothing came within {} ms", patience.as_millis()))
}
