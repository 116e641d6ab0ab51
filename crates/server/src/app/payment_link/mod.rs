//! Payment links: made, changed and cancelled by the merchant, read by whoever has the reference, ended by time.
//!
//! Each try to pay a link is an order of the Global dialect and a payment of its own. What always holds: a decision
//! about a link and what it does to the payment that was started last are one change, guarded by the versions of
//! both; so at most one payment of a link can be sent to a PSP at a time, whoever pays.

pub mod follow;
pub mod offer;
pub mod start;

use super::App;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::Failure;
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::change::Change;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::link::{LinkLife, LinkRefusal, LinkStatus};
use paypier_domain::payment::{self, Attempt, Payment, settle};
use paypier_domain::payment_link::{PaymentLink, Terms};
use paypier_storage::CommitError;
use start::REPLACED;
use std::sync::Arc;

/// A link as it stands, with the payment that was started last.
#[derive(Debug, Clone)]
pub struct LinkStanding {
    pub profile: Arc<StoreProfile>,
    pub link: PaymentLink,
    /// None before the first one.
    pub payment: Option<Payment>,
    /// The store's time at which it was looked at.
    pub at: Timestamp,
}

impl LinkStanding {
    pub fn life(&self) -> LinkLife {
        self.link.life(self.has_open_attempt())
    }

    pub fn status(&self) -> LinkStatus {
        self.life().status_at(self.at)
    }

    /// Whether money may be on its way.
    pub fn has_open_attempt(&self) -> bool {
        self.payment.as_ref().is_some_and(|payment| {
            payment.attempts.iter().any(|attempt| attempt.blocks_others() && !attempt.is_paid())
        })
    }

    /// The attempt that was made last.
    pub fn latest(&self) -> Option<&Attempt> {
        self.payment.as_ref()?.attempts.last()
    }
}

/// Why nothing became of what was asked of a link.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LinkFailure {
    #[error("no payment link with this reference exists")]
    Missing,
    /// Another link has the reference or the label.
    #[error("the reference or the label was given to another payment link before")]
    Taken,
    #[error(transparent)]
    Refused(#[from] LinkRefusal),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<paypier_storage::ReadError> for LinkFailure {
    fn from(error: paypier_storage::ReadError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<CommitError> for LinkFailure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Exists(_) => Self::Taken,
            other => Self::Failure(other.into()),
        }
    }
}

impl App {
    /// Where the link is paid.
    pub fn link_url(&self, link: &PaymentLink) -> String {
        format!("{}?ref={}", self.policy.public_url, link.reference)
    }

    /// Stores a new link and queues what is to be done about it.
    ///
    /// # Errors
    /// Its reference or label is taken; nothing was stored.
    pub async fn make_link(
        &self,
        profile: &StoreProfile,
        link: PaymentLink,
    ) -> Result<PaymentLink, LinkFailure> {
        let stored = PaymentLink { version: 1, ..link.clone() };
        self.commit(profile, &Ticket::none(), link.made()).await?;
        Ok(stored)
    }

    /// The link with our reference, as it stands.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn link_standing(&self, reference: &str) -> Result<Option<LinkStanding>, Failure> {
        // Strangers who guess cost no look into the database.
        if reference.len() != 27 || !reference.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        match self.storage.payment_link(reference).await? {
            Some(link) => self.standing_of(link).await,
            None => Ok(None),
        }
    }

    /// The link with the merchant's reference, as it stands.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn link_standing_by_order(
        &self,
        store: &StoreId,
        environment: Environment,
        order_ref: &str,
    ) -> Result<Option<LinkStanding>, Failure> {
        match self.storage.payment_link_by_order(store, environment, order_ref).await? {
            Some(link) => self.standing_of(link).await,
            None => Ok(None),
        }
    }

    async fn standing_of(&self, link: PaymentLink) -> Result<Option<LinkStanding>, Failure> {
        let Some(profile) = self.directory.store(self, &link.store).await? else { return Ok(None) };
        let payment = match link.latest_payment() {
            Some(key) => self.storage.payment(&key).await?,
            None => None,
        };
        let at = self.now(&profile, link.environment);
        Ok(Some(LinkStanding { profile, link, payment, at }))
    }

    /// Gives the link other terms, as `with` makes them from the present ones.
    ///
    /// # Errors
    /// No such link in the store; it is final, or an attempt is open; what `with` refuses.
    pub async fn change_link<R: From<LinkFailure>>(
        &self,
        store: &StoreId,
        reference: &str,
        with: impl Fn(&LinkStanding) -> Result<Terms, R>,
    ) -> Result<LinkStanding, R> {
        for _ in 0..MOST_TRIES {
            let standing = self.own_link(store, reference).await?;
            standing.life().changeable(standing.at).map_err(LinkFailure::Refused)?;
            let (link, change) = standing.link.changed(with(&standing)?);
            let change = over(&standing, REPLACED, "the payment link was changed").and(change);
            match self.commit(&standing.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(LinkStanding { link, ..standing }),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(LinkFailure::from(error).into()),
            }
        }
        Err(LinkFailure::Failure(Failure::Overloaded).into())
    }

    /// Cancels the link, and with it every window that is open for it.
    ///
    /// # Errors
    /// No such link in the store; it is final otherwise, or an attempt is open.
    pub async fn cancel_link(&self, store: &StoreId, reference: &str) -> Result<LinkStanding, LinkFailure> {
        for _ in 0..MOST_TRIES {
            let standing = self.own_link(store, reference).await?;
            let status = standing.life().cancelled(standing.at)?;
            if status == standing.link.status {
                return Ok(standing);
            }
            match self.end_link(&standing, status, CANCELLED, "the payment link was cancelled").await {
                Ok(link) => return Ok(LinkStanding { link, ..standing }),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(LinkFailure::Failure(Failure::Overloaded))
    }

    /// Writes down that the link's time is over. False while an attempt is open, which may still pay it.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn expire_link(&self, reference: &str) -> Result<bool, Failure> {
        for _ in 0..MOST_TRIES {
            let Some(standing) = self.link_standing(reference).await? else { return Ok(true) };
            if standing.link.status.is_final() {
                return Ok(true);
            }
            if standing.status() != LinkStatus::Expired {
                return Ok(false);
            }
            let reason = "the payment link has expired";
            match self.end_link(&standing, LinkStatus::Expired, EXPIRED, reason).await {
                Ok(_) => return Ok(true),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn end_link(
        &self,
        standing: &LinkStanding,
        status: LinkStatus,
        code: &str,
        reason: &str,
    ) -> Result<PaymentLink, CommitError> {
        let (link, change) = standing.link.at(status);
        let mut change = over(standing, code, reason).and(change);
        let told = self.link_told(&standing.profile, &standing.link, &link);
        change.deliveries = told.map_err(|failure| CommitError::Unavailable(failure.to_string()))?;
        self.commit(&standing.profile, &Ticket::none(), change).await?;
        Ok(link)
    }

    async fn own_link(&self, store: &StoreId, reference: &str) -> Result<LinkStanding, LinkFailure> {
        let found = self.link_standing(reference).await?;
        found.filter(|standing| standing.link.store == *store).ok_or(LinkFailure::Missing)
    }
}

/// Why a payment of a link ended that waited for its payer, as its transaction tells it.
pub const CANCELLED: &str = "LINK_CANCELLED";
pub const EXPIRED: &str = "LINK_EXPIRED";

/// Ends the attempts that wait for a payer: they would be paid by terms that do not hold any more.
fn over(standing: &LinkStanding, code: &str, reason: &str) -> Change {
    let payment = standing.payment.as_ref();
    payment.map_or_else(Change::default, |payment| over_payment(payment, code, reason, standing.at))
}

fn over_payment(payment: &Payment, code: &str, reason: &str, at: Timestamp) -> Change {
    let failure = payment::Failure {
        at,
        reason: Some(reason.to_owned()),
        pg_code: Some(code.to_owned()),
        pg_message: Some(reason.to_owned()),
    };
    settle::all_given_up(payment, &failure, at).map_or_else(Change::default, |decided| decided.change)
}
