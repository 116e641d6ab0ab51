//! Transfers as they are shown: with their partner, contract and policies as they were calculated by. One
//! that has not started is calculated anew, by what is known now.

use super::Desk;
use super::shelf::{Fallback, Shelf, in_version, on_day};
use crate::app::App;
use crate::app::failure::Failure;
use jiff::civil::Date;
use paypier_domain::settlement::calendar::Calendar;
use paypier_domain::settlement::cancel;
use paypier_domain::settlement::contract::ContractTerms;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::{Definition, Partner, PlatformKey};
use paypier_domain::settlement::id::{AdditionalFeePolicyId, DiscountSharePolicyId};
use paypier_domain::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use paypier_domain::settlement::property::PlatformSetting;
use paypier_domain::settlement::register::{
    DetailAsk, Found, IdUse, Office, OrderAsk, OrderFound, OrderTransfer, order,
};
use paypier_domain::settlement::status::TransferStatus;
use paypier_domain::settlement::transfer::{
    CancelContent, Edition, OrderContent, Transfer, TransferContent, settles_on,
};
use paypier_domain::settlement::version::Versioned;
use paypier_storage::{Page, PageAsk, TransferFilter, TransferPlace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Korea's holidays.
pub(crate) static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::korea);

/// A transfer with everything that an answer says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferView {
    pub transfer: Transfer,
    pub status: TransferStatus,
    /// As it is on the transfer's start date; of a manual transfer, as it is now.
    pub partner: Partner,
    /// `None` for a manual transfer.
    pub contract: Option<Definition<ContractTerms>>,
    pub discounts: BTreeMap<DiscountSharePolicyId, Definition<DiscountShareTerms>>,
    pub fees: BTreeMap<AdditionalFeePolicyId, Definition<AdditionalFeeTerms>>,
}

/// Everything by which transfers of a platform are calculated at one moment.
pub(crate) struct Counter<'a> {
    pub(crate) shelf: Shelf<'a>,
    pub(crate) setting: PlatformSetting,
    pub(crate) today: Date,
}

impl Counter<'_> {
    pub(crate) fn office(&self) -> Office<'_> {
        Office { setting: &self.setting.setting, calendar: &CALENDAR, today: self.today }
    }

    /// Decides about an order by the definitions that it names, whether or not they are archived by now.
    pub(crate) async fn again(&mut self, content: &OrderContent) -> Result<Option<OrderTransfer>, Failure> {
        let ask = content.ask();
        let contract = self.shelf.known_contract(&content.contract.id).await?;
        let mut contract = contract.of;
        contract.archived = false;
        let (discounts, fees) = self.policies(&ask).await?;
        let unarchived = |archived: &mut bool| *archived = false;
        let (mut discounts, mut fees) = (discounts, fees);
        discounts.values_mut().for_each(|policy| unarchived(&mut policy.archived));
        fees.values_mut().for_each(|policy| unarchived(&mut policy.archived));
        let facts = content.facts();
        let found = OrderFound {
            partner: Found::Found,
            contract: Some(&contract),
            discount_policies: &discounts,
            additional_fee_policies: &fees,
            payment: Some(&facts),
            unknown_property: None,
            id: IdUse::Free,
            existing: None,
        };
        Ok(order(&ask, found, self.office()).ok())
    }

    /// The policies that an order names, as far as they exist.
    pub(crate) async fn policies(
        &mut self,
        ask: &OrderAsk,
    ) -> Result<
        (
            BTreeMap<DiscountSharePolicyId, Versioned<DiscountShareTerms>>,
            BTreeMap<AdditionalFeePolicyId, Versioned<AdditionalFeeTerms>>,
        ),
        Failure,
    > {
        let (named_discounts, named_fees) = named(ask);
        let mut discounts = BTreeMap::new();
        for id in named_discounts {
            if let Some(found) = self.shelf.discount(id).await? {
                discounts.insert(id.clone(), found.of.clone());
            }
        }
        let mut fees = BTreeMap::new();
        for id in named_fees {
            if let Some(found) = self.shelf.fee(id).await? {
                fees.insert(id.clone(), found.of.clone());
            }
        }
        Ok((discounts, fees))
    }

    /// The moments from which the policies hold that an order of this start date is calculated by.
    pub(crate) async fn editions(
        &mut self,
        ask: &OrderAsk,
        starts_on: Date,
    ) -> Result<
        (BTreeMap<DiscountSharePolicyId, jiff::Timestamp>, BTreeMap<AdditionalFeePolicyId, jiff::Timestamp>),
        Failure,
    > {
        let (discounts, fees) = self.policies(ask).await?;
        Ok((
            discounts.iter().map(|(id, of)| (id.clone(), of.in_force_on(starts_on).applied_at)).collect(),
            fees.iter().map(|(id, of)| (id.clone(), of.in_force_on(starts_on).applied_at)).collect(),
        ))
    }

    /// A transfer that is not frozen, by what is known now. One that cannot be calculated any more stays
    /// as it was.
    pub(crate) async fn refreshed(&mut self, app: &App, transfer: Transfer) -> Result<Transfer, Failure> {
        match &transfer.content {
            _ if transfer.is_frozen() => Ok(transfer),
            TransferContent::Manual(_) => Ok(transfer),
            TransferContent::Order(content) => {
                let mut content = content.clone();
                let Some(decided) = self.again(&content).await? else { return Ok(transfer) };
                let ask = content.ask();
                let (discounts, fees) = self.editions(&ask, content.starts_on).await?;
                let (id, version) = decided.contract;
                content.contract = Edition { id, applied_at: version.applied_at };
                content.parameters = decided.parameters;
                content.calculation = decided.calculation;
                content.discount_policies = discounts;
                content.additional_fee_policies = fees;
                let settles_on = decided.settles_on;
                Ok(Transfer { settles_on, content: TransferContent::Order(content), ..transfer })
            }
            TransferContent::OrderCancel(content) => {
                let content = self.refreshed_cancel(app, &transfer, content.clone()).await?;
                let contract = self.shelf.known_contract(&content.contract.id).await?;
                let terms = contract.of.in_force_on(content.starts_on).terms;
                let by_cycle = settles_on(&terms, content.starts_on, self.office());
                let settles_on = content.asked_date.or(by_cycle.ok()).unwrap_or(transfer.settles_on);
                Ok(Transfer { settles_on, content: TransferContent::OrderCancel(content), ..transfer })
            }
        }
    }

    /// A cancel that is not frozen takes back its part of what the order is worth now, also of one that has
    /// begun since: terms may have changed between the cancel and the order's start.
    async fn refreshed_cancel(
        &mut self,
        app: &App,
        transfer: &Transfer,
        mut content: Box<CancelContent>,
    ) -> Result<Box<CancelContent>, Failure> {
        let platform = &transfer.platform;
        let Some(original) = app.storage.platform_transfer(platform, &content.original).await? else {
            return Ok(content);
        };
        let original = Box::pin(self.refreshed(app, original)).await?;
        let TransferContent::Order(order) = &original.content else { return Ok(content) };
        let mut earlier = Vec::new();
        for cancel in app.storage.cancels_of(platform, &content.original).await? {
            let TransferContent::OrderCancel(other) = cancel.content else { continue };
            let taken: Vec<&_> = earlier.iter().collect();
            let calculated = if other.frozen {
                other.calculation
            } else {
                cancel::calculate(&order.calculation, &taken, &other.asked).unwrap_or(other.calculation)
            };
            if cancel.id == transfer.id {
                content.calculation = calculated;
                break;
            }
            earlier.push(calculated);
        }
        content.contract = order.contract.clone();
        content.discount_policies = order.discount_policies.clone();
        content.additional_fee_policies = order.additional_fee_policies.clone();
        Ok(content)
    }

    /// As it is shown.
    pub(crate) async fn view(&mut self, app: &App, transfer: Transfer) -> Result<TransferView, Failure> {
        let mut view = self.brief(app, transfer).await?;
        let (discounts, fees) = match &view.transfer.content {
            TransferContent::Order(order) => {
                (order.discount_policies.clone(), order.additional_fee_policies.clone())
            }
            TransferContent::OrderCancel(cancel) => {
                (cancel.discount_policies.clone(), cancel.additional_fee_policies.clone())
            }
            TransferContent::Manual(_) => (BTreeMap::new(), BTreeMap::new()),
        };
        for (id, at) in discounts {
            if let Some(policy) = self.shelf.discount(&id).await? {
                view.discounts.insert(id, in_version(policy, at));
            }
        }
        for (id, at) in fees {
            if let Some(policy) = self.shelf.fee(&id).await? {
                view.fees.insert(id, in_version(policy, at));
            }
        }
        Ok(view)
    }

    /// As it is shown in a list, without its policies.
    pub(crate) async fn brief(&mut self, app: &App, transfer: Transfer) -> Result<TransferView, Failure> {
        let status = transfer.status(self.today);
        let transfer = if status.is_frozen() { transfer } else { self.refreshed(app, transfer).await? };
        let partner = self.shelf.known_partner(&transfer.partner).await?;
        let partner = match transfer.starts_on() {
            Some(day) => {
                let definition = on_day(&partner.definition, day);
                partner.with(definition)
            }
            None => partner,
        };
        let contract = match transfer.contract() {
            Some(edition) => {
                let contract = self.shelf.known_contract(&edition.id).await?;
                Some(in_version(&contract, edition.applied_at))
            }
            None => None,
        };
        Ok(TransferView {
            status,
            partner,
            contract,
            discounts: BTreeMap::new(),
            fees: BTreeMap::new(),
            transfer,
        })
    }
}

/// Every policy of an order and of its lines.
fn named(ask: &OrderAsk) -> (BTreeSet<&DiscountSharePolicyId>, BTreeSet<&AdditionalFeePolicyId>) {
    let mut discounts: BTreeSet<_> = ask.discounts.iter().map(|discount| &discount.policy).collect();
    let mut fees: BTreeSet<_> = ask.additional_fees.iter().collect();
    if let DetailAsk::Lines(lines) = &ask.detail {
        for line in lines {
            discounts.extend(line.discounts.iter().map(|discount| &discount.policy));
            fees.extend(&line.additional_fees);
        }
    }
    (discounts, fees)
}

impl App {
    /// Where transfers of a platform are calculated and shown.
    pub(crate) async fn counter(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        fallback: Fallback,
    ) -> Result<Counter<'_>, Failure> {
        let now = self.platform_now(desk, platform);
        let shelf = Shelf::new(self, platform, fallback, now);
        let setting = self.storage.platform_setting(platform).await?;
        Ok(Counter { shelf, setting, today: day_in_korea(now) })
    }

    /// A page of transfers, the newest first.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn platform_transfers(
        &self,
        desk: &Desk,
        filter: &TransferFilter,
        page: PageAsk,
    ) -> Result<Page<TransferView>, Failure> {
        let found = self.storage.platform_transfers(filter, page).await?;
        let items = self.briefly(desk, &filter.platform, found.items).await?;
        Ok(Page { items, total: found.total, total_is_exact: found.total_is_exact })
    }

    /// The transfers of a list behind a place.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn platform_transfers_after(
        &self,
        desk: &Desk,
        filter: &TransferFilter,
        after: Option<&TransferPlace>,
        limit: u32,
    ) -> Result<Vec<TransferView>, Failure> {
        let found = self.storage.platform_transfers_after(filter, after, limit).await?;
        self.briefly(desk, &filter.platform, found).await
    }

    async fn briefly(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        transfers: Vec<Transfer>,
    ) -> Result<Vec<TransferView>, Failure> {
        let mut counter = self.counter(desk, platform, Fallback::Live).await?;
        counter.shelf.fetch_partners(transfers.iter().map(|transfer| transfer.partner.clone())).await?;
        let mut views = Vec::with_capacity(transfers.len());
        for transfer in transfers {
            views.push(counter.brief(self, transfer).await?);
        }
        Ok(views)
    }
}
