//! Tests of what arrives at Sentry. The tests start servers on free ports.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test's helpers may fail as a test may"
)]

mod calls;
mod captured;
mod concurrent;
mod delivery;
mod frozen;
mod readme;
mod support;
mod traces;
mod wire;
