//! The page on which a customer enrols: what is agreed to, the card that is kept, and the consent to be charged.

use super::card;
use super::layout::{nonce, problem, with_total};
use super::model::{CheckoutPage, SubscriptionFact, SubscriptionStep};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &SubscriptionStep, words: &Words) -> Markup {
    html! {
        h1 { (words.subscription_title) }
        form.fields method="post" action=(page.form.action) autocomplete="on" data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            section.wide {
                dl.buyer {
                    @for (fact, value) in &step.terms { dt { (label(*fact, words)) } dd { bdi { (value) } } }
                }
            }
            @if step.methods.is_empty() { p.problem role="alert" { span { (words.sheet_none) } } }
            @else {
                (methods(step, words))
                (card::fields(step.security, card::Begins::Reading, words))
                fieldset.wide.agreements {
                    div {
                        label {
                            input type="checkbox" name="consent" value="yes" required;
                            span { (words.subscription_consent) }
                        }
                    }
                }
                button.main type="submit" name="intent" value="card" {
                    @if step.is_charged { (with_total(page, words.subscription_act_paying)) }
                    @else { (words.subscription_act) }
                }
            }
        }
        @if page.is_test { (card::tries(words)) }
    }
}

fn methods(step: &SubscriptionStep, words: &Words) -> Markup {
    html! {
        @if let [(code, _)] = step.methods.as_slice() {
            input type="hidden" name="method" value=(code);
        } @else {
            fieldset.wide {
                legend { (words.subscription_methods) }
                div.methods {
                    @for (place, (code, name)) in step.methods.iter().enumerate() {
                        label {
                            input type="radio" name="method" value=(code) required checked[place == 0];
                            span { (name) }
                        }
                    }
                }
            }
        }
    }
}

const fn label(fact: SubscriptionFact, words: &Words) -> &'static str {
    match fact {
        SubscriptionFact::Description => words.subscription_description,
        SubscriptionFact::EachTime => words.subscription_each,
        SubscriptionFact::Count => words.subscription_count,
        SubscriptionFact::Additional => words.subscription_additional,
        SubscriptionFact::Total => words.subscription_total,
        SubscriptionFact::Trial => words.subscription_trial,
        SubscriptionFact::FirstCharge => words.subscription_first,
        SubscriptionFact::OnDemand => words.subscription_on_demand,
        SubscriptionFact::Customer => words.subscription_customer,
    }
}
