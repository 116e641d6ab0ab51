//! A link as its page.

use crate::app::checkout::close::BUYER_CANCELLED;
use crate::app::payment_link::LinkStanding;
use crate::global::amount;
use crate::global::link::decimal;
use crate::http::pages::checkout::model::{Figure, Language};
use crate::http::pages::link::code;
use crate::http::pages::link::model::{
    Delivery, LinkItem, LinkOrder, LinkPage, LinkStep, MethodGroup, PayStep, Payer, Problem, Sum,
};
use crate::notify::letter;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use paypier_domain::catalogue::{Category, Method};
use paypier_domain::channel::Environment;
use paypier_domain::global::{OrderLine, Person};
use paypier_domain::link::LinkStatus;
use paypier_domain::money::Currency;
use paypier_domain::payment::AttemptState;
use paypier_domain::payment_link::Terms;
use paypier_wire::global::Decimal;

/// `accepts` is what the browser reads; what the merchant said about the payer wins.
pub fn page(
    standing: &LinkStanding,
    methods: &[&'static Method],
    url: String,
    accepts: Option<&str>,
    problem: Option<Problem>,
) -> LinkPage {
    let link = &standing.link;
    let terms = &link.terms;
    let language = language(standing, accepts);
    let step = step(standing, methods, problem);
    let is_payable = matches!(step, LinkStep::Pay(_));
    LinkPage {
        language,
        merchant: terms.face.name.clone(),
        logo: Some(&terms.face.logo).filter(|logo| logo.starts_with("https://")).cloned(),
        is_test: link.environment == Environment::Test,
        order: Some(LinkOrder {
            description: terms.description.clone(),
            items: if terms.switches.show_items { items(terms) } else { Vec::new() },
            sums: sums(terms),
            total: shown(amount::written(terms.amount, terms.currency), terms.currency),
            until: terms.expires_at.filter(|_| is_payable).map(|at| moment(at, language)),
            code: if is_payable { code(&url) } else { None },
        }),
        action: format!("/pay/{}", link.reference),
        back: Some(&terms.face.back_url)
            .filter(|url| terms.switches.show_back_button && !url.is_empty())
            .cloned(),
        framed_by: if terms.switches.is_checkout_embed {
            [&terms.success_url, &terms.failure_url, &terms.face.back_url].into_iter().cloned().collect()
        } else {
            Vec::new()
        },
        step,
    }
}

/// What the browser asks for, where it asks; else the language of who pays.
fn language(standing: &LinkStanding, accepts: Option<&str>) -> Language {
    match accepts.filter(|accepts| !accepts.is_empty() && *accepts != "*") {
        Some(accepts) => Language::of(accepts),
        None => match letter::language(&standing.link) {
            letter::Language::Korean => Language::Korean,
            letter::Language::English => Language::English,
        },
    }
}

fn step(standing: &LinkStanding, methods: &[&'static Method], problem: Option<Problem>) -> LinkStep {
    match standing.status() {
        LinkStatus::Success => LinkStep::Paid,
        LinkStatus::Expired => LinkStep::Expired,
        LinkStatus::Cancelled => LinkStep::Cancelled,
        LinkStatus::Created | LinkStatus::Processing if standing.has_open_attempt() => LinkStep::Waiting,
        LinkStatus::Created | LinkStatus::Processing => {
            let terms = &standing.link.terms;
            LinkStep::Pay(PayStep {
                groups: groups(methods, !terms.chosen.is_empty()),
                payer: payer(terms),
                delivery: terms.switches.show_shipping_details.then(|| delivery(terms)),
                problem: problem.or_else(|| failed(standing)),
            })
        }
    }
}

/// Why the payment before was none.
fn failed(standing: &LinkStanding) -> Option<Problem> {
    match &standing.latest()?.state {
        AttemptState::Failed(failure) if failure.pg_code.as_deref() == Some(BUYER_CANCELLED) => {
            Some(Problem::GivenUp)
        }
        AttemptState::Failed(failure) => {
            Some(Problem::Failed(failure.pg_message.clone().unwrap_or_default()))
        }
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Pending { .. }
        | AttemptState::AccountIssued { .. }
        | AttemptState::Paid(_) => None,
    }
}

/// Methods by kind, each kind where its first method is. What a merchant chose is all shown, in the merchant's
/// order; without a choice cards come first, and a payer who wants to pay with a card or a wallet is not asked
/// which of several channels is to take it: the first that serves the link does.
fn groups(methods: &[&'static Method], is_chosen: bool) -> Vec<MethodGroup> {
    let mut groups: Vec<MethodGroup> = Vec::new();
    for (place, method) in methods.iter().enumerate() {
        let is_like = |other: &&Method| other.category == method.category && other.name == method.name;
        if !is_chosen && methods[..place].iter().any(is_like) {
            continue;
        }
        let alike = methods.iter().filter(|other| is_chosen && is_like(other));
        // The same name twice is told apart by its channel, or by its key where that is the same, too.
        let name =
            match (alike.clone().count(), alike.filter(|other| other.channel == method.channel).count()) {
                (0 | 1, _) => method.name.to_owned(),
                (_, 1) => format!("{} ({})", method.name, method.channel),
                (_, _) => format!("{} ({})", method.name, method.key),
            };
        let entry = (format!("{}:{}", method.channel, method.key), name);
        let category = method.category.as_str();
        match groups.iter_mut().find(|group| group.category == category) {
            Some(group) => group.methods.push(entry),
            None => groups.push(MethodGroup { category: category.to_owned(), methods: vec![entry] }),
        }
    }
    if !is_chosen {
        groups.sort_by_key(|group| group.category != Category::Card.as_str());
    }
    groups
}

fn payer(terms: &Terms) -> Payer {
    let to = terms.addressee();
    let billing = terms.billing.as_ref();
    let or = |given: Option<&str>, otherwise: String| {
        given.filter(|text| !text.is_empty()).map_or(otherwise, str::to_owned)
    };
    Payer {
        name: or(billing.map(|person| person.name.as_str()), to.name),
        email: or(billing.map(|person| person.email.as_str()), to.email),
        phone: or(billing.map(|person| person.phone.as_str()), to.phone),
    }
}

fn delivery(terms: &Terms) -> Delivery {
    let person: Option<&Person> = if terms.switches.is_billing_shipping_same {
        terms.billing.as_ref()
    } else {
        terms.shipping.as_ref()
    };
    person.map_or_else(Delivery::default, |person| Delivery {
        name: person.name.clone(),
        phone: person.phone.clone(),
        line_1: person.place.line_1.clone(),
        line_2: person.place.line_2.clone(),
        city: person.place.city.clone(),
        state: person.place.state.clone(),
        postal_code: person.place.postal_code.clone(),
        country_code: person.place.country_code.clone(),
    })
}

fn items(terms: &Terms) -> Vec<LinkItem> {
    let item = |line: &OrderLine| LinkItem {
        name: line.name.clone(),
        quantity: line.quantity,
        price: shown(decimal(&line.price), terms.currency),
        image: Some(&line.image).filter(|image| image.starts_with("https://")).cloned(),
    };
    terms.lines.iter().map(item).collect()
}

/// What leads to the total. Without items the subtotal is what the rest leaves of it.
fn sums(terms: &Terms) -> Vec<(Sum, Figure)> {
    let face = &terms.face;
    let (shipping, tax, discount) =
        (decimal(&face.shipping_charges), decimal(&face.tax), decimal(&face.promo_discount));
    if !shipping.is_positive() && !tax.is_positive() && !discount.is_positive() {
        return Vec::new();
    }
    let total = amount::written(terms.amount, terms.currency);
    let subtotal = total
        .plus(discount)
        .and_then(|sum| sum.plus(shipping.times(-1)?))
        .and_then(|sum| sum.plus(tax.times(-1)?))
        .unwrap_or(total);
    let code = match face.promo_code.as_str() {
        "NA" => String::new(),
        code => code.to_owned(),
    };
    [(Sum::Subtotal, subtotal), (Sum::Shipping, shipping), (Sum::Tax, tax), (Sum::Discount(code), discount)]
        .into_iter()
        .filter(|(sum, value)| *sum == Sum::Subtotal || value.is_positive())
        .map(|(sum, value)| (sum, shown(value, terms.currency)))
        .collect()
}

/// A decimal as it is read: grouped by thousands, with at least the places of its currency.
fn shown(decimal: Decimal, currency: Currency) -> Figure {
    let text = decimal.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let mut digits = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && whole.len().saturating_sub(place).is_multiple_of(3) {
            digits.push(',');
        }
        digits.push(digit);
    }
    let wanted = usize::from(currency.exponent());
    if wanted > 0 || !places.is_empty() {
        digits = format!("{digits}.{places:0<wanted$}");
    }
    Figure { digits: format!("{sign}{digits}"), currency: currency.code().to_owned() }
}

fn moment(at: Timestamp, language: Language) -> String {
    match language {
        Language::Korean => {
            at.to_zoned(TimeZone::fixed(Offset::constant(9))).strftime("%Y-%m-%d %H:%M").to_string()
        }
        Language::English => at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_grouped_and_keep_their_places() {
        for (text, code, digits) in [
            ("2500", "THB", "2,500.00"),
            ("1234567.5", "USD", "1,234,567.50"),
            ("33.333", "USD", "33.333"),
            ("999", "KRW", "999"),
            ("1000", "KRW", "1,000"),
            ("0.5", "KRW", "0.5"),
            ("-200", "THB", "−200.00"),
        ] {
            assert_eq!(shown(text.parse().unwrap(), Currency::parse(code).unwrap()).digits, digits, "{text}");
        }
    }
}
