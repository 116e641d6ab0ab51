//! `paypier admin payment`: one payment with its history, and outcomes that only a person can decide.

use super::{Desk, at, changed};
use crate::app::resolve_by_operator::{
    ChargeFinding, RefundFinding, ResolveFailure, ResolveRefusal, Testimony,
};
use crate::cli::Misuse;
use crate::cli::dev::demo;
use crate::cli::report::Report;
use crate::compose::{self, Ingredients, Mode};
use crate::keyring::Keyring;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use paypier_domain::account::Store;
use paypier_domain::delivery::DeliveryState;
use paypier_domain::evidence::Evidence;
use paypier_domain::id::{CancellationId, MerchantId, PaymentId, PaymentKey, PgCancellationId, PgTxId};
use paypier_domain::job::Task;
use paypier_domain::money::Amount;
use paypier_domain::payment::{Attempt, AttemptState, Cancellation, CancellationState, Payment};
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// Show a payment with its attempts, cancellations, webhooks and evidence
    ///
    /// Amounts are minor units of the payment's currency: 4500 of KRW are 4500 won, 4500 of USD are 45
    /// dollars. Evidence is everything that was seen about the requests to the PSP.
    Show {
        #[arg(value_name = "PAYMENT_ID")]
        id: String,
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// List payments, cancellations and captures whose outcome no PSP has told yet, the oldest first
    ///
    /// One that is minutes old needs nobody: the PSP is asked again by itself. Times are those of the
    /// store; a test clock that was moved ahead moves them too.
    List {
        /// What has an unknown outcome; there is no other list
        #[arg(long, required = true)]
        unknown: bool,
        /// Only those of this store [default: all stores]
        #[arg(long, value_name = "STORE_ID")]
        store: Option<String>,
        /// How many are listed at most
        #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
        most_listed: u32,
    },
    /// Decide an unknown outcome, with two pairs of eyes
    Resolve(ResolveArgs),
}

const EXAMPLE: &str = "\
An outcome is unknown when the PSP did not answer and cannot tell; it is asked again for days. When you
have seen in the PSP's own console or settlement report how it ended, say so:
  paypier admin payment resolve order-1 --store store-… --outcome paid --pg-tx-id PSP_ID \\
      --operator kim@acme.example --approved-by lee@acme.example --reason 'seen in the PSP console'

The same for a cancellation, whose id `paypier admin payment show` lists:
  paypier admin payment resolve order-1 --store store-… --cancellation ID --outcome refunded \\
      --pg-cancellation-id PSP_ID --operator … --approved-by … --reason …

Both people are recorded as evidence. A wrong `failed` lets the buyer be charged or refunded twice; a
wrong `paid` ships goods that nobody paid for; a wrong `refunded` leaves the buyer without the money.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct ResolveArgs {
    #[arg(value_name = "PAYMENT_ID")]
    pub id: String,
    #[arg(long, value_name = "STORE_ID")]
    pub store: String,
    /// Decide about this cancellation of the payment instead of the payment itself
    #[arg(long, value_name = "ID")]
    pub cancellation: Option<String>,
    #[arg(long, value_enum)]
    pub outcome: OperatorOutcome,
    /// The payment's name at the PSP; needed when it was paid
    #[arg(long, value_name = "ID", required_if_eq("outcome", "paid"))]
    pub pg_tx_id: Option<String>,
    /// When the PSP approved it, such as 2026-12-01T09:30:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub paid_at: Option<Timestamp>,
    /// The refund's name at the PSP; needed when it was refunded and the PSP never told it
    #[arg(long, value_name = "ID")]
    pub pg_cancellation_id: Option<String>,
    /// When the PSP gave the money back [default: now]
    #[arg(long, value_name = "TIME")]
    pub refunded_at: Option<Timestamp>,
    /// Who decides
    #[arg(long, value_name = "PERSON")]
    pub operator: String,
    /// Who has checked it; somebody else
    #[arg(long, value_name = "PERSON")]
    pub approved_by: String,
    /// What was seen, and where
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OperatorOutcome {
    /// The PSP has charged the buyer
    Paid,
    /// The PSP has given the money of the cancellation back
    Refunded,
    /// The PSP has not charged the buyer (with --cancellation: not refunded) and never will
    Failed,
}

/// # Errors
/// No such payment or cancellation, nothing to decide, one person instead of two, or the database.
pub async fn run(desk: &Desk, command: PaymentCommand) -> anyhow::Result<Report> {
    match command {
        PaymentCommand::Show { id, store } => show(desk, &id, &store).await,
        PaymentCommand::List { unknown: _, store, most_listed } => {
            unknown(desk, store.as_deref(), most_listed).await
        }
        PaymentCommand::Resolve(args) => resolve(desk, &args).await,
    }
}

async fn existing(desk: &Desk, store: &Store, id: &str) -> anyhow::Result<Payment> {
    let payment =
        PaymentId::parse(id).map_err(|error| Misuse(format!("{id:?} is no payment id: {error}")))?;
    let key = PaymentKey { store: store.id.clone(), payment };
    desk.storage.payment(&key).await?.with_context(|| format!("the store {} has no payment {id:?}", store.id))
}

async fn show(desk: &Desk, id: &str, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let payment = existing(desk, &store, id).await?;
    let evidence = desk.storage.evidence_of(&payment.key).await?;
    let deliveries = desk.storage.deliveries_of(&store.id, &[payment.key.payment.as_str()]).await?;
    let mut sections = vec![
        ("payment", summary(&payment)),
        ("attempts", attempts(&payment)),
        ("cancellations", cancellations(&payment)),
        ("evidence", evidence_list(&evidence)),
    ];
    let rows = deliveries
        .iter()
        .map(|delivery| {
            let (state, due) = match delivery.state {
                DeliveryState::Due { at } => ("due", Some(at)),
                DeliveryState::Succeeded => ("succeeded", None),
                DeliveryState::Dead => ("dead", None),
            };
            let code =
                delivery.last.as_ref().and_then(|last| last.response.as_ref()).map(|response| response.code);
            vec![
                json!(delivery.sequence),
                json!(delivery.id.as_str()),
                json!(delivery.url),
                json!(state),
                json!(delivery.executions),
                json!(code),
                at(due),
            ]
        })
        .collect();
    let columns = vec!["sequence", "id", "url", "state", "executions", "responseCode", "dueAt"];
    sections.push(("webhooks", Report::list(columns, rows, "none")));
    Ok(Report::sections(sections))
}

async fn unknown(desk: &Desk, store: Option<&str>, most_listed: u32) -> anyhow::Result<Report> {
    let store = match store {
        Some(id) => Some(desk.store(id).await?.id),
        None => None,
    };
    let found = desk.storage.unknown_outcomes(store.as_ref(), most_listed).await?;
    let rows = found
        .iter()
        .filter_map(|unknown| {
            let (subject, payment, id) = match &unknown.task {
                Task::ResolveAttempt { payment, transaction } => ("payment", payment, transaction.as_str()),
                Task::ResolveCapture { payment, transaction } => ("capture", payment, transaction.as_str()),
                Task::ResolveDelivery { payment, transaction } => ("delivery", payment, transaction.as_str()),
                Task::ResolveClosing { payment, transaction } => ("closing", payment, transaction.as_str()),
                Task::ResolveCancellation { payment, cancellation } => {
                    ("cancellation", payment, cancellation.as_str())
                }
                Task::ResolveIssuance { .. }
                | Task::ResolveCashReceipt { .. }
                | Task::IssueWantedCashReceipt { .. }
                | Task::WithdrawCashReceipt { .. }
                | Task::ResolveIdentityVerification { .. }
                | Task::ResolveCounterparty { .. }
                | Task::ReverseCharge { .. }
                | Task::CancelLate { .. }
                | Task::LookAgain { .. }
                | Task::ReleasePromotion { .. }
                | Task::ExpireOrder { .. }
                | Task::SendLink { .. }
                | Task::RemindOfLink { .. }
                | Task::ExpireLink { .. }
                | Task::SimulatorNotification { .. }
                | Task::EndConfirming { .. }
                | Task::RunSchedule { .. }
                | Task::DeductCycle { .. }
                | Task::SendSubscription { .. }
                | Task::ExpireSubscription { .. }
                | Task::ReleaseSubscriptionKey { .. }
                | Task::PlatformDay { .. }
                | Task::ExecuteBulkPayout { .. }
                | Task::Remit { .. }
                | Task::Purge => return None,
            };
            Some(vec![
                json!(unknown.since.to_string()),
                json!(subject),
                json!(payment.payment.as_str()),
                json!(id),
                json!(unknown.environment.as_str()),
                json!(unknown.questions),
                json!(unknown.next_question_at.to_string()),
                json!(payment.store.as_str()),
            ])
        })
        .collect();
    let columns =
        vec!["since", "subject", "paymentId", "id", "environment", "questions", "nextQuestionAt", "storeId"];
    let report = Report::list(columns, rows, "Every outcome is known.");
    let is_cut = u64::try_from(found.len()).unwrap_or(u64::MAX) >= u64::from(most_listed);
    Ok(if is_cut { report.noted("There may be more: --most-listed lists them.") } else { report })
}

fn summary(payment: &Payment) -> Report {
    let amounts = payment.amounts();
    Report::record(vec![
        ("id", json!(payment.key.payment.as_str())),
        ("storeId", json!(payment.key.store.as_str())),
        ("environment", json!(payment.environment.as_str())),
        ("status", json!(payment.status().as_str())),
        ("orderName", json!(payment.current().map(|attempt| attempt.order.name.clone()))),
        ("currency", json!(payment.current().map(|attempt| attempt.currency.code().to_owned()))),
        ("total", units(amounts.total)),
        ("paid", units(amounts.paid)),
        ("cancelled", units(amounts.cancelled)),
        ("cancellable", units(payment.cancellable())),
        ("createdAt", json!(payment.created_at.to_string())),
        ("statusChangedAt", json!(payment.status_changed_at.to_string())),
        ("version", json!(payment.version)),
    ])
}

fn units(amount: Amount) -> Value {
    json!(amount.minor_units())
}

fn attempts(payment: &Payment) -> Report {
    let rows = payment
        .attempts
        .iter()
        .map(|attempt| {
            let (state, detail) = attempt_state(attempt);
            vec![
                json!(attempt.number),
                json!(attempt.id.as_str()),
                json!(state),
                detail,
                units(attempt.amounts.to_pay()),
                json!(attempt.channel.as_ref().map(|channel| channel.key.as_str())),
                json!(attempt.pg_tx_id.as_ref().map(PgTxId::as_str)),
                json!(attempt.queries),
                json!(attempt.requested_at.to_string()),
            ]
        })
        .collect();
    Report::list(
        vec![
            "number",
            "transactionId",
            "state",
            "detail",
            "amount",
            "channelKey",
            "pgTxId",
            "queries",
            "requestedAt",
        ],
        rows,
        "none",
    )
}

fn attempt_state(attempt: &Attempt) -> (&'static str, Value) {
    match &attempt.state {
        AttemptState::Ready => ("ready", Value::Null),
        AttemptState::Sending => ("sending", Value::Null),
        AttemptState::Unknown { since } => ("unknown", json!(format!("since {since}"))),
        AttemptState::Pending { since } => ("pending", json!(format!("since {since}"))),
        AttemptState::AccountIssued { at } => ("account-issued", json!(format!("at {at}"))),
        AttemptState::Paid(paid) => ("paid", json!(format!("at {}", paid.at))),
        AttemptState::Failed(failure) => {
            ("failed", json!(failure.reason.clone().or(failure.pg_code.clone())))
        }
    }
}

fn cancellations(payment: &Payment) -> Report {
    let rows = payment
        .cancellations
        .iter()
        .map(|cancellation| {
            let (state, detail) = cancellation_state(cancellation);
            vec![
                json!(cancellation.id.as_str()),
                json!(state),
                detail,
                units(cancellation.refund),
                json!(cancellation.reason),
                json!(cancellation.queries),
                json!(cancellation.requested_at.to_string()),
            ]
        })
        .collect();
    Report::list(vec!["id", "state", "detail", "refund", "reason", "queries", "requestedAt"], rows, "none")
}

fn cancellation_state(cancellation: &Cancellation) -> (&'static str, Value) {
    match &cancellation.state {
        CancellationState::Sending => ("sending", Value::Null),
        CancellationState::Unknown { since } => ("unknown", json!(format!("since {since}"))),
        CancellationState::Requested { since } => ("requested", json!(format!("since {since}"))),
        CancellationState::Succeeded { at, .. } => ("succeeded", json!(format!("at {at}"))),
        CancellationState::Failed { pg_code, pg_message, .. } => {
            ("failed", json!(pg_message.clone().or(pg_code.clone())))
        }
    }
}

fn evidence_list(evidence: &[Evidence]) -> Report {
    let rows = evidence
        .iter()
        .map(|seen| {
            vec![
                json!(seen.at.to_string()),
                json!(seen.kind.as_str()),
                json!(seen.transaction.as_str()),
                json!(seen.subject),
                json!(seen.finding),
                json!(seen.raw),
            ]
        })
        .collect();
    Report::list(vec!["at", "kind", "transactionId", "subject", "finding", "raw"], rows, "none")
}

async fn resolve(desk: &Desk, args: &ResolveArgs) -> anyhow::Result<Report> {
    let asked = Asked::read(args)?;
    let store = desk.store(&args.store).await?;
    let key = existing(desk, &store, &args.id).await?.key;
    let is_local = desk.storage.merchant(&MerchantId::known(demo::MERCHANT_ID)).await?.is_some();
    let composed = compose::application(Ingredients {
        config: &desk.config,
        mode: if is_local { Mode::Local } else { Mode::Production },
        machine: desk.machine.clone(),
        storage: desk.storage.clone(),
        // A decision opens no credentials and asks no PSP.
        keyring: Keyring::new(Vec::new()),
        sandbox_secret: None,
        public_url: String::new(),
    })?;
    let app = &composed.app;
    let testimony =
        Testimony { operator: &args.operator, approved_by: &args.approved_by, reason: &args.reason };
    let resolved = match asked {
        Asked::Charge(found) => app.resolve_attempt_by_operator(&key, found, testimony).await,
        Asked::Refund(id, found) => app.resolve_cancellation_by_operator(&key, &id, found, testimony).await,
    };
    let resolved = resolved.map_err(|failure| match failure {
        ResolveFailure::Refused(refusal) => told(refusal),
        other @ (ResolveFailure::Failed(_) | ResolveFailure::NotRecorded(_)) => other.into(),
    })?;
    let (before, after) = (resolved.before, resolved.payment.status());
    let subject = match &args.cancellation {
        Some(cancellation) => format!("The cancellation {cancellation} is decided. "),
        None => String::new(),
    };
    let mut members = vec![("id", json!(args.id)), ("transactionId", json!(resolved.transaction.as_str()))];
    members.extend(args.cancellation.iter().map(|id| ("cancellationId", json!(id))));
    members.extend([
        ("statusBefore", json!(before.as_str())),
        ("status", json!(after.as_str())),
        ("operator", json!(args.operator.trim())),
        ("approvedBy", json!(args.approved_by.trim())),
    ]);
    let headline =
        format!("{subject}The payment {} was {} and is {} now.", args.id, before.as_str(), after.as_str());
    Ok(changed(headline, members))
}

/// What the arguments decide.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Charge(ChargeFinding),
    Refund(CancellationId, RefundFinding),
}

impl Asked {
    /// Arguments that say nothing about the outcome are refused rather than ignored: whoever gives
    /// them means something else.
    fn read(args: &ResolveArgs) -> Result<Self, Misuse> {
        let wrong = |text: &str| Err(Misuse(text.to_owned()));
        let says_paid = args.pg_tx_id.is_some() || args.paid_at.is_some();
        let says_refunded = args.pg_cancellation_id.is_some() || args.refunded_at.is_some();
        if says_paid && args.outcome != OperatorOutcome::Paid {
            return wrong("--pg-tx-id and --paid-at are about a charge; they go with --outcome paid only");
        }
        if says_refunded && args.outcome != OperatorOutcome::Refunded {
            return wrong(
                "--pg-cancellation-id and --refunded-at are about a refund; they go with --outcome refunded only",
            );
        }
        let Some(cancellation) = &args.cancellation else {
            return Ok(Self::Charge(match (args.outcome, &args.pg_tx_id) {
                (OperatorOutcome::Failed, _) => ChargeFinding::NotCharged,
                (OperatorOutcome::Paid, Some(id)) => ChargeFinding::Charged {
                    pg_tx_id: PgTxId::parse(id).map_err(|error| Misuse(format!("--pg-tx-id: {error}")))?,
                    at: args.paid_at,
                },
                (OperatorOutcome::Paid, None) => {
                    return wrong("--outcome paid needs --pg-tx-id, the payment's name at the PSP");
                }
                (OperatorOutcome::Refunded, _) => {
                    return wrong("--outcome refunded needs --cancellation, the id of what was refunded");
                }
            }));
        };
        let id = CancellationId::parse(cancellation)
            .map_err(|error| Misuse(format!("--cancellation: {error}")))?;
        let pg_cancellation_id = args.pg_cancellation_id.as_deref().map(PgCancellationId::parse).transpose();
        let found = match args.outcome {
            OperatorOutcome::Failed => RefundFinding::NotRefunded,
            OperatorOutcome::Refunded => RefundFinding::Refunded {
                pg_cancellation_id: pg_cancellation_id
                    .map_err(|error| Misuse(format!("--pg-cancellation-id: {error}")))?,
                at: args.refunded_at,
            },
            OperatorOutcome::Paid => {
                return wrong("--cancellation goes with --outcome refunded or --outcome failed");
            }
        };
        Ok(Self::Refund(id, found))
    }
}

/// A refusal in the command's words: what was typed wrong is a misuse, the rest is how things are.
fn told(refusal: ResolveRefusal) -> anyhow::Error {
    match refusal {
        ResolveRefusal::Unnamed | ResolveRefusal::OnePerson => {
            Misuse(format!("--operator and --approved-by: {refusal}")).into()
        }
        ResolveRefusal::NoReason => Misuse(format!("--reason: {refusal}")).into(),
        ResolveRefusal::ImpossibleTime { .. } => {
            Misuse(format!("--paid-at or --refunded-at: {refusal}")).into()
        }
        ResolveRefusal::PgCancellationIdUnknown => Misuse(format!("--pg-cancellation-id: {refusal}")).into(),
        ResolveRefusal::NothingOpen(_) | ResolveRefusal::NotOpen { .. } => refusal.into(),
    }
}
