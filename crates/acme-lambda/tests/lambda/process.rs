//! A real function process, called with every kind of HTTP event, with and without Sentry.

use std::path::PathBuf;

use embedded_dynamodb::EmbeddedDynamoDb;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::servers::RuntimeApi;

/// A running `cart-items`, and the servers that it calls. Dropping it kills the process.
struct Function {
    api: RuntimeApi,
    _child: Child,
}

/// The binary of a function. It is built together with the tests.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

async fn database() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(embedded_dynamodb::server::serve(listener, EmbeddedDynamoDb::memory().unwrap()));
    acme_aws::Aws::local(&endpoint).table("acme").create_table().await.unwrap();
    endpoint
}

impl Function {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let (api, endpoint) = (RuntimeApi::start().await, database().await);
        let child = Command::new(binary("cart-items"))
            .env_clear()
            .envs([
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "k"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ])
            .envs([("AWS_LAMBDA_FUNCTION_NAME", "cart-items"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .envs([
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/cart-items"),
            ])
            .envs([("AWS_LAMBDA_LOG_STREAM_NAME", "s"), ("AUTH_MODE", "0"), ("TABLE_NAME", "acme")])
            .env("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .envs(variables.iter().copied())
            .kill_on_drop(true)
            .spawn();
        Self { api, _child: child.unwrap() }
    }

    /// Returns the status and the body of the answer to an HTTP event.
    async fn answer(&mut self, event: Value) -> (u64, Value) {
        let (kind, answer) = self.api.invoke(event).await;
        assert_eq!(kind, "response", "{answer}");
        let body = answer["body"].as_str().unwrap();
        (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(body).unwrap())
    }
}

fn rest_api(path: &str) -> Value {
    json!({
        "resource": "/cart/items/{userid}", "path": path, "httpMethod": "GET", "headers": {"accept": "*/*"},
        "multiValueHeaders": {"accept": ["*/*"]}, "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": {"userid": "dan"}, "stageVariables": null, "body": null, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a", "resourcePath": "/cart/items/{userid}", "stage": "prod",
            "requestId": "r", "httpMethod": "GET", "path": format!("/prod{path}"), "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    })
}

/// An event with payload version 2, from an HTTP API or a function URL.
fn version_2(path: &str, domain: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {"accept": "*/*"},
        "isBase64Encoded": false,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a", "domainName": domain, "domainPrefix": "a", "stage": "$default",
            "requestId": "r", "routeKey": "$default", "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_i64,
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "u"},
        },
    })
}

fn load_balancer(path: &str) -> Value {
    json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/t/1"}},
        "httpMethod": "GET", "path": path, "queryStringParameters": {}, "headers": {"accept": "*/*"}, "body": "",
        "isBase64Encoded": false,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_http_event_is_answered_the_same() {
    let mut function = Function::start(&[]).await;
    let empty = (200, json!({"userid": "dan", "cart": []}));
    for event in [
        rest_api("/cart/items/dan"),
        rest_api("/cart/items/dan/"),
        version_2("/cart/items/dan", "a.execute-api.eu-central-1.amazonaws.com"),
        version_2("/cart/items/dan", "a.lambda-url.eu-central-1.on.aws"),
        load_balancer("/cart/items/dan"),
    ] {
        assert_eq!(function.answer(event.clone()).await, empty, "{event}");
    }
    let (status, body) = function.answer(rest_api("/cart/unheard/of")).await;
    assert_eq!((status, &body["status"]), (404, &json!(404)));
    assert_eq!(body["requestId"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "by which it is found in the log");
    let (kind, _) = function.api.invoke(json!({"no": "request"})).await;
    assert_eq!(kind, "error");
    assert_eq!(function.answer(rest_api("/cart/items/dan")).await, empty, "the next one is answered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_with_a_bad_dsn_and_with_the_parameters_out_of_reach() {
    // Without a DSN in the environment the function asks SSM. The stand-in for DynamoDB is no SSM.
    for variables in
        [&[("SENTRY_DSN", "")][..], &[("SENTRY_DSN", "what is this")], &[("SENTRY_DSN", "none")], &[]]
    {
        let mut function = Function::start(variables).await;
        let (status, _) = function.answer(rest_api("/cart/items/dan")).await;
        assert_eq!(status, 200, "{variables:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_bad_variable_is_named_and_ends_the_start() {
    for (variable, complaint) in [
        (("AUTH_MODE", "0"), "TABLE_NAME: expected "),
        (("SENTRY_CAPTURE_SUCCESS", ""), "TABLE_NAME: expected "),
        (("SENTRY_CAPTURE_SUCCESS", "0"), "TABLE_NAME: expected "),
        (("SENTRY_CAPTURE_SUCCESS", "no"), "SENTRY_CAPTURE_SUCCESS: expected 0, 1, false or true"),
    ] {
        let output = Command::new(binary("cart-items"))
            .env_clear()
            .envs([
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "k"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ])
            .envs([("SENTRY_DSN", "none"), variable])
            .output()
            .await
            .unwrap();
        assert!(!output.status.success());
        let printed =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains(complaint), "{variable:?}: {printed}");
    }
}
