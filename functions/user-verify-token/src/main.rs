//! `POST /verify-token`: says whether an access token is valid.

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_user::http::verify(function.verifier().await?))
    })
}
