//! Who may call: with tokens, in compatibility mode, and at an endpoint without an authorizer.

use acme_http::testing::{Client, Tokens};
use acme_http::{Authorizer, app};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::json;
use tower::ServiceExt;

use super::{message, open, routes, watched};

#[tokio::test]
async fn a_user_passes_where_the_path_names_them_and_staff_everywhere() {
    let tokens = Tokens::generate();
    let nobody = Client::of_made_up_routes(routes(), tokens.authorizer.clone());
    let dan = nobody.bearer(&tokens.customer("id-1", "dan"));
    let eve = nobody.bearer(&tokens.customer("id-2", "eve"));
    // This user took another user's id as her name. Under that name she finds only her own data.
    let sly = nobody.bearer(&tokens.customer("id-3", "id-1"));
    let staff = nobody.bearer(&tokens.staff());
    for (who, path, status, id) in [
        (&nobody, "/mine/dan", 401, ""),
        (&nobody, "/mine/id-1", 401, ""),
        (&nobody, "/staff", 401, ""),
        (&dan, "/mine/dan", 200, "id-1"),
        (&dan, "/mine/dan/", 200, "id-1"),
        (&dan, "/mine/d%61n", 200, "id-1"),
        (&dan, "/mine/id-1", 200, "id-1"),
        (&dan, "/mine/DAN", 403, ""),
        (&dan, "/mine/dan%20", 403, ""),
        (&dan, "/mine/id-2", 403, ""),
        (&dan, "/mine/eve", 403, ""),
        (&dan, "/staff", 403, ""),
        (&eve, "/mine/dan", 403, ""),
        (&eve, "/mine/id-1", 403, ""),
        (&sly, "/mine/id-1", 200, "id-3"),
        (&staff, "/mine/id-1", 200, "id-1"),
        (&staff, "/mine/nobody", 200, "nobody"),
        (&staff, "/staff", 200, ""),
        (&staff, "/mine/%FF", 400, ""),
        (&staff, "/mine/a%00b", 400, ""),
        (&nobody, "/mine/%FF", 401, ""),
    ] {
        let answer = who.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        if status != 200 {
            message(&answer, answer.status);
        } else if path != "/staff" {
            assert_eq!(answer.body["id"], id, "{path}");
        }
    }
    let long = staff.get(&format!("/mine/{}", "x".repeat(129))).await;
    assert!(message(&long, StatusCode::BAD_REQUEST).starts_with("userid: expected "));
    assert_eq!(nobody.get("/mode").await.body, json!("Tokens"));
}

#[tokio::test]
async fn in_compatibility_mode_every_route_is_open() {
    let tokens = Tokens::generate();
    for client in [open(), open().bearer("nonsense"), open().bearer(&tokens.customer("id-2", "eve"))] {
        assert_eq!(client.get("/mine/dan").await.body, json!({"id": "dan", "asked": "dan"}));
        assert_eq!(client.get("/staff").await.status, StatusCode::OK);
        assert_eq!(client.get("/mode").await.body, json!("Compatibility"));
    }
}

#[tokio::test]
async fn the_header_is_read_as_its_standard_says() {
    let tokens = Tokens::generate();
    let client = Client::of_made_up_routes(routes(), tokens.authorizer.clone());
    let token = tokens.customer("id-1", "dan");
    for (header, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER  {token} "), 200),
        (token.clone(), 401),
        (format!("Bearer{token}"), 401),
        (format!("Basic {token}"), 401),
        (format!("Bearer {token} {token}"), 401),
        ("Bearer ".to_owned(), 401),
        ("Bearer".to_owned(), 401),
        (String::new(), 401),
    ] {
        let answer = client.with("authorization", &header).get("/mine/dan").await;
        assert_eq!(answer.status.as_u16(), status, "{header}");
    }
    let elsewhere = client.get(&format!("/mine/dan?access_token={token}")).await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
    let elsewhere = client.with("cookie", &format!("token={token}")).get("/mine/dan").await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn without_a_gate_nobody_passes_and_sentry_hears_of_it() {
    let tokens = Tokens::generate();
    for path in ["/mine/dan", "/staff", "/mode"] {
        for token in [None, Some(tokens.staff())] {
            let request =
                Request::get(path).header("authorization", format!("Bearer {}", token.unwrap_or_default()));
            let request = request.body(Body::empty()).unwrap();
            let (reported, answer) = watched(app(routes()).oneshot(request));
            assert_eq!(answer.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            let [event] = &reported[..] else { panic!("{path}: {reported:?}") };
            assert_eq!(event.exception[0].value.as_deref(), Some("the endpoint has no authorizer"));
        }
    }
}

#[test]
fn at_a_closed_gate_only_those_pass_who_are_not_asked() {
    let closed = Client::of_made_up_routes(routes(), Authorizer::DenyAll);
    for client in [closed.clone(), closed.bearer(&Tokens::generate().staff())] {
        for path in ["/mine/dan", "/staff"] {
            let (reported, answer) = watched(client.get(path));
            message(&answer, StatusCode::INTERNAL_SERVER_ERROR);
            let [event] = &reported[..] else { panic!("{path}: {reported:?}") };
            let cause = event.exception[0].value.as_deref();
            assert_eq!(cause, Some("the endpoint asks for tokens and has no keys"));
        }
        let (reported, answer) = watched(client.get("/mode"));
        assert_eq!((answer.body, reported.len()), (json!("Tokens"), 0), "prices come from the catalog");
    }
}

#[test]
fn a_gate_shows_no_key() {
    let tokens = Tokens::generate();
    let shown = format!("{:?} {tokens:?}", Authorizer::AllowAll);
    assert!(shown.contains(tokens.issuer.kid()), "{shown}");
    let public = tokens.issuer.public_pem();
    assert!(!shown.contains(public.lines().nth(1).unwrap()), "{shown}");
    assert!(shown.len() < 400, "{shown}");
}
