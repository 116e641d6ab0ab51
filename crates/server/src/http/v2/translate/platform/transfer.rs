//! Transfers as they are shown.

use super::{Kind, additional_fee_policy, contract, discount_share_policy, graphql_id, is_for_test, partner};
use crate::app::failure::Failure;
use crate::app::platform::transfer_view::TransferView;
use crate::http::v2::translate::amount::currency_shown;
use paypier_domain::settlement::amount::SettlementAmount;
use paypier_domain::settlement::calculator::ParameterValue;
use paypier_domain::settlement::order::{Calculation, DiscountCalculation, FeeCalculation, LineCalculation};
use paypier_domain::settlement::partner::PartnerDetails;
use paypier_domain::settlement::status::TransferStatus;
use paypier_domain::settlement::transfer::{PaidWith, TransferContent, TransferPayment};
use paypier_wire::v2;
use std::collections::BTreeMap;

pub const fn status_shown(status: TransferStatus) -> v2::PlatformTransferStatus {
    match status {
        TransferStatus::Scheduled => v2::PlatformTransferStatus::Scheduled,
        TransferStatus::InProcess => v2::PlatformTransferStatus::InProcess,
        TransferStatus::Settled => v2::PlatformTransferStatus::Settled,
        TransferStatus::PayoutConfirmed => v2::PlatformTransferStatus::PayoutConfirmed,
        TransferStatus::InPayout => v2::PlatformTransferStatus::InPayout,
        TransferStatus::PaidOut => v2::PlatformTransferStatus::PaidOut,
    }
}

pub fn amount_shown(of: &SettlementAmount) -> v2::PlatformOrderSettlementAmount {
    v2::PlatformOrderSettlementAmount {
        settlement: of.settlement.minor_units(),
        settlement_tax_free: of.settlement_tax_free.minor_units(),
        payment: of.payment.minor_units(),
        payment_vat: of.payment_vat.minor_units(),
        payment_vat_burden: of.payment_vat_burden.minor_units(),
        payment_tax_free: of.payment_tax_free.minor_units(),
        payment_supply: of.payment_supply.minor_units(),
        order: of.order.minor_units(),
        order_tax_free: of.order_tax_free.minor_units(),
        platform_fee: of.platform_fee.minor_units(),
        platform_fee_vat: of.platform_fee_vat.minor_units(),
        additional_fee: of.additional_fee.minor_units(),
        additional_fee_vat: of.additional_fee_vat.minor_units(),
        discount: of.discount.minor_units(),
        discount_tax_free: of.discount_tax_free.minor_units(),
        discount_share: of.discount_share.minor_units(),
        discount_share_tax_free: of.discount_share_tax_free.minor_units(),
        user_defined_formulas: v2::PlatformUserDefinedFormulaResults(
            of.user_defined.iter().map(|(key, value)| (key.to_string(), value.minor_units())).collect(),
        ),
        // For clients of October 2024.
        tax_free: of.payment_tax_free.minor_units(),
        supply: of.payment_supply.minor_units(),
    }
}

pub fn properties_shown(of: &[(Box<str>, Box<str>)]) -> Vec<v2::PlatformUserDefinedPropertyKeyValue> {
    of.iter()
        .map(|(key, value)| v2::PlatformUserDefinedPropertyKeyValue {
            key: key.to_string(),
            value: v2::PlatformUserDefinedPropertyValue { string: value.to_string() },
        })
        .collect()
}

fn parameters_shown(of: &BTreeMap<Box<str>, ParameterValue>) -> v2::TransferParameters {
    let shown = |value: &ParameterValue| v2::PlatformSettlementParameterValue {
        decimal: value.decimal(),
        decimal_scale: Some(i32::from(value.scale())),
    };
    v2::TransferParameters(of.iter().map(|(key, value)| (key.to_string(), shown(value))).collect())
}

/// The dialect has no words for some methods here.
fn method_shown(method: &PaidWith) -> Option<v2::PlatformPaymentMethod> {
    Some(match method {
        PaidWith::Card => v2::PlatformPaymentMethodCard {}.into(),
        PaidWith::Transfer => v2::PlatformPaymentMethodTransfer {}.into(),
        PaidWith::VirtualAccount => v2::PlatformPaymentMethodVirtualAccount {}.into(),
        PaidWith::GiftCertificate => v2::PlatformPaymentMethodGiftCertificate {}.into(),
        PaidWith::Mobile => v2::PlatformPaymentMethodMobile {}.into(),
        PaidWith::EasyPay { provider, method } => v2::PlatformPaymentMethodEasyPay {
            provider: provider.as_deref().and_then(v2::EasyPayProvider::parse),
            method_type: method.as_deref().and_then(v2::EasyPayMethodType::parse),
        }
        .into(),
        PaidWith::ConvenienceStore | PaidWith::Crypto => return None,
    })
}

fn payment_shown(payment: &TransferPayment) -> Result<v2::PlatformPayment, Failure> {
    let currency = currency_shown(payment.currency)?;
    let method = payment.method.as_ref().and_then(method_shown);
    let order_name = payment.order_name.as_deref().map(str::to_owned);
    let id = payment.id.as_str().to_owned();
    Ok(match (&payment.channel, payment.paid_at) {
        (Some(channel), Some(paid_at)) => v2::PlatformPortOnePayment {
            id,
            store_id: payment.store.as_str().to_owned(),
            channel_key: channel.as_str().to_owned(),
            order_name: order_name.unwrap_or_default(),
            method,
            currency,
            paid_at: paid_at.into(),
        }
        .into(),
        (None, paid_at) => {
            v2::PlatformExternalPayment { id, order_name, currency, method, paid_at: paid_at.map(Into::into) }
                .into()
        }
        (Some(_), None) => return Err(Failure::internal("a payment of ours has no time of payment")),
    })
}

fn summary_payment(payment: &TransferPayment) -> Result<v2::PlatformTransferSummaryPayment, Failure> {
    let currency = currency_shown(payment.currency)?;
    let method_type = payment.method.as_ref().and_then(|method| v2::PaymentMethodType::parse(method.kind()));
    let id = payment.id.as_str().to_owned();
    let order_name = payment.order_name.as_deref().map(str::to_owned);
    Ok(if payment.is_ours() {
        v2::PlatformTransferSummaryPortOnePayment {
            id,
            order_name: order_name.unwrap_or_default(),
            currency,
            method_type,
        }
        .into()
    } else {
        v2::PlatformTransferSummaryExternalPayment { id, order_name, currency, method_type }.into()
    })
}

/// The parts of an order, with the policies that they name.
struct Parts {
    lines: Vec<v2::PlatformOrderTransferOrderLine>,
    discounts: Vec<v2::PlatformOrderTransferDiscount>,
    additional_fees: Vec<v2::PlatformOrderTransferAdditionalFee>,
}

impl Parts {
    fn of(view: &TransferView, calculation: &Calculation) -> Result<Self, Failure> {
        let line = |line: &LineCalculation| {
            Ok(v2::PlatformOrderTransferOrderLine {
                product: v2::PlatformOrderTransferProduct {
                    id: line.product.id.as_str().to_owned(),
                    name: line.product.name.to_string(),
                    amount: line.product.amount.minor_units(),
                    tax_free_amount: line.product.tax_free.minor_units(),
                    tag: line.product.tag.as_deref().map(str::to_owned),
                },
                quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
                discounts: discounts(view, &line.discounts)?,
                additional_fees: additional_fees(view, &line.additional_fees)?,
                amount: amount_shown(&line.amount),
            })
        };
        Ok(Self {
            lines: calculation.lines.iter().map(line).collect::<Result<_, Failure>>()?,
            discounts: discounts(view, &calculation.discounts)?,
            additional_fees: additional_fees(view, &calculation.additional_fees)?,
        })
    }
}

fn discounts(
    view: &TransferView,
    of: &[DiscountCalculation],
) -> Result<Vec<v2::PlatformOrderTransferDiscount>, Failure> {
    of.iter()
        .map(|one| {
            let policy = view.discounts.get(&one.policy).ok_or_else(gone)?;
            Ok(v2::PlatformOrderTransferDiscount {
                share_policy: discount_share_policy::shown(policy, policy.of.current()),
                amount: one.amount.minor_units(),
                tax_free_amount: one.tax_free.minor_units(),
                share_amount: one.share.minor_units(),
                share_tax_free_amount: one.share_tax_free.minor_units(),
            })
        })
        .collect()
}

fn additional_fees(
    view: &TransferView,
    of: &[FeeCalculation],
) -> Result<Vec<v2::PlatformOrderTransferAdditionalFee>, Failure> {
    of.iter()
        .map(|one| {
            let policy = view.fees.get(&one.policy).ok_or_else(gone)?;
            Ok(v2::PlatformOrderTransferAdditionalFee {
                policy: additional_fee_policy::shown(policy, policy.of.current()),
                amount: one.amount.minor_units(),
                vat: one.vat.minor_units(),
            })
        })
        .collect()
}

fn gone() -> Failure {
    Failure::internal("a policy of a transfer is gone")
}

fn contract_shown(view: &TransferView) -> Result<v2::PlatformContract, Failure> {
    let own = view.contract.as_ref().ok_or_else(|| Failure::internal("an order transfer has no contract"))?;
    Ok(contract::shown(own, own.of.current()))
}

/// # Errors
/// `Internal`: what is stored cannot be said in this dialect.
pub fn shown(view: &TransferView) -> Result<v2::PlatformTransfer, Failure> {
    let transfer = &view.transfer;
    let id = transfer.id.as_str().to_owned();
    let payout_id = transfer.settlement.as_ref().and_then(|joined| joined.payout.as_ref());
    let payout_id = payout_id.map(|id| id.as_str().to_owned());
    let payout_graphql_id = payout_id.as_deref().map(|id| graphql_id(Kind::Payout, id));
    let graphql_id = graphql_id(Kind::Transfer, &id);
    let partner = partner::current(&view.partner)?;
    let status = status_shown(view.status);
    let memo = transfer.memo.as_deref().map(str::to_owned);
    let settlement_date = transfer.settles_on.into();
    let settlement_currency = currency_shown(transfer.currency)?;
    let is_for_test = is_for_test(&transfer.platform);
    let user_defined_properties = properties_shown(&transfer.properties);
    Ok(match &transfer.content {
        TransferContent::Order(order) => {
            let parts = Parts::of(view, &order.calculation)?;
            v2::PlatformOrderTransfer {
                id,
                graphql_id,
                partner,
                status,
                memo,
                settlement_date,
                settlement_currency,
                payout_id,
                payout_graphql_id,
                is_for_test,
                user_defined_properties,
                amount: amount_shown(&order.calculation.amount),
                contract: contract_shown(view)?,
                payment: payment_shown(&order.payment)?,
                settlement_start_date: order.starts_on.into(),
                order_lines: parts.lines,
                additional_fees: parts.additional_fees,
                discounts: parts.discounts,
                parameters: parameters_shown(&order.parameters),
            }
            .into()
        }
        TransferContent::OrderCancel(cancel) => {
            let parts = Parts::of(view, &cancel.calculation)?;
            v2::PlatformOrderCancelTransfer {
                id,
                graphql_id,
                partner,
                status,
                memo,
                settlement_date,
                settlement_currency,
                payout_id,
                payout_graphql_id,
                is_for_test,
                user_defined_properties,
                amount: amount_shown(&cancel.calculation.amount),
                contract: contract_shown(view)?,
                payment: payment_shown(&cancel.payment)?,
                settlement_start_date: cancel.starts_on.into(),
                order_lines: parts.lines,
                additional_fees: parts.additional_fees,
                discounts: parts.discounts,
                cancellation: v2::PlatformOrderTransferCancellation {
                    id: cancel.cancellation.id.as_str().to_owned(),
                    cancelled_at: cancel.cancellation.cancelled_at.into(),
                },
                parameters: parameters_shown(&cancel.parameters),
            }
            .into()
        }
        TransferContent::Manual(manual) => v2::PlatformManualTransfer {
            id,
            graphql_id,
            partner,
            status,
            memo,
            settlement_date,
            settlement_currency,
            payout_id,
            payout_graphql_id,
            is_for_test,
            user_defined_properties,
            settlement_amount: manual.settlement.minor_units(),
            settlement_tax_free_amount: manual.tax_free.minor_units(),
        }
        .into(),
    })
}

fn summary_partner(view: &TransferView) -> v2::PlatformTransferSummaryPartner {
    let definition = &view.partner.definition;
    let terms = definition.terms();
    let id = definition.id().as_str().to_owned();
    let (r#type, taxation_type) = match &terms.details {
        PartnerDetails::Business(business) => (
            v2::PlatformTransferSummaryPartnerType::Business,
            Some(partner::taxation_shown(business.taxation)),
        ),
        PartnerDetails::WhtPayer(_) => (v2::PlatformTransferSummaryPartnerType::WhtPayer, None),
        PartnerDetails::NonWhtPayer(_) => (v2::PlatformTransferSummaryPartnerType::NonWhtPayer, None),
    };
    v2::PlatformTransferSummaryPartner {
        graphql_id: graphql_id(Kind::Partner, &id),
        id,
        name: terms.name.to_string(),
        r#type,
        taxation_type,
        user_defined_properties: partner_properties(view),
    }
}

fn partner_properties(view: &TransferView) -> Vec<v2::PlatformUserDefinedPropertyKeyValue> {
    let own: Vec<(Box<str>, Box<str>)> = view
        .partner
        .definition
        .terms()
        .properties
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    properties_shown(&own)
}

/// # Errors
/// As [`shown`].
pub fn summary(view: &TransferView) -> Result<v2::PlatformTransferSummary, Failure> {
    let transfer = &view.transfer;
    let id = transfer.id.as_str().to_owned();
    let graphql_id = graphql_id(Kind::Transfer, &id);
    let partner = summary_partner(view);
    let status = status_shown(view.status);
    let memo = transfer.memo.as_deref().map(str::to_owned);
    let settlement_date = transfer.settles_on.into();
    let settlement_currency = currency_shown(transfer.currency)?;
    let is_for_test = is_for_test(&transfer.platform);
    let user_defined_properties = properties_shown(&transfer.properties);
    let partner_user_defined_properties = partner_properties(view);
    Ok(match &transfer.content {
        TransferContent::Order(order) => v2::PlatformOrderTransferSummary {
            id,
            graphql_id,
            store_id: order.payment.store.as_str().to_owned(),
            partner,
            contract: contract_shown(view)?,
            status,
            memo,
            settlement_date,
            settlement_currency,
            is_for_test,
            partner_user_defined_properties,
            user_defined_properties,
            amount: amount_shown(&order.calculation.amount),
            payment: summary_payment(&order.payment)?,
            settlement_start_date: order.starts_on.into(),
        }
        .into(),
        TransferContent::OrderCancel(cancel) => v2::PlatformOrderCancelTransferSummary {
            id,
            graphql_id,
            store_id: cancel.payment.store.as_str().to_owned(),
            partner,
            contract: contract_shown(view)?,
            status,
            memo,
            settlement_date,
            settlement_currency,
            is_for_test,
            partner_user_defined_properties,
            user_defined_properties,
            amount: amount_shown(&cancel.calculation.amount),
            payment: summary_payment(&cancel.payment)?,
            settlement_start_date: cancel.starts_on.into(),
        }
        .into(),
        TransferContent::Manual(manual) => v2::PlatformManualTransferSummary {
            id,
            graphql_id,
            partner,
            status,
            memo,
            settlement_date,
            settlement_currency,
            is_for_test,
            partner_user_defined_properties,
            user_defined_properties,
            settlement_amount: manual.settlement.minor_units(),
            settlement_tax_free_amount: manual.tax_free.minor_units(),
        }
        .into(),
    })
}
