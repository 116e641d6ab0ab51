//! Reports on what PSPs have transacted.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Get,
        path: "/payment-reconciliations/settlements/vat-report",
        id: "getPaymentReconciliationSettlementVatReport",
        subject: Subject::Reconciliation,
        summary: "Reports figures for the value-added tax by the day of settlement.",
        access: Access::Credential,
        stability: Stability::Unstable,
        query: &[],
        request: Request::Query(schema!(GetPaymentReconciliationSettlementVatReportBody)),
        response: schema!(GetPaymentReconciliationSettlementVatReportResponse),
        error: "GetPaymentReconciliationSettlementVatReportError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized, ErrorType::Forbidden],
    },
    Operation {
        method: Method::Get,
        path: "/payment-reconciliations/transactions/vat-report",
        id: "getPaymentReconciliationTransactionVatReport",
        subject: Subject::Reconciliation,
        summary: "Reports figures for the value-added tax by the day of the transaction.",
        access: Access::Credential,
        stability: Stability::Unstable,
        query: &[],
        request: Request::Query(schema!(GetPaymentReconciliationTransactionVatReportBody)),
        response: schema!(GetPaymentReconciliationTransactionVatReportResponse),
        error: "GetPaymentReconciliationTransactionVatReportError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized, ErrorType::Forbidden],
    },
];
