//! Where users are kept, and the failures to log in as one.

use acme_common::id::UserId;
use acme_common::idempotency::Keyed;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::failures::Failures;
use crate::user::{Credentials, User, Username};

/// A store of users. Usernames are the same in any case.
///
/// A login is two requests to it: [`login`](Self::login), then [`failed_login`](Self::failed_login) or
/// [`clear_failures`](Self::clear_failures). The second decides: guesses that are compared at the same time count as
/// if they had come one after the other.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds a user whose id and username are new. Of two at once with the same username, one is added. The answer under the
    /// request's Idempotency-Key, if there is one, is kept in the same transaction.
    ///
    /// # Errors
    /// [`RegisterError::Taken`] when the id or the username, in whatever case, is there already;
    /// [`StoreError::KeyTaken`] when the key's claim does not hold any more.
    async fn register(&self, user: Credentials, keyed: Option<&Keyed>) -> Result<(), RegisterError>;

    /// The user of that id.
    ///
    /// # Errors
    /// When the store fails.
    async fn by_id(&self, id: &UserId) -> Result<Option<User>, StoreError>;

    /// All users, a page at a time.
    ///
    /// # Errors
    /// When the store fails, or the cursor is not one of its own.
    async fn all(&self, page: &PageRequest) -> Result<Page<User>, StoreError>;

    /// What a login needs to know of a username, in one request and as it is now.
    ///
    /// # Errors
    /// When the store fails.
    async fn login(&self, username: &Username) -> Result<Login, StoreError>;

    /// Counts one more failure against a username, whether or not there is such a user, as [`Failures::and_one`] does,
    /// and returns what is counted now. Two at once both count.
    ///
    /// # Errors
    /// When the store fails.
    async fn failed_login(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError>;

    /// Forgets the failures of a username, unless it is [locked](Failures::lock) at this moment: then it changes
    /// nothing. Returns what was counted before.
    ///
    /// # Errors
    /// When the store fails.
    async fn clear_failures(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError>;
}

/// What a login needs to know of a username.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// The user of that name, if there is one.
    pub credentials: Option<Credentials>,
    /// The failures counted against the name, perhaps in a window that has ended.
    pub failures: Failures,
}

/// Why a user was not added.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The id or the username is there already.
    #[error("the username is taken")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
