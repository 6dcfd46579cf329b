//! Makes the description of all routes from the routes of the domains.
//!
//! A domain describes each route beside its handler. [`acme_http::openapi`] adds what follows from a route's
//! parameters, body and security. This crate combines the domains, adds the function of each route, and completes the
//! schemas: an answer has no other members than the described ones, and every body has an example.

mod examples;
mod fixed;
mod functions;
mod shop;

use serde_json::Value;
use utoipa::OpenApi as _;

pub use examples::NoExample;
pub use functions::BadList;

/// Why the description cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The list of functions and the routes do not match.
    #[error(transparent)]
    List(#[from] BadList),
    /// A body has no example.
    #[error(transparent)]
    Example(#[from] NoExample),
    /// The description cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The text of the committed description. `list` is the text of `functions/functions.toml`.
///
/// # Errors
/// When the list has a route that no domain describes, or when a body has no example.
pub fn document(list: &str) -> Result<String, Fault> {
    let mut api = shop::Shop::openapi();
    acme_http::openapi::complete(&mut api);
    functions::add(&mut api, list)?;
    let mut document: Value = serde_json::to_value(&api)?;
    fixed::close_answers(&mut document);
    examples::add(&mut document)?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
