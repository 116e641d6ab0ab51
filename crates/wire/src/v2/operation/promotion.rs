//! Promotions: reading one.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    method: Method::Get,
    path: "/promotions/{promotionId}",
    id: "getPromotion",
    subject: Subject::Promotion,
    summary: "Reads a promotion.",
    access: Access::Credential,
    stability: Stability::Stable,
    query: &[],
    request: Request::None,
    response: schema!(Promotion),
    error: "GetPromotionError",
    errors: &[
        ErrorType::InvalidRequest,
        ErrorType::Unauthorized,
        ErrorType::Forbidden,
        ErrorType::PromotionNotFound,
    ],
}];
