//! A transaction: an order and its payment in the words of the Global dialect. Everything is read from the payment,
//! so that both dialects tell the same.

use super::amount::written;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::catalogue::{self, Category, Method as CatalogueMethod};
use paypier_domain::channel::Environment;
use paypier_domain::failover::{self, Blame, Next};
use paypier_domain::global::{Choice, GlobalMerchant, GlobalOrder, RefundKind, RefundNote, Taking};
use paypier_domain::payment::{
    Attempt, AttemptState, Cancellation, CancellationState, Capture, Failure, Method, Payment,
};
use paypier_domain::psp::CardDetails;
use paypier_wire::global as wire;
use paypier_wire::global::{Code, Decimal, RefundStatus, TransactionStatus};
use uuid::Uuid;

/// How long a payer may take before a transaction counts as expired.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// How long an account, or a number to pay with in a shop, waits for its money when the PSP has not said.
const ACCOUNT_PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why a payment ended that nobody completed, where a PSP's code would be.
pub const ORDER_EXPIRED: &str = "ORDER_EXPIRED";

/// An order with what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Transaction<'a> {
    pub merchant: &'a GlobalMerchant,
    pub order: &'a GlobalOrder,
    pub payment: Option<&'a Payment>,
    pub notes: &'a [RefundNote],
    pub now: Timestamp,
}

impl<'a> Transaction<'a> {
    pub fn attempt(&self) -> Option<&'a Attempt> {
        self.payment.and_then(Payment::current)
    }

    pub fn status(&self) -> TransactionStatus {
        let Some(attempt) = self.attempt() else { return TransactionStatus::Initiated };
        match &attempt.state {
            AttemptState::Ready if self.is_late(attempt) => TransactionStatus::Expired,
            AttemptState::Ready => TransactionStatus::Initiated,
            AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. } => TransactionStatus::Pending,
            AttemptState::Failed(_) if self.is_undecided() => TransactionStatus::Initiated,
            AttemptState::Failed(failure) => failed(code_of(attempt, failure)),
            AttemptState::Paid(paid) => match paid.capture {
                Capture::Awaited if self.is_given_back() => TransactionStatus::Voided,
                Capture::Awaited | Capture::Sending { .. } => TransactionStatus::Authorized,
                Capture::WithApproval | Capture::Captured { .. } => TransactionStatus::Success,
            },
        }
    }

    fn is_late(&self, attempt: &Attempt) -> bool {
        self.now.duration_since(attempt.requested_at) >= PATIENCE
    }

    fn is_given_back(&self) -> bool {
        self.payment.is_some_and(|payment| payment.cancellable().is_zero())
    }

    /// Whether the payer may still try something else on the order's route.
    fn is_undecided(&self) -> bool {
        self.order.is_routed && !self.order.is_given_up && self.next() != Next::GiveUp
    }

    /// What the route has left to try, from how its tries ended.
    pub fn next(&self) -> Next {
        let Some(payment) = self.payment else { return Next::GiveUp };
        let tries: Vec<(usize, Blame)> = self
            .order
            .tries
            .iter()
            .filter_map(|tried| {
                let attempt = payment.attempt(&tried.transaction)?;
                let AttemptState::Failed(failure) = &attempt.state else { return None };
                let blame = match failure_code(failure) {
                    // The payer who leaves a page is asked whether to go on.
                    Code::OrderCancelled => Blame::Final,
                    code => match code.blame() {
                        wire::Blame::Payer => Blame::Payer,
                        wire::Blame::Psp => Blame::Psp,
                        wire::Blame::Final | wire::Blame::Nobody => Blame::Final,
                    },
                };
                Some((tried.place, blame))
            })
            .collect();
        if tries.len() < self.order.tries.len() {
            // One is under way, or succeeded.
            return Next::GiveUp;
        }
        failover::next(self.order.route.len(), &tries)
    }

    /// `status_code` and `status_reason`; none before anything happened.
    pub fn code(&self) -> Option<Code> {
        Some(match self.status() {
            TransactionStatus::Initiated => return None,
            TransactionStatus::Pending | TransactionStatus::Authorized => Code::Pending,
            TransactionStatus::Success => Code::Success,
            TransactionStatus::Expired => self.failure().unwrap_or(Code::TransactionExpiredByChaiport),
            TransactionStatus::Voided => Code::Voided,
            TransactionStatus::UnderReview => Code::TransactionUnderReview,
            TransactionStatus::Failed | TransactionStatus::Error | TransactionStatus::Cancelled => {
                self.failure().unwrap_or(Code::PaymentProcessingError)
            }
        })
    }

    pub fn code_digits(&self) -> String {
        self.code().map(|code| code.digits().to_owned()).unwrap_or_default()
    }

    pub fn code_reason(&self) -> String {
        self.code().map(|code| code.reason().to_owned()).unwrap_or_default()
    }

    /// What the failure means of an attempt that has failed.
    fn failure(&self) -> Option<Code> {
        let attempt = self.attempt()?;
        match &attempt.state {
            AttemptState::Failed(failure) => Some(code_of(attempt, failure)),
            _ => None,
        }
    }

    /// What the PSP said, code and text.
    pub fn channel_reason(&self) -> String {
        match self.attempt().map(|attempt| &attempt.state) {
            Some(AttemptState::Failed(failure)) => {
                let words = [failure.pg_code.as_deref(), failure.pg_message.as_deref()];
                words.into_iter().flatten().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" | ")
            }
            Some(AttemptState::Paid(_)) => "SUCCESS | Transaction is success".to_owned(),
            _ => String::new(),
        }
    }

    /// A sentence for the payer.
    pub fn user_message(&self) -> &'static str {
        match self.status() {
            TransactionStatus::Success => "The transaction is successful.",
            TransactionStatus::Authorized => "The payment is authorised.",
            TransactionStatus::Initiated => "",
            TransactionStatus::Pending | TransactionStatus::UnderReview | TransactionStatus::Error => {
                "The transaction is being processed."
            }
            TransactionStatus::Failed => "The transaction failed.",
            TransactionStatus::Expired => "The transaction has expired.",
            TransactionStatus::Voided => "The authorisation was voided.",
            TransactionStatus::Cancelled => "The transaction was cancelled.",
        }
    }

    /// The choice that the current attempt is a try of.
    pub fn choice(&self) -> Option<&'a Choice> {
        let of_attempt = self.attempt().and_then(|attempt| self.order.choice_of(&attempt.id));
        of_attempt.or_else(|| self.order.choice())
    }

    pub fn channel_key(&self) -> &'a str {
        self.choice().map_or("", |choice| choice.channel.as_str())
    }

    pub fn method_key(&self) -> &'a str {
        self.choice().map_or("", |choice| choice.method.as_str())
    }

    /// What the catalogue knows of the method. Not of one of the other dialect's.
    pub fn method(&self) -> Option<&'static CatalogueMethod> {
        self.choice().and_then(|choice| catalogue::find(&choice.channel, &choice.method))
    }

    pub fn method_name(&self) -> String {
        self.method().map_or_else(|| self.method_key().to_owned(), |method| method.name.to_owned())
    }

    pub fn method_type(&self) -> &'static str {
        self.method().map_or("", |method| method.category.as_str())
    }

    /// Cards are told apart by where they are from; other methods are of their own kind.
    pub fn method_sub_type(&self) -> &'static str {
        match self.method() {
            Some(method) if matches!(method.category, Category::Card | Category::SubscriptionCard) => {
                "INT_CREDIT_CARD"
            }
            Some(method) => method.category.as_str(),
            None => "",
        }
    }

    pub fn currency(&self) -> String {
        self.attempt().map(|attempt| attempt.currency.code().to_owned()).unwrap_or_default()
    }

    pub fn amount(&self) -> Decimal {
        self.attempt().map_or(Decimal::ZERO, |attempt| written(attempt.amounts.total, attempt.currency))
    }

    /// The PSP's name for it; empty until it is known.
    pub fn channel_order_ref(&self) -> String {
        let known = self.attempt().and_then(|attempt| attempt.pg_tx_id.as_ref());
        known.map(|id| id.as_str().to_owned()).unwrap_or_default()
    }

    pub fn card(&self) -> Option<&'a CardDetails> {
        match self.attempt()?.method.as_ref()? {
            Method::Card { card, .. } | Method::EasyPay { card: Some(card), .. } => Some(card),
            _ => None,
        }
    }

    /// `************4242`; empty without a card.
    pub fn masked_card_number(&self) -> String {
        let number = self.card().and_then(|card| card.masked_number.as_deref()).unwrap_or_default();
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let start = digits.len().saturating_sub(4);
        match digits.get(start..) {
            Some(last) if last.len() == 4 => format!("************{}", last.iter().collect::<String>()),
            _ => String::new(),
        }
    }

    /// The method, and the card behind it when there is one.
    pub fn payment_method_used(&self) -> String {
        if !matches!(self.status(), TransactionStatus::Success | TransactionStatus::Authorized) {
            return String::new();
        }
        let card = self.masked_card_number();
        let name = self.method_name();
        if card.is_empty() { name } else { format!("{name} | {card}") }
    }

    pub fn receipt_url(&self) -> String {
        match self.attempt().map(|attempt| &attempt.state) {
            Some(AttemptState::Paid(paid)) => paid.receipt_url.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }

    pub fn environment(&self) -> wire::Environment {
        environment_word(self.order.environment)
    }

    pub fn country_code(&self) -> String {
        self.order.billing.place.country_code.clone()
    }

    /// Whether another refund could be asked for now, as far as method and amounts go.
    pub fn is_refund_allowed(&self) -> bool {
        let terms = self.method().map(CatalogueMethod::refund_terms);
        let Some(payment) = self.payment else { return false };
        let earlier = payment.cancellations.iter().filter(|cancellation| cancellation.is_claiming()).count();
        self.status() == TransactionStatus::Success
            && !payment.cancellable().is_zero()
            && terms.is_none_or(|terms| {
                terms.full
                    && (terms.several || earlier == 0)
                    && terms.at_most.is_none_or(|most| earlier < most)
            })
    }

    pub fn is_multi_refund_allowed(&self) -> bool {
        self.status() == TransactionStatus::Success
            && self.method().is_none_or(|method| method.refund_terms().several)
    }

    pub fn refund_completed(&self) -> bool {
        let gave_back = self.payment.is_some_and(|p| p.cancellations.iter().any(Cancellation::is_claiming));
        self.status() == TransactionStatus::Success && gave_back && self.is_given_back()
    }

    /// That of the latest refund; empty without one.
    pub fn refund_status(&self) -> String {
        let latest = self.payment.and_then(|payment| payment.cancellations.last());
        latest.map(|cancellation| refund_status(cancellation).to_string()).unwrap_or_default()
    }

    /// What may still be refunded.
    pub fn amount_to_refund(&self) -> Decimal {
        match (self.payment, self.attempt()) {
            (Some(payment), Some(attempt)) => written(payment.cancellable(), attempt.currency),
            _ => Decimal::ZERO,
        }
    }

    /// How a refund was asked for. One of the other dialect is full when it took all that there was.
    pub fn refund_kind(&self, cancellation: &Cancellation) -> RefundKind {
        let noted = self.notes.iter().find(|note| note.cancellation == cancellation.id);
        let total = self.attempt().map(|attempt| attempt.amounts.total);
        match noted {
            Some(note) => note.kind,
            None if total == Some(cancellation.order_amount) => RefundKind::Full,
            None => RefundKind::Partial,
        }
    }

    pub fn refund_description(&self, cancellation: &Cancellation) -> String {
        let noted = self.notes.iter().find(|note| note.cancellation == cancellation.id);
        noted.map(|note| note.description.clone()).unwrap_or_default()
    }

    pub fn is_preauthorised(&self) -> bool {
        self.order.taking == Taking::PreAuthorised
    }
}

/// As the dialect writes it.
pub const fn environment_word(environment: Environment) -> wire::Environment {
    match environment {
        Environment::Test => wire::Environment::Sandbox,
        Environment::Live => wire::Environment::Live,
    }
}

/// How a refund stands. What the PSP did not answer is in the queue: it is asked until it does.
pub const fn refund_status(cancellation: &Cancellation) -> RefundStatus {
    match cancellation.state {
        CancellationState::Succeeded { .. } => RefundStatus::Success,
        CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Requested { .. } => RefundStatus::InQueue,
        CancellationState::Failed { .. } => RefundStatus::Failed,
    }
}

/// When a refund happened, or was asked for as long as it has not.
pub const fn refund_date(cancellation: &Cancellation) -> Timestamp {
    match cancellation.state {
        CancellationState::Succeeded { at, .. } | CancellationState::Failed { at, .. } => at,
        CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Requested { .. } => cancellation.requested_at,
    }
}

/// Our reference of a refund, made of the cancellation's id so that every view has the same one.
pub fn refund_reference(cancellation: &Cancellation) -> String {
    let bytes = Uuid::parse_str(cancellation.id.as_str()).map(Uuid::into_bytes).unwrap_or_default();
    wire::reference::refund(bytes)
}

const fn failed(code: Code) -> TransactionStatus {
    match code {
        Code::OrderCancelled => TransactionStatus::Cancelled,
        Code::TransactionExpired | Code::TransactionExpiredByChaiport => TransactionStatus::Expired,
        _ => TransactionStatus::Failed,
    }
}

/// Until when an account waits for its money, as its PSP has said.
pub fn account_deadline(attempt: &Attempt) -> Timestamp {
    let said = match &attempt.method {
        Some(Method::VirtualAccount { account }) => account.expires_at,
        Some(Method::ConvenienceStore { deadline, .. }) => *deadline,
        _ => None,
    };
    said.or_else(|| attempt.requested_at.checked_add(ACCOUNT_PATIENCE).ok()).unwrap_or(Timestamp::MAX)
}

/// What a failure means. An account that was closed has expired, unless somebody closed it earlier.
fn code_of(attempt: &Attempt, failure: &Failure) -> Code {
    let is_over = attempt.account.closed_at.is_some_and(|at| at >= account_deadline(attempt));
    if is_over { Code::TransactionExpired } else { failure_code(failure) }
}

/// What a PSP's code means here. PSPs call the same thing by many names.
pub fn failure_code(failure: &Failure) -> Code {
    match failure.pg_code.as_deref().unwrap_or_default() {
        "SANDBOX_DECLINED" | "card_declined" | "generic_decline" | "do_not_honor" => {
            Code::InvalidCardDeclinedError
        }
        "SANDBOX_INSUFFICIENT_FUNDS" | "insufficient_funds" => Code::FundsLimitError,
        "SANDBOX_LOST_OR_STOLEN" | "lost_card" | "stolen_card" => Code::InvalidCardLostError,
        "SANDBOX_EXPIRED_CARD" | "expired_card" => Code::InvalidCardExpiredError,
        "SANDBOX_INCORRECT_SECURITY_DATA"
        | "SANDBOX_INVALID_CARD"
        | "incorrect_cvc"
        | "incorrect_number"
        | "invalid_number" => Code::InvalidCardInfoError,
        "SANDBOX_AUTHENTICATION_FAILED" | "authentication_required" => Code::InvalidCard3dsError,
        "SANDBOX_BUYER_CANCELLED" | "LINK_REPLACED" | "LINK_CANCELLED" => Code::OrderCancelled,
        "LINK_EXPIRED" | ORDER_EXPIRED => Code::TransactionExpiredByChaiport,
        "SANDBOX_ACCOUNT_EXPIRED" => Code::TransactionExpired,
        "SANDBOX_PSP_ERROR" => Code::PaymentServiceProviderError,
        "processing_error" => Code::InvalidCardProcessingError,
        "fraudulent" => Code::SuspectedFraudulentTransactionError,
        _ => Code::PaymentProcessingError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn because(code: &str) -> Failure {
        Failure { at: Timestamp::UNIX_EPOCH, reason: None, pg_code: Some(code.into()), pg_message: None }
    }

    #[test]
    fn every_failure_has_a_code_and_a_status() {
        for (code, digits, status) in [
            ("SANDBOX_DECLINED", "6014", TransactionStatus::Failed),
            ("SANDBOX_INSUFFICIENT_FUNDS", "6002", TransactionStatus::Failed),
            ("SANDBOX_BUYER_CANCELLED", "4071", TransactionStatus::Cancelled),
            ("SANDBOX_ACCOUNT_EXPIRED", "4072", TransactionStatus::Expired),
            ("LINK_EXPIRED", "4082", TransactionStatus::Expired),
            (ORDER_EXPIRED, "4082", TransactionStatus::Expired),
            ("SANDBOX_PSP_ERROR", "4080", TransactionStatus::Failed),
            ("something new", "8003", TransactionStatus::Failed),
        ] {
            let found = failure_code(&because(code));
            assert_eq!((found.digits(), failed(found)), (digits, status), "{code}");
        }
    }
}
