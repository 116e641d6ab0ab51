//! Refunds.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Post,
        path: "/api/refund/{portone_order_ref}",
        id: "createRefund",
        subject: Subject::Refund,
        summary: "Refunds a transaction in full or in part, and answers all of its refunds.",
        access: Access::Token,
        sub_merchant: false,
        query: &[],
        request: Some(SchemaOf::of::<RefundRequest>()),
        response: SchemaOf::of::<Refunds>(),
        refusal: RefusalForm::Twice,
        codes: &[
            Code::InvalidRequest,
            Code::RefundSystemError,
            Code::InvalidEnvironment,
            Code::InvalidAmount,
            Code::InvalidPaymentChannelKey,
            Code::MissingMandatoryField,
            Code::RefundNotAllowed,
            Code::InvalidAmountCurrency,
            Code::PaymentServiceProviderError,
            Code::PartialRefundNotAllowed,
            Code::InvalidReference,
        ],
        odd_statuses: &[],
    },
    Operation {
        method: Method::Get,
        path: "/api/refund/{portone_order_ref}",
        id: "getRefunds",
        subject: Subject::Refund,
        summary: "Reads the refunds of a transaction and what is left to refund.",
        access: Access::Token,
        sub_merchant: false,
        query: &[],
        request: None,
        response: SchemaOf::of::<Refunds>(),
        refusal: RefusalForm::Twice,
        codes: &[Code::InvalidReference],
        odd_statuses: &[],
    },
];
