//! Idempotency-Keys in memory, for tests and simulation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Answer, Claim, Claimed, IdempotencyKeys, Keyed, Released};
use crate::store::StoreError;

/// Idempotency-Keys in memory. All clones share one store, so the other stores in memory can use it.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeys(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug)]
struct Entry {
    fingerprint: String,
    claimant: String,
    claimed_until: Timestamp,
    kept_until: Timestamp,
    answer: Option<Answer>,
}

impl MemoryKeys {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the answer of a request together with the request's effect, if its claim holds.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`] when the claim does not hold any more.
    pub fn keep_now(&self, keyed: &Keyed) -> Result<(), StoreError> {
        let mut entries = self.entries();
        let entry = entries
            .get_mut(&keyed.claim.key)
            .filter(|entry| entry.answer.is_none() && entry.claimant == keyed.claim.claimant);
        entry.ok_or(StoreError::KeyTaken)?.answer = Some(keyed.answer.clone());
        Ok(())
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryKeys {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let mut entries = self.entries();
        if let Some(known) = entries.get(&claim.key).filter(|known| known.kept_until >= claim.at) {
            if known.fingerprint != claim.fingerprint {
                return Ok(Claimed::OtherRequest);
            }
            if let Some(answer) = &known.answer {
                return Ok(Claimed::Answered(answer.clone()));
            }
            if claim.waits_for(known.claimed_until) {
                return Ok(Claimed::InProgress);
            }
        }
        let entry = Entry {
            fingerprint: claim.fingerprint.clone(),
            claimant: claim.claimant.clone(),
            claimed_until: claim.until(),
            kept_until: claim.kept_until(),
            answer: None,
        };
        entries.insert(claim.key.clone(), entry);
        Ok(Claimed::New)
    }

    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError> {
        self.keep_now(keyed)
    }

    async fn release(&self, claim: &Claim) -> Result<Released, StoreError> {
        let mut entries = self.entries();
        match entries.get(&claim.key) {
            Some(Entry { answer: Some(answer), fingerprint, .. }) if *fingerprint == claim.fingerprint => {
                return Ok(Released::Answered(answer.clone()));
            }
            Some(entry) if entry.claimant == claim.claimant => entries.remove(&claim.key),
            _ => None,
        };
        Ok(Released::Free)
    }
}
