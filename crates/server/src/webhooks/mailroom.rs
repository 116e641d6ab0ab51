//! The way out of this process, and a bound that keeps one slow server from taking all places on it.
//!
//! Storage bounds how many deliveries to one URL are claimed at once. That is not enough where every
//! payment names a URL of its own on the same slow server, so the origin (scheme, host, port) is
//! bounded as well.

use super::send::Courier;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Scheduled deliveries of this process that are under way to one origin at once.
pub const MOST_PER_ORIGIN: u32 = 32;

#[derive(Debug)]
pub struct Mailroom {
    pub courier: Arc<dyn Courier>,
    origins: Arc<Mutex<HashMap<String, u32>>>,
    closed: CancellationToken,
}

/// A delivery's place on the way to an origin; given back when it is dropped.
#[derive(Debug)]
pub struct Passage {
    origin: String,
    origins: Arc<Mutex<HashMap<String, u32>>>,
}

impl Drop for Passage {
    fn drop(&mut self) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = origins.get_mut(&self.origin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                origins.remove(&self.origin);
            }
        }
    }
}

impl Mailroom {
    pub fn new(courier: Arc<dyn Courier>) -> Self {
        Self { courier, origins: Arc::default(), closed: CancellationToken::new() }
    }

    /// A place on the way to the URL's origin, unless all are taken.
    pub fn passage(&self, url: &str) -> Option<Passage> {
        let origin =
            url::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization());
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let count = origins.entry(origin.clone()).or_default();
        if *count >= MOST_PER_ORIGIN {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Passage { origin, origins: self.origins.clone() })
    }

    /// Sends the listeners of the event feed home. To be called when a shutdown begins, which would
    /// wait for them otherwise.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// Ends when [`Mailroom::close`] was called.
    pub async fn closing(&self) {
        self.closed.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::send::{Answer, NoAnswer, Parcel};
    use super::*;

    #[derive(Debug)]
    struct Nobody;

    #[async_trait::async_trait]
    impl Courier for Nobody {
        async fn carry(&self, _: Parcel) -> Result<Answer, NoAnswer> {
            Err(NoAnswer("nobody".into()))
        }
    }

    #[test]
    fn one_origin_fills_up_while_others_stay_open() {
        let mailroom = Mailroom::new(Arc::new(Nobody));
        let mut passages: Vec<Passage> = (0..MOST_PER_ORIGIN)
            .map(|n| mailroom.passage(&format!("http://slow.example/{n}")).unwrap())
            .collect();
        assert!(mailroom.passage("http://slow.example/one-more").is_none());
        assert!(mailroom.passage("http://slow.example:8080/").is_some());
        assert!(mailroom.passage("not a url").is_some());
        passages.pop();
        assert!(mailroom.passage("http://slow.example/one-more").is_some());
        drop(passages);
        assert!(mailroom.origins.lock().unwrap().is_empty());
    }
}
