//! Trading an API secret or a refresh token for a pair of tokens. Nothing here shows itself when debugged.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The API secret of a store.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginViaApiSecretBody {
    pub api_secret: String,
}

/// Never shows the secret.
impl fmt::Debug for LoginViaApiSecretBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginViaApiSecretBody").finish_non_exhaustive()
    }
}

/// A fresh pair of tokens.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginViaApiSecretResponse {
    pub access_token: String,
    pub refresh_token: String,
}

/// Never shows the tokens.
impl fmt::Debug for LoginViaApiSecretResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginViaApiSecretResponse").finish_non_exhaustive()
    }
}

/// A refresh token to trade in.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenBody {
    pub refresh_token: String,
}

/// Never shows the token.
impl fmt::Debug for RefreshTokenBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokenBody").finish_non_exhaustive()
    }
}

/// The pair of tokens that replaces the one traded in.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenResponse {
    pub access_token: String,
    pub refresh_token: String,
}

/// Never shows the tokens.
impl fmt::Debug for RefreshTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokenResponse").finish_non_exhaustive()
    }
}
