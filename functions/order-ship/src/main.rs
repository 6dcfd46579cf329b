//! Consumes `CreditCardValidatedEvent`: sets the order's status, emits `ShipmentRequested` for a paid one.

use acme_order::Ship;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |it| {
        Ok(Ship::new(it.table()?, it.publisher()?, Timestamp::now))
    })
}
