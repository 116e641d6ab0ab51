//! Text messages, handed to a gateway over HTTP.
//!
//! Gateways differ; what is sent is one small JSON object, which most can be told to take and a few lines can
//! translate for the others: `{"to", "from", "text", "reference"}`, with a bearer token. 2xx takes the message.

use super::{Handed, TextMessage};
use crate::config::notify::{Confidential, NotifyConfig};
use http::StatusCode;
use serde_json::json;
use url::Url;

#[derive(Debug)]
pub struct Sms {
    client: reqwest::Client,
    url: Url,
    token: Option<Confidential>,
    sender: Option<String>,
}

impl Sms {
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(url: &Url, config: &NotifyConfig) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            client,
            url: url.clone(),
            token: config.sms_token.clone(),
            sender: config.sms_sender.clone(),
        })
    }

    pub async fn send(&self, message: TextMessage) -> Handed {
        let mut body = json!({
            "to": message.to,
            "text": message.text,
            "reference": message.reference,
        });
        if let (Some(members), Some(sender)) = (body.as_object_mut(), &self.sender) {
            members.insert("from".into(), sender.as_str().into());
        }
        let mut request = self.client.post(self.url.clone()).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.text());
        }
        match request.send().await {
            Ok(answer) => judged(answer.status()),
            Err(error) if error.is_connect() => Handed::NotNow("the gateway cannot be reached".into()),
            Err(error) if error.is_timeout() => Handed::Unknown("the gateway did not answer in time".into()),
            Err(_) => Handed::Unknown("the gateway's answer broke off".into()),
        }
    }
}

fn judged(status: StatusCode) -> Handed {
    let said = || format!("the gateway answered {}", status.as_u16());
    if status.is_success() {
        Handed::Over
    } else if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        Handed::NotNow(said())
    } else if status.is_client_error() || status.is_redirection() {
        Handed::Refused(said())
    } else {
        Handed::Unknown(said())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_the_message_left() {
        for (status, handed) in [
            (200, Handed::Over),
            (202, Handed::Over),
            (302, Handed::Refused("the gateway answered 302".into())),
            (400, Handed::Refused("the gateway answered 400".into())),
            (401, Handed::Refused("the gateway answered 401".into())),
            (429, Handed::NotNow("the gateway answered 429".into())),
            (503, Handed::NotNow("the gateway answered 503".into())),
            (500, Handed::Unknown("the gateway answered 500".into())),
        ] {
            assert_eq!(judged(StatusCode::from_u16(status).unwrap()), handed);
        }
    }
}
