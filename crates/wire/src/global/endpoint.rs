//! Where webhooks are sent to.

use crate::global::body::{choices, request};
use crate::global::details::Environment;
use crate::global::lenient::Choice;
use crate::global::time::Nanoseconds;
use crate::time::Timestamp;

choices! {
    /// What a webhook may be about.
    pub enum WebhookType {
        PaymentStatus = "payment_status",
        PaymentLinkStatus = "payment_link_status",
        RefundStatus = "refund_status",
        SubscriptionStatus = "subscription_status",
        PayoutStatus = "payout_status",
        OnboardingStatus = "onboarding_status",
    }
}

request! {
    /// A new endpoint.
    pub struct AddWebhookRequest {
        name [required]: String,
        url [required]: String,
        kind [required] as "type": Choice<WebhookType>,
        environment [required]: Choice<Environment>,
    }
}

/// An endpoint, as it is answered when it is added (`T` is [`Nanoseconds`]) and when it is read
/// ([`Timestamp`]): the instant has two formats.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WebhookContent<T> {
    pub name: String,
    pub uuid: String,
    pub url: String,
    pub enabled: bool,
    pub created_at: T,
    #[serde(rename = "type")]
    pub kind: WebhookType,
}

/// An endpoint that was added.
pub type AddedWebhook = WebhookContent<Nanoseconds>;
/// An endpoint that is read.
pub type ListedWebhook = WebhookContent<Timestamp>;

impl<T: crate::global::Described> crate::global::Described for WebhookContent<T> {
    fn schema(found: &mut crate::global::Schemas) -> serde_json::Value {
        let created_at = T::schema(found);
        let text = || serde_json::json!({"type": "string"});
        crate::global::body::object(vec![
            ("name", text()),
            ("uuid", text()),
            ("url", text()),
            ("enabled", serde_json::json!({"type": "boolean"})),
            ("created_at", created_at),
            ("type", text()),
        ])
    }
}
