//! A provider's own page, played by the sandbox: the buyer's choices as buttons, each with what it leads to.

use super::layout::{nonce, problem, with_total};
use super::model::{CheckoutPage, ProviderMethod, ProviderStep, Setting};
use super::words::Words;
use maud::{Markup, html};

pub fn choices(page: &CheckoutPage, step: &ProviderStep, words: &Words) -> Markup {
    let name = words.provider(&step.method);
    let initial = name.chars().next().unwrap_or('·');
    let cancel = if page.setting == Setting::Whole { words.give_up(page.back) } else { words.cancel };
    html! {
        div.provider.(hue(&step.method)) {
            span.mark aria-hidden="true" { (initial) }
            div { h1 { (name) } p { (words.played) } }
        }
        p.lead { (words.played_text) }
        form.choices method="post" action=(page.form.action) data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            button.main type="submit" name="intent" value="approve" aria-describedby="hint-approve" {
                (with_total(page, words.approve(step.errand)))
            }
            p.hint #hint-approve { (words.played_approve_hint) }
            ul {
                @if step.can_be_pending { (choice("approve_later", words.played_later, words.played_later_hint)) }
                (choice("decline", words.played_decline, words.played_decline_hint))
                (choice("cancel", cancel, words.played_cancel_hint))
                (choice("silence", words.played_silence, words.played_silence_hint))
            }
        }
    }
}

fn choice(intent: &str, name: &str, hint: &str) -> Markup {
    html! { li { button type="submit" name="intent" value=(intent) { strong { (name) } small { (hint) } } } }
}

/// The colour that buyers know a provider by.
fn hue(method: &ProviderMethod) -> &'static str {
    match method {
        ProviderMethod::EasyPay(Some(wallet)) => match wallet.as_str() {
            "KAKAOPAY" => "yellow",
            "NAVERPAY" => "green",
            "TOSSPAY" | "TOSS_BRANDPAY" | "SAMSUNGPAY" => "blue",
            "PAYCO" | "LPAY" | "SSGPAY" => "red",
            _ => "ink",
        },
        ProviderMethod::EasyPay(None) => "ink",
        ProviderMethod::Transfer
        | ProviderMethod::Paypal
        | ProviderMethod::Alipay
        | ProviderMethod::AlipayPlus => "blue",
        ProviderMethod::Mobile => "red",
        ProviderMethod::GiftCertificate(_) => "orange",
        ProviderMethod::ConvenienceStore(_) => "green",
    }
}
