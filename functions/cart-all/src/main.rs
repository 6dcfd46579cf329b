//! `GET /cart/all`: all carts, for staff.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |it| Ok(acme_cart::http::all(it.table()?)))
}
