//! Windows: one visit of a buyer at our checkout, opened by a merchant's page.
//!
//! A window holds what the page asked for and how far the buyer has come; how a payment ended is told by
//! its attempt and nowhere a second time. It is named by a token that only the opening page and the
//! buyer's browser know; what is kept is the token's digest. Every step names the version that it was
//! decided from, so that of two tabs, two clicks or two processes one goes on and the others look.

mod method;

pub use method::{Choices, FixedAccount, InstallmentOffer, PayMethod};

use crate::change::{Change, Write};
use crate::channel::Environment;
use crate::id::{
    BillingKeyId, IdentityVerificationId, IdentityVerificationTxId, MerchantId, PaymentId, PaymentKey,
    StoreId, TransactionId,
};
use crate::payment::Method;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// SHA-256 of the token.
    pub digest: [u8; 32],
    pub store: StoreId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one. The guard of every write.
    pub version: u64,
    pub opened_at: Timestamp,
    /// From then on nothing can be submitted; what was submitted is finished.
    pub expires_at: Timestamp,
    pub page: OpeningPage,
    pub presentation: Presentation,
    /// Where the buyer goes at the end: an absolute URL that the page named when it opened the window.
    pub redirect_url: Option<String>,
    pub force_redirect: bool,
    pub purpose: Purpose,
    pub step: Step,
}

/// The page that opened the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningPage {
    /// Scheme, host and port: the only one that may frame the window and is told its result.
    pub origin: String,
    /// As the browser names it: `ko-KR`.
    pub language: Option<String>,
    /// The payment session whose order sheet it was: SHA-256 of its id.
    pub session: Option<[u8; 32]>,
}

/// How the buyer sees the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presentation {
    Iframe,
    Popup,
    Redirection,
    /// A button inside the merchant's page that opens the window when it is pressed.
    Ui,
}

impl Presentation {
    pub const ALL: [Self; 4] = [Self::Iframe, Self::Popup, Self::Redirection, Self::Ui];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iframe => "IFRAME",
            Self::Popup => "POPUP",
            Self::Redirection => "REDIRECTION",
            Self::Ui => "UI",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|presentation| presentation.as_str() == text)
    }
}

/// What the buyer is here for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Payment(PaymentPurpose),
    BillingKey(KeyPurpose),
    Identity(IdentityPurpose),
}

/// An identity verification that waits for its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityPurpose {
    pub verification: IdentityVerificationId,
    /// The attempt of this window.
    pub tx: IdentityVerificationTxId,
    /// A JSON object for the PSP, passed on as it is.
    pub bypass: Option<String>,
}

/// A billing key that waits for its buyer, and a first payment with it when there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPurpose {
    pub billing_key: BillingKeyId,
    pub method: PayMethod,
    pub choices: Choices,
    pub payment: Option<PaymentPurpose>,
}

impl Purpose {
    /// The attempt that waits, when one does.
    pub const fn payment(&self) -> Option<&PaymentPurpose> {
        match self {
            Self::Payment(about) => Some(about),
            Self::BillingKey(about) => about.payment.as_ref(),
            Self::Identity(_) => None,
        }
    }

    pub const fn key(&self) -> Option<&KeyPurpose> {
        match self {
            Self::BillingKey(about) => Some(about),
            Self::Payment(_) | Self::Identity(_) => None,
        }
    }

    pub const fn identity(&self) -> Option<&IdentityPurpose> {
        match self {
            Self::Identity(about) => Some(about),
            Self::Payment(_) | Self::BillingKey(_) => None,
        }
    }

    /// How the buyer pays or will pay; `None` where nobody pays anything.
    pub const fn method(&self) -> Option<(PayMethod, &Choices)> {
        match self {
            Self::Payment(about) => Some((about.method, &about.choices)),
            Self::BillingKey(about) => Some((about.method, &about.choices)),
            Self::Identity(_) => None,
        }
    }
}

/// An attempt that waits for its buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentPurpose {
    pub payment: PaymentId,
    pub transaction: TransactionId,
    pub method: PayMethod,
    pub choices: Choices,
    /// The merchant's server that is asked before the PSP is.
    pub confirm_url: Option<String>,
    /// A JSON object for the PSP, passed on as it is.
    pub bypass: Option<String>,
}

/// How far the buyer has come. Where nothing else is said, the attempt tells the rest.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// The buyer has yet to choose or to type something.
    Open,
    /// The issuer wants a code (3-D Secure).
    Challenged { authenticated: Authenticated },
    /// The merchant's server is being asked whether the payment may be approved.
    Confirming { since: Timestamp },
    /// The buyer is done; the merchant's server has to approve (manual approval), by a token with this
    /// digest.
    HandedOver { token_digest: [u8; 32] },
    /// The window ended with a failure that is told in these words.
    Ended(Ending),
}

// The instrument in a challenge is the PSP's secret.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::Challenged { .. } => f.write_str("Challenged(..)"),
            Self::Confirming { since } => write!(f, "Confirming(since {since})"),
            Self::HandedOver { .. } => f.write_str("HandedOver(..)"),
            Self::Ended(ending) => write!(f, "Ended({})", ending.code.as_str()),
        }
    }
}

/// What the buyer authenticated with.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// The PSP's token for it, good for this attempt alone.
    pub instrument: String,
    pub method: Method,
    pub installment_months: u8,
}

impl std::fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authenticated({}, ..)", self.method.kind())
    }
}

/// A failure as the merchant's page is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub code: EndCode,
    pub message: String,
    pub pg_code: Option<String>,
    pub pg_message: Option<String>,
}

/// Why a window ended without success, in the words of the browser SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCode {
    /// The PSP or the issuer said no, or the buyer gave up.
    PgProviderError,
    /// The merchant's server said no, or nothing in time.
    ConfirmProcessFailed,
    /// Another attempt was faster.
    PaymentAlreadyPaid,
    /// Another attempt is under way.
    InvalidEntityState,
    /// The buyer came too late.
    DeadlineExceeded,
}

impl EndCode {
    pub const ALL: [Self; 5] = [
        Self::PgProviderError,
        Self::ConfirmProcessFailed,
        Self::PaymentAlreadyPaid,
        Self::InvalidEntityState,
        Self::DeadlineExceeded,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PgProviderError => "PGProviderError",
            Self::ConfirmProcessFailed => "ConfirmProcessFailed",
            Self::PaymentAlreadyPaid => "PaymentAlreadyPaid",
            Self::InvalidEntityState => "InvalidEntityState",
            Self::DeadlineExceeded => "DeadlineExceeded",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

impl Window {
    /// The payment that the window is about, when it is about one.
    pub fn payment(&self) -> Option<PaymentKey> {
        self.purpose
            .payment()
            .map(|about| PaymentKey { store: self.store.clone(), payment: about.payment.clone() })
    }

    /// What the page that opened the window is told at once, in the words of the browser SDK.
    pub fn ids(&self) -> Vec<(&'static str, &str)> {
        match &self.purpose {
            Purpose::Payment(about) => vec![
                ("transactionType", "PAYMENT"),
                ("paymentId", about.payment.as_str()),
                ("txId", about.transaction.as_str()),
            ],
            Purpose::BillingKey(about) => match &about.payment {
                None => {
                    vec![("transactionType", "ISSUE_BILLING_KEY"), ("billingKey", about.billing_key.as_str())]
                }
                Some(pays) => vec![
                    ("transactionType", "ISSUE_BILLING_KEY_AND_PAY"),
                    ("billingKey", about.billing_key.as_str()),
                    ("paymentId", pays.payment.as_str()),
                    ("txId", pays.transaction.as_str()),
                ],
            },
            Purpose::Identity(about) => vec![
                ("transactionType", "IDENTITY_VERIFICATION"),
                ("identityVerificationId", about.verification.as_str()),
                ("identityVerificationTxId", about.tx.as_str()),
            ],
        }
    }

    /// Whether a buyer who comes now comes too late to submit anything.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Whether the end of the visit is a redirect of the buyer's browser.
    pub const fn ends_by_redirect(&self) -> bool {
        self.redirect_url.is_some()
            && (self.force_redirect || matches!(self.presentation, Presentation::Redirection))
    }

    /// The window at its next step.
    #[must_use]
    pub fn at(&self, step: Step) -> Self {
        Self { step, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// The change that stores this window in place of `before`, or as a new one.
    pub fn replacing(self, before: Option<&Self>) -> Change {
        let expects = before.map(|before| before.version);
        Change { writes: vec![Write::Window { window: Box::new(self), expects }], ..Change::default() }
    }
}
