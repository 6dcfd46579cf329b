//! `order-update`: follows a shipment and sets the order's status.

use std::sync::Arc;

use acme_common::event::{Event, Shipment};
use acme_common::messaging::{ConsumeError, Consumer};
use acme_common::time::Clock;
use async_trait::async_trait;
use serde_json::json;

use crate::advance::advance;
use crate::status::Status;
use crate::store::{Change, Orders};

/// Consumes `ShipmentSent` and `ShipmentDelivered`, and publishes nothing.
pub struct UpdateOrder {
    orders: Arc<dyn Orders>,
    clock: Clock,
}

impl UpdateOrder {
    /// A consumer on these orders.
    pub fn new(orders: Arc<dyn Orders>, clock: Clock) -> Self {
        Self { orders, clock }
    }

    /// Moves the shipment's order to `status`.
    async fn follow(&self, shipment: &Shipment, status: Status) -> Result<(), ConsumeError> {
        let id = &shipment.order_id;
        let change = Change {
            status,
            transaction_id: None,
            tracking_number: Some(shipment.tracking_number.clone()),
            at: (self.clock)(),
        };
        let data = json!({"TrackingNumber": shipment.tracking_number});
        advance(self.orders.as_ref(), id, &change, data).await?;
        Ok(())
    }
}

#[async_trait]
impl Consumer for UpdateOrder {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        match &event {
            Event::ShipmentSent(shipment) => self.follow(shipment, Status::Shipped).await,
            Event::ShipmentDelivered(shipment) => self.follow(shipment, Status::Delivered).await,
            other => Err(ConsumeError::unexpected(other)),
        }
    }
}
