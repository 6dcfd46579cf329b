//! A simulation of the shop: the real routes, consumers and sweep, on one thread, in virtual time, with every kind of
//! fault.
//!
//! A run is a function of its seed. The director takes the next entry off its agenda: a step of a running function, a
//! delivery, a request of a client, the sweep, a jump of the clock. Each call of a store or of the bus is a step of
//! its own. At a step the function may be delayed, fail or die. The invariants are checked after every step. At the
//! end the shop is compared with a model of the state that it should have reached.

mod agenda;
mod bus;
mod calls;
mod clients;
mod clock;
mod config;
mod director;
mod dynamodb;
mod fates;
mod faults;
mod history;
mod invariants;
mod invocation;
mod model;
mod poison;
mod run;
mod shop;
mod shrink;
mod stage;
mod stores;
mod transport;

pub use config::{BadSetting, Config, Rates, Store};
pub use director::{simulate, simulate_on};
pub use fates::FaultId;
pub use history::Watch;
pub use invariants::{Invariant, Violation};
pub use run::{Part, Run, Stats};
pub use shrink::{Shrunk, shrink};
pub use stores::Stores;
