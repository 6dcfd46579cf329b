//! `POST /refresh-token`: returns new tokens for a refresh token.

use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        let (issuer, verifier) = (function.issuer().await?, function.verifier().await?);
        Ok(acme_user::http::refresh(function.table()?, issuer, verifier, Timestamp::now))
    })
}
