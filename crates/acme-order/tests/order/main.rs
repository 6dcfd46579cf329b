//! The order at its public surface: the routes, the consumers, the sweep, the store in memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

mod access;
mod add;
mod bodies;
mod consumers;
mod faults;
mod idempotency;
mod reports;
mod requested;
mod shaky;
mod shop;
mod status;
mod sweep;

use acme_order::MemoryOrders;

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    acme_order::contract::check(&MemoryOrders::default()).await;
}
