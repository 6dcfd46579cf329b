//! Passwords. They are wiped from memory and hashed with argon2id. A comparison takes the same time with and without
//! a user.

use acme_common::json::{Field, FieldError};
use argon2::password_hash::{self, phc};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The fewest characters of a new password.
pub const MIN_PASSWORD: usize = 8;
/// The most characters of a password, so that nobody can make the shop hash a megabyte.
pub const MAX_PASSWORD: usize = 128;

// The minimum for argon2id in OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash for a comparison without a user. It has the same parameters, so the work is the same. No password fits
/// it.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The most hashes and comparisons at once. Each takes 19 MiB and a core, so more would only wait for each other.
static WORKERS: Semaphore = Semaphore::const_new(8);

/// A password as a user typed it. It is wiped from memory when it is dropped, and it is never printed.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>() {}
/// written::<acme_user::password::Password>();
/// ```
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// The hash of a password, as a PHC string. It is for stores only: it cannot be serialized and is never printed.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>() {}
/// written::<acme_user::password::PasswordHash>();
/// ```
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

/// A password could not be hashed or compared. The error contains neither the password nor the hash.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed or compared: {0}")]
pub struct HashError(String);

impl Password {
    /// Reads a new password. `None` unless it has [`MIN_PASSWORD`] to [`MAX_PASSWORD`] characters.
    pub fn parse(text: &str) -> Option<Self> {
        (MIN_PASSWORD..=MAX_PASSWORD).contains(&text.chars().count()).then(|| Self(text.into()))
    }

    /// Makes a password that everybody knows.
    pub(crate) fn of_demo(text: &'static str) -> Self {
        Self(text.into())
    }

    /// Reads a new password.
    ///
    /// # Errors
    /// When it is missing, not a text, too short, or too long.
    pub fn read_new(field: &Field<'_>) -> Result<Self, FieldError> {
        let fault = || field.expected(format!("text of {MIN_PASSWORD} to {MAX_PASSWORD} characters"));
        let text = SecretString::from(field.text_or_empty(MAX_PASSWORD).map_err(|_| fault())?);
        Self::parse(text.expose_secret()).ok_or_else(fault)
    }

    /// Reads a password for a comparison. It may be shorter than a new password, and is then simply wrong.
    ///
    /// # Errors
    /// When it is missing, not a text, or too long.
    pub fn read_for_login(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self(field.text(MAX_PASSWORD)?.into()))
    }

    /// Hashes the password with a new salt, for a store to keep.
    ///
    /// # Errors
    /// When the system has no randomness, or no memory for the hash.
    pub async fn hash(self) -> Result<PasswordHash, HashError> {
        run_blocking(move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map_err(failed)?;
            let hash: phc::PasswordHash =
                argon2()?.hash_password_with_salt(self.bytes(), &salt).map_err(failed)?;
            Ok(PasswordHash(hash.to_string().into()))
        })
        .await
    }

    /// Whether the password fits `hash`. Without a hash it does the same work and returns false.
    ///
    /// # Errors
    /// When the hash is damaged, or there is no memory for the work.
    pub async fn matches(self, hash: Option<&PasswordHash>) -> Result<bool, HashError> {
        let hash = hash.cloned();
        run_blocking(move || {
            let phc = hash.as_ref().map_or(DECOY, PasswordHash::as_phc);
            let phc = phc::PasswordHash::new(phc).map_err(failed)?;
            match argon2()?.verify_password(self.bytes(), &phc) {
                Ok(()) => Ok(hash.is_some()),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl PasswordHash {
    /// Reads a hash that a store kept. `None` unless it is a PHC string.
    pub fn parse(phc: &str) -> Option<Self> {
        phc::PasswordHash::new(phc).ok()?;
        Some(Self(phc.into()))
    }

    /// The PHC string, for a store to keep.
    pub fn as_phc(&self) -> &str {
        self.0.expose_secret()
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs slow work outside the event loop. The number of such works at once is bounded.
async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let permit = WORKERS.acquire().await.map_err(failed)?;
    // The work holds the permit as long as it holds its memory, even if the caller is gone.
    spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(failed)?
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_user_costs_what_a_known_one_costs() {
        let hash = Password::parse("vmware1!").unwrap().hash().await.unwrap();
        let parameters = |phc: &str| phc.rsplitn(3, '$').last().unwrap().to_owned();
        assert_eq!(parameters(hash.as_phc()), parameters(DECOY));
        assert_eq!(hash.as_phc().len(), DECOY.len());
        assert!(!Password::parse("vmware1!").unwrap().matches(None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let new = |text: &str| Password::parse(text).unwrap();
        let hash = new("correct horse").hash().await.unwrap();
        assert!(new("correct horse").matches(Some(&hash)).await.unwrap());
        assert!(!new("correct horsf").matches(Some(&hash)).await.unwrap());
        let again = new("correct horse").hash().await.unwrap();
        assert_ne!(hash.as_phc(), again.as_phc(), "each has its own salt");
        let kept = PasswordHash::parse(hash.as_phc()).unwrap();
        assert!(new("correct horse").matches(Some(&kept)).await.unwrap());
        assert!(PasswordHash::parse("correct horse").is_none());
    }

    #[tokio::test]
    async fn a_hash_of_an_earlier_version_fits() {
        // Made by argon2 0.5 from the salt "sixteen bytes!!!".
        const KEPT: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyEhIQ\
            $ZPTx0uV5264WFGO/lqyNWp6CecwLHNWa/TA6Dw/SDng";
        let kept = PasswordHash::parse(KEPT).unwrap();
        assert!(Password::parse("correct horse").unwrap().matches(Some(&kept)).await.unwrap());
        assert!(!Password::parse("correct horsf").unwrap().matches(Some(&kept)).await.unwrap());
    }

    #[test]
    fn nothing_is_printed() {
        let shown = format!("{:?} {:?}", Password("secret-1".into()), PasswordHash(DECOY.into()));
        assert!(!shown.contains("secret-1") && !shown.contains("argon2"), "{shown}");
    }
}
