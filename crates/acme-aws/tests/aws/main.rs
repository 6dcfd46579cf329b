//! The stores on DynamoDB, by the real SDK against a DynamoDB in this process.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is missing, and tells what it measured"
)]

mod capacity;
mod contracts;
mod dead_letters;
mod lost;
mod outage;
mod pages;
mod samples;
mod shards;
mod stalled;

use acme_aws::{Aws, Table};
use dynoxide::Database;
use tokio::net::TcpListener;

/// A table of its own in a DynamoDB of its own, which ends with the test.
async fn table() -> Table {
    table_of(Aws::local(serve(Database::memory().unwrap()).await).table("acme")).await
}

async fn table_of(table: Table) -> Table {
    table.create_table().await.unwrap();
    table
}

/// Serves `database` on a free port until the test's runtime ends.
async fn serve(database: Database) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    endpoint
}
