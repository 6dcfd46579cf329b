//! Shipments in memory, for tests and simulation.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acme_common::id::OrderId;
use acme_common::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;

use crate::shipment::{Shipment, Status};
use crate::store::{Booked, Delivered, Shipments};

/// Shipments in memory.
#[derive(Debug, Default)]
pub struct MemoryShipments(Mutex<BTreeMap<OrderId, Shipment>>);

impl MemoryShipments {
    fn shipments(&self) -> MutexGuard<'_, BTreeMap<OrderId, Shipment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Shipments for MemoryShipments {
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError> {
        Ok(match self.shipments().entry(shipment.order_id.clone()) {
            Entry::Occupied(known) => Booked { shipment: known.get().clone(), new: false },
            Entry::Vacant(place) => Booked { shipment: place.insert(shipment).clone(), new: true },
        })
    }

    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError> {
        Ok(self.shipments().get_mut(order).map(|shipment| {
            let first = shipment.status == Status::Sent;
            if first {
                shipment.status = Status::Delivered { at: now };
            }
            Delivered { shipment: shipment.clone(), first }
        }))
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError> {
        Ok(self.shipments().get(order).cloned())
    }
}
