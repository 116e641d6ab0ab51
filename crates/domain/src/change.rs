//! The result of every decision: plain data that says what to write, all of it or nothing.
//!
//! A change holds no transaction and no code. Storage runs it: it checks every expected version,
//! writes the rows, posts to the ledger, appends the events and their deliveries, queues and removes
//! jobs, and remembers the idempotent answer, in one database transaction.

use crate::account::{ApiSecret, Merchant, Store, Token, WebhookEndpoint, WebhookSecret};
use crate::billing_key::BillingKey;
use crate::cash_receipt::CashReceipt;
use crate::channel::{Channel, ChannelGroup, Environment};
use crate::checkout::Window;
use crate::checkout_profile::CheckoutProfile;
use crate::claim::ClaimWrite;
use crate::delivery::Delivery;
use crate::event::Event;
use crate::evidence::Evidence;
use crate::global::{GlobalChannel, GlobalEndpoint, GlobalMerchant, GlobalOrder, RefundNote};
use crate::id::{CancellationId, MerchantId, SecretId, StoreId, TransactionId};
use crate::identity_verification::IdentityVerification;
use crate::job::JobWrite;
use crate::ledger::Posting;
use crate::money::Currency;
use crate::payment::{Payment, PreRegistration};
use crate::payment_link::PaymentLink;
use crate::payment_session::PaymentSession;
use crate::promotion::{BudgetMovement, Promotion};
use crate::schedule::Schedule;
use crate::settlement::contract::ContractTerms;
use crate::settlement::definition::{Definition, Partner, PlatformKey};
use crate::settlement::id::{PartnerSettlementId, TransferId};
use crate::settlement::partner_settlement::PartnerSettlement;
use crate::settlement::paying::{
    AccountMoved, AccountTransfer, BulkAccountTransfer, BulkPayout, Payout, PayoutAccount,
};
use crate::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use crate::settlement::property::PlatformSetting;
use crate::settlement::transfer::{Hold, Transfer};
use crate::settlement::verification::Verification;
use crate::subscription::{Deduction, Plan, Subscription};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    pub writes: Vec<Write>,
    pub postings: Vec<Posting>,
    pub events: Vec<(Event, Notify)>,
    /// One for each event and each URL that is told; filled in by the application, which knows the
    /// endpoints.
    pub deliveries: Vec<Delivery>,
    pub jobs: Vec<JobWrite>,
    pub evidence: Vec<Evidence>,
    pub claim: Option<ClaimWrite>,
    /// How far the store's clock, in which due times are given, runs ahead of the real one.
    pub clock_offset: SignedDuration,
}

/// Whether an event is told to the merchant. It is recorded in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    Yes,
    No,
}

impl Notify {
    pub const fn unless(skip: bool) -> Self {
        if skip { Self::No } else { Self::Yes }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowWrite {
    Insert,
    Update,
}

/// Which rows below a payment a change inserts or updates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    pub attempts: Vec<(TransactionId, RowWrite)>,
    pub cancellations: Vec<(CancellationId, RowWrite)>,
}

/// One thing to write. `expects` is the stored version that the decision was made from: `None` for
/// a row that must not exist yet, else the version that the row must still have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    Payment {
        payment: Box<Payment>,
        expects: Option<u64>,
        touched: Touched,
    },
    BillingKey {
        key: Box<BillingKey>,
        expects: Option<u64>,
    },
    /// A visit of a buyer at our checkout.
    Window {
        window: Box<Window>,
        expects: Option<u64>,
    },
    /// Of one payment id, at most one receipt is open or valid: another insert conflicts.
    CashReceipt {
        receipt: Box<CashReceipt>,
        expects: Option<u64>,
    },
    /// Of one id, at most one attempt is open and at most one succeeds: another insert conflicts.
    IdentityVerification {
        verification: Box<IdentityVerification>,
        expects: Option<u64>,
    },
    /// Inserts a schedule. It was decided beside the billing key and the payment (`None`: there is none)
    /// at these versions; both get their next one, so that it does not meet another change of them. At
    /// most one schedule of a payment may wait.
    NewSchedule {
        schedule: Box<Schedule>,
        key: u64,
        payment: Option<u64>,
    },
    Schedule {
        schedule: Box<Schedule>,
        expects: u64,
    },
    /// Of a merchant's reference there is one plan in an environment: another insert fails as existing.
    Plan {
        plan: Box<Plan>,
        expects: Option<u64>,
    },
    /// As with plans. The merchant is told when the status is another one than before.
    Subscription {
        subscription: Box<Subscription>,
        expects: Option<u64>,
        notify: Notify,
    },
    /// Inserts a deduction. Of one slot of a subscription, at most one has not failed: another insert
    /// conflicts.
    NewDeduction(Box<Deduction>),
    /// Updates a deduction that is under way, or one that failed and is paid after all; conflicts with any
    /// other.
    Deduction(Box<Deduction>),
    /// Inserts or replaces.
    PreRegistration(PreRegistration),
    /// Inserts or replaces.
    CheckoutProfile(Box<CheckoutProfile>),
    /// Inserts; fails when it exists.
    PaymentSession(Box<PaymentSession>),
    /// The merchant's reference and label of a link are unique in their store and environment: inserting
    /// another one fails because it exists.
    PaymentLink {
        link: Box<PaymentLink>,
        expects: Option<u64>,
    },
    /// Conflicts when it is closed already.
    SessionClosed {
        digest: [u8; 32],
        at: Timestamp,
    },
    /// What an operator decides about a promotion. Its budget is only set when it is inserted; `expects`
    /// is the number of its terms that must be stored.
    Promotion {
        promotion: Box<Promotion>,
        expects: Option<u64>,
    },
    /// Moves the money of a promotion; what guards it is part of the statement.
    Budget(BudgetMovement),
    /// A merchant's settlement settings. `expects` is the stored revision, 0 when nothing was ever set.
    PlatformSetting {
        setting: Box<PlatformSetting>,
        expects: u64,
    },
    /// Versions that are new are recorded beside it, here as with the three after it.
    DiscountSharePolicy {
        policy: Box<Definition<DiscountShareTerms>>,
        expects: Option<u64>,
    },
    AdditionalFeePolicy {
        policy: Box<Definition<AdditionalFeeTerms>>,
        expects: Option<u64>,
    },
    Contract {
        contract: Box<Definition<ContractTerms>>,
        expects: Option<u64>,
    },
    Partner {
        partner: Box<Partner>,
        expects: Option<u64>,
    },
    /// Inserts; fails when it exists.
    Verification(Box<Verification>),
    /// Conflicts when it is used already.
    VerificationUsed {
        platform: PlatformKey,
        id: Box<str>,
        at: Timestamp,
    },
    /// Removes a merchant's TEST platform: settings, policies, contracts, partners, look-ups.
    EmptyPlatform {
        merchant: MerchantId,
    },
    /// Takes the next version of what serialises changes of one sum; conflicts when somebody else has.
    PlatformHold(Hold),
    /// Another transfer of this id, deleted or not, makes an insert fail.
    PlatformTransfer {
        transfer: Box<Transfer>,
        expects: Option<u64>,
    },
    PlatformTransferDeleted {
        platform: PlatformKey,
        id: TransferId,
        expects: u64,
        at: Timestamp,
    },
    /// Conflicts when the transfer is deleted or has joined one already.
    PlatformTransferJoined {
        platform: PlatformKey,
        transfer: TransferId,
        settlement: PartnerSettlementId,
    },
    PlatformPartnerSettlement {
        settlement: Box<PartnerSettlement>,
        expects: Option<u64>,
    },
    PlatformPartnerSettlementRemoved {
        platform: PlatformKey,
        id: PartnerSettlementId,
        expects: u64,
    },
    PlatformPayout {
        payout: Box<Payout>,
        expects: Option<u64>,
    },
    PlatformBulkPayout {
        bulk: Box<BulkPayout>,
        expects: Option<u64>,
    },
    PlatformAccountTransfer {
        transfer: Box<AccountTransfer>,
        expects: Option<u64>,
    },
    PlatformBulkAccountTransfer {
        bulk: Box<BulkAccountTransfer>,
        expects: Option<u64>,
    },
    /// Inserts; conflicts when it exists.
    PlatformAccount(Box<PayoutAccount>),
    /// Moves what an account holds; what guards it is part of the statement.
    PlatformAccountMoved(AccountMoved),
    /// Updates a delivery's state, counters and last execution. `expects` is the number of tries
    /// ([`Delivery::tries`]) that the stored one must still have.
    Delivery {
        delivery: Box<Delivery>,
        expects: u32,
    },
    /// Inserts; fails when it exists.
    Merchant(Merchant),
    /// Inserts or replaces.
    Store(Store),
    /// Inserts or replaces.
    ApiSecret(ApiSecret),
    /// Inserts or replaces.
    Channel(Box<Channel>),
    /// Inserts or replaces.
    ChannelGroup(ChannelGroup),
    /// Inserts or replaces, by store and environment.
    WebhookEndpoint(WebhookEndpoint),
    /// Inserts or replaces.
    WebhookSecret(WebhookSecret),
    /// Removes all refresh tokens of the secret and stores the new tokens. When `superseded` is
    /// given, that refresh token must be among the removed ones, or the change conflicts.
    Tokens {
        secret: SecretId,
        superseded: Option<[u8; 32]>,
        tokens: Vec<Token>,
    },
    /// Inserts or replaces.
    GlobalMerchant(Box<GlobalMerchant>),
    /// Inserts or replaces, by store, environment and name.
    GlobalChannel(Box<GlobalChannel>),
    /// Inserts; fails when one with its name or URL exists.
    GlobalEndpoint(Box<GlobalEndpoint>),
    /// Inserts, and fails when one of its references exists; or updates what stands at this version.
    GlobalOrder {
        order: Box<GlobalOrder>,
        expects: Option<u64>,
    },
    /// Inserts; fails when it exists.
    RefundNote(RefundNote),
    /// A page of the simulated PSP's own books.
    Simulator(Box<SimulatorRecord>),
    /// Moves a store's test clock to `offset` ahead of real time; all its TEST jobs and deliveries
    /// become due that much earlier.
    TestClock {
        store: StoreId,
        offset: SignedDuration,
    },
    /// Removes a store's TEST data: payments, keys, cash receipts, identity verifications, schedules, events,
    /// deliveries, jobs, postings, balances, evidence, pre-registrations, windows, sessions, links and the simulated PSP's
    /// books; TEST promotions get their budget back.
    EmptyTestData {
        store: StoreId,
    },
    /// Removes payment sessions that ended before the first of these times, and idempotency keys and tokens that ended before these times, and windows that ended a day
    /// before that of tokens.
    Purge {
        claims_before: Timestamp,
        tokens_before: Timestamp,
    },
}

/// A record of the simulated PSP. Only the simulator knows what `document` means; the columns are
/// what its books are summed up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatorRecord {
    /// The store whose sandbox it is.
    pub store: StoreId,
    /// `order`, `token`, `notification` or `settings`.
    pub kind: String,
    /// Unique in the store and kind.
    pub id: String,
    /// Counts stored changes from 1.
    pub version: u64,
    /// The version that must be stored now: `None` when there must be none.
    pub expects: Option<u64>,
    /// The merchant's id at the PSP, which tells channels apart.
    pub merchant_id: String,
    pub currency: Option<Currency>,
    /// What the PSP believes it charged and gave back, minor units.
    pub approved: i64,
    pub refunded: i64,
    pub at: Timestamp,
    /// JSON.
    pub document: String,
}

impl Change {
    pub(crate) fn write_payment(&mut self, payment: Payment, expects: Option<u64>, touched: Touched) {
        self.writes.push(Write::Payment { payment: Box::new(payment), expects, touched });
    }

    /// Both changes as one. Used where one commit carries two decisions.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.writes.extend(other.writes);
        self.postings.extend(other.postings);
        self.events.extend(other.events);
        self.deliveries.extend(other.deliveries);
        self.jobs.extend(other.jobs);
        self.evidence.extend(other.evidence);
        self.claim = self.claim.or(other.claim);
        self
    }

    /// The environment of the payment or key that the change is about, when there is one.
    pub fn environment(&self) -> Option<Environment> {
        self.writes.iter().find_map(|write| match write {
            Write::Payment { payment, .. } => Some(payment.environment),
            Write::BillingKey { key, .. } => Some(key.environment),
            Write::Window { window, .. } => Some(window.environment),
            Write::PaymentLink { link, .. } => Some(link.environment),
            Write::CashReceipt { receipt, .. } => Some(receipt.environment),
            Write::IdentityVerification { verification, .. } => Some(verification.environment),
            Write::GlobalOrder { order, .. } => Some(order.environment),
            Write::NewSchedule { schedule, .. } | Write::Schedule { schedule, .. } => {
                Some(schedule.environment)
            }
            Write::Plan { plan, .. } => Some(plan.environment),
            Write::Subscription { subscription, .. } => Some(subscription.environment),
            Write::PlatformSetting { setting, .. } => Some(setting.platform.environment),
            Write::DiscountSharePolicy { policy, .. } => Some(policy.platform.environment),
            Write::AdditionalFeePolicy { policy, .. } => Some(policy.platform.environment),
            Write::Contract { contract, .. } => Some(contract.platform.environment),
            Write::Partner { partner, .. } => Some(partner.definition.platform.environment),
            Write::PlatformHold(Hold { platform, .. })
            | Write::PlatformTransferDeleted { platform, .. }
            | Write::PlatformTransferJoined { platform, .. }
            | Write::PlatformPartnerSettlementRemoved { platform, .. }
            | Write::PlatformAccountMoved(AccountMoved { platform, .. }) => Some(platform.environment),
            Write::PlatformTransfer { transfer, .. } => Some(transfer.platform.environment),
            Write::PlatformPartnerSettlement { settlement, .. } => Some(settlement.platform.environment),
            Write::PlatformPayout { payout, .. } => Some(payout.platform.environment),
            Write::PlatformBulkPayout { bulk, .. } => Some(bulk.platform.environment),
            Write::PlatformAccountTransfer { transfer, .. } => Some(transfer.platform.environment),
            Write::PlatformBulkAccountTransfer { bulk, .. } => Some(bulk.platform.environment),
            Write::PlatformAccount(account) => Some(account.platform.environment),
            _ => None,
        })
    }
}
