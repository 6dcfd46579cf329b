//! Users in memory, for tests and simulation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::id::UserId;
use acme_common::idempotency::{Keyed, MemoryKeys};
use acme_common::store::{Page, PageRequest, StoreError, page_of};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::failures::Failures;
use crate::store::{Login, RegisterError, Users};
use crate::user::{Credentials, User, Username};

/// Users in memory.
#[derive(Debug, Default)]
pub struct MemoryUsers {
    state: Mutex<State>,
    keys: MemoryKeys,
}

#[derive(Debug, Default)]
struct State {
    users: BTreeMap<UserId, Credentials>,
    /// Ids by the keys of usernames.
    ids: BTreeMap<String, UserId>,
    /// Failures by the keys of usernames.
    failures: BTreeMap<String, Failures>,
}

impl MemoryUsers {
    /// A store without users. The Idempotency-Keys of registrations are in `keys`.
    pub fn new(keys: MemoryKeys) -> Self {
        Self { keys, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Users for MemoryUsers {
    async fn register(&self, user: Credentials, keyed: Option<&Keyed>) -> Result<(), RegisterError> {
        let (id, key) = (user.user.id.clone(), user.user.username.key());
        let mut state = self.state();
        if state.users.contains_key(&id) || state.ids.contains_key(&key) {
            return Err(RegisterError::Taken);
        }
        if let Some(keyed) = keyed {
            self.keys.keep_now(keyed)?;
        }
        state.ids.insert(key, id.clone());
        state.users.insert(id, user);
        Ok(())
    }

    async fn by_id(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(id).map(|known| known.user.clone()))
    }

    async fn all(&self, page: &PageRequest) -> Result<Page<User>, StoreError> {
        page_of(self.state().users.values().map(|known| known.user.clone()), page)
    }

    async fn login(&self, username: &Username) -> Result<Login, StoreError> {
        let (state, key) = (self.state(), username.key());
        let id = state.ids.get(&key);
        Ok(Login {
            credentials: id.and_then(|id| state.users.get(id)).cloned(),
            failures: state.failures.get(&key).copied().unwrap_or_default(),
        })
    }

    async fn failed_login(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError> {
        let mut state = self.state();
        let failures = state.failures.entry(username.key()).or_default();
        *failures = failures.and_one(now);
        Ok(*failures)
    }

    async fn clear_failures(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError> {
        let (mut state, key) = (self.state(), username.key());
        let failures = state.failures.get(&key).copied().unwrap_or_default();
        if failures.lock(now).is_none() {
            state.failures.remove(&key);
        }
        Ok(failures)
    }
}
