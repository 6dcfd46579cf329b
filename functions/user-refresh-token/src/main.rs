//! `POST /refresh-token`: new tokens for a refresh token.

use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |it| {
        let (issuer, verifier) = (it.issuer().await?, it.verifier().await?);
        Ok(acme_user::http::refresh(it.table()?, issuer, verifier, Timestamp::now))
    })
}
