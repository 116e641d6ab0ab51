//! What a verification found, for people and for programs.

use serde::{Serialize, Serializer};
use std::fmt::Write;

/// What must hold. Each has a code that programs can rely on and a next step for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    DatabaseFile,
    RowReadable,
    OnePaidAttempt,
    CancelledWithinPaid,
    OneEnvironment,
    GuardColumns,
    JobQueued,
    PostingBalances,
    BalanceIsSum,
    ChargePosted,
    RefundPosted,
    PostingHasCause,
    EventSequence,
    EventForState,
    StateForEvent,
    AnswerRemembered,
    ScheduleFollows,
    SubscriptionFollows,
    PspAgrees,
    PspKnowsCharge,
    ChargeIsOurs,
    PspTotals,
    ReceiptAgrees,
    PromotionBudget,
    SettlementBooks,
}

impl Rule {
    pub const fn code(self) -> &'static str {
        match self {
            Self::DatabaseFile => "DATABASE_FILE",
            Self::RowReadable => "ROW_READABLE",
            Self::OnePaidAttempt => "ONE_PAID_ATTEMPT",
            Self::CancelledWithinPaid => "CANCELLED_WITHIN_PAID",
            Self::OneEnvironment => "ONE_ENVIRONMENT",
            Self::GuardColumns => "GUARD_COLUMNS",
            Self::JobQueued => "JOB_QUEUED",
            Self::PostingBalances => "POSTING_BALANCES",
            Self::BalanceIsSum => "BALANCE_IS_SUM",
            Self::ChargePosted => "CHARGE_POSTED",
            Self::RefundPosted => "REFUND_POSTED",
            Self::PostingHasCause => "POSTING_HAS_CAUSE",
            Self::EventSequence => "EVENT_SEQUENCE",
            Self::EventForState => "EVENT_FOR_STATE",
            Self::StateForEvent => "STATE_FOR_EVENT",
            Self::AnswerRemembered => "ANSWER_REMEMBERED",
            Self::ScheduleFollows => "SCHEDULE_FOLLOWS",
            Self::SubscriptionFollows => "SUBSCRIPTION_FOLLOWS",
            Self::PspAgrees => "PSP_AGREES",
            Self::PspKnowsCharge => "PSP_KNOWS_CHARGE",
            Self::ChargeIsOurs => "CHARGE_IS_OURS",
            Self::PspTotals => "PSP_TOTALS",
            Self::ReceiptAgrees => "RECEIPT_AGREES",
            Self::PromotionBudget => "PROMOTION_BUDGET",
            Self::SettlementBooks => "SETTLEMENT_BOOKS",
        }
    }

    pub const fn next_step(self) -> &'static str {
        match self {
            Self::DatabaseFile => {
                "stop the server, keep a copy of the database, restore the latest backup, and let the payments since then be found again at the PSPs"
            }
            Self::RowReadable => {
                "keep a copy of the database and report the row; a newer version may have written it"
            }
            Self::OnePaidAttempt | Self::CancelledWithinPaid => {
                "compare the payment with the PSP (paypier admin payment show) and give back what was taken too much"
            }
            Self::OneEnvironment => {
                "keep a copy of the database and report it; no shipped path mixes TEST and LIVE"
            }
            Self::GuardColumns => {
                "keep a copy of the database and report it; cancel nothing of this payment until the column says what the rows say"
            }
            Self::JobQueued => {
                "nobody will ask the PSP about it by himself: look at the PSP's record, and record what it says (paypier admin payment resolve)"
            }
            Self::PostingBalances | Self::BalanceIsSum => {
                "keep a copy of the database; find out who wrote to it besides paypier, and restore the ledger from the backup before"
            }
            Self::ChargePosted | Self::RefundPosted | Self::PostingHasCause => {
                "compare the payment with the PSP (paypier admin payment show); post or reverse the movement that is missing or too much"
            }
            Self::EventSequence | Self::EventForState | Self::StateForEvent => {
                "receivers may have missed an event: read the payment with the API and bring the merchant's record up to it"
            }
            Self::AnswerRemembered => {
                "a repetition is answered with 409 until the key expires; use a new key after looking at the payment"
            }
            Self::ScheduleFollows | Self::SubscriptionFollows => {
                "the payment tells how it ended; keep a copy of the database and report it, no shipped path changes one without the other"
            }
            Self::PspAgrees | Self::PspKnowsCharge | Self::ChargeIsOurs => {
                "look at the payment's evidence (paypier admin payment show) and at the PSP's record, and settle the difference with the PSP"
            }
            Self::ReceiptAgrees => {
                "look at the PSP's record of the cash receipt, and cancel or issue it there by hand"
            }
            Self::PromotionBudget => {
                "pause the promotion (paypier admin promotion pause), keep a copy of the database and report it"
            }
            Self::SettlementBooks => {
                "approve no bulk payout, keep a copy of the database and report it; no shipped path changes one side without the other"
            }
            Self::PspTotals => {
                "look at the differences of single charges above; without any, run verify again while nothing is served"
            }
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    pub rule: Rule,
    pub subject: String,
    pub expected: String,
    pub found: String,
    pub next_step: &'static str,
}

impl Difference {
    pub fn new(
        rule: Rule,
        subject: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            subject: subject.into(),
            expected: expected.into(),
            found: found.into(),
            next_step: rule.next_step(),
        }
    }
}

/// Something that is not settled yet, so that nothing can be said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Open {
    pub subject: String,
    pub state: String,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    pub file: bool,
    pub accounts: u64,
    pub payments: u64,
    pub attempts: u64,
    pub cancellations: u64,
    pub events: u64,
    pub entries: u64,
    pub schedules: u64,
    pub psp_orders: u64,
    pub cash_receipts: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub checked: Checked,
    /// False when a row that could not be read kept the rest from being looked at.
    pub is_complete: bool,
    pub difference_count: u64,
    pub differences: Vec<Difference>,
    pub open_count: u64,
    pub open: Vec<Open>,
    #[serde(skip)]
    most_listed: usize,
}

impl Report {
    pub const fn new(most_listed: usize) -> Self {
        Self {
            checked: Checked {
                file: false,
                accounts: 0,
                payments: 0,
                attempts: 0,
                cancellations: 0,
                events: 0,
                entries: 0,
                schedules: 0,
                psp_orders: 0,
                cash_receipts: 0,
            },
            is_complete: true,
            difference_count: 0,
            differences: Vec::new(),
            open_count: 0,
            open: Vec::new(),
            most_listed,
        }
    }

    /// Whether everything that could be proven holds.
    pub const fn holds(&self) -> bool {
        self.difference_count == 0 && self.is_complete
    }

    pub fn differs(
        &mut self,
        rule: Rule,
        subject: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        self.add(Difference::new(rule, subject, expected, found));
    }

    pub fn add(&mut self, difference: Difference) {
        self.difference_count = self.difference_count.saturating_add(1);
        if self.differences.len() < self.most_listed {
            self.differences.push(difference);
        }
    }

    pub fn add_open(&mut self, open: Open) {
        self.open_count = self.open_count.saturating_add(1);
        if self.open.len() < self.most_listed {
            self.open.push(open);
        }
    }

    /// For programs: one JSON object.
    pub fn json(&self) -> String {
        // Texts and numbers only: it cannot fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// For people: what was looked at, what differs and what to do, what is open.
    pub fn human(&self) -> String {
        let mut text = String::new();
        let checked = &self.checked;
        // Writing to a text does not fail.
        let _written = write!(
            text,
            "{} payments with {} attempts and {} cancellations, {} events, {} ledger entries in {} accounts, {} schedules, {} orders at the simulated PSP",
            checked.payments,
            checked.attempts,
            checked.cancellations,
            checked.events,
            checked.entries,
            checked.accounts,
            checked.schedules,
            checked.psp_orders,
        );
        for difference in &self.differences {
            let _written = write!(
                text,
                "\n\n{}: {}\n  expected  {}\n  found     {}\n  next      {}",
                difference.rule.code(),
                shown(&difference.subject),
                shown(&difference.expected),
                shown(&difference.found),
                difference.next_step,
            );
        }
        let unlisted =
            self.difference_count.saturating_sub(u64::try_from(self.differences.len()).unwrap_or(u64::MAX));
        if unlisted > 0 {
            let _written = write!(text, "\n\n… and {unlisted} more differences");
        }
        if !self.open.is_empty() {
            let _written = write!(text, "\n\nOpen, to be settled by the server's own questions to the PSP:");
            for open in &self.open {
                let _written = write!(text, "\n  {}  {}", shown(&open.subject), shown(&open.state));
            }
            let unlisted = self.open_count.saturating_sub(u64::try_from(self.open.len()).unwrap_or(u64::MAX));
            if unlisted > 0 {
                let _written = write!(text, "\n  … and {unlisted} more");
            }
        }
        let end = match (self.holds(), self.is_complete) {
            (true, _) => "Everything holds.".to_owned(),
            (false, true) => format!("{} differences.", self.difference_count),
            (false, false) => {
                format!("{} differences, and not everything could be looked at.", self.difference_count)
            }
        };
        let _written = write!(text, "\n\n{end}");
        text
    }
}

/// Ids are chosen by merchants and texts by PSPs, and a terminal obeys escape sequences.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_differs_and_what_to_do() {
        let mut report = Report::new(1);
        assert!(report.holds());
        assert!(report.human().ends_with("Everything holds."));
        report.differs(Rule::BalanceIsSum, "store-1 sales", "1000", "999\u{1b}[2J");
        report.differs(Rule::BalanceIsSum, "store-2 sales", "1", "2");
        report.add_open(Open { subject: "store-1/p attempt t".into(), state: "UNKNOWN".into() });
        assert!(!report.holds());
        let text = report.human();
        assert!(
            text.contains("BALANCE_IS_SUM: store-1 sales\n  expected  1000\n  found     999\u{fffd}[2J"),
            "{text}"
        );
        assert!(text.contains("… and 1 more differences") && text.contains("store-1/p attempt t"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["differences"][0]["rule"], "BALANCE_IS_SUM");
        assert_eq!((&json["differenceCount"], &json["isComplete"]), (&2.into(), &true.into()));
    }
}
