//! The members that payments, attempts and events share.
//!
//! The dialect writes one struct for each status, all with the same two dozen members first. They are
//! worked out here once; `payment.rs`, `transaction.rs` and `event.rs` say which members each has.

use super::{amount, cancellation, channel, customer, escrow, method, product, webhook};
use crate::app::failure::Failure;
use jiff::Timestamp;
use paypier_domain::delivery::Delivery;
use paypier_domain::payment::{AmountsNow, Attempt, Dispute, Origin, Payment, Platform};
use paypier_wire::v2;

/// What is worked out once for one attempt.
#[derive(Debug)]
pub struct Common {
    pub transaction_id: String,
    pub payment_id: String,
    pub merchant_id: String,
    pub store_id: String,
    pub method: Option<v2::PaymentMethod>,
    pub channel: Option<v2::SelectedChannel>,
    pub channel_group: Option<v2::ChannelGroupSummary>,
    pub schedule_id: Option<String>,
    pub billing_key: Option<String>,
    pub webhooks: Option<Vec<v2::PaymentWebhook>>,
    pub requested_at: paypier_wire::time::Timestamp,
    pub order_name: String,
    pub currency: v2::Currency,
    pub customer: v2::Customer,
    pub origin: v2::PaymentOrigin,
    pub promotion_id: Option<String>,
    pub is_cultural_expense: Option<bool>,
    pub escrow: Option<v2::PaymentEscrow>,
    pub products: Option<Vec<v2::PaymentProduct>>,
    pub product_count: Option<i32>,
    pub custom_data: Option<String>,
    pub country: Option<v2::Country>,
    pub pg_tx_id: Option<String>,
}

impl Common {
    /// # Errors
    /// What is stored cannot be said in this dialect.
    pub fn of<'a>(
        payment: &Payment,
        attempt: &Attempt,
        deliveries: impl Iterator<Item = &'a Delivery>,
    ) -> Result<Self, Failure> {
        let order = &attempt.order;
        Ok(Self {
            transaction_id: attempt.id.as_str().to_owned(),
            payment_id: payment.key.payment.as_str().to_owned(),
            merchant_id: payment.merchant.as_str().to_owned(),
            store_id: payment.key.store.as_str().to_owned(),
            method: method::of_attempt(payment, attempt),
            channel: attempt.channel.as_ref().map(channel::selected).transpose()?,
            channel_group: attempt.channel_group.as_ref().map(channel::group),
            schedule_id: attempt.schedule.as_ref().map(|id| id.as_str().to_owned()),
            billing_key: attempt.billing_key.as_ref().map(|id| id.as_str().to_owned()),
            webhooks: some(deliveries.map(webhook::shown).collect()),
            requested_at: attempt.requested_at.into(),
            order_name: order.name.clone(),
            currency: amount::currency_shown(attempt.currency)?,
            customer: customer::shown(&order.customer),
            origin: origin(&attempt.origin),
            promotion_id: attempt.promotion.as_ref().map(|used| used.id.as_str().to_owned()),
            is_cultural_expense: Some(order.is_cultural_expense),
            escrow: escrow::shown(attempt),
            products: Some(order.products.iter().map(product::shown).collect()),
            product_count: order.product_count,
            custom_data: order.custom_data.clone(),
            country: order.country.as_deref().and_then(v2::Country::parse),
            pg_tx_id: attempt.pg_tx_id.as_ref().map(|id| id.as_str().to_owned()),
        })
    }

    /// The channel, where the dialect cannot do without it.
    ///
    /// # Errors
    /// There is none, which no decision of the domain makes possible.
    pub fn channel(&mut self) -> Result<v2::SelectedChannel, Failure> {
        self.channel.take().ok_or_else(|| {
            Failure::internal(format!("attempt {} was sent but has no channel", self.transaction_id))
        })
    }
}

/// What differs between the attempt that stands for the payment and the others.
#[derive(Debug)]
pub struct Now {
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    pub amounts: AmountsNow,
}

impl Now {
    pub fn of(payment: &Payment, attempt: &Attempt) -> Self {
        let is_current = payment.current().is_some_and(|current| current.id == attempt.id);
        if is_current {
            return Self {
                updated_at: payment.updated_at,
                status_changed_at: payment.status_changed_at,
                amounts: payment.amounts(),
            };
        }
        Self {
            updated_at: attempt.status_changed_at,
            status_changed_at: attempt.status_changed_at,
            amounts: AmountsNow {
                total: attempt.amounts.total,
                tax_free: attempt.amounts.tax_free,
                vat: attempt.amounts.vat,
                supply: attempt.amounts.supply(),
                discount: attempt.amounts.discount,
                ..AmountsNow::default()
            },
        }
    }
}

/// A payment or attempt as it stands: the members that both have in every status, then `$member`s of
/// its own. `$common` is a [`Common`] and `$now` a [`Now`].
macro_rules! standing {
    ($body:ident, $common:ident, $now:ident, channel: $channel:expr $(, $member:ident $(: $value:expr)?)* $(,)?) => {
        v2::$body {
            channel: $channel,
            merchant_id: $common.merchant_id,
            store_id: $common.store_id,
            method: $common.method,
            channel_group: $common.channel_group,
            version: v2::PortOneVersion::V2,
            schedule_id: $common.schedule_id,
            billing_key: $common.billing_key,
            webhooks: $common.webhooks,
            requested_at: $common.requested_at,
            updated_at: $now.updated_at.into(),
            status_changed_at: $now.status_changed_at.into(),
            order_name: $common.order_name,
            amount: amount::shown(&$now.amounts),
            currency: $common.currency,
            customer: $common.customer,
            promotion_id: $common.promotion_id,
            is_cultural_expense: $common.is_cultural_expense,
            escrow: $common.escrow,
            products: $common.products,
            product_count: $common.product_count,
            custom_data: $common.custom_data,
            country: $common.country,
            $($member $(: $value)?,)*
        }
        .into()
    };
}
pub(super) use standing;

/// Lists that need not be there are left out when they are empty.
pub fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}

/// All cancellations of the payment, in the order in which they were asked for.
pub fn cancellations(payment: &Payment) -> Vec<v2::PaymentCancellation> {
    payment.cancellations.iter().map(cancellation::shown).collect()
}

pub fn disputes(payment: &Payment) -> Vec<v2::Dispute> {
    payment.disputes.iter().map(dispute).collect()
}

fn dispute(dispute: &Dispute) -> v2::Dispute {
    v2::Dispute {
        status: match dispute.resolved_at {
            Some(_) => v2::DisputeStatus::Resolved,
            None => v2::DisputeStatus::Unresolved,
        },
        pg_dispute_id: dispute.pg_dispute_id.clone(),
        reason: dispute.reason.clone(),
        created_at: dispute.created_at.into(),
        resolved_at: dispute.resolved_at.map(Into::into),
    }
}

fn origin(origin: &Origin) -> v2::PaymentOrigin {
    v2::PaymentOrigin {
        platform_type: match origin.platform {
            Platform::Pc => v2::PaymentOriginPlatformType::Pc,
            Platform::Mobile => v2::PaymentOriginPlatformType::Mobile,
            Platform::Api => v2::PaymentOriginPlatformType::Api,
        },
        user_agent: origin.user_agent.clone(),
        url: origin.url.clone(),
        ip_address: origin.ip_address.clone(),
    }
}

pub fn failure(failure: &paypier_domain::payment::Failure) -> v2::PaymentFailure {
    v2::PaymentFailure {
        reason: failure.reason.clone(),
        pg_code: failure.pg_code.clone(),
        pg_message: failure.pg_message.clone(),
    }
}
