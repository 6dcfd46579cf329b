//! Sessions: users who proved their identity, and the tokens that they get.

use acme_common::id::UserId;
use acme_common::json::{Field, FieldError, FromJson};
use acme_common::telemetry::ErrorSite;
use acme_http::token::{Claims, Issuer, TokenUse, Verifier};
use jiff::Timestamp;

use crate::error::UserError;
use crate::failures::MAX_FAILURES;
use crate::password::Password;
use crate::store::{Login, Users};
use crate::user::{User, Username};

/// A user who proved their identity. Only such a user gets tokens. Only this module makes one: by comparing a
/// password, or by verifying a refresh token.
#[derive(Debug, Clone)]
pub struct Authenticated(User);

/// A login as a client sends it.
#[derive(Debug, Clone)]
pub struct LoginRequest {
    username: Username,
    password: Password,
}

/// The tokens of a session: one to call routes, and one to get new tokens.
#[derive(Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Authenticated {
    /// Compares the password. Counts a failed login if it is wrong.
    ///
    /// # Errors
    /// [`UserError::WrongPair`]; [`UserError::Locked`] after too many failed logins, even with the right password; or
    /// when the hash or the store fails.
    pub async fn by_password(
        users: &dyn Users,
        LoginRequest { username, password }: LoginRequest,
        now: Timestamp,
    ) -> Result<Self, UserError> {
        let Login { credentials, failures } = users.login(&username).await.here()?;
        if let Some(seconds) = failures.lock(now) {
            return Err(UserError::Locked { seconds });
        }
        let hash = credentials.as_ref().map(|known| &known.password);
        let matches = password.matches(hash).await.here()?;
        // The failures that were read may be old now. So of many guesses at once, only those within the limit get an
        // answer.
        match credentials {
            Some(known) if matches => match users.clear_failures(&username, now).await.here()?.lock(now) {
                Some(seconds) => Err(UserError::Locked { seconds }),
                None => Ok(Self(known.user)),
            },
            _ => {
                let failures = users.failed_login(&username, now).await.here()?;
                match failures.lock(now).filter(|_| failures.count > MAX_FAILURES) {
                    Some(seconds) => Err(UserError::Locked { seconds }),
                    None => Err(UserError::WrongPair),
                }
            }
        }
    }

    /// Verifies a refresh token, and reads its user again in the present state.
    ///
    /// # Errors
    /// [`UserError::BadToken`], or when the store fails.
    pub async fn by_refresh_token(
        users: &dyn Users,
        verifier: &Verifier,
        token: &str,
    ) -> Result<Self, UserError> {
        let claims = verifier.verify(token, TokenUse::Refresh).map_err(|_| UserError::BadToken)?;
        let id = UserId::parse(&claims.sub).ok_or(UserError::BadToken)?;
        let user = users.by_id(&id).await.here()?;
        user.map(Self).ok_or(UserError::BadToken)
    }

    /// Makes new tokens for the user. `None` if they cannot be signed, which cannot happen with a valid key.
    pub fn tokens(&self, issuer: &Issuer, now: Timestamp) -> Option<Tokens> {
        let Self(user) = self;
        let id = user.id.as_str();
        Some(Tokens {
            access: issuer.issue(&Claims::access(id, user.username.as_str(), user.staff, now))?,
            refresh: issuer.issue(&Claims::refresh(id, now))?,
        })
    }
}

impl FromJson for LoginRequest {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self {
            username: field.get("username").read()?,
            password: Password::read_for_login(&field.get("password"))?,
        })
    }
}
