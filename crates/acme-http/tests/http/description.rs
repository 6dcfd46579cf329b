//! The check of answers against the description: it accepts what the description contains, and finds everything else.

use acme_http::testing::{Answered, Client, check};
use acme_http::{Authorizer, route};
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::get;
use serde_json::{Value, json};

/// Checks an answer with the headers `names`. The content type is JSON if there is a body.
fn checked(
    method: &str,
    path: &str,
    status: u16,
    names: &[&'static str],
    body: &Value,
) -> Result<(), String> {
    let named = |name: &&'static str| (HeaderName::from_static(name), HeaderValue::from_static("1"));
    let mut headers: HeaderMap = names.iter().map(named).collect();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    if !body.is_empty() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    check(&Answered { method, path, status, headers: &headers, body: body.as_bytes() })
}

fn error(status: u16) -> Value {
    json!({"message": "m", "status": status, "requestId": "r"})
}

#[test]
fn what_is_described_passes() {
    let total = json!({"carttotal": 59.98, "userid": "dan"});
    for (method, path, status, headers, body) in [
        ("GET", "/cart/total/dan", 200, &[][..], &total),
        ("GET", "/cart/total/dan/?x=1", 200, &[], &total),
        ("HEAD", "/cart/total/dan", 200, &[], &Value::Null),
        ("OPTIONS", "/cart/total/dan", 200, &[], &Value::Null),
        ("GET", "/cart/total/dan", 403, &[], &error(403)),
        ("GET", "/cart/total/dan", 503, &["retry-after"], &error(503)),
        ("DELETE", "/cart/clear/dan", 200, &[], &Value::Null),
        ("GET", "/cart/all", 200, &["link"], &json!([])),
        ("POST", "/register", 409, &["idempotent-replayed"], &error(409)),
        // Two paths fit. The path with fewer parameters counts.
        ("GET", "/order/all", 200, &["link"], &json!([])),
        // The shop refuses routes that the description does not contain.
        ("GET", "/cart/total", 404, &[], &error(404)),
        ("PUT", "/cart/total/dan", 405, &[], &error(405)),
    ] {
        assert_eq!(checked(method, path, status, headers, body), Ok(()), "{method} {path}");
    }
}

#[test]
fn what_is_not_described_is_found() {
    let total = json!({"carttotal": 59.98, "userid": "dan"});
    let with = |name: &str, value: Value| {
        let mut body = total.clone();
        body[name] = value;
        body
    };
    for (method, path, status, headers, body, fault) in [
        ("GET", "/cart/total/dan", 418, &[][..], &error(418), "the status 418 is not described"),
        ("GET", "/cart/total/dan", 404, &[], &error(404), "the status 404 is not described"),
        ("GET", "/cart/total/dan", 200, &[], &with("more", json!(1)), "'more' was unexpected"),
        (
            "GET",
            "/cart/total/dan",
            200,
            &[],
            &json!({"userid": "dan"}),
            "\"carttotal\" is a required property",
        ),
        (
            "GET",
            "/cart/total/dan",
            200,
            &[],
            &with("carttotal", json!("59.98")),
            "is not of type \"number\" at '/carttotal'",
        ),
        ("GET", "/cart/total/dan", 200, &[], &Value::Null, "content type"),
        ("GET", "/cart/total/dan", 200, &["link"], &total, "the header link of a 200 is not described"),
        ("GET", "/cart/total/dan", 403, &["retry-after"], &error(403), "the header retry-after of a 403"),
        ("GET", "/cart/total/dan", 403, &[], &with("status", json!(403)), "required property"),
        ("HEAD", "/cart/total/dan", 200, &[], &total, "the answer has a body"),
        ("DELETE", "/cart/clear/dan", 200, &[], &json!({}), "the answer has a body"),
        ("GET", "/cart/all", 200, &[], &json!([{"userid": "dan", "cart": [{}]}]), "at '/0/cart/0'"),
        ("GET", "/cart/all", 200, &[], &json!([{"userid": "dan", "cart": [], "x": 1}]), "'x' was unexpected"),
        ("GET", "/cart/total", 200, &[], &total, "the route is not described, and answered 200"),
        ("PUT", "/cart/total/dan", 200, &[], &total, "the route is not described, and answered 200"),
        ("GET", "/nothing", 404, &[], &total, "the body is not as described"),
    ] {
        let found = checked(method, path, status, headers, body).unwrap_err();
        assert!(
            found.starts_with(&format!("{method} {path}: ")) && found.contains(fault),
            "{fault}: {found}"
        );
    }
}

#[tokio::test]
#[should_panic(expected = "GET /cart/total/dan: the body is not as described")]
async fn a_client_stops_at_an_answer_that_is_not_described() {
    let answer = async || Json(json!({"carttotal": 1, "userid": "dan", "more": 1}));
    Client::new(route(&["/cart/total/{userid}"], get(answer)), Authorizer::AllowAll)
        .get("/cart/total/dan")
        .await;
}
