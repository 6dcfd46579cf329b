//! The set-up of Sentry for a function or for the local shop.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sentry_lambda::Options;

use super::{CaptureSuccess, chain};

/// The SSM parameter that holds the DSN, unless `SENTRY_DSN_PARAMETER` names another.
pub const DSN_PARAMETER: &str = "/Sentry/Dsn";
/// How long the start waits for that parameter. Without an answer the function starts without Sentry, because it must
/// not start late.
pub const DSN_DEADLINE: Duration = Duration::from_secs(1);

/// A source of parameters: AWS Systems Manager, or a test.
#[async_trait]
pub trait Parameters: Send + Sync {
    /// The parameter's value, decrypted.
    ///
    /// # Errors
    /// When the parameter does not exist, when it may not be read, or when the service does not answer.
    async fn parameter(&self, name: &str) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// How the function `function` reports to Sentry. Pass the result to [`sentry_lambda::init`].
///
/// The DSN is `SENTRY_DSN`. An empty DSN or `none` switches Sentry off. Without `SENTRY_DSN`, and with `parameters`,
/// the DSN is the SSM parameter that `SENTRY_DSN_PARAMETER` names ([`DSN_PARAMETER`] by default). The release is
/// `VERSION`: the full commit SHA, as `sentry-cli releases propose-version` prints it. The environment is `STAGE`. The
/// share of traces that is sent is `SENTRY_TRACES_SAMPLE_RATE`, 1.0 by default.
pub async fn options(
    function: &str,
    capture_success: CaptureSuccess,
    parameters: Option<&dyn Parameters>,
) -> Options {
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
        // A parameter cannot be empty, so `none` means that there is no DSN.
        dsn: dsn.filter(|dsn| dsn.trim() != "none"),
        server_name: Some(function.to_owned()),
        release: var("VERSION"),
        environment: var("STAGE"),
        traces_sample_rate: Some(
            var("SENTRY_TRACES_SAMPLE_RATE").and_then(|rate| rate.parse().ok()).unwrap_or(1.0),
        ),
        integrations: vec![Arc::new(capture_success)],
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
