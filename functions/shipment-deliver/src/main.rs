//! Consumes the delayed delivery: ends the shipment, emits `ShipmentDelivered`.

use acme_shipment::Deliver;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |it| {
        Ok(Deliver::new(it.table()?, it.publisher()?, Timestamp::now))
    })
}
