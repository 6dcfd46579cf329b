//! The queues that a function publishes to.

use std::collections::HashMap;

use acme_common::event::EventKind;
use acme_common::messaging::PublishError;

/// The URLs of the consumers' queues, by the type of event that each consumes.
#[derive(Debug, Clone, Default)]
pub struct Queues(HashMap<EventKind, Vec<String>>);

impl FromIterator<(EventKind, Vec<String>)> for Queues {
    fn from_iter<T: IntoIterator<Item = (EventKind, Vec<String>)>>(queues: T) -> Self {
        Self(queues.into_iter().collect())
    }
}

impl Queues {
    /// The queues of all functions that consume this type of event.
    ///
    /// # Errors
    /// When there is no queue, because the event would be lost.
    pub fn of(&self, kind: EventKind) -> Result<&[String], PublishError> {
        let urls = self.0.get(&kind).map(Vec::as_slice).unwrap_or_default();
        if urls.is_empty() {
            return Err(PublishError(format!("{} has no queue here", kind.name()).into()));
        }
        Ok(urls)
    }
}
