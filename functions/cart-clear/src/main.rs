//! `GET` or `DELETE /cart/clear/{userid}`: empties a user's cart.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_cart::http::clear(function.table()?)))
}
