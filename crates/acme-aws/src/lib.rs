//! The adapters to AWS: every store on one DynamoDB table, publishers on SQS and EventBridge, parameters.
//!
//! The AWS SDK is named in this crate only (`deny.toml` sees to it); a domain knows its store's
//! trait, and whoever wires it hands it one of these.

mod carts;
pub mod client;
pub mod dead_letters;
mod error;
mod http;
mod idempotency;
mod item;
mod list;
mod orders;
#[cfg(feature = "parameters")]
mod parameters;
mod payments;
mod products;
#[cfg(feature = "messaging")]
pub mod publisher;
mod response_size;
mod shipments;
pub mod table;
mod users;

pub use client::Aws;
#[cfg(feature = "parameters")]
pub use parameters::SsmParameters;
pub use table::Table;
