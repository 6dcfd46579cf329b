//! Publishes to SQS: the body is the event, the trace is in the message's attributes.

use std::collections::HashMap;
use std::time::Duration;

use acme_common::bus::{PublishError, Publisher};
use acme_common::event::{Event, EventKind};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;

/// The longest delay of a message (the service's limit).
const MAX_DELAY: Duration = Duration::from_secs(900);
/// The longest reason that is put beside a dead letter, in characters.
const MAX_REASON: usize = 1024;

/// The URLs of the queues that a function sends to: those that its deployment gave it.
#[derive(Debug, Clone, Default)]
pub struct Queues {
    /// The consumers' queues.
    pub by_kind: HashMap<EventKind, String>,
    /// The queue of `shipment-deliver`.
    pub deliver: Option<String>,
}

/// Publishes to SQS.
#[derive(Debug, Clone)]
pub struct SqsPublisher {
    client: Client,
    queues: Queues,
}

/// Sends what can never be handled to a dead-letter queue.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    url: String,
}

impl SqsPublisher {
    pub(crate) fn new(client: Client, queues: Queues) -> Self {
        Self { client, queues }
    }

    async fn send(
        &self,
        url: Option<&String>,
        event: &Event,
        delay: Option<Duration>,
    ) -> Result<(), PublishError> {
        let url =
            url.ok_or_else(|| PublishError(format!("{} has no queue here", event.kind().name()).into()))?;
        let body = serde_json::to_string(event).map_err(|error| PublishError(error.into()))?;
        let mut send = self.client.send_message().queue_url(url).message_body(body);
        for (name, value) in sentry_lambda::trace_headers() {
            send = send.message_attributes(name, text(value)?);
        }
        if let Some(delay) = delay {
            let seconds = delay.min(MAX_DELAY).as_secs();
            send = send.delay_seconds(i32::try_from(seconds).unwrap_or_default());
        }
        send.send().await.map(|_| ()).map_err(|error| PublishError(error.into()))
    }
}

#[async_trait]
impl Publisher for SqsPublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.send(self.queues.by_kind.get(&event.kind()), event, None).await
    }

    async fn deliver_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.send(self.queues.deliver.as_ref(), event, Some(delay)).await
    }
}

impl DeadLetters {
    pub(crate) fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends `body`, with the reason and the function that could not handle it beside it.
    ///
    /// # Errors
    /// When the queue did not confirm it.
    pub async fn send(&self, body: &str, function: &str, reason: &str) -> Result<(), PublishError> {
        // An attribute may not be empty, and a dead letter without a body would be none.
        let (body, reason) =
            (if body.is_empty() { "(empty)" } else { body }, reason.chars().take(MAX_REASON).collect());
        let send = self.client.send_message().queue_url(&self.url).message_body(body);
        let send = send.message_attributes("reason", text(reason)?);
        let send = send.message_attributes("function", text(function.to_owned())?);
        send.send().await.map(|_| ()).map_err(|error| PublishError(error.into()))
    }
}

fn text(value: String) -> Result<MessageAttributeValue, PublishError> {
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(value).build();
    attribute.map_err(|error| PublishError(error.into()))
}
