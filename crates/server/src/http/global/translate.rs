//! From bodies to what the use cases take: people, items, addresses of pages, routes. What belongs to several
//! operations stands here; payment links read the same members.

use super::call::Answered;
use super::problem::Refused;
use crate::global::amount;
use crate::global::order::Order as Sum;
use paypier_domain::failover;
use paypier_domain::global::{Choice, Destinations, OrderLine, Person, Place};
use paypier_domain::money::Currency;
use paypier_wire::global::code::fault;
use paypier_wire::global::{
    Address, BillingDetails, Code, Decimal, OrderItem, RoutingParams, ShippingDetails,
};
use url::Url;

/// The longest of the texts that are kept, in characters; longer ones are cut.
const LONGEST_TEXT: usize = 2_000;
/// Lines of an order.
const MOST_LINES: usize = 200;
/// Channels of a route.
const MOST_CHOICES: usize = 20;

/// A text that is kept: bounded.
pub fn kept(text: Option<&String>) -> String {
    bounded(text.map(String::as_str).unwrap_or_default())
}

/// The same of a text that is there.
pub fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

fn place(address: Option<&Address>) -> Place {
    let Some(address) = address else { return Place::default() };
    Place {
        city: kept(address.city.as_ref()),
        country_code: kept(address.country_code.as_ref()),
        country_name: kept(address.country_name.as_ref()),
        locale: kept(address.locale.as_ref()),
        line_1: kept(address.line_1.as_ref()),
        line_2: kept(address.line_2.as_ref()),
        postal_code: kept(address.postal_code.as_ref()),
        state: kept(address.state.as_ref()),
    }
}

/// Who pays.
pub fn payer(billing: Option<&BillingDetails>) -> Person {
    let Some(billing) = billing else { return Person::default() };
    let surname = billing.billing_surname.as_ref().or(billing.billing_surame.as_ref());
    Person {
        name: kept(billing.billing_name.as_ref()),
        surname: kept(surname),
        email: kept(billing.billing_email.as_ref()),
        phone: kept(billing.billing_phone.as_ref()),
        place: place(billing.billing_address.as_ref()),
    }
}

/// Who receives.
pub fn receiver(shipping: Option<&ShippingDetails>) -> Person {
    let Some(shipping) = shipping else { return Person::default() };
    Person {
        name: kept(shipping.shipping_name.as_ref()),
        surname: kept(shipping.shipping_surname.as_ref()),
        email: kept(shipping.shipping_email.as_ref()),
        phone: kept(shipping.shipping_phone.as_ref()),
        place: place(shipping.shipping_address.as_ref()),
    }
}

/// What is added to the items of an order, and taken off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Charges {
    pub shipping: Decimal,
    pub tax: Decimal,
    pub discount: Decimal,
}

/// The lines of an order, which must make its amount when there are any.
///
/// # Errors
/// A price or quantity is missing or wrong, there are too many, or the sum is another.
pub fn lines(
    items: Option<&Vec<OrderItem>>,
    charges: Charges,
    (amount, currency): (Decimal, Currency),
) -> Answered<Vec<OrderLine>> {
    let Some(items) = items.filter(|items| !items.is_empty()) else { return Ok(Vec::new()) };
    let wrong = |text: &'static str| Refused::invalid(Code::InvalidPaymentRequest, text);
    if items.len() > MOST_LINES {
        return Err(wrong("order_details has too many items"));
    }
    let (mut lines, mut sums) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    for item in items {
        let price = item.price.ok_or_else(|| wrong("price is a required field"))?;
        let price = price.decimal().filter(|price| !price.is_negative());
        let price = price.ok_or_else(|| wrong("price of an item is not a number"))?;
        let quantity = match item.quantity {
            None => 1,
            Some(quantity) => quantity
                .whole()
                .filter(|quantity| (1..=1_000_000).contains(quantity))
                .ok_or_else(|| wrong("quantity of an item is not a whole number above zero"))?,
        };
        sums.push((price, quantity));
        let details = item.additional_details.as_ref().filter(|details| !details.is_empty());
        lines.push(OrderLine {
            id: kept(item.id.as_ref()),
            name: kept(item.name.as_ref()),
            price: price.to_string(),
            quantity,
            image: kept(item.image.as_ref()),
            details: details
                .map(|details| serde_json::Value::Object(details.clone()).to_string())
                .filter(|text| text.len() <= LONGEST_TEXT)
                .unwrap_or_default(),
        });
    }
    let sum = Sum { items: &sums, shipping: charges.shipping, tax: charges.tax, discount: charges.discount };
    if sum.makes(amount, currency) { Ok(lines) } else { Err(fault::SUMMATION.into()) }
}

/// Whether a payer's browser can be sent there: an absolute web address, or an app's own.
pub fn is_destination(address: &str) -> bool {
    const FORBIDDEN: [&str; 5] = ["javascript", "data", "file", "blob", "vbscript"];
    address.len() <= LONGEST_TEXT
        && !address.chars().any(|c| c.is_control() || c == ' ')
        && Url::parse(address).is_ok_and(|url| match url.scheme() {
            "http" | "https" => url.has_host(),
            scheme => !FORBIDDEN.contains(&scheme) && address.contains("://"),
        })
}

/// Where the payer's browser goes.
///
/// # Errors
/// One of them is no address.
pub fn destinations(
    success: &str,
    failure: &str,
    pending: Option<&String>,
    mobile: Option<&String>,
) -> Answered<Destinations> {
    let text = |address: Option<&String>| address.cloned().unwrap_or_default();
    let all = Destinations {
        success: success.to_owned(),
        failure: failure.to_owned(),
        pending: text(pending),
        mobile: text(mobile),
    };
    for (member, address, must) in [
        ("success_url", &all.success, true),
        ("failure_url", &all.failure, true),
        ("pending_url", &all.pending, false),
        ("mobile_redirect_url", &all.mobile, false),
    ] {
        if (must || !address.is_empty()) && !is_destination(address) {
            return Err(Refused::invalid(Code::InvalidRedirectUrl, format!("{member} is not a valid URL")));
        }
    }
    Ok(all)
}

/// The currency with this code.
///
/// # Errors
/// There is none.
pub fn currency(code: &str) -> Answered<Currency> {
    amount::currency(code).ok_or_else(|| {
        let shown = crate::app::caller::shown(code);
        Refused::invalid(Code::InvalidCurrency, format!("Invalid currency : {shown}"))
    })
}

/// The choices of a route, by rank.
///
/// # Errors
/// It names a stored route, which only the console could have stored; two choices have one rank; there is none.
pub fn route(params: Option<&RoutingParams>) -> Answered<Vec<Choice>> {
    let missing = || Refused::invalid(Code::InvalidPaymentRequest, "routing_params is a required field");
    let params = params.ok_or_else(missing)?;
    if params.kind.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("failover")) {
        return Err(Refused::invalid(Code::InvalidPaymentRequest, "routing_params.type must be failover"));
    }
    let Some(data) = params.data.as_ref().filter(|data| !data.is_empty()) else {
        let named =
            [&params.routing_ref, &params.route_ref].into_iter().flatten().any(|name| !name.is_empty());
        return Err(if named { crate::app::global::Refusal::UnknownRoute.into() } else { missing() });
    };
    if data.len() > MOST_CHOICES {
        return Err(Refused::invalid(
            Code::InvalidPaymentRequest,
            "routing_params.data has too many choices",
        ));
    }
    let mut choices = Vec::with_capacity(data.len());
    for choice in data {
        let rank = choice
            .rank
            .and_then(paypier_wire::global::Number::whole)
            .ok_or_else(|| Refused::invalid(Code::InvalidPaymentRequest, "rank is a required field"))?;
        let chosen =
            Choice { channel: kept(choice.channel_key.as_ref()), method: kept(choice.method_key.as_ref()) };
        choices.push((rank, chosen));
    }
    failover::ranked(choices).map_err(|refusal| crate::app::global::Refusal::Route(refusal).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payers_are_sent_to_web_pages_and_apps_only() {
        for (address, accepted) in [
            ("https://shop.example/ok?x=1#top", true),
            ("http://127.0.0.1:3000/ok", true),
            ("chaiport://checkout", true),
            ("javascript:alert(1)", false),
            ("javascript://x/%0aalert(1)", false),
            ("data:text/html,x", false),
            ("//shop.example", false),
            ("/ok", false),
            ("", false),
            ("https://shop.example/a b", false),
            ("https://shop.example/\r\nx", false),
        ] {
            assert_eq!(is_destination(address), accepted, "{address:?}");
        }
    }

    #[test]
    fn kept_texts_are_bounded_by_characters() {
        assert_eq!(kept(Some(&"가".repeat(3_000))).chars().count(), LONGEST_TEXT);
        assert_eq!(kept(None), "");
    }
}
