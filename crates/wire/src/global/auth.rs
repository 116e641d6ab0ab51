//! Trading the secret for a token, and having a payment request signed.

use crate::global::body::{answer, request};
use crate::global::{Number, Secret};

request! {
    /// What `auth-token` reads.
    pub struct AuthTokenRequest {
        portone_key [required]: String,
        portone_secret [required]: Secret,
    }
}

answer! {
    /// A fresh token.
    pub struct AuthTokenContent {
        /// Seconds.
        expires_in: i64,
        token: Secret,
    }
}

request! {
    /// What `generate-signature` reads: the signed members of a payment request.
    pub struct GenerateSignatureRequest {
        portone_key [required]: String,
        currency [required]: String,
        amount [required]: Number,
        merchant_order_id [required]: String,
        success_url [required]: String,
        failure_url [required]: String,
    }
}

answer! {
    /// The signature of these members.
    pub struct SignatureHashContent {
        signature: String,
    }
}
