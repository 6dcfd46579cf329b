//! Who may call a route: anyone, the user whom the path names, or only staff.

use std::str::FromStr;
use std::sync::Arc;

use acme_common::id::UserId;
use acme_common::json::FieldError;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header;
use axum::http::request::Parts;

use crate::error::ApiError;
use crate::token::{TokenUse, Verifier};

/// Whether the shop asks for tokens (`AUTH_MODE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// `0`: every route is open, and the shop accepts the prices and totals that clients send. It is for demos and for
    /// the older clients.
    Compatibility,
    /// `1`, the default: tokens decide who may call, and prices come from the catalog.
    Tokens,
}

impl FromStr for AuthMode {
    type Err = FieldError;

    /// Reads the value of `AUTH_MODE`.
    fn from_str(text: &str) -> Result<Self, FieldError> {
        match text {
            "0" => Ok(Self::Compatibility),
            "1" => Ok(Self::Tokens),
            _ => Err(FieldError::new("AUTH_MODE", "0 or 1")),
        }
    }
}

/// Decides who may call. Every endpoint has an authorizer. Without one, nobody may call.
#[derive(Debug, Clone)]
pub enum Authorizer {
    /// For [`AuthMode::Compatibility`].
    AllowAll,
    /// For [`AuthMode::Tokens`].
    Tokens(Arc<Verifier>),
    /// For [`AuthMode::Tokens`] in a function without the keys. It refuses every caller whom a route asks for a token.
    DenyAll,
}

/// Who calls, according to the access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's id.
    pub id: UserId,
    /// The user's name. A path may contain it instead of the id.
    pub username: String,
    /// Whether the caller is staff.
    pub staff: bool,
}

/// The user whom the path names. The caller is that user or staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The user's id.
    pub id: UserId,
    /// The user as the path names them, for the answer.
    pub name_in_path: String,
}

/// Proof that the caller is staff.
#[derive(Debug, Clone, Copy)]
pub struct Staff;

impl Authorizer {
    /// The mode to which this authorizer belongs.
    pub fn mode(&self) -> AuthMode {
        match self {
            Authorizer::AllowAll => AuthMode::Compatibility,
            Authorizer::Tokens(_) | Authorizer::DenyAll => AuthMode::Tokens,
        }
    }

    pub(crate) fn of(parts: &Parts) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Authorizer>()
            .cloned()
            .ok_or_else(|| ApiError::internal("the endpoint has no authorizer"))
    }

    /// The caller, or `None` in a mode without tokens.
    pub(crate) fn caller(&self, parts: &Parts) -> Result<Option<Caller>, ApiError> {
        let verifier = match self {
            Authorizer::AllowAll => return Ok(None),
            Authorizer::Tokens(verifier) => verifier,
            Authorizer::DenyAll => {
                return Err(ApiError::internal("the endpoint asks for tokens and has no keys"));
            }
        };
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).ok_or_else(ApiError::unauthorized)?;
        let claims = verifier.verify(token, TokenUse::Access).map_err(|_| ApiError::unauthorized())?;
        let id = UserId::parse(&claims.sub).ok_or_else(ApiError::unauthorized)?;
        let staff = claims.is_staff();
        Ok(Some(Caller { id, username: claims.username, staff }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AuthMode {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Authorizer::of(parts)?.mode())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Authorizer::of(parts)?.caller(parts)?;
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::bad_request("userid: expected UTF-8 in the path"))?;
        let (name, name_in_path) =
            params.iter().next().ok_or_else(|| ApiError::internal("the path names no user"))?;
        let id = UserId::parse(name_in_path)
            .ok_or_else(|| ApiError::bad_request(format!("{name}: expected an id of 1 to 128 characters")))?;
        let name_in_path = name_in_path.to_owned();
        match caller {
            None => Ok(Self { id, name_in_path }),
            Some(caller) if caller.id == id || caller.username == name_in_path => {
                Ok(Self { id: caller.id, name_in_path })
            }
            Some(caller) if caller.staff => Ok(Self { id, name_in_path }),
            Some(_) => Err(ApiError::forbidden()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match Authorizer::of(parts)?.caller(parts)? {
            Some(caller) if !caller.staff => Err(ApiError::forbidden()),
            _ => Ok(Self),
        }
    }
}

/// The token of an `Authorization: Bearer` header. The case of `Bearer` does not matter (RFC 9110, section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
