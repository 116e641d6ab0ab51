//! Identity verification by mobile phone: who, and at which carrier. The code comes on the next page.

use super::layout::{nonce, problem, way_back};
use super::model::{CheckoutPage, IdentityStep};
use super::words::Words;
use maud::{Markup, html};

pub fn form(page: &CheckoutPage, step: &IdentityStep, words: &Words) -> Markup {
    html! {
        h1 { (words.identity_title) }
        p.lead { (words.identity_text) }
        form.fields method="post" action=(page.form.action) data-once {
            (nonce(page))
            (problem(step.problem.as_ref()))
            fieldset.wide {
                legend { (words.identity_carrier) }
                div.banks {
                    @for (place, (code, name)) in step.carriers.iter().enumerate() {
                        label { input type="radio" name="carrier" value=(code) required checked[place == 0]; span { (name) } }
                    }
                }
            }
            div.field.wide {
                label for="name" { (words.identity_name) }
                input #name name="name" type="text" autocomplete="name" required maxlength="60" value=(step.name);
            }
            div.field {
                label for="birth" { (words.identity_birth) }
                input #birth name="birth" type="text" inputmode="numeric" autocomplete="off" required pattern="[0-9]{7}"
                    minlength="7" maxlength="7" placeholder="9001011" value=(step.birth) data-digits;
            }
            div.field {
                label for="phone" { (words.identity_phone) }
                input #phone name="phone" type="tel" inputmode="numeric" autocomplete="tel-national" required
                    minlength="9" maxlength="14" placeholder="01012345678" value=(step.phone) data-digits;
            }
            button.main type="submit" name="intent" value="identity" { (words.identity_send) }
        }
        (way_back(page, words))
    }
}
