//! What a stripped function reports: errors, panics, timeouts, batches, traces across functions, nothing secret.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::function::Event;
use crate::support::sentry_server::Answer;
use crate::support::{Function, SentryServer};

/// The values of the chain, and the innermost frame of its last exception. Every exception must have a snippet.
fn read(event: &Value) -> (Vec<&str>, &Value) {
    let exceptions = event["exception"]["values"].as_array().unwrap();
    let values = exceptions.iter().map(|e| e["value"].as_str().unwrap()).collect();
    for exception in exceptions {
        let frame = exception["stacktrace"]["frames"].as_array().unwrap().last().unwrap();
        assert!(frame["context_line"].is_string(), "{frame:#}");
        assert_eq!(frame["in_app"], true);
        assert!(!frame["pre_context"].as_array().unwrap().is_empty());
        assert!(frame["function"].is_string(), "{frame:#}");
        assert_eq!(frame["filename"].as_str().unwrap().split('/').next(), Some("crates"));
        assert_eq!(exception["mechanism"]["handled"], false);
    }
    let outermost = exceptions.last().unwrap();
    assert_eq!(outermost["mechanism"]["type"], "aws_lambda");
    (values, outermost["stacktrace"]["frames"].as_array().unwrap().last().unwrap())
}

fn line(frame: &Value) -> &str {
    frame["context_line"].as_str().unwrap().trim()
}

#[tokio::test]
async fn an_error_is_one_event_with_chain_and_line() {
    let server = SentryServer::start().await;
    let function = Function::start("failing", &[("SENTRY_DSN", &server.dsn()), ("TRACES", "1")]).await;
    let answer = function.invoke(json!({"do": "fail"})).await;
    assert_eq!(answer.kind, "error");
    assert_eq!(answer.body["errorMessage"], "not saved");
    assert_eq!(function.invoke(json!({})).await.kind, "response");
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    let event = &events[0];
    let (values, _) = read(event);
    assert_eq!(values, ["disk full", "cannot write", "not saved"]);
    let write = event["exception"]["values"][1]["stacktrace"]["frames"].as_array().unwrap().last().unwrap();
    assert!(line(write).ends_with("// the line of the error"));
    assert_eq!(write["function"], "write");
    let image = &event["debug_meta"]["images"][0];
    assert_eq!(image["type"], "elf");
    // The address of each frame is in the image, so uploaded debug files can name it.
    let address = |v: &Value| u64::from_str_radix(v.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    let (start, size) = (address(&image["image_addr"]), image["image_size"].as_u64().unwrap());
    assert!((start..start + size).contains(&address(&write["instruction_addr"])));

    for (tag, value) in [
        ("faas.name", "failing"),
        ("faas.version", "7"),
        ("faas.coldstart", "true"),
        ("faas.trigger", "other"),
    ] {
        assert_eq!(event["tags"][tag], value);
    }
    assert_eq!(event["server_name"], "failing");
    let contexts = &event["contexts"];
    assert!(contexts["aws.cloudwatch.logs"]["url"].as_str().unwrap().contains("eu-west-1"));
    assert!(contexts["aws.lambda.live"]["remaining_time_in_ms"].as_u64().unwrap() > 20_000);
    assert!(contexts["aws.lambda.live"]["memory_peak_in_mb"].as_u64().unwrap() > 0);
    assert_eq!(contexts["cloud_resource"]["cloud.account.id"], "123456789012");
    let transactions = server.items("transaction");
    assert_eq!(transactions.len(), 2);
    assert_eq!(transactions[0]["contexts"]["trace"]["status"], "internal_error");
    assert_eq!(transactions[1]["contexts"]["trace"]["status"], "ok");
    assert_eq!(transactions[1]["tags"]["faas.coldstart"], "false");
}

#[tokio::test]
async fn a_panic_is_one_event_and_the_next_invocation_works() {
    let server = SentryServer::start().await;
    let function = Function::start("panicking", &[("SENTRY_DSN", &server.dsn())]).await;
    // Slow enough to notice a hook that waits for Sentry.
    server.answer(Answer::After(Duration::from_millis(700)));
    let answer = function.invoke(json!({"do": "panic"})).await;
    assert_eq!(answer.kind, "error");
    assert!(answer.body["errorMessage"].as_str().unwrap().contains("the handler panics"));
    assert!(answer.latency < Duration::from_millis(700));
    assert_eq!(function.invoke(json!({})).await.kind, "response");
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    let (values, frame) = read(&events[0]);
    assert_eq!(values, ["the handler panics"]);
    assert!(line(frame).ends_with("// the line of the panic"));
    assert_eq!(events[0]["level"], "fatal");
}

#[tokio::test]
async fn a_timeout_is_told_before_the_kill() {
    let server = SentryServer::start().await;
    let function = Function::start("sleepy", &[("SENTRY_DSN", &server.dsn()), ("TRACES", "1")]).await;
    let event = |ms: u64| Event {
        time: Duration::from_millis(1000),
        ..Event::from(json!({"do": "sleep", "ms": ms}))
    };
    // This invocation ends in time, so the warning is cancelled.
    function.invoke(event(100)).await;
    assert!(function.begin(event(5000)).await.is_none());
    function.signal(rustix::process::Signal::KILL);
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    let (values, frame) = read(&events[0]);
    assert!(values[0].contains("sleepy will be killed"), "{values:?}");
    assert!(line(frame).contains("sentry.handler("));
    assert_eq!(events[0]["fingerprint"], json!(["aws_lambda.timeout", "sleepy"]));
    let transactions = server.items("transaction");
    assert_eq!(transactions.len(), 2);
    assert_eq!(transactions[1]["contexts"]["trace"]["status"], "deadline_exceeded");
}

#[tokio::test]
async fn one_bad_record_of_ten_is_one_event_and_its_id_returned() {
    let server = SentryServer::start().await;
    let function = Function::start("batch", &[("SENTRY_DSN", &server.dsn()), ("TRACES", "1")]).await;
    let records: Vec<_> = (0..10)
        .map(|i| record(i, &if i == 6 { json!({"do": "fail"}) } else { json!({}) }, &json!({})))
        .collect();
    let answer = function.invoke(json!({"Records": records})).await;
    assert_eq!(answer.body["batchItemFailures"], json!([{"itemIdentifier": "m-6"}]));
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    let (values, _) = read(&events[0]);
    assert_eq!(values.len(), 3);
    assert_eq!(events[0]["level"], "warning", "it will be retried");
    let transactions = server.items("transaction");
    assert_eq!(transactions.len(), 11);
    let data = &transactions
        .iter()
        .find(|t| t["contexts"]["trace"]["data"]["messaging.message.id"] == "m-6")
        .unwrap()["contexts"]["trace"]["data"];
    assert_eq!(data["messaging.destination.name"], "jobs");
    assert_eq!(data["messaging.message.retry.count"], 1);
    assert!(data["messaging.message.receive.latency"].as_u64().unwrap() > 0);
    // The log lines of a record carry its trace.
    let log = function.log.lock().unwrap().clone();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|l| serde_json::from_str(l).ok())
        .filter(|l: &Value| l["fields"]["message"] == "handling")
        .collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[6]["span"]["trace_id"], events[0]["contexts"]["trace"]["trace_id"]);
    assert_eq!(lines[6]["span"]["function"], "batch");
    assert_eq!(lines[6]["span"]["message_id"], "m-6");
    assert!(lines[6]["span"]["request_id"].as_str().unwrap().starts_with("request-"));
}

#[tokio::test]
async fn an_error_at_start_up_is_one_event() {
    let server = SentryServer::start().await;
    let function = Function::spawn("broken", &[("SENTRY_DSN", &server.dsn()), ("BROKEN_START", "1")]).await;
    assert_ne!(function.wait_for_exit().await, Some(0));
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    let (values, frame) = read(&events[0]);
    assert_eq!(values, ["no configuration"]);
    assert!(line(frame).ends_with("// start-up line"));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_reported() {
    let server = SentryServer::start().await;
    let function = Function::start("http", &[("SENTRY_DSN", &server.dsn()), ("KIND", "http")]).await;
    assert_eq!(function.invoke(json!({"no": "request"})).await.kind, "error");
    assert_eq!(server.items("event")[0]["exception"]["values"][0]["type"], "BadEvent");
}

#[tokio::test]
async fn a_response_that_nothing_can_be_made_of_is_reported() {
    let server = SentryServer::start().await;
    let environment = [("SENTRY_DSN", &*server.dsn()), ("KIND", "unspeakable")];
    let function = Function::start("unspeakable", &environment).await;
    assert!(function.begin(Event { time: Duration::from_secs(5), ..json!({}).into() }).await.is_none());
    let events = server.wait_for("event", 1).await;
    let (values, _) = read(&events[0]);
    assert!(values.iter().any(|value| value.contains("no words for it")), "{values:?}");
}

/// An event of an HTTP API.
pub(crate) fn http_request(body: &Value, headers: &Value) -> Value {
    json!({"version": "2.0", "routeKey": "POST /items/{id}", "rawPath": "/items/7", "rawQueryString": "", "headers": headers,
        "requestContext": {"accountId": "1", "apiId": "a", "domainName": "x.example", "domainPrefix": "x", "requestId": "r", "routeKey": "POST /items/{id}",
            "stage": "$default", "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1,
            "http": {"method": "POST", "path": "/items/7", "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4", "userAgent": "test"}},
        "body": body.to_string(), "isBase64Encoded": false})
}

#[tokio::test]
async fn http_statuses_are_events_breadcrumbs_and_nothing_twice() {
    let server = SentryServer::start().await;
    let function =
        Function::start("http", &[("SENTRY_DSN", &server.dsn()), ("KIND", "http"), ("TRACES", "1")]).await;
    let headers = json!({"host": "x.example", "cookie": "a=b", "authorization": "Bearer abcdefghijklmnop", "x-forwarded-for": "1.2.3.4"});
    for body in [
        json!({"status": 200}),
        json!({"status": 404}),
        json!({"do": "fail"}),
        json!({"do": "fail", "report": true}),
    ] {
        function.invoke(http_request(&body, &headers)).await;
    }
    let events = server.items("event");
    assert_eq!(events.len(), 2);
    let error = &events[0]["exception"]["values"][0];
    assert_eq!(error["type"], "HttpError");
    let frame = error["stacktrace"]["frames"].as_array().unwrap().last().unwrap();
    assert!(line(frame).contains("sentry.handler("), "where the handler is, not where we are: {frame}");
    assert_eq!(
        events[1]["exception"]["values"][2]["value"], "not saved",
        "an error that was reported is not reported again"
    );
    assert_eq!(events[0]["request"]["method"], "POST");
    assert_eq!(events[0]["request"]["url"], "https://x.example/items/7");
    let text = events[0].to_string();
    assert!(!text.contains("1.2.3.4") && !text.contains("cookie") && !text.contains("Bearer"));
    let transactions = server.items("transaction");
    assert_eq!(transactions[0]["transaction"], "POST /items/{id}");
    assert_eq!(transactions[0]["contexts"]["trace"]["op"], "http.server");
    let statuses: Vec<_> =
        transactions.iter().map(|t| t["contexts"]["trace"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["ok", "not_found", "internal_error", "internal_error"]);
}

/// A record of an SQS event.
pub(crate) fn record(i: usize, body: &Value, attributes: &Value) -> Value {
    json!({"messageId": format!("m-{i}"), "body": body.to_string(), "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:jobs", "messageAttributes": attributes,
        "attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1763940000000"}})
}

#[tokio::test]
async fn nothing_secret_leaves_the_process() {
    let server = SentryServer::start().await;
    let function = Function::start("secret", &[("SENTRY_DSN", &server.dsn()), ("TRACES", "1")]).await;
    let text = "4111111111111111, 5500 0000 0000 0004, cvv=983, password: hunter2, token=tok_live_1";
    function.invoke(json!({"do": "secrets", "text": text})).await;
    assert_eq!((server.items("event").len(), server.items("transaction").len()), (1, 1));
    for envelope in server.envelopes() {
        for secret in ["41111111", "5500 0000", "cvv=983", "hunter2", "tok_live"] {
            assert!(!envelope.text.contains(secret), "{secret} in {}", envelope.text);
        }
    }
}

#[tokio::test]
async fn memory_near_its_limit_is_a_warning_once() {
    let server = SentryServer::start().await;
    let environment = [("SENTRY_DSN", &*server.dsn()), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2")];
    let function = Function::start("full", &environment).await;
    function.invoke(json!({})).await;
    function.invoke(json!({})).await;
    let events = server.items("event");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["level"], "warning");
    assert_eq!(events[0]["fingerprint"], json!(["aws_lambda.memory", "full"]));
}

#[tokio::test]
async fn a_scheduled_function_checks_in() {
    let server = SentryServer::start().await;
    let function = Function::start("sweep", &[("SENTRY_DSN", &server.dsn())]).await;
    let timer = |detail| {
        json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": detail,
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/Every-Minute"]})
    };
    function.invoke(timer(json!({}))).await;
    function.invoke(timer(json!({"do": "fail"}))).await;
    let check_ins = server.items("check_in");
    let statuses: Vec<_> = check_ins.iter().map(|c| c["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["ok", "error"]);
    assert_eq!(check_ins[0]["monitor_slug"], "every-minute");
    assert_eq!(
        check_ins[0]["monitor_config"]["schedule"],
        json!({"type": "interval", "value": 1, "unit": "minute"})
    );
}

/// Sends one event of each kind to your own Sentry: `SENTRY_LAMBDA_DSN=... cargo test -p sentry-lambda --all-features
/// -- --ignored by_hand`.
#[tokio::test]
#[ignore = "needs a Sentry to look at"]
async fn by_hand() {
    let Ok(dsn) = std::env::var("SENTRY_LAMBDA_DSN") else {
        return;
    };
    let spotlight = std::env::var("SENTRY_SPOTLIGHT").unwrap_or_default();
    let environment = [("SENTRY_DSN", &*dsn), ("TRACES", "1"), ("SENTRY_SPOTLIGHT", &*spotlight)];
    let function = Function::start("by-hand", &environment).await;
    for event in [
        json!({"do": "fail", "job": "o-1"}),
        json!({"do": "panic"}),
        json!({"do": "secrets", "text": "card 4111111111111111, cvv=983"}),
    ] {
        function.invoke(event).await;
    }
    function.invoke(json!({"Records": [record(1, &json!({"do": "fail"}), &json!({})), record(2, &json!({}), &json!({}))]})).await;
    let sleep =
        Event { time: Duration::from_millis(1000), ..Event::from(json!({"do": "sleep", "ms": 5000})) };
    assert!(function.begin(sleep).await.is_none());
}
