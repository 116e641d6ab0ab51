//! Payment links: made, paid, cancelled, expired, sent and told. Numbers in names are those of the acceptance checks.

mod api;
pub mod mail;
pub mod notices;
mod page;
mod paying;

use super::merchant::{Ear, signed_sale};
use crate::checkout::visitor::{Got, card, got, nonce};
use crate::shop::{Answer, Shop};
use paypier::cli::dev::demo;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub const KEY: &str = demo::GLOBAL_CLIENT_KEY;

static BROWSER: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

/// The published example of a request, as it stands but for key, token and signature.
pub fn example() -> Value {
    let body: Value = serde_json::from_str(include_str!("example.json")).unwrap();
    signed(body)
}

/// The same body with the demo merchant's key and the signature that it has to have.
pub fn signed(mut body: Value) -> Value {
    body["portone_key"] = json!(KEY);
    signed_sale(body)
}

/// A small link of 300 baht, paid by card or wallet at OMISE.
pub fn link(order: &str) -> Value {
    signed(json!({
        "merchant_details": { "name": "Pier Coffee", "back_url": "https://shop.example/cart" },
        "source": "api", "description": "two bags of beans", "amount": 300, "currency": "THB", "country_code": "TH",
        "merchant_order_id": order, "success_url": "https://shop.example/ok?order=1&x=a+b",
        "failure_url": "https://shop.example/ko", "environment": "sandbox",
        "billing_details": { "billing_name": "N", "billing_surname": "K", "billing_email": "n@example.com",
            "billing_phone": "+66812345678", "billing_address": { "city": "City", "country_code": "TH", "line_1": "address" } },
        "chosen_payment_methods": [
            { "payment_channel": "OMISE", "payment_method": "OMISE_CREDIT_CARD" },
            { "payment_channel": "OMISE", "payment_method": "OMISE_TRUEMONEY" },
        ],
    }))
}

/// A form for a card as one page has it, to be sent whenever.
pub struct CardForm {
    page: String,
    nonce: String,
}

impl CardForm {
    /// The form of the window, when it is still open.
    pub async fn of(window: &super::merchant::Payer) -> Option<Self> {
        let seen = window.sees().await;
        let is_open = seen.html.contains("name=\"number\"");
        is_open.then(|| Self { page: window.page.clone(), nonce: nonce(&seen.html) })
    }

    pub async fn sends(&self, number: &str) -> Got {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("nonce", &self.nonce);
        for (name, value) in card(number) {
            body.append_pair(name, value);
        }
        let form = BROWSER
            .post(&self.page)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        got(form).await
    }
}

impl Shop {
    pub async fn makes_link(&self, body: &Value) -> Answer {
        self.global_post("/api/paymentLink", body).await
    }

    /// A link that was made. Its reference.
    pub async fn has_link(&self, body: &Value) -> String {
        let made = self.makes_link(body).await.succeeds();
        made["payment_link_ref"].as_str().unwrap().to_owned()
    }

    pub async fn link_stands(&self, reference: &str) -> Value {
        let path = format!("/api/paymentLink/{reference}/fetch-status");
        self.global_get(&path).await.succeeds()["content"].clone()
    }

    pub async fn cancels_link(&self, reference: &str) -> Answer {
        self.global_put(&format!("/api/paymentLink/{reference}/status/cancelled"), &json!({})).await
    }

    /// Who opens the link's page.
    pub fn payer_of(&self, reference: &str) -> LinkPayer {
        LinkPayer {
            url: self.url.clone(),
            page: format!("{}?ref={reference}", self.url),
            reference: reference.to_owned(),
        }
    }

    pub async fn hears_links(&self) -> Ear {
        let ear = Ear::open().await;
        self.tells(&ear, "payment_link_status").await;
        ear
    }
}

/// A payer's browser on a link's page.
pub struct LinkPayer {
    url: String,
    pub page: String,
    reference: String,
}

impl LinkPayer {
    pub async fn sees(&self) -> Got {
        got(BROWSER.get(&self.page)).await
    }

    pub async fn chooses(&self, method: &str) -> Got {
        self.submits(&[
            ("intent", "pay"),
            ("method", method),
            ("billing_name", "N K"),
            ("billing_email", "n@example.com"),
            ("billing_phone", "+66812345678"),
        ])
        .await
    }

    pub async fn submits(&self, fields: &[(&str, &str)]) -> Got {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let form = BROWSER
            .post(format!("{}/pay/{}", self.url, self.reference))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        got(form).await
    }

    /// Chooses to pay by card, and is in the window for it.
    pub async fn starts(&self) -> super::merchant::Payer {
        let got = self.chooses("OMISE:OMISE_CREDIT_CARD").await;
        let window = got.goes_to().to_owned();
        super::merchant::Payer::at(&format!("{}{window}", self.url))
    }
}
