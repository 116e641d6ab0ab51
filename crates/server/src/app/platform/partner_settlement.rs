//! Partner settlements: listing them, recording what was paid outside, deleting them, and what an operator
//! says of one.

use super::Desk;
use super::settlement_outcome::{SettlementDone, SettlementFailure};
use super::shelf::{Fallback, Shelf};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use jiff::civil::Date;
use paypier_domain::change::{Change, Write};
use paypier_domain::money::SignedAmount;
use paypier_domain::settlement::books;
use paypier_domain::settlement::bulk::{self, CompleteFound, CompleteRefusal, PayoutMethod};
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::definition::{Definition, Partner, PlatformKey};
use paypier_domain::settlement::delete::{self, DeletedSettlement, DeletedTransfer};
use paypier_domain::settlement::group::GroupKind;
use paypier_domain::settlement::id::{BulkPayoutId, PartnerSettlementId, PayoutId};
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{BulkPayout, PaidTo, Payout};
use paypier_domain::settlement::payout::{PayoutAmounts, PayoutRefusal, PayoutTerms, Share};
use paypier_domain::settlement::setting::Setting;
use paypier_domain::settlement::status::{BulkPayoutStatus, PartnerSettlementStatus, PayoutStatus};
use paypier_domain::settlement::transfer::{Hold, Transfer, TransferContent, order_hold, payment_hold};
use paypier_storage::{ByStatus, CommitError, Page, PageAsk, SettlementFilter};
use std::collections::BTreeMap;

/// Partner settlements that one request may name.
pub const MOST_NAMED: usize = 1_000;
/// Transfers inside the settlements that one request deletes.
const MOST_DELETED: usize = 20_000;
const TRANSFERS_AT_ONCE: u32 = 500;

/// A partner settlement with what an answer says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettlementView {
    pub settlement: PartnerSettlement,
    pub partner: Partner,
    /// `None` for manual transfers.
    pub contract: Option<Definition<ContractTerms>>,
}

/// `POST /platform/partner-settlements/complete-payout` in no dialect's words.
#[derive(Debug, Clone)]
pub struct CompletePayout {
    pub id: BulkPayoutId,
    pub name: Option<Box<str>>,
    pub settlements: Vec<PartnerSettlementId>,
    pub completed_on: Option<Date>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    pub bulk: BulkPayoutId,
    pub payouts: usize,
    pub settlements: usize,
}

impl App {
    pub(crate) async fn settlement_views(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        settlements: Vec<PartnerSettlement>,
    ) -> Result<Vec<SettlementView>, Failure> {
        let mut shelf = Shelf::new(self, platform, Fallback::Live, self.platform_now(desk, platform));
        let mut views = Vec::with_capacity(settlements.len());
        for settlement in settlements {
            let partner = shelf.known_partner(&settlement.partner).await?;
            let contract = match &settlement.kind {
                GroupKind::Order(id) | GroupKind::OrderCancel(id) => Some(shelf.known_contract(id).await?),
                GroupKind::Manual | GroupKind::ManualAlone(_) => None,
            };
            views.push(SettlementView { settlement, partner, contract });
        }
        Ok(views)
    }

    /// A page, the newest first, and how many match of each status.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn partner_settlements(
        &self,
        desk: &Desk,
        filter: &SettlementFilter,
        page: PageAsk,
    ) -> Result<(Page<SettlementView>, ByStatus), Failure> {
        self.platform_day_begins(&desk.profile, &filter.platform).await?;
        let (found, counts) = self.storage.partner_settlements(filter, page).await?;
        let items = self.settlement_views(desk, &filter.platform, found.items).await?;
        Ok((Page { items, total: found.total, total_is_exact: found.total_is_exact }, counts))
    }

    /// Records that the merchant has paid settlements by itself.
    ///
    /// # Errors
    /// See [`CompleteRefusal`].
    pub async fn complete_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        command: CompletePayout,
        ticket: &Ticket,
    ) -> Verdict {
        self.platform_day_begins(&desk.profile, platform).await?;
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let found = self.storage.partner_settlements_by_id(platform, &command.settlements).await?;
            let payable: Vec<_> = found.iter().map(PartnerSettlement::payable).collect();
            let shares = bulk::complete_outside(
                &command.id,
                &command.settlements,
                command.completed_on,
                CompleteFound {
                    settlements: &payable,
                    bulk_payout_exists: self.storage.bulk_payout(platform, &command.id).await?.is_some(),
                },
                now,
            )
            .map_err(complete_failure)?;
            let day = command.completed_on.and_then(super::transfer::midnight);
            let paid_at = day.unwrap_or(now);
            let setting = self.storage.platform_setting(platform).await?.setting;
            let mut shelf = Shelf::new(self, platform, Fallback::Live, now);
            let mut change = Change::default();
            let (mut total_settlement, mut payouts) = (SignedAmount::ZERO, Vec::new());
            for share in &shares {
                let partner = shelf.known_partner(&share.partner).await?;
                let mut payout = self
                    .new_payout(desk, platform, &command.id, PayoutMethod::Direct, share, &partner, &setting)
                    .map_err(negative)?;
                payout.status = PayoutStatus::Succeeded;
                payout.status_at = paid_at;
                let settlement = SignedAmount::from(payout.amounts.settlement);
                total_settlement = total_settlement.plus(settlement).map_err(Failure::internal)?;
                change.postings.extend(books::paid(&payout, paid_at).map_err(Failure::internal)?);
                change.writes.push(Write::PlatformPayout { payout: Box::new(payout.clone()), expects: None });
                let inside = found.iter().filter(|one| share.settlements.contains(&one.id));
                for one in inside {
                    let paid = PartnerSettlement {
                        payout: Some(payout.id.clone()),
                        bulk: Some(command.id.clone()),
                        ..one.clone()
                    };
                    let paid = paid.with_status(PartnerSettlementStatus::PaidOut, paid_at);
                    change = change.and(paid.changed().1);
                }
                payouts.push(payout);
            }
            let total_payout = bulk::total(payouts.iter().map(|payout| payout.amounts.amount));
            let currencies: Vec<_> = payouts.iter().map(|payout| payout.terms.currency).collect();
            let bulk = BulkPayout {
                platform: platform.clone(),
                id: command.id.clone(),
                home: desk.profile.store.id.clone(),
                name: command.name.clone().unwrap_or_else(|| command.id.as_str().into()),
                created_by: PAID_OUTSIDE.into(),
                approved_by: None,
                method: PayoutMethod::Direct,
                currency: currencies.first().copied().unwrap_or(paypier_domain::money::Currency::KRW),
                settlement_dates: found.iter().map(|one| one.settles_on).collect(),
                status: BulkPayoutStatus::Completed,
                status_at: paid_at,
                created_at: now,
                updated_at: now,
                version: 1,
                reserved_for: None,
                total_settlement,
                total_payout: total_payout.map_err(Failure::internal)?,
            };
            change.writes.push(Write::PlatformBulkPayout { bulk: Box::new(bulk), expects: None });
            let completed =
                Completed { bulk: command.id.clone(), payouts: payouts.len(), settlements: found.len() };
            let success = Success::from(SettlementDone::PayoutCompleted(completed));
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// A payout of some settlements, not stored yet.
    #[expect(clippy::too_many_arguments, reason = "each is another thing that a payout is made of")]
    pub(crate) fn new_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        bulk: &BulkPayoutId,
        method: PayoutMethod,
        share: &Share,
        partner: &Partner,
        setting: &Setting,
    ) -> Result<Payout, PayoutRefusal> {
        let now = self.platform_now(desk, platform);
        let terms = partner.definition.terms();
        let of = PayoutTerms {
            partner: terms.details.partner_type(),
            currency: share.currency,
            withholding: setting.withholding,
            amount_type: setting.amount_type,
        };
        Ok(Payout {
            platform: platform.clone(),
            id: PayoutId::known(self.ids.prefixed("po-")),
            home: desk.profile.store.id.clone(),
            bulk: bulk.clone(),
            created_at: now,
            version: 1,
            method,
            status: PayoutStatus::Confirmed,
            status_at: now,
            partner: share.partner.clone(),
            terms: of,
            account: PaidTo {
                bank: terms.account.bank.clone(),
                number: terms.account.number().into(),
                holder: terms.account.holder.clone(),
            },
            amounts: PayoutAmounts::new(share.settlement, share.tax_free, of)?,
            memo: None,
            withdrawal_memo: setting.withdrawal_memo.clone(),
            deposit_memo: setting.deposit_memo.clone(),
            scheduled_at: None,
            fail_reason: None,
        })
    }

    /// Deletes settlements and the transfers inside, all of them or none.
    ///
    /// # Errors
    /// See [`delete::SettlementDeleteRefusal`].
    pub async fn delete_settlements(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        ids: &[PartnerSettlementId],
        ticket: &Ticket,
    ) -> Verdict {
        self.platform_day_begins(&desk.profile, platform).await?;
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let found = self.storage.partner_settlements_by_id(platform, ids).await?;
            let mut holds: BTreeMap<Box<str>, Hold> = BTreeMap::new();
            let mut inside: Vec<Transfer> = Vec::new();
            for settlement in &found {
                inside.extend(self.transfers_inside(platform, settlement).await?);
                if inside.len() > MOST_DELETED {
                    let why = format!(
                        "the partner settlements hold more than {MOST_DELETED} transfers; delete fewer at a time"
                    );
                    return Err(Failure::Invalid(why));
                }
            }
            for transfer in &inside {
                let mut named = Vec::new();
                match &transfer.content {
                    TransferContent::Order(order) => {
                        named.push(order_hold(&transfer.id));
                        named.push(payment_hold(&order.payment.store, &order.payment.id));
                    }
                    TransferContent::OrderCancel(cancel) => named.push(order_hold(&cancel.original)),
                    TransferContent::Manual(_) => {}
                }
                for what in named {
                    if !holds.contains_key(&what) {
                        let version = self.storage.platform_hold(platform, &what).await?;
                        holds.insert(what.clone(), Hold { platform: platform.clone(), what, version });
                    }
                }
            }
            let mut deleted = Vec::with_capacity(found.len());
            for settlement in &found {
                let mut transfers = Vec::new();
                for transfer in inside.iter().filter(|one| is_in(one, settlement)) {
                    let cancels = match &transfer.content {
                        TransferContent::Order(_) => {
                            let cancels = self.storage.cancels_of(platform, &transfer.id).await?;
                            cancels.into_iter().map(|cancel| cancel.id).collect()
                        }
                        TransferContent::OrderCancel(_) | TransferContent::Manual(_) => Vec::new(),
                    };
                    transfers.push(DeletedTransfer { id: transfer.id.clone(), cancels });
                }
                let (id, status) = (settlement.id.clone(), settlement.status);
                deleted.push(DeletedSettlement { id, status, transfers });
            }
            delete::partner_settlements(ids, &deleted)
                .map_err(|refusal| SettlementFailure::DeleteSettlements(Box::new(refusal)))?;
            let mut change = Change::default();
            change.writes.extend(holds.into_values().map(Write::PlatformHold));
            for transfer in &inside {
                change = change.and(transfer.deleted(Vec::new(), now));
                change.postings.extend(books::unsettled(transfer, now).map_err(Failure::internal)?);
            }
            for settlement in &found {
                change = change.and(settlement.removed());
            }
            let success = Success::from(SettlementDone::SettlementsDeleted);
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// All transfers in a settlement.
    pub(crate) async fn transfers_inside(
        &self,
        platform: &PlatformKey,
        settlement: &PartnerSettlement,
    ) -> Result<Vec<Transfer>, Failure> {
        let mut inside: Vec<Transfer> = Vec::new();
        loop {
            let after = inside.last().map(|last| last.id.clone());
            let piece = self
                .storage
                .transfers_in(platform, &settlement.id, after.as_ref(), TRANSFERS_AT_ONCE)
                .await?;
            let is_last = piece.len() < usize::try_from(TRANSFERS_AT_ONCE).unwrap_or(usize::MAX);
            inside.extend(piece);
            if is_last || inside.len() > MOST_DELETED {
                return Ok(inside);
            }
        }
    }

    /// An operator holds a settlement back, excludes it, or puts it back.
    ///
    /// # Errors
    /// There is none, or the status may not follow the present one.
    pub async fn set_settlement_status(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PartnerSettlementId,
        to: PartnerSettlementStatus,
        ticket: &Ticket,
    ) -> Verdict {
        self.platform_day_begins(&desk.profile, platform).await?;
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let found =
                self.storage.partner_settlements_by_id(platform, std::slice::from_ref(id)).await?.pop();
            let found = found.ok_or_else(|| {
                SettlementFailure::DeleteSettlements(Box::new(delete::SettlementDeleteRefusal::NotFound(
                    vec![id.clone()],
                )))
            })?;
            let (settlement, mut change) =
                found.set_by_operator(to, now).map_err(SettlementFailure::SettlementStatus)?;
            let view = self.settlement_views(desk, platform, vec![settlement]).await?.pop();
            let view = view.ok_or_else(|| Failure::internal("a settlement has no view"))?;
            let success = Success::from(SettlementDone::Settlement(Box::new(view)));
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

/// Who has made a bulk payout that records what was paid outside: nobody approves it.
const PAID_OUTSIDE: &str = "complete-payout";

fn is_in(transfer: &Transfer, settlement: &PartnerSettlement) -> bool {
    transfer.settlement.as_ref().is_some_and(|joined| joined.id == settlement.id)
}

fn complete_failure(refusal: CompleteRefusal) -> Failure {
    SettlementFailure::CompletePayout(Box::new(refusal)).into()
}

/// What would be paid is below nothing once VAT is counted.
fn negative(refusal: PayoutRefusal) -> Failure {
    SettlementFailure::Payout(refusal).into()
}
