//! Requests: bodies with any content type, both spellings of a path, preflight requests, and pages.

use std::collections::BTreeSet;

use acme_http::body::MAX_BODY;
use axum::body::Body;
use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::json;

use super::{message, open};

#[tokio::test]
async fn a_body_is_json_whatever_it_calls_itself() {
    let body = json!({"name": "Kettle bell"});
    for kind in [
        "application/json",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "image/png",
        "?",
        "",
    ] {
        let answer = open().with("content-type", kind).post("/size", &body).await;
        assert_eq!((answer.status, &answer.body["body"]), (StatusCode::OK, &body), "{kind}");
    }
    assert_eq!(open().post("/size", &body).await.body["body"], body, "it need not say");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_so() {
    let deep = "[".repeat(100_000);
    for body in
        ["", " ", "{", "{\"a\":}", "nonsense", "{} {}", "\u{feff}{}", "'a'", "NaN", "{\"a\":1,}", &deep]
    {
        let answer = open().send("POST", "/size", body.to_owned()).await;
        let text = message(&answer, StatusCode::BAD_REQUEST);
        assert!(text.starts_with("body: expected JSON ("), "{text}");
        assert!(!text.contains("nonsense"), "{text}");
    }
    let answer = open().send("POST", "/size", vec![b'"', 0xff, b'"']).await;
    assert!(message(&answer, StatusCode::BAD_REQUEST).starts_with("body: expected JSON ("));
}

#[tokio::test]
async fn a_body_may_have_256_kib_and_not_one_byte_more() {
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let whole = open().send("POST", "/size", text(MAX_BODY)).await;
    assert_eq!((whole.status, &whole.body["bytes"]), (StatusCode::OK, &json!(256 * 1024)));
    for bytes in [MAX_BODY + 1, 10 * MAX_BODY] {
        let answer = open().send("POST", "/size", text(bytes)).await;
        let text = message(&answer, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(text, "body: expected at most 262144 bytes");
    }
    // The real length counts, not the `content-length`. The same is true for a body that comes in pieces.
    let promised = open().with("content-length", "3").send("POST", "/size", text(MAX_BODY + 1)).await;
    message(&promised, StatusCode::PAYLOAD_TOO_LARGE);
    let pieces = (0..=4).map(|_| Ok::<_, std::io::Error>(" ".repeat(MAX_BODY / 4)));
    let pieces = Body::from_stream(futures_util::stream::iter(pieces));
    message(&open().send("POST", "/size", pieces).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_clients_fault() {
    let pieces = [Ok("{\"a\":"), Err(std::io::Error::other("reset by peer"))];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let answer = open().send("POST", "/size", body).await;
    let text = message(&answer, StatusCode::BAD_REQUEST);
    assert_eq!(text, "body: the connection ended before the whole body was read");
}

#[tokio::test]
async fn a_path_ends_with_or_without_a_slash() {
    for path in ["/mine/dan", "/mode", "/staff", "/numbers"] {
        let (bare, slashed) = (open().get(path).await, open().get(&format!("{path}/")).await);
        assert_eq!((bare.status, &bare.body), (StatusCode::OK, &slashed.body), "{path}");
        assert_eq!(bare.status, slashed.status);
    }
    for path in ["/size", "/size/", "/length", "/length/"] {
        assert_eq!(open().post(path, &json!(1)).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_browser_may_ask_first() {
    let listed = |value: &str| -> BTreeSet<String> {
        value.split(',').map(|name| name.trim().to_ascii_lowercase()).collect()
    };
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let browser = open()
        .with("origin", "https://shop.example")
        .with("access-control-request-method", "DELETE")
        .with("access-control-request-headers", "authorization,idempotency-key,x-odd");
    for path in ["/mine/dan", "/size/", "/nothing"] {
        let answer = browser.send("OPTIONS", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let header = |name| answer.headers[name].to_str().unwrap();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(listed(header("access-control-allow-methods")), set(&["get", "post", "delete"]));
        assert_eq!(
            listed(header("access-control-allow-headers")),
            set(&["authorization", "content-type", "idempotency-key", "sentry-trace", "baggage"]),
            "what we read, not what was asked for"
        );
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    let answer = browser.get("/numbers").await;
    let exposed = answer.headers["access-control-expose-headers"].to_str().unwrap();
    assert_eq!(listed(exposed), set(&["idempotent-replayed", "link", "retry-after"]));
}

#[tokio::test]
async fn no_header_of_a_request_comes_back() {
    let odd = [
        ("x-odd", "mark"),
        ("cookie", "session=mark"),
        ("set-cookie", "session=mark"),
        ("location", "https://mark.example"),
        ("origin", "https://mark.example"),
        ("access-control-allow-origin", "https://mark.example"),
        ("content-type", "text/html; mark"),
        ("x-request-id", "mark"),
        ("x-amzn-trace-id", "mark"),
        ("retry-after", "77"),
        ("link", "<https://mark.example>; rel=\"next\""),
        ("idempotency-key", "mark"),
        ("sentry-trace", "mark"),
        ("accept-encoding", "gzip"),
    ];
    let client = odd.iter().fold(open(), |client, (name, value)| client.with(name, value));
    for (method, path) in
        [("GET", "/mine/dan"), ("GET", "/numbers"), ("POST", "/size"), ("GET", "/nothing"), ("PUT", "/staff")]
    {
        let (plain, answer) = (open().send(method, path, "1").await, client.send(method, path, "1").await);
        assert_eq!(answer.headers, plain.headers, "{method} {path}");
        assert!(!format!("{answer:?}").contains("mark"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_page_leads_to_the_next() {
    for (query, lengths) in [
        ("", vec![100, 100, 50]),
        ("?limit=", vec![100, 100, 50]),
        ("?cursor=", vec![100, 100, 50]),
        ("?limit=1000", vec![250]),
        ("?limit=250", vec![250]),
        ("?limit=125", vec![125, 125]),
        ("?limit=240&other=1", vec![240, 10]),
        ("?cursor=240", vec![10]),
        ("?cursor=250", vec![0]),
    ] {
        let (mut path, mut seen) = (format!("/numbers{query}"), Vec::new());
        loop {
            let answer = open().get(&path).await;
            seen.push(answer.body.as_array().unwrap().len());
            let Some(link) = answer.headers.get("link") else { break };
            let link = link.to_str().unwrap().strip_prefix('<').unwrap();
            path = format!("/numbers{}", link.strip_suffix(">; rel=\"next\"").unwrap());
            assert_eq!(
                path.contains("&other=1"),
                query.contains("other"),
                "the rest of the query is kept: {path}"
            );
        }
        assert_eq!(seen, lengths, "{query}");
    }
}

#[tokio::test]
async fn a_fault_in_the_paging_names_its_parameter() {
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=ten", "limit"),
        ("limit=%FF", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=-1", "cursor"),
        ("limit=1&limit=2", "query"),
        ("cursor=1&cursor=2", "query"),
    ] {
        let answer = open().get(&format!("/numbers?{query}")).await;
        let text = message(&answer, StatusCode::BAD_REQUEST);
        assert!(text.starts_with(&format!("{parameter}: expected ")), "{query}: {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..64), query in "[ -~]{0,24}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let query: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        runtime.block_on(async {
            let answer = open().send("POST", "/size", bytes).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400), "{answer:?}");
            for name in ["limit", "cursor"] {
                let answer = open().get(&format!("/numbers?{name}={query}")).await;
                assert!(matches!(answer.status.as_u16(), 200 | 400), "{answer:?}");
            }
        });
    }
}
