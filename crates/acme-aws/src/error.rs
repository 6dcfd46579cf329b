//! Sorts the SDK's errors into those that may pass and those that will not.

use acme_common::store::StoreError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A response as the SDK keeps it inside its errors.
type Raw = aws_sdk_dynamodb::config::http::HttpResponse;

/// Codes that say "not now"; what else is a client's fault will not change by trying again.
const PASSING: [&str; 6] = [
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// A store's error from one of the SDK's.
pub(crate) fn store_error<E>(error: SdkError<E, Raw>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let refused = matches!(&error, SdkError::ServiceError(service)
        if service.raw().status().is_client_error()
            && !service.err().code().is_some_and(|code| PASSING.contains(&code)));
    if refused { StoreError::rejected(error) } else { StoreError::unavailable(error) }
}

/// What a conditional write returned, or `None` when its condition did not hold.
pub(crate) fn conditional<T, E>(result: Result<T, SdkError<E, Raw>>) -> Result<Option<T>, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match result {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(None),
        Err(error) => Err(store_error(error)),
    }
}
