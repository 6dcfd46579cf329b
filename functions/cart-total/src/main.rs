//! `GET /cart/total/{userid}`: what a user's cart costs.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_cart::http::total(function.table()?)))
}
