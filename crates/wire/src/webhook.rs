//! What merchants' endpoints are told, in both versions a merchant can choose between. A payload only names
//! what happened and to what; state and amounts are for the receiver to fetch. Signing and delivery are not
//! here.

pub mod form;
pub mod v2024_01_01;
pub mod v2024_04_25;
