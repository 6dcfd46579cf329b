//! The six routes of the users. Each function returns the router of one Lambda function.

mod answer;
#[cfg(feature = "openapi")]
mod described;

use std::sync::Arc;

#[cfg(feature = "openapi")]
use acme_common::id::UserId;
use acme_common::json::{Field, FieldError, FromJson};
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

use self::answer::{Registered, TokensAnswer, UserAnswer, Users as UserPage, Verified};
use crate::error::UserError;
use crate::register::RegisterRequest;
use crate::session::{Authenticated, LoginRequest};
use crate::store::Users;
use crate::user::User;

/// The longest token that is read, in characters. The shop's own tokens are far shorter.
const MAX_TOKEN: usize = 4096;

/// A store of users.
pub type Store = Arc<dyn Users>;
type Answer<T> = Result<Json<T>, ApiError>;

/// The routes by the name of their function, for a program that serves all of them.
pub fn functions(
    users: &Store,
    issuer: &Arc<Issuer>,
    verifier: &Arc<Verifier>,
    idempotency: &Idempotency,
    clock: Clock,
) -> Vec<(&'static str, Router)> {
    vec![
        ("user-all", all(users.clone())),
        ("user-get", get(users.clone())),
        ("user-login", login(users.clone(), issuer.clone(), clock)),
        ("user-refresh-token", refresh(users.clone(), issuer.clone(), verifier.clone(), clock)),
        ("user-verify-token", verify(verifier.clone())),
        ("user-register", register(users.clone(), idempotency.clone())),
    ]
}

/// A refresh token as a client sends it.
struct RefreshToken(String);

/// An access token as a client sends it.
struct AccessToken(String);

/// Makes a customer of whoever asks.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/register", operation_id = "userRegister", tag = "users",
    params(IdempotencyKey),
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The customer can log in.", body = Registered),
        (status = 409, description = "username: already taken"),
    ),
))]
pub fn register(users: Store, idempotency: Idempotency) -> Router {
    async fn handle(
        State(users): State<Store>,
        key: IdempotencyKey,
        Body(registration): Body<RegisterRequest>,
    ) -> Result<(StatusCode, Json<Value>), ApiError> {
        let mut answer = Value::Null;
        let keyed = |user: &User| {
            let message = "User created successfully!";
            answer = json!(Registered { message, resource_id: &user.id, status: 201 });
            key.keep(StatusCode::CREATED, &answer)
        };
        registration.register(&*users, keyed).await?;
        Ok((StatusCode::CREATED, Json(answer)))
    }
    idempotency.for_anyone(route(&["/register"], post(handle)).with_state(users))
}

/// Gives tokens for a username and its password.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/login", operation_id = "userLogin", tag = "users",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "The tokens.", body = TokensAnswer),
        (status = 401, description = "the username or the password is wrong"),
    ),
))]
pub fn login(users: Store, issuer: Arc<Issuer>, clock: Clock) -> Router {
    async fn handle(
        State((users, issuer, clock)): State<(Store, Arc<Issuer>, Clock)>,
        Body(login): Body<LoginRequest>,
    ) -> Answer<TokensAnswer> {
        let now = clock();
        let user = Authenticated::by_password(&*users, login, now).await?;
        tokens(&user, &issuer, now)
    }
    route(&["/login"], post(handle)).with_state((users, issuer, clock))
}

/// Gives new tokens for a refresh token.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/refresh-token", operation_id = "userRefreshToken", tag = "users",
    request_body = RefreshToken,
    responses(
        (status = 200, description = "The tokens.", body = TokensAnswer),
        (status = 401, description = "Invalid Key. User Not Authorized"),
    ),
))]
pub fn refresh(users: Store, issuer: Arc<Issuer>, verifier: Arc<Verifier>, clock: Clock) -> Router {
    async fn handle(
        State((users, issuer, verifier, clock)): State<(Store, Arc<Issuer>, Arc<Verifier>, Clock)>,
        Body(RefreshToken(token)): Body<RefreshToken>,
    ) -> Answer<TokensAnswer> {
        let user = Authenticated::by_refresh_token(&*users, &verifier, &token).await?;
        tokens(&user, &issuer, clock())
    }
    route(&["/refresh-token"], post(handle)).with_state((users, issuer, verifier, clock))
}

/// Says whether an access token is valid.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/verify-token", operation_id = "userVerifyToken", tag = "users",
    request_body = AccessToken,
    responses(
        (status = 200, description = "It is.", body = Verified),
        (status = 401, description = "Invalid Key. User Not Authorized"),
    ),
))]
pub fn verify(verifier: Arc<Verifier>) -> Router {
    async fn handle(
        State(verifier): State<Arc<Verifier>>,
        Body(AccessToken(token)): Body<AccessToken>,
    ) -> Answer<Verified<'static>> {
        match verifier.verify(&token, TokenUse::Access) {
            Ok(_) => Ok(Json(Verified { message: "Token Valid. User Authorized", status: 200 })),
            Err(_) => Err(ApiError::unauthorized()),
        }
    }
    route(&["/verify-token"], post(handle)).with_state(verifier)
}

/// Shows a user.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/users/{id}", operation_id = "userGet", tag = "users",
    security(("token" = [])),
    params((
        "id" = UserId, Path, description = "The user's id; or the username, where it is the token's own.",
    )),
    responses(
        (status = 200, description = "The user.", body = UserAnswer),
        (status = 404, description = "id: no user has this id"),
    ),
))]
pub fn get(users: Store) -> Router {
    async fn handle(State(users): State<Store>, owner: Owner) -> Answer<UserAnswer> {
        match users.by_id(&owner.id).await.here()? {
            Some(data) => Ok(Json(UserAnswer { data, status: 200 })),
            None => Err(ApiError::not_found("id: no user has this id")),
        }
    }
    route(&["/users/{id}"], routing::get(handle)).with_state(users)
}

/// Lists all users, a page at a time.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/users", operation_id = "userAll", tag = "users",
    security(("token" = [])),
    params(Paging),
    responses((status = 200, description = "A page of users.", body = UserPage)),
))]
pub fn all(users: Store) -> Router {
    async fn handle(State(users): State<Store>, _: Staff, paging: Paging) -> Result<Response, ApiError> {
        let page = users.all(&paging.0).await.here()?;
        Ok(paging.answer(page, |data| UserPage { data }))
    }
    route(&["/users"], routing::get(handle)).with_state(users)
}

impl RefreshToken {
    const MEMBER: &str = "refresh_token";
}

impl AccessToken {
    const MEMBER: &str = "access_token";
}

impl FromJson for RefreshToken {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?.get(Self::MEMBER).text(MAX_TOKEN).map(Self)
    }
}

impl FromJson for AccessToken {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?.get(Self::MEMBER).text(MAX_TOKEN).map(Self)
    }
}

fn tokens(user: &Authenticated, issuer: &Issuer, now: Timestamp) -> Answer<TokensAnswer> {
    let tokens =
        user.tokens(issuer, now).ok_or_else(|| ApiError::internal("the tokens could not be signed"))?;
    Ok(Json(TokensAnswer {
        token: tokens.access.clone(),
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        status: 200,
    }))
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

/// The description of the users' routes.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(register, login, refresh, verify, get, all))]
pub struct Description;
