//! Sending a link to its buyer, and reminding of it.
//!
//! What is to be sent is written down first. A process that dies in between leaves a notice that is being sent;
//! it may have left, so nobody sends it again: a buyer gets each at most once by each way.

use super::LinkStanding;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use crate::notify::letter::Letter;
use crate::notify::{Email, Handed, TextMessage};
use jiff::SignedDuration;
use paypier_domain::link::LinkStatus;
use paypier_domain::payment_link::{
    MOST_TRIES as MOST_NOTICES, Notice, NoticeKind, NoticeResult, Way, wait_before_try,
};
use paypier_storage::CommitError;

impl App {
    /// Sends what is still to be sent. How long to wait before another try, where one is needed.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn notify_about_link(
        &self,
        reference: &str,
        kind: NoticeKind,
    ) -> Result<Option<SignedDuration>, Failure> {
        let mut again: Option<SignedDuration> = None;
        let mut tried: Vec<Way> = Vec::new();
        loop {
            let Some(standing) = self.link_standing(reference).await? else { return Ok(None) };
            // What was paid, cancelled or has expired is not sent any more.
            if !matches!(standing.status(), LinkStatus::Created | LinkStatus::Processing) {
                return Ok(None);
            }
            let outstanding = standing.link.outstanding(kind);
            let Some(way) = outstanding.into_iter().find(|way| !tried.contains(way)) else {
                return Ok(again);
            };
            tried.push(way);
            let tries = standing.link.tries(kind, way).saturating_add(1);
            let notice = |result| Notice { kind, way, at: standing.at, tries, result };
            if !self.note(reference, notice(NoticeResult::Sending), true).await? {
                continue;
            }
            let handed = self.hand_over_notice(&standing, kind, way).await;
            let result = outcome(handed, tries);
            match &result {
                NoticeResult::Sent => {}
                NoticeResult::Waiting(_) => {
                    let wait = wait_before_try(tries);
                    again = Some(again.map_or(wait, |earlier| earlier.min(wait)));
                }
                NoticeResult::Sending | NoticeResult::Failed(_) => {
                    tracing::warn!(
                        link = reference,
                        way = way.as_str(),
                        kind = kind.as_str(),
                        code = paypier_wire::global::Code::FailedToSendEmail.digits(),
                        "a payment link was not sent to its buyer, or may not have been; the link says why"
                    );
                }
            }
            metrics::counter!("paypier_notices_total", "way" => way.as_str(), "result" => word(&result))
                .increment(1);
            self.note(reference, notice(result), false).await?;
        }
    }

    async fn hand_over_notice(&self, standing: &LinkStanding, kind: NoticeKind, way: Way) -> Handed {
        let link = &standing.link;
        let letter = Letter::about(link, kind, &self.link_url(link));
        let to = link.terms.addressee();
        let reference = format!("{}.{}", kind.as_str().to_ascii_lowercase(), link.reference);
        match way {
            Way::Email => {
                let email = Email {
                    to: to.email,
                    to_name: to.name,
                    from_name: link.terms.face.name.clone(),
                    subject: letter.subject(),
                    text: letter.text(),
                    html: letter.html(),
                    at: self.clock.now(),
                    reference,
                };
                self.messenger.email(email).await
            }
            Way::Sms => {
                self.messenger.text(TextMessage { to: to.phone, text: letter.line(), reference }).await
            }
        }
    }

    /// Writes down how a notice stands. With `begins` only while it is still to be sent: false when somebody
    /// else has begun.
    async fn note(&self, reference: &str, notice: Notice, begins: bool) -> Result<bool, Failure> {
        for _ in 0..MOST_TRIES {
            let Some(standing) = self.link_standing(reference).await? else { return Ok(false) };
            if begins && !standing.link.outstanding(notice.kind).contains(&notice.way) {
                return Ok(false);
            }
            let (_, change) = standing.link.noticed(notice.clone());
            match self.commit(&standing.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

fn outcome(handed: Handed, tries: u32) -> NoticeResult {
    match handed {
        Handed::Over => NoticeResult::Sent,
        Handed::NoWay => NoticeResult::Failed("no way to send it is configured".into()),
        Handed::NotNow(reason) if tries < MOST_NOTICES => NoticeResult::Waiting(reason),
        Handed::NotNow(reason) | Handed::Refused(reason) => NoticeResult::Failed(reason),
        Handed::Unknown(reason) => NoticeResult::Failed(format!("it may have been sent: {reason}")),
    }
}

const fn word(result: &NoticeResult) -> &'static str {
    match result {
        NoticeResult::Sending => "sending",
        NoticeResult::Sent => "sent",
        NoticeResult::Waiting(_) => "waiting",
        NoticeResult::Failed(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_certainly_did_not_leave_is_tried_again_for_a_while() {
        let not_now = || Handed::NotNow("no connection".into());
        assert_eq!(outcome(not_now(), 1), NoticeResult::Waiting("no connection".into()));
        assert_eq!(outcome(not_now(), MOST_NOTICES), NoticeResult::Failed("no connection".into()));
        assert_eq!(outcome(Handed::Over, 1), NoticeResult::Sent);
        for handed in [Handed::NoWay, Handed::Refused("no".into()), Handed::Unknown("silence".into())] {
            assert!(matches!(outcome(handed, 1), NoticeResult::Failed(_)));
        }
    }
}
