//! Errors: reported to Sentry, and as one line for the log.

use std::error::Error;

/// Reports an error with its whole chain of sources, once, where it is handled.
#[track_caller]
pub fn capture_error(error: &(dyn Error + 'static)) {
    sentry_lambda::capture_error(error);
}

/// Reports an error as [`capture_error`] does, in the issue of this `fingerprint`. Without it, an error whose text names an
/// order would be an issue of its own for each order.
#[track_caller]
pub(crate) fn capture_error_as(fingerprint: &[&str], error: &(dyn Error + 'static)) {
    let _scope = sentry::Hub::current().push_scope();
    sentry::configure_scope(|scope| scope.set_fingerprint(Some(fingerprint)));
    sentry_lambda::capture_error(error);
}

/// An error and its sources in one line, for a log.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
