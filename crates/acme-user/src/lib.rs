//! The users: registration, passwords, tokens, the store, and the routes of their six functions.

#[cfg(feature = "testing")]
pub mod conformance;
pub mod demo;
pub mod error;
pub mod failures;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod password;
pub mod register;
pub mod session;
pub mod store;
pub mod user;

pub use error::UserError;
#[cfg(feature = "testing")]
pub use memory::MemoryUsers;
pub use store::Users;
pub use user::{Credentials, User};
