//! The page that asks for a code: 3-D Secure of an issuer, or a carrier's text message.

use super::layout::{nonce, problem, way_back};
use super::model::{CheckoutPage, CodeSender, CodeStep};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &CodeStep, words: &Words) -> Markup {
    let (text, about, hint) = match &step.sent_by {
        CodeSender::Issuer { card } => (words.code_issuer_text, card, words.code_try_issuer),
        CodeSender::Carrier { phone } => (words.code_carrier_text, phone, words.code_try_carrier),
    };
    html! {
        h1 { (super::title(page, words)) }
        p.lead { (text) }
        @if !about.is_empty() { p.about { bdi { (about) } } }
        form.fields method="post" action=(page.form.action) data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            div.field.wide {
                label for="code" { (words.code_label) }
                input.code #code name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required
                    pattern="[0-9]{6}" minlength="6" maxlength="6" placeholder="000000" data-digits autofocus;
            }
            @if page.is_test { p.hint { (hint) } }
            button.main type="submit" name="intent" value="code" { (words.code_confirm) }
        }
        (way_back(page, words))
    }
}
