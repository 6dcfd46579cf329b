//! `GET /users/{id}`: one user.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| Ok(acme_user::http::get(function.table()?)))
}
