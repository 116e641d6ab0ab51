//! How the V2 dialect writes a verdict down. The handlers answer with exactly these bytes, so that a
//! replayed answer is equal to the first one by construction.

use super::translate::{billing_key, cancellation, cash_receipt, identity_verification, webhook};
use super::{body, platform, problem};
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::identity_verification::VerificationView;
use crate::app::success::{AnswerBook, Success, Verdict};
use paypier_domain::cash_receipt::{IssueRefusal, WithdrawRefusal};
use paypier_domain::claim::Answer;
use paypier_domain::id::{IdentityVerificationTxId, StoreId};
use paypier_domain::identity_verification::{ConfirmRefusal as ConfirmIdentityRefusal, SendRefusal};
use paypier_domain::payment::cancel::CancelRefusal;
use paypier_domain::payment::capture::CaptureRefusal;
use paypier_domain::payment::escrow::EscrowRefusal;
use paypier_domain::payment::pay::PayRefusal;
use paypier_domain::payment::virtual_account::CloseRefusal;
use paypier_wire::v2::{
    ApplyEscrowLogisticsResponse, BillingKeyPaymentSummary, CancelPaymentResponse,
    ClosePaymentSessionResponse, CloseVirtualAccountResponse, ConfirmEscrowResponse,
    ConfirmIdentityVerificationResponse, ConfirmedBillingKeyIssueAndPaySummary, ConfirmedBillingKeySummary,
    ConfirmedIdentityVerification, ConfirmedPaymentSummary, CreatePaymentScheduleResponse,
    CreatePaymentSessionResponse, DeleteBillingKeyResponse, InstantPaymentSummary,
    ModifyEscrowLogisticsResponse, PayInstantlyResponse, PayWithBillingKeyResponse, PaymentScheduleSummary,
    RegisterStoreReceiptResponse, ResendWebhookResponse, RevokePaymentSchedulesResponse,
    StopPaymentCancellationResponse,
};
use serde::Serialize;

/// The operations whose answers differ although their success is the same.
const PAY_WITH_BILLING_KEY: &str = "payWithBillingKey";
const CONFIRM_PAYMENT: &str = "confirmPayment";

/// The dialect's answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct V2Answers;

impl AnswerBook for V2Answers {
    fn answer(&self, operation: &str, verdict: &Verdict) -> Option<Answer> {
        match verdict {
            Ok(Success::IdentityVerified(view)) => Some(set_aside(view)),
            Ok(success) => {
                Some(self::success(operation, success).unwrap_or_else(|failure| problem::answer(&failure)))
            }
            Err(failure) => is_remembered(failure).then(|| problem::answer(failure)),
        }
    }
}

/// Begins a remembered answer that is not written down: no body of this dialect begins so.
const ASIDE: &[u8] = b"\0identity-verification ";

/// What names a person for life is kept sealed, in one place. The remembered answer says where.
fn set_aside(view: &VerificationView) -> Answer {
    let verification = &view.verification;
    let place = format!("{} {}", verification.key.store, verification.tx);
    Answer { status: 200, body: [ASIDE, place.as_bytes()].concat() }
}

/// A remembered answer as it was given. One that was set aside is written again from what is stored, which
/// does not change any more.
///
/// # Errors
/// What is stored cannot be read or opened.
pub async fn remembered(app: &App, operation: &str, answer: Answer) -> Result<Answer, Failure> {
    let Some(place) = answer.body.strip_prefix(ASIDE) else { return Ok(answer) };
    let gone = || Failure::internal("a remembered answer leads to no identity verification");
    let place = std::str::from_utf8(place).map_err(|_| gone())?;
    let (store, tx) = place.split_once(' ').ok_or_else(gone)?;
    let (store, tx) = (StoreId::known(store), IdentityVerificationTxId::known(tx));
    let verification = app.storage.identity_verification_attempt(&store, &tx).await?.ok_or_else(gone)?;
    success(operation, &Success::IdentityVerified(Box::new(app.opened_verification(verification)?)))
}

/// Whether a failure is the outcome of the request, and not of the circumstances.
fn is_remembered(failure: &Failure) -> bool {
    match failure {
        Failure::Unauthorized(_)
        | Failure::Internal(_)
        | Failure::Overloaded
        | Failure::Unavailable
        | Failure::Silent
        | Failure::KeyOutstanding
        | Failure::KeyReused
        // Nothing was done, and the caller is told to repeat the request.
        | Failure::Pay(PayRefusal::InProgress(_))
        | Failure::Cancel(CancelRefusal::CaptureInProgress)
        | Failure::Capture(CaptureRefusal::InProgress)
        | Failure::CloseAccount(CloseRefusal::InProgress)
        | Failure::Escrow(EscrowRefusal::InProgress)
        | Failure::IssueReceipt(IssueRefusal::InProgress)
        | Failure::WithdrawReceipt(WithdrawRefusal::InProgress)
        | Failure::SendIdentity(SendRefusal::InProgress)
        | Failure::ConfirmIdentity(ConfirmIdentityRefusal::InProgress) => false,
        Failure::Platform(refusal) => platform::problem::is_remembered(refusal),
        Failure::Invalid(_)
        | Failure::Forbidden(_)
        | Failure::NotFound(_)
        | Failure::Pay(_)
        | Failure::Amounts(_)
        | Failure::Grant(_)
        | Failure::SessionLifetime(_)
        | Failure::SessionOver
        | Failure::Cancel(_)
        | Failure::Stop(_)
        | Failure::Capture(_)
        | Failure::CloseAccount(_)
        | Failure::Escrow(_)
        | Failure::StoreReceipt(_)
        | Failure::DeleteBillingKey(_)
        | Failure::IssueReceipt(_)
        | Failure::WithdrawReceipt(_)
        | Failure::SendIdentity(_)
        | Failure::ConfirmIdentity(_)
        | Failure::Confirm(_)
        | Failure::ConfirmKey(_)
        | Failure::Schedule(_)
        | Failure::Revoke(_)
        | Failure::WebhookQuota { .. }
        | Failure::Psp(_)
        | Failure::Channels { .. } => true,
    }
}

/// A body under the only status of success.
///
/// # Errors
/// `Internal`: the body cannot be written.
pub fn ok<T: Serialize>(answer: &T) -> Result<Answer, Failure> {
    Ok(Answer { status: 200, body: body::written(answer)? })
}

/// The answer to a request that succeeded.
///
/// # Errors
/// `Internal`: what was stored cannot be said in this dialect.
pub fn success(operation: &str, success: &Success) -> Result<Answer, Failure> {
    match success {
        Success::Done => Ok(Answer { status: 200, body: b"{}".to_vec() }),
        Success::Paid { pg_tx_id, at } => {
            let (pg_tx_id, paid_at) = (pg_tx_id.as_str().to_owned(), (*at).into());
            match operation {
                CONFIRM_PAYMENT => ok(&ConfirmedPaymentSummary { pg_tx_id, paid_at }),
                PAY_WITH_BILLING_KEY => {
                    ok(&PayWithBillingKeyResponse { payment: BillingKeyPaymentSummary { pg_tx_id, paid_at } })
                }
                _ => ok(&PayInstantlyResponse { payment: InstantPaymentSummary { pg_tx_id, paid_at } }),
            }
        }
        Success::Cancelled(made) => ok(&CancelPaymentResponse { cancellation: cancellation::shown(made) }),
        Success::CancellationStopped { at } => {
            ok(&StopPaymentCancellationResponse { stopped_at: (*at).into() })
        }
        Success::AccountClosed { at } => ok(&CloseVirtualAccountResponse { closed_at: (*at).into() }),
        Success::DeliveryReported { invoice_number, sent_at, at } => ok(&ApplyEscrowLogisticsResponse {
            invoice_number: invoice_number.clone(),
            sent_at: (*sent_at).into(),
            applied_at: (*at).into(),
        }),
        Success::DeliveryCorrected { invoice_number, sent_at, at } => ok(&ModifyEscrowLogisticsResponse {
            invoice_number: invoice_number.clone(),
            sent_at: (*sent_at).into(),
            modified_at: (*at).into(),
        }),
        Success::PurchaseCompleted { at } => ok(&ConfirmEscrowResponse { completed_at: (*at).into() }),
        Success::StoreReceiptRegistered { receipt_url } => {
            ok(&RegisterStoreReceiptResponse { receipt_url: receipt_url.clone() })
        }
        Success::SessionMade(made) => ok(&CreatePaymentSessionResponse {
            session_id: made.id.clone(),
            url: made.url.clone(),
            expires_at: made.expires_at.into(),
        }),
        Success::SessionClosed { at } => ok(&ClosePaymentSessionResponse { closed_at: (*at).into() }),
        Success::BillingKeyIssued(key) => ok(&billing_key::issuance(key)?),
        Success::BillingKeyConfirmed { key, payment: None } => {
            ok(&ConfirmedBillingKeySummary { billing_key: key.to_string() })
        }
        Success::BillingKeyConfirmed { key, payment: Some(payment) } => {
            ok(&ConfirmedBillingKeyIssueAndPaySummary {
                billing_key: key.to_string(),
                payment_id: payment.to_string(),
            })
        }
        Success::BillingKeyDeleted { at } => ok(&DeleteBillingKeyResponse { deleted_at: (*at).into() }),
        Success::CashReceiptIssued(receipt) => ok(&cash_receipt::issued(receipt)?),
        Success::CashReceiptWithdrawn(receipt) => ok(&cash_receipt::withdrawn(receipt)?),
        Success::IdentityVerified(view) => ok(&ConfirmIdentityVerificationResponse {
            identity_verification: ConfirmedIdentityVerification::Verified(identity_verification::verified(
                view,
            )?),
        }),
        Success::Platform(done) => platform::answers::success(operation, done),
        Success::WebhookResent(delivery) => ok(&ResendWebhookResponse { webhook: webhook::shown(delivery) }),
        Success::Scheduled(id) => ok(&CreatePaymentScheduleResponse {
            schedule: PaymentScheduleSummary { id: id.as_str().to_owned() },
        }),
        Success::SchedulesRevoked { ids, at } => ok(&RevokePaymentSchedulesResponse {
            revoked_schedule_ids: ids.iter().map(|id| id.as_str().to_owned()).collect(),
            revoked_at: (!ids.is_empty()).then(|| (*at).into()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::payment_session::SessionMade;
    use crate::http::v2::samples;

    #[test]
    fn every_success_is_written_as_its_operation_declares() {
        let text = |operation: &str, success: Success| {
            let answer = V2Answers.answer(operation, &Ok(success)).unwrap();
            assert_eq!(answer.status, 200);
            String::from_utf8(answer.body).unwrap()
        };
        let paid =
            || Success::Paid { pg_tx_id: paypier_domain::id::PgTxId::known("pg-1"), at: samples::at(1) };
        let all = [
            text("preRegisterPayment", Success::Done),
            text("payInstantly", paid()),
            text("payWithBillingKey", paid()),
            text("confirmPayment", paid()),
            text("cancelPayment", Success::Cancelled(Box::new(samples::cancellation()))),
            text("stopPaymentCancellation", Success::CancellationStopped { at: samples::at(5) }),
            text("closeVirtualAccount", Success::AccountClosed { at: samples::at(7) }),
            text(
                "applyEscrowLogistics",
                Success::DeliveryReported {
                    invoice_number: "6012".into(),
                    sent_at: samples::at(1),
                    at: samples::at(8),
                },
            ),
            text(
                "modifyEscrowLogistics",
                Success::DeliveryCorrected {
                    invoice_number: "6013".into(),
                    sent_at: samples::at(1),
                    at: samples::at(9),
                },
            ),
            text("confirmEscrow", Success::PurchaseCompleted { at: samples::at(10) }),
            text(
                "registerStoreReceipt",
                Success::StoreReceiptRegistered { receipt_url: Some("https://psp.example/slip".into()) },
            ),
            text("registerStoreReceipt", Success::StoreReceiptRegistered { receipt_url: None }),
            text("issueBillingKey", Success::BillingKeyIssued(Box::new(samples::billing_key()))),
            text(
                "createPaymentSession",
                Success::SessionMade(SessionMade {
                    id: "session".into(),
                    url: "https://pay.example/checkout/sessions/session".into(),
                    expires_at: samples::at(7),
                }),
            ),
            text("closePaymentSession", Success::SessionClosed { at: samples::at(8) }),
            text("deleteBillingKey", Success::BillingKeyDeleted { at: samples::at(6) }),
            text(
                "issueCashReceipt",
                Success::CashReceiptIssued(Box::new(samples::cash_receipts()[0].1.clone())),
            ),
            text(
                "cancelCashReceiptByPaymentId",
                Success::CashReceiptWithdrawn(Box::new(samples::cash_receipts()[1].1.clone())),
            ),
            text("resendWebhook", Success::WebhookResent(Box::new(samples::delivery()))),
            text("createPaymentSchedule", Success::Scheduled(samples::schedule().id)),
            text(
                "revokePaymentSchedules",
                Success::SchedulesRevoked { ids: vec![samples::schedule().id], at: samples::at(7) },
            ),
            text("revokePaymentSchedules", Success::SchedulesRevoked { ids: vec![], at: samples::at(7) }),
        ];
        insta::assert_snapshot!(all.join("\n"));
    }
}
