//! Sorts errors of the SDK: another try may help, another try will not help, or the write may have been done.

use acme_common::store::StoreError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A response as errors of the SDK contain it.
type Raw = aws_sdk_dynamodb::config::http::HttpResponse;

/// Codes of client errors after which another try may help. It does not help after any other client error.
const PASSING: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What is known about a request that failed.
enum Fault {
    /// The service refused it, and will refuse it again.
    Refused,
    /// It was not done. A later try may succeed.
    NotNow,
    /// It was sent, but nobody knows whether it was done.
    Unanswered,
}

fn fault<E: ProvideErrorMetadata>(error: &SdkError<E, Raw>) -> Fault {
    match error {
        SdkError::ServiceError(service) => {
            let (status, code) = (service.raw().status(), service.err().code());
            match code {
                Some(code) if PASSING.contains(&code) => Fault::NotNow,
                _ if status.is_client_error() => Fault::Refused,
                // DynamoDB may return an internal error after it did the write.
                _ => Fault::Unanswered,
            }
        }
        SdkError::ConstructionFailure(_) => Fault::Refused,
        _ => Fault::Unanswered,
    }
}

/// A store's error for an SDK error of a request that only reads.
pub(crate) fn store_error<E>(error: SdkError<E, Raw>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match fault(&error) {
        Fault::Refused => StoreError::rejected(error),
        Fault::NotNow | Fault::Unanswered => StoreError::unavailable(error),
    }
}

/// A store's error for an SDK error of a request that writes.
pub(crate) fn write_error<E>(error: SdkError<E, Raw>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match fault(&error) {
        Fault::Refused => StoreError::rejected(error),
        Fault::NotNow => StoreError::unavailable(error),
        Fault::Unanswered => StoreError::OutcomeUnknown(error.into()),
    }
}

/// The result of a conditional write, or `None` when its condition did not hold.
pub(crate) fn conditional<T, E>(result: Result<T, SdkError<E, Raw>>) -> Result<Option<T>, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match result {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(None),
        Err(error) => Err(write_error(error)),
    }
}
