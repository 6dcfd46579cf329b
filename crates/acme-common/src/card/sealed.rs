//! Seals a card for the one function that may open it (HPKE, RFC 9180).
//!
//! `order-add` holds the public key and cannot open what it sealed. `payment-validate` holds the private key. The seal
//! contains the order's id, so a sealed card cannot pay for another order.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256 as Kem;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use secrecy::zeroize::Zeroizing;
use serde::Serialize;

use super::{Card, CardSummary};
use crate::id::OrderId;
use crate::json::{self, Field, FieldError, FromJson};

/// Says what the keys are for. A ciphertext that was made with these keys for another purpose does not open.
const INFO: &[u8] = b"acme fitness shop: card of an order, version 1";
/// The length of an encapsulated key in bytes (RFC 9180, section 7.1).
const ENCAPSULATED: usize = 32;

type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;

/// A card that only the holder of the private key can read, with its summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedCard {
    /// What may be shown.
    #[serde(flatten)]
    pub summary: CardSummary,
    /// The encapsulated key and the ciphertext, in base64.
    pub sealed: String,
}

/// The text is not a card key. A card key is 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a card key: 32 bytes in base64")]
pub struct NotAKey;

/// A sealed card does not open with this key, or not for this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed card cannot be opened with this key for this order")]
pub struct CannotOpen;

/// Seals cards. It holds the public key.
#[derive(Clone)]
pub struct CardSealer(PublicKey);

/// Opens sealed cards. It holds the private key.
#[derive(Clone)]
pub struct CardOpener(PrivateKey);

impl SealedCard {
    /// Stands for a sealed card that is gone. Nobody can open it, so a payment with it is declined.
    pub fn lost(summary: CardSummary) -> Self {
        Self { summary, sealed: "lost".to_owned() }
    }
}

impl CardSealer {
    /// Reads the public key from base64.
    ///
    /// # Errors
    /// When `text` is not a key in base64, or when the key cannot seal anything.
    pub fn from_base64(text: &str) -> Result<Self, NotAKey> {
        let key = key(text)?;
        // A key of low order also has 32 bytes. Only its use shows that it is bad.
        let used = hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &key, INFO);
        used.map(|_| Self(key)).map_err(|_| NotAKey)
    }

    /// The public key in base64.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0.to_bytes())
    }

    /// Seals `card` for the order `order`.
    pub fn seal(&self, order: &OrderId, card: &Card) -> SealedCard {
        let clear = Zeroizing::new(
            serde_json::json!({
                "number": card.number(),
                "cvv": card.cvv(),
                "type": card.claimed.map(super::Brand::name),
                "expMonth": card.exp_month,
                "expYear": card.exp_year,
            })
            .to_string(),
        );
        let sealed = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &self.0,
            INFO,
            clear.as_bytes(),
            order.as_str().as_bytes(),
        );
        let sealed = match sealed {
            Ok((key, ciphertext)) => BASE64.encode([key.to_bytes().as_slice(), &ciphertext].concat()),
            // A key from `from_base64` was tried before, so this cannot happen with it. Nobody can open an empty seal.
            Err(_) => String::new(),
        };
        SealedCard { summary: card.summary(), sealed }
    }
}

impl CardOpener {
    /// A new random private key.
    pub fn generate() -> Self {
        Self(Kem::gen_keypair().0)
    }

    /// Reads the private key from base64.
    ///
    /// # Errors
    /// When `text` is not a key in base64.
    pub fn from_base64(text: &str) -> Result<Self, NotAKey> {
        key(text).map(Self)
    }

    /// The private key in base64. It is a secret.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(self.0.to_bytes()))
    }

    /// The sealer with the matching public key.
    pub fn sealer(&self) -> CardSealer {
        CardSealer(Kem::sk_to_pk(&self.0))
    }

    /// Opens the card that was sealed for `order`.
    ///
    /// # Errors
    /// When the card was sealed with another key or for another order, or was changed after that.
    pub fn open(&self, order: &OrderId, card: &SealedCard) -> Result<Card, CannotOpen> {
        let bytes = BASE64.decode(&card.sealed).map_err(|_| CannotOpen)?;
        let (key, ciphertext) = bytes.split_at_checked(ENCAPSULATED).ok_or(CannotOpen)?;
        let key = <Kem as hpke::Kem>::EncappedKey::from_bytes(key).map_err(|_| CannotOpen)?;
        let clear = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.0,
            &key,
            INFO,
            ciphertext,
            order.as_str().as_bytes(),
        );
        let clear = Zeroizing::new(clear.map_err(|_| CannotOpen)?);
        json::from_slice(&clear).map_err(|_| CannotOpen)
    }
}

impl FromJson for SealedCard {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        Ok(Self { summary: field.read()?, sealed: field.get("sealed").text(2048)? })
    }
}

impl fmt::Debug for CardOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardOpener([redacted])")
    }
}

impl fmt::Debug for CardSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardSealer({})", self.to_base64())
    }
}

fn key<K: Deserializable>(text: &str) -> Result<K, NotAKey> {
    let bytes = Zeroizing::new(BASE64.decode(text.trim()).map_err(|_| NotAKey)?);
    K::from_bytes(&bytes).map_err(|_| NotAKey)
}
