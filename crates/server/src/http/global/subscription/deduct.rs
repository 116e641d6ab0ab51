//! Deductions on demand, on both of their paths, and the calendar's next one.

use super::refuse::{of_deduction, of_trigger};
use super::{bounded, currency, missing, own_key, signed, source};
use crate::app::subscription::DeductOnDemand;
use crate::global::amount;
use crate::global::transaction::Transaction;
use crate::http::global::call::{Answered, Call};
use crate::http::global::need;
use crate::http::global::problem::Refused;
use paypier_domain::id::SubscriptionRef;
use paypier_wire::global::code::fault;
use paypier_wire::global::signed::Deduction;
use paypier_wire::global::{
    Choices, Code, DeductionAnswer, DeductionRequest, Done, TransactionStatus, TriggerNextDeductionRequest,
};
use std::sync::Arc;

/// What is answered to several faults at once, and to a body that cannot be read.
const INVALID: &str = "The API request failed due to invalid parameters.";
const LONGEST_DESCRIPTION: usize = 2_000;

/// `POST /api/subscription/deduct`
pub async fn deduct(call: Arc<Call>, body: DeductionRequest) -> Answered<DeductionAnswer> {
    let made = made(&call, &body).await?;
    Ok(DeductionAnswer::as_deduct(&made.merchant_ref, &made.reference, &made.status))
}

/// `POST /api/subscription/createDeduction`
pub async fn create_deduction(call: Arc<Call>, body: DeductionRequest) -> Answered<DeductionAnswer> {
    let made = made(&call, &body).await?;
    Ok(DeductionAnswer::as_create_deduction(&made.merchant_ref, &made.reference, &made.status))
}

struct Made {
    merchant_ref: String,
    reference: String,
    status: String,
}

/// Both paths are the same but for how they are answered.
async fn made(call: &Call, body: &DeductionRequest) -> Answered<Made> {
    let ask = asked(call, body)?;
    let caller = call.caller()?;
    let deducted = call.app.deduct_on_demand(caller, ask).await.map_err(of_deduction)?;
    let transaction = deducted.view.transaction(&caller.global);
    let status = transaction.status();
    match status {
        TransactionStatus::Failed
        | TransactionStatus::Cancelled
        | TransactionStatus::Expired
        | TransactionStatus::Error
        | TransactionStatus::Voided => Err(refused(&transaction)),
        TransactionStatus::Initiated
        | TransactionStatus::Pending
        | TransactionStatus::Authorized
        | TransactionStatus::UnderReview
        | TransactionStatus::Success => Ok(Made {
            merchant_ref: transaction.order.merchant_reference.clone(),
            reference: transaction.order.reference.clone(),
            status: status.to_string(),
        }),
    }
}

/// The PSP said no; its own words say why.
fn refused(transaction: &Transaction<'_>) -> Refused {
    let said = transaction.channel_reason();
    let message = if said.is_empty() { transaction.user_message().to_owned() } else { said };
    Refused::invalid(transaction.code().unwrap_or(Code::PaymentProcessingError), message)
}

fn asked(call: &Call, body: &DeductionRequest) -> Answered<DeductOnDemand> {
    let filled = |value: &Option<String>| value.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let key_names = [&body.portone_key, &body.chaipay_key, &body.key];
    let key = key_names.into_iter().find_map(filled);
    let (signature, merchant_ref) = (filled(&body.signature_hash), filled(&body.merchant_order_ref));
    let (reference, currency_code) = (filled(&body.subscription_order_ref), filled(&body.currency));
    let source_word = body.source.as_ref().filter(|word| !word.as_str().is_empty());
    let is_missing = [
        ("portone_key", key.is_none()),
        ("signature_hash", signature.is_none()),
        ("merchant_order_ref", merchant_ref.is_none()),
        ("subscription_order_ref", reference.is_none()),
        ("source", source_word.is_none()),
        ("amount", body.amount.is_none()),
        ("currency", currency_code.is_none()),
    ];
    let mut faults = is_missing.into_iter().filter(|(_, is)| *is).map(|(member, _)| member);
    match (faults.next(), faults.next()) {
        (None, _) => {}
        (Some(member), None) => return Err(missing(member)),
        (Some(_), Some(_)) => return Err(Refused::invalid(Code::InvalidRequest, INVALID)),
    }
    let (
        Some(signature),
        Some(merchant_ref),
        Some(reference),
        Some(currency_code),
        Some(source_word),
        Some(number),
    ) = (signature, merchant_ref, reference, currency_code, source_word, body.amount)
    else {
        return Err(Refused::invalid(Code::InvalidRequest, INVALID));
    };
    own_key(call, key_names)?;
    let environment = need::environment(body.environment.as_ref())?;
    let source = source(source_word)?;
    let description = bounded("description", body.description.as_ref(), LONGEST_DESCRIPTION)?;
    let decimal = amount::positive(number)?;
    let message = Deduction {
        amount: decimal,
        client_key: call.caller()?.client_key(),
        currency: &currency_code,
        merchant_order_ref: &merchant_ref,
        subscription_order_ref: &reference,
    };
    signed(call, &message, &signature)?;
    let currency = currency(&currency_code)?;
    Ok(DeductOnDemand {
        subscription: SubscriptionRef::known(reference),
        environment,
        merchant_ref,
        amount: amount::of(decimal, currency)?,
        currency,
        source: source.as_str().to_owned(),
        description,
    })
}

/// `PUT /api/subscription/triggerNextDeduction`
pub async fn trigger(call: Arc<Call>, body: TriggerNextDeductionRequest) -> Answered<Done> {
    own_key(&call, [&body.portone_key, &None, &None])?;
    let reference = super::text("subscription_order_ref", body.subscription_order_ref.as_ref())?;
    // Whatever is wrong with what is named, the answer is one.
    let environment = need::environment(body.environment.as_ref()).map_err(|_| fault::TRIGGER)?;
    let reference = SubscriptionRef::known(reference);
    call.app.trigger_next_deduction(call.caller()?, environment, &reference).await.map_err(of_trigger)?;
    Ok(Done::flagged("The next deduction should happen shortly"))
}
