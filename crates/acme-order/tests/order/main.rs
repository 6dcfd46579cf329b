//! Tests of the order's public interface: the routes, the consumers, the sweep, and the store in memory.

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

use acme_common::idempotency::MemoryKeys;
use acme_order::MemoryOrders;

#[tokio::test]
async fn the_store_in_memory_conforms() {
    let keys = MemoryKeys::default();
    acme_order::conformance::check(&MemoryOrders::new(keys.clone()), &keys).await;
}
