//! `POST /cart/item/add/{userid}`: adds one item to a user's cart.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_cart::http::add_item(function.table()?, function.table()?, function.idempotency()?))
    })
}
