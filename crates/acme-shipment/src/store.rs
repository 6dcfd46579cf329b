//! Where shipments are kept.

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;

use crate::shipment::Shipment;

/// A store of shipments. An order has at most one shipment, and a shipment is delivered at most once.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Shipments: Send + Sync {
    /// Books `shipment` unless its order already has a shipment. Of many calls at once exactly one books its shipment,
    /// and all return that shipment.
    ///
    /// # Errors
    /// When the store fails. The shipment may have been booked even then.
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError>;

    /// Ends the order's shipment at `now`, unless it has already ended. Returns `None` if the order has no shipment.
    ///
    /// # Errors
    /// When the store fails. The shipment may have ended even then.
    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError>;

    /// The order's shipment, or `None`.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError>;
}

/// The shipment that an order has from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The stored shipment. It may be another shipment than the one in the call.
    pub shipment: Shipment,
    /// Whether this call booked it.
    pub new: bool,
}

/// A shipment that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The stored shipment.
    pub shipment: Shipment,
    /// Whether this call ended it.
    pub first: bool,
}
