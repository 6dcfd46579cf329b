//! Logins compare the password, and too many failures lock a username.

use acme_common::json::from_slice;
use acme_http::Authorizer;
use acme_user::failures::MAX_FAILURES;
use acme_user::session::Authenticated;
use acme_user::user::Username;
use acme_user::{MemoryUsers, Users, demo};
use axum::http::{StatusCode, header};
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::support::{Shop, pass_time};

#[tokio::test]
async fn a_wrong_pair_is_refused_in_every_mode() {
    let closed = Shop::new().await;
    let open = Shop::behind(|_| Authorizer::AllowAll).await;
    for shop in [closed, open] {
        let mut answers = Vec::new();
        for (username, password) in [("eric", "vmware1?"), ("eric", "x"), ("nobody", "vmware1!")] {
            let answer = shop.login(username, password).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{username} {password}");
            answers.push(answer.body["message"].clone());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "an unknown user looks like a wrong password");
        assert_eq!(shop.login("eric", demo::PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn too_many_failures_lock_a_username() {
    let shop = Shop::new().await;
    // A success clears the failures before it. A name without a user is locked like any other name.
    for _ in 0..9 {
        assert_eq!(shop.login("eric", "guess").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(shop.login("Eric", demo::PASSWORD).await.status, StatusCode::OK);
    for username in ["eric", "nobody"] {
        for _ in 0..10 {
            assert_eq!(shop.login(username, "guess").await.status, StatusCode::UNAUTHORIZED);
        }
        for password in ["guess", demo::PASSWORD] {
            let locked = shop.login(username, password).await;
            assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
            let seconds: i64 = locked.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
            assert!((890..=900).contains(&seconds), "{seconds}");
        }
    }
    assert_eq!(shop.login("phoebe", demo::PASSWORD).await.status, StatusCode::OK);
    pass_time(15 * 60);
    assert_eq!(shop.login("ERIC", demo::PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guesses_at_once_count_like_guesses_in_turn() {
    let shop = Shop::new().await;
    let guess = |i| shop.login("eric", if i == 24 { demo::PASSWORD } else { "guess" });
    let guesses = join_all((0..25).map(guess)).await;
    let count = |status| guesses.iter().filter(|answer| answer.status == status).count();
    assert_eq!(count(StatusCode::UNAUTHORIZED), 10);
    assert_eq!(count(StatusCode::TOO_MANY_REQUESTS), 15, "the right one comes too late as well");
}

#[tokio::test]
async fn what_a_locked_username_sends_is_not_compared_and_so_not_counted() {
    let users = MemoryUsers::default();
    for _ in 0..MAX_FAILURES + 3 {
        let guess = from_slice(br#"{"username": "dan", "password": "guess"}"#).unwrap();
        assert!(Authenticated::by_password(&users, guess, Timestamp::now()).await.is_err());
    }
    let login = users.login(&Username::parse("dan").unwrap()).await.unwrap();
    assert_eq!(login.failures.count, MAX_FAILURES);
}
