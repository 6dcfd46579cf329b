//! A publisher for tests: it keeps what it is given, and fails when it is told to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{Message, PublishError, Publisher};
use crate::event::Event;

/// Keeps every event that it accepts, in order.
#[derive(Debug, Default)]
pub struct RecordingPublisher(Mutex<Record>);

#[derive(Debug, Default)]
struct Record {
    published: Vec<Event>,
    delayed: Vec<(Event, Duration)>,
    to_fail: usize,
}

impl RecordingPublisher {
    /// The events that were published.
    pub fn events(&self) -> Vec<Event> {
        self.record().published.clone()
    }

    /// The events that were published with a delay, each with it.
    pub fn delayed(&self) -> Vec<(Event, Duration)> {
        self.record().delayed.clone()
    }

    /// Refuses the next `n` events, of either kind, and keeps nothing of them.
    pub fn fail_next(&self, n: usize) {
        self.record().to_fail = n;
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record to write to, unless this event is one to fail.
    fn accept(&self) -> Result<MutexGuard<'_, Record>, PublishError> {
        let mut record = self.record();
        if record.to_fail > 0 {
            record.to_fail -= 1;
            return Err(PublishError("told to fail".into()));
        }
        Ok(record)
    }
}

#[async_trait]
impl Publisher for RecordingPublisher {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        self.accept()?.published.push(event.clone());
        Ok(())
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let publish = |message: &Message| {
            self.accept()?.published.push(message.event.clone());
            Ok(())
        };
        messages.iter().map(publish).collect()
    }

    async fn publish_later(&self, event: &Event, delay: Duration) -> Result<(), PublishError> {
        self.accept()?.delayed.push((event.clone(), delay));
        Ok(())
    }
}
