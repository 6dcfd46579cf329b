//! Texts that the scrubber once left unmasked or damaged. A review found them.

use std::time::{Duration, Instant};

use super::tests::check;
use super::*;

fn check_all(rows: &[(&str, &str)]) {
    rows.iter().for_each(|(input, expected)| check(input, expected));
}

fn check_stays(rows: &[&str]) {
    rows.iter().for_each(|text| check(text, text));
}

#[test]
fn what_debug_writes() {
    check_all(&[
        (r#"cvv: Some("983")"#, r#"cvv: Some("[Filtered]")"#),
        ("cvv: Some(983), x: 1", "cvv: Some([Filtered]), x: 1"),
        (r#"password: Secret("hunter2")"#, r#"password: Secret("[Filtered]")"#),
        (r#"password: Some(Secret("hunter2")) }"#, r#"password: Some(Secret("[Filtered]")) }"#),
        (
            r#"password: Secret { inner: "a", b: ["c", "d"] }, x: "y""#,
            r#"password: Secret { inner: "[Filtered]", b: ["[Filtered]", "[Filtered]"] }, x: "y""#,
        ),
        (
            "password: Some(\n    \"hunter2\",\n),\nx: \"y\"",
            "password: Some(\n    \"[Filtered]\",\n),\nx: \"y\"",
        ),
        (
            r#"password: Some(\n    \"hunter2\",\n),\nx: \"y\""#,
            r#"password: Some(\n    \"[Filtered]\",\n),\nx: \"y\""#,
        ),
        ("password: SecretBox<str>([REDACTED])", "password: SecretBox<str>([[Filtered]])"),
        (r#"password: b"hunter2""#, r#"password: b"[Filtered]""#),
        (
            r#"{"password":["hunter2", "hunter3"],"a":["b"]"#,
            r#"{"password":["[Filtered]", "[Filtered]"],"a":["b"]"#,
        ),
        (
            r#"{"auth":{"user":"x","code":1},"a":"b""#,
            r#"{"auth":{"user":"[Filtered]","code":[Filtered]},"a":"b""#,
        ),
        (r#"[("token", "tok_live_1")]"#, r#"[("token", "[Filtered]")]"#),
        (r#"[("token", Some("tok_live_1")), ("a", "b")]"#, r#"[("token", Some("[Filtered]")), ("a", "b")]"#),
        ("(\n    \"token\",\n    \"tok_live_1\",\n)", "(\n    \"token\",\n    \"[Filtered]\",\n)"),
        (r#"("cvv", 983)"#, r#"("cvv", [Filtered])"#),
        (r#""password" => "hunter2""#, r#""password" => "[Filtered]""#),
        (r#"{ name: "password", value: "x" }"#, r#"{ name: "password", value: "[Filtered]" }"#),
        (r#"{\"name\":\"cvv\",\"value\":\"123\"}"#, r#"{\"name\":\"cvv\",\"value\":\"[Filtered]\"}"#),
        (r#"{"a":"password","b":"x""#, r#"{"a":"password","b":"x""#),
        (r#"password: "a\"b\\", x: "y""#, r#"password: "[Filtered]", x: "y""#),
        (r#"{\"password\":\"a\\\"b\",\"x\":\"y\"}"#, r#"{\"password\":\"[Filtered]\",\"x\":\"y\"}"#),
        (r#"password: "don't""#, r#"password: "[Filtered]""#),
        (r#"cut: {"password":"hunt"#, r#"cut: {"password":"[Filtered]"#),
        ("user[password]=hunter2", "user[password]=[Filtered]"),
        ("password=Xk2(9f", "password=[Filtered]"),
        ("password=4111-1111-1111-1111hunter2", "password=[Filtered]"),
    ]);
    check_stays(&[
        "Enter password:\nUser came",
        "token::Kind",
        "fields [token]: 12",
        "\"password\", which is long",
    ]);
}

#[test]
fn cards_beside_anything() {
    check_all(&[
        ("“4111111111111111”", "“[Filtered]”"),
        ("4111111111111111…", "[Filtered]…"),
        ("卡号4111111111111111", "卡号[Filtered]"),
        (r"line\n4111111111111111\n", r"line\n[Filtered]\n"),
        (r"\b4111111111111111", r"\b[Filtered]"),
        (r"\u003d4111111111111111", r"\u003d[Filtered]"),
        ("card%3D4111111111111111", "card%3D[Filtered]"),
        ("card%253D4111111111111111", "card%253D[Filtered]"),
        ("card%204111111111111111&x", "card%20[Filtered]&x"),
        ("%4111111111111111", "%[Filtered]"),
        ("card4111111111111111", "card[Filtered]"),
        ("4111111111111111EUR", "[Filtered]EUR"),
        ("?card=4111+1111+1111+1111", "?card=[Filtered]"),
        ("4111%201111%201111%201111", "[Filtered]"),
        ("4111.1111.1111.1111", "[Filtered]"),
        ("4111/1111/1111/1111", "[Filtered]"),
        ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "[Filtered]"),
        ("4111  1111  1111  1111", "[Filtered]"),
        ("3782 822463 10005", "[Filtered]"),
        ("3056 930902 5904", "[Filtered]"),
        ("4111 1111 1111 1111 12 26 983", "[Filtered] 12 26 983"),
        ("12 4111 1111 1111 1111", "12 [Filtered]"),
        ("4111111111111111.4242424242424242", "[Filtered].[Filtered]"),
    ]);
}

#[test]
fn ids_times_and_measures() {
    check_stays(&[
        "24487297-5032-4345-81cd-bde9222f1211",
        "cafe4111111111111111",
        "4111111111111111cafe",
        r"trace:\nabc4111111111111111",
        "0x4111111111111111",
        "0af7651916cd43dd8448eb211c80319c-4111111111111111-1",
        "20240229230006",
        "20240229230006002",
        "at 20240506070802.",
        "0.4111111111111111",
        "4111 111111111111",
        "41111111-11111111",
        "203.113.114.104/24",
        "2024-05-06 07:08:09.123456789",
    ]);
    // No such day, month or minute.
    for digits in ["20240231000009", "20241301000002", "20240101006003"] {
        check(digits, MASK);
    }
}

#[test]
fn headers() {
    check_all(&[
        ("Authorization: Token abc123secret9", "Authorization: Token [Filtered]"),
        ("Authorization: ApiKey abc\nHost: x", "Authorization: ApiKey [Filtered]\nHost: x"),
        ("authorization: BEARER abc12345", "authorization: BEARER [Filtered]"),
        ("Authorization: Bearer abc12345", "Authorization: Bearer [Filtered]"),
        ("Authorization: Basic YTpi", "Authorization: Basic [Filtered]"),
        (r#"Authorization: Digest username="u", response="abc""#, "Authorization: Digest [Filtered]"),
        ("Authorization: Own abc def", "Authorization: [Filtered]"),
        ("Authorization: Bearer", "Authorization: Bearer"),
        ("Cookie: a=1; session=xyz987", "Cookie: [Filtered]"),
        ("Set-Cookie: a=\"1\"; session=xyz987\r\nHost: x", "Set-Cookie: [Filtered]\r\nHost: x"),
        (r"Cookie: a=1; session=xyz\r\nHost: x", r"Cookie: [Filtered]\r\nHost: x"),
        ("curl -H 'Cookie: a=1; b=2' https://x", "curl -H 'Cookie: [Filtered]' https://x"),
        (r#"curl -H \"Cookie: a=1; b=2\" https://x"#, r#"curl -H \"Cookie: [Filtered]\" https://x"#),
        (r#"{"cookie": "a=1; b=2", "host": "x"} "#, r#"{"cookie": "[Filtered]", "host": "x"} "#),
        (r#"{"authorization": Sensitive, "host": "x"} "#, r#"{"authorization": [Filtered], "host": "x"} "#),
        ("token: bearer abc, x", "token: bearer [Filtered], x"),
        ("got BEARER abcdefghijklmnop", "got BEARER [Filtered]"),
    ]);
}

#[test]
fn keys_in_text() {
    check_all(&[
        ("refresh_tokens=abc&x=1", "refresh_tokens=[Filtered]&x=1"),
        ("accessTokens: [\"a\", \"b\"]", "accessTokens: [\"[Filtered]\", \"[Filtered]\"]"),
        ("cardcvv=123 CVVCode=123 cvvcode 123", "cardcvv=[Filtered] CVVCode=[Filtered] cvvcode [Filtered]"),
        (&format!("{}.password=x", "a".repeat(300)), &format!("{}.password=[Filtered]", "a".repeat(300))),
    ]);
    check_stays(&[
        "max_tokens: 100",
        "total_tokens=12.5, x",
        "tokens 100",
        "token_type=bearer",
        "recv_value=12",
    ]);
}

/// Quadratic code takes minutes for these texts. Linear code takes about a second without optimisation.
#[test]
fn long_texts_take_linear_time() {
    let parts = [
        "0 1 ",
        "4 ",
        "44 ",
        "4111 ",
        "4111",
        "4111a",
        "%25",
        " ",
        "\"",
        "\\",
        "\\\"",
        ":",
        "=",
        "\": '= \\",
        "password ",
        "password:",
        "password=[",
        "token: Some(",
        "token=\"",
        "\"token\", ",
        "A(",
        "Cookie: '",
        "bearer ",
        "://:@",
        "a",
        "a.",
        "eyJ",
        "\\n",
        "token: {a: ",
        "cvv is ",
        "\n",
        "é",
    ];
    for part in parts {
        let text = part.repeat(300_000 / part.len());
        for text in [format!("1234567890123 password: [A({text}"), text] {
            let start = Instant::now();
            scrub_text(&text);
            assert!(start.elapsed() < Duration::from_secs(20), "{part:?} takes {:?}", start.elapsed());
        }
    }
}
