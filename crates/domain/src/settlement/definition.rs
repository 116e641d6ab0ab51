//! Whose platform something belongs to.

use crate::channel::Environment;
use crate::id::MerchantId;

/// The owner of everything of the platform: a merchant, in one environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformKey {
    pub merchant: MerchantId,
    pub environment: Environment,
}
