//! Notices to buyers, as whatever they are about keeps them.

use super::{Read, Senseless, Text, instant, own, shape, text};
use crate::row::micros;
use paypier_domain::notice::{Notice as Sent, NoticeKind, NoticeResult, Way};

shape! { Notice { kind: Text<'a>, way: Text<'a>, at: i64, tries: u32, result: Text<'a>; reason: Text<'a> } }

impl<'a> Notice<'a> {
    pub(crate) fn of(notice: &'a Sent) -> Self {
        let (result, reason) = match &notice.result {
            NoticeResult::Sending => ("SENDING", None),
            NoticeResult::Sent => ("SENT", None),
            NoticeResult::Waiting(reason) => ("WAITING", Some(text(reason))),
            NoticeResult::Failed(reason) => ("FAILED", Some(text(reason))),
        };
        Self {
            kind: text(notice.kind.as_str()),
            way: text(notice.way.as_str()),
            at: micros(notice.at),
            tries: notice.tries,
            result: text(result),
            reason,
        }
    }

    pub(crate) fn read(self) -> Read<Sent> {
        let reason = own(self.reason).unwrap_or_default();
        Ok(Sent {
            kind: NoticeKind::parse(&self.kind).ok_or(Senseless("notices.kind"))?,
            way: Way::parse(&self.way).ok_or(Senseless("notices.way"))?,
            at: instant(self.at, "notices.at")?,
            tries: self.tries,
            result: match self.result.as_ref() {
                "SENDING" => NoticeResult::Sending,
                "SENT" => NoticeResult::Sent,
                "WAITING" => NoticeResult::Waiting(reason),
                "FAILED" => NoticeResult::Failed(reason),
                _ => return Err(Senseless("notices.result")),
            },
        })
    }
}
