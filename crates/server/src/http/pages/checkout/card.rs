//! The card page, and that for a card to be kept.

use super::layout::{nonce, problem, way_back, with_total};
use super::model::{CardSecurity, CardStep, CheckoutPage, Errand};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &CardStep, words: &Words) -> Markup {
    html! {
        h1 { (super::title(page, words)) }
        form.fields method="post" action=(page.form.action) autocomplete="on" data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            (fields(step.security, Begins::Typing, words))
            (installments(step, words))
            button.main type="submit" name="intent" value="card" { (act(page, step.errand, words)) }
        }
        (way_back(page, words))
        @if page.is_test { (tries(words)) }
    }
}

/// Whether the buyer begins to type at once. Not where there is something to be read first: browsers scroll to what
/// has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Typing,
    Reading,
}

/// The card itself.
pub(super) fn fields(proven_by: CardSecurity, begins: Begins, words: &Words) -> Markup {
    html! {
        div.field.wide {
            label for="number" { (words.card_number) }
            div.with-end {
                input #number name="number" type="text" inputmode="numeric" autocomplete="cc-number" required
                    minlength="14" maxlength="24" placeholder="0000 0000 0000 0000" data-number
                    autofocus[begins == Begins::Typing];
                span.end.scheme data-scheme aria-hidden="true" {}
            }
        }
        div.field {
            label for="expiry" { (words.card_expiry) }
            input #expiry name="expiry" type="text" inputmode="numeric" autocomplete="cc-exp" required
                minlength="4" maxlength="9" placeholder=(words.card_expiry_hint) data-expiry;
        }
        (security(proven_by, words))
    }
}

/// `Pay $96.00`, `128,000원 결제하기`: the button says what it does.
fn act(page: &CheckoutPage, errand: Errand, words: &Words) -> Markup {
    match errand {
        Errand::Register => html! { (words.act(errand)) },
        Errand::Pay | Errand::RegisterAndPay => with_total(page, words.act(errand)),
    }
}

fn security(security: CardSecurity, words: &Words) -> Markup {
    match security {
        CardSecurity::BirthAndPassword => html! {
            div.field {
                label for="password" { (words.card_password) }
                div.with-end {
                    input #password name="password" type="password" inputmode="numeric" autocomplete="off" required
                        pattern="[0-9]{2}" minlength="2" maxlength="2" data-digits;
                    span.end aria-hidden="true" { "••" }
                }
            }
            div.field.wide {
                label for="birth" { (words.card_birth) }
                input #birth name="birth" type="text" inputmode="numeric" autocomplete="off" required
                    pattern="[0-9]{6}|[0-9]{10}" minlength="6" maxlength="10" placeholder="900101" data-digits;
            }
        },
        CardSecurity::Code => html! {
            div.field {
                label for="cvc" { (words.card_security) }
                input #cvc name="cvc" type="password" inputmode="numeric" autocomplete="cc-csc" required
                    pattern="[0-9]{3,4}" minlength="3" maxlength="4" placeholder="•••" data-digits;
            }
        },
    }
}

fn installments(step: &CardStep, words: &Words) -> Markup {
    let is_charged = !matches!(step.errand, Errand::Register);
    html! {
        @if is_charged && step.installments.len() > 1 {
            div.field.wide {
                label for="installment" { (words.card_installment) }
                select #installment name="installment" {
                    @for months in &step.installments {
                        option value=(months) {
                            @if *months == 0 { (words.card_lump_sum) } @else { (months) (words.card_months) }
                        }
                    }
                }
            }
        } @else if let (true, [only]) = (is_charged, step.installments.as_slice()) {
            input type="hidden" name="installment" value=(only);
            @if *only != 0 { p.hint { (words.card_installment) ": " (only) (words.card_months) } }
        }
    }
}

/// Cards of the sandbox that show one outcome each.
const fn tries_of(words: &Words) -> [(&'static str, &'static str); 4] {
    [
        ("4242 4242 4242 4242", words.card_try_approved),
        ("4000 0000 0000 3220", words.card_try_code),
        ("4000 0000 0000 0002", words.card_try_declined),
        ("4000 0000 0000 9995", words.card_try_funds),
    ]
}

pub(super) fn tries(words: &Words) -> Markup {
    html! {
        details.tries {
            summary { (words.card_try) small { (words.card_try_hint) } }
            ul {
                @for (number, outcome) in tries_of(words) {
                    li { button type="button" data-try=(number) { code { (number) } small { (outcome) } } }
                }
            }
        }
    }
}
