//! Consumes `DeliveryDue`: ends the shipment, publishes `ShipmentDelivered`.

use acme_shipment::DeliverShipment;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |function| {
        Ok(DeliverShipment::new(function.table()?, function.publisher()?, Timestamp::now))
    })
}
