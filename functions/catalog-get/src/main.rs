//! `GET /products/{id}`: one product.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |it| Ok(acme_catalog::http::get(it.table()?)))
}
