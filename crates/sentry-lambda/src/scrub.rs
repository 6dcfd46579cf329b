//! Masks card numbers and secrets in everything that is about to leave the process.
//!
//! It works on JSON values and on plain text. It does not look at the type of an item, so unknown types are scanned,
//! too. Keys are judged by name, strings by content. The structure stays, so a masked event is still an event.

mod card;
mod key;
mod pair;
mod text;

use serde_json::Value;

use key::Kind;

pub use card::mask_cards;
pub use key::is_sensitive_key;
pub use text::scrub_text;

/// The text that replaces a masked value, as in Sentry's own scrubbing.
pub const MASK: &str = "[Filtered]";

/// Masks a JSON value in place. Under a sensitive key every scalar is masked. In any other string card numbers,
/// tokens and `key=value` pairs with a sensitive key are masked.
///
/// ```
/// let mut extra = serde_json::json!({"cvv": "123", "note": "card 4111 1111 1111 1111"});
/// sentry_lambda::scrub::scrub_json(&mut extra);
/// assert_eq!(extra, serde_json::json!({"cvv": "[Filtered]", "note": "card [Filtered]"}));
/// ```
pub fn scrub_json(value: &mut Value) {
    walk(value, None);
}

/// Masks the payload of an envelope item: as JSON if it is JSON, as text if it is UTF-8. Other bytes (a binary
/// attachment) are returned unchanged.
pub fn scrub_payload(payload: &[u8]) -> Vec<u8> {
    if let Ok(mut value) = serde_json::from_slice::<Value>(payload) {
        scrub_json(&mut value);
        if let Ok(bytes) = serde_json::to_vec(&value) {
            return bytes;
        }
    }
    match std::str::from_utf8(payload) {
        Ok(text) => scrub_text(text).into_owned().into_bytes(),
        Err(_) => payload.to_vec(),
    }
}

fn walk(value: &mut Value, key: Option<&str>) {
    match value {
        Value::Object(map) => {
            // Some libraries write headers and attributes as `{"key": "cvv", "value": "123"}`.
            let name = |k: &String| k.eq_ignore_ascii_case("key") || k.eq_ignore_ascii_case("name");
            let names = map.iter().filter(|(k, _)| name(k)).filter_map(|(_, v)| v.as_str());
            let named = names.map(key::kind).find(|kind| *kind != Kind::Harmless).unwrap_or(Kind::Harmless);
            let keys: Vec<String> = map.keys().filter(|k| card::mask_cards(k).is_some()).cloned().collect();
            for key in keys {
                if let (Some(value), Some(masked)) = (map.remove(&key), card::mask_cards(&key)) {
                    map.insert(masked, value);
                }
            }
            for (key, value) in map.iter_mut() {
                let of_name = if key.eq_ignore_ascii_case("value") { named } else { Kind::Harmless };
                match key::kind(key) {
                    Kind::Harmless if of_name == Kind::Harmless => walk(value, Some(key)),
                    Kind::Harmless => mask(value, of_name),
                    kind => mask(value, kind),
                }
            }
        }
        Value::Array(items) => {
            // Tags and headers may be written as pairs.
            if let [Value::String(name), second] = items.as_mut_slice()
                && key::kind(name) != Kind::Harmless
            {
                mask(second, key::kind(name));
                return;
            }
            items.iter_mut().for_each(|item| walk(item, key));
        }
        Value::String(string) => {
            if !key.is_some_and(|key| key::is_identifier(key, string))
                && let std::borrow::Cow::Owned(masked) = scrub_text(string)
            {
                *string = masked;
            }
        }
        Value::Number(number) => {
            if card::mask_cards(&number.to_string()).is_some() {
                *value = Value::String(MASK.to_owned());
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Masks every scalar in `value`, except a number that is a count. The structure stays, and a typed attribute keeps a
/// `type`.
fn mask(value: &mut Value, kind: Kind) {
    let number = match value {
        Value::Number(_) => true,
        Value::String(string) => key::is_number(string),
        _ => false,
    };
    match value {
        Value::Null => {}
        Value::Object(map) => {
            let attribute = map.contains_key("value") && map.contains_key("type");
            map.iter_mut().filter(|(key, _)| !(attribute && *key == "type")).for_each(|(_, v)| mask(v, kind));
            if attribute && map.get("value").is_some_and(Value::is_string) {
                map.insert("type".into(), Value::String("string".into()));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, kind)),
        _ if number && kind == Kind::Count => walk(value, None),
        _ => *value = Value::String(MASK.to_owned()),
    }
}

#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;
