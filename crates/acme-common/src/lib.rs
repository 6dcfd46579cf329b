//! What all parts of the shop share: events, money, cards, ids, and the set-up of Sentry.
//!
//! This crate neither calls AWS nor serves HTTP. So the crate of a domain compiles and tests without both.

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
