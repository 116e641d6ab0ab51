//! Subscriptions: links that are sent and links that end, the calendar's deductions, billing keys that are not needed
//! any more.
//!
//! Safe to repeat: a notice is written down before it is sent and is not sent again; that a deduction begins is a
//! condition of its write, and whoever finds it begun does nothing; an ended link stays ended, and a deleted key
//! deleted.

use super::Next;
use crate::app::App;
use crate::app::buyer_notice::Subject;
use crate::app::failure::Failure;
use crate::app::subscription::{RanCycle, Released};
use jiff::SignedDuration;
use paypier_domain::id::{BillingKeyId, SubscriptionRef};
use paypier_domain::job::Job;
use paypier_domain::notice::NoticeKind;

pub(super) async fn send(app: &App, job: &Job, subscription: &SubscriptionRef) -> Result<Next, Failure> {
    let subject = Subject::Subscription(&job.store, subscription);
    let wait = app.notify_buyer(subject, NoticeKind::Invitation).await?;
    Ok(wait.map_or(Next::Done, Next::Later))
}

pub(super) async fn deduct(app: &App, job: &Job, subscription: &SubscriptionRef) -> Result<Next, Failure> {
    Ok(match app.run_cycle(&job.store, subscription).await? {
        // The commit that began it removed this job, and that of the outcome may have queued the next one.
        RanCycle::Made => Next::Queued,
        RanCycle::TooEarly(wait) => Next::Later(wait),
        RanCycle::Over => Next::Done,
    })
}

pub(super) async fn expire(app: &App, job: &Job, subscription: &SubscriptionRef) -> Result<Next, Failure> {
    let wait = app.expire_subscription(&job.store, subscription).await?;
    Ok(wait.map_or(Next::Done, Next::Later))
}

pub(super) async fn release(
    app: &App,
    job: &Job,
    subscription: &SubscriptionRef,
    key: &BillingKeyId,
) -> Result<Next, Failure> {
    Ok(match app.release_subscription_key(&job.store, subscription, key).await? {
        Released::Gone => Next::Done,
        Released::InUse => Next::Later(SignedDuration::from_mins(1)),
    })
}
