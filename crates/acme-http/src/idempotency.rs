//! The Idempotency-Key of a route that adds or creates: a repeated request has no second effect, and gets the same
//! answer.
//!
//! The middleware claims the key before the handler runs. The handler gives the [`Keyed`] answer to the store, which
//! keeps the answer and the effect in one transaction. A request that failed gives its claim up, so that the client can
//! try again.

use std::sync::Arc;

use acme_common::idempotency::{Answer, Claim, Claimed, IdempotencyKeys, Keyed, Released};
use acme_common::telemetry::{self, ErrorSite};
use acme_common::time::Clock;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::Value;

use crate::auth::Authorizer;
use crate::body;
use crate::error::ApiError;

/// The header of a replayed answer. The name comes from Stripe.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The store of the keys, and the clock.
#[derive(Clone)]
pub struct Idempotency {
    keys: Arc<dyn IdempotencyKeys>,
    clock: Clock,
}

/// Who shares keys on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Each caller has their own keys. The token says who calls. In compatibility mode it is the user in the path.
    Caller,
    /// All callers share their keys, because the route asks for no token.
    Anyone,
}

/// The claim on the request's Idempotency-Key, for the handler. It is empty if the request has no key.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Option<Claim>);

impl Idempotency {
    /// Keeps keys in `keys`, and gets the time from `clock`.
    pub fn new(keys: Arc<dyn IdempotencyKeys>, clock: Clock) -> Self {
        Self { keys, clock }
    }

    /// Adds Idempotency-Keys to `routes`. Each caller has their own keys.
    pub fn per_caller(self, routes: Router) -> Router {
        routes.route_layer(from_fn_with_state((self, Scope::Caller), handle))
    }

    /// Adds Idempotency-Keys to `routes` that ask for no token. All callers share their keys.
    pub fn for_anyone(self, routes: Router) -> Router {
        routes.route_layer(from_fn_with_state((self, Scope::Anyone), handle))
    }

    async fn answer(&self, claim: Claim, mut request: Request, next: Next) -> Result<Response, ApiError> {
        match self.keys.claim(&claim).await.here()? {
            Claimed::New => {}
            Claimed::Answered(answer) => return Ok(replay(answer)),
            Claimed::InProgress => return Err(ApiError::in_progress()),
            Claimed::OtherRequest => return Err(ApiError::other_request()),
        }
        request.extensions_mut().insert(IdempotencyKey(Some(claim.clone())));
        let response = next.run(request).await;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::NOT_FOUND | StatusCode::CONFLICT => Ok(self.keep_refusal(claim, response).await),
            _ => Ok(self.release_key(&claim, response).await),
        }
    }

    /// Keeps an answer that refuses the request. The request had no effect.
    async fn keep_refusal(&self, claim: Claim, response: Response) -> Response {
        let Some(error) = response.extensions().get::<ApiError>() else { return response };
        let body = Value::String(error.to_string());
        let keyed = Keyed { answer: Answer { status: response.status().as_u16(), body }, claim };
        // If the answer cannot be kept, the shop decides again when the request is repeated.
        if let Err(error) = self.keys.keep(&keyed).await {
            tracing::warn!(cause = telemetry::chain(&error), "the answer to an Idempotency-Key was not kept");
        }
        response
    }

    /// Frees the key of a request that failed, and finds out whether the request had its effect after all.
    async fn release_key(&self, claim: &Claim, response: Response) -> Response {
        match self.keys.release(claim).await {
            Ok(Released::Answered(answer)) => replay(answer),
            Ok(Released::Free) => match response.extensions().get::<ApiError>() {
                Some(error) if error.is_outcome_unknown() => error.clone().without_effect().into_response(),
                _ => response,
            },
            Err(error) => {
                tracing::warn!(cause = telemetry::chain(&error), "an Idempotency-Key was not released");
                response
            }
        }
    }
}

impl IdempotencyKey {
    /// The answer for the store to keep, in the same transaction as the request's effect. `None` if the request has no
    /// key.
    pub fn keep(&self, status: StatusCode, body: &Value) -> Option<Keyed> {
        let answer = Answer { status: status.as_u16(), body: body.clone() };
        self.0.clone().map(|claim| Keyed { claim, answer })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self(None)))
    }
}

async fn handle(
    State((idempotency, scope)): State<(Idempotency, Scope)>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let caller = match scope {
        Scope::Caller => caller(&mut parts).await,
        Scope::Anyone => Ok(String::new()),
    };
    // A caller without permission must not write to the table. The route refuses the request.
    let Ok(caller) = caller else { return Ok(next.run(Request::from_parts(parts, body)).await) };
    let bytes = body::read(body).await?;
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let claim = Claim::new(&caller, &key, method, path.trim_end_matches('/'), &bytes, (idempotency.clock)());
    idempotency.answer(claim, Request::from_parts(parts, Body::from(bytes)), next).await
}

/// The caller: the user of the token or, without tokens, the user in the path.
async fn caller(parts: &mut Parts) -> Result<String, ApiError> {
    if let Some(caller) = Authorizer::of(parts)?.caller(parts)? {
        return Ok(caller.id.to_string());
    }
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| ApiError::bad_request("userid: expected UTF-8 in the path"))?;
    Ok(params.iter().next().map(|(_, user)| user.to_owned()).unwrap_or_default())
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    match key {
        Some(key) if values.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(ApiError::bad_request(
            "Idempotency-Key: expected one key of 1 to 255 visible ASCII characters",
        )),
    }
}

/// The first answer again. The endpoint writes the body of an error, because it knows the id of this request.
fn replay(Answer { status, body }: Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Value::String(message) if !status.is_success() => ApiError::new(status, message).into_response(),
        body => (status, Json(body)).into_response(),
    };
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
