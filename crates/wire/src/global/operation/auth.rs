//! Tokens and signatures.

use super::*;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::Post,
        path: "/api/merchant/auth-token",
        id: "createAuthToken",
        subject: Subject::Auth,
        summary: "Trades the secret for a token of six hours.",
        access: Access::Public,
        sub_merchant: false,
        query: &[],
        request: Some(SchemaOf::of::<AuthTokenRequest>()),
        response: SchemaOf::of::<Content<AuthTokenContent>>(),
        refusal: RefusalForm::Plain,
        codes: &[Code::InvalidRequest, Code::MerchantNotFound, Code::InvalidSecret, Code::Throttled],
        odd_statuses: &[],
    },
    Operation {
        method: Method::Post,
        path: "/api/merchant/generate-signature",
        id: "generateSignature",
        subject: Subject::Auth,
        summary: "Signs the members of a payment request or a payment link.",
        access: Access::Token,
        sub_merchant: false,
        query: &[],
        request: Some(SchemaOf::of::<GenerateSignatureRequest>()),
        response: SchemaOf::of::<Content<SignatureHashContent>>(),
        refusal: RefusalForm::Plain,
        codes: &[Code::InvalidRequest, Code::MerchantNotFound],
        odd_statuses: &[],
    },
];
