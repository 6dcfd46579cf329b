//! Reads a body: JSON with any content type, at most 256 KiB. Each error names its field.

use acme_common::json::{self, FromJson};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http_body_util::LengthLimitError;

use crate::error::ApiError;

/// The most bytes of a body that the shop reads.
pub const MAX_BODY: usize = 256 * 1024;

/// The body of a request, read as a `T`.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: FromJson, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Body(json::from_slice(&read(request.into_body()).await?)?))
    }
}

/// All bytes of a body, if there are at most [`MAX_BODY`].
pub(crate) async fn read(body: axum::body::Body) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(body, MAX_BODY).await.map_err(|error| {
        let error = error.into_inner();
        if error.is::<LengthLimitError>() {
            ApiError::too_large(MAX_BODY)
        } else {
            ApiError::bad_request("body: the connection ended before the whole body was read")
        }
    })
}
