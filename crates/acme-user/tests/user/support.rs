//! A shop with the demo users, and a clock that the test moves.

use std::cell::Cell;
use std::sync::Arc;

use acme_common::idempotency::MemoryKeys;
use acme_http::testing::{Answer, Client};
use acme_http::token::{Issuer, Verifier};
use acme_http::{Authorizer, Idempotency};
use acme_user::{MemoryUsers, demo, http};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The users' routes behind an authorizer.
pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) verifier: Arc<Verifier>,
}

impl Shop {
    /// A shop that asks for tokens.
    pub(crate) async fn new() -> Self {
        Self::behind(Authorizer::Tokens).await
    }

    pub(crate) async fn behind(authorizer: impl FnOnce(Arc<Verifier>) -> Authorizer) -> Self {
        let keys = MemoryKeys::default();
        let users = MemoryUsers::new(keys.clone());
        demo::seed(&users).await.unwrap();
        Self::of((users, keys), Arc::new(Issuer::generate().unwrap().0), authorizer)
    }

    pub(crate) fn of(
        (users, keys): (MemoryUsers, MemoryKeys),
        issuer: Arc<Issuer>,
        authorizer: impl FnOnce(Arc<Verifier>) -> Authorizer,
    ) -> Self {
        let verifier = Arc::new(Verifier::from_pem(issuer.public_pem()).unwrap());
        let (users, idempotency): (http::Store, _) =
            (Arc::new(users), Idempotency::new(Arc::new(keys), clock));
        let functions = http::functions(&users, &issuer, &verifier, &idempotency, clock);
        Self { client: Client::of_functions(functions, authorizer(verifier.clone())), issuer, verifier }
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        self.client.post("/login", &json!({"username": username, "password": password})).await
    }

    /// A client with the access token of a user.
    pub(crate) async fn logged_in(&self, username: &str, password: &str) -> Client {
        let login = self.login(username, password).await;
        self.client.bearer(login.body["access_token"].as_str().unwrap())
    }
}

/// A valid registration. The test may change parts of it.
pub(crate) fn new_user(username: &str) -> Value {
    json!({"Username": username, "password": "correct horse", "firstname": "D", "email": "dan@example.com"})
}

thread_local! {
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// Moves the shop's clock for this test alone. Each test runs on its own thread.
pub(crate) fn pass_time(seconds: i64) {
    AHEAD.set(AHEAD.get() + seconds);
}

fn clock() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(AHEAD.get())
}
