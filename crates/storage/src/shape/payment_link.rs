//! Payment links: everything about one but its names, owner, environment, version, status and times. Empty texts
//! are left out.

use super::global::{Line, Person};
use super::notice::Notice;
use super::{Read, Senseless, Text, amount, flag, is, maybe_instant, own, shape, text};
use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::global;
use paypier_domain::id::{MerchantId, StoreId};
use paypier_domain::link::{LinkStatus, Sending};
use paypier_domain::money::Currency;
use paypier_domain::payment_link as domain;

shape! { Link { source: Text<'a>, attempt_prefix: Text<'a>, attempts: u32, amount: i64, currency: Text<'a>,
country: Text<'a>, face: Face<'a>, success_url: Text<'a>, failure_url: Text<'a>, switches: Vec<Text<'a>>;
signature: Text<'a>, ip_address: Text<'a>, user_agent: Text<'a>, description: Text<'a>, billing: Person<'a>,
shipping: Person<'a>, lines: Vec<Line<'a>>, pending_url: Text<'a>, mobile_redirect_url: Text<'a>,
reminder_time: i64, reminder_unit: Text<'a>, send_immediately: bool, scheduled_at: i64, customer: Contact<'a>,
notes: Vec<(Text<'a>, Text<'a>)>, chosen: Vec<(Text<'a>, Text<'a>)>, webhook_urls: Vec<Text<'a>>,
fields: Vec<Text<'a>>, latest: Text<'a>, paid_by: Text<'a>, uses_exchange_rate: bool, exchange_rate: ExchangeRate<'a>, notices: Vec<Notice<'a>> } }

shape! { Face { name: Text<'a>; logo: Text<'a>, back_url: Text<'a>, promo_code: Text<'a>, promo_discount: Text<'a>,
shipping_charges: Text<'a>, tax: Text<'a> } }

shape! { Contact { ; name: Text<'a>, email: Text<'a>, phone: Text<'a> } }

shape! { ExchangeRate { ; rate: Text<'a>, invoice_amount: Text<'a>, invoice_currency: Text<'a>,
payment_currency: Text<'a>, payment_amount: Text<'a>, show_conversion: bool } }

/// What the columns hold.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) store: StoreId,
    pub(crate) reference: String,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) order_ref: String,
    pub(crate) label: Option<String>,
    pub(crate) version: u64,
    pub(crate) status: LinkStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A text, unless it is empty.
fn some(given: &str) -> Option<Text<'_>> {
    (!given.is_empty()).then(|| text(given))
}

/// Empty where nothing is stored.
fn full(stored: Option<Text<'_>>) -> String {
    own(stored).unwrap_or_default()
}

fn list<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// The switches that are on, by their names on the wire.
fn switched_on(switches: domain::Switches) -> Vec<Text<'static>> {
    [
        ("show_shipping_details", switches.show_shipping_details),
        ("show_back_button", switches.show_back_button),
        ("show_items", switches.show_items),
        ("show_saved_cards", switches.show_saved_cards),
        ("default_guest_checkout", switches.default_guest_checkout),
        ("is_billing_shipping_same", switches.is_billing_shipping_same),
        ("is_checkout_embed", switches.is_checkout_embed),
        ("override_auto_redirect", switches.override_auto_redirect),
        ("notify_by_email", switches.notify_by_email),
        ("notify_by_phone", switches.notify_by_phone),
    ]
    .into_iter()
    .filter(|(_, is_on)| *is_on)
    .map(|(name, _)| text(name))
    .collect()
}

fn switches(on: &[Text<'_>]) -> domain::Switches {
    let has = |name: &str| on.iter().any(|switch| switch == name);
    domain::Switches {
        show_shipping_details: has("show_shipping_details"),
        show_back_button: has("show_back_button"),
        show_items: has("show_items"),
        show_saved_cards: has("show_saved_cards"),
        default_guest_checkout: has("default_guest_checkout"),
        is_billing_shipping_same: has("is_billing_shipping_same"),
        is_checkout_embed: has("is_checkout_embed"),
        override_auto_redirect: has("override_auto_redirect"),
        notify_by_email: has("notify_by_email"),
        notify_by_phone: has("notify_by_phone"),
    }
}

impl<'a> Link<'a> {
    pub(crate) fn of(link: &'a domain::PaymentLink) -> Self {
        let terms = &link.terms;
        Self {
            source: text(&link.source),
            attempt_prefix: text(&link.attempt_prefix),
            attempts: link.attempts,
            latest: some(&link.latest),
            paid_by: some(&link.paid_by),
            amount: terms.amount.minor_units(),
            currency: text(terms.currency.code()),
            country: text(&terms.country),
            face: Face::of(&terms.face),
            success_url: text(&terms.success_url),
            failure_url: text(&terms.failure_url),
            switches: switched_on(terms.switches),
            signature: some(&link.signature),
            ip_address: some(&link.creator.ip_address),
            user_agent: some(&link.creator.user_agent),
            description: some(&terms.description),
            billing: terms.billing.as_ref().and_then(Person::of),
            shipping: terms.shipping.as_ref().and_then(Person::of),
            lines: list(terms.lines.iter().map(Line::of).collect()),
            pending_url: some(&terms.pending_url),
            mobile_redirect_url: some(&terms.mobile_redirect_url),
            reminder_time: terms.reminder_time,
            reminder_unit: some(&terms.reminder_unit),
            send_immediately: terms.sending.immediately,
            scheduled_at: terms.sending.scheduled_at.map(micros),
            customer: Some(Contact::of(&terms.customer)),
            notes: list(terms.notes.iter().map(|note| (text(&note.key), text(&note.value))).collect()),
            chosen: list(terms.chosen.iter().map(|one| (text(&one.channel), text(&one.method))).collect()),
            webhook_urls: list(terms.webhook_urls.iter().map(|url| text(url)).collect()),
            fields: list(terms.fields.iter().map(|field| text(field)).collect()),
            uses_exchange_rate: flag(terms.uses_exchange_rate),
            exchange_rate: terms.exchange_rate.as_ref().map(ExchangeRate::of),
            notices: list(link.notices.iter().map(Notice::of).collect()),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::PaymentLink> {
        let mut fields = <[String; 5]>::default();
        for (place, stored) in fields.iter_mut().zip(self.fields.unwrap_or_default()) {
            *place = stored.into_owned();
        }
        let pairs = |stored: Option<Vec<(Text<'_>, Text<'_>)>>| -> Vec<(String, String)> {
            let owned = |(one, other): (Text<'_>, Text<'_>)| (one.into_owned(), other.into_owned());
            stored.unwrap_or_default().into_iter().map(owned).collect()
        };
        let notices = self.notices.unwrap_or_default().into_iter().map(Notice::read);
        Ok(domain::PaymentLink {
            reference: named.reference,
            store: named.store,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            status: named.status,
            order_ref: named.order_ref,
            label: named.label.unwrap_or_default(),
            source: self.source.into_owned(),
            signature: full(self.signature),
            creator: domain::Creator { ip_address: full(self.ip_address), user_agent: full(self.user_agent) },
            created_at: named.created_at,
            terms: domain::Terms {
                amount: amount(self.amount, "amount")?,
                currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
                country: self.country.into_owned(),
                description: full(self.description),
                face: self.face.read(),
                billing: self.billing.map(Person::read),
                shipping: self.shipping.map(Person::read),
                lines: self.lines.unwrap_or_default().into_iter().map(Line::read).collect(),
                success_url: self.success_url.into_owned(),
                failure_url: self.failure_url.into_owned(),
                pending_url: full(self.pending_url),
                mobile_redirect_url: full(self.mobile_redirect_url),
                expires_at: named.expires_at,
                reminder_time: self.reminder_time,
                reminder_unit: full(self.reminder_unit),
                sending: Sending {
                    immediately: self.send_immediately,
                    scheduled_at: maybe_instant(self.scheduled_at, "scheduled_at")?,
                },
                switches: switches(&self.switches),
                customer: self.customer.map(Contact::read).unwrap_or_default(),
                notes: pairs(self.notes)
                    .into_iter()
                    .map(|(key, value)| domain::Note { key, value })
                    .collect(),
                chosen: pairs(self.chosen)
                    .into_iter()
                    .map(|(channel, method)| global::Choice { channel, method })
                    .collect(),
                webhook_urls: self
                    .webhook_urls
                    .unwrap_or_default()
                    .into_iter()
                    .map(Text::into_owned)
                    .collect(),
                fields,
                uses_exchange_rate: is(self.uses_exchange_rate),
                exchange_rate: self.exchange_rate.map(ExchangeRate::read),
            },
            attempt_prefix: self.attempt_prefix.into_owned(),
            attempts: self.attempts,
            latest: full(self.latest),
            paid_by: full(self.paid_by),
            notices: notices.collect::<Read<_>>()?,
        })
    }
}

impl<'a> Face<'a> {
    fn of(face: &'a domain::MerchantFace) -> Self {
        Self {
            name: text(&face.name),
            logo: some(&face.logo),
            back_url: some(&face.back_url),
            promo_code: some(&face.promo_code),
            promo_discount: some(&face.promo_discount),
            shipping_charges: some(&face.shipping_charges),
            tax: some(&face.tax),
        }
    }

    fn read(self) -> domain::MerchantFace {
        domain::MerchantFace {
            name: self.name.into_owned(),
            logo: full(self.logo),
            back_url: full(self.back_url),
            promo_code: full(self.promo_code),
            promo_discount: full(self.promo_discount),
            shipping_charges: full(self.shipping_charges),
            tax: full(self.tax),
        }
    }
}

impl<'a> Contact<'a> {
    fn of(contact: &'a domain::Contact) -> Self {
        Self { name: some(&contact.name), email: some(&contact.email), phone: some(&contact.phone) }
    }

    fn read(self) -> domain::Contact {
        domain::Contact { name: full(self.name), email: full(self.email), phone: full(self.phone) }
    }
}

impl<'a> ExchangeRate<'a> {
    fn of(rate: &'a domain::ExchangeRate) -> Self {
        Self {
            rate: some(&rate.rate),
            invoice_amount: some(&rate.invoice_amount),
            invoice_currency: some(&rate.invoice_currency),
            payment_currency: some(&rate.payment_currency),
            payment_amount: some(&rate.payment_amount),
            show_conversion: flag(rate.show_conversion),
        }
    }

    fn read(self) -> domain::ExchangeRate {
        domain::ExchangeRate {
            rate: full(self.rate),
            invoice_amount: full(self.invoice_amount),
            invoice_currency: full(self.invoice_currency),
            payment_currency: full(self.payment_currency),
            payment_amount: full(self.payment_amount),
            show_conversion: is(self.show_conversion),
        }
    }
}
