//! Connecting business partners to the provider of tax invoices, and disconnecting them.
//!
//! The wish is recorded before the provider hears of it, together with the job that asks what has become of
//! it: the provider takes its time. A provider that cannot be asked leaves everything as it was.

use super::failure::PlatformFailure;
use super::partner::MOST_RESERVED_AT_ONCE;
use super::{Desk, PlatformDone};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use futures::stream::StreamExt;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::registry::{Standing, TaxOffice};
use paypier_domain::change::{Change, Write};
use paypier_domain::claim::ClaimWrite;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::settlement::definition::{Connection, Partner, PlatformKey};
use paypier_domain::settlement::id::PartnerId;
use paypier_domain::settlement::partner::PartnerDetails;
use paypier_domain::settlement::payout::Taxation;
use paypier_domain::settlement::version::VersionKind;
use paypier_storage::{CommitError, PartnerFilter};
use std::sync::Arc;

/// When the provider is asked first what has become of a request.
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);
/// How many requests to the provider are under way side by side.
const REQUESTS_AT_ONCE: usize = 8;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Connect,
    Disconnect,
}

/// Work on many partners, as it stands when it has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkTask {
    pub id: String,
    pub platform: PlatformKey,
    pub wish: Wish,
    pub at: Timestamp,
    /// Those that the provider is working on, and those that it could not be asked about.
    pub processing: u64,
    pub failed: u64,
}

impl Wish {
    fn pending(self, since: Timestamp) -> Connection {
        match self {
            Self::Connect => Connection::ConnectPending { since },
            Self::Disconnect => Connection::DisconnectPending { since },
        }
    }

    /// Whether a partner can be what is wanted.
    fn check(self, partner: &Partner) -> Result<(), PlatformFailure> {
        let definition = &partner.definition;
        if definition.of.archived {
            return Err(match self {
                Self::Connect => PlatformFailure::Archived(VersionKind::Partner),
                Self::Disconnect => PlatformFailure::ArchivedNotDisconnected,
            });
        }
        if self == Self::Connect && definition.of.reserved().is_some() {
            return Err(PlatformFailure::ScheduledNotConnected);
        }
        match &definition.terms().details {
            PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => {
                return Err(PlatformFailure::NotABusiness);
            }
            PartnerDetails::Business(business) if business.taxation == Taxation::Simple => {
                return Err(PlatformFailure::SimpleTaxation);
            }
            PartnerDetails::Business(_) => {}
        }
        let connection = &partner.connection;
        match (self, connection) {
            (Self::Connect, Connection::NotConnected | Connection::ConnectFailed { .. })
            | (Self::Disconnect, Connection::Connected) => Ok(()),
            (Self::Connect, _) => Err(PlatformFailure::NotConnectable(connection.as_str())),
            (Self::Disconnect, _) => Err(PlatformFailure::NotConnected(connection.as_str())),
        }
    }

    async fn asked(self, office: &Arc<dyn TaxOffice>, number: &str) -> bool {
        let asked = match self {
            Self::Connect => office.connect(number).await,
            Self::Disconnect => office.disconnect(number).await,
        };
        asked.is_ok()
    }
}

fn registration_number(partner: &Partner) -> &str {
    match &partner.definition.terms().details {
        PartnerDetails::Business(business) => &business.registration_number,
        PartnerDetails::WhtPayer(_) | PartnerDetails::NonWhtPayer(_) => "",
    }
}

fn look(store: &StoreId, partner: &Partner, since: Timestamp) -> Job {
    let platform = &partner.definition.platform;
    Job {
        task: Task::ResolveCounterparty {
            platform: platform.clone(),
            partner: partner.definition.id().clone(),
        },
        store: store.clone(),
        environment: platform.environment,
        due_at: since.checked_add(FIRST_LOOK).unwrap_or(Timestamp::MAX),
        runs: 0,
    }
}

impl App {
    fn tax_office(&self, platform: &PlatformKey) -> Result<&Arc<dyn TaxOffice>, PlatformFailure> {
        self.registries.of(platform.environment).tax_office.as_ref().ok_or(PlatformFailure::NoTaxProvider)
    }

    /// # Errors
    /// In this order: no provider; no partner; an archived one, one with a reserved update; one that is no
    /// business or issues no invoices, or is not in the state for it; a provider that cannot be asked.
    pub async fn wish_connection(&self, desk: &Desk, id: &PartnerId, wish: Wish, ticket: &Ticket) -> Verdict {
        if desk.places().all(|platform| self.tax_office(&platform).is_err()) {
            return Err(PlatformFailure::NoTaxProvider.into());
        }
        for _ in 0..MOST_TRIES {
            let found = self.partner_for_decision(desk, id).await?;
            let platform = found.definition.platform.clone();
            let office = self.tax_office(&platform)?;
            let (before, expects) = (found.connection.clone(), found.definition.revision);
            let now = self.platform_now(desk, &platform);
            let current = found.as_of(now);
            wish.check(&current)?;
            let asking = revised(current.connected(wish.pending(now)), expects);
            let mut change = Change::default();
            change.writes.push(Write::Partner { partner: Box::new(asking.clone()), expects: Some(expects) });
            change.jobs.push(JobWrite::Put(look(&desk.profile.store.id, &asking, now)));
            ticket.begin(&mut change);
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => {}
                Err(CommitError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
            if wish.asked(office, registration_number(&asking)).await {
                return Ok(PlatformDone::Partner(asking).into());
            }
            self.take_wish_back(desk, &asking, before, ticket).await?;
            return Err(PlatformFailure::TaxOfficeFailed.into());
        }
        Err(Failure::Overloaded)
    }

    /// The provider has not heard of it: the partner stands as before, and the request may be repeated under
    /// the same key.
    async fn take_wish_back(
        &self,
        desk: &Desk,
        asking: &Partner,
        before: Connection,
        ticket: &Ticket,
    ) -> Result<(), Failure> {
        let expects = asking.definition.revision;
        let back = asking.clone().connected(before);
        let mut change = Change::default();
        change.writes.push(Write::Partner { partner: Box::new(back), expects: Some(expects) });
        let now = self.platform_now(desk, &asking.definition.platform);
        change.jobs.push(JobWrite::Remove(look(&desk.profile.store.id, asking, now).task.key()));
        change.claim = ticket.reference().map(ClaimWrite::Release);
        match self.commit(&desk.profile, ticket, change).await {
            // Somebody who changed it since has the connection to look after: the job asks.
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The same for every partner that matches and can be what is wanted.
    ///
    /// # Errors
    /// No provider; no partner that matches; none that can be what is wanted.
    pub async fn wish_connections(
        &self,
        desk: &Desk,
        filter: &PartnerFilter,
        wish: Wish,
        ticket: &Ticket,
    ) -> Verdict {
        let platform = desk.home();
        let office = self.tax_office(&platform)?;
        for _ in 0..MOST_TRIES {
            let matching = self.matching_partners(desk, filter, MOST_RESERVED_AT_ONCE).await?;
            if matching.is_empty() {
                return Err(PlatformFailure::NoPartners.into());
            }
            let now = self.platform_now(desk, &platform);
            let targets: Vec<Partner> =
                matching.into_iter().filter(|partner| wish.check(partner).is_ok()).collect();
            if targets.is_empty() {
                return Err(PlatformFailure::NoTargets.into());
            }
            let mut change = Change::default();
            let mut asking = Vec::with_capacity(targets.len());
            for target in targets {
                let (before, expects) = (target.connection.clone(), target.definition.revision);
                let target = revised(target.connected(wish.pending(now)), expects);
                change.jobs.push(JobWrite::Put(look(&desk.profile.store.id, &target, now)));
                change
                    .writes
                    .push(Write::Partner { partner: Box::new(target.clone()), expects: Some(expects) });
                asking.push((target, before));
            }
            ticket.begin(&mut change);
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => {}
                Err(CommitError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
            let (all, mut failed) = (u64::try_from(asking.len()).unwrap_or(u64::MAX), 0u64);
            let asked = asking.into_iter().map(|(partner, before)| async move {
                let heard = wish.asked(office, registration_number(&partner)).await;
                (partner, before, heard)
            });
            let mut asked = futures::stream::iter(asked).buffered(REQUESTS_AT_ONCE);
            while let Some((partner, before, heard)) = asked.next().await {
                if heard {
                    continue;
                }
                failed = failed.saturating_add(1);
                let stands = match wish {
                    Wish::Connect => Connection::ConnectFailed {
                        reason: "the provider of tax invoices could not be asked".into(),
                    },
                    Wish::Disconnect => before,
                };
                self.take_wish_back(desk, &partner, stands, &Ticket::none()).await?;
            }
            let task = BulkTask {
                id: self.ids.uuid().to_string(),
                platform,
                wish,
                at: now,
                processing: all.saturating_sub(failed),
                failed,
            };
            return Ok(PlatformDone::BulkTask(task).into());
        }
        Err(Failure::Overloaded)
    }

    /// Asks the provider what has become of a partner's connection; says whether it is still at it. Harmless
    /// when done twice: what is not pending is left alone.
    ///
    /// # Errors
    /// The provider or the database does not answer.
    pub(crate) async fn settle_connection(
        &self,
        job: &Job,
        platform: &PlatformKey,
        id: &PartnerId,
    ) -> Result<bool, Failure> {
        let missing = || Failure::internal(format!("the store {} of a job is gone", job.store));
        let profile = self.directory.store(self, &job.store).await?.ok_or_else(missing)?;
        let office = self.tax_office(platform)?;
        for _ in 0..MOST_TRIES {
            let Some(found) = self.storage.partner(platform, id).await? else { return Ok(false) };
            let expects = found.definition.revision;
            let now = self.now(&profile, job.environment);
            let (wish, since) = match &found.connection {
                Connection::ConnectPending { since } => (Wish::Connect, *since),
                Connection::DisconnectPending { since } => (Wish::Disconnect, *since),
                Connection::NotConnected | Connection::Connected | Connection::ConnectFailed { .. } => {
                    return Ok(false);
                }
            };
            let standing = office.standing(registration_number(&found), since, now).await;
            let stands = match (standing.map_err(|_| PlatformFailure::TaxOfficeFailed)?, wish) {
                (Standing::Pending, _) => return Ok(true),
                (Standing::Done, Wish::Connect) | (Standing::Refused { .. }, Wish::Disconnect) => {
                    Connection::Connected
                }
                (Standing::Done, Wish::Disconnect) => Connection::NotConnected,
                (Standing::Refused { reason }, Wish::Connect) => {
                    Connection::ConnectFailed { reason: reason.into() }
                }
            };
            let settled = found.connected(stands);
            let mut change = Change::default();
            change.writes.push(Write::Partner { partner: Box::new(settled), expects: Some(expects) });
            match self.commit(&profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(false),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

/// A change of several steps is one stored change.
fn revised(mut partner: Partner, expects: u64) -> Partner {
    partner.definition.revision = expects.saturating_add(1);
    partner
}

impl From<BulkTask> for Success {
    fn from(task: BulkTask) -> Self {
        PlatformDone::BulkTask(task).into()
    }
}
