//! The settlement platform: the bodies of `/platform`, one subject a file.

pub mod additional_fee_policy;
pub mod contract;
pub mod counterparty;
pub mod cycle;
pub mod discount_share_policy;
pub mod error;
pub mod fee;
pub mod formula;
pub mod lookup;
pub mod partner;
pub mod partner_list;
pub mod partner_schedule;
pub mod partner_write;
pub mod property;
pub mod setting;

pub use additional_fee_policy::*;
pub use contract::*;
pub use counterparty::*;
pub use cycle::*;
pub use discount_share_policy::*;
pub use error::*;
pub use fee::*;
pub use formula::*;
pub use lookup::*;
pub use partner::*;
pub use partner_list::*;
pub use partner_schedule::*;
pub use partner_write::*;
pub use property::*;
pub use setting::*;
