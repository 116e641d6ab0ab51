//! Payments on a named channel, and transactions.

use super::call::{Answered, Call, Nothing};
use super::need::{self, Tone};
use super::problem::Refused;
use super::translate as to;
use crate::app::caller::shown;
use crate::app::global::by_hand::Verdict;
use crate::app::global::initiate::{Initiate, Initiated};
use crate::app::global::order::replacing;
use crate::app::ticket::Ticket;
use crate::global::{amount, message, signature};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::catalogue::{self, Category};
use paypier_domain::global::{Choice, GlobalOrder, Taking, Texts};
use paypier_domain::payment::AttemptState;
use paypier_storage::{CommitError, PageAsk, PaymentFilter, SortBy, TimeField};
use paypier_wire::global::code::fault;
use paypier_wire::global::time::read as instant;
use paypier_wire::global::{
    Body, Code, Content, Done, FetchAllPaymentsRequest, InitiatePaymentAnswer, InitiatePaymentRequest,
    Number, Page, PaymentRow, TransactionDetailsContent, TransactionDetailsRequest, TransactionStatus,
    TransactionStatusContent, TransactionTextsContent, TransactionType, UpdateTransactionDetailsRequest,
    UpdateTransactionStatusRequest, signed,
};
use serde::Serialize;
use std::sync::Arc;

/// How long an authorisation waits for its capture.
const AUTHORISED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Rows of a page of payments at most.
const MOST_ROWS: i64 = 100;

/// `POST /api/initiatePayment`
pub async fn initiate(call: Arc<Call>, body: InitiatePaymentRequest) -> Answered<InitiatePaymentAnswer> {
    let caller = call.caller()?;
    let tone = Tone::Payment;
    let key = [&body.key, &body.portone_key, &body.chaipay_key].into_iter().find_map(Option::as_ref);
    let key = need::text(tone, "key", key)?;
    if key != caller.client_key() {
        return Err(fault::CLIENT_KEY_UNKNOWN.into());
    }
    let merchant_reference = need::text(tone, "merchant_order_id", body.merchant_order_id.as_ref())?;
    let is_routed = body.routing_enabled.is_some_and(|flag| flag.0);
    let route = if is_routed {
        to::route(body.routing_params.as_ref())?
    } else {
        vec![Choice {
            channel: need::text(tone, "pmt_channel", body.pmt_channel.as_ref())?.to_owned(),
            method: need::text(tone, "pmt_method", body.pmt_method.as_ref())?.to_owned(),
        }]
    };
    let description = need::text(tone, "description", body.description.as_ref())?;
    let number = need::some(tone, "amount", body.amount)?;
    let currency = need::text(tone, "currency", body.currency.as_ref())?;
    let success_url = need::text(tone, "success_url", body.success_url.as_ref())?;
    let failure_url = need::text(tone, "failure_url", body.failure_url.as_ref())?;
    let environment = need::environment(body.environment.as_ref())?;
    let asked = amount::positive(number)?;
    let signed = body.signature_hash.as_deref().filter(|signature| !signature.is_empty());
    match signed {
        Some(signature) => {
            let message = signed::PaymentRequest {
                amount: asked,
                client_key: key,
                currency,
                failure_url,
                merchant_order_id: merchant_reference,
                success_url,
            };
            if !signature::verify(&caller.secret, &message, signature) {
                return Err(fault::SIGNATURE_MISMATCH.into());
            }
        }
        None if call.is_trusted_page() => {}
        None => return Err(fault::SIGNATURE_MISSING_ON_PAYMENT.into()),
    }
    let currency = to::currency(currency)?;
    let total = amount::of(asked, currency)?;
    let taking = match &body.transaction_type {
        None => Taking::Purchase,
        Some(kind) => match kind.known() {
            Some(TransactionType::Purchase) => Taking::Purchase,
            Some(TransactionType::PreAuth) => Taking::PreAuthorised,
            None => {
                return Err(Refused::invalid(
                    Code::InvalidPaymentRequest,
                    "transaction_type must be PREAUTH or PURCHASE",
                ));
            }
        },
    };
    let lines = to::lines(body.order_details.as_ref(), to::Charges::default(), (asked, currency))?;
    let ask = Initiate {
        environment,
        merchant_reference: merchant_reference.to_owned(),
        route: route.into_iter().map(named).collect(),
        is_routed,
        currency,
        amount: total,
        texts: Texts {
            description: to::bounded(description),
            fields: [
                to::kept(body.user_configured_field1.as_ref()),
                to::kept(body.user_configured_field2.as_ref()),
                to::kept(body.user_configured_field3.as_ref()),
                to::kept(body.user_configured_field4.as_ref()),
                to::kept(body.user_configured_field5.as_ref()),
            ],
        },
        destinations: to::destinations(
            success_url,
            failure_url,
            body.pending_url.as_ref(),
            body.mobile_redirect_url.as_ref(),
        )?,
        billing: to::payer(body.billing_details.as_ref()),
        shipping: to::receiver(body.shipping_details.as_ref()),
        lines,
        taking,
        keeps_page: body.override_auto_redirect.is_some_and(|flag| flag.0),
        source: body.source.clone().filter(|source| !source.is_empty()).unwrap_or_else(|| "api".to_owned()),
        signature: signed.unwrap_or_default().to_owned(),
        link: None,
        origin: call.origin(),
        language: None,
    };
    Ok(started(call.app.initiate(caller, ask).await?))
}

/// A choice as the catalogue spells it, when it knows it: published keys differ in case and blanks.
fn named(choice: Choice) -> Choice {
    let channel = catalogue::channel(&choice.channel).map_or(choice.channel, str::to_owned);
    let method = catalogue::find(&channel, &choice.method).map_or(choice.method, |m| m.key.to_owned());
    Choice { channel, method }
}

fn started(initiated: Initiated) -> InitiatePaymentAnswer {
    let is_code = initiated.category == Category::QrCode;
    InitiatePaymentAnswer {
        is_success: true,
        qrcode_url: is_code.then(|| initiated.url.clone()),
        expiry_in_minutes: is_code.then(|| initiated.minutes.to_string()),
        redirect_url: initiated.url,
        channel_order_ref: String::new(),
        merchant_order_ref: initiated.order.merchant_reference,
        order_ref: initiated.order.reference,
        message: String::new(),
        deep_link: String::new(),
        additional_data: None,
    }
}

/// `GET /api/transaction/{merchantOrderRef}/status`
pub async fn status(call: Arc<Call>, _: Nothing) -> Answered<Content<TransactionStatusContent>> {
    let caller = call.caller()?;
    let view = call.app.order_by_any_reference(caller, &call.path("merchantOrderRef")?).await?;
    let transaction = view.transaction(&caller.global);
    Ok(Content::of(TransactionStatusContent {
        channel_order_ref: transaction.channel_order_ref(),
        order_ref: view.order.reference.clone(),
        status: transaction.status().to_string(),
    }))
}

/// What older clients read.
#[derive(Debug, Serialize)]
pub struct LegacyStatus {
    status: String,
    order_ref: String,
    channel_order_ref: String,
    merchant_order_ref: String,
    status_code: String,
    status_reason: String,
}

/// `GET /api/getTransactionStatus/{ref}`
pub async fn legacy_status(call: Arc<Call>, _: Nothing) -> Answered<LegacyStatus> {
    let caller = call.caller()?;
    let view = call.app.order_by_any_reference(caller, &call.segment(2)?).await?;
    let transaction = view.transaction(&caller.global);
    Ok(LegacyStatus {
        status: transaction.status().to_string(),
        order_ref: view.order.reference.clone(),
        channel_order_ref: transaction.channel_order_ref(),
        merchant_order_ref: view.order.merchant_reference.clone(),
        status_code: transaction.code_digits(),
        status_reason: transaction.code_reason(),
    })
}

/// `POST /api/{key}/transaction-details`
pub async fn details(
    call: Arc<Call>,
    body: TransactionDetailsRequest,
) -> Answered<Content<TransactionDetailsContent>> {
    let caller = call.caller()?;
    let reference = need::text(Tone::Request, "order_ref", body.order_ref.as_ref())?;
    let view = call.app.order_by_reference(caller, reference).await?;
    Ok(Content::of(message::details(&view.transaction(&caller.global), &caller.secret)))
}

/// `POST /api/transaction/{order_ref}/capture`
pub async fn capture(call: Arc<Call>, _: Nothing) -> Answered<Done> {
    let caller = call.caller()?;
    let not_authorised =
        || Refused::invalid(Code::InvalidRequest, "The transaction does not wait for its capture");
    let view = match call.app.order_by_reference(caller, &call.path("order_ref")?).await {
        Err(crate::app::global::Refusal::UnknownOrder) => return Err(fault::CAPTURE_UNKNOWN.into()),
        other => other?,
    };
    let transaction = view.transaction(&caller.global);
    if transaction.status() != TransactionStatus::Authorized {
        return Err(not_authorised());
    }
    let authorised_at = match transaction.attempt().map(|attempt| &attempt.state) {
        Some(AttemptState::Paid(paid)) => paid.at,
        _ => return Err(not_authorised()),
    };
    if view.now.duration_since(authorised_at) > AUTHORISED_FOR {
        return Err(crate::app::global::Refusal::AuthorisationExpired.into());
    }
    let payment = &view.order.payment;
    call.app.capture_payment_once(&caller.as_caller(), payment, &Ticket::none()).await?;
    Ok(Done::saying("Transaction captured successfully"))
}

/// `PUT /api/transaction/status`
pub async fn update_status(call: Arc<Call>, body: UpdateTransactionStatusRequest) -> Answered<Done> {
    let caller = call.caller()?;
    let reference = need::text(Tone::Request, "merchant_order_ref", body.merchant_order_ref.as_ref())?;
    let status = need::text(Tone::Request, "status", body.status.as_ref())?;
    let given = need::text(Tone::Request, "signature", body.signature.as_ref())?;
    let message =
        signed::StatusUpdate { client_key: caller.client_key(), merchant_order_ref: reference, status };
    if !signature::verify(&caller.secret, &message, given) {
        return Err(fault::SIGNATURE_MISMATCH.into());
    }
    let verdict = match status {
        "Success" => Verdict::Success,
        "Failed" => Verdict::Failed,
        _ => return Err(Refused::invalid(Code::InvalidStatusType, "status must be Success or Failed")),
    };
    let view = call.app.order_by_any_reference(caller, reference).await?;
    call.app.set_by_hand(caller, &view, verdict).await?;
    Ok(Done::saying("Transaction status updated successfully"))
}

/// `PUT /api/{portOneKey}/update-transaction-details/{merchant_order_ref}`
pub async fn update_details(
    call: Arc<Call>,
    body: UpdateTransactionDetailsRequest,
) -> Answered<Content<TransactionTextsContent>> {
    const TRIES: usize = 10;
    let caller = call.caller()?;
    let reference = call.path("merchant_order_ref")?;
    for _ in 0..TRIES {
        let view = call.app.order_by_any_reference(caller, &reference).await?;
        // A payment of the other dialect has no texts of this one.
        if view.order.version == 0 {
            return Err(fault::TRANSACTION_UNKNOWN.into());
        }
        let mut texts = view.order.texts.clone();
        if let Some(description) = &body.description {
            texts.description = to::kept(Some(description));
        }
        let given = [
            &body.user_configured_field1,
            &body.user_configured_field2,
            &body.user_configured_field3,
            &body.user_configured_field4,
            &body.user_configured_field5,
        ];
        for (field, given) in texts.fields.iter_mut().zip(given) {
            if given.is_some() {
                *field = to::kept(given.as_ref());
            }
        }
        let order = GlobalOrder { texts, ..view.order.clone() };
        let change = replacing(order.clone(), &view.order);
        match call.app.commit(&caller.profile, &Ticket::none(), change).await {
            Ok(()) => {
                let content = texts_of(&order);
                return Ok(Content::saying(content, "Transaction details updated successfully"));
            }
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(crate::app::failure::Failure::from(error).into()),
        }
    }
    Err(crate::app::failure::Failure::Overloaded.into())
}

fn texts_of(order: &GlobalOrder) -> TransactionTextsContent {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let [field1, field2, field3, field4, field5] = &order.texts.fields;
    TransactionTextsContent {
        description: said(&order.texts.description),
        user_configured_field1: said(field1),
        user_configured_field2: said(field2),
        user_configured_field3: said(field3),
        user_configured_field4: said(field4),
        user_configured_field5: said(field5),
    }
}

/// `POST /api/merchant/{key}/fetch-all-payments`
pub async fn list(call: Arc<Call>, body: FetchAllPaymentsRequest) -> Answered<Body<Page<PaymentRow>>> {
    let caller = call.caller()?;
    let key = call.path("key")?;
    if key != caller.client_key() {
        return Err(match call.app.global_caller(&key).await? {
            Some(_) => fault::CLIENT_KEY_UNKNOWN.into(),
            None => Refused::invalid(
                Code::MerchantNotFound,
                format!("Merchants not found with this PortOne Key : {}", shown(&key)),
            ),
        });
    }
    let page = counted("page", body.page)?;
    let size = counted("size", body.size)?.min(MOST_ROWS);
    let from = moment("from", body.from.as_ref())?;
    let until = moment("to", body.to.as_ref())?;
    let environment = need::environment(body.environment.as_ref())?;
    // Both ends belong to the range.
    let until = until.checked_add(SignedDuration::from_micros(1)).unwrap_or(until);
    let filter = PaymentFilter {
        store: Some(caller.store().clone()),
        environment: Some(environment),
        time_field: TimeField::CreatedAt,
        sort_by: SortBy::RequestedAt,
        ..PaymentFilter::of(caller.profile.store.merchant.clone(), from, until)
    };
    let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let ask = PageAsk { number: small(page.saturating_sub(1)), size: small(size) };
    let found = call.app.storage.payments(&filter, ask).await?;
    let total = found.total;
    let views = call.app.order_views(caller, found.items).await?;
    let rows: Vec<PaymentRow> =
        views.iter().map(|view| message::row(&view.transaction(&caller.global), &caller.secret)).collect();
    let counted = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Body::of(Page {
        total_elements: total,
        total_pages: total.div_ceil(counted(size).max(1)),
        size: counted(size),
        page: counted(page),
        number_of_elements: u64::try_from(rows.len()).unwrap_or(0),
        content: rows,
    }))
}

/// A whole number from 1.
fn counted(member: &str, number: Option<Number>) -> Answered<i64> {
    let number = need::some(Tone::Request, member, number)?;
    number.whole().filter(|number| *number >= 1).ok_or_else(|| {
        Refused::invalid(
            Code::InvalidRequest,
            format!("Invalid Request, err : {member} must be a whole number from 1"),
        )
    })
}

fn moment(member: &str, text: Option<&String>) -> Answered<Timestamp> {
    let text = need::text(Tone::Request, member, text)?;
    instant(text).ok_or_else(|| {
        Refused::invalid(Code::InvalidRequest, format!("Invalid Request, err : {member} is not a date"))
    })
}
