//! Publishes to SQS: the body is the event, the trace is in the message's attributes.

use std::collections::HashMap;
use std::time::Duration;

use acme_common::event::{Event, EventKind};
use acme_common::messaging::{Message, PublishError, Publisher};
use acme_common::telemetry::Trace;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};

use super::{Shared, batch, refused};

/// What faults call it.
const SERVICE: &str = "SQS";

/// The longest delay of a message (the service's limit).
const MAX_DELAY: Duration = Duration::from_secs(900);

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
        let url = url.ok_or_else(|| no_queue(event.kind()))?;
        let send = self.client.send_message().queue_url(url).message_body(body(event)?);
        let mut send = send.set_message_attributes(attributes(&Trace::current())?);
        if let Some(delay) = delay {
            let seconds = delay.min(MAX_DELAY).as_secs();
            send = send.delay_seconds(i32::try_from(seconds).unwrap_or_default());
        }
        send.send().await.map(|_| ()).map_err(|error| PublishError(error.into()))
    }

    /// Sends one request; each of its entries has the place of its outcome for an id.
    async fn send_request(
        &self,
        url: &str,
        entries: Vec<SendMessageBatchRequestEntry>,
        outcomes: &mut [Result<(), PublishError>],
    ) {
        let places: Vec<usize> = entries.iter().filter_map(|entry| entry.id().parse().ok()).collect();
        match self.client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await {
            Err(error) => {
                let error = Shared::new(error);
                places.into_iter().for_each(|i| outcomes[i] = Err(PublishError(error.clone().into())));
            }
            Ok(sent) => {
                for i in places {
                    let id = i.to_string();
                    let failed = sent.failed().iter().find(|entry| entry.id() == id);
                    let taken = sent.successful().iter().any(|entry| entry.id() == id);
                    outcomes[i] = match failed {
                        None if taken => Ok(()),
                        failed => {
                            let code = failed.map(|entry| entry.code());
                            Err(refused(SERVICE, code, failed.and_then(|entry| entry.message())))
                        }
                    };
                }
            }
        }
    }
}

#[async_trait]
impl Publisher for SqsPublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.send(self.queues.by_kind.get(&event.kind()), event, None).await
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let mut outcomes: Vec<_> =
            messages.iter().map(|message| Err(no_queue(message.event.kind()))).collect();
        for kind in EventKind::ALL {
            let Some(url) = self.queues.by_kind.get(&kind) else { continue };
            let mut entries = Vec::new();
            for (i, message) in
                messages.iter().enumerate().filter(|(_, message)| message.event.kind() == kind)
            {
                match entry(i, message) {
                    Ok(entry) => entries.push(entry),
                    Err(error) => outcomes[i] = Err(error),
                }
            }
            for request in batch::requests(entries, size) {
                self.send_request(url, request, &mut outcomes).await;
            }
        }
        outcomes
    }

    async fn deliver_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.send(self.queues.deliver.as_ref(), event, Some(delay)).await
    }
}

fn no_queue(kind: EventKind) -> PublishError {
    PublishError(format!("{} has no queue here", kind.name()).into())
}

fn body(event: &Event) -> Result<String, PublishError> {
    serde_json::to_string(event).map_err(|error| PublishError(error.into()))
}

/// The trace's headers as attributes.
fn attributes(trace: &Trace) -> Result<Option<HashMap<String, MessageAttributeValue>>, PublishError> {
    let attributes = trace.0.iter().map(|(name, value)| Ok((name.clone(), text(value.clone())?)));
    attributes
        .collect::<Result<HashMap<_, _>, _>>()
        .map(|attributes| Some(attributes).filter(|a| !a.is_empty()))
}

fn entry(
    id: usize,
    Message { event, trace }: &Message,
) -> Result<SendMessageBatchRequestEntry, PublishError> {
    let entry = SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(body(event)?);
    entry.set_message_attributes(attributes(trace)?).build().map_err(|error| PublishError(error.into()))
}

/// An entry's bytes as the service counts them: the body, and names, types and values of the attributes.
fn size(entry: &SendMessageBatchRequestEntry) -> usize {
    let attributes = entry.message_attributes().into_iter().flatten().map(|(name, attribute)| {
        name.len() + attribute.data_type().len() + attribute.string_value().map_or(0, str::len)
    });
    entry.message_body().len() + attributes.sum::<usize>()
}

/// A text attribute.
pub(super) fn text(value: String) -> Result<MessageAttributeValue, PublishError> {
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(value).build();
    attribute.map_err(|error| PublishError(error.into()))
}
