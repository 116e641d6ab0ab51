//! Which notifications were received, so that a recorded one that somebody sends again has no effect.
//!
//! Kept in memory and for as long as a signature is fresh: an older copy is refused for its age. On
//! another instance a copy does what the first one did, which is to look at the PSP once more.

use jiff::{SignedDuration, Timestamp};
use paypier_domain::id::ChannelKey;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Longer than any connector lets a signature live, on both sides of now.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(15);
/// With more, all are forgotten: a flood of genuine notifications must not fill the memory.
const MOST_KEPT: usize = 50_000;

#[derive(Debug, Default)]
pub struct Heard(Mutex<HashMap<(ChannelKey, String), Timestamp>>);

impl Heard {
    /// Whether this sending was not received before; from now on it was. `now` is real time.
    pub fn is_new(&self, channel: &ChannelKey, delivery: &str, now: Timestamp) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= MOST_KEPT {
            heard.retain(|_, at| now.duration_since(*at) < KEPT_FOR);
        }
        if heard.len() >= MOST_KEPT {
            heard.clear();
        }
        match heard.insert((channel.clone(), delivery.to_owned()), now) {
            None => true,
            Some(before) => now.duration_since(before) >= KEPT_FOR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_sending_is_new_once_at_each_channel() {
        let heard = Heard::default();
        let (one, other) = (ChannelKey::known("one"), ChannelKey::known("other"));
        assert!(heard.is_new(&one, "evt_1@1", at(0)));
        assert!(!heard.is_new(&one, "evt_1@1", at(1)));
        assert!(heard.is_new(&one, "evt_1@2", at(1)));
        assert!(heard.is_new(&other, "evt_1@1", at(1)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let heard = Heard::default();
        let channel = ChannelKey::known("one");
        for number in 0..=MOST_KEPT {
            assert!(heard.is_new(&channel, &number.to_string(), at(0)));
        }
        assert!(heard.0.lock().unwrap().len() <= MOST_KEPT);
    }
}
