//! Rows of what is masked and what is not, and properties over generated cards and ids.

use proptest::prelude::*;
use serde_json::json;

use super::*;

pub(super) fn check(input: &str, expected: &str) {
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
        // Texts without a secret.
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
        "cvvcode",
        "cardcvv",
        "CVVCode",
        "PINCode",
        &format!("{}.password", "x".repeat(200)),
        &format!("{}_password", "ü".repeat(100)),
    ] {
        assert!(is_sensitive_key(key), "{key}");
    }
    for key in [
        "trace_id",
        "span_id",
        "spanner",
        "company",
        "author",
        "total_tokens",
        "pinned",
        "message",
        "key",
        "recv_value",
        "src.vcs",
        "token_type",
    ] {
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
        "headers": [{"key": "Authorization", "value": "x"}, {"Name": "password", "Value": "x", "At": "y"}],
        "tokens": ["x", 5],
        "accessTokens": {"a": "x"},
        "usage": {"max_tokens": 100, "total_tokens": {"value": 12, "type": "integer"}},
        "4111111111111111": 1,
    });
    scrub_json(&mut value);
    let expected = json!({
        "trace_id": "4111111111111111",
        "tags": [["token", MASK], ["a", "b"]],
        "attributes": {"password": {"value": MASK, "type": "string"}, "cvc": {"value": MASK, "type": "string"}},
        "secret": {"a": [MASK, MASK, null]},
        "number": MASK,
        "headers": [{"key": "Authorization", "value": MASK}, {"Name": "password", "Value": MASK, "At": "y"}],
        "tokens": [MASK, 5],
        "accessTokens": {"a": MASK},
        "usage": {"max_tokens": 100, "total_tokens": {"value": 12, "type": "integer"}},
        "[Filtered]": 1,
    });
    assert_eq!(value, expected);
}

/// Texts that may touch a card number. The card number is masked all the same.
const BEFORE: [&str; 15] = [
    "",
    "“",
    "卡号",
    "é",
    "card",
    "Nr.",
    "line\\n",
    "\\b",
    "\\u003d",
    "card=",
    "card%3D",
    "card%20",
    "x%253d",
    "\u{1b}[1m",
    "12 ",
];
const AFTER: [&str; 12] = ["", "”", "…", "号", "\\n", "%20", "&x=1", "EUR", "x", "</b>", ".", ", 12"];
const GAPS: [&str; 15] =
    [" ", "-", "  ", "+", ".", "/", "_", " - ", "–", "\u{a0}", "\u{202f}", "%20", "%2d", "%C2%A0", "\\u00a0"];

/// Parts of generated texts. Scrubbing such a text a second time might find more.
const PARTS: [&str; 48] = [
    "password",
    "cvv",
    "tokens",
    "\"token\"",
    "Cookie",
    "Authorization",
    "name",
    "value",
    "Bearer ",
    "Token ",
    "basic abcdefghijklmnop",
    "eyJhbGc.eyJzdWIi.c2lnbm",
    "AKIAIOSFODNN7EXAMPLE",
    "://",
    "@",
    "is ",
    "[Filtered]",
    "4111111111111111",
    "5500 0000 0000 0004",
    "1111",
    "4242",
    "22",
    "7",
    "0x",
    "abc",
    "x",
    "“",
    "=",
    ":",
    ",",
    " ",
    "\"",
    "'",
    "\\",
    "\\n",
    "\n",
    "%3D",
    "%25",
    ".",
    "-",
    "(",
    "Some(",
    "S {",
    "[",
    "{",
    ")",
    "]",
    "}",
];

fn any_of(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(all)
}

fn groups(card: &str, size: usize) -> Vec<&str> {
    (0..card.len()).step_by(size).map(|at| &card[at..card.len().min(at + size)]).collect()
}

/// A card number with a valid check digit.
fn card() -> impl Strategy<Value = String> {
    (2_u8..=6, proptest::collection::vec(0_u8..10, 11..18)).prop_filter_map(
        "no card",
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
            // A number that begins with 20 may be a time, and no bank issues it.
            let issued = digits[..2] != [2, 0];
            (distinct && issued).then(|| digits.iter().map(|d| char::from(b'0' + d)).collect())
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
        let text = groups(&card, size).join(&separator);
        prop_assert_eq!(scrub_text(&text), MASK);
    }

    #[test]
    fn a_card_is_masked_beside_anything(card in card(), before in any_of(&BEFORE), after in any_of(&AFTER)) {
        let text = format!("{before}{card}{after}");
        prop_assert_eq!(scrub_text(&text), format!("{before}{MASK}{after}"));
    }

    #[test]
    fn a_card_in_fours_is_masked(card in card(), gap in any_of(&GAPS), before in any_of(&BEFORE)) {
        let text = format!("{before}{}.", groups(&card, 4).join(gap));
        prop_assert_eq!(scrub_text(&text), format!("{before}{MASK}."));
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
    fn ids_stay_in_text(
        id in prop_oneof![
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            "[0-9]{8}-[0-9]{4}-4[0-9]{3}-[89][0-9]{3}-[0-9a-f]{12}",
            "[0-9a-f]{32}", "[0-9A-F]{64}", "[0-9a-f]{32}-[0-9]{16}-1", "0x[0-9]{16}",
            "[0-9a-f]{16}".prop_filter("may be a card", |id| id.bytes().any(|b| b.is_ascii_alphabetic())),
            "20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][1-8]T[0-2][0-3]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3,9}Z",
            "20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][1-8] [0-2][0-3]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3,9})?",
            "20[0-9]{2}(0[1-9]|1[0-2])[0-2][1-8][0-2][0-3][0-5][0-9][0-5][0-9]([0-9]{3})?",
            "1[0-9]{12}", "1[0-9]{15}", "1[0-9]{18}",
        ],
        before in prop_oneof![Just(""), Just("id="), Just("line\\n"), Just("“"), Just("a%3D"), Just("[1, 2] ")],
        after in prop_oneof![Just(""), Just("\\n"), Just("”"), Just(": it failed"), Just(" 12")],
    ) {
        let text = format!("{before}{id}{after}");
        prop_assert_eq!(scrub_text(&text), text.as_str());
    }

    #[test]
    fn anything_at_all_is_survived_and_stable(text in "\\PC{0,80}") {
        let once = scrub_text(&text).into_owned();
        prop_assert_eq!(scrub_text(&once), once.as_str());
    }

    #[test]
    fn a_second_scrubbing_changes_nothing(parts in proptest::collection::vec(any_of(&PARTS), 0..16)) {
        let once = scrub_text(&parts.concat()).into_owned();
        prop_assert_eq!(scrub_text(&once), once.as_str());
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let once = scrub_payload(&bytes);
        prop_assert_eq!(scrub_payload(&once), once);
        scrub_text(&String::from_utf8_lossy(&bytes));
    }
}
