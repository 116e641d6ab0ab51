//! A store's faults: stored once, read once, then remembered.

use super::books::BooksError;
use super::faults::{Faults, FaultsPage, Weather};
use super::pages::{SETTINGS, document, page, settings_record};
use super::{Psp, TRIES};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use std::sync::{Arc, PoisonError};

const FAULTS: &str = "faults";

impl Psp {
    /// What goes wrong for this store at present.
    ///
    /// # Errors
    /// The books cannot be read.
    pub async fn faults(&self, store: &StoreId) -> Result<Faults, BooksError> {
        Ok(self.weather(store).await?.faults)
    }

    /// Sets what goes wrong for this store from the next call on, and begins the seed's sequence.
    ///
    /// # Errors
    /// The books cannot be written.
    pub async fn set_faults(
        &self,
        store: &StoreId,
        faults: Faults,
        now: Timestamp,
    ) -> Result<(), BooksError> {
        let document = document(&FaultsPage::from(faults))?;
        for _ in 0..TRIES {
            let stored = self.books.record(store, SETTINGS, FAULTS).await?;
            let record = settings_record(store, FAULTS, stored.as_ref(), document.clone(), now);
            match self.books.write(record, Vec::new()).await {
                Ok(()) => {
                    self.remember(store, faults);
                    return Ok(());
                }
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error),
            }
        }
        Err(BooksError::Conflict)
    }

    /// Drops what is cached of the store: to be called after its records were removed, or when
    /// another process has set its faults.
    pub async fn forget(&self, store: &StoreId) {
        self.weather.write().unwrap_or_else(PoisonError::into_inner).remove(store);
        self.account_numbers.forget(store).await;
    }

    pub(super) async fn weather(&self, store: &StoreId) -> Result<Arc<Weather>, BooksError> {
        if let Some(weather) = self.weather.read().unwrap_or_else(PoisonError::into_inner).get(store) {
            return Ok(Arc::clone(weather));
        }
        let faults = match self.books.record(store, SETTINGS, FAULTS).await? {
            Some(record) => Faults::from(page::<FaultsPage>(&record)?),
            None => Faults::NONE,
        };
        let mut known = self.weather.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(store.clone()).or_insert_with(|| Arc::new(Weather::new(faults)))))
    }

    fn remember(&self, store: &StoreId, faults: Faults) {
        let weather = Arc::new(Weather::new(faults));
        self.weather.write().unwrap_or_else(PoisonError::into_inner).insert(store.clone(), weather);
    }
}
