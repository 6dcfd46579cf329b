//! What the users' routes answer.

use acme_common::id::UserId;
use serde::Serialize;

use crate::user::User;

/// A page of users.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct Users {
    /// The users.
    pub(super) data: Vec<User>,
}

/// One user.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct UserAnswer {
    /// The user.
    pub(super) data: User,
    /// The status of the answer.
    #[cfg_attr(feature = "openapi", schema(examples(200)))]
    pub(super) status: u16,
}

/// The answer to a registration.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct Registered<'a> {
    /// A confirmation for people to read.
    #[cfg_attr(feature = "openapi", schema(examples("User created successfully!")))]
    pub(super) message: &'a str,
    /// The new user's id.
    #[serde(rename = "resourceId")]
    pub(super) resource_id: &'a UserId,
    /// The status of the answer.
    #[cfg_attr(feature = "openapi", schema(examples(201)))]
    pub(super) status: u16,
}

/// The tokens of a session.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Tokens))]
pub(super) struct TokensAnswer {
    /// Calls routes, for five minutes.
    #[cfg_attr(feature = "openapi", schema(examples("eyJhbGciOiJFZERTQSJ9.e30.c2ln")))]
    pub(super) access_token: String,
    /// Gets new tokens, for fifteen minutes.
    #[cfg_attr(feature = "openapi", schema(examples("eyJhbGciOiJFZERTQSJ9.e30.c2ln")))]
    pub(super) refresh_token: String,
    /// The status of the answer.
    #[cfg_attr(feature = "openapi", schema(examples(200)))]
    pub(super) status: u16,
    /// The access token again.
    #[cfg_attr(feature = "openapi", schema(examples("eyJhbGciOiJFZERTQSJ9.e30.c2ln")))]
    pub(super) token: String,
}

/// The answer to an access token that is good.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct Verified<'a> {
    /// A confirmation for people to read.
    #[cfg_attr(feature = "openapi", schema(examples("Token Valid. User Authorized")))]
    pub(super) message: &'a str,
    /// The status of the answer.
    #[cfg_attr(feature = "openapi", schema(examples(200)))]
    pub(super) status: u16,
}
