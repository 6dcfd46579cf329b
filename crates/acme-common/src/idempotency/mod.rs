//! The Idempotency-Key: a repeated request has no second effect, and gets the same answer.
//!
//! The rules come from the IETF's draft (draft-ietf-httpapi-idempotency-key-header) and from Stripe's API. A request
//! first claims its key. Its effect and its answer are kept in one transaction, so neither exists without the other. A
//! claim ends by itself, because the function that held it may have been killed.

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

/// How long a store keeps an answer: a day.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How long a claim holds. A request that takes longer can lose its claim to a repeat, and then has no effect. A client
/// whose request was cut off waits for this time at most before it can repeat the request.
pub const CLAIMED_FOR: Duration = Duration::from_secs(5);
/// How many bytes of the body's HMAC are kept.
///
/// Two bytes tell a changed body from a repeated body, except in one of 65,536 cases. With more bytes, a reader of the
/// table who also guesses the key could find the card or the password in the body by trial.
const FINGERPRINT_BYTES: usize = 2;

/// The right of one request to have its effect under an Idempotency-Key. It contains only what may be kept: neither the
/// key itself nor the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The SHA-256 of the caller and the key, in hex.
    pub key: String,
    /// The first bytes of an HMAC of the request, keyed with the Idempotency-Key, in hex. Equal requests have equal
    /// fingerprints.
    pub fingerprint: String,
    /// A random id of the request. No two requests have the same.
    pub claimant: String,
    /// When it was claimed.
    pub at: Timestamp,
}

/// An answer that a store keeps, for a repeat of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// A claim, and the answer to keep under it. The transaction that has the effect writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The claim, which must still hold.
    pub claim: Claim,
    /// The answer.
    pub answer: Answer,
}

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The request may have its effect.
    New,
    /// The same request was answered before.
    Answered(Answer),
    /// The same request is being handled now.
    InProgress,
    /// The key was used before, with another request.
    OtherRequest,
}

/// The result of giving up a claim without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Released {
    /// The request had no effect and will have none. The key is free again.
    Free,
    /// The request had its effect after all. This is the answer that was kept.
    Answered(Answer),
}

/// A store of Idempotency-Keys.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Claims a key, unless it is claimed or answered. Of many calls at once exactly one gets [`Claimed::New`].
    ///
    /// # Errors
    /// When the store fails.
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError>;

    /// Keeps the answer of a request without an effect, such as a conflict.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the claim does not hold any more; another error when the store fails.
    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError>;

    /// Gives the claim up. After that, no transaction with this claim can succeed.
    ///
    /// # Errors
    /// When the store fails. The claim then ends by itself.
    async fn release(&self, claim: &Claim) -> Result<Released, StoreError>;
}

impl Claim {
    /// The claim of `caller` on `key` for the request `method path body`.
    ///
    /// Two bodies are equal when they are the same JSON. The order of members and white space do not matter.
    pub fn new(caller: &str, key: &str, method: &str, path: &str, body: &[u8], now: Timestamp) -> Self {
        // The length of the caller's id comes first, because the id may contain any character. So no two callers share
        // a key.
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
            // The default is never used, because HMAC accepts a key of any length.
            fingerprint: fingerprint.unwrap_or_default(),
            claimant: random::uuid().to_string(),
            at: now,
        }
    }

    /// The time until which the claim holds.
    pub fn until(&self) -> Timestamp {
        after(self.at, CLAIMED_FOR)
    }

    /// The time until which the claim's answer is kept.
    pub fn kept_until(&self) -> Timestamp {
        after(self.at, KEPT_FOR)
    }

    /// Whether a claim that holds until `until` blocks this claim. A claim that ends later than a new claim would was
    /// made by a clock that was ahead, and blocks nothing.
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
