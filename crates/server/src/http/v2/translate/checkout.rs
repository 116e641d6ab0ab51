//! Checkout profiles and payment sessions.

use super::{amount, id, invalid};
use crate::app::checkout_profile::{MethodOffer, Order};
use crate::app::failure::Failure;
use crate::app::payment_session::CreatePaymentSession;
use paypier_domain::checkout_profile::CheckoutMethod;
use paypier_domain::id::{PaymentId, ProfileKey};
use paypier_domain::payment_session::{Agreement, Colors, PaymentSession, SessionProduct};
use paypier_wire::v2;
use url::Url;

const LONGEST_URL: usize = 2048;
const LONGEST_NAME: usize = 1000;
const LONGEST_CUSTOM_DATA: usize = 64 * 1024;
const MOST_PRODUCTS: usize = 500;
const MOST_AGREEMENTS: usize = 50;

fn required<T>(member: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| invalid(member, "is required"))
}

/// The order that a profile is asked about, from the query.
///
/// # Errors
/// A member that is no id, country, currency or amount above 0.
pub fn order(
    profile: &str,
    country: &str,
    currency: &str,
    units: &str,
) -> Result<(ProfileKey, Order), Failure> {
    let profile = required("profileKey", id("profileKey", Some(profile), ProfileKey::parse)?)?;
    let country = v2::Country::parse(country)
        .ok_or_else(|| invalid("country", "must be a country by its two letters of ISO 3166"))?;
    let currency = v2::Currency::parse(currency)
        .ok_or_else(|| invalid("currency", "must be a currency by its three letters of ISO 4217"))?;
    let units: i64 = units.parse().map_err(|_| invalid("amount", "must be a whole number of minor units"))?;
    let order = Order {
        country: country.as_str().to_owned(),
        currency: amount::currency(currency)?,
        amount: amount::asked_above_zero("amount", units)?,
    };
    Ok((profile, order))
}

/// # Errors
/// `Internal`: the dialect does not know a method; a test says that it knows all.
pub fn methods(offers: &[MethodOffer]) -> Result<v2::EvaluateCheckoutProfileResponse, Failure> {
    let methods = offers.iter().map(|offer| {
        Ok(v2::EvaluatedCheckoutMethod {
            payment_method: method(offer.method)?,
            channel_key: offer.channel.as_str().to_owned(),
        })
    });
    Ok(v2::EvaluateCheckoutProfileResponse { methods: Some(methods.collect::<Result<_, Failure>>()?) })
}

fn method(method: CheckoutMethod) -> Result<v2::CheckoutPaymentMethod, Failure> {
    v2::CheckoutPaymentMethod::parse(method.as_str())
        .ok_or_else(|| Failure::internal(format!("the method {method} has no word in this dialect")))
}

/// # Errors
/// Ids, names, addresses or amounts that are not accepted; too many lines.
pub fn asked(body: v2::CreatePaymentSessionBody) -> Result<CreatePaymentSession, Failure> {
    let method = body
        .payment_method
        .map(|word| {
            CheckoutMethod::parse(word.as_str())
                .ok_or_else(|| invalid("paymentMethod", "is none of the accepted words"))
        })
        .transpose()?;
    let products = body.products.map(|all| listed("products", all, MOST_PRODUCTS, product)).transpose()?;
    let agreements =
        body.agreements.map(|all| listed("agreements", all, MOST_AGREEMENTS, agreement)).transpose()?;
    if body.custom_data.as_ref().is_some_and(|data| data.len() > LONGEST_CUSTOM_DATA) {
        return Err(invalid("customData", &format!("must have at most {LONGEST_CUSTOM_DATA} bytes")));
    }
    Ok(CreatePaymentSession {
        store: body.store_id,
        payment_id: required("paymentId", id("paymentId", Some(&body.payment_id), PaymentId::parse)?)?,
        profile: required("profileKey", id("profileKey", Some(&body.profile_key), ProfileKey::parse)?)?,
        method,
        country: body.country.as_str().to_owned(),
        currency: amount::currency(body.currency)?,
        total: amount::asked_above_zero("totalAmount", body.total_amount)?,
        order_name: named("orderName", body.order_name)?,
        redirect_url: body.redirect_url.map(|url| followed("redirectUrl", url)).transpose()?,
        products,
        customer_name: short("customerName", body.customer_name)?,
        customer_email: short("customerEmail", body.customer_email)?,
        store_name: short("storeName", body.store_name)?,
        agreements,
        order_image_url: body.order_image_url.map(|url| web("orderImageUrl", url)).transpose()?,
        custom_data: body.custom_data,
        colors: body.colors.map(colors).transpose()?,
        ttl_seconds: body.ttl_seconds,
    })
}

fn listed<T, U>(
    member: &str,
    items: Vec<T>,
    most: usize,
    read: fn(&str, T) -> Result<U, Failure>,
) -> Result<Vec<U>, Failure> {
    if items.len() > most {
        return Err(invalid(member, &format!("must have at most {most} elements")));
    }
    let read = |(index, item)| read(&format!("{member}[{index}]"), item);
    items.into_iter().enumerate().map(read).collect()
}

fn named(member: &str, name: String) -> Result<String, Failure> {
    if name.trim().is_empty() {
        return Err(invalid(member, "must not be empty"));
    }
    required(member, short(member, Some(name))?)
}

fn short(member: &str, text: Option<String>) -> Result<Option<String>, Failure> {
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_NAME) {
        return Err(invalid(member, &format!("must have at most {LONGEST_NAME} characters")));
    }
    Ok(text)
}

fn web(member: &str, url: String) -> Result<String, Failure> {
    let is_web = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.len() > LONGEST_URL || !is_web {
        let accepted = format!("must be an http or https URL of at most {LONGEST_URL} characters");
        return Err(invalid(member, &accepted));
    }
    Ok(url)
}

/// Any absolute URL, an app's as well, but for those that run something in the page before.
fn followed(member: &str, url: String) -> Result<String, Failure> {
    const NOT_FOLLOWED: [&str; 6] = ["javascript", "data", "vbscript", "blob", "filesystem", "about"];
    let can_be = Url::parse(&url).is_ok_and(|url| {
        !NOT_FOLLOWED.contains(&url.scheme()) && (!matches!(url.scheme(), "http" | "https") || url.has_host())
    });
    if url.len() > LONGEST_URL || !can_be {
        let accepted = format!("must be an absolute URL of at most {LONGEST_URL} characters");
        return Err(invalid(member, &accepted));
    }
    Ok(url)
}

fn day(member: &str, day: Option<String>) -> Result<Option<String>, Failure> {
    if day.as_ref().is_some_and(|day| day.len() != 10 || day.parse::<jiff::civil::Date>().is_err()) {
        return Err(invalid(member, "must be a day, yyyy-MM-dd"));
    }
    Ok(day)
}

fn product(member: &str, product: v2::PaymentSessionProduct) -> Result<SessionProduct, Failure> {
    if product.quantity < 1 {
        return Err(invalid(&format!("{member}.quantity"), "must be above 0"));
    }
    let unit_price = amount::asked(&format!("{member}.unitPrice"), product.unit_price)?.minor_units();
    Ok(SessionProduct {
        id: short(&format!("{member}.id"), product.id)?,
        name: named(&format!("{member}.name"), product.name)?,
        code: short(&format!("{member}.code"), product.code)?,
        unit_price,
        quantity: product.quantity,
        start_date: day(&format!("{member}.startDate"), product.start_date)?,
        end_date: day(&format!("{member}.endDate"), product.end_date)?,
        url: product.url.map(|url| web(&format!("{member}.url"), url)).transpose()?,
        n_pay_category_type: short(&format!("{member}.nPayCategoryType"), product.n_pay_category_type)?,
        n_pay_category_id: short(&format!("{member}.nPayCategoryId"), product.n_pay_category_id)?,
        n_pay_uid: short(&format!("{member}.nPayUid"), product.n_pay_uid)?,
    })
}

fn agreement(member: &str, agreement: v2::PaymentSessionAgreement) -> Result<Agreement, Failure> {
    Ok(Agreement {
        name: named(&format!("{member}.name"), agreement.name)?,
        url: web(&format!("{member}.url"), agreement.url)?,
    })
}

/// What a colour may be made of: names, hexadecimal digits, and functions of numbers. Nothing that ends a
/// declaration, begins another one or fetches something.
fn colors(colors: v2::PaymentSessionColors) -> Result<Colors, Failure> {
    const LONGEST: usize = 64;
    let color = |member: &str, color: Option<String>| {
        let is_color = |text: &str| {
            !text.is_empty()
                && text.len() <= LONGEST
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "#%(),./ -".contains(c))
                && !text.contains("//")
                && !text.to_ascii_lowercase().contains("url")
        };
        match color {
            Some(text) if !is_color(&text) => {
                Err(invalid(&format!("colors.{member}"), "must be a colour as CSS writes it"))
            }
            other => Ok(other),
        }
    };
    Ok(Colors {
        primary: color("primary", colors.primary)?,
        primary_hover: color("primaryHover", colors.primary_hover)?,
        primary_light: color("primaryLight", colors.primary_light)?,
    })
}

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn shown(session: &PaymentSession, id: String) -> Result<v2::PaymentSession, Failure> {
    let country = v2::Country::parse(&session.country)
        .ok_or_else(|| Failure::internal(format!("the country {} has no word", session.country)))?;
    let product = |product: &SessionProduct| v2::PaymentSessionProduct {
        id: product.id.clone(),
        name: product.name.clone(),
        code: product.code.clone(),
        unit_price: product.unit_price,
        quantity: product.quantity,
        start_date: product.start_date.clone(),
        end_date: product.end_date.clone(),
        url: product.url.clone(),
        n_pay_category_type: product.n_pay_category_type.clone(),
        n_pay_category_id: product.n_pay_category_id.clone(),
        n_pay_uid: product.n_pay_uid.clone(),
    };
    let agreement =
        |one: &Agreement| v2::PaymentSessionAgreement { name: one.name.clone(), url: one.url.clone() };
    Ok(v2::PaymentSession {
        id,
        store_id: session.payment.store.as_str().to_owned(),
        payment_id: session.payment.payment.as_str().to_owned(),
        profile_key: session.profile.as_str().to_owned(),
        payment_method: session.method.map(method).transpose()?,
        country,
        currency: amount::currency_shown(session.currency)?,
        total_amount: session.total.minor_units(),
        order_name: session.order_name.clone(),
        redirect_url: session.redirect_url.clone(),
        products: session.products.as_ref().map(|products| products.iter().map(product).collect()),
        customer_name: session.customer_name.clone(),
        customer_email: session.customer_email.clone(),
        store_name: session.store_name.clone(),
        agreements: session.agreements.as_ref().map(|agreements| agreements.iter().map(agreement).collect()),
        order_image_url: session.order_image_url.clone(),
        custom_data: session.custom_data.clone(),
        colors: session.colors.as_ref().map(|colors| v2::PaymentSessionColors {
            primary: colors.primary.clone(),
            primary_hover: colors.primary_hover.clone(),
            primary_light: colors.primary_light.clone(),
        }),
        created_at: session.created_at.into(),
        expires_at: session.expires_at.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn both_lists_of_methods_are_the_same() {
        let ours: Vec<_> = CheckoutMethod::ALL.iter().map(|method| method.as_str()).collect();
        let theirs: Vec<_> = v2::CheckoutPaymentMethod::ALL.iter().map(|method| method.as_str()).collect();
        assert_eq!(ours, theirs);
    }

    fn body(more: &Value) -> v2::CreatePaymentSessionBody {
        let mut body = json!({
            "storeId": "store-1", "paymentId": "order-1", "profileKey": "profile-key-1", "country": "JP",
            "currency": "JPY", "totalAmount": 1000, "orderName": "a book",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn what_a_page_cannot_show_is_refused_by_its_name() {
        for more in [
            json!({}),
            json!({ "redirectUrl": "myapp://paid", "customData": "x", "ttlSeconds": 60 }),
            json!({ "colors": { "primary": "#0af", "primaryHover": "rgb(0 10 20 / 50%)", "primaryLight": "teal" } }),
            json!({ "products": [{ "name": "a", "unitPrice": 1, "quantity": 1, "startDate": "2026-02-28" }] }),
        ] {
            asked(body(&more)).unwrap_or_else(|failure| panic!("{more}: {failure}"));
        }
        for (more, member) in [
            (json!({ "paymentId": "" }), "paymentId"),
            (json!({ "profileKey": "" }), "profileKey"),
            (json!({ "totalAmount": 0 }), "totalAmount"),
            (json!({ "totalAmount": -1 }), "totalAmount"),
            (json!({ "orderName": " " }), "orderName"),
            (json!({ "redirectUrl": "/paid" }), "redirectUrl"),
            (json!({ "redirectUrl": "javascript:alert(1)" }), "redirectUrl"),
            (json!({ "orderImageUrl": "data:image/png,x" }), "orderImageUrl"),
            (json!({ "agreements": [{ "name": "a", "url": "ftp://x.example" }] }), "agreements[0].url"),
            (json!({ "agreements": [{ "name": "", "url": "https://x.example" }] }), "agreements[0].name"),
            (
                json!({ "products": [{ "name": "a", "unitPrice": -1, "quantity": 1 }] }),
                "products[0].unitPrice",
            ),
            (json!({ "products": [{ "name": "a", "unitPrice": 1, "quantity": 0 }] }), "products[0].quantity"),
            (
                json!({ "products": [{ "name": "a", "unitPrice": 1, "quantity": 1, "endDate": "2026-02-30" }] }),
                "products[0].endDate",
            ),
            (json!({ "colors": { "primary": "red;background:url(x)" } }), "colors.primary"),
            (json!({ "colors": { "primaryHover": "url(https)" } }), "colors.primaryHover"),
            (json!({ "colors": { "primaryLight": "" } }), "colors.primaryLight"),
            (json!({ "customData": "x".repeat(64 * 1024 + 1) }), "customData"),
        ] {
            let refusal = asked(body(&more)).unwrap_err().to_string();
            assert!(refusal.starts_with(member), "{more}: {refusal}");
        }
    }
}
