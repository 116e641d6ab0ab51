//! Reading and cancelling subscriptions.

use super::notes_shown;
use super::refuse::only_cancelled;
use crate::global::subscription::{self, shown};
use crate::http::global::call::{Answered, Call, Nothing};
use paypier_domain::id::SubscriptionRef;
use paypier_wire::global::{Content, Done, SubscriptionContent, SubscriptionTransaction};
use std::sync::Arc;

/// `GET /api/subscription/{orderRef}`
pub async fn subscription(call: Arc<Call>, _: Nothing) -> Answered<Content<SubscriptionContent>> {
    let caller = call.caller()?;
    let reference = SubscriptionRef::known(call.path("orderRef")?);
    let subscription = call.app.subscription_of(caller, &reference).await?;
    let now = call.app.now(&caller.profile, subscription.environment);
    let public_url = &call.app.policy.public_url;
    let content = shown(&subscription, caller.client_key(), public_url, now);
    Ok(Content::flagged(SubscriptionContent { notes: notes_shown(&subscription.notes), ..content }))
}

/// `GET /api/subscription/{orderRef}/txns-records`
pub async fn transactions(call: Arc<Call>, _: Nothing) -> Answered<Content<Vec<SubscriptionTransaction>>> {
    let caller = call.caller()?;
    let reference = SubscriptionRef::known(call.path("orderRef")?);
    let deductions = call.app.deductions_of(caller, &reference).await?;
    let rows = deductions.iter().filter_map(|(deduction, view)| {
        let view = view.as_ref()?;
        Some(subscription::row(deduction, &view.transaction(&caller.global)))
    });
    Ok(Content::flagged(rows.collect()))
}

/// `PUT /api/subscription/{orderRef}/status/{status}`
pub async fn cancel(call: Arc<Call>, _: Nothing) -> Answered<Done> {
    let caller = call.caller()?;
    let reference = SubscriptionRef::known(call.path("orderRef")?);
    let status = call.path("status")?;
    call.app.subscription_of(caller, &reference).await?;
    only_cancelled(&status)?;
    call.app.cancel_subscription(caller, &reference).await?;
    Ok(Done::flagged("Subscription status updated successfully to cancelled"))
}
