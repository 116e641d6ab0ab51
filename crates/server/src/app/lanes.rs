//! One at a time per payment, inside this process.
//!
//! Correctness does not depend on it: the guard is in the commit. It keeps callers of one payment
//! from deciding on the same version again and again, which would be refused by the commit and
//! decided anew.

use paypier_domain::id::PaymentKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Lane, OwnedMutexGuard};

#[derive(Debug, Default)]
pub struct Lanes(Mutex<HashMap<PaymentKey, Weak<Lane<()>>>>);

/// Lanes that nobody holds are swept when the table has grown to this size.
const SWEEP_AT: usize = 4096;

impl Lanes {
    /// Waits for its turn on this payment.
    pub async fn enter(&self, key: &PaymentKey) -> OwnedMutexGuard<()> {
        let lane = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(lane) = lanes.get(key).and_then(Weak::upgrade) {
                lane
            } else {
                if lanes.len() >= SWEEP_AT {
                    lanes.retain(|_, lane| lane.strong_count() > 0);
                }
                let lane = Arc::new(Lane::new(()));
                lanes.insert(key.clone(), Arc::downgrade(&lane));
                lane
            }
        };
        lane.lock_owned().await
    }
}
