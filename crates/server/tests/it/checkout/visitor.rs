//! The merchant's page and the buyer's browser, which follow no redirect by themselves.

use crate::shop::{Answer, Shop, sent};
use paypier::cli::dev::demo;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub static BROWSER: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

/// The page's request for a card payment of `total` won.
pub fn opening(shop: &Shop, id: &str, total: i64) -> Value {
    json!({
        "kind": "PAYMENT",
        "request": {
            "storeId": demo::STORE_ID, "paymentId": id, "orderName": "a book", "totalAmount": total,
            "currency": "CURRENCY_KRW", "payMethod": "CARD", "channelKey": demo::CARD.key,
            "noticeUrls": [shop.receiver.url],
            "customer": { "fullName": "홍길동", "email": "gildong@example.com" },
        },
        "page": { "url": "https://shop.example/cart", "origin": "https://shop.example", "platform": "PC", "language": "ko-KR" },
    })
}

/// What a browser got for a page or a form.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub html: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where the browser is sent.
    #[track_caller]
    pub fn goes_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.html);
        self.header("location")
    }
}

/// One browser in one window.
#[derive(Clone)]
pub struct Visitor {
    url: String,
    pub token: String,
    pub opened: Value,
}

impl Shop {
    /// The page opens a window.
    pub async fn opens(&self, body: &Value) -> Answer {
        sent(
            self.anonymous("POST", "/checkout/windows")
                .header("content-type", "text/plain")
                .body(body.to_string()),
        )
        .await
        .unwrap()
    }

    /// The buyer in a window that opened.
    pub async fn visits(&self, body: &Value) -> Visitor {
        let opened = self.opens(body).await.succeeds();
        let token = opened["window"].as_str().unwrap().to_owned();
        assert_eq!(token.len(), 43);
        assert_eq!(opened["url"], format!("{}/checkout/{token}", self.url));
        Visitor { url: self.url.clone(), token, opened }
    }

    /// A buyer in a window for a card payment.
    pub async fn pays_by_card_in_window(&self, id: &str, total: i64) -> Visitor {
        self.visits(&opening(self, id, total)).await
    }
}

impl Visitor {
    pub async fn sees(&self) -> Got {
        got(BROWSER.get(format!("{}/checkout/{}", self.url, self.token))).await
    }

    /// A form as the page has it now.
    pub async fn form(&self, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let page = self.sees().await;
        assert_eq!(page.status, 200, "{}", page.html);
        self.form_with(&nonce(&page.html), fields)
    }

    pub fn form_with(&self, nonce: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("nonce", nonce);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        BROWSER
            .post(format!("{}/checkout/{}", self.url, self.token))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish())
    }

    pub async fn submits(&self, fields: &[(&str, &str)]) -> Got {
        got(self.form(fields).await).await
    }

    /// Types a card and sends the form.
    pub async fn types(&self, number: &str) -> Got {
        self.submits(&card(number)).await
    }

    pub async fn asks(&self, method: &str, what: &str) -> Value {
        let url = format!("{}/checkout/windows/{}/{what}", self.url, self.token);
        let answer = sent(BROWSER.request(method.parse().unwrap(), url)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }

    /// The result as the page's script polls it.
    pub async fn result(&self) -> Value {
        self.asks("GET", "result").await
    }

    pub async fn closes(&self) -> Value {
        self.asks("POST", "close").await
    }
}

pub fn card(number: &str) -> [(&str, &str); 6] {
    [
        ("intent", "card"),
        ("number", number),
        ("expiry", "12 / 39"),
        ("birth", "900101"),
        ("password", "12"),
        ("installment", "0"),
    ]
}

pub async fn got(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, html: response.text().await.unwrap() }
}

/// The hidden field of a page's form.
#[track_caller]
pub fn nonce(html: &str) -> String {
    let rest = html.split("name=\"nonce\" value=\"").nth(1).unwrap_or_else(|| panic!("no form: {html}"));
    rest.split('"').next().unwrap().to_owned()
}
