//! Payment links.

use super::call::{Answered, Call, Nothing};
use super::problem::Refused;
use crate::app::failure::Failure;
use crate::app::global::caller::GlobalCaller;
use crate::app::payment_link::{LinkFailure, LinkStanding};
use crate::global::link::{self, LinkFault, Reader, Shop};
use crate::global::signature;
use paypier_domain::channel::Environment;
use paypier_domain::link::LinkStatus;
use paypier_domain::payment_link::{Creator, PaymentLink};
use paypier_wire::global::code::fault;
use paypier_wire::global::{
    Code, Content, CreatePaymentLinkRequest, Done, LinkTransaction, PaymentLinkContent, PaymentLinkCreated,
    PaymentLinkDetails, UpdatePaymentLinkRequest,
};
use std::sync::Arc;

impl From<LinkFault> for Refused {
    fn from(fault: LinkFault) -> Self {
        Self::new(fault.status, fault.code, fault.message)
    }
}

impl From<LinkFailure> for Refused {
    fn from(failure: LinkFailure) -> Self {
        match failure {
            LinkFailure::Missing => unknown_link(),
            LinkFailure::Taken => Self::invalid(
                Code::InvalidLinkMerchantOrderRef,
                "Payment link with the given merchant order reference or custom link reference already exists",
            ),
            LinkFailure::Refused(refusal) => Self::invalid(Code::InvalidPaymentRequest, refusal.to_string()),
            LinkFailure::Failure(failure) => failure.into(),
        }
    }
}

fn unknown_link() -> Refused {
    Refused::invalid(Code::InvalidPaymentLinkRef, "Payment link with given reference not found")
}

fn unknown_order() -> Refused {
    Refused::invalid(
        Code::InvalidLinkMerchantOrderRef,
        "Payment link with given merchant order reference not found",
    )
}

fn shop(caller: &GlobalCaller) -> Shop<'_> {
    let merchant = caller.merchant();
    Shop {
        client_key: &merchant.client_key,
        email: &merchant.brand.email,
        support_email: &merchant.brand.support_email,
        support_phone: &merchant.brand.support_phone,
    }
}

/// `POST /api/paymentLink`
pub async fn create(call: Arc<Call>, body: CreatePaymentLinkRequest) -> Answered<PaymentLinkCreated> {
    let caller = call.caller()?;
    if link::key(&body).is_some_and(|key| key != caller.client_key()) {
        return Err(fault::CLIENT_KEY_UNKNOWN.into());
    }
    let asked = link::asked(body)?;
    if asked.signature.is_empty() {
        if !call.is_trusted_page() {
            return Err(fault::SIGNATURE_MISSING_ON_LINK.into());
        }
    } else if !signature::verify(&caller.secret, &asked.signed(caller.client_key()), &asked.signature) {
        return Err(fault::SIGNATURE_MISMATCH.into());
    }
    let environment = if asked.is_live() { Environment::Live } else { Environment::Test };
    if asked.is_live() && !caller.merchant().is_active {
        return Err(Refused::invalid(Code::MerchantIsInactive, "Merchant is inactive"));
    }
    let app = &call.app;
    let now = app.now(&caller.profile, environment);
    let terms = link::terms(&asked, now)?;
    let is_narrowed = !terms.chosen.is_empty() && asked.is_live();
    if is_narrowed
        && app.offered(&caller.profile, environment, &terms.chosen, terms.currency, &terms.country).is_empty()
    {
        return Err(Refused::invalid(
            Code::PaymentMethodConfigurationError,
            "None of the chosen payment methods is configured",
        ));
    }
    let origin = call.origin();
    let made = app
        .make_link(
            &caller.profile,
            PaymentLink {
                reference: app.ksuid(&caller.profile, environment).to_string(),
                store: caller.store().clone(),
                merchant: caller.profile.store.merchant.clone(),
                environment,
                version: 0,
                status: LinkStatus::Created,
                order_ref: asked.order_ref.clone(),
                label: asked.label.clone(),
                source: asked.source.clone(),
                signature: asked.signature.clone(),
                creator: Creator {
                    ip_address: origin.ip_address,
                    user_agent: origin.user_agent.unwrap_or_default(),
                },
                created_at: now,
                terms,
                attempt_prefix: app.ksuid(&caller.profile, environment).to_string(),
                attempts: 0,
                latest: String::new(),
                paid_by: String::new(),
                notices: Vec::new(),
            },
        )
        .await?;
    let url = app.link_url(&made);
    Ok(link::created(&made, url))
}

/// `PUT /api/update-paylink/{payment_link_ref}`
pub async fn update(
    call: Arc<Call>,
    body: UpdatePaymentLinkRequest,
) -> Answered<Content<PaymentLinkDetails>> {
    let caller = call.caller()?;
    let reference = call.path("payment_link_ref")?;
    let standing = call
        .app
        .change_link(caller.store(), &reference, |standing| {
            link::changed(&standing.link.terms, &body).map_err(Refused::from)
        })
        .await?;
    Ok(Content::saying(
        details(&call, caller, &standing, Reader::Merchant),
        "Payment link updated successfully",
    ))
}

fn details(
    call: &Call,
    caller: &GlobalCaller,
    standing: &LinkStanding,
    reader: Reader,
) -> PaymentLinkDetails {
    let url = call.app.link_url(&standing.link);
    link::details(&standing.link, shop(caller), url, standing.status().as_str(), reader)
}

/// `PUT /api/paymentLink/{payment_link_ref}/status/{link_status}`
pub async fn update_status(call: Arc<Call>, _: Nothing) -> Answered<Done> {
    let caller = call.caller()?;
    let reference = call.path("payment_link_ref")?;
    if !call.path("link_status")?.eq_ignore_ascii_case("cancelled") {
        return Err(fault::LINK_STATUS.into());
    }
    call.app.cancel_link(caller.store(), &reference).await?;
    Ok(Done::saying("Payment link status updated successfully to cancelled"))
}

/// `GET /api/paymentLink/{merchantLinkRef}/status` and the same below a merchant's key.
pub async fn by_merchant_reference(call: Arc<Call>, _: Nothing) -> Answered<Content<PaymentLinkContent>> {
    let caller = call.caller()?;
    let reference = call.path("merchantLinkRef")?;
    let mut newest: Option<LinkStanding> = None;
    for environment in [Environment::Test, Environment::Live] {
        let found = call.app.link_standing_by_order(caller.store(), environment, &reference).await?;
        let is_newer = |found: &LinkStanding| {
            newest.as_ref().is_none_or(|newest| found.link.created_at > newest.link.created_at)
        };
        newest = found.filter(is_newer).or(newest);
    }
    content(&call, caller, &newest.ok_or_else(unknown_order)?).await
}

/// `GET /api/paymentLink/{portOneLinkRef}/fetch-status`
pub async fn by_reference(call: Arc<Call>, _: Nothing) -> Answered<Content<PaymentLinkContent>> {
    let caller = call.caller()?;
    let reference = call.path("portOneLinkRef")?;
    let found = call.app.link_standing(&reference).await?;
    let standing = found.filter(|found| found.link.store == *caller.store()).ok_or_else(unknown_link)?;
    content(&call, caller, &standing).await
}

async fn content(
    call: &Call,
    caller: &GlobalCaller,
    standing: &LinkStanding,
) -> Answered<Content<PaymentLinkContent>> {
    let link = &standing.link;
    let mut orders = call.app.storage.global_orders_of_link(&link.store, &link.reference).await?;
    orders.sort_by(|one, other| {
        one.created_at.cmp(&other.created_at).then_with(|| one.reference.cmp(&other.reference))
    });
    let mut transactions = Vec::with_capacity(orders.len());
    for order in orders {
        let view = call.app.order_view(&caller.profile, order).await?;
        let transaction = view.transaction(&caller.global);
        let known = transaction.channel_order_ref();
        transactions.push(LinkTransaction {
            channel_order_ref: if known.is_empty() { "0".to_owned() } else { known },
            created_at: Some(view.order.created_at.into()),
            merchant_order_ref: view.order.merchant_reference.clone(),
            status: transaction.status().to_string(),
            status_code: transaction.code_digits(),
            status_reason: transaction.code_reason(),
        });
    }
    Ok(Content::of(PaymentLinkContent {
        merchant_order_ref: link.order_ref.clone(),
        payment_link_ref: link.reference.clone(),
        status: standing.status().as_str().to_owned(),
        transactions_list: transactions,
        link: call.app.link_url(link),
    }))
}

/// `GET /api/paymentLink/{link_ref}`: what a payer's page shows, for everybody who has the reference.
pub async fn shown(call: Arc<Call>, _: Nothing) -> Answered<Content<PaymentLinkDetails>> {
    let reference = call.path("link_ref")?;
    let standing = call.app.link_standing(&reference).await?.ok_or_else(unknown_link)?;
    let caller = call.app.global_caller_of(&standing.link.store).await?;
    let caller = caller.ok_or_else(|| Failure::internal("a link's merchant is gone"))?;
    Ok(Content::of(details(&call, &caller, &standing, Reader::Payer)))
}
