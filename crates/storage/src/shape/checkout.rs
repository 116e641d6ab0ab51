//! Checkout profiles and payment sessions.

use super::{Read, Senseless, Text, amount, flag, is, maybe, own, shape, text};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::checkout_profile as profile;
use paypier_domain::checkout_profile::CheckoutMethod;
use paypier_domain::id::{ChannelKey, PaymentId, PaymentKey, ProfileKey, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment_session as session;

shape! { Profile { name: Text<'a>, offers: Vec<Offer<'a>>; is_deleted: bool } }

shape! { Offer { method: Text<'a>, channel: Text<'a>; is_disabled: bool, countries: Vec<Text<'a>>,
currencies: Vec<Text<'a>>, least: i64, most: i64 } }

fn method(word: &str, member: &'static str) -> Read<CheckoutMethod> {
    CheckoutMethod::parse(word).ok_or(Senseless(member))
}

fn currency(code: &str) -> Read<Currency> {
    Currency::parse(code).ok_or(Senseless("currency"))
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

impl<'a> Profile<'a> {
    pub(crate) fn of(profile: &'a profile::CheckoutProfile) -> Self {
        let offers = profile.offers.iter().map(|offer| Offer {
            method: text(offer.method.as_str()),
            channel: text(offer.channel.as_str()),
            is_disabled: flag(!offer.is_enabled),
            countries: some(offer.countries.iter().map(|country| text(country)).collect()),
            currencies: some(offer.currencies.iter().map(|currency| text(currency.code())).collect()),
            least: offer.least.map(Amount::minor_units),
            most: offer.most.map(Amount::minor_units),
        });
        Self { name: text(&profile.name), offers: offers.collect(), is_deleted: flag(profile.is_deleted) }
    }

    pub(crate) fn read(
        self,
        store: StoreId,
        key: ProfileKey,
        environment: Environment,
        created_at: Timestamp,
    ) -> Read<profile::CheckoutProfile> {
        let offers = self.offers.into_iter().map(|offer| {
            let currencies = offer.currencies.unwrap_or_default();
            Ok(profile::Offer {
                method: method(&offer.method, "offers.method")?,
                channel: ChannelKey::known(offer.channel),
                is_enabled: !is(offer.is_disabled),
                countries: offer.countries.unwrap_or_default().into_iter().map(Text::into_owned).collect(),
                currencies: currencies.iter().map(|code| currency(code)).collect::<Read<_>>()?,
                least: offer.least.map(|least| amount(least, "offers.least")).transpose()?,
                most: offer.most.map(|most| amount(most, "offers.most")).transpose()?,
            })
        });
        Ok(profile::CheckoutProfile {
            key,
            store,
            environment,
            name: self.name.into_owned(),
            offers: offers.collect::<Read<_>>()?,
            created_at,
            is_deleted: is(self.is_deleted),
        })
    }
}

shape! { Session { profile: Text<'a>, country: Text<'a>, currency: Text<'a>, total: i64, order_name: Text<'a>;
method: Text<'a>, redirect_url: Text<'a>, products: Vec<Product<'a>>, customer_name: Text<'a>,
customer_email: Text<'a>, store_name: Text<'a>, agreements: Vec<Agreement<'a>>, order_image_url: Text<'a>,
custom_data: Text<'a>, colors: Colors<'a> } }

shape! { Product { name: Text<'a>, unit_price: i64, quantity: i32; id: Text<'a>, code: Text<'a>,
start_date: Text<'a>, end_date: Text<'a>, url: Text<'a>, n_pay_category_type: Text<'a>,
n_pay_category_id: Text<'a>, n_pay_uid: Text<'a> } }

shape! { Agreement { name: Text<'a>, url: Text<'a>; } }

shape! { Colors { ; primary: Text<'a>, primary_hover: Text<'a>, primary_light: Text<'a> } }

/// What the columns hold.
#[derive(Debug)]
pub(crate) struct SessionColumns {
    pub(crate) digest: [u8; 32],
    pub(crate) store: StoreId,
    pub(crate) payment: PaymentId,
    pub(crate) environment: Environment,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
}

impl<'a> Session<'a> {
    pub(crate) fn of(session: &'a session::PaymentSession) -> Self {
        Self {
            profile: text(session.profile.as_str()),
            country: text(&session.country),
            currency: text(session.currency.code()),
            total: session.total.minor_units(),
            order_name: text(&session.order_name),
            method: session.method.map(|method| text(method.as_str())),
            redirect_url: maybe(&session.redirect_url),
            products: session.products.as_ref().map(|products| products.iter().map(Product::of).collect()),
            customer_name: maybe(&session.customer_name),
            customer_email: maybe(&session.customer_email),
            store_name: maybe(&session.store_name),
            agreements: session.agreements.as_ref().map(|agreements| {
                let of =
                    |one: &'a session::Agreement| Agreement { name: text(&one.name), url: text(&one.url) };
                agreements.iter().map(of).collect()
            }),
            order_image_url: maybe(&session.order_image_url),
            custom_data: maybe(&session.custom_data),
            colors: session.colors.as_ref().map(|colors| Colors {
                primary: maybe(&colors.primary),
                primary_hover: maybe(&colors.primary_hover),
                primary_light: maybe(&colors.primary_light),
            }),
        }
    }

    pub(crate) fn read(self, columns: SessionColumns) -> Read<session::PaymentSession> {
        Ok(session::PaymentSession {
            digest: columns.digest,
            payment: PaymentKey { store: columns.store, payment: columns.payment },
            environment: columns.environment,
            profile: ProfileKey::known(self.profile),
            method: self.method.map(|word| method(&word, "method")).transpose()?,
            country: self.country.into_owned(),
            currency: currency(&self.currency)?,
            total: amount(self.total, "total")?,
            order_name: self.order_name.into_owned(),
            redirect_url: own(self.redirect_url),
            products: self.products.map(|products| products.into_iter().map(Product::read).collect()),
            customer_name: own(self.customer_name),
            customer_email: own(self.customer_email),
            store_name: own(self.store_name),
            agreements: self.agreements.map(|agreements| {
                let read = |one: Agreement<'_>| session::Agreement {
                    name: one.name.into_owned(),
                    url: one.url.into_owned(),
                };
                agreements.into_iter().map(read).collect()
            }),
            order_image_url: own(self.order_image_url),
            custom_data: own(self.custom_data),
            colors: self.colors.map(|colors| session::Colors {
                primary: own(colors.primary),
                primary_hover: own(colors.primary_hover),
                primary_light: own(colors.primary_light),
            }),
            created_at: columns.created_at,
            expires_at: columns.expires_at,
            closed_at: columns.closed_at,
        })
    }
}

impl<'a> Product<'a> {
    fn of(product: &'a session::SessionProduct) -> Self {
        Self {
            name: text(&product.name),
            unit_price: product.unit_price,
            quantity: product.quantity,
            id: maybe(&product.id),
            code: maybe(&product.code),
            start_date: maybe(&product.start_date),
            end_date: maybe(&product.end_date),
            url: maybe(&product.url),
            n_pay_category_type: maybe(&product.n_pay_category_type),
            n_pay_category_id: maybe(&product.n_pay_category_id),
            n_pay_uid: maybe(&product.n_pay_uid),
        }
    }

    fn read(self) -> session::SessionProduct {
        session::SessionProduct {
            id: own(self.id),
            name: self.name.into_owned(),
            code: own(self.code),
            unit_price: self.unit_price,
            quantity: self.quantity,
            start_date: own(self.start_date),
            end_date: own(self.end_date),
            url: own(self.url),
            n_pay_category_type: own(self.n_pay_category_type),
            n_pay_category_id: own(self.n_pay_category_id),
            n_pay_uid: own(self.n_pay_uid),
        }
    }
}
