//! `GET /products`: the catalog.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_catalog::http::all(function.table()?))
    })
}
