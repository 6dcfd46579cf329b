//! Every minute: gives orders that stand still a push.

use acme_order::Sweep;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::sweep(env!("CARGO_PKG_NAME"), async |it| {
        Ok(Sweep::new(it.table()?, it.publisher()?, it.sweep_after()?, Timestamp::now))
    })
}
