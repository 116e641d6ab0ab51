//! Registering transfers: the decisions behind `POST /platform/transfers/order`, `…/order-cancel` and
//! `…/manual` (v2-platform, sections 10 to 12), with their refusals in the contract's precedence.
//!
//! The caller has loaded what the request names, as far as it exists; what does not exist is `None`.
//! Sums over other transfers of a payment are loaded, too: the write guards that they still hold.

mod cancel;
mod manual;
mod order;

pub use self::cancel::{
    CancelAsk, CancelFound, CancelNaming, CancelTransfer, CancellationFacts, OrderCancelRefusal, Origin,
    Original, OurCancellation, order_cancel,
};
pub use self::manual::{ManualAsk, ManualFound, ManualTransferRefusal, manual};
pub use self::order::{
    DetailAsk, DiscountAsk, LineAsk, OrderAsk, OrderFound, OrderRefusal, OrderTransfer, PaymentFacts, order,
    start_date,
};
use super::calendar::Calendar;
use super::setting::Setting;
use jiff::civil::Date;

/// What holds for every registration of a merchant at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Office<'a> {
    pub setting: &'a Setting,
    pub calendar: &'a Calendar,
    pub today: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Found,
    NotFound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdUse {
    Free,
    Used,
}

#[cfg(test)]
mod tests;
