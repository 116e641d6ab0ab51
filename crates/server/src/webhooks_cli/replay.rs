//! `paypier webhooks replay`: sends webhooks again to where they were to go.

use super::client::{Client, Server, ServerError, encoded};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct ReplayOptions {
    pub server: Server,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// One webhook by its id.
    Webhook(String),
    /// The latest webhook of a payment.
    Payment(String),
    /// Every webhook whose tries are used up, in order.
    Dead,
}

/// Sends them and prints what the receiver said.
///
/// # Errors
/// The server refused, or a receiver did not accept.
pub async fn replay(options: ReplayOptions) -> anyhow::Result<()> {
    let client = Client::new(options.server)?;
    match options.what {
        What::Webhook(id) => {
            said(&client.post(&format!("/webhook-events/{}/replay", encoded(&id)), &json!({})).await?)
        }
        What::Payment(id) => {
            let body = match &client.server().store_id {
                Some(store) => json!({"storeId": store}),
                None => json!({}),
            };
            said(&client.post(&format!("/payments/{}/resend-webhook", encoded(&id)), &body).await?)
        }
        What::Dead => dead(&client).await,
    }
}

async fn dead(client: &Client) -> anyhow::Result<()> {
    let mut webhooks = client.dead().await?.items;
    if webhooks.is_empty() {
        println!("No webhook has used up its tries.");
        return Ok(());
    }
    // The server lists the latest first; receivers want each payment's in order.
    webhooks
        .sort_by(|a, b| (&a.store_id, &a.subject, a.sequence).cmp(&(&b.store_id, &b.subject, b.sequence)));
    let (mut delivered, mut failed) = (0_u32, 0_u32);
    for webhook in webhooks {
        let path = format!("/webhook-events/{}/replay", encoded(&webhook.webhook_id));
        let outcome = match client.post(&path, &json!({})).await {
            Ok(answer) => said(&answer),
            // A quota that is used up, or a webhook that is gone, is no reason to leave the others.
            Err(error @ ServerError::Refused { .. }) if !error.is_passing() => {
                println!("{}  {}  {error}", webhook.webhook_id, webhook.url);
                Err(error.into())
            }
            Err(error) => return Err(error.into()),
        };
        match outcome {
            Ok(()) => delivered = delivered.saturating_add(1),
            Err(_) => failed = failed.saturating_add(1),
        }
    }
    println!("{delivered} delivered, {failed} not.");
    anyhow::ensure!(failed == 0, "{failed} webhooks were not accepted by their receivers");
    Ok(())
}

/// Prints a webhook's record; an error unless its receiver accepted it.
fn said(answer: &Value) -> anyhow::Result<()> {
    let member = |name: &str| answer.pointer(name).and_then(Value::as_str).unwrap_or("-");
    let status = member("/webhook/status");
    let code = answer.pointer("/webhook/response/code").and_then(Value::as_str).unwrap_or("no answer");
    println!("{}  {}  {status}  {code}", member("/webhook/id"), member("/webhook/url"));
    anyhow::ensure!(status == "SUCCEEDED", "the receiver did not accept the webhook ({code})");
    Ok(())
}
