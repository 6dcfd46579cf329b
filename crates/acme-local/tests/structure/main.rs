//! Which crate may depend on which crate, and which module of a crate on which module.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is missing")]

mod circles;
mod crates;
mod levels;
mod modules;
mod sources;
