//! What all routes share, called as a client calls it: errors, bodies, pages, and who may call.

#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

mod authorizer;
mod description;
mod errors;
mod idempotency;
mod keys;
mod requests;
mod tokens;

use acme_common::store::page_of;
use acme_http::testing::{Answer, Client};
use acme_http::{ApiError, AuthMode, Authorizer, Body, Owner, Paging, Staff, route};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use sentry::protocol::Event as Reported;
use serde_json::{Value, json};

/// One route of each kind.
fn routes() -> Router {
    async fn mine(owner: Owner) -> Json<Value> {
        Json(json!({"id": owner.id, "asked": owner.name_in_path}))
    }
    async fn staff(_: Staff) -> Json<Value> {
        Json(json!("hello"))
    }
    async fn mode(mode: AuthMode) -> Json<Value> {
        Json(json!(format!("{mode:?}")))
    }
    async fn size(Body(body): Body<Value>) -> Json<Value> {
        Json(json!({"bytes": body.to_string().len(), "body": body}))
    }
    async fn numbers(paging: Paging) -> Result<Response, ApiError> {
        Ok(paging.answer(page_of(0..250, &paging.0)?, |numbers| numbers))
    }
    route(&["/mine/{userid}"], get(mine))
        .merge(route(&["/staff"], get(staff)))
        .merge(route(&["/mode"], get(mode)))
        .merge(route(&["/size", "/length"], post(size)))
        .merge(route(&["/numbers"], get(numbers)))
}

fn open() -> Client {
    Client::of_made_up_routes(routes(), Authorizer::AllowAll)
}

/// Asserts that an answer is an error in the contract's form, and returns its message.
#[track_caller]
fn message(answer: &Answer, status: StatusCode) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.body.as_object().unwrap();
    assert_eq!(body.len(), 3, "{answer:?}");
    assert_eq!(body["status"], status.as_u16());
    assert!(!body["requestId"].as_str().unwrap().is_empty());
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    body["message"].as_str().unwrap().to_owned()
}

/// Runs `work`, and returns what Sentry received and what `work` returned.
fn watched<T>(work: impl Future<Output = T>) -> (Vec<Reported<'static>>, T) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut done = None;
    let reported = sentry::test::with_captured_events(|| done = Some(runtime.block_on(work)));
    (reported, done.unwrap())
}
