//! What a PSP's answer can mean.

/// The five meanings of an answer (or of its absence). There is no sixth: whatever a connector does
/// not understand is `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It happened.
    Done(T),
    /// It did not happen, and it is the PSP's or the issuer's last word on this request.
    Declined(Decline),
    /// The PSP has accepted it and will say later how it ended.
    Pending(T),
    /// It certainly did not happen: nothing was sent, or the PSP proved that nothing was executed.
    NotSent(NotSent),
    /// It may have happened. Only evidence ends this; it is never sent again blindly.
    Unknown(Doubt),
}

impl<T> Outcome<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(value) => Outcome::Done(f(value)),
            Self::Declined(decline) => Outcome::Declined(decline),
            Self::Pending(value) => Outcome::Pending(f(value)),
            Self::NotSent(reason) => Outcome::NotSent(reason),
            Self::Unknown(doubt) => Outcome::Unknown(doubt),
        }
    }

    /// The meaning as one lower-case word, for logs and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Declined(_) => "declined",
            Self::Pending(_) => "pending",
            Self::NotSent(_) => "not_sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A refusal by the PSP or the issuer, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    pub class: DeclineClass,
    /// The PSP's code, unmodified; empty when it gave none.
    pub code: String,
    /// The PSP's message, unmodified; empty when it gave none.
    pub message: String,
}

/// Whose no it is, and whether asking elsewhere makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclineClass {
    /// A final no of the bank or of the PSP's risk control.
    Issuer,
    /// The payer has to correct or repeat something.
    Payer,
    /// What we ask is impossible in this state at the PSP (refunding too much, window closed).
    Refused,
    /// Key, contract or currency of the channel is wrong.
    Misconfiguration,
    /// The PSP does not offer the operation.
    NotSupported,
}

/// Why nothing was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    pub code: String,
    pub message: String,
}

impl NotSent {
    /// The PSP has proved that it never saw the request.
    pub const NOT_EXECUTED: &'static str = "NOT_EXECUTED";
}

/// What made us unsure: the evidence so far, without secrets or card data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub reason: String,
}

/// The answer to "what happened to the request that I named so?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// The PSP knows the request and this is how it stands.
    Known(Outcome<T>),
    /// The PSP has no such request, and the PSP's stated visibility delay has passed: it never
    /// happened.
    Absent,
    /// The PSP has no such request yet; that proves nothing before the visibility delay has passed.
    NotYet,
    /// The question itself was not answered.
    NoAnswer(Doubt),
}
