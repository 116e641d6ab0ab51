//! What every page has around its step: the order and who sells it, the way out, the notices.

use super::model::{Brand, CheckoutPage, Figure, Language, Order, Setting, Step, Talk};
use super::words::Words;
use super::{inventory, policy, title};
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub fn whole(page: &CheckoutPage, words: &Words, content: &Markup) -> Markup {
    let title = title(page, words);
    html! {
        (DOCTYPE)
        html lang=(page.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                meta name="format-detection" content="telephone=no";
                @if page.step == Step::Working { meta http-equiv="refresh" content="2"; }
                title { (title) @if !page.brand.name.is_empty() { " · " (page.brand.name) } }
                link rel="icon" href="data:,";
                style { (PreEscaped(inventory::STYLE)) }
                @if let Some(colours) = policy::colours(page) { style { (PreEscaped(colours)) } }
            }
            body.(setting(page.setting)).alone[is_alone(page)] data-window=[heard(page).map(|talk| &talk.window)]
                data-origin=[heard(page).map(|talk| &talk.origin)]
                data-result=[result(page)] data-copied=(words.copied) {
                div.sheet {
                    @if !is_alone(page) { (order(page, words)) }
                    main { (content) (notices(page, words)) }
                }
                script { (PreEscaped(inventory::SCRIPT)) }
            }
        }
    }
}

/// The page that opened this one, where it listens.
fn heard(page: &CheckoutPage) -> Option<&Talk> {
    page.talk.as_ref().filter(|talk| !talk.is_silent)
}

fn setting(setting: Setting) -> &'static str {
    match setting {
        Setting::Framed => "framed",
        Setting::Popup => "popup",
        Setting::Whole => "whole",
    }
}

/// Whether the page stands for no shop and no order.
fn is_alone(page: &CheckoutPage) -> bool {
    page.brand.name.is_empty() && page.order.is_none()
}

fn result(page: &CheckoutPage) -> Option<&str> {
    match &page.step {
        Step::Ended(ended) => Some(&ended.result),
        _ => None,
    }
}

fn order(page: &CheckoutPage, words: &Words) -> Markup {
    html! {
        header.order {
            div.seller {
                (tile(&page.brand))
                strong { bdi { (page.brand.name) } }
                @if page.is_test { span.test { "TEST" } }
                @if can_be_closed(page) {
                    form.x method="post" action=(page.form.action) data-leave {
                        (nonce(page))
                        button type="submit" name="intent" value="cancel" aria-label=(words.close) title=(words.close) { (cross()) }
                    }
                }
            }
            @if let Some(order) = &page.order { (facts(order, words)) }
        }
    }
}

/// The corner's cross; a page that stands in place of the shop's has words instead.
fn can_be_closed(page: &CheckoutPage) -> bool {
    let has_corner = matches!(page.setting, Setting::Framed | Setting::Popup);
    has_corner && !matches!(page.step, Step::Working)
}

fn tile(brand: &Brand) -> Markup {
    let initial = brand.name.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('·');
    html! { span.tile aria-hidden="true" { (initial.to_uppercase()) } }
}

fn facts(order: &Order, words: &Words) -> Markup {
    html! {
        div.facts {
            @if let Some(image) = &order.image { img src=(image) alt="" width="72" height="72" referrerpolicy="no-referrer"; }
            div {
                p.name { bdi { (order.name) } }
                @if let Some(total) = &order.total { p.total { span.sr { (words.total) " " } (figure(total, words.language)) } }
            }
        }
        @if !order.items.is_empty() {
            ul.items aria-label=(words.order) {
                @for item in &order.items {
                    li {
                        span { bdi { (item.name) } @if item.quantity != 1 { small { (words.quantity) " " (item.quantity) } } }
                        span { (figure(&item.amount, words.language)) }
                    }
                }
            }
        }
    }
}

/// `12,900원`, `$12.90`; a currency without a common sign keeps its code.
pub fn figure(figure: &Figure, language: Language) -> Markup {
    let (before, after) = match figure.currency.as_str() {
        "KRW" if language == Language::Korean => ("", "원"),
        "KRW" => ("₩", ""),
        "USD" => ("$", ""),
        "JPY" => ("¥", ""),
        "EUR" => ("€", ""),
        "GBP" => ("£", ""),
        _ => ("", ""),
    };
    html! {
        @if before.is_empty() && after.is_empty() { (figure.digits) " " small { (figure.currency) } }
        @else { @if !before.is_empty() { small { (before) } } (figure.digits) @if !after.is_empty() { small { (after) } } }
    }
}

/// A verb with the total where the language has it; without a total, the verb alone.
pub fn with_total(page: &CheckoutPage, verb: &str) -> Markup {
    match (page.order.as_ref().and_then(|order| order.total.as_ref()), page.language) {
        (None, _) => html! { (verb) },
        (Some(total), Language::Korean) => html! { span { (figure(total, page.language)) } " " (verb) },
        (Some(total), Language::English) => html! { (verb) " " span { (figure(total, page.language)) } },
    }
}

/// The field that proves that a form came from this page and this step.
pub fn nonce(page: &CheckoutPage) -> Markup {
    html! { input type="hidden" name="nonce" value=(page.form.nonce); }
}

/// The way out of a page that stands in place of the shop's.
pub fn way_back(page: &CheckoutPage, words: &Words) -> Markup {
    html! {
        @if page.setting == Setting::Whole {
            form.back method="post" action=(page.form.action) {
                (nonce(page))
                button.quiet type="submit" name="intent" value="cancel" { (words.give_up(page.back)) }
            }
        }
    }
}

pub fn problem(problem: Option<&String>) -> Markup {
    html! { @if let Some(text) = problem { p.problem role="alert" { (warning()) span { (text) } } } }
}

fn notices(page: &CheckoutPage, words: &Words) -> Markup {
    let safe = match page.step {
        Step::Card(_) | Step::Subscription(_) => Some(words.safe_card),
        Step::Code(_) | Step::Identity(_) | Step::Account(_) | Step::Provider(_) | Step::Sheet(_) => {
            Some(words.safe)
        }
        Step::AccountIssued(_) | Step::Working | Step::Silent | Step::Ended(_) | Step::Refused(_) => None,
    };
    html! {
        footer {
            @if let Some(safe) = safe { p { (lock()) span { (safe) } } }
            @if page.is_test { p.sandbox { (flask()) span { (words.sandbox) } } }
        }
    }
}

fn icon(path: &str) -> Markup {
    html! {
        svg.icon width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" { path d=(path) {} }
    }
}

fn cross() -> Markup {
    icon("M5 5l10 10M15 5L5 15")
}

pub fn lock() -> Markup {
    icon("M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9")
}

fn flask() -> Markup {
    icon("M8 3h4M8.7 3v5L4.6 15a1.4 1.4 0 0 0 1.2 2h8.4a1.4 1.4 0 0 0 1.2-2l-4.1-7V3M6.5 12.5h7")
}

fn warning() -> Markup {
    icon("M10 3.2 18 17H2zM10 8.5v3.5M10 14.4v.2")
}

pub fn check() -> Markup {
    icon("M4.5 10.5l3.8 3.8 7.2-8")
}
