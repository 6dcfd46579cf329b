//! The keys of the tokens, in PEM as `openssl` writes it. The name of a key is its RFC 7638 thumbprint.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use pem::{EncodeConfig, LineEnding, Pem};
use secrecy::zeroize::Zeroizing;

/// The end of a PEM block that holds a public key.
const END: &str = "-----END PUBLIC KEY-----";

/// A text does not contain the expected keys. The error says what was expected, but never what the text contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("token keys: expected {0}")]
pub struct BadKey(&'static str);

/// Signs tokens with the private key.
#[derive(Clone)]
pub struct Issuer {
    key: EncodingKey,
    kid: String,
    /// The public key in PEM.
    public: String,
}

/// Verifies tokens with the public keys, by `kid`. There are several keys while one key replaces another.
#[derive(Clone)]
pub struct Verifier(HashMap<String, DecodingKey>);

impl Issuer {
    /// A new random key, and its text in PKCS #8 PEM.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<(Self, Zeroizing<String>), BadKey> {
        let pair = Ed25519KeyPair::generate().map_err(|_| BadKey("randomness from the system"))?;
        let der = pair.to_pkcs8v1().map_err(|_| BadKey("a key that can be written"))?;
        let pem = Zeroizing::new(to_pem("PRIVATE KEY", der.as_ref()));
        Ok((Self::from_pem(&pem)?, pem))
    }

    /// Reads a private key in PEM (`openssl genpkey -algorithm ed25519`).
    ///
    /// # Errors
    /// When `pem` is not a private key.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        const EXPECTED: BadKey = BadKey("an Ed25519 private key in PKCS #8 PEM");
        let key = EncodingKey::from_ed_pem(pem.trim().as_bytes()).map_err(|_| EXPECTED)?;
        let pair = Ed25519KeyPair::from_pkcs8(key.as_bytes()).map_err(|_| EXPECTED)?;
        let public = pair.public_key();
        let kid = thumbprint(&DecodingKey::from_ed_der(public.as_ref())).ok_or(EXPECTED)?;
        let public = public.as_der().map_err(|_| EXPECTED)?;
        Ok(Self { key, kid, public: to_pem("PUBLIC KEY", public.as_ref()) })
    }

    /// The public key in PEM, in the form for [`Verifier::from_pem`].
    pub fn public_pem(&self) -> &str {
        &self.public
    }

    /// The name of the key, which each token contains.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn key(&self) -> &EncodingKey {
        &self.key
    }
}

impl Verifier {
    /// Reads public keys in PEM, one block after the other (`openssl pkey -pubout`).
    ///
    /// # Errors
    /// When a block is not a public key, or when there is no block.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        const EXPECTED: BadKey = BadKey("Ed25519 public keys in PEM");
        let mut keys = HashMap::new();
        for block in pem.split_inclusive(END).map(str::trim).filter(|block| !block.is_empty()) {
            let key = DecodingKey::from_ed_pem(block.as_bytes()).map_err(|_| EXPECTED)?;
            keys.insert(thumbprint(&key).ok_or(EXPECTED)?, key);
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

/// The key's name (RFC 7638, with the members of RFC 8037), or `None` if `key` is not such a key.
fn thumbprint(key: &DecodingKey) -> Option<String> {
    Jwk::from_decoding_key(key, Some(Algorithm::EdDSA)).ok()?.thumbprint(ThumbprintHash::SHA256).ok()
}

fn to_pem(tag: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(tag, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}
