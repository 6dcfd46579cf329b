//! No event is lost at the freeze, and no caller waits for Sentry.

use std::time::Duration;

use serde_json::json;

use crate::support::function::Event;
use crate::support::sentry_server::Answer;
use crate::support::{Function, SentryServer};

#[tokio::test]
async fn of_a_thousand_frozen_invocations_every_event_arrives() {
    let server = SentryServer::start().await;
    let function = Function::start("thousand", &[("SENTRY_DSN", &server.dsn())]).await;
    for i in 0..1000 {
        function.invoke(json!({"do": "report", "text": format!("event {i}")})).await;
        // All events had arrived before the process was stopped.
        assert_eq!(server.items("event").len(), i + 1);
    }
    let events = server.items("event");
    let distinct: std::collections::HashSet<_> = events.iter().map(|e| e["event_id"].to_string()).collect();
    assert_eq!(distinct.len(), 1000);
    let traces: std::collections::HashSet<_> =
        events.iter().map(|e| e["contexts"]["trace"]["trace_id"].to_string()).collect();
    assert_eq!(traces.len(), 1000, "each invocation has a trace of its own");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The median latency. There is a pause before each invocation, because a process is slower after a longer sleep.
async fn latencies(function: &Function, count: usize, pause: Duration) -> Duration {
    let mut times = Vec::new();
    for _ in 0..count {
        tokio::time::sleep(pause).await;
        times.push(function.invoke(json!({"do": "report", "text": "x"})).await.latency);
    }
    median(times)
}

/// How long Sentry takes to answer, in the tests that print latencies. The assertions allow far more than the printed
/// values, because the machine may be busy.
const SLOW: Duration = Duration::from_millis(500);

#[tokio::test]
async fn no_caller_waits_for_sentry() {
    let without = Function::start("without", &[]).await;
    let server = SentryServer::start().await;
    let with = Function::start("with", &[("SENTRY_DSN", &server.dsn())]).await;
    let (short, long) = (Duration::from_millis(20), Duration::from_millis(520));
    latencies(&with, 5, short).await;
    latencies(&without, 5, short).await;
    server.answer(Answer::After(SLOW));
    let (slow, none) = (latencies(&with, 15, short).await, latencies(&without, 15, long).await);
    println!(
        "median latency with Sentry answering after {SLOW:?}: {slow:?}, without Sentry: {none:?}, ratio {:.2}",
        slow.as_secs_f64() / none.as_secs_f64()
    );
    assert_eq!(server.items("event").len(), 20, "each was answered by Sentry before the next invocation");
    assert!(slow < SLOW / 5, "{slow:?} {none:?}");
}

#[tokio::test]
async fn a_hanging_sentry_costs_the_bound_once_and_then_nothing() {
    let server = SentryServer::start().await;
    server.answer(Answer::Hang);
    let environment = [("SENTRY_DSN", &*server.dsn()), ("FLUSH_LIMIT", "600"), ("PROBE_INTERVAL", "60000")];
    let function = Function::start("hanging", &environment).await;
    let first = function.invoke(json!({"do": "report", "text": "x"})).await;
    assert!(first.latency < SLOW, "the response did not wait for the flush: {first:?}");
    assert!((500..1500).contains(&first.after.as_millis()), "the bound: {first:?}");
    let mut after = Vec::new();
    for _ in 0..50 {
        after.push(function.invoke(json!({"do": "report", "text": "x"})).await.after);
    }
    let without = Function::start("without", &[]).await;
    let mut base = Vec::new();
    for _ in 0..50 {
        base.push(without.invoke(json!({"do": "report", "text": "x"})).await.after);
    }
    println!(
        "from response to next: first {:?}, circuit open {:?}, without Sentry {:?}",
        first.after,
        median(after),
        median(base)
    );
    assert_eq!(server.requests(), 1, "with the circuit open Sentry is not asked");
}

#[tokio::test]
async fn three_refusals_open_the_circuit() {
    let server = SentryServer::start().await;
    server.answer(Answer::Reset);
    let environment = [("SENTRY_DSN", &*server.dsn()), ("PROBE_INTERVAL", "60000")];
    let function = Function::start("refused", &environment).await;
    for _ in 0..3 {
        function.invoke(json!({"do": "report", "text": "x"})).await;
    }
    let asked = server.requests();
    assert!(asked >= 3, "{asked}");
    let mut after = Vec::new();
    for _ in 0..21 {
        after.push(function.invoke(json!({"do": "report", "text": "x"})).await.after);
    }
    println!("from response to next with the circuit open: {:?}", median(after));
    assert_eq!(server.requests(), asked, "with the circuit open Sentry is not asked");
}

#[tokio::test]
async fn two_hundred_without_sentry_add_up() {
    let server = SentryServer::start().await;
    server.answer(Answer::Reset);
    let environment = [("SENTRY_DSN", &*server.dsn()), ("PROBE_INTERVAL", "50")];
    let function = Function::start("away", &environment).await;
    for i in 0..200 {
        function.invoke(json!({"do": "report", "text": format!("away {i}")})).await;
    }
    server.answer(Answer::Ok);
    let mut after = 0_u64;
    // Until the probe is due and the queue is empty.
    while server.items("event").len() < 100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        function.invoke(json!({"do": "report", "text": "back"})).await;
        after += 1;
        assert!(after < 200);
    }
    function.invoke(json!({"do": "report", "text": "back"})).await;
    after += 1;
    let arrived = server.items("event").len() as u64;
    let lost: u64 = server
        .items("client_report")
        .iter()
        .flat_map(|report| report["discarded_events"].as_array().unwrap().clone())
        .map(|lost| lost["quantity"].as_u64().unwrap())
        .sum();
    println!("reported {}, arrived {arrived}, counted as lost {lost}", 200 + after);
    assert!(function.log.lock().unwrap().contains("sentry: dropped"), "a line says so");
    assert!(lost > 0 && arrived >= 100);
    assert_eq!(arrived + lost, 200 + after);
}

#[tokio::test]
async fn sigterm_drains_what_waits() {
    let server = SentryServer::start().await;
    server.answer(Answer::Reset);
    // The circuit is open. At the end one more attempt is made all the same.
    let environment = [("SENTRY_DSN", &*server.dsn()), ("PROBE_INTERVAL", "60000")];
    let function = Function::start("term", &environment).await;
    for _ in 0..3 {
        function.invoke(json!({"do": "report", "text": "left"})).await;
    }
    server.answer(Answer::Ok);
    let start = std::time::Instant::now();
    function.signal(rustix::process::Signal::TERM);
    function.signal(rustix::process::Signal::CONT);
    assert_eq!(function.wait_for_exit().await, Some(0));
    println!("drained in {:?}", start.elapsed());
    assert_eq!(server.items("event").len(), 3);
}

#[tokio::test]
async fn sigterm_ends_in_time_with_sentry_hanging() {
    let server = SentryServer::start().await;
    server.answer(Answer::Hang);
    let function = Function::start("term", &[("SENTRY_DSN", &*server.dsn()), ("FLUSH_LIMIT", "50")]).await;
    function.invoke(json!({"do": "report", "text": "left"})).await;
    let start = std::time::Instant::now();
    function.signal(rustix::process::Signal::TERM);
    function.signal(rustix::process::Signal::CONT);
    assert_eq!(function.wait_for_exit().await, Some(0));
    println!("ended in {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(2), "Lambda leaves it 300 ms, a busy machine more");
}

#[tokio::test]
async fn the_deadline_bounds_the_flush() {
    let server = SentryServer::start().await;
    server.answer(Answer::Hang);
    let function = Function::start("short", &[("SENTRY_DSN", &*server.dsn())]).await;
    let time = Duration::from_millis(900);
    let event = Event { time, ..Event::from(json!({"do": "report", "text": "x"})) };
    let answer = function.invoke(event).await;
    assert!(answer.latency + answer.after < time, "before the kill: {answer:?}");
}

#[tokio::test]
async fn more_than_the_queue_holds_arrives_from_one_invocation() {
    let server = SentryServer::start().await;
    let function = Function::start("many", &[("SENTRY_DSN", &*server.dsn())]).await;
    function.invoke(json!({"do": "report many", "count": 300})).await;
    function.invoke(json!({})).await;
    assert_eq!(server.items("event").len(), 300);
    assert_eq!(server.items("client_report").len(), 0, "nothing was lost");
}
