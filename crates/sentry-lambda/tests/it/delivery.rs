//! Tests of the delivery: outcomes, bounds, retries, limits, the circuit, losses.

use std::time::{Duration, Instant};

use sentry::Hub;
use sentry_lambda::{Mode, Options, Sentry, Spotlight};

use crate::support::SentryServer;
use crate::support::sentry_server::Answer;

fn options(server: &SentryServer) -> Options {
    Options {
        dsn: Some(server.dsn()),
        server_name: Some("test".into()),
        probe_interval: Duration::from_millis(100),
        flush_limit: Duration::from_millis(400),
        spotlight: Spotlight::Off,
        panics: false,
        ..Options::default()
    }
}

async fn fail(text: &str) {
    sentry_lambda::UnitOfWork::new("unit", "test")
        .run(async {
            sentry::capture_message(text, sentry::Level::Error);
        })
        .await;
}

async fn flush(sentry: &Sentry) -> (bool, Duration) {
    let start = Instant::now();
    let done = sentry.flush(Duration::from_millis(400)).await;
    (done, start.elapsed())
}

#[tokio::test]
async fn an_envelope_arrives_with_its_headers() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(options(&server));
    fail(&"long ".repeat(1000)).await;
    assert!(server.envelopes().is_empty(), "nothing is sent outside a flush");
    assert!(flush(&sentry).await.0);
    let envelope = server.envelopes().remove(0);
    assert_eq!(envelope.request.method, "POST");
    assert_eq!(envelope.request.path, "/api/1/envelope/");
    assert_eq!(envelope.request.header("content-type"), Some("application/x-sentry-envelope"));
    assert_eq!(envelope.request.header("content-encoding"), Some("gzip"));
    assert!(envelope.request.header("x-sentry-auth").unwrap().contains("sentry_key=public"));
    assert!(envelope.header["sent_at"].is_string());
    assert_eq!(envelope.items[0].payload["server_name"], "test");
    assert_eq!(sentry.stats().sent, 1);
}

#[tokio::test]
async fn a_flush_is_bounded_whatever_the_server_does() {
    for answer in [Answer::Hang, Answer::Trickle] {
        let server = SentryServer::start().await;
        let sentry = sentry_lambda::init(options(&server));
        server.answer(answer.clone());
        fail("one").await;
        let (done, took) = flush(&sentry).await;
        assert!(!done && took < Duration::from_millis(600), "{answer:?} {took:?}");
        // The first flush has paid the bound already.
        fail("two").await;
        let (done, took) = flush(&sentry).await;
        assert!(!done && took < Duration::from_millis(5), "{answer:?} {took:?}");
        // A probe finds that Sentry is back, and both arrive.
        server.answer(Answer::Ok);
        tokio::time::sleep(Duration::from_millis(110)).await;
        assert!(flush(&sentry).await.0);
        assert_eq!(server.items("event").len(), 2);
        assert!(!sentry.stats().circuit_open);
    }
}

#[tokio::test]
async fn a_reset_is_retried_once_and_three_failures_open_the_circuit() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(options(&server));
    server.answer(Answer::Reset);
    for i in 0..3 {
        fail("lost?").await;
        assert!(!flush(&sentry).await.0);
        assert_eq!(sentry.stats().circuit_open, i == 2);
    }
    server.answer(Answer::Ok);
    tokio::time::sleep(Duration::from_millis(110)).await;
    assert!(flush(&sentry).await.0);
    assert_eq!(server.items("event").len(), 3);
}

#[tokio::test]
async fn a_connection_gone_stale_costs_nothing() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(options(&server));
    fail("one").await;
    assert!(flush(&sentry).await.0);
    let address = server.address;
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let server = SentryServer::start_at(address).await;
    fail("two").await;
    assert!(flush(&sentry).await.0);
    assert_eq!(server.items("event").len(), 1);
}

#[tokio::test]
async fn what_is_over_the_bound_is_counted_and_the_numbers_add_up() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options { queue_envelopes: 10, ..options(&server) });
    server.answer(Answer::Reset);
    for _ in 0..50 {
        fail("away").await;
        flush(&sentry).await;
    }
    server.answer(Answer::Ok);
    tokio::time::sleep(Duration::from_millis(250)).await;
    fail("back").await;
    while !flush(&sentry).await.0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let arrived = server.items("event").len() as u64;
    let lost: u64 = server
        .items("client_report")
        .iter()
        .flat_map(|report| report["discarded_events"].as_array().unwrap().clone())
        .inspect(|lost| {
            assert_eq!((&lost["reason"], &lost["category"]), (&"queue_overflow".into(), &"error".into()))
        })
        .map(|lost| lost["quantity"].as_u64().unwrap())
        .sum();
    assert!(arrived >= 10);
    assert_eq!(arrived + lost, 51);
}

/// The losses that Sentry was told, by reason.
fn losses(server: &SentryServer) -> Vec<(String, u64)> {
    let reports = server.items("client_report").into_iter();
    reports
        .flat_map(|report| report["discarded_events"].as_array().unwrap().clone())
        .map(|lost| (lost["reason"].as_str().unwrap().to_owned(), lost["quantity"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn one_that_always_fails_holds_up_no_other_and_is_lost_alone() {
    let server = SentryServer::start().await;
    let options = Options { probe_interval: Duration::from_millis(20), ..options(&server) };
    let sentry = sentry_lambda::init(options);
    server.answer(Answer::ResetOf("poison"));
    for text in ["poison", "one", "two", "three", "four", "five", "six"] {
        fail(text).await;
    }
    for _ in 0..40 {
        flush(&sentry).await;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(server.items("event").len(), 6);
    assert_eq!(sentry.stats().dropped, 1);
    fail("the last").await;
    assert!(flush(&sentry).await.0);
    assert_eq!(losses(&server), [("send_error".to_owned(), 1)]);
}

#[tokio::test]
async fn more_work_than_time_opens_no_circuit() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(options(&server));
    server.answer(Answer::After(Duration::from_millis(60)));
    for i in 0..60 {
        fail(&format!("event {i}")).await;
    }
    assert!(!flush(&sentry).await.0);
    let stats = sentry.stats();
    assert!(stats.sent > 0 && stats.queued > 0 && !stats.circuit_open, "{stats:?}");
    server.answer(Answer::Ok);
    assert!(flush(&sentry).await.0);
    let distinct: std::collections::HashSet<_> =
        server.items("event").iter().map(|event| event["event_id"].to_string()).collect();
    assert_eq!(distinct.len(), 60);
}

#[tokio::test]
async fn what_is_too_large_by_itself_goes_before_all_others() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options { queue_bytes: 200_000, ..options(&server) });
    server.answer(Answer::Reset);
    fail(&"large ".repeat(50_000)).await;
    for _ in 0..3 {
        fail("small").await;
    }
    assert!(!flush(&sentry).await.0);
    server.answer(Answer::Ok);
    tokio::time::sleep(Duration::from_millis(110)).await;
    assert!(flush(&sentry).await.0);
    assert_eq!(server.items("event").len(), 3);
    assert_eq!(losses(&server), [("queue_overflow".to_owned(), 1)]);
}

#[tokio::test]
async fn rate_limits_are_obeyed_by_category_and_counted() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options { traces_sample_rate: Some(1.0), ..options(&server) });
    server.answer(Answer::Status(429, &[("X-Sentry-Rate-Limits", "60:error:organization")]));
    fail("refused by the server").await;
    assert!(flush(&sentry).await.0);
    server.answer(Answer::Ok);
    fail("held back").await;
    assert!(flush(&sentry).await.0);
    assert_eq!(server.items("event").len(), 0);
    assert_eq!(server.items("transaction").len(), 1);
    let reports = server.items("client_report");
    assert_eq!(reports[0]["discarded_events"][0]["reason"], "ratelimit_backoff");
    assert_eq!(reports[0]["discarded_events"][0]["quantity"], 1, "what the server refused it counts itself");
}

#[tokio::test]
async fn a_refused_envelope_is_dropped_and_reported_with_the_next() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(options(&server));
    server.answer(Answer::Status(413, &[]));
    fail("too large").await;
    assert!(flush(&sentry).await.0);
    server.answer(Answer::Ok);
    fail("next").await;
    assert!(flush(&sentry).await.0);
    assert_eq!(server.items("client_report")[0]["discarded_events"][0]["reason"], "send_error");
    assert_eq!(sentry.stats().dropped, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_background_mode_envelopes_leave_as_they_come() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options { mode: Mode::Background, ..options(&server) });
    for i in 0..20 {
        tokio::spawn(async move { fail(&format!("event {i}")).await });
    }
    server.wait_for("event", 20).await;
    server.answer(Answer::Reset);
    fail("kept").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.answer(Answer::Ok);
    server.wait_for("event", 21).await;
    assert!(sentry.close(Duration::from_secs(1)).await);
}

#[tokio::test]
async fn the_sdks_own_flush_and_close_do_not_block() {
    let server = SentryServer::start().await;
    let _sentry = sentry_lambda::init(options(&server));
    server.answer(Answer::Hang);
    fail("one").await;
    let client = Hub::current().client().unwrap();
    let start = Instant::now();
    assert!(!client.flush(Some(Duration::from_secs(5))));
    client.close(Some(Duration::from_secs(5)));
    assert!(start.elapsed() < Duration::from_millis(20));
}

#[tokio::test]
async fn without_or_with_a_bad_dsn_nothing_happens() {
    // Another test in this process may have bound a client.
    Hub::main().bind_client(None);
    Hub::current().bind_client(None);
    for dsn in [None, Some("".to_owned()), Some("no dsn".to_owned())] {
        let sentry = sentry_lambda::init(Options { dsn, spotlight: Spotlight::Off, ..Options::default() });
        assert!(!sentry.is_enabled());
        fail("nobody listens").await;
        assert!(sentry.flush(Duration::from_secs(1)).await);
        assert!(sentry_lambda::trace_headers().is_empty());
    }
}

#[tokio::test]
async fn spotlight_gets_a_copy_with_and_without_a_dsn() {
    let spotlight = SentryServer::start().await;
    let url = format!("http://{}/stream", spotlight.address);
    let server = SentryServer::start().await;
    for dsn in [None, Some(server.dsn())] {
        let options = Options { spotlight: Spotlight::Url(url.clone()), ..options(&server) };
        let sentry = sentry_lambda::init(Options { dsn, ..options });
        fail("seen").await;
        assert!(flush(&sentry).await.0);
    }
    assert_eq!(server.items("event").len(), 1);
    let copies = spotlight.envelopes();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].request.path, "/stream");
    assert_eq!(copies[0].request.header("content-type"), Some("application/x-sentry-envelope"));
}

#[tokio::test]
async fn the_last_resort_takes_what_would_be_lost() {
    let server = SentryServer::start().await;
    let taken = std::sync::Arc::new(std::sync::Mutex::new(Vec::<String>::new()));
    let sink = taken.clone();
    let last_resort = sentry_lambda::LastResort::Sink(std::sync::Arc::new(move |bytes| {
        sink.lock().unwrap().push(String::from_utf8(bytes).unwrap());
    }));
    let sentry = sentry_lambda::init(Options { last_resort: Some(last_resort), ..options(&server) });
    server.answer(Answer::Hang);
    fail("password=hunter2").await;
    flush(&sentry).await;
    let taken = taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].contains("password=[Filtered]"));
    assert_eq!(sentry.stats().dropped, 0);
}
