//! Idempotency keys: the caller's name for one request. Same key, same answer.

use crate::id::MerchantId;
use jiff::Timestamp;

/// Which request an answer belongs to. Kept with an attempt, so that a recovery that ends the
/// attempt can also end the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRef {
    pub merchant: MerchantId,
    pub key: String,
    /// The operation's name in its dialect; tells the recovery how to render the answer.
    pub operation: String,
}

/// A request's claim on its key, stored with the first commit of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub reference: ClaimRef,
    /// Digest of method, path and body: the same key with another digest is another request.
    pub fingerprint: [u8; 32],
    pub at: Timestamp,
}

/// The answer that is replayed, byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What a change does to an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimWrite {
    /// Takes the key for a request that is still running. Fails when the key is taken.
    Begin(Claim),
    /// Takes the key and answers at once. Fails when the key is taken.
    Record(Claim, Answer),
    /// Stores the answer of a request that began before; replaces an earlier answer, because an
    /// answer that said "unknown" gives way to the truth.
    Finish(ClaimRef, Answer),
    /// Gives the key back: the request was closed as never attempted, and may be repeated.
    Release(ClaimRef),
}
