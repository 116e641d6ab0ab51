//! The virtual account: which bank, and then where to pay in.

use super::layout::{figure, nonce, problem, way_back};
use super::model::{AccountStep, CheckoutPage, IssuedAccount};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &AccountStep, words: &Words) -> Markup {
    html! {
        h1 { (words.account_title) }
        p.lead { (words.account_text) }
        form.fields method="post" action=(page.form.action) data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            fieldset.wide {
                legend { (words.account_bank) }
                div.banks {
                    @for (place, (code, name)) in step.banks.iter().enumerate() {
                        label { input type="radio" name="bank" value=(code) required checked[place == 0]; span { bdi { (name) } } }
                    }
                }
            }
            div.field.wide {
                label for="depositor" { (words.account_depositor) }
                input #depositor name="depositor" type="text" autocomplete="name" required maxlength="40" value=(step.depositor);
            }
            button.main type="submit" name="intent" value="account" { (words.account_issue) }
        }
        (way_back(page, words))
    }
}

/// Shown before the buyer goes back: a page that vanished at once would take the number with it.
pub fn issued(page: &CheckoutPage, account: &IssuedAccount, words: &Words) -> Markup {
    html! {
        (super::ending::verdict(&super::model::Outcome::AccountIssued, words))
        (facts(page, account, words))
        form method="post" action=(page.form.action) data-once {
            (nonce(page))
            button.main type="submit" name="intent" value="done" { (words.done) }
        }
    }
}

pub fn facts(page: &CheckoutPage, account: &IssuedAccount, words: &Words) -> Markup {
    html! {
        dl.account {
            dt { (words.account_number) }
            dd.number {
                span { bdi { (account.bank) } }
                code { (account.number) }
                button type="button" data-copy=(account.number) hidden { (words.copy) }
            }
            @if !account.holder.is_empty() { dt { (words.account_holder) } dd { bdi { (account.holder) } } }
            @if let Some(total) = page.order.as_ref().and_then(|order| order.total.as_ref()) {
                dt { (words.total) } dd { (figure(total, words.language)) }
            }
            @if let Some(due) = &account.due { dt { (words.account_due) } dd { (due) } }
        }
    }
}
