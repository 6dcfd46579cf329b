//! The Idempotency-Key: a request that comes again has one effect, and the same answer.
//!
//! The rules are those of the IETF's draft (draft-ietf-httpapi-idempotency-key-header) and of Stripe's API. A request
//! first claims its key. The answer is kept in the same transaction as the request's effect, so there is never one without
//! the other. A claim ends by itself, because the function that held it may have been killed.

#[cfg(feature = "testing")]
pub mod conformance;
#[cfg(feature = "testing")]
mod memory;

use std::time::Duration;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

#[cfg(feature = "testing")]
pub use memory::MemoryKeys;

use crate::random;
use crate::store::StoreError;

/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a claim holds. A request that takes longer loses it to one that repeats it, and then has no effect; a client
/// whose request was cut off waits no longer than this until it may repeat it.
pub const CLAIMED_FOR: Duration = Duration::from_secs(5);
/// How much of the body's HMAC is kept, in bytes.
///
/// Two bytes tell a changed body from a repeated one in all but one of 65,536 cases. More would let a reader of the table
/// who also guesses the key find out the card or the password in the body by trial.
const FINGERPRINT_BYTES: usize = 2;

/// The right of one request to have its effect under an Idempotency-Key. Only what may be kept is in it: the key itself and
/// the body are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The SHA-256 of who called and of the key, in hex.
    pub key: String,
    /// The beginning of an HMAC of the request under the key, in hex: the same for the same request.
    pub fingerprint: String,
    /// Who claims: no two requests have the same.
    pub claimant: String,
    /// When it was claimed.
    pub at: Timestamp,
}

/// An answer that is kept for when its request comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// A claim with the answer to be kept under it, for the transaction that has the effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The claim, which must still hold.
    pub claim: Claim,
    /// The answer.
    pub answer: Answer,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The request may have its effect.
    New,
    /// The same request was answered before.
    Answered(Answer),
    /// The same request is being handled.
    InProgress,
    /// The key came with another request before.
    OtherRequest,
}

/// How a request ended that had claimed its key and did not keep an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Released {
    /// It had no effect, and will have none: the key is free again.
    Free,
    /// It had its effect after all, and this is the answer that was kept.
    Answered(Answer),
}

/// A store of Idempotency-Keys. Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Claims a key, unless it is claimed or answered. Of many at once exactly one is [`Claimed::New`].
    ///
    /// # Errors
    /// When the store fails.
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError>;

    /// Keeps the answer of a request without an effect, such as a conflict.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the claim does not hold any more, or when the store fails.
    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError>;

    /// Gives the claim up. Afterwards no transaction that carries it can succeed.
    ///
    /// # Errors
    /// When the store fails; the claim ends by itself then.
    async fn release(&self, claim: &Claim) -> Result<Released, StoreError>;
}

impl Claim {
    /// The claim on `key` by `caller` for the request `method path body`.
    ///
    /// Bodies that are the same JSON are the same, whatever the order of their members and their white space.
    pub fn new(caller: &str, key: &str, method: &str, path: &str, body: &[u8], now: Timestamp) -> Self {
        // With its length, since a caller's id may hold anything: no two callers share a key.
        let scope = format!("{}:{caller}:{key}", caller.len());
        let body = serde_json::from_slice(body)
            .map_or_else(|_| body.to_vec(), |json: Value| json.to_string().into());
        let fingerprint = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map(|mut mac| {
            for part in [method.as_bytes(), path.as_bytes(), &body] {
                mac.update(part);
                mac.update(b"\n");
            }
            hex(&mac.finalize().into_bytes()[..FINGERPRINT_BYTES])
        });
        Self {
            key: hex(&Sha256::digest(scope)),
            // HMAC takes a key of any length.
            fingerprint: fingerprint.unwrap_or_default(),
            claimant: random::uuid().to_string(),
            at: now,
        }
    }

    /// Until when the claim holds.
    pub fn until(&self) -> Timestamp {
        after(self.at, CLAIMED_FOR)
    }

    /// Until when its answer is kept.
    pub fn kept_until(&self) -> Timestamp {
        after(self.at, KEPT_FOR)
    }

    /// Whether a claim that holds until `until` stands in the way of this one. One that holds for longer than a claim can
    /// was made by a clock that was ahead, and does not.
    pub fn waits_for(&self, until: Timestamp) -> bool {
        (self.at..=self.until()).contains(&until)
    }
}

fn after(instant: Timestamp, duration: Duration) -> Timestamp {
    instant.checked_add(duration).unwrap_or(Timestamp::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
