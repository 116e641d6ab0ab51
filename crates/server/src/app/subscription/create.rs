//! Making plans and subscriptions, and cancelling plans.

use super::{SubscriptionRefusal, used};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::global::Refusal;
use crate::app::global::caller::GlobalCaller;
use crate::app::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::channel::Environment;
use paypier_domain::customer::Customer;
use paypier_domain::global::check_reference;
use paypier_domain::id::{PlanRef, SubscriptionRef};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::subscription::{
    self, Addresses, Cost, Missed, Note, Plan, PlanKind, Regular, State, Step, Subscription, Terms, Totals,
};
use paypier_storage::CommitError;

/// How long a link waits for its customer when nobody says otherwise.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Debug, Clone)]
pub struct NewPlan {
    pub environment: Environment,
    pub merchant_ref: String,
    pub name: String,
    pub description: String,
    pub source: String,
    pub notes: Vec<Note>,
    pub currency: Currency,
    pub kind: PlanKind,
}

#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// That of the plan when absent.
    pub environment: Option<Environment>,
    pub merchant_ref: String,
    pub plan: PlanRef,
    pub source: String,
    pub description: String,
    pub country: String,
    pub customer: Customer,
    pub notify_by_email: bool,
    pub notify_by_phone: bool,
    pub notes: Vec<Note>,
    /// Minor units.
    pub costs: Vec<Cost>,
    pub currency: Currency,
    pub terms: WantedTerms,
    pub addresses: Addresses,
    pub ip_address: String,
    /// Thirty days after it is made when absent.
    pub expires_at: Option<Timestamp>,
}

/// What the customer is to agree to, beside what the plan says.
#[derive(Debug, Clone)]
pub enum WantedTerms {
    Regular { quantity: i64, count: i64, missed: Missed, starts_at: Option<Timestamp>, trial: Option<Step> },
    OnDemand { initial: Amount },
}

impl App {
    /// # Errors
    /// The reference is none or was used before, or the merchant may use the sandbox only.
    pub async fn create_plan(
        &self,
        caller: &GlobalCaller,
        ask: NewPlan,
    ) -> Result<Plan, SubscriptionRefusal> {
        may_use(caller, ask.environment, &ask.merchant_ref)?;
        let profile = &caller.profile;
        let plan = Plan {
            reference: PlanRef::known(self.ksuid(profile, ask.environment).to_string()),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment: ask.environment,
            version: 0,
            merchant_ref: ask.merchant_ref,
            name: ask.name,
            description: ask.description,
            source: ask.source,
            notes: ask.notes,
            currency: ask.currency,
            kind: ask.kind,
            created_at: self.now(profile, ask.environment),
            cancelled_at: None,
        };
        let (plan, change) = subscription::create_plan(plan);
        self.commit(profile, &Ticket::none(), change).await.map_err(used)?;
        Ok(plan)
    }

    /// Cancels a plan; one that was cancelled before stays so.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn cancel_plan(
        &self,
        caller: &GlobalCaller,
        reference: &PlanRef,
    ) -> Result<(), SubscriptionRefusal> {
        for _ in 0..MOST_TRIES {
            let plan = self.plan_of(caller, reference).await?;
            let now = self.now(&caller.profile, plan.environment);
            let Some(change) = subscription::cancel_plan(&plan, now) else { return Ok(()) };
            match self.commit(&caller.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Makes the link by which a customer enrols in a plan.
    ///
    /// # Errors
    /// The plan cannot be subscribed to like this, the amounts are none, or the reference was used before.
    pub async fn create_subscription(
        &self,
        caller: &GlobalCaller,
        ask: NewSubscription,
    ) -> Result<Subscription, SubscriptionRefusal> {
        let profile = &caller.profile;
        let plan = self
            .storage
            .plan(&profile.store.id, &ask.plan)
            .await?
            .filter(Plan::is_active)
            .ok_or(SubscriptionRefusal::PlanNotActive)?;
        let environment = plan.environment;
        if ask.environment.is_some_and(|asked| asked != environment) {
            return Err(SubscriptionRefusal::OtherEnvironment);
        }
        may_use(caller, environment, &ask.merchant_ref)?;
        if ask.currency != plan.currency {
            return Err(SubscriptionRefusal::OtherCurrency);
        }
        let terms = terms(&plan, &ask.terms, &ask.costs)?;
        let now = self.now(profile, environment);
        let subscription = Subscription {
            reference: SubscriptionRef::known(self.ksuid(profile, environment).to_string()),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: 0,
            merchant_ref: ask.merchant_ref,
            plan: plan.reference,
            plan_name: plan.name,
            source: ask.source,
            description: ask.description,
            country: ask.country,
            customer: ask.customer,
            notify_by_email: ask.notify_by_email,
            notify_by_phone: ask.notify_by_phone,
            notices: Vec::new(),
            notes: ask.notes,
            costs: ask.costs,
            currency: plan.currency,
            terms,
            addresses: ask.addresses,
            ip_address: ask.ip_address,
            created_at: now,
            expires_at: ask
                .expires_at
                .unwrap_or_else(|| now.checked_add(LINK_LIFETIME).unwrap_or(Timestamp::MAX)),
            collected_amount: Amount::ZERO,
            collected_count: 0,
            deductions: 0,
            enrolments: 0,
            last_event: 0,
            state: State::Created { enrolling: None },
        };
        let created = subscription::create(subscription);
        self.commit(profile, &Ticket::none(), created.change).await.map_err(used)?;
        Ok(created.subscription)
    }
}

fn may_use(
    caller: &GlobalCaller,
    environment: Environment,
    reference: &str,
) -> Result<(), SubscriptionRefusal> {
    check_reference(reference).map_err(Refusal::Reference)?;
    if environment == Environment::Live && !caller.merchant().is_active {
        return Err(Refusal::Inactive.into());
    }
    Ok(())
}

/// What the customer agrees to, of this plan.
fn terms(plan: &Plan, wanted: &WantedTerms, costs: &[Cost]) -> Result<Terms, SubscriptionRefusal> {
    let costs: Vec<i64> = costs.iter().map(|cost| cost.value).collect();
    match (plan.kind, wanted) {
        (
            PlanKind::Regular { amount, step },
            WantedTerms::Regular { quantity, count, missed, starts_at, trial },
        ) => {
            if trial.is_some() && starts_at.is_some() {
                return Err(SubscriptionRefusal::TrialWithStart);
            }
            let totals = Totals::of(amount, *quantity, *count, &costs)?;
            let quantity = u32::try_from(*quantity).map_err(|_| subscription::TotalsRefusal::TooLarge)?;
            Ok(Terms::Regular(Regular {
                plan_amount: amount,
                quantity,
                step,
                totals,
                missed: *missed,
                starts_at: *starts_at,
                trial: *trial,
            }))
        }
        (PlanKind::OnDemand, WantedTerms::OnDemand { initial }) => {
            let additional = additional(&costs)?;
            // The first charge is both together.
            initial.plus(additional).map_err(|_| SubscriptionRefusal::TooLarge)?;
            Ok(Terms::OnDemand { initial: *initial, additional })
        }
        (PlanKind::Regular { .. }, WantedTerms::OnDemand { .. })
        | (PlanKind::OnDemand, WantedTerms::Regular { .. }) => Err(SubscriptionRefusal::OtherType),
    }
}

fn additional(costs: &[i64]) -> Result<Amount, SubscriptionRefusal> {
    let sum = costs.iter().try_fold(0i64, |sum, cost| sum.checked_add(*cost));
    let sum = sum.ok_or(SubscriptionRefusal::TooLarge)?;
    if sum < 0 {
        return Err(subscription::TotalsRefusal::Additional(sum).into());
    }
    Amount::new(sum).map_err(|_| SubscriptionRefusal::TooLarge)
}
