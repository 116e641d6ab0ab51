//! Sending buyers the links that they pay or enrol by, and reminding of them.
//!
//! What is to be sent is written down first. A process that dies in between leaves a notice that is being sent;
//! it may have left, so nobody sends it again: a buyer gets each at most once by each way.

use super::App;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::Failure;
use super::payment_link::LinkStanding;
use super::ticket::Ticket;
use crate::global::subscription::link as subscription_url;
use crate::notify::letter::Letter;
use crate::notify::{Email, Handed, TextMessage, enrolment};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::Change;
use paypier_domain::id::{StoreId, SubscriptionRef};
use paypier_domain::link::LinkStatus;
use paypier_domain::notice::{
    MOST_TRIES as MOST_NOTICES, Notice, NoticeKind, NoticeResult, Way, tries, wait_before_try,
};
use paypier_domain::payment_link::Contact;
use paypier_domain::subscription::{Subscription, SubscriptionStatus};
use paypier_storage::CommitError;
use std::sync::Arc;

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    Link(&'a str),
    Subscription(&'a StoreId, &'a SubscriptionRef),
}

/// The subject as it stands.
enum Standing {
    Link(Box<LinkStanding>),
    Subscription { profile: Arc<StoreProfile>, subscription: Box<Subscription>, at: Timestamp },
}

impl Standing {
    fn profile(&self) -> &StoreProfile {
        match self {
            Self::Link(standing) => &standing.profile,
            Self::Subscription { profile, .. } => profile,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::Link(standing) => standing.at,
            Self::Subscription { at, .. } => *at,
        }
    }

    fn reference(&self) -> &str {
        match self {
            Self::Link(standing) => &standing.link.reference,
            Self::Subscription { subscription, .. } => subscription.reference.as_str(),
        }
    }

    /// Whether the link still is of use: what was used, cancelled or has expired is not sent any more.
    fn is_open(&self) -> bool {
        match self {
            Self::Link(standing) => {
                matches!(standing.status(), LinkStatus::Created | LinkStatus::Processing)
            }
            Self::Subscription { subscription, at, .. } => {
                subscription.status_at(*at) == SubscriptionStatus::Created
            }
        }
    }

    fn outstanding(&self, kind: NoticeKind) -> Vec<Way> {
        match self {
            Self::Link(standing) => standing.link.outstanding(kind),
            Self::Subscription { subscription, .. } => subscription.outstanding(kind),
        }
    }

    fn tries(&self, kind: NoticeKind, way: Way) -> u32 {
        match self {
            Self::Link(standing) => tries(&standing.link.notices, kind, way),
            Self::Subscription { subscription, .. } => tries(&subscription.notices, kind, way),
        }
    }

    /// The change that writes down how a notice stands.
    fn noticed(&self, notice: Notice) -> Change {
        match self {
            Self::Link(standing) => standing.link.noticed(notice).1,
            Self::Subscription { subscription, .. } => subscription.noticed(notice).change,
        }
    }

    fn addressee(&self) -> Contact {
        match self {
            Self::Link(standing) => standing.link.terms.addressee(),
            Self::Subscription { subscription, .. } => {
                let said = |text: &Option<String>| text.clone().unwrap_or_default();
                let customer = &subscription.customer;
                Contact {
                    name: said(&customer.name),
                    email: said(&customer.email),
                    phone: said(&customer.phone_number),
                }
            }
        }
    }
}

impl App {
    /// Sends what is still to be sent. How long to wait before another try, where one is needed.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn notify_buyer(
        &self,
        subject: Subject<'_>,
        kind: NoticeKind,
    ) -> Result<Option<SignedDuration>, Failure> {
        let mut again: Option<SignedDuration> = None;
        let mut tried: Vec<Way> = Vec::new();
        loop {
            let Some(standing) = self.noticed_standing(subject).await? else { return Ok(None) };
            if !standing.is_open() {
                return Ok(None);
            }
            let outstanding = standing.outstanding(kind);
            let Some(way) = outstanding.into_iter().find(|way| !tried.contains(way)) else {
                return Ok(again);
            };
            tried.push(way);
            let tries = standing.tries(kind, way).saturating_add(1);
            let notice = |result| Notice { kind, way, at: standing.at(), tries, result };
            if !self.note(subject, notice(NoticeResult::Sending), true).await? {
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
                        link = standing.reference(),
                        way = way.as_str(),
                        kind = kind.as_str(),
                        code = paypier_wire::global::Code::FailedToSendEmail.digits(),
                        "a link was not sent to its buyer, or may not have been; the link says why"
                    );
                }
            }
            metrics::counter!("paypier_notices_total", "way" => way.as_str(), "result" => word(&result))
                .increment(1);
            self.note(subject, notice(result), false).await?;
        }
    }

    async fn noticed_standing(&self, subject: Subject<'_>) -> Result<Option<Standing>, Failure> {
        match subject {
            Subject::Link(reference) => {
                let standing = self.link_standing(reference).await?;
                Ok(standing.map(|standing| Standing::Link(Box::new(standing))))
            }
            Subject::Subscription(store, reference) => {
                let Some(profile) = self.directory.store(self, store).await? else { return Ok(None) };
                let Some(subscription) = self.storage.subscription(store, reference).await? else {
                    return Ok(None);
                };
                let at = self.now(&profile, subscription.environment);
                Ok(Some(Standing::Subscription { profile, subscription: Box::new(subscription), at }))
            }
        }
    }

    async fn hand_over_notice(&self, standing: &Standing, kind: NoticeKind, way: Way) -> Handed {
        let (letter, from_name) = self.letter(standing, kind);
        let to = standing.addressee();
        let reference = format!("{}.{}", kind.as_str().to_ascii_lowercase(), standing.reference());
        match way {
            Way::Email => {
                let email = Email {
                    to: to.email,
                    to_name: to.name,
                    from_name,
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

    /// What is written, and in whose name.
    fn letter(&self, standing: &Standing, kind: NoticeKind) -> (Letter, String) {
        match standing {
            Standing::Link(standing) => {
                let link = &standing.link;
                (Letter::about(link, kind, &self.link_url(link)), link.terms.face.name.clone())
            }
            Standing::Subscription { profile, subscription, .. } => {
                let brand = profile.global.as_ref().map(|global| global.merchant.brand.clone());
                let brand = brand.unwrap_or_default();
                let name = if brand.name.is_empty() { &profile.store.name } else { &brand.name };
                let url = subscription_url(&self.policy.public_url, &subscription.reference);
                (enrolment::letter(subscription, name, &brand, &url), name.clone())
            }
        }
    }

    /// Writes down how a notice stands. With `begins` only while it is still to be sent: false when somebody
    /// else has begun.
    async fn note(&self, subject: Subject<'_>, notice: Notice, begins: bool) -> Result<bool, Failure> {
        for _ in 0..MOST_TRIES {
            let Some(standing) = self.noticed_standing(subject).await? else { return Ok(false) };
            if begins && !standing.outstanding(notice.kind).contains(&notice.way) {
                return Ok(false);
            }
            let change = standing.noticed(notice.clone());
            match self.commit(standing.profile(), &Ticket::none(), change).await {
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
