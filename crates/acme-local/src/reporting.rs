//! Makes each request a unit of work in Sentry, under the name of the function that serves it on AWS.

use acme_http::ApiError;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sentry_lambda::UnitOfWork;
use tower_http::catch_panic::CatchPanicLayer;

/// Makes `endpoint` report as `function`. A panic is reported where it happens, and the client gets a 500.
pub(crate) fn reporting(function: &'static str, endpoint: Router) -> Router {
    endpoint
        .layer(CatchPanicLayer::custom(|_| ApiError::reported().into_response()))
        .layer(from_fn_with_state(function, in_a_unit))
}

async fn in_a_unit(State(function): State<&'static str>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let name = format!("{} {path}", request.method());
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let unit = UnitOfWork::new(name, "http.server")
        .server_name(function)
        .tag("faas.name", function)
        .trace_headers(headers);
    unit.run(async move {
        let response = next.run(request).await;
        sentry_lambda::set_http_status(response.status().as_u16());
        response
    })
    .await
}
