//! DynamoDB inside this process.
//!
//! [`EmbeddedDynamoDb`] is an HTTP client for the AWS SDK. It hands every request to dynoxide, a DynamoDB on SQLite,
//! and returns what DynamoDB would answer. There is no socket, so no other process can reach the data, and signatures
//! need no check.
//!
//! ```
//! # fn sdk(_: aws_smithy_runtime_api::client::http::SharedHttpClient) {}
//! let dynamodb = embedded_dynamodb::EmbeddedDynamoDb::memory()?;
//! // aws_sdk_dynamodb::Config::builder().http_client(dynamodb.http_client())
//! sdk(dynamodb.http_client());
//! # Ok::<(), embedded_dynamodb::Error>(())
//! ```
//!
//! On a runtime with one thread, requests are answered on that thread, in the order in which the runtime runs the
//! tasks that send them. Nothing waits for a timer. So the same requests in the same order get the same bytes, with
//! three exceptions: a table's id is random, its creation time is the machine's time, and a `ClientRequestToken` is
//! known for ten minutes of the machine's time.
//!
//! On a runtime with several threads, requests are answered on its threads for blocking work.

mod connector;
mod database;
mod operation;
#[cfg(feature = "server")]
pub mod server;

pub use database::{EmbeddedDynamoDb, Error};
pub use operation::Answer;
