//! Which keys name a secret.

/// Masked wherever they occur in a key, after taking out case and separators.
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

/// Masked only as a whole part of a key, for they are parts of common words.
const PARTS: [&str; 14] =
    ["cvv", "cvv2", "cvc", "cvc2", "ccv", "csc", "pwd", "pass", "pin", "pan", "auth", "jwt", "iban", "ssn"];

/// Masked anywhere in one word, but not across two: `cardcvv`, not `recv_value`.
const IN_WORDS: [&str; 2] = ["cvv", "cvc"];

/// Names that end like this tell of a secret and hold none.
const HARMLESS: [&str; 4] = ["authenticated", "unauthenticated", "secretsmanager", "tokentype"];

/// Names that end like this hold a count, if they hold a number.
const COUNTS: [&str; 2] = ["tokens", "tokencount"];

/// What a key says of its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Harmless,
    /// A secret unless it is a number: the sum of tokens and the tokens themselves have one name.
    Count,
    Secret,
}

/// Whether any value under this key is masked: names like `password`, `cvv`, `authorization`, `access_token`,
/// in any case and with any separators. Under names like `max_tokens` all but numbers are masked, too.
pub fn is_sensitive_key(key: &str) -> bool {
    kind(key) == Kind::Secret
}

/// Judges a key by its last 128 bytes, for the end of a path names the value.
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

/// Whether this names a header that holds secrets up to its line's end, whatever is between.
pub(super) fn is_header(key: &str) -> bool {
    let flat = flat(&key[key.ceil_char_boundary(key.len().saturating_sub(128))..]);
    ["authorization", "cookie", "cookies"].iter().any(|header| flat.ends_with(header))
}

/// Whether a value is a number as a count is one.
pub(super) fn is_number(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'_')
}

fn flat(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The words of `snake_case`, `kebab-case`, `dotted.case`, `camelCase` and, with `acronyms`, `PINCode`.
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

/// Fields of Sentry's protocol whose value is an identifier in hexadecimal; sixteen decimal digits among them
/// may look like a card number, and a changed one breaks the trace.
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
