//! What may be true of schedules: one charge at most, none after a revocation, and an end.

use crate::ground::Finding;
use crate::operations::Payment;
use paypier_domain::payment::Payment as Stored;
use paypier_domain::schedule::ScheduleStatus;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is remembered of all schedules.
#[derive(Debug, Default)]
pub struct Schedules {
    /// What somebody was told is planned.
    planned: BTreeMap<String, Payment>,
    revoked: BTreeSet<String>,
    /// The attempt that was seen of each, and whose it is.
    made: BTreeMap<String, (Payment, String)>,
}

impl Schedules {
    pub fn was_told_planned(&mut self, schedule: String, payment: Payment) {
        self.planned.insert(schedule, payment);
    }

    pub fn was_told_revoked(&mut self, schedule: String) {
        self.revoked.insert(schedule);
    }

    pub fn planned(&self) -> impl Iterator<Item = (&String, &Payment)> {
        self.planned.iter()
    }

    /// Compares a stored payment with what is known of the schedules that made its attempts.
    ///
    /// # Errors
    /// The law that is broken.
    pub fn look_at(&mut self, name: &Payment, stored: &Stored) -> Result<(), Finding> {
        for attempt in &stored.attempts {
            let Some(schedule) = &attempt.schedule else { continue };
            let id = schedule.as_str();
            if self.revoked.contains(id) {
                return Err(Finding::new("a schedule that was revoked never runs", format!("{name}: {id}")));
            }
            if self.planned.get(id).is_some_and(|planned| planned != name) {
                return Err(Finding::new("a schedule pays what it was planned for", format!("{name}: {id}")));
            }
            let this = (name.clone(), attempt.id.as_str().to_owned());
            match self.made.get(id) {
                Some(made) if *made != this => {
                    return Err(Finding::new(
                        "a schedule makes one charge",
                        format!("{id}: {made:?} and {this:?}"),
                    ));
                }
                Some(_) => {}
                None => {
                    self.made.insert(id.to_owned(), this);
                }
            }
        }
        Ok(())
    }

    /// When everything is at rest, what was planned has run or was revoked.
    ///
    /// # Errors
    /// The law that is broken.
    pub fn has_ended(&self, schedule: &str, status: Option<ScheduleStatus>) -> Result<(), Finding> {
        let is_told = self.revoked.contains(schedule);
        let fits = match status {
            Some(ScheduleStatus::Succeeded | ScheduleStatus::Failed) => !is_told,
            // Somebody whose answer was lost may have revoked it.
            Some(ScheduleStatus::Revoked) => true,
            Some(ScheduleStatus::Scheduled | ScheduleStatus::Started | ScheduleStatus::Pending) | None => {
                false
            }
        };
        if fits {
            return Ok(());
        }
        let what = format!("{schedule} is {status:?}, revoked as somebody was told: {is_told}");
        Err(Finding::new("what was planned runs once or is revoked", what))
    }
}
