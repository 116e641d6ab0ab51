//! What every deduction has in common: the charge, the order that names it, and the one commit that begins it.

use super::{SubscriptionRefusal, used};
use crate::app::App;
use crate::app::charging::ChargePlan;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::pay_instantly::{AmountsAsk, Sale};
use crate::app::pay_with_billing_key::PayWithBillingKey;
use crate::app::psp::Route;
use crate::app::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::billing_key::BillingKey;
use paypier_domain::change::{Change, Write};
use paypier_domain::customer::Customer;
use paypier_domain::global::{Choice, Destinations, GlobalOrder, Person, Place, Taking, Texts, Try};
use paypier_domain::id::{PaymentId, PaymentKey};
use paypier_domain::money::Amount;
use paypier_domain::payment::{Notices, Order, Origin, Payment, Platform, pay};
use paypier_domain::subscription::{Decided, Deduction, Means, Subscription};
use paypier_storage::CommitError;
use paypier_wire::global::Ksuid;

/// How a deduction is called, and what was said about it.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Ours; the payment is called so, too.
    pub(super) reference: String,
    /// The merchant's; of a deduction that we make, ours once more.
    pub(super) merchant_reference: String,
    pub(super) source: String,
    pub(super) description: String,
}

/// A deduction that is prepared and not begun.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) route: Route,
    pub(super) plan: ChargePlan,
    pub(super) order: GlobalOrder,
}

impl App {
    /// The names of a deduction that the calendar or the enrolment makes: the subscription's and five letters.
    pub(super) fn names_of_deduction(&self, subscription: &Subscription) -> Names {
        let mut random = [0; 5];
        self.random.fill(&mut random);
        let reference = match subscription.reference.as_str().parse::<Ksuid>() {
            Ok(reference) => reference.deduction(random),
            // Every reference of ours is one; what was brought from elsewhere keeps its name.
            Err(_) => format!("{}_{}", subscription.reference, self.ids.uuid().simple()),
        };
        Names {
            merchant_reference: reference.clone(),
            reference,
            source: subscription.source.clone(),
            description: subscription.description.clone(),
        }
    }

    /// The charge of a deduction with this key.
    ///
    /// # Errors
    /// No usable channel of the key, amounts that do not fit.
    pub(super) async fn prepared_deduction(
        &self,
        profile: &StoreProfile,
        subscription: &Subscription,
        (key, means): (&BillingKey, &Means),
        names: Names,
        amount: Amount,
    ) -> Result<Prepared, Failure> {
        let payment = PaymentId::known(names.reference.as_str());
        let name = [&names.description, &subscription.description, &subscription.plan_name]
            .into_iter()
            .find(|text| !text.is_empty())
            .cloned()
            .unwrap_or_default();
        let country = Some(subscription.country.clone()).filter(|country| !country.is_empty());
        let ask = PayWithBillingKey {
            store: None,
            payment_id: payment.clone(),
            billing_key: key.id.clone(),
            channel: None,
            installment: None,
            is_point_used: false,
            schedule: None,
            sale: Sale {
                order: Order { name, customer: subscription.customer.clone(), country, ..Order::default() },
                // The dialect knows no taxes.
                amounts: AmountsAsk { total: amount, tax_free: Amount::ZERO, vat: Some(Amount::ZERO) },
                currency: subscription.currency,
                origin: Origin {
                    platform: Platform::Api,
                    ip_address: subscription.ip_address.clone(),
                    user_agent: None,
                    url: None,
                },
                notices: Notices::default(),
                promotion: None,
                bypass: None,
                receipt: None,
            },
            beside: Vec::new(),
        };
        let (route, plan) = self.charge_of_key(profile, key, ask, &Ticket::none()).await?;
        let order = GlobalOrder {
            store: profile.store.id.clone(),
            environment: subscription.environment,
            reference: names.reference,
            merchant_reference: names.merchant_reference,
            payment,
            version: 1,
            created_at: self.now(profile, subscription.environment),
            source: names.source,
            link: None,
            subscription: Some(subscription.reference.to_string()),
            texts: Texts { description: names.description, fields: Default::default() },
            taking: Taking::Purchase,
            destinations: Destinations {
                success: subscription.addresses.success.clone(),
                failure: subscription.addresses.failure.clone(),
                pending: subscription.addresses.pending.clone(),
                mobile: String::new(),
            },
            keeps_page: false,
            billing: person(&subscription.customer, &subscription.country),
            shipping: Person::default(),
            lines: Vec::new(),
            route: vec![Choice { channel: means.channel.clone(), method: means.method.clone() }],
            is_routed: false,
            tries: vec![Try { transaction: plan.request.transaction.clone(), place: 0 }],
            is_given_up: false,
            signature: String::new(),
            return_digest: None,
        };
        Ok(Prepared { route, plan, order })
    }

    /// Stores the intention of a deduction: the payment, its order, and its place in the subscription, as `decide`
    /// has it of the subscription as it is then. None when it decides that there is nothing to deduct.
    ///
    /// # Errors
    /// What `decide` refuses, a reference that was used before, or that nothing can be recorded.
    pub(super) async fn begin_deduction(
        &self,
        profile: &StoreProfile,
        mut subscription: Subscription,
        prepared: &Prepared,
        beside: &Change,
        decide: impl Fn(&Subscription, Timestamp) -> Result<Option<(Decided, Deduction)>, SubscriptionRefusal>
        + Send
        + Sync,
    ) -> Result<Option<Payment>, SubscriptionRefusal> {
        let _lane = self.lanes.enter(&lane_of(&subscription)).await;
        let (plan, limits) = (&prepared.plan, self.policy.limits);
        for _ in 0..MOST_TRIES {
            let moment = self.moment(profile, subscription.environment);
            let Some((decided, deduction)) = decide(&subscription, moment.at)? else { return Ok(None) };
            if deduction.amount != plan.request.amounts.total {
                // What is due has changed since the charge was prepared; whoever asked looks again.
                return Err(CommitError::Conflict.into());
            }
            let begun = pay::begin(
                None,
                &plan.payment,
                &profile.store.merchant,
                plan.request.clone(),
                limits,
                moment.at,
            )
            .map_err(Failure::from)?;
            let mut change = beside.clone().and(decided.change).and(begun.change);
            change.writes.push(Write::GlobalOrder { order: Box::new(prepared.order.clone()), expects: None });
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(Some(begun.payment)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(used(error)),
            }
            subscription = self
                .storage
                .subscription(&subscription.store, &subscription.reference)
                .await?
                .ok_or(SubscriptionRefusal::UnknownSubscription)?;
        }
        Err(CommitError::Conflict.into())
    }
}

/// Those who change one subscription take turns, as those of one payment do.
pub(super) fn lane_of(subscription: &Subscription) -> PaymentKey {
    PaymentKey {
        store: subscription.store.clone(),
        payment: PaymentId::known(format!("subscription {}", subscription.reference)),
    }
}

fn person(customer: &Customer, country: &str) -> Person {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    Person {
        name: said(&customer.name),
        surname: String::new(),
        email: said(&customer.email),
        phone: said(&customer.phone_number),
        place: Place { country_code: country.to_owned(), ..Place::default() },
    }
}
