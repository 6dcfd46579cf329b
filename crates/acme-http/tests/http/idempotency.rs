//! The Idempotency-Key: which answers are kept, which keys are freed, and who shares keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use acme_common::idempotency::{Claim, Claimed, IdempotencyKeys, Keyed, MemoryKeys, Released};
use acme_common::store::StoreError;
use acme_http::testing::{Client, Tokens};
use acme_http::{ApiError, Authorizer, Body, Idempotency, IdempotencyKey, Owner, route};
use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Keys in memory. Their release fails when a test wants it.
#[derive(Default)]
struct Keys {
    kept: MemoryKeys,
    release_fails: bool,
}

#[async_trait]
impl IdempotencyKeys for Keys {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.kept.claim(claim).await
    }

    async fn keep(&self, keyed: &Keyed) -> Result<(), StoreError> {
        self.kept.keep(keyed).await
    }

    async fn release(&self, claim: &Claim) -> Result<Released, StoreError> {
        if self.release_fails { Err(StoreError::unavailable("away")) } else { self.kept.release(claim).await }
    }
}

/// Counts its calls, and does what the member `do` of the body says.
#[derive(Clone)]
struct Counter {
    keys: Arc<Keys>,
    calls: Arc<AtomicU32>,
}

impl Counter {
    fn new(keys: Keys) -> Self {
        Self { keys: Arc::new(keys), calls: Arc::default() }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    fn routes(&self) -> Router {
        async fn count(
            State(counter): State<Counter>,
            key: IdempotencyKey,
            Body(body): Body<Value>,
        ) -> Result<(StatusCode, Json<Value>), ApiError> {
            let calls = counter.calls.fetch_add(1, Ordering::Relaxed) + 1;
            let answer = json!({"calls": calls});
            let keep = |keyed: &Keyed| counter.keys.kept.keep_now(keyed);
            match body["do"].as_str() {
                Some("conflict") => return Err(ApiError::conflict(format!("conflict {calls}"))),
                Some("missing") => return Err(ApiError::not_found(format!("missing {calls}"))),
                Some("bad") => return Err(ApiError::bad_request(format!("bad {calls}"))),
                Some("bug") => return Err(ApiError::internal("a bug")),
                Some("away") => return Err(StoreError::unavailable("away").into()),
                Some("unknown") => return Err(StoreError::OutcomeUnknown("lost".into()).into()),
                // Lets the other requests arrive while this one runs.
                _ => tokio::task::yield_now().await,
            }
            key.keep(StatusCode::CREATED, &answer).as_ref().map_or(Ok(()), keep)?;
            if body["do"] == "answer lost" {
                return Err(StoreError::OutcomeUnknown("lost".into()).into());
            }
            Ok((StatusCode::CREATED, Json(answer)))
        }
        async fn mine(
            _: Owner,
            counter: State<Counter>,
            key: IdempotencyKey,
            body: Body<Value>,
        ) -> Result<(StatusCode, Json<Value>), ApiError> {
            count(counter, key, body).await
        }
        let idempotency = Idempotency::new(self.keys.clone(), Timestamp::now);
        let all = route(&["/all", "/others"], post(count)).with_state(self.clone());
        let own = route(&["/of/{userid}"], post(mine)).with_state(self.clone());
        idempotency.clone().for_anyone(all).merge(idempotency.per_caller(own))
    }

    fn client(&self) -> Client {
        Client::of_made_up_routes(self.routes(), Authorizer::AllowAll)
    }
}

#[tokio::test]
async fn what_was_decided_is_kept_and_what_failed_is_tried_anew() {
    for (what, status, calls) in [
        ("count", 201, 1),
        ("conflict", 409, 1),
        ("missing", 404, 1),
        ("bad", 400, 2),
        ("bug", 500, 2),
        ("away", 503, 2),
        ("unknown", 503, 2),
        // The request had its effect, and the route finds that out.
        ("answer lost", 201, 1),
    ] {
        let counter = Counter::new(Keys::default());
        let client = counter.client().with("idempotency-key", "k");
        let body = json!({"do": what});
        let (first, again) = (client.post("/all", &body).await, client.post("/all", &body).await);
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (status, status), "{what}");
        assert_eq!(counter.calls(), calls, "{what}");
        let part = |answer: &Value| (answer["message"].clone(), answer["calls"].clone());
        assert_eq!(part(&first.body) == part(&again.body), what != "bad", "{what}: {again:?}");
        assert_eq!(again.headers.contains_key("idempotent-replayed"), calls == 1, "{what}");
        if status == 503 {
            assert_eq!(first.body["message"], "temporarily unavailable, please try again", "{what}");
        }
        // Without a key, each request has its own effect.
        counter.client().post("/all", &body).await;
        assert_eq!(counter.calls(), calls + 1, "{what}");
    }
}

#[tokio::test]
async fn what_cannot_be_found_out_is_called_unknown() {
    let counter = Counter::new(Keys { release_fails: true, ..Keys::default() });
    for client in [counter.client(), counter.client().with("idempotency-key", "k")] {
        let answer = client.post("/all", &json!({"do": "unknown"})).await;
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with("the outcome is unknown: it may have been done"), "{message}");
    }
    let waits = counter.client().with("idempotency-key", "k").post("/all", &json!({"do": "unknown"})).await;
    assert_eq!(waits.status, StatusCode::CONFLICT, "its claim holds for a while");
    assert_eq!(waits.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_its_request() {
    let (counter, tokens) = (Counter::new(Keys::default()), Tokens::generate());
    let open = |authorizer: &Authorizer| {
        Client::of_made_up_routes(counter.routes(), authorizer.clone()).with("idempotency-key", "k")
    };
    let nobody = open(&tokens.authorizer);
    let (dan, eve) =
        (nobody.bearer(&tokens.customer("id-1", "dan")), nobody.bearer(&tokens.customer("id-2", "eve")));
    let (a, b) = (json!({"a": 1, "b": [2]}), json!({"a": 1, "b": [3]}));
    for (row, (client, path, body, status, calls)) in [
        (&dan, "/of/dan", &a, 201, 1),
        (&dan, "/of/dan/", &a, 201, 1),
        (&dan, "/of/dan", &b, 422, 1),
        // The same user under another path makes another request.
        (&dan, "/of/id-1", &a, 422, 1),
        (&eve, "/of/eve", &b, 201, 2),
        // A caller without permission keeps nothing.
        (&nobody, "/of/dan", &a, 401, 2),
        (&nobody.bearer("no token"), "/of/dan", &a, 401, 2),
        (&eve, "/of/dan", &b, 422, 2),
        (&nobody, "/all", &a, 201, 3),
        (&dan, "/all", &a, 201, 3),
        (&dan, "/others", &a, 422, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = client.post(path, body).await;
        assert_eq!((answer.status.as_u16(), counter.calls()), (status, calls), "row {row}: {answer:?}");
    }
    // In compatibility mode the path says who calls.
    let open = open(&Authorizer::AllowAll);
    for (path, calls) in [("/of/one", 4), ("/of/two", 5), ("/of/one", 5)] {
        assert_eq!(open.post(path, &a).await.status, StatusCode::CREATED);
        assert_eq!(counter.calls(), calls, "{path}");
    }
}

#[tokio::test]
async fn a_key_is_one_header_of_1_to_255_visible_characters() {
    let counter = Counter::new(Keys::default());
    let long = "k".repeat(255);
    for (keys, status) in [
        (vec!["k"], 201),
        (vec!["~!@#$%^&*()"], 201),
        (vec![long.as_str()], 201),
        (vec![""], 400),
        (vec!["kk", "k"], 400),
        (vec!["schlüssel"], 400),
        (vec![&format!("{long}k")], 400),
    ] {
        let client = keys.iter().fold(counter.client(), |client, key| client.with("idempotency-key", key));
        let answer = client.post("/all", &json!({})).await;
        assert_eq!(answer.status.as_u16(), status, "{keys:?}");
    }
    let large = json!({"text": "x".repeat(256 * 1024)});
    let answer = counter.client().with("idempotency-key", "large").post("/all", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn of_many_at_once_one_is_handled() {
    let counter = Counter::new(Keys::default());
    let client = counter.client().with("idempotency-key", "k");
    let answers = join_all((0..50).map(|_| client.send("POST", "/all", r#"{"do": "wait"}"#))).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let waiting = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((made, waiting, counter.calls()), (1, 49, 1));
}
