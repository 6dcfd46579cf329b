//! The shipment: its store, the consumers that send and deliver it once per order, and a route for service mode.

#[cfg(feature = "testing")]
pub mod conformance;
pub mod deliver;
pub mod http;
#[cfg(feature = "testing")]
pub mod memory;
pub mod send;
pub mod shipment;
pub mod store;

pub use deliver::DeliverShipment;
#[cfg(feature = "testing")]
pub use memory::MemoryShipments;
pub use send::{DELIVERY_SECONDS, SendShipment};
pub use shipment::{Shipment, Status};
pub use store::{Booked, Delivered, Shipments};
