//! Consumes `ShipmentRequested`: books the shipment, emits `ShipmentSent` and, to itself, a delayed delivery.

use acme_shipment::Send;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |it| {
        Ok(Send::new(it.table()?, it.publisher()?, it.delivery_seconds()?, Timestamp::now))
    })
}
