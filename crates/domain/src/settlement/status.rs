//! Where transfers, partner settlements, payouts and bulk payouts stand, and what may follow
//! (v2-platform, sections 2, 18, 19 and 20).
//!
//! A transfer's status is derived from its dates, a day and its partner settlement, and never
//! stored: a restart, or a clock that jumps several days, shows what is true.

use jiff::civil::Date;

/// Unit enums with the name under which they are stored and filtered.
macro_rules! named {
    ($($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

named! {
    TransferStatus {
        /// Before its start date: amounts and settlement date still follow contract and policies.
        Scheduled = "SCHEDULED",
        /// Frozen, and not due.
        InProcess = "IN_PROCESS",
        /// Due, or back from a payout that failed.
        Settled = "SETTLED",
        PayoutConfirmed = "PAYOUT_CONFIRMED",
        InPayout = "IN_PAYOUT",
        PaidOut = "PAID_OUT",
    }

    PartnerSettlementStatus {
        /// Waits to be paid.
        Prepared = "PAYOUT_PREPARED",
        /// In a payout whose amounts are fixed.
        Confirmed = "CONFIRMED",
        Scheduled = "PAYOUT_SCHEDULED",
        InPayout = "IN_PAYOUT",
        PaidOut = "PAID_OUT",
        Failed = "PAYOUT_FAILED",
        Cancelled = "CANCELLED",
        /// Held back by an operator.
        Withheld = "PAYOUT_WITHHELD",
        /// Will not be paid through the platform.
        Excluded = "PAYOUT_EXCLUDED",
    }

    PayoutStatus {
        /// Amounts are fixed; nothing was executed.
        Confirmed = "CONFIRMED",
        /// Reserved for later.
        Scheduled = "SCHEDULED",
        /// In the line of a running execution.
        Prepared = "PREPARED",
        /// The bank was asked.
        Processing = "PROCESSING",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        /// Taken out while it waited.
        Stopped = "STOPPED",
        Cancelled = "CANCELLED",
    }

    BulkPayoutStatus {
        /// Settlements are being selected.
        Preparing = "PREPARING",
        /// Payouts are generated.
        Prepared = "PREPARED",
        Ongoing = "ONGOING",
        PostProcessPending = "POST_PROCESS_PENDING",
        /// Every payout has ended, one way or the other.
        Completed = "COMPLETED",
        Cancelled = "CANCELLED",
    }
}

/// The dates of a transfer. Manual ones have no start date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferDates {
    pub starts_on: Option<Date>,
    pub settles_on: Date,
}

impl TransferStatus {
    /// `settlement` is the status of the partner settlement that the transfer has joined, if any.
    pub fn of(dates: TransferDates, today: Date, settlement: Option<PartnerSettlementStatus>) -> Self {
        match settlement {
            Some(status) => status.of_transfers(),
            None if dates.starts_on.is_some_and(|starts_on| today < starts_on) => Self::Scheduled,
            None if today < dates.settles_on => Self::InProcess,
            None => Self::Settled,
        }
    }

    /// Whether amounts and date stay as they are, whatever becomes of contract and policies.
    pub const fn is_frozen(self) -> bool {
        !matches!(self, Self::Scheduled)
    }
}

/// An operator's change of a partner settlement that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a partner settlement that is {from} cannot be made {to}")]
pub struct SettlementRefusal {
    pub from: PartnerSettlementStatus,
    pub to: PartnerSettlementStatus,
}

impl PartnerSettlementStatus {
    /// What this means for the transfers inside.
    pub const fn of_transfers(self) -> TransferStatus {
        match self {
            Self::Prepared | Self::Failed | Self::Cancelled | Self::Withheld | Self::Excluded => {
                TransferStatus::Settled
            }
            Self::Confirmed => TransferStatus::PayoutConfirmed,
            Self::Scheduled | Self::InPayout => TransferStatus::InPayout,
            Self::PaidOut => TransferStatus::PaidOut,
        }
    }

    /// Whether it may be taken into a payout.
    pub const fn is_payable(self) -> bool {
        matches!(self, Self::Prepared | Self::Failed | Self::Cancelled)
    }

    /// Whether it may be deleted, with its transfers or one of them.
    pub const fn is_deletable(self) -> bool {
        matches!(self, Self::Prepared | Self::Withheld | Self::Cancelled | Self::Excluded)
    }

    /// An operator's change.
    ///
    /// # Errors
    /// Changes that section 18 does not name.
    pub const fn changed_by_operator(self, to: Self) -> Result<Self, SettlementRefusal> {
        let allowed = match self {
            Self::Prepared => matches!(to, Self::Withheld | Self::Excluded),
            Self::Withheld => matches!(to, Self::Prepared | Self::Excluded),
            Self::Cancelled => matches!(to, Self::Prepared | Self::Withheld | Self::Excluded),
            Self::Excluded => matches!(to, Self::Prepared | Self::Withheld),
            Self::Failed => matches!(to, Self::Prepared),
            Self::Confirmed | Self::Scheduled | Self::InPayout | Self::PaidOut => false,
        };
        if allowed { Ok(to) } else { Err(SettlementRefusal { from: self, to }) }
    }
}

named! {
    /// What happens to a payout.
    PayoutStep {
        Reserve = "RESERVE",
        CancelReservation = "CANCEL_RESERVATION",
        /// Its execution begins, or it is put back in line after having been stopped.
        Queue = "QUEUE",
        /// The bank is asked.
        Begin = "BEGIN",
        Succeed = "SUCCEED",
        Fail = "FAIL",
        Stop = "STOP",
        Cancel = "CANCEL",
        /// The merchant has paid by itself.
        PaidOutside = "PAID_OUTSIDE",
    }

    /// What happens to a bulk payout.
    BulkPayoutStep {
        /// Payouts are made of what is selected.
        Generate = "GENERATE",
        Execute = "EXECUTE",
        /// Its last payout has ended.
        PayoutsEnded = "PAYOUTS_ENDED",
        Complete = "COMPLETE",
        Cancel = "CANCEL",
    }
}

/// A step that is not possible from a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{step} is not possible for a payout that is {status}")]
pub struct PayoutStepRefusal {
    pub status: PayoutStatus,
    pub step: PayoutStep,
}

/// A step that is not possible from a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{step} is not possible for a bulk payout that is {status}")]
pub struct BulkPayoutStepRefusal {
    pub status: BulkPayoutStatus,
    pub step: BulkPayoutStep,
}

impl PayoutStatus {
    /// # Errors
    /// Steps that are not possible from here. A payout that the bank was asked for can only succeed
    /// or fail: it is never stopped, cancelled or asked for again.
    pub const fn after(self, step: PayoutStep) -> Result<Self, PayoutStepRefusal> {
        use PayoutStep as S;
        Ok(match (self, step) {
            (Self::Confirmed, S::Reserve) => Self::Scheduled,
            (Self::Scheduled, S::CancelReservation) => Self::Confirmed,
            (Self::Confirmed | Self::Scheduled | Self::Stopped, S::Queue) => Self::Prepared,
            (Self::Prepared, S::Begin) => Self::Processing,
            (Self::Processing, S::Succeed) | (Self::Confirmed, S::PaidOutside) => Self::Succeeded,
            (Self::Processing, S::Fail) => Self::Failed,
            (Self::Prepared, S::Stop) => Self::Stopped,
            (Self::Confirmed | Self::Stopped | Self::Failed, S::Cancel) => Self::Cancelled,
            (status, step) => return Err(PayoutStepRefusal { status, step }),
        })
    }

    /// Whether nothing will follow without an operator.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped | Self::Cancelled)
    }

    /// What its partner settlements become; `None`: they stay as they are.
    pub const fn of_settlements(self) -> Option<PartnerSettlementStatus> {
        Some(match self {
            Self::Confirmed => PartnerSettlementStatus::Confirmed,
            Self::Scheduled => PartnerSettlementStatus::Scheduled,
            Self::Prepared | Self::Processing => PartnerSettlementStatus::InPayout,
            Self::Succeeded => PartnerSettlementStatus::PaidOut,
            Self::Failed => PartnerSettlementStatus::Failed,
            Self::Cancelled => PartnerSettlementStatus::Cancelled,
            Self::Stopped => return None,
        })
    }
}

impl BulkPayoutStatus {
    /// # Errors
    /// Steps that are not possible from here.
    pub const fn after(self, step: BulkPayoutStep) -> Result<Self, BulkPayoutStepRefusal> {
        use BulkPayoutStep as S;
        Ok(match (self, step) {
            (Self::Preparing, S::Generate) => Self::Prepared,
            (Self::Prepared, S::Execute) => Self::Ongoing,
            (Self::Ongoing, S::PayoutsEnded) => Self::PostProcessPending,
            (Self::PostProcessPending, S::Complete) => Self::Completed,
            (Self::Preparing | Self::Prepared, S::Cancel) => Self::Cancelled,
            (status, step) => return Err(BulkPayoutStepRefusal { status, step }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_transfers_status_follows_from_its_dates() {
        use TransferStatus as T;
        let dates = |starts_on: i8, settles_on: i8| TransferDates {
            starts_on: Some(date(2024, 10, starts_on)),
            settles_on: date(2024, 10, settles_on),
        };
        // start, settlement, today, status
        for (starts_on, settles_on, today, status) in [
            (10, 20, 9, T::Scheduled),
            (10, 20, 10, T::InProcess),
            (10, 20, 19, T::InProcess),
            (10, 20, 20, T::Settled),
            (10, 20, 31, T::Settled),
            (10, 10, 10, T::Settled),
            // A holiday may pull the settlement date before the start date; it waits for its start.
            (10, 9, 9, T::Scheduled),
            (10, 9, 10, T::Settled),
        ] {
            let found = T::of(dates(starts_on, settles_on), date(2024, 10, today), None);
            assert_eq!(found, status, "{starts_on} {settles_on} {today}");
        }
        let manual = TransferDates { starts_on: None, settles_on: date(2024, 10, 20) };
        assert_eq!(T::of(manual, date(2024, 10, 19), None), T::InProcess);
        assert_eq!(T::of(manual, date(2024, 10, 20), None), T::Settled);
        assert!(!T::Scheduled.is_frozen() && T::InProcess.is_frozen());
    }

    #[test]
    fn a_payout_decides_what_its_settlements_and_their_transfers_are() {
        // Section 19.
        use PartnerSettlementStatus as S;
        use TransferStatus as T;
        for (payout, settlement, transfer) in [
            (PayoutStatus::Confirmed, Some(S::Confirmed), Some(T::PayoutConfirmed)),
            (PayoutStatus::Scheduled, Some(S::Scheduled), Some(T::InPayout)),
            (PayoutStatus::Prepared, Some(S::InPayout), Some(T::InPayout)),
            (PayoutStatus::Processing, Some(S::InPayout), Some(T::InPayout)),
            (PayoutStatus::Succeeded, Some(S::PaidOut), Some(T::PaidOut)),
            (PayoutStatus::Failed, Some(S::Failed), Some(T::Settled)),
            (PayoutStatus::Cancelled, Some(S::Cancelled), Some(T::Settled)),
            (PayoutStatus::Stopped, None, None),
        ] {
            assert_eq!(payout.of_settlements(), settlement, "{payout}");
            assert_eq!(payout.of_settlements().map(S::of_transfers), transfer, "{payout}");
        }
    }

    #[test]
    fn operators_change_settlements_as_section_18_says_and_no_other_way() {
        use PartnerSettlementStatus as S;
        let allowed = [
            (S::Prepared, S::Withheld),
            (S::Withheld, S::Prepared),
            (S::Cancelled, S::Prepared),
            (S::Cancelled, S::Withheld),
            (S::Withheld, S::Excluded),
            (S::Cancelled, S::Excluded),
            (S::Prepared, S::Excluded),
            (S::Excluded, S::Withheld),
            (S::Excluded, S::Prepared),
            (S::Failed, S::Prepared),
        ];
        for from in S::ALL {
            for to in S::ALL {
                let changed = from.changed_by_operator(*to);
                let expected = allowed.contains(&(*from, *to));
                assert_eq!(changed.is_ok(), expected, "{from} to {to}");
            }
        }
    }

    #[test]
    fn payouts_and_bulk_payouts_step_as_sections_19_and_20_say() {
        use PayoutStatus as P;
        use PayoutStep as S;
        let possible = [
            (P::Confirmed, S::Reserve, P::Scheduled),
            (P::Confirmed, S::Queue, P::Prepared),
            (P::Confirmed, S::Cancel, P::Cancelled),
            (P::Confirmed, S::PaidOutside, P::Succeeded),
            (P::Scheduled, S::CancelReservation, P::Confirmed),
            (P::Scheduled, S::Queue, P::Prepared),
            (P::Prepared, S::Begin, P::Processing),
            (P::Prepared, S::Stop, P::Stopped),
            (P::Processing, S::Succeed, P::Succeeded),
            (P::Processing, S::Fail, P::Failed),
            (P::Stopped, S::Queue, P::Prepared),
            (P::Stopped, S::Cancel, P::Cancelled),
            (P::Failed, S::Cancel, P::Cancelled),
        ];
        for status in P::ALL {
            for step in S::ALL {
                let row = possible.iter().find(|row| (row.0, row.1) == (*status, *step));
                assert_eq!(status.after(*step).ok(), row.map(|row| row.2), "{status} {step}");
            }
        }
        // Paid is paid.
        assert!(S::ALL.iter().all(|step| P::Succeeded.after(*step).is_err()));

        use BulkPayoutStatus as B;
        use BulkPayoutStep as T;
        let possible = [
            (B::Preparing, T::Generate, B::Prepared),
            (B::Preparing, T::Cancel, B::Cancelled),
            (B::Prepared, T::Execute, B::Ongoing),
            (B::Prepared, T::Cancel, B::Cancelled),
            (B::Ongoing, T::PayoutsEnded, B::PostProcessPending),
            (B::PostProcessPending, T::Complete, B::Completed),
        ];
        for status in B::ALL {
            for step in T::ALL {
                let row = possible.iter().find(|row| (row.0, row.1) == (*status, *step));
                assert_eq!(status.after(*step).ok(), row.map(|row| row.2), "{status} {step}");
            }
        }
    }

    #[test]
    fn names_can_be_read_back() {
        assert!(
            TransferStatus::ALL.iter().all(|status| TransferStatus::parse(status.as_str()) == Some(*status))
        );
        assert!(
            PartnerSettlementStatus::ALL
                .iter()
                .all(|status| PartnerSettlementStatus::parse(status.as_str()) == Some(*status))
        );
        assert_eq!(PayoutStatus::parse("PREPARING"), None);
    }
}
