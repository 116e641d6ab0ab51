//! Regular deductions: when each is due, and how much.
//!
//! Pure arithmetic. Who is charged, and what a PSP says to it, is told elsewhere.

mod calendar;
mod collection;

pub use calendar::{Period, Step, StepRefusal};
pub use collection::{Collection, MISSED_IN_A_ROW, Missed, Totals, TotalsRefusal, retry_after_days};
