//! Every refusal of the V2 dialect: one exhaustive match from our failures to the dialect's type,
//! which fixes the status, and the members that its body needs.

use super::platform;
use super::translate::channel;
use crate::app::failure::{ChannelFailure, Failure, Missing, PspFailure};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use paypier_domain::billing_key::{ConfirmRefusal as KeyRefusal, DeleteRefusal};
use paypier_domain::cash_receipt::{IssueRefusal, WithdrawRefusal};
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::claim::Answer;
use paypier_domain::identity_verification::{ConfirmRefusal as ConfirmIdentityRefusal, SendRefusal};
use paypier_domain::payment::AmountsError;
use paypier_domain::payment::cancel::{CancelRefusal, StopRefusal};
use paypier_domain::payment::capture::CaptureRefusal;
use paypier_domain::payment::escrow::EscrowRefusal;
use paypier_domain::payment::pay::{ConfirmRefusal, PayRefusal};
use paypier_domain::payment::store_receipt::StoreReceiptRefusal;
use paypier_domain::payment::virtual_account::CloseRefusal;
use paypier_domain::payment_session::LifetimeRefusal;
use paypier_domain::promotion::GrantRefusal;
use paypier_domain::schedule::{CreateRefusal, RevokeRefusal};
use paypier_wire::v2::{
    ChannelSpecificError, ChannelSpecificFailure, ChannelSpecificFailurePgProvider, Error, ErrorType,
    PgProviderError, Problem, SelectedChannel,
};

/// The answer to a failure: its type (and with it the status) and its body.
pub fn problem(failure: &Failure) -> Error {
    let kind = match failure {
        Failure::Psp(refused) => return psp(refused),
        Failure::Platform(refusal) => return platform::problem::problem(refusal),
        Failure::Channels { failures, succeeded } => return channels(failure, failures, succeeded),
        Failure::Invalid(_) | Failure::KeyReused => ErrorType::InvalidRequest,
        Failure::Unauthorized(_) => ErrorType::Unauthorized,
        Failure::Forbidden(_) => ErrorType::Forbidden,
        Failure::NotFound(missing) => match missing {
            Missing::Payment => ErrorType::PaymentNotFound,
            Missing::Cancellation => ErrorType::PaymentCancellationNotFound,
            Missing::BillingKey => ErrorType::BillingKeyNotFound,
            Missing::BillingKeyIssuance => ErrorType::BillingKeyNotIssued,
            Missing::Channel => ErrorType::ChannelNotFound,
            Missing::CashReceipt => ErrorType::CashReceiptNotFound,
            Missing::IdentityVerification => ErrorType::IdentityVerificationNotFound,
            Missing::CheckoutProfile => ErrorType::ProfileSettingsNotFound,
            Missing::PaymentSession => ErrorType::SessionNotFound,
            Missing::Promotion => ErrorType::PromotionNotFound,
            Missing::Webhook => ErrorType::WebhookNotFound,
            Missing::Schedule => ErrorType::PaymentScheduleNotFound,
        },
        Failure::Pay(refusal) => match refusal {
            // The dialect has no word for "a try is under way"; this one keeps callers from trying.
            PayRefusal::AlreadyPaid | PayRefusal::InProgress(_) => ErrorType::AlreadyPaid,
            PayRefusal::TooManyAttempts { .. } => ErrorType::MaxTransactionCountReached,
            PayRefusal::Scheduled(_) => ErrorType::PaymentScheduleAlreadyExists,
            PayRefusal::OtherEnvironment | PayRefusal::DiffersFromRegistered => ErrorType::InvalidRequest,
        },
        Failure::Amounts(error) => amounts(*error),
        Failure::SessionLifetime(refusal) => match refusal {
            LifetimeRefusal::Nothing => ErrorType::InvalidRequest,
            LifetimeRefusal::TooLong { .. } => ErrorType::MaxTtlExceeded,
        },
        Failure::SessionOver => ErrorType::SessionExpired,
        Failure::Grant(refusal) => match refusal {
            GrantRefusal::OtherCard { .. } => ErrorType::PromotionPayMethodDoesNotMatch,
            GrantRefusal::TooLarge(_) => ErrorType::DiscountAmountExceedsTotalAmount,
            GrantRefusal::GivenUp => ErrorType::InvalidRequest,
        },
        Failure::Cancel(refusal) => cancel(refusal),
        Failure::Stop(refusal) => match refusal {
            StopRefusal::NotFound => ErrorType::PaymentCancellationNotFound,
            StopRefusal::NotPending => ErrorType::PaymentCancellationNotPending,
        },
        Failure::Capture(refusal) => match refusal {
            CaptureRefusal::NotEnabled => ErrorType::Forbidden,
            CaptureRefusal::NotPaid(_) | CaptureRefusal::InProgress => ErrorType::PaymentNotPaid,
        },
        Failure::CloseAccount(refusal) => match refusal {
            // The dialect has no word for "it is being closed"; this one tells what is true soon.
            CloseRefusal::NotWaiting(_) | CloseRefusal::InProgress => ErrorType::PaymentNotWaitingForDeposit,
        },
        Failure::Escrow(refusal) => match refusal {
            // What can be said about a delivery is not settled before the request before is answered.
            EscrowRefusal::NotPaid(_) | EscrowRefusal::InProgress => ErrorType::PaymentNotPaid,
            EscrowRefusal::NotEscrow
            | EscrowRefusal::RegisteredBefore
            | EscrowRefusal::NotRegistered
            | EscrowRefusal::Over(_)
            | EscrowRefusal::Lacks { .. } => ErrorType::InvalidRequest,
        },
        Failure::StoreReceipt(refusal) => match refusal {
            StoreReceiptRefusal::NotPaid(_) => ErrorType::PaymentNotPaid,
            StoreReceiptRefusal::NotOffered(_)
            | StoreReceiptRefusal::OtherCurrency { .. }
            | StoreReceiptRefusal::Lacks { .. } => ErrorType::InvalidRequest,
        },
        Failure::DeleteBillingKey(refusal) => match refusal {
            DeleteRefusal::NotIssued => ErrorType::BillingKeyNotIssued,
            DeleteRefusal::AlreadyDeleted => ErrorType::BillingKeyAlreadyDeleted,
            DeleteRefusal::Scheduled(_) => ErrorType::PaymentScheduleAlreadyExists,
        },
        Failure::Schedule(refusal) => match refusal {
            CreateRefusal::NotInFuture { .. } | CreateRefusal::OtherEnvironment => ErrorType::InvalidRequest,
            // The dialect has no word for a key that is about to be deleted.
            CreateRefusal::BillingKeyDeleted | CreateRefusal::BillingKeyGoing => {
                ErrorType::BillingKeyAlreadyDeleted
            }
            CreateRefusal::PaidOrWaiting(_) => ErrorType::AlreadyPaidOrWaiting,
            CreateRefusal::Exists(_) => ErrorType::PaymentScheduleAlreadyExists,
            CreateRefusal::Amounts(error) => amounts(*error),
        },
        Failure::Revoke(refusal) => match refusal {
            RevokeRefusal::BillingKeyDeleted => ErrorType::BillingKeyAlreadyDeleted,
            RevokeRefusal::AlreadyProcessed { .. } => ErrorType::PaymentScheduleAlreadyProcessed,
            RevokeRefusal::AlreadyRevoked(_) => ErrorType::PaymentScheduleAlreadyRevoked,
        },
        Failure::IssueReceipt(refusal) => match refusal {
            // The dialect has no word for "one is under way"; this one keeps callers from a second one.
            IssueRefusal::AlreadyIssued | IssueRefusal::InProgress => ErrorType::CashReceiptAlreadyIssued,
            IssueRefusal::OtherEnvironment => ErrorType::InvalidRequest,
        },
        Failure::WithdrawReceipt(refusal) => match refusal {
            WithdrawRefusal::NotIssued | WithdrawRefusal::InProgress => ErrorType::CashReceiptNotIssued,
        },
        Failure::SendIdentity(refusal) => match refusal {
            SendRefusal::OtherEnvironment => ErrorType::InvalidRequest,
            SendRefusal::AlreadyVerified => ErrorType::IdentityVerificationAlreadyVerified,
            // The dialect has no word for "one is under way"; this one keeps callers from a second one.
            SendRefusal::AlreadySent | SendRefusal::InProgress => ErrorType::IdentityVerificationAlreadySent,
            SendRefusal::TooManyAttempts { .. } => ErrorType::MaxTransactionCountReached,
        },
        Failure::ConfirmIdentity(refusal) => match refusal {
            ConfirmIdentityRefusal::AlreadyVerified => ErrorType::IdentityVerificationAlreadyVerified,
            ConfirmIdentityRefusal::NotSent | ConfirmIdentityRefusal::InProgress => {
                ErrorType::IdentityVerificationNotSent
            }
            ConfirmIdentityRefusal::CodeMissing | ConfirmIdentityRefusal::NotBySms => {
                ErrorType::InvalidRequest
            }
        },
        Failure::Confirm(refusal) => match refusal {
            ConfirmRefusal::AlreadyPaid => ErrorType::AlreadyPaid,
            ConfirmRefusal::InvalidToken => ErrorType::InvalidPaymentToken,
            ConfirmRefusal::Mismatch { .. } => ErrorType::InformationMismatch,
        },
        Failure::ConfirmKey(refusal) => match refusal {
            KeyRefusal::AlreadyIssued => ErrorType::BillingKeyAlreadyIssued,
            // The dialect has no error about the token itself.
            KeyRefusal::InvalidToken => ErrorType::BillingKeyNotFound,
            KeyRefusal::Mismatch { .. } => ErrorType::InformationMismatch,
        },
        Failure::WebhookQuota { .. } => ErrorType::MaxWebhookRetryCountReached,
        Failure::KeyOutstanding => ErrorType::IdempotencyOutstandingRequest,
        Failure::Overloaded | Failure::Unavailable | Failure::Silent => ErrorType::ServiceUnavailable,
        Failure::Internal(_) => ErrorType::InternalServerError,
    };
    Error::new(kind, Some(failure.to_string()))
}

const fn amounts(error: AmountsError) -> ErrorType {
    match error {
        AmountsError::ZeroTotal => ErrorType::InvalidRequest,
        AmountsError::PartsExceedTotal { .. } => ErrorType::SumOfPartsExceedsTotalAmount,
        AmountsError::DiscountExceedsTotal { .. } => ErrorType::DiscountAmountExceedsTotalAmount,
    }
}

const fn cancel(refusal: &CancelRefusal) -> ErrorType {
    match refusal {
        CancelRefusal::RefundAccountMissing | CancelRefusal::ZeroAmount => ErrorType::InvalidRequest,
        CancelRefusal::AlreadyCancelled => ErrorType::PaymentAlreadyCancelled,
        CancelRefusal::NotPaid(_) => ErrorType::PaymentNotPaid,
        // What can be cancelled is not settled before the capture is answered.
        CancelRefusal::CaptureInProgress | CancelRefusal::CancellableIsAnother { .. } => {
            ErrorType::CancellableAmountConsistencyBroken
        }
        CancelRefusal::ExceedsCancellable { .. } => ErrorType::CancelAmountExceedsCancellableAmount,
        CancelRefusal::PartsExceedAmount { .. } => ErrorType::SumOfPartsExceedsCancelAmount,
        CancelRefusal::ExceedsTaxFree { .. } => ErrorType::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount,
        CancelRefusal::ExceedsTaxable { .. } => ErrorType::CancelTaxAmountExceedsCancellableTaxAmount,
        CancelRefusal::RetainOptionChanged { .. } => {
            ErrorType::PromotionDiscountRetainOptionShouldNotBeChanged
        }
        CancelRefusal::NegativeRefund { .. } => ErrorType::NegativePromotionAdjustedCancelAmount,
        CancelRefusal::TooMany { .. } => ErrorType::MaxCancelCountReached,
    }
}

fn psp(refused: &PspFailure) -> Error {
    Error::PgProvider(PgProviderError {
        message: Some(refused.note.clone()),
        pg_code: refused.code.clone(),
        pg_message: refused.message.clone(),
    })
}

fn channels(failure: &Failure, failures: &[ChannelFailure], succeeded: &[ChannelSnapshot]) -> Error {
    let selected: Result<Vec<SelectedChannel>, Failure> = succeeded.iter().map(channel::selected).collect();
    let failed: Result<Vec<ChannelSpecificFailure>, Failure> = failures
        .iter()
        .map(|one| {
            Ok(ChannelSpecificFailure::PgProvider(ChannelSpecificFailurePgProvider {
                channel: channel::selected(&one.channel)?,
                message: Some(one.message.clone()),
                pg_code: one.pg_code.clone(),
                pg_message: one.pg_message.clone(),
            }))
        })
        .collect();
    match (failed, selected) {
        (Ok(failures), Ok(succeeded_channels)) => Error::ChannelSpecific(ChannelSpecificError {
            message: Some(failure.to_string()),
            failures,
            succeeded_channels,
        }),
        (Err(broken), _) | (_, Err(broken)) => {
            Error::new(ErrorType::InternalServerError, Some(broken.to_string()))
        }
    }
}

/// A failure as it is answered and remembered.
pub fn answer(failure: &Failure) -> Answer {
    written(&problem(failure))
}

fn written(error: &Error) -> Answer {
    let body = serde_json::to_vec(error).unwrap_or_else(|_| br#"{"type":"INTERNAL_SERVER_ERROR"}"#.to_vec());
    Answer { status: error.status(), body }
}

/// A refusal by the transport, which no operation declares.
pub fn transport(kind: ErrorType, message: &str) -> Response {
    response(written(&Error::Problem(Problem { kind, message: Some(message.to_owned()) })))
}

pub fn busy() -> Response {
    response(answer(&Failure::Overloaded))
}

pub fn panicked() -> Response {
    response(answer(&Failure::internal("a panic")))
}

pub fn too_late() -> Response {
    transport(
        ErrorType::ServiceUnavailable,
        "the answer takes too long; what was begun goes on: repeat the request with the same idempotency key, or read what it was about",
    )
}

/// The response that carries an answer.
pub fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::body::Body::from(answer.body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("PortOne, Bearer"));
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::failure::Inside;
    use crate::app::success::AnswerBook;
    use crate::http::v2::{V2Answers, samples};
    use paypier_domain::id::ScheduleId;
    use paypier_domain::money::{Amount, Currency};
    use paypier_domain::payment::Status;
    use paypier_domain::promotion::{CardCompany, RetainOption};
    use paypier_domain::schedule::ScheduleStatus;

    /// The number of the failure's variant. A new variant has to be given a number here and a row in
    /// [`all`].
    const fn number(failure: &Failure) -> usize {
        match failure {
            Failure::Invalid(_) => 0,
            Failure::Unauthorized(_) => 1,
            Failure::Forbidden(_) => 2,
            Failure::NotFound(_) => 3,
            Failure::Pay(_) => 4,
            Failure::Amounts(_) => 5,
            Failure::Cancel(_) => 6,
            Failure::Stop(_) => 7,
            Failure::Capture(_) => 8,
            Failure::DeleteBillingKey(_) => 9,
            Failure::IssueReceipt(_) => 10,
            Failure::WithdrawReceipt(_) => 11,
            Failure::SendIdentity(_) => 12,
            Failure::ConfirmIdentity(_) => 13,
            Failure::Confirm(_) => 14,
            Failure::WebhookQuota { .. } => 15,
            Failure::Psp(_) => 16,
            Failure::Channels { .. } => 17,
            Failure::KeyOutstanding => 18,
            Failure::KeyReused => 19,
            Failure::Overloaded => 20,
            Failure::Unavailable => 21,
            Failure::Internal(_) => 22,
            Failure::CloseAccount(_) => 23,
            Failure::Schedule(_) => 24,
            Failure::Revoke(_) => 25,
            Failure::Grant(_) => 26,
            Failure::ConfirmKey(_) => 27,
            Failure::Silent => 28,
            Failure::Escrow(_) => 29,
            Failure::StoreReceipt(_) => 30,
            Failure::SessionLifetime(_) => 31,
            Failure::SessionOver => 32,
            Failure::Platform(_) => 33,
        }
    }

    fn all() -> Vec<Failure> {
        let (four, three) = (samples::amount(4000), samples::amount(3000));
        let zero = Amount::ZERO;
        vec![
            Failure::Invalid("orderName must not be empty".into()),
            Failure::Unauthorized("the API secret is unknown, expired or deleted".into()),
            Failure::Forbidden("the store store-2 cannot be reached with this credential".into()),
            Failure::NotFound(Missing::Payment),
            Failure::NotFound(Missing::Cancellation),
            Failure::NotFound(Missing::BillingKey),
            Failure::NotFound(Missing::BillingKeyIssuance),
            Failure::NotFound(Missing::Channel),
            Failure::NotFound(Missing::CashReceipt),
            Failure::NotFound(Missing::IdentityVerification),
            Failure::NotFound(Missing::CheckoutProfile),
            Failure::NotFound(Missing::PaymentSession),
            Failure::NotFound(Missing::Promotion),
            Failure::NotFound(Missing::Webhook),
            Failure::NotFound(Missing::Schedule),
            PayRefusal::AlreadyPaid.into(),
            PayRefusal::InProgress(Status::Pending).into(),
            PayRefusal::TooManyAttempts { tried: 100, limit: 100 }.into(),
            PayRefusal::OtherEnvironment.into(),
            PayRefusal::Scheduled(ScheduleId::known("schedule-1")).into(),
            AmountsError::ZeroTotal.into(),
            AmountsError::PartsExceedTotal { total: three, tax_free: four, vat: zero }.into(),
            AmountsError::DiscountExceedsTotal { total: three, discount: four }.into(),
            CancelRefusal::RefundAccountMissing.into(),
            CancelRefusal::ZeroAmount.into(),
            CancelRefusal::AlreadyCancelled.into(),
            CancelRefusal::NotPaid(Status::Failed).into(),
            CancelRefusal::CaptureInProgress.into(),
            CancelRefusal::CancellableIsAnother { believed: four, cancellable: three }.into(),
            CancelRefusal::ExceedsCancellable { asked: four, cancellable: three }.into(),
            CancelRefusal::PartsExceedAmount { asked: three, tax_free: four, vat: zero }.into(),
            CancelRefusal::ExceedsTaxFree { asked: four, cancellable: three }.into(),
            CancelRefusal::ExceedsTaxable { asked: four, cancellable: three }.into(),
            CancelRefusal::RetainOptionChanged { before: RetainOption::Retain, asked: RetainOption::Release }
                .into(),
            CancelRefusal::NegativeRefund { owed: three }.into(),
            CancelRefusal::TooMany { made: 100, limit: 100 }.into(),
            StopRefusal::NotFound.into(),
            StopRefusal::NotPending.into(),
            CaptureRefusal::NotPaid(Status::Ready).into(),
            CaptureRefusal::NotEnabled.into(),
            CaptureRefusal::InProgress.into(),
            DeleteRefusal::NotIssued.into(),
            DeleteRefusal::AlreadyDeleted.into(),
            DeleteRefusal::Scheduled(ScheduleId::known("schedule-1")).into(),
            IssueRefusal::AlreadyIssued.into(),
            IssueRefusal::InProgress.into(),
            IssueRefusal::OtherEnvironment.into(),
            WithdrawRefusal::NotIssued.into(),
            WithdrawRefusal::InProgress.into(),
            SendRefusal::OtherEnvironment.into(),
            SendRefusal::AlreadyVerified.into(),
            SendRefusal::AlreadySent.into(),
            SendRefusal::InProgress.into(),
            SendRefusal::TooManyAttempts { count: 100, limit: 100 }.into(),
            Failure::ConfirmIdentity(ConfirmIdentityRefusal::AlreadyVerified),
            Failure::ConfirmIdentity(ConfirmIdentityRefusal::NotSent),
            Failure::ConfirmIdentity(ConfirmIdentityRefusal::InProgress),
            ConfirmRefusal::AlreadyPaid.into(),
            ConfirmRefusal::InvalidToken.into(),
            ConfirmRefusal::Mismatch { member: "currency", believed: "USD".into(), actual: "KRW".into() }
                .into(),
            Failure::WebhookQuota { sent: 10, limit: 10 },
            Failure::Psp(PspFailure {
                code: "51".into(),
                message: "한도 초과".into(),
                note: "declined".into(),
            }),
            Failure::Psp(PspFailure { code: String::new(), message: String::new(), note: "silence".into() }),
            Failure::Channels {
                failures: vec![ChannelFailure {
                    channel: samples::channel(1),
                    pg_code: "51".into(),
                    pg_message: String::new(),
                    message: "declined".into(),
                }],
                succeeded: vec![samples::channel(2)],
            },
            Failure::KeyOutstanding,
            Failure::KeyReused,
            Failure::Overloaded,
            Failure::Unavailable,
            Failure::Internal(Inside("a row of table payments cannot be read: password=hunter2".into())),
            CloseRefusal::NotWaiting(Status::Paid).into(),
            CloseRefusal::InProgress.into(),
            CreateRefusal::NotInFuture { time_to_pay: samples::at(0), now: samples::at(1) }.into(),
            CreateRefusal::BillingKeyDeleted.into(),
            CreateRefusal::BillingKeyGoing.into(),
            CreateRefusal::PaidOrWaiting(Status::Paid).into(),
            CreateRefusal::Exists(ScheduleId::known("schedule-1")).into(),
            CreateRefusal::OtherEnvironment.into(),
            CreateRefusal::Amounts(AmountsError::PartsExceedTotal {
                total: three,
                tax_free: four,
                vat: zero,
            })
            .into(),
            RevokeRefusal::BillingKeyDeleted.into(),
            RevokeRefusal::AlreadyProcessed {
                id: ScheduleId::known("schedule-1"),
                status: ScheduleStatus::Started,
            }
            .into(),
            RevokeRefusal::AlreadyRevoked(ScheduleId::known("schedule-1")).into(),
            GrantRefusal::OtherCard { wanted: CardCompany::Nh, found: None }.into(),
            GrantRefusal::OtherCard { wanted: CardCompany::Nh, found: Some(CardCompany::Bc) }.into(),
            GrantRefusal::TooLarge(AmountsError::DiscountExceedsTotal { total: three, discount: four })
                .into(),
            GrantRefusal::GivenUp.into(),
            KeyRefusal::AlreadyIssued.into(),
            KeyRefusal::InvalidToken.into(),
            KeyRefusal::Mismatch { member: "issueId", believed: "a".into(), actual: "b".into() }.into(),
            Failure::Silent,
            EscrowRefusal::NotPaid(Status::Failed).into(),
            EscrowRefusal::NotEscrow.into(),
            EscrowRefusal::InProgress.into(),
            EscrowRefusal::RegisteredBefore.into(),
            EscrowRefusal::NotRegistered.into(),
            EscrowRefusal::Over("CONFIRMED").into(),
            EscrowRefusal::Lacks { provider: "INICIS_V2".into(), member: "sender.name" }.into(),
            StoreReceiptRefusal::NotPaid(Status::Failed).into(),
            StoreReceiptRefusal::NotOffered("TOSSPAYMENTS".into()).into(),
            StoreReceiptRefusal::OtherCurrency { index: 0, expected: Currency::KRW }.into(),
            StoreReceiptRefusal::Lacks { index: 1, member: "vatAmount" }.into(),
            LifetimeRefusal::Nothing.into(),
            LifetimeRefusal::TooLong { asked: 700_000, longest: 604_800 }.into(),
            Failure::SessionOver,
        ]
        .into_iter()
        .chain(samples::platform_failures().into_iter().map(Failure::from))
        .collect()
    }

    #[test]
    fn every_failure_has_exactly_one_answer() {
        let mut numbers: Vec<usize> = all().iter().map(number).collect();
        numbers.dedup();
        assert_eq!(numbers, (0..34).collect::<Vec<_>>());
        let table: Vec<String> = all()
            .iter()
            .map(|failure| {
                let answer = answer(failure);
                let remembered = V2Answers.answer("payInstantly", &Err(failure.clone()));
                assert!(remembered.as_ref().is_none_or(|again| *again == answer));
                let mark = if remembered.is_some() { "remembered" } else { "forgotten " };
                format!("{} {mark} {}", answer.status, String::from_utf8(answer.body).unwrap())
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn what_is_inside_stays_inside() {
        for failure in all() {
            let body = String::from_utf8(answer(&failure).body).unwrap();
            assert!(!body.contains("hunter2"), "{body}");
        }
        let broken = Failure::Channels {
            failures: vec![],
            succeeded: vec![paypier_domain::channel::ChannelSnapshot {
                pg_provider: "hunter2".into(),
                ..samples::channel(1)
            }],
        };
        let answer = answer(&broken);
        assert_eq!(answer.status, 500);
        assert!(!String::from_utf8(answer.body).unwrap().contains("hunter2"));
    }
}
