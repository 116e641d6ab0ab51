//! A payment session as a page.

use super::model::{
    Agreement, Back, Brand, BuyerFact, CheckoutPage, Colour, Colours, Ended, Figure, Form, Item, Language,
    Order, Outcome, Refusal, Setting, SheetMethod, SheetStep, Step,
};
use super::of_window::{BUYER_CANCELLED, issued};
use super::words::Words;
use super::{Rendered, names, render};
use crate::app::checkout::session::{SessionView, Standing};
use crate::app::checkout::view::Notice;
use crate::http::pages::figure::figure;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment;
use paypier_domain::payment_session::{PaymentSession, SessionProduct};

/// What was wrong with the form that was just sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NotOffered,
    Disagreed,
}

/// Where the page is, and what its form carries.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    pub address: &'a str,
    pub nonce: &'a str,
    pub language: Language,
    pub problem: Option<Problem>,
}

pub fn rendered(view: &SessionView, sheet: Sheet<'_>) -> Rendered {
    render(&page(view, sheet))
}

/// Why nothing is to be paid here, in the seller's name.
pub fn refused(view: &SessionView, refusal: Refusal, sheet: Sheet<'_>) -> Rendered {
    render(&CheckoutPage { step: Step::Refused(refusal), ..page(view, sheet) })
}

fn page(view: &SessionView, sheet: Sheet<'_>) -> CheckoutPage {
    let session = &view.session;
    CheckoutPage {
        language: sheet.language,
        brand: brand(session, &view.store_name),
        is_test: view.is_test,
        setting: Setting::Whole,
        back: Back::Shop,
        // What a closed session was about is nobody's business any more.
        order: (!view.is_over).then(|| order(session)),
        talk: None,
        form: Form { action: sheet.address.to_owned(), nonce: sheet.nonce.to_owned() },
        redirect_url: session.redirect_url.clone(),
        leads_to: Vec::new(),
        step: step(view, sheet),
    }
}

/// The session's seller. A colour that is missing is made of the first one; one that cannot be read is as
/// good as missing.
pub fn brand(session: &PaymentSession, store_name: &str) -> Brand {
    let read = |colour: &Option<String>| colour.as_deref().and_then(Colour::parse);
    let colours = session.colors.as_ref().and_then(|colors| {
        let primary = read(&colors.primary)?;
        Some(Colours {
            primary,
            primary_hover: read(&colors.primary_hover).unwrap_or(primary),
            primary_light: read(&colors.primary_light).unwrap_or_else(|| primary.on_white(10)),
        })
    });
    let named = session.store_name.clone().filter(|name| !name.trim().is_empty());
    Brand { name: named.unwrap_or_else(|| store_name.to_owned()), colours }
}

fn order(session: &PaymentSession) -> Order {
    Order {
        name: session.order_name.clone(),
        total: Some(amount(session.total, session.currency)),
        image: session.order_image_url.clone(),
        items: items(session),
    }
}

fn amount(amount: Amount, currency: Currency) -> Figure {
    Figure { digits: figure(amount, currency), currency: currency.code().to_owned() }
}

/// More lines than a page can show well are not shown; the total is.
const MOST_ITEMS: usize = 30;

/// The session's products with the price of the whole line. What has no price that can be written has no
/// line.
pub fn items(session: &PaymentSession) -> Vec<Item> {
    let item = |line: &SessionProduct| {
        let whole = line.unit_price.checked_mul(i64::from(line.quantity))?;
        Some(Item {
            name: line.name.clone(),
            quantity: u32::try_from(line.quantity).ok()?,
            amount: amount(Amount::new(whole).ok()?, session.currency),
        })
    };
    session.products.iter().flatten().filter_map(item).take(MOST_ITEMS).collect()
}

fn step(view: &SessionView, sheet: Sheet<'_>) -> Step {
    let words = Words::of(sheet.language);
    let ended = |outcome, account| Step::Ended(Ended { outcome, account, result: String::new() });
    match &view.standing {
        Standing::Open { methods, failed } => {
            let session = &view.session;
            let agreements: Vec<_> = session.agreements.iter().flatten().map(agreement).collect();
            let problem = match sheet.problem {
                Some(Problem::NotOffered) => Some(words.notice(Notice::NotOffered).to_owned()),
                Some(Problem::Disagreed) => Some(words.sheet_disagreed.to_owned()),
                None => failed.as_ref().map(|failure| failure_in(failure, words)),
            };
            Step::Sheet(SheetStep {
                buyer: [
                    (BuyerFact::Name, &session.customer_name),
                    (BuyerFact::Email, &session.customer_email),
                ]
                .into_iter()
                .filter_map(|(fact, value)| Some((fact, value.clone()?)))
                .collect(),
                methods: methods
                    .iter()
                    .map(|method| SheetMethod {
                        code: method.as_str().to_owned(),
                        name: names::method(*method, sheet.language).to_owned(),
                    })
                    .collect(),
                goes_on: session.method.is_some() && agreements.is_empty() && problem.is_none(),
                agreements,
                problem,
            })
        }
        Standing::NoMethod => Step::Refused(Refusal::NoMethod),
        Standing::Working => Step::Working,
        Standing::Pending => ended(Outcome::Pending, None),
        Standing::AccountIssued(account) => {
            ended(Outcome::AccountIssued, Some(issued(account, sheet.language)))
        }
        Standing::Paid => ended(Outcome::Paid, None),
        Standing::Cancelled | Standing::Closed => Step::Refused(Refusal::Closed),
        Standing::Expired => Step::Refused(Refusal::Expired),
    }
}

fn agreement(one: &paypier_domain::payment_session::Agreement) -> Agreement {
    Agreement { title: one.name.clone(), url: Some(one.url.clone()) }
}

/// A failure in a line: what became of it, and what the PSP says about it.
fn failure_in(failure: &payment::Failure, words: &Words) -> String {
    if failure.pg_code.as_deref() == Some(BUYER_CANCELLED) {
        return words.ended(&Outcome::Cancelled).0.to_owned();
    }
    let reason = failure.pg_message.clone().or_else(|| failure.reason.clone()).unwrap_or_default();
    let outcome = Outcome::Failed { reason: String::new(), code: None };
    format!("{}. {reason}", words.ended(&outcome).0).trim_end().to_owned()
}
