//! Where shipments are kept.

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;

use crate::shipment::Shipment;

/// A store of shipments, at most one per order, each delivered at most once.
///
/// Every implementation passes the suite in `conformance`.
#[async_trait]
pub trait Shipments: Send + Sync {
    /// Books `shipment` unless its order has one. Of many at once exactly one is new, and all return that one.
    ///
    /// # Errors
    /// When the store fails; the shipment may have been booked then.
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError>;

    /// Ends the order's shipment at `now`, unless it has ended before. `None` where the order has no shipment.
    ///
    /// # Errors
    /// When the store fails; the shipment may have ended then.
    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError>;

    /// The order's shipment.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError>;
}

/// The shipment that an order has from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The stored shipment, which need not be the one that was to be booked.
    pub shipment: Shipment,
    /// Whether it was booked just now.
    pub new: bool,
}

/// A shipment that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The stored shipment.
    pub shipment: Shipment,
    /// Whether it arrived just now.
    pub first: bool,
}
