//! Tests of the stores on DynamoDB: the real SDK calls a DynamoDB in this process.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is missing, and tells what it measured"
)]

mod capacity;
mod conformance;
mod crash;
mod dead_letters;
mod kept;
mod lost;
mod outage;
mod pages;
mod samples;
mod shards;
mod stalled;

use acme_aws::{Aws, Table};
use embedded_dynamodb::EmbeddedDynamoDb;

/// A new table in a new DynamoDB, which ends with the test.
async fn table() -> Table {
    table_of(embedded().table("acme")).await
}

async fn table_of(table: Table) -> Table {
    table.create_table().await.unwrap();
    table
}

/// A new DynamoDB without a table.
fn embedded() -> Aws {
    Aws::embedded(EmbeddedDynamoDb::memory().unwrap().http_client())
}
