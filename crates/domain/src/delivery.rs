//! Deliveries: one message to one URL about one event, tried until it succeeds or its tries are used up.

use crate::account::{PayloadContentType, PayloadVersion};
use crate::channel::Environment;
use crate::event::Trigger;
use crate::id::{EventId, StoreId, WebhookId};
use crate::payment::Status;
use jiff::{SignedDuration, Timestamp};

/// Executions of one delivery in all: the first and five retries (v2-webhooks, section 4).
pub const MAX_EXECUTIONS: u32 = 6;

/// Base waits before executions 1 to 6, in minutes; the actual wait is this times a random fraction.
const BASE_WAITS_MINUTES: [i64; 6] = [0, 1, 4, 16, 64, 256];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: WebhookId,
    pub event: EventId,
    pub store: StoreId,
    pub environment: Environment,
    /// What the delivery is about: the payment id or the billing key. Deliveries of one subject to
    /// one URL leave in the order of `sequence`.
    pub subject: String,
    pub sequence: u64,
    pub url: String,
    pub version: PayloadVersion,
    pub content_type: PayloadContentType,
    /// What is sent, as it was when it happened. Absent: the event in the version above.
    pub body: Option<String>,
    pub status_when_sent: Option<Status>,
    pub trigger: Option<Trigger>,
    pub created_at: Timestamp,
    pub state: DeliveryState,
    pub executions: u32,
    pub manual_executions: u32,
    pub last: Option<Execution>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for its next execution.
    Due {
        at: Timestamp,
    },
    Succeeded,
    /// All executions failed; stays visible and can be replayed.
    Dead,
}

/// The latest execution: what was sent and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    pub result: ExecutionResult,
    pub requested_at: Timestamp,
    /// Request headers as JSON object text, without secrets.
    pub request_header: String,
    pub request_body: String,
    pub response: Option<Response>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionResult {
    Succeeded,
    /// An answer that is not 2xx.
    NotOk,
    /// No answer: time-out, name resolution, TLS, reset, refused target.
    UnexpectedError,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub code: u16,
    pub header: String,
    /// Cut at 64 KiB.
    pub body: String,
    pub responded_at: Timestamp,
}

/// The wait before execution `number` (from 1): full jitter over the base wait. `random` is any
/// uniformly distributed number.
pub fn wait_before(number: u32, random: u64) -> SignedDuration {
    let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let base = BASE_WAITS_MINUTES.get(index).copied().unwrap_or(256);
    let millis = u64::try_from(base.saturating_mul(60_000)).unwrap_or(0);
    SignedDuration::from_millis(i64::try_from(random.checked_rem(millis).unwrap_or(0)).unwrap_or(0))
}

impl Delivery {
    /// How often it was sent, by schedule and by request. Grows with every recorded try, so it is
    /// what a write expects.
    pub const fn tries(&self) -> u32 {
        self.executions.saturating_add(self.manual_executions)
    }

    /// Records an execution of the schedule and decides what follows. `ended_at` is when it ended;
    /// waits start there.
    pub fn executed(&mut self, execution: Execution, ended_at: Timestamp, random: u64) {
        self.executions = self.executions.saturating_add(1);
        self.state = match execution.result {
            ExecutionResult::Succeeded => DeliveryState::Succeeded,
            ExecutionResult::NotOk | ExecutionResult::UnexpectedError
                if self.executions >= MAX_EXECUTIONS =>
            {
                DeliveryState::Dead
            }
            ExecutionResult::NotOk | ExecutionResult::UnexpectedError => DeliveryState::Due {
                at: ended_at
                    .checked_add(wait_before(self.executions.saturating_add(1), random))
                    .unwrap_or(Timestamp::MAX),
            },
        };
        self.last = Some(execution);
    }

    /// Records an execution that a person asked for. It does not count against the schedule, and a
    /// success ends the schedule.
    pub fn executed_manually(&mut self, execution: Execution) {
        self.manual_executions = self.manual_executions.saturating_add(1);
        self.trigger = Some(Trigger::Manual);
        if execution.result == ExecutionResult::Succeeded {
            self.state = DeliveryState::Succeeded;
        }
        self.last = Some(execution);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_below_their_base() {
        assert_eq!(wait_before(1, 123_456), SignedDuration::ZERO);
        for (number, minutes) in [(2, 1), (3, 4), (4, 16), (5, 64), (6, 256)] {
            for random in [0, 1, 59_999, u64::MAX] {
                let wait = wait_before(number, random);
                assert!(wait >= SignedDuration::ZERO && wait < SignedDuration::from_mins(minutes));
            }
        }
    }
}
