//! Sorts the SDK's errors: what may pass, what will not, and what may have been done.

use acme_common::store::StoreError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A response as the SDK keeps it inside its errors.
type Raw = aws_sdk_dynamodb::config::http::HttpResponse;

/// Codes that say "not now"; what else is a client's fault will not change by trying again.
const PASSING: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What is known of a request that failed.
enum Fault {
    /// It was refused, and will be again.
    Refused,
    /// It was not done, and may be later.
    NotNow,
    /// It was sent. Whether it was done is not known.
    Unanswered,
}

fn fault<E: ProvideErrorMetadata>(error: &SdkError<E, Raw>) -> Fault {
    match error {
        SdkError::ServiceError(service) => {
            let (status, code) = (service.raw().status(), service.err().code());
            match code {
                Some(code) if PASSING.contains(&code) => Fault::NotNow,
                _ if status.is_client_error() => Fault::Refused,
                // An internal error of DynamoDB's may come after the write.
                _ => Fault::Unanswered,
            }
        }
        SdkError::ConstructionFailure(_) => Fault::Refused,
        _ => Fault::Unanswered,
    }
}

/// A store's error from one of the SDK's, of a request that only reads.
pub(crate) fn store_error<E>(error: SdkError<E, Raw>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match fault(&error) {
        Fault::Refused => StoreError::rejected(error),
        Fault::NotNow | Fault::Unanswered => StoreError::unavailable(error),
    }
}

/// A store's error from one of the SDK's, of a request that writes.
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

/// What a conditional write returned, or `None` when its condition did not hold.
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
