//! Access tokens and refresh tokens: JWTs that are signed with Ed25519. Each names its key by `kid`.

mod keys;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

pub use keys::{BadKey, Issuer, Verifier};

/// How long an access token is valid, in seconds.
pub const ACCESS_SECONDS: i64 = 5 * 60;
/// How long a refresh token is valid, in seconds.
pub const REFRESH_SECONDS: i64 = 15 * 60;

/// What a token is for. A token of one use is not accepted for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenUse {
    /// The token calls routes.
    Access,
    /// The token gets new tokens.
    Refresh,
}

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user's name. Only access tokens have it.
    #[serde(rename = "Username", default, skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// The user's id.
    pub sub: String,
    /// When the token ends, in seconds since 1970.
    pub exp: i64,
    /// What the token is for.
    pub token_use: TokenUse,
    /// `staff` in the access tokens of staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// The token is not from this shop, has another use, or is over. The error does not tell which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct BadToken;

impl Claims {
    /// The claims of an access token for a user, valid from `now`.
    pub fn access(user_id: &str, username: &str, staff: bool, now: Timestamp) -> Self {
        Self {
            username: username.to_owned(),
            sub: user_id.to_owned(),
            exp: now.as_second() + ACCESS_SECONDS,
            token_use: TokenUse::Access,
            role: staff.then(|| "staff".to_owned()),
        }
    }

    /// The claims of a refresh token for a user, valid from `now`.
    pub fn refresh(user_id: &str, now: Timestamp) -> Self {
        let exp = now.as_second() + REFRESH_SECONDS;
        Self {
            username: String::new(),
            sub: user_id.to_owned(),
            exp,
            token_use: TokenUse::Refresh,
            role: None,
        }
    }

    /// Whether the token belongs to staff.
    pub fn is_staff(&self) -> bool {
        self.role.as_deref() == Some("staff")
    }
}

impl Issuer {
    /// Signs a token with these claims. Returns `None` if it cannot be signed, which does not happen with a good key.
    pub fn issue(&self, claims: &Claims) -> Option<String> {
        let header = Header { kid: Some(self.kid().to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, self.key()).ok()
    }
}

impl Verifier {
    /// The claims of `token`, if a key of the shop signed it, its use is `token_use`, and it is not over.
    ///
    /// # Errors
    /// [`BadToken`] in every other case.
    pub fn verify(&self, token: &str, token_use: TokenUse) -> Result<Claims, BadToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken)?;
        let key = self.key(header.kid.as_deref().ok_or(BadToken)?).ok_or(BadToken)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        // Without this, the library would accept a token during the second in which it ends (RFC 7519, section 4.1.4).
        validation.reject_tokens_expiring_in_less_than = 1;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| BadToken)?.claims;
        if claims.token_use == token_use { Ok(claims) } else { Err(BadToken) }
    }
}
