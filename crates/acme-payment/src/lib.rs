//! The payment: the card check, its store, the consumer that takes it once per order, and a route for service mode.

pub mod check;
#[cfg(feature = "testing")]
pub mod conformance;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod payment;
pub mod store;
pub mod validate;

pub use check::check;
#[cfg(feature = "testing")]
pub use memory::MemoryPayments;
pub use payment::{Outcome, Payment, Reason};
pub use store::{Payments, Recorded};
pub use validate::ValidatePayment;
