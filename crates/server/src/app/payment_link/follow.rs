//! What becomes of a link when one of its payments succeeds, and whom its status is told.
//!
//! Whoever changes a payment (a window, a notification, a job, an operator) commits it in one place, and there the
//! link is taken along: it is paid in the same change as its payment, or not at all.

use super::over_payment;
use super::start::REPLACED;
use crate::app::App;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::global::notice::About;
use crate::global::link::{Shop, status_webhook};
use paypier_domain::change::{Change, Write};
use paypier_domain::delivery::Delivery;
use paypier_domain::global::Topic;
use paypier_domain::id::PaymentKey;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::link::LinkStatus;
use paypier_domain::payment::{Attempt, Payment};
use paypier_domain::payment_link::PaymentLink;

impl App {
    /// What a change that makes a payment a paid one does to the link that it is of. Nothing for other payments.
    ///
    /// # Errors
    /// The database cannot be read, or the merchant's secret not be opened.
    pub(in crate::app) async fn following_link(
        &self,
        profile: &StoreProfile,
        change: &Change,
    ) -> Result<Change, Failure> {
        if profile.global.is_none() {
            return Ok(Change::default());
        }
        let Some((payment, paid)) = paid_anew(change) else { return Ok(Change::default()) };
        let order = self.storage.global_order_of(&payment.key.store, &payment.key.payment).await?;
        let Some(of) = order.as_ref().and_then(|order| order.link.as_ref()) else {
            return Ok(Change::default());
        };
        let Some(link) = self.storage.payment_link(&of.reference).await? else {
            return Ok(Change::default());
        };
        if link.paid_by == payment.key.payment.as_str() {
            return Ok(Change::default());
        }
        let Ok(status) = link.life(false).paid() else {
            return Ok(given_back(payment, paid));
        };
        let paid_link = PaymentLink { paid_by: payment.key.payment.as_str().to_owned(), ..link.clone() };
        let (next, mut followed) = paid_link.at(status);
        followed.deliveries.extend(self.link_told(profile, &link, &next)?);
        // A window that was opened since has nothing to pay any more.
        if let Some(latest) = link.latest_payment().filter(|latest| *latest != payment.key)
            && let Some(latest) = self.storage.payment(&latest).await?
        {
            let at = self.now(profile, link.environment);
            followed = followed.and(over_payment(&latest, REPLACED, "the payment link was paid", at));
        }
        Ok(followed)
    }

    /// The messages about another status of a link. Making one is not told.
    ///
    /// # Errors
    /// The merchant's secret cannot be opened.
    pub(in crate::app) fn link_told(
        &self,
        profile: &StoreProfile,
        before: &PaymentLink,
        after: &PaymentLink,
    ) -> Result<Vec<Delivery>, Failure> {
        let Some(global) = &profile.global else { return Ok(Vec::new()) };
        let has_ears = global.urls(after.environment, Topic::PaymentLink).next().is_some();
        if before.status == after.status || after.status == LinkStatus::Created || !has_ears {
            return Ok(Vec::new());
        }
        let secret = self.global_secret(global)?;
        let merchant = &global.merchant;
        let shop = Shop {
            client_key: &merchant.client_key,
            email: &merchant.brand.email,
            support_email: &merchant.brand.support_email,
            support_phone: &merchant.brand.support_phone,
        };
        let message = status_webhook(after, shop, self.link_url(after), &secret);
        let about = About {
            environment: after.environment,
            topic: Topic::PaymentLink,
            subject: &after.reference,
            number: after.version,
        };
        self.global_deliveries(profile, about, &[], &message)
    }
}

/// How long our references are, by which payments of links are named: others need not be looked up.
const REFERENCE_CHARS: usize = 27;

/// The payment that a change makes a paid one, when it may be a link's.
fn paid_anew(change: &Change) -> Option<(&Payment, &Attempt)> {
    change.writes.iter().find_map(|write| match write {
        Write::Payment { payment, touched, .. } => {
            let paid = payment.paid_attempt()?;
            let is_touched = touched.attempts.iter().any(|(id, _)| *id == paid.id);
            let is_ours = payment.key.payment.as_str().len() == REFERENCE_CHARS;
            (is_touched && is_ours).then_some((&**payment, paid))
        }
        _ => None,
    })
}

/// The link was paid by another payment before: this one is cancelled in whole.
fn given_back(payment: &Payment, paid: &Attempt) -> Change {
    let key: PaymentKey = payment.key.clone();
    let job = Job {
        task: Task::CancelLate { payment: key, transaction: paid.id.clone() },
        store: payment.key.store.clone(),
        environment: payment.environment,
        due_at: payment.updated_at,
        runs: 0,
    };
    Change { jobs: vec![JobWrite::Put(job)], ..Change::default() }
}
