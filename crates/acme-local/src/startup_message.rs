//! What the shop prints when it is open: its address, how to log in, and what to try first.

use std::net::SocketAddr;

use acme_http::AuthMode;
use acme_user::demo::{self, PASSWORD, STAFF};

use crate::config::{Config, Database};

/// Prints the address, the demo users, the first commands to try, and how the shop was set up.
pub(crate) fn print(config: &Config, address: SocketAddr, reports: bool) {
    let url = format!("http://{address}");
    let customers = demo::users().into_iter().filter(|user| !user.staff);
    let customers = customers.map(|user| user.username.as_str().to_owned()).collect::<Vec<_>>().join(", ");
    let tokens = match config.auth_mode {
        AuthMode::Tokens => "required; prices come from the catalog",
        AuthMode::Compatibility => "not required (AUTH_MODE=0); prices come from the client",
    };
    let data = match &config.database {
        Database::Memory => "in memory; it is gone when the shop stops".to_owned(),
        Database::Directory(directory) => format!("in {}", directory.display()),
    };
    let errors =
        if reports { "go to Sentry" } else { "go to this log only; SENTRY_DSN sends them to Sentry" };
    for line in [
        String::new(),
        format!("The ACME Fitness Shop is open at {url}"),
        String::new(),
        format!("  sign in    {customers}"),
        format!("             {STAFF} (works in the shop); everybody's password is {PASSWORD}"),
        format!("  try        curl {url}/products"),
        format!("             examples/order.sh {url}    places an order and follows it to its delivery"),
        format!("             {url} in a browser lists all routes"),
        format!("  tokens     {tokens}"),
        format!("  data       {data}"),
        format!("  errors     {errors}"),
        "  stop       Ctrl-C".to_owned(),
        String::new(),
    ] {
        tracing::info!("{line}");
    }
}
