//! Sends dead letters to an SQS queue: the body without a change, everything else as attributes of the message.

use acme_common::messaging::{DeadLetter, DeadLetters, PublishError};
use async_trait::async_trait;
use aws_sdk_sqs::Client;

use super::sqs::text;

/// A dead-letter queue.
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    client: Client,
    url: String,
}

impl DeadLetterQueue {
    pub(crate) fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl DeadLetters for DeadLetterQueue {
    async fn send(&self, letter: &DeadLetter) -> Result<(), PublishError> {
        // SQS refuses a message without a body.
        let body = if letter.body.is_empty() { "(empty)" } else { &letter.body };
        let mut send = self.client.send_message().queue_url(&self.url).message_body(body);
        for (name, value) in letter.attributes() {
            send = send.message_attributes(name, text(accepted(&value))?);
        }
        send.send().await.map(|_| ()).map_err(|error| PublishError(error.into()))
    }
}

/// A text that SQS accepts: not empty, and without the characters that SQS refuses (those that XML 1.0 does not have).
fn accepted(value: &str) -> String {
    let refused = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let text: String = value.chars().map(|c| if refused(c) { ' ' } else { c }).collect();
    if text.is_empty() { "(none)".to_owned() } else { text }
}
