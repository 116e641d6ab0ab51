//! Charging a billing key: the buyer is not there.

use super::App;
use super::caller::Caller;
use super::channel_choice::Wanted;
use super::charging::{ChargePlan, Instrument};
use super::checkout::keys::method_of;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::pay_instantly::Sale;
use super::psp::Route;
use super::success::Verdict;
use super::ticket::Ticket;
use paypier_domain::billing_key::{BillingKey, DeleteRefusal, State};
use paypier_domain::change::Write;
use paypier_domain::channel::ZeroWeights;
use paypier_domain::id::{BillingKeyId, ChannelKey, PaymentId, PaymentKey, ScheduleId};
use paypier_domain::money::Currency;
use paypier_domain::payment::{Installment, Method};

/// `POST /payments/{paymentId}/billing-key` in no dialect's words.
#[derive(Debug)]
pub struct PayWithBillingKey {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub billing_key: BillingKeyId,
    /// Selects among the channels of a super billing key.
    pub channel: Option<ChannelKey>,
    pub installment: Option<Installment>,
    pub is_point_used: bool,
    pub schedule: Option<ScheduleId>,
    pub sale: Sale,
    /// What is stored with the intention: rows that name the payment in a dialect.
    pub beside: Vec<Write>,
}

impl App {
    /// # Errors
    /// Store out of reach, key unknown, never issued or deleted, no usable channel of the key, the
    /// refusals of a further attempt, the PSP's refusal or an unknown outcome.
    pub async fn pay_with_billing_key(
        &self,
        caller: &Caller,
        ask: PayWithBillingKey,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = self.issued_key(&profile, &ask.billing_key).await?;
        let (route, plan) = self.charge_of_key(&profile, &key, ask, ticket).await?;
        self.charge(&profile, &route, plan, ticket).await
    }

    /// The store's billing key, when it can be charged.
    ///
    /// # Errors
    /// Key unknown, never issued, or deleted.
    pub(super) async fn issued_key(
        &self,
        profile: &StoreProfile,
        id: &BillingKeyId,
    ) -> Result<BillingKey, Failure> {
        let key = self.known_key(profile, id).await?;
        match key.state {
            State::Deleted { .. } => Err(Failure::DeleteBillingKey(DeleteRefusal::AlreadyDeleted)),
            State::Ready | State::Issued { .. } | State::Sending | State::Failed { .. } => Ok(key),
        }
    }

    /// The store's billing key, when it was ever issued.
    ///
    /// # Errors
    /// Key unknown, or never issued.
    pub(super) async fn known_key(
        &self,
        profile: &StoreProfile,
        id: &BillingKeyId,
    ) -> Result<BillingKey, Failure> {
        let key = self.storage.billing_key(id).await?.filter(|key| key.store == profile.store.id);
        key.filter(|key| matches!(key.state, State::Issued { .. } | State::Deleted { .. }))
            .ok_or(Failure::NotFound(Missing::BillingKey))
    }

    /// One charge of the key: through which channel, and with what.
    ///
    /// # Errors
    /// No usable channel of the key, a promotion that is unknown, amounts that do not fit.
    pub(super) async fn charge_of_key(
        &self,
        profile: &StoreProfile,
        key: &BillingKey,
        ask: PayWithBillingKey,
        ticket: &Ticket,
    ) -> Result<(Route, ChargePlan), Failure> {
        let route = self.route_of_key(profile, key, ask.channel.as_ref(), ask.sale.currency)?;
        let token = key.token_at(&route.channel.key).ok_or(Failure::NotFound(Missing::Channel))?.to_owned();
        let promotion = self.promotion_of(profile, &route.channel, ask.sale.promotion.as_deref()).await?;
        let mut sale = ask.sale;
        sale.order.customer = sale.order.customer.or(&key.customer);
        let method = match method_of(key, 0) {
            Method::Card { card, .. } => Method::Card {
                card,
                approval_number: None,
                installment: ask.installment,
                is_point_used: ask.is_point_used,
            },
            other => other,
        };
        let (mut request, bypass) =
            self.request_of(sale, &route.channel, key.channel_group.clone(), Some(method), ticket)?;
        request.billing_key = Some(key.id.clone());
        request.schedule = ask.schedule;
        let plan = ChargePlan {
            payment: PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id },
            request,
            promotion,
            instrument: Instrument::Stored { token },
            installment_months: ask.installment.map_or(0, |installment| installment.months),
            bypass,
            beside: ask.beside,
        };
        Ok((route, plan))
    }

    /// The named channel; or one drawn by the group's present weights among enabled channels that
    /// hold the key; or, when the group is gone, one of the holding channels evenly.
    fn route_of_key(
        &self,
        profile: &StoreProfile,
        key: &BillingKey,
        named: Option<&ChannelKey>,
        currency: Currency,
    ) -> Result<Route, Failure> {
        let can = |channel: &ChannelKey| {
            key.token_at(channel).is_some()
                && self.can_serve(profile, channel, Wanted::StoredCharge, currency)
        };
        if let Some(named) = named {
            return if can(named) {
                self.route(profile, named)
            } else {
                Err(Failure::NotFound(Missing::Channel))
            };
        }
        let random = self.random.number();
        let group = key.channel_group.as_ref().and_then(|snapshot| profile.group(&snapshot.id));
        let drawn = match group {
            Some(group) => group.draw(random, ZeroWeights::WhenNothingElse, can).cloned(),
            None => {
                let usable: Vec<_> = key.held_at().filter(|channel| can(&channel.key)).collect();
                let count = u64::try_from(usable.len()).unwrap_or(0);
                let index = usize::try_from(random.checked_rem(count).unwrap_or(0)).unwrap_or(0);
                usable.get(index).map(|channel| channel.key.clone())
            }
        };
        self.route(profile, &drawn.ok_or(Failure::NotFound(Missing::Channel))?)
    }
}
