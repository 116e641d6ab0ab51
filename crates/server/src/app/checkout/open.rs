//! Opening a window: everything is checked, then attempt and window are made in one change.

use super::start::{StartCode, StartError};
use super::{Visit, keys};
use crate::app::App;
use crate::app::channel_choice::Wanted;
use crate::app::charging::is_order;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::{Failure, Missing};
use crate::app::pay_instantly::{AccountExpiry, Sale, in_escrow};
use crate::app::psp::Route;
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::ConfirmProcess;
use paypier_domain::billing_key::{self, BillingKey, FirstPayment, Holding, HoldingState, State as KeyState};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::checkout::{
    Choices, KeyPurpose, OpeningPage, PayMethod, PaymentPurpose, Presentation, Purpose, Step, Window,
};
use paypier_domain::customer::Customer;
use paypier_domain::id::{
    BillingKeyId, ChannelGroupId, ChannelKey, PaymentId, PaymentKey, PromotionId, StoreId, TransactionId,
};
use paypier_domain::money::Currency;
use paypier_domain::payment::escrow::Way;
use paypier_domain::payment::pay;
use paypier_domain::payment::{Method, Notices, Origin, Platform, Request};
use paypier_domain::promotion::CardCompany;
use paypier_storage::CommitError;
use std::sync::Arc;

/// What a merchant's page asks for, in no dialect's words.
#[derive(Debug)]
pub struct OpenPayment {
    pub store: StoreId,
    pub payment_id: PaymentId,
    pub channel: Option<ChannelKey>,
    pub channel_group: Option<ChannelGroupId>,
    pub method: PayMethod,
    pub choices: Choices,
    /// Until when an account waits for its deposit, or a store for its buyer.
    pub due: Option<AccountExpiry>,
    pub sale: Sale,
    pub page: OpeningPage,
    /// How the page wants it; absent means that we choose.
    pub presentation: Option<Presentation>,
    /// The button of a provider inside the merchant's page (`loadPaymentUI`).
    pub is_button: bool,
    pub redirect_url: Option<String>,
    pub force_redirect: bool,
    pub confirm_url: Option<String>,
    /// Whose card the buyer is led to; a promotion needs to know.
    pub card_company: Option<CardCompany>,
}

/// What a merchant's page asks for when its buyer is to give a billing key, with a first payment or
/// without.
#[derive(Debug)]
pub struct OpenKey {
    pub store: StoreId,
    pub channel: ChannelKey,
    pub method: PayMethod,
    pub choices: Choices,
    pub customer: Customer,
    pub custom_data: Option<String>,
    pub issue_id: Option<String>,
    pub issue_name: Option<String>,
    pub notices: Notices,
    pub origin: Origin,
    pub first_payment: Option<(PaymentId, Sale)>,
    pub page: OpeningPage,
    pub presentation: Option<Presentation>,
    pub is_button: bool,
    pub redirect_url: Option<String>,
    pub force_redirect: bool,
}

/// A window that is open. The token is told once, to the page that opened it.
#[derive(Clone)]
pub struct Opened {
    pub token: String,
    pub window: Window,
}

// Whoever knows the token is the buyer; it is never printed.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({:?}, ..)", self.window.purpose)
    }
}

/// How long an account waits when the merchant says nothing.
const USUAL_WAIT: SignedDuration = SignedDuration::from_hours(72);
/// The longest time that an account or a store may wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24 * 365);

impl App {
    /// # Errors
    /// See [`StartError`]; nothing was stored.
    pub async fn open_payment_window(&self, ask: OpenPayment) -> Result<Opened, StartError> {
        let token = self.random_token();
        self.open_payment_window_named(ask, token).await
    }

    /// The same by a token that is made of what whoever asks holds: asked again, it is the same window.
    ///
    /// # Errors
    /// See [`StartError`]; nothing was stored.
    pub(super) async fn open_payment_window_named(
        &self,
        ask: OpenPayment,
        token: String,
    ) -> Result<Opened, StartError> {
        let window = self.payment_window(ask, &token, None).await?;
        Ok(Opened { token, window })
    }

    /// The same, and what `beside` makes of the attempt is stored with it.
    ///
    /// # Errors
    /// As [`App::open_payment_window`]; `InvalidEntityState` also when a row of it exists.
    pub async fn open_payment_window_noting(
        &self,
        ask: OpenPayment,
        beside: impl FnOnce(&TransactionId) -> Change + Send,
    ) -> Result<Opened, StartError> {
        let token = self.random_token();
        let window = self.payment_window_noting(ask, &token, None, beside).await?;
        Ok(Opened { token, window })
    }

    /// Replaces what a button's window is about, before the button was pressed.
    ///
    /// # Errors
    /// See [`StartError`]; everything is as it was.
    pub async fn update_payment_window(&self, ask: OpenPayment, token: &str) -> Result<Opened, StartError> {
        let before = self.button(token, &ask.store).await?.ok_or_else(gone)?;
        let window = self.payment_window(ask, token, Some(before)).await?;
        Ok(Opened { token: token.to_owned(), window })
    }

    /// # Errors
    /// See [`StartError`]; nothing was stored.
    pub async fn open_key_window(&self, ask: OpenKey) -> Result<Opened, StartError> {
        let token = self.random_token();
        let window = self.key_window(ask, &token, None).await?;
        Ok(Opened { token, window })
    }

    /// Replaces what a button's window is about, before the button was pressed.
    ///
    /// # Errors
    /// See [`StartError`]; everything is as it was.
    pub async fn update_key_window(&self, ask: OpenKey, token: &str) -> Result<Opened, StartError> {
        let before = self.button(token, &ask.store).await?.ok_or_else(gone)?;
        let window = self.key_window(ask, token, Some(before)).await?;
        Ok(Opened { token: token.to_owned(), window })
    }

    /// A button's window that nothing was done in yet.
    async fn button(&self, token: &str, store: &StoreId) -> Result<Option<Window>, StartError> {
        let visit = self.visit(token).await?.filter(Visit::is_waiting);
        Ok(visit.map(|visit| visit.window).filter(|window| {
            window.presentation == Presentation::Ui && window.step == Step::Open && window.store == *store
        }))
    }

    async fn key_window(
        &self,
        ask: OpenKey,
        token: &str,
        before: Option<Window>,
    ) -> Result<Window, StartError> {
        let profile = self.store_to_open(&ask.store).await?;
        let currency = ask.first_payment.as_ref().map_or(Currency::KRW, |(_, sale)| sale.currency);
        let wanted = Wanted::KeyWindow(ask.method);
        let (route, _) = self.choose_channel(&profile, Some(&ask.channel), None, wanted, currency)?;
        let shown = Shown {
            presentation: ask.presentation,
            is_button: ask.is_button,
            platform: ask.origin.platform,
            has_redirect: ask.redirect_url.is_some(),
        };
        let presentation = presented(shown, &route.channel)?;
        let method = ask.method.key(&ask.choices).ok_or_else(|| {
            StartError::member("billingKeyMethod", "must be CARD, MOBILE, EASY_PAY, PAYPAL or TRANSFER")
        })?;
        let environment = route.channel.environment;
        let now = self.now(&profile, environment);
        let mut key = BillingKey {
            id: BillingKeyId::known(self.ids.prefixed("billing-key-")),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: 0,
            customer: ask.customer,
            custom_data: ask.custom_data,
            origin: ask.origin,
            channel_group: None,
            issue_id: ask.issue_id,
            issue_name: ask.issue_name,
            method,
            approval: None,
            notices: ask.notices,
            claim: None,
            requested_at: now,
            going_since: None,
            first_payment: None,
            holdings: vec![Holding { channel: route.channel.clone(), state: HoldingState::Asked }],
            state: KeyState::Ready,
        };
        let first = match ask.first_payment {
            None => None,
            Some((payment_id, sale)) => {
                let of = PaymentKey { store: profile.store.id.clone(), payment: payment_id };
                self.check_payment_may_open(&of, &sale).await?;
                in_escrow(&route, &sale.order, Way::Window)?;
                let charged = Some(keys::method_of(&key, 0));
                let promotion =
                    self.promotion_of(&profile, &route.channel, sale.promotion.as_deref()).await?;
                let (mut request, bypass) =
                    self.request_of(sale, &route.channel, None, charged, &Ticket::none())?;
                request.billing_key = Some(key.id.clone());
                key.first_payment = Some(FirstPayment {
                    payment: of.payment.clone(),
                    transaction: request.transaction.clone(),
                });
                Some((of, request, bypass, promotion))
            }
        };
        let opened = billing_key::open(key, now);
        let mut window = Window {
            digest: digest(token),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: before.as_ref().map_or(0, |before| before.version).saturating_add(1),
            opened_at: now,
            expires_at: now.checked_add(self.policy.window_lifetime).unwrap_or(Timestamp::MAX),
            page: ask.page,
            presentation,
            redirect_url: ask.redirect_url,
            force_redirect: ask.force_redirect,
            purpose: Purpose::BillingKey(KeyPurpose {
                billing_key: opened.key.id.clone(),
                method: ask.method,
                choices: ask.choices.clone(),
                payment: None,
            }),
            step: Step::Open,
        };
        let Some((of, request, bypass, promotion)) = first else {
            let change = opened.change.and(window.clone().replacing(before.as_ref()));
            self.commit(&profile, &Ticket::none(), change).await.map_err(Failure::from)?;
            return Ok(window);
        };
        if let Purpose::BillingKey(about) = &mut window.purpose {
            about.payment = Some(PaymentPurpose {
                payment: of.payment.clone(),
                transaction: request.transaction.clone(),
                method: ask.method,
                choices: ask.choices,
                confirm_url: None,
                bypass,
            });
        }
        let written = Written {
            key: &of,
            request,
            promotion: promotion.as_ref().map(|promotion| (&route, promotion)),
            rest: opened.change,
            window,
            before,
        };
        self.commit_open(&profile, written).await
    }

    pub(super) async fn store_to_open(&self, store: &StoreId) -> Result<Arc<StoreProfile>, StartError> {
        let profile = self.directory.store(self, store).await?;
        profile.ok_or_else(|| StartError::new(StartCode::StoreNotFound, "no store with this storeId exists"))
    }

    /// Paid before, or not what was registered: said before anything else about the sale.
    async fn check_payment_may_open(&self, key: &PaymentKey, sale: &Sale) -> Result<(), StartError> {
        if self.storage.payment(key).await?.is_some_and(|payment| payment.paid_attempt().is_some()) {
            return Err(Failure::Pay(pay::PayRefusal::AlreadyPaid).into());
        }
        self.refuse_scheduled(key).await?;
        Ok(self.check_pre_registration(key, sale).await?)
    }

    async fn payment_window(
        &self,
        ask: OpenPayment,
        token: &str,
        before: Option<Window>,
    ) -> Result<Window, StartError> {
        self.payment_window_noting(ask, token, before, |_| Change::default()).await
    }

    async fn payment_window_noting(
        &self,
        ask: OpenPayment,
        token: &str,
        before: Option<Window>,
        beside: impl FnOnce(&TransactionId) -> Change + Send,
    ) -> Result<Window, StartError> {
        let profile = self.store_to_open(&ask.store).await?;
        let wanted = Wanted::Window(ask.method);
        let chosen = self.choose_channel(
            &profile,
            ask.channel.as_ref(),
            ask.channel_group.as_ref(),
            wanted,
            ask.sale.currency,
        );
        let (route, group) = chosen.map_err(|failure| match (&failure, &ask.channel_group) {
            (Failure::NotFound(Missing::Channel), Some(group)) if profile.group(group).is_some() => {
                StartError::new(
                    StartCode::AllChannelsNotSatisfied,
                    "no channel of the group is enabled and offers this method in this currency",
                )
            }
            _ => failure.into(),
        })?;
        let is_required = profile.store.policy.confirm_process == ConfirmProcess::Required;
        if is_required && ask.confirm_url.is_none() {
            return Err(StartError::new(
                StartCode::ConfirmUrlRequired,
                "this store has payments confirmed by its own server: confirmUrl is required",
            ));
        }
        in_escrow(&route, &ask.sale.order, Way::Window)?;
        let shown = Shown {
            presentation: ask.presentation,
            is_button: ask.is_button,
            platform: ask.sale.origin.platform,
            has_redirect: ask.redirect_url.is_some(),
        };
        let presentation = presented(shown, &route.channel)?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        self.check_payment_may_open(&key, &ask.sale).await?;
        let environment = route.channel.environment;
        let now = self.now(&profile, environment);
        let choices = Choices { due_at: due_at(&ask.method, ask.due, now)?, ..ask.choices };
        let mut method = ask.method.asked(&choices);
        if let (Method::Card { card, .. }, Some(company)) = (&mut method, ask.card_company) {
            card.issuer = Some(company.as_str().to_owned());
        }
        let promotion = self.promotion_of(&profile, &route.channel, ask.sale.promotion.as_deref()).await?;
        let (request, bypass) =
            self.request_of(ask.sale, &route.channel, group, Some(method), &Ticket::none())?;
        let rest = beside(&request.transaction);
        let lifetime = self.policy.window_lifetime;
        let window = Window {
            digest: digest(token),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: before.as_ref().map_or(0, |before| before.version).saturating_add(1),
            opened_at: now,
            expires_at: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            page: ask.page,
            presentation,
            redirect_url: ask.redirect_url,
            force_redirect: ask.force_redirect,
            purpose: Purpose::Payment(PaymentPurpose {
                payment: key.payment.clone(),
                transaction: request.transaction.clone(),
                method: ask.method,
                choices,
                confirm_url: ask.confirm_url,
                bypass,
            }),
            step: Step::Open,
        };
        let written = Written {
            key: &key,
            request,
            promotion: promotion.as_ref().map(|promotion| (&route, promotion)),
            rest,
            window,
            before,
        };
        self.commit_open(&profile, written).await
    }

    /// Writes attempt and window, and what comes with them.
    async fn commit_open(&self, profile: &StoreProfile, written: Written<'_>) -> Result<Window, StartError> {
        let Written { key, request, promotion, rest, window, before } = written;
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let existing = self.storage.payment(key).await?;
            let moment = self.moment(profile, window.environment);
            let request = match promotion {
                None => request.clone(),
                Some((route, promotion)) => {
                    pay::check(existing.as_ref(), &request, self.policy.limits).map_err(Failure::Pay)?;
                    self.discounted(route, request.clone(), promotion, moment.at).await?
                }
            };
            let opened = pay::open(
                existing.as_ref(),
                key,
                &profile.store.merchant,
                request,
                None,
                self.policy.limits,
                moment.at,
            )
            .map_err(Failure::Pay)?;
            let change = opened.change.and(rest.clone()).and(window.clone().replacing(before.as_ref()));
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(window),
                // The order that the payment is was made, or changed, by somebody else.
                Err(error) if is_order(&error) => return Err(gone()),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {
                    let stored = self.storage.window(&window.digest).await?;
                    match (&before, stored) {
                        // Asked for twice at once: the other one was faster.
                        (None, Some(stored)) => return Ok(stored),
                        (Some(before), stored) if stored.as_ref() != Some(before) => return Err(gone()),
                        (None, None) | (Some(_), _) => {}
                    }
                    if self.is_stale(&rest).await? {
                        return Err(gone());
                    }
                    self.refuse_scheduled(key).await?;
                }
                Err(error) => return Err(Failure::from(error).into()),
            }
        }
        Err(Failure::Overloaded.into())
    }
}

impl App {
    /// Whether what comes with a window was decided from something that has changed since: whoever decided it has
    /// to decide again.
    async fn is_stale(&self, rest: &Change) -> Result<bool, StartError> {
        for write in &rest.writes {
            let is_stale = match write {
                Write::PaymentLink { link, expects } => {
                    let stored = self.storage.payment_link(&link.reference).await?;
                    stored.map(|stored| stored.version) != *expects
                }
                Write::Payment { payment, expects, .. } => {
                    let stored = self.storage.payment(&payment.key).await?;
                    stored.map(|stored| stored.version) != *expects
                }
                _ => false,
            };
            if is_stale {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn gone() -> StartError {
    StartError::new(
        StartCode::InvalidEntityState,
        "this window cannot be changed any more: it is no button, or the buyer has gone on",
    )
}

/// An attempt and its window, about to be written.
struct Written<'a> {
    key: &'a PaymentKey,
    request: Request,
    /// Whose discount the attempt is to get, and where the card is known.
    promotion: Option<(&'a Route, &'a PromotionId)>,
    rest: Change,
    window: Window,
    before: Option<Window>,
}

/// How a page wants its window, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub presentation: Option<Presentation>,
    pub is_button: bool,
    pub platform: Platform,
    pub has_redirect: bool,
}

/// How the window is shown: as the page wants it where the provider can do that.
pub(super) fn presented(ask: Shown, channel: &ChannelSnapshot) -> Result<Presentation, StartError> {
    let wrong = |accepted: &str| Err(StartError::member("windowType", accepted));
    if ask.is_button {
        return match ask.presentation {
            None | Some(Presentation::Ui) => Ok(Presentation::Ui),
            Some(_) => wrong("must be UI for a payment button"),
        };
    }
    if channel.pg_provider == "INICIS_JP" {
        return match ask.presentation {
            None | Some(Presentation::Redirection) => Ok(Presentation::Redirection),
            Some(_) => wrong("must be REDIRECTION at this PSP"),
        };
    }
    match (ask.presentation, ask.platform) {
        (Some(Presentation::Ui), _) => wrong("is UI only for payment buttons (loadPaymentUI)"),
        (Some(asked), _) => Ok(asked),
        (None, Platform::Mobile) if ask.has_redirect => Ok(Presentation::Redirection),
        (None, _) => Ok(Presentation::Iframe),
    }
}

fn due_at(
    method: &PayMethod,
    due: Option<AccountExpiry>,
    now: Timestamp,
) -> Result<Option<Timestamp>, StartError> {
    let member = match method {
        PayMethod::VirtualAccount => "virtualAccount.accountExpiry",
        PayMethod::ConvenienceStore => "convenienceStore.paymentDeadline",
        PayMethod::Card
        | PayMethod::Transfer
        | PayMethod::Mobile
        | PayMethod::GiftCertificate
        | PayMethod::EasyPay
        | PayMethod::Paypal
        | PayMethod::Alipay
        | PayMethod::AlipayPlus => return Ok(None),
    };
    let latest = now.checked_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX);
    let at = match due {
        None => now.checked_add(USUAL_WAIT).ok(),
        Some(AccountExpiry::ValidHours(hours)) => {
            now.checked_add(SignedDuration::from_hours(i64::from(hours))).ok()
        }
        Some(AccountExpiry::DueDate(at)) => Some(at),
    };
    match at {
        Some(at) if at > now && at <= latest => Ok(Some(at)),
        _ => Err(StartError::member(member, "must end in the future and within a year")),
    }
}
