//! The buyer closes the window.

use super::Visit;
use super::end::{self, Outcome};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use paypier_domain::checkout::{EndCode, Ending, Purpose, Step};
use paypier_domain::identity_verification;
use paypier_domain::payment::{self, settle};
use paypier_storage::CommitError;

/// The sandbox's code of a buyer who gave up.
pub const BUYER_CANCELLED: &str = "SANDBOX_BUYER_CANCELLED";
const CANCELLED_MESSAGE: &str = "The buyer cancelled the payment.";

impl App {
    /// The buyer gave up: the attempt fails, unless it was sent before. Repeated, it tells how the visit
    /// ended. `None` for what is no token of a window.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub async fn close_window(&self, token: &str) -> Result<Option<Outcome>, Failure> {
        let Some(visit) = self.visit(token).await? else { return Ok(None) };
        let visit = self.close_visit(visit).await?;
        self.visit_standing(&visit, token).await.map(Some)
    }

    /// Gives up what waits in the window. The visit as it is afterwards; one that is being approved or
    /// confirmed right now is left alone.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(super) async fn close_visit(&self, mut visit: Visit) -> Result<Visit, Failure> {
        for _ in 0..MOST_TRIES {
            let now = self.now(&visit.profile, visit.window.environment);
            let is_open = end::outcome(&visit, "", now) == Outcome::Open;
            if !is_open || matches!(visit.window.step, Step::Confirming { .. }) {
                return Ok(visit);
            }
            match self.give_up(&visit).await {
                // Being approved right now: whoever asks again learns how that ends.
                Ok(false) => return Ok(visit),
                Ok(true) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let window = self.storage.window(&visit.window.digest).await?;
            let again = match window {
                Some(window) => self.visit_of(window).await?,
                None => None,
            };
            let Some(again) = again else { return Ok(visit) };
            visit = again;
        }
        Err(Failure::Overloaded)
    }

    /// Whether there was something to give up. Everything changes together, so that nobody can approve
    /// in between.
    async fn give_up(&self, visit: &Visit) -> Result<bool, CommitError> {
        let moment = self.moment(&visit.profile, visit.window.environment);
        let given_up = match &visit.window.purpose {
            Purpose::Payment(about) => {
                let failure = payment::Failure {
                    at: moment.at,
                    reason: Some("the buyer cancelled the payment in the window".into()),
                    pg_code: Some(BUYER_CANCELLED.into()),
                    pg_message: Some(CANCELLED_MESSAGE.into()),
                };
                let payment = visit.payment.as_ref();
                payment
                    .and_then(|payment| settle::given_up(payment, &about.transaction, failure, moment.at))
                    .map(|decided| decided.change)
            }
            Purpose::BillingKey(about) => {
                let told = (BUYER_CANCELLED, CANCELLED_MESSAGE, "the buyer cancelled in the window");
                self.key_given_up(visit, about, told)
                    .await
                    .map_err(|failure| CommitError::Unavailable(failure.to_string()))?
            }
            Purpose::Identity(_) => {
                let failure = identity_verification::Failure {
                    at: moment.at,
                    reason: "the person closed the window".into(),
                    pg_code: Some(BUYER_CANCELLED.into()),
                    pg_message: Some(CANCELLED_MESSAGE.into()),
                };
                let identity = visit.identity.as_ref();
                identity
                    .and_then(|identity| identity_verification::given_up(identity, failure, moment.at))
                    .map(|decided| decided.change)
            }
        };
        let Some(change) = given_up else { return Ok(false) };
        let ending = Ending {
            code: EndCode::PgProviderError,
            message: "the buyer cancelled in the window".into(),
            pg_code: Some(BUYER_CANCELLED.into()),
            pg_message: Some(CANCELLED_MESSAGE.into()),
        };
        let ended = visit.window.at(Step::Ended(ending)).replacing(Some(&visit.window));
        self.commit(&visit.profile, &Ticket::none(), change.and(ended)).await?;
        Ok(true)
    }
}
