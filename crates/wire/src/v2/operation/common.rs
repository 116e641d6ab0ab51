//! What belongs to no other subject.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    method: Method::Get,
    path: "/banks",
    id: "getBankInfos",
    subject: Subject::Common,
    summary: "Lists the banks.",
    access: Access::Public,
    stability: Stability::Stable,
    query: &[],
    request: Request::None,
    response: schema!(GetBankInfosResponse),
    error: "GetBankInfosError",
    errors: &[ErrorType::InvalidRequest],
}];
