//! What every part of the shop shares: the events, money, cards, ids, and the Sentry set-up.
//!
//! Nothing in here talks to AWS or serves HTTP, so a domain crate compiles and tests without either.

pub mod card;
pub mod catalog;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod json;
pub mod messaging;
pub mod money;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod random;
pub mod store;
pub mod telemetry;
pub mod time;
