//! One trace goes through all functions, and all log lines of a request have its id.

use serde_json::{Value, json};

use crate::captured::{http_request, record};
use crate::support::function::Event;
use crate::support::{Function, SentryServer};

/// The trace goes through HTTP, then SQS, then EventBridge, then EventBridge within SQS.
#[tokio::test]
async fn one_job_is_one_trace_through_all_functions() {
    for traces in [&[][..], &[("TRACES", "1")]] {
        let server = SentryServer::start().await;
        let dsn = server.dsn();
        let environment: Vec<_> = traces.iter().copied().chain([("SENTRY_DSN", dsn.as_str())]).collect();
        let http: Vec<_> = environment.iter().copied().chain([("KIND", "http")]).collect();
        let (first, second, third) = (
            Function::start("first", &http).await,
            Function::start("second", &environment).await,
            Function::start("third", &environment).await,
        );
        let report = |n: u8| json!({"do": "report", "text": format!("step {n}"), "job": "o-1"});

        let answer = first.invoke(http_request(&report(1), &json!({}))).await;
        let trace =
            serde_json::from_str::<Value>(answer.body["body"].as_str().unwrap()).unwrap()["trace"].clone();
        let attribute = |name: &str| json!({"stringValue": trace[name], "dataType": "String"});
        let attributes = json!({"sentry-trace": attribute("sentry-trace"), "baggage": attribute("baggage")});
        let answer = second
            .invoke(
                json!({"Records": [record(1, &report(2), &attributes), record(2, &json!({}), &json!({}))]}),
            )
            .await;
        let trace = answer.body["sent"][0]["trace"].clone();
        let mut detail = report(3);
        detail["metadata"] = trace.clone();
        let bridged = json!({"detail-type": "Done", "source": "test", "detail": detail});
        third.invoke(bridged.clone()).await;
        third.invoke(json!({"Records": [record(3, &bridged, &json!({}))]})).await;
        // No trace came in, so each invocation starts its own.
        third.invoke(json!({"do": "report", "text": "other"})).await;
        third.invoke(json!({"do": "report", "text": "other"})).await;

        let events = server.items("event");
        assert_eq!(events.len(), 6);
        let id = |e: &Value| e["contexts"]["trace"]["trace_id"].as_str().unwrap().to_owned();
        assert!(events[..4].iter().all(|e| id(e) == id(&events[0]) && e["tags"]["job.id"] == "o-1"));
        assert!(id(&events[4]) != id(&events[5]) && id(&events[4]) != id(&events[0]));
        let names: Vec<_> = events.iter().map(|e| e["server_name"].as_str().unwrap()).collect();
        assert_eq!(names[..4], ["first", "second", "third", "third"]);
        let transactions = server.items("transaction");
        if traces.is_empty() {
            assert!(transactions.is_empty());
        } else {
            let of_job = transactions.iter().filter(|t| id(t) == id(&events[0])).count();
            // HTTP, the record, the event, and the last record with its invocation.
            assert_eq!(of_job, 5);
        }
    }
}

#[tokio::test]
async fn the_client_context_carries_a_trace() {
    let server = SentryServer::start().await;
    let function = Function::start("direct", &[("SENTRY_DSN", &server.dsn())]).await;
    let context = json!({"custom": {"Sentry-Trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1"}, "client": {
        "installationId": "", "appTitle": "", "appVersionName": "", "appVersionCode": "", "appPackageName": ""}, "environment": {}});
    let event = Event {
        client_context: Some(context.to_string()),
        ..Event::from(json!({"do": "report", "text": "x"}))
    };
    function.invoke(event).await;
    assert_eq!(server.items("event")[0]["contexts"]["trace"]["trace_id"], "0123456789abcdef0123456789abcdef");
}

#[tokio::test]
async fn without_a_dsn_log_lines_tell_the_request_all_the_same() {
    let function = Function::start("quiet", &[]).await;
    function.invoke(json!({})).await;
    function.invoke(json!({})).await;
    let log = function.log.lock().unwrap().clone();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ids: Vec<String> = lines
        .filter(|line| line["fields"]["message"] == "handling")
        .map(|line| line["span"]["request_id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
}
