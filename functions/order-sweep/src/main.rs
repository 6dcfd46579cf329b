//! Runs every minute: pushes orders that are stalled.

use acme_order::Sweep;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::sweep(env!("CARGO_PKG_NAME"), async |function| {
        Ok(Sweep::new(function.table()?, function.publisher()?, function.sweep_after()?, Timestamp::now))
    })
}
