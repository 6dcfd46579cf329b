//! Serves one route behind API Gateway's REST and HTTP APIs, function URLs, and load balancers.

use acme_http::{RequestId, app, endpoint};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, map_request};
use lambda_http::{Adapter, RequestExt};
use lambda_runtime::{Error, Runtime};

use crate::deadline::answer_in_time;
use crate::function::Function;
use crate::start::{Failure, start};

/// Serves the routes that `wire` makes. `name` is the function's name.
///
/// # Errors
/// When the function cannot start (this is reported to Sentry), or when the connection to the Runtime API fails.
pub fn serve(
    name: &'static str,
    wire: impl AsyncFnOnce(&Function) -> Result<Router, Error>,
) -> Result<(), Error> {
    start(name, None, async |function, sentry| {
        let routes = async {
            Ok(endpoint(wire(&function).await?.layer(from_fn(answer_in_time)), function.authorizer().await?))
        };
        let routes = app(routes.await.map_err(Failure::Init)?).layer(map_request(with_request_id));
        let runtime = Runtime::new(Adapter::from(sentry.handler(routes))).layer(sentry.layer());
        runtime.run().await.map_err(Failure::Run)
    })
}

/// Gives the request the id of its invocation, because the log lines have that id.
async fn with_request_id(mut request: Request) -> Request {
    let id = request.lambda_context_ref().map(|context| RequestId(context.request_id.clone()));
    if let Some(id) = id {
        request.extensions_mut().insert(id);
    }
    request
}
