//! The init phase: a runtime of one thread, the log, Sentry, and whatever the function needs.

use std::fmt;

use acme_common::telemetry;
use lambda_runtime::Error;
use sentry_lambda::{Cron, Options, Sentry};

use crate::function::Function;
use crate::log;

/// Runs `work` with the function's surroundings, and reports what it fails with to Sentry, before the process ends.
pub(crate) fn start(
    name: &'static str,
    cron: Option<Cron>,
    work: impl AsyncFnOnce(Function, Sentry) -> Result<(), Failure>,
) -> Result<(), Error> {
    log::install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let function = Function::from_env(name)?;
        let parameters = function.aws().parameters();
        let sentry = sentry_lambda::init(Options {
            sources: sentry_lambda::embedded_sources!(),
            cron,
            ..telemetry::options(name, Some(&parameters)).await
        });
        sentry.drain_at_sigterm();
        match work(function, sentry.clone()).await {
            Ok(()) => Ok(()),
            Err(Failure::Init(error)) => {
                tracing::error!(function = name, cause = %telemetry::chain(&*error), "the function cannot start");
                Err(sentry.startup_error(error).await)
            }
            Err(Failure::Run(error)) => Err(error),
        }
    })
}

/// When a function failed: in its init phase, or later, when the runtime itself gave up.
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
