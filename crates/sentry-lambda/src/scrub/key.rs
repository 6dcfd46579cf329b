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

/// Names that contain one of the above and are none: token counts, and Sentry's own fields.
const HARMLESS: [&str; 6] =
    ["tokens", "tokencount", "authenticated", "unauthenticated", "secretsmanager", "tokentype"];

/// Whether a value under this key is masked: names like `password`, `cvv`, `authorization`, `access_token`, in
/// any case and with any separators.
pub fn is_sensitive_key(key: &str) -> bool {
    if key.len() > 128 {
        return false;
    }
    let flat: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if HARMLESS.iter().any(|h| flat.ends_with(h)) {
        return false;
    }
    WITHIN.iter().any(|w| flat.contains(w)) || parts(key).any(|part| PARTS.contains(&part.as_str()))
}

/// The words of `snake_case`, `kebab-case`, `dotted.case` and `camelCase`.
fn parts(key: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in key.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
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
