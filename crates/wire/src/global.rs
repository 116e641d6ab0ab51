//! The Global dialect: every body of the operations in [`operation::operations`], of its webhooks and of its
//! redirects, one subject a file.
//!
//! Requests are read leniently: every member may be absent, `null` or of an unknown word, because the dialect
//! answers each of these faults with a code of its own. Refusing is up to translation; only what is no JSON, or
//! holds an object where a text belongs, cannot be read at all. Answers are strict: members in the documented
//! order, and empty ones spelled out as `""`, `0`, `false`, `null` or `{}`.
//!
//! Amounts are decimals of the major unit ([`Decimal`]); no float ever holds one. Instants are written in the
//! format of their member ([`time`]).

mod body;
pub mod code;
pub mod decimal;
pub mod envelope;
pub mod lenient;
pub mod openapi;
pub mod operation;
pub mod reference;
pub mod signed;
pub mod time;
pub mod webhook;

pub mod auth;
pub mod channel;
pub mod details;
pub mod endpoint;
pub mod link;
pub mod payment;
pub mod redirect;
pub mod refund;
pub mod subscription;

pub use auth::*;
pub use body::{Choices, Described, Schemas};
pub use channel::*;
pub use code::{Blame, Code, Fault};
pub use decimal::{Decimal, NotADecimal, NotMinorUnits};
pub use details::*;
pub use endpoint::*;
pub use envelope::*;
pub use lenient::{Choice, Flag, Number, Secret};
pub use link::*;
pub use payment::*;
pub use reference::Ksuid;
pub use refund::*;
pub use subscription::*;
