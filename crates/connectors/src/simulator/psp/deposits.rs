//! Deposits into virtual accounts: the buyer's bank, played by whoever asks.

use super::books::BooksError;
use super::order::{Bank, DepositStep, NoDeposit};
use super::{Psp, Trouble};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use paypier_domain::money::Amount;

/// Where a virtual account stands after a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposited {
    /// All that was deposited so far.
    pub deposited: Amount,
    /// What is still missing.
    pub waiting: Amount,
    /// The surplus, which the depositor can have back.
    pub overpaid: Amount,
    pub is_paid: bool,
}

/// Why a deposit was sent back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DepositRefusal {
    #[error("the PSP has no virtual account for this reference")]
    NotFound,
    #[error("the amount of a deposit is above 0")]
    ZeroAmount,
    #[error("the virtual account expired at {0}; the transfer was sent back")]
    Expired(Timestamp),
    #[error("the virtual account is closed; the transfer was sent back")]
    Closed,
    #[error("the order does not wait for a deposit")]
    NotWaiting,
    #[error("the virtual account is paid already; the transfer was sent back")]
    AlreadyPaid,
    #[error("the sum of the deposits is above the largest amount; the transfer was sent back")]
    OutOfRange,
    #[error(transparent)]
    Books(#[from] BooksError),
}

impl Psp {
    /// Plays the buyer's bank: transfers `amount` (minor units of the order's currency) into the
    /// virtual account of `reference`. What is short stays there and waits for the rest; what is above
    /// is kept apart for the depositor. The merchant is notified of both.
    ///
    /// # Errors
    /// See [`DepositRefusal`]; the money was sent back.
    pub async fn deposit(
        &self,
        store: &StoreId,
        reference: &str,
        amount: Amount,
        bank: Bank,
        now: Timestamp,
    ) -> Result<Deposited, DepositRefusal> {
        if amount.is_zero() {
            return Err(DepositRefusal::ZeroAmount);
        }
        let announces_twice = self.weather(store).await?.draw().announces_twice;
        let result = self
            .change(store, reference, None, now, |order| {
                let step = order.deposit(amount, bank, now);
                let dues = match step {
                    Ok(_) if announces_twice => vec![now, now],
                    Ok(_) => vec![now],
                    Err(_) => Vec::new(),
                };
                Ok((step, dues))
            })
            .await;
        let changed = match result {
            Ok(changed) => changed,
            Err(Trouble::Refused(_)) => return Err(DepositRefusal::NotFound),
            Err(Trouble::Books(error)) => return Err(error.into()),
        };
        let (deposited, waiting, overpaid) = changed.order.deposits();
        match changed.value {
            Ok(DepositStep::Short) => Ok(Deposited { deposited, waiting, overpaid, is_paid: false }),
            Ok(DepositStep::Paid) => Ok(Deposited { deposited, waiting, overpaid, is_paid: true }),
            Err(NoDeposit::NoAccount) => Err(DepositRefusal::NotFound),
            Err(NoDeposit::Expired(at)) => Err(DepositRefusal::Expired(at)),
            Err(NoDeposit::Closed) => Err(DepositRefusal::Closed),
            Err(NoDeposit::AlreadyPaid) => Err(DepositRefusal::AlreadyPaid),
            Err(NoDeposit::OutOfRange) => Err(DepositRefusal::OutOfRange),
        }
    }

    /// Plays the end of the account's time, now instead of when it was set for: what was transferred so
    /// far goes back to its depositor. Nothing happens to an account that expired before.
    ///
    /// # Errors
    /// There is no account that waits, or the books cannot be reached.
    pub async fn expire(
        &self,
        store: &StoreId,
        reference: &str,
        now: Timestamp,
    ) -> Result<(), DepositRefusal> {
        let result = self
            .change(store, reference, None, now, |order| {
                let is_new = matches!(order.state, super::order::State::WaitingForDeposit);
                order.expire(now)?;
                Ok(((), if is_new { vec![now] } else { Vec::new() }))
            })
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(Trouble::Refused(super::code::Code::NotWaitingForDeposit)) => Err(DepositRefusal::NotWaiting),
            Err(Trouble::Refused(_)) => Err(DepositRefusal::NotFound),
            Err(Trouble::Books(error)) => Err(error.into()),
        }
    }
}
