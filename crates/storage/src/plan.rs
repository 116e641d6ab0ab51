//! From a change to the statements that write it. Pure, and done by the caller's task, so that the
//! one writer of SQLite only binds and steps.

mod platform;
mod settlement;

pub(crate) use settlement::{day, property_term};

use crate::row::{Value, micros, optional, text};
use crate::shape::account::{ApiSecret, Endpoint, Merchant, Store};
use crate::shape::attempt::{Attempt, platform_word};
use crate::shape::billing_key::{BillingKey, status_word};
use crate::shape::cancellation::{Cancellation, Dispute};
use crate::shape::cash_receipt::{CashReceipt, status_word as receipt_word};
use crate::shape::channel::{Channel, Group};
use crate::shape::checkout::{Profile, Session};
use crate::shape::delivery::{Delivery, result_word};
use crate::shape::document;
use crate::shape::event::Event;
use crate::shape::global::{Merchant as GlobalMerchantShape, Order as GlobalOrderShape};
use crate::shape::identity_verification::IdentityVerification;
use crate::shape::job::Task;
use crate::shape::payment_link::Link as PaymentLinkShape;
use crate::shape::promotion::Promotion;
use crate::shape::schedule::Schedule;
use crate::shape::subscription::{Plan as PlanShape, Subscription as SubscriptionShape};
use crate::shape::window::Window as WindowShape;
use crate::sql::Statement;
use paypier_domain::account::TokenKind;
use paypier_domain::billing_key::{self, State as KeyState};
use paypier_domain::cash_receipt::{self, Origin};
use paypier_domain::change::{Change, Notify, RowWrite, SimulatorRecord, Touched, Write};
use paypier_domain::channel::Environment;
use paypier_domain::checkout::{Purpose, Step as WindowStep, Window};
use paypier_domain::claim::{Answer, Claim, ClaimWrite};
use paypier_domain::delivery::{self, DeliveryState};
use paypier_domain::event::Subject;
use paypier_domain::evidence::Evidence;
use paypier_domain::global::{GlobalMerchant, GlobalOrder};
use paypier_domain::identity_verification;
use paypier_domain::job::{Job, JobWrite};
use paypier_domain::ledger::Posting;
use paypier_domain::money::Amount;
use paypier_domain::payment::{self, AttemptState, Method, Payment, Status};
use paypier_domain::payment_link::PaymentLink;
use paypier_domain::promotion::{self, BudgetMovement, Movement};
use paypier_domain::psp::CardDetails;
use paypier_domain::schedule;
use paypier_domain::subscription::{self, DeductionState, Slot};
use std::collections::BTreeMap;

/// One statement with its values. `rows` says how many rows an insert writes at once.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) statement: Statement,
    pub(crate) rows: usize,
    pub(crate) values: Vec<Value>,
}

/// Rows that one insert writes at most; keeps the number of different texts small.
const MAX_ROWS: usize = 16;

/// What a change itself does not say.
pub(crate) struct Context<'a> {
    /// Names the commit; no other commit of any process has it.
    pub(crate) commit: &'a str,
    pub(crate) balance_shards: u16,
}

/// The statements of a change, in the order in which they must run: what guards comes first, and
/// balances, which other changes wait for, come last and in one order for all.
pub(crate) fn steps(change: &Change, context: &Context<'_>) -> Vec<Step> {
    let mut plan = Plan { steps: Vec::with_capacity(8), offset: offset_micros(change) };
    let roots = Roots::of(change);
    if let Some(claim) = &change.claim {
        plan.claim(claim);
    }
    for write in &change.writes {
        plan.write(write);
    }
    plan.rows_of_lanes(
        (Statement::EventInsert, Statement::EventInsertAside),
        change.events.iter().map(|(event, notify)| event_row(event, *notify, &roots)).collect(),
    );
    let offset = plan.offset;
    plan.rows_of_lanes(
        (Statement::DeliveryInsert, Statement::DeliveryInsertAside),
        change.deliveries.iter().map(|delivery| delivery_row(delivery, offset, &roots)).collect(),
    );
    for job in &change.jobs {
        plan.job(job);
    }
    let evidence = change.evidence.iter().enumerate();
    plan.rows(
        Statement::EvidenceInsert,
        evidence.map(|(n, evidence)| evidence_row(evidence, context.commit, n)),
    );
    plan.postings(&change.postings, context.balance_shards, &roots);
    plan.steps
}

/// A payment's first transaction, by which its rows are kept (see the first migration).
fn root(payment: &Payment) -> &str {
    payment.attempts.first().map_or("", |attempt| attempt.id.as_str())
}

/// The roots of the payments that a change writes. Others are looked up by the statement.
struct Roots<'a>(Vec<&'a Payment>);

impl<'a> Roots<'a> {
    fn of(change: &'a Change) -> Self {
        let payments = change.writes.iter().filter_map(|write| match write {
            Write::Payment { payment, .. } => Some(&**payment),
            _ => None,
        });
        Self(payments.collect())
    }

    fn get(&self, store: &str, payment: &str) -> Option<Value> {
        let found =
            self.0.iter().find(|p| p.key.payment.as_str() == payment && p.key.store.as_str() == store);
        found.map(|payment| text(root(payment)))
    }
}

/// A row that belongs to a lane.
struct LaneRow {
    values: Vec<Value>,
    knows_lane: bool,
}

impl LaneRow {
    /// `values` are made with the lane, or with null where it is not known.
    fn new(lane: Option<Value>, values: impl FnOnce(Value) -> Vec<Value>) -> Self {
        Self { knows_lane: lane.is_some(), values: values(lane.unwrap_or(Value::Null)) }
    }
}

fn offset_micros(change: &Change) -> i64 {
    i64::try_from(change.clock_offset.as_micros()).unwrap_or(i64::MAX)
}

struct Plan {
    steps: Vec<Step>,
    offset: i64,
}

impl Plan {
    fn step(&mut self, statement: Statement, values: Vec<Value>) {
        self.steps.push(Step { statement, rows: 1, values });
    }

    /// Rows of one table, as few statements as possible.
    fn rows(&mut self, statement: Statement, rows: impl Iterator<Item = Vec<Value>>) {
        let mut open: Option<Step> = None;
        for row in rows {
            match &mut open {
                Some(step) if step.rows < MAX_ROWS => {
                    step.rows = step.rows.saturating_add(1);
                    step.values.extend(row);
                }
                _ => {
                    self.steps.extend(open.take());
                    open = Some(Step { statement, rows: 1, values: row });
                }
            }
        }
        self.steps.extend(open);
    }

    /// Rows of lanes: by the first statement, or by the second when a lane has to be looked up.
    fn rows_of_lanes(&mut self, (known, aside): (Statement, Statement), rows: Vec<LaneRow>) {
        let statement = if rows.iter().all(|row| row.knows_lane) { known } else { aside };
        self.rows(statement, rows.into_iter().map(|row| row.values));
    }

    fn claim(&mut self, claim: &ClaimWrite) {
        match claim {
            ClaimWrite::Begin(claim) => self.step(Statement::ClaimTake, claim_row(claim, None)),
            ClaimWrite::Record(claim, answer) => {
                self.step(Statement::ClaimTake, claim_row(claim, Some(answer)));
            }
            ClaimWrite::Release(reference) => self
                .step(Statement::ClaimRelease, vec![text(reference.merchant.as_str()), text(&reference.key)]),
            ClaimWrite::Finish(reference, answer) => self.step(
                Statement::ClaimFinish,
                vec![
                    text(reference.merchant.as_str()),
                    text(&reference.key),
                    Value::Int(i64::from(answer.status)),
                    Value::Blob(answer.body.clone()),
                ],
            ),
        }
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Payment { payment, expects, touched } => self.payment(payment, *expects, touched),
            Write::BillingKey { key, expects } => self.billing_key(key, *expects),
            Write::Window { window, expects } => self.window(window, *expects),
            Write::CashReceipt { receipt, expects } => self.cash_receipt(receipt, *expects),
            Write::IdentityVerification { verification, expects } => {
                self.identity_verification(verification, *expects);
            }
            Write::NewSchedule { schedule, key, payment } => self.new_schedule(schedule, *key, *payment),
            Write::Schedule { schedule, expects } => {
                let mut values = vec![
                    text(schedule.payment.store.as_str()),
                    text(schedule.id.as_str()),
                    (*expects).into(),
                ];
                schedule_columns(schedule, &mut values);
                self.step(Statement::ScheduleUpdate, values);
            }
            Write::Plan { plan, expects } => self.subscription_plan(plan, *expects),
            Write::Subscription { subscription, expects, notify: _ } => {
                self.subscription(subscription, *expects)
            }
            Write::NewDeduction(deduction) => self.new_deduction(deduction),
            Write::Deduction(deduction) => {
                let mut values = vec![
                    text(deduction.store.as_str()),
                    text(deduction.subscription.as_str()),
                    deduction.number.into(),
                ];
                deduction_columns(deduction, &mut values);
                self.step(Statement::DeductionUpdate, values);
            }
            Write::PreRegistration(registration) => self.step(
                Statement::PreRegistrationPut,
                vec![
                    text(registration.key.store.as_str()),
                    text(registration.key.payment.as_str()),
                    registration.total.map(Amount::minor_units).into(),
                    registration.tax_free.map(Amount::minor_units).into(),
                    optional(registration.currency.as_ref().map(|currency| currency.code())),
                    registration.registered_at.into(),
                ],
            ),
            Write::CheckoutProfile(profile) => self.step(
                Statement::CheckoutProfilePut,
                vec![
                    text(profile.store.as_str()),
                    text(profile.key.as_str()),
                    profile.environment.as_str().into(),
                    profile.created_at.into(),
                    document(&Profile::of(profile)).into(),
                ],
            ),
            Write::PaymentSession(session) => self.step(
                Statement::PaymentSessionInsert,
                vec![
                    session.digest.to_vec().into(),
                    text(session.payment.store.as_str()),
                    text(session.payment.payment.as_str()),
                    session.environment.as_str().into(),
                    session.created_at.into(),
                    session.expires_at.into(),
                    session.closed_at.into(),
                    document(&Session::of(session)).into(),
                ],
            ),
            Write::PaymentLink { link, expects } => self.payment_link(link, *expects),
            Write::SessionClosed { digest, at } => {
                self.step(Statement::PaymentSessionClose, vec![digest.to_vec().into(), (*at).into()]);
            }
            Write::Promotion { promotion, expects } => self.promotion(promotion, *expects),
            Write::Budget(movement) => self.budget(movement),
            Write::PlatformSetting { setting, expects } => self.platform_setting(setting, *expects),
            Write::DiscountSharePolicy { policy, expects } => self.rule(policy, *expects),
            Write::AdditionalFeePolicy { policy, expects } => self.rule(policy, *expects),
            Write::Contract { contract, expects } => self.rule(contract, *expects),
            Write::Partner { partner, expects } => self.partner(partner, *expects),
            Write::Verification(verification) => self.verification(verification),
            Write::VerificationUsed { platform, id, at } => self.verification_used(platform, id, *at),
            Write::EmptyPlatform { merchant } => self.empty_platform(merchant),
            Write::PlatformHold(hold) => self.platform_hold(hold),
            Write::PlatformTransfer { transfer, expects } => self.platform_transfer(transfer, *expects),
            Write::PlatformTransferDeleted { platform, id, expects, at } => {
                self.platform_transfer_deleted(platform, id.as_str(), *expects, *at);
            }
            Write::PlatformTransferJoined { platform, transfer, settlement } => {
                self.platform_transfer_joined(platform, transfer.as_str(), settlement.as_str());
            }
            Write::PlatformPartnerSettlement { settlement, expects } => {
                self.partner_settlement(settlement, *expects);
            }
            Write::PlatformPartnerSettlementRemoved { platform, id, expects } => {
                self.partner_settlement_removed(platform, id.as_str(), *expects);
            }
            Write::PlatformPayout { payout, expects } => self.payout(payout, *expects),
            Write::PlatformBulkPayout { bulk, expects } => self.bulk_payout(bulk, *expects),
            Write::PlatformAccountTransfer { transfer, expects } => self.account_transfer(transfer, *expects),
            Write::PlatformBulkAccountTransfer { bulk, expects } => {
                self.bulk_account_transfer(bulk, *expects)
            }
            Write::PlatformAccount(account) => self.payout_account(account),
            Write::PlatformAccountMoved(moved) => self.account_moved(moved),
            Write::Delivery { delivery, expects } => {
                let (state, due_at) = delivery_state(delivery);
                self.step(
                    Statement::DeliveryUpdate,
                    vec![
                        text(delivery.id.as_str()),
                        state.into(),
                        due_at.into(),
                        due_at.saturating_sub(self.offset).into(),
                        delivery.last.as_ref().map(|last| result_word(last.result)).into(),
                        document(&Delivery::of(delivery)).into(),
                        Value::Int(i64::from(delivery.tries())),
                        Value::Int(i64::from(*expects)),
                    ],
                );
            }
            Write::Merchant(merchant) => self.step(
                Statement::MerchantInsert,
                vec![
                    text(merchant.id.as_str()),
                    merchant.created_at.into(),
                    document(&Merchant::of(merchant)).into(),
                ],
            ),
            Write::Store(store) => self.step(
                Statement::StorePut,
                vec![
                    text(store.id.as_str()),
                    text(store.merchant.as_str()),
                    store.created_at.into(),
                    i64::try_from(store.test_clock_offset.as_micros()).unwrap_or(i64::MAX).into(),
                    document(&Store::of(store)).into(),
                ],
            ),
            Write::ApiSecret(secret) => self.step(
                Statement::SecretPut,
                vec![
                    text(secret.id.as_str()),
                    text(secret.store.as_str()),
                    secret.digest.to_vec().into(),
                    secret.created_at.into(),
                    document(&ApiSecret::of(secret)).into(),
                ],
            ),
            Write::Channel(channel) => self.step(
                Statement::ChannelPut,
                vec![
                    text(channel.store.as_str()),
                    text(channel.key.as_str()),
                    channel.credentials.0.clone().into(),
                    document(&Channel::of(channel)).into(),
                ],
            ),
            Write::ChannelGroup(group) => self.step(
                Statement::GroupPut,
                vec![text(group.store.as_str()), text(group.id.as_str()), document(&Group::of(group)).into()],
            ),
            Write::WebhookEndpoint(endpoint) => self.step(
                Statement::EndpointPut,
                vec![
                    text(endpoint.store.as_str()),
                    endpoint.environment.as_str().into(),
                    document(&Endpoint::of(endpoint)).into(),
                ],
            ),
            Write::WebhookSecret(secret) => self.step(
                Statement::WebhookSecretPut,
                vec![
                    text(secret.id.as_str()),
                    text(secret.store.as_str()),
                    secret.environment.as_str().into(),
                    secret.sealed.0.clone().into(),
                    secret.created_at.into(),
                    secret.expired_at.into(),
                ],
            ),
            Write::Tokens { secret, superseded, tokens } => {
                if let Some(superseded) = superseded {
                    self.step(
                        Statement::TokensSupersede,
                        vec![text(secret.as_str()), superseded.to_vec().into()],
                    );
                }
                self.step(Statement::TokensRemove, vec![text(secret.as_str())]);
                self.rows(
                    Statement::TokenInsert,
                    tokens.iter().map(|token| {
                        vec![
                            token.digest.to_vec().into(),
                            text(token.secret.as_str()),
                            token_kind_word(token.kind).into(),
                            token.expires_at.into(),
                        ]
                    }),
                );
            }
            Write::GlobalMerchant(merchant) => self.global_merchant(merchant),
            Write::GlobalChannel(channel) => self.step(
                Statement::GlobalChannelPut,
                vec![
                    text(channel.store.as_str()),
                    channel.environment.as_str().into(),
                    text(&channel.name),
                    text(channel.key.as_str()),
                    text(&channel.country),
                    channel.credentials.0.clone().into(),
                    channel.updated_at.into(),
                ],
            ),
            Write::GlobalEndpoint(endpoint) => self.step(
                Statement::GlobalEndpointInsert,
                vec![
                    text(endpoint.store.as_str()),
                    text(&endpoint.id),
                    endpoint.environment.as_str().into(),
                    endpoint.topic.as_str().into(),
                    text(&endpoint.name),
                    text(&endpoint.url),
                    endpoint.is_enabled.into(),
                    endpoint.created_at.into(),
                ],
            ),
            Write::GlobalOrder { order, expects } => self.global_order(order, *expects),
            Write::RefundNote(note) => self.step(
                Statement::RefundNoteInsert,
                vec![
                    text(note.store.as_str()),
                    text(note.cancellation.as_str()),
                    note.environment.as_str().into(),
                    text(note.payment.as_str()),
                    note.kind.as_str().into(),
                    text(&note.description),
                ],
            ),
            Write::Simulator(record) => self.simulator(record),
            Write::TestClock { store, offset } => {
                let offset = i64::try_from(offset.as_micros()).unwrap_or(i64::MAX);
                for statement in [Statement::ClockStore, Statement::ClockJobs, Statement::ClockDeliveries] {
                    self.step(statement, vec![text(store.as_str()), offset.into()]);
                }
            }
            Write::EmptyTestData { store } => {
                for statement in EMPTYING {
                    self.step(statement, vec![text(store.as_str())]);
                }
            }
            Write::Purge { claims_before, tokens_before } => {
                self.step(Statement::PurgeClaims, vec![(*claims_before).into()]);
                self.step(Statement::PurgeSessions, vec![(*claims_before).into()]);
                self.step(Statement::PurgeTokens, vec![(*tokens_before).into()]);
                // Idempotency keys are kept for longer than look-ups are good for.
                self.step(Statement::PurgeVerifications, vec![(*claims_before).into()]);
                // Buyers look at the end of a visit again, at an account number above all: a day longer.
                self.step(
                    Statement::PurgeWindows,
                    vec![micros(*tokens_before).saturating_sub(86_400_000_000).into()],
                );
                // A commit that is still in doubt after a day has nobody left to ask.
                self.step(
                    Statement::PurgeCommits,
                    vec![micros(*tokens_before).saturating_sub(86_400_000_000).into()],
                );
            }
        }
    }

    fn global_merchant(&mut self, merchant: &GlobalMerchant) {
        self.step(
            Statement::GlobalMerchantPut,
            vec![
                text(merchant.store.as_str()),
                text(&merchant.client_key),
                merchant.secret.0.clone().into(),
                merchant.created_at.into(),
                document(&GlobalMerchantShape::of(merchant)).into(),
            ],
        );
    }

    fn global_order(&mut self, order: &GlobalOrder, expects: Option<u64>) {
        let body = document(&GlobalOrderShape::of(order));
        let mut values = vec![text(order.store.as_str()), text(&order.reference)];
        match expects {
            None => {
                values.extend([
                    order.environment.as_str().into(),
                    text(&order.merchant_reference),
                    text(order.payment.as_str()),
                    optional(order.link.as_ref().map(|link| link.reference.as_str())),
                    optional(order.subscription.as_deref()),
                    order.version.into(),
                    order.created_at.into(),
                    body.into(),
                ]);
                self.step(Statement::GlobalOrderInsert, values);
            }
            Some(expected) => {
                values.extend([expected.into(), order.version.into(), body.into()]);
                self.step(Statement::GlobalOrderUpdate, values);
            }
        }
    }

    fn payment(&mut self, payment: &Payment, expects: Option<u64>, touched: &Touched) {
        let mut values = vec![text(payment.key.store.as_str()), text(payment.key.payment.as_str())];
        let statement = match expects {
            None => {
                values.push(text(root(payment)));
                values.push(text(payment.merchant.as_str()));
                values.push(payment.environment.as_str().into());
                values.push(payment.created_at.into());
                if payment.attempts.iter().any(|attempt| attempt.schedule.is_some()) {
                    Statement::PaymentInsertScheduled
                } else {
                    Statement::PaymentInsert
                }
            }
            Some(expected) => {
                values.push(expected.into());
                // With one attempt, what was asked cannot change any more.
                if payment.attempts.len() > 1 { Statement::PaymentUpdate } else { Statement::PaymentSettle }
            }
        };
        outcome_columns(payment, &mut values);
        if statement != Statement::PaymentSettle {
            asked_columns(payment, &mut values);
        }
        self.step(statement, values);
        self.attempts(payment, touched);
        self.cancellations(payment, touched);
    }

    fn attempts(&mut self, payment: &Payment, touched: &Touched) {
        // One write a row, even when a change touched it several times.
        let mut writes: BTreeMap<u32, (&payment::Attempt, RowWrite)> = BTreeMap::new();
        for (id, write) in &touched.attempts {
            if let Some(attempt) = payment.attempt(id) {
                let entry = writes.entry(attempt.number).or_insert((attempt, *write));
                if *write == RowWrite::Insert {
                    entry.1 = RowWrite::Insert;
                }
            }
        }
        for (number, (attempt, write)) in writes {
            let mut values = vec![text(payment.key.store.as_str())];
            if write == RowWrite::Insert {
                values.push(text(payment.key.payment.as_str()));
            }
            values.push(text(root(payment)));
            values.push(number.into());
            let statement = match write {
                RowWrite::Insert => {
                    values.push(text(attempt.id.as_str()));
                    Statement::AttemptInsert
                }
                RowWrite::Update => Statement::AttemptUpdate,
            };
            values.push(attempt.is_paid().into());
            values.push(document(&Attempt::of(attempt)).into());
            self.step(statement, values);
        }
    }

    fn cancellations(&mut self, payment: &Payment, touched: &Touched) {
        let mut writes: BTreeMap<usize, (&payment::Cancellation, RowWrite)> = BTreeMap::new();
        for (id, write) in &touched.cancellations {
            if let Some(index) = payment.cancellations.iter().position(|c| c.id == *id)
                && let Some(cancellation) = payment.cancellations.get(index)
            {
                let entry = writes.entry(index).or_insert((cancellation, *write));
                if *write == RowWrite::Insert {
                    entry.1 = RowWrite::Insert;
                }
            }
        }
        for (index, (cancellation, write)) in writes {
            let number = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
            let mut values = vec![text(payment.key.store.as_str()), text(root(payment)), number.into()];
            let statement = match write {
                RowWrite::Insert => {
                    values.push(text(cancellation.id.as_str()));
                    values.push(cancellation.order_amount.minor_units().into());
                    values.push(cancellation.refund.minor_units().into());
                    Statement::CancellationInsert
                }
                RowWrite::Update => Statement::CancellationUpdate,
            };
            values.push(optional(cancellation.pg_cancellation_id.as_ref().map(|id| id.as_str())));
            if write == RowWrite::Insert {
                values.push(text(&cancellation.reason));
            }
            values.push(document(&Cancellation::of(cancellation)).into());
            self.step(statement, values);
        }
    }

    fn billing_key(&mut self, key: &billing_key::BillingKey, expects: Option<u64>) {
        let (issued_at, deleted_at, status_at) = match key.state {
            KeyState::Ready | KeyState::Sending => (None, None, key.requested_at),
            KeyState::Issued { at } => (Some(at), None, at),
            KeyState::Failed { at } => (None, None, at),
            KeyState::Deleted { issued_at, at } => (Some(issued_at), Some(at), at),
        };
        let mut values = vec![text(key.id.as_str())];
        let statement = match expects {
            None => {
                values.push(text(key.store.as_str()));
                values.push(text(key.merchant.as_str()));
                values.push(key.environment.as_str().into());
                Statement::BillingKeyInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::BillingKeyUpdate
            }
        };
        values.push(key.version.into());
        values.push(status_word(&key.state).into());
        if expects.is_none() {
            values.push(key.requested_at.into());
        }
        values.push(issued_at.into());
        values.push(deleted_at.into());
        values.push(status_at.into());
        values.push(optional(key.customer.id.as_deref()));
        values.push(optional(key.channel_group.as_ref().map(|group| group.id.as_str())));
        if expects.is_none() {
            values.push(platform_word(key.origin.platform).into());
        }
        values.push(document(&BillingKey::of(key)).into());
        self.step(statement, values);
    }

    fn window(&mut self, window: &Window, expects: Option<u64>) {
        let body = document(&WindowShape::of(window));
        let digest = window.digest.to_vec().into();
        let handed = match &window.step {
            WindowStep::HandedOver { token_digest } => Value::Blob(token_digest.to_vec()),
            WindowStep::Open
            | WindowStep::Challenged { .. }
            | WindowStep::Confirming { .. }
            | WindowStep::Ended(_) => Value::Null,
        };
        match expects {
            None => self.step(
                Statement::WindowInsert,
                vec![
                    digest,
                    text(window.store.as_str()),
                    text(window.merchant.as_str()),
                    window.environment.as_str().into(),
                    text(subject(&window.purpose)),
                    window.version.into(),
                    window.opened_at.into(),
                    window.expires_at.into(),
                    body.into(),
                ],
            ),
            Some(expected) => self.step(
                Statement::WindowUpdate,
                vec![
                    digest,
                    expected.into(),
                    text(subject(&window.purpose)),
                    window.version.into(),
                    window.expires_at.into(),
                    handed,
                    body.into(),
                ],
            ),
        }
    }

    fn payment_link(&mut self, link: &PaymentLink, expects: Option<u64>) {
        let mut values = vec![text(link.store.as_str()), text(&link.reference)];
        let statement = match expects {
            None => {
                values.push(text(link.merchant.as_str()));
                values.push(link.environment.as_str().into());
                values.push(text(&link.order_ref));
                values.push(optional(Some(link.label.as_str()).filter(|label| !label.is_empty())));
                Statement::PaymentLinkInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::PaymentLinkUpdate
            }
        };
        values.push(link.version.into());
        values.push(link.status.as_str().into());
        if expects.is_none() {
            values.push(link.created_at.into());
        }
        values.push(link.terms.expires_at.into());
        values.push(document(&PaymentLinkShape::of(link)).into());
        self.step(statement, values);
    }

    fn cash_receipt(&mut self, receipt: &cash_receipt::CashReceipt, expects: Option<u64>) {
        let mut values = vec![
            text(receipt.payment.store.as_str()),
            text(receipt.payment.payment.as_str()),
            receipt.number.into(),
        ];
        let statement = match expects {
            None => {
                values.push(text(receipt.id.as_str()));
                values.push(text(receipt.merchant.as_str()));
                values.push(receipt.environment.as_str().into());
                values.push((receipt.origin == Origin::Manual).into());
                values.push(receipt.kind.as_str().into());
                values.push(text(&receipt.order_name));
                values.push(text(&receipt.channel.pg_provider));
                values.push(text(&receipt.channel.pg_merchant_id));
                values.push(receipt.amounts.total.minor_units().into());
                values.push(receipt.requested_at.into());
                Statement::CashReceiptInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::CashReceiptUpdate
            }
        };
        let issue = receipt.issue();
        values.push(receipt.version.into());
        values.push(receipt_word(receipt).into());
        values.push(receipt.blocks_others().into());
        values.push(optional(issue.map(|issue| issue.pg_receipt_id.as_str())));
        values.push(issue.map(|issue| issue.at).into());
        values.push(receipt.cancelled_at().into());
        values.push(receipt.status_changed_at.into());
        values.push(document(&CashReceipt::of(receipt)).into());
        self.step(statement, values);
    }

    fn identity_verification(
        &mut self,
        verification: &identity_verification::IdentityVerification,
        expects: Option<u64>,
    ) {
        let mut values = vec![
            text(verification.key.store.as_str()),
            text(verification.key.id.as_str()),
            verification.number.into(),
        ];
        let statement = match expects {
            None => {
                values.push(text(verification.tx.as_str()));
                values.push(text(verification.merchant.as_str()));
                values.push(verification.environment.as_str().into());
                values.push(verification.origin.as_str().into());
                values.push(text(&verification.channel.pg_provider));
                values.push(text(&verification.channel.pg_merchant_id));
                values.push(verification.requested_at.into());
                Statement::IdentityVerificationInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::IdentityVerificationUpdate
            }
        };
        let (proof, asked) = (verification.proof(), &verification.customer);
        let person = proof.map(|proof| &proof.person);
        // What the PSP says of a person wins over what they said.
        let birth = person.map(|person| &person.birth).or(asked.birth.as_ref());
        let carrier = person.and_then(|person| person.operator.as_deref());
        let name = person.map(|person| person.name.as_str()).or(asked.name.as_deref());
        let phone = person.and_then(|person| person.phone_number.as_deref());
        values.push(verification.version.into());
        values.push(verification.status().as_str().into());
        values.push((!verification.is_ended()).into());
        values.push(optional(carrier.or(verification.operator.as_deref())));
        values.push(optional(name));
        values.push(optional(phone.or(asked.phone_number.as_deref())));
        values.push(optional(birth.map(|birth| birth.year.as_str())));
        values.push(optional(birth.map(|birth| birth.month.as_str())));
        values.push(optional(birth.map(|birth| birth.day.as_str())));
        values.push(optional(person.and_then(|person| person.gender.as_deref())));
        values.push(optional(verification.pg_tx_id.as_ref().map(|id| id.as_str())));
        values.push(proof.map(|proof| proof.at).into());
        values.push(verification.failure().map(|failure| failure.at).into());
        values.push(verification.status_changed_at.into());
        values.push(verification.updated_at.into());
        values.push(proof.map(|proof| proof.secrets.0.clone()).into());
        values.push(document(&IdentityVerification::of(verification)).into());
        self.step(statement, values);
    }

    /// What was decided from the key and the payment as they were seen must not meet a change of them.
    fn new_schedule(&mut self, schedule: &schedule::Schedule, key: u64, payment: Option<u64>) {
        let (store, id) = (&schedule.payment.store, &schedule.payment.payment);
        self.step(Statement::BillingKeyHold, vec![text(schedule.charge.billing_key.as_str()), key.into()]);
        let statement = match payment {
            None => Statement::ScheduleInsert,
            Some(version) => {
                let values = vec![text(store.as_str()), text(id.as_str()), version.into()];
                self.step(Statement::PaymentHold, values);
                Statement::ScheduleInsertBeside
            }
        };
        let mut values = vec![
            text(store.as_str()),
            text(id.as_str()),
            text(schedule.id.as_str()),
            text(schedule.merchant.as_str()),
            schedule.environment.as_str().into(),
            text(schedule.charge.billing_key.as_str()),
            schedule.created_at.into(),
            schedule.time_to_pay.into(),
        ];
        schedule_columns(schedule, &mut values);
        self.step(statement, values);
    }

    fn subscription_plan(&mut self, plan: &subscription::Plan, expects: Option<u64>) {
        let mut values = vec![text(plan.store.as_str()), text(plan.reference.as_str())];
        let statement = match expects {
            None => {
                values.push(text(plan.merchant.as_str()));
                values.push(plan.environment.as_str().into());
                values.push(text(&plan.merchant_ref));
                values.push(plan.created_at.into());
                Statement::PlanInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::PlanUpdate
            }
        };
        values.push(plan.version.into());
        values.push(plan.cancelled_at.into());
        values.push(document(&PlanShape::of(plan)).into());
        self.step(statement, values);
    }

    fn subscription(&mut self, subscription: &subscription::Subscription, expects: Option<u64>) {
        let mut values = vec![text(subscription.store.as_str()), text(subscription.reference.as_str())];
        let statement = match expects {
            None => {
                values.push(text(subscription.merchant.as_str()));
                values.push(subscription.environment.as_str().into());
                values.push(text(&subscription.merchant_ref));
                values.push(text(subscription.plan.as_str()));
                values.push(subscription.created_at.into());
                values.push(subscription.expires_at.into());
                Statement::SubscriptionInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::SubscriptionUpdate
            }
        };
        values.push(subscription.version.into());
        values.push(subscription.status().as_str().into());
        values.push(subscription.collected_amount.minor_units().into());
        values.push(subscription.collected_count.into());
        values.push(document(&SubscriptionShape::of(subscription)).into());
        self.step(statement, values);
    }

    fn new_deduction(&mut self, deduction: &subscription::Deduction) {
        let kind = match deduction.slot {
            Slot::Initial => "INITIAL",
            Slot::Cycle(_) => "CYCLE",
            Slot::OnDemand => "ON_DEMAND",
        };
        let mut values = vec![
            text(deduction.store.as_str()),
            text(deduction.subscription.as_str()),
            deduction.number.into(),
            deduction.environment.as_str().into(),
            text(deduction.payment.as_str()),
            deduction.slot.number().map(i64::from).into(),
            kind.into(),
            deduction.amount.minor_units().into(),
            deduction.created_at.into(),
        ];
        deduction_columns(deduction, &mut values);
        self.step(Statement::DeductionInsert, values);
    }

    fn promotion(&mut self, promotion: &promotion::Promotion, expects: Option<u64>) {
        let mut values = vec![text(promotion.store.as_str()), text(promotion.id.as_str())];
        let statement = match expects {
            None => {
                values.push(promotion.environment.as_str().into());
                values.push(promotion.created_at.into());
                Statement::PromotionInsert
            }
            Some(expected) => {
                values.push(expected.into());
                Statement::PromotionUpdate
            }
        };
        values.push(promotion.terms.into());
        values.push(promotion.total_budget.minor_units().into());
        values.push(promotion.spare_budget().minor_units().into());
        if expects.is_none() {
            let budget = promotion.budget;
            for amount in [budget.reserved, budget.spent, budget.unfunded, budget.unrecovered] {
                values.push(amount.minor_units().into());
            }
        }
        values.push(document(&Promotion::of(promotion)).into());
        self.step(statement, values);
    }

    fn budget(&mut self, moved: &BudgetMovement) {
        let mut values = vec![
            text(moved.store.as_str()),
            text(moved.promotion.as_str()),
            moved.amount.minor_units().into(),
        ];
        let statement = match moved.movement {
            Movement::Reserve { terms } => {
                values.push(terms.into());
                Statement::BudgetReserve
            }
            Movement::Regain => Statement::BudgetRegain,
            Movement::Spend => Statement::BudgetSpend,
            Movement::Release => Statement::BudgetRelease,
            Movement::SpendUnheld => Statement::BudgetSpendUnheld,
            Movement::Recover => Statement::BudgetRecover,
            Movement::Lose => Statement::BudgetLose,
        };
        self.step(statement, values);
    }

    fn simulator(&mut self, record: &SimulatorRecord) {
        let mut values = vec![text(record.store.as_str()), text(&record.kind), text(&record.id)];
        let statement = match record.expects {
            None => Statement::SimulatorInsert,
            Some(expected) => {
                values.push(expected.into());
                Statement::SimulatorUpdate
            }
        };
        values.push(record.version.into());
        values.push(text(&record.merchant_id));
        values.push(optional(record.currency.as_ref().map(|currency| currency.code())));
        values.push(record.approved.into());
        values.push(record.refunded.into());
        values.push(record.at.into());
        values.push(text(&record.document));
        self.step(statement, values);
    }

    fn job(&mut self, write: &JobWrite) {
        match write {
            JobWrite::Put(job) => self.step(Statement::JobPut, job_row(job, self.offset)),
            JobWrite::PutOff(job) => {
                let due_at = micros(job.due_at);
                let wake_at = due_at.saturating_sub(self.offset);
                let values = vec![text(&job.task.key()), due_at.into(), wake_at.into(), job.runs.into()];
                self.step(Statement::JobPutOff, values);
            }
            JobWrite::Done(key) => self.step(Statement::JobDone, vec![text(key)]),
            JobWrite::Remove(key) => self.step(Statement::JobRemove, vec![text(key)]),
        }
    }

    fn postings(&mut self, postings: &[Posting], shards: u16, roots: &Roots<'_>) {
        self.rows_of_lanes(
            (Statement::EntryInsert, Statement::EntryInsertAside),
            postings.iter().flat_map(|posting| entry_rows(posting, roots)).collect(),
        );
        let mut sums: BTreeMap<(String, Environment, String, String, i64), i64> = BTreeMap::new();
        for posting in postings {
            let shard = shard(posting.id(), shards);
            for entry in posting.entries() {
                let key = (
                    posting.store().as_str().to_owned(),
                    posting.environment(),
                    entry.account.name(),
                    posting.currency().code().to_owned(),
                    shard,
                );
                let sum = sums.entry(key).or_insert(0);
                *sum = sum.saturating_add(entry.signed);
            }
        }
        self.rows(
            Statement::BalanceAdd,
            sums.into_iter().map(|((store, environment, account, currency, shard), amount)| {
                vec![
                    store.into(),
                    environment.as_str().into(),
                    account.into(),
                    currency.into(),
                    shard.into(),
                    amount.into(),
                ]
            }),
        );
    }
}

/// What belongs to TEST payments is found through the payments, so these go last but one.
const EMPTYING: [Statement; 33] = [
    Statement::EmptyDeductions,
    Statement::EmptySubscriptions,
    Statement::EmptyPlans,
    Statement::EmptyWindows,
    Statement::EmptyEvidence,
    Statement::EmptyAttempts,
    Statement::EmptyCancellations,
    Statement::EmptyPreRegistrations,
    Statement::EmptyPayments,
    Statement::EmptyBillingKeys,
    Statement::EmptyCashReceipts,
    Statement::EmptyIdentityVerifications,
    Statement::EmptySchedules,
    Statement::EmptyEvents,
    Statement::EmptyDeliveries,
    Statement::EmptyJobs,
    Statement::EmptyEntries,
    Statement::EmptyBalances,
    Statement::EmptySimulator,
    Statement::EmptyBudgets,
    Statement::EmptySessions,
    Statement::EmptyPaymentLinks,
    Statement::EmptyGlobalOrders,
    Statement::EmptyRefundNotes,
    Statement::EmptyPlatformTerms,
    Statement::EmptyPlatformHolds,
    Statement::EmptyPlatformTransfers,
    Statement::EmptyPartnerSettlements,
    Statement::EmptyPayouts,
    Statement::EmptyBulkPayouts,
    Statement::EmptyAccountTransfers,
    Statement::EmptyBulkAccountTransfers,
    Statement::EmptyPayoutAccounts,
];

/// What a window is found by when its token is not known.
fn subject(purpose: &Purpose) -> &str {
    match purpose {
        Purpose::Payment(about) => about.transaction.as_str(),
        Purpose::BillingKey(about) => match &about.payment {
            Some(payment) => payment.transaction.as_str(),
            None => about.billing_key.as_str(),
        },
        Purpose::Identity(about) => about.tx.as_str(),
    }
}

pub(crate) const fn token_kind_word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "ACCESS",
        TokenKind::Refresh => "REFRESH",
    }
}

fn claim_row(claim: &Claim, answer: Option<&Answer>) -> Vec<Value> {
    vec![
        text(claim.reference.merchant.as_str()),
        text(&claim.reference.key),
        text(&claim.reference.operation),
        claim.fingerprint.to_vec().into(),
        claim.at.into(),
        answer.map(|answer| i64::from(answer.status)).into(),
        answer.map(|answer| answer.body.clone()).into(),
    ]
}

/// The columns that an outcome changes, in the order in which all three payment statements have them.
fn outcome_columns(payment: &Payment, values: &mut Vec<Value>) {
    let current = payment.current();
    let status = payment.status();
    let claiming = || payment.cancellations.iter().filter(|c| c.is_claiming());
    let sum = |part: fn(&payment::Cancellation) -> Amount| {
        claiming().fold(0i64, |sum, c| sum.saturating_add(part(c).minor_units()))
    };
    let method = current.and_then(|attempt| attempt.method.as_ref());
    let card = method.and_then(card_of);
    let disputes = (!payment.disputes.is_empty())
        .then(|| document(&payment.disputes.iter().map(Dispute::of).collect::<Vec<_>>()));
    values.push(payment.version.into());
    values.push(payment.last_event.into());
    values.push(payment.updated_at.into());
    values.push(payment.status_changed_at.into());
    values.push(status.as_str().into());
    values.push(status_at(payment, status).into());
    values.push(text(current.map_or("", |attempt| attempt.id.as_str())));
    values.push(sum(|c| c.order_amount).into());
    values.push(sum(|c| c.refund).into());
    values.push(method.map(Method::kind).into());
    values.push(optional(card.and_then(|card| card.brand.as_deref())));
    values.push(optional(card.and_then(|card| card.kind.as_deref())));
    values.push(optional(card.and_then(|card| card.owner.as_deref())));
    values.push(optional(card.and_then(|card| card.masked_number.as_deref())));
    values.push(optional(current.and_then(|attempt| attempt.pg_tx_id.as_ref()).map(|id| id.as_str())));
    values.push(disputes.into());
}

fn card_of(method: &Method) -> Option<&CardDetails> {
    match method {
        Method::Card { card, .. } => Some(card),
        Method::EasyPay { card, .. } => card.as_ref(),
        Method::VirtualAccount { .. }
        | Method::Transfer { .. }
        | Method::Mobile { .. }
        | Method::GiftCertificate { .. }
        | Method::ConvenienceStore { .. }
        | Method::Crypto => None,
    }
}

/// The time proper to the status: paid → paid at, cancelled → cancelled at, …
fn status_at(payment: &Payment, status: Status) -> i64 {
    let Some(attempt) = payment.current() else { return micros(payment.status_changed_at) };
    let proper = match &attempt.state {
        AttemptState::Ready | AttemptState::Sending => attempt.requested_at,
        AttemptState::Unknown { since } | AttemptState::Pending { since } => *since,
        AttemptState::AccountIssued { at } => *at,
        AttemptState::Failed(failure) => failure.at,
        AttemptState::Paid(paid) => match status {
            Status::PartialCancelled | Status::Cancelled => {
                payment.cancelled_at().unwrap_or(payment.status_changed_at)
            }
            Status::Ready
            | Status::Pending
            | Status::VirtualAccountIssued
            | Status::Paid
            | Status::Failed => paid.at,
        },
    };
    // A PSP's clock may be behind ours; lists rely on a status being no older than its payment.
    micros(proper.max(payment.created_at))
}

/// The columns that say what was asked.
fn asked_columns(payment: &Payment, values: &mut Vec<Value>) {
    let Some(attempt) = payment.current() else {
        // A payment without attempts cannot be written: the columns are NOT NULL and refuse it.
        values.extend(std::iter::repeat_n(Value::Null, 12));
        return;
    };
    let customer = &attempt.order.customer;
    values.push(attempt.amounts.total.minor_units().into());
    values.push(attempt.amounts.to_pay().minor_units().into());
    values.push(text(attempt.currency.code()));
    values.push(optional(attempt.channel.as_ref().map(|channel| channel.pg_provider.as_str())));
    values.push(platform_word(attempt.origin.platform).into());
    values.push(attempt.order.is_escrow.into());
    values.push(attempt.schedule.is_some().into());
    values.push(text(&attempt.order.name));
    values.push(optional(customer.name.as_deref()));
    values.push(optional(customer.email.as_deref()));
    values.push(optional(customer.phone_number.as_deref()));
    values.push(optional(attempt.billing_key.as_ref().map(|key| key.as_str())));
}

/// The columns that a run or a revocation changes, in the order in which all schedule statements have
/// them.
fn schedule_columns(schedule: &schedule::Schedule, values: &mut Vec<Value>) {
    values.push(schedule.version.into());
    values.push(schedule.status().as_str().into());
    values.push(schedule.completed_at().map_or(0, micros).into());
    values.push(schedule.status_at().into());
    values.push(optional(schedule.run().map(|run| run.transaction.as_str())));
    values.push(document(&Schedule::of(schedule)).into());
}

/// The columns that the end of a deduction changes, in the order in which both statements have them.
fn deduction_columns(deduction: &subscription::Deduction, values: &mut Vec<Value>) {
    let (ended_at, is_last) = match deduction.state {
        DeductionState::Going => (None, false),
        DeductionState::Collected { at } => (Some(at), false),
        DeductionState::Failed { at, is_last } => (Some(at), is_last),
    };
    values.push(deduction.state.as_str().into());
    values.push(ended_at.into());
    values.push(is_last.into());
}

fn event_row(event: &paypier_domain::event::Event, notify: Notify, roots: &Roots<'_>) -> LaneRow {
    let (subject, lane, sequence, moved) = match &event.subject {
        Subject::Payment(about) => {
            let id = about.payment.payment.as_str();
            (id, roots.get(event.store.as_str(), id), Value::from(about.sequence), about.moved)
        }
        Subject::BillingKey { key, .. } => (key.as_str(), Some(text(key.as_str())), Value::Null, 0),
    };
    LaneRow::new(lane, |lane| {
        vec![
            text(event.id.as_str()),
            text(event.merchant.as_str()),
            text(event.store.as_str()),
            event.environment.as_str().into(),
            text(subject),
            lane,
            sequence,
            event.at.into(),
            moved.into(),
            (notify == Notify::Yes).into(),
            document(&Event::of(event)).into(),
        ]
    })
}

fn delivery_state(delivery: &delivery::Delivery) -> (&'static str, i64) {
    match delivery.state {
        DeliveryState::Due { at } => ("DUE", micros(at)),
        DeliveryState::Succeeded => ("SUCCEEDED", 0),
        DeliveryState::Dead => ("DEAD", 0),
    }
}

fn delivery_row(delivery: &delivery::Delivery, offset: i64, roots: &Roots<'_>) -> LaneRow {
    let (state, due_at) = delivery_state(delivery);
    LaneRow::new(roots.get(delivery.store.as_str(), &delivery.subject), |lane| {
        vec![
            text(delivery.id.as_str()),
            text(delivery.store.as_str()),
            delivery.environment.as_str().into(),
            text(&delivery.subject),
            lane,
            delivery.sequence.into(),
            text(&delivery.url),
            state.into(),
            Value::Int(i64::from(delivery.tries())),
            due_at.into(),
            due_at.saturating_sub(offset).into(),
            Value::Int(0),
            delivery.created_at.into(),
            delivery.status_when_sent.map(Status::as_str).into(),
            delivery.last.as_ref().map(|last| result_word(last.result)).into(),
            document(&Delivery::of(delivery)).into(),
        ]
    })
}

fn job_row(job: &Job, offset: i64) -> Vec<Value> {
    let due_at = micros(job.due_at);
    vec![
        job.task.key().into(),
        job.task.kind().into(),
        text(job.store.as_str()),
        job.environment.as_str().into(),
        due_at.into(),
        due_at.saturating_sub(offset).into(),
        Value::Int(0),
        job.runs.into(),
        document(&Task::of(&job.task)).into(),
    ]
}

fn evidence_row(evidence: &Evidence, commit: &str, number: usize) -> Vec<Value> {
    vec![
        text(evidence.payment.store.as_str()),
        text(evidence.payment.payment.as_str()),
        evidence.at.into(),
        // Padded, so that rows of one commit and instant read back in their order.
        format!("{commit}-{number:04}").into(),
        text(evidence.transaction.as_str()),
        optional(evidence.subject.as_deref()),
        evidence.kind.as_str().into(),
        text(&evidence.finding),
        optional(evidence.raw.as_deref()),
    ]
}

fn entry_rows<'a>(posting: &'a Posting, roots: &'a Roots<'_>) -> impl Iterator<Item = LaneRow> + 'a {
    let payment = posting.payment();
    posting.entries().iter().enumerate().map(|(index, entry)| {
        // The book of a partner is a lane of its own.
        let lane = if posting.is_of_platform() {
            Some(text(payment.payment.as_str()))
        } else {
            roots.get(payment.store.as_str(), payment.payment.as_str())
        };
        LaneRow::new(lane, |lane| {
            vec![
                text(payment.store.as_str()),
                text(payment.payment.as_str()),
                lane,
                text(posting.id()),
                Value::Int(i64::try_from(index).unwrap_or(i64::MAX)),
                posting.environment().as_str().into(),
                entry.account.name().into(),
                text(posting.currency().code()),
                entry.signed.into(),
                posting.at().into(),
            ]
        })
    })
}

/// Which part of a balance a posting goes to: FNV-1a of its id. Any spread is right; the same
/// posting always has the same one.
fn shard(posting: &str, shards: u16) -> i64 {
    let hash = posting
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let folded = hash ^ (hash >> 32);
    i64::try_from(folded.checked_rem(u64::from(shards)).unwrap_or(0)).unwrap_or(0)
}
