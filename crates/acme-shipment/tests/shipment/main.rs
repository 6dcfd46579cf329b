//! Tests of the shipment's public interface: the two consumers, the route, and the store in memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

mod consumers;
mod reports;
mod route;

use std::sync::{Arc, Mutex};

use acme_common::event::{Event, ShipmentRequested};
use acme_common::id::OrderId;
use acme_common::messaging::testing::RecordingPublisher;
use acme_common::store::StoreError;
use acme_shipment::{
    Booked, DELIVERY_SECONDS, DeliverShipment, Delivered, MemoryShipments, SendShipment, Shipment, Shipments,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

#[tokio::test]
async fn the_store_in_memory_conforms() {
    acme_shipment::conformance::check(&MemoryShipments::default()).await;
}

/// Both consumers, on one store and one bus.
struct Carrier {
    shipments: Arc<Shaky>,
    bus: Arc<RecordingPublisher>,
    send: Arc<SendShipment>,
    deliver: DeliverShipment,
}

impl Carrier {
    fn new() -> Self {
        let (shipments, bus) = (Arc::<Shaky>::default(), Arc::<RecordingPublisher>::default());
        let send = SendShipment::new(shipments.clone(), bus.clone(), DELIVERY_SECONDS, now);
        Self {
            send: Arc::new(send),
            deliver: DeliverShipment::new(shipments.clone(), bus.clone(), now),
            shipments,
            bus,
        }
    }

    async fn shipment(&self) -> Option<Shipment> {
        self.shipments.get(&order()).await.unwrap()
    }

    /// The types of the events that were published.
    fn published(&self) -> Vec<&'static str> {
        self.bus.events().iter().map(|event| event.kind().name()).collect()
    }
}

/// A store that can lose its next request, or the answer to that request.
#[derive(Default)]
struct Shaky {
    shipments: MemoryShipments,
    loses: Mutex<Option<Lost>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lost {
    Request,
    Answer,
}

impl Shaky {
    async fn call<T>(&self, request: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let lost = self.loses.lock().unwrap().take();
        if lost == Some(Lost::Request) {
            return Err(StoreError::unavailable("lost"));
        }
        let answer = request.await;
        if lost == Some(Lost::Answer) {
            return Err(StoreError::unavailable("lost"));
        }
        answer
    }
}

#[async_trait]
impl Shipments for Shaky {
    async fn book_once(&self, shipment: Shipment) -> Result<Booked, StoreError> {
        self.call(self.shipments.book_once(shipment)).await
    }

    async fn deliver(&self, order: &OrderId, now: Timestamp) -> Result<Option<Delivered>, StoreError> {
        self.call(self.shipments.deliver(order, now)).await
    }

    async fn get(&self, order: &OrderId) -> Result<Option<Shipment>, StoreError> {
        self.shipments.get(order).await
    }
}

/// The moment at which every test takes place.
fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn order() -> OrderId {
    OrderId::parse("3f-1").unwrap()
}

fn requested() -> Event {
    Event::ShipmentRequested(ShipmentRequested { order_id: order(), delivery: "UPS/FedEx".into() })
}

/// The event of a shipment as the contract writes it.
fn written(kind: &str, status: &str, shipment: &Shipment) -> Value {
    json!({
        "metadata": {"domain": "Shipment", "source": "SendShipment", "type": kind, "status": "success"},
        "data": {
            "trackingNumber": shipment.tracking_number, "orderNumber": "3f-1", "orderID": "3f-1", "status": status,
        },
    })
}
