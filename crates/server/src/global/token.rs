//! Tokens of the Global dialect: JSON web tokens that the merchant signs with the secret, or has us sign. They
//! are bound to the client key and to nothing else, and nothing about them is stored: a new secret ends them all.

use crate::global::signature::MerchantSecret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use paypier_wire::global::{Decimal, Number};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

/// How long a token that we make is good for, in seconds.
pub const LIFETIME: i64 = 21_600;
/// How far ahead of ours the clock of whoever made a token may be, in seconds.
const CLOCK_SKEW: i64 = 60;
/// What we call ourselves in a token, and what we were called before.
const ISSUERS: [&str; 2] = ["PORTONE", "CHAIPAY"];
/// A longer token is not looked at.
const MAX_LENGTH: usize = 4_096;

/// Why a token is refused. The dialect answers the same to all of them; this is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("the authorization is no token")]
    NotAToken,
    #[error("the token is signed in another way than HS256")]
    Algorithm,
    #[error("the token is not signed with the merchant's secret")]
    Signature,
    #[error("the issuer of the token is not one that is accepted")]
    Issuer,
    #[error("the token is for another client key")]
    ClientKey,
    #[error("the token has expired")]
    Expired,
    #[error("the token comes from the future")]
    NotYet,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: Option<Number>,
    exp: Option<Number>,
}

/// A token for this client key, good for [`LIFETIME`] from `now`.
pub fn issue(secret: &MerchantSecret, client_key: &str, now: Timestamp) -> String {
    let issued_at = now.as_second();
    let claims = serde_json::json!({
        "exp": issued_at.saturating_add(LIFETIME),
        "iat": issued_at,
        "iss": "PORTONE",
        "sub": client_key,
    });
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(secret.mac(message.as_bytes()));
    format!("{message}.{signature}")
}

/// The token in an `Authorization` header: behind `Bearer` or `BearerToken`, in any case, or alone.
fn token(authorization: &str) -> Option<&str> {
    let authorization = authorization.trim();
    match authorization.split_once(|at: char| at.is_ascii_whitespace()) {
        None => (!authorization.is_empty()).then_some(authorization),
        Some((scheme, token)) => {
            let is_bearer = ["bearer", "bearertoken"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
            is_bearer.then(|| token.trim_start())
        }
    }
}

/// Whether this `Authorization` header holds a token of the merchant with this client key.
///
/// # Errors
/// It does not.
pub fn verify(
    secret: &MerchantSecret,
    client_key: &str,
    authorization: &str,
    now: Timestamp,
) -> Result<(), TokenRefusal> {
    let token =
        token(authorization).filter(|token| token.len() <= MAX_LENGTH).ok_or(TokenRefusal::NotAToken)?;
    let (message, signature) = token.rsplit_once('.').ok_or(TokenRefusal::NotAToken)?;
    let (header, claims) = message.split_once('.').ok_or(TokenRefusal::NotAToken)?;

    let header: Header = part(header)?;
    if header.alg != "HS256" {
        return Err(TokenRefusal::Algorithm);
    }
    let signature = decoded(signature)?;
    if !bool::from(secret.mac(message.as_bytes()).as_slice().ct_eq(&signature)) {
        return Err(TokenRefusal::Signature);
    }

    let claims: Claims = part(claims)?;
    if !ISSUERS.contains(&claims.iss.as_str()) {
        return Err(TokenRefusal::Issuer);
    }
    if claims.sub != client_key {
        return Err(TokenRefusal::ClientKey);
    }
    let seconds = |number: Number| number.decimal().and_then(Decimal::floor).ok_or(TokenRefusal::NotAToken);
    let now = now.as_second();
    if let Some(issued_at) = claims.iat
        && seconds(issued_at)? > now.saturating_add(CLOCK_SKEW)
    {
        return Err(TokenRefusal::NotYet);
    }
    // A token that never ends is none.
    let expires_at = seconds(claims.exp.ok_or(TokenRefusal::NotAToken)?)?;
    if now < expires_at { Ok(()) } else { Err(TokenRefusal::Expired) }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).map_err(|_| TokenRefusal::NotAToken)
}

fn part<T: DeserializeOwned>(part: &str) -> Result<T, TokenRefusal> {
    serde_json::from_slice(&decoded(part)?).map_err(|_| TokenRefusal::NotAToken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::signature::tests::vectors;

    const KEY: &str = "sjcrvcbVYkFobHlx";
    /// The published sample.
    const SAMPLE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3MjQzMjM2NTEsImlhdCI6MTcyNDMwMjA1MSwiaXNzIjoiUE9SVE9ORSIsInN1YiI6InNqY3J2Y2JWWWtGb2JIbHgifQ.-A7y_JSRNbST9wIE26xd-oq0vLsQ-PavhHyxSts0glY";

    fn secret() -> MerchantSecret {
        MerchantSecret::new("6cd264c70ec38d41a5dc2662e98c72bac58d3afc5bb4e80debbe3a976a0dc4eb")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn signed(header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(secret().mac(message.as_bytes())))
    }

    const HS256: &str = r#"{"alg":"HS256"}"#;

    fn with_claims(claims: &str) -> Result<(), TokenRefusal> {
        verify(&secret(), KEY, &format!("Bearer {}", signed(HS256, claims)), at(1_000))
    }

    #[test]
    fn ours_is_the_published_one_byte_for_byte() {
        assert_eq!(issue(&secret(), KEY, at(1_724_302_051)), SAMPLE);
    }

    #[test]
    fn a_token_is_found_in_every_documented_form() {
        for authorization in [
            format!("Bearer {SAMPLE}"),
            format!("bearer {SAMPLE}"),
            format!("BEARER   {SAMPLE} "),
            format!("BearerToken {SAMPLE}"),
            SAMPLE.to_owned(),
        ] {
            assert_eq!(verify(&secret(), KEY, &authorization, at(1_724_302_052)), Ok(()), "{authorization}");
        }
        let long = "a".repeat(5_000);
        for authorization in
            ["", " ", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b", "Bearer ..", "Bearer a.b.c.d", &long]
        {
            assert_eq!(
                verify(&secret(), KEY, authorization, at(1_724_302_052)),
                Err(TokenRefusal::NotAToken),
                "{authorization}"
            );
        }
    }

    #[test]
    fn a_token_ends_at_its_second() {
        let token = issue(&secret(), KEY, at(0));
        assert_eq!(verify(&secret(), KEY, &token, at(LIFETIME.saturating_sub(1))), Ok(()));
        assert_eq!(verify(&secret(), KEY, &token, at(LIFETIME)), Err(TokenRefusal::Expired));
    }

    #[test]
    fn what_a_token_says_is_checked() {
        let claims = |rest: &str| format!(r#"{{"iss":"PORTONE","sub":"{KEY}"{rest}}}"#);
        for (rest, answer) in [
            (r#","exp":1001"#, Ok(())),
            (r#","exp":1001.75,"iat":1060.9"#, Ok(())),
            (r#","exp":1001,"iat":1061"#, Err(TokenRefusal::NotYet)),
            (r#","exp":1000"#, Err(TokenRefusal::Expired)),
            (r#","exp":"never""#, Err(TokenRefusal::NotAToken)),
            (r#","exp":null"#, Err(TokenRefusal::NotAToken)),
            ("", Err(TokenRefusal::NotAToken)),
        ] {
            assert_eq!(with_claims(&claims(rest)), answer, "{rest}");
        }
        assert_eq!(
            with_claims(&format!(r#"{{"iss":"portone","sub":"{KEY}","exp":2000}}"#)),
            Err(TokenRefusal::Issuer)
        );
        assert_eq!(
            with_claims(r#"{"iss":"PORTONE","sub":"OTHER","exp":2000}"#),
            Err(TokenRefusal::ClientKey)
        );
        assert_eq!(with_claims(&format!(r#"{{"sub":"{KEY}","exp":2000}}"#)), Err(TokenRefusal::NotAToken));
    }

    #[test]
    fn only_one_algorithm_is_accepted() {
        let claims = format!(r#"{{"iss":"PORTONE","sub":"{KEY}","exp":2000}}"#);
        for algorithm in ["none", "HS384", "HS512", "RS256", "hs256", ""] {
            let token = signed(&format!(r#"{{"alg":"{algorithm}"}}"#), &claims);
            assert_eq!(
                verify(&secret(), KEY, &token, at(1_000)),
                Err(TokenRefusal::Algorithm),
                "{algorithm}"
            );
        }
        let padded = signed(HS256, &claims).replacen('.', "=.", 1);
        assert_eq!(
            verify(&secret(), KEY, &padded, at(1_000)),
            Err(TokenRefusal::Signature),
            "changed after signing"
        );
    }

    #[test]
    fn a_changed_token_is_refused() {
        let now = at(1_724_302_052);
        let flipped = SAMPLE.replacen("-A7y", "-A7z", 1);
        assert_eq!(verify(&secret(), KEY, &flipped, now), Err(TokenRefusal::Signature));
        let other = MerchantSecret::new("6cd264c7");
        assert_eq!(verify(&other, KEY, SAMPLE, now), Err(TokenRefusal::Signature));
        let unsigned = SAMPLE.rsplit_once('.').unwrap().0.to_owned() + ".";
        assert_eq!(verify(&secret(), KEY, &unsigned, now), Err(TokenRefusal::Signature));
    }

    #[test]
    fn the_token_vectors_behave_as_marked() {
        let Some(vectors) = vectors() else { return };
        let tokens = vectors["jwt_vectors"].as_array().unwrap();
        assert!(tokens.len() >= 11);
        for vector in tokens {
            let secret = MerchantSecret::new(vector["secret"].as_str().unwrap());
            let key = match vector["client_key_header"].as_str() {
                Some(key) => key,
                None if vector["secret"] == "PORTONE_SECRET" => "PORTONE_KEY",
                None => KEY,
            };
            let token = vector["token"].as_str().unwrap();
            let now = at(vector["now"].as_i64().unwrap());
            let accepted = verify(&secret, key, &format!("Bearer {token}"), now).is_ok();
            assert_eq!(accepted, vector["accept"].as_bool().unwrap(), "{}: {}", vector["id"], vector["note"]);
        }
    }
}
