//! A simulation of the shop: the real routes, consumers and sweep, on one thread, in virtual time, under every fault.
//!
//! A run is a function of its seed. The [`director`] takes the next event off its agenda: a step of a running function, a
//! delivery, a client, the sweep, a jump of the clock. Each call of a store or of the bus is a step of its own, at which
//! the function may be held up, fail or die. The [`invariants`] are checked after every step, and at the end the shop is
//! compared with a [`model`] of what it should have come to.

mod agenda;
pub mod bus;
mod calls;
mod clients;
mod clock;
pub mod config;
pub mod director;
mod dynamodb;
mod fates;
mod faults;
pub mod history;
pub mod invariants;
mod invocation;
pub mod model;
mod poison;
mod shop;
mod shrink;
mod stage;
pub mod stores;
mod transport;

pub use config::{Config, Rates, Store};
pub use director::{Part, Run, Stats, simulate, simulate_on};
pub use history::Watch;
pub use invariants::{Invariant, Violation};
pub use shrink::{Shrunk, shrink};
pub use stores::Stores;
