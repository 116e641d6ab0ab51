//! Where a merchant's messages go.

use super::call::{Answered, Call, Nothing};
use super::need::{self, Tone};
use super::problem::Refused;
use paypier_domain::global::{GlobalEndpoint, Topic};
use paypier_wire::global::time::Nanoseconds;
use paypier_wire::global::{
    AddWebhookRequest, AddedWebhook, Code, Content, ListedWebhook, WebhookContent, WebhookType,
};
use std::sync::Arc;

const fn topic(kind: WebhookType) -> Topic {
    match kind {
        WebhookType::PaymentStatus => Topic::Payment,
        WebhookType::PaymentLinkStatus => Topic::PaymentLink,
        WebhookType::RefundStatus => Topic::Refund,
        WebhookType::SubscriptionStatus => Topic::Subscription,
        WebhookType::PayoutStatus => Topic::Payout,
        WebhookType::OnboardingStatus => Topic::Onboarding,
    }
}

const fn kind(topic: Topic) -> WebhookType {
    match topic {
        Topic::Payment => WebhookType::PaymentStatus,
        Topic::PaymentLink => WebhookType::PaymentLinkStatus,
        Topic::Refund => WebhookType::RefundStatus,
        Topic::Subscription => WebhookType::SubscriptionStatus,
        Topic::Payout => WebhookType::PayoutStatus,
        Topic::Onboarding => WebhookType::OnboardingStatus,
    }
}

fn shown<T>(endpoint: GlobalEndpoint, created_at: T) -> WebhookContent<T> {
    WebhookContent {
        name: endpoint.name,
        uuid: endpoint.id,
        url: endpoint.url,
        enabled: endpoint.is_enabled,
        created_at,
        kind: kind(endpoint.topic),
    }
}

/// `POST /api/merchant/{key}/webhook`
pub async fn add(call: Arc<Call>, body: AddWebhookRequest) -> Answered<Content<AddedWebhook>> {
    const LONGEST: usize = 200;
    let caller = call.caller()?;
    let name = need::text(Tone::Request, "name", body.name.as_ref())?;
    let url = need::text(Tone::Request, "url", body.url.as_ref())?;
    let known = need::some(Tone::Request, "type", body.kind.as_ref())?.known().ok_or_else(|| {
        Refused::invalid(Code::InvalidRequest, "Invalid Request, err : type is not one of the webhook types")
    })?;
    if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Refused::invalid(Code::InvalidRequest, "Invalid Request, err : name is too long"));
    }
    let environment = need::environment(body.environment.as_ref())?;
    let added = call.app.add_endpoint(caller, environment, topic(known), name, url).await?;
    let created_at = Nanoseconds(added.created_at);
    Ok(Content::saying(shown(added, created_at), "Webhook added successfully!"))
}

/// `GET /api/merchant/{key}/webhook`
pub async fn list(call: Arc<Call>, _: Nothing) -> Answered<Content<Vec<ListedWebhook>>> {
    let caller = call.caller()?;
    let word = call.query("environment")?;
    let word = need::some(Tone::Request, "environment", word)?;
    let environment = need::environment_word(Some(&word))?;
    let endpoints = call.app.endpoints(caller, environment).await?;
    let listed = endpoints.into_iter().map(|endpoint| {
        let created_at = endpoint.created_at.into();
        shown(endpoint, created_at)
    });
    Ok(Content::saying(listed.collect(), "Webhook fetched successfully!"))
}
