//! The Global dialect beside its HTTP: what is proved with a merchant's secret, and amounts between the wire and
//! the domain. Nothing here knows a request or a store.

pub mod amount;
pub mod link;
pub mod message;
pub mod order;
pub mod signature;
pub mod subscription;
pub mod token;
pub mod transaction;
