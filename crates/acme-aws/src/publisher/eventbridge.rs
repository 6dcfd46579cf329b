//! Publishes to EventBridge: the detail is the event, the trace is inside its metadata.

use std::time::Duration;

use acme_common::bus::{PublishError, Publisher};
use acme_common::event::Event;
use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::SqsPublisher;

/// Publishes to a bus; what is to be delivered later goes to a queue, since a bus cannot wait.
#[derive(Debug, Clone)]
pub struct EventBridgePublisher {
    client: Client,
    bus: String,
    later: SqsPublisher,
}

/// An entry that EventBridge did not take, inside an answer that is a 200.
#[derive(Debug, thiserror::Error)]
#[error("EventBridge did not take the event: {code}: {message}")]
struct Refused {
    code: String,
    message: String,
}

impl EventBridgePublisher {
    pub(crate) fn new(client: Client, bus: impl Into<String>, later: SqsPublisher) -> Self {
        Self { client, bus: bus.into(), later }
    }
}

#[async_trait]
impl Publisher for EventBridgePublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        let mut detail = serde_json::to_value(event).map_err(|error| PublishError(error.into()))?;
        for (name, value) in sentry_lambda::trace_headers() {
            detail["metadata"][name] = value.into();
        }
        let kind = event.kind();
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(format!("acme.{}", kind.origin().0.to_ascii_lowercase()))
            .detail_type(kind.name())
            .detail(detail.to_string());
        let put = self.client.put_events().entries(entry.build()).send().await;
        let put = put.map_err(|error| PublishError(error.into()))?;
        let refused =
            put.entries().iter().find(|entry| entry.error_code().is_some() || entry.event_id().is_none());
        match refused {
            None if put.failed_entry_count() == 0 && !put.entries().is_empty() => Ok(()),
            refused => {
                let code = refused.and_then(|entry| entry.error_code()).unwrap_or("no event id").to_owned();
                let message = refused.and_then(|entry| entry.error_message()).unwrap_or_default().to_owned();
                Err(PublishError(Refused { code, message }.into()))
            }
        }
    }

    async fn deliver_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.later.deliver_later(event, delay).await
    }
}
