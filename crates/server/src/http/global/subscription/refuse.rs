//! The one answer that each refusal of a subscription has.

use crate::app::global::Refusal;
use crate::app::subscription::SubscriptionRefusal;
use crate::http::global::call::Answered;
use crate::http::global::problem::Refused;
use paypier_domain::subscription::{CancelRefusal, DeductRefusal, TotalsRefusal};
use paypier_wire::global::Code;
use paypier_wire::global::code::fault;

/// Plans and subscriptions can only be cancelled.
pub fn only_cancelled(status: &str) -> Answered<()> {
    if status == "cancelled" {
        Ok(())
    } else {
        let message = "Invalid status! Only cancelled status is allowed";
        Err(Refused::invalid(Code::InvalidStatusType, message))
    }
}

impl From<SubscriptionRefusal> for Refused {
    fn from(refusal: SubscriptionRefusal) -> Self {
        match refusal {
            SubscriptionRefusal::UnknownPlan => fault::PLAN_UNKNOWN.into(),
            SubscriptionRefusal::UnknownSubscription => fault::SUBSCRIPTION_UNKNOWN.into(),
            SubscriptionRefusal::PlanNotActive => {
                Self::invalid(Code::InvalidPriceRef, "Plan does not exist or is not active")
            }
            SubscriptionRefusal::OtherType => {
                Self::invalid(Code::InvalidRequest, "subscription_type does not match the plan")
            }
            SubscriptionRefusal::OtherEnvironment => {
                Self::invalid(Code::InvalidEnvironment, "environment does not match the plan")
            }
            SubscriptionRefusal::OtherCurrency => {
                Self::invalid(Code::InvalidCurrency, "Currency does not match the plan")
            }
            SubscriptionRefusal::TrialWithStart => Self::invalid(
                Code::InvalidRequest,
                "A trial and started_at exclude each other; use one of them",
            ),
            SubscriptionRefusal::TooLarge => Self::invalid(Code::InvalidAmount, "Invalid amount"),
            SubscriptionRefusal::Totals(totals) => match totals {
                TotalsRefusal::Quantity(_) => {
                    Self::invalid(Code::InvalidQuantity, "Quantity must be at least 1")
                }
                TotalsRefusal::Count(_) => {
                    Self::invalid(Code::InvalidRecurranceCount, "Recurrance count must be at least 1")
                }
                TotalsRefusal::Additional(_) => {
                    Self::invalid(Code::InvalidTotalAdditionalCost, "Total additional cost is below zero")
                }
                TotalsRefusal::TooLarge => Self::invalid(Code::InvalidAmount, "Invalid amount"),
            },
            SubscriptionRefusal::Enrol(refusal) => Self::invalid(Code::InvalidRequest, refusal.to_string()),
            SubscriptionRefusal::Deduct(refusal) => deduct(&refusal),
            SubscriptionRefusal::Trigger(_) => fault::TRIGGER.into(),
            SubscriptionRefusal::Cancel(CancelRefusal::Final(status)) => Self::invalid(
                Code::InvalidRequest,
                format!("Subscription is {}, which is final", status.as_str().to_ascii_lowercase()),
            ),
            SubscriptionRefusal::Dialect(Refusal::DuplicateReference) => {
                Self::invalid(Code::DuplicateTransaction, "Duplicate merchant order ref")
            }
            SubscriptionRefusal::Dialect(Refusal::Reference(why)) => {
                Self::invalid(Code::InvalidRequest, format!("merchant_order_ref {why}"))
            }
            SubscriptionRefusal::Dialect(refusal) => refusal.into(),
        }
    }
}

fn deduct(refusal: &DeductRefusal) -> Refused {
    let code = match refusal {
        DeductRefusal::NotOnDemand => Code::InvalidRequest,
        DeductRefusal::CancelledByPsp => Code::PspCancelledSubscription,
        DeductRefusal::NotActive(_) => Code::InvalidSubscriptionOrderRef,
        DeductRefusal::OtherCurrency { .. } => Code::InvalidCurrency,
    };
    Refused::invalid(code, refusal.to_string())
}

/// Where a deduction is asked for, a subscription that is not there has a code of its own.
pub fn of_deduction(refusal: SubscriptionRefusal) -> Refused {
    match refusal {
        SubscriptionRefusal::UnknownSubscription => {
            Refused::invalid(Code::InvalidSubscriptionOrderRef, fault::SUBSCRIPTION_UNKNOWN.message)
        }
        other => other.into(),
    }
}

/// Whatever keeps the next deduction from being made has one answer; what is wrong here has another.
pub fn of_trigger(refusal: SubscriptionRefusal) -> Refused {
    match refusal {
        SubscriptionRefusal::Dialect(refusal) => refusal.into(),
        _ => fault::TRIGGER.into(),
    }
}
