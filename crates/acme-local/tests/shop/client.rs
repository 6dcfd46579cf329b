//! A real HTTP client of the shop, which checks each answer against the description of the routes.

use std::time::Duration;

use acme_http::testing::{Answered, check};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

/// A client, with or without a token.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
    key: Option<String>,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    body: String,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        &self.body
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.body))
    }
}

impl Client {
    /// A client of the shop at `url`, without a token.
    pub(crate) fn new(url: &str) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), url: url.to_owned(), token: None, key: None }
    }

    /// The same client, logged in as a demo user.
    pub(crate) fn logged_in(&self, username: &str) -> Self {
        let answer = self.post("/login", &json!({"username": username, "password": "vmware1!"})).json();
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self { token: Some(token), ..self.clone() }
    }

    /// The same client with an Idempotency-Key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The same client for a shop that moved to another address.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// Sends a GET.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, String::new()).unwrap()
    }

    /// Sends a POST with a JSON body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).unwrap()
    }

    /// Sends a POST to a shop that may have ended.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send("POST", path, body.to_string())
    }

    /// Sends any request to a shop that may have ended. An answer must fit `infra/openapi.json`.
    pub(crate) fn send(&self, method: &str, path: &str, body: String) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        let mut answer = if body.is_empty() {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        let (status, body) = (answer.status().as_u16(), answer.body_mut().read_to_string()?);
        let answered = Answered { method, path, status, headers: answer.headers(), body: body.as_bytes() };
        check(&answered).unwrap_or_else(|fault| panic!("{fault}\n{body}"));
        Ok(Answer { status, body })
    }
}
