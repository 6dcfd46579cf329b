//! A function for the tests. It does what its event asks for, failures included.

mod work;

use lambda_http::Adapter;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use sentry_lambda::Options;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO);
    log.with_writer(std::io::stderr).init();
    let sentry = sentry_lambda::init(options());
    sentry.drain_at_sigterm();
    if let Err(error) = work::set_up() {
        return Err(sentry.startup_error(error).await);
    }
    match std::env::var("KIND").as_deref() {
        Ok("http") => {
            let handler = sentry.handler(service_fn(work::respond));
            Runtime::new(Adapter::from(handler)).layer(sentry.layer()).run().await
        }
        Ok("unspeakable") => {
            let handler =
                sentry.handler(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(work::Unspeakable)));
            Runtime::new(handler).layer(sentry.layer()).run().await
        }
        Ok("concurrent") => {
            let handler = sentry.handler(service_fn(work::consume));
            Runtime::new(handler).layer(sentry.layer()).run_concurrent().await
        }
        _ => {
            let handler = sentry.handler(service_fn(work::consume));
            Runtime::new(handler).layer(sentry.layer()).run().await
        }
    }
}

fn options() -> Options {
    let variable = |name: &str| std::env::var(name).ok();
    let millis = |name: &str| Some(std::time::Duration::from_millis(variable(name)?.parse().ok()?));
    let defaults = Options::default();
    Options {
        dsn: variable("SENTRY_DSN"),
        release: Some("4c7685d".to_owned()),
        environment: Some("test".to_owned()),
        traces_sample_rate: variable("TRACES").and_then(|rate| rate.parse().ok()),
        probe_interval: millis("PROBE_INTERVAL").unwrap_or(defaults.probe_interval),
        flush_limit: millis("FLUSH_LIMIT").unwrap_or(defaults.flush_limit),
        sources: sentry_lambda::embedded_sources!(),
        cron: Some(sentry_lambda::Cron::Minutes(1)),
        ..defaults
    }
}
