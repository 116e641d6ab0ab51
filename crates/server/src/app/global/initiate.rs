//! Starting a payment on a named channel and method: the order, its first attempt and the window in which the payer
//! pays are made in one commit.

use super::Refusal;
use super::caller::GlobalCaller;
use crate::app::App;
use crate::app::checkout::open::{OpenPayment, Opened};
use crate::app::checkout::start::{StartCode, StartError};
use crate::app::failure::Failure;
use crate::app::pay_instantly::{AmountsAsk, Sale};
use crate::keyring::digest;
use paypier_domain::catalogue::{self, Category, Method as CatalogueMethod};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::checkout::{Choices, OpeningPage, PayMethod, Presentation};
use paypier_domain::customer::{Address, Customer};
use paypier_domain::global::{
    Choice, Destinations, GlobalOrder, OfLink, OrderLine, Person, Taking, Texts, Try,
};
use paypier_domain::id::{ChannelKey, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{Notices, Order, Origin};
use url::Url;

/// A payment to be started.
#[derive(Debug, Clone)]
pub struct Initiate {
    pub environment: Environment,
    pub merchant_reference: String,
    /// In the order in which they are tried. Not empty.
    pub route: Vec<Choice>,
    pub is_routed: bool,
    pub currency: Currency,
    pub amount: Amount,
    pub texts: Texts,
    pub destinations: Destinations,
    pub billing: Person,
    pub shipping: Person,
    pub lines: Vec<OrderLine>,
    pub taking: Taking,
    pub keeps_page: bool,
    pub source: String,
    pub signature: String,
    pub link: Option<OfLink>,
    pub origin: Origin,
    /// As the payer's browser names it.
    pub language: Option<String>,
}

/// A payment that has been started.
#[derive(Debug, Clone)]
pub struct Initiated {
    pub order: GlobalOrder,
    /// Where the payer pays.
    pub url: String,
    /// Of the choice that is tried first.
    pub category: Category,
    /// For how long the page can be used.
    pub minutes: i64,
}

/// One try of an order, about to be opened.
pub(in crate::app) struct NewTry<'a> {
    pub order: GlobalOrder,
    /// What is stored; none for a new order.
    pub before: Option<&'a GlobalOrder>,
    /// Which of the order's choices.
    pub place: usize,
    pub sale: Sale,
    /// With what the payer's browser comes back.
    pub return_token: &'a str,
    pub language: Option<String>,
    /// What else is stored with it.
    pub beside: Change,
    /// The engine's channel, where it is known already; else the merchant's own is looked for.
    pub channel: Option<ChannelKey>,
    pub presentation: Presentation,
}

impl App {
    /// # Errors
    /// The reference is used or none, the choice is none that the merchant can use for this amount and currency, or
    /// nothing could be stored. Nothing is stored then.
    pub async fn initiate(&self, caller: &GlobalCaller, ask: Initiate) -> Result<Initiated, Refusal> {
        let mut order = self.new_order(caller, ask.environment, &ask.merchant_reference, Vec::new())?;
        self.refuse_used_reference(caller, ask.environment, &ask.merchant_reference).await?;
        let (route, category) = self.usable_route(caller, &ask)?;
        order.route = route;
        order.source = ask.source;
        order.link = ask.link;
        order.texts = ask.texts;
        order.taking = ask.taking;
        order.destinations = ask.destinations;
        order.keeps_page = ask.keeps_page;
        order.billing = ask.billing;
        order.shipping = ask.shipping;
        order.lines = ask.lines;
        order.is_routed = ask.is_routed;
        order.signature = ask.signature;
        let return_token = self.random_token();
        order.return_digest = Some(digest(&return_token));
        let sale = Sale {
            order: engine_order(&order),
            amounts: AmountsAsk { total: ask.amount, tax_free: Amount::ZERO, vat: Some(Amount::ZERO) },
            currency: ask.currency,
            origin: ask.origin,
            notices: Notices::default(),
            promotion: None,
            bypass: None,
            receipt: None,
        };
        let stored = order.clone();
        let new = NewTry {
            order,
            before: None,
            place: 0,
            sale,
            return_token: &return_token,
            language: ask.language,
            beside: Change::default(),
            channel: None,
            presentation: Presentation::Redirection,
        };
        match self.open_try(caller, new).await {
            Ok(opened) => Ok(Initiated {
                url: self.window_url(&opened),
                order: stored,
                category,
                minutes: self.policy.window_lifetime.as_mins(),
            }),
            Err(refusal) => {
                // Two at once: only the insert knows, and it does not say which of its references was taken.
                self.refuse_used_reference(caller, ask.environment, &ask.merchant_reference).await?;
                Err(refusal)
            }
        }
    }

    /// The choices of the route that can be used, and what the first one is. Without a route the only one has to be.
    fn usable_route(
        &self,
        caller: &GlobalCaller,
        ask: &Initiate,
    ) -> Result<(Vec<Choice>, Category), Refusal> {
        let (mut usable, mut category, mut refused) = (Vec::new(), None, None);
        for choice in &ask.route {
            match self.usable(caller, ask.environment, choice, ask.taking, (ask.currency, ask.amount)) {
                Ok((method, _)) => {
                    usable.push(choice.clone());
                    category = category.or(Some(method.category));
                }
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        match (category, refused) {
            (Some(category), _) => Ok((usable, category)),
            (None, Some(refusal)) if !ask.is_routed => Err(refusal),
            (None, _) => Err(Refusal::ChannelNotEnabled("none of the route".to_owned())),
        }
    }

    /// Whether the merchant can be paid so, and through which of the engine's channels.
    ///
    /// # Errors
    /// The refusals of channels, methods, currencies and limits, in this order.
    pub fn usable(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        choice: &Choice,
        taking: Taking,
        (currency, amount): (Currency, Amount),
    ) -> Result<(&'static CatalogueMethod, ChannelKey), Refusal> {
        let name = catalogue::channel(&choice.channel)
            .ok_or_else(|| Refusal::UnknownChannel(choice.channel.clone()))?;
        let key = self.engine_channel(caller, environment, name, taking)?;
        let method = catalogue::find(name, &choice.method).ok_or_else(|| Refusal::UnknownMethod {
            channel: name.to_owned(),
            method: choice.method.clone(),
        })?;
        let named = || method.key.to_owned();
        if !method.available {
            return Err(Refusal::MethodNotAvailable(named()));
        }
        if !method.takes(currency.code()) {
            return Err(Refusal::Currency { method: named(), currency: currency.code().to_owned() });
        }
        match method.limits() {
            Some((least, _)) if amount.minor_units() < least => Err(Refusal::BelowMinimum(named())),
            Some((_, most)) if amount.minor_units() > most => Err(Refusal::AboveMaximum(named())),
            _ => Ok((method, key)),
        }
    }

    /// Opens the window of a try; the order is stored with it.
    pub(in crate::app) async fn open_try(
        &self,
        caller: &GlobalCaller,
        new: NewTry<'_>,
    ) -> Result<Opened, Refusal> {
        let choice = new.order.route.get(new.place).cloned().ok_or(Refusal::UnknownRoute)?;
        let total = (new.sale.currency, new.sale.amounts.total);
        let (method, key) = match (new.channel, catalogue::find(&choice.channel, &choice.method)) {
            (Some(key), Some(method)) => (method, key),
            _ => self.usable(caller, new.order.environment, &choice, new.order.taking, total)?,
        };
        let (pay_method, choices) = paid_by(method);
        let back = format!(
            "{}/checkout/return/{}/{}",
            self.policy.public_url, new.order.reference, new.return_token
        );
        let ask = OpenPayment {
            store: caller.store().clone(),
            payment_id: new.order.payment.clone(),
            channel: Some(key),
            channel_group: None,
            method: pay_method,
            choices,
            due: None,
            sale: new.sale,
            page: OpeningPage {
                origin: origin_of(&new.order.destinations.success)
                    .or_else(|| origin_of(&self.policy.public_url))
                    .unwrap_or_default(),
                language: new.language.or_else(|| Some("en".to_owned())),
                session: None,
            },
            presentation: Some(new.presentation),
            is_button: false,
            redirect_url: Some(back),
            force_redirect: true,
            confirm_url: None,
            card_company: None,
        };
        let (mut order, expects, place) = (new.order, new.before.map(|before| before.version), new.place);
        let rest = new.beside;
        let choice_opened = choice.clone();
        let (app, now) = (self.clone(), self.now(&caller.profile, order.environment));
        let beside = move |transaction: &TransactionId| {
            let expiry = app.expiry_of(&order, &choice_opened, transaction, now);
            order.tries.push(Try { transaction: transaction.clone(), place });
            if let Some(expected) = expects {
                order.version = expected.saturating_add(1);
            }
            rest.and(Change {
                writes: vec![Write::GlobalOrder { order: Box::new(order), expects }],
                jobs: vec![expiry],
                ..Change::default()
            })
        };
        self.open_payment_window_noting(ask, beside).await.map_err(|error| not_opened(error, &choice))
    }

    pub(super) fn window_url(&self, opened: &Opened) -> String {
        format!("{}/checkout/{}", self.policy.public_url, opened.token)
    }
}

fn not_opened(error: StartError, choice: &Choice) -> Refusal {
    match error.code {
        StartCode::ChannelNotFound | StartCode::AllChannelsNotSatisfied => {
            Refusal::ChannelNotEnabled(choice.channel.clone())
        }
        StartCode::Unavailable => Refusal::Failed(Failure::Unavailable),
        // What it was decided from is not so any more, or one of its references was used.
        StartCode::InvalidEntityState => Refusal::DuplicateReference,
        _ => Refusal::Failed(Failure::internal(format!("a payer's window was not opened: {error}"))),
    }
}

/// How the hosted page collects what a method of the catalogue is paid with.
pub fn paid_by(method: &CatalogueMethod) -> (PayMethod, Choices) {
    let named = || Choices { kind: Some(method.name.to_owned()), ..Choices::default() };
    match method.category {
        Category::Card | Category::SubscriptionCard | Category::Installment | Category::All => {
            (PayMethod::Card, Choices::default())
        }
        Category::Wallet | Category::QrCode | Category::Bnpl | Category::Crypto => {
            (PayMethod::EasyPay, named())
        }
        Category::BankTransfer | Category::NetBanking | Category::DirectDebit => {
            (PayMethod::Transfer, Choices::default())
        }
        Category::VaBankTransfer => (PayMethod::VirtualAccount, Choices::default()),
        Category::Otc => (PayMethod::ConvenienceStore, named()),
    }
}

/// Scheme, host and port; none for the addresses of apps.
fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// The order in the engine's words.
pub fn engine_order(order: &GlobalOrder) -> Order {
    let person = &order.billing;
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let place = |person: &Person| {
        let place = &person.place;
        let has_place = !(place.line_1.is_empty() && place.city.is_empty() && place.state.is_empty());
        has_place.then(|| Address::Separated {
            line1: place.line_1.clone(),
            line2: place.line_2.clone(),
            city: said(&place.city),
            province: said(&place.state),
            country: None,
        })
    };
    let country = person.place.country_code.to_ascii_uppercase();
    Order {
        name: if order.texts.description.is_empty() {
            order.merchant_reference.clone()
        } else {
            order.texts.description.clone()
        },
        customer: Customer {
            name: said(&person.full_name()),
            email: said(&person.email),
            phone_number: said(&person.phone),
            address: place(person),
            zipcode: said(&person.place.postal_code),
            ..Customer::default()
        },
        shipping_address: place(&order.shipping),
        country: paypier_wire::v2::Country::parse(&country).map(|country| country.as_str().to_owned()),
        ..Order::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_catalogue_has_a_page() {
        for method in catalogue::methods() {
            let (pay, choices) = paid_by(method);
            let card = matches!(pay, PayMethod::Card);
            assert_eq!(card, choices.kind.is_none() && pay == PayMethod::Card, "{}", method.key);
        }
    }

    #[test]
    fn origins_are_those_of_browsers() {
        assert_eq!(origin_of("https://shop.example/ok?x=1").as_deref(), Some("https://shop.example"));
        assert_eq!(origin_of("chaiport://checkout"), None);
        assert_eq!(origin_of("nonsense"), None);
    }
}
