//! Messaging: how a function publishes events and consumes events.

mod dead_letter;
pub mod envelope;
mod receive;
#[cfg(feature = "testing")]
pub mod testing;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;

pub use dead_letter::{DeadLetter, DeadLetters, ReceivedMessage};
pub use receive::{Received, Receiver};

use crate::event::Event;
use crate::json::FieldError;
use crate::store::StoreError;
use crate::telemetry::Trace;

/// How often a consumer receives a message before it becomes a dead letter: the `maxReceiveCount` of every queue.
pub const MAX_RECEIVES: u32 = 5;

/// An event could not be handed over. Some consumers may have it, so the event must be published again.
#[derive(Debug, thiserror::Error)]
#[error("the event was not accepted for delivery")]
pub struct PublishError(#[source] pub Box<dyn Error + Send + Sync>);

/// An event, and the trace that its consumer continues.
#[derive(Debug, Clone)]
pub struct Message {
    /// The event.
    pub event: Event,
    /// The trace of the order that the event is about.
    pub trace: Trace,
}

/// Hands events over at least once. An `Ok` means that the transport has the event and will not lose it.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Publishes `event` to every function that consumes its type, in the current trace.
    ///
    /// # Errors
    /// When the transport did not confirm the event for each consumer. Some consumers may have it, and get it again
    /// after a retry.
    async fn publish(&self, event: &Event) -> Result<(), PublishError>;

    /// Publishes many messages in as few requests as the transport allows. A message that fails does not hold up the
    /// others. The results come in the order of `messages`.
    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>>;

    /// Publishes `event` to every function that consumes its type, in the current trace. The functions get it after
    /// `delay`. The event always goes to their queues, because a bus cannot delay it.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError>;
}

/// Consumes events. Handling an event twice must have the same effect as handling it once.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Handles one event. `Ok` acknowledges it.
    ///
    /// # Errors
    /// [`ConsumeError::Poison`] when the event can never be handled, [`ConsumeError::Retry`] when a later try may
    /// succeed.
    async fn consume(&self, event: Event) -> Result<(), ConsumeError>;
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The event can never be handled. It goes to the dead-letter queue at once, with this reason.
    #[error("{0}")]
    Poison(String),
    /// The event may be handled when it is received again.
    #[error("the event was not handled")]
    Retry(#[source] Box<dyn Error + Send + Sync>),
}

impl ConsumeError {
    /// The error for an event whose type the function does not consume.
    pub fn unexpected(event: &Event) -> Self {
        Self::Poison(format!("{} is not consumed here", event.kind().name()))
    }
}

impl From<StoreError> for ConsumeError {
    fn from(error: StoreError) -> Self {
        Self::Retry(error.into())
    }
}

impl From<PublishError> for ConsumeError {
    fn from(error: PublishError) -> Self {
        Self::Retry(error.into())
    }
}

impl From<FieldError> for ConsumeError {
    fn from(error: FieldError) -> Self {
        Self::Poison(error.to_string())
    }
}
