//! Servers for the tests.

pub(crate) mod function;
pub(crate) mod http;
pub(crate) mod sentry_server;

pub(crate) use function::Function;
pub(crate) use sentry_server::SentryServer;
