//! Bounds on what one payment may do and on how long callers wait.

use super::quantity::Bytes;
use super::setting::{Setting, setting};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// The largest request body.
    pub max_body_size: Bytes,
    /// Requests that are worked on at once; one more is refused with 503.
    pub max_requests: u32,
    /// For how long changes may stand in line at the database before requests that would add one are
    /// refused with 503.
    pub longest_line: Duration,
    /// How long a caller waits at most for an answer; the work goes on behind it.
    pub request_deadline: Duration,
    pub max_attempts: u32,
    pub max_cancellations: u32,
    /// How long a caller is kept waiting while a PSP's answer is missing.
    pub caller_patience: Duration,
    /// After how long a job looks for an answer that never came.
    pub answer_overdue: Duration,
    pub idempotency_lifetime: Duration,
    /// How long a buyer may take in a checkout window.
    pub checkout_window: Duration,
    /// Schedules that one process runs at once.
    pub schedules_at_once: u32,
    /// How late a schedule may still run; zero is however late.
    pub schedule_lateness: Duration,
    /// How long a payment session lives whose caller says nothing, and how long one may live at most.
    pub session_lifetime: Duration,
    pub longest_session: Duration,
    /// How long another process's change of a store or credential may go unnoticed.
    pub directory_staleness: Duration,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            max_body_size: Bytes::mib(1),
            max_requests: 2048,
            longest_line: Duration::from_millis(100),
            request_deadline: Duration::from_secs(60),
            max_attempts: 100,
            max_cancellations: 100,
            caller_patience: Duration::from_secs(30),
            answer_overdue: Duration::from_secs(60),
            idempotency_lifetime: Duration::from_secs(30 * 86_400),
            checkout_window: Duration::from_secs(3_600),
            schedules_at_once: 8,
            schedule_lateness: Duration::ZERO,
            session_lifetime: Duration::from_secs(3_600),
            longest_session: Duration::from_secs(7 * 86_400),
            directory_staleness: Duration::from_secs(1),
        }
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "limits.max_body_size",
        "PAYPIER_MAX_BODY_SIZE",
        limits.max_body_size,
        "a size from 16KiB to 64MiB, with its unit (KiB, MiB)",
        Bytes::kib(16)..=Bytes::mib(64)
    ),
    setting!(
        "limits.max_requests",
        "PAYPIER_MAX_REQUESTS",
        limits.max_requests,
        "a whole number from 16 to 100000",
        16..=100_000
    ),
    setting!(
        "limits.longest_line",
        "PAYPIER_LONGEST_LINE",
        limits.longest_line,
        "a time from 10ms to 30s, with its unit (ms, s)",
        Duration::from_millis(10)..=Duration::from_secs(30)
    ),
    setting!(
        "limits.request_deadline",
        "PAYPIER_REQUEST_DEADLINE",
        limits.request_deadline,
        "a time from 5s to 10m, with its unit (s, m)",
        Duration::from_secs(5)..=Duration::from_secs(600)
    ),
    setting!(
        "limits.max_attempts",
        "PAYPIER_MAX_ATTEMPTS",
        limits.max_attempts,
        "a whole number from 1 to 10000",
        1..=10_000
    ),
    setting!(
        "limits.max_cancellations",
        "PAYPIER_MAX_CANCELLATIONS",
        limits.max_cancellations,
        "a whole number from 1 to 10000",
        1..=10_000
    ),
    setting!(
        "limits.caller_patience",
        "PAYPIER_CALLER_PATIENCE",
        limits.caller_patience,
        "a time from 1s to 55s, with its unit (ms, s); callers are told to wait 60s",
        Duration::from_secs(1)..=Duration::from_secs(55)
    ),
    setting!(
        "limits.answer_overdue",
        "PAYPIER_ANSWER_OVERDUE",
        limits.answer_overdue,
        "a time from 2s to 1h, with its unit (s, m, h)",
        Duration::from_secs(2)..=Duration::from_secs(3_600)
    ),
    setting!(
        "limits.idempotency_lifetime",
        "PAYPIER_IDEMPOTENCY_LIFETIME",
        limits.idempotency_lifetime,
        "a time from 3h to 365d, with its unit (h, d)",
        Duration::from_secs(3 * 3_600)..=Duration::from_secs(365 * 86_400)
    ),
    setting!(
        "limits.checkout_window",
        "PAYPIER_CHECKOUT_WINDOW",
        limits.checkout_window,
        "a time from 1m to 1d, with its unit (m, h, d)",
        Duration::from_secs(60)..=Duration::from_secs(86_400)
    ),
    setting!(
        "limits.schedules_at_once",
        "PAYPIER_SCHEDULES_AT_ONCE",
        limits.schedules_at_once,
        "a whole number from 1 to 256",
        1..=256
    ),
    setting!(
        "limits.schedule_lateness",
        "PAYPIER_SCHEDULE_LATENESS",
        limits.schedule_lateness,
        "a time from 0s to 365d, with its unit (s, m, h, d); 0s is however late",
        Duration::ZERO..=Duration::from_secs(365 * 86_400)
    ),
    setting!(
        "limits.directory_staleness",
        "PAYPIER_DIRECTORY_STALENESS",
        limits.directory_staleness,
        "a time from 0s to 1m, with its unit (ms, s, m)",
        Duration::ZERO..=Duration::from_secs(60)
    ),
    setting!(
        "limits.session_lifetime",
        "PAYPIER_SESSION_LIFETIME",
        limits.session_lifetime,
        "a time from 1m to 365d, with its unit (m, h, d)",
        Duration::from_secs(60)..=Duration::from_secs(365 * 86_400)
    ),
    setting!(
        "limits.longest_session",
        "PAYPIER_LONGEST_SESSION",
        limits.longest_session,
        "a time from 1m to 365d, with its unit (m, h, d)",
        Duration::from_secs(60)..=Duration::from_secs(365 * 86_400)
    ),
];
