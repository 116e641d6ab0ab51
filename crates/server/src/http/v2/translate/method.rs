//! Methods of payment, as they are shown.

use super::card;
use paypier_domain::payment::virtual_account::{self, RefundStatus};
use paypier_domain::payment::{Attempt, Installment, Method, Payment};
use paypier_domain::psp::VirtualAccount;
use paypier_wire::v2;

/// The method of an attempt, with how far a refund of its deposit has come.
pub fn of_attempt(payment: &Payment, attempt: &Attempt) -> Option<v2::PaymentMethod> {
    let mut method = shown(attempt.method.as_ref()?);
    if let v2::PaymentMethod::VirtualAccount(account) = &mut method {
        account.refund_status = virtual_account::refund_status(payment, attempt).map(refund_status);
    }
    Some(method)
}

const fn refund_status(status: RefundStatus) -> v2::PaymentMethodVirtualAccountRefundStatus {
    match status {
        RefundStatus::Pending => v2::PaymentMethodVirtualAccountRefundStatus::Pending,
        RefundStatus::Completed => v2::PaymentMethodVirtualAccountRefundStatus::Completed,
        RefundStatus::Failed => v2::PaymentMethodVirtualAccountRefundStatus::Failed,
        RefundStatus::PartialFailed => v2::PaymentMethodVirtualAccountRefundStatus::PartialRefundFailed,
    }
}

/// Words that the dialect does not know are left out: every member but a few texts is optional.
pub fn shown(method: &Method) -> v2::PaymentMethod {
    match method {
        Method::Card { card, approval_number, installment, is_point_used } => v2::PaymentMethodCard {
            card: Some(card::shown(card)),
            approval_number: approval_number.clone(),
            installment: installment.as_ref().map(installment_shown),
            point_used: Some(*is_point_used),
        }
        .into(),
        Method::VirtualAccount { account } => account_shown(account).into(),
        Method::Transfer { bank, account_number } => v2::PaymentMethodTransfer {
            bank: bank.as_deref().and_then(v2::Bank::parse),
            account_number: account_number.clone(),
        }
        .into(),
        Method::Mobile { phone_number } => {
            v2::PaymentMethodMobile { phone_number: phone_number.clone() }.into()
        }
        Method::GiftCertificate { kind, approval_number } => v2::PaymentMethodGiftCertificate {
            gift_certificate_type: kind.as_deref().and_then(v2::PaymentMethodGiftCertificateType::parse),
            approval_number: approval_number.clone(),
        }
        .into(),
        Method::EasyPay { provider, card } => v2::PaymentMethodEasyPay {
            provider: provider.as_deref().and_then(v2::EasyPayProvider::parse),
            easy_pay_method: card.as_ref().map(|card| {
                v2::PaymentMethodCard { card: Some(card::shown(card)), ..v2::PaymentMethodCard::default() }
                    .into()
            }),
        }
        .into(),
        Method::ConvenienceStore { brand, confirmation_number, deadline } => {
            v2::PaymentMethodConvenienceStore {
                convenience_store_brand: brand.as_deref().and_then(v2::ConvenienceStoreBrand::parse),
                confirmation_number: confirmation_number.clone(),
                receipt_number: None,
                payment_deadline: deadline.map(Into::into),
            }
            .into()
        }
        Method::Crypto => v2::PaymentMethodCrypto {}.into(),
    }
}

fn installment_shown(installment: &Installment) -> v2::PaymentInstallment {
    v2::PaymentInstallment {
        month: i32::from(installment.months),
        is_interest_free: installment.is_interest_free,
        is_interest_free_from_merchant: Some(installment.is_interest_free_from_merchant),
    }
}

fn account_shown(account: &VirtualAccount) -> v2::PaymentMethodVirtualAccount {
    v2::PaymentMethodVirtualAccount {
        bank: account.bank.as_deref().and_then(v2::Bank::parse),
        account_number: account.account_number.clone(),
        account_type: account.kind.as_deref().and_then(v2::PaymentMethodVirtualAccountType::parse),
        remittee_name: account.remittee_name.clone(),
        remitter_name: account.remitter_name.clone(),
        expired_at: account.expires_at.map(Into::into),
        issued_at: account.issued_at.map(Into::into),
        refund_status: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::samples;

    #[test]
    fn every_method_has_its_shape() {
        let all: Vec<_> = samples::methods().iter().map(shown).collect();
        insta::assert_json_snapshot!(all);
    }
}
