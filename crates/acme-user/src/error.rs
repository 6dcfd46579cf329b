//! What can go wrong with users.

use acme_common::store::StoreError;

use crate::password::HashError;

/// Why someone was not registered or not let in.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Someone else has the username, in whatever case.
    #[error("username: expected one that is not taken")]
    Taken,
    /// The username is unknown or the password is not its own. Which of these is nobody's business.
    #[error("the username or the password is wrong")]
    WrongPair,
    /// The username had too many failed logins.
    #[error("the username is locked for {seconds} s")]
    Locked {
        /// How long it still is.
        seconds: u64,
    },
    /// The token is no good, or its user is gone.
    #[error("the token is not valid")]
    BadToken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
