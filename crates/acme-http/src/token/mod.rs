//! Access and refresh tokens: JWTs signed with Ed25519, each naming its key by `kid`.

mod keys;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

pub use keys::{BadKey, Issuer, Verifier};

/// How long an access token lives, in seconds.
pub const ACCESS_SECONDS: i64 = 5 * 60;
/// How long a refresh token lives, in seconds.
pub const REFRESH_SECONDS: i64 = 15 * 60;

/// What a token is for. One cannot stand in for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenUse {
    /// It calls routes.
    Access,
    /// It gets new tokens.
    Refresh,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user's name; only in access tokens.
    #[serde(rename = "Username", default, skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// The user's id.
    pub sub: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// What it is for.
    pub token_use: TokenUse,
    /// `staff` in the access tokens of those who work here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A token that is not ours, not of this use, or over. Which of these is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct BadToken;

impl Claims {
    /// An access token's claims for a user, from `now`.
    pub fn access(user_id: &str, username: &str, staff: bool, now: Timestamp) -> Self {
        Self {
            username: username.to_owned(),
            sub: user_id.to_owned(),
            exp: now.as_second() + ACCESS_SECONDS,
            token_use: TokenUse::Access,
            role: staff.then(|| "staff".to_owned()),
        }
    }

    /// A refresh token's claims for a user, from `now`.
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

    /// Whether the token is of someone who works here.
    pub fn is_staff(&self) -> bool {
        self.role.as_deref() == Some("staff")
    }
}

impl Issuer {
    /// The signed token that says `claims`; `None` when it cannot be signed, which a good key rules out.
    pub fn issue(&self, claims: &Claims) -> Option<String> {
        let header = Header { kid: Some(self.kid().to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, self.key()).ok()
    }
}

impl Verifier {
    /// What `token` says, if one of our keys signed it, it is meant for `token_use`, and its time is not over.
    ///
    /// # Errors
    /// [`BadToken`], for whatever reason.
    pub fn verify(&self, token: &str, token_use: TokenUse) -> Result<Claims, BadToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken)?;
        let key = self.key(header.kid.as_deref().ok_or(BadToken)?).ok_or(BadToken)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        // The library alone would let a token pass during the second in which it ends (RFC 7519, section 4.1.4).
        validation.reject_tokens_expiring_in_less_than = 1;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| BadToken)?.claims;
        if claims.token_use == token_use { Ok(claims) } else { Err(BadToken) }
    }
}
