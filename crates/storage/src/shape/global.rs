//! What the Global dialect keeps beside the engine.

use super::{Read, Senseless, Text, digest, flag, hexadecimal, is, maybe, own, shape, text};
use jiff::Timestamp;
use paypier_domain::account::Sealed;
use paypier_domain::channel::Environment;
use paypier_domain::global as domain;
use paypier_domain::id::{PaymentId, StoreId, TransactionId};

/// Empty texts are left out.
fn filled(value: &str) -> Option<Text<'_>> {
    (!value.is_empty()).then(|| text(value))
}

fn back(value: Option<Text<'_>>) -> String {
    own(value).unwrap_or_default()
}

shape! { Merchant { number: Text<'a>; is_inactive: bool, name: Text<'a>, email: Text<'a>, logo: Text<'a>,
support_email: Text<'a>, support_phone: Text<'a>, origins: Vec<Text<'a>> } }

impl<'a> Merchant<'a> {
    pub(crate) fn of(merchant: &'a domain::GlobalMerchant) -> Self {
        let brand = &merchant.brand;
        Self {
            number: text(&merchant.number),
            is_inactive: flag(!merchant.is_active),
            name: filled(&brand.name),
            email: filled(&brand.email),
            logo: filled(&brand.logo),
            support_email: filled(&brand.support_email),
            support_phone: filled(&brand.support_phone),
            origins: (!merchant.origins.is_empty())
                .then(|| merchant.origins.iter().map(|origin| text(origin)).collect()),
        }
    }

    pub(crate) fn read(
        self,
        store: StoreId,
        client_key: String,
        secret: Sealed,
        created_at: Timestamp,
    ) -> domain::GlobalMerchant {
        domain::GlobalMerchant {
            store,
            client_key,
            secret,
            number: self.number.into_owned(),
            is_active: !is(self.is_inactive),
            brand: domain::Brand {
                name: back(self.name),
                email: back(self.email),
                logo: back(self.logo),
                support_email: back(self.support_email),
                support_phone: back(self.support_phone),
            },
            origins: self.origins.unwrap_or_default().into_iter().map(Text::into_owned).collect(),
            created_at,
        }
    }
}

shape! { Place { ; city: Text<'a>, country_code: Text<'a>, country_name: Text<'a>, locale: Text<'a>,
line_1: Text<'a>, line_2: Text<'a>, postal_code: Text<'a>, state: Text<'a> } }

shape! { Person { ; name: Text<'a>, surname: Text<'a>, email: Text<'a>, phone: Text<'a>, place: Place<'a> } }

impl<'a> Person<'a> {
    pub(crate) fn of(person: &'a domain::Person) -> Option<Self> {
        (*person != domain::Person::default()).then(|| Self {
            name: filled(&person.name),
            surname: filled(&person.surname),
            email: filled(&person.email),
            phone: filled(&person.phone),
            place: (person.place != domain::Place::default()).then(|| Place {
                city: filled(&person.place.city),
                country_code: filled(&person.place.country_code),
                country_name: filled(&person.place.country_name),
                locale: filled(&person.place.locale),
                line_1: filled(&person.place.line_1),
                line_2: filled(&person.place.line_2),
                postal_code: filled(&person.place.postal_code),
                state: filled(&person.place.state),
            }),
        })
    }

    pub(crate) fn read(self) -> domain::Person {
        let place = self.place.map_or_else(domain::Place::default, |place| domain::Place {
            city: back(place.city),
            country_code: back(place.country_code),
            country_name: back(place.country_name),
            locale: back(place.locale),
            line_1: back(place.line_1),
            line_2: back(place.line_2),
            postal_code: back(place.postal_code),
            state: back(place.state),
        });
        domain::Person {
            name: back(self.name),
            surname: back(self.surname),
            email: back(self.email),
            phone: back(self.phone),
            place,
        }
    }
}

shape! { Line { price: Text<'a>, quantity: i64; id: Text<'a>, name: Text<'a>, image: Text<'a>, details: Text<'a> } }

impl<'a> Line<'a> {
    pub(crate) fn of(line: &'a domain::OrderLine) -> Self {
        Self {
            price: text(&line.price),
            quantity: line.quantity,
            id: filled(&line.id),
            name: filled(&line.name),
            image: filled(&line.image),
            details: filled(&line.details),
        }
    }

    pub(crate) fn read(self) -> domain::OrderLine {
        domain::OrderLine {
            id: back(self.id),
            name: back(self.name),
            price: self.price.into_owned(),
            quantity: self.quantity,
            image: back(self.image),
            details: back(self.details),
        }
    }
}

shape! { Choice { channel: Text<'a>, method: Text<'a>; } }
shape! { Try { transaction: Text<'a>, place: usize; } }
shape! { Link { reference: Text<'a>, merchant_reference: Text<'a>; urls: Vec<Text<'a>> } }

shape! { Order { source: Text<'a>, route: Vec<Choice<'a>>; link: Link<'a>, subscription: Text<'a>,
description: Text<'a>, fields: Vec<Text<'a>>, is_preauthorised: bool, success_url: Text<'a>,
failure_url: Text<'a>, pending_url: Text<'a>, mobile_url: Text<'a>, keeps_page: bool, billing: Person<'a>,
shipping: Person<'a>, lines: Vec<Line<'a>>, is_routed: bool, tries: Vec<Try<'a>>, is_given_up: bool,
signature: Text<'a>, return_digest: Text<'a> } }

/// What is in columns.
pub(crate) struct OrderColumns {
    pub(crate) store: StoreId,
    pub(crate) environment: Environment,
    pub(crate) reference: String,
    pub(crate) merchant_reference: String,
    pub(crate) payment: PaymentId,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

impl<'a> Order<'a> {
    pub(crate) fn of(order: &'a domain::GlobalOrder) -> Self {
        let fields = &order.texts.fields;
        Self {
            source: text(&order.source),
            route: order
                .route
                .iter()
                .map(|choice| Choice { channel: text(&choice.channel), method: text(&choice.method) })
                .collect(),
            link: order.link.as_ref().map(|link| Link {
                reference: text(&link.reference),
                merchant_reference: text(&link.merchant_reference),
                urls: some(link.urls.iter().map(|url| text(url)).collect()),
            }),
            subscription: maybe(&order.subscription),
            description: filled(&order.texts.description),
            fields: fields
                .iter()
                .any(|field| !field.is_empty())
                .then(|| fields.iter().map(|field| text(field)).collect()),
            is_preauthorised: flag(order.taking == domain::Taking::PreAuthorised),
            success_url: filled(&order.destinations.success),
            failure_url: filled(&order.destinations.failure),
            pending_url: filled(&order.destinations.pending),
            mobile_url: filled(&order.destinations.mobile),
            keeps_page: flag(order.keeps_page),
            billing: Person::of(&order.billing),
            shipping: Person::of(&order.shipping),
            lines: some(order.lines.iter().map(Line::of).collect()),
            is_routed: flag(order.is_routed),
            tries: some(
                order
                    .tries
                    .iter()
                    .map(|tried| Try { transaction: text(tried.transaction.as_str()), place: tried.place })
                    .collect(),
            ),
            is_given_up: flag(order.is_given_up),
            signature: filled(&order.signature),
            return_digest: order.return_digest.map(|digest| hexadecimal(&digest).into()),
        }
    }

    pub(crate) fn read(self, columns: OrderColumns) -> Read<domain::GlobalOrder> {
        let mut fields = <[String; 5]>::default();
        for (field, stored) in fields.iter_mut().zip(self.fields.unwrap_or_default()) {
            *field = stored.into_owned();
        }
        Ok(domain::GlobalOrder {
            store: columns.store,
            environment: columns.environment,
            reference: columns.reference,
            merchant_reference: columns.merchant_reference,
            payment: columns.payment,
            version: columns.version,
            created_at: columns.created_at,
            source: self.source.into_owned(),
            link: self.link.map(|link| domain::OfLink {
                reference: link.reference.into_owned(),
                merchant_reference: link.merchant_reference.into_owned(),
                urls: link.urls.unwrap_or_default().into_iter().map(Text::into_owned).collect(),
            }),
            subscription: own(self.subscription),
            texts: domain::Texts { description: back(self.description), fields },
            taking: if is(self.is_preauthorised) {
                domain::Taking::PreAuthorised
            } else {
                domain::Taking::Purchase
            },
            destinations: domain::Destinations {
                success: back(self.success_url),
                failure: back(self.failure_url),
                pending: back(self.pending_url),
                mobile: back(self.mobile_url),
            },
            keeps_page: is(self.keeps_page),
            billing: self.billing.map(Person::read).unwrap_or_default(),
            shipping: self.shipping.map(Person::read).unwrap_or_default(),
            lines: self.lines.unwrap_or_default().into_iter().map(Line::read).collect(),
            route: self
                .route
                .into_iter()
                .map(|choice| domain::Choice {
                    channel: choice.channel.into_owned(),
                    method: choice.method.into_owned(),
                })
                .collect(),
            is_routed: is(self.is_routed),
            tries: self
                .tries
                .unwrap_or_default()
                .into_iter()
                .map(|tried| domain::Try {
                    transaction: TransactionId::known(tried.transaction),
                    place: tried.place,
                })
                .collect(),
            is_given_up: is(self.is_given_up),
            signature: back(self.signature),
            return_digest: self
                .return_digest
                .map(|text| digest(&text).ok_or(Senseless("return_digest")))
                .transpose()?,
        })
    }
}
