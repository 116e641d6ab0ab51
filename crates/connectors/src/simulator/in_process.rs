//! The PSP without a network in between: the same requests, the same answers, no sockets.
//!
//! Behaves as a network would where it matters: the PSP goes on with its work when the caller has
//! gone, and an answer that does not come is noticed by waiting.

use super::psp::{Psp, PspAnswer};
use super::store_of;
use crate::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use async_trait::async_trait;
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A store's test clock.
pub type NowOf = Arc<dyn Fn(&StoreId) -> Timestamp + Send + Sync>;
/// Uniformly distributed numbers.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;
/// Delivers the notification with this id at once, and returns when that was tried.
pub type Deliver = Arc<dyn Fn(StoreId, String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How long an answer is held back for the notifications that go out before it, when nobody can
/// deliver them here and now.
const HEAD_START: Duration = Duration::from_millis(200);

/// An exchange that calls the PSP directly; one for all stores.
#[derive(Clone)]
pub struct InProcess {
    psp: Arc<Psp>,
    now: NowOf,
    random: Random,
    deliver: Option<Deliver>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InProcess({:?})", self.psp)
    }
}

impl InProcess {
    pub fn new(psp: Arc<Psp>, now: NowOf, random: Random) -> Self {
        Self { psp, now, random, deliver: None }
    }

    /// With a way to deliver what the PSP sends before its answer. Without it, such notifications go
    /// out as jobs like all others, while the answer is held back a little.
    #[must_use]
    pub fn delivering(self, deliver: Deliver) -> Self {
        Self { deliver: Some(deliver), ..self }
    }
}

#[async_trait]
impl Exchange for InProcess {
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        let store =
            store_of(&request).ok_or_else(|| ExchangeError::NotSent("the request names no store".into()))?;
        let read_timeout = request.read_timeout;
        let (psp, now, random) = (Arc::clone(&self.psp), (self.now)(&store), (self.random)());
        let deliver = self.deliver.clone();
        // Never so long that the answer itself would be late.
        let head_start = HEAD_START.min(read_timeout.checked_div(2).unwrap_or_default());
        // A task of its own: a caller that gives up does not take the PSP's work with it.
        let work = tokio::spawn(async move {
            let reply = psp.handle(&store, request, now, random).await;
            match deliver {
                Some(deliver) => {
                    for id in &reply.notify_first {
                        deliver(store.clone(), id.clone()).await;
                    }
                }
                None if reply.notify_first.is_empty() => {}
                None => tokio::time::sleep(head_start).await,
            }
            reply
        });
        let reply = work.await.map_err(|_| ExchangeError::NoAnswer("the PSP broke off".into()))?;
        match reply.answer {
            PspAnswer::Answer(response) if reply.delay < read_timeout => {
                if !reply.delay.is_zero() {
                    tokio::time::sleep(reply.delay).await;
                }
                Ok(response)
            }
            PspAnswer::Answer(_) | PspAnswer::NeverAnswer => {
                tokio::time::sleep(read_timeout).await;
                Err(ExchangeError::NoAnswer(format!("nothing came within {} ms", read_timeout.as_millis())))
            }
        }
    }
}
