//! The page of a payment link: what is sold, how to pay it, and how it stands.
//!
//! Rendered on the server from [`model::LinkPage`], in the look of the checkout. It runs no script at all, but for the few
//! lines that tell the page around a frame how a payment ended; these and its styles are in the page itself and named
//! by their digests in the policy that goes with it.

pub mod model;
#[cfg(test)]
mod tests;
mod words;

use crate::http::pages::checkout::layout::{check, figure, lock};
use crate::http::pages::checkout::{Rendered, inventory, policy};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use model::{
    Code, Delivery, LinkItem, LinkOrder, LinkPage, LinkStep, MethodGroup, PayStep, Payer, ResultPage,
};
use qrcode::{Color, EcLevel, QrCode};
use words::Words;

const STYLE: &str = include_str!("link.css");

/// The QR code of an address. `None` when the address is too long for one.
pub fn code(address: &str) -> Option<Code> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        for (column, _) in modules.iter().enumerate().filter(|(_, module)| **module == Color::Dark) {
            // Scanners want four light modules around it.
            let (x, y) = (column.saturating_add(QUIET), row.saturating_add(QUIET));
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some(Code { width: width.saturating_add(QUIET).saturating_add(QUIET), path })
}

const QUIET: usize = 4;

/// Runs on the page that a payment in a frame ends at, and nowhere else.
const TELL: &str = include_str!("tell.js");

/// What the page around the frame is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// A JSON object.
    pub result: String,
    /// The only origin that is spoken to.
    pub origin: String,
}

pub fn render(page: &LinkPage) -> Rendered {
    let words = Words::of(page.language);
    Rendered { html: whole(page, words, None).into_string(), policy: policy_of(page) }
}

/// The page, which tells the one around its frame how a payment ended.
pub fn render_telling(page: &LinkPage, told: &Told) -> Rendered {
    let words = Words::of(page.language);
    let policy = format!("{}; script-src {}", policy_of(page), policy::digest(TELL));
    Rendered { html: whole(page, words, Some(told)).into_string(), policy }
}

fn policy_of(page: &LinkPage) -> String {
    let shown =
        page.order.iter().flat_map(|order| order.items.iter().filter_map(|item| item.image.as_deref()));
    let mut images: Vec<String> =
        page.logo.as_deref().into_iter().chain(shown).filter_map(policy::source).collect();
    images.sort_unstable();
    images.dedup();
    let images: String = images.iter().map(|image| format!(" {image}")).collect();
    let mut ancestors: Vec<String> =
        page.framed_by.iter().filter_map(|origin| policy::source(origin)).collect();
    ancestors.sort_unstable();
    ancestors.dedup();
    let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
    format!(
        "default-src 'none'; style-src {} {}; img-src data:{images}; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}",
        policy::digest(inventory::STYLE),
        policy::digest(STYLE)
    )
}

fn whole(page: &LinkPage, words: &Words, told: Option<&Told>) -> Markup {
    let (title, _) = words.verdict(&page.step);
    let is_alone = page.order.is_none();
    html! {
        (DOCTYPE)
        html lang=(page.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                meta name="format-detection" content="telephone=no";
                @if page.step == LinkStep::Waiting { meta http-equiv="refresh" content="5"; }
                title { (title) @if !page.merchant.is_empty() { " · " (page.merchant) } }
                link rel="icon" href="data:,";
                style { (PreEscaped(inventory::STYLE)) }
                style { (PreEscaped(STYLE)) }
            }
            body.whole.alone[is_alone] {
                div.sheet {
                    @if let Some(order) = &page.order { (self::order(page, order, words)) }
                    main { (content(page, words)) (notices(page, words)) }
                }
                @if let Some(told) = told {
                    // A `<` in a text must not end the block.
                    script #told type="application/json" data-origin=(told.origin) {
                        (PreEscaped(told.result.replace('<', "\\u003c")))
                    }
                    script { (PreEscaped(TELL)) }
                }
            }
        }
    }
}

fn order(page: &LinkPage, order: &LinkOrder, words: &Words) -> Markup {
    let initial = page.merchant.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('·');
    html! {
        header.order {
            div.seller {
                @if let Some(logo) = &page.logo { img.logo src=(logo) alt="" width="34" height="34" referrerpolicy="no-referrer"; }
                @else { span.tile aria-hidden="true" { (initial.to_uppercase()) } }
                strong { bdi { (page.merchant) } }
                @if page.is_test { span.test { "TEST" } }
            }
            div.facts {
                div {
                    @if !order.description.is_empty() { p.name { bdi { (order.description) } } }
                    p.total { span.sr { (words.total) " " } (figure(&order.total, page.language)) }
                }
            }
            @if let Some(until) = &order.until { p.until { (words.until) " " (until) } }
            @if !order.items.is_empty() {
                ul.lines aria-label=(words.order) { @for item in &order.items { (line(page, item, words)) } }
            }
            @if !order.sums.is_empty() {
                dl.sums {
                    @for (sum, amount) in &order.sums {
                        dt { bdi { (words.sum(sum)) } }
                        dd { @if matches!(sum, model::Sum::Discount(_)) { "−" } (figure(amount, page.language)) }
                    }
                }
            }
            @if let Some(code) = &order.code { (device(code, words)) }
        }
    }
}

fn line(page: &LinkPage, item: &LinkItem, words: &Words) -> Markup {
    html! {
        li {
            @if let Some(image) = &item.image { img src=(image) alt="" width="40" height="40" referrerpolicy="no-referrer"; }
            span { bdi { (item.name) } span.count { (words.quantity) " " (item.quantity) } }
            span { (figure(&item.price, page.language)) }
        }
    }
}

/// No script: it opens by itself where there is one, and is text to those who cannot see it.
fn device(code: &Code, words: &Words) -> Markup {
    html! {
        details.device {
            summary { (words.code) }
            p { (words.code_text) }
            svg.qr viewBox={ "0 0 " (code.width) " " (code.width) } role="img" aria-label=(words.code_label) shape-rendering="crispEdges" {
                path d=(code.path) {}
            }
        }
    }
}

fn content(page: &LinkPage, words: &Words) -> Markup {
    match &page.step {
        LinkStep::Pay(step) => pay(page, step, words),
        step @ (LinkStep::Waiting
        | LinkStep::Paid
        | LinkStep::Expired
        | LinkStep::Cancelled
        | LinkStep::Missing
        | LinkStep::Unavailable
        | LinkStep::Result(_)) => verdict(page, step, words),
    }
}

fn pay(page: &LinkPage, step: &PayStep, words: &Words) -> Markup {
    html! {
        h1 { (words.pay_title) }
        @if let Some(problem) = &step.problem {
            p.problem role="alert" { span { bdi { (words.problem(problem)) } } }
        }
        @if step.groups.is_empty() { p.problem role="alert" { span { (words.no_methods) } } }
        @else {
            form.fields method="post" action=(page.action) autocomplete="on" {
                fieldset.wide {
                    legend { (words.methods) }
                    @for (place, group) in step.groups.iter().enumerate() {
                        @if step.has_many_methods() {
                            // One name: opening a kind closes the one that was open.
                            details.group.kind name="kind" open[place == 0] {
                                summary { h3 { (words.category(&group.category)) } small { (group.methods.len()) } }
                                (methods(group, place == 0))
                            }
                        } @else {
                            div.group {
                                h3 { (words.category(&group.category)) }
                                (methods(group, place == 0))
                            }
                        }
                    }
                }
                (payer(&step.payer, words))
                @if let Some(delivery) = &step.delivery { (self::delivery(delivery, words)) }
                button.main type="submit" name="intent" value="pay" {
                    (act(page, words))
                }
            }
        }
        (leave(page, words))
    }
}

fn methods(group: &MethodGroup, is_first: bool) -> Markup {
    html! {
        div.methods {
            @for (place, (value, name)) in group.methods.iter().enumerate() {
                label {
                    input type="radio" name="method" value=(value) required checked[is_first && place == 0];
                    span { (name) }
                }
            }
        }
    }
}

fn act(page: &LinkPage, words: &Words) -> Markup {
    let total = page.order.as_ref().map(|order| &order.total);
    html! {
        @match (total, page.language) {
            (Some(total), crate::http::pages::checkout::model::Language::Korean) => { span { (figure(total, page.language)) } " " (words.go_on) }
            (Some(total), crate::http::pages::checkout::model::Language::English) => { (words.go_on) " " span { (figure(total, page.language)) } }
            (None, _) => (words.go_on)
        }
    }
}

fn field(id: &str, label: &str, value: &str, kind: &str, complete: &str, is_wide: bool, most: u32) -> Markup {
    html! {
        div.field.wide[is_wide] {
            label for=(id) { (label) }
            input id=(id) name=(id) type=(kind) value=(value) autocomplete=(complete) maxlength=(most);
        }
    }
}

fn payer(payer: &Payer, words: &Words) -> Markup {
    html! {
        h2.wide { (words.payer) }
        (field("billing_name", words.name, &payer.name, "text", "name", true, 100))
        (field("billing_email", words.email, &payer.email, "email", "email", false, 254))
        (field("billing_phone", words.phone, &payer.phone, "tel", "tel", false, 30))
    }
}

fn delivery(delivery: &Delivery, words: &Words) -> Markup {
    html! {
        h2.wide { (words.delivery) }
        (field("shipping_name", words.name, &delivery.name, "text", "shipping name", false, 100))
        (field("shipping_phone", words.phone, &delivery.phone, "tel", "shipping tel", false, 30))
        (field("line_1", words.line_1, &delivery.line_1, "text", "shipping address-line1", true, 200))
        (field("line_2", words.line_2, &delivery.line_2, "text", "shipping address-line2", true, 200))
        (field("city", words.city, &delivery.city, "text", "shipping address-level2", false, 100))
        (field("state", words.state, &delivery.state, "text", "shipping address-level1", false, 100))
        (field("postal_code", words.postal_code, &delivery.postal_code, "text", "shipping postal-code", false, 20))
        (field("country_code", words.country_code, &delivery.country_code, "text", "shipping country", false, 2))
    }
}

/// Out of the frame: what follows is not to be framed, and the merchant's page comes after it.
fn top(page: &LinkPage) -> Option<&'static str> {
    (!page.framed_by.is_empty()).then_some("_top")
}

fn leave(page: &LinkPage, words: &Words) -> Markup {
    html! { @if let Some(back) = &page.back { a.leave href=(back) target=[top(page)] rel="noopener noreferrer" { (words.back) } } }
}

fn verdict(page: &LinkPage, step: &LinkStep, words: &Words) -> Markup {
    let (head, line) = words.verdict(step);
    let tone = match step {
        LinkStep::Paid | LinkStep::Result(ResultPage::Success) => "good",
        LinkStep::Waiting | LinkStep::Result(ResultPage::Pending) => "waiting",
        LinkStep::Result(ResultPage::Failure) => "bad",
        LinkStep::Pay(_)
        | LinkStep::Expired
        | LinkStep::Cancelled
        | LinkStep::Missing
        | LinkStep::Unavailable => "still",
    };
    html! {
        section.verdict role="status" {
            span.sign.(tone) aria-hidden="true" {
                @match tone {
                    "good" => (check()),
                    "waiting" => (drawn("M10 2.5V10l4.5 2.8")),
                    "bad" => (drawn("M10 4.5v7M10 15v.3")),
                    _ => (drawn("M5 10h10")),
                }
            }
            h1 { (head) }
            p { (line) }
        }
        @if *step == LinkStep::Unavailable && !page.action.is_empty() { a.main href=(page.action) { (words.look_again) } }
        (leave(page, words))
    }
}

fn drawn(path: &str) -> Markup {
    html! { svg.icon width="20" height="20" viewBox="0 0 20 20" { path d=(path) {} } }
}

fn notices(page: &LinkPage, words: &Words) -> Markup {
    html! {
        footer {
            @if matches!(page.step, LinkStep::Pay(_)) { p { (lock()) span { (words.safe) } } }
            @if page.is_test { p.sandbox { span { (words.sandbox) } } }
        }
    }
}
