//! Payment links between the wire and the domain: what a request says, checked, and what answers and messages say.
//!
//! Faults are found in the dialect's order: what is missing, what is not of its form, and, after the signature,
//! which is not checked here, what does not fit together.

use super::amount::{self, AmountRefusal};
use super::order::Order;
use super::signature::{MerchantSecret, sign};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::catalogue;
use paypier_domain::global::{Choice, OrderLine, Person, Place};
use paypier_domain::link::Sending;
use paypier_domain::money::Currency;
use paypier_domain::payment_link::{Contact, ExchangeRate, MerchantFace, Note, PaymentLink, Switches, Terms};
use paypier_wire::global::code::fault;
use paypier_wire::global::signed;
use paypier_wire::global::time::{self, Milliseconds};
use paypier_wire::global::webhook::PaymentLinkStatusWebhook;
use paypier_wire::global::{
    Address, AddressContent, BillingContent, BillingDetails, ChosenMethods, ChosenPaymentMethod,
    ChosenPaymentMethodContent, Code, CreatePaymentLinkRequest, CustomerContent, CustomerDetails,
    DccRateContent, Decimal, Fault, Flag, LinkBankDetails, MerchantContent, MerchantDccRate, MerchantDetails,
    NoteContent, Number, OrderItem, OrderItemContent, PaymentLinkCreated, PaymentLinkDetails,
    ShippingContent, ShippingDetails, UpdatePaymentLinkRequest,
};
use url::Url;

/// Characters of texts.
const LONGEST_TEXT: usize = 255;
const LONGEST_REFERENCE: usize = 128;
const LONGEST_NOTE_KEY: usize = 64;
const LONGEST_NOTE: usize = 1_024;
const LONGEST_URL: usize = 2_048;
/// Bytes of what an item says beside its price.
const LONGEST_DETAILS: usize = 4_096;
const MOST_NOTES: usize = 50;
const MOST_LINES: usize = 100;
const MOST_CHOICES: usize = 400;
const MOST_WEBHOOKS: usize = 10;
/// Ten years.
const MOST_HOURS: i64 = 87_600;

/// Why a link is not made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFault {
    pub status: u16,
    pub code: Code,
    pub message: String,
}

impl LinkFault {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { status: code.status(), code, message: message.into() }
    }

    fn missing(member: &str) -> Self {
        Self::wrong(format!("{member} is a required field"))
    }

    fn wrong(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidPaymentRequest, message)
    }
}

impl From<Fault> for LinkFault {
    fn from(fault: Fault) -> Self {
        Self { status: fault.status, code: fault.code, message: fault.message.to_owned() }
    }
}

impl From<AmountRefusal> for LinkFault {
    fn from(refusal: AmountRefusal) -> Self {
        Self::new(refusal.code(), refusal.message())
    }
}

type Read<T> = Result<T, LinkFault>;

/// A request whose members are there and of their form. Whether they fit together comes after the signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub order_ref: String,
    pub label: String,
    pub source: String,
    pub signature: String,
    /// As it is signed.
    pub amount: Decimal,
    pub currency: String,
    pub success_url: String,
    pub failure_url: String,
    is_live: bool,
    request: CreatePaymentLinkRequest,
}

impl Asked {
    pub const fn is_live(&self) -> bool {
        self.is_live
    }

    /// What the signature is over.
    pub fn signed<'a>(&'a self, client_key: &'a str) -> signed::PaymentRequest<'a> {
        signed::PaymentRequest {
            amount: self.amount,
            client_key,
            currency: &self.currency,
            failure_url: &self.failure_url,
            merchant_order_id: &self.order_ref,
            success_url: &self.success_url,
        }
    }
}

/// The key that the body names, under whichever of its names.
pub fn key(request: &CreatePaymentLinkRequest) -> Option<&str> {
    [&request.portone_key, &request.chaipay_key, &request.key]
        .into_iter()
        .find_map(|key| key.as_deref().filter(|key| !key.is_empty()))
}

/// Checks that everything required is there and of its form. A missing signature is told apart, because some
/// pages may leave it out.
///
/// # Errors
/// The first fault.
pub fn asked(request: CreatePaymentLinkRequest) -> Read<Asked> {
    let given = |text: &Option<String>, member: &str| -> Read<String> {
        text.clone().filter(|text| !text.is_empty()).ok_or_else(|| LinkFault::missing(member))
    };
    key(&request).ok_or_else(|| LinkFault::missing("portone_key"))?;
    let face = request.merchant_details.as_ref().ok_or_else(|| LinkFault::missing("merchant_details"))?;
    given(&face.name, "merchant_details.name")?;
    let source = given(&request.source, "source")?;
    let number = request.amount.ok_or_else(|| LinkFault::missing("amount"))?;
    let currency = given(&request.currency, "currency")?;
    given(&request.country_code, "country_code")?;
    let order_ref = given(&request.merchant_order_id, "merchant_order_id")?;
    let success_url = given(&request.success_url, "success_url")?;
    let failure_url = given(&request.failure_url, "failure_url")?;
    let environment = request.environment.as_ref().ok_or(fault::ENVIRONMENT)?;
    let is_live = match environment.as_str() {
        "live" => true,
        "sandbox" => false,
        _ => return Err(fault::ENVIRONMENT.into()),
    };
    let amount = amount::positive(number)?;
    reference(&order_ref, "merchant_order_id")?;
    let label = request.custom_link_ref.clone().unwrap_or_default();
    if !label.is_empty() {
        reference(&label, "custom_link_ref")?;
    }
    bounded(&source, "source", LONGEST_REFERENCE)?;
    Ok(Asked {
        order_ref,
        label,
        source,
        signature: request.signature_hash.clone().unwrap_or_default(),
        amount,
        currency,
        success_url,
        failure_url,
        is_live,
        request,
    })
}

/// The terms of a new link.
///
/// # Errors
/// The first fault.
pub fn terms(asked: &Asked, created_at: Timestamp) -> Read<Terms> {
    let request = &asked.request;
    let currency = currency(&asked.currency)?;
    let switches = Switches::default();
    let terms = Terms {
        amount: amount::of(asked.amount, currency)?,
        currency,
        country: country(request.country_code.as_deref().unwrap_or_default())?,
        description: text(&request.description, "description", LONGEST_TEXT)?,
        face: face(request.merchant_details.as_ref())?,
        billing: request.billing_details.as_ref().map(payer).transpose()?,
        shipping: request.shipping_details.as_ref().map(receiver).transpose()?,
        lines: lines(request.order_details.as_deref().unwrap_or_default())?,
        success_url: web(&asked.success_url)?,
        failure_url: web(&asked.failure_url)?,
        pending_url: optional_web(&request.pending_url)?,
        mobile_redirect_url: optional_way(&request.mobile_redirect_url)?,
        expires_at: expiry(&request.expiry_date, request.expiry_hours, created_at)?,
        reminder_time: None,
        reminder_unit: String::new(),
        sending: Sending {
            immediately: request.send_immediately.map(|flag| flag.0),
            scheduled_at: instant(&request.scheduled_date, "scheduled_date")?,
        },
        switches: Switches {
            show_shipping_details: or(request.show_shipping_details, switches.show_shipping_details),
            show_back_button: or(request.show_back_button, switches.show_back_button),
            show_items: or(request.show_items, switches.show_items),
            show_saved_cards: or(request.show_saved_cards, switches.show_saved_cards),
            default_guest_checkout: or(request.default_guest_checkout, switches.default_guest_checkout),
            is_billing_shipping_same: or(request.is_billing_shipping_same, switches.is_billing_shipping_same),
            is_checkout_embed: or(request.is_checkout_embed, switches.is_checkout_embed),
            override_auto_redirect: or(request.override_auto_redirect, switches.override_auto_redirect),
            notify_by_email: or(request.notify_by_email, switches.notify_by_email),
            notify_by_phone: or(request.notify_by_phone, switches.notify_by_phone),
        },
        customer: contact(request.customer_details.as_ref())?,
        notes: notes(request.notes.as_deref().unwrap_or_default())?,
        chosen: chosen(request.chosen_payment_methods.as_deref().unwrap_or_default())?,
        webhook_urls: webhooks(request.custom_txn_webhook_urls.as_deref().unwrap_or_default())?,
        fields: [
            text(&request.user_configured_field1, "user_configured_field1", LONGEST_TEXT)?,
            text(&request.user_configured_field2, "user_configured_field2", LONGEST_TEXT)?,
            text(&request.user_configured_field3, "user_configured_field3", LONGEST_TEXT)?,
            text(&request.user_configured_field4, "user_configured_field4", LONGEST_TEXT)?,
            text(&request.user_configured_field5, "user_configured_field5", LONGEST_TEXT)?,
        ],
        uses_exchange_rate: or(request.use_merchant_configured_dcc_rate, false),
        exchange_rate: request.merchant_dcc_rate.as_ref().map(exchange_rate).transpose()?,
    };
    let unit = request.reminder_time_unit.as_ref().map(|unit| unit.as_str());
    let terms = reminded(terms, request.reminder_time, unit)?;
    checked(&terms)?;
    Ok(terms)
}

/// The terms of a link with what a change says in place of what they said. Objects are replaced as a whole.
///
/// # Errors
/// The first fault.
pub fn changed(before: &Terms, request: &UpdatePaymentLinkRequest) -> Read<Terms> {
    let mut terms = before.clone();
    if let Some(code) = &request.currency {
        terms.currency = currency(code)?;
    }
    let decimal = match request.amount {
        Some(number) => amount::positive(number)?,
        None => amount::written(before.amount, before.currency),
    };
    terms.amount = amount::of(decimal, terms.currency)?;
    if let Some(code) = &request.country_code {
        terms.country = country(code)?;
    }
    replaced(&mut terms.description, &request.description, |_| {
        text(&request.description, "description", LONGEST_TEXT)
    })?;
    if let Some(details) = &request.merchant_details {
        details
            .name
            .as_ref()
            .filter(|name| !name.is_empty())
            .ok_or_else(|| LinkFault::missing("merchant_details.name"))?;
        terms.face = face(Some(details))?;
    }
    if let Some(details) = &request.billing_details {
        terms.billing = Some(payer(details)?);
    }
    if let Some(details) = &request.shipping_details {
        terms.shipping = Some(receiver(details)?);
    }
    if let Some(items) = &request.order_details {
        terms.lines = lines(items)?;
    }
    replaced(&mut terms.success_url, &request.success_url, web)?;
    replaced(&mut terms.failure_url, &request.failure_url, web)?;
    replaced(&mut terms.pending_url, &request.pending_url, |_| optional_web(&request.pending_url))?;
    replaced(&mut terms.mobile_redirect_url, &request.mobile_redirect_url, |_| {
        optional_way(&request.mobile_redirect_url)
    })?;
    if request.expiry_date.is_some() {
        terms.expires_at = instant(&request.expiry_date, "expiry_date")?;
    }
    if request.scheduled_date.is_some() {
        terms.sending.scheduled_at = instant(&request.scheduled_date, "scheduled_date")?;
    }
    let switch = |switch: &mut bool, flag: Option<Flag>| *switch = or(flag, *switch);
    let switches = &mut terms.switches;
    switch(&mut switches.show_shipping_details, request.show_shipping_details);
    switch(&mut switches.show_back_button, request.show_back_button);
    switch(&mut switches.default_guest_checkout, request.default_guest_checkout);
    switch(&mut switches.is_checkout_embed, request.is_checkout_embed);
    switch(&mut switches.notify_by_email, request.notify_by_email);
    switch(&mut switches.notify_by_phone, request.notify_by_phone);
    switch(&mut switches.is_billing_shipping_same, request.is_billing_shipping_same);
    switch(&mut switches.show_items, request.show_items);
    switch(&mut switches.show_saved_cards, request.show_saved_cards);
    switch(&mut terms.uses_exchange_rate, request.use_merchant_configured_dcc_rate);
    if let Some(notes) = &request.notes {
        terms.notes = self::notes(notes)?;
    }
    if let Some(urls) = &request.custom_txn_webhook_urls {
        terms.webhook_urls = webhooks(urls)?;
    }
    let fields = [
        &request.user_configured_field1,
        &request.user_configured_field2,
        &request.user_configured_field3,
        &request.user_configured_field4,
        &request.user_configured_field5,
    ];
    for (place, field) in terms.fields.iter_mut().zip(fields) {
        replaced(place, field, |_| text(field, "user_configured_field", LONGEST_TEXT))?;
    }
    if let Some(details) = &request.customer_details {
        terms.customer = contact(Some(details))?;
    }
    if let Some(rate) = &request.merchant_dcc_rate {
        terms.exchange_rate = Some(exchange_rate(rate)?);
    }
    let unit = request.reminder_time_unit.as_ref().map(|unit| unit.as_str());
    let terms = reminded(terms, request.reminder_time, unit)?;
    checked(&terms)?;
    Ok(terms)
}

/// Puts what `read` makes of a given text in place of what was there.
fn replaced(place: &mut String, given: &Option<String>, read: impl FnOnce(&str) -> Read<String>) -> Read<()> {
    if let Some(given) = given {
        *place = read(given)?;
    }
    Ok(())
}

/// What only shows when everything is known.
fn checked(terms: &Terms) -> Read<()> {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap_or_default();
    let items: Vec<(Decimal, i64)> =
        terms.lines.iter().map(|line| (decimal(&line.price), line.quantity)).collect();
    let order = Order {
        items: &items,
        shipping: decimal(&terms.face.shipping_charges),
        tax: decimal(&terms.face.tax),
        discount: decimal(&terms.face.promo_discount),
    };
    if !order.makes(amount::written(terms.amount, terms.currency), terms.currency) {
        return Err(fault::SUMMATION.into());
    }
    let to = terms.addressee();
    if terms.switches.notify_by_email {
        if to.email.is_empty() {
            return Err(LinkFault::new(
                Code::MissingMandatoryField,
                "customer_details.email_address is required to notify by email",
            ));
        }
        if !is_email(&to.email) {
            return Err(LinkFault::new(Code::InvalidEmailAddress, "Invalid email address"));
        }
    }
    if terms.switches.notify_by_phone && to.phone.is_empty() {
        return Err(LinkFault::new(
            Code::MissingMandatoryField,
            "customer_details.phone_number is required to notify by phone",
        ));
    }
    Ok(())
}

fn is_email(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

fn or(flag: Option<Flag>, otherwise: bool) -> bool {
    flag.map_or(otherwise, |flag| flag.0)
}

fn reference(text: &str, member: &str) -> Read<()> {
    bounded(text, member, LONGEST_REFERENCE)?;
    if text.chars().any(char::is_control) {
        return Err(LinkFault::wrong(format!("{member} must not hold control characters")));
    }
    Ok(())
}

fn bounded(text: &str, member: &str, most: usize) -> Read<()> {
    if text.chars().count() > most {
        return Err(LinkFault::wrong(format!("{member} must have at most {most} characters")));
    }
    // A text of PostgreSQL cannot hold it.
    if text.contains('\0') {
        return Err(LinkFault::wrong(format!("{member} must not hold the character U+0000")));
    }
    Ok(())
}

fn text(given: &Option<String>, member: &str, most: usize) -> Read<String> {
    let text = given.as_deref().unwrap_or_default();
    bounded(text, member, most)?;
    Ok(text.to_owned())
}

fn currency(code: &str) -> Read<Currency> {
    amount::currency(code).ok_or_else(|| LinkFault::new(Code::InvalidCurrency, "Invalid currency"))
}

fn country(code: &str) -> Read<String> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(LinkFault::wrong("country_code must be two letters (ISO 3166-1)"))
    }
}

fn no_address() -> LinkFault {
    LinkFault::new(Code::InvalidRedirectUrl, "Invalid redirect url")
}

/// An absolute address of the web, as it was written.
fn web(text: &str) -> Read<String> {
    let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_written_out(text) && Url::parse(text).is_ok_and(is_web) {
        Ok(text.to_owned())
    } else {
        Err(no_address())
    }
}

fn optional_web(given: &Option<String>) -> Read<String> {
    match given.as_deref().unwrap_or_default() {
        "" => Ok(String::new()),
        text => web(text),
    }
}

/// An address of the web or of an app. What a browser would run or read from its own machine is none.
fn optional_way(given: &Option<String>) -> Read<String> {
    const NEVER: [&str; 8] =
        ["javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"];
    match given.as_deref().unwrap_or_default() {
        "" => Ok(String::new()),
        text => {
            let is_way = |url: Url| match url.scheme() {
                "http" | "https" => url.has_host(),
                scheme => !NEVER.contains(&scheme),
            };
            if is_written_out(text) && Url::parse(text).is_ok_and(is_way) {
                Ok(text.to_owned())
            } else {
                Err(no_address())
            }
        }
    }
}

/// Whether it can stand in a header as it is: browsers take line breaks out of addresses, and we do not guess.
fn is_written_out(text: &str) -> bool {
    text.len() <= LONGEST_URL && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn instant(given: &Option<String>, member: &str) -> Read<Option<Timestamp>> {
    match given.as_deref().unwrap_or_default() {
        "" => Ok(None),
        text => {
            let read = time::read(text);
            read.map(Some).ok_or_else(|| LinkFault::wrong(format!("{member} must be a date in ISO 8601")))
        }
    }
}

fn expiry(date: &Option<String>, hours: Option<Number>, created_at: Timestamp) -> Read<Option<Timestamp>> {
    if let Some(at) = instant(date, "expiry_date")? {
        return Ok(Some(at));
    }
    let Some(hours) = hours else { return Ok(None) };
    match hours.whole() {
        Some(0) => Ok(None),
        Some(hours) if (1..=MOST_HOURS).contains(&hours) => {
            Ok(created_at.checked_add(SignedDuration::from_hours(hours)).ok())
        }
        _ => Err(LinkFault::wrong(format!("expiry_hours must be a whole number from 0 to {MOST_HOURS}"))),
    }
}

fn reminded(terms: Terms, time: Option<Number>, unit: Option<&str>) -> Read<Terms> {
    let reminder_unit = match unit {
        None => terms.reminder_unit.clone(),
        Some(word)
            if ["hour", "hours", "day", "days"].iter().any(|known| known.eq_ignore_ascii_case(word)) =>
        {
            word.to_owned()
        }
        Some(_) => return Err(LinkFault::wrong("reminder_time_unit must be hours or days")),
    };
    let reminder_time = match time {
        None => terms.reminder_time,
        Some(number) => {
            let time =
                number.whole().ok_or_else(|| LinkFault::wrong("reminder_time must be a whole number"))?;
            if time < 0 || (time == 0 && !reminder_unit.is_empty()) {
                return Err(LinkFault::wrong("reminder_time must be above 0"));
            }
            (time > 0).then_some(time)
        }
    };
    Ok(Terms { reminder_time, reminder_unit, ..terms })
}

/// An amount that is added or taken off: absent is nothing.
fn charge(given: Option<Number>, member: &str) -> Read<String> {
    let Some(number) = given else { return Ok(String::new()) };
    match number.decimal() {
        Some(decimal) if !decimal.is_negative() => Ok(decimal.to_string()),
        _ => Err(LinkFault::wrong(format!("{member} must be a number that is not below 0"))),
    }
}

fn face(given: Option<&MerchantDetails>) -> Read<MerchantFace> {
    let Some(details) = given else { return Ok(MerchantFace::default()) };
    Ok(MerchantFace {
        name: text(&details.name, "merchant_details.name", LONGEST_TEXT)?,
        logo: optional_web(&details.logo)?,
        back_url: optional_web(&details.back_url)?,
        promo_code: text(&details.promo_code, "merchant_details.promo_code", LONGEST_NOTE_KEY)?,
        promo_discount: charge(details.promo_discount, "merchant_details.promo_discount")?,
        shipping_charges: charge(details.shipping_charges, "merchant_details.shipping_charges")?,
        tax: charge(details.tax_amount, "merchant_details.tax_amount")?,
    })
}

fn place(given: Option<&Address>, member: &str) -> Read<Place> {
    let Some(address) = given else { return Ok(Place::default()) };
    let part = |given: &Option<String>| text(given, member, LONGEST_TEXT);
    Ok(Place {
        city: part(&address.city)?,
        country_code: part(&address.country_code)?,
        country_name: part(&address.country_name)?,
        locale: part(&address.locale)?,
        line_1: part(&address.line_1)?,
        line_2: part(&address.line_2)?,
        postal_code: part(&address.postal_code)?,
        state: part(&address.state)?,
    })
}

fn payer(details: &BillingDetails) -> Read<Person> {
    let part = |given: &Option<String>| text(given, "billing_details", LONGEST_TEXT);
    Ok(Person {
        name: part(&details.billing_name)?,
        surname: part(if details.billing_surname.is_some() {
            &details.billing_surname
        } else {
            &details.billing_surame
        })?,
        email: part(&details.billing_email)?,
        phone: part(&details.billing_phone)?,
        place: place(details.billing_address.as_ref(), "billing_address")?,
    })
}

fn receiver(details: &ShippingDetails) -> Read<Person> {
    let part = |given: &Option<String>| text(given, "shipping_details", LONGEST_TEXT);
    Ok(Person {
        name: part(&details.shipping_name)?,
        surname: part(&details.shipping_surname)?,
        email: part(&details.shipping_email)?,
        phone: part(&details.shipping_phone)?,
        place: place(details.shipping_address.as_ref(), "shipping_address")?,
    })
}

fn contact(given: Option<&CustomerDetails>) -> Read<Contact> {
    let Some(details) = given else { return Ok(Contact::default()) };
    Ok(Contact {
        name: text(&details.name, "customer_details.name", LONGEST_TEXT)?,
        email: text(&details.email_address, "customer_details.email_address", LONGEST_TEXT)?,
        phone: text(&details.phone_number, "customer_details.phone_number", LONGEST_NOTE_KEY)?,
    })
}

fn lines(items: &[OrderItem]) -> Read<Vec<OrderLine>> {
    if items.len() > MOST_LINES {
        return Err(LinkFault::wrong(format!("order_details must have at most {MOST_LINES} items")));
    }
    items.iter().map(line).collect()
}

fn line(item: &OrderItem) -> Read<OrderLine> {
    let price = item.price.ok_or_else(|| LinkFault::missing("order_details.price"))?;
    let price = price
        .decimal()
        .filter(|price| !price.is_negative())
        .ok_or_else(|| LinkFault::wrong("order_details.price must be a number that is not below 0"))?;
    let quantity = match item.quantity {
        None => 1,
        Some(number) => number
            .whole()
            .filter(|quantity| (1..=1_000_000_000).contains(quantity))
            .ok_or_else(|| LinkFault::wrong("order_details.quantity must be a whole number above 0"))?,
    };
    let details = match &item.additional_details {
        Some(details) => serde_json::to_string(details).unwrap_or_default(),
        None => String::new(),
    };
    if details.len() > LONGEST_DETAILS {
        return Err(LinkFault::wrong(format!(
            "order_details.additional_details must have at most {LONGEST_DETAILS} bytes"
        )));
    }
    Ok(OrderLine {
        id: text(&item.id, "order_details.id", LONGEST_TEXT)?,
        name: text(&item.name, "order_details.name", LONGEST_TEXT)?,
        price: price.to_string(),
        quantity,
        image: optional_web(&item.image)?,
        details,
    })
}

fn notes(given: &[paypier_wire::global::Note]) -> Read<Vec<Note>> {
    if given.len() > MOST_NOTES {
        return Err(LinkFault::wrong(format!("notes must be at most {MOST_NOTES}")));
    }
    let note = |note: &paypier_wire::global::Note| -> Read<Note> {
        Ok(Note {
            key: text(&note.key, "notes.key", LONGEST_NOTE_KEY)?,
            value: text(&note.value, "notes.value", LONGEST_NOTE)?,
        })
    };
    given.iter().map(note).collect()
}

fn chosen(given: &[ChosenPaymentMethod]) -> Read<Vec<Choice>> {
    if given.len() > MOST_CHOICES {
        return Err(LinkFault::wrong(format!("chosen_payment_methods must be at most {MOST_CHOICES}")));
    }
    let choice = |one: &ChosenPaymentMethod| -> Read<Choice> {
        let (channel, method) = (
            one.payment_channel.as_deref().unwrap_or_default(),
            one.payment_method.as_deref().unwrap_or_default(),
        );
        if catalogue::channel(channel).is_none() {
            return Err(LinkFault::new(Code::InvalidPaymentChannelKey, "Invalid payment channel key"));
        }
        if catalogue::find(channel, method).is_none() {
            return Err(LinkFault::new(Code::InvalidPaymentMethod, "Invalid payment method"));
        }
        Ok(Choice { channel: channel.to_owned(), method: method.to_owned() })
    };
    given.iter().map(choice).collect()
}

fn webhooks(given: &[String]) -> Read<Vec<String>> {
    if given.len() > MOST_WEBHOOKS {
        return Err(LinkFault::wrong(format!("custom_txn_webhook_urls must be at most {MOST_WEBHOOKS}")));
    }
    let wrong = || LinkFault::wrong("custom_txn_webhook_urls must be absolute http or https addresses");
    given.iter().map(|url| web(url).map_err(|_| wrong())).collect()
}

fn exchange_rate(given: &MerchantDccRate) -> Read<ExchangeRate> {
    let number = |number: Option<Number>, member: &str| match number {
        None => Ok(String::new()),
        Some(number) => match number.decimal() {
            Some(decimal) if decimal.is_positive() => Ok(decimal.to_string()),
            _ => Err(LinkFault::wrong(format!("merchant_dcc_rate.{member} must be a number above 0"))),
        },
    };
    let code = |given: &Option<String>| match given.as_deref().unwrap_or_default() {
        "" => Ok(String::new()),
        code => currency(code).map(|currency| currency.code().to_owned()),
    };
    Ok(ExchangeRate {
        rate: number(given.forex_rate, "forex_rate")?,
        invoice_amount: number(given.invoice_amount, "invoice_amount")?,
        invoice_currency: code(&given.invoice_currency)?,
        payment_currency: code(&given.payment_currency)?,
        payment_amount: number(given.payment_amount, "payment_amount")?,
        show_conversion: or(given.show_fx_conversion, false),
    })
}

fn environment(link: &PaymentLink) -> &'static str {
    match link.environment {
        paypier_domain::channel::Environment::Live => "live",
        paypier_domain::channel::Environment::Test => "sandbox",
    }
}

/// The answer to a link that was made.
pub fn created(link: &PaymentLink, url: String) -> PaymentLinkCreated {
    let terms = &link.terms;
    PaymentLinkCreated {
        is_success: true,
        payment_link_ref: link.reference.clone(),
        payment_link: url,
        status: link.status.as_str().to_owned(),
        merchant_order_id: link.order_ref.clone(),
        custom_link_ref: link.label.clone(),
        amount: amount::written(terms.amount, terms.currency),
        currency: terms.currency.code().to_owned(),
        country_code: terms.country.clone(),
        environment: environment(link).to_owned(),
        expiry_date: terms.expires_at.map(Milliseconds),
        created_at: Some(link.created_at.into()),
        status_code: Code::Success.digits().to_owned(),
        status_reason: Code::Success.reason().to_owned(),
        message: "Payment link created successfully".to_owned(),
    }
}

/// What is said about the merchant beside the link itself.
#[derive(Debug, Clone, Copy)]
pub struct Shop<'a> {
    pub client_key: &'a str,
    pub email: &'a str,
    pub support_email: &'a str,
    pub support_phone: &'a str,
}

/// Who reads a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Merchant,
    /// Whoever has the reference: nothing that is the merchant's alone.
    Payer,
}

/// A link with everything that is known of it.
pub fn details(
    link: &PaymentLink,
    shop: Shop<'_>,
    url: String,
    status: &str,
    reader: Reader,
) -> PaymentLinkDetails {
    let terms = &link.terms;
    let is_own = reader == Reader::Merchant;
    let own = |text: &str| if is_own { text.to_owned() } else { String::new() };
    let switches = terms.switches;
    let amount = amount::written(terms.amount, terms.currency);
    let [field1, field2, field3, field4, field5] =
        if is_own { terms.fields.clone() } else { <[String; 5]>::default() };
    PaymentLinkDetails {
        chaipay_key: shop.client_key.to_owned(),
        country_code: terms.country.clone(),
        merchant_order_id: link.order_ref.clone(),
        amount,
        currency: terms.currency.code().to_owned(),
        billing_details: billing(terms.billing.as_ref()),
        shipping_details: shipping(terms.shipping.as_ref()),
        order_details: terms.lines.iter().map(item).collect(),
        success_url: terms.success_url.clone(),
        failure_url: terms.failure_url.clone(),
        pending_url: terms.pending_url.clone(),
        signature_hash: own(&link.signature),
        merchant_details: MerchantContent {
            name: terms.face.name.clone(),
            logo: terms.face.logo.clone(),
            back_url: terms.face.back_url.clone(),
            shipping_charges: decimal(&terms.face.shipping_charges),
            promo_code: terms.face.promo_code.clone(),
            promo_discount: decimal(&terms.face.promo_discount),
            brand_primary_color: "#de643b".to_owned(),
            brand_secondary_color: "#f0f0f0".to_owned(),
        },
        expiry_hours: link.expiry_hours(),
        status: status.to_owned(),
        link: url.clone(),
        created_at: Some(link.created_at.into()),
        expired_at: terms.expires_at.map(Into::into),
        source: link.source.clone(),
        description: terms.description.clone(),
        mobile_redirect_url: terms.mobile_redirect_url.clone(),
        show_shipping_details: switches.show_shipping_details,
        show_back_button: switches.show_back_button,
        default_guest_checkout: switches.default_guest_checkout,
        is_checkout_embed: switches.is_checkout_embed,
        notify_by_email: switches.notify_by_email,
        notify_by_phone: switches.notify_by_phone,
        is_billing_shipping_same: switches.is_billing_shipping_same,
        show_items: switches.show_items,
        environment: environment(link).to_owned(),
        bank_details: LinkBankDetails::default(),
        link_order_ref: link.reference.clone(),
        customer_details: if is_own {
            CustomerContent {
                name: terms.customer.name.clone(),
                email_address: terms.customer.email.clone(),
                phone_number: terms.customer.phone.clone(),
            }
        } else {
            CustomerContent::default()
        },
        unit_amount: amount,
        stock_quantity: 0,
        chosen_payment_methods: ChosenMethods(
            terms
                .chosen
                .iter()
                .map(|one| ChosenPaymentMethodContent {
                    payment_channel: one.channel.clone(),
                    payment_method: one.method.clone(),
                })
                .collect(),
        ),
        custom_page_fields: serde_json::Map::new(),
        notes: (is_own && !terms.notes.is_empty()).then(|| {
            let note = |note: &Note| NoteContent { key: note.key.clone(), value: note.value.clone() };
            terms.notes.iter().map(note).collect()
        }),
        master_merchant_key: String::new(),
        show_saved_cards: switches.show_saved_cards,
        support_email: shop.support_email.to_owned(),
        support_phone: shop.support_phone.to_owned(),
        qrcode_link: url,
        custom_txn_webhook_urls: if is_own { terms.webhook_urls.clone() } else { Vec::new() },
        transaction_forex_details: serde_json::Map::new(),
        dynamic_currency_checkout_enabled: false,
        dynamic_currency_signature_hash: String::new(),
        portone_key: shop.client_key.to_owned(),
        user_configured_field1: field1,
        user_configured_field2: field2,
        user_configured_field3: field3,
        user_configured_field4: field4,
        user_configured_field5: field5,
        dcc_markup_factor: Decimal::ZERO,
        is_dcc_invoice_checkout_defaulted: false,
        show_fx_conversion: terms.exchange_rate.as_ref().is_some_and(|rate| rate.show_conversion),
        expiry_date: terms.expires_at.map(Milliseconds),
        reminder_time: terms.reminder_time.map_or(Decimal::ZERO, Decimal::from),
        reminder_time_unit: terms.reminder_unit.clone(),
        scheduled_date: terms.sending.scheduled_at.map(Milliseconds),
        use_merchant_configured_dcc_rate: terms.uses_exchange_rate,
        merchant_dcc_rate: terms.exchange_rate.as_ref().map(|rate| DccRateContent {
            forex_rate: decimal(&rate.rate),
            invoice_amount: decimal(&rate.invoice_amount),
            invoice_currency: rate.invoice_currency.clone(),
            payment_currency: rate.payment_currency.clone(),
            payment_amount: decimal(&rate.payment_amount),
            show_fx_conversion: rate.show_conversion,
        }),
    }
}

/// What a stored text of a number says; nothing for nothing.
pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

fn address(place: &Place) -> AddressContent {
    AddressContent {
        city: place.city.clone(),
        country_code: place.country_code.clone(),
        country_name: place.country_name.clone(),
        locale: place.locale.clone(),
        line_1: place.line_1.clone(),
        line_2: place.line_2.clone(),
        postal_code: place.postal_code.clone(),
        state: place.state.clone(),
        address_ref: String::new(),
    }
}

fn billing(person: Option<&Person>) -> BillingContent {
    person.map_or_else(BillingContent::default, |person| BillingContent {
        billing_name: person.name.clone(),
        billing_surname: person.surname.clone(),
        billing_email: person.email.clone(),
        billing_phone: person.phone.clone(),
        billing_address: address(&person.place),
    })
}

fn shipping(person: Option<&Person>) -> ShippingContent {
    person.map_or_else(ShippingContent::default, |person| ShippingContent {
        shipping_name: person.name.clone(),
        shipping_surname: person.surname.clone(),
        shipping_email: person.email.clone(),
        shipping_phone: person.phone.clone(),
        shipping_address: address(&person.place),
    })
}

fn item(line: &OrderLine) -> OrderItemContent {
    OrderItemContent {
        id: line.id.clone(),
        name: line.name.clone(),
        price: decimal(&line.price),
        quantity: line.quantity,
        image: line.image.clone(),
        marked_price: Decimal::ZERO,
        discount_amount: Decimal::ZERO,
        discount_percent: Decimal::ZERO,
        additional_details: serde_json::from_str(&line.details).unwrap_or_default(),
    }
}

/// The message that a link has another status.
pub fn status_webhook(
    link: &PaymentLink,
    shop: Shop<'_>,
    url: String,
    secret: &MerchantSecret,
) -> PaymentLinkStatusWebhook {
    let terms = &link.terms;
    let switches = terms.switches;
    let amount = amount::written(terms.amount, terms.currency);
    let to = terms.addressee();
    let [field1, field2, field3, field4, field5] = terms.fields.clone();
    let signature_hash = sign(
        secret,
        &signed::LinkWebhook {
            amount,
            country_code: &terms.country,
            currency: terms.currency.code(),
            link_ref: &link.reference,
            merchant_order_ref: &link.order_ref,
            status: link.status.as_str(),
        },
    );
    PaymentLinkStatusWebhook {
        link_ref: link.reference.clone(),
        link: url,
        currency: terms.currency.code().to_owned(),
        amount,
        country_code: terms.country.clone(),
        chaipaykey: shop.client_key.to_owned(),
        status: link.status.as_str().to_owned(),
        success_url: terms.success_url.clone(),
        cancel_url: terms.failure_url.clone(),
        merchant_order_ref: link.order_ref.clone(),
        is_billing_shipping_same: switches.is_billing_shipping_same,
        merchant_name: terms.face.name.clone(),
        merchant_logo: terms.face.logo.clone(),
        merchant_back_url: terms.face.back_url.clone(),
        merchant_shipping_charges: decimal(&terms.face.shipping_charges),
        merchant_promo_code: terms.face.promo_code.clone(),
        merchant_promo_discount: decimal(&terms.face.promo_discount),
        user_agent: link.creator.user_agent.clone(),
        ip_address: link.creator.ip_address.clone(),
        expiry_hours: link.expiry_hours(),
        created_at: Some(link.created_at.into()),
        source: link.source.clone(),
        description: terms.description.clone(),
        mobile_redirect_url: terms.mobile_redirect_url.clone(),
        show_shipping_details: switches.show_shipping_details,
        show_back_button: switches.show_back_button,
        is_checkout_embed: switches.is_checkout_embed,
        notify_by_email: switches.notify_by_email,
        notify_by_phone: switches.notify_by_phone,
        show_items: switches.show_items,
        merchant_key: shop.client_key.to_owned(),
        merchant_email_address: shop.email.to_owned(),
        customer_name: to.name,
        customer_email_address: to.email,
        customer_phone_number: to.phone,
        payment_page_ref: String::new(),
        unit_amount: amount,
        stock_quantity: 0,
        signature_hash,
        show_saved_cards: switches.show_saved_cards,
        portone_key: shop.client_key.to_owned(),
        user_configured_field1: field1,
        user_configured_field2: field2,
        user_configured_field3: field3,
        user_configured_field4: field4,
        user_configured_field5: field5,
    }
}
