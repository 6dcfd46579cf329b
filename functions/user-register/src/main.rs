//! `POST /register`: registers a customer. Anyone may call it.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_user::http::register(function.table()?, function.idempotency()?))
    })
}
