//! The buyer is done: what happens between their authentication and the PSP's approval.

use super::{Visit, payment_token};
use crate::app::App;
use crate::app::charging::{ChargePlan, Instrument};
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::psp::Route;
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use jiff::SignedDuration;
use paypier_domain::checkout::{Authenticated, EndCode, Ending, PaymentPurpose, Step, Window};
use paypier_domain::id::{PaymentKey, ScheduleId};
use paypier_domain::job::{JobWrite, Task};
use paypier_domain::payment::pay::{self, ApproveRefusal, PayRefusal};
use paypier_domain::payment::{Authentication, Method, Payment, settle};
use paypier_domain::promotion::GrantRefusal;
use paypier_storage::CommitError;

/// What is charged when the buyer is done.
#[derive(Debug)]
pub struct Ready {
    pub instrument: Instrument,
    pub method: Method,
    pub installment_months: u8,
}

impl From<Authenticated> for Ready {
    fn from(authenticated: Authenticated) -> Self {
        Self {
            instrument: Instrument::Stored { token: authenticated.instrument },
            method: authenticated.method,
            installment_months: authenticated.installment_months,
        }
    }
}

/// How long a payment token approves: PSPs let an authentication lapse after about this long.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

impl App {
    /// Leaves the approval to the merchant's server: attempt and window change together, and the page is
    /// told the token.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(super) async fn hand_over(
        &self,
        visit: &Visit,
        token: &str,
        about: &PaymentPurpose,
        ready: Ready,
    ) -> Result<(), Failure> {
        let instrument = match ready.instrument {
            Instrument::Stored { token } => token,
            // An account is opened by the approval; what it is opened with is in the method.
            Instrument::VirtualAccount { .. } | Instrument::Card(_) => String::new(),
        };
        let key = &key_of(visit, about);
        let authentication_digest = digest(&payment_token(token));
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.reloaded(key).await?;
            let moment = self.moment(&visit.profile, payment.environment);
            let authentication = Authentication {
                token_digest: authentication_digest,
                expires_at: moment.at.checked_add(TOKEN_LIFETIME).unwrap_or(moment.at),
                instrument: instrument.clone(),
            };
            let method = ready.method.clone();
            let handed = match pay::hand_over(&payment, &about.transaction, method, authentication, moment.at)
            {
                Ok(decided) => decided,
                Err(ApproveRefusal::NotWaiting) => return Ok(()),
                Err(refusal @ (ApproveRefusal::AlreadyPaid | ApproveRefusal::InProgress(_))) => {
                    return self.end_window(visit, overtaken(&refusal)).await;
                }
            };
            let ended = visit
                .window
                .at(Step::HandedOver { token_digest: authentication_digest })
                .replacing(Some(&visit.window));
            match self.commit(&visit.profile, &Ticket::none(), handed.change.and(ended)).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {
                    if self.storage.window(&visit.window.digest).await?.as_ref() != Some(&visit.window) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Approves the window's attempt, once: whoever comes second finds that it was sent. How it ended is
    /// in the attempt afterwards.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(super) async fn approve_in_window(
        &self,
        visit: &Visit,
        about: &PaymentPurpose,
        route: &Route,
        ready: Ready,
    ) -> Result<(), Failure> {
        let Some(payment) = self.begin_approval(visit, about, &ready).await? else { return Ok(()) };
        let request = payment
            .attempt(&about.transaction)
            .and_then(|attempt| attempt.as_request())
            .ok_or_else(|| Failure::internal(format!("the attempt {} cannot be sent", about.transaction)))?;
        let plan = ChargePlan {
            payment: payment.key.clone(),
            request,
            promotion: None,
            instrument: ready.instrument,
            installment_months: ready.installment_months,
            bypass: about.bypass.clone(),
            beside: Vec::new(),
        };
        match self.finish_charge(&visit.profile, route, payment, plan, &Ticket::none()).await {
            // How it ended is in the attempt, for every tab to see.
            Ok(_) | Err(Failure::Psp(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// The intention, durable. `None` when this window does not get to send it.
    async fn begin_approval(
        &self,
        visit: &Visit,
        about: &PaymentPurpose,
        ready: &Ready,
    ) -> Result<Option<Payment>, Failure> {
        let key = &key_of(visit, about);
        let lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.reloaded(key).await?;
            if let Some(schedule) = self.storage.waiting_schedule_of(key).await? {
                self.end_window(visit, scheduled(schedule)).await?;
                return Ok(None);
            }
            let moment = self.moment(&visit.profile, payment.environment);
            let approved = pay::approve(
                &payment,
                &about.transaction,
                ready.method.clone(),
                false,
                None,
                self.policy.limits,
                moment.at,
            );
            let decided = match approved {
                Ok(decided) => decided,
                Err(ApproveRefusal::NotWaiting) => return Ok(None),
                Err(refusal @ (ApproveRefusal::AlreadyPaid | ApproveRefusal::InProgress(_))) => {
                    self.end_window(visit, overtaken(&refusal)).await?;
                    return Ok(None);
                }
            };
            match self.check_hold(&payment, &about.transaction).await {
                Err(Failure::Grant(refusal)) => {
                    drop(lane);
                    self.lose_discount(visit, about, &refusal).await?;
                    return Ok(None);
                }
                held => held?,
            }
            let mut change = decided.change;
            if about.confirm_url.is_some() {
                let asked = Task::EndConfirming { window: visit.window.digest };
                change.jobs.push(JobWrite::Remove(asked.key()));
            }
            match self.commit(&visit.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(Some(decided.payment)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Fails the attempt because it is not worth what it was opened at any more: nothing was charged.
    pub(super) async fn lose_discount(
        &self,
        visit: &Visit,
        about: &PaymentPurpose,
        refusal: &GrantRefusal,
    ) -> Result<(), Failure> {
        let failure = |at: jiff::Timestamp| paypier_domain::payment::Failure {
            at,
            reason: Some(refusal.to_string()),
            pg_code: None,
            pg_message: None,
        };
        self.refuse_in_window(visit, about, failure).await
    }

    /// Ends the window in these words, unless it ended before.
    pub(super) async fn end_window(&self, visit: &Visit, ending: Ending) -> Result<(), Failure> {
        for _ in 0..MOST_TRIES {
            let Some(window) = self.storage.window(&visit.window.digest).await? else { return Ok(()) };
            if matches!(window.step, Step::Ended(_) | Step::HandedOver { .. }) {
                return Ok(());
            }
            let now = Visit { window, ..visit.clone() };
            if self.step_window(&now, Step::Ended(ending.clone())).await?.is_some() {
                return Ok(());
            }
        }
        Err(Failure::Overloaded)
    }

    /// Takes the window to its next step. `None` when somebody else was faster.
    pub(super) async fn step_window(&self, visit: &Visit, step: Step) -> Result<Option<Window>, Failure> {
        let next = visit.window.at(step);
        let change = next.clone().replacing(Some(&visit.window));
        match self.commit(&visit.profile, &Ticket::none(), change).await {
            Ok(()) => Ok(Some(next)),
            Err(CommitError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Fails the attempt because the PSP or the issuer refused the buyer before anything was charged.
    pub(super) async fn refuse_in_window(
        &self,
        visit: &Visit,
        about: &PaymentPurpose,
        failure: impl Fn(jiff::Timestamp) -> paypier_domain::payment::Failure,
    ) -> Result<(), Failure> {
        let key = &key_of(visit, about);
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.reloaded(key).await?;
            let moment = self.moment(&visit.profile, payment.environment);
            let given_up = settle::given_up(&payment, &about.transaction, failure(moment.at), moment.at);
            let Some(decided) = given_up else { return Ok(()) };
            match self.commit(&visit.profile, &Ticket::none(), decided.change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

/// The payment was scheduled while the buyer chose.
fn scheduled(schedule: ScheduleId) -> Ending {
    Ending {
        code: EndCode::InvalidEntityState,
        message: PayRefusal::Scheduled(schedule).to_string(),
        pg_code: None,
        pg_message: None,
    }
}

/// Another attempt of the payment was faster. This one stays as it is: nothing was asked of the PSP.
fn overtaken(refusal: &ApproveRefusal) -> Ending {
    Ending {
        code: match refusal {
            ApproveRefusal::AlreadyPaid => EndCode::PaymentAlreadyPaid,
            ApproveRefusal::InProgress(_) | ApproveRefusal::NotWaiting => EndCode::InvalidEntityState,
        },
        message: refusal.to_string(),
        pg_code: None,
        pg_message: None,
    }
}

/// The payment's full name.
fn key_of(visit: &Visit, about: &PaymentPurpose) -> PaymentKey {
    PaymentKey { store: visit.window.store.clone(), payment: about.payment.clone() }
}
