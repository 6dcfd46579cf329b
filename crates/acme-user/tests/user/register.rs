//! Registrations that succeed, and registrations that are refused.

use acme_common::json::{Field, FromJson, from_slice};
use acme_user::register::RegisterRequest;
use acme_user::user::Email;
use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Shop, new_user};

#[tokio::test]
async fn a_user_from_registration_to_login() {
    let shop = Shop::new().await;
    let registered = shop.client.post("/register", &new_user("Dan")).await;
    assert_eq!(registered.status, StatusCode::CREATED);
    let id = registered.body["resourceId"].as_str().unwrap();
    assert_eq!(
        registered.body,
        json!({"message": "User created successfully!", "resourceId": id, "status": 201})
    );

    let login = shop.login("dan", "correct horse").await;
    assert_eq!(login.status, StatusCode::OK);
    let access = login.body["access_token"].as_str().unwrap();
    let refresh = login.body["refresh_token"].as_str().unwrap();
    assert_eq!(
        login.body,
        json!({"access_token": access, "refresh_token": refresh, "token": access, "status": 200})
    );

    let dan = shop.client.bearer(access);
    let user =
        json!({"id": id, "username": "Dan", "firstname": "D", "lastname": "", "email": "dan@example.com"});
    for path in [format!("/users/{id}"), "/users/Dan/".to_owned()] {
        let got = dan.get(&path).await;
        assert_eq!((got.status, got.body), (StatusCode::OK, json!({"data": user, "status": 200})));
    }
}

#[tokio::test]
async fn a_username_is_taken_in_any_case() {
    let shop = Shop::new().await;
    for taken in ["eric", "ERIC"] {
        let answer = shop.client.post("/register", &new_user(taken)).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.body["message"].as_str().unwrap().starts_with("username: "));
    }
    assert_eq!(shop.login("eric", "correct horse").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_user_under_one_key_is_registered_once() {
    let shop = Shop::new().await;
    let registered = shop.client.post_under_one_key("/register", &new_user("dan"), &new_user("eve")).await;
    assert_eq!(registered.status, StatusCode::CREATED);
    assert_eq!(shop.login("dan", "correct horse").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_makes_themselves_staff() {
    let shop = Shop::new().await;
    let mut sent = new_user("mallory");
    for name in ["staff", "role", "Staff", "id"] {
        sent[name] = json!("staff");
    }
    sent["staff"] = json!(true);
    assert_eq!(shop.client.post("/register", &sent).await.status, StatusCode::CREATED);
    let mallory = shop.logged_in("mallory", "correct horse").await;
    assert_eq!(mallory.get("/users").await.status, StatusCode::FORBIDDEN);
}

#[test]
fn an_email_stays_as_it_was_sent() {
    for email in ["dan@example.com", "Dan.Moss+shop@Example.co.uk"] {
        assert_eq!(Email::parse(email).unwrap().as_str(), email);
    }
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let shop = Shop::new().await;
    let with = |name: &str, value: Value| {
        let mut body = new_user("dan");
        body[name] = value;
        body
    };
    for (path, body, field) in [
        ("/register", json!([]), "body"),
        ("/register", with("username", Value::Null), "username"),
        ("/register", with("username", json!("x".repeat(65))), "username"),
        ("/register", with("username", json!("dan doe")), "username"),
        ("/register", with("username", json!("d\u{430}n")), "username"),
        ("/register", with("password", Value::Null), "password"),
        ("/register", with("password", json!("1234567")), "password"),
        ("/register", with("password", json!("x".repeat(129))), "password"),
        ("/register", with("password", json!(["12345678"])), "password"),
        ("/register", with("firstname", json!("x".repeat(129))), "firstname"),
        ("/register", with("lastname", json!({})), "lastname"),
        ("/register", with("email", Value::Null), "email"),
        ("/register", with("email", json!("dan")), "email"),
        ("/register", with("email", json!("@example.com")), "email"),
        ("/register", with("email", json!("dan@localhost")), "email"),
        ("/register", with("email", json!("dan@.com")), "email"),
        ("/register", with("email", json!("a b@example.com")), "email"),
        ("/register", with("email", json!("a@b@example.com")), "email"),
        ("/login", json!({"password": "vmware1!"}), "username"),
        ("/login", json!({"username": "eric"}), "password"),
        ("/login", json!({"username": "eric", "password": "x".repeat(129)}), "password"),
        ("/refresh-token", json!({}), "refresh_token"),
        ("/refresh-token", json!("x"), "body"),
        ("/verify-token", json!({"access_token": ""}), "access_token"),
        ("/verify-token", json!({"access_token": "x".repeat(4097)}), "access_token"),
    ] {
        let answer = shop.client.post(path, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: expected ")), "{path} {body}: {message}");
    }
}

/// A value of any kind. The wanted kind is more frequent than by chance.
fn value(wanted: &'static str) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => wanted.prop_map(Value::from),
        1 => ".{0,140}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json!(null)),
        1 => Just(json!([{"a": 1}])),
        1 => Just(json!({"username": ["a"]})),
    ]
}

proptest! {
    #[test]
    fn any_registration_is_good_or_names_its_fault(
        username in value("[a-zA-Z0-9._@-]{0,66}"),
        password in value("[ -~]{6,130}"),
        firstname in value("[A-Z][a-z]{0,130}"),
        email in value("[a-z.]{0,6}@?[a-z]{0,6}[.][a-z]{0,3}"),
    ) {
        let json = json!({"USERNAME": username, "password": password, "firstName": firstname, "email": email});
        match RegisterRequest::from_json(&Field::root(&json)) {
            Ok(registration) => {
                let shown = format!("{registration:?}");
                prop_assert!(shown.contains("REDACTED"));
            }
            Err(fault) => prop_assert!(
                ["username", "password", "firstname", "email"].contains(&fault.field.as_str())
            ),
        }
    }

    #[test]
    fn any_document_is_read_or_refused(bytes in prop_oneof![".{0,60}", "[\\[{\"a-z:,0-9}\\]]{0,60}"]) {
        let read: Result<RegisterRequest, _> = from_slice(bytes.as_bytes());
        prop_assert!(read.is_err());
    }
}
