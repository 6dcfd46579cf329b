//! The shop's Sentry set-up, and the few calls with which the shop reports.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use sentry::protocol::{Map, Value};
use sentry::{Breadcrumb, Level};
pub use sentry_lambda::ErrorSite;
use sentry_lambda::Options;

use crate::id::OrderId;

/// The SSM parameter that holds the DSN, unless `SENTRY_DSN_PARAMETER` names another.
pub const DSN_PARAMETER: &str = "/Sentry/Dsn";
/// How long the start-up waits for that parameter; a function serves without Sentry rather than late.
pub const DSN_DEADLINE: Duration = Duration::from_secs(1);

/// Where parameters are kept: AWS Systems Manager, or a test's own.
#[async_trait]
pub trait Parameters: Send + Sync {
    /// The parameter's value, decrypted.
    ///
    /// # Errors
    /// When it does not exist, may not be read, or the service does not answer.
    async fn parameter(&self, name: &str) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// How the function called `function` reports to Sentry, by the environment. Pass it to [`sentry_lambda::init`].
///
/// The DSN is `SENTRY_DSN`, which may be empty or `none` to switch Sentry off, else the SSM parameter `SENTRY_DSN_PARAMETER`
/// (default [`DSN_PARAMETER`]) where `parameters` are given. The release is the full commit SHA in `VERSION`, as
/// `sentry-cli releases propose-version` prints it; the environment is `STAGE`; the share of traces that is sent is
/// `SENTRY_TRACES_SAMPLE_RATE`, 1.0 by default.
pub async fn options(function: &str, parameters: Option<&dyn Parameters>) -> Options {
    let var = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let dsn = match (std::env::var("SENTRY_DSN"), parameters) {
        (Ok(dsn), _) => Some(dsn),
        (Err(_), Some(parameters)) => {
            let name = var("SENTRY_DSN_PARAMETER").unwrap_or_else(|| DSN_PARAMETER.to_owned());
            dsn_from(parameters, &name).await
        }
        (Err(_), None) => None,
    };
    Options {
        // A parameter cannot be empty: `none` is how one says that there is no DSN.
        dsn: dsn.filter(|dsn| dsn.trim() != "none"),
        server_name: Some(function.to_owned()),
        release: var("VERSION"),
        environment: var("STAGE"),
        traces_sample_rate: Some(
            var("SENTRY_TRACES_SAMPLE_RATE").and_then(|rate| rate.parse().ok()).unwrap_or(1.0),
        ),
        ..Options::default()
    }
}

async fn dsn_from(parameters: &dyn Parameters, name: &str) -> Option<String> {
    let error: Box<dyn Error + Send + Sync> =
        match tokio::time::timeout(DSN_DEADLINE, parameters.parameter(name)).await {
            Ok(Ok(dsn)) => return Some(dsn),
            Ok(Err(error)) => error,
            Err(late) => late.into(),
        };
    tracing::warn!(parameter = name, cause = %chain(&*error), "no DSN: this function runs without Sentry");
    None
}

/// The headers that continue a trace: `sentry-trace` and `baggage`. Empty where Sentry is off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(pub Vec<(String, String)>);

impl Trace {
    /// The trace of the unit of work that runs now.
    pub fn current() -> Self {
        let headers = sentry_lambda::trace_headers().into_iter();
        Self(headers.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Runs `work` as a unit of work of the function `name` in this trace, apart from the unit that runs now.
    pub async fn run<T>(&self, name: &str, work: impl Future<Output = T>) -> T {
        let headers = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let unit = sentry_lambda::UnitOfWork::new(name, "function.aws").server_name(name);
        unit.trace_headers(headers).run(work).await
    }
}

/// Puts the order's id, as the tag `order.id`, on everything that is reported while this unit of work lasts.
pub fn about_order(id: &OrderId) {
    sentry::configure_scope(|scope| scope.set_tag("order.id", id));
}

/// Leaves a trail: what happened, with data, to be seen beside whatever is reported later in this unit of work.
pub fn breadcrumb(category: &str, message: &str, data: impl IntoIterator<Item = (&'static str, Value)>) {
    let data: Map<String, Value> = data.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    sentry::add_breadcrumb(|| Breadcrumb {
        category: Some(category.to_owned()),
        message: Some(message.to_owned()),
        level: Level::Info,
        data,
        ..Breadcrumb::default()
    });
}

/// Reports an error with its whole chain of sources, once, where it is handled.
#[track_caller]
pub fn capture_error(error: &(dyn Error + 'static)) {
    sentry_lambda::capture_error(error);
}

/// Reports an error as [`capture_error`] does, in the issue of this `fingerprint`: where a text names an order, each
/// order would be an issue by itself.
#[track_caller]
pub fn capture_error_as(fingerprint: &[&str], error: &(dyn Error + 'static)) {
    let _scope = sentry::Hub::current().push_scope();
    sentry::configure_scope(|scope| scope.set_fingerprint(Some(fingerprint)));
    sentry_lambda::capture_error(error);
}

/// Reports something worth knowing that is no error, in the issue of this `fingerprint`.
pub fn capture_message(fingerprint: &[&str], message: &str) {
    capture(fingerprint, message, Level::Info);
}

/// Reports something that went wrong and was mended, in the issue of this `fingerprint`.
pub fn capture_warning(fingerprint: &[&str], message: &str) {
    capture(fingerprint, message, Level::Warning);
}

fn capture(fingerprint: &[&str], message: &str, level: Level) {
    sentry::with_scope(
        |scope| scope.set_fingerprint(Some(fingerprint)),
        || sentry::capture_message(message, level),
    );
}

/// Runs `work` with tags and breadcrumbs of its own, which nothing outside of it sees.
pub fn in_record<R>(work: impl FnOnce() -> R) -> R {
    sentry::with_scope(|_| (), work)
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
