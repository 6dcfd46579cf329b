//! Calls a router in the same process as a client would over the network, and checks each answer against the
//! description of the routes.

mod description;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt;

use crate::auth::Authorizer;
use crate::idempotency::REPLAYED;
use crate::token::{Claims, Issuer, Verifier};

pub use description::{Answered, check};

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON, or null if it is empty.
    pub body: Value,
}

/// A client of one router, with or without a token.
#[derive(Debug, Clone)]
pub struct Client {
    app: Router,
    headers: Vec<(String, String)>,
    checked: bool,
}

/// An authorizer that asks for tokens, and the key that signs them.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The authorizer.
    pub authorizer: Authorizer,
    /// The key that signs tokens.
    pub issuer: Issuer,
}

impl Client {
    /// A client of some routes of the shop behind `authorizer`. Each answer must fit `infra/openapi.json`.
    pub fn new(endpoint: Router, authorizer: Authorizer) -> Self {
        Self { app: crate::app(crate::endpoint(endpoint, authorizer)), headers: Vec::new(), checked: true }
    }

    /// A client of some functions of the shop, as a domain names them, behind `authorizer`.
    pub fn of_functions(
        functions: impl IntoIterator<Item = (&'static str, Router)>,
        authorizer: Authorizer,
    ) -> Self {
        let routes = functions.into_iter().fold(Router::new(), |all, (_, routes)| all.merge(routes));
        Self::new(routes, authorizer)
    }

    /// A client of routes that a test made up. They have no description, so their answers are not checked.
    pub fn of_made_up_routes(endpoint: Router, authorizer: Authorizer) -> Self {
        Self { checked: false, ..Self::new(endpoint, authorizer) }
    }

    /// The same client with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same client with an access token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Sends a request without a body.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Body::empty()).await
    }

    /// Sends a request with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Body::from(body.to_string())).await
    }

    /// Posts `body` several times under one Idempotency-Key, and once `other`, which must be refused. Returns the
    /// answer, which must be the same each time.
    ///
    /// # Panics
    /// When the answers differ.
    pub async fn post_under_one_key(&self, path: &str, body: &Value, other: &Value) -> Answer {
        let client = self.with("idempotency-key", "k");
        let first = client.post(path, body).await;
        for _ in 0..3 {
            assert_eq!(client.post(path, other).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            let again = client.post(path, body).await;
            assert_eq!((again.status, &again.body), (first.status, &first.body));
            assert!(again.headers.contains_key(REPLAYED));
        }
        first
    }

    /// Sends any request.
    ///
    /// # Panics
    /// When the request cannot be made, when the answer is neither empty nor JSON, or when the answer does not fit its
    /// description.
    #[allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]
    pub async fn send(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = self.app.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        if self.checked {
            let (status, headers) = (parts.status.as_u16(), &parts.headers);
            let answered = Answered { method, path, status, headers, body: &bytes };
            check(&answered).unwrap_or_else(|fault| panic!("{fault}\n{}", String::from_utf8_lossy(&bytes)));
        }
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{method} {path} answered no JSON: {e}"))
        };
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Tokens {
    /// A new random key.
    ///
    /// # Panics
    /// When no key can be made.
    #[allow(clippy::unwrap_used, reason = "for tests")]
    pub fn generate() -> Self {
        let issuer = Issuer::generate().unwrap().0;
        let verifier = Verifier::from_pem(issuer.public_pem()).unwrap();
        Self { authorizer: Authorizer::Tokens(Arc::new(verifier)), issuer }
    }

    /// An access token for a customer.
    ///
    /// # Panics
    /// When the token cannot be signed.
    #[allow(clippy::unwrap_used, reason = "for tests")]
    pub fn customer(&self, id: &str, username: &str) -> String {
        self.issuer.issue(&Claims::access(id, username, false, Timestamp::now())).unwrap()
    }

    /// An access token for staff.
    ///
    /// # Panics
    /// When the token cannot be signed.
    #[allow(clippy::unwrap_used, reason = "for tests")]
    pub fn staff(&self) -> String {
        self.issuer.issue(&Claims::access("staff-1", "staff", true, Timestamp::now())).unwrap()
    }
}
