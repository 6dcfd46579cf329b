//! What events say: chains, mechanisms, stacks, snippets, traces, and nothing secret.

use std::time::Duration;

use sentry_lambda::{ErrorSite, Options, Record, RecordError, Sentry, Spotlight, UnitOfWork};
use serde_json::{Value, json};

use crate::support::SentryServer;

fn start(server: &SentryServer) -> Sentry {
    let sources = sentry_lambda::build::pack_sources(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap(),
    );
    sentry_lambda::init(Options {
        dsn: Some(server.dsn()),
        server_name: Some("default-name".into()),
        release: Some("4c7685d".into()),
        environment: Some("test env".into()),
        traces_sample_rate: Some(1.0),
        sources: sources.unwrap().leak(),
        spotlight: Spotlight::Off,
        ..Options::default()
    })
}

async fn events(server: &SentryServer, sentry: &Sentry) -> Vec<Value> {
    assert!(sentry.flush(Duration::from_secs(5)).await);
    server.items("event")
}

#[derive(Debug)]
struct Failure(&'static str, Option<Box<Failure>>);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|e| e as _)
    }
}

fn inner() -> Result<(), Failure> {
    let link = Failure("disk full", None);
    Err(Failure("cannot write", Some(Box::new(link)))).here() // the very line
}

async fn outer() -> Result<(), Failure> {
    inner().map_err(|e| Failure("not saved", Some(Box::new(e)))).here()
}

#[tokio::test]
async fn an_error_has_its_chain_its_mechanism_its_stack_and_its_lines() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    let work = async { sentry_lambda::capture_error(&outer().await.unwrap_err()) };
    UnitOfWork::new("unit", "test").run(work).await;
    let event = events(&server, &sentry).await.remove(0);
    let exceptions = event["exception"]["values"].as_array().unwrap();
    let values: Vec<_> = exceptions.iter().map(|e| e["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["disk full", "cannot write", "not saved"]);
    assert_eq!(exceptions[2]["mechanism"], json!({"type": "generic", "handled": true}));
    assert_eq!(exceptions[0]["mechanism"]["type"], "chained");
    for exception in exceptions {
        let frames = exception["stacktrace"]["frames"].as_array().unwrap();
        let last = frames.last().unwrap();
        assert_eq!(last["in_app"], true, "{last:#}");
        assert_eq!(last["filename"], "crates/sentry-lambda/tests/it/wire.rs");
        assert!(last["context_line"].as_str().unwrap().contains(".here()"), "{last:#}");
        assert!(last["instruction_addr"].is_string());
        assert_ne!(last["instruction_addr"], "0x0");
        assert_eq!(last["pre_context"].as_array().unwrap().len(), 5);
        assert_eq!(last["post_context"].as_array().unwrap().len(), 5);
    }
    for own in &exceptions[1..] {
        let frames = own["stacktrace"]["frames"].as_array().unwrap();
        assert!(
            frames.len() > 3 && frames[frames.len() - 2]["lineno"].is_u64(),
            "line tables give the whole stack"
        );
    }
    let made = exceptions[1]["stacktrace"]["frames"].as_array().unwrap().last().unwrap();
    assert!(made["context_line"].as_str().unwrap().ends_with("// the very line"));
    assert!(made["function"].as_str().unwrap().ends_with("inner"), "{made:#}");
    assert!(event["threads"].is_null());
    let image = &event["debug_meta"]["images"][0];
    assert_eq!(image["type"], "elf");
    assert!(image["code_id"].as_str().unwrap().len() >= 16);
}

#[tokio::test]
async fn plain_sentry_capture_error_gets_the_same() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    UnitOfWork::new("unit", "test").run(async { sentry::capture_error(&outer().await.unwrap_err()) }).await;
    let event = events(&server, &sentry).await.remove(0);
    let exception = &event["exception"]["values"][2];
    assert_eq!(exception["mechanism"]["type"], "generic");
    assert!(
        exception["stacktrace"]["frames"].as_array().unwrap().last().unwrap()["context_line"].is_string()
    );
}

/// Marks each event that passes.
struct Marks;

impl sentry::Integration for Marks {
    fn process_event(
        &self,
        mut event: sentry::protocol::Event<'static>,
        _: &sentry::ClientOptions,
    ) -> Option<sentry::protocol::Event<'static>> {
        event.logger = Some("marked".into());
        Some(event)
    }
}

#[tokio::test]
async fn further_integrations_are_in_the_client_of_every_server_name() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options {
        dsn: Some(server.dsn()),
        integrations: vec![std::sync::Arc::new(Marks)],
        spotlight: Spotlight::Off,
        ..Options::default()
    });
    for name in ["default-name", "other-name"] {
        let unit = UnitOfWork::new("unit", "test").server_name(name);
        unit.run(async { sentry::capture_message("text", sentry::Level::Info) }).await;
    }
    let events = events(&server, &sentry).await;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event["logger"] == "marked"), "{events:?}");
}

#[tokio::test]
async fn units_share_nothing_and_continue_their_traces() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    let trace = "0123456789abcdef0123456789abcdef";
    let headers = [
        ("Sentry-Trace", format!("{trace}-0123456789abcdef-1")),
        ("BAGGAGE", format!("other=1,sentry-trace_id={trace},sentry-release=upstream")),
    ];
    let out = UnitOfWork::new("GET /a/{id}", "http.server")
        .server_name("other-name")
        .trace_headers(headers)
        .tag("faas.name", "a")
        .run(async {
            sentry::add_breadcrumb(sentry::Breadcrumb {
                message: Some("crumb".into()),
                ..Default::default()
            });
            sentry::capture_message("first", sentry::Level::Error);
            sentry_lambda::trace_headers()
        })
        .await;
    assert!(out[0].1.starts_with(trace) && out[0].1.ends_with("-1"));
    assert_eq!(out[1].1, format!("sentry-trace_id={trace},sentry-release=upstream"));
    let second = || {
        UnitOfWork::new("b", "function.aws").run(async {
            sentry::capture_message("second", sentry::Level::Error);
            sentry_lambda::trace_headers()
        })
    };
    let (b, c) = (second().await, second().await);
    assert_ne!(b[0].1[..32], c[0].1[..32]);
    let bare = [("sentry-trace", format!("{trace}-0123456789abcdef"))];
    let passed_on =
        UnitOfWork::new("c", "test").trace_headers(bare).run(async { sentry_lambda::trace_headers() }).await;
    assert_eq!(passed_on.len(), 1, "no header is empty");
    let baggage = &b[1].1;
    for part in [
        "sentry-trace_id=",
        "sentry-public_key=public",
        "sentry-release=4c7685d",
        "sentry-environment=test%20env",
        "sentry-sampled=true",
    ] {
        assert!(baggage.contains(part), "{baggage}");
    }
    let events = events(&server, &sentry).await;
    let of = |text: &str| {
        events.iter().find(|e| e["message"] == text || e["logentry"]["message"] == text).unwrap().clone()
    };
    let (first, second) = (of("first"), of("second"));
    assert_eq!(first["server_name"], "other-name");
    assert_eq!(first["contexts"]["trace"]["trace_id"], trace);
    assert_eq!(first["transaction"], "GET /a/{id}");
    assert_eq!(second["server_name"], "default-name");
    assert!(second["breadcrumbs"].is_null() && second["tags"]["faas.name"].is_null());
    let transactions = server.items("transaction");
    assert_eq!(transactions.len(), 4);
    assert!(
        transactions
            .iter()
            .any(|t| t["server_name"] == "other-name" && t["contexts"]["trace"]["op"] == "http.server")
    );
}

#[tokio::test]
async fn each_record_is_a_unit_of_its_own() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    let batch = async {
        let mut failed = Vec::new();
        for i in 0..10 {
            let record = Record::new("jobs", "aws_sqs")
                .id(&format!("m-{i}"))
                .receives(if i == 3 { 1 } else { 5 }, 5)
                .body_size(7);
            let work = async move {
                sentry::add_breadcrumb(sentry::Breadcrumb {
                    message: Some(format!("crumb {i}")),
                    ..Default::default()
                });
                if i == 7 {
                    panic!("record {i} panics");
                }
                if i == 3 || i == 4 { Err(Failure("bad record", None)).here() } else { Ok(()) }
            };
            match sentry_lambda::record(record, work).await {
                Ok(()) => {}
                Err(RecordError::Failed(_) | RecordError::Panicked(_)) => failed.push(i),
            }
        }
        failed
    };
    let failed = UnitOfWork::new("worker", "function.aws").tag("faas.name", "worker").run(batch).await;
    assert_eq!(failed, [3, 4, 7]);
    let events = events(&server, &sentry).await;
    assert_eq!(events.len(), 3);
    let levels: Vec<_> = events.iter().map(|e| e["level"].as_str().unwrap_or("error")).collect();
    assert_eq!(levels, ["warning", "error", "fatal"]);
    assert_eq!(events[0]["fingerprint"], events[1]["fingerprint"]);
    let traces: std::collections::HashSet<_> =
        events.iter().map(|e| e["contexts"]["trace"]["trace_id"].to_string()).collect();
    assert_eq!(traces.len(), 3);
    for event in &events {
        assert_eq!(event["tags"]["faas.name"], "worker");
        assert_eq!(
            event["breadcrumbs"]["values"].as_array().or(event["breadcrumbs"].as_array()).unwrap().len(),
            1
        );
        assert_eq!(event["exception"]["values"][0]["mechanism"]["handled"], false);
    }
    let panic = events[2]["exception"]["values"][0]["stacktrace"]["frames"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert!(panic["context_line"].as_str().unwrap().contains("panic!("), "{panic:#}");
    let transactions = server.items("transaction");
    assert_eq!(transactions.len(), 11);
    let records: Vec<_> =
        transactions.iter().filter(|t| t["contexts"]["trace"]["op"] == "queue.process").collect();
    assert_eq!(records.len(), 10);
    let data = &records[4]["contexts"]["trace"]["data"];
    assert_eq!(data["messaging.message.id"], "m-4");
    assert_eq!(data["messaging.message.retry.count"], 4);
    assert_eq!(records[4]["contexts"]["trace"]["status"], "internal_error");
    assert_eq!(records[0]["contexts"]["trace"]["status"], "ok");
}

#[tokio::test]
async fn a_records_error_that_its_handler_returns_is_reported_once() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    for panics in [false, true] {
        let handler = async {
            let work = async move {
                assert!(!panics, "it panics");
                Err::<(), _>(Failure("bad", None))
            };
            let done = sentry_lambda::record(Record::new("jobs", "aws_sqs"), work).await;
            sentry_lambda::capture_unhandled(&done.unwrap_err(), sentry::Level::Error);
        };
        UnitOfWork::new("worker", "function.aws").run(handler).await;
    }
    let events = events(&server, &sentry).await;
    assert_eq!(events.len(), 2, "{events:#?}");
    let frames = events[0]["exception"]["values"][0]["stacktrace"]["frames"].as_array().unwrap();
    let line = frames.last().unwrap()["context_line"].as_str().unwrap();
    assert!(line.contains("sentry_lambda::record("), "the caller's line, not ours: {line}");
}

#[tokio::test]
async fn a_trace_given_twice_is_passed_on_once() {
    let server = SentryServer::start().await;
    let _sentry = start(&server);
    let baggage = "sentry-trace_id=0123456789abcdef0123456789abcdef,sentry-release=1";
    let twice = format!("{baggage},{baggage}");
    let headers =
        [("sentry-trace", "0123456789abcdef0123456789abcdef-0123456789abcdef-1"), ("Baggage", &*twice)];
    let unit = UnitOfWork::new("unit", "test").trace_headers(headers).trace_headers(headers);
    let out = unit.run(async { sentry_lambda::trace_headers() }).await;
    assert_eq!(out[1], ("baggage", baggage.to_owned()));
}

#[tokio::test]
async fn nothing_secret_is_on_the_wire() {
    let server = SentryServer::start().await;
    let sentry = start(&server);
    const CARD: &str = "4111 1111 1111 1111";
    UnitOfWork::new("unit 4111111111111111", "test")
        .run(async {
            sentry::configure_scope(|scope| {
                scope.set_extra("cvv", "983".into());
                scope.set_extra("nested", json!({"list": [{"password": "hunter2"}], "card": CARD}));
                scope.set_tag("token", "tok_live_123");
                scope.set_user(Some(sentry::User { id: Some(CARD.into()), ..Default::default() }));
                let span = scope.get_span().unwrap().start_child("db", CARD);
                span.set_data("authorization", "Basic dXNlcjpodW50ZXIy".into());
                span.finish();
            });
            sentry::add_breadcrumb(sentry::Breadcrumb {
                message: Some(format!("paying with {CARD}, cvv=983")),
                data: [("password".to_owned(), "hunter2".into())].into_iter().collect(),
                ..Default::default()
            });
            sentry::capture_message(
                &format!("declined {CARD} with password=hunter2 and token: tok_live_123"),
                sentry::Level::Error,
            );
            sentry_lambda::capture_error(&Failure("cvv: 983", None));
        })
        .await;
    events(&server, &sentry).await;
    let envelopes = server.envelopes();
    assert_eq!(envelopes.len(), 3);
    for envelope in envelopes {
        for secret in [
            "41111111",
            "4111 1111",
            "cvv=983",
            "cvv: 983",
            r#""cvv":"983""#,
            "hunter2",
            "tok_live",
            "dXNlcjpodW50ZXIy",
        ] {
            // The snippet shows the lines of this test. They are source, not data.
            let text = envelope.text.replace(r#""context_line""#, "\n\"context_line\"");
            let text: String = text.lines().filter(|l| !l.starts_with("\"context_line\"")).collect();
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
