//! The keys of the tokens: PEM as `openssl` writes it, each known by its RFC 7638 thumbprint.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use super::ed25519;

/// The end of a PEM block that holds a public key.
const END: &str = "-----END PUBLIC KEY-----";

/// A text that does not hold the keys that it should. Says what was expected, never what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("token keys: expected {0}")]
pub struct BadKey(&'static str);

/// Signs tokens: the private key.
#[derive(Clone)]
pub struct Issuer {
    key: EncodingKey,
    kid: String,
    public: VerifyingKey,
}

/// Verifies tokens: the public keys, by `kid`. Several while one key replaces another.
#[derive(Clone)]
pub struct Verifier(HashMap<String, DecodingKey>);

impl Issuer {
    /// A new random key, and its PKCS #8 PEM text to keep.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<(Self, Zeroizing<String>), BadKey> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| BadKey("randomness from the system"))?;
        let key = SigningKey::from_bytes(&seed);
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| BadKey("a key that can be written"))?;
        Ok((Self::from_pem(&pem)?, pem))
    }

    /// The private key in `pem` (`openssl genpkey -algorithm ed25519`).
    ///
    /// # Errors
    /// When it is none.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        const EXPECTED: BadKey = BadKey("an Ed25519 private key in PKCS #8 PEM");
        ed25519::install();
        let key = SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| EXPECTED)?;
        let der = key.to_pkcs8_der().map_err(|_| EXPECTED)?;
        let public = key.verifying_key();
        Ok(Self { key: EncodingKey::from_ed_der(der.as_bytes()), kid: thumbprint(&public), public })
    }

    /// The public half in PEM, as [`Verifier::from_pem`] takes it.
    ///
    /// # Errors
    /// Never with a key of this kind; the encoder's signature allows for it.
    pub fn public_pem(&self) -> Result<String, BadKey> {
        self.public.to_public_key_pem(LineEnding::LF).map_err(|_| BadKey("a key that can be written"))
    }

    /// The name of the key that is put into tokens.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn key(&self) -> &EncodingKey {
        &self.key
    }
}

impl Verifier {
    /// The public keys in `pem`, one block after the other (`openssl pkey -pubout`).
    ///
    /// # Errors
    /// When a block is none, or there is no block.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        const EXPECTED: BadKey = BadKey("Ed25519 public keys in PEM");
        ed25519::install();
        let mut keys = HashMap::new();
        for block in pem.split_inclusive(END).map(str::trim).filter(|block| !block.is_empty()) {
            let key = VerifyingKey::from_public_key_pem(block).map_err(|_| EXPECTED)?;
            keys.insert(thumbprint(&key), DecodingKey::from_ed_der(key.as_bytes()));
        }
        if keys.is_empty() { Err(EXPECTED) } else { Ok(Self(keys)) }
    }

    pub(super) fn key(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.get(kid)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verifier").field(&self.0.keys()).finish()
    }
}

/// The key's name (RFC 7638, with the members of RFC 8037).
fn thumbprint(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}
