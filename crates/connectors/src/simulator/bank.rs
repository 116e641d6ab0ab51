//! The simulated bank: it accepts every remittance, and says five minutes later how it ended.
//!
//! What becomes of one follows from the account alone, so that it can be rehearsed: a number that ends in 13
//! is rejected after it was accepted, every other one receives the money.

use jiff::{SignedDuration, Timestamp};

/// How long the bank takes.
pub const TAKES: SignedDuration = SignedDuration::from_mins(5);

/// What the bank says about a remittance that it has accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remittance {
    /// Nothing until then.
    Pending {
        until: Timestamp,
    },
    Done {
        at: Timestamp,
    },
    /// Nothing has left, for this reason.
    Rejected {
        at: Timestamp,
        reason: &'static str,
    },
}

/// Asks about a remittance to this account.
pub fn look_up(account_number: &str, accepted_at: Timestamp, now: Timestamp) -> Remittance {
    let at = accepted_at.checked_add(TAKES).unwrap_or(Timestamp::MAX);
    if now < at {
        return Remittance::Pending { until: at };
    }
    if account_number.ends_with("13") {
        return Remittance::Rejected { at, reason: "SANDBOX_ACCOUNT_CLOSED" };
    }
    Remittance::Done { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_says_how_it_ends_and_the_clock_when() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(look_up("123", at(0), at(299)), Remittance::Pending { until: at(300) });
        assert_eq!(look_up("123", at(0), at(300)), Remittance::Done { at: at(300) });
        let rejected = Remittance::Rejected { at: at(300), reason: "SANDBOX_ACCOUNT_CLOSED" };
        assert_eq!(look_up("5513", at(0), at(9_999)), rejected);
        assert_eq!(look_up("5513", at(0), at(1)), Remittance::Pending { until: at(300) });
    }
}
