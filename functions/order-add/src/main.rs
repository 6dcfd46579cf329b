//! `POST /order/add/{userid}`: places an order and requests its payment.

use acme_order::http::AddOrder;
use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        let shop = AddOrder {
            orders: function.table()?,
            prices: function.table()?,
            publisher: function.publisher()?,
            sealer: function.card_sealer().await?,
            clock: Timestamp::now,
        };
        Ok(acme_order::http::add(shop, function.idempotency()?))
    })
}
