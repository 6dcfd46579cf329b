//! Tests of the users' routes, and of their store in memory.

#![allow(clippy::unwrap_used, reason = "for tests")]

mod login;
mod register;
mod support;
mod tokens;
mod users;

#[tokio::test]
async fn the_store_in_memory_conforms() {
    acme_user::conformance::check(&acme_user::MemoryUsers::default()).await;
}
