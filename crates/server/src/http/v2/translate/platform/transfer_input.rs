//! Transfers as they are asked for.

use crate::app::failure::Failure;
use crate::app::platform::transfer::{
    ExternalPayment, OwnProperties, RegisterCancel, RegisterManual, RegisterOrder,
};
use crate::http::v2::translate::amount::currency;
use crate::http::v2::translate::{id, invalid};
use paypier_domain::id::{CancellationId, IdError, PaymentId};
use paypier_domain::money::{Amount, SignedAmount};
use paypier_domain::settlement::calculator::ParameterValue;
use paypier_domain::settlement::cancel::{Cancel, CancelDetail, DiscountCancel, LineCancel};
use paypier_domain::settlement::id::{
    AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId, ProductId, TransferId,
};
use paypier_domain::settlement::order::Product;
use paypier_domain::settlement::property::MAX_VALUE_CHARS;
use paypier_domain::settlement::register::{DetailAsk, DiscountAsk, LineAsk, ManualAsk, OrderAsk};
use paypier_domain::settlement::transfer::{MAX_MEMO_CHARS, PaidWith};
use paypier_wire::time::Date;
use paypier_wire::v2;
use std::collections::BTreeMap;

/// Lines, discounts and fees that one request may name.
const MOST_LINES: usize = 1_000;

fn needed<T>(member: &str, text: &str, parse: fn(&str) -> Result<T, IdError>) -> Result<T, Failure> {
    parse(text).map_err(|error| invalid(member, &format!("is not accepted: {error}")))
}

fn amount(member: &str, units: i64) -> Result<Amount, Failure> {
    Amount::new(units).map_err(|error| invalid(member, &format!("is not accepted: {error}")))
}

fn maybe_amount(member: &str, units: Option<i64>) -> Result<Option<Amount>, Failure> {
    units.map(|units| amount(member, units)).transpose()
}

fn signed(member: &str, units: i64) -> Result<SignedAmount, Failure> {
    SignedAmount::new(units).map_err(|error| invalid(member, &format!("is not accepted: {error}")))
}

fn quantity(member: &str, count: i32) -> Result<u32, Failure> {
    u32::try_from(count).map_err(|_| invalid(member, "must not be negative"))
}

fn at_most(member: &str, count: usize) -> Result<(), Failure> {
    if count > MOST_LINES {
        return Err(invalid(member, &format!("has {count} elements; at most {MOST_LINES} are accepted")));
    }
    Ok(())
}

fn memo(memo: Option<String>) -> Result<Option<Box<str>>, Failure> {
    match &memo {
        Some(text) if text.chars().count() > MAX_MEMO_CHARS => {
            Err(invalid("memo", &format!("has more than {MAX_MEMO_CHARS} characters")))
        }
        Some(_) | None => Ok(memo.map(Into::into)),
    }
}

fn properties(given: Option<Vec<v2::PlatformUserDefinedPropertyKeyValue>>) -> Result<OwnProperties, Failure> {
    let given = given.unwrap_or_default();
    at_most("userDefinedProperties", given.len())?;
    let mut properties = OwnProperties::with_capacity(given.len());
    for one in given {
        if one.value.string.chars().count() > MAX_VALUE_CHARS {
            return Err(invalid(
                "userDefinedProperties",
                &format!("has a value of more than {MAX_VALUE_CHARS} characters"),
            ));
        }
        if properties.iter().any(|(key, _)| **key == *one.key) {
            return Err(invalid("userDefinedProperties", "names a key twice"));
        }
        properties.push((one.key.into(), one.value.string.into()));
    }
    Ok(properties)
}

fn day(day: Option<Date>) -> Option<jiff::civil::Date> {
    day.map(Date::get)
}

fn discounts(
    at: &str,
    given: Vec<v2::CreatePlatformOrderTransferBodyDiscount>,
) -> Result<Vec<DiscountAsk>, Failure> {
    at_most(&format!("{at}discounts"), given.len())?;
    given
        .into_iter()
        .map(|one| {
            Ok(DiscountAsk {
                policy: needed(
                    &format!("{at}discounts.sharePolicyId"),
                    &one.share_policy_id,
                    DiscountSharePolicyId::parse,
                )?,
                amount: amount(&format!("{at}discounts.amount"), one.amount)?,
                tax_free: amount(&format!("{at}discounts.taxFreeAmount"), one.tax_free_amount.unwrap_or(0))?,
            })
        })
        .collect()
}

fn fees(
    at: &str,
    given: Vec<v2::CreatePlatformOrderTransferBodyAdditionalFee>,
) -> Result<Vec<AdditionalFeePolicyId>, Failure> {
    let member = format!("{at}additionalFees");
    at_most(&member, given.len())?;
    given
        .iter()
        .map(|one| needed(&format!("{member}.policyId"), &one.policy_id, AdditionalFeePolicyId::parse))
        .collect()
}

fn line(line: v2::CreatePlatformOrderTransferBodyOrderLine) -> Result<LineAsk, Failure> {
    const AT: &str = "orderDetail.orderLines.";
    let product = line.product;
    Ok(LineAsk {
        product: Product {
            id: needed(&format!("{AT}product.id"), &product.id, ProductId::parse)?,
            name: product.name.into(),
            amount: amount(&format!("{AT}product.amount"), product.amount)?,
            tax_free: amount(&format!("{AT}product.taxFreeAmount"), product.tax_free_amount.unwrap_or(0))?,
            tag: product.tag.map(Into::into),
        },
        quantity: quantity(&format!("{AT}quantity"), line.quantity)?,
        discounts: discounts(AT, line.discounts.unwrap_or_default())?,
        additional_fees: fees(AT, line.additional_fees.unwrap_or_default())?,
    })
}

fn detail(detail: v2::CreatePlatformOrderTransferBodyOrderDetail) -> Result<DetailAsk, Failure> {
    match (detail.order_amount, detail.order_lines) {
        (Some(units), None) => Ok(DetailAsk::Amount(amount("orderDetail.orderAmount", units)?)),
        (None, Some(lines)) => {
            at_most("orderDetail.orderLines", lines.len())?;
            Ok(DetailAsk::Lines(lines.into_iter().map(line).collect::<Result<_, _>>()?))
        }
        (None, None) | (Some(_), Some(_)) => {
            Err(invalid("orderDetail", "takes exactly one of orderAmount and orderLines"))
        }
    }
}

fn parameters(given: Option<v2::TransferParameters>) -> Result<BTreeMap<Box<str>, ParameterValue>, Failure> {
    let given = given.map(|given| given.0).unwrap_or_default();
    given
        .into_iter()
        .map(|(key, value)| {
            let scale = u8::try_from(value.decimal_scale.unwrap_or(0)).ok();
            let value = scale.and_then(|scale| ParameterValue::new(value.decimal, scale));
            let value = value.ok_or_else(|| invalid("parameters.decimalScale", "must be from 0 to 5"))?;
            value
                .fraction()
                .map_err(|error| invalid("parameters.decimal", &format!("is not accepted: {error}")))?;
            Ok((key.into(), value))
        })
        .collect()
}

fn method(input: v2::PlatformPaymentMethodInput) -> Result<PaidWith, Failure> {
    let easy_pay = input.easy_pay.map(|easy_pay| PaidWith::EasyPay {
        provider: easy_pay.provider.map(|provider| provider.as_str().into()),
        method: easy_pay.method_type.map(|method| method.as_str().into()),
    });
    let mut given = [
        input.card.map(|_| PaidWith::Card),
        input.transfer.map(|_| PaidWith::Transfer),
        input.virtual_account.map(|_| PaidWith::VirtualAccount),
        input.gift_certificate.map(|_| PaidWith::GiftCertificate),
        input.mobile.map(|_| PaidWith::Mobile),
        easy_pay,
    ]
    .into_iter()
    .flatten();
    match (given.next(), given.next()) {
        (Some(method), None) => Ok(method),
        (None, _) | (Some(_), Some(_)) => {
            Err(invalid("externalPaymentDetail.method", "takes exactly one member"))
        }
    }
}

fn external(
    detail: v2::CreatePlatformOrderTransferBodyExternalPaymentDetail,
) -> Result<ExternalPayment, Failure> {
    Ok(ExternalPayment {
        currency: currency(detail.currency)?,
        order_name: detail.order_name.map(Into::into),
        paid_at: detail.paid_at.map(Into::into),
        method: detail.method.map(method).transpose()?,
    })
}

/// # Errors
/// What the dialect does not accept, by its member.
pub fn order(body: v2::CreatePlatformOrderTransferBody) -> Result<RegisterOrder, Failure> {
    Ok(RegisterOrder {
        partner: needed("partnerId", &body.partner_id, PartnerId::parse)?,
        contract: id("contractId", body.contract_id.as_deref(), ContractId::parse)?,
        ask: OrderAsk {
            id: id("id", body.id.as_deref(), TransferId::parse)?,
            payment: needed("paymentId", &body.payment_id, PaymentId::parse)?,
            detail: detail(body.order_detail)?,
            tax_free: maybe_amount("taxFreeAmount", body.tax_free_amount)?,
            discounts: discounts("", body.discounts.unwrap_or_default())?,
            additional_fees: fees("", body.additional_fees.unwrap_or_default())?,
            parameters: parameters(body.parameters)?,
            settlement_start_date: day(body.settlement_start_date),
            settlement_date: day(body.settlement_date),
        },
        external: body.external_payment_detail.map(external).transpose()?,
        memo: memo(body.memo)?,
        properties: properties(body.user_defined_properties)?,
    })
}

fn taken(
    at: &str,
    given: Vec<v2::CreatePlatformOrderCancelTransferBodyDiscount>,
) -> Result<Vec<DiscountCancel>, Failure> {
    at_most(&format!("{at}discounts"), given.len())?;
    given
        .into_iter()
        .map(|one| {
            Ok(DiscountCancel {
                policy: needed(
                    &format!("{at}discounts.sharePolicyId"),
                    &one.share_policy_id,
                    DiscountSharePolicyId::parse,
                )?,
                amount: amount(&format!("{at}discounts.amount"), one.amount)?,
                tax_free: amount(&format!("{at}discounts.taxFreeAmount"), one.tax_free_amount.unwrap_or(0))?,
            })
        })
        .collect()
}

fn cancel_detail(
    detail: Option<v2::CreatePlatformOrderCancelTransferBodyOrderDetail>,
) -> Result<CancelDetail, Failure> {
    const AT: &str = "orderDetail.orderLines.";
    let Some(detail) = detail else { return Ok(CancelDetail::All) };
    match (detail.order_amount, detail.order_lines, detail.all) {
        (Some(units), None, None) => Ok(CancelDetail::Amount(amount("orderDetail.orderAmount", units)?)),
        (None, Some(lines), None) => {
            at_most("orderDetail.orderLines", lines.len())?;
            let line = |line: v2::CreatePlatformOrderCancelTransferBodyOrderLine| {
                Ok(LineCancel {
                    product: needed(&format!("{AT}productId"), &line.product_id, ProductId::parse)?,
                    quantity: quantity(&format!("{AT}quantity"), line.quantity)?,
                    discounts: taken(AT, line.discounts.unwrap_or_default())?,
                })
            };
            Ok(CancelDetail::Lines(lines.into_iter().map(line).collect::<Result<_, Failure>>()?))
        }
        (None, None, Some(_)) => Ok(CancelDetail::All),
        _ => Err(invalid("orderDetail", "takes exactly one of orderAmount, orderLines and all")),
    }
}

/// # Errors
/// As [`order`].
pub fn cancel(body: v2::CreatePlatformOrderCancelTransferBody) -> Result<RegisterCancel, Failure> {
    Ok(RegisterCancel {
        id: id("id", body.id.as_deref(), TransferId::parse)?,
        transfer: id("transferId", body.transfer_id.as_deref(), TransferId::parse)?,
        partner: id("partnerId", body.partner_id.as_deref(), PartnerId::parse)?,
        payment: id("paymentId", body.payment_id.as_deref(), PaymentId::parse)?,
        cancellation: needed("cancellationId", &body.cancellation_id, CancellationId::parse)?,
        external: body.external_cancellation_detail.map(|detail| detail.cancelled_at.map(Into::into)),
        what: Cancel {
            detail: cancel_detail(body.order_detail)?,
            tax_free: maybe_amount("taxFreeAmount", body.tax_free_amount)?,
            discounts: taken("", body.discounts.unwrap_or_default())?,
        },
        settlement_start_date: day(body.settlement_start_date),
        settlement_date: day(body.settlement_date),
        memo: memo(body.memo)?,
        properties: properties(body.user_defined_properties)?,
    })
}

/// # Errors
/// As [`order`].
pub fn manual(body: v2::CreatePlatformManualTransferBody) -> Result<RegisterManual, Failure> {
    Ok(RegisterManual {
        partner: needed("partnerId", &body.partner_id, PartnerId::parse)?,
        ask: ManualAsk {
            id: id("id", body.id.as_deref(), TransferId::parse)?,
            settlement: signed("settlementAmount", body.settlement_amount)?,
            tax_free: signed("settlementTaxFreeAmount", body.settlement_tax_free_amount.unwrap_or(0))?,
            currency: body.settlement_currency.map(currency).transpose()?,
        },
        settlement_date: body.settlement_date.get(),
        memo: memo(body.memo)?,
        properties: properties(body.user_defined_properties)?,
    })
}
