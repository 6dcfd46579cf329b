//! The errors of registration, login and tokens.

use acme_common::store::StoreError;

use crate::password::HashError;

/// Why a user was not registered, or got no tokens.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Another user has the username, in upper or lower case.
    #[error("username: already taken")]
    Taken,
    /// The username is unknown or the password is wrong. The error does not say which, so that nobody can probe for
    /// usernames.
    #[error("the username or the password is wrong")]
    WrongPair,
    /// The username had too many failed logins.
    #[error("the username is locked for {seconds} s")]
    Locked {
        /// How long the lock still lasts, in seconds.
        seconds: u64,
    },
    /// The token is not valid, or its user does not exist any more.
    #[error("the token is not valid")]
    BadToken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
