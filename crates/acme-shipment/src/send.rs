//! Consumes ShipmentRequested, books the shipment once, and publishes ShipmentSent and, with a delay, DeliveryDue.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use acme_common::event::{Event, ShipmentRequested};
use acme_common::messaging::{ConsumeError, Consumer, PublishError, Publisher};
use acme_common::store::StoreError;
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use async_trait::async_trait;
use serde_json::json;

use crate::shipment::{Shipment, Status};
use crate::store::{Booked, Shipments};

/// How long a delivery takes, in seconds, unless the deployment sets another range.
pub const DELIVERY_SECONDS: RangeInclusive<u64> = 5..=119;

/// Sends the shipment of an order once, however often the event comes.
pub struct SendShipment {
    shipments: Arc<dyn Shipments>,
    publisher: Arc<dyn Publisher>,
    delivery_seconds: RangeInclusive<u64>,
    clock: Clock,
}

impl SendShipment {
    /// A consumer that picks the seconds of each delivery at random from `delivery_seconds`.
    pub fn new(
        shipments: Arc<dyn Shipments>,
        publisher: Arc<dyn Publisher>,
        delivery_seconds: RangeInclusive<u64>,
        clock: Clock,
    ) -> Self {
        Self { shipments, publisher, delivery_seconds, clock }
    }

    /// Books the shipment, or finds the shipment that was booked before.
    pub(crate) async fn book(&self, request: ShipmentRequested) -> Result<Shipment, StoreError> {
        let shipment = Shipment::sent(request.order_id, request.delivery, (self.clock)());
        let booked = self.shipments.book_once(shipment).await.here()?;
        report(&booked);
        Ok(booked.shipment)
    }

    /// Makes sure that the shipment ends. If it is on its way, DeliveryDue is published with a delay. If it has
    /// arrived, ShipmentDelivered is published again, because the first one may have been lost.
    pub(crate) async fn schedule_delivery(&self, shipment: &Shipment) -> Result<(), PublishError> {
        match shipment.status {
            Status::Sent => {
                let due = Event::DeliveryDue(shipment.to_event());
                self.publisher.publish_later(&due, self.delay()).await
            }
            Status::Delivered { .. } => {
                let delivered = Event::ShipmentDelivered(shipment.to_event());
                self.publisher.publish(&delivered).await
            }
        }
    }

    fn delay(&self) -> Duration {
        let range = &self.delivery_seconds;
        let seconds = if range.is_empty() { *range.start() } else { fastrand::u64(range.clone()) };
        Duration::from_secs(seconds)
    }
}

#[async_trait]
impl Consumer for SendShipment {
    async fn consume(&self, event: Event) -> Result<(), ConsumeError> {
        let Event::ShipmentRequested(request) = event else {
            return Err(ConsumeError::unexpected(&event));
        };
        let shipment = self.book(request).await?;
        self.publisher.publish(&Event::ShipmentSent(shipment.to_event())).await.here()?;
        self.schedule_delivery(&shipment).await?;
        Ok(())
    }
}

/// Tells the log and Sentry about the shipment. For a shipment that was booked before, it only says that the request
/// came again.
fn report(Booked { shipment, new }: &Booked) {
    let number = shipment.tracking_number.to_string();
    let text = if *new { "shipped" } else { "is shipped already" };
    telemetry::step(
        &shipment.order_id,
        "ShipmentSent",
        format_args!("{text}, tracking number {number}"),
        json!({"TrackingNumber": number, "Delivery": shipment.delivery}),
    );
}
