//! Reads JSON liberally: names in any case, numbers as strings, strings as numbers. Each error names its field.
//!
//! The shop's existing clients and producers use different types and spellings. So the shop reads JSON through
//! [`Field`], which knows its own path. `serde` writes JSON in one exact form.
//!
//! ```
//! use acme_common::json::Field;
//!
//! let body = serde_json::json!({"ITEMID": 7, "quantity": "2", "price": "\"73.76\""});
//! let body = Field::root(&body);
//! assert_eq!(body.get("itemid").text(64)?, "7");
//! assert_eq!(body.get("quantity").integer(1..=10_000)?, 2);
//! assert_eq!(body.get("price").money()?.to_string(), "73.76");
//! assert_eq!(body.get("total").money().unwrap_err().field, "total");
//! # Ok::<(), acme_common::json::FieldError>(())
//! ```

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::money::Money;

/// A field that is missing, of a type that cannot be read, or out of range.
///
/// The text names the field and what was expected. It never contains the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct FieldError {
    /// The path of the field, such as `cart[0].price`, or `body` for the document itself.
    pub field: String,
    /// What would be right.
    pub expected: String,
}

impl FieldError {
    /// An error of `field`. `expected` says what would be right.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), expected: expected.into() }
    }
}

/// Reads a type from a JSON field.
pub trait FromJson: Sized {
    /// Reads `field` and everything below it.
    ///
    /// # Errors
    /// The first [`FieldError`] that the type finds.
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError>;
}

impl FromJson for Value {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(field.value.cloned().unwrap_or_default())
    }
}

/// Reads a whole document from bytes. The content type does not matter.
///
/// # Errors
/// A [`FieldError`] for `body` when the bytes are not JSON, otherwise the first error of `T`.
pub fn from_slice<T: FromJson>(bytes: &[u8]) -> Result<T, FieldError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|e| FieldError::new("body", format!("JSON ({})", describe(&e))))?;
    T::from_json(&Field::root(&value))
}

/// Says where the JSON is wrong, without any of its content.
fn describe(error: &serde_json::Error) -> String {
    let fault = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        _ => "syntax",
    };
    format!("{fault} at line {}, column {}", error.line(), error.column())
}

/// A place in a JSON document and its path. The place may hold no value.
#[derive(Clone)]
pub struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    /// The document itself.
    pub fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value: Some(value) }
    }

    /// The member with this name, in any case. An exact match comes first. JSON's `null` counts as absent.
    pub fn get(&self, name: &str) -> Field<'a> {
        let value = self.value.and_then(Value::as_object).and_then(|members| {
            members.get(name).or_else(|| {
                members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            })
        });
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Field { path, value: value.filter(|v| !v.is_null()) }
    }

    /// The first member that is present among `names`, the accepted spellings of one thing. Errors name the first
    /// spelling.
    pub fn any(&self, names: &[&str]) -> Field<'a> {
        let first = self.get(names.first().copied().unwrap_or_default());
        if first.is_present() {
            return first;
        }
        match names.iter().map(|name| self.get(name)).find(Field::is_present) {
            Some(found) => Field { path: first.path, value: found.value },
            None => first,
        }
    }

    /// Whether there is a value here.
    pub fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// The path of this place, such as `cart[0]`, or `None` for the document itself.
    pub fn path(&self) -> Option<&str> {
        (!self.path.is_empty()).then_some(&self.path)
    }

    /// An error of this place. `expected` says what would be right.
    pub fn expected(&self, expected: impl Into<String>) -> FieldError {
        FieldError::new(self.path().unwrap_or("body"), expected)
    }

    /// Checks that this is an object. So an error names the object, not its first member.
    ///
    /// # Errors
    /// When the value is absent or not an object.
    pub fn object(&self) -> Result<&Self, FieldError> {
        if self.value.is_some_and(Value::is_object) { Ok(self) } else { Err(self.expected("an object")) }
    }

    /// Text of 1 to `max` characters. Numbers and booleans count as text.
    ///
    /// # Errors
    /// When the value is absent, empty, too long, a list or an object.
    pub fn text(&self, max: usize) -> Result<String, FieldError> {
        let text = self.text_or_empty(max)?;
        if text.is_empty() { Err(self.expected(format!("text of 1 to {max} characters"))) } else { Ok(text) }
    }

    /// Text of at most `max` characters. It is empty when the value is absent. Numbers and booleans count as text.
    ///
    /// # Errors
    /// When the value is too long, a list or an object.
    pub fn text_or_empty(&self, max: usize) -> Result<String, FieldError> {
        let text = match self.value {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(_) => return Err(self.expected(format!("text of at most {max} characters"))),
        };
        if text.chars().count() > max {
            return Err(self.expected(format!("text of at most {max} characters")));
        }
        Ok(text)
    }

    /// A whole number within `range`, as a number or as a string.
    ///
    /// # Errors
    /// When the value is absent, not a whole number, or out of range.
    pub fn integer(&self, range: RangeInclusive<i64>) -> Result<i64, FieldError> {
        let number = match self.value {
            Some(Value::Number(number)) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Some(Value::String(text)) => unquoted(text).parse().ok(),
            _ => None,
        };
        number
            .filter(|n| range.contains(n))
            .ok_or_else(|| self.expected(format!("a whole number from {} to {}", range.start(), range.end())))
    }

    /// An amount of money from 0.00 to [`Money::MAX`], as a number or as a string. The string may have quotes inside.
    ///
    /// # Errors
    /// When the value is absent, not an amount, negative, too large, or has more than two decimals.
    pub fn money(&self) -> Result<Money, FieldError> {
        let money = match self.value {
            Some(Value::Number(number)) => number.to_string().parse().ok(),
            Some(Value::String(text)) => unquoted(text).parse().ok(),
            _ => None,
        };
        money.ok_or_else(|| self.expected(format!("an amount from 0.00 to {} in whole cents", Money::MAX)))
    }

    /// True or false, as a boolean, as a string, or as 1 and 0.
    ///
    /// # Errors
    /// When the value is absent or something else.
    pub fn boolean(&self) -> Result<bool, FieldError> {
        let text = match self.value {
            Some(Value::Bool(flag)) => return Ok(*flag),
            Some(Value::String(text)) => unquoted(text).to_ascii_lowercase(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        match text.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(self.expected("true or false")),
        }
    }

    /// The members of a list with at most `max` members. Each has its own path.
    ///
    /// # Errors
    /// When the value is absent, not a list, or too long.
    pub fn list(&self, max: usize) -> Result<Vec<Field<'a>>, FieldError> {
        match self.value {
            Some(Value::Array(items)) if items.len() <= max => Ok(items
                .iter()
                .enumerate()
                .map(|(i, value)| Field { path: format!("{}[{i}]", self.path), value: Some(value) })
                .collect()),
            _ => Err(self.expected(format!("a list of at most {max}"))),
        }
    }

    /// Reads a `T` from this place.
    ///
    /// # Errors
    /// The first error of `T`.
    pub fn read<T: FromJson>(&self) -> Result<T, FieldError> {
        T::from_json(self)
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The content of a string, without blanks and quotes at its ends.
fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// The whole number that a float such as `2.0` means.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation, reason = "checked: whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
