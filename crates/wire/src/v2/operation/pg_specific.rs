//! What only one PSP offers.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Get,
        path: "/kakaopay/payment/order",
        id: "getKakaopayPaymentOrder",
        subject: Subject::PgSpecific,
        summary: "Asks KakaoPay about one of its orders.",
        access: Access::Credential,
        stability: Stability::Stable,
        query: &[
            Query { name: "pgTxId", value: QueryValue::Needed(&QueryValue::Text) },
            Query { name: "channelKey", value: QueryValue::Needed(&QueryValue::Text) },
        ],
        request: Request::None,
        response: schema!(GetKakaopayPaymentOrderResponse),
        error: "GetKakaopayPaymentOrderError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized],
    },
    Operation {
        method: Method::Post,
        path: "/paymentwall/delivery/confirm",
        id: "confirmPaymentwallDelivery",
        subject: Subject::PgSpecific,
        summary: "Tells Paymentwall what was delivered.",
        access: Access::Credential,
        stability: Stability::Stable,
        query: &[],
        request: Request::Body(schema!(ConfirmPaymentwallDeliveryBody)),
        response: schema!(ConfirmPaymentwallDeliveryResponse),
        error: "ConfirmPaymentwallDeliveryError",
        errors: &[ErrorType::InvalidRequest, ErrorType::Unauthorized, ErrorType::PaymentNotFound],
    },
    Operation {
        method: Method::Get,
        path: "/payment-gateways/card-promotion",
        id: "getPgCardPromotions",
        subject: Subject::PgSpecific,
        summary: "Lists the discounts that the PSP itself gives.",
        access: Access::Credential,
        stability: Stability::Stable,
        query: &[
            Query { name: "channelKey", value: QueryValue::Needed(&QueryValue::Text) },
            Query { name: "amount", value: QueryValue::Needed(&QueryValue::Integer) },
            Query { name: "cardCompany", value: QueryValue::Word(schema!(PgPromotionCardCompany)) },
        ],
        request: Request::None,
        response: schema!(GetPgCardPromotionsResponse),
        error: "GetPgCardPromotionsError",
        errors: &[
            ErrorType::InvalidRequest,
            ErrorType::Unauthorized,
            ErrorType::ChannelNotFound,
            ErrorType::PgProvider,
        ],
    },
];
