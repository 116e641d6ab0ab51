//! Everything that can be asked of the server over HTTP, in one table: an operation that is added to
//! the server is added here in one line, and a test fails until it is.

mod body;
mod buyer;
mod escrow;
pub mod global;
mod identity;
mod keys;
mod merchant;
mod payments;
mod platform;
mod psp;
mod reading;
mod receipts;
mod schedules;
mod sessions;
mod specialties;

pub use body::{Scene, card_numbers, with_criteria};
pub use platform::{Deal, What, partners as platform_partners, terms as platform_terms};

use crate::ground::Finding;
use bytes::Bytes;
use http::Method;
use std::sync::LazyLock;
use std::time::Duration;

/// One kind of request.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    pub name: &'static str,
    /// How often it is asked, compared with the others.
    pub weight: u32,
    pub part: Part,
    /// The method and path of the server's route.
    pub route: (&'static str, &'static str),
    /// Imagines one; `None` when nothing is there yet that it could be about.
    pub imagine: fn(&mut Scene<'_>) -> Option<Ask>,
}

/// The parts that operations belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Payments of the V2 dialect, with the sandbox and the checkout.
    Payments,
    /// Partners, transfers and payouts.
    Platform,
    /// The Global dialect.
    Global,
}

/// What a request is about, for the model that judges its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nothing that the model follows.
    Anything,
    /// The next page of a walk through all events of a store.
    Follow {
        store: &'static str,
        after: Option<String>,
    },
    /// The next page of a merchant's event feed.
    Feed {
        store: &'static str,
        after: Option<String>,
    },
    /// A payment is to be paid with so much.
    Pay {
        payment: Payment,
        amount: i64,
        is_captured_later: bool,
        is_in_escrow: bool,
    },
    IssueAccount {
        payment: Payment,
    },
    Authenticate {
        payment: Payment,
        amount: i64,
    },
    Confirm {
        payment: Payment,
        amount: i64,
    },
    CloseAccount {
        payment: Payment,
    },
    Escrow {
        payment: Payment,
    },
    Capture {
        payment: Payment,
    },
    Cancel {
        payment: Payment,
    },
    StopCancellation {
        payment: Payment,
        cancellation: String,
    },
    Resend {
        payment: Payment,
    },
    ReadPayment {
        payment: Payment,
    },
    /// A window opens for a payment.
    OpenCheckout {
        payment: Payment,
    },
    /// A window opens for a billing key.
    OpenKeyCheckout {
        store: &'static str,
    },
    /// A page is shown to the buyer of a payment, at this path: its forms can be sent.
    SeePage {
        payment: Payment,
        path: String,
    },
    /// A buyer sends a form of a page; it may lead to another page.
    SendForm {
        payment: Payment,
    },
    /// Somebody else's payment: must not be answered.
    Trespass,
    IssueKey {
        store: &'static str,
    },
    DeleteKey {
        key: String,
    },
    ReadKey {
        key: String,
    },
    /// A payment is to be made later.
    Plan {
        payment: Payment,
    },
    ReadSchedule {
        schedule: String,
    },
    Revoke,
    /// TEST payments are no sales.
    Untaxed,
    CreateSession {
        payment: Payment,
    },
    Login {
        store: usize,
    },
    Refresh {
        store: usize,
        token: String,
    },
    /// Must be refused as forged or stale.
    ForgedNotification,
    MoveClock {
        store: &'static str,
    },
    /// A message is sent again by its id.
    Replay,
    /// Whether somebody is who they say.
    Identity {
        store: &'static str,
        id: String,
    },
    /// The server's own pages, which are always there.
    Health,
    /// Something of the Global dialect.
    Global(global::Matter),
    /// Something of a merchant's settlement platform.
    Platform(Box<Deal>),
}

/// A payment's full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payment {
    pub store: &'static str,
    pub id: String,
}

impl std::fmt::Display for Payment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.store, self.id)
    }
}

impl About {
    /// The merchant whose settlement platform may have changed: by what was asked of it, or by time.
    pub fn market(&self) -> Option<&'static str> {
        match self {
            Self::Platform(deal) => Some(deal.merchant),
            Self::MoveClock { store } => crate::office::SHOPS
                .iter()
                .find(|shop| shop.id == *store && shop.is_representative)
                .map(|shop| shop.merchant),
            _ => None,
        }
    }

    /// The payment that may have changed.
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Pay { payment, .. }
            | Self::IssueAccount { payment }
            | Self::Authenticate { payment, .. }
            | Self::Confirm { payment, .. }
            | Self::CloseAccount { payment }
            | Self::OpenCheckout { payment }
            | Self::SeePage { payment, .. }
            | Self::SendForm { payment }
            | Self::Escrow { payment }
            | Self::Capture { payment }
            | Self::Cancel { payment }
            | Self::StopCancellation { payment, .. }
            | Self::Resend { payment }
            | Self::Plan { payment }
            | Self::ReadPayment { payment } => Some(payment),
            Self::Global(matter) => matter.payment(),
            Self::Anything
            | Self::Follow { .. }
            | Self::Feed { .. }
            | Self::Trespass
            | Self::IssueKey { .. }
            | Self::OpenKeyCheckout { .. }
            | Self::DeleteKey { .. }
            | Self::ReadKey { .. }
            | Self::ReadSchedule { .. }
            | Self::Revoke
            | Self::Untaxed
            | Self::CreateSession { .. }
            | Self::Login { .. }
            | Self::Refresh { .. }
            | Self::ForgedNotification
            | Self::MoveClock { .. }
            | Self::Replay
            | Self::Identity { .. }
            | Self::Platform(_)
            | Self::Health => None,
        }
    }
}

/// One request, complete.
#[derive(Debug, Clone)]
pub struct Ask {
    pub operation: &'static str,
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub body: Bytes,
    pub headers: Vec<(&'static str, String)>,
    /// The idempotency key, when there is one, and whose it is.
    pub key: Option<(&'static str, String)>,
    pub about: About,
    /// When the caller hangs up.
    pub patience: Duration,
}

/// As long as clients are told to wait, and a little.
pub const PATIENCE: Duration = Duration::from_secs(62);

/// A table of operations.
macro_rules! operations {
    ($part:ident: $($weight:literal $name:literal $method:literal $path:literal $imagine:path;)+) => {
        pub const OPERATIONS: &[$crate::operations::Operation] = &[$($crate::operations::Operation {
            name: $name,
            weight: $weight,
            part: $crate::operations::Part::$part,
            route: ($method, $path),
            imagine: $imagine,
        }),+];
    };
}

pub(crate) use operations;

/// Every operation.
pub static OPERATIONS: LazyLock<Vec<Operation>> =
    LazyLock::new(|| [payments::OPERATIONS, platform::OPERATIONS, global::OPERATIONS].concat());

/// Routes that the simulation leaves alone, each with the reason.
pub const LEFT_OUT: &[(&str, &str, &str)] =
    &[("POST", "/sandbox/reset", "empties what every law is about; stories in http/sandbox/tests.rs")];

/// What has to be there first is asked for instead, under its own name.
fn first(name: &'static str, ask: Option<Ask>) -> Option<Ask> {
    ask.map(|ask| if ask.operation.is_empty() { Ask { operation: name, ..ask } } else { ask })
}

/// What is said about an answer that must never be given.
pub fn internal_error(operation: &str, body: &[u8]) -> Finding {
    Finding::new("no answer is an internal error", format!("{operation}: {}", String::from_utf8_lossy(body)))
}
