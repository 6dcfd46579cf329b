//! Receives messages for a consumer: what it cannot handle becomes a dead letter.

use std::panic::resume_unwind;
use std::sync::Arc;

use sentry_lambda::{Record, RecordError, catch_panic};

use super::dead_letter::{DeadLetter, DeadLetters, ReceivedMessage, one_line};
use super::{ConsumeError, Consumer, MAX_RECEIVES, PublishError, envelope};
use crate::telemetry;
use crate::time::Clock;

/// Hands messages to one function's consumer, wherever they come from.
pub struct Receiver {
    function: &'static str,
    consumer: Arc<dyn Consumer>,
    dead_letters: Arc<dyn DeadLetters>,
    clock: Clock,
}

/// What became of a message.
#[derive(Debug)]
pub enum Received {
    /// It was handled: acknowledge it.
    Handled,
    /// It is kept as a dead letter: acknowledge it.
    DeadLetter,
    /// It is to be delivered again; why is reported already.
    Failed(RecordError<ConsumeError>),
}

/// What Sentry is told of a message that can never be handled.
#[derive(Debug, thiserror::Error)]
#[error("{function} sent a message to the dead letters: {reason}")]
struct PoisonMessage {
    function: &'static str,
    reason: String,
}

impl Receiver {
    /// Receives for `consumer`, as the function called `function`.
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

    /// Handles one message as a unit of work of its own, which `record` describes. What can never be handled is a dead
    /// letter at once, anything else when it fails at its last receive. Where a dead letter cannot be kept, the message
    /// has failed.
    pub async fn receive(&self, record: Record, message: ReceivedMessage<'_>) -> Received {
        let mut kept = false;
        let handled = sentry_lambda::record(record, async {
            // A panic is caught inside of the unit, so that its letter belongs to the unit's trace.
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
                    // Not as a new panic, which would be reported a second time.
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

    /// Makes a dead letter of what failed at its last receive; returns whether it is kept.
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
