//! Virtual accounts after they were issued.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    method: Method::Post,
    path: "/payments/{paymentId}/virtual-account/close",
    id: "closeVirtualAccount",
    subject: Subject::Payment,
    summary: "Closes a virtual account that waits for its deposit.",
    access: Access::Credential,
    stability: Stability::Stable,
    query: &[Query { name: "storeId", value: QueryValue::Text }],
    request: Request::None,
    response: schema!(CloseVirtualAccountResponse),
    error: "CloseVirtualAccountError",
    errors: &[
        ErrorType::InvalidRequest,
        ErrorType::Unauthorized,
        ErrorType::Forbidden,
        ErrorType::PaymentNotFound,
        ErrorType::PaymentNotWaitingForDeposit,
        ErrorType::PgProvider,
    ],
}];
