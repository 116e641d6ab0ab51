//! Identity verification at the simulated PSP, through the connector.

use super::*;
use crate::contract::{IdentityAsk, IdentityFound, IdentityStanding};
use crate::simulator::psp::identity::ApprovalRefusal;
use paypier_domain::identity_verification::{CodeSent, Method};

const RIGHT: Option<&str> = Some("000000");
const WRONG: Option<&str> = Some("999999");

impl<B: Books + 'static> Shop<B> {
    async fn asks_who(
        &self,
        reference: &str,
        identity_number: Option<&str>,
        method: Method,
    ) -> Outcome<CodeSent> {
        let ask = IdentityAsk {
            reference,
            verification_id: "who-1",
            customer_id: None,
            name: "Hong Gildong",
            phone_number: "01012345678",
            identity_number,
            ip_address: "203.0.113.7",
            operator: Some("SKT"),
            method,
            bypass: None,
        };
        self.sandbox.send_identity_code(&self.call(), &ask).await
    }

    async fn is_told(&self, reference: &str, otp: Option<&str>) -> Outcome<IdentityFound> {
        self.sandbox.confirm_identity(&self.call(), reference, otp).await
    }

    async fn sends_again(&self, reference: &str) -> Outcome<Timestamp> {
        self.sandbox.resend_identity_code(&self.call(), reference).await
    }

    async fn stands(&self, reference: &str, age_s: i64) -> Found<IdentityStanding> {
        self.sandbox.query_identity(&self.call(), reference, SignedDuration::from_secs(age_s)).await
    }
}

fn code<T: std::fmt::Debug>(outcome: Outcome<T>) -> String {
    match outcome {
        Outcome::Declined(decline) => format!("{:?} {}", decline.class, decline.code),
        other => other.word().to_owned(),
    }
}

fn done<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Done(value) => value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_same_person_is_the_same_person_each_time() {
    let shop = Shop::open();
    let sent = done(shop.asks_who("i-1", Some("9001012"), Method::Sms).await);
    assert_eq!(done(shop.asks_who("i-1", Some("9001012"), Method::Sms).await), sent, "the same request");
    assert_eq!(
        code(shop.asks_who("i-1", Some("9001011"), Method::App).await),
        "Refused SANDBOX_REFERENCE_REUSED"
    );
    assert_eq!(shop.stands("i-1", 0).await, Found::Known(Outcome::Done(IdentityStanding::Waiting(sent))));
    let found = done(shop.is_told("i-1", RIGHT).await);
    assert_eq!((found.name.as_str(), found.gender.as_deref()), ("Hong Gildong", Some("FEMALE")));
    assert_eq!(found.birth.year, "1990");
    assert_eq!(
        (found.ci.as_ref().map(String::len), found.di.as_ref().map(String::len)),
        (Some(88), Some(64))
    );
    assert!(done(shop.is_told("i-1", RIGHT).await) == found, "repeated, the first answer");
    assert_eq!(code(shop.is_told("i-1", WRONG).await), "Payer SANDBOX_IDENTITY_WRONG_CODE");
    done(shop.asks_who("i-2", Some("9001012"), Method::Sms).await);
    let again = done(shop.is_told("i-2", RIGHT).await);
    assert!(again.ci == found.ci && again.di == found.di);
    done(shop.asks_who("i-3", Some("9001011"), Method::Sms).await);
    assert!(done(shop.is_told("i-3", RIGHT).await).ci != found.ci, "somebody else");
    let secrets = [found.ci.as_deref().unwrap(), found.di.as_deref().unwrap(), "9001012", "000000"];
    let documents = shop.books.documents();
    assert!(
        documents.iter().all(|document| secrets.iter().all(|secret| !document.contains(secret))),
        "{documents:?}"
    );
}

#[tokio::test]
async fn every_third_wrong_code_closes_and_time_does_too() {
    let shop = Shop::open();
    done(shop.asks_who("i-1", Some("9001011"), Method::Sms).await);
    for refusal in [
        "Payer SANDBOX_IDENTITY_WRONG_CODE",
        "Payer SANDBOX_IDENTITY_WRONG_CODE",
        "Refused SANDBOX_IDENTITY_CLOSED",
    ] {
        assert_eq!(code(shop.is_told("i-1", WRONG).await), refusal);
    }
    assert_eq!(code(shop.is_told("i-1", RIGHT).await), "Refused SANDBOX_IDENTITY_CLOSED");
    assert_eq!(code(shop.sends_again("i-1").await), "Refused SANDBOX_IDENTITY_CLOSED");
    done(shop.asks_who("i-2", Some("9001011"), Method::Sms).await);
    shop.after(9);
    done(shop.sends_again("i-2").await);
    shop.after(9);
    assert!(matches!(shop.stands("i-2", 0).await, Found::Known(Outcome::Done(IdentityStanding::Waiting(_)))));
    shop.after(1);
    assert!(matches!(shop.stands("i-2", 0).await, Found::Known(Outcome::Done(IdentityStanding::Closed(_)))));
    assert_eq!(code(shop.is_told("i-2", RIGHT).await), "Refused SANDBOX_IDENTITY_CLOSED");
    done(shop.asks_who("i-3", Some("9001011"), Method::Sms).await);
    for _ in 0..5 {
        done(shop.sends_again("i-3").await);
    }
    assert_eq!(code(shop.sends_again("i-3").await), "Payer SANDBOX_IDENTITY_RESENT_TOO_OFTEN");
}

#[tokio::test]
async fn an_app_counts_once_it_was_answered() {
    let shop = Shop::open();
    done(shop.asks_who("i-1", None, Method::App).await);
    assert_eq!(code(shop.is_told("i-1", RIGHT).await), "Payer SANDBOX_IDENTITY_NOT_APPROVED");
    assert_eq!(code(shop.sends_again("i-1").await), "Payer SANDBOX_IDENTITY_NOT_BY_SMS");
    let approve = |reference: &'static str| shop.psp.approve_identity(&shop.store, reference, shop.now());
    approve("i-1").await.unwrap();
    approve("i-1").await.unwrap();
    done(shop.is_told("i-1", None).await);
    assert_eq!(approve("i-1").await, Err(ApprovalRefusal::NotWaiting));
    assert_eq!(approve("i-9").await, Err(ApprovalRefusal::NotFound));
    done(shop.asks_who("i-2", Some("9001011"), Method::Sms).await);
    assert_eq!(approve("i-2").await, Err(ApprovalRefusal::NotByApp));
}

#[tokio::test]
async fn what_is_incomplete_or_unknown_is_refused() {
    let shop = Shop::open();
    for (number, method) in
        [(None, Method::Sms), (Some("900101"), Method::Sms), (Some("9913011"), Method::Sms)]
    {
        assert_eq!(
            code(shop.asks_who("i-1", number, method).await),
            "Refused SANDBOX_INVALID_REQUEST",
            "{number:?}"
        );
    }
    assert_eq!(code(shop.is_told("i-1", RIGHT).await), "Refused SANDBOX_IDENTITY_NOT_FOUND");
    assert_eq!(shop.stands("i-1", 4).await, Found::NotYet);
    assert_eq!(shop.stands("i-1", 5).await, Found::Absent);
}
