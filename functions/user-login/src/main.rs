//! `POST /login`: returns tokens for a username and its password.

use jiff::Timestamp;

fn main() -> Result<(), acme_lambda::Error> {
    acme_lambda::serve(env!("CARGO_PKG_NAME"), async |function| {
        Ok(acme_user::http::login(function.table()?, function.issuer().await?, Timestamp::now))
    })
}
