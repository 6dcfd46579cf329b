//! Messaging: how a function hands an event to the next one, and how it takes one.

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

/// How often a message is handed to its consumer before it is a dead letter: the `maxReceiveCount` of every queue.
pub const MAX_RECEIVES: u32 = 5;

/// An event could not be handed over; nothing is known of who has it, so it must be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the event was not accepted for delivery")]
pub struct PublishError(#[source] pub Box<dyn Error + Send + Sync>);

/// An event, and the trace in which its consumer goes on.
#[derive(Debug, Clone)]
pub struct Message {
    /// The event.
    pub event: Event,
    /// The trace of the order that it is about.
    pub trace: Trace,
}

/// Hands events over, at least once. An `Ok` means that the transport has the event and will not lose it.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Publishes `event` to all who consume its type, in the current trace.
    ///
    /// # Errors
    /// When the transport did not confirm it for each of them. Some may have it then, and get it again after a retry.
    async fn publish(&self, event: &Event) -> Result<(), PublishError>;

    /// Publishes many messages, in as few requests as the transport allows. One that fails does not hold up the others:
    /// the outcomes come in the order of `messages`.
    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>>;

    /// Publishes `event` to all who consume its type, in the current trace. They get it when `delay` is over. It always goes
    /// to their queues, because a bus delays nothing.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError>;
}

/// Consumes events. Handling one twice must have the effect of handling it once.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Handles one event; `Ok` acknowledges it.
    ///
    /// # Errors
    /// [`ConsumeError::Poison`] when it can never succeed, [`ConsumeError::Retry`] when it may later.
    async fn consume(&self, event: Event) -> Result<(), ConsumeError>;
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// It can never be handled: it goes to the dead-letter queue at once, with this reason.
    #[error("{0}")]
    Poison(String),
    /// It may be handled when it is delivered again.
    #[error("the event was not handled")]
    Retry(#[source] Box<dyn Error + Send + Sync>),
}

impl ConsumeError {
    /// The fault of an event that came to a function which does not consume its type.
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
