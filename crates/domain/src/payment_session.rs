//! Payment sessions: a page where one order can be paid, for a while.

use crate::channel::Environment;
use crate::checkout_profile::CheckoutMethod;
use crate::id::{PaymentKey, ProfileKey};
use crate::money::{Amount, Currency};
use jiff::{SignedDuration, Timestamp};

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// When the caller names none. Default 1 h.
    pub usual: SignedDuration,
    /// Default 7 days.
    pub longest: SignedDuration,
}

impl Default for SessionLifetimes {
    fn default() -> Self {
        Self { usual: SignedDuration::from_hours(1), longest: SignedDuration::from_hours(7 * 24) }
    }
}

/// A session without its id, which is the permission to see it and is known to its holders alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSession {
    /// SHA-256 of the id.
    pub digest: [u8; 32],
    /// The payment that it is paid as.
    pub payment: PaymentKey,
    /// That of its profile.
    pub environment: Environment,
    pub profile: ProfileKey,
    /// Paid with at once, without an order sheet.
    pub method: Option<CheckoutMethod>,
    /// Of the buyer, by ISO 3166 code.
    pub country: String,
    pub currency: Currency,
    pub total: Amount,
    pub order_name: String,
    pub redirect_url: Option<String>,
    pub products: Option<Vec<SessionProduct>>,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub store_name: Option<String>,
    /// What the buyer has to agree to, each with its address.
    pub agreements: Option<Vec<Agreement>>,
    pub order_image_url: Option<String>,
    pub custom_data: Option<String>,
    pub colors: Option<Colors>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

/// One line of the order; prices are shown and do not have to sum up to the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionProduct {
    pub id: Option<String>,
    pub name: String,
    pub code: Option<String>,
    /// Minor units.
    pub unit_price: i64,
    pub quantity: i32,
    /// Days, `yyyy-MM-dd`.
    pub start_date: Option<String>,
    pub end_date: Option<String>,
    pub url: Option<String>,
    pub n_pay_category_type: Option<String>,
    pub n_pay_category_id: Option<String>,
    pub n_pay_uid: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub name: String,
    pub url: String,
}

/// As CSS writes colours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Colors {
    pub primary: Option<String>,
    pub primary_hover: Option<String>,
    pub primary_light: Option<String>,
}

/// Why a session cannot live for as long as it is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LifetimeRefusal {
    #[error("ttlSeconds must be above 0")]
    Nothing,
    #[error("ttlSeconds is {asked}; at most {longest} are accepted")]
    TooLong { asked: i64, longest: i64 },
}

impl SessionLifetimes {
    /// # Errors
    /// See [`LifetimeRefusal`].
    pub fn asked(self, seconds: Option<i64>) -> Result<SignedDuration, LifetimeRefusal> {
        let longest = self.longest.as_secs();
        match seconds {
            None => Ok(self.usual.min(self.longest)),
            Some(seconds) if seconds <= 0 => Err(LifetimeRefusal::Nothing),
            Some(asked) if asked > longest => Err(LifetimeRefusal::TooLong { asked, longest }),
            Some(seconds) => Ok(SignedDuration::from_secs(seconds)),
        }
    }
}

impl PaymentSession {
    /// Whether its page can be used.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_bounded() {
        let lifetimes = SessionLifetimes::default();
        for (asked, given) in [
            (None, Ok(3600)),
            (Some(1), Ok(1)),
            (Some(604_800), Ok(604_800)),
            (Some(0), Err(LifetimeRefusal::Nothing)),
            (Some(-5), Err(LifetimeRefusal::Nothing)),
            (Some(604_801), Err(LifetimeRefusal::TooLong { asked: 604_801, longest: 604_800 })),
            (Some(i64::MAX), Err(LifetimeRefusal::TooLong { asked: i64::MAX, longest: 604_800 })),
        ] {
            assert_eq!(lifetimes.asked(asked).map(|lifetime| lifetime.as_secs()), given, "{asked:?}");
        }
        let short = SessionLifetimes { longest: SignedDuration::from_secs(60), ..lifetimes };
        assert_eq!(short.asked(None), Ok(SignedDuration::from_secs(60)));
    }
}
