//! Publishes to EventBridge. The detail is the event, and its metadata contains the trace.

use std::time::Duration;

use acme_common::event::Event;
use acme_common::messaging::{Message, PublishError, Publisher};
use acme_common::telemetry::Trace;
use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use serde_json::json;

use super::{Shared, SqsPublisher, batch, refused};

/// The name of the service in errors.
const SERVICE: &str = "EventBridge";

/// Publishes to a bus. Events with a delay go to the consumers' queues, because a bus cannot delay an event.
#[derive(Debug, Clone)]
pub struct EventBridgePublisher {
    client: Client,
    bus: String,
    queues: SqsPublisher,
}

impl EventBridgePublisher {
    pub(crate) fn new(client: Client, bus: impl Into<String>, queues: SqsPublisher) -> Self {
        Self { client, bus: bus.into(), queues }
    }

    fn entry(&self, Message { event, trace }: &Message) -> PutEventsRequestEntry {
        let mut detail = json!(event);
        for (name, value) in &trace.0 {
            detail["metadata"][name] = value.as_str().into();
        }
        let kind = event.kind();
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(format!("acme.{}", kind.origin().0.to_ascii_lowercase()))
            .detail_type(kind.name())
            .detail(detail.to_string())
            .build()
    }

    /// Sends one request. An entry can fail even if the answer has the status 200.
    async fn put(&self, entries: Vec<PutEventsRequestEntry>) -> Vec<Result<(), PublishError>> {
        let count = entries.len();
        let put = match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(put) => put,
            Err(error) => {
                let error = Shared::new(error);
                return (0..count).map(|_| Err(PublishError(error.clone().into()))).collect();
            }
        };
        let named = put.entries().iter().filter(|entry| entry.error_code().is_some()).count();
        // If more entries failed than have an error code, nobody knows which entries were accepted.
        let all_named = usize::try_from(put.failed_entry_count()).is_ok_and(|failed| failed <= named);
        let outcome = |i: usize| match put.entries().get(i) {
            Some(entry) if all_named && entry.error_code().is_none() && entry.event_id().is_some() => Ok(()),
            entry => {
                let (code, message) = entry.map(|entry| (entry.error_code(), entry.error_message())).unzip();
                Err(refused(SERVICE, code.flatten(), message.flatten()))
            }
        };
        (0..count).map(outcome).collect()
    }
}

/// The size of an entry in bytes, as the service counts it.
fn size(entry: &PutEventsRequestEntry) -> usize {
    [entry.source(), entry.detail_type(), entry.detail()].into_iter().flatten().map(str::len).sum()
}

#[async_trait]
impl Publisher for EventBridgePublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        let message = Message { event: event.clone(), trace: Trace::current() };
        let outcomes = self.publish_all(&[message]).await;
        outcomes.into_iter().next().unwrap_or_else(|| Err(refused(SERVICE, None, None)))
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let entries: Vec<_> = messages.iter().map(|message| self.entry(message)).collect();
        let mut outcomes = Vec::with_capacity(entries.len());
        for request in batch::requests(entries, size) {
            outcomes.extend(self.put(request).await);
        }
        outcomes
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.queues.publish_later(event, delay).await
    }
}
