//! The work that events can ask for.

use std::fmt;
use std::time::Duration;

use lambda_http::http::{Response, StatusCode};
use lambda_runtime::{Error, LambdaEvent};
use sentry_lambda::{ErrorSite, Record};
use serde_json::{Value, json};

/// An error with a cause.
#[derive(Debug)]
struct Failed(&'static str, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

pub(crate) fn set_up() -> Result<(), Error> {
    match std::env::var("BROKEN_START") {
        Ok(_) => Err(Failed("no configuration", None)).here().map_err(Error::from), // start-up line
        Err(_) => Ok(()),
    }
}

fn write() -> Result<(), Failed> {
    let disk = Failed("disk full", None);
    Err(Failed("cannot write", Some(Box::new(disk)))).here() // the line of the error
}

fn save() -> Result<(), Failed> {
    write().map_err(|cause| Failed("not saved", Some(Box::new(cause)))).here()
}

/// Handles an event, or each record of a batch.
pub(crate) async fn consume(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let payload = event.payload;
    let Some(records) = payload.get("Records").and_then(Value::as_array) else {
        let job = payload.get("detail").unwrap_or(&payload);
        tracing::info!("handling");
        return Ok(act(job).await?);
    };
    let mut failures = Vec::new();
    let mut sent = Vec::new();
    for record in records {
        let body =
            serde_json::from_str::<Value>(record["body"].as_str().unwrap_or_default()).unwrap_or_default();
        let work = async {
            let job = body.get("detail").unwrap_or(&body);
            tracing::info!("handling");
            act(job).await
        };
        match sentry_lambda::record(Record::from_sqs(record, 5), work).await {
            Ok(done) => sent.push(done),
            Err(_) => failures.push(json!({"itemIdentifier": record["messageId"]})),
        }
    }
    Ok(json!({"batchItemFailures": failures, "sent": sent}))
}

/// Handles a request.
pub(crate) async fn respond(request: lambda_http::Request) -> Result<Response<String>, Error> {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let done = match act(&body).await {
        Ok(done) => done.to_string(),
        Err(error) => {
            if body["report"] == true {
                sentry_lambda::capture_error(&error);
            }
            return Ok(Response::builder()
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .body(error.to_string())?);
        }
    };
    let status = body["status"].as_u64().and_then(|s| u16::try_from(s).ok()).unwrap_or(200);
    Ok(Response::builder().status(status).body(done)?)
}

#[expect(clippy::panic, reason = "a panic is what it is to show")]
async fn act(job: &Value) -> Result<Value, Failed> {
    if let Some(id) = job["job"].as_str() {
        sentry::configure_scope(|scope| scope.set_tag("job.id", id));
    }
    let text = |key: &str| job[key].as_str().unwrap_or_default().to_owned();
    match job["do"].as_str().unwrap_or_default() {
        "fail" => save()?,
        "panic" => panic!("the handler panics"), // the line of the panic
        "report" => {
            sentry::capture_message(&text("text"), sentry::Level::Error);
        }
        "report many" => {
            for i in 0..job["count"].as_u64().unwrap_or(0) {
                sentry::capture_message(&format!("event {i}"), sentry::Level::Error);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(job["ms"].as_u64().unwrap_or(0))).await;
            if let Some(text) = job["then"].as_str() {
                sentry::capture_message(text, sentry::Level::Error);
            }
        }
        "secrets" => secrets(&text("text")),
        _ => {}
    }
    Ok(
        json!({"trace": sentry_lambda::trace_headers().into_iter().collect::<std::collections::BTreeMap<_, _>>()}),
    )
}

/// A response that cannot be serialized.
pub(crate) struct Unspeakable;

impl serde::Serialize for Unspeakable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no words for it"))
    }
}

/// Puts a text into everything that is sent.
fn secrets(text: &str) {
    sentry::configure_scope(|scope| {
        scope.set_extra("extra", text.into());
        scope.set_tag("tag", text);
        if let Some(span) = scope.get_span() {
            let child = span.start_child("test", text);
            child.set_data("data", text.into());
            child.finish();
        }
    });
    sentry::add_breadcrumb(sentry::Breadcrumb { message: Some(text.to_owned()), ..Default::default() });
    sentry::capture_message(text, sentry::Level::Error);
}
