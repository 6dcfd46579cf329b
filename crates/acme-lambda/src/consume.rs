//! Consumes events: record by record, so that one that fails takes none of its batch along.

use std::sync::Arc;

use acme_aws::publisher::DeadLetters;
use acme_common::bus::{ConsumeError, Consumer, MAX_RECEIVES};
use acme_common::telemetry;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use sentry_lambda::{Record, RecordError};
use serde_json::{Value, json};

use crate::delivery;
use crate::function::Function;
use crate::start::{Failure, start};

/// Hands the events that are delivered to the consumer that `wire` makes, as the function called `name`.
///
/// # Errors
/// When the function cannot start, which is reported to Sentry, or the runtime's API is gone.
pub fn consume<C: Consumer + 'static>(
    name: &'static str,
    wire: impl AsyncFnOnce(&Function) -> Result<C, Error>,
) -> Result<(), Error> {
    start(name, None, async |function, sentry| {
        let consumer = wire(&function).await.map_err(Failure::Init)?;
        let dead_letters = function.dead_letters().map_err(Failure::Init)?;
        let batch = Arc::new(Batch::new(name, consumer, dead_letters));
        let handler = service_fn(move |event: LambdaEvent<Value>| {
            let batch = batch.clone();
            async move { batch.handle(event.payload).await }
        });
        Runtime::new(sentry.handler(handler)).layer(sentry.layer()).run().await.map_err(Failure::Run)
    })
}

/// Handles what one invocation delivers.
pub struct Batch<C> {
    function: &'static str,
    consumer: C,
    dead_letters: DeadLetters,
}

/// What was delivered can never be handled, and is a dead letter now.
#[derive(Debug, thiserror::Error)]
#[error("{function} sent a message to the dead-letter queue: {reason}")]
struct DeadLetter {
    function: &'static str,
    reason: String,
}

impl<C: Consumer> Batch<C> {
    /// Hands events to `consumer`, and what can never be handled to `dead_letters`, as the function called `function`.
    pub fn new(function: &'static str, consumer: C, dead_letters: DeadLetters) -> Self {
        Self { function, consumer, dead_letters }
    }

    /// Who handles the events.
    pub fn consumer(&self) -> &C {
        &self.consumer
    }

    /// Handles an invocation's payload: an SQS batch, of which it returns the records that failed, or one
    /// EventBridge event.
    ///
    /// # Errors
    /// When an EventBridge event was not handled and is to be delivered again.
    pub async fn handle(&self, payload: Value) -> Result<Value, Error> {
        if delivery::is_eventbridge(&payload) {
            let text = payload.to_string();
            let record = Record::new(self.function, "aws_eventbridge").body_size(text.len());
            let record = record.trace_headers(delivery::trace_headers(&text));
            self.record(record, &text).await?;
            return Ok(Value::Null);
        }
        let records =
            payload["Records"].as_array().ok_or("the payload is neither an SQS batch nor an event")?;
        let mut failed = Vec::new();
        for record in records {
            let text = record["body"].as_str().unwrap_or_default();
            let id = record["messageId"].as_str().unwrap_or_default();
            if self.record(Record::from_sqs(record, MAX_RECEIVES), text).await.is_err() {
                failed.push(json!({"itemIdentifier": id}));
            }
        }
        Ok(json!({"batchItemFailures": failed}))
    }

    /// Handles one record as a unit of work of its own.
    async fn record(&self, record: Record, text: &str) -> Result<(), RecordError<ConsumeError>> {
        sentry_lambda::record(record, async {
            let consumed = match delivery::event(text) {
                Ok(event) => self.consumer.consume(event).await,
                Err(error) => Err(error),
            };
            match consumed {
                Err(ConsumeError::Poison(reason)) => self.bury(text, reason).await,
                Err(error) => {
                    tracing::warn!(cause = %telemetry::chain(&error), "the record will be delivered again");
                    Err(error)
                }
                Ok(()) => Ok(()),
            }
        })
        .await
    }

    /// Sends what can never be handled to the dead-letter queue, which makes it handled. What is no event of ours may
    /// hold anything, a card as well: it is kept as the last gate before Sentry would let it pass.
    async fn bury(&self, text: &str, reason: String) -> Result<(), ConsumeError> {
        let scrubbed = sentry_lambda::scrub::scrub_payload(text.as_bytes());
        self.dead_letters.send(&String::from_utf8_lossy(&scrubbed), self.function, &reason).await?;
        tracing::error!(reason, "a message went to the dead-letter queue");
        telemetry::capture_error_as(
            &["dead letter", self.function],
            &DeadLetter { function: self.function, reason },
        );
        Ok(())
    }
}
