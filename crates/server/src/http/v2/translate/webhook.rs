//! Deliveries, as a payment shows them.

use paypier_domain::delivery::{Delivery, Execution, ExecutionResult, MAX_EXECUTIONS, Response};
use paypier_domain::event::Trigger;
use paypier_domain::payment::Status;
use paypier_wire::v2;

pub fn shown(delivery: &Delivery) -> v2::PaymentWebhook {
    let last = delivery.last.as_ref();
    v2::PaymentWebhook {
        payment_status: delivery.status_when_sent.map(status),
        id: delivery.id.as_str().to_owned(),
        status: last.map(|execution| result(execution.result)),
        url: delivery.url.clone(),
        // No answer of ours waits for a delivery.
        is_async: Some(true),
        current_execution_count: Some(i32::try_from(delivery.executions).unwrap_or(i32::MAX)),
        max_execution_count: Some(i32::try_from(MAX_EXECUTIONS).unwrap_or(i32::MAX)),
        trigger: delivery.trigger.map(trigger),
        request: last.map(request),
        response: last.and_then(|execution| execution.response.as_ref()).map(response),
        triggered_at: Some(delivery.created_at.into()),
    }
}

const fn status(status: Status) -> v2::PaymentWebhookPaymentStatus {
    match status {
        Status::Ready => v2::PaymentWebhookPaymentStatus::Ready,
        Status::Pending => v2::PaymentWebhookPaymentStatus::PayPending,
        Status::VirtualAccountIssued => v2::PaymentWebhookPaymentStatus::VirtualAccountIssued,
        Status::Paid => v2::PaymentWebhookPaymentStatus::Paid,
        Status::Failed => v2::PaymentWebhookPaymentStatus::Failed,
        Status::PartialCancelled => v2::PaymentWebhookPaymentStatus::PartialCancelled,
        Status::Cancelled => v2::PaymentWebhookPaymentStatus::Cancelled,
    }
}

const fn result(result: ExecutionResult) -> v2::PaymentWebhookStatus {
    match result {
        ExecutionResult::Succeeded => v2::PaymentWebhookStatus::Succeeded,
        ExecutionResult::NotOk => v2::PaymentWebhookStatus::FailedNotOkResponse,
        ExecutionResult::UnexpectedError => v2::PaymentWebhookStatus::FailedUnexpectedError,
    }
}

const fn trigger(trigger: Trigger) -> v2::PaymentWebhookTrigger {
    match trigger {
        Trigger::Manual => v2::PaymentWebhookTrigger::Manual,
        Trigger::VirtualAccountDeposit => v2::PaymentWebhookTrigger::VirtualAccountDeposit,
        Trigger::AsyncCancelApproved => v2::PaymentWebhookTrigger::AsyncCancelApproved,
        Trigger::AsyncCancelFailed => v2::PaymentWebhookTrigger::AsyncCancelFailed,
        Trigger::AsyncPayApproved => v2::PaymentWebhookTrigger::AsyncPayApproved,
        Trigger::AsyncPayFailed => v2::PaymentWebhookTrigger::AsyncPayFailed,
        Trigger::AsyncPayPending => v2::PaymentWebhookTrigger::AsyncPayPending,
        Trigger::DisputeCreated => v2::PaymentWebhookTrigger::DisputeCreated,
        Trigger::DisputeResolved => v2::PaymentWebhookTrigger::DisputeResolved,
    }
}

fn request(execution: &Execution) -> v2::PaymentWebhookRequest {
    v2::PaymentWebhookRequest {
        header: Some(execution.request_header.clone()),
        body: execution.request_body.clone(),
        requested_at: Some(execution.requested_at.into()),
    }
}

fn response(response: &Response) -> v2::PaymentWebhookResponse {
    v2::PaymentWebhookResponse {
        code: response.code.to_string(),
        header: response.header.clone(),
        body: response.body.clone(),
        responded_at: response.responded_at.into(),
    }
}
