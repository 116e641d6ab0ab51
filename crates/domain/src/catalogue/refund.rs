//! What a PSP lets one refund, and when.

use super::{Category, Method};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The rules of a method. Everything is known here: what the PSP does not say is filled in by category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundTerms {
    pub full: bool,
    pub partial: bool,
    /// More than one refund of a payment.
    pub several: bool,
    /// How many at most, where several are allowed.
    pub at_most: Option<usize>,
    /// How long after the payment refunds are taken, in days.
    pub window_days: Option<i64>,
    /// How long after the payment the first partial refund is taken, in hours.
    pub partial_after_hours: Option<i64>,
    /// Before the PSP has settled, only all of it can be given back.
    pub partial_when_settled: bool,
}

/// How much is to be refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundSize {
    /// All of the payment.
    Full,
    /// Less than all of it, or what earlier refunds have left.
    Partial,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundFacts {
    pub paid_at: Timestamp,
    pub is_settled: bool,
    /// Refunds that succeeded or may still do so.
    pub earlier: usize,
}

/// Why the PSP would not take a refund. Tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    #[error("payments by {0} cannot be refunded")]
    NotAtAll(&'static str),
    #[error("payments by {method} can be refunded for {days} days")]
    TooLate { method: &'static str, days: i64 },
    #[error("payments by {method} can be refunded {most} times")]
    TooMany { method: &'static str, most: usize },
    #[error("payments by {0} cannot be refunded in part")]
    NotInPart(&'static str),
    #[error("payments by {method} can be refunded in part {hours} hours after they were made")]
    NotYetInPart { method: &'static str, hours: i64 },
    #[error("payments by {0} can be refunded in part once they are settled")]
    InPartOnceSettled(&'static str),
}

impl Method {
    /// The rules of its refunds.
    pub fn refund_terms(&self) -> RefundTerms {
        let (full, partial) = match self.category {
            Category::Card | Category::SubscriptionCard | Category::Wallet | Category::All => (true, true),
            Category::Bnpl
            | Category::Installment
            | Category::QrCode
            | Category::BankTransfer
            | Category::NetBanking => (true, false),
            Category::VaBankTransfer | Category::Otc | Category::DirectDebit | Category::Crypto => {
                (false, false)
            }
        };
        let [known_full, known_partial, known_several] = self.refunds;
        let full = known_full.unwrap_or(full);
        let partial = full && known_partial.unwrap_or(partial);
        let several = partial && known_several.unwrap_or(partial);
        let settled_first = matches!(self.channel, "GBPRIMEPAY" | "KBANK");
        RefundTerms {
            full,
            partial,
            several,
            at_most: (self.key == "XENDIT_GCASH").then_some(7),
            window_days: self.window_days(),
            partial_after_hours: if self.channel == "ASIAPAY" || self.key == "XENDIT_PAYMAYA" {
                // PayMaya's rule is "not on the same day"; a whole day is never too early.
                Some(24)
            } else {
                None
            },
            partial_when_settled: partial && settled_first,
        }
    }

    fn window_days(&self) -> Option<i64> {
        match self.key {
            "XENDIT_OVO" => Some(14),
            "XENDIT_DANA" => Some(30),
            "XENDIT_GCASH" => Some(180),
            _ if self.channel == "NINEPAY" => Some(180),
            "XENDIT_SHOPEEPAY" | "XENDIT_PAYMAYA" | "XENDIT_GRABPAY" => Some(365),
            _ => None,
        }
    }

    /// Whether the PSP would take a refund of this size now.
    ///
    /// # Errors
    /// It would not, for the first of the reasons of [`RefundRefusal`].
    pub fn takes_refund(
        &self,
        size: RefundSize,
        facts: RefundFacts,
        now: Timestamp,
    ) -> Result<(), RefundRefusal> {
        let (terms, method) = (self.refund_terms(), self.key);
        if !terms.full {
            return Err(RefundRefusal::NotAtAll(method));
        }
        let age = now.duration_since(facts.paid_at);
        if let Some(days) = terms.window_days
            && age > DAY.saturating_mul(i32::try_from(days).unwrap_or(i32::MAX))
        {
            return Err(RefundRefusal::TooLate { method, days });
        }
        let most = if terms.several { terms.at_most.unwrap_or(usize::MAX) } else { 1 };
        if facts.earlier >= most {
            return Err(RefundRefusal::TooMany { method, most });
        }
        if size == RefundSize::Full && facts.earlier == 0 {
            return Ok(());
        }
        if !terms.partial {
            return Err(RefundRefusal::NotInPart(method));
        }
        if let Some(hours) = terms.partial_after_hours
            && age < SignedDuration::from_hours(hours)
        {
            return Err(RefundRefusal::NotYetInPart { method, hours });
        }
        if terms.partial_when_settled && !facts.is_settled {
            return Err(RefundRefusal::InPartOnceSettled(method));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{find, methods};
    use super::*;

    fn ask(
        key: &str,
        size: RefundSize,
        earlier: usize,
        hours: i64,
        is_settled: bool,
    ) -> Result<(), RefundRefusal> {
        let method = methods().iter().find(|method| method.key == key).unwrap();
        let paid_at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let now = paid_at.checked_add(SignedDuration::from_hours(hours)).unwrap();
        method.takes_refund(size, RefundFacts { paid_at, is_settled, earlier }, now)
    }

    #[test]
    fn refunds_are_taken_by_the_rules_of_the_method() {
        use RefundSize::{Full, Partial};
        for (key, size, earlier, hours, settled, answer) in [
            ("MOMOPAY_WALLET", Partial, 5, 1, false, Ok(())),
            ("MOMOPAY_WALLET", Full, 5, 1, false, Ok(())),
            (
                "CYBERSOURCE_CREDIT_CARD",
                Full,
                0,
                1,
                true,
                Err(RefundRefusal::NotAtAll("CYBERSOURCE_CREDIT_CARD")),
            ),
            ("APPOTAPAY_CREDIT_CARD", Full, 0, 1, true, Ok(())),
            (
                "APPOTAPAY_CREDIT_CARD",
                Partial,
                0,
                1,
                true,
                Err(RefundRefusal::NotInPart("APPOTAPAY_CREDIT_CARD")),
            ),
            ("BAOKIM_CREDIT_CARD", Partial, 0, 1, true, Ok(())),
            (
                "BAOKIM_CREDIT_CARD",
                Partial,
                1,
                1,
                true,
                Err(RefundRefusal::TooMany { method: "BAOKIM_CREDIT_CARD", most: 1 }),
            ),
            ("BAOKIM_INSTALLMENT", Full, 0, 1, true, Err(RefundRefusal::NotAtAll("BAOKIM_INSTALLMENT"))),
            (
                "ASIAPAY_ALIPAY",
                Partial,
                0,
                23,
                true,
                Err(RefundRefusal::NotYetInPart { method: "ASIAPAY_ALIPAY", hours: 24 }),
            ),
            ("ASIAPAY_ALIPAY", Partial, 0, 24, true, Ok(())),
            ("ASIAPAY_ALIPAY", Full, 0, 0, true, Ok(())),
            (
                "GBPRIMEPAY_CREDIT_CARD",
                Partial,
                0,
                1,
                false,
                Err(RefundRefusal::InPartOnceSettled("GBPRIMEPAY_CREDIT_CARD")),
            ),
            ("GBPRIMEPAY_CREDIT_CARD", Full, 0, 1, false, Ok(())),
            ("GBPRIMEPAY_CREDIT_CARD", Partial, 0, 1, true, Ok(())),
            ("XENDIT_GCASH", Partial, 6, 1, true, Ok(())),
            (
                "XENDIT_GCASH",
                Partial,
                7,
                1,
                true,
                Err(RefundRefusal::TooMany { method: "XENDIT_GCASH", most: 7 }),
            ),
            ("XENDIT_OVO", Full, 0, 14 * 24, true, Ok(())),
            (
                "XENDIT_OVO",
                Full,
                0,
                14 * 24 + 1,
                true,
                Err(RefundRefusal::TooLate { method: "XENDIT_OVO", days: 14 }),
            ),
        ] {
            assert_eq!(ask(key, size, earlier, hours, settled), answer, "{key} {size:?} after {earlier}");
        }
    }

    #[test]
    fn what_the_psp_does_not_say_is_filled_in_by_category() {
        let terms = |channel, key| {
            let terms = find(channel, key).unwrap().refund_terms();
            (terms.full, terms.partial, terms.several)
        };
        assert_eq!(terms("ZALOPAY", "ZALOPAY_WALLET"), (true, true, true), "y?? wallet");
        assert_eq!(terms("VTCPAY", "VTCPAY_CREDIT_CARD"), (true, true, true), "??? card");
        assert_eq!(terms("ATOME", "ATOME_BNPL"), (true, false, false), "??? pay later");
        assert_eq!(terms("XENDIT", "XENDIT_VIRTUAL_ACCOUNT"), (false, false, false), "??? virtual account");
        assert_eq!(terms("ASIAPAY", "ASIAPAY_BDO"), (true, true, true), "yy? online banking");
    }

    #[test]
    fn nothing_is_refunded_in_part_that_is_not_refunded_in_full() {
        for method in methods() {
            let terms = method.refund_terms();
            assert!(terms.full || !terms.partial, "{}", method.key);
            assert!(terms.partial || !terms.several, "{}", method.key);
        }
    }
}
