//! A buyer's authentication is good for one charge of one amount.

use super::{Shop, VISA, card, won, word};
use crate::contract::{AuthenticateAsk, BuyerAuthentication, BuyerInstrument, Connector, PlayedBuyer};
use paypier_domain::checkout::PayMethod;
use paypier_domain::money::Currency;
use paypier_domain::outcome::{Found, Outcome};

impl Shop {
    async fn authenticates(
        &self,
        charge: &str,
        amount: i64,
        with: BuyerInstrument<'_>,
    ) -> Outcome<BuyerAuthentication> {
        let reference = format!("{charge}:a");
        let ask = AuthenticateAsk {
            reference: &reference,
            charge_reference: charge,
            amount: won(amount),
            currency: Currency::KRW,
            with,
        };
        self.sandbox.authenticate(&self.call(), &ask).await
    }
}

fn token(outcome: Outcome<BuyerAuthentication>) -> String {
    match outcome {
        Outcome::Done(authentication) => authentication.token,
        other => panic!("{other:?}"),
    }
}

fn page(buyer: PlayedBuyer) -> BuyerInstrument<'static> {
    BuyerInstrument::Page { method: PayMethod::EasyPay, kind: Some("KAKAOPAY"), buyer }
}

#[tokio::test]
async fn an_authentication_is_good_for_its_own_charge_and_amount_once() {
    let shop = Shop::open();
    let token = token(shop.authenticates("t-1", 1_000, BuyerInstrument::Card(&card(VISA))).await);
    assert_eq!(shop.total().await, (0, 0), "it moves no money");
    let refused = "Payer SANDBOX_AUTHENTICATION_FAILED";
    assert_eq!(word(&shop.charges_token("t-2", 1_000, &token).await), refused);
    assert_eq!(word(&shop.charges_token("t-1", 1_001, &token).await), refused);
    assert_eq!(word(&shop.charges_token("t-1", 1_000, &token).await), "done");
    assert_eq!(word(&shop.charges_token("t-1", 1_000, &token).await), "done", "the same charge again");
    assert_eq!(word(&shop.charges_token("t-3", 1_000, &token).await), refused);
    assert_eq!(shop.total().await, (1_000, 0));
}

#[tokio::test]
async fn a_code_that_is_wanted_must_be_right_at_the_first_try() {
    let shop = Shop::open();
    let typed = card("4000000000003220");
    for (charge, code, then) in
        [("t-1", "123456", "done"), ("t-2", "000000", "Refused SANDBOX_TOKEN_NOT_FOUND")]
    {
        let Outcome::Done(asked) = shop.authenticates(charge, 500, BuyerInstrument::Card(&typed)).await
        else {
            panic!("the card is authenticated");
        };
        assert!(asked.needs_code);
        let early = word(&shop.charges_token(charge, 500, &asked.token).await);
        assert_eq!(early, "Payer SANDBOX_AUTHENTICATION_FAILED");
        let answered = shop.sandbox.answer_challenge(&shop.call(), &asked.token, code).await;
        assert_eq!(matches!(answered, Outcome::Done(_)), then == "done");
        let again = shop.sandbox.answer_challenge(&shop.call(), &asked.token, "123456").await;
        assert_eq!(matches!(again, Outcome::Done(_)), then == "done", "a wrong code is the end of it");
        assert_eq!(word(&shop.charges_token(charge, 500, &asked.token).await), then);
    }
}

#[tokio::test]
async fn a_wallet_approves_declines_or_says_later() {
    let shop = Shop::open();
    let approved = token(shop.authenticates("t-1", 1_000, page(PlayedBuyer::Approves)).await);
    assert_eq!(word(&shop.charges_token("t-1", 1_000, &approved).await), "done");
    let declined = shop.authenticates("t-2", 1_000, page(PlayedBuyer::IsDeclined)).await;
    assert!(matches!(&declined, Outcome::Declined(decline) if decline.code == "SANDBOX_DECLINED"));

    let later = token(shop.authenticates("t-3", 1_000, page(PlayedBuyer::ApprovesLater)).await);
    assert_eq!(word(&shop.charges_token("t-3", 1_000, &later).await), "pending");
    assert_eq!(shop.total().await, (1_000, 0));
    shop.after(10);
    assert_eq!(
        word(&shop.charges_token("t-3", 1_000, &later).await),
        "pending",
        "repeated: the first answer"
    );
    let Found::Known(Outcome::Done(snapshot)) = shop.asks("t-3", 600).await else { panic!("it is known") };
    assert_eq!(word(&snapshot.charge), "done");
    assert_eq!(shop.total().await, (2_000, 0));
}

#[tokio::test]
async fn what_is_declined_at_the_issuers_page_leaves_no_token() {
    let shop = Shop::open();
    for (number, code) in [
        ("4000000000000002", "SANDBOX_DECLINED"),
        ("4000000000000069", "SANDBOX_EXPIRED_CARD"),
        ("4242424242424241", "SANDBOX_INVALID_CARD"),
    ] {
        let declined = shop.authenticates(number, 1_000, BuyerInstrument::Card(&card(number))).await;
        assert!(matches!(&declined, Outcome::Declined(decline) if decline.code == code), "{declined:?}");
    }
    assert_eq!(shop.books.documents(), [""; 0]);
}

#[tokio::test]
async fn an_authentication_becomes_a_lasting_token_of_what_it_was_given_for() {
    let shop = Shop::open();
    let keeps = async |reference: &str, token: &str| match shop
        .sandbox
        .keep_authenticated(&shop.call(), reference, token)
        .await
    {
        Outcome::Done(stored) => Ok(stored.token),
        Outcome::Declined(decline) => Err(decline.code),
        other => panic!("{other:?}"),
    };
    let wallet = token(shop.authenticates("key-1", 0, page(PlayedBuyer::Approves)).await);
    assert_eq!(keeps("key-2", &wallet).await, Err("SANDBOX_AUTHENTICATION_FAILED".into()));
    assert_eq!(keeps("key-1", "sbxa_nobody").await, Err("SANDBOX_TOKEN_NOT_FOUND".into()));
    let kept = keeps("key-1", &wallet).await.unwrap();
    assert_eq!(keeps("key-1", &wallet).await.unwrap(), kept, "repeated: the first answer");
    for charge in ["t-1", "t-2"] {
        assert_eq!(word(&shop.charges_token(charge, 700, &kept).await), "done");
    }
    assert_eq!(shop.total().await, (1_400, 0));
    // The one-time token itself charges nothing.
    assert_ne!(word(&shop.charges_token("key-1", 700, &wallet).await), "done");
}
