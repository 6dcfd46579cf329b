//! Errors: JSON with CORS headers on every route, a text for the client, and the cause once and for Sentry only.

use std::io;

use acme_common::json::FieldError;
use acme_common::messaging::PublishError;
use acme_common::store::StoreError;
use acme_http::testing::Client;
use acme_http::{ApiError, Authorizer, app, endpoint, route};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use tower::ServiceExt;

use super::{message, open, watched};

const SECRET: &str = "arn:aws:dynamodb:table/shop: hunter2";

fn failing(error: ApiError) -> Router {
    route(&["/fail"], get(async move || Err::<(), _>(error)))
}

/// Asserts that the client gets `status`, `text` and a wait of `seconds`, and that Sentry gets the error exactly if it
/// is `ours`.
#[track_caller]
fn check(error: impl Into<ApiError>, status: u16, text: &str, seconds: Option<&str>, ours: bool) {
    let client = Client::of_made_up_routes(failing(error.into()), Authorizer::AllowAll);
    let (reported, answer) = watched(client.get("/fail"));
    assert_eq!(message(&answer, StatusCode::from_u16(status).unwrap()), text);
    let wait = answer.headers.get("retry-after").map(|value| value.to_str().unwrap());
    assert_eq!(wait, seconds, "{text}");
    assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");

    assert_eq!(reported.len(), usize::from(ours), "{reported:?}");
    if let Some(event) = reported.first() {
        let chain: Vec<_> = event.exception.iter().filter_map(|e| e.value.as_deref()).collect();
        assert!(chain.iter().any(|text| text.contains(SECRET)), "{chain:?}");
    }
}

#[test]
fn the_client_reads_one_text_and_sentry_another() {
    const OURS: &str = "something went wrong on our side";
    const AWAY: &str = "temporarily unavailable, please try again";
    let cause = || io::Error::other(SECRET);
    check(ApiError::bad_request("name: expected text"), 400, "name: expected text", None, false);
    check(FieldError::new("name", "text"), 400, "name: expected text", None, false);
    check(StoreError::BadCursor, 400, "cursor: expected a cursor from a page of this list", None, false);
    check(ApiError::unauthorized(), 401, "Invalid Key. User Not Authorized", None, false);
    check(ApiError::forbidden(), 403, "this belongs to someone else", None, false);
    check(ApiError::not_found("no such product"), 404, "no such product", None, false);
    check(ApiError::conflict("taken"), 409, "taken", None, false);
    check(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "new key"), 422, "new key", None, false);
    check(ApiError::too_many(42), 429, "too many tries", Some("42"), false);
    check(ApiError::reported(), 500, OURS, None, false);
    check(ApiError::internal(SECRET), 500, OURS, None, true);
    check(ApiError::internal(cause()), 500, OURS, None, true);
    check(StoreError::rejected(cause()), 500, OURS, None, true);
    check(ApiError::unavailable(cause()), 503, AWAY, Some("1"), true);
    check(StoreError::unavailable(cause()), 503, AWAY, Some("1"), true);
    check(PublishError(cause().into()), 503, AWAY, Some("1"), true);
}

#[tokio::test]
async fn what_is_not_there_is_an_error_like_any_other() {
    let client = open();
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("POST", "/mine", 404),
        ("GET", "/mine/dan/cart", 404),
        ("GET", "//staff", 404),
        ("POST", "/staff", 405),
        ("PUT", "/staff/", 405),
        ("GET", "/size", 405),
        ("PATCH", "/mine/dan", 405),
        ("BREW", "/mine/dan/", 405),
    ] {
        let answer = client.send(method, path, "").await;
        let text = message(&answer, StatusCode::from_u16(status).unwrap());
        let known = if status == 404 { "no such route" } else { "this path does not answer that method" };
        assert_eq!(text, known, "{method} {path}");
        let allow = answer.headers.get("allow").map(|value| value.to_str().unwrap());
        let methods = if path.starts_with("/size") { "POST" } else { "GET,HEAD" };
        assert_eq!(allow, (status == 405).then_some(methods), "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_has_the_status_of_its_get_and_no_body() {
    for (path, status) in [("/numbers", 200), ("/numbers?limit=0", 400), ("/nothing", 404)] {
        let answer = open().send("HEAD", path, "").await;
        assert_eq!((answer.status.as_u16(), answer.body.is_null()), (status, true), "{path}");
    }
}

#[tokio::test]
async fn each_request_has_its_own_id_or_the_one_that_it_came_with() {
    let client = open();
    let first = client.get("/nothing").await.body["requestId"].clone();
    assert_ne!(client.get("/nothing").await.body["requestId"], first);

    // The Lambda function does the same: it knows the id before it calls the app.
    let known = async |mut request: Request, next: Next| {
        request.extensions_mut().insert(acme_http::RequestId("from-lambda".to_owned()));
        next.run(request).await
    };
    let app = app(endpoint(failing(ApiError::forbidden()), Authorizer::AllowAll)).layer(from_fn(known));
    for path in ["/fail", "/nothing"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1024).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(r#""requestId":"from-lambda""#), "{path}");
    }
}
