//! Runs the sweep at each invocation of its schedule, which Sentry's cron monitoring watches.

use std::sync::Arc;

use acme_order::Sweep;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use sentry_lambda::Cron;
use serde_json::{Value, json};

use crate::function::Function;
use crate::start::{Failure, start};

/// Runs the sweep that `wire` makes, as the function called `name`. Answers with how many orders were given a push.
///
/// # Errors
/// When the function cannot start, which is reported to Sentry, or the runtime's API is gone.
pub fn sweep(
    name: &'static str,
    wire: impl AsyncFnOnce(&Function) -> Result<Sweep, Error>,
) -> Result<(), Error> {
    start(name, Some(Cron::Minutes(1)), async |function, sentry| {
        let sweep = Arc::new(wire(&function).await.map_err(Failure::Init)?);
        let handler = service_fn(move |_: LambdaEvent<Value>| {
            let sweep = sweep.clone();
            async move { Ok::<_, Error>(json!({"pushed": sweep.run().await?})) }
        });
        Runtime::new(sentry.handler(handler)).layer(sentry.layer()).run().await.map_err(Failure::Run)
    })
}
