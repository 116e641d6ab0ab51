//! The page of a payment session: how its order stands, and the windows that it is paid in.
//!
//! The page itself keeps nothing. What it shows follows from the payment, so that two tabs, a page that was
//! left behind and one that is opened tomorrow say the same. The window that a form opens has a token that
//! is made of the session's id and of a number that only this page has: a form that is sent twice leads to
//! one window, and whoever else holds the session's id cannot get into it. A window that was opened goes on
//! when the session ends.

use super::open::OpenPayment;
use super::start::StartError;
use super::{derived, is_token};
use crate::app::App;
use crate::app::channel_choice::Wanted;
use crate::app::failure::{Failure, Missing};
use crate::app::pay_instantly::{AmountsAsk, Sale};
use crate::keyring::digest;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::checkout::{Choices, OpeningPage, Presentation};
use paypier_domain::checkout_profile::CheckoutMethod;
use paypier_domain::customer::{Customer, Product};
use paypier_domain::id::{ChannelKey, TransactionId};
use paypier_domain::money::Amount;
use paypier_domain::payment::{self, AttemptState, Method, Notices, Order, Origin, Payment, Status};
use paypier_domain::payment_session::{PaymentSession, SessionProduct};
use paypier_domain::psp::VirtualAccount;
use subtle::ConstantTimeEq;
use url::Url;

/// A session's page as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    pub session: PaymentSession,
    /// The store's own name, for sessions that name none.
    pub store_name: String,
    pub is_test: bool,
    /// Whether its time is over or it was closed: then nothing of the order is told any more.
    pub is_over: bool,
    pub standing: Standing,
}

/// What a buyer finds there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The order waits. `methods` is what it can be paid with, and may be empty.
    Open {
        methods: Vec<CheckoutMethod>,
        failed: Option<payment::Failure>,
    },
    /// The one method that the session is for cannot be used for this order.
    NoMethod,
    /// The PSP is being asked.
    Working,
    /// The PSP will say later.
    Pending,
    AccountIssued(VirtualAccount),
    Paid,
    /// Paid and taken back: the id cannot be paid again.
    Cancelled,
    Closed,
    Expired,
}

/// A buyer's choice on the order sheet.
#[derive(Debug)]
pub struct SheetChoice {
    /// The form's, as [`App::sheet_nonce`] made it.
    pub nonce: String,
    pub method: CheckoutMethod,
    pub origin: Origin,
    /// What the browser speaks.
    pub language: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetTaken {
    /// The token of the window that the buyer pays in.
    Window(String),
    /// The session says how it stands.
    Look,
    /// The method cannot be used, or not any more.
    NotOffered,
}

impl App {
    /// The session's page as it stands; `tried` is the attempt that the buyer comes back from. `None` for
    /// what is no id of a session that is still kept.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn session_view(
        &self,
        id: &str,
        tried: Option<&TransactionId>,
    ) -> Result<Option<SessionView>, Failure> {
        let Some(session) = self.storage.payment_session(&digest(id)).await? else { return Ok(None) };
        let Some(store) = self.directory.store(self, &session.payment.store).await? else { return Ok(None) };
        let payment = self.storage.payment(&session.payment).await?;
        let now = self.now(&store, session.environment);
        let standing = match ended(payment.as_ref(), &session, now) {
            Some(standing) => standing,
            None => {
                let methods: Vec<_> =
                    self.payable_with(&session).await?.into_iter().map(|(method, _)| method).collect();
                let failed = payment.as_ref().zip(tried).and_then(|(payment, tried)| failure(payment, tried));
                match session.method {
                    Some(only) if !methods.contains(&only) => Standing::NoMethod,
                    Some(only) => Standing::Open { methods: vec![only], failed },
                    None => Standing::Open { methods, failed },
                }
            }
        };
        Ok(Some(SessionView {
            store_name: store.store.name.clone(),
            is_test: session.environment == Environment::Test,
            is_over: !session.is_open(now),
            session,
            standing,
        }))
    }

    /// What a form of the session's page carries: a number that no other page has, and the proof that
    /// whoever has made it knows the session.
    pub fn sheet_nonce(&self, id: &str) -> String {
        let number = self.random_token();
        let proof = sheet_proof(id, &number);
        format!("{number}.{proof}")
    }

    /// Takes a buyer's choice: the window that it opens, or has opened before. `None` for what is no id of
    /// a session.
    ///
    /// # Errors
    /// See [`StartError`]; nothing was stored.
    pub async fn choose_on_sheet(
        &self,
        id: &str,
        choice: SheetChoice,
    ) -> Result<Option<SheetTaken>, StartError> {
        let Some(view) = self.session_view(id, None).await? else { return Ok(None) };
        let Some(number) = sheet_number(id, &choice.nonce) else { return Ok(Some(SheetTaken::Look)) };
        let token = derived(&format!("paypier session window {}", choice.method), &format!("{id}.{number}"));
        // Sent twice, or again from a page that the buyer went back to.
        if self.storage.window(&digest(&token)).await?.is_some() {
            return Ok(Some(SheetTaken::Window(token)));
        }
        match &view.standing {
            Standing::Open { methods, .. } if methods.contains(&choice.method) => {}
            Standing::Open { .. } => return Ok(Some(SheetTaken::NotOffered)),
            Standing::NoMethod
            | Standing::Working
            | Standing::Pending
            | Standing::AccountIssued(_)
            | Standing::Paid
            | Standing::Cancelled
            | Standing::Closed
            | Standing::Expired => return Ok(Some(SheetTaken::Look)),
        }
        let offers = self.payable_with(&view.session).await?;
        let Some((_, channel)) = offers.into_iter().find(|(method, _)| *method == choice.method) else {
            return Ok(Some(SheetTaken::NotOffered));
        };
        let ask = self.opening(view.session, channel, choice);
        let opened = self.open_payment_window_named(ask, token).await?;
        Ok(Some(SheetTaken::Window(opened.token)))
    }

    /// What the order can be paid with here and now, each through its channel.
    async fn payable_with(
        &self,
        session: &PaymentSession,
    ) -> Result<Vec<(CheckoutMethod, ChannelKey)>, Failure> {
        let store = self.directory.store(self, &session.payment.store).await?;
        let store = store.ok_or(Failure::NotFound(Missing::PaymentSession))?;
        let offers = match self.session_methods(session).await {
            Ok(offers) => offers,
            // Without its profile a session offers nothing.
            Err(Failure::NotFound(Missing::CheckoutProfile)) => Vec::new(),
            Err(failure) => return Err(failure),
        };
        // With manual approval the token goes to the shop by the redirect. Without one nobody would get it.
        let has_window = |method: CheckoutMethod, channel: &ChannelKey| {
            let wanted = Wanted::Window(method.in_window().0);
            let is_handed_over = store.channel(channel).is_some_and(|channel| channel.manual_approval);
            self.can_serve(&store, channel, wanted, session.currency)
                && (!is_handed_over || session.redirect_url.is_some())
        };
        Ok(offers
            .into_iter()
            .filter(|offer| has_window(offer.method, &offer.channel))
            .map(|offer| (offer.method, offer.channel))
            .collect())
    }

    fn opening(&self, session: PaymentSession, channel: ChannelKey, choice: SheetChoice) -> OpenPayment {
        let (method, kind) = choice.method.in_window();
        let ours = Url::parse(&self.policy.public_url).map(|url| url.origin().ascii_serialization());
        let page = OpeningPage {
            origin: ours.unwrap_or_else(|_| "null".into()),
            language: choice.language,
            session: Some(session.digest),
        };
        OpenPayment {
            store: session.payment.store,
            payment_id: session.payment.payment,
            channel: Some(channel),
            channel_group: None,
            method,
            choices: Choices { kind: kind.map(str::to_owned), ..Choices::default() },
            due: None,
            sale: Sale {
                order: Order {
                    name: session.order_name,
                    customer: Customer {
                        name: session.customer_name,
                        email: session.customer_email,
                        ..Customer::default()
                    },
                    products: session
                        .products
                        .unwrap_or_default()
                        .into_iter()
                        .zip(1_u32..)
                        .map(|(line, number)| product(line, number))
                        .collect(),
                    product_count: None,
                    product_type: None,
                    shipping_address: None,
                    custom_data: session.custom_data,
                    country: Some(session.country),
                    locale: None,
                    is_cultural_expense: false,
                    is_escrow: false,
                    cash_receipt: None,
                },
                amounts: AmountsAsk { total: session.total, tax_free: Amount::ZERO, vat: None },
                currency: session.currency,
                origin: choice.origin,
                notices: Notices::default(),
                promotion: None,
                bypass: None,
                receipt: None,
            },
            page,
            presentation: Some(Presentation::Redirection),
            is_button: false,
            // Written out, so that a header can hold it.
            redirect_url: session.redirect_url.and_then(|url| Url::parse(&url).ok()).map(String::from),
            force_redirect: false,
            confirm_url: None,
            card_company: None,
        }
    }
}

/// A line of the order as the payment keeps it. One without an id gets its place in the order.
fn product(line: SessionProduct, number: u32) -> Product {
    Product {
        id: line.id.or_else(|| line.code.clone()).unwrap_or_else(|| number.to_string()),
        name: line.name,
        tag: None,
        code: line.code,
        amount: line.unit_price,
        quantity: line.quantity,
        link: line.url,
    }
}

/// How the order stands when there is nothing to choose. The payment speaks first: a buyer who has paid in
/// a window that outlived its session is not told that nothing was charged.
fn ended(payment: Option<&Payment>, session: &PaymentSession, now: Timestamp) -> Option<Standing> {
    if let Some(payment) = payment
        && let Some(standing) = of_payment(payment)
    {
        return Some(standing);
    }
    match session.closed_at {
        Some(_) => Some(Standing::Closed),
        None if !session.is_open(now) => Some(Standing::Expired),
        None => None,
    }
}

fn of_payment(payment: &Payment) -> Option<Standing> {
    let attempt = payment.current()?;
    match &attempt.state {
        AttemptState::Ready | AttemptState::Failed(_) => None,
        AttemptState::Sending => Some(Standing::Working),
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } => Some(Standing::Pending),
        AttemptState::AccountIssued { .. } => match &attempt.method {
            Some(Method::VirtualAccount { account }) => Some(Standing::AccountIssued(account.clone())),
            _ => Some(Standing::Pending),
        },
        AttemptState::Paid(_) if payment.status() == Status::Cancelled => Some(Standing::Cancelled),
        AttemptState::Paid(_) => Some(Standing::Paid),
    }
}

/// Why the attempt that the buyer comes back from failed. What the address says is not believed: it only
/// names an attempt of this payment.
fn failure(payment: &Payment, tried: &TransactionId) -> Option<payment::Failure> {
    match &payment.attempt(tried)?.state {
        AttemptState::Failed(failure) => Some(failure.clone()),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. }
        | AttemptState::AccountIssued { .. }
        | AttemptState::Paid(_) => None,
    }
}

fn sheet_proof(id: &str, number: &str) -> String {
    derived("paypier order sheet", &format!("{id}.{number}"))
}

/// The number of the page that a form comes from, when it comes from one.
fn sheet_number<'a>(id: &str, nonce: &'a str) -> Option<&'a str> {
    let (number, proof) = nonce.split_once('.').filter(|(number, _)| is_token(number))?;
    bool::from(proof.as_bytes().ct_eq(sheet_proof(id, number).as_bytes())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_a_page_of_its_session() {
        let number = "n".repeat(43);
        let nonce = format!("{number}.{}", sheet_proof("id", &number));
        assert_eq!(sheet_number("id", &nonce), Some(number.as_str()));
        for (id, nonce) in [
            ("other", nonce.as_str()),
            ("id", number.as_str()),
            ("id", ""),
            ("id", "."),
            ("id", &format!("{}.{}", "m".repeat(43), sheet_proof("id", &number))),
            ("id", &format!("short.{}", sheet_proof("id", "short"))),
        ] {
            assert_eq!(sheet_number(id, nonce), None, "{id} {nonce}");
        }
    }
}
