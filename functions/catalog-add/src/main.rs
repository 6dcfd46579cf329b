//! `POST /products` and `/product`: adds a product, for staff.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_catalog::http::add(function.table()?, function.idempotency()?))
    })
}
