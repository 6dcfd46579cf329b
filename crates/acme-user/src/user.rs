//! Users: the public part and the stored part.

use acme_common::id::UserId;
use acme_common::json::{Field, FieldError, FromJson};
use serde::Serialize;

use crate::password::PasswordHash;

/// The most characters of a username.
pub const MAX_USERNAME: usize = 64;
/// The most characters of a first or last name.
pub const MAX_NAME: usize = 128;
/// The most characters of an email address (RFC 5321, section 4.5.3.1.3, without the brackets).
pub const MAX_EMAIL: usize = 254;

/// A username: 1 to [`MAX_USERNAME`] ASCII letters, digits, `.`, `_`, `-` and `@`. There are no lookalikes from other
/// alphabets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Username(String);

/// A text that looks like an email address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// The part of a user that the shop's answers show. It holds no password and no hash, so an answer cannot leak them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(crate::demo::users().first()))))]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub username: Username,
    /// The first name. It may be empty.
    pub firstname: String,
    /// The last name. It may be empty.
    pub lastname: String,
    /// The email address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub email: Email,
    /// Whether the user is staff. No field that a client sends sets it.
    #[serde(skip)]
    pub staff: bool,
}

/// A user and the hash of their password. Only stores and the login see it, and it cannot be serialized.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>() {}
/// written::<acme_user::Credentials>();
/// ```
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// The hash of the password.
    pub password: PasswordHash,
}

impl Username {
    /// Reads a username. `None` if `text` is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"._-@".contains(&b);
        ((1..=MAX_USERNAME).contains(&text.len()) && text.bytes().all(good)).then(|| Self(text.to_owned()))
    }

    /// The username as its user writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The username in lower case. It is unique in the store.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Email {
    /// Reads an address. `None` unless it looks like one: a text, an `@`, and a name with a dot in it.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let good = text.chars().count() <= MAX_EMAIL
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && !local.is_empty()
            && !local.contains('@')
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty());
        good.then(|| Self(text.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromJson for Username {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let fault =
            || field.expected(format!("1 to {MAX_USERNAME} letters, digits, dots, underscores, dashes or @"));
        let text = field.text(MAX_USERNAME).map_err(|_| fault())?;
        Self::parse(&text).ok_or_else(fault)
    }
}

impl FromJson for Email {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        let fault = || field.expected("an email address, such as name@example.com");
        let text = field.text(MAX_EMAIL).map_err(|_| fault())?;
        Self::parse(&text).ok_or_else(fault)
    }
}
