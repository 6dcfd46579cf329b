//! How events leave a function: through SQS or through EventBridge.

mod batch;
mod dead_letters;
mod eventbridge;
mod queues;
mod sqs;

use std::error::Error;
use std::sync::Arc;

use acme_common::messaging::PublishError;

pub use dead_letters::DeadLetterQueue;
pub use eventbridge::EventBridgePublisher;
pub use queues::Queues;
pub use sqs::SqsPublisher;

/// An entry of a request that was not taken, though the request was.
#[derive(Debug, thiserror::Error)]
#[error("{service} did not take the event: {code}: {message}")]
struct Refused {
    service: &'static str,
    code: String,
    message: String,
}

fn refused(service: &'static str, code: Option<&str>, message: Option<&str>) -> PublishError {
    let (code, message) = (code.unwrap_or("no answer").to_owned(), message.unwrap_or_default().to_owned());
    PublishError(Refused { service, code, message }.into())
}

/// The fault of every entry of a request that failed as a whole.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl Shared {
    fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}
