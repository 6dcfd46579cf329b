//! What may depend on what: which crate on which, and which module of a crate on which other one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is missing")]

mod circles;
mod crates;
mod levels;
mod modules;
mod sources;
