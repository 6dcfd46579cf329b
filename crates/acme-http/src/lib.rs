//! What every route of the shop shares: who may call, how bodies are read, how errors look.
//!
//! An endpoint is a function that returns a [`Router`](axum::Router) made with [`route`]. [`endpoint`] puts around it
//! what each needs, and [`app`] puts around one or many of them what a server needs; the Lambda function, the local
//! process and the tests call the same two.

pub mod auth;
pub mod body;
pub mod error;
pub mod idempotency;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod paging;
mod serve;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;

pub use auth::{AuthMode, Authorizer, Caller, Owner, Staff};
pub use body::Body;
pub use error::{ApiError, RequestId};
pub use idempotency::{Idempotency, IdempotencyKey};
pub use paging::Paging;
pub use serve::{app, endpoint, route};
