//! Decides which keys name a secret.

/// A key that contains one of these is sensitive. Case and separators do not count.
const WITHIN: [&str; 18] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "authorization",
    "credential",
    "cookie",
    "cardnumber",
    "creditcard",
    "cardnum",
    "ccnumber",
    "securitycode",
    "sessionid",
    "xcsrf",
];

/// A key is sensitive if one of these is a whole part of it. Within a part they do not count, because common words
/// contain them.
const PARTS: [&str; 14] =
    ["cvv", "cvv2", "cvc", "cvc2", "ccv", "csc", "pwd", "pass", "pin", "pan", "auth", "jwt", "iban", "ssn"];

/// A key is sensitive if one of its parts contains one of these: `cardcvv`, but not `recv_value`.
const IN_WORDS: [&str; 2] = ["cvv", "cvc"];

/// A key that ends like this is about a secret but holds none.
const HARMLESS: [&str; 4] = ["authenticated", "unauthenticated", "secretsmanager", "tokentype"];

/// A key that ends like this holds a count, if its value is a number.
const COUNTS: [&str; 2] = ["tokens", "tokencount"];

/// What a key says about its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Harmless,
    /// A secret unless the value is a number. A key such as `tokens` names the tokens or their sum.
    Count,
    Secret,
}

/// Whether any value under this key is masked: names like `password`, `cvv`, `authorization`, `access_token`, in any
/// case and with any separators.
///
/// It is false for names like `max_tokens`. Under those, every value but a number is masked.
pub fn is_sensitive_key(key: &str) -> bool {
    kind(key) == Kind::Secret
}

/// Judges a key by its last 128 bytes, because the end of a path names the value.
pub(super) fn kind(key: &str) -> Kind {
    let key = &key[key.ceil_char_boundary(key.len().saturating_sub(128))..];
    let flat = flat(key);
    if HARMLESS.iter().any(|h| flat.ends_with(h)) {
        return Kind::Harmless;
    }
    let part = |part: String| PARTS.contains(&part.as_str()) || IN_WORDS.iter().any(|w| part.contains(w));
    if !WITHIN.iter().any(|within| flat.contains(within))
        && ![false, true].iter().any(|acronyms| parts(key, *acronyms).any(part))
    {
        Kind::Harmless
    } else if COUNTS.iter().any(|count| flat.ends_with(count)) {
        Kind::Count
    } else {
        Kind::Secret
    }
}

/// Whether the key names a header that is secret up to the end of its line.
pub(super) fn is_header(key: &str) -> bool {
    let flat = flat(&key[key.ceil_char_boundary(key.len().saturating_sub(128))..]);
    ["authorization", "cookie", "cookies"].iter().any(|header| flat.ends_with(header))
}

/// Whether a value is a number as counts are written.
pub(super) fn is_number(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'_')
}

fn flat(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Splits a key into words: `snake_case`, `kebab-case`, `dotted.case`, `camelCase` and, with `acronyms`, `PINCode`.
fn parts(key: &str, acronyms: bool) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut chars = key.chars().peekable();
    while let Some(c) = chars.next() {
        let word_follows = acronyms && chars.peek().is_some_and(char::is_ascii_lowercase);
        if !c.is_ascii_alphanumeric()
            || (c.is_ascii_uppercase() && (before.is_ascii_lowercase() || word_follows))
        {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.into_iter()
}

/// Whether a field of Sentry's protocol holds an identifier in hexadecimal. Sixteen decimal digits in it may look
/// like a card number, and a masked identifier breaks the trace.
pub(super) fn is_identifier(key: &str, value: &str) -> bool {
    const IDS: [&str; 9] = [
        "event_id",
        "trace_id",
        "span_id",
        "parent_span_id",
        "segment_id",
        "check_in_id",
        "debug_id",
        "code_id",
        "instruction_addr",
    ];
    IDS.contains(&key)
        && value.len() <= 40
        && value.trim_start_matches("0x").bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && (value.len() != 19 || value.starts_with("0x"))
}
