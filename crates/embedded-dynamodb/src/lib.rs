//! DynamoDB inside this process.
//!
//! [`EmbeddedDynamoDb`] is an HTTP client for the AWS SDK. It hands every request to dynoxide, a DynamoDB on SQLite,
//! and returns what DynamoDB would answer. There is no socket, so no other process can reach the data, and no signature
//! has to be checked.
//!
//! ```
//! # fn sdk(_: aws_smithy_runtime_api::client::http::SharedHttpClient) {}
//! let dynamodb = embedded_dynamodb::EmbeddedDynamoDb::memory()?;
//! // aws_sdk_dynamodb::Config::builder().http_client(dynamodb.http_client())
//! sdk(dynamodb.http_client());
//! # Ok::<(), embedded_dynamodb::Error>(())
//! ```
//!
//! A request is answered on the thread that sends it, while it is sent: one runtime thread is enough, nothing waits for
//! a timer, and the same requests in the same order get the same bytes. Three things follow the machine all the same: a
//! table's id is random, its creation time is the machine's, and a `ClientRequestToken` is known for ten minutes of
//! the machine's time.

mod connector;
mod database;
mod operation;
#[cfg(feature = "server")]
pub mod server;

pub use database::{EmbeddedDynamoDb, Error};
pub use operation::Answer;
