//! What all routes of the shop share: who may call, how bodies are read, and how errors look.
//!
//! An endpoint is a function that returns a [`Router`](axum::Router), made with [`route`]. [`endpoint`] adds what each
//! endpoint needs, and [`app`] adds what a server with one or more endpoints needs. The Lambda function, the local shop
//! and the tests call the same two functions.

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
