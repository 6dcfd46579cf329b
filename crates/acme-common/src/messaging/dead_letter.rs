//! Dead letters: messages that no consumer could handle, each with its reason.

use std::borrow::Cow;

use async_trait::async_trait;
use jiff::Timestamp;
use sentry_lambda::scrub::{scrub_payload, scrub_text};

use super::{PublishError, envelope};
use crate::id::OrderId;
use crate::time::rfc3339;

/// The longest reason, in characters.
const MAX_REASON: usize = 1024;

/// A message that could not be handled, and the reason. It contains no card and no other secret in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id.
    pub id: String,
    /// The function that could not handle it.
    pub function: String,
    /// The text of the message: an event, or text that is no event.
    pub body: String,
    /// The error and its causes in one line.
    pub reason: String,
    /// How often the function received the message.
    pub receive_count: u32,
    /// When the message failed for the last time.
    pub failed_at: Timestamp,
    /// The order that the body names, if it names one.
    pub order_id: Option<OrderId>,
    /// The trace in which the message failed, 32 hexadecimal digits.
    pub trace_id: Option<String>,
    /// The headers of that trace. A message that is sent again continues the trace with them.
    pub trace_headers: Vec<(String, String)>,
}

/// Keeps dead letters. On AWS it is a queue, in the local shop it is the database.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Keeps `letter`. An `Ok` means that the letter will not be lost.
    ///
    /// # Errors
    /// When the letter may not have been kept.
    async fn send(&self, letter: &DeadLetter) -> Result<(), PublishError>;
}

/// A message as its consumer receives it.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedMessage<'a> {
    /// The message's id.
    pub id: &'a str,
    /// The text of the message: an event, or text that is no event.
    pub body: &'a str,
    /// How often the message was received, including this time.
    pub receive_count: u32,
}

impl DeadLetter {
    /// The dead letter of a message that `function` could not handle because of `reason`, in the current trace. Body
    /// and reason are scrubbed, because text that is no event of the shop may contain anything, even a card.
    pub(super) fn new(
        message: &ReceivedMessage<'_>,
        function: &str,
        reason: &str,
        failed_at: Timestamp,
    ) -> Self {
        let body = scrub_payload(message.body.as_bytes());
        let headers = sentry_lambda::trace_headers().into_iter();
        let is_clean = |id: &OrderId| matches!(scrub_text(id.as_str()), Cow::Borrowed(_));
        Self {
            id: message.id.to_owned(),
            function: function.to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
            reason: one_line(reason),
            receive_count: message.receive_count,
            failed_at,
            order_id: envelope::order_id(message.body).filter(is_clean),
            trace_id: sentry_lambda::trace_id(),
            trace_headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    /// The attributes beside the body, by name. There are eight at most, and SQS accepts ten.
    pub fn attributes(&self) -> Vec<(&str, Cow<'_, str>)> {
        let mut attributes: Vec<(&str, Cow<'_, str>)> = vec![
            ("function", self.function.as_str().into()),
            ("reason", self.reason.as_str().into()),
            ("receive_count", self.receive_count.to_string().into()),
            ("failed_at", rfc3339(self.failed_at).into()),
        ];
        attributes.extend(self.order_id.iter().map(|id| ("order_id", id.as_str().into())));
        attributes.extend(self.trace_id.iter().map(|id| ("trace_id", id.as_str().into())));
        attributes.extend(self.trace_headers.iter().map(|(name, value)| (name.as_str(), value.into())));
        attributes
    }
}

/// The text in one line, scrubbed and then cut. Scrubbing comes first, because nobody recognises half a card number.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split(char::is_control).collect::<Vec<_>>().join(" ");
    scrub_text(&line).chars().take(MAX_REASON).collect()
}
