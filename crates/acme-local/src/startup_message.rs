//! What the shop prints when it is open.

use std::net::SocketAddr;

use acme_http::AuthMode;
use acme_user::demo::{PASSWORD, STAFF};

use crate::config::{Config, Database};

/// Says where the shop is, how to log in, and where errors go.
pub(crate) fn print(config: &Config, at: SocketAddr, sentry: bool) {
    let kept = match &config.database {
        Database::Memory => "in memory, gone when this process ends".to_owned(),
        Database::Directory(directory) => format!("kept in {}", directory.display()),
    };
    let mode = match config.auth_mode {
        AuthMode::Compatibility => "compatibility mode: nobody is asked for a token, prices are the client's",
        AuthMode::Tokens => "tokens are asked for, prices are the catalog's",
    };
    let errors = if sentry { "errors go to Sentry" } else { "errors go nowhere: SENTRY_DSN is not set" };
    tracing::info!("The ACME Fitness Shop is open at http://{at}");
    tracing::info!(
        "  log in as eric, phoebe, dwight, han, elaine or walter, or {STAFF}; password {PASSWORD}"
    );
    tracing::info!("  {mode}");
    tracing::info!("  data is {kept}; {errors}");
}
