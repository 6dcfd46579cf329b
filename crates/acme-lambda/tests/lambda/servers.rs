//! The servers that a function calls: the Runtime API, and an AWS service that keeps the requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

/// Serves `routes` on a free port until the test's runtime ends. Returns the address.
async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// A service with AWS's JSON protocol that keeps its requests.
#[derive(Clone, Default)]
pub(crate) struct AwsService {
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl AwsService {
    /// Starts a service that answers every request with `status` and `body`. Returns the service and its endpoint.
    pub(crate) async fn start(status: u16, body: Value) -> (Self, String) {
        Self::answering(move |_| (status, body.clone())).await
    }

    /// Starts a service that answers each input with `answer`.
    pub(crate) async fn answering(
        answer: impl Fn(&Value) -> (u16, Value) + Clone + Send + Sync + 'static,
    ) -> (Self, String) {
        let service = Self::default();
        let requests = service.requests.clone();
        let handle = move |headers: HeaderMap, request: Bytes| async move {
            let target = headers["x-amz-target"].to_str().unwrap().to_owned();
            let input = serde_json::from_slice(&request).unwrap();
            let (status, body) = answer(&input);
            requests.lock().unwrap().push((target, input));
            let kind = [("content-type", "application/x-amz-json-1.0")];
            (StatusCode::from_u16(status).unwrap(), kind, body.to_string())
        };
        let endpoint = format!("http://{}", serve(Router::new().route("/", post(handle))).await);
        (service, endpoint)
    }

    /// The operations and their inputs so far.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }
}

/// A Runtime API: it hands out events, and receives the results.
pub(crate) struct RuntimeApi {
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    waiting: Arc<Waiting>,
    heard: mpsc::UnboundedReceiver<(String, Value)>,
}

#[derive(Default)]
struct Waiting {
    events: Mutex<VecDeque<Value>>,
    more: Notify,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Self {
        let waiting: Arc<Waiting> = Arc::default();
        let (tell, heard) = mpsc::unbounded_channel();
        let hear = |kind: &'static str| {
            let tell = tell.clone();
            post(move |body: Bytes| async move {
                let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
                let _ = tell.send((kind.to_owned(), body));
                (StatusCode::ACCEPTED, "{}")
            })
        };
        let invocation = "/2018-06-01/runtime/invocation";
        let routes = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), hear("response"))
            .route(&format!("{invocation}/{{id}}/error"), hear("error"))
            .route("/2018-06-01/runtime/init/{kind}", post(async |Path(_): Path<String>| "{}"))
            .with_state(waiting.clone());
        Self { address: serve(routes).await, waiting, heard }
    }

    /// Hands out an event, and waits for its result: `response` or `error`, and the body.
    pub(crate) async fn invoke(&mut self, event: Value) -> (String, Value) {
        self.waiting.events.lock().unwrap().push_back(event);
        self.waiting.more.notify_one();
        let answer = tokio::time::timeout(std::time::Duration::from_secs(30), self.heard.recv()).await;
        answer.expect("an answer in time").expect("an answer")
    }
}

async fn next(State(waiting): State<Arc<Waiting>>) -> impl IntoResponse {
    let event = loop {
        let event = waiting.events.lock().unwrap().pop_front();
        match event {
            Some(event) => break event,
            None => waiting.more.notified().await,
        }
    };
    let deadline = jiff::Timestamp::now().as_millisecond() + 10_000;
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:f".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, json!(event).to_string())
}
