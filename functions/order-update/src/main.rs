//! Consumes `ShipmentSent` and `ShipmentDelivered`: sets the order's status.

use acme_order::UpdateOrder;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::consume(env!("CARGO_PKG_NAME"), async |function| {
        Ok(UpdateOrder::new(function.table()?, Timestamp::now))
    })
}
