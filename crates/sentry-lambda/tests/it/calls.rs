//! Every call of an AWS SDK client is a span and a breadcrumb.

use std::time::Duration;

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use sentry_lambda::{AwsSdkInterceptor, Options, Spotlight, UnitOfWork};
use serde_json::Value;

use crate::support::SentryServer;

/// A service that always gives the same answer.
#[derive(Clone, Debug)]
struct Service(u16, &'static str);

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(HttpResponse::new(self.0.try_into().unwrap(), SdkBody::from(self.1))))
    }
}

async fn call(service: &'static str, operation: &'static str, request: &'static str, answer: Service) {
    let operation = Operation::builder()
        .service_name(service)
        .operation_name(operation)
        .http_client(answer)
        .endpoint_url("http://localhost")
        .no_retry()
        .no_auth()
        .interceptor(AwsSdkInterceptor::new())
        .serializer(move |(): ()| Ok(HttpRequest::new(SdkBody::from(request))))
        .deserializer(|response: &HttpResponse| {
            if response.status().is_success() {
                Ok(())
            } else {
                Err(OrchestratorError::operation(std::fmt::Error))
            }
        })
        .build();
    let _ = operation.invoke(()).await;
}

#[tokio::test]
async fn calls_are_spans_and_breadcrumbs_without_keys_and_values() {
    let server = SentryServer::start().await;
    let sentry = sentry_lambda::init(Options {
        dsn: Some(server.dsn()),
        traces_sample_rate: Some(1.0),
        spotlight: Spotlight::Off,
        ..Options::default()
    });
    let work = async {
        let get = r#"{"TableName":"things","Key":{"PK":{"S":"private"}},"ReturnConsumedCapacity":"TOTAL"}"#;
        call("DynamoDB", "GetItem", get, Service(200, r#"{"Item":{"a":{"S":"private"}},"ConsumedCapacity":{"TableName":"things","CapacityUnits":1.5}}"#)).await;
        let write = r#"{"TransactItems":[{"Put":{"TableName":"things","Item":{}}},{"Update":{"TableName":"others"}}]}"#;
        call("DynamoDB", "TransactWriteItems", write, Service(400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"private"}"#)).await;
        call(
            "SQS",
            "SendMessage",
            r#"{"QueueUrl":"https://sqs/1/jobs","MessageBody":"private"}"#,
            Service(200, "{}"),
        )
        .await;
        call(
            "EventBridge",
            "PutEvents",
            r#"{"Entries":[{"EventBusName":"bus","Detail":"private"}]}"#,
            Service(200, "{}"),
        )
        .await;
        call("SSM", "GetParameter", r#"{"Name":"private"}"#, Service(200, "{}")).await;
        sentry::capture_message("after", sentry::Level::Error);
    };
    UnitOfWork::new("unit", "test").run(work).await;
    assert!(sentry.flush(Duration::from_secs(5)).await);
    let transaction = server.items("transaction").remove(0);
    let spans = transaction["spans"].as_array().unwrap();
    let read = |span: &Value, key: &str| span["data"][key].clone();
    let rows: Vec<_> = spans
        .iter()
        .map(|s| {
            (s["op"].as_str().unwrap(), s["description"].as_str().unwrap(), s["status"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("db", "DynamoDB.GetItem", "ok"),
            ("db", "DynamoDB.TransactWriteItems", "internal_error"),
            ("queue.publish", "SQS.SendMessage", "ok"),
            ("queue.publish", "EventBridge.PutEvents", "ok"),
            ("rpc", "SSM.GetParameter", "ok"),
        ]
    );
    assert_eq!(read(&spans[0], "db.collection.name"), "things");
    assert_eq!(read(&spans[0], "aws.dynamodb.consumed_capacity"), 1.5);
    assert_eq!(read(&spans[0], "aws.request.attempts"), 1);
    assert_eq!(read(&spans[1], "db.collection.name"), "others, things");
    assert_eq!(read(&spans[1], "aws.error.code"), "TransactionCanceledException");
    assert_eq!(read(&spans[2], "messaging.destination.name"), "jobs");
    assert_eq!(read(&spans[3], "messaging.system"), "aws_eventbridge");
    let event = server.items("event").remove(0);
    let crumbs =
        event["breadcrumbs"]["values"].as_array().or(event["breadcrumbs"].as_array()).unwrap().clone();
    assert_eq!(crumbs.len(), 5);
    assert!(crumbs[0]["data"]["duration_ms"].is_u64());
    for envelope in server.envelopes() {
        assert!(!envelope.text.contains("private"), "{}", envelope.text);
    }
}
