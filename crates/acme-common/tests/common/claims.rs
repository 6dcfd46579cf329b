//! What a claim on an Idempotency-Key tells apart: callers, keys, and requests.

use acme_common::idempotency::Claim;
use jiff::Timestamp;

fn claim([caller, key, method, path, body]: [&str; 5]) -> Claim {
    Claim::new(caller, key, method, path, body.as_bytes(), Timestamp::UNIX_EPOCH)
}

const ONE: [&str; 5] = ["dan", "k", "POST", "/order/add/dan", r#"{"a":1,"b":2}"#];

#[test]
fn a_key_is_one_callers_and_a_fingerprint_one_requests() {
    let one = claim(ONE);
    for (place, other, same_key, same_request) in [
        (0, "eve", false, true),
        (1, "l", false, false),
        (2, "PUT", true, false),
        (3, "/order/add/eve", true, false),
        (4, r#"{"a":1,"b":3}"#, true, false),
        (4, r#"{ "b": 2, "a": 1 }"#, true, true),
        (4, "no JSON", true, false),
    ] {
        let mut request = ONE;
        request[place] = other;
        let claim = claim(request);
        assert_eq!(claim.key == one.key, same_key, "{other}");
        assert_eq!(claim.fingerprint == one.fingerprint, same_request, "{other}");
        assert_ne!(claim.claimant, one.claimant, "no two requests are one");
    }
}

#[test]
fn no_caller_and_key_look_like_another_pair() {
    let pairs = [("a", "b:c"), ("a:b", "c"), ("", "a:b:c"), ("1:a", "b"), ("1", "a:b")];
    let mut keys = pairs.map(|(caller, key)| claim([caller, key, "POST", "/", ""]).key).to_vec();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), pairs.len());
}
