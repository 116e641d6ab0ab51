//! Plans.

use super::{
    bounded, currency, missing, notes, notes_shown, own_key, signed, some, source, step, text, word,
};
use crate::app::subscription::NewPlan;
use crate::global::amount;
use crate::global::subscription::period_word;
use crate::global::transaction::environment_word;
use crate::http::global::call::{Answered, Call, Nothing};
use crate::http::global::need;
use crate::http::global::problem::Refused;
use paypier_domain::id::PlanRef;
use paypier_domain::subscription::{Plan, PlanKind};
use paypier_wire::global::signed::{OnDemandPlan, RegularPlan};
use paypier_wire::global::{
    Choices, Code, Content, CreatePlanRequest, Decimal, Done, PlanContent, PlanCreated, PlanType,
};
use std::sync::Arc;

/// As the dashboard has it.
const LONGEST_DESCRIPTION: usize = 100;
const LONGEST_NAME: usize = 255;

/// `POST /api/subscription/createPlan`
pub async fn create_plan(call: Arc<Call>, body: CreatePlanRequest) -> Answered<PlanCreated> {
    let caller = call.caller()?;
    let key_names = [&body.portone_key, &body.chaipay_key, &body.key];
    some("portone_key", key_names.into_iter().flatten().find(|key| !key.is_empty()))?;
    let signature = text("signature_hash", body.signature_hash.as_ref())?;
    let merchant_ref = text("merchant_order_ref", body.merchant_order_ref.as_ref())?;
    let source_word = word("source", body.source.as_ref())?;
    let name = text("name", body.name.as_ref())?;
    let currency_code = text("currency", body.currency.as_ref())?;
    let plan_type = word("plan_type", body.plan_type.as_ref())?;
    own_key(&call, key_names)?;
    let environment = need::environment(body.environment.as_ref())?;
    let source = source(source_word)?;
    let plan_type = plan_type.known().ok_or_else(|| {
        Refused::invalid(Code::InvalidRequest, "plan_type must be one of REGULAR, ONDEMAND")
    })?;
    let description = bounded("description", body.description.as_ref(), LONGEST_DESCRIPTION)?;
    let named = bounded("name", Some(&name.to_owned()), LONGEST_NAME)?;
    let notes = notes(body.notes.as_ref())?;
    let client_key = caller.client_key();
    let terms = match plan_type {
        PlanType::OnDemand => {
            let message =
                OnDemandPlan { client_key, currency: currency_code, merchant_order_ref: merchant_ref };
            signed(&call, &message, signature)?;
            None
        }
        PlanType::Regular => {
            let number = some("amount", body.amount)?;
            let frequency = some("frequency", body.frequency)?;
            let period = body.period.as_ref().ok_or_else(|| missing("period"))?;
            let decimal = amount::positive(number)?;
            let step = step(frequency, period, Some(environment))?;
            let message = RegularPlan {
                amount: decimal,
                client_key,
                currency: currency_code,
                frequency: step.frequency(),
                merchant_order_ref: merchant_ref,
            };
            signed(&call, &message, signature)?;
            Some((decimal, step))
        }
    };
    let currency = currency(currency_code)?;
    let kind = match terms {
        None => PlanKind::OnDemand,
        Some((decimal, step)) => PlanKind::Regular { amount: amount::of(decimal, currency)?, step },
    };
    let ask = NewPlan {
        environment,
        merchant_ref: merchant_ref.to_owned(),
        name: named,
        description,
        source: source.as_str().to_owned(),
        notes,
        currency,
        kind,
    };
    let plan = call.app.create_plan(caller, ask).await?;
    Ok(PlanCreated {
        merchant_order_ref: plan.merchant_ref,
        order_ref: plan.reference.to_string(),
        status_code: Code::Success.digits().to_owned(),
    })
}

/// `GET /api/subscription/plan/{orderRef}`
pub async fn plan(call: Arc<Call>, _: Nothing) -> Answered<Content<PlanContent>> {
    let caller = call.caller()?;
    let reference = PlanRef::known(call.path("orderRef")?);
    let plan = call.app.plan_of(caller, &reference).await?;
    Ok(Content::of(shown(plan, caller.client_key())))
}

fn shown(plan: Plan, client_key: &str) -> PlanContent {
    let (amount, frequency, period, plan_type) = match plan.kind {
        PlanKind::Regular { amount, step } => (
            amount::written(amount, plan.currency),
            step.frequency(),
            period_word(step.period()),
            PlanType::Regular,
        ),
        PlanKind::OnDemand => (Decimal::ZERO, 0, "", PlanType::OnDemand),
    };
    PlanContent {
        amount,
        portone_key: client_key.to_owned(),
        currency: plan.currency.code().to_owned(),
        is_active: plan.is_active(),
        description: plan.description,
        environment: environment_word(plan.environment).to_string(),
        frequency,
        merchant_order_ref: plan.merchant_ref,
        name: plan.name,
        notes: notes_shown(&plan.notes),
        order_ref: plan.reference.to_string(),
        period: period.to_owned(),
        plan_type: plan_type.to_string(),
    }
}

/// `PUT /api/subscription/plan/{orderRef}/status/{status}`
pub async fn update_plan(call: Arc<Call>, _: Nothing) -> Answered<Done> {
    let caller = call.caller()?;
    let reference = PlanRef::known(call.path("orderRef")?);
    let status = call.path("status")?;
    call.app.plan_of(caller, &reference).await?;
    super::refuse::only_cancelled(&status)?;
    call.app.cancel_plan(caller, &reference).await?;
    Ok(Done::saying("Plan status updated successfully to cancelled"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::global::subscription::kept;

    #[test]
    fn texts_have_bounds() {
        assert!(bounded("description", Some(&"가".repeat(100)), LONGEST_DESCRIPTION).is_ok());
        let refused = bounded("description", Some(&"a".repeat(101)), LONGEST_DESCRIPTION).unwrap_err();
        assert_eq!((refused.status, refused.code), (400, Code::InvalidRequest));
        assert!(kept("notes", Some(&"a\0b".to_owned())).is_err());
        assert_eq!(kept("notes", None).unwrap(), "");
    }
}
