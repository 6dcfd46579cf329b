//! `GET /cart/total/{userid}`: the price of a user's cart.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_cart::http::total(function.table()?)))
}
