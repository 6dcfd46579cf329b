//! What a client sends to the users' routes, as the description of the routes has it.

use std::borrow::Cow;

use acme_common::openapi::{object, text};
use serde_json::json;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{AccessToken, MAX_TOKEN, RefreshToken};
use crate::demo;
use crate::password::{MAX_PASSWORD, MIN_PASSWORD};
use crate::register::RegisterRequest;
use crate::session::LoginRequest;
use crate::user::{MAX_EMAIL, MAX_NAME, MAX_USERNAME};

fn username() -> ObjectBuilder {
    text(1..=MAX_USERNAME).pattern(Some("^[A-Za-z0-9._@-]+$"))
}

fn password(least: usize) -> ObjectBuilder {
    text(least..=MAX_PASSWORD).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

impl PartialSchema for RegisterRequest {
    fn schema() -> RefOr<Schema> {
        let (username, password) = (username().into(), password(MIN_PASSWORD).into());
        object([("username", username), ("password", password), ("email", text(3..=MAX_EMAIL).into())])
            .property("firstname", text(0..=MAX_NAME))
            .property("lastname", text(0..=MAX_NAME))
            .examples([json!({
                "username": "dan", "password": "correct horse", "firstname": "Dan", "lastname": "Moss",
                "email": "dan@example.com",
            })])
            .into()
    }
}

impl PartialSchema for LoginRequest {
    fn schema() -> RefOr<Schema> {
        object([("username", username().into()), ("password", password(1).into())])
            .examples([json!({"username": "eric", "password": demo::PASSWORD})])
            .into()
    }
}

fn token(name: &str) -> RefOr<Schema> {
    object([(name, text(1..=MAX_TOKEN).examples(["eyJhbGciOiJFZERTQSJ9.e30.c2ln"]).into())]).into()
}

impl PartialSchema for RefreshToken {
    fn schema() -> RefOr<Schema> {
        token(Self::MEMBER)
    }
}

impl PartialSchema for AccessToken {
    fn schema() -> RefOr<Schema> {
        token(Self::MEMBER)
    }
}

impl ToSchema for RegisterRequest {
    fn name() -> Cow<'static, str> {
        "Registration".into()
    }
}

impl ToSchema for LoginRequest {
    fn name() -> Cow<'static, str> {
        "Login".into()
    }
}

impl ToSchema for RefreshToken {}

impl ToSchema for AccessToken {}
