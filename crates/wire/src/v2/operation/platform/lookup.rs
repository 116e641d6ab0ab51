//! Whose account it is, and how a business stands.

use super::TEST;
use crate::v2::operation::*;

pub(in crate::v2::operation) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Get,
        path: "/platform/bank-accounts/{bank}/{accountNumber}/holder",
        id: "getPlatformAccountHolder",
        subject: Subject::Platform,
        summary: "Asks a bank whose account it is.",
        access: Access::Credential,
        stability: Stability::Stable,
        query: &[
            TEST,
            Query { name: "birthdate", value: QueryValue::Text },
            Query { name: "businessRegistrationNumber", value: QueryValue::Text },
        ],
        request: Request::None,
        response: schema!(PlatformAccountHolder),
        error: "GetPlatformAccountHolderError",
        errors: &[
            ErrorType::InvalidRequest,
            ErrorType::Unauthorized,
            ErrorType::PlatformNotEnabled,
            ErrorType::Forbidden,
            ErrorType::PlatformExternalApiFailed,
            ErrorType::PlatformExternalApiTemporarilyFailed,
            ErrorType::PlatformNotSupportedBank,
        ],
    },
    Operation {
        method: Method::Get,
        path: "/platform/companies/{businessRegistrationNumber}/state",
        id: "getPlatformCompanyState",
        subject: Subject::Platform,
        summary: "Asks the tax office how a business stands.",
        access: Access::Credential,
        stability: Stability::Stable,
        query: &[TEST],
        request: Request::None,
        response: schema!(GetPlatformCompanyStatePayload),
        error: "GetPlatformCompanyStateError",
        errors: &[
            ErrorType::InvalidRequest,
            ErrorType::Unauthorized,
            ErrorType::PlatformNotEnabled,
            ErrorType::Forbidden,
            ErrorType::PlatformCompanyNotFound,
            ErrorType::PlatformExternalApiFailed,
        ],
    },
];
