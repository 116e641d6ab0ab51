//! The pages that buyers see: card, provider, account, identity, code, order sheet, and how it ended.
//!
//! Rendered on the server from [`model::CheckoutPage`]; they work without their script, which only
//! formats what is typed, keeps a form from being sent twice and speaks with the shop's page. Style
//! and script are in the page itself and named by their digests in the policy that goes with it: one
//! request shows everything, and nothing else may run. What is listed in [`inventory`] is all there is.

mod account;
mod card;
mod code;
mod ending;
mod identity;
pub mod inventory;
pub(super) mod layout;
pub mod model;
mod names;
pub mod of_session;
pub mod of_subscription;
pub mod of_window;
pub mod policy;
mod provider;
#[cfg(test)]
mod samples;
mod sheet;
mod subscription;
mod words;

use maud::{Markup, html};
use model::{Back, Brand, CheckoutPage, Form, Language, Refusal, Setting, Step};
use words::Words;

/// A page and the Content-Security-Policy that it is to be sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub html: String,
    pub policy: String,
}

impl Rendered {
    /// For an answer that leads elsewhere.
    pub const fn empty() -> Self {
        Self { html: String::new(), policy: String::new() }
    }
}

/// A page that says why there is nothing to show. `again` is where to look again, where that helps.
pub fn refused(refusal: Refusal, language: Language, again: &str) -> Rendered {
    render(&CheckoutPage {
        language,
        brand: Brand { name: String::new(), colours: None },
        is_test: false,
        setting: Setting::Whole,
        back: Back::Shop,
        order: None,
        talk: None,
        form: Form { action: again.to_owned(), nonce: String::new() },
        redirect_url: None,
        leads_to: Vec::new(),
        step: Step::Refused(refusal),
    })
}

pub fn render(page: &CheckoutPage) -> Rendered {
    let words = Words::of(page.language);
    let content = content(page, words);
    Rendered { html: layout::whole(page, words, &content).into_string(), policy: policy::policy(page) }
}

fn content(page: &CheckoutPage, words: &Words) -> Markup {
    let inner = match &page.step {
        Step::Card(step) => card::form(page, step, words),
        Step::Code(step) => code::form(page, step, words),
        Step::Provider(step) => provider::choices(page, step, words),
        Step::Account(step) => account::form(page, step, words),
        Step::AccountIssued(account) => account::issued(page, account, words),
        Step::Identity(step) => identity::form(page, step, words),
        Step::Working => ending::working(words),
        Step::Silent => ending::silent(page, words),
        Step::Ended(ended) => ending::ended(page, ended, words),
        Step::Refused(refusal) => ending::refused(page, *refusal, words),
        Step::Sheet(step) => sheet::form(page, step, words),
        Step::Subscription(step) => subscription::form(page, step, words),
    };
    html! { (inner) }
}

/// The title of the page's step, for the tab and for screen readers.
fn title(page: &CheckoutPage, words: &Words) -> String {
    match &page.step {
        Step::Card(step) => match step.errand {
            model::Errand::Pay => words.card_title.into(),
            model::Errand::Register | model::Errand::RegisterAndPay => words.card_register_title.into(),
        },
        Step::Code(step) => match step.sent_by {
            model::CodeSender::Issuer { .. } => words.code_issuer_title.into(),
            model::CodeSender::Carrier { .. } => words.code_carrier_title.into(),
        },
        Step::Provider(step) => words.provider(&step.method),
        Step::Account(_) => words.account_title.into(),
        Step::AccountIssued(_) => words.ended(&model::Outcome::AccountIssued).0.into(),
        Step::Identity(_) => words.identity_title.into(),
        Step::Working => words.working_title.into(),
        Step::Silent => words.silent_title.into(),
        Step::Ended(ended) => words.ended(&ended.outcome).0.into(),
        Step::Refused(refusal) => words.refused(*refusal).0.into(),
        Step::Sheet(_) => words.sheet_title.into(),
        Step::Subscription(_) => words.subscription_title.into(),
    }
}

#[cfg(test)]
mod tests;
