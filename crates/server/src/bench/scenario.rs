//! What is asked of the server. Everything that does not differ between requests is made once.

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// A new payment with a card number.
    KeyIn,
    /// Reading one payment of many.
    Read,
    /// A new payment with a billing key.
    BillingKey,
    /// A new payment and its cancellation in whole; the cancellation is measured.
    Cancel,
}

impl Scenario {
    pub const ALL: [Self; 4] = [Self::KeyIn, Self::Read, Self::BillingKey, Self::Cancel];

    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyIn => "key-in",
            Self::Read => "read",
            Self::BillingKey => "billing-key",
            Self::Cancel => "cancel",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.as_str() == text)
    }

    /// What is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::KeyIn | Self::BillingKey => "payments",
            Self::Read => "reads",
            Self::Cancel => "cancellations",
        }
    }
}

impl std::str::FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "a scenario is key-in, read, billing-key or cancel".to_owned())
    }
}

pub type ClientRequest = Request<Full<Bytes>>;

/// The parts of requests that are always the same.
#[derive(Debug, Clone)]
pub struct Templates {
    host: HeaderValue,
    authorization: HeaderValue,
    key_in: Bytes,
    cancel: Bytes,
    issue: Bytes,
    billing_key: Bytes,
}

impl Templates {
    /// # Errors
    /// The address or the secret does not fit into a header.
    pub fn new(host: &str, api_secret: &str, channel_key: &str) -> anyhow::Result<Self> {
        let credential = json!({"number": "4242424242424242", "expiryYear": "40", "expiryMonth": "12"});
        let sale = json!({
            "channelKey": channel_key,
            "orderName": "Two tickets",
            "amount": {"total": 15000},
            "currency": "KRW",
            "customer": {"id": "customer-1", "name": {"full": "Kim Dana"}, "email": "dana@example.com"},
        });
        let mut key_in = sale;
        if let Some(members) = key_in.as_object_mut() {
            members.insert("method".to_owned(), json!({"card": {"credential": credential}}));
        }
        let issue = json!({"channelKey": channel_key, "method": {"card": {"credential": credential}}});
        Ok(Self {
            host: HeaderValue::from_str(host).context("the address does not fit into a header")?,
            authorization: HeaderValue::from_str(&format!("PortOne {api_secret}"))
                .context("the secret does not fit into a header")?,
            key_in: Bytes::from(key_in.to_string()),
            cancel: Bytes::from_static(br#"{"reason":"bench"}"#),
            issue: Bytes::from(issue.to_string()),
            billing_key: Bytes::new(),
        })
    }

    /// With the billing key that was issued: the body that charges it.
    #[must_use]
    pub fn charging(mut self, billing_key: &str) -> Self {
        let body = json!({
            "billingKey": billing_key,
            "orderName": "Two tickets",
            "amount": {"total": 15000},
            "currency": "KRW",
        });
        self.billing_key = Bytes::from(body.to_string());
        self
    }

    fn request(&self, method: Method, path: String, body: Bytes) -> anyhow::Result<ClientRequest> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().context("a path of the bench is no path")?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.host.clone());
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        Ok(request)
    }

    pub fn pay(&self, id: &str) -> anyhow::Result<ClientRequest> {
        self.request(Method::POST, format!("/payments/{id}/instant"), self.key_in.clone())
    }

    pub fn pay_with_billing_key(&self, id: &str) -> anyhow::Result<ClientRequest> {
        self.request(Method::POST, format!("/payments/{id}/billing-key"), self.billing_key.clone())
    }

    pub fn read(&self, id: &str) -> anyhow::Result<ClientRequest> {
        self.request(Method::GET, format!("/payments/{id}"), Bytes::new())
    }

    pub fn cancel(&self, id: &str) -> anyhow::Result<ClientRequest> {
        self.request(Method::POST, format!("/payments/{id}/cancel"), self.cancel.clone())
    }

    pub fn issue(&self) -> anyhow::Result<ClientRequest> {
        self.request(Method::POST, "/billing-keys".to_owned(), self.issue.clone())
    }
}

/// The key in the answer to [`Templates::issue`].
pub fn issued_key(body: &[u8]) -> anyhow::Result<String> {
    let answer: serde_json::Value =
        serde_json::from_slice(body).context("the answer to an issuance is not JSON")?;
    match answer.pointer("/billingKeyInfo/billingKey").and_then(serde_json::Value::as_str) {
        Some(key) => Ok(key.to_owned()),
        None => bail!("the answer to an issuance has no billing key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_read_as_they_are_written() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.as_str().parse(), Ok(scenario));
        }
        assert!("other".parse::<Scenario>().is_err());
    }
}
