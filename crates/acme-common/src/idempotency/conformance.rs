//! What every store of Idempotency-Keys must do. The tests of each store run this suite.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "for tests")]

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{Answer, CLAIMED_FOR, Claim, Claimed, IdempotencyKeys, KEPT_FOR, Keyed, Released};
use crate::store::StoreError;

/// An answer under a key that nobody claimed. A store must refuse to write it, with [`StoreError::KeyTaken`].
pub fn unclaimed() -> Keyed {
    keyed(&Uuid::new_v4().to_string(), b"{}", 0)
}

/// Runs the whole suite.
pub async fn check(keys: &dyn IdempotencyKeys) {
    an_answer_is_kept_for_a_day(keys).await;
    a_claim_keeps_others_out_until_it_ends(keys).await;
    a_claim_of_a_clock_that_was_ahead_keeps_nobody_out(keys).await;
    of_many_claims_at_once_one_is_new(keys).await;
    what_lost_its_claim_keeps_no_answer(keys).await;
    what_is_released_is_free(keys).await;
    whoever_releases_late_gets_no_answer_of_another_request(keys).await;
}

async fn an_answer_is_kept_for_a_day(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    let first = keyed(&key, b"{}", 0);
    assert_eq!(keys.claim(&first.claim).await.unwrap(), Claimed::New);
    keys.keep(&first).await.unwrap();
    let day = KEPT_FOR.as_secs().cast_signed();
    for seconds in [0, 1, day] {
        let again = keys.claim(&claim(&key, b" { } ", seconds)).await.unwrap();
        assert_eq!(again, Claimed::Answered(first.answer.clone()), "after {seconds} s");
        let other = keys.claim(&claim(&key, b"{\"a\":1}", seconds)).await.unwrap();
        assert_eq!(other, Claimed::OtherRequest, "after {seconds} s");
    }
    let other = keys.claim(&claim(&Uuid::new_v4().to_string(), b"{}", 0)).await.unwrap();
    assert_eq!(other, Claimed::New, "another key");
    let other = keys.claim(&claim(&key, b"{\"a\":1}", day + 1)).await.unwrap();
    assert_eq!(other, Claimed::New, "a day later");
}

async fn a_claim_keeps_others_out_until_it_ends(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    assert_eq!(keys.claim(&claim(&key, b"{}", 0)).await.unwrap(), Claimed::New);
    let end = CLAIMED_FOR.as_secs().cast_signed();
    for (seconds, body, claimed) in [
        (0, "{}", Claimed::InProgress),
        (end, "{}", Claimed::InProgress),
        (end + 1, "[]", Claimed::OtherRequest),
        (end + 1, "{}", Claimed::New),
        (end + 2, "{}", Claimed::InProgress),
    ] {
        assert_eq!(keys.claim(&claim(&key, body.as_bytes(), seconds)).await.unwrap(), claimed, "{seconds}");
    }
}

async fn a_claim_of_a_clock_that_was_ahead_keeps_nobody_out(keys: &dyn IdempotencyKeys) {
    for ahead in [1, 60, 600] {
        let key = Uuid::new_v4().to_string();
        assert_eq!(keys.claim(&claim(&key, b"{}", ahead)).await.unwrap(), Claimed::New);
        assert_eq!(keys.claim(&claim(&key, b"{}", 0)).await.unwrap(), Claimed::New, "{ahead} s ahead");
    }
}

async fn of_many_claims_at_once_one_is_new(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    let claims: Vec<_> = (0..16).map(|_| claim(&key, b"{}", 0)).collect();
    let claimed = join_all(claims.iter().map(|claim| keys.claim(claim))).await;
    let new = claimed.iter().filter(|claimed| matches!(claimed, Ok(Claimed::New))).count();
    let waiting = claimed.iter().filter(|claimed| matches!(claimed, Ok(Claimed::InProgress))).count();
    assert_eq!((new, waiting), (1, claims.len() - 1));
}

async fn what_lost_its_claim_keeps_no_answer(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    let (slow, late) = (keyed(&key, b"{}", 0), keyed(&key, b"{}", 60));
    assert!(matches!(keys.keep(&slow).await, Err(StoreError::KeyTaken)), "nothing was claimed");
    assert_eq!(keys.claim(&slow.claim).await.unwrap(), Claimed::New);
    assert_eq!(keys.claim(&late.claim).await.unwrap(), Claimed::New);
    assert!(matches!(keys.keep(&slow).await, Err(StoreError::KeyTaken)));
    assert_eq!(keys.release(&slow.claim).await.unwrap(), Released::Free);
    keys.keep(&late).await.unwrap();
    assert!(matches!(keys.keep(&late).await, Err(StoreError::KeyTaken)), "an answer is kept once");
    assert_eq!(keys.release(&slow.claim).await.unwrap(), Released::Answered(late.answer.clone()));
    assert_eq!(keys.release(&late.claim).await.unwrap(), Released::Answered(late.answer));
}

async fn what_is_released_is_free(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    let first = keyed(&key, b"{}", 0);
    assert_eq!(keys.release(&first.claim).await.unwrap(), Released::Free, "nothing was claimed");
    assert_eq!(keys.claim(&first.claim).await.unwrap(), Claimed::New);
    assert_eq!(keys.release(&first.claim).await.unwrap(), Released::Free);
    assert!(matches!(keys.keep(&first).await, Err(StoreError::KeyTaken)));
    assert_eq!(keys.claim(&claim(&key, b"[]", 0)).await.unwrap(), Claimed::New);
}

async fn whoever_releases_late_gets_no_answer_of_another_request(keys: &dyn IdempotencyKeys) {
    let key = Uuid::new_v4().to_string();
    let (slow, late, other) = (keyed(&key, b"{}", 0), keyed(&key, b"{}", 60), keyed(&key, b"[]", 61));
    for claim in [&slow.claim, &late.claim] {
        assert_eq!(keys.claim(claim).await.unwrap(), Claimed::New);
    }
    assert_eq!(keys.release(&late.claim).await.unwrap(), Released::Free);
    assert_eq!(keys.claim(&other.claim).await.unwrap(), Claimed::New);
    keys.keep(&other).await.unwrap();
    assert_eq!(keys.release(&slow.claim).await.unwrap(), Released::Free);
    assert_eq!(keys.claim(&other.claim).await.unwrap(), Claimed::Answered(other.answer));
}

fn keyed(key: &str, body: &[u8], seconds: i64) -> Keyed {
    let claim = claim(key, body, seconds);
    let answer = Answer { status: 201, body: json!({"id": claim.claimant, "total": "1.00"}) };
    Keyed { claim, answer }
}

fn claim(key: &str, body: &[u8], seconds: i64) -> Claim {
    let now = "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds);
    Claim::new("dan", key, "POST", "/order/add/dan", body, now)
}
