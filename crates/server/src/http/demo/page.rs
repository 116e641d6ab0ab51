//! The demo shop's page: on the left what a buyer sees, on the right what happens behind it.

use super::DemoShop;
use crate::http::fixed_document::FixedDocument;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("demo.css");
const SCRIPT: &str = include_str!("demo.js");

/// Method, what buyers call it, and the channel it goes through.
const METHODS: [(&str, &str, &str); 9] = [
    ("CARD", "Card", "card"),
    ("EASY_PAY", "KakaoPay", "easyPay"),
    ("VIRTUAL_ACCOUNT", "Bank deposit", "virtualAccount"),
    ("TRANSFER", "Bank transfer", "transfer"),
    ("MOBILE", "Mobile bill", "mobile"),
    ("PAYPAL", "PayPal", "card"),
    ("GIFT_CERTIFICATE", "Gift certificate", "card"),
    ("CONVENIENCE_STORE", "Convenience store", "card"),
    ("ALIPAY", "Alipay", "card"),
];

const WINDOWS: [(&str, &str); 3] =
    [("IFRAME", "In this page"), ("POPUP", "Popup"), ("REDIRECTION", "Redirect")];

const ERRANDS: [(&str, &str); 2] = [("PAY", "Buy once"), ("SAVE", "Save a card and charge it later")];

const LANGUAGES: [(&str, &str); 2] = [("EN_US", "English"), ("KO_KR", "한국어")];

pub fn document(shop: &DemoShop) -> FixedDocument {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'self' 'sha256-{}'; connect-src 'self'; frame-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    FixedDocument::new(whole(shop).into_string(), "text/html; charset=utf-8").under_policy(&policy)
}

fn whole(shop: &DemoShop) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Pier Coffee · paypier demo shop" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body data-store=(shop.store_id) data-price=(super::PRICE) {
                header.top {
                    a.brand href="/demo" { (mark()) span { "paypier" } small { "demo shop" } }
                    nav { a href="/docs" { "API reference" } }
                }
                main { (storefront(shop)) (backstage()) }
                script src="/v2/browser-sdk.js" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn storefront(shop: &DemoShop) -> Markup {
    let channel = |name: &str| shop.channels.iter().find(|(known, _)| *known == name).map(|(_, key)| *key);
    html! {
        section.shop aria-label="The shop" {
            div.product {
                (picture())
                div { p.shopname { "Pier Coffee" } h1 { "Pour-over set" } p { "Dripper, carafe and two bags of beans" } p.price { "12,900" small { "원" } } }
            }
            form #order data-billing=[channel("billing")] {
                (segments("What for", "errand", &ERRANDS))
                fieldset #methods {
                    legend { "Pay with" }
                    div.tiles {
                        @for (place, (method, name, by)) in METHODS.iter().enumerate() {
                            @if let Some(key) = channel(by) {
                                label { input type="radio" name="method" value=(method) data-channel=(key) checked[place == 0]; span { (name) } }
                            }
                        }
                    }
                }
                div.pair {
                    (segments("Checkout opens", "window", &WINDOWS))
                    (segments("Language", "locale", &LANGUAGES))
                }
                button.pay type="submit" { "Buy now" }
                p.hint { "Nothing is charged. Card " code { "4242 4242 4242 4242" } " is approved, " code { "4000 0000 0000 3220" } " asks for 3-D Secure code " code { "123456" } "." }
            }
        }
    }
}

fn segments(legend: &str, name: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        fieldset {
            legend { (legend) }
            div.segments {
                @for (place, (value, text)) in choices.iter().enumerate() {
                    label { input type="radio" name=(name) value=(value) checked[place == 0]; span { (text) } }
                }
            }
        }
    }
}

fn backstage() -> Markup {
    html! {
        section.backstage aria-label="Behind the scenes" {
            ol.steps {
                li { (step("Your page asks for a payment", "The browser SDK, the same call as with PortOne", "request")) }
                li { (step("The promise resolves", "Or the redirect brings this back as a query", "response")) }
                li {
                    div.head {
                        div { h2 { "Your server reads what is true" } p { code #read { "GET /payments/{paymentId}" } ": the only answer to trust" } }
                        span.status #status hidden {}
                    }
                    pre tabindex="0" { code #payment { "Nothing yet." } }
                    div.acts {
                        button type="button" #deposit hidden { "Play the deposit" }
                        button type="button" #charge hidden { "Charge the saved card" }
                        button type="button" #cancel hidden { "Refund it" }
                    }
                }
                li {
                    div.head {
                        div { h2 { "Webhooks arrive" } p { "Signed, retried, in order; open one to see it whole" } }
                        span.live #live { "connecting" }
                    }
                    ul.log #log aria-live="polite" {}
                    p.empty #empty { "Waiting for the first event." }
                }
            }
        }
    }
}

fn step(title: &str, line: &str, id: &str) -> Markup {
    html! {
        div.head { div { h2 { (title) } p { (line) } } }
        pre tabindex="0" { code id=(id) { "Nothing yet." } }
    }
}

fn mark() -> Markup {
    html! {
        svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" {
            rect.ground width="32" height="32" rx="8" {}
            path.pier d="M5 12h22M9 12v9M16 12v9M23 12v9" {}
            path.water d="M5 25q3-3 5.5 0t5.5 0 5.5 0 5.5 0" {}
        }
    }
}

/// A dripper over a carafe.
fn picture() -> Markup {
    html! {
        svg.picture viewBox="0 0 240 200" aria-hidden="true" {
            circle.sun cx="178" cy="62" r="34" {}
            path.steam d="M96 34q-8-8 0-16t0-16M120 34q-8-8 0-16t0-16" {}
            path.dripper d="M70 48h76l-22 44H92z" {}
            path.rim d="M64 48h88M84 96h48" {}
            path.glass d="M88 98h40l22 66a8 8 0 0 1-8 10H74a8 8 0 0 1-8-10z" {}
            path.coffee d="M76 136h64l9 28a7 7 0 0 1-7 9H74a7 7 0 0 1-7-9z" {}
            path.drop d="M108 104q6 9 0 13-6-4 0-13z" {}
            path.rim d="M146 120q26 2 20 28-3 12-14 14" {}
            path.waves d="M0 190q15-10 30 0t30 0 30 0 30 0 30 0 30 0 30 0 30 0" {}
        }
    }
}
