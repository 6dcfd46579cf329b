//! `GET /cart/items/total/{userid}`: the number of pieces in a user's cart.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_cart::http::item_total(function.table()?))
    })
}
