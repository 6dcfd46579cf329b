//! Errors as JSON: a text for the client, and the cause for Sentry only.

use std::error::Error;
use std::sync::Arc;

use acme_common::json::FieldError;
use acme_common::messaging::PublishError;
use acme_common::store::StoreError;
use acme_common::telemetry;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The text that a client gets for an error of the shop.
const OURS: &str = "something went wrong on our side";

/// A service that the shop needs does not answer, and nothing was done.
const TRY_AGAIN: &str = "temporarily unavailable, please try again";
/// A write was sent but not confirmed.
const OUTCOME_UNKNOWN: &str =
    "the outcome is unknown: it may have been done; with an Idempotency-Key it is safe to send it again";

/// The id of a request in the logs and in Sentry. On Lambda it is Lambda's request id.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// An error of a route. The client gets its message, but never its cause.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    message: String,
    retry_after_seconds: Option<u64>,
    #[source]
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// An error as the client reads it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Error))]
pub(crate) struct ErrorBody<'a> {
    /// What is wrong. The text about a bad input starts with the name of the field.
    message: &'a str,
    /// The id by which the request is found in the logs and in Sentry.
    #[serde(rename = "requestId")]
    request_id: &'a str,
    /// The status of the answer.
    status: u16,
}

impl ApiError {
    /// An error with this status. The client gets the message.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_seconds: None, cause: None }
    }

    /// 400: the input is wrong. The message names the field.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401, with the text that existing clients know.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Invalid Key. User Not Authorized")
    }

    /// 403: the caller is known, but this belongs to somebody else.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "this belongs to someone else")
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not answer that method")
    }

    /// 409: the present state does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 413: the body has more than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("body: expected at most {limit} bytes"))
    }

    /// 422: the Idempotency-Key was used before, with another request.
    pub fn other_request() -> Self {
        let message = "Idempotency-Key: this key came with another request before; use a new one";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// 429: too many tries. The next try may come in `seconds`.
    pub fn too_many(seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many tries")
        }
    }

    /// 500: an error of the shop. The client gets a general text, and Sentry gets the cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..Self::reported() }
    }

    /// 500: an error of the shop that was already reported.
    pub fn reported() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, OURS)
    }

    /// 503: a service that the shop needs does not answer. Another try after a second may help.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, TRY_AGAIN);
        Self { cause: Some(Arc::from(cause.into())), retry_after_seconds: Some(1), ..error }
    }

    /// 503: a write was sent but no answer came. Nobody knows whether it was done.
    pub fn outcome_unknown(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { message: OUTCOME_UNKNOWN.to_owned(), ..Self::unavailable(cause) }
    }

    /// 503: the function ran out of time. Nobody knows whether the request was done. The error is already reported.
    pub fn out_of_time() -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, OUTCOME_UNKNOWN);
        Self { retry_after_seconds: Some(1), ..error }
    }

    /// 409: another request with the same Idempotency-Key is being handled.
    pub fn in_progress() -> Self {
        let message = "Idempotency-Key: a request with this key is in progress; try again in a second";
        Self { retry_after_seconds: Some(1), ..Self::conflict(message) }
    }

    /// Whether it is unknown if the request had its effect.
    pub(crate) fn is_outcome_unknown(&self) -> bool {
        self.message == OUTCOME_UNKNOWN
    }

    /// The same error for a request that is now known to have had no effect.
    pub(crate) fn without_effect(self) -> Self {
        Self { message: TRY_AGAIN.to_owned(), ..self }
    }

    /// The body that the client gets.
    pub(crate) fn body<'a>(&'a self, request_id: &'a str) -> ErrorBody<'a> {
        ErrorBody { message: &self.message, request_id, status: self.status.as_u16() }
    }

    /// After how many seconds the client may try again, if that is known.
    #[cfg(feature = "openapi")]
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after_seconds
    }

    /// The status that the client gets.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadCursor => Self::bad_request(error.to_string()),
            StoreError::KeyTaken => Self::in_progress(),
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::OutcomeUnknown(_) => Self::outcome_unknown(error),
            StoreError::Rejected(_) => Self::internal(error),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        Self::unavailable(error)
    }
}

impl IntoResponse for ApiError {
    /// Returns the status only. The endpoint writes the body, because only the endpoint knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a response that carries an [`ApiError`], and reports the error's cause once.
pub(crate) fn finish(mut response: Response, request_id: &RequestId) -> Response {
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    report(&error);
    // The layers between the route and this function may have set headers. They are kept.
    let headers = std::mem::take(response.headers_mut());
    let mut response = (error.status, headers, Json(error.body(&request_id.0))).into_response();
    if let Some(seconds) = error.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Sends the cause to Sentry. An error without a cause is the client's fault, or was reported before.
fn report(error: &ApiError) {
    if let Some(cause) = error.cause.as_deref() {
        telemetry::capture_error(cause);
        let (status, cause) = (error.status.as_u16(), telemetry::chain(cause));
        tracing::error!(status, cause, "the request failed with {status}: {cause}");
    }
}
