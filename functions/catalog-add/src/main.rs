//! `POST /products` and `/product`: adds a product, for staff.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |it| {
        Ok(acme_catalog::http::add(it.table()?, it.idempotency()?))
    })
}
