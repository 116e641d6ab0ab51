//! Issuing a billing key from a card number, at one channel or at every channel of a group.

use super::App;
use super::caller::Caller;
use super::channel_choice::Wanted;
use super::directory::StoreProfile;
use super::failure::{ChannelFailure, Failure, Missing, PspFailure};
use super::psp::Route;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_connectors::contract::Card;
use paypier_domain::billing_key::{self, BillingKey, Holding, HoldingState, State};
use paypier_domain::channel::ChannelGroupSnapshot;
use paypier_domain::customer::Customer;
use paypier_domain::id::{BillingKeyId, ChannelGroupId, ChannelKey};
use paypier_domain::money::Currency;
use paypier_domain::payment::{Notices, Origin};

/// `POST /billing-keys` in no dialect's words.
#[derive(Debug)]
pub struct IssueBillingKey {
    pub store: Option<String>,
    pub channel: Option<ChannelKey>,
    pub channel_group: Option<ChannelGroupId>,
    pub card: Card,
    pub customer: Customer,
    pub custom_data: Option<String>,
    pub issue_id: Option<String>,
    pub issue_name: Option<String>,
    pub origin: Origin,
    pub notices: Notices,
}

impl App {
    /// Asks the channel, or every enabled channel of the group (weight 0 included), for a token.
    ///
    /// # Errors
    /// Store out of reach, no usable channel, or every channel refused: `Psp` for a named channel,
    /// `Channels` for a group.
    pub async fn issue_billing_key(&self, caller: &Caller, ask: IssueBillingKey, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let (routes, group) =
            self.issuing_routes(&profile, ask.channel.as_ref(), ask.channel_group.as_ref())?;
        let environment = routes
            .first()
            .map(|route| route.channel.environment)
            .ok_or(Failure::NotFound(Missing::Channel))?;
        let now = self.now(&profile, environment);
        let key = BillingKey {
            id: BillingKeyId::known(self.ids.prefixed("billing-key-")),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: 0,
            customer: ask.customer,
            custom_data: ask.custom_data,
            origin: ask.origin,
            channel_group: group,
            issue_id: ask.issue_id,
            issue_name: ask.issue_name,
            method: billing_key::KeyMethod::Card,
            approval: None,
            notices: ask.notices,
            claim: ticket.reference(),
            requested_at: now,
            going_since: None,
            first_payment: None,
            holdings: routes
                .iter()
                .map(|route| Holding { channel: route.channel.clone(), state: HoldingState::Asked })
                .collect(),
            state: State::Sending,
        };
        let begun = billing_key::begin(key, self.policy.limits.answer_overdue, now);
        let mut change = begun.change;
        ticket.begin(&mut change);
        self.commit(&profile, ticket, change).await?;

        let mut answers = Vec::with_capacity(routes.len());
        for route in &routes {
            let call = route.call(self.now(&profile, environment));
            // Each channel has a reference of its own: one PSP may serve several channels.
            let reference = format!("{}:{}", begun.key.id, route.channel.key);
            let outcome = route
                .measured(
                    "issue_stored",
                    route.connector.issue_stored(&call, &reference, &begun.key.customer, &ask.card),
                )
                .await;
            answers.push((route.channel.key.clone(), outcome));
        }
        let now = self.now(&profile, environment);
        let decided = billing_key::issued(&begun.key, answers, now);
        let verdict = issuance_verdict(&decided.key);
        let mut change = decided.change;
        ticket.finish(&mut change, &verdict);
        self.commit(&profile, ticket, change).await?;
        verdict
    }

    fn issuing_routes(
        &self,
        profile: &StoreProfile,
        channel: Option<&ChannelKey>,
        group: Option<&ChannelGroupId>,
    ) -> Result<(Vec<Route>, Option<ChannelGroupSnapshot>), Failure> {
        let missing = Failure::NotFound(Missing::Channel);
        if let Some(key) = channel {
            if !self.can_serve(profile, key, Wanted::StoredCharge, Currency::KRW) {
                return Err(missing);
            }
            return Ok((vec![self.route(profile, key)?], None));
        }
        let Some(id) = group else {
            return Err(Failure::Invalid("one of channelKey and channelGroupId is needed".into()));
        };
        let group = profile.group(id).ok_or_else(|| missing.clone())?;
        let routes = group
            .members
            .iter()
            .filter(|member| {
                member.is_enabled
                    && self.can_serve(profile, &member.channel, Wanted::StoredCharge, Currency::KRW)
            })
            .map(|member| self.route(profile, &member.channel))
            .collect::<Result<Vec<_>, _>>()?;
        if routes.is_empty() { Err(missing) } else { Ok((routes, Some(group.snapshot()))) }
    }
}

/// What a caller is told about an ended issuance.
pub fn issuance_verdict(key: &BillingKey) -> Verdict {
    if key.is_issued() {
        return Ok(Success::BillingKeyIssued(Box::new(key.clone())));
    }
    let failures = channel_failures(key);
    match (&key.channel_group, failures.first()) {
        (None, Some(failure)) => Err(Failure::Psp(PspFailure {
            code: failure.pg_code.clone(),
            message: failure.pg_message.clone(),
            note: failure.message.clone(),
        })),
        (_, _) => Err(Failure::Channels { failures, succeeded: Vec::new() }),
    }
}

/// The channels that refused, in the order in which they were asked.
pub fn channel_failures(key: &BillingKey) -> Vec<ChannelFailure> {
    key.holdings
        .iter()
        .filter_map(|holding| match &holding.state {
            HoldingState::Refused { pg_code, pg_message, message, .. } => Some(ChannelFailure {
                channel: holding.channel.clone(),
                pg_code: pg_code.clone(),
                pg_message: pg_message.clone(),
                message: message.clone(),
            }),
            HoldingState::Asked | HoldingState::Held { .. } | HoldingState::Released => None,
        })
        .collect()
}
