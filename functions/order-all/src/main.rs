//! `GET /order/all`: all orders, for staff.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_order::http::all(function.table()?)))
}
