//! Every refusal about transfers, settlements and payouts: the dialect's type and the members it has.

use crate::app::platform::settlement_outcome::SettlementFailure;
use crate::http::v2::translate::platform::{Kind, graphql_id};
use paypier_domain::money::Currency;
use paypier_domain::settlement::bulk::{
    ApproveRefusal, CompleteRefusal, CreateRefusal, ExecuteRefusal, GenerateRefusal,
};
use paypier_domain::settlement::cancel::{AmountKind, CancelRefusal};
use paypier_domain::settlement::delete::{SettlementDeleteRefusal, TransferDeleteRefusal};
use paypier_domain::settlement::id::{DiscountSharePolicyId, PartnerSettlementId, ProductId, TransferId};
use paypier_domain::settlement::limit::{CancellationExceeded, PaymentExceeded, PaymentPart};
use paypier_domain::settlement::manual::ManualRefusal;
use paypier_domain::settlement::order::{AmountExceeded, ExceededReason};
use paypier_domain::settlement::register::{ManualTransferRefusal, OrderCancelRefusal, OrderRefusal};
use paypier_domain::settlement::withdrawal::{
    ApproveWithdrawalRefusal, CancelWithdrawalRefusal, WithdrawRefusal,
};
use paypier_wire::v2;
use paypier_wire::v2::{ErrorType as E, PlatformErrorDetails as Details};

type Said = (E, Option<Details>);

const fn plain(kind: E) -> Said {
    (kind, None)
}

fn ids<'a>(kind: Kind, ids: impl IntoIterator<Item = &'a str>) -> Option<Details> {
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let graphql_ids = ids.iter().map(|id| graphql_id(kind, id)).collect();
    Some(Details::Ids(v2::PlatformErrorIds { ids, graphql_ids }))
}

fn settlements(of: &[PartnerSettlementId]) -> Option<Details> {
    ids(Kind::PartnerSettlement, of.iter().map(PartnerSettlementId::as_str))
}

fn product(id: &ProductId) -> Option<Details> {
    Some(Details::Product(v2::PlatformErrorProduct { id: id.as_str().to_owned() }))
}

fn exists(id: &TransferId) -> Option<Details> {
    Some(Details::Transfer(v2::PlatformErrorTransfer {
        transfer_id: id.as_str().to_owned(),
        transfer_graphql_id: graphql_id(Kind::Transfer, id.as_str()),
    }))
}

fn dates(starts_on: jiff::civil::Date, settles_on: jiff::civil::Date) -> Option<Details> {
    Some(Details::Dates(v2::PlatformErrorDates {
        settlement_start_date: starts_on.into(),
        settlement_date: settles_on.into(),
    }))
}

fn exceeded(of: &AmountExceeded) -> Said {
    let reason = match of.reason {
        ExceededReason::DiscountThanOrder => v2::PlatformSettlementAmountExceededType::DiscountThanOrder,
        ExceededReason::DiscountTaxFreeThanDiscount => {
            v2::PlatformSettlementAmountExceededType::DiscountTaxFreeThanDiscount
        }
        ExceededReason::DiscountTaxFreeThanOrderTaxFree => {
            v2::PlatformSettlementAmountExceededType::DiscountTaxFreeThanOrderTaxFree
        }
        ExceededReason::PaymentTaxFreeThanPayment => {
            v2::PlatformSettlementAmountExceededType::PaymentTaxFreeThanPayment
        }
    };
    let details = v2::PlatformErrorSettlement {
        requested_amount: of.asked.minor_units(),
        allowed_amount: of.allowed.minor_units(),
        product_id: of.product.as_ref().map(|id| id.as_str().to_owned()),
        amount_exceeded_type: Some(reason),
    };
    (E::PlatformSettlementAmountExceeded, Some(Details::Settlement(details)))
}

fn fee_currency(kind: E, of: Kind, id: &str, settlement: Currency) -> Said {
    let details = v2::PlatformErrorFeeCurrency {
        id: id.to_owned(),
        graphql_id: graphql_id(of, id),
        fee_currency: v2::Currency::Krw,
        settlement_currency: v2::Currency::parse(settlement.code()).unwrap_or(v2::Currency::Krw),
    };
    (kind, Some(Details::FeeCurrency(details)))
}

fn payment_exceeded(of: &PaymentExceeded) -> Said {
    let (registered, request, allowed) =
        (of.registered.minor_units(), of.asked.minor_units(), of.allowed.minor_units());
    match of.part {
        PaymentPart::Total => (
            E::PlatformSettlementPaymentAmountExceededPortOnePayment,
            Some(Details::Payment(v2::PlatformErrorPayment {
                registered_settlement_payment_amount: registered,
                request_settlement_payment_amount: request,
                port_one_payment_amount: allowed,
            })),
        ),
        PaymentPart::TaxFree => (
            E::PlatformSettlementTaxFreeAmountExceededPortOnePayment,
            Some(Details::TaxFree(v2::PlatformErrorTaxFree {
                registered_settlement_tax_free_amount: registered,
                request_settlement_tax_free_amount: request,
                port_one_tax_free_amount: allowed,
            })),
        ),
        PaymentPart::SupplyWithVat => (
            E::PlatformSettlementSupplyWithVatAmountExceededPortOnePayment,
            Some(Details::Supply(v2::PlatformErrorSupply {
                registered_settlement_supply_with_vat_amount: registered,
                request_settlement_supply_with_vat_amount: request,
                port_one_supply_with_vat_amount: allowed,
            })),
        ),
    }
}

fn order(refusal: &OrderRefusal) -> Said {
    use OrderRefusal as R;
    match refusal {
        R::Malformed(_) | R::NoDate(_) => plain(E::InvalidRequest),
        R::PartnerNotFound => plain(E::PlatformPartnerNotFound),
        R::ContractNotFound => plain(E::PlatformContractNotFound),
        R::DiscountSharePoliciesNotFound(missing) => (
            E::PlatformDiscountSharePoliciesNotFound,
            ids(Kind::DiscountSharePolicy, missing.iter().map(|id| id.as_str())),
        ),
        R::AdditionalFeePoliciesNotFound(missing) => (
            E::PlatformAdditionalFeePoliciesNotFound,
            ids(Kind::AdditionalFeePolicy, missing.iter().map(|id| id.as_str())),
        ),
        R::PaymentNotFound => plain(E::PlatformPaymentNotFound),
        R::PropertyNotFound(_) => plain(E::PlatformUserDefinedPropertyNotFound),
        R::ParameterNotFound(_) => plain(E::PlatformSettlementParameterNotFound),
        R::IdAlreadyUsed(_) => plain(E::PlatformTransferIdAlreadyUsed),
        R::AlreadyExists(id) => (E::PlatformTransferAlreadyExists, exists(id)),
        R::ProductTwice(id) => (E::PlatformProductIdDuplicated, product(id)),
        R::CurrencyNotSupported(_) => plain(E::PlatformCurrencyNotSupported),
        R::ContractFeeCurrency { contract, settlement } => fee_currency(
            E::PlatformContractPlatformFixedAmountFeeCurrencyAndSettlementCurrencyMismatched,
            Kind::Contract,
            contract.as_str(),
            *settlement,
        ),
        R::AdditionalFeeCurrency { policy, settlement } => fee_currency(
            E::PlatformAdditionalFixedAmountFeeCurrencyAndSettlementCurrencyMismatched,
            Kind::AdditionalFeePolicy,
            policy.as_str(),
            *settlement,
        ),
        R::Exceeded(of) => exceeded(of),
        R::PaymentExceeded(of) => payment_exceeded(of),
        R::DateBeforeStart { starts_on, settles_on } => {
            (E::PlatformSettlementDateEarlierThanSettlementStartDate, dates(*starts_on, *settles_on))
        }
    }
}

fn discount(
    kind: E,
    policy: &DiscountSharePolicyId,
    (cancellable, asked): (paypier_domain::money::Amount, paypier_domain::money::Amount),
    product: Option<&ProductId>,
) -> Said {
    let details = v2::PlatformErrorCancellableDiscount {
        discount_share_policy_id: policy.as_str().to_owned(),
        discount_share_policy_graphql_id: graphql_id(Kind::DiscountSharePolicy, policy.as_str()),
        cancellable_amount: cancellable.minor_units(),
        request_amount: asked.minor_units(),
        product_id: product.map(|id| id.as_str().to_owned()),
    };
    (kind, Some(Details::CancellableDiscount(details)))
}

fn taken_back(refusal: &CancelRefusal) -> Said {
    use CancelRefusal as R;
    match refusal {
        R::Nothing | R::OutOfRange(_) => plain(E::InvalidRequest),
        R::DetailMismatched => plain(E::PlatformOrderDetailMismatched),
        R::AlreadyCancelled => plain(E::PlatformOrderTransferAlreadyCancelled),
        R::PolicyTwice { policy } => (
            E::PlatformDiscountSharePolicyIdDuplicated,
            Some(Details::Id(v2::PlatformErrorId {
                id: policy.as_str().to_owned(),
                graphql_id: graphql_id(Kind::DiscountSharePolicy, policy.as_str()),
            })),
        ),
        R::ProductTwice(id) => (E::PlatformProductIdDuplicated, product(id)),
        R::ProductNotFound(id) => (E::PlatformProductIdNotFound, product(id)),
        R::PolicyNotFound { policy, product } => (
            E::PlatformTransferDiscountSharePolicyNotFound,
            Some(Details::TransferDiscount(v2::PlatformErrorTransferDiscount {
                discount_share_policy_id: policy.as_str().to_owned(),
                discount_share_policy_graphql_id: graphql_id(Kind::DiscountSharePolicy, policy.as_str()),
                product_id: product.as_ref().map(|id| id.as_str().to_owned()),
            })),
        ),
        R::QuantityExceeded { product, cancellable } => (
            E::PlatformCancellableProductQuantityExceeded,
            Some(Details::CancellableQuantity(v2::PlatformErrorCancellableQuantity {
                product_id: product.as_str().to_owned(),
                cancellable_quantity: i64::from(*cancellable),
            })),
        ),
        R::AmountExceeded { kind, cancellable, asked } => (
            E::PlatformCancellableAmountExceeded,
            Some(Details::Cancellable(v2::PlatformErrorCancellable {
                cancellable_amount: cancellable.minor_units(),
                request_amount: asked.minor_units(),
                amount_type: match kind {
                    AmountKind::TaxFree => v2::PlatformCancellableAmountType::TaxFree,
                    AmountKind::SupplyWithVat => v2::PlatformCancellableAmountType::SupplyWithVat,
                },
            })),
        ),
        R::DiscountExceeded { policy, cancellable, asked, product } => discount(
            E::PlatformCancellableDiscountAmountExceeded,
            policy,
            (*cancellable, *asked),
            product.as_ref(),
        ),
        R::DiscountTaxFreeExceeded { policy, cancellable, asked, product } => discount(
            E::PlatformCancellableDiscountTaxFreeAmountExceeded,
            policy,
            (*cancellable, *asked),
            product.as_ref(),
        ),
        R::Exceeded(of) => exceeded(of),
    }
}

fn cancellation_exceeded(of: &CancellationExceeded) -> Said {
    let details = v2::PlatformErrorCancellation {
        registered_settlement_cancel_amount: of.registered.minor_units(),
        request_settlement_cancel_amount: of.asked.minor_units(),
        port_one_cancel_amount: of.allowed.minor_units(),
        amount_type: match of.kind {
            AmountKind::TaxFree => v2::PlatformPortOnePaymentCancelAmountType::TaxFree,
            AmountKind::SupplyWithVat => v2::PlatformPortOnePaymentCancelAmountType::SupplyWithVat,
        },
    };
    (E::PlatformSettlementCancelAmountExceededPortOneCancel, Some(Details::Cancellation(details)))
}

fn cancel(refusal: &OrderCancelRefusal) -> Said {
    use OrderCancelRefusal as R;
    match refusal {
        R::Malformed(of) | R::DetailMismatched(of) | R::Refused(of) => taken_back(of),
        R::NoDate(_) => plain(E::InvalidRequest),
        R::CannotSpecifyTransfer => plain(E::PlatformCannotSpecifyTransfer),
        R::TransferNotFound => plain(E::PlatformTransferNotFound),
        R::PropertyNotFound(_) => plain(E::PlatformUserDefinedPropertyNotFound),
        R::CancellationAndPaymentTypeMismatched => plain(E::PlatformCancellationAndPaymentTypeMismatched),
        R::PaymentNotFound => plain(E::PlatformPaymentNotFound),
        R::CancellationNotFound => plain(E::PlatformCancellationNotFound),
        R::IdAlreadyUsed(_) => plain(E::PlatformTransferIdAlreadyUsed),
        R::AlreadyExists(id) => (E::PlatformTransferAlreadyExists, exists(id)),
        R::CancellationExceeded(of) => cancellation_exceeded(of),
        R::DateBeforeStart { starts_on, settles_on } => {
            (E::PlatformSettlementDateEarlierThanSettlementStartDate, dates(*starts_on, *settles_on))
        }
    }
}

const fn manual(refusal: &ManualTransferRefusal) -> E {
    use ManualTransferRefusal as R;
    match refusal {
        R::PartnerNotFound => E::PlatformPartnerNotFound,
        R::PropertyNotFound(_) => E::PlatformUserDefinedPropertyNotFound,
        R::IdAlreadyUsed(_) => E::PlatformTransferIdAlreadyUsed,
        R::Malformed(of) | R::Refused(of) => match of {
            ManualRefusal::TaxFreeIsNoPart { .. } => E::InvalidRequest,
            ManualRefusal::CurrencyNotSupported(_) => E::PlatformCurrencyNotSupported,
            ManualRefusal::NegativeNotAllowed(_) => E::PlatformNegativeAmountNotAllowed,
        },
    }
}

fn complete(refusal: &CompleteRefusal) -> Said {
    use CompleteRefusal as R;
    match refusal {
        R::InTheFuture { .. } | R::OutOfRange(_) => plain(E::InvalidRequest),
        R::NothingSelected => plain(E::PlatformNoSelectedPartnerSettlements),
        R::NamedTwice(_) => plain(E::PlatformDuplicatedPartnerSettlementIds),
        R::NotFound(missing) => (E::PlatformPartnerSettlementsNotFound, settlements(missing)),
        R::NonPayable(of) => (E::PlatformNonPayablePartnerSettlements, settlements(of)),
        // What generated clients decode a negative payout as.
        R::NegativePartners(_) => plain(E::PlatformCurrencyNotSupported),
        R::IdAlreadyExists(_) => plain(E::PlatformBulkPayoutIdAlreadyExists),
    }
}

fn deletion(refusal: &SettlementDeleteRefusal) -> Said {
    use SettlementDeleteRefusal as R;
    match refusal {
        R::Nothing => plain(E::InvalidRequest),
        R::NotFound(missing) => (E::PlatformPartnerSettlementsNotFound, settlements(missing)),
        R::NonDeletable(of) => (E::PlatformNonDeletablePartnerSettlements, settlements(of)),
        R::ReferencedCancelsExist(of) => (
            E::PlatformReferencedCancelOrderTransfersExist,
            Some(Details::PlainIds(v2::PlatformErrorPlainIds {
                ids: of.iter().map(|id| id.as_str().to_owned()).collect(),
            })),
        ),
    }
}

/// The type of a refusal, and the members that its body has.
pub(super) fn said(failure: &SettlementFailure) -> Said {
    use SettlementFailure as F;
    match failure {
        F::Order(refusal) => order(refusal),
        F::Cancel(refusal) => cancel(refusal),
        F::Manual(refusal) => plain(manual(refusal)),
        F::TransferMissing => plain(E::PlatformTransferNotFound),
        F::DeleteTransfer(refusal) => plain(match refusal {
            TransferDeleteRefusal::NonDeletableStatus { .. } => E::PlatformTransferNonDeletableStatus,
            TransferDeleteRefusal::CancelsExist(_) => E::PlatformCancelOrderTransfersExists,
        }),
        F::DeleteSettlements(refusal) => deletion(refusal),
        F::SettlementsMissing(missing) => (E::PlatformPartnerSettlementsNotFound, settlements(missing)),
        F::SettlementsNotPayable(of) => (E::PlatformNonPayablePartnerSettlements, settlements(of)),
        F::CompletePayout(refusal) => complete(refusal),
        F::Payout(_) => plain(E::PlatformCurrencyNotSupported),
        F::PayoutMissing | F::BulkMissing | F::NoAccount | F::WithdrawalMissing => plain(E::NotFound),
        F::CreateBulk(refusal) => plain(match &**refusal {
            CreateRefusal::IdAlreadyExists(_) => E::PlatformBulkPayoutIdAlreadyExists,
            CreateRefusal::CurrencyNotSupported(_) => E::PlatformCurrencyNotSupported,
            CreateRefusal::NothingPayable => E::PlatformNoSelectedPartnerSettlements,
            CreateRefusal::Dates(_)
            | CreateRefusal::NoWithdrawalAccount
            | CreateRefusal::SelectedByAnother(_) => E::InvalidRequest,
        }),
        F::GenerateBulk(refusal) => match &**refusal {
            GenerateRefusal::NonPayable(of) => (E::PlatformNonPayablePartnerSettlements, settlements(of)),
            GenerateRefusal::NothingSelected => plain(E::PlatformNoSelectedPartnerSettlements),
            GenerateRefusal::NegativePartners(_) | GenerateRefusal::CurrencyNotSupported(_) => {
                plain(E::PlatformCurrencyNotSupported)
            }
            GenerateRefusal::NotPreparing(_) => plain(E::InvalidRequest),
        },
        F::ApproveBulk(ApproveRefusal::SamePerson) => plain(E::Forbidden),
        F::ApproveBulk(ApproveRefusal::NotPrepared(_))
        | F::SettlementStatus(_)
        | F::PayoutStep(_)
        | F::NotFailed(_)
        | F::BulkStep(_) => plain(E::InvalidRequest),
        F::ExecuteBulk(refusal) => plain(match refusal {
            ExecuteRefusal::NotPrepared(_)
            | ExecuteRefusal::AnotherIsExecuting
            | ExecuteRefusal::TooManyReserved
            | ExecuteRefusal::NotASlot(_)
            | ExecuteRefusal::NotInTheFuture(_)
            | ExecuteRefusal::Maintenance(_)
            | ExecuteRefusal::BalanceTooLow { .. } => E::InvalidRequest,
        }),
        F::ApproveWithdrawal(ApproveWithdrawalRefusal::SamePerson) => plain(E::Forbidden),
        F::Withdraw(WithdrawRefusal::BalanceTooLow { .. })
        | F::ApproveWithdrawal(
            ApproveWithdrawalRefusal::NotWaiting(_) | ApproveWithdrawalRefusal::Maintenance(_),
        )
        | F::CancelWithdrawal(CancelWithdrawalRefusal::BankWasAsked(_)) => plain(E::InvalidRequest),
    }
}

/// Whether the refusal is the outcome of the request, and not of the circumstances.
pub(super) const fn is_remembered(failure: &SettlementFailure) -> bool {
    !matches!(
        failure,
        SettlementFailure::ExecuteBulk(
            ExecuteRefusal::AnotherIsExecuting
                | ExecuteRefusal::TooManyReserved
                | ExecuteRefusal::Maintenance(_)
                | ExecuteRefusal::BalanceTooLow { .. }
        ) | SettlementFailure::Withdraw(WithdrawRefusal::BalanceTooLow { .. })
            | SettlementFailure::ApproveWithdrawal(ApproveWithdrawalRefusal::Maintenance(_))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::platform::settlement_outcome::SettlementFailure as F;
    use paypier_domain::money::{Amount, SignedAmount};
    use paypier_domain::settlement::cancel::CancelRefusal as C;
    use paypier_domain::settlement::delete::SettlementDeleteRefusal as D;
    use paypier_domain::settlement::id::{AdditionalFeePolicyId, BulkPayoutId, ContractId};
    use paypier_domain::settlement::register::{
        ManualTransferRefusal as M, OrderCancelRefusal as K, OrderRefusal as O,
    };
    use paypier_domain::settlement::status::{PayoutStatus, TransferStatus};

    fn units(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn refused(failure: F, kind: E, members: &str) {
        let (said, details) = said(&failure);
        assert_eq!(said, kind, "{failure}");
        let shown = details.map(|details| serde_json::to_string(&details).unwrap()).unwrap_or_default();
        assert_eq!(shown, members, "{failure}");
    }

    #[test]
    fn orders_are_refused_with_what_is_wrong() {
        let usd = Currency::parse("USD").unwrap();
        let order = |refusal: O, kind, members| refused(F::Order(Box::new(refusal)), kind, members);
        order(O::PartnerNotFound, E::PlatformPartnerNotFound, "");
        order(
            O::DiscountSharePoliciesNotFound(vec![DiscountSharePolicyId::known("half")]),
            E::PlatformDiscountSharePoliciesNotFound,
            r#"{"ids":["half"],"graphqlIds":["MjpoYWxm"]}"#,
        );
        order(O::CurrencyNotSupported(usd), E::PlatformCurrencyNotSupported, "");
        order(
            O::ContractFeeCurrency { contract: ContractId::known("c"), settlement: usd },
            E::PlatformContractPlatformFixedAmountFeeCurrencyAndSettlementCurrencyMismatched,
            r#"{"id":"c","graphqlId":"NTpj","feeCurrency":"KRW","settlementCurrency":"USD"}"#,
        );
        let fee = AdditionalFeePolicyId::known("c");
        let (kind, details) =
            said(&F::Order(Box::new(O::AdditionalFeeCurrency { policy: fee, settlement: usd })));
        assert_eq!(kind, E::PlatformAdditionalFixedAmountFeeCurrencyAndSettlementCurrencyMismatched);
        assert!(details.is_some());
        let part = PaymentPart::Total;
        order(
            O::PaymentExceeded(PaymentExceeded {
                part,
                registered: units(1),
                asked: units(2),
                allowed: units(3),
            }),
            E::PlatformSettlementPaymentAmountExceededPortOnePayment,
            r#"{"registeredSettlementPaymentAmount":1,"requestSettlementPaymentAmount":2,"portOnePaymentAmount":3}"#,
        );
    }

    #[test]
    fn cancels_and_manual_transfers_are_refused_with_what_is_wrong() {
        let cancel = |refusal: K, kind, members| refused(F::Cancel(Box::new(refusal)), kind, members);
        cancel(K::CannotSpecifyTransfer, E::PlatformCannotSpecifyTransfer, "");
        cancel(K::Refused(C::Nothing), E::InvalidRequest, "");
        cancel(K::Refused(C::AlreadyCancelled), E::PlatformOrderTransferAlreadyCancelled, "");
        cancel(
            K::Refused(C::AmountExceeded {
                kind: AmountKind::TaxFree,
                cancellable: units(1),
                asked: units(2),
            }),
            E::PlatformCancellableAmountExceeded,
            r#"{"cancellableAmount":1,"requestAmount":2,"amountType":"TAX_FREE"}"#,
        );
        cancel(
            K::Refused(C::QuantityExceeded { product: ProductId::known("A"), cancellable: 1 }),
            E::PlatformCancellableProductQuantityExceeded,
            r#"{"productId":"A","cancellableQuantity":1}"#,
        );
        let negative = ManualRefusal::NegativeNotAllowed(SignedAmount::new(-1).unwrap());
        refused(F::Manual(Box::new(M::Refused(negative))), E::PlatformNegativeAmountNotAllowed, "");
    }

    #[test]
    fn deleting_and_paying_are_refused_with_what_is_wrong() {
        let settlements = || vec![PartnerSettlementId::known("s")];
        let status = TransferStatus::PaidOut;
        refused(
            F::DeleteTransfer(TransferDeleteRefusal::NonDeletableStatus { status }),
            E::PlatformTransferNonDeletableStatus,
            "",
        );
        refused(
            F::DeleteTransfer(TransferDeleteRefusal::CancelsExist(1)),
            E::PlatformCancelOrderTransfersExists,
            "",
        );
        refused(
            F::DeleteSettlements(Box::new(D::ReferencedCancelsExist(settlements()))),
            E::PlatformReferencedCancelOrderTransfersExist,
            r#"{"ids":["s"]}"#,
        );
        let complete = |refusal, kind| refused(F::CompletePayout(Box::new(refusal)), kind, "");
        complete(CompleteRefusal::NothingSelected, E::PlatformNoSelectedPartnerSettlements);
        complete(CompleteRefusal::NegativePartners(Vec::new()), E::PlatformCurrencyNotSupported);
        complete(
            CompleteRefusal::IdAlreadyExists(BulkPayoutId::known("b")),
            E::PlatformBulkPayoutIdAlreadyExists,
        );
        refused(F::ApproveBulk(ApproveRefusal::SamePerson), E::Forbidden, "");
        refused(F::NotFailed(PayoutStatus::Succeeded), E::InvalidRequest, "");
        assert!(is_remembered(&F::ApproveBulk(ApproveRefusal::SamePerson)));
        assert!(!is_remembered(&F::ExecuteBulk(ExecuteRefusal::AnotherIsExecuting)));
    }

    #[test]
    fn withdrawals_are_refused_for_good_or_for_now() {
        use paypier_domain::settlement::paying::AccountTransferStatus;
        let (amount, free) = (units(2), units(1));
        let (done, now) = (AccountTransferStatus::Succeeded, jiff::Timestamp::UNIX_EPOCH);
        for (failure, kind, remembered) in [
            (F::Withdraw(WithdrawRefusal::BalanceTooLow { amount, free }), E::InvalidRequest, false),
            (F::WithdrawalMissing, E::NotFound, true),
            (F::ApproveWithdrawal(ApproveWithdrawalRefusal::NotWaiting(done)), E::InvalidRequest, true),
            (F::ApproveWithdrawal(ApproveWithdrawalRefusal::SamePerson), E::Forbidden, true),
            (F::ApproveWithdrawal(ApproveWithdrawalRefusal::Maintenance(now)), E::InvalidRequest, false),
            (F::CancelWithdrawal(CancelWithdrawalRefusal::BankWasAsked(done)), E::InvalidRequest, true),
        ] {
            assert_eq!(is_remembered(&failure), remembered, "{failure}");
            refused(failure, kind, "");
        }
    }
}
