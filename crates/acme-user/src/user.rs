//! Users: what is public of them, what is kept of them, and what they must send to become one.

use acme_common::id::UserId;
use acme_common::idempotency::Keyed;
use acme_common::json::{Field, FieldError, FromJson};
use serde::Serialize;

use crate::error::UserError;
use crate::password::{HashError, Password, PasswordHash};
use crate::store::{RegisterError, Users};

/// The most characters of a username.
pub const MAX_USERNAME: usize = 64;
/// The most characters of a first or last name.
pub const MAX_NAME: usize = 128;
/// The most characters of an email address (RFC 5321, section 4.5.3.1.3, less the brackets).
pub const MAX_EMAIL: usize = 254;

/// A username: 1 to [`MAX_USERNAME`] ASCII letters, digits, `.`, `_`, `-` and `@`; no lookalikes from other
/// alphabets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Username(String);

/// An email address that may well be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// What the shop's answers say of a user. There is no password in here and no hash, so none can get out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(json!(crate::demo::users().first()))))]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub username: Username,
    /// The first name; may be empty.
    pub firstname: String,
    /// The last name; may be empty.
    pub lastname: String,
    /// The email address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub email: Email,
    /// Whether they work here. Nothing that a client sends sets it.
    #[serde(skip)]
    pub staff: bool,
}

/// A user and what proves that someone is that user. Only stores and the login see it, and it cannot be serialized.
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

/// A registration as a client sends it.
#[derive(Debug, Clone)]
pub struct RegisterRequest {
    username: Username,
    password: Password,
    firstname: String,
    lastname: String,
    email: Email,
}

impl Username {
    /// The username that `text` is, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"._-@".contains(&b);
        ((1..=MAX_USERNAME).contains(&text.len()) && text.bytes().all(good)).then(|| Self(text.to_owned()))
    }

    /// The username as its user writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique among usernames: the same in lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Email {
    /// The address that `text` is, if it looks like one: something, an `@`, and a name with a dot in it.
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

impl RegisterRequest {
    /// Makes a user of it: a customer, under a new id. `keyed` makes the answer that is kept beside the user.
    ///
    /// # Errors
    /// [`UserError::Taken`], or when hashing or the store fails.
    pub async fn register(
        self,
        users: &dyn Users,
        keyed: impl FnOnce(&User) -> Option<Keyed>,
    ) -> Result<(), UserError> {
        let credentials = self.hashed().await?;
        let keyed = keyed(&credentials.user);
        match users.register(credentials, keyed.as_ref()).await {
            Ok(()) => Ok(()),
            Err(RegisterError::Taken) => Err(UserError::Taken),
            Err(RegisterError::Store(error)) => Err(error.into()),
        }
    }

    async fn hashed(self) -> Result<Credentials, HashError> {
        Ok(Credentials {
            user: User {
                id: UserId::random(),
                username: self.username,
                firstname: self.firstname,
                lastname: self.lastname,
                email: self.email,
                staff: false,
            },
            password: self.password.hash().await?,
        })
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

impl FromJson for RegisterRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self {
            username: field.get("username").read()?,
            password: Password::read_new(&field.get("password"))?,
            firstname: field.get("firstname").text_or_empty(MAX_NAME)?,
            lastname: field.get("lastname").text_or_empty(MAX_NAME)?,
            email: field.get("email").read()?,
        })
    }
}
