//! One try to pay at one PSP: what was asked, and how it stands.

use super::Amounts;
use super::escrow::Escrow;
use super::virtual_account::AccountLife;
use crate::cash_receipt;
use crate::channel::{ChannelGroupSnapshot, ChannelSnapshot};
use crate::claim::ClaimRef;
use crate::customer::{Address, Customer, Product};
use crate::id::{BillingKeyId, PgTxId, ScheduleId, TransactionId};
use crate::money::{Amount, Currency};
use crate::promotion::PromotionUse;
use crate::psp::{CardDetails, VirtualAccount};
use jiff::Timestamp;

/// One attempt. Everything but `state`, `method`, `pg_tx_id`, `queries` and the hold of its discount is
/// fixed when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: TransactionId,
    /// Counts the payment's attempts from 1.
    pub number: u32,
    pub requested_at: Timestamp,
    pub status_changed_at: Timestamp,
    pub currency: Currency,
    pub amounts: Amounts,
    pub order: Order,
    pub origin: Origin,
    pub channel: Option<ChannelSnapshot>,
    pub channel_group: Option<ChannelGroupSnapshot>,
    pub billing_key: Option<BillingKeyId>,
    pub schedule: Option<ScheduleId>,
    /// The discount that it was given; none when it pays the full price.
    pub promotion: Option<PromotionUse>,
    pub notices: Notices,
    /// The keyed request that asked the PSP last (to pay, to confirm, to capture): whoever ends that
    /// asking gives the request its answer.
    pub claim: Option<ClaimRef>,
    pub method: Option<Method>,
    /// The PSP's name for it, as soon as it is known.
    pub pg_tx_id: Option<PgTxId>,
    /// How often a job asked the PSP about it.
    pub queries: u32,
    /// The buyer authenticated in a window, and the merchant's server has yet to approve.
    pub authentication: Option<Authentication>,
    /// What became of the virtual account that was issued for it.
    pub account: AccountLife,
    /// The delivery of an order in escrow, as soon as something was said about it.
    pub escrow: Option<Escrow>,
    pub state: AttemptState,
}

/// What manual approval waits for: the merchant's server showing the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Authentication {
    /// SHA-256 of the payment token.
    pub token_digest: [u8; 32],
    pub expires_at: Timestamp,
    /// The PSP's token for the instrument that the buyer authenticated with.
    pub instrument: String,
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authentication(until {}, ..)", self.expires_at)
    }
}

impl Attempt {
    /// From when on a PSP's "not found" can be old enough to prove anything. Not when the attempt was
    /// made: its window may have been open for long before the PSP was asked for money.
    pub const fn asked_at(&self) -> Timestamp {
        self.status_changed_at
    }

    pub const fn is_paid(&self) -> bool {
        matches!(self.state, AttemptState::Paid(_))
    }

    /// Whether another attempt must wait for this one: its money may be taken already, or may come.
    pub const fn blocks_others(&self) -> bool {
        match self.state {
            AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. }
            | AttemptState::Paid(_) => true,
            AttemptState::Ready | AttemptState::Failed(_) => false,
        }
    }

    /// What this attempt was made from, as it is sent to the PSP. `None` without a channel, which an
    /// attempt that can be sent has.
    pub fn as_request(&self) -> Option<Request> {
        Some(Request {
            transaction: self.id.clone(),
            currency: self.currency,
            amounts: self.amounts,
            order: self.order.clone(),
            origin: self.origin.clone(),
            channel: self.channel.clone()?,
            channel_group: self.channel_group.clone(),
            billing_key: self.billing_key.clone(),
            schedule: self.schedule.clone(),
            promotion: self.promotion.clone(),
            notices: self.notices.clone(),
            claim: self.claim.clone(),
            method: self.method.clone(),
        })
    }

    /// Our name for the request at the PSP: order number and idempotency key in one. Derived from
    /// the transaction, of which there is one for each try.
    pub fn reference(&self) -> &str {
        self.id.as_str()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptState {
    /// A window is open for the buyer; nothing was asked of the PSP's approval yet.
    Ready,
    /// The intention is stored and the PSP is being asked; its answer is outstanding.
    Sending,
    /// No usable answer came; the charge may have happened.
    Unknown {
        since: Timestamp,
    },
    /// The PSP accepted and will say later.
    Pending {
        since: Timestamp,
    },
    /// A virtual account waits for the buyer's transfer.
    AccountIssued {
        at: Timestamp,
    },
    Paid(Paid),
    Failed(Failure),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub at: Timestamp,
    /// What the PSP keeps.
    pub fee: Amount,
    pub receipt_url: Option<String>,
    pub pg_response: Option<String>,
    pub capture: Capture,
}

/// Whether the money is taken together with the approval or asked for separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capture {
    WithApproval,
    Awaited,
    /// The capture is being asked for; its answer is outstanding or unknown.
    Sending {
        since: Timestamp,
    },
    Captured {
        at: Timestamp,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub at: Timestamp,
    pub reason: Option<String>,
    pub pg_code: Option<String>,
    pub pg_message: Option<String>,
}

/// What the merchant asked the buyer to pay for; each attempt keeps its own copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    pub name: String,
    pub customer: Customer,
    pub products: Vec<Product>,
    pub product_count: Option<i32>,
    /// `PHYSICAL` or `DIGITAL`.
    pub product_type: Option<String>,
    pub shipping_address: Option<Address>,
    pub custom_data: Option<String>,
    pub country: Option<String>,
    pub locale: Option<String>,
    pub is_cultural_expense: bool,
    pub is_escrow: bool,
    /// The cash receipt that is to be issued once it is paid; none when none is wanted.
    pub cash_receipt: Option<cash_receipt::Wanted>,
}

/// Where the request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub platform: Platform,
    pub ip_address: String,
    pub user_agent: Option<String>,
    pub url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Pc,
    Mobile,
    Api,
}

/// Who is told, and what is left unsaid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices {
    /// Replace the store's endpoint for every event of this payment; empty means the store's.
    pub urls: Vec<String>,
    /// The success of the request itself is not announced; failures and later events are.
    pub skip_success: bool,
}

/// With what the buyer pays, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Card {
        card: CardDetails,
        approval_number: Option<String>,
        installment: Option<Installment>,
        is_point_used: bool,
    },
    VirtualAccount {
        account: VirtualAccount,
    },
    Transfer {
        bank: Option<String>,
        account_number: Option<String>,
    },
    Mobile {
        phone_number: Option<String>,
    },
    GiftCertificate {
        kind: Option<String>,
        approval_number: String,
    },
    EasyPay {
        provider: Option<String>,
        card: Option<CardDetails>,
    },
    ConvenienceStore {
        brand: Option<String>,
        confirmation_number: Option<String>,
        deadline: Option<Timestamp>,
    },
    Crypto,
}

impl Method {
    /// The method's name in filters: `CARD`, `VIRTUAL_ACCOUNT`, …
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Card { .. } => "CARD",
            Self::VirtualAccount { .. } => "VIRTUAL_ACCOUNT",
            Self::Transfer { .. } => "TRANSFER",
            Self::Mobile { .. } => "MOBILE",
            Self::GiftCertificate { .. } => "GIFT_CERTIFICATE",
            Self::EasyPay { .. } => "EASY_PAY",
            Self::ConvenienceStore { .. } => "CONVENIENCE_STORE",
            Self::Crypto => "CRYPTO",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installment {
    /// 0 is a lump sum.
    pub months: u8,
    pub is_interest_free: bool,
    pub is_interest_free_from_merchant: bool,
}

/// Everything that an attempt is made from, before it is decided whether it may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub transaction: TransactionId,
    pub currency: Currency,
    pub amounts: Amounts,
    pub order: Order,
    pub origin: Origin,
    pub channel: ChannelSnapshot,
    pub channel_group: Option<ChannelGroupSnapshot>,
    pub billing_key: Option<BillingKeyId>,
    pub schedule: Option<ScheduleId>,
    pub promotion: Option<PromotionUse>,
    pub notices: Notices,
    pub claim: Option<ClaimRef>,
    pub method: Option<Method>,
}
