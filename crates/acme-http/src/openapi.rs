//! What all routes share in the description: the parameters that extractors read, the errors, and the headers.
//!
//! A route describes only its own part: its path, its parameters, its body and its answers. [`complete`] adds
//! everything else.

use acme_common::id::UserId;
use acme_common::openapi::{one_of, text, whole};
use acme_common::store::PageRequest;
use axum::http::StatusCode;
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Header, HeaderBuilder, OpenApi, Ref, RefOr, Required};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::body::MAX_BODY;
use crate::error::{ApiError, ErrorBody};
use crate::{IdempotencyKey, Owner, Paging};

/// The name of the header that makes a repeated request harmless.
const KEY: &str = "Idempotency-Key";
/// The id of a request in examples.
const REQUEST_ID: &str = "0c7f9a52-6f5c-4a39-8d4e-6b0f9c1d2e3f";

impl IntoParams for Owner {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "The user's id; or the username, where it is the token's own.";
        let user = ParameterBuilder::new().name("userid").parameter_in(ParameterIn::Path);
        vec![
            user.required(Required::True)
                .description(Some(description))
                .schema(Some(UserId::schema()))
                .build(),
        ]
    }
}

impl IntoParams for Paging {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let query = |name: &str| ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
        let limit = whole().minimum(Some(1)).maximum(Some(PageRequest::MAX));
        let limit = limit.default(Some(json!(PageRequest::default().limit)));
        let cursor = "Where the page begins, as the Link of the page before it says.";
        vec![
            query("limit").description(Some("The most entries of a page.")).schema(Some(limit)).build(),
            query("cursor").description(Some(cursor)).schema(Some(text(0..=4096))).build(),
        ]
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "A client that got no answer sends the same request with the same key again. It has its effect \
            once, and gets the same answer for 24 hours. A random UUID is a good key.";
        let key = ParameterBuilder::new().name(KEY).parameter_in(ParameterIn::Header);
        vec![key.description(Some(description)).schema(Some(text(1..=255))).build()]
    }
}

/// Completes the description. Each operation gets what follows from its parameters, its body and its security. The
/// document gets the errors that several routes share.
pub fn complete(api: &mut OpenApi) {
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    components
        .responses
        .extend(SHARED.iter().map(|shared| (shared.name.to_owned(), RefOr::T(shared.response()))));
    for item in api.paths.paths.values_mut() {
        tell_methods_apart(item);
        operations(item).for_each(|(_, operation)| complete_operation(operation));
    }
}

/// The operations of a path, with their methods.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [("GET", &mut item.get), ("POST", &mut item.post), ("DELETE", &mut item.delete)];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Gives the GET of a path with two methods its own id.
fn tell_methods_apart(item: &mut PathItem) {
    if let (Some(get), true) = (&mut item.get, item.delete.is_some() || item.post.is_some()) {
        let others = [&item.post, &item.delete].into_iter().flatten();
        if others.into_iter().any(|other| other.operation_id == get.operation_id) {
            get.operation_id = get.operation_id.take().map(|id| format!("{id}Get"));
        }
    }
}

fn complete_operation(operation: &mut Operation) {
    // An operation without `security` would get the document's. A public operation must have an empty list.
    operation.security.get_or_insert_default();
    let has = |name: &str| {
        let parameters = operation.parameters.iter().flatten();
        parameters
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter.name.as_str()),
                RefOr::Ref(_) => None,
            })
            .any(|known| known == name)
    };
    let (key, page) = (has(KEY), has("cursor"));
    let token = operation.security.as_ref().is_some_and(|security| !security.is_empty());
    let parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let body = operation.request_body.is_some();
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut header =
            |name: &str, header: Header| response.headers.insert(name.to_owned(), RefOr::T(header));
        if key {
            header("Idempotent-Replayed", replayed());
        }
        if status.starts_with('2') {
            if page {
                header("Link", link());
            }
            continue;
        }
        // This error belongs to the route alone. Its description is the text that the client reads.
        let status =
            status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
        if key && status == StatusCode::CONFLICT {
            header("Retry-After", retry_after());
        }
        let error = ApiError::new(status, response.description.clone());
        response.content.insert("application/json".to_owned(), RefOr::T(content(&error)));
    }
    for shared in SHARED.iter().filter(|shared| match shared.when {
        When::Always => true,
        When::Input => body || parameters,
        When::Body => body,
        When::Token => token,
        When::Key => key,
    }) {
        let response = RefOr::Ref(Ref::from_response_name(shared.name));
        operation.responses.responses.entry(shared.status().as_str().to_owned()).or_insert(response);
    }
}

/// Which routes answer with a shared error.
enum When {
    Always,
    Input,
    Body,
    Token,
    Key,
}

/// An error with which several routes answer.
struct Shared {
    name: &'static str,
    when: When,
    description: &'static str,
    error: fn() -> ApiError,
}

/// The errors that follow from the parts of a route.
#[rustfmt::skip]
const SHARED: [Shared; 9] = [
    Shared { name: "BadRequest", when: When::Input, description: "A field is missing, unreadable or out of range.",
        error: || ApiError::bad_request("quantity: expected a whole number from 1 to 10000") },
    Shared { name: "Unauthorized", when: When::Token, description: "There is no token, or it is not valid.",
        error: ApiError::unauthorized },
    Shared { name: "Forbidden", when: When::Token, description: "The data is someone else's.",
        error: ApiError::forbidden },
    Shared { name: "InProgress", when: When::Key, description: "A request with this Idempotency-Key is in progress.",
        error: ApiError::in_progress },
    Shared { name: "TooLarge", when: When::Body, description: "The body is larger than 256 KiB.",
        error: || ApiError::too_large(MAX_BODY) },
    Shared { name: "OtherRequest", when: When::Key, description: "The Idempotency-Key came with another request before.",
        error: ApiError::other_request },
    Shared { name: "TooMany", when: When::Always, description: "There were too many requests, or too many failed logins.",
        error: || ApiError::too_many(60) },
    Shared { name: "Internal", when: When::Always, description: "A fault of the shop.",
        error: ApiError::reported },
    Shared { name: "Unavailable", when: When::Always, description: "A service that the shop needs does not answer. The text says whether the outcome is known.",
        error: || ApiError::unavailable("") },
];

impl Shared {
    fn status(&self) -> StatusCode {
        (self.error)().status()
    }

    fn response(&self) -> Response {
        let error = (self.error)();
        let response = ResponseBuilder::new().description(self.description);
        let response = response.content("application/json", content(&error));
        let waits = error.retry_after_seconds().is_some();
        waits
            .then(retry_after)
            .into_iter()
            .fold(response, |response, header| response.header("Retry-After", header))
            .build()
    }
}

/// The body of an error, with an example.
fn content(error: &ApiError) -> Content {
    let example = json!(error.body(REQUEST_ID));
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ErrorBody::name())))
        .example(Some(example))
        .build()
}

fn header(description: &str, schema: utoipa::openapi::ObjectBuilder) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn retry_after() -> Header {
    header("How many seconds to wait.", whole().minimum(Some(0)))
}

fn link() -> Header {
    header(
        "The next page, as `<?limit=...&cursor=...>; rel=\"next\"`; absent on the last page.",
        text(0..=8192),
    )
}

fn replayed() -> Header {
    header("The answer was kept from an earlier request with the same Idempotency-Key.", one_of(["true"]))
}
