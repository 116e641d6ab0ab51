//! Ids, each a type of its own that says who made it.

/// Why a merchant's id was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("the id is empty")]
    Empty,
    #[error("the id has {chars} characters; at most {limit} are accepted")]
    TooLong { chars: usize, limit: usize },
    #[error("the id is blank")]
    Blank,
    #[error("the id contains a control character")]
    Control,
}

/// The longest id that a merchant may choose, in characters.
pub const MAX_ID_CHARS: usize = 255;

macro_rules! ids {
    (checked by $check:path; $($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes an id that is already known to be one (ours, or read back from storage).
            pub fn known(id: impl Into<Box<str>>) -> Self {
                Self(id.into())
            }

            /// Takes an id that somebody else chose.
            ///
            /// # Errors
            /// Empty ids, ids that are too long and ids with control characters.
            pub fn parse(id: &str) -> Result<Self, $crate::id::IdError> {
                $check(id).map(|id| Self(id.into()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
pub(crate) use ids;

fn merchant_id(id: &str) -> Result<&str, IdError> {
    checked(id, MAX_ID_CHARS)
}

pub(crate) fn checked(id: &str, limit: usize) -> Result<&str, IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    let chars = id.chars().count();
    if chars > limit {
        return Err(IdError::TooLong { chars, limit });
    }
    if id.chars().any(char::is_control) {
        return Err(IdError::Control);
    }
    Ok(id)
}

ids! {
    checked by merchant_id;
    /// A merchant: `merchant-<uuid>`.
    MerchantId;
    /// A store of a merchant: `store-<uuid>`.
    StoreId;
    /// An API secret's record (not the secret): a UUID.
    SecretId;
    /// A payment, named by the merchant; unique in its store.
    PaymentId;
    /// One attempt to pay: a UUID made by us.
    TransactionId;
    /// A cancellation: a UUID made by us.
    CancellationId;
    /// A cash receipt: a UUID made by us.
    CashReceiptId;
    /// An identity verification, named by the merchant; unique in its store.
    IdentityVerificationId;
    /// One attempt of an identity verification: a UUID made by us.
    IdentityVerificationTxId;
    /// A billing key: `billing-key-<uuid>`.
    BillingKeyId;
    /// A payment schedule: a UUID made by us.
    ScheduleId;
    /// A channel as the API names it: `channel-key-<uuid>`.
    ChannelKey;
    /// A channel's record: `channel-id-<uuid>`.
    ChannelId;
    /// A channel group: `channel-group-live-<uuid>` or `channel-group-test-<uuid>`.
    ChannelGroupId;
    /// A checkout profile: `profile-key-<uuid>`.
    ProfileKey;
    /// A promotion: `promotion-id-<uuid>`.
    PromotionId;
    /// An event: a UUID (version 7) made by us.
    EventId;
    /// A webhook message: a UUID made by us, without dots or blanks.
    WebhookId;
    /// A plan of deductions: a KSUID made by us.
    PlanRef;
    /// A subscription: a KSUID made by us.
    SubscriptionRef;
    /// A payment as the PSP names it.
    PgTxId;
    /// A cancellation as the PSP names it.
    PgCancellationId;
}

/// A payment's full name: payment ids are unique in a store, not beyond it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentKey {
    pub store: StoreId,
    pub payment: PaymentId,
}

impl std::fmt::Display for PaymentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.store, self.payment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_are_refused_and_odd_ones_accepted() {
        for id in ["", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(PaymentId::parse(id).is_err(), "{id:?}");
        }
        for id in ["../..", "a/b", "%2F", "주문 1", "🛒", &"가".repeat(255)] {
            assert!(PaymentId::parse(id).is_ok(), "{id:?}");
        }
    }
}
