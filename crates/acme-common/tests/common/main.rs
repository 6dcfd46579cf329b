//! Tests of the public interface of what all parts of the shop share.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

mod cards;
mod claims;
mod dead_letters;
mod events;
mod malformed;
mod money;
mod pages;
mod random;
mod reading;
mod steps;

use acme_common::event::Event;
use acme_common::json::{Field, FieldError, FromJson};
use serde_json::Value;

fn read<T: FromJson>(json: &Value) -> Result<T, FieldError> {
    T::from_json(&Field::root(json))
}

/// An event of another producer, from the file with this name.
fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn event(name: &str) -> Event {
    read(&fixture(name)).unwrap()
}

#[tokio::test]
async fn idempotency_keys_in_memory_conform() {
    acme_common::idempotency::conformance::check(&acme_common::idempotency::MemoryKeys::default()).await;
}
