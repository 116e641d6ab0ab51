//! Every refusal of the Global dialect: one exhaustive match from our refusals and failures to a status, a code and
//! a text.

use super::call::TRANSPORT_FORM;
use crate::app::failure::Failure;
use crate::app::global::Refusal as Why;
use crate::global::amount::AmountRefusal;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use paypier_domain::catalogue::RefundRefusal;
use paypier_domain::payment::capture::CaptureRefusal;
use paypier_storage::ReadError;
use paypier_wire::global::code::fault;
use paypier_wire::global::{Code, Fault, Refusal, RefusalForm};
use serde::Serialize;
use std::borrow::Cow;

/// A refusal on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub status: u16,
    pub code: Code,
    pub message: Cow<'static, str>,
}

impl Refused {
    pub fn new(status: u16, code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// With the status that the code has.
    pub fn coded(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code.status(), code, message)
    }

    /// 400, whatever the code.
    pub fn invalid(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, code, message)
    }

    /// Something broke here; what it was is in the log.
    pub fn internal() -> Self {
        Self::coded(Code::PaymentSystemError, "The request could not be processed, please try again")
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::new(fault.status, fault.code, fault.message)
    }
}

impl From<AmountRefusal> for Refused {
    fn from(refusal: AmountRefusal) -> Self {
        Self::invalid(refusal.code(), refusal.message())
    }
}

impl From<ReadError> for Refused {
    fn from(error: ReadError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Internal(inside) => {
                tracing::error!(inside = ?inside, "an internal error was answered");
                Self::internal()
            }
            Failure::Invalid(text) => Self::invalid(Code::InvalidRequest, text.clone()),
            Failure::Unauthorized(_) | Failure::Forbidden(_) => fault::CLIENT_KEY_UNKNOWN.into(),
            Failure::NotFound(_) => fault::TRANSACTION_UNKNOWN.into(),
            Failure::Psp(psp) => {
                let said = [psp.code.as_str(), psp.message.as_str()];
                let said = said.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" | ");
                let message = if said.is_empty() { psp.note.clone() } else { said };
                Self::coded(Code::PaymentServiceProviderError, message)
            }
            Failure::Silent => Self::coded(Code::PspCommunicationError, "The PSP did not answer"),
            Failure::Overloaded | Failure::Unavailable => {
                Self::new(503, Code::PaymentSystemError, "The service is busy, please try again")
            }
            Failure::Capture(refusal) => match refusal {
                CaptureRefusal::NotEnabled | CaptureRefusal::NotPaid(_) | CaptureRefusal::InProgress => {
                    Self::invalid(Code::InvalidRequest, "The transaction does not wait for its capture")
                }
            },
            Failure::Amounts(_) => Self::invalid(Code::InvalidAmount, "Invalid amount"),
            Failure::Cancel(_) => Self::coded(Code::RefundNotAllowed, failure.to_string()),
            Failure::Pay(_)
            | Failure::SessionLifetime(_)
            | Failure::SessionOver
            | Failure::Grant(_)
            | Failure::Stop(_)
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
            | Failure::Channels { .. }
            | Failure::Platform(_)
            | Failure::KeyOutstanding
            | Failure::KeyReused => Self::invalid(Code::InvalidRequest, failure.to_string()),
        }
    }
}

impl From<Why> for Refused {
    fn from(why: Why) -> Self {
        match why {
            Why::UnknownOrder => fault::TRANSACTION_UNKNOWN.into(),
            Why::OtherEnvironment => fault::ENVIRONMENT.into(),
            Why::DuplicateReference => Self::invalid(
                Code::DuplicateTransaction,
                "Transaction with the given merchant order reference already exists",
            ),
            Why::Reference(refusal) => {
                Self::invalid(Code::InvalidPaymentRequest, format!("merchant_order_id {refusal}"))
            }
            Why::Inactive => Self::invalid(Code::MerchantIsInactive, "Merchant is inactive"),
            Why::UnknownChannel(name) => {
                Self::invalid(Code::InvalidPaymentChannelKey, format!("Invalid payment channel key : {name}"))
            }
            Why::ChannelNotEnabled(name) => {
                Self::invalid(Code::InvalidPaymentChannel, format!("Payment channel is not enabled : {name}"))
            }
            Why::NoCredentials(name) => Self::invalid(
                Code::CredsNotFound,
                format!("Credentials not found for the payment channel : {name}"),
            ),
            Why::UnknownMethod { method, .. } => {
                Self::invalid(Code::InvalidPaymentMethod, format!("Invalid payment method : {method}"))
            }
            Why::MethodNotAvailable(method) => Self::invalid(
                Code::PaymentMethodConfigurationError,
                format!("Payment method is not enabled : {method}"),
            ),
            Why::Currency { method, currency } => {
                Self::invalid(Code::InvalidCurrency, format!("{method} does not support {currency}"))
            }
            Why::BelowMinimum(method) => Self::invalid(
                Code::InvalidMinimumAmountLimit,
                format!("Amount is below the minimum limit of {method}"),
            ),
            Why::AboveMaximum(method) => Self::invalid(
                Code::InvalidMaximumAmountLimit,
                format!("Amount is above the maximum limit of {method}"),
            ),
            Why::Route(refusal) => Self::invalid(Code::InvalidPaymentRequest, refusal.to_string()),
            Why::UnknownRoute => {
                Self::invalid(Code::InvalidReference, "Route with given reference not found")
            }
            Why::Lacks(member) => {
                Self::invalid(Code::MissingMandatoryField, format!("{member} is a required field"))
            }
            Why::OtherChannel => Self::invalid(
                Code::InvalidPaymentChannelKey,
                "The transaction was not made with this payment channel",
            ),
            Why::NotRefundable(why) => {
                Self::invalid(Code::RefundNotAllowed, format!("Refund is not allowed: {why}"))
            }
            Why::Refund(refusal) => match refusal {
                RefundRefusal::NotInPart(_)
                | RefundRefusal::NotYetInPart { .. }
                | RefundRefusal::InPartOnceSettled(_) => {
                    Self::invalid(Code::PartialRefundNotAllowed, refusal.to_string())
                }
                RefundRefusal::NotAtAll(_)
                | RefundRefusal::TooLate { .. }
                | RefundRefusal::TooMany { .. } => Self::invalid(Code::RefundNotAllowed, refusal.to_string()),
            },
            Why::RefundAmount => Self::invalid(
                Code::InvalidAmount,
                "Invalid amount: it must be above zero and at most what is left to refund",
            ),
            Why::NotAuthorised => {
                Self::invalid(Code::InvalidRequest, "The transaction does not wait for its capture")
            }
            Why::ByHand(refusal) => Self::invalid(Code::InvalidRequest, refusal.to_string()),
            Why::AuthorisationExpired => {
                Self::invalid(Code::TransactionExpired, "The authorisation has expired")
            }
            Why::EndpointExists => {
                Self::invalid(Code::DuplicateFoundError, "A webhook with this name or url already exists")
            }
            Why::EndpointUrl(text) => {
                Self::invalid(Code::InvalidRequest, format!("Invalid Request, err : url {text}"))
            }
            Why::Failed(failure) => failure.into(),
        }
    }
}

/// A refusal as its operation writes it.
pub fn written(form: RefusalForm, refused: &Refused) -> Response {
    let body = Refusal::new(form, refused.status, refused.code, &refused.message);
    response(refused.status, &body)
}

/// A body that cannot be read, where the dialect has a text of its own for that.
pub fn unreadable(form: RefusalForm, refused: Refused) -> Refused {
    match form {
        RefusalForm::Deduction => {
            Refused { message: "The API request failed due to invalid parameters.".into(), ..refused }
        }
        RefusalForm::Plain | RefusalForm::Flagged | RefusalForm::Twice => refused,
    }
}

/// A success.
pub fn success<T: Serialize>(answer: &T) -> Response {
    response(200, answer)
}

fn response<T: Serialize>(status: u16, body: &T) -> Response {
    let (status, body) = match serde_json::to_vec(body) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            (500, Vec::new())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn transport(status: u16, code: Code, message: &'static str) -> Response {
    written(TRANSPORT_FORM, &Refused::new(status, code, message))
}

/// Whether a path is one of this dialect.
pub fn is_path(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/merchants/")
}

pub fn unknown_path() -> Response {
    transport(404, Code::RecordNotFoundError, "No operation has this path")
}

pub fn wrong_method() -> Response {
    transport(405, Code::InvalidRequestData, "The path has no operation with this method")
}

pub fn busy() -> Response {
    transport(503, Code::Throttled, "The service is busy, please try again")
}

pub fn panicked() -> Response {
    written(TRANSPORT_FORM, &Refused::internal())
}

pub fn too_late() -> Response {
    transport(504, Code::PaymentSystemError, "The request took too long; what it began goes on")
}
