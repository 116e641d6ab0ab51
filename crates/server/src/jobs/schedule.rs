//! Running a schedule whose time has come.
//!
//! Safe to repeat: the claim is a condition of the write, and whoever finds the schedule claimed does
//! nothing. The commit that claims it removes this job; from there the attempt has a job of its own.

use super::Next;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::run_schedule::Ran;
use paypier_domain::id::ScheduleId;
use paypier_domain::job::Job;

pub(super) async fn run(app: &App, job: &Job, id: &ScheduleId) -> Result<Next, Failure> {
    Ok(match app.run_schedule(&job.store, id).await? {
        Ran::Claimed | Ran::Gone => Next::Done,
        Ran::TooEarly(wait) => Next::Later(wait),
    })
}
