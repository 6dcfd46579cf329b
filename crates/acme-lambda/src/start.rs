//! The init phase: a runtime with one thread, the log, Sentry, and what the function needs.

use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use acme_common::telemetry;
use futures_util::FutureExt;
use lambda_runtime::Error;
use sentry_lambda::{Cron, Options, Sentry};

use crate::function::{Function, capture_success};
use crate::log;

/// How long a process that ends waits for Sentry.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Runs `work` with the function's environment. If `work` fails, its error is sent to Sentry before the process ends.
pub(crate) fn start(
    name: &'static str,
    cron: Option<Cron>,
    work: impl AsyncFnOnce(Function, Sentry) -> Result<(), Failure>,
) -> Result<(), Error> {
    log::install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Sentry may work even if a setting for AWS is missing.
        let function = Function::from_env(name);
        let capture_success = capture_success();
        let parameters = function.as_ref().ok().map(|function| function.aws().parameters());
        let parameters = parameters.as_ref().map(|parameters| parameters as &dyn telemetry::Parameters);
        let sentry = sentry_lambda::init(Options {
            sources: sentry_lambda::embedded_sources!(),
            cron,
            ..telemetry::options(name, capture_success.as_ref().copied().unwrap_or_default(), parameters).await
        });
        sentry.drain_at_sigterm();
        let started = async {
            capture_success.map_err(Failure::Init)?;
            work(function.map_err(Failure::Init)?, sentry.clone()).await
        };
        match AssertUnwindSafe(started).catch_unwind().await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Failure::Init(error))) => {
                tracing::error!(function = name, cause = %telemetry::chain(&*error), "the function cannot start");
                Err(sentry.startup_error(error).await)
            }
            Ok(Err(Failure::Run(error))) => {
                sentry.close(CLOSE_LIMIT).await;
                Err(error)
            }
            // The panic hook has captured the panic. It is sent before the process ends.
            Err(panic) => {
                sentry.close(CLOSE_LIMIT).await;
                resume_unwind(panic)
            }
        }
    })
}

/// When a function failed: in its init phase, or later in the runtime.
pub(crate) enum Failure {
    Init(Error),
    Run(Error),
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Init(error) | Self::Run(error)) = self;
        error.fmt(f)
    }
}
