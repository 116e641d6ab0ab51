//! What is sent to buyers about something they can pay or enrol in: by which ways, how often it was tried, and what
//! became of it.
//!
//! Whatever a notice is about keeps what is known of its own ones; each goes out at most once by each way.

use jiff::{SignedDuration, Timestamp};

/// Something that was to be sent to the buyer. Written before it is sent, so that a crash in between sends
/// nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub kind: NoticeKind,
    pub way: Way,
    pub at: Timestamp,
    /// How often it was tried, this time included.
    pub tries: u32,
    pub result: NoticeResult,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    Invitation,
    Reminder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Email,
    Sms,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeResult {
    /// Being sent; found later, it may or may not have been, and is not sent again.
    Sending,
    Sent,
    /// It certainly did not leave, and is tried again.
    Waiting(String),
    /// It did not leave and will not.
    Failed(String),
}

/// How often a notice is tried that cannot be handed over.
pub const MOST_TRIES: u32 = 6;

impl NoticeKind {
    pub const ALL: [Self; 2] = [Self::Invitation, Self::Reminder];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "INVITATION",
            Self::Reminder => "REMINDER",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Way {
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// The ways by which this is still to be sent: not sent, not given up, and not in doubt.
pub fn outstanding(notices: &[Notice], kind: NoticeKind, ways: impl Iterator<Item = Way>) -> Vec<Way> {
    ways.filter(|way| {
        notices
            .iter()
            .find(|notice| notice.kind == kind && notice.way == *way)
            .is_none_or(|notice| matches!(notice.result, NoticeResult::Waiting(_)))
    })
    .collect()
}

/// Writes down how a notice stands, in place of what was known of it.
pub fn write_down(notices: &mut Vec<Notice>, notice: Notice) {
    match notices.iter_mut().find(|known| known.kind == notice.kind && known.way == notice.way) {
        Some(known) => *known = notice,
        None => notices.push(notice),
    }
}

/// How often this was tried.
pub fn tries(notices: &[Notice], kind: NoticeKind, way: Way) -> u32 {
    let known = notices.iter().find(|notice| notice.kind == kind && notice.way == way);
    known.map_or(0, |notice| notice.tries)
}

/// How long a notice that could not be handed over waits for its next try.
pub const fn wait_before_try(tries: u32) -> SignedDuration {
    match tries {
        0 | 1 => SignedDuration::from_mins(1),
        2 => SignedDuration::from_mins(5),
        3 => SignedDuration::from_mins(15),
        _ => SignedDuration::from_hours(1),
    }
}
