//! Pages without a form of their own: being decided, how it ended, why there is nothing.

use super::account;
use super::layout::{check, way_back};
use super::model::{CheckoutPage, Ended, Outcome, Refusal, Setting};
use super::words::Words;
use maud::{Markup, html};

pub fn working(words: &Words) -> Markup {
    html! {
        section.verdict role="status" {
            span.spin aria-hidden="true" {}
            h1 { (words.working_title) }
            p { (words.working_text) }
        }
    }
}

pub fn silent(page: &CheckoutPage, words: &Words) -> Markup {
    html! {
        section.verdict role="status" {
            span.sign.still aria-hidden="true" { (bar()) }
            h1 { (words.silent_title) }
            p { (words.silent_text) }
        }
        (way_back(page, words))
    }
}

/// The sign, the head and the line about it.
pub fn verdict(outcome: &Outcome, words: &Words) -> Markup {
    let (head, line) = words.ended(outcome);
    html! {
        section.verdict role="status" {
            span.sign.(tone(outcome)) aria-hidden="true" { (sign(outcome)) }
            h1 { (head) }
            p { (line) }
        }
    }
}

pub fn ended(page: &CheckoutPage, ended: &Ended, words: &Words) -> Markup {
    html! {
        (verdict(&ended.outcome, words))
        @if let Outcome::Failed { reason, code } = &ended.outcome {
            p.reason { bdi { (reason) } @if let Some(code) = code { " " code { (code) } } }
        }
        @if let Some(account) = &ended.account { (account::facts(page, account, words)) }
        @if page.setting != Setting::Framed {
            p.hint.centre { (words.back_to_shop) }
        }
        button.main type="button" data-close hidden { (words.close) }
    }
}

pub fn refused(page: &CheckoutPage, refusal: Refusal, words: &Words) -> Markup {
    let (head, line) = words.refused(refusal);
    html! {
        section.verdict role="alert" {
            span.sign.still aria-hidden="true" { (bar()) }
            h1 { (head) }
            p { (line) }
        }
        @match refusal {
            Refusal::Stale | Refusal::Unavailable => a.main href=(page.form.action) { (words.look_again()) },
            Refusal::Missing
            | Refusal::Expired
            | Refusal::Closed
            | Refusal::NoMethod
            | Refusal::Unpayable => {}
        }
    }
}

const fn tone(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Paid | Outcome::Registered | Outcome::Enrolled | Outcome::Verified | Outcome::HandedOver => {
            "good"
        }
        Outcome::AccountIssued | Outcome::Pending => "waiting",
        Outcome::Failed { .. } => "bad",
        Outcome::Cancelled => "still",
    }
}

fn sign(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Paid | Outcome::Registered | Outcome::Enrolled | Outcome::Verified | Outcome::HandedOver => {
            check()
        }
        Outcome::AccountIssued | Outcome::Pending => clock(),
        Outcome::Failed { .. } => bang(),
        Outcome::Cancelled => bar(),
    }
}

fn drawn(path: &str) -> Markup {
    html! { svg.icon width="20" height="20" viewBox="0 0 20 20" { path d=(path) {} } }
}

fn clock() -> Markup {
    drawn("M10 2.5V10l4.5 2.8")
}

fn bang() -> Markup {
    drawn("M10 4.5v7M10 15v.3")
}

fn bar() -> Markup {
    drawn("M5 10h10")
}
