//! Errors, as reports for Sentry and as one line for the log.

use std::error::Error;

/// Reports an error with all of its sources. Call it once, where the error is handled.
#[track_caller]
pub fn capture_error(error: &(dyn Error + 'static)) {
    sentry_lambda::capture_error(error);
}

/// Reports an error like [`capture_error`], in the issue with this `fingerprint`. Without the fingerprint, an error
/// whose text names an order would make a new issue for each order.
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
