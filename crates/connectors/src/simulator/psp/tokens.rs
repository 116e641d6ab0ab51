//! Stored cards: a token in place of a number.

use super::api::{TokenBody, currency_code, minor_units};
use super::authentications::MethodFacts;
use super::cards::{self, Behaviour, CardFacts, Expiry, Verdict};
use super::code::Code;
use super::order::Means;
use super::pages::{document, page};
use super::{Asking, BooksError, Done, Psp, TRIES, Trouble};
use jiff::Timestamp;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};

const TOKEN: &str = "token";

/// As it is stored: what the card does, not what its number is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenPage {
    reference: String,
    fingerprint: String,
    pub(super) behaviour: Behaviour,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expiry: Option<Expiry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<CardFacts>,
    /// What it is, when it is no card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<MethodFacts>,
    /// Good for one charge alone: a buyer's authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) single: Option<Single>,
    issued_at: Timestamp,
    #[serde(default)]
    pub(super) deleted_at: Option<Timestamp>,
}

/// What a buyer's authentication is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Single {
    pub(super) charge_reference: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    /// The issuer's code is outstanding.
    pub(super) wants_code: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenView<'a> {
    token: &'a str,
    reference: &'a str,
    issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a CardFacts>,
}

impl TokenPage {
    /// As the first answer told it.
    fn at_first<'a>(&'a self, token: &'a str) -> TokenView<'a> {
        TokenView {
            token,
            reference: &self.reference,
            issued_at: self.issued_at,
            deleted_at: None,
            challenge: self.single.as_ref().is_some_and(|single| single.wants_code).then_some("CODE"),
            card: self.card.as_ref(),
        }
    }

    /// A token for one charge, issued now.
    pub(super) fn single(
        reference: &str,
        fingerprint: String,
        behaviour: Behaviour,
        now: Timestamp,
        single: Single,
    ) -> Self {
        Self {
            reference: reference.to_owned(),
            fingerprint,
            behaviour,
            expiry: None,
            card: None,
            method: None,
            single: Some(single),
            issued_at: now,
            deleted_at: None,
        }
    }

    pub(super) fn with_method(self, method: MethodFacts) -> Self {
        Self { method: Some(method), ..self }
    }

    pub(super) fn with_card(self, expiry: Expiry, card: CardFacts) -> Self {
        Self { expiry: Some(expiry), card: Some(card), ..self }
    }

    /// Whether the token is good for this charge.
    pub(super) fn is_for(&self, reference: &str, amount: Amount, currency: Currency) -> bool {
        self.single.as_ref().is_none_or(|single| {
            !single.wants_code
                && single.charge_reference == reference
                && single.amount == amount
                && single.currency == currency
        })
    }

    pub(super) fn means(self) -> Means {
        match (self.card, self.method) {
            (Some(card), _) => Means::Card(card),
            (None, Some(method)) => Means::Method(method),
            // No token is issued without either.
            (None, None) => Means::Method(MethodFacts { method: "CARD".to_owned(), provider: None }),
        }
    }

    pub(super) fn view<'a>(&'a self, token: &'a str) -> TokenView<'a> {
        TokenView { deleted_at: self.deleted_at, ..self.at_first(token) }
    }
}

impl Psp {
    /// Stores a card. A card that is not accepted leaves nothing behind.
    pub(super) async fn issue_token(&self, asking: &Asking<'_>, body: TokenBody) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        let (store, merchant) = (asking.store.as_str(), asking.merchant);
        let token = format!("sbxt_{}", self.deriver.derive_hex("token", &[store, merchant, &body.reference]));
        let card = match (&body.card, &body.authentication) {
            (Some(card), None) => card,
            (None, Some(authentication)) => {
                return self.keep(asking, &body.reference, &token, authentication).await;
            }
            (Some(_), Some(_)) | (None, None) => return Err(Code::InvalidRequest.into()),
        };
        let fingerprint = self.deriver.derive_hex("card", &[store, merchant, card.number()]);
        let card = cards::read(card, asking.now)?;
        match card.behaviour.token_verdict() {
            Verdict::Approve => {}
            Verdict::Decline(code) => return Err(code.into()),
            Verdict::Fail => return Err(Code::PspError.into()),
            Verdict::Vanish => return Ok(Done::silence()),
        }
        let issued = TokenPage {
            reference: body.reference.clone(),
            fingerprint,
            behaviour: card.behaviour,
            expiry: Some(card.expiry),
            card: Some(card.facts),
            method: None,
            single: None,
            issued_at: asking.now,
            deleted_at: None,
        };
        self.store_token(asking, &token, &issued).await
    }

    /// Makes a lasting token of a buyer's authentication, which must have been given for it.
    async fn keep(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        token: &str,
        authentication: &str,
    ) -> Result<Done, Trouble> {
        let found = self.own_token(asking, authentication).await?;
        let Some((page, _)) = found.filter(|(page, _)| page.deleted_at.is_none()) else {
            return Err(Code::TokenNotFound.into());
        };
        let is_for = page
            .single
            .as_ref()
            .is_some_and(|single| !single.wants_code && single.charge_reference == reference);
        if !is_for {
            return Err(Code::AuthenticationFailed.into());
        }
        let kept = TokenPage { reference: reference.to_owned(), single: None, issued_at: asking.now, ..page };
        self.store_token(asking, token, &kept).await
    }

    /// Writes a new token; repeated, the first answer.
    pub(super) async fn store_token(
        &self,
        asking: &Asking<'_>,
        token: &str,
        issued: &TokenPage,
    ) -> Result<Done, Trouble> {
        match self.books.write(token_record(asking, token, issued, None)?, Vec::new()).await {
            Ok(()) => Ok(Done::answering(&issued.at_first(token))),
            Err(BooksError::Conflict) => {
                let stored = self.books.record(asking.store, TOKEN, token).await?.ok_or(Code::PspError)?;
                let stored: TokenPage = page(&stored)?;
                if stored.fingerprint != issued.fingerprint || stored.expiry != issued.expiry {
                    return Err(Code::ReferenceReused.into());
                }
                Ok(Done::answering(&stored.at_first(token)))
            }
            Err(error @ BooksError::Unavailable(_)) => Err(error.into()),
        }
    }

    /// Makes a token useless. Repeated: the first answer.
    pub(super) async fn delete_token(&self, asking: &Asking<'_>, token: &str) -> Result<Done, Trouble> {
        for _ in 0..TRIES {
            let record = self.books.record(asking.store, TOKEN, token).await?.ok_or(Code::TokenNotFound)?;
            if record.merchant_id != asking.merchant {
                return Err(Code::TokenNotFound.into());
            }
            let mut stored: TokenPage = page(&record)?;
            if stored.deleted_at.is_some() {
                return Ok(Done::answering(&stored.view(token)));
            }
            stored.deleted_at = Some(asking.now);
            match self
                .books
                .write(token_record(asking, token, &stored, Some(record.version))?, Vec::new())
                .await
            {
                Ok(()) => return Ok(Done::answering(&stored.view(token))),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
            }
        }
        Err(BooksError::Conflict.into())
    }

    /// The merchant's own token, deleted or not, and its version.
    pub(super) async fn own_token(
        &self,
        asking: &Asking<'_>,
        token: &str,
    ) -> Result<Option<(TokenPage, u64)>, BooksError> {
        let Some(record) = self.books.record(asking.store, TOKEN, token).await? else { return Ok(None) };
        if record.merchant_id != asking.merchant {
            return Ok(None);
        }
        Ok(Some((page(&record)?, record.version)))
    }

    pub(super) async fn replace_token(
        &self,
        asking: &Asking<'_>,
        token: &str,
        page: &TokenPage,
        version: u64,
    ) -> Result<(), BooksError> {
        self.books.write(token_record(asking, token, page, Some(version))?, Vec::new()).await
    }

    /// The merchant's own token, unless it was deleted.
    pub(super) async fn usable_token(
        &self,
        asking: &Asking<'_>,
        token: &str,
    ) -> Result<Option<TokenPage>, BooksError> {
        let own = self.own_token(asking, token).await?;
        Ok(own.map(|(page, _)| page).filter(|page| page.deleted_at.is_none()))
    }
}

fn token_record(
    asking: &Asking<'_>,
    token: &str,
    issued: &TokenPage,
    expects: Option<u64>,
) -> Result<SimulatorRecord, BooksError> {
    Ok(SimulatorRecord {
        store: asking.store.clone(),
        kind: TOKEN.to_owned(),
        id: token.to_owned(),
        version: expects.unwrap_or(0).saturating_add(1),
        expects,
        merchant_id: asking.merchant.to_owned(),
        currency: None,
        approved: 0,
        refunded: 0,
        at: issued.issued_at,
        document: document(issued)?,
    })
}
