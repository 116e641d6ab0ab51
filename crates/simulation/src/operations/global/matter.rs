//! What requests of the dialect are about, for the model that judges their answers.

use crate::operations::Payment;

/// Something with a reference of ours that is no payment: a link or a subscription, with its store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Link { store: &'static str, reference: String },
    Subscription { store: &'static str, reference: String },
}

impl Thing {
    pub const fn store(&self) -> &'static str {
        match self {
            Self::Link { store, .. } | Self::Subscription { store, .. } => store,
        }
    }

    pub fn reference(&self) -> &str {
        match self {
            Self::Link { reference, .. } | Self::Subscription { reference, .. } => reference,
        }
    }
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self {
            Self::Link { .. } => "link",
            Self::Subscription { .. } => "subscription",
        };
        write!(f, "{word} {}/{}", self.store(), self.reference())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// Nothing that the model follows.
    Anything,
    Token {
        store: &'static str,
    },
    /// A payment is to be started under this reference, and paid with so much.
    Initiate {
        store: &'static str,
        reference: String,
        amount: i64,
    },
    /// How a transaction stands. Whoever asks by its own reference may hear ours for the first time.
    Look {
        store: &'static str,
    },
    /// Of a payment that was told before.
    Details {
        payment: Payment,
    },
    List {
        store: &'static str,
    },
    Capture {
        payment: Payment,
    },
    /// Refunds, made or read: the answer names all of them, also one of so much that was asked for.
    Refund {
        payment: Payment,
        amount: Option<i64>,
    },
    MakeLink {
        store: &'static str,
        reference: String,
    },
    /// How a link stands, asked for by the merchant's own reference.
    LookForLink {
        store: &'static str,
    },
    ReadLink {
        thing: Thing,
    },
    ChangeLink {
        thing: Thing,
    },
    CancelLink {
        thing: Thing,
    },
    /// The page of a link.
    SeeLink {
        thing: Thing,
    },
    /// A payer starts to pay a link; it leads to a window.
    StartLink {
        thing: Thing,
    },
    MakePlan {
        store: &'static str,
        reference: String,
        is_regular: bool,
    },
    MakeSubscription {
        store: &'static str,
        reference: String,
        is_regular: bool,
    },
    ReadSubscription {
        thing: Thing,
    },
    /// The page on which a customer enrols.
    SeeSubscription {
        thing: Thing,
    },
    /// A customer enrols: kept, or charged, and sent on.
    Enrol {
        thing: Thing,
    },
    Deduct {
        thing: Thing,
        reference: String,
        amount: i64,
    },
    Trigger {
        thing: Thing,
    },
    CancelSubscription {
        thing: Thing,
    },
    /// The payer's browser comes back from a window, or presses a button between two tries.
    ComeBack {
        payment: Payment,
        path: String,
    },
}

impl Matter {
    /// The payment that may have changed.
    pub const fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Details { payment }
            | Self::Capture { payment }
            | Self::Refund { payment, .. }
            | Self::ComeBack { payment, .. } => Some(payment),
            Self::Anything
            | Self::Token { .. }
            | Self::Initiate { .. }
            | Self::Look { .. }
            | Self::List { .. }
            | Self::MakeLink { .. }
            | Self::LookForLink { .. }
            | Self::ReadLink { .. }
            | Self::ChangeLink { .. }
            | Self::CancelLink { .. }
            | Self::SeeLink { .. }
            | Self::StartLink { .. }
            | Self::MakePlan { .. }
            | Self::MakeSubscription { .. }
            | Self::ReadSubscription { .. }
            | Self::SeeSubscription { .. }
            | Self::Enrol { .. }
            | Self::Deduct { .. }
            | Self::Trigger { .. }
            | Self::CancelSubscription { .. } => None,
        }
    }

    /// The link or subscription that may have changed.
    pub const fn thing(&self) -> Option<&Thing> {
        match self {
            Self::ReadLink { thing }
            | Self::ChangeLink { thing }
            | Self::CancelLink { thing }
            | Self::SeeLink { thing }
            | Self::StartLink { thing }
            | Self::ReadSubscription { thing }
            | Self::SeeSubscription { thing }
            | Self::Enrol { thing }
            | Self::Deduct { thing, .. }
            | Self::Trigger { thing }
            | Self::CancelSubscription { thing } => Some(thing),
            Self::Anything
            | Self::Token { .. }
            | Self::Initiate { .. }
            | Self::Look { .. }
            | Self::Details { .. }
            | Self::List { .. }
            | Self::Capture { .. }
            | Self::Refund { .. }
            | Self::MakeLink { .. }
            | Self::LookForLink { .. }
            | Self::MakePlan { .. }
            | Self::MakeSubscription { .. }
            | Self::ComeBack { .. } => None,
        }
    }
}
