//! Units of work do not mix, however they are interleaved.

use std::collections::HashSet;
use std::time::Duration;

use sentry_lambda::{ErrorSite, Options, Spotlight, UnitOfWork};
use serde_json::{Value, json};

use crate::support::{Function, SentryServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn interleaved_units_are_apart() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options {
        dsn: Some(server.dsn()),
        spotlight: Spotlight::Off,
        queue_envelopes: 1000,
        ..Options::default()
    });
    let unit = |i: usize| async move {
        UnitOfWork::new(format!("unit {i}"), "test")
            .server_name(format!("server {}", i % 3))
            .run(async move {
                for step in 0..5 {
                    sentry::add_breadcrumb(sentry::Breadcrumb {
                        message: Some(format!("{i}/{step}")),
                        ..Default::default()
                    });
                    tokio::task::yield_now().await;
                }
                sentry::configure_scope(|scope| scope.set_tag("unit", i));
                tokio::task::yield_now().await;
                let error = "x"
                    .parse::<usize>()
                    .map_err(|_| std::io::Error::other(format!("error {i}")))
                    .here()
                    .unwrap_err();
                tokio::time::sleep(Duration::from_millis(1)).await;
                sentry_lambda::capture_error(&error);
                sentry_lambda::trace_headers()[0].1[..32].to_owned()
            })
            .await
    };
    let tasks: Vec<_> = (0..50).map(|i| tokio::spawn(unit(i))).collect();
    let mut traces = HashSet::new();
    for task in tasks {
        traces.insert(task.await.unwrap());
    }
    assert_eq!(traces.len(), 50);
    assert!(sentry.flush(Duration::from_secs(10)).await);
    let events = server.items("event");
    assert_eq!(events.len(), 50);
    for event in &events {
        let i: usize = event["tags"]["unit"].as_str().unwrap().parse().unwrap();
        assert_eq!(event["exception"]["values"][0]["value"], format!("error {i}"));
        assert_eq!(event["transaction"], format!("unit {i}"));
        assert_eq!(event["server_name"], format!("server {}", i % 3));
        let crumbs = event["breadcrumbs"]["values"].as_array().or(event["breadcrumbs"].as_array()).unwrap();
        let messages: Vec<_> = crumbs.iter().map(|c| c["message"].as_str().unwrap().to_owned()).collect();
        assert_eq!(messages, (0..5).map(|step| format!("{i}/{step}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn concurrent_invocations_of_one_process_are_apart() {
    let server = SentryServer::start().await;
    let environment =
        [("SENTRY_DSN", &*server.dsn()), ("KIND", "concurrent"), ("AWS_LAMBDA_MAX_CONCURRENCY", "4")];
    let function = Function::start("concurrent", &environment).await;
    let invoke = |i: usize| {
        let function = &function;
        async move {
            function
                .begin(
                    json!({"do": "sleep", "ms": 20, "job": format!("o-{i}"), "then": format!("after {i}")}),
                )
                .await
                .unwrap();
        }
    };
    futures_util::future::join_all((0..20).map(invoke)).await;
    let events = server.wait_for("event", 20).await;
    let traces: HashSet<_> = events.iter().map(|e| e["contexts"]["trace"]["trace_id"].to_string()).collect();
    assert_eq!(traces.len(), 20);
    for event in &events {
        let job = event["tags"]["job.id"].as_str().unwrap().trim_start_matches("o-");
        let message = event["message"].as_str().or(event["logentry"]["message"].as_str()).map(str::to_owned);
        assert_eq!(message.map(Value::from), Some(format!("after {job}").into()));
    }
}

/// Logs and metrics wait in batches of the SDK. Only a flush hands them over.
#[cfg(all(feature = "logs", feature = "metrics"))]
#[tokio::test]
async fn logs_and_metrics_are_flushed_with_the_rest() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options {
        dsn: Some(server.dsn()),
        spotlight: Spotlight::Off,
        ..Options::default()
    });
    let trace = UnitOfWork::new("unit", "test")
        .run(async {
            sentry::logger_info!("card 4111111111111111");
            sentry::metrics::counter("done", 1).capture();
            sentry_lambda::trace_id().unwrap()
        })
        .await;
    assert!(sentry.flush(Duration::from_secs(2)).await);
    let logs = server.items("log");
    assert_eq!(logs[0]["items"][0]["body"], "card [Filtered]");
    assert_eq!(logs[0]["items"][0]["trace_id"], trace);
    assert_eq!(server.items("trace_metric")[0]["items"][0]["trace_id"], trace);
}
