//! Consumes `CreditCardValidatedEvent`: sets the order's status, and publishes `ShipmentRequested` if the order is
//! paid.

use acme_order::ShipOrder;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |function| {
        Ok(ShipOrder::new(function.table()?, function.publisher()?, Timestamp::now))
    })
}
