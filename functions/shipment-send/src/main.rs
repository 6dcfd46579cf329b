//! Consumes `ShipmentRequested`: books the shipment, publishes `ShipmentSent` and, with a delay, `DeliveryDue`.

use acme_shipment::SendShipment;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |function| {
        Ok(SendShipment::new(
            function.table()?,
            function.publisher()?,
            function.delivery_seconds()?,
            Timestamp::now,
        ))
    })
}
