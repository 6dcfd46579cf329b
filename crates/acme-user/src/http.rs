//! The six routes of the users. Each function returns the router of one Lambda function.

use std::sync::Arc;

use acme_common::json::{Field, FieldError};
use acme_common::telemetry::ErrorSite;
use acme_common::time::Clock;
use acme_http::token::{Issuer, TokenUse, Verifier};
use acme_http::{ApiError, Body, Idempotency, IdempotencyKey, Owner, Paging, Staff, route};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{self, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::UserError;
use crate::register::RegisterRequest;
use crate::session::{Authenticated, LoginRequest};
use crate::store::Users;
use crate::user::User;

/// The longest token that is read, in characters. The shop's own tokens are far shorter.
const MAX_TOKEN: usize = 4096;

type Store = Arc<dyn Users>;
type Answer = Result<Json<Value>, ApiError>;

/// `POST /register`: registers a customer. Anyone may call it. A repeated request with the same `Idempotency-Key`
/// gives the same customer.
pub fn register(users: Store, idempotency: Idempotency) -> Router {
    async fn handle(
        State(users): State<Store>,
        key: IdempotencyKey,
        Body(registration): Body<RegisterRequest>,
    ) -> Result<(StatusCode, Json<Value>), ApiError> {
        let mut answer = json!({"message": "User created successfully!", "status": 201});
        let keyed = |user: &User| {
            answer["resourceId"] = json!(user.id);
            key.keep(StatusCode::CREATED, &answer)
        };
        registration.register(&*users, keyed).await?;
        Ok((StatusCode::CREATED, Json(answer)))
    }
    idempotency.for_anyone(route(&["/register"], post(handle)).with_state(users))
}

/// `POST /login`: returns tokens for a username and its password, in every mode.
pub fn login(users: Store, issuer: Arc<Issuer>, clock: Clock) -> Router {
    async fn handle(
        State((users, issuer, clock)): State<(Store, Arc<Issuer>, Clock)>,
        Body(login): Body<LoginRequest>,
    ) -> Answer {
        let now = clock();
        let user = Authenticated::by_password(&*users, login, now).await?;
        tokens(&user, &issuer, now)
    }
    route(&["/login"], post(handle)).with_state((users, issuer, clock))
}

/// `POST /refresh-token`: returns new tokens for a refresh token.
pub fn refresh(users: Store, issuer: Arc<Issuer>, verifier: Arc<Verifier>, clock: Clock) -> Router {
    async fn handle(
        State((users, issuer, verifier, clock)): State<(Store, Arc<Issuer>, Arc<Verifier>, Clock)>,
        Body(body): Body<Value>,
    ) -> Answer {
        let token = token(&body, "refresh_token")?;
        let user = Authenticated::by_refresh_token(&*users, &verifier, &token).await?;
        tokens(&user, &issuer, clock())
    }
    route(&["/refresh-token"], post(handle)).with_state((users, issuer, verifier, clock))
}

/// `POST /verify-token`: says whether an access token is valid.
pub fn verify(verifier: Arc<Verifier>) -> Router {
    async fn handle(State(verifier): State<Arc<Verifier>>, Body(body): Body<Value>) -> Answer {
        let token = token(&body, "access_token")?;
        match verifier.verify(&token, TokenUse::Access) {
            Ok(_) => Ok(Json(json!({"message": "Token Valid. User Authorized", "status": 200}))),
            Err(_) => Err(ApiError::unauthorized()),
        }
    }
    route(&["/verify-token"], post(handle)).with_state(verifier)
}

/// `GET /users/{id}`: one user, for the user and for staff.
pub fn get(users: Store) -> Router {
    async fn handle(State(users): State<Store>, owner: Owner) -> Answer {
        match users.by_id(&owner.id).await.here()? {
            Some(user) => Ok(Json(json!({"data": user, "status": 200}))),
            None => Err(ApiError::not_found("id: expected the id of a user")),
        }
    }
    route(&["/users/{id}"], routing::get(handle)).with_state(users)
}

/// `GET /users`: all users, for staff, one page at a time.
pub fn all(users: Store) -> Router {
    async fn handle(State(users): State<Store>, _: Staff, paging: Paging) -> Result<Response, ApiError> {
        let page = users.all(&paging.0).await.here()?;
        Ok(paging.answer(page, |users| json!({"data": users})))
    }
    route(&["/users"], routing::get(handle)).with_state(users)
}

fn token(body: &Value, name: &str) -> Result<String, FieldError> {
    Field::root(body).object()?.get(name).text(MAX_TOKEN)
}

fn tokens(user: &Authenticated, issuer: &Issuer, now: Timestamp) -> Answer {
    let tokens =
        user.tokens(issuer, now).ok_or_else(|| ApiError::internal("the tokens could not be signed"))?;
    Ok(Json(json!({
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token": tokens.access,
        "status": 200,
    })))
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Taken => Self::conflict(error.to_string()),
            UserError::WrongPair => Self::new(StatusCode::UNAUTHORIZED, error.to_string()),
            UserError::Locked { seconds } => Self::too_many(seconds),
            UserError::BadToken => Self::unauthorized(),
            UserError::Hash(error) => Self::internal(error),
            UserError::Store(error) => error.into(),
        }
    }
}
