//! A publisher for tests, which records the events and fails when a test wants it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{Message, PublishError, Publisher};
use crate::event::Event;

/// Records every event that it accepts, in order.
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

    /// The events that were published with a delay, and their delays.
    pub fn delayed(&self) -> Vec<(Event, Duration)> {
        self.record().delayed.clone()
    }

    /// Refuses the next `n` events, with or without a delay, and does not record them.
    pub fn fail_next(&self, n: usize) {
        self.record().to_fail = n;
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record to write to, or an error if this event is to fail.
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
