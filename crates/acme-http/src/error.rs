//! Errors as JSON: what the client may read, and beside it the cause, which goes to Sentry alone.

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


/// All that a client learns of an error of ours.
const OURS: &str = "something went wrong on our side";

/// Something that we depend on is away, and nothing was done.
const TRY_AGAIN: &str = "temporarily unavailable, please try again";
/// A write was sent and not confirmed.
const OUTCOME_UNKNOWN: &str =
    "the outcome is unknown: it may have been done; with an Idempotency-Key it is safe to send it again";

/// The id by which a request is found in logs and in Sentry: Lambda's where there is one.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// An error of a route. Its message is for the client; its cause is never shown.
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
    /// What is wrong. A bad input is `field: expected ...`.
    message: &'a str,
    /// The id by which the request is found in the logs and in Sentry.
    #[serde(rename = "requestId")]
    request_id: &'a str,
    /// The status of the answer.
    status: u16,
}

impl ApiError {
    /// An error with the given status whose message the client may read.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_seconds: None, cause: None }
    }

    /// 400: the input is at fault; the message names the field.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401, in the words that existing clients know.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Invalid Key. User Not Authorized")
    }

    /// 403: the caller is known, and this is not theirs.
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

    /// 409: it cannot be done to what is there.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 413: the body has more than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("body: expected at most {limit} bytes"))
    }

    /// 422: the Idempotency-Key is that of another request.
    pub fn other_request() -> Self {
        let message = "Idempotency-Key: this key came with another request before; use a new one";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// 429: too many tries; the next may come in `seconds`.
    pub fn too_many(seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many tries")
        }
    }

    /// 500: ours. The client reads a generic text, Sentry gets the cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..Self::reported() }
    }

    /// 500: ours, and reported already where it happened.
    pub fn reported() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, OURS)
    }

    /// 503: something that we depend on is away. Trying again in a second may help.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, TRY_AGAIN);
        Self { cause: Some(Arc::from(cause.into())), retry_after_seconds: Some(1), ..error }
    }

    /// 503: a write was sent, and no answer came. Nobody knows whether it was done.
    pub fn outcome_unknown(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { message: OUTCOME_UNKNOWN.to_owned(), ..Self::unavailable(cause) }
    }

    /// 503: the function had no time left. Nobody knows whether the request was done; who gave it up has reported it.
    pub fn out_of_time() -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, OUTCOME_UNKNOWN);
        Self { retry_after_seconds: Some(1), ..error }
    }

    /// 409: a request with the same Idempotency-Key is being handled.
    pub fn in_progress() -> Self {
        let message = "Idempotency-Key: a request with this key is in progress; try again in a second";
        Self { retry_after_seconds: Some(1), ..Self::conflict(message) }
    }

    /// Whether nobody knows if the request had its effect.
    pub(crate) fn is_outcome_unknown(&self) -> bool {
        self.message == OUTCOME_UNKNOWN
    }

    /// The same error, now that it is known that the request had no effect.
    pub(crate) fn without_effect(self) -> Self {
        Self { message: TRY_AGAIN.to_owned(), ..self }
    }

    /// The body that the client gets.
    pub(crate) fn body<'a>(&'a self, request_id: &'a str) -> ErrorBody<'a> {
        ErrorBody { message: &self.message, request_id, status: self.status.as_u16() }
    }

    /// After how many seconds the client may try again, where that is known.
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
    /// The bare status; the endpoint writes the body, since only it knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a response that stands for an [`ApiError`] its body, and reports its cause, once.
pub(crate) fn finish(mut response: Response, request_id: &RequestId) -> Response {
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    report(&error);
    // With what a layer between the route and here has said of it.
    let headers = std::mem::take(response.headers_mut());
    let mut response = (error.status, headers, Json(error.body(&request_id.0))).into_response();
    if let Some(seconds) = error.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Sends the cause to Sentry. What has none is the client's fault, or was reported where it happened.
fn report(error: &ApiError) {
    if let Some(cause) = error.cause.as_deref() {
        telemetry::capture_error(cause);
        let (status, cause) = (error.status.as_u16(), telemetry::chain(cause));
        tracing::error!(status, cause, "the request failed with {status}: {cause}");
    }
}
