//! Secrets within text: card numbers, `key=value`, bearer tokens, JSON web tokens, access keys, URL passwords.

use std::borrow::Cow;

use super::pair::mask_pairs;
use super::{MASK, mask_cards};

/// Masks what looks like a secret in `text`: card numbers, the value of `key=value`, `key: Some("value")`,
/// `"key":"value"` and `"key", "value"` with a sensitive key, the lines of authorization and cookie headers,
/// `Bearer` and `Basic` credentials, JSON web tokens, AWS access keys, and passwords in URLs.
pub fn scrub_text(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    // What one pass masks may complete what another pass looks for. Two rounds are mostly enough.
    for _ in 0..4 {
        let mut found = false;
        for pass in [mask_cards, mask_pairs, mask_schemes, mask_shapes, mask_urls] {
            if let Some(masked) = pass(&text) {
                (text, found) = (Cow::Owned(masked), true);
            }
        }
        if !found {
            break;
        }
    }
    text
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.'
}

/// Replaces the ranges with the mask. The ranges are in order and do not overlap.
pub(super) fn replace(text: &str, ranges: &[(usize, usize)]) -> Option<String> {
    let mut at = 0;
    let mut out = String::with_capacity(text.len());
    for (from, to) in ranges {
        out.push_str(&text[at..*from]);
        out.push_str(MASK);
        at = *to;
    }
    (!ranges.is_empty()).then(|| out + &text[at..])
}

/// Masks the credentials in `Bearer xyz` and `Basic xyz`, in any case.
fn mask_schemes(text: &str) -> Option<String> {
    let mut ranges = Vec::new();
    for (i, _) in text.match_indices(' ') {
        let before = |scheme: &str| {
            let from = i.checked_sub(scheme.len());
            from.and_then(|from| text.get(from..i)).is_some_and(|word| word.eq_ignore_ascii_case(scheme))
        };
        if !before("bearer") && !before("basic") {
            continue;
        }
        let rest = text[i..].trim_start_matches(' ');
        let length = rest.find(|c: char| !(is_word(c) || "+/=~".contains(c))).unwrap_or(rest.len());
        // A shorter word is prose.
        if length >= 12 {
            let start = text.len() - rest.len();
            ranges.push((start, start + length));
        }
    }
    replace(text, &ranges)
}

/// Masks JSON web tokens and AWS access key ids, which are known by their shape.
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

/// Masks the password in `scheme://user:password@host`.
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
