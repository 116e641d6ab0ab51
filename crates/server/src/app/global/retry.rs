//! The payer comes back: where to, and on a route of several channels, what is tried next.

use super::Refusal;
use super::caller::GlobalCaller;
use super::initiate::NewTry;
use super::order::{OrderView, replacing};
use crate::app::App;
use crate::app::checkout::is_token;
use crate::app::failure::Failure;
use crate::app::pay_instantly::{AmountsAsk, Sale};
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use paypier_domain::change::Change;
use paypier_domain::checkout::Presentation;
use paypier_domain::failover::Next;
use paypier_domain::global::GlobalOrder;
use paypier_storage::CommitError;
use subtle::ConstantTimeEq;

/// An order whose payer is back.
#[derive(Debug)]
pub struct Returned {
    pub caller: GlobalCaller,
    pub view: OrderView,
}

impl Returned {
    /// What may be tried next; giving up for everything that is no failure on a route.
    pub fn next(&self) -> Next {
        let order = &self.view.order;
        if !order.is_routed || order.is_given_up {
            return Next::GiveUp;
        }
        self.view.transaction(&self.caller.global).next()
    }
}

impl App {
    /// The order that a payer's browser comes back to. `None` for whatever is no order with this token; the two are
    /// not told apart.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn returned(&self, reference: &str, token: &str) -> Result<Option<Returned>, Refusal> {
        if !is_token(token) {
            return Ok(None);
        }
        let Some(order) = self.storage.global_order_by_reference(reference).await? else { return Ok(None) };
        let is_right = order
            .return_digest
            .is_some_and(|expected| bool::from(expected.as_slice().ct_eq(digest(token).as_slice())));
        if !is_right {
            return Ok(None);
        }
        let Some(caller) = self.global_caller_of(&order.store).await? else { return Ok(None) };
        let view = self.order_view(&caller.profile, order).await?;
        Ok(Some(Returned { caller, view }))
    }

    /// Tries what comes next on the route, and says where the payer pays now. `None` when there is nothing to try.
    ///
    /// # Errors
    /// Nothing could be stored. Of two browsers one opens a window; the other one is told to look again.
    pub async fn retry(&self, returned: &Returned, token: &str) -> Result<Option<String>, Refusal> {
        let Next::Try(place) = returned.next() else { return Ok(None) };
        let before = &returned.view.order;
        let failed = returned.view.payment.as_ref().and_then(|payment| payment.current());
        let Some(attempt) = failed else { return Ok(None) };
        let sale = Sale {
            order: attempt.order.clone(),
            amounts: AmountsAsk {
                total: attempt.amounts.total,
                tax_free: attempt.amounts.tax_free,
                vat: Some(attempt.amounts.vat),
            },
            currency: attempt.currency,
            origin: attempt.origin.clone(),
            notices: attempt.notices.clone(),
            promotion: None,
            bypass: None,
            receipt: None,
        };
        let new = NewTry {
            order: before.clone(),
            before: Some(before),
            place,
            sale,
            return_token: token,
            language: None,
            beside: Change::default(),
            channel: None,
            presentation: Presentation::Redirection,
        };
        let opened = self.open_try(&returned.caller, new).await?;
        Ok(Some(self.window_url(&opened)))
    }

    /// The payer does not go on: the transaction has failed, and the merchant is told.
    ///
    /// # Errors
    /// Nothing could be stored.
    pub async fn give_up_order(&self, returned: Returned) -> Result<Returned, Refusal> {
        let Returned { caller, view } = returned;
        let is_over = !view.order.is_routed || view.order.is_given_up;
        let Some(payment) = view.payment.as_ref().filter(|_| !is_over) else {
            return Ok(Returned { caller, view });
        };
        let order = GlobalOrder {
            is_given_up: true,
            version: view.order.version.saturating_add(1),
            ..view.order.clone()
        };
        let mut change = replacing(order.clone(), &view.order);
        // Only a failure is news: what is paid or under way tells of itself.
        if payment
            .current()
            .is_some_and(|attempt| matches!(attempt.state, paypier_domain::payment::AttemptState::Failed(_)))
        {
            change.deliveries = self.transaction_told(&caller.profile, &order, payment)?;
        }
        match self.commit(&caller.profile, &Ticket::none(), change).await {
            Ok(()) | Err(CommitError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let order = self.storage.global_order(&view.order.store, &view.order.reference).await?;
        let order = order.ok_or_else(|| Failure::internal("an order is gone"))?;
        let view = self.order_view(&caller.profile, order).await?;
        Ok(Returned { caller, view })
    }
}
