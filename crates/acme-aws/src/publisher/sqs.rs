//! Publishes to SQS. The body is the event, and the attributes contain the trace.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use acme_common::event::Event;
use acme_common::messaging::{Message, PublishError, Publisher};
use acme_common::telemetry::Trace;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use futures_util::future::join_all;

use super::queues::Queues;
use super::{Shared, batch, refused};

/// The name of the service in errors.
const SERVICE: &str = "SQS";

/// The longest delay of a message (the service's limit).
const MAX_DELAY: Duration = Duration::from_secs(900);

/// Publishes to SQS. An event goes to the queue of each of its consumers.
#[derive(Debug, Clone)]
pub struct SqsPublisher {
    client: Client,
    queues: Queues,
}

impl SqsPublisher {
    pub(crate) fn new(client: Client, queues: Queues) -> Self {
        Self { client, queues }
    }

    /// Sends an event to all of its queues at the same time, so a second consumer does not make a request slower.
    /// Returns the first error. An error of one queue does not hold up the others.
    async fn send(&self, event: &Event, delay: Option<Duration>) -> Result<(), PublishError> {
        let urls = self.queues.of(event.kind())?;
        let (body, attributes) = (body(event)?, attributes(&Trace::current())?);
        let delay = delay.map(|delay| i32::try_from(delay.min(MAX_DELAY).as_secs()).unwrap_or_default());
        let send = |url: &String| {
            let send = self.client.send_message().queue_url(url).message_body(&body);
            send.set_message_attributes(attributes.clone()).set_delay_seconds(delay).send()
        };
        let sent = join_all(urls.iter().map(send)).await;
        sent.into_iter().try_for_each(|sent| sent.map(|_| ()).map_err(|error| PublishError(error.into())))
    }

    /// Sends one request to one queue. The id of an entry is the place of its result. A refused entry makes that result
    /// an error.
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
                    if failed.is_some() || !taken {
                        let code = failed.map(|entry| entry.code());
                        outcomes[i] = Err(refused(SERVICE, code, failed.and_then(|entry| entry.message())));
                    }
                }
            }
        }
    }
}

#[async_trait]
impl Publisher for SqsPublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.send(event, None).await
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let mut by_queue: BTreeMap<&str, Vec<SendMessageBatchRequestEntry>> = BTreeMap::new();
        let mut outcomes = Vec::with_capacity(messages.len());
        for (i, message) in messages.iter().enumerate() {
            let urls = self.queues.of(message.event.kind());
            outcomes.push(urls.and_then(|urls| {
                let entry = entry(i, message)?;
                urls.iter().for_each(|url| by_queue.entry(url).or_default().push(entry.clone()));
                // No queue has refused the event so far.
                Ok(())
            }));
        }
        for (url, entries) in by_queue {
            for request in batch::requests(entries, size) {
                self.send_request(url, request, &mut outcomes).await;
            }
        }
        outcomes
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.send(event, Some(delay)).await
    }
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

/// The size of an entry in bytes, as the service counts it: the body, and the names, types and values of the
/// attributes.
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
