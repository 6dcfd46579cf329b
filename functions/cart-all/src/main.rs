//! `GET /cart/all`: all carts, for staff.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_cart::http::all(function.table()?)))
}
