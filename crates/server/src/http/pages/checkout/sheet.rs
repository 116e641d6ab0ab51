//! The order sheet of a payment session: what is bought, how to pay, what to agree to.

use super::layout::{nonce, problem, with_total};
use super::model::{CheckoutPage, SheetStep};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &SheetStep, words: &Words) -> Markup {
    html! {
        h1 { (words.sheet_title) }
        form.fields method="post" action=(page.form.action) data-once data-agree data-go[step.goes_on] {
            (nonce(page))
            (problem(step.problem.as_ref()))
            @if !step.buyer.is_empty() {
                section.wide {
                    h2 { (words.sheet_buyer) }
                    dl.buyer { @for (fact, value) in &step.buyer { dt { (words.fact(*fact)) } dd { bdi { (value) } } } }
                }
            }
            @if step.methods.is_empty() { p.problem role="alert" { span { (words.sheet_none) } } }
            @else {
                fieldset.wide {
                    legend { (words.sheet_methods) }
                    div.methods {
                        @for (place, method) in step.methods.iter().enumerate() {
                            label {
                                input type="radio" name="method" value=(method.code) required checked[place == 0];
                                span { (method.name) }
                            }
                        }
                    }
                }
                (agreements(step, words))
                button.main type="submit" name="intent" value="pay" {
                    (with_total(page, words.pay))
                }
            }
        }
    }
}

fn agreements(step: &SheetStep, words: &Words) -> Markup {
    html! {
        @if !step.agreements.is_empty() {
            fieldset.wide.agreements {
                legend { (words.sheet_agreements) }
                @if step.agreements.len() > 1 { label.all hidden { input type="checkbox" data-all; span { (words.sheet_all) } } }
                @for (place, agreement) in step.agreements.iter().enumerate() {
                    div {
                        label { input type="checkbox" name=(format!("agreement-{place}")) value="yes" required; span { bdi { (agreement.title) } } }
                        @if let Some(url) = &agreement.url { a href=(url) target="_blank" rel="noopener noreferrer" { (words.sheet_read) } }
                    }
                }
            }
        }
    }
}
