//! What a marketplace owes its partners: from an order's amounts to the money of a payout.
//!
//! Policies, contracts and partners (with versions) say how; [`order`], [`cancel`] and [`manual`]
//! calculate what one transfer is worth; [`cycle`] and [`calendar`] say when it is settled; [`register`]
//! and [`delete`] decide what may be registered and deleted; [`group`] adds transfers up to partner
//! settlements, [`payout`] and [`bulk`] those to payouts, with withholding tax; [`withdrawal`] takes money out to the merchant. All of it is arithmetic
//! on what is handed in: days and moments, calendars, loaded rows. Nothing here knows storage, banks or
//! a clock. [`transfer`], [`partner_settlement`] and [`paying`] are what is kept, with the changes that keep
//! it; [`books`] is what they post to the ledger.
//!
//! What always holds: amounts are minor units of one currency; every rounding happens once and is
//! named in the working ([`working`]); the parts of an amount add up to it exactly; the cancels of
//! an order that is cancelled in full add up to the order, member by member.

pub mod amount;
pub mod books;
pub mod bulk;
pub mod calculator;
pub mod calendar;
pub mod cancel;
pub mod contract;
pub mod cycle;
pub mod definition;
pub mod delete;
pub mod formula;
pub mod group;
pub mod id;
pub mod limit;
pub mod manual;
pub mod order;
pub mod partner;
pub mod partner_settlement;
pub mod paying;
pub mod payout;
pub mod policy;
pub mod property;
pub mod register;
pub mod setting;
pub mod status;
pub mod transfer;

pub mod verification;
pub mod version;
pub mod withdrawal;
pub mod working;

#[cfg(test)]
mod testing;

use jiff::Timestamp;
use jiff::civil::Date;

/// The calendar day in Korea at a moment. Korea has had no summer time since 1988.
pub fn day_in_korea(at: Timestamp) -> Date {
    jiff::tz::offset(9).to_datetime(at).date()
}

/// Settlement currencies that the platform supports (section 7.1).
pub const CURRENCIES: [&str; 9] = ["KRW", "USD", "JPY", "EUR", "CNY", "TWD", "AUD", "THB", "HKD"];

/// Whether transfers may be settled in this currency.
pub fn is_supported(currency: crate::money::Currency) -> bool {
    CURRENCIES.contains(&currency.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_seoul() {
        let at = |text: &str| day_in_korea(text.parse().unwrap()).to_string();
        assert_eq!(at("2024-06-30T14:59:59Z"), "2024-06-30");
        assert_eq!(at("2024-06-30T15:00:00Z"), "2024-07-01");
        assert_eq!(at("2024-02-29T23:59:59+09:00"), "2024-02-29");
    }

    #[test]
    fn every_supported_currency_exists() {
        assert!(CURRENCIES.iter().all(|code| crate::money::Currency::parse(code).is_some_and(is_supported)));
        assert!(!is_supported(crate::money::Currency::parse("GBP").unwrap()));
    }
}
