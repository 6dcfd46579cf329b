//! Runs the sweep at each invocation by its schedule. Sentry's cron monitoring watches the schedule.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use sentry_lambda::Cron;
use serde_json::{Value, json};

use crate::function::Function;
use crate::start::{Failure, start};

/// Runs the sweep that `wire` makes. `name` is the function's name. A sweep returns the number of orders that were
/// pushed, and the answer holds it.
///
/// # Errors
/// When the function cannot start (this is reported to Sentry), or when the connection to the Runtime API fails.
pub fn sweep<S, E>(
    name: &'static str,
    wire: impl AsyncFnOnce(&Function) -> Result<S, Error>,
) -> Result<(), Error>
where
    S: AsyncFn() -> Result<usize, E> + 'static,
    E: Into<Error>,
{
    start(name, Some(Cron::Minutes(1)), async |function, sentry| {
        let sweep = Arc::new(wire(&function).await.map_err(Failure::Init)?);
        let handler = service_fn(move |_: LambdaEvent<Value>| {
            let sweep = sweep.clone();
            async move { Ok::<_, Error>(json!({"pushed": sweep().await.map_err(Into::into)?})) }
        });
        Runtime::new(sentry.handler(handler)).layer(sentry.layer()).run().await.map_err(Failure::Run)
    })
}
