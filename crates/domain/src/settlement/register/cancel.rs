//! Registering an order cancel.

use super::{Found, IdUse, Office};
use crate::settlement::cancel::{self, Cancel, CancelRefusal};
use crate::settlement::contract::ContractTerms;
use crate::settlement::cycle::DateError;
use crate::settlement::day_in_korea;
use crate::settlement::id::TransferId;
use crate::settlement::limit::{CancellationExceeded, PaymentParts, fits_cancellation};
use crate::settlement::order::Calculation;
use crate::settlement::version::Versioned;
use jiff::Timestamp;
use jiff::civil::Date;

/// A cancel as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelAsk {
    pub id: Option<TransferId>,
    /// Which order: by its id, by partner and payment, or by both, which must agree then.
    pub named: CancelNaming,
    pub what: Cancel,
    pub settlement_start_date: Option<Date>,
    pub settlement_date: Option<Date>,
}

/// How a request names the order that it cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelNaming {
    /// By its id, alone or with the rest.
    Transfer,
    PartnerAndPayment,
    /// Neither is given in full.
    Nothing,
}

/// The order transfer that is cancelled.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    pub id: &'a TransferId,
    pub calculation: &'a Calculation,
    /// Its version on the cancel's own start date says when the cancel is settled; fees and shares are
    /// those of the order.
    pub contract: &'a Versioned<ContractTerms>,
    pub origin: Origin,
}

/// Whether payment and cancellation are ours or known to the merchant only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Ours,
    External,
}

/// What was found of what a cancel names.
#[derive(Debug, Clone, Copy)]
pub struct CancelFound<'a> {
    /// The order transfers that match.
    pub originals: &'a [Original<'a>],
    /// The cancels of that order which exist.
    pub earlier: &'a [&'a Calculation],
    pub unknown_property: Option<&'a str>,
    pub payment: Found,
    pub cancellation: CancellationFacts,
    pub id: IdUse,
    /// The cancel of this order that is registered under the same cancellation.
    pub existing: Option<&'a TransferId>,
}

/// The cancellation that a cancel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationFacts {
    /// One of ours that succeeded; `None` when there is none of that id.
    Ours(Option<OurCancellation>),
    /// One that the merchant knows of, and when it was, if the merchant says.
    External { cancelled_at: Option<Timestamp> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OurCancellation {
    pub cancelled_at: Timestamp,
    pub cancelled: PaymentParts,
    /// By all cancels under it, of whatever partner.
    pub registered: PaymentParts,
}

/// Why a cancel is refused, in the order of the checks (section 11.4; what a request names comes
/// before what it says about amounts).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderCancelRefusal {
    /// `INVALID_REQUEST`: a cancel of nothing.
    #[error(transparent)]
    Malformed(CancelRefusal),
    #[error("name one order transfer: by its id, or by a partner and a payment that have exactly one")]
    CannotSpecifyTransfer,
    #[error("no such order transfer")]
    TransferNotFound,
    #[error("no property {0} is defined")]
    PropertyNotFound(Box<str>),
    #[error(transparent)]
    DetailMismatched(CancelRefusal),
    #[error("a payment of ours is cancelled by a cancellation of ours, an external one by an external one")]
    CancellationAndPaymentTypeMismatched,
    #[error("no such payment")]
    PaymentNotFound,
    #[error("no such cancellation, or it did not succeed")]
    CancellationNotFound,
    #[error("the transfer id {0} is or was in use")]
    IdAlreadyUsed(TransferId),
    #[error("the cancellation has the transfer {0} of this order already")]
    AlreadyExists(TransferId),
    /// In the order of [`CancelRefusal`], from `AlreadyCancelled` on.
    #[error(transparent)]
    Refused(CancelRefusal),
    #[error(transparent)]
    CancellationExceeded(#[from] CancellationExceeded),
    #[error("the settlement date {settles_on} is before the start date {starts_on}")]
    DateBeforeStart { starts_on: Date, settles_on: Date },
    #[error(transparent)]
    NoDate(#[from] DateError),
}

/// A cancel that may be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelTransfer {
    pub original: TransferId,
    pub starts_on: Date,
    pub settles_on: Date,
    pub calculation: Calculation,
}

/// Decides whether a cancel may be registered, and what it takes back. The order's own status does
/// not matter: what was paid out is set off in a later payout.
///
/// # Errors
/// See [`OrderCancelRefusal`]; the first rule that is broken, in its order.
pub fn order_cancel(
    ask: &CancelAsk,
    found: CancelFound<'_>,
    office: Office<'_>,
) -> Result<CancelTransfer, OrderCancelRefusal> {
    use OrderCancelRefusal as R;
    let original = match (ask.named, found.originals) {
        (CancelNaming::Nothing, _) => return Err(R::CannotSpecifyTransfer),
        (CancelNaming::Transfer | CancelNaming::PartnerAndPayment, []) => return Err(R::TransferNotFound),
        (CancelNaming::Transfer | CancelNaming::PartnerAndPayment, [original]) => original,
        (CancelNaming::Transfer | CancelNaming::PartnerAndPayment, [_, _, ..]) => {
            return Err(R::CannotSpecifyTransfer);
        }
    };
    if let Some(key) = found.unknown_property {
        return Err(R::PropertyNotFound(key.into()));
    }
    let calculated = match cancel::calculate(original.calculation, found.earlier, &ask.what) {
        Err(nothing @ CancelRefusal::Nothing) => return Err(R::Malformed(nothing)),
        Err(mismatch @ CancelRefusal::DetailMismatched) => return Err(R::DetailMismatched(mismatch)),
        calculated => calculated,
    };
    let cancellation = match (original.origin, found.cancellation) {
        (Origin::Ours, CancellationFacts::Ours(cancellation)) => {
            if found.payment == Found::NotFound {
                return Err(R::PaymentNotFound);
            }
            Some(cancellation.ok_or(R::CancellationNotFound)?)
        }
        (Origin::External, CancellationFacts::External { .. }) => None,
        (Origin::Ours, CancellationFacts::External { .. })
        | (Origin::External, CancellationFacts::Ours(_)) => {
            return Err(R::CancellationAndPaymentTypeMismatched);
        }
    };
    if let (Some(id), IdUse::Used) = (&ask.id, found.id) {
        return Err(R::IdAlreadyUsed(id.clone()));
    }
    if let Some(existing) = found.existing {
        return Err(R::AlreadyExists(existing.clone()));
    }
    let calculation = calculated.map_err(R::Refused)?;
    if let Some(ours) = cancellation {
        fits_cancellation(ours.registered, PaymentParts::of(&calculation.amount), ours.cancelled)?;
    }
    let cancelled_at = match found.cancellation {
        CancellationFacts::Ours(ours) => ours.map(|ours| ours.cancelled_at),
        CancellationFacts::External { cancelled_at } => cancelled_at,
    };
    let starts_on =
        ask.settlement_start_date.or_else(|| cancelled_at.map(day_in_korea)).unwrap_or(office.today);
    let settles_on = match ask.settlement_date {
        Some(settles_on) if settles_on < starts_on => {
            return Err(R::DateBeforeStart { starts_on, settles_on });
        }
        Some(settles_on) => settles_on,
        None => {
            let cycle = original.contract.in_force_on(starts_on).terms.cycle;
            cycle.settles_on(starts_on, office.setting.earlier_date, office.calendar)?
        }
    };
    Ok(CancelTransfer { original: original.id.clone(), starts_on, settles_on, calculation })
}
