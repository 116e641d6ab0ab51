//! Orders: finding them, making them, and what every view of one needs.

use super::Refusal;
use super::caller::GlobalCaller;
use crate::app::App;
use crate::app::directory::{GlobalProfile, StoreProfile};
use crate::global::transaction::Transaction;
use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::global::{
    Choice, Destinations, GlobalOrder, Person, Place, RefundNote, Taking, Texts, Try, check_reference,
};
use paypier_domain::id::{PaymentId, PaymentKey};
use paypier_domain::payment::Payment;
use paypier_wire::global::Ksuid;

/// An order with the payment that it is, and what was said about its refunds.
#[derive(Debug, Clone)]
pub struct OrderView {
    pub order: GlobalOrder,
    /// Absent only until the first attempt was stored.
    pub payment: Option<Payment>,
    pub notes: Vec<RefundNote>,
    /// The store's time when it was read.
    pub now: Timestamp,
}

impl OrderView {
    /// What it says to the outside.
    pub fn transaction<'a>(&'a self, global: &'a GlobalProfile) -> Transaction<'a> {
        Transaction {
            merchant: &global.merchant,
            order: &self.order,
            payment: self.payment.as_ref(),
            notes: &self.notes,
            now: self.now,
        }
    }
}

impl App {
    /// A KSUID of now in this environment.
    pub fn ksuid(&self, profile: &StoreProfile, environment: Environment) -> Ksuid {
        let mut random = [0; 16];
        self.random.fill(&mut random);
        Ksuid::new(self.now(profile, environment), random)
    }

    /// An order that nothing was said about yet but its names; the rest is up to whoever makes it.
    ///
    /// # Errors
    /// The reference is none.
    pub fn new_order(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        merchant_reference: &str,
        route: Vec<Choice>,
    ) -> Result<GlobalOrder, Refusal> {
        check_reference(merchant_reference).map_err(Refusal::Reference)?;
        if environment == Environment::Live && !caller.merchant().is_active {
            return Err(Refusal::Inactive);
        }
        let reference = self.ksuid(&caller.profile, environment).to_string();
        Ok(GlobalOrder {
            store: caller.store().clone(),
            environment,
            payment: PaymentId::known(reference.as_str()),
            reference,
            merchant_reference: merchant_reference.to_owned(),
            version: 1,
            created_at: self.now(&caller.profile, environment),
            source: "api".to_owned(),
            link: None,
            subscription: None,
            texts: Texts::default(),
            taking: Taking::Purchase,
            destinations: Destinations::default(),
            keeps_page: false,
            billing: Person::default(),
            shipping: Person::default(),
            lines: Vec::new(),
            route,
            is_routed: false,
            tries: Vec::new(),
            is_given_up: false,
            signature: String::new(),
            return_digest: None,
        })
    }

    /// Whether the merchant's reference was used in this environment. Only the insert decides; this is for saying
    /// so before anything else is done.
    ///
    /// # Errors
    /// It was, or the database cannot be read.
    pub async fn refuse_used_reference(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        reference: &str,
    ) -> Result<(), Refusal> {
        let found = self.storage.global_orders_by_merchant_reference(caller.store(), reference).await?;
        if found.iter().any(|order| order.environment == environment) {
            return Err(Refusal::DuplicateReference);
        }
        Ok(())
    }

    /// The order that our reference names. A payment of the other dialect is named by its id.
    ///
    /// # Errors
    /// There is none.
    pub async fn order_by_reference(
        &self,
        caller: &GlobalCaller,
        reference: &str,
    ) -> Result<OrderView, Refusal> {
        if let Some(order) = self.storage.global_order(caller.store(), reference).await? {
            return self.order_view(&caller.profile, order).await;
        }
        let key = PaymentKey { store: caller.store().clone(), payment: PaymentId::known(reference) };
        // One that has an order is named by the order's reference alone.
        if self.storage.global_order_of(&key.store, &key.payment).await?.is_some() {
            return Err(Refusal::UnknownOrder);
        }
        let payment = self.storage.payment(&key).await?.ok_or(Refusal::UnknownOrder)?;
        let notes = self.storage.refund_notes_of(&key.store, &key.payment).await?;
        let now = self.now(&caller.profile, payment.environment);
        let order = order_of(&caller.global, &payment);
        Ok(OrderView { order, payment: Some(payment), notes, now })
    }

    /// The order that the merchant's reference names, the newest when both environments have one, or else the one
    /// that ours names.
    ///
    /// # Errors
    /// There is none.
    pub async fn order_by_any_reference(
        &self,
        caller: &GlobalCaller,
        reference: &str,
    ) -> Result<OrderView, Refusal> {
        let found = self.storage.global_orders_by_merchant_reference(caller.store(), reference).await?;
        match found.into_iter().next() {
            Some(order) => self.order_view(&caller.profile, order).await,
            None => self.order_by_reference(caller, reference).await,
        }
    }

    /// # Errors
    /// The database cannot be read.
    pub async fn order_view(&self, profile: &StoreProfile, order: GlobalOrder) -> Result<OrderView, Refusal> {
        let key = PaymentKey { store: order.store.clone(), payment: order.payment.clone() };
        let payment = self.storage.payment(&key).await?;
        let is_refunded = payment.as_ref().is_some_and(|payment| !payment.cancellations.is_empty());
        let notes = if is_refunded {
            self.storage.refund_notes_of(&key.store, &key.payment).await?
        } else {
            Vec::new()
        };
        let now = self.now(profile, order.environment);
        Ok(OrderView { order, payment, notes, now })
    }

    /// Payments as orders, in the same order; those of the other dialect, too.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn order_views(
        &self,
        caller: &GlobalCaller,
        payments: Vec<Payment>,
    ) -> Result<Vec<OrderView>, Refusal> {
        let mut views = Vec::with_capacity(payments.len());
        for payment in payments {
            let key = payment.key.clone();
            let order = self
                .storage
                .global_order_of(&key.store, &key.payment)
                .await?
                .unwrap_or_else(|| order_of(&caller.global, &payment));
            let notes = if payment.cancellations.is_empty() {
                Vec::new()
            } else {
                self.storage.refund_notes_of(&key.store, &key.payment).await?
            };
            let now = self.now(&caller.profile, payment.environment);
            views.push(OrderView { order, payment: Some(payment), notes, now });
        }
        Ok(views)
    }
}

/// The change that stores what became of an order. `before` is what it was decided from.
pub fn replacing(order: GlobalOrder, before: &GlobalOrder) -> Change {
    let order = GlobalOrder { version: before.version.saturating_add(1), ..order };
    Change {
        writes: vec![Write::GlobalOrder { order: Box::new(order), expects: Some(before.version) }],
        ..Change::default()
    }
}

/// A payment of the other dialect as an order of this one: named by its id, on the channel that it went through.
pub fn order_of(global: &GlobalProfile, payment: &Payment) -> GlobalOrder {
    let attempt = payment.current();
    let channel = attempt.and_then(|attempt| attempt.channel.as_ref());
    let name = channel.map(|channel| {
        global.name_of(&channel.key).map_or_else(|| channel.pg_provider.clone(), str::to_owned)
    });
    let method = attempt.and_then(|attempt| attempt.method.as_ref()).map_or("", |method| method.kind());
    let order = attempt.map(|attempt| &attempt.order);
    let customer = order.map(|order| &order.customer);
    let said = |text: Option<&String>| text.cloned().unwrap_or_default();
    GlobalOrder {
        store: payment.key.store.clone(),
        environment: payment.environment,
        reference: payment.key.payment.to_string(),
        merchant_reference: payment.key.payment.to_string(),
        payment: payment.key.payment.clone(),
        version: 0,
        created_at: payment.created_at,
        source: "api".to_owned(),
        link: None,
        subscription: None,
        texts: Texts {
            description: order.map(|order| order.name.clone()).unwrap_or_default(),
            fields: Default::default(),
        },
        taking: Taking::Purchase,
        destinations: Destinations::default(),
        keeps_page: false,
        billing: Person {
            name: said(customer.and_then(|customer| customer.name.as_ref())),
            surname: String::new(),
            email: said(customer.and_then(|customer| customer.email.as_ref())),
            phone: said(customer.and_then(|customer| customer.phone_number.as_ref())),
            place: Place {
                country_code: said(order.and_then(|order| order.country.as_ref())),
                ..Place::default()
            },
        },
        shipping: Person::default(),
        lines: Vec::new(),
        route: vec![Choice { channel: name.unwrap_or_default(), method: method.to_owned() }],
        is_routed: false,
        tries: payment
            .attempts
            .iter()
            .map(|attempt| Try { transaction: attempt.id.clone(), place: 0 })
            .collect(),
        is_given_up: false,
        signature: String::new(),
        return_digest: None,
    }
}
