//! Sending a payment link, reminding of it, ending it.
//!
//! Safe to repeat: a notice is written down before it is sent and is not sent again; a link that is final stays
//! as it is.

use super::Next;
use crate::app::App;
use crate::app::buyer_notice::Subject;
use crate::app::failure::Failure;
use paypier_domain::job::{Job, wait_before_query};
use paypier_domain::notice::NoticeKind;

pub(super) async fn notify(app: &App, link: &str, kind: NoticeKind) -> Result<Next, Failure> {
    Ok(match app.notify_buyer(Subject::Link(link), kind).await? {
        Some(wait) => Next::Later(wait),
        None => Next::Done,
    })
}

/// While an attempt is open its money may still come; it is looked at again, less and less often.
pub(super) async fn expire(app: &App, job: &Job, link: &str) -> Result<Next, Failure> {
    Ok(if app.expire_link(link).await? {
        Next::Done
    } else {
        Next::Later(wait_before_query(job.runs.max(2)))
    })
}
