//! Consumes DeliveryDue, ends the shipment, and publishes ShipmentDelivered.

use std::sync::Arc;

use acme_common::event::Event;
use acme_common::messaging::{ConsumeError, Consumer, Publisher};
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use async_trait::async_trait;
use serde_json::json;

use crate::store::{Delivered, Shipments};

/// Delivers the shipment of an order once, however often the event comes.
pub struct DeliverShipment {
    shipments: Arc<dyn Shipments>,
    publisher: Arc<dyn Publisher>,
    clock: Clock,
}

impl DeliverShipment {
    /// A consumer that ends the shipments in `shipments` and publishes their delivery with `publisher`.
    pub fn new(shipments: Arc<dyn Shipments>, publisher: Arc<dyn Publisher>, clock: Clock) -> Self {
        Self { shipments, publisher, clock }
    }
}

#[async_trait]
impl Consumer for DeliverShipment {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        // An older version sent a delayed ShipmentSent here. Such a message may still be in the queue or among the dead
        // letters.
        let (Event::DeliveryDue(due) | Event::ShipmentSent(due)) = event else {
            return Err(ConsumeError::unexpected(&event));
        };
        let delivered = self.shipments.deliver(&due.order_id, (self.clock)()).await.here()?;
        let delivered = delivered
            .ok_or_else(|| ConsumeError::Poison(format!("order {} has no shipment", due.order_id)))?;
        report(&delivered);
        let delivered = Event::ShipmentDelivered(delivered.shipment.to_event());
        self.publisher.publish(&delivered).await.here()?;
        Ok(())
    }
}

/// Tells the log and Sentry about the delivery. For a shipment that arrived before, it only says that the event came
/// again.
fn report(Delivered { shipment, first }: &Delivered) {
    let number = shipment.tracking_number.to_string();
    let text = if *first { "delivered" } else { "is delivered already" };
    telemetry::step(
        &shipment.order_id,
        "ShipmentDelivered",
        format_args!("{text}, tracking number {number}"),
        json!({"TrackingNumber": number}),
    );
}
