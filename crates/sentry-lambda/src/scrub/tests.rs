//! Rows of what is masked and what is not, and properties over generated cards and ids.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(input: &str, expected: &str) {
    assert_eq!(scrub_text(input), expected, "{input}");
}

#[test]
fn text() {
    for (input, expected) in [
        ("card 4111111111111111 declined", "card [Filtered] declined"),
        ("4111-1111-1111-1111", "[Filtered]"),
        ("amex 3782 822463 10005.", "amex [Filtered]."),
        ("19 digits 6304000000000000000?", "19 digits [Filtered]?"),
        ("cvv=123 password: hunter2", "cvv=[Filtered] password: [Filtered]"),
        (r#"{"cvv":"123","a":1}"#, r#"{"cvv":"[Filtered]","a":1}"#),
        (r#"body {\"password\":\"x y\"}"#, r#"body {\"password\":\"[Filtered]\"}"#),
        ("the cvv 123 is wrong", "the cvv [Filtered] is wrong"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [Filtered]"),
        ("got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "got [Filtered]"),
        ("key AKIAIOSFODNN7EXAMPLE", "key [Filtered]"),
        ("http://user:secret1@host/x", "http://user:[Filtered]@host/x"),
        ("?access_token=abc&x=1", "?access_token=[Filtered]&x=1"),
        // Nothing secret.
        ("at 1763940000000 ms", "at 1763940000000 ms"),
        ("id 4111111111111112", "id 4111111111111112"),
        ("0.4111111111111111", "0.4111111111111111"),
        ("a4111111111111111", "a4111111111111111"),
        ("password reset requested", "password reset requested"),
        ("token count: 12", "token count: 12"),
        ("core::result::Result", "core::result::Result"),
        ("ß=ü password=é", "ß=ü password=[Filtered]"),
    ] {
        check(input, expected);
    }
}

#[test]
fn keys() {
    for key in [
        "password",
        "X-Api-Key",
        "access_token",
        "cvv",
        "card.cvv",
        "cardCvv",
        "Set-Cookie",
        "PAN",
        "cardNumber",
    ] {
        assert!(is_sensitive_key(key), "{key}");
    }
    for key in
        ["trace_id", "span_id", "spanner", "company", "author", "total_tokens", "pinned", "message", "key"]
    {
        assert!(!is_sensitive_key(key), "{key}");
    }
}

#[test]
fn the_shape_stays() {
    let mut value = json!({
        "trace_id": "4111111111111111",
        "tags": [["token", "x"], ["a", "b"]],
        "attributes": {"password": {"value": "x", "type": "string"}, "cvc": {"value": 123, "type": "integer"}},
        "secret": {"a": [1, "b", null]},
        "number": 4111111111111111_u64,
        "headers": [{"key": "Authorization", "value": "x"}],
        "4111111111111111": 1,
    });
    scrub_json(&mut value);
    let expected = json!({
        "trace_id": "4111111111111111",
        "tags": [["token", MASK], ["a", "b"]],
        "attributes": {"password": {"value": MASK, "type": "string"}, "cvc": {"value": MASK, "type": "string"}},
        "secret": {"a": [MASK, MASK, null]},
        "number": MASK,
        "headers": [{"key": "Authorization", "value": MASK}],
        "[Filtered]": 1,
    });
    assert_eq!(value, expected);
}

/// A number with a right check digit.
fn card() -> impl Strategy<Value = String> {
    (2_u8..=6, proptest::collection::vec(0_u8..10, 11..18)).prop_filter_map(
        "all the same digit",
        |(first, mut digits)| {
            digits.insert(0, first);
            let sum: u32 = digits
                .iter()
                .rev()
                .enumerate()
                .map(|(i, d)| u32::from(*d) * if i % 2 == 0 { 2 } else { 1 })
                .map(|n| n / 10 + n % 10)
                .sum();
            digits.push(u8::try_from((10 - sum % 10) % 10).unwrap());
            let distinct = digits.iter().any(|d| *d != digits[0]);
            distinct.then(|| digits.iter().map(|d| char::from(b'0' + d)).collect())
        },
    )
}

proptest! {
    #[test]
    fn every_card_is_masked(card in card(), before in "[a-z ]{0,8}[ :=(\"]", after in "[ ,.)\"][a-z ]{0,8}") {
        let text = format!("{before}{card}{after}");
        prop_assert!(!scrub_text(&text).contains(&card));
        let payload = serde_json::to_vec(&json!({"a": [{"b": text}]})).unwrap();
        let masked = String::from_utf8(scrub_payload(&payload)).unwrap();
        prop_assert!(!masked.contains(&card));
    }

    #[test]
    fn a_grouped_card_is_masked(card in card(), separator in "[ -]", size in 2_usize..6) {
        let groups: Vec<String> = card.as_bytes().chunks(size).map(|c| String::from_utf8(c.to_vec()).unwrap()).collect();
        let text = groups.join(&separator);
        prop_assert_eq!(scrub_text(&text), MASK);
    }

    #[test]
    fn a_wrong_check_digit_is_no_card(card in card(), add in 1_u8..10) {
        let mut bytes = card.into_bytes();
        let last = bytes.last_mut().unwrap();
        *last = b'0' + (*last - b'0' + add) % 10;
        let text = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(scrub_text(&text), text.as_str());
    }

    #[test]
    fn ids_and_times_stay(id in "[0-9a-f]{32}", millis in 1_500_000_000_000_u64..1_999_999_999_999) {
        let mut value = json!({"trace_id": id, "at": millis});
        let before = value.clone();
        scrub_json(&mut value);
        prop_assert_eq!(value, before);
    }

    #[test]
    fn anything_at_all_is_survived_and_stable(text in "\\PC{0,80}") {
        let once = scrub_text(&text).into_owned();
        prop_assert_eq!(scrub_text(&once), once.as_str());
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        scrub_payload(&bytes);
    }
}
