//! Promotions: reading one, and the discount of a payment that names one.

use super::App;
use super::caller::{Caller, shown};
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::psp::Route;
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::id::{PaymentKey, PromotionId, TransactionId};
use paypier_domain::payment::{Method, Payment, Request, promoted};
use paypier_domain::promotion::{CardCompany, Grant, GrantRefusal, Hold, Promotion, Status, grant};

/// A promotion and how it stands now.
#[derive(Debug, Clone)]
pub struct PromotionView {
    pub promotion: Promotion,
    pub status: Status,
}

impl App {
    /// A promotion of any store that the caller may reach; nothing names its store.
    ///
    /// # Errors
    /// No such promotion there.
    pub async fn promotion(&self, caller: &Caller, id: &PromotionId) -> Result<PromotionView, Failure> {
        let missing = || Failure::NotFound(Missing::Promotion);
        let promotion = self.storage.promotion(id).await?.ok_or_else(missing)?;
        let profile = match caller.store(self, Some(promotion.store.as_str())).await {
            // Somebody else's promotion is one that does not exist.
            Err(Failure::Forbidden(_)) => return Err(missing()),
            reached => reached?,
        };
        let status = promotion.status(self.now(&profile, promotion.environment));
        Ok(PromotionView { promotion, status })
    }

    /// The promotion that a payment through this channel names.
    ///
    /// # Errors
    /// `Invalid`: the store has no such promotion for payments of this environment.
    pub async fn promotion_of(
        &self,
        profile: &StoreProfile,
        channel: &ChannelSnapshot,
        named: Option<&str>,
    ) -> Result<Option<PromotionId>, Failure> {
        self.promotion_in(profile, channel.environment, named).await
    }

    /// The promotion that is named for a payment of this environment.
    ///
    /// # Errors
    /// As [`App::promotion_of`].
    pub(super) async fn promotion_in(
        &self,
        profile: &StoreProfile,
        environment: Environment,
        named: Option<&str>,
    ) -> Result<Option<PromotionId>, Failure> {
        let Some(named) = named else { return Ok(None) };
        match self.known_promotion(profile, named).await? {
            promotion if promotion.environment == environment => Ok(Some(promotion.id)),
            promotion => Err(Failure::Invalid(format!(
                "promotionId: the promotion {} is {} and the payment is {}",
                shown(named),
                promotion.environment.as_str(),
                environment.as_str()
            ))),
        }
    }

    /// The store's promotion with this id, of whichever environment.
    ///
    /// # Errors
    /// `Invalid`: there is none.
    pub(super) async fn known_promotion(
        &self,
        profile: &StoreProfile,
        named: &str,
    ) -> Result<Promotion, Failure> {
        let found = self.storage.promotion(&PromotionId::known(named)).await?;
        found.filter(|promotion| promotion.store == profile.store.id).ok_or_else(|| {
            Failure::Invalid(format!("promotionId: the store has no promotion {}", shown(named)))
        })
    }

    /// The request at the price that the promotion makes of it, by how the promotion stands now. The
    /// commit that makes the attempt reserves the discount: it conflicts when the promotion stands
    /// otherwise by then, and this has to be asked again.
    ///
    /// # Errors
    /// See [`GrantRefusal`].
    pub async fn discounted(
        &self,
        route: &Route,
        mut request: Request,
        promotion: &PromotionId,
        now: Timestamp,
    ) -> Result<Request, Failure> {
        let Some(promotion) = self.storage.promotion(promotion).await? else { return Ok(request) };
        let company = company_of(route, request.method.as_ref());
        match grant::decide(&promotion, request.amounts, request.currency, company, now)? {
            Grant::FullPrice => {}
            Grant::Discount(amounts, used) => {
                request.amounts = amounts;
                request.promotion = Some(used);
            }
        }
        Ok(request)
    }

    /// Whether a buyer who was promised a discount pays with a card of the promotion's company.
    ///
    /// # Errors
    /// [`GrantRefusal::OtherCard`].
    pub fn check_card(
        &self,
        payment: &Payment,
        transaction: &TransactionId,
        route: &Route,
        method: &Method,
    ) -> Result<(), GrantRefusal> {
        let used = payment.attempt(transaction).and_then(|attempt| attempt.promotion.as_ref());
        let Some(used) = used else { return Ok(()) };
        let found = company_of(route, Some(method));
        if found == Some(used.card_company) {
            return Ok(());
        }
        Err(GrantRefusal::OtherCard { wanted: used.card_company, found })
    }

    /// Whether the attempt still has its discount, or can have it again: to be asked before the PSP is
    /// asked for money in a window that was open for long. The commit that begins the asking takes it
    /// back.
    ///
    /// # Errors
    /// [`GrantRefusal::GivenUp`].
    pub async fn check_hold(&self, payment: &Payment, transaction: &TransactionId) -> Result<(), Failure> {
        let used = payment.attempt(transaction).and_then(|attempt| attempt.promotion.as_ref());
        let Some(used) = used.filter(|used| used.hold == Hold::Released) else { return Ok(()) };
        let room = self.storage.promotion(&used.id).await?.map(|promotion| promotion.room());
        match room {
            Some(room) if room >= used.discount => Ok(()),
            Some(_) | None => Err(GrantRefusal::GivenUp.into()),
        }
    }
}

impl App {
    /// Gives up the discount of a window that nobody closed; says whether there was one to give up.
    ///
    /// # Errors
    /// The payment changed meanwhile, or nothing could be written.
    pub(crate) async fn give_up_discount(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        transaction: &TransactionId,
    ) -> Result<bool, Failure> {
        let Some(payment) = self.storage.payment(key).await? else { return Ok(false) };
        let moment = self.moment(profile, payment.environment);
        let Some(decided) = promoted::abandoned(&payment, transaction, moment.at) else { return Ok(false) };
        self.commit(profile, &Ticket::none(), decided.change).await?;
        Ok(true)
    }
}

/// Whose card it is: as the PSP said of a stored card, or else by its first digits.
fn company_of(route: &Route, method: Option<&Method>) -> Option<CardCompany> {
    let card = match method? {
        Method::Card { card, .. } => card,
        Method::VirtualAccount { .. }
        | Method::Transfer { .. }
        | Method::Mobile { .. }
        | Method::GiftCertificate { .. }
        | Method::EasyPay { .. }
        | Method::ConvenienceStore { .. }
        | Method::Crypto => return None,
    };
    let told = card.issuer.as_deref().and_then(CardCompany::parse);
    told.or_else(|| route.connector.card_company(card.bin.as_deref()?))
}
