//! Passwords: wiped from memory, hashed with argon2id, compared in the same time whether or not there is a user.

use acme_common::json::{Field, FieldError};
use argon2::password_hash::{self, phc};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The fewest characters of a new password.
pub const MIN_PASSWORD: usize = 8;
/// The most characters of a password, so that nobody can make us hash a megabyte.
pub const MAX_PASSWORD: usize = 128;

// The least that OWASP's Password Storage Cheat Sheet asks of argon2id: 19 MiB, two passes, one lane.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Compared with where there is no user: the same parameters, hence the same work, and no password that it fits.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Each takes 19 MiB and a core while it works: more at once would only wait for each other.
static WORKERS: Semaphore = Semaphore::const_new(8);

/// A password as a user typed it. It is wiped from memory when it is dropped and never printed.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>() {}
/// written::<acme_user::password::Password>();
/// ```
#[derive(Debug, Clone)]
pub struct Password(SecretString);

/// A password's hash, as a PHC string. It is for stores only: it cannot be serialized and is never printed.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>() {}
/// written::<acme_user::password::PasswordHash>();
/// ```
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

/// A password could not be hashed or compared. Says nothing of either.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed or compared: {0}")]
pub struct HashError(String);

impl Password {
    /// A new password, if it has [`MIN_PASSWORD`] to [`MAX_PASSWORD`] characters.
    pub fn parse(text: &str) -> Option<Self> {
        (MIN_PASSWORD..=MAX_PASSWORD).contains(&text.chars().count()).then(|| Self(text.into()))
    }

    /// A password that everyone knows.
    pub(crate) fn of_demo(text: &'static str) -> Self {
        Self(text.into())
    }

    /// Reads a new password.
    ///
    /// # Errors
    /// When it is absent, no text, too short, or too long.
    pub fn read_new(field: &Field<'_>) -> Result<Self, FieldError> {
        let fault = || field.expected(format!("text of {MIN_PASSWORD} to {MAX_PASSWORD} characters"));
        let text = SecretString::from(field.text_or_empty(MAX_PASSWORD).map_err(|_| fault())?);
        Self::parse(text.expose_secret()).ok_or_else(fault)
    }

    /// Reads a password to compare, which may be shorter than a new one must be: then it is merely wrong.
    ///
    /// # Errors
    /// When it is absent, no text, or too long.
    pub fn read_for_login(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self(field.text(MAX_PASSWORD)?.into()))
    }

    /// The hash to keep, under a new salt.
    ///
    /// # Errors
    /// When there is no randomness or no memory for it.
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

    /// Whether `hash` is this password's. Where there is none, it does the same work and says no.
    ///
    /// # Errors
    /// When the hash is damaged or there is no memory for the work.
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
    /// The hash that a store kept, if it is a PHC string.
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

/// Does slow work beside the event loop, a bounded number of pieces at once.
async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let permit = WORKERS.acquire().await.map_err(failed)?;
    // The permit goes along, so that it is held for as long as the memory, even if the caller has gone away.
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
