//! What only one PSP offers, for channels of that PSP.
//!
//! Nothing here moves money. Each of these operations acts on the credential's own store.

use super::App;
use super::caller::Caller;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::DONE;
use super::psp::Route;
use super::success::Verdict;
use super::ticket::Ticket;
use paypier_connectors::contract::{CardDiscount, RawAnswer};
use paypier_domain::change::Change;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{ChannelKey, PgTxId, TransactionId};
use paypier_domain::money::Amount;
use paypier_domain::outcome::{Decline, DeclineClass, Outcome};

const KAKAOPAY: &str = "KAKAOPAY";
const KCP: &str = "KCP_V2";
const PAYMENTWALL: &str = "PAYMENTWALL";

/// `POST /paymentwall/delivery/confirm` in no dialect's words.
#[derive(Debug)]
pub struct ConfirmDelivery {
    pub transaction: TransactionId,
    /// A word for the record: how far the delivery is.
    pub status: &'static str,
    /// A JSON object for the PSP. It holds the buyer's address, and is passed on and not kept.
    pub proof: String,
}

impl App {
    /// What KakaoPay says about one of its orders, an error of its own included.
    ///
    /// # Errors
    /// The channel is unknown or not KakaoPay's; KakaoPay does not answer.
    pub async fn kakaopay_order(
        &self,
        caller: &Caller,
        channel: &ChannelKey,
        order: &PgTxId,
    ) -> Result<RawAnswer, Failure> {
        let profile = caller.store(self, None).await?;
        let unknown = || Failure::Invalid("channelKey names no channel of this store".into());
        let channel = profile.channel(channel).ok_or_else(unknown)?.key.clone();
        let route = self.route_of_provider(&profile, &channel, KAKAOPAY)?;
        // Where the order is ours, the PSP is told our name for it as well.
        let ours = self.storage.attempt_by_pg_tx_id(&profile.store.id, order).await?;
        let now = self.now(&profile, route.channel.environment);
        let (call, reference) = (route.call(now), ours.as_ref().map(|id| id.as_str()));
        match route.measured("raw_order", route.connector.raw_order(&call, order.as_str(), reference)).await {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Declined(decline) => Err(Failure::Invalid(refusal(&decline))),
            Outcome::Pending(_) | Outcome::NotSent(_) | Outcome::Unknown(_) => Err(Failure::Silent),
        }
    }

    /// The discounts that the PSP itself gives on a payment of this amount, for cards of one company or
    /// of all.
    ///
    /// # Errors
    /// The channel is unknown, or of a PSP without such discounts; the PSP refuses or does not answer.
    pub async fn card_discounts(
        &self,
        caller: &Caller,
        channel: &ChannelKey,
        amount: Amount,
        company: Option<&str>,
    ) -> Result<Vec<CardDiscount>, Failure> {
        let profile = caller.store(self, None).await?;
        let channel = profile.channel(channel).filter(|channel| channel.is_enabled);
        let channel = channel.ok_or(Failure::NotFound(Missing::Channel))?.key.clone();
        let route = self.route_of_provider(&profile, &channel, KCP)?;
        let call = route.call(self.now(&profile, route.channel.environment));
        let psp = |code: String, message: String| {
            let note = "the PSP did not list its discounts".into();
            Failure::Psp(PspFailure { code, message, note })
        };
        match route.measured("card_discounts", route.connector.card_discounts(&call, amount)).await {
            Outcome::Done(discounts) | Outcome::Pending(discounts) => Ok(discounts
                .into_iter()
                .filter(|discount| company.is_none_or(|company| discount.company == company))
                .collect()),
            Outcome::Declined(decline) if decline.class == DeclineClass::NotSupported => {
                Err(Failure::Invalid(refusal(&decline)))
            }
            Outcome::Declined(decline) => Err(psp(decline.code, decline.message)),
            Outcome::NotSent(reason) => Err(psp(reason.code, reason.message)),
            Outcome::Unknown(_) => Err(psp("NO_ANSWER".into(), "the PSP did not answer".into())),
        }
    }

    /// Tells Paymentwall what was delivered. Safe to repeat: the latest word counts.
    ///
    /// # Errors
    /// No such attempt; the attempt was not made through Paymentwall, or Paymentwall refuses; it does not answer.
    pub async fn confirm_delivery(&self, caller: &Caller, ask: ConfirmDelivery, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, None).await?;
        let payment = self.storage.payment_by_transaction(&profile.store.id, &ask.transaction).await?;
        let payment = payment.ok_or(Failure::NotFound(Missing::Payment))?;
        let attempt = payment.attempt(&ask.transaction).ok_or(Failure::NotFound(Missing::Payment))?;
        let channel = attempt.channel.as_ref().ok_or_else(|| other_provider(PAYMENTWALL))?;
        let route = self.route_of_provider(&profile, &channel.key, PAYMENTWALL)?;
        let call = route.call(self.now(&profile, payment.environment));
        let confirming = route.connector.confirm_delivery(&call, attempt.reference(), &ask.proof);
        match route.measured("confirm_delivery", confirming).await {
            Outcome::Done(_) | Outcome::Pending(_) => {}
            Outcome::Declined(decline) => return Err(Failure::Invalid(refusal(&decline))),
            Outcome::NotSent(_) | Outcome::Unknown(_) => return Err(Failure::Silent),
        }
        let evidence = Evidence {
            payment: payment.key.clone(),
            transaction: ask.transaction,
            subject: Some("delivery".into()),
            at: self.now(&profile, payment.environment),
            kind: EvidenceKind::Answer,
            finding: format!("the PSP was told that the delivery is {}", ask.status),
            raw: None,
        };
        let mut change = Change { evidence: vec![evidence], ..Change::default() };
        ticket.finish(&mut change, &DONE);
        self.commit(&profile, ticket, change).await?;
        DONE
    }

    /// The way to a channel, when it is this provider's.
    fn route_of_provider(
        &self,
        profile: &StoreProfile,
        channel: &ChannelKey,
        provider: &'static str,
    ) -> Result<Route, Failure> {
        let route = self.route(profile, channel)?;
        if route.channel.pg_provider != provider {
            return Err(other_provider(provider));
        }
        Ok(route)
    }
}

fn other_provider(provider: &str) -> Failure {
    Failure::Invalid(format!("the channel is not one of {provider}, which alone offers this"))
}

fn refusal(decline: &Decline) -> String {
    match decline.class {
        DeclineClass::NotSupported => "the PSP of this channel does not offer this".into(),
        DeclineClass::Issuer
        | DeclineClass::Payer
        | DeclineClass::Refused
        | DeclineClass::Misconfiguration => {
            format!("the PSP refuses: {} ({})", decline.message, decline.code)
        }
    }
}
