//! The use cases, one a file. This module knows no HTTP and no dialect.
//!
//! Every use case that moves money has the same three steps: decide and commit the intention, call
//! the PSP with no transaction open, decide and commit the outcome. `charging.rs` and `refunding.rs`
//! hold those steps; the use cases say what is charged or refunded.

pub mod authenticate_payment;
pub mod buyer_notice;
pub mod caller;
pub mod cancel_payment;
pub mod capture_payment;
pub mod cash_receipt;
pub mod channel_choice;
pub mod charging;
pub mod checkout;
pub mod checkout_profile;
pub mod clock_control;
pub mod close_virtual_account;
pub mod commit;
pub mod confirm_billing_key;
pub mod confirm_payment;
pub mod delete_billing_key;
pub mod directory;
pub mod disputes;
pub mod escrow;
pub mod failure;
pub mod global;
pub mod heard;
pub mod horizon;
pub mod idempotency;
pub mod identity_verification;
pub mod issue_billing_key;
pub mod lanes;
pub mod login;
pub mod notice;
pub mod notification;
pub mod pay_instantly;
pub mod pay_with_billing_key;
pub mod payment_link;
pub mod payment_session;
pub mod pg_specific;
pub mod platform;
pub mod pre_register;
pub mod promotion;
pub mod psp;
pub mod read;
pub mod refunding;
pub mod register_store_receipt;
pub mod resend_webhook;
pub mod resolve_by_operator;
pub mod revoke_schedules;
pub mod run_schedule;
pub mod schedule_payment;
pub mod stop_cancellation;
pub mod subscription;
pub mod success;
pub mod ticket;
pub mod vat_report;
mod waiting;

use crate::clock::{Clock, Ids, Random};
use crate::keyring::Keyring;
use crate::notify::Messenger;
use crate::webhooks::mailroom::Mailroom;
use crate::webhooks::send::Courier;
use directory::Directory;
use heard::Heard;
use horizon::Horizon;
use jiff::{SignedDuration, Timestamp};
use lanes::Lanes;
use paypier_connectors::simulator::psp::Psp;
use paypier_domain::channel::Environment;
use paypier_domain::payment::Limits;
use paypier_domain::payment_session::SessionLifetimes;
use paypier_storage::Storage;
use platform::lookup::Registries;
use psp::Psps;
use std::sync::Arc;
use std::time::Duration;
use success::AnswerBook;
use tokio::sync::Notify;

/// What the application is made of; everything ambient is handed in here.
#[derive(Debug)]
pub struct Parts {
    pub storage: Storage,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub keyring: Keyring,
    pub psps: Psps,
    /// The simulated PSP, for the sandbox controls; absent where the sandbox is switched off.
    pub simulator: Option<Arc<Psp>>,
    pub answers: Arc<dyn AnswerBook>,
    /// Carries webhooks out of the house.
    pub courier: Arc<dyn Courier>,
    /// Reaches buyers.
    pub messenger: Arc<dyn Messenger>,
    pub registries: Registries,
    pub policy: Policy,
}

/// What an operator may set about behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub limits: Limits,
    /// How long a caller is kept waiting while an outcome is unknown. Default 30 s, below the 60 s
    /// that callers are told to wait.
    pub caller_patience: Duration,
    /// Access and refresh tokens' lifetimes. Default 30 min and 1 day.
    pub access_token_lifetime: Duration,
    pub refresh_token_lifetime: Duration,
    /// How often a webhook may be sent again by request. Default 10.
    pub max_manual_deliveries: u32,
    /// How long a buyer may take in a checkout window. Default 60 min.
    pub window_lifetime: SignedDuration,
    pub session_lifetimes: SessionLifetimes,
    /// Where buyers reach this server, without a slash at the end.
    pub public_url: String,
    /// How long idempotency keys are kept. Default 30 days.
    pub idempotency_lifetime: Duration,
    /// Schedules that one process runs at once, so that what became due during a standstill does not
    /// reach the PSPs all at a time. Default 8.
    pub schedules_at_once: u32,
    /// How late a schedule may still run; `None` is however late. Default `None`.
    pub schedule_lateness: Option<SignedDuration>,
    /// Webhooks may go to loopback and private addresses. Only in local mode.
    pub allow_private_targets: bool,
    /// Whether the settlement platform is served. Default: it is.
    pub platform_enabled: bool,
    /// Other processes write to the same database.
    pub has_siblings: bool,
    /// How long directory entries may be stale when another process changed them. Default 1 s.
    pub directory_staleness: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            caller_patience: Duration::from_secs(30),
            access_token_lifetime: Duration::from_secs(30 * 60),
            refresh_token_lifetime: Duration::from_secs(24 * 60 * 60),
            max_manual_deliveries: 10,
            window_lifetime: SignedDuration::from_mins(60),
            session_lifetimes: SessionLifetimes::default(),
            public_url: String::new(),
            idempotency_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            schedules_at_once: 8,
            schedule_lateness: None,
            allow_private_targets: false,
            platform_enabled: true,
            has_siblings: false,
            directory_staleness: Duration::from_secs(1),
        }
    }
}

/// The application. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub storage: Storage,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub ids: Ids,
    pub keyring: Keyring,
    pub psps: Psps,
    pub simulator: Option<Arc<Psp>>,
    pub answers: Arc<dyn AnswerBook>,
    /// Banks and tax offices.
    pub registries: Registries,
    pub policy: Policy,
    pub directory: Directory,
    pub lanes: Lanes,
    pub heard: Heard,
    pub horizon: Horizon,
    pub mailroom: Mailroom,
    pub messenger: Arc<dyn Messenger>,
    pub workers: crate::jobs::Workers,
    /// Rung when a commit may have made something due; the scheduler sleeps on it.
    pub bell: Notify,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            ids: Ids { clock: parts.clock.clone(), random: parts.random.clone() },
            directory: Directory::new(parts.policy.directory_staleness),
            lanes: Lanes::default(),
            heard: Heard::default(),
            horizon: Horizon::default(),
            mailroom: Mailroom::new(parts.courier),
            messenger: parts.messenger,
            workers: crate::jobs::Workers::new(parts.policy.schedules_at_once),
            bell: Notify::new(),
            storage: parts.storage,
            clock: parts.clock,
            random: parts.random,
            keyring: parts.keyring,
            psps: parts.psps,
            simulator: parts.simulator,
            answers: parts.answers,
            registries: parts.registries,
            policy: parts.policy,
        }))
    }

    /// The time of a store's data: real for LIVE, moved for TEST when its test clock was moved.
    pub fn now(&self, profile: &directory::StoreProfile, environment: Environment) -> Timestamp {
        match environment {
            Environment::Live => self.clock.now(),
            Environment::Test => {
                self.clock.now().checked_add(profile.store.test_clock_offset).unwrap_or(Timestamp::MAX)
            }
        }
    }
}
