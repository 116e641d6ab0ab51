//! Transfers: registering, reading and deleting them.
//!
//! Each registration is decided beside sums over other transfers. They are read after the hold that guards
//! them, and the commit takes the hold's next version: of two who decide beside the same sums one is refused,
//! loads and decides again.

use super::Desk;
use super::settlement_outcome::{SettlementDone, SettlementFailure};
use super::shelf::Fallback;
use super::transfer_view::{Counter, TransferView};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::id::{CancellationId, PaymentId, PaymentKey};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::money::Currency;
use paypier_domain::payment::{CancellationState, Method, Payment};
use paypier_domain::settlement::calculator::ParameterValue;
use paypier_domain::settlement::cancel::Cancel;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::{Partner, PlatformKey};
use paypier_domain::settlement::delete::TransferDeleteRefusal;
use paypier_domain::settlement::id::{ContractId, PartnerId, TransferId};
use paypier_domain::settlement::limit::PaymentParts;
use paypier_domain::settlement::property::PropertyOf;
use paypier_domain::settlement::register::{
    self, CancelAsk, CancelFound, CancelNaming, CancellationFacts, Found, IdUse, ManualAsk, ManualFound,
    OrderAsk, OrderFound, Origin, Original, OurCancellation, PaymentFacts, start_date,
};
use paypier_domain::settlement::transfer::{
    CancelContent, Hold, OrderCancellation, OrderContent, PaidWith, Transfer, TransferContent,
    TransferPayment, cancellation_hold, order_hold, payment_hold,
};
use paypier_domain::settlement::version::Versioned;
use paypier_storage::CommitError;
use std::collections::BTreeMap;

/// Values of properties by their keys, in the order of the request.
pub type OwnProperties = Vec<(Box<str>, Box<str>)>;

/// `POST /platform/transfers/order` in no dialect's words.
#[derive(Debug, Clone)]
pub struct RegisterOrder {
    pub ask: OrderAsk,
    pub partner: PartnerId,
    pub contract: Option<ContractId>,
    pub external: Option<ExternalPayment>,
    pub memo: Option<Box<str>>,
    pub properties: OwnProperties,
}

/// A payment that the merchant knows of.
#[derive(Debug, Clone)]
pub struct ExternalPayment {
    pub currency: Currency,
    pub order_name: Option<Box<str>>,
    pub paid_at: Option<Timestamp>,
    pub method: Option<PaidWith>,
}

/// `POST /platform/transfers/order-cancel` in no dialect's words.
#[derive(Debug, Clone)]
pub struct RegisterCancel {
    pub id: Option<TransferId>,
    pub transfer: Option<TransferId>,
    pub partner: Option<PartnerId>,
    pub payment: Option<PaymentId>,
    pub cancellation: CancellationId,
    /// Given when the cancellation is none of ours; inside, when it was.
    pub external: Option<Option<Timestamp>>,
    pub what: Cancel,
    pub settlement_start_date: Option<Date>,
    pub settlement_date: Option<Date>,
    pub memo: Option<Box<str>>,
    pub properties: OwnProperties,
}

/// `POST /platform/transfers/manual` in no dialect's words.
#[derive(Debug, Clone)]
pub struct RegisterManual {
    pub ask: ManualAsk,
    pub partner: PartnerId,
    pub settlement_date: Date,
    pub memo: Option<Box<str>>,
    pub properties: OwnProperties,
}

/// Where a transfer is registered, and where what it names is looked for.
#[derive(Debug, Clone)]
pub struct Registry {
    pub platform: PlatformKey,
    pub fallback: Fallback,
}

/// The first midnight in Korea of a day.
pub(crate) fn midnight(day: Date) -> Option<Timestamp> {
    jiff::tz::offset(9).to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()
}

/// When a day of a platform begins with something to do.
pub(crate) fn day_job(transfer: &Transfer, day: Date) -> Option<JobWrite> {
    Some(JobWrite::Put(Job {
        task: Task::PlatformDay {
            store: transfer.home.clone(),
            environment: transfer.platform.environment,
            day,
        },
        store: transfer.home.clone(),
        environment: transfer.platform.environment,
        // Behind the updates that were reserved for midnight.
        due_at: midnight(day)?.checked_add(SignedDuration::from_secs(1)).ok()?,
        runs: 0,
    }))
}

impl App {
    /// # Errors
    /// See [`register::OrderRefusal`].
    pub async fn register_order_transfer(
        &self,
        desk: &Desk,
        registry: &Registry,
        command: RegisterOrder,
        ticket: &Ticket,
    ) -> Verdict {
        let home = &desk.profile.store.id;
        let platform = &registry.platform;
        let lane = PaymentKey { store: home.clone(), payment: command.ask.payment.clone() };
        let _lane = self.lanes.enter(&lane).await;
        for _ in 0..MOST_TRIES {
            let mut counter = self.counter(desk, platform, registry.fallback).await?;
            let now = self.platform_now(desk, platform);
            let found = self.paid(desk, platform, &command).await?;
            let what = payment_hold(
                found.as_ref().map_or(home, |(payment, _)| &payment.store),
                &command.ask.payment,
            );
            let hold = self.held(platform, what).await?;
            let facts = match &found {
                Some((payment, paid)) => Some(self.facts(platform, payment, *paid).await?),
                None => None,
            };
            let existing = self
                .storage
                .order_transfers_of(platform, &command.ask.payment, &command.partner)
                .await?
                .into_iter()
                .find(|one| {
                    one.payment().is_some_and(|payment| {
                        found.as_ref().is_none_or(|(found, _)| found.store == payment.store)
                    })
                });
            let partner = counter.shelf.partner(&command.partner).await?.cloned();
            let partner = partner.filter(|partner| !partner.definition.of.archived);
            let contract = self.contract_of(&mut counter, &command, partner.as_ref(), facts.as_ref()).await?;
            let (discounts, fees) = counter.policies(&command.ask).await?;
            let unknown = self.unknown_property(&counter, &command.properties);
            let decided = register::order(
                &command.ask,
                OrderFound {
                    partner: if partner.is_some() { Found::Found } else { Found::NotFound },
                    contract: contract.as_ref(),
                    discount_policies: &discounts,
                    additional_fee_policies: &fees,
                    payment: facts.as_ref(),
                    unknown_property: unknown.as_deref(),
                    id: self.id_use(platform, command.ask.id.as_ref()).await?,
                    existing: existing.as_ref().map(|one| &one.id),
                },
                counter.office(),
            )
            .map_err(|refusal| SettlementFailure::Order(Box::new(refusal)))?;
            let (Some((payment, _)), Some(partner)) = (found, partner) else {
                return Err(Failure::internal("a transfer was decided without payment or partner"));
            };
            let (discounts, fees) = counter.editions(&command.ask, decided.starts_on).await?;
            let (settles_on, currency) = (decided.settles_on, decided.currency);
            let content = OrderContent::of(&command.ask, payment, decided, discounts, fees, counter.today);
            let transfer = Transfer {
                platform: platform.clone(),
                id: command.ask.id.clone().unwrap_or_else(|| self.transfer_id()),
                home: home.clone(),
                created_at: now,
                version: 1,
                partner: partner.definition.id().clone(),
                settles_on,
                currency,
                memo: command.memo.clone(),
                properties: command.properties.clone(),
                content: TransferContent::Order(Box::new(content)),
                settlement: None,
            };
            if let Some(verdict) = self.registers(desk, &mut counter, transfer, vec![hold], ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// # Errors
    /// See [`register::OrderCancelRefusal`].
    pub async fn register_cancel_transfer(
        &self,
        desk: &Desk,
        registry: &Registry,
        command: RegisterCancel,
        ticket: &Ticket,
    ) -> Verdict {
        let platform = &registry.platform;
        'tries: for _ in 0..MOST_TRIES {
            let mut counter = self.counter(desk, platform, registry.fallback).await?;
            let now = self.platform_now(desk, platform);
            let (named, originals) = self.originals(platform, &command).await?;
            let mut holds = Vec::new();
            let mut orders = Vec::new();
            for original in originals {
                // What is guarded is read behind its guard.
                holds = vec![self.held(platform, order_hold(&original.id)).await?];
                let Some(original) = self.storage.platform_transfer(platform, &original.id).await? else {
                    continue;
                };
                let original = if original.is_frozen() {
                    original
                } else if original.status(counter.today).is_frozen() {
                    // Its day has come and has not begun here: what it is worth is not stored yet.
                    self.platform_day_begins(&desk.profile, platform).await?;
                    continue 'tries;
                } else {
                    counter.refreshed(self, original).await?
                };
                let contract = match original.contract() {
                    Some(edition) => counter.shelf.known_contract(&edition.id).await?.of,
                    None => continue,
                };
                orders.push((original, contract));
            }
            let known: Vec<Original<'_>> = orders.iter().filter_map(as_original).collect();
            let mut earlier = Vec::new();
            let mut existing = None;
            // Cancels of an order are calculated one after the other. Whoever sets a clock back, or asks an instance
            // whose clock is behind, must not change their order.
            let mut created_at = now;
            let mut facts = (Found::Found, external_facts(&command));
            if let [(original, _)] = orders.as_slice() {
                for cancel in self.storage.cancels_of(platform, &original.id).await? {
                    let cancel = if original.is_frozen() || original.status(counter.today).is_frozen() {
                        cancel
                    } else {
                        counter.refreshed(self, cancel).await?
                    };
                    let behind_it = cancel.created_at.saturating_add(SignedDuration::from_micros(1));
                    created_at = created_at.max(behind_it.unwrap_or(created_at));
                    if let TransferContent::OrderCancel(content) = cancel.content {
                        if content.cancellation.id == command.cancellation {
                            existing = Some(cancel.id);
                        }
                        earlier.push(content.calculation);
                    }
                }
                if let (None, Some(payment)) = (&command.external, original.payment().filter(|p| p.is_ours()))
                {
                    let what = cancellation_hold(&payment.store, &payment.id, &command.cancellation);
                    holds.push(self.held(platform, what).await?);
                    facts = self.cancelled(platform, payment, &command.cancellation).await?;
                }
            }
            let taken: Vec<&_> = earlier.iter().collect();
            let unknown = self.unknown_property(&counter, &command.properties);
            let ask = CancelAsk {
                id: command.id.clone(),
                named,
                what: command.what.clone(),
                settlement_start_date: command.settlement_start_date,
                settlement_date: command.settlement_date,
            };
            let decided = register::order_cancel(
                &ask,
                CancelFound {
                    originals: &known,
                    earlier: &taken,
                    unknown_property: unknown.as_deref(),
                    payment: facts.0,
                    cancellation: facts.1,
                    id: self.id_use(platform, command.id.as_ref()).await?,
                    existing: existing.as_ref(),
                },
                counter.office(),
            )
            .map_err(|refusal| SettlementFailure::Cancel(Box::new(refusal)))?;
            let order = orders.iter().find_map(|(order, _)| match &order.content {
                TransferContent::Order(content) if order.id == decided.original => Some((order, content)),
                TransferContent::Order(_) | TransferContent::OrderCancel(_) | TransferContent::Manual(_) => {
                    None
                }
            });
            let Some((order, content)) = order else {
                return Err(Failure::internal("a cancel was decided without its order"));
            };
            let cancelled_at = match facts.1 {
                CancellationFacts::Ours(ours) => ours.map(|ours| ours.cancelled_at),
                CancellationFacts::External { cancelled_at } => cancelled_at,
            };
            let cancellation = OrderCancellation {
                id: command.cancellation.clone(),
                cancelled_at: cancelled_at.unwrap_or(now),
            };
            let settles_on = decided.settles_on;
            let cancel = CancelContent::of(
                content,
                cancellation,
                command.what.clone(),
                command.settlement_date,
                decided,
                counter.today,
            );
            let transfer = Transfer {
                platform: platform.clone(),
                id: command.id.clone().unwrap_or_else(|| self.transfer_id()),
                home: desk.profile.store.id.clone(),
                created_at,
                version: 1,
                partner: order.partner.clone(),
                settles_on,
                currency: order.currency,
                memo: command.memo.clone(),
                properties: command.properties.clone(),
                content: TransferContent::OrderCancel(Box::new(cancel)),
                settlement: None,
            };
            if let Some(verdict) = self.registers(desk, &mut counter, transfer, holds, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// # Errors
    /// See [`register::ManualTransferRefusal`].
    pub async fn register_manual_transfer(
        &self,
        desk: &Desk,
        registry: &Registry,
        command: RegisterManual,
        ticket: &Ticket,
    ) -> Verdict {
        let platform = &registry.platform;
        for _ in 0..MOST_TRIES {
            let mut counter = self.counter(desk, platform, registry.fallback).await?;
            let partner = counter.shelf.partner(&command.partner).await?.cloned();
            let partner = partner.filter(|partner| !partner.definition.of.archived);
            let unknown = self.unknown_property(&counter, &command.properties);
            let manual = register::manual(
                &command.ask,
                ManualFound {
                    partner: partner.as_ref().map(|partner| partner.definition.terms().account.currency),
                    unknown_property: unknown.as_deref(),
                    id: self.id_use(platform, command.ask.id.as_ref()).await?,
                },
                counter.setting.setting.manual_settlement,
            )
            .map_err(|refusal| SettlementFailure::Manual(Box::new(refusal)))?;
            let transfer = Transfer {
                platform: platform.clone(),
                id: command.ask.id.clone().unwrap_or_else(|| self.transfer_id()),
                home: desk.profile.store.id.clone(),
                created_at: self.platform_now(desk, platform),
                version: 1,
                partner: command.partner.clone(),
                settles_on: command.settlement_date,
                currency: manual.currency,
                memo: command.memo.clone(),
                properties: command.properties.clone(),
                content: TransferContent::Manual(manual),
                settlement: None,
            };
            if let Some(verdict) = self.registers(desk, &mut counter, transfer, vec![], ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// A transfer, wherever it is looked for.
    ///
    /// # Errors
    /// There is none.
    pub async fn platform_transfer(&self, desk: &Desk, id: &TransferId) -> Result<TransferView, Failure> {
        let transfer = self.found_transfer(desk, id).await?;
        let mut counter = self.counter(desk, &transfer.platform, Fallback::Live).await?;
        counter.view(self, transfer).await
    }

    async fn found_transfer(&self, desk: &Desk, id: &TransferId) -> Result<Transfer, Failure> {
        for place in desk.places() {
            if let Some(found) = self.storage.platform_transfer(&place, id).await? {
                return Ok(found);
            }
        }
        Err(SettlementFailure::TransferMissing.into())
    }

    /// Deletes a transfer; a settled one leaves its settlement, which goes with its last one.
    ///
    /// # Errors
    /// There is none, it is being paid, or cancels of it exist.
    pub async fn delete_transfer(&self, desk: &Desk, id: &TransferId, ticket: &Ticket) -> Verdict {
        for _ in 0..MOST_TRIES {
            let transfer = self.found_transfer(desk, id).await?;
            let platform = transfer.platform.clone();
            let now = self.platform_now(desk, &platform);
            let mut holds = Vec::new();
            let mut cancels = 0;
            match &transfer.content {
                TransferContent::Order(order) => {
                    holds.push(self.held(&platform, order_hold(&transfer.id)).await?);
                    let what = payment_hold(&order.payment.store, &order.payment.id);
                    holds.push(self.held(&platform, what).await?);
                    cancels = self.storage.count_cancels_of(&platform, &transfer.id).await?;
                }
                TransferContent::OrderCancel(cancel) => {
                    holds.push(self.held(&platform, order_hold(&cancel.original)).await?);
                    if cancel.payment.is_ours() {
                        let payment = &cancel.payment;
                        let what = cancellation_hold(&payment.store, &payment.id, &cancel.cancellation.id);
                        holds.push(self.held(&platform, what).await?);
                    }
                }
                TransferContent::Manual(_) => {}
            }
            transfer.delete(cancels, day_in_korea(now)).map_err(delete_failure)?;
            let mut change = transfer.deleted(holds, now);
            if let Some(joined) = &transfer.settlement {
                let settlement = self
                    .storage
                    .partner_settlements_by_id(&platform, std::slice::from_ref(&joined.id))
                    .await?
                    .pop();
                // It was removed or went on meanwhile: look again.
                let Some(settlement) = settlement.filter(|one| one.status == joined.status) else { continue };
                let left = self.storage.starts_without(&platform, &joined.id, &transfer.id).await?;
                let out = match settlement.without(&transfer, left, now) {
                    Ok(out) => out,
                    // Somebody else deletes it, too, and the sum is without it already: look again.
                    Err(_) if !self.is_unchanged(&transfer).await? => continue,
                    Err(error) => return Err(Failure::internal(error)),
                };
                change = change.and(out);
            }
            let success = Success::from(SettlementDone::TransferDeleted);
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Whether a transfer is still as it was read.
    async fn is_unchanged(&self, transfer: &Transfer) -> Result<bool, Failure> {
        let found = self.storage.platform_transfer(&transfer.platform, &transfer.id).await?;
        Ok(found.is_some_and(|found| found.version == transfer.version))
    }

    /// How the amounts of a transfer came about.
    ///
    /// # Errors
    /// There is no such transfer.
    pub async fn transfer_working(&self, desk: &Desk, id: &TransferId) -> Result<Vec<String>, Failure> {
        let transfer = self.found_transfer(desk, id).await?;
        let working = self.storage.transfer_working(&transfer.platform, id).await?;
        Ok(working.as_deref().unwrap_or_default().lines().map(str::to_owned).collect())
    }

    /// Stores a new transfer with the answer about it. `None`: somebody else was first, decide again.
    async fn registers(
        &self,
        desk: &Desk,
        counter: &mut Counter<'_>,
        transfer: Transfer,
        holds: Vec<Hold>,
        ticket: &Ticket,
    ) -> Result<Option<Verdict>, Failure> {
        let mut change = transfer.registered(holds);
        let days = [transfer.starts_on(), Some(transfer.settles_on)];
        for day in days.into_iter().flatten().filter(|day| *day > counter.today) {
            change.jobs.extend(day_job(&transfer, day));
        }
        let is_due =
            transfer.status(counter.today) == paypier_domain::settlement::status::TransferStatus::Settled;
        if is_due {
            // Added up at once, below; this is for a process that dies in between.
            change.jobs.extend(day_job(&transfer, transfer.settles_on));
        }
        let platform = transfer.platform.clone();
        let view = counter.view(self, transfer).await?;
        let success = Success::from(SettlementDone::Transfer(Box::new(view)));
        ticket.finish(&mut change, &Ok(success.clone()));
        match self.commit(&desk.profile, ticket, change).await {
            Ok(()) => {}
            Err(CommitError::Conflict) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if is_due {
            // It is settled whether or not it has been added up; whoever needs the sum adds up first.
            if let Err(failure) = self.platform_day_begins(&desk.profile, &platform).await {
                tracing::warn!(?failure, "a transfer that is due could not be added up yet");
            }
        }
        Ok(Some(Ok(success)))
    }

    /// A hold, read before what it guards.
    async fn held(&self, platform: &PlatformKey, what: Box<str>) -> Result<Hold, Failure> {
        let version = self.storage.platform_hold(platform, &what).await?;
        Ok(Hold { platform: platform.clone(), what, version })
    }

    fn transfer_id(&self) -> TransferId {
        TransferId::known(self.ids.prefixed("trs-"))
    }

    async fn id_use(&self, platform: &PlatformKey, id: Option<&TransferId>) -> Result<IdUse, Failure> {
        Ok(match id {
            Some(id) if self.storage.is_transfer_id_used(platform, id).await? => IdUse::Used,
            Some(_) | None => IdUse::Free,
        })
    }

    fn unknown_property(&self, counter: &Counter<'_>, properties: &OwnProperties) -> Option<Box<str>> {
        let defined = counter.setting.properties.of(PropertyOf::Transfer);
        let unknown = properties.iter().find(|(key, _)| defined.iter().all(|one| one.key != *key));
        unknown.map(|(key, _)| key.clone())
    }

    /// The contract that an order names, or the partner's own on the day on which it starts.
    async fn contract_of(
        &self,
        counter: &mut Counter<'_>,
        command: &RegisterOrder,
        partner: Option<&Partner>,
        facts: Option<&PaymentFacts>,
    ) -> Result<Option<Versioned<paypier_domain::settlement::contract::ContractTerms>>, Failure> {
        let id = match (&command.contract, partner) {
            (Some(id), _) => id.clone(),
            (None, Some(partner)) => {
                let asked = command.ask.settlement_start_date;
                let day = facts
                    .map_or(asked.unwrap_or(counter.today), |facts| start_date(asked, facts, counter.today));
                let mut contract = partner.definition.of.in_force_on(day).terms.default_contract;
                // The partner's own contract serves it also when it was archived meanwhile.
                let own = counter.shelf.contract(&contract).await?.cloned();
                contract = own.as_ref().map_or(contract, |own| own.id().clone());
                if let Some(mut own) = own {
                    own.of.archived = false;
                    return Ok(Some(own.of));
                }
                contract
            }
            (None, None) => return Ok(None),
        };
        Ok(counter.shelf.contract(&id).await?.map(|found| found.of.clone()))
    }

    /// The payment of an order, and what was paid of it if it is one of ours. `None`: there is none that
    /// was paid.
    async fn paid(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        command: &RegisterOrder,
    ) -> Result<Option<(TransferPayment, Option<PaymentParts>)>, Failure> {
        if let Some(external) = &command.external {
            let payment = TransferPayment {
                id: command.ask.payment.clone(),
                store: desk.profile.store.id.clone(),
                channel: None,
                order_name: external.order_name.clone(),
                method: external.method.clone(),
                currency: external.currency,
                paid_at: external.paid_at,
            };
            return Ok(Some((payment, None)));
        }
        let mut stores = self.storage.stores_of(&platform.merchant).await?;
        // The representative one first, then the oldest.
        stores.sort_by_key(|store| (!store.is_representative, store.created_at));
        for store in stores {
            let key = PaymentKey { store: store.id, payment: command.ask.payment.clone() };
            let found = self.storage.payment(&key).await?;
            if let Some(found) = found.filter(|found| found.environment == platform.environment)
                && let Some((payment, parts)) = ours(&found)
            {
                return Ok(Some((payment, Some(parts))));
            }
        }
        Ok(None)
    }

    async fn facts(
        &self,
        platform: &PlatformKey,
        payment: &TransferPayment,
        paid: Option<PaymentParts>,
    ) -> Result<PaymentFacts, Failure> {
        Ok(match (paid, payment.paid_at) {
            (Some(paid), Some(paid_at)) => PaymentFacts::Ours {
                currency: payment.currency,
                paid_at,
                paid,
                registered: self
                    .storage
                    .registered_for_payment(platform, &payment.store, &payment.id)
                    .await?,
            },
            (None, _) | (_, None) => {
                PaymentFacts::External { currency: payment.currency, paid_at: payment.paid_at }
            }
        })
    }

    /// How a cancel names its order, and the order transfers that match.
    async fn originals(
        &self,
        platform: &PlatformKey,
        command: &RegisterCancel,
    ) -> Result<(CancelNaming, Vec<Transfer>), Failure> {
        if let Some(id) = &command.transfer {
            let found = self.storage.platform_transfer(platform, id).await?.filter(|found| {
                let partner = command.partner.as_ref().is_none_or(|partner| *partner == found.partner);
                let payment = |payment: &PaymentId| found.payment().is_some_and(|own| own.id == *payment);
                matches!(found.content, TransferContent::Order(_))
                    && partner
                    && command.payment.as_ref().is_none_or(payment)
            });
            return Ok((CancelNaming::Transfer, found.into_iter().collect()));
        }
        let (Some(partner), Some(payment)) = (&command.partner, &command.payment) else {
            return Ok((CancelNaming::Nothing, Vec::new()));
        };
        let found = self.storage.order_transfers_of(platform, payment, partner).await?;
        Ok((CancelNaming::PartnerAndPayment, found))
    }

    /// The cancellation of ours that a cancel belongs to.
    async fn cancelled(
        &self,
        platform: &PlatformKey,
        payment: &TransferPayment,
        id: &CancellationId,
    ) -> Result<(Found, CancellationFacts), Failure> {
        let key = PaymentKey { store: payment.store.clone(), payment: payment.id.clone() };
        let Some(found) = self.storage.payment(&key).await? else {
            return Ok((Found::NotFound, CancellationFacts::Ours(None)));
        };
        let Some(cancellation) = found.cancellation(id) else {
            return Ok((Found::Found, CancellationFacts::Ours(None)));
        };
        let CancellationState::Succeeded { at, .. } = &cancellation.state else {
            return Ok((Found::Found, CancellationFacts::Ours(None)));
        };
        let registered =
            self.storage.registered_for_cancellation(platform, &payment.store, &payment.id, id).await?;
        let cancelled = PaymentParts { total: cancellation.order_amount, tax_free: cancellation.tax_free };
        let ours = OurCancellation { cancelled_at: *at, cancelled, registered };
        Ok((Found::Found, CancellationFacts::Ours(Some(ours))))
    }
}

fn external_facts(command: &RegisterCancel) -> CancellationFacts {
    match command.external {
        Some(cancelled_at) => CancellationFacts::External { cancelled_at },
        None => CancellationFacts::Ours(None),
    }
}

fn as_original(
    (order, contract): &(Transfer, Versioned<paypier_domain::settlement::contract::ContractTerms>),
) -> Option<Original<'_>> {
    let calculation = order.calculation()?;
    let origin = if order.payment()?.is_ours() { Origin::Ours } else { Origin::External };
    Some(Original { id: &order.id, calculation, contract, origin })
}

/// A payment of ours that was paid, whatever was cancelled since.
fn ours(payment: &Payment) -> Option<(TransferPayment, PaymentParts)> {
    let attempt = payment.paid_attempt()?;
    let paypier_domain::payment::AttemptState::Paid(paid) = &attempt.state else { return None };
    let shown = TransferPayment {
        id: payment.key.payment.clone(),
        store: payment.key.store.clone(),
        channel: attempt.channel.as_ref().map(|channel| channel.key.clone()),
        order_name: Some(attempt.order.name.as_str().into()),
        method: attempt.method.as_ref().map(paid_with),
        currency: attempt.currency,
        paid_at: Some(paid.at),
    };
    let parts = PaymentParts { total: attempt.amounts.total, tax_free: attempt.amounts.tax_free };
    Some((shown, parts))
}

fn paid_with(method: &Method) -> PaidWith {
    match method {
        Method::Card { .. } => PaidWith::Card,
        Method::VirtualAccount { .. } => PaidWith::VirtualAccount,
        Method::Transfer { .. } => PaidWith::Transfer,
        Method::Mobile { .. } => PaidWith::Mobile,
        Method::GiftCertificate { .. } => PaidWith::GiftCertificate,
        Method::EasyPay { provider, card } => PaidWith::EasyPay {
            provider: provider.as_deref().map(Into::into),
            method: card.as_ref().map(|_| "CARD".into()),
        },
        Method::ConvenienceStore { .. } => PaidWith::ConvenienceStore,
        Method::Crypto => PaidWith::Crypto,
    }
}

fn delete_failure(refusal: TransferDeleteRefusal) -> Failure {
    SettlementFailure::DeleteTransfer(refusal).into()
}

/// Parameters by key, as a request gives them.
pub type Parameters = BTreeMap<Box<str>, ParameterValue>;
