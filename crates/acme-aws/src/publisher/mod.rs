//! How events leave a function: through SQS or through EventBridge.

mod eventbridge;
mod sqs;

pub use eventbridge::EventBridgePublisher;
pub use sqs::{DeadLetters, Queues, SqsPublisher};
