//! The browser SDK's request objects, as pages give them, into commands.
//!
//! Nothing here is believed: types, words and addresses are checked, everything is bounded, and unknown
//! members are ignored, because every PSP's page of the SDK's documentation has some of its own.

use super::members::Members;
use super::vocabulary;
use crate::app::cash_receipt::{WantedReceipt, identity_number};
use crate::app::checkout::identity::OpenIdentity;
use crate::app::checkout::open::{OpenKey, OpenPayment};
use crate::app::checkout::start::{StartCode, StartError};
use crate::app::pay_instantly::{AccountExpiry, AmountsAsk, Sale};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::cash_receipt::Kind;
use paypier_domain::checkout::{
    Choices, FixedAccount, InstallmentOffer, OpeningPage, PayMethod, Presentation,
};
use paypier_domain::customer::{Address, Customer, Product};
use paypier_domain::id::{ChannelGroupId, ChannelKey, IdError, IdentityVerificationId, PaymentId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{Notices, Order, Origin, Platform};
use paypier_domain::promotion::CardCompany;
use paypier_wire::v2;
use serde_json::{Map, Value};
use url::Url;

/// What the script sent.
#[derive(Debug)]
pub struct Sent {
    kind: String,
    request: Map<String, Value>,
    page: Map<String, Value>,
}

type Read<T> = Result<T, StartError>;

/// # Errors
/// `BadRequest`: it is not what the script sends.
pub fn read(body: &[u8]) -> Read<Sent> {
    let bad = |message: &str| StartError::new(StartCode::BadRequest, message);
    let whole: Value = serde_json::from_slice(body).map_err(|_| bad("the body is not JSON"))?;
    let Value::Object(mut whole) = whole else { return Err(bad("the body must be a JSON object")) };
    let mut object = |name: &str| match whole.remove(name) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(bad(&format!("{name} must be an object"))),
    };
    let (request, page) = (object("request")?, object("page")?);
    let kind = whole.get("kind").and_then(Value::as_str).ok_or_else(|| bad("kind is required"))?;
    Ok(Sent { kind: kind.to_owned(), request, page })
}

/// The ids that a refusal may carry: what the page itself has said.
pub fn ids(sent: &Read<Sent>) -> Map<String, Value> {
    let mut ids = Map::new();
    let Ok(sent) = sent else { return ids };
    ids.insert("transactionType".into(), sent.kind.chars().take(40).collect::<String>().into());
    for name in ["paymentId", "identityVerificationId"] {
        if let Some(id) = sent.request.get(name).and_then(Value::as_str).filter(|id| id.len() <= 1024) {
            ids.insert(name.into(), id.into());
        }
    }
    ids
}

/// What a page asks for.
#[derive(Debug)]
pub enum Asked {
    Payment(Box<OpenPayment>),
    Key(Box<OpenKey>),
    Identity(Box<OpenIdentity>),
}

/// What every request says about its page and how the window is to be shown.
struct Frame {
    origin: Origin,
    page: OpeningPage,
    presentation: Option<Presentation>,
    redirect_url: Option<String>,
    force_redirect: bool,
    is_button: bool,
}

/// # Errors
/// The member that is missing or wrong.
pub fn asked(sent: Sent, caller: Origin) -> Read<Asked> {
    let request = Members::of(&sent.request);
    let frame = frame(&request, &Members::of(&sent.page), caller)?;
    match sent.kind.as_str() {
        "PAYMENT" => payment(&request, frame).map(|ask| Asked::Payment(Box::new(ask))),
        "ISSUE_BILLING_KEY" => key(&request, frame, "billingKeyMethod").map(|ask| Asked::Key(Box::new(ask))),
        "ISSUE_BILLING_KEY_AND_PAY" => {
            let mut ask = key(&request, frame, "billingKeyAndPayMethod")?;
            let payment_id = PaymentId::parse(request.required("paymentId")?)
                .map_err(|error| wrong_id("paymentId", &error))?;
            ask.first_payment = Some((payment_id, sale(&request, ask.method, ask.origin.clone())?));
            Ok(Asked::Key(Box::new(ask)))
        }
        "IDENTITY_VERIFICATION" => identity(&request, frame).map(|ask| Asked::Identity(Box::new(ask))),
        _ => Err(StartError::new(
            StartCode::BadRequest,
            "kind must be PAYMENT, ISSUE_BILLING_KEY, ISSUE_BILLING_KEY_AND_PAY or IDENTITY_VERIFICATION",
        )),
    }
}

fn frame(request: &Members<'_>, page: &Members<'_>, caller: Origin) -> Read<Frame> {
    let platform = match page.text("platform")? {
        Some("MOBILE") => Platform::Mobile,
        Some("PC") | None => Platform::Pc,
        Some(_) => return Err(StartError::new(StartCode::BadRequest, "page.platform must be PC or MOBILE")),
    };
    let url = page.owned("url")?.filter(|url| Url::parse(url).is_ok());
    Ok(Frame {
        origin: Origin { platform, url, ..caller },
        page: OpeningPage { origin: origin_of(page)?, language: page.owned("language")?, session: None },
        presentation: presentation(request, platform)?,
        redirect_url: redirect_url(request)?,
        force_redirect: request.flag("forceRedirect")?.unwrap_or(false),
        is_button: request.text("uiType")?.is_some(),
    })
}

fn payment(request: &Members<'_>, frame: Frame) -> Read<OpenPayment> {
    let method = pay_method(request)?;
    let (choices, due) = choices(request, method)?;
    let channel = id(request, "channelKey", ChannelKey::parse)?;
    let channel_group = id(request, "channelGroupId", ChannelGroupId::parse)?;
    if channel.is_some() == channel_group.is_some() {
        return Err(StartError::member("channelKey", "or channelGroupId is required, and not both"));
    }
    if channel_group.is_some() && method == PayMethod::VirtualAccount && due.is_none() {
        return Err(StartError::member("virtualAccount.accountExpiry", "is required with a channel group"));
    }
    // A company that no promotion is for is as good as none.
    let card_company = match request.object("card")? {
        Some(card) => card.text("cardCompany")?.and_then(CardCompany::parse),
        None => None,
    };
    Ok(OpenPayment {
        card_company,
        store: store(request)?,
        payment_id: PaymentId::parse(request.required("paymentId")?)
            .map_err(|error| wrong_id("paymentId", &error))?,
        channel,
        channel_group,
        method,
        choices,
        due,
        sale: sale(request, method, frame.origin)?,
        page: frame.page,
        presentation: frame.presentation,
        is_button: frame.is_button,
        redirect_url: frame.redirect_url,
        force_redirect: frame.force_redirect,
        confirm_url: web_url(request, "confirmUrl")?,
    })
}

fn key(request: &Members<'_>, frame: Frame, member: &str) -> Read<OpenKey> {
    let method = match request.text("uiType")? {
        Some("PAYPAL_RT") => PayMethod::Paypal,
        Some(_) => return Err(request.wrong("uiType", "must be PAYPAL_RT")),
        None => PayMethod::parse(request.required(member)?)
            .ok_or_else(|| request.wrong(member, "must be CARD, MOBILE, EASY_PAY, PAYPAL or TRANSFER"))?,
    };
    if request.value("channelGroupId").is_some() {
        return Err(request.wrong("channelGroupId", "cannot be used here; name a channelKey"));
    }
    let channel = id(request, "channelKey", ChannelKey::parse)?
        .ok_or_else(|| request.wrong("channelKey", "is required"))?;
    if let Some(display) = request.integer("displayAmount")? {
        Amount::new(display).map_err(|_| request.wrong("displayAmount", "must not be negative"))?;
    }
    Ok(OpenKey {
        store: store(request)?,
        channel,
        method,
        choices: choices(request, method)?.0,
        customer: customer(request)?,
        custom_data: custom_data(request)?,
        issue_id: request.owned("issueId")?,
        issue_name: request.owned("issueName")?,
        notices: notices(request)?,
        origin: frame.origin,
        first_payment: None,
        page: frame.page,
        presentation: frame.presentation,
        is_button: frame.is_button,
        redirect_url: frame.redirect_url,
        force_redirect: frame.force_redirect,
    })
}

fn identity(request: &Members<'_>, frame: Frame) -> Read<OpenIdentity> {
    let channel = id(request, "channelKey", ChannelKey::parse)?
        .ok_or_else(|| request.wrong("channelKey", "is required"))?;
    Ok(OpenIdentity {
        store: store(request)?,
        id: IdentityVerificationId::parse(request.required("identityVerificationId")?)
            .map_err(|error| wrong_id("identityVerificationId", &error))?,
        channel,
        customer: customer(request)?,
        custom_data: custom_data(request)?,
        bypass: bypass(request)?,
        origin: frame.origin,
        page: frame.page,
        presentation: frame.presentation,
        redirect_url: frame.redirect_url,
        force_redirect: frame.force_redirect,
    })
}

fn store(request: &Members<'_>) -> Read<StoreId> {
    StoreId::parse(request.required("storeId")?).map_err(|error| wrong_id("storeId", &error))
}

fn wrong_id(member: &str, error: &IdError) -> StartError {
    StartError::member(member, &format!("cannot be taken: {error}"))
}

fn id<T>(request: &Members<'_>, member: &str, parse: fn(&str) -> Result<T, IdError>) -> Read<Option<T>> {
    request.text(member)?.map(|text| parse(text).map_err(|error| wrong_id(member, &error))).transpose()
}

/// The opening page's origin, as browsers write it. A page without one (a file, a sandboxed frame) cannot
/// be told a result by message; it is told by redirect or asks.
fn origin_of(page: &Members<'_>) -> Read<String> {
    let origin = page.text("origin")?.unwrap_or("null");
    if origin == "null" {
        return Ok(origin.to_owned());
    }
    let parsed = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match parsed.map(|url| url.origin().ascii_serialization()) {
        Some(written) if written == origin => Ok(written),
        _ => Err(StartError::new(
            StartCode::BadRequest,
            "page.origin must be an origin such as https://shop.example",
        )),
    }
}

fn pay_method(request: &Members<'_>) -> Read<PayMethod> {
    if let Some(ui) = request.text("uiType")? {
        return match ui {
            "PAYPAL_SPB" => Ok(PayMethod::Paypal),
            _ => Err(request.wrong("uiType", "must be PAYPAL_SPB")),
        };
    }
    let word = request.required("payMethod")?;
    PayMethod::parse(vocabulary::bare("PAY_METHOD_", word)).ok_or_else(|| {
        let known: Vec<&str> = PayMethod::ALL.iter().map(|method| method.as_str()).collect();
        request.wrong("payMethod", &format!("must be one of {}", known.join(", ")))
    })
}

fn presentation(request: &Members<'_>, platform: Platform) -> Read<Option<Presentation>> {
    let Some(types) = request.object("windowType")? else { return Ok(None) };
    let member = match platform {
        Platform::Mobile => "mobile",
        Platform::Pc | Platform::Api => "pc",
    };
    let parsed = |word| {
        Presentation::parse(word)
            .ok_or_else(|| types.wrong(member, "must be IFRAME, POPUP, REDIRECTION or UI"))
    };
    types.text(member)?.map(parsed).transpose()
}

/// Schemes that run something in the page that follows them.
const NOT_FOLLOWED: [&str; 6] = ["javascript", "data", "vbscript", "blob", "filesystem", "about"];
const LONGEST_URL: usize = 2048;

/// Any absolute URL, an app's as well, that runs nothing.
fn redirect_url(request: &Members<'_>) -> Read<Option<String>> {
    let Some(text) = request.text("redirectUrl")?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let accepted = "must be an absolute URL, of the web or of an app, that can be followed";
    let url = Url::parse(text).map_err(|_| request.wrong("redirectUrl", accepted))?;
    let is_web = matches!(url.scheme(), "http" | "https");
    if NOT_FOLLOWED.contains(&url.scheme()) || (is_web && !url.has_host()) || url.as_str().len() > LONGEST_URL
    {
        return Err(request.wrong("redirectUrl", accepted));
    }
    Ok(Some(url.to_string()))
}

fn web_url(request: &Members<'_>, member: &str) -> Read<Option<String>> {
    let Some(text) = request.text(member)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    if is_web_url(text) {
        Ok(Some(text.to_owned()))
    } else {
        Err(request.wrong(member, "must be an http or https URL"))
    }
}

fn is_web_url(text: &str) -> bool {
    text.len() <= LONGEST_URL
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

const MOST_NOTICE_URLS: usize = 20;
const MOST_PRODUCTS: usize = 500;

fn sale(request: &Members<'_>, method: PayMethod, origin: Origin) -> Read<Sale> {
    let word = request.required("currency")?;
    let currency = Currency::parse(vocabulary::bare("CURRENCY_", word))
        .ok_or_else(|| request.wrong("currency", "must be an ISO 4217 code"))?;
    let total = amount(request, "totalAmount")?.ok_or_else(|| request.wrong("totalAmount", "is required"))?;
    let notices = notices(request)?;
    let bypass = bypass(request)?;
    Ok(Sale {
        order: Order {
            name: request.required("orderName")?.to_owned(),
            customer: customer(request)?,
            products: products(request)?,
            product_count: None,
            product_type: request
                .text("productType")?
                .map(|word| {
                    vocabulary::product_type(word)
                        .map(|kind| kind.as_str().to_owned())
                        .ok_or_else(|| request.wrong("productType", "must be REAL or DIGITAL"))
                })
                .transpose()?,
            shipping_address: request.object("shippingAddress")?.map(|parts| address(&parts)).transpose()?,
            custom_data: custom_data(request)?,
            country: request
                .text("country")?
                .map(|word| {
                    v2::Country::parse(vocabulary::bare("COUNTRY_", word))
                        .map(|country| country.as_str().to_owned())
                        .ok_or_else(|| request.wrong("country", "must be an ISO 3166-1 alpha-2 code"))
                })
                .transpose()?,
            locale: request
                .text("locale")?
                .map(|locale| vocabulary::bare("LOCALE_", locale).chars().take(10).collect()),
            is_cultural_expense: request.flag("isCulturalExpense")?.unwrap_or(false),
            is_escrow: request.flag("isEscrow")?.unwrap_or(false),
            // Set where it can be sealed.
            cash_receipt: None,
        },
        amounts: AmountsAsk {
            total,
            tax_free: amount(request, "taxFreeAmount")?.unwrap_or(Amount::ZERO),
            vat: amount(request, "vatAmount")?,
        },
        currency,
        origin,
        notices,
        promotion: request.owned("promotionId")?,
        bypass,
        receipt: cash_receipt(request, method)?,
    })
}

fn bypass(request: &Members<'_>) -> Read<Option<String>> {
    match request.value("bypass") {
        None => Ok(None),
        Some(Value::Object(object)) if object.is_empty() => Ok(None),
        Some(value @ Value::Object(_)) => Ok(Some(value.to_string())),
        Some(_) => Err(request.wrong("bypass", "must be an object")),
    }
}

fn notices(request: &Members<'_>) -> Read<Notices> {
    let mut notices = Notices::default();
    for (index, url) in request.list("noticeUrls", MOST_NOTICE_URLS)?.unwrap_or_default().iter().enumerate() {
        match url.as_str().filter(|url| is_web_url(url)) {
            Some(url) => notices.urls.push(url.to_owned()),
            None => {
                return Err(request.wrong(&format!("noticeUrls[{index}]"), "must be an http or https URL"));
            }
        }
    }
    Ok(notices)
}

fn amount(request: &Members<'_>, member: &str) -> Read<Option<Amount>> {
    request
        .integer(member)?
        .map(|units| {
            Amount::new(units).map_err(|error| request.wrong(member, &format!("cannot be taken: {error}")))
        })
        .transpose()
}

/// The longest custom data, in bytes of JSON.
const LONGEST_CUSTOM_DATA: usize = 64 * 1024;

/// Any JSON here; the API keeps a text.
fn custom_data(request: &Members<'_>) -> Read<Option<String>> {
    let text = match request.value("customData") {
        None => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.len() > LONGEST_CUSTOM_DATA || text.contains('\0') {
        let accepted = format!("must be JSON of at most {LONGEST_CUSTOM_DATA} bytes without U+0000");
        return Err(request.wrong("customData", &accepted));
    }
    Ok(Some(text))
}

fn customer(request: &Members<'_>) -> Read<Customer> {
    let Some(given) = request.object("customer")? else { return Ok(Customer::default()) };
    let email = given.owned("email")?;
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(given.wrong("email", "must be an e-mail address"));
    }
    let parts: Vec<&str> =
        [given.text("lastName")?, given.text("firstName")?].into_iter().flatten().collect();
    let joined = (!parts.is_empty()).then(|| parts.join(" "));
    Ok(Customer {
        id: given.owned("customerId")?,
        name: given.owned("fullName")?.filter(|name| !name.is_empty()).or(joined),
        birth_year: given.owned("birthYear")?,
        birth_month: given.owned("birthMonth")?,
        birth_day: given.owned("birthDay")?,
        gender: given
            .text("gender")?
            .map(|word| {
                vocabulary::gender(word)
                    .map(|gender| gender.as_str().to_owned())
                    .ok_or_else(|| given.wrong("gender", "must be MALE, FEMALE or OTHER"))
            })
            .transpose()?,
        email,
        phone_number: given.owned("phoneNumber")?,
        address: given.object("address")?.map(|parts| address(&parts)).transpose()?,
        zipcode: given.owned("zipcode")?,
        country: None,
        business_registration_number: None,
    })
}

/// Something on both sides of one `@`, without blanks and control characters. What it is worth shows when
/// it is written to.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && !host.is_empty()
        && !host.contains('@')
        && text.len() <= 320
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn address(given: &Members<'_>) -> Read<Address> {
    Ok(Address::Separated {
        line1: given.owned("addressLine1")?.unwrap_or_default(),
        line2: given.owned("addressLine2")?.unwrap_or_default(),
        city: given.owned("city")?,
        province: given.owned("province")?,
        country: given.owned("country")?,
    })
}

fn products(request: &Members<'_>) -> Read<Vec<Product>> {
    let one = |product: Members<'_>| {
        let quantity = product.integer("quantity")?.unwrap_or(1);
        let amount = product.integer("amount")?.unwrap_or(0);
        let quantity = i32::try_from(quantity).ok().filter(|quantity| *quantity >= 0);
        Ok(Product {
            id: product.required("id")?.to_owned(),
            name: product.required("name")?.to_owned(),
            tag: product.owned("tag")?,
            code: product.owned("code")?,
            amount: Some(amount)
                .filter(|amount| *amount >= 0)
                .ok_or_else(|| product.wrong("amount", "must not be negative"))?,
            quantity: quantity.ok_or_else(|| product.wrong("quantity", "must not be negative"))?,
            link: product.owned("link")?,
        })
    };
    request.objects("products", MOST_PRODUCTS)?.into_iter().map(one).collect()
}

/// The method's own options.
fn choices(request: &Members<'_>, method: PayMethod) -> Read<(Choices, Option<AccountExpiry>)> {
    let mut choices = Choices::default();
    let mut due = None;
    match method {
        PayMethod::Card => {
            if let Some(card) = request.object("card")? {
                choices.installments = installments(&card)?;
            }
        }
        PayMethod::EasyPay => {
            if let Some(wallet) = request.object("easyPay")? {
                choices.kind = word(&wallet, "easyPayProvider", vocabulary::easy_pay)?;
            }
        }
        PayMethod::AlipayPlus => {
            if let Some(wallet) = request.object("alipayPlus")? {
                choices.kind = word(&wallet, "easyPayProvider", vocabulary::easy_pay)?;
            }
        }
        PayMethod::GiftCertificate => {
            if let Some(gift) = request.object("giftCertificate")? {
                choices.kind = word(&gift, "giftCertificateType", vocabulary::gift_certificate)?;
            }
        }
        PayMethod::Transfer => {
            if let Some(transfer) = request.object("transfer")? {
                choices.bank = word(&transfer, "bankCode", vocabulary::bank)?;
            }
        }
        PayMethod::Mobile => {
            if let Some(mobile) = request.object("mobile")? {
                check_carriers(&mobile)?;
            }
        }
        PayMethod::VirtualAccount => {
            if let Some(account) = request.object("virtualAccount")? {
                choices.bank = word(&account, "bankCode", vocabulary::bank)?;
                choices.fixed_account = match account.object("fixedOption")? {
                    Some(fixed) => Some(fixed_account(&fixed)?),
                    None => None,
                };
                due = deadline(&account, "accountExpiry")?;
            }
        }
        PayMethod::ConvenienceStore => {
            if let Some(store) = request.object("convenienceStore")? {
                due = deadline(&store, "paymentDeadline")?;
            }
        }
        PayMethod::Paypal | PayMethod::Alipay => {}
    }
    Ok((choices, due))
}

fn word<T: std::fmt::Display>(
    given: &Members<'_>,
    member: &str,
    read: fn(&str) -> Option<T>,
) -> Read<Option<String>> {
    let known = |word| {
        let known = read(word).map(|word| word.to_string());
        known.ok_or_else(|| given.wrong(member, "is none of the words that this server knows"))
    };
    given.text(member)?.map(known).transpose()
}

fn fixed_account(given: &Members<'_>) -> Read<FixedAccount> {
    match (given.text("pgAccountId")?, given.text("accountNumber")?) {
        (Some(id), None) if !id.trim().is_empty() => Ok(FixedAccount::PgAccountId(id.to_owned())),
        (None, Some(number)) if !number.trim().is_empty() => Ok(FixedAccount::Number(number.to_owned())),
        _ => Err(given.wrong("accountNumber", "or pgAccountId is required, and not both")),
    }
}

/// `ANONYMOUS` is said for no receipt, and forbids an identifier. Without an identifier nobody could be named to
/// the tax office, so nothing is issued.
fn cash_receipt(request: &Members<'_>, method: PayMethod) -> Read<Option<WantedReceipt>> {
    let member = match method {
        PayMethod::Transfer => "transfer",
        PayMethod::VirtualAccount => "virtualAccount",
        PayMethod::EasyPay => "easyPay",
        PayMethod::Card
        | PayMethod::Mobile
        | PayMethod::GiftCertificate
        | PayMethod::Paypal
        | PayMethod::Alipay
        | PayMethod::ConvenienceStore
        | PayMethod::AlipayPlus => return Ok(None),
    };
    let Some(given) = request.object(member)? else { return Ok(None) };
    let Some(word) = given.text("cashReceiptType")? else { return Ok(None) };
    let identifier = given.text("customerIdentifier")?.filter(|text| !text.is_empty());
    let kind = match vocabulary::bare("CASH_RECEIPT_TYPE_", word) {
        "PERSONAL" => Kind::Personal,
        "CORPORATE" => Kind::Corporate,
        "ANONYMOUS" if identifier.is_some() => {
            return Err(given.wrong("customerIdentifier", "must be left out for an anonymous cash receipt"));
        }
        "ANONYMOUS" => return Ok(None),
        _ => return Err(given.wrong("cashReceiptType", "must be PERSONAL, CORPORATE or ANONYMOUS")),
    };
    let Some(number) = identifier else { return Ok(None) };
    let number =
        identity_number(number).ok_or_else(|| given.wrong("customerIdentifier", "must be digits"))?;
    Ok(Some(WantedReceipt { kind, identity_number: number }))
}

/// The schema spells it `avaliableCarriers`, its documentation does not.
fn check_carriers(given: &Members<'_>) -> Read<()> {
    let known = |member: &str, word: Option<&str>| match word {
        Some(word) if vocabulary::is_carrier(word) => Ok(()),
        _ => Err(given.wrong(member, "must be SKT, KT, LGU, HELLO, KCT or SK7")),
    };
    if let Some(word) = given.text("carrier")? {
        known("carrier", Some(word))?;
    }
    for member in ["avaliableCarriers", "availableCarriers"] {
        for word in given.list(member, 20)?.unwrap_or_default() {
            known(member, word.as_str())?;
        }
    }
    Ok(())
}

const MOST_MONTHS: i64 = 60;

fn installments(card: &Members<'_>) -> Read<InstallmentOffer> {
    if card.flag("useInstallment")? == Some(false) {
        return Ok(InstallmentOffer::Fixed(0));
    }
    let Some(option) =
        card.object("installment")?.map(|plan| plan.object("monthOption")).transpose()?.flatten()
    else {
        return Ok(InstallmentOffer::Usual);
    };
    let months = |value: Option<i64>| {
        value
            .filter(|months| (0..=MOST_MONTHS).contains(months))
            .and_then(|months| u8::try_from(months).ok())
            .ok_or_else(|| option.wrong("fixedMonth", &format!("must be from 0 to {MOST_MONTHS}")))
    };
    match (option.integer("fixedMonth")?, option.list("availableMonthList", 61)?) {
        (Some(fixed), None) => Ok(InstallmentOffer::Fixed(months(Some(fixed))?)),
        (None, Some(list)) => {
            let mut offered = list.iter().map(|value| months(value.as_i64())).collect::<Read<Vec<u8>>>()?;
            offered.sort_unstable();
            offered.dedup();
            Ok(InstallmentOffer::OneOf(offered))
        }
        _ => Err(card
            .wrong("installment.monthOption", "must have exactly one of fixedMonth and availableMonthList")),
    }
}

fn deadline(given: &Members<'_>, member: &str) -> Read<Option<AccountExpiry>> {
    let Some(expiry) = given.object(member)? else { return Ok(None) };
    match (expiry.integer("validHours")?, expiry.text("dueDate")?) {
        (Some(hours), None) => u32::try_from(hours)
            .ok()
            .filter(|hours| *hours > 0)
            .map(|hours| Some(AccountExpiry::ValidHours(hours)))
            .ok_or_else(|| expiry.wrong("validHours", "must be above 0")),
        (None, Some(text)) => due_date(text).map(|at| Some(AccountExpiry::DueDate(at))).ok_or_else(|| {
            expiry.wrong(
                "dueDate",
                "must be YYYYMMDD, YYYYMMDDHHmmss, YYYY-MM-DD, YYYY-MM-DD HH:mm:ss or RFC 3339",
            )
        }),
        _ => Err(given.wrong(member, "must have exactly one of validHours and dueDate")),
    }
}

/// Times without a zone are Korean; a day lasts until it ends.
fn due_date(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_written = match (text.len(), digits.len()) {
        (8, 8) | (14, 14) => true,
        (10, 8) => text.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).eq([4, 7]),
        (19, 14) => text.char_indices().filter(|(_, c)| !c.is_ascii_digit()).eq([
            (4, '-'),
            (7, '-'),
            (10, ' '),
            (13, ':'),
            (16, ':'),
        ]),
        _ => false,
    };
    if !is_written {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let small = |from: usize, to: usize| number(from, to).and_then(|part| i8::try_from(part).ok());
    let date = Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
    let seoul = TimeZone::fixed(jiff::tz::offset(9));
    if digits.len() == 8 {
        let midnight = DateTime::from_parts(date.tomorrow().ok()?, Time::midnight());
        let end = seoul.to_timestamp(midnight).ok()?;
        return end.checked_sub(SignedDuration::from_secs(1)).ok();
    }
    let time = Time::new(small(8, 10)?, small(10, 12)?, small(12, 14)?, 0).ok()?;
    seoul.to_timestamp(DateTime::from_parts(date, time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_dates_of_all_written_forms() {
        for (text, at) in [
            ("20270131", Some("2027-01-31T14:59:59Z")),
            ("2027-01-31", Some("2027-01-31T14:59:59Z")),
            ("20270131153000", Some("2027-01-31T06:30:00Z")),
            ("2027-01-31 15:30:00", Some("2027-01-31T06:30:00Z")),
            ("2027-01-31T15:30:00+09:00", Some("2027-01-31T06:30:00Z")),
            ("2027-01-31T15:30:00Z", Some("2027-01-31T15:30:00Z")),
            ("2027-02-30", None),
            ("2027/01/31", None),
            ("31-01-2027", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(due_date(text), at.map(|at| at.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_email_has_two_sides() {
        for (text, is) in [
            ("a@b", true),
            ("gildong@example.com", true),
            ("@b", false),
            ("a@", false),
            ("a", false),
            ("a@b@c", false),
            ("a b@c", false),
        ] {
            assert_eq!(is_email(text), is, "{text}");
        }
    }
}
