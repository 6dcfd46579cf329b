//! `GET /order/{userid}`: a user's orders, newest first.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_order::http::of_user(function.table()?))
    })
}
