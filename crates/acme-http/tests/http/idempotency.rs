//! The Idempotency-Key around a handler that counts how often it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acme_common::idempotency::MemoryKeys;
use acme_common::store::StoreError;
use acme_http::testing::{Client, Tokens};
use acme_http::{ApiError, Body, Gate, Idempotency, IdempotencyKey, Owner, route};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::message;

/// Where things are made: how often that was tried, and the keys.
#[derive(Clone, Default)]
struct Desk {
    tried: Arc<AtomicUsize>,
    keys: MemoryKeys,
}

impl Desk {
    fn client(&self, gate: Gate) -> Client {
        let idempotency = Idempotency::new(Arc::new(self.keys.clone()), Timestamp::now);
        let routes: Router = route(&["/things/{userid}"], post(make)).with_state(self.clone());
        Client::new(idempotency.per_caller(routes), gate)
    }

    fn tried(&self) -> usize {
        self.tried.load(Ordering::SeqCst)
    }
}

/// Makes a thing, unless the body names the fault that is to come first.
async fn make(
    State(desk): State<Desk>,
    _: Owner,
    key: IdempotencyKey,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let answer = json!({"made": desk.tried.fetch_add(1, Ordering::SeqCst)});
    tokio::task::yield_now().await;
    match body["fault"].as_str() {
        Some("absent") => return Err(ApiError::not_found("no such thing")),
        Some("conflict") => return Err(ApiError::conflict("there is one already")),
        Some("bad") => return Err(ApiError::bad_request("thing: expected another")),
        Some("away") => return Err(StoreError::unavailable("away").into()),
        Some("unknown") => return Err(StoreError::OutcomeUnknown("lost".into()).into()),
        _ => {}
    }
    if let Some(keyed) = key.keep(StatusCode::CREATED, &answer) {
        desk.keys.keep_now(&keyed)?;
    }
    match body["fault"].as_str() {
        Some("unanswered") => Err(StoreError::OutcomeUnknown("lost".into()).into()),
        _ => Ok((StatusCode::CREATED, Json(answer))),
    }
}

#[tokio::test]
async fn what_was_done_or_refused_stays_so_and_what_failed_is_tried_again() {
    for (fault, status, tries) in [
        ("none", 201, 1),
        // The answer was lost after it was kept, and is found.
        ("unanswered", 201, 1),
        ("absent", 404, 1),
        ("conflict", 409, 1),
        ("bad", 400, 2),
        ("away", 503, 2),
        ("unknown", 503, 2),
    ] {
        let desk = Desk::default();
        let client = desk.client(Gate::Open).with("idempotency-key", "k");
        let send = async || client.post("/things/dan", &json!({"fault": fault})).await;
        let (first, again) = (send().await, send().await);
        assert_eq!(
            (first.status.as_u16(), again.status.as_u16(), desk.tried()),
            (status, status, tries),
            "{fault}"
        );
        assert_eq!(again.headers.contains_key("idempotent-replayed"), tries == 1, "{fault}");
        if first.status.is_success() {
            assert_eq!((&first.body, &again.body), (&json!({"made": 0}), &json!({"made": 0})), "{fault}");
        } else {
            let text = message(&first, first.status);
            assert_eq!(text, message(&again, first.status), "{fault}");
            assert!(!text.contains("unknown"), "{fault}: it is known that nothing was done");
        }
    }
}

#[tokio::test]
async fn of_many_at_once_one_is_handled() {
    let desk = Desk::default();
    let client = desk.client(Gate::Open).with("idempotency-key", "k");
    let answers = join_all((0..50).map(|_| client.send("POST", "/things/dan", "{}"))).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let waits = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((made, waits, desk.tried()), (1, 49, 1));
}

#[tokio::test]
async fn each_caller_has_keys_of_their_own_and_each_request_one() {
    let (desk, tokens) = (Desk::default(), Tokens::generate());
    let client = desk.client(tokens.gate.clone()).with("idempotency-key", "k");
    for (caller, made) in [("dan", 0), ("eve", 1), ("dan", 0)] {
        let (client, path) = (client.bearer(&tokens.customer(caller, caller)), format!("/things/{caller}"));
        let answer = client.send("POST", &path, "{}").await;
        assert_eq!(answer.body, json!({"made": made}), "{caller}");
    }
    assert_eq!(desk.tried(), 2);
    let two = client.bearer(&tokens.customer("dan", "dan")).with("idempotency-key", "l");
    let refused = two.send("POST", "/things/dan", "{}").await;
    assert!(message(&refused, StatusCode::BAD_REQUEST).starts_with("Idempotency-Key: expected one key"));
}

#[tokio::test]
async fn another_request_needs_another_key() {
    let desk = Desk::default();
    let (one, other) = (json!({}), json!({"another": true}));
    let made = desk.client(Gate::Open).post_under_one_key("/things/dan", &one, &other).await;
    assert_eq!((made.status, desk.tried()), (StatusCode::CREATED, 1));
}
