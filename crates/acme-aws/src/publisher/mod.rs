//! Publishers: how events leave a function, through SQS or EventBridge.

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

/// The service accepted a request, but refused one of its entries.
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

/// The error of a whole request, shared by all of its entries.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl Shared {
    fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}
