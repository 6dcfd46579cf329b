//! Tokens: which are good, to the second, and each kind of bad token.

use acme_http::testing::Client;
use acme_http::token::{ACCESS_SECONDS, BadToken, Claims, Issuer, REFRESH_SECONDS, TokenUse, Verifier};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::routes;

/// A key whose private part the test knows, and a client of routes that trust the key.
struct Office {
    secret: Ed25519KeyPair,
    issuer: Issuer,
    verifier: Verifier,
    client: Client,
}

impl Office {
    fn new() -> Self {
        let (issuer, pem) = Issuer::generate().unwrap();
        let secret = Ed25519KeyPair::from_pkcs8(pem::parse(&*pem).unwrap().contents()).unwrap();
        let verifier = Verifier::from_pem(issuer.public_pem()).unwrap();
        let authorizer = acme_http::Authorizer::Tokens(verifier.clone().into());
        Self { secret, issuer, verifier, client: Client::of_made_up_routes(routes(), authorizer) }
    }

    /// A token with any header and any claims, and the right signature.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        forged(header, claims, |message| self.secret.sign(message.as_bytes()).as_ref().to_vec())
    }

    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.issuer.kid()})
    }

    /// Whether a token lets the caller pass as `dan`. Asserts that the route and the verifier agree.
    async fn passes(&self, token: &str) -> bool {
        let answer = self.client.bearer(token).get("/mine/dan").await;
        let passes = answer.status == StatusCode::OK;
        assert_eq!(self.verifier.verify(token, TokenUse::Access).is_ok(), passes, "{token}");
        if !passes {
            let text = super::message(&answer, StatusCode::UNAUTHORIZED);
            assert_eq!(text, "Invalid Key. User Not Authorized", "whatever is wrong, in the same words");
        }
        passes
    }
}

/// A token with these parts, signed by `sign`.
fn forged(header: &Value, claims: &Value, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}

/// HMAC with SHA-256 (RFC 2104), to forge tokens. `secret` must fit into one block.
fn hs256(secret: &[u8], message: &str) -> Vec<u8> {
    let mut key = [0; 64];
    key[..secret.len()].copy_from_slice(secret);
    let inner = Sha256::new().chain_update(key.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(key.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn dan() -> Value {
    json!({"Username": "dan", "sub": "id-1", "exp": Timestamp::now().as_second() + 60, "token_use": "access"})
}

/// Dan's claims with one changed claim. Null removes the claim.
fn but(name: &str, value: Value) -> Value {
    let mut claims = dan();
    claims[name] = value;
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

#[tokio::test]
async fn what_is_signed_and_whole_passes() {
    let office = Office::new();
    assert!(office.passes(&office.sign(&office.header(), &dan())).await);
    let issued = office.issuer.issue(&Claims::access("id-1", "dan", false, Timestamp::now())).unwrap();
    assert!(office.passes(&issued).await);
    let mut odd = office.header();
    odd["jwk"] = json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"});
    odd["jku"] = json!("https://mark.example/keys");
    assert!(office.passes(&office.sign(&odd, &dan())).await, "no key comes from a token");
}

#[tokio::test]
async fn claims_are_there_and_of_their_types() {
    let office = Office::new();
    for claims in [
        but("sub", Value::Null),
        but("sub", json!("")),
        but("sub", json!(7)),
        but("sub", json!("a\nb")),
        but("sub", json!(["id-1"])),
        but("exp", Value::Null),
        but("exp", json!("tomorrow")),
        but("exp", json!("9999999999")),
        but("exp", json!(-1)),
        but("exp", json!(0)),
        but("exp", json!(1e300)),
        but("exp", json!({})),
        but("token_use", Value::Null),
        but("token_use", json!("refresh")),
        but("token_use", json!("ACCESS")),
        but("token_use", json!(["access"])),
        but("Username", json!(7)),
        but("aud", json!("another shop")),
        json!({}),
        json!([]),
        json!("dan"),
        Value::Null,
    ] {
        let token = office.sign(&office.header(), &claims);
        let answer = office.client.bearer(&token).get("/mine/dan").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{claims}");
    }
    // Only this role counts as staff.
    for (role, status) in [
        (json!("staff"), 200),
        (json!("Staff"), 403),
        (json!("admin"), 403),
        (json!(""), 403),
        (json!(["staff"]), 401),
    ] {
        let token = office.sign(&office.header(), &but("role", role.clone()));
        assert_eq!(office.client.bearer(&token).get("/staff").await.status.as_u16(), status, "{role}");
    }
    // A token without a name still opens the owner's path with the id.
    let nameless = office.client.bearer(&office.sign(&office.header(), &but("Username", Value::Null)));
    assert_eq!(nameless.get("/mine/id-1").await.status, StatusCode::OK);
    assert_eq!(nameless.get("/mine/dan").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn no_forged_token_passes() {
    let office = Office::new();
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let (kid, public) = (office.issuer.kid(), office.secret.public_key());
    let pem = office.issuer.public_pem();
    let der = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
    let good = office.sign(&office.header(), &dan());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let staff = URL_SAFE_NO_PAD.encode(but("role", json!("staff")).to_string());
    let with = |name: &str, value: Value| {
        let mut header = office.header();
        header[name] = value;
        header
    };
    let by_us = |header: Value| office.sign(&header, &dan());
    let by_stranger =
        |header: &Value| forged(header, &dan(), |m| stranger.sign(m.as_bytes()).as_ref().to_vec());
    let other = Issuer::generate().unwrap().0;
    let other_kid = json!(other.kid());
    let (none, hmac) = (with("alg", json!("none")), with("alg", json!("HS256")));
    let malleable = {
        // S + L: a careless verifier takes this for the same signature (RFC 8032, section 8.4).
        const ORDER: [u8; 32] = *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let mut carry = 0;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*byte) + u16::from(order);
            [*byte, _] = carry.to_le_bytes();
            carry >>= 8;
        }
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
    };
    for (what, token) in [
        ("an unknown kid", by_us(with("kid", other_kid.clone()))),
        ("a stranger's key under its own kid", by_stranger(&with("kid", other_kid))),
        ("a stranger's key under our kid", by_stranger(&office.header())),
        ("an empty kid", by_us(with("kid", json!("")))),
        ("a kid that is a path", by_us(with("kid", json!("../../dev/null")))),
        ("a kid that is a number", by_us(with("kid", json!(1)))),
        ("no kid", by_us(json!({"alg": "EdDSA", "typ": "JWT"}))),
        ("no alg", by_us(json!({"typ": "JWT", "kid": kid}))),
        ("an unknown alg", by_us(with("alg", json!("Ed448")))),
        ("another alg that we did sign", by_us(with("alg", json!("RS256")))),
        ("alg none, unsigned", forged(&none, &dan(), |_| Vec::new())),
        ("alg None, unsigned", forged(&with("alg", json!("None")), &dan(), |_| Vec::new())),
        ("alg none, signed", office.sign(&none, &dan())),
        ("HS256 with nothing", forged(&hmac, &dan(), |m| hs256(b"", m))),
        ("HS256 with zeros", forged(&hmac, &dan(), |m| hs256(&[0; 32], m))),
        ("HS256 with our public key", forged(&hmac, &dan(), |m| hs256(public.as_ref(), m))),
        ("HS256 with its DER", forged(&hmac, &dan(), |m| hs256(&der, m))),
        ("HS256 with our kid", forged(&hmac, &dan(), |m| hs256(kid.as_bytes(), m))),
        ("no signature", forged(&office.header(), &dan(), |_| Vec::new())),
        ("a signature of zeros", forged(&office.header(), &dan(), |_| vec![0; 64])),
        (
            "half a signature",
            forged(&office.header(), &dan(), |m| office.secret.sign(m.as_bytes()).as_ref()[..32].into()),
        ),
        ("a malleable signature", malleable),
        ("claims that were changed", format!("{header}.{staff}.{signature}")),
        (
            "a signature of other claims",
            format!(
                "{signed}.{}",
                office.sign(&office.header(), &but("sub", json!("id-2"))).rsplit_once('.').unwrap().1
            ),
        ),
        ("two parts", signed.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        ("no header", format!(".{claims}.{signature}")),
        ("padded base64", format!("{good}==")),
        ("nothing like a token", "a.b.c".to_owned()),
        ("dots", "..".to_owned()),
        ("a very long text", "x".repeat(10_000)),
    ] {
        assert!(!office.passes(&token).await, "{what}");
    }
    assert!(office.passes(&good).await);
}

#[test]
fn one_use_does_not_stand_in_for_the_other() {
    let office = Office::new();
    let now = Timestamp::now();
    let issue = |claims: &Claims| office.issuer.issue(claims).unwrap();
    let (access, refresh) = (Claims::access("id-1", "dan", false, now), Claims::refresh("id-1", now));
    for (claims, token_use, good) in [
        (&access, TokenUse::Access, true),
        (&access, TokenUse::Refresh, false),
        (&refresh, TokenUse::Refresh, true),
        (&refresh, TokenUse::Access, false),
    ] {
        let verified = office.verifier.verify(&issue(claims), token_use);
        assert_eq!(
            verified,
            if good { Ok(claims.clone()) } else { Err(BadToken) },
            "{claims:?} as {token_use:?}"
        );
    }
}

#[test]
fn a_token_ends_at_the_very_second() {
    let office = Office::new();
    let verify =
        |claims: &Claims| office.verifier.verify(&office.issuer.issue(claims).unwrap(), claims.token_use);
    let ago = |seconds| Timestamp::now() - SignedDuration::from_secs(seconds);
    // A token must not be accepted from the moment on at which it ends (RFC 7519, section 4.1.4).
    for (seconds, good) in [(30, true), (0, false), (-1, false)] {
        let access = Claims::access("id-1", "dan", true, ago(ACCESS_SECONDS - seconds));
        let refresh = Claims::refresh("id-1", ago(REFRESH_SECONDS - seconds));
        for claims in [access, refresh] {
            assert_eq!(verify(&claims).is_ok(), good, "{seconds} s before its end: {claims:?}");
        }
    }
}

#[test]
fn claims_are_as_the_contract_says() {
    let now: Timestamp = "2026-11-23T10:00:00.999Z".parse().unwrap();
    let start = now.as_second();
    let access = json!({"Username": "dan", "sub": "id-1", "exp": start + 300, "token_use": "access"});
    assert_eq!(json!(Claims::access("id-1", "dan", false, now)), access);
    assert_eq!(json!(Claims::access("id-1", "dan", true, now))["role"], "staff");
    let refresh = json!({"sub": "id-1", "exp": start + 900, "token_use": "refresh"});
    assert_eq!(json!(Claims::refresh("id-1", now)), refresh);
}
