//! The simulated PSP inside the server: its books in our database, its clock the store's test clock,
//! its notifications through the same door as every other PSP's.

use super::Machine;
use crate::app::App;
use crate::clock::Clock;
use crate::simulator_books::SimulatorBooks;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use paypier_connectors::simulator::in_process::{Deliver, InProcess, NowOf};
use paypier_connectors::simulator::psp::books::{Books, BooksError, ScheduledNotification, Total};
use paypier_connectors::simulator::psp::{Psp, PspOptions};
use paypier_connectors::simulator::store_of;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use paypier_storage::Storage;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The way back from the simulated PSP to the application that it is a part of.
#[derive(Debug, Clone, Default)]
pub struct Link(Arc<Mutex<Option<App>>>);

impl Link {
    pub fn tie(&self, app: App) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(app);
    }

    pub fn cut(&self) {
        let app = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: this may be the application's end.
        drop(app);
    }

    fn app(&self) -> Option<App> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Stores' test clocks, for code that cannot wait for the database: as far ahead of the real clock as
/// they were when [`TestClocks::look`] was last called, which is before each use.
#[derive(Debug, Clone)]
pub struct TestClocks {
    link: Link,
    clock: Arc<dyn Clock>,
    offsets: Arc<Mutex<HashMap<StoreId, SignedDuration>>>,
}

impl TestClocks {
    pub fn new(link: Link, clock: Arc<dyn Clock>) -> Self {
        Self { link, clock, offsets: Arc::default() }
    }

    /// Asks how far ahead the store's clock is. What it says is why it could not ask.
    async fn look(&self, store: &StoreId) -> Result<(), String> {
        let app = self.link.app().ok_or("the server is stopping")?;
        let profile = app.directory.store(&app, store).await.map_err(|failure| failure.to_string())?;
        let offset = profile.map_or(SignedDuration::ZERO, |profile| profile.store.test_clock_offset);
        let mut offsets = self.offsets.lock().unwrap_or_else(PoisonError::into_inner);
        if offsets.get(store) != Some(&offset) {
            offsets.insert(store.clone(), offset);
        }
        Ok(())
    }

    fn offset(&self, store: &StoreId) -> SignedDuration {
        let offsets = self.offsets.lock().unwrap_or_else(PoisonError::into_inner);
        offsets.get(store).copied().unwrap_or(SignedDuration::ZERO)
    }

    fn now(&self, store: &StoreId) -> Timestamp {
        self.clock.now().checked_add(self.offset(store)).unwrap_or(Timestamp::MAX)
    }
}

/// The simulated PSP with its books in our database.
pub fn psp(clocks: &TestClocks, storage: Storage, secret: [u8; 32], public_url: String) -> Arc<Psp> {
    let books = {
        let (of_offset, of_bell) = (clocks.clone(), clocks.link.clone());
        SimulatorBooks::new(storage, Arc::new(move |store| of_offset.offset(store))).ringing(Arc::new(
            move || {
                if let Some(app) = of_bell.app() {
                    app.bell.notify_one();
                }
            },
        ))
    };
    Arc::new(Psp::new(
        Arc::new(OnTestClock { inner: books, clocks: clocks.clone() }),
        PspOptions { secret, public_url },
    ))
}

/// The connector's way to the simulated PSP.
pub fn exchange(clocks: &TestClocks, psp: Arc<Psp>, machine: &Machine) -> OnTestClock<InProcess> {
    let now: NowOf = {
        let clocks = clocks.clone();
        Arc::new(move |store| clocks.now(store))
    };
    let random = machine.random.clone();
    let deliver: Deliver = {
        let link = clocks.link.clone();
        Arc::new(move |store, id| {
            let link = link.clone();
            Box::pin(async move {
                let Some(app) = link.app() else { return };
                if let Err(failure) = crate::jobs::simulator::send(&app, &store, &id).await {
                    // It is queued as well and will be sent again.
                    tracing::debug!(store = %store, notification = id, %failure, "an early notification was not taken");
                }
            })
        })
    };
    let inner = InProcess::new(psp, now, Arc::new(move || random.number())).delivering(deliver);
    OnTestClock { inner, clocks: clocks.clone() }
}

/// Something of the simulated PSP that uses the store's test clock: it is looked at first.
#[derive(Debug)]
pub struct OnTestClock<T> {
    inner: T,
    clocks: TestClocks,
}

#[async_trait]
impl Exchange for OnTestClock<InProcess> {
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        if let Some(store) = store_of(&request) {
            self.clocks.look(&store).await.map_err(ExchangeError::NotSent)?;
        }
        self.inner.send(request).await
    }
}

#[async_trait]
impl Books for OnTestClock<SimulatorBooks> {
    async fn record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, BooksError> {
        self.inner.record(store, kind, id).await
    }

    async fn records(
        &self,
        store: &StoreId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, BooksError> {
        self.inner.records(store, kind, after, limit).await
    }

    /// Notifications are queued by the clock.
    async fn write(
        &self,
        record: SimulatorRecord,
        notifications: Vec<ScheduledNotification>,
    ) -> Result<(), BooksError> {
        if !notifications.is_empty() {
            self.clocks.look(&record.store).await.map_err(BooksError::Unavailable)?;
        }
        self.inner.write(record, notifications).await
    }

    async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError> {
        self.inner.totals(store).await
    }
}
