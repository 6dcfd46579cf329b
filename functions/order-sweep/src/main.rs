//! Runs every minute: pushes orders that are stalled.

use acme_order::Sweep;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::sweep(env!("CARGO_PKG_NAME"), async |function| {
        let (orders, publisher, after) = (function.table()?, function.publisher()?, function.sweep_after()?);
        let sweep = Sweep::new(orders, publisher, after, Timestamp::now);
        Ok(async move || sweep.run().await)
    })
}
