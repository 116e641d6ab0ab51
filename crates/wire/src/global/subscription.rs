//! Plans, subscriptions and deductions.

use crate::global::body::{answer, choices, request};
use crate::global::details::{Environment, Note, NoteContent, Source};
use crate::global::{Choice, Code, Decimal, Flag, Number};
use crate::time::Timestamp;

choices! {
    /// Who decides when a deduction is made.
    pub enum PlanType {
        /// The calendar.
        Regular = "REGULAR",
        /// The merchant, each time.
        OnDemand = "ONDEMAND",
    }
}

choices! {
    /// A step of the calendar.
    pub enum Period {
        Hour = "H",
        Day = "D",
        Week = "W",
        Month = "M",
        Quarter = "Q",
        Year = "Y",
    }
}

choices! {
    /// What becomes of an amount that could not be collected.
    pub enum AllowAccumulate {
        /// It is added to the next deduction.
        Yes = "Y",
        /// The schedule grows.
        No = "N",
    }
}

choices! {
    /// How a subscription stands.
    pub enum SubscriptionStatus {
        Created = "Created",
        Active = "Active",
        Completed = "Completed",
        Expired = "Expired",
        Cancelled = "Cancelled",
    }
}

request! {
    /// A new plan.
    pub struct CreatePlanRequest {
        portone_key [required]: String,
        chaipay_key: String,
        key: String,
        signature_hash [required]: String,
        merchant_order_ref [required]: String,
        source [required]: Choice<Source>,
        description: String,
        environment [required]: Choice<Environment>,
        name [required]: String,
        notes: Vec<Note>,
        currency [required]: String,
        plan_type [required]: Choice<PlanType>,
        /// For regular plans, like the two below.
        amount: Number,
        frequency: Number,
        period: Choice<Period>,
    }
}

answer! {
    /// A plan that was made.
    pub struct PlanCreated {
        merchant_order_ref: String,
        order_ref: String,
        status_code: String,
    }
}

answer! {
    /// A plan, as read.
    pub struct PlanContent {
        amount: Decimal,
        portone_key: String,
        currency: String,
        description: String,
        environment: String,
        frequency: i64,
        merchant_order_ref: String,
        name: String,
        notes: Vec<NoteContent>,
        order_ref: String,
        period: String,
        is_active: bool,
        plan_type: String,
    }
}

request! {
    /// A cost beside the plan's amount, as given.
    pub struct AdditionalCost {
        key: String,
        value: Number,
    }
}

answer! {
    /// A cost beside the plan's amount, as read.
    pub struct AdditionalCostContent {
        key: String,
        value: Decimal,
    }
}

request! {
    /// A new subscription. Members of the other type of plan are ignored.
    pub struct CreateSubscriptionRequest {
        portone_key [required]: String,
        chaipay_key: String,
        key: String,
        signature_hash [required]: String,
        merchant_order_ref [required]: String,
        description: String,
        source [required]: Choice<Source>,
        customer_email_address: String,
        customer_name: String,
        customer_phone_number: String,
        currency [required]: String,
        country_code: String,
        environment [required]: Choice<Environment>,
        notify_by_email: Flag,
        notify_by_phone: Flag,
        plan_order_ref [required]: String,
        notes: Vec<Note>,
        additional_costs: Vec<AdditionalCost>,
        success_url [required]: String,
        failure_url [required]: String,
        pending_url [required]: String,
        subscription_type [required]: Choice<PlanType>,
        /// On demand: what is charged at enrolment.
        initial_amount: Number,
        allow_accumulate: Choice<AllowAccumulate>,
        quantity: Number,
        /// Spelled as the dialect spells it.
        recurrance_count: Number,
        started_at: String,
        trial_frequency: Number,
        trial_period: Choice<Period>,
        /// Of the link, not of the subscription.
        expiry_date: String,
    }
}

answer! {
    /// A subscription that was made.
    pub struct SubscriptionCreated {
        is_success: bool,
        merchant_order_ref: String,
        order_ref: String,
        status_code: String,
        subscription_link: String,
    }
}

answer! {
    /// A subscription, as read.
    pub struct SubscriptionContent {
        additional_costs: Vec<AdditionalCostContent>,
        allow_accumulate: String,
        portone_key: String,
        created_at: Option<Timestamp>,
        currency: String,
        country_code: String,
        customer_email_address: String,
        customer_name: String,
        customer_phone_number: String,
        environment: String,
        expired_at: Option<Timestamp>,
        merchant_order_ref: String,
        notes: Vec<NoteContent>,
        notify_by_email: bool,
        notify_by_phone: bool,
        plan_order_ref: String,
        quantity: i64,
        recurrance_count: i64,
        signature_hash: String,
        source: String,
        started_at: Option<Timestamp>,
        status: String,
        subscription_type: String,
        total_amount: Decimal,
        plan_amount: Decimal,
        collected_amount: Decimal,
        total_additional_cost: Decimal,
        next_deduction_amount: Decimal,
        next_deduction_date: Option<Timestamp>,
        collected_count: i64,
        trial_frequency: i64,
        trial_period: String,
        in_trial: bool,
        /// Not in the published sample, and needed to find it again.
        order_ref: String,
        subscription_link: String,
    }
}

answer! {
    /// A transaction of a subscription.
    pub struct SubscriptionTransaction {
        amount: Decimal,
        channel_name: String,
        channel_order_ref: String,
        created_at: Option<Timestamp>,
        currency: String,
        merchant_order_ref: String,
        method_key: String,
        order_ref: String,
        payment_method_used: String,
        refund_status: String,
        status: String,
    }
}

request! {
    /// Which subscription to deduct from now.
    pub struct TriggerNextDeductionRequest {
        portone_key [required]: String,
        subscription_order_ref [required]: String,
        environment [required]: Choice<Environment>,
    }
}

request! {
    /// A deduction on demand.
    pub struct DeductionRequest {
        portone_key [required]: String,
        chaipay_key: String,
        key: String,
        signature_hash [required]: String,
        merchant_order_ref [required]: String,
        subscription_order_ref [required]: String,
        description: String,
        source [required]: Choice<Source>,
        amount [required]: Number,
        currency [required]: String,
        environment [required]: Choice<Environment>,
    }
}

answer! {
    /// A deduction that was made, or is being made. On `/deduct` success is `"200"` and the status is written
    /// in lower case ([`DeductionAnswer::as_deduct`]).
    pub struct DeductionAnswer {
        is_success: bool,
        merchant_order_ref: String,
        order_ref: String,
        status_code: String,
        status: String,
    }
}

impl DeductionAnswer {
    /// As `createDeduction` answers it.
    #[must_use]
    pub fn as_create_deduction(merchant_order_ref: &str, order_ref: &str, status: &str) -> Self {
        Self {
            is_success: true,
            merchant_order_ref: merchant_order_ref.to_owned(),
            order_ref: order_ref.to_owned(),
            status_code: Code::Success.digits().to_owned(),
            status: status.to_owned(),
        }
    }

    /// As `/deduct` answers it.
    #[must_use]
    pub fn as_deduct(merchant_order_ref: &str, order_ref: &str, status: &str) -> Self {
        Self {
            status_code: "200".to_owned(),
            status: status.to_ascii_lowercase(),
            ..Self::as_create_deduction(merchant_order_ref, order_ref, status)
        }
    }
}
