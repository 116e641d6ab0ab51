//! Telling who calls: API secrets, and bearer tokens made from them.

use super::App;
use super::caller::Caller;
use super::directory::Credential;
use super::failure::Failure;
use super::ticket::Ticket;
use crate::keyring::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{Token, TokenKind};
use paypier_domain::change::{Change, Write};
use paypier_domain::id::SecretId;
use paypier_storage::CommitError;
use std::sync::Arc;
use std::time::Duration;

/// A pair of bearer tokens, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    pub access: String,
    pub refresh: String,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenPair(..)")
    }
}

/// Longer texts are not credentials; they are refused unread.
const LONGEST_CREDENTIAL: usize = 512;

fn refused(why: &str) -> Failure {
    Failure::Unauthorized(why.into())
}

impl App {
    /// `Authorization: PortOne <secret>` or `Bearer <access token>`; the scheme's case is ignored.
    ///
    /// # Errors
    /// `Unauthorized`, without telling an unknown secret from an expired or deleted one.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Caller, Failure> {
        let header = authorization
            .ok_or_else(|| refused("the Authorization header is missing; send `PortOne <API secret>`"))?;
        let (scheme, value) = header
            .split_once(' ')
            .ok_or_else(|| refused("the Authorization header has no scheme; send `PortOne <API secret>`"))?;
        let value = value.trim();
        if value.is_empty() || value.len() > LONGEST_CREDENTIAL {
            return Err(refused("the credential in the Authorization header is empty or too long"));
        }
        if scheme.eq_ignore_ascii_case("portone") {
            let credential = self.usable_secret(value).await?;
            Ok(caller_of(&credential))
        } else if scheme.eq_ignore_ascii_case("bearer") {
            self.bearer(value).await
        } else {
            Err(refused("the Authorization scheme is neither PortOne nor Bearer"))
        }
    }

    async fn usable_secret(&self, secret: &str) -> Result<Arc<Credential>, Failure> {
        self.directory
            .credential(self, &digest(secret))
            .await?
            .filter(|credential| credential.secret.is_usable(self.clock.now()))
            .ok_or_else(|| refused("the API secret is unknown, expired or deleted"))
    }

    async fn bearer(&self, token: &str) -> Result<Caller, Failure> {
        let unknown = || refused("the access token is unknown or expired; log in again");
        let now = self.clock.now();
        let token = self.storage.token(&digest(token)).await?.ok_or_else(unknown)?;
        if token.kind != TokenKind::Access || token.expires_at <= now {
            return Err(unknown());
        }
        // A token dies with the secret that it was made from.
        let secret = self
            .storage
            .secret(&token.secret)
            .await?
            .filter(|secret| secret.is_usable(now))
            .ok_or_else(unknown)?;
        let store = self.storage.store(&secret.store).await?.ok_or_else(unknown)?;
        Ok(Caller {
            merchant: secret.merchant,
            store: secret.store,
            secret: secret.id,
            is_representative: store.is_representative,
        })
    }

    /// Exchanges an API secret for a pair of tokens. Earlier refresh tokens of the secret die.
    ///
    /// # Errors
    /// `Unauthorized` for a secret that is unknown, expired or deleted.
    pub async fn login(&self, secret: &str) -> Result<TokenPair, Failure> {
        if secret.len() > LONGEST_CREDENTIAL {
            return Err(refused("the API secret is unknown, expired or deleted"));
        }
        let credential = self.usable_secret(secret).await?;
        Ok(self.issue_tokens(&credential.secret.id, None).await?)
    }

    /// Exchanges a refresh token for a new pair. Of two concurrent exchanges one wins.
    ///
    /// # Errors
    /// `Unauthorized` for a token that is unknown, expired or superseded.
    pub async fn refresh(&self, token: &str) -> Result<TokenPair, Failure> {
        let unknown = || refused("the refresh token is unknown, expired or superseded; log in again");
        if token.len() > LONGEST_CREDENTIAL {
            return Err(unknown());
        }
        let now = self.clock.now();
        let superseded = digest(token);
        let stored = self.storage.token(&superseded).await?.ok_or_else(unknown)?;
        if stored.kind != TokenKind::Refresh || stored.expires_at <= now {
            return Err(unknown());
        }
        self.storage
            .secret(&stored.secret)
            .await?
            .filter(|secret| secret.is_usable(now))
            .ok_or_else(unknown)?;
        match self.issue_tokens(&stored.secret, Some(superseded)).await {
            Err(CommitError::Conflict) => Err(unknown()),
            issued => Ok(issued?),
        }
    }

    async fn issue_tokens(
        &self,
        secret: &SecretId,
        superseded: Option<[u8; 32]>,
    ) -> Result<TokenPair, CommitError> {
        let pair = TokenPair { access: self.random_token(), refresh: self.random_token() };
        let now = self.clock.now();
        let mut change = Change::default();
        change.writes.push(Write::Tokens {
            secret: secret.clone(),
            superseded,
            tokens: vec![
                Token {
                    digest: digest(&pair.access),
                    kind: TokenKind::Access,
                    secret: secret.clone(),
                    expires_at: after(now, self.policy.access_token_lifetime),
                },
                Token {
                    digest: digest(&pair.refresh),
                    kind: TokenKind::Refresh,
                    secret: secret.clone(),
                    expires_at: after(now, self.policy.refresh_token_lifetime),
                },
            ],
        });
        self.commit_with(&Ticket::none(), change).await?;
        Ok(pair)
    }

    /// 256 random bits, safe in a URL.
    pub(super) fn random_token(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn caller_of(credential: &Credential) -> Caller {
    Caller {
        merchant: credential.merchant.id.clone(),
        store: credential.secret.store.clone(),
        secret: credential.secret.id.clone(),
        is_representative: credential.is_representative,
    }
}

fn after(now: Timestamp, lifetime: Duration) -> Timestamp {
    SignedDuration::try_from(lifetime)
        .ok()
        .and_then(|lifetime| now.checked_add(lifetime).ok())
        .unwrap_or(Timestamp::MAX)
}
