//! Tests of functions as Lambda runs them: batches in this process, and the real binary with a Runtime API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is missing"
)]

mod batch;
mod folders;
mod process;
mod publishers;
mod servers;
