//! The same DynamoDB over TCP, for tests that need a connection: from another process, or one that breaks.

use std::io;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::Listener;

use crate::EmbeddedDynamoDb;

/// The largest body that DynamoDB reads, in bytes.
const MAX_BODY: usize = 16 << 20;

/// Answers the requests that arrive at `listener`, until the runtime ends. Signatures are not checked.
///
/// # Errors
/// When the listener fails.
pub async fn serve<L>(listener: L, dynamodb: EmbeddedDynamoDb) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let routes = Router::new().route("/", post(answer)).layer(DefaultBodyLimit::max(MAX_BODY));
    axum::serve(listener, routes.with_state(dynamodb)).await
}

async fn answer(
    State(dynamodb): State<EmbeddedDynamoDb>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let answer = dynamodb.answer(target.unwrap_or_default(), &body);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "application/x-amz-json-1.0")], answer.body)
}
