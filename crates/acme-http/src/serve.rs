//! Adds to the routes what all of them share: the authorizer, errors as JSON, CORS, and both spellings of a path.

use acme_common::random;
use axum::extract::Request;
use axum::http::{HeaderName, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;
use axum::{Extension, Router};
use tower_http::cors::{Any, CorsLayer};

use crate::auth::Authorizer;
use crate::error::{self, ApiError, RequestId};
use crate::idempotency;

/// Serves one handler on each of `paths`, with and without a slash at the end.
pub fn route<S: Clone + Send + Sync + 'static>(paths: &[&str], handler: MethodRouter<S>) -> Router<S> {
    paths.iter().fold(Router::new(), |router, path| {
        router.route(path, handler.clone()).route(&format!("{path}/"), handler.clone())
    })
}

/// Adds the authorizer and errors as JSON to routes.
pub fn endpoint(routes: Router, authorizer: Authorizer) -> Router {
    routes.layer(from_fn(finish)).layer(Extension(authorizer))
}

/// Makes an app of one or more endpoints. Unknown paths get a 404, and every answer has CORS headers.
pub fn app(endpoints: Router) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("sentry-trace"),
            HeaderName::from_static("baggage"),
        ])
        .expose_headers([header::LINK, header::RETRY_AFTER, idempotency::REPLAYED]);
    endpoints
        .fallback(async || ApiError::not_found("no such route"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn(finish))
        .layer(cors)
}

/// Gives each request an id, and each error its JSON body.
async fn finish(mut request: Request, next: Next) -> Response {
    let id = match request.extensions().get::<RequestId>() {
        Some(id) => id.clone(),
        None => {
            let id = RequestId(random::uuid().to_string());
            request.extensions_mut().insert(id.clone());
            id
        }
    };
    error::finish(next.run(request).await, &id)
}
