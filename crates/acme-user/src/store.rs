//! The store of users and of their failed logins.

use acme_common::id::UserId;
use acme_common::idempotency::Keyed;
use acme_common::store::{Page, PageRequest, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::failures::Failures;
use crate::user::{Credentials, User, Username};

/// A store of users. Upper and lower case do not distinguish usernames.
///
/// A login makes two requests: [`login`](Self::login), then [`failed_login`](Self::failed_login) or
/// [`clear_failures`](Self::clear_failures). The second request decides. So guesses at the same time count like
/// guesses one after the other.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds a user with a new id and a new username. Of two users with the same username at once, one is added. If
    /// the request has an Idempotency-Key, its answer is kept in the same transaction.
    ///
    /// # Errors
    /// [`RegisterError::Taken`] when the id or the username (in any case) already exists; [`StoreError::KeyTaken`]
    /// when the claim on the key does not hold any more.
    async fn register(&self, user: Credentials, keyed: Option<&Keyed>) -> Result<(), RegisterError>;

    /// The user with that id.
    ///
    /// # Errors
    /// When the store fails.
    async fn by_id(&self, id: &UserId) -> Result<Option<User>, StoreError>;

    /// All users, one page at a time.
    ///
    /// # Errors
    /// When the store fails, or the cursor is not from this store.
    async fn all(&self, page: &PageRequest) -> Result<Page<User>, StoreError>;

    /// What a login needs to know of a username, in one consistent read.
    ///
    /// # Errors
    /// When the store fails.
    async fn login(&self, username: &Username) -> Result<Login, StoreError>;

    /// Counts one more failure of a username, as [`Failures::and_one`] does, whether or not the user exists. Returns
    /// the new count. Two failures at once both count.
    ///
    /// # Errors
    /// When the store fails.
    async fn failed_login(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError>;

    /// Deletes the failures of a username, unless the username is [locked](Failures::lock) now. If it is locked,
    /// nothing changes. Returns the failures from before.
    ///
    /// # Errors
    /// When the store fails.
    async fn clear_failures(&self, username: &Username, now: Timestamp) -> Result<Failures, StoreError>;
}

/// What a login needs to know of a username.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// The user with that name, if there is one.
    pub credentials: Option<Credentials>,
    /// The failures of the name. Their window may have ended.
    pub failures: Failures,
}

/// Why a user was not added.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The id or the username already exists.
    #[error("the username is taken")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
