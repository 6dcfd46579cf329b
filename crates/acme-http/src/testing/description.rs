//! Checks an answer against the description of the routes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::idempotency::REPLAYED;

/// The URI of the description, for the validator.
const URI: &str = "urn:acme:openapi";
/// The place of the schema of every error's body.
const ERROR: &str = "/components/schemas/Error";

/// The committed description of the routes.
#[allow(clippy::expect_used, reason = "for tests")]
static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../infra/openapi.json")).expect("openapi.json is JSON")
});

#[allow(clippy::expect_used, reason = "for tests")]
static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let registry = Registry::new().add(URI, &*DESCRIPTION).and_then(|registry| registry.prepare());
    registry.expect("openapi.json has valid schemas")
});

/// The validators that were needed so far, by the place of their schemas.
static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());

/// A request, and the parts of its answer that are checked.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The path of the request, with or without a query.
    pub path: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: &'a HeaderMap,
    /// The body of the answer.
    pub body: &'a [u8],
}

/// Checks an answer against `infra/openapi.json`. A route without a description must answer with 404 or 405.
///
/// # Errors
/// The first part that the description does not have: the route, the status, a header, or a part of the body.
pub fn check(answered: &Answered<'_>) -> Result<(), String> {
    let found = match operation(answered.method, answered.path) {
        _ if answered.method == "OPTIONS" => empty(answered.body),
        Some((_, Value::Null)) | None => refused(answered),
        Some((place, operation)) => described(answered, &place, operation),
    };
    found.map_err(|fault| format!("{} {}: {fault}", answered.method, answered.path))
}

/// Checks an answer of a route with a description.
fn described(answered: &Answered<'_>, place: &str, operation: &Value) -> Result<(), String> {
    let status = answered.status.to_string();
    let response = &operation["responses"][&status];
    let (place, response) = match response["$ref"].as_str().and_then(|place| place.strip_prefix('#')) {
        Some(place) => (place.to_owned(), DESCRIPTION.pointer(place).unwrap_or(&Value::Null)),
        None => (format!("{place}/responses/{status}"), response),
    };
    if response.is_null() {
        return Err(format!("the status {status} is not described"));
    }
    for name in [header::LINK, header::RETRY_AFTER, REPLAYED] {
        let names = response["headers"].as_object().into_iter().flatten();
        if answered.headers.contains_key(&name)
            && !names.map(|(known, _)| known).any(|known| name.as_str().eq_ignore_ascii_case(known))
        {
            return Err(format!("the header {name} of a {status} is not described"));
        }
    }
    let Some(content) = response["content"].as_object().filter(|_| answered.method != "HEAD") else {
        return empty(answered.body);
    };
    let kind =
        answered.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some(known) = content.keys().find(|known| kind.starts_with(known.as_str())) else {
        return Err(format!("the content type {kind:?} of a {status} is not described"));
    };
    if known == "application/json" {
        valid(answered.body, &format!("{place}/content/application~1json/schema"))
    } else {
        Ok(())
    }
}

/// Checks an answer of a route without a description.
fn refused(answered: &Answered<'_>) -> Result<(), String> {
    match answered.status {
        404 | 405 if answered.method == "HEAD" => empty(answered.body),
        404 | 405 => valid(answered.body, ERROR),
        status => Err(format!("the route is not described, and answered {status}")),
    }
}

/// The place and the content of an operation. The content is `null` when the path has no such method.
fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let path = path.split('?').next().unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let paths = DESCRIPTION["paths"].as_object()?.keys().filter(|template| fits(template, path));
    // If two templates fit, the one with fewer parameters counts, as in the router.
    let template = paths.min_by_key(|template| template.matches('{').count())?;
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let place = format!("/paths/{}/{method}", template.replace('/', "~1"));
    Some((place, &DESCRIPTION["paths"][template][method]))
}

/// Whether a path fits a template such as `/users/{id}`.
fn fits(template: &str, path: &str) -> bool {
    let fits =
        |(known, part): (&str, &str)| if known.starts_with('{') { !part.is_empty() } else { known == part };
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(fits)
}

fn empty(body: &[u8]) -> Result<(), String> {
    if body.is_empty() { Ok(()) } else { Err("the answer has a body, and none is described".to_owned()) }
}

/// Checks that a body is JSON and fits the schema at `place`.
fn valid(body: &[u8], place: &str) -> Result<(), String> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let faults: Vec<_> = validator(place)
        .iter_errors(&body)
        .map(|fault| format!("{fault} at '{}'", fault.instance_path()))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("the body is not as described: {}", faults.join("; ")))
    }
}

#[allow(clippy::expect_used, reason = "for tests")]
fn validator(place: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = validators.entry(place.to_owned()).or_insert_with(|| {
        // A URI may not contain the braces of path parameters.
        let place = place.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({"$ref": format!("{URI}#{place}")});
        Arc::new(jsonschema::options().with_registry(&REGISTRY).build(&schema).expect("the schema is valid"))
    });
    validator.clone()
}
