//! The adapters to AWS: all stores on one DynamoDB table, publishers for SQS and EventBridge, and parameters.
//!
//! Only this crate uses the AWS SDK (`deny.toml` checks it). A domain knows only the trait of its store. The caller
//! that sets up the domain passes one of these stores to it.

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
