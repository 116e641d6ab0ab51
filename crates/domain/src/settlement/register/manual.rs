//! Registering a manual transfer.

use super::IdUse;
use crate::money::{Currency, SignedAmount};
use crate::settlement::id::TransferId;
use crate::settlement::manual::{ManualAmount, ManualRefusal};
use crate::settlement::setting::ManualSettlement;

/// A manual transfer as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualAsk {
    pub id: Option<TransferId>,
    pub settlement: SignedAmount,
    pub tax_free: SignedAmount,
    /// Absent: that of the partner's account.
    pub currency: Option<Currency>,
}

/// What was found of what a manual transfer names.
#[derive(Debug, Clone, Copy)]
pub struct ManualFound<'a> {
    /// The currency of the partner's account; `None` when there is no such partner.
    pub partner: Option<Currency>,
    pub unknown_property: Option<&'a str>,
    pub id: IdUse,
}

/// Why a manual transfer is refused, in the order of the checks (section 12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManualTransferRefusal {
    /// `INVALID_REQUEST`: the tax-free amount is no part of the amount.
    #[error(transparent)]
    Malformed(ManualRefusal),
    #[error("no such partner, or it is archived")]
    PartnerNotFound,
    #[error("no property {0} is defined")]
    PropertyNotFound(Box<str>),
    #[error("the transfer id {0} is or was in use")]
    IdAlreadyUsed(TransferId),
    /// `CURRENCY_NOT_SUPPORTED`, then `NEGATIVE_AMOUNT_NOT_ALLOWED`.
    #[error(transparent)]
    Refused(ManualRefusal),
}

/// Decides whether a manual transfer may be registered.
///
/// # Errors
/// See [`ManualTransferRefusal`]; the first rule that is broken, in its order.
pub fn manual(
    ask: &ManualAsk,
    found: ManualFound<'_>,
    setting: ManualSettlement,
) -> Result<ManualAmount, ManualTransferRefusal> {
    use ManualTransferRefusal as R;
    // Without a partner no currency is known; the parts can be compared in any.
    let currency = ask.currency.or(found.partner).unwrap_or(Currency::KRW);
    let amount = match ManualAmount::new(ask.settlement, ask.tax_free, currency, setting) {
        Err(malformed @ ManualRefusal::TaxFreeIsNoPart { .. }) => return Err(R::Malformed(malformed)),
        amount => amount,
    };
    if found.partner.is_none() {
        return Err(R::PartnerNotFound);
    }
    if let Some(key) = found.unknown_property {
        return Err(R::PropertyNotFound(key.into()));
    }
    if let (Some(id), IdUse::Used) = (&ask.id, found.id) {
        return Err(R::IdAlreadyUsed(id.clone()));
    }
    amount.map_err(R::Refused)
}
