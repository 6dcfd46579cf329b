//! Consumes events record by record, so that one failed record does not affect the rest of its batch.

use std::sync::Arc;

use acme_common::messaging::{Consumer, MAX_RECEIVES, Received, ReceivedMessage, Receiver, envelope};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use sentry_lambda::Record;
use serde_json::{Value, json};

use crate::deadline::{self, WithDeadline};
use crate::function::Function;
use crate::start::{Failure, start};

/// Hands each delivered event to the consumer that `wire` makes. `name` is the function's name.
///
/// # Errors
/// When the function cannot start (this is reported to Sentry), or when the connection to the Runtime API fails.
pub fn consume<C: Consumer + 'static>(
    name: &'static str,
    wire: impl AsyncFnOnce(&Function) -> Result<C, Error>,
) -> Result<(), Error> {
    start(name, None, async |function, sentry| {
        let consumer = Arc::new(WithDeadline(wire(&function).await.map_err(Failure::Init)?));
        let dead_letters = Arc::new(function.dead_letters().map_err(Failure::Init)?);
        let batch = Arc::new(Batch::new(Receiver::new(name, consumer, dead_letters, Timestamp::now)));
        let handler = service_fn(move |event: LambdaEvent<Value>| {
            let batch = batch.clone();
            async move { deadline::with_deadline(&event.context, batch.handle(event.payload)).await }
        });
        Runtime::new(sentry.handler(handler)).layer(sentry.layer()).run().await.map_err(Failure::Run)
    })
}

/// Handles the payload of an invocation.
pub struct Batch(Receiver);

impl Batch {
    /// Makes a batch handler that hands each record to `receiver`.
    pub fn new(receiver: Receiver) -> Self {
        Self(receiver)
    }

    /// Handles the payload of an invocation: an SQS batch or one EventBridge event. For a batch, it returns the
    /// records that failed.
    ///
    /// # Errors
    /// When an EventBridge event was not handled. Lambda then delivers it again.
    pub async fn handle(&self, payload: Value) -> Result<Value, Error> {
        if envelope::is_eventbridge(&payload) {
            return self.event(&payload).await;
        }
        let records =
            payload["Records"].as_array().ok_or("the payload is neither an SQS batch nor an event")?;
        let mut failed = Vec::new();
        for record in records {
            let id = record["messageId"].as_str().unwrap_or_default();
            let message = ReceivedMessage {
                id,
                body: record["body"].as_str().unwrap_or_default(),
                receive_count: receive_count(record),
            };
            let record = Record::from_sqs(record, MAX_RECEIVES);
            if let Received::Failed(_) = self.0.receive(record, message).await {
                failed.push(json!({"itemIdentifier": id}));
            }
        }
        Ok(json!({"batchItemFailures": failed}))
    }

    /// Handles one EventBridge event. Lambda does not say how often it delivered the event, nor which delivery is the
    /// last. So each delivery counts as the first.
    async fn event(&self, payload: &Value) -> Result<Value, Error> {
        let body = payload.to_string();
        let record = Record::new(self.0.function(), "aws_eventbridge").body_size(body.len());
        let record = record.trace_headers(envelope::trace_headers(&body));
        let id = payload["id"].as_str().unwrap_or_default();
        match self.0.receive(record, ReceivedMessage { id, body: &body, receive_count: 1 }).await {
            Received::Failed(error) => Err(error.into()),
            Received::Handled | Received::DeadLetter => Ok(Value::Null),
        }
    }
}

/// How often SQS has delivered a record, including this time.
fn receive_count(record: &Value) -> u32 {
    let count = record["attributes"]["ApproximateReceiveCount"].as_str();
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}
