//! Secrets within text: card numbers, `key=value`, bearer tokens, JSON web tokens, access keys, URL passwords.

use std::borrow::Cow;

use super::{MASK, is_sensitive_key, mask_cards};

/// Masks what looks like a secret in `text`: card numbers, the value of `key=value`, `key: value` and
/// `"key":"value"` with a sensitive key, `Bearer` and `Basic` credentials, JSON web tokens, AWS access keys, and
/// passwords in URLs.
pub fn scrub_text(text: &str) -> Cow<'_, str> {
    let mut text = match mask_cards(text) {
        Some(masked) => Cow::Owned(masked),
        None => Cow::Borrowed(text),
    };
    for pass in [mask_pairs, mask_schemes, mask_shapes, mask_urls] {
        if let Some(masked) = pass(&text) {
            text = Cow::Owned(masked);
        }
    }
    text
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.'
}

/// Replaces ranges, which are in order and apart.
fn replace(text: &str, ranges: &[(usize, usize)]) -> Option<String> {
    let mut at = 0;
    let mut out = String::with_capacity(text.len());
    for (from, to) in ranges {
        out.push_str(&text[at..*from]);
        out.push_str(MASK);
        at = *to;
    }
    (!ranges.is_empty()).then(|| out + &text[at..])
}

/// `key=value`, `key: value`, `"key":"value"`, `\"key\":\"value\"`, `key is value` for digits.
fn mask_pairs(text: &str) -> Option<String> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (i, c) in text.char_indices().filter(|(_, c)| matches!(c, '=' | ':' | ' ')) {
        if ranges.last().is_some_and(|(_, to)| i < *to) {
            continue;
        }
        let before = text[..i].trim_end_matches(['"', '\'', '\\', ' ']);
        let key_at = before
            .rfind(|c| !is_word(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let key = &before[key_at..];
        if key.is_empty() || !is_sensitive_key(key) {
            continue;
        }
        let value = text[i + 1..].trim_start_matches(' ');
        // Prose: `cvv 123`, `cvv is 123`; only digits, or every sentence on passwords would lose a word.
        let value = if c == ' ' { value.strip_prefix("is ").unwrap_or(value) } else { value };
        let quoted = value.trim_start_matches('\\').starts_with(['"', '\'']);
        let value = value.trim_start_matches(['\\', '"', '\'']);
        if c != ' ' && !quoted && value.starts_with(['{', '[', '(']) {
            continue;
        }
        let start = text.len() - value.len();
        let ends = |c: char| {
            if quoted {
                matches!(c, '"' | '\'' | '\\')
            } else {
                c.is_whitespace() || ",;&\"'\\)]}".contains(c)
            }
        };
        let length = value.find(ends).unwrap_or(value.len());
        let shown = &value[..length];
        let digits = !shown.is_empty() && shown.bytes().all(|b| b.is_ascii_digit());
        let scheme = ["Bearer", "Basic", "bearer", "basic"].contains(&shown);
        if length > 0 && shown != MASK && !scheme && !shown.starts_with(':') && (c != ' ' || digits) {
            ranges.push((start, start + length));
        }
    }
    replace(text, &ranges)
}

/// `Bearer xyz` and `Basic xyz`.
fn mask_schemes(text: &str) -> Option<String> {
    let mut ranges = Vec::new();
    for scheme in ["Bearer ", "bearer ", "Basic ", "basic "] {
        for (i, _) in text.match_indices(scheme) {
            let start = i + scheme.len();
            let length = text[start..]
                .find(|c: char| !(is_word(c) || "+/=~".contains(c)))
                .unwrap_or(text.len() - start);
            // Words of prose are short.
            if length >= 12 {
                ranges.push((start, start + length));
            }
        }
    }
    ranges.sort_unstable();
    replace(text, &ranges)
}

/// JSON web tokens and AWS access key ids, which tell by their shape.
fn mask_shapes(text: &str) -> Option<String> {
    if !["eyJ", "AKIA", "ASIA"].iter().any(|start| text.contains(start)) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(start) = rest.find(is_word) else { break };
        let word = &rest[start..];
        let length = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let word = &word[..length];
        let jwt = word.starts_with("eyJ") && word.split('.').filter(|p| p.len() >= 4).count() >= 3;
        let key = (word.starts_with("AKIA") || word.starts_with("ASIA"))
            && word.len() == 20
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if jwt || key {
            ranges.push((at + start, at + start + length));
        }
        at += start + length.max(1);
    }
    replace(text, &ranges)
}

/// `scheme://user:password@host`.
fn mask_urls(text: &str) -> Option<String> {
    let mut ranges = Vec::new();
    for (i, _) in text.match_indices("://") {
        let start = i + 3;
        let authority = &text[start..];
        let authority = &authority[..authority
            .find(|c: char| c.is_whitespace() || "/?#\"'".contains(c))
            .unwrap_or(authority.len())];
        let Some((user, _)) = authority.rsplit_once('@') else {
            continue;
        };
        let Some(colon) = user.find(':') else { continue };
        if colon + 1 < user.len() && !user[colon + 1..].starts_with(MASK) {
            ranges.push((start + colon + 1, start + user.len()));
        }
    }
    replace(text, &ranges)
}
