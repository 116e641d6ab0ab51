//! Access tokens.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Post,
        path: "/login/api-secret",
        id: "loginViaApiSecret",
        subject: Subject::Auth,
        summary: "Trades an API secret for tokens.",
        access: Access::Public,
        stability: Stability::Stable,
        query: &[],
        request: Request::Body(schema!(LoginViaApiSecretBody)),
        response: schema!(LoginViaApiSecretResponse),
        error: "LoginViaApiSecretError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized],
    },
    Operation {
        method: Method::Post,
        path: "/token/refresh",
        id: "refreshToken",
        subject: Subject::Auth,
        summary: "Trades a refresh token for new tokens.",
        access: Access::Public,
        stability: Stability::Stable,
        query: &[],
        request: Request::Body(schema!(RefreshTokenBody)),
        response: schema!(RefreshTokenResponse),
        error: "RefreshTokenError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized],
    },
];
