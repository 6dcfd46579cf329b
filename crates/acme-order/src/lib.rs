//! The order: its life from a cart to a delivery, its store, its routes and its consumers.

mod advance;
#[cfg(feature = "testing")]
pub mod conformance;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod order;
pub mod order_request;
pub mod ship;
pub mod status;
pub mod store;
pub mod sweep;
pub mod update;

#[cfg(feature = "testing")]
pub use memory::MemoryOrders;
pub use order::{Address, Line, Order};
pub use ship::ShipOrder;
pub use status::Status;
pub use store::Orders;
pub use sweep::Sweep;
pub use update::UpdateOrder;
