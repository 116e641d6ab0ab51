//! Payment links: what may become of one, and when its buyer hears of it.
//!
//! Opening a link changes nothing; starting a payment does. One payment of a link succeeds, and nothing leaves a
//! state that is final.

use jiff::{SignedDuration, Timestamp};

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkStatus {
    Created,
    /// A payment has been started. It may have failed since; another one may be.
    Processing,
    Success,
    Expired,
    Cancelled,
}

/// A link, as far as its life is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLife {
    pub status: LinkStatus,
    pub expires_at: Option<Timestamp>,
    /// An attempt whose outcome is not known yet.
    pub has_open_attempt: bool,
}

/// Why nothing becomes of it. Tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    #[error("the link is {0:?}, which is final")]
    Final(LinkStatus),
    #[error("the link has expired")]
    Expired,
    #[error("an attempt to pay the link is not decided yet")]
    AttemptOpen,
}

impl LinkStatus {
    pub const ALL: [Self; 5] =
        [Self::Created, Self::Processing, Self::Success, Self::Expired, Self::Cancelled];

    /// As the dialect writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Processing => "Processing",
            Self::Success => "Success",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    pub const fn is_final(self) -> bool {
        match self {
            Self::Created | Self::Processing => false,
            Self::Success | Self::Expired | Self::Cancelled => true,
        }
    }
}

impl LinkLife {
    /// How it stands at this instant, whether or not somebody has written down that it has expired. A link
    /// whose attempt is open does not expire: the money may be on its way.
    pub fn status_at(&self, now: Timestamp) -> LinkStatus {
        let is_over = self.expires_at.is_some_and(|at| at <= now);
        if is_over && !self.status.is_final() && !self.has_open_attempt {
            LinkStatus::Expired
        } else {
            self.status
        }
    }

    fn open_at(&self, now: Timestamp) -> Result<(), LinkRefusal> {
        match self.status_at(now) {
            LinkStatus::Created | LinkStatus::Processing => Ok(()),
            LinkStatus::Expired => Err(LinkRefusal::Expired),
            status @ (LinkStatus::Success | LinkStatus::Cancelled) => Err(LinkRefusal::Final(status)),
        }?;
        if self.has_open_attempt { Err(LinkRefusal::AttemptOpen) } else { Ok(()) }
    }

    /// The buyer starts a payment.
    ///
    /// # Errors
    /// The link is final or has expired, or an attempt is open: two at once would both take money.
    pub fn payment_started(&self, now: Timestamp) -> Result<LinkStatus, LinkRefusal> {
        self.open_at(now).map(|()| LinkStatus::Processing)
    }

    /// The merchant cancels it. Cancelling twice is no fault.
    ///
    /// # Errors
    /// The link is final in another way, or an attempt is open.
    pub fn cancelled(&self, now: Timestamp) -> Result<LinkStatus, LinkRefusal> {
        if self.status == LinkStatus::Cancelled {
            return Ok(self.status);
        }
        self.open_at(now).map(|()| LinkStatus::Cancelled)
    }

    /// The merchant changes it.
    ///
    /// # Errors
    /// The link is final or has expired, or an attempt is open.
    pub fn changeable(&self, now: Timestamp) -> Result<(), LinkRefusal> {
        self.open_at(now)
    }

    /// An attempt has succeeded. Whatever the link was, it is paid, because money has moved: unless another
    /// attempt was first, which is then told by an error, so that this one is given back.
    ///
    /// # Errors
    /// The link was paid before.
    pub const fn paid(&self) -> Result<LinkStatus, LinkRefusal> {
        match self.status {
            LinkStatus::Success => Err(LinkRefusal::Final(LinkStatus::Success)),
            LinkStatus::Created | LinkStatus::Processing | LinkStatus::Expired | LinkStatus::Cancelled => {
                Ok(LinkStatus::Success)
            }
        }
    }
}

/// What a request says about sending a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sending {
    /// Absent, no or yes are three things.
    pub immediately: Option<bool>,
    pub scheduled_at: Option<Timestamp>,
}

impl Sending {
    /// When it is sent: at its creation, later, or never unless somebody asks for it. An instant in the past is
    /// at once.
    pub fn at(self, created_at: Timestamp) -> Option<Timestamp> {
        match (self.immediately, self.scheduled_at) {
            (Some(true), _) | (None, None) => Some(created_at),
            (Some(false) | None, Some(scheduled_at)) => Some(scheduled_at.max(created_at)),
            (Some(false), None) => None,
        }
    }
}

/// What the time of a reminder is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderUnit {
    Hours,
    Days,
}

/// When the buyer is reminded: so long before the expiry. Never without one, and not before the link is there.
pub fn reminder(
    time: i64,
    unit: ReminderUnit,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> Option<Timestamp> {
    let hours = match unit {
        ReminderUnit::Hours => time,
        ReminderUnit::Days => time.checked_mul(24)?,
    };
    if hours < 1 {
        return None;
    }
    let before = SignedDuration::try_from_hours(hours)?;
    expires_at?.checked_sub(before).ok().map(|at| at.max(created_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-01-02T00:00:00Z";

    fn link(status: LinkStatus, expires_at: Option<&str>, has_open_attempt: bool) -> LinkLife {
        LinkLife { status, expires_at: expires_at.map(at), has_open_attempt }
    }

    #[test]
    fn a_link_lives_as_its_table_says() {
        use LinkStatus::*;
        let (past, future) = (Some("2026-01-01T00:00:00Z"), Some("2026-01-03T00:00:00Z"));
        for (status, expires_at, open, started, cancelled) in [
            (Created, None, false, Ok(Processing), Ok(Cancelled)),
            (Created, future, false, Ok(Processing), Ok(Cancelled)),
            (Created, past, false, Err(LinkRefusal::Expired), Err(LinkRefusal::Expired)),
            (Created, Some(NOW), false, Err(LinkRefusal::Expired), Err(LinkRefusal::Expired)),
            (Processing, None, false, Ok(Processing), Ok(Cancelled)),
            (Processing, None, true, Err(LinkRefusal::AttemptOpen), Err(LinkRefusal::AttemptOpen)),
            (Processing, past, true, Err(LinkRefusal::AttemptOpen), Err(LinkRefusal::AttemptOpen)),
            (Success, past, false, Err(LinkRefusal::Final(Success)), Err(LinkRefusal::Final(Success))),
            (Expired, None, false, Err(LinkRefusal::Expired), Err(LinkRefusal::Expired)),
            (Cancelled, past, false, Err(LinkRefusal::Final(Cancelled)), Ok(Cancelled)),
        ] {
            let link = link(status, expires_at, open);
            assert_eq!(link.payment_started(at(NOW)), started, "{link:?}");
            assert_eq!(link.cancelled(at(NOW)), cancelled, "{link:?}");
            assert_eq!(link.changeable(at(NOW)), started.map(|_| ()), "{link:?}");
        }
    }

    #[test]
    fn money_that_has_moved_pays_a_link_once() {
        for status in
            [LinkStatus::Created, LinkStatus::Processing, LinkStatus::Expired, LinkStatus::Cancelled]
        {
            assert_eq!(link(status, None, true).paid(), Ok(LinkStatus::Success));
        }
        assert_eq!(
            link(LinkStatus::Success, None, true).paid(),
            Err(LinkRefusal::Final(LinkStatus::Success))
        );
    }

    #[test]
    fn a_link_is_sent_when_it_was_asked_for() {
        let (created, later, earlier) = (at(NOW), at("2026-01-05T00:00:00Z"), at("2024-07-26T18:30:00Z"));
        for (immediately, scheduled_at, sent) in [
            (Some(true), None, Some(created)),
            (Some(true), Some(later), Some(created)),
            (Some(false), Some(later), Some(later)),
            (Some(false), Some(earlier), Some(created)),
            (Some(false), None, None),
            (None, Some(later), Some(later)),
            (None, None, Some(created)),
        ] {
            let sending = Sending { immediately, scheduled_at };
            assert_eq!(sending.at(created), sent, "{sending:?}");
        }
    }

    #[test]
    fn a_reminder_comes_before_the_expiry() {
        let created = at(NOW);
        let expiry = Some(at("2026-01-10T00:00:00Z"));
        let remind = |time, unit| reminder(time, unit, created, expiry).map(|at| at.to_string());
        assert_eq!(remind(1, ReminderUnit::Hours).as_deref(), Some("2026-01-09T23:00:00Z"));
        assert_eq!(remind(2, ReminderUnit::Days).as_deref(), Some("2026-01-08T00:00:00Z"));
        assert_eq!(remind(30, ReminderUnit::Days).as_deref(), Some(NOW), "not before the link");
        for time in [0, -1, i64::MAX, i64::MIN] {
            assert!(
                reminder(time, ReminderUnit::Days, created, expiry).is_none_or(|at| at == created),
                "{time}"
            );
        }
        assert_eq!(reminder(1, ReminderUnit::Hours, created, None), None, "without an expiry");
    }
}
