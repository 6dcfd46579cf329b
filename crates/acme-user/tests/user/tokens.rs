//! Valid tokens pass, and every kind of invalid token is refused.

use std::sync::Arc;

use acme_http::Authorizer;
use acme_http::token::{Claims, Issuer, TokenUse};
use acme_user::demo;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Shop, pass_time};

/// Logs in and returns the access and the refresh token.
async fn tokens(shop: &Shop, username: &str) -> (String, String) {
    let body = shop.login(username, demo::PASSWORD).await.body;
    let token = |name: &str| body[name].as_str().unwrap().to_owned();
    (token("access_token"), token("refresh_token"))
}

async fn verified(shop: &Shop, token: &str) -> StatusCode {
    let answer = shop.client.post("/verify-token", &json!({"access_token": token})).await;
    let (message, status) = (&answer.body["message"], &answer.body["status"]);
    if answer.status == StatusCode::OK {
        assert_eq!(answer.body, json!({"message": "Token Valid. User Authorized", "status": 200}));
    } else {
        assert_eq!((message, status), (&json!("Invalid Key. User Not Authorized"), &json!(401)));
    }
    answer.status
}

async fn refreshed(shop: &Shop, token: &str) -> (StatusCode, Value) {
    let answer = shop.client.post("/refresh-token", &json!({"refresh_token": token})).await;
    if answer.status != StatusCode::OK {
        assert_eq!(answer.body["message"], "Invalid Key. User Not Authorized");
        assert_eq!(answer.body["status"], 401);
    }
    (answer.status, answer.body)
}

/// A forged token with the given parts, signed by `sign`.
fn forged(header: &Value, claims: &Value, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}

/// HMAC with SHA-256 (RFC 2104), for the forger.
fn hs256(secret: &[u8], message: &str) -> Vec<u8> {
    let mut key = [0; 64];
    if secret.len() > key.len() {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    let inner = Sha256::new().chain_update(key.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(key.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

#[tokio::test]
async fn tokens_are_verified_and_refreshed() {
    let shop = Shop::new().await;
    for (username, role) in [("walter", None), (demo::STAFF, Some("staff"))] {
        let (access, refresh) = tokens(&shop, username).await;
        assert_eq!(verified(&shop, &access).await, StatusCode::OK);
        let claims = shop.verifier.verify(&access, TokenUse::Access).unwrap();
        assert_eq!((claims.username.as_str(), claims.role.as_deref()), (username, role));

        let (status, body) = refreshed(&shop, &refresh).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!((&body["status"], &body["token"]), (&json!(200), &body["access_token"]));
        let again = body["access_token"].as_str().unwrap();
        let new = shop.verifier.verify(again, TokenUse::Access).unwrap();
        assert_eq!((new.sub, new.username, new.role), (claims.sub, claims.username, claims.role));
        let refresh = body["refresh_token"].as_str().unwrap();
        assert_eq!(refreshed(&shop, refresh).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn one_kind_does_not_stand_in_for_the_other() {
    let shop = Shop::new().await;
    let (access, refresh) = tokens(&shop, "eric").await;
    assert_eq!(verified(&shop, &refresh).await, StatusCode::UNAUTHORIZED);
    assert_eq!(refreshed(&shop, &access).await.0, StatusCode::UNAUTHORIZED);
    let answer = shop.client.bearer(&refresh).get("/users/eric").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refreshed_token_is_in_its_own_users_name() {
    let shop = Shop::new().await;
    let (_, refresh) = tokens(&shop, "eric").await;
    let wish = json!({
        "refresh_token": refresh, "username": "staff", "Username": "staff", "sub": "staff", "id": "staff", "role": "staff",
    });
    let body = shop.client.post("/refresh-token", &wish).await.body;
    let access = body["access_token"].as_str().unwrap();
    let claims = shop.verifier.verify(access, TokenUse::Access).unwrap();
    assert_eq!(claims.sub, demo::users()[0].id.as_str());
    assert_eq!((claims.username.as_str(), claims.is_staff()), ("eric", false));
}

#[tokio::test]
async fn a_user_who_is_gone_gets_no_new_tokens() {
    let shop = Shop::new().await;
    let (_, refresh) = tokens(&shop, "eric").await;
    let empty = Shop::of(Default::default(), shop.issuer.clone(), Authorizer::Tokens);
    assert_eq!(refreshed(&empty, &refresh).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_end() {
    let shop = Shop::new().await;
    pass_time(-6 * 60);
    let (access, refresh) = tokens(&shop, "eric").await;
    assert_eq!(verified(&shop, &access).await, StatusCode::UNAUTHORIZED);
    assert_eq!(refreshed(&shop, &refresh).await.0, StatusCode::OK);
    pass_time(-10 * 60);
    let (_, refresh) = tokens(&shop, "eric").await;
    assert_eq!(refreshed(&shop, &refresh).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_forged_token_passes() {
    let shop = Shop::new().await;
    let eric = demo::users().swap_remove(0).id;
    let (kid, pem) = (shop.issuer.kid(), shop.issuer.public_pem());
    let stranger = Arc::new(Issuer::generate().unwrap().0);
    let now = Timestamp::now();
    for claims in [Claims::access(eric.as_str(), "eric", true, now), Claims::refresh(eric.as_str(), now)] {
        let good = shop.issuer.issue(&claims).unwrap();
        let unknown = stranger.issue(&claims).unwrap();
        let (header, _) = good.split_once('.').unwrap();
        let (_, rest) = unknown.split_once('.').unwrap();
        let json = json!(claims);
        let none = json!({"alg": "none", "typ": "JWT", "kid": kid});
        let hmac = json!({"alg": "HS256", "typ": "JWT", "kid": kid});
        let raw = pem.lines().filter(|line| !line.starts_with("---")).collect::<String>();
        let der = base64::engine::general_purpose::STANDARD.decode(raw).unwrap();
        let eddsa = |kid: Value| json!({"alg": "EdDSA", "typ": "JWT", "kid": kid});
        for (what, token) in [
            ("nothing like a token", "a.b.c".to_owned()),
            ("an unknown kid", unknown.clone()),
            ("a stranger's signature under our kid", format!("{header}.{rest}")),
            ("alg none", forged(&none, &json, |_| Vec::new())),
            ("alg none, signed", forged(&none, &json, |_| vec![0; 64])),
            ("HS256 with the PEM", forged(&hmac, &json, |m| hs256(pem.as_bytes(), m))),
            ("HS256 with the DER", forged(&hmac, &json, |m| hs256(&der, m))),
            ("HS256 with the key", forged(&hmac, &json, |m| hs256(&der[der.len() - 32..], m))),
            ("HS256 with nothing", forged(&hmac, &json, |m| hs256(b"", m))),
            ("an empty kid", forged(&eddsa(json!("")), &json, |_| vec![0; 64])),
            ("no kid", forged(&json!({"alg": "EdDSA"}), &json, |_| vec![0; 64])),
            ("no signature", forged(&eddsa(json!(kid)), &json, |_| Vec::new())),
        ] {
            assert_eq!(verified(&shop, &token).await, StatusCode::UNAUTHORIZED, "{what}");
            assert_eq!(refreshed(&shop, &token).await.0, StatusCode::UNAUTHORIZED, "{what}");
            let users = shop.client.bearer(&token).get("/users").await;
            assert_eq!(users.status, StatusCode::UNAUTHORIZED, "{what}");
        }
    }
}
