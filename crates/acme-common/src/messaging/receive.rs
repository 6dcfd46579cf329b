//! Receives messages for a consumer. A message that the consumer cannot handle becomes a dead letter.

use std::panic::resume_unwind;
use std::sync::Arc;

use sentry_lambda::{Record, RecordError, catch_panic};

use super::dead_letter::{DeadLetter, DeadLetters, ReceivedMessage, one_line};
use super::{ConsumeError, Consumer, MAX_RECEIVES, PublishError, envelope};
use crate::telemetry;
use crate::time::Clock;

/// Hands messages from any transport to the consumer of one function.
pub struct Receiver {
    function: &'static str,
    consumer: Arc<dyn Consumer>,
    dead_letters: Arc<dyn DeadLetters>,
    clock: Clock,
}

/// The result of receiving a message.
#[derive(Debug)]
pub enum Received {
    /// The message was handled. Acknowledge it.
    Handled,
    /// The message is kept as a dead letter. Acknowledge it.
    DeadLetter,
    /// The message must be delivered again. Its error is already reported.
    Failed(RecordError<ConsumeError>),
}

/// What Sentry gets about a message that can never be handled.
#[derive(Debug, thiserror::Error)]
#[error("{function} sent a message to the dead letters: {reason}")]
struct PoisonMessage {
    function: &'static str,
    reason: String,
}

impl Receiver {
    /// Receives messages for `consumer`, in the name of the function `function`.
    pub fn new(
        function: &'static str,
        consumer: Arc<dyn Consumer>,
        dead_letters: Arc<dyn DeadLetters>,
        clock: Clock,
    ) -> Self {
        Self { function, consumer, dead_letters, clock }
    }

    /// The function's name.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// Handles one message as its own unit of work, which `record` describes. A poison message becomes a dead letter at
    /// once. Any other message that fails becomes a dead letter at its last receive. When a dead letter cannot be kept,
    /// the message counts as failed.
    pub async fn receive(&self, record: Record, message: ReceivedMessage<'_>) -> Received {
        let mut kept = false;
        let handled = sentry_lambda::record(record, async {
            // The panic is caught inside the unit of work, so the dead letter gets the unit's trace.
            match catch_panic(self.consume(message.body)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(ConsumeError::Poison(reason))) => {
                    self.send_to_dead_letters(&message, &reason).await?;
                    kept = true;
                    let function = self.function;
                    telemetry::capture_error_as(
                        &["dead letter", function],
                        &PoisonMessage { function, reason },
                    );
                    Ok(())
                }
                Ok(Err(error)) => {
                    kept = self.failed(&message, &reason(&error)).await;
                    Err(error)
                }
                Err(panic) => {
                    kept = self.failed(&message, &format!("panicked: {panic}")).await;
                    // A new panic would be reported a second time. `resume_unwind` is not.
                    resume_unwind(Box::new(panic))
                }
            }
        })
        .await;
        match handled {
            _ if kept => Received::DeadLetter,
            Ok(()) => Received::Handled,
            Err(error) => Received::Failed(error),
        }
    }

    async fn consume(&self, body: &str) -> Result<(), ConsumeError> {
        let event = envelope::event(body)?;
        if let Some(id) = event.order_id() {
            telemetry::about_order(id);
        }
        self.consumer.consume(event).await
    }

    /// Makes a dead letter of a message that failed at its last receive. Returns whether the letter is kept.
    async fn failed(&self, message: &ReceivedMessage<'_>, reason: &str) -> bool {
        if message.receive_count < MAX_RECEIVES {
            let (function, id, reason) = (self.function, message.id, one_line(reason));
            tracing::warn!(cause = reason, "message {id} of {function} will be delivered again: {reason}");
            return false;
        }
        self.send_to_dead_letters(message, reason).await.is_ok()
    }

    async fn send_to_dead_letters(
        &self,
        message: &ReceivedMessage<'_>,
        reason: &str,
    ) -> Result<(), PublishError> {
        let letter = DeadLetter::new(message, self.function, reason, (self.clock)());
        let DeadLetter { id, function, reason, .. } = &letter;
        match self.dead_letters.send(&letter).await {
            Ok(()) => {
                tracing::error!(reason, "message {id} of {function} is a dead letter: {reason}");
                Ok(())
            }
            Err(error) => {
                let cause = telemetry::chain(&error);
                tracing::error!(
                    reason,
                    cause,
                    "message {id} of {function} failed, and could not be sent to the dead letters ({cause}): {reason}"
                );
                Err(error)
            }
        }
    }
}

/// Why a message failed, in one line.
fn reason(error: &ConsumeError) -> String {
    match error {
        ConsumeError::Poison(reason) => reason.clone(),
        ConsumeError::Retry(cause) => telemetry::chain(&**cause),
    }
}
