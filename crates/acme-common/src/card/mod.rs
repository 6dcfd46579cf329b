//! Payment cards. The shop reads them liberally, keeps them secret, and shows only the brand and the last four digits.

mod brand;
#[cfg(feature = "openapi")]
mod described;
mod sealed;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

pub use brand::{Brand, brand_of};
pub use sealed::{CannotOpen, CardOpener, CardSealer, NotAKey, SealedCard};

use crate::json::{Field, FieldError, FromJson};

/// A card as a customer typed it, not yet checked.
///
/// Number and CVV are wiped from memory when the card is dropped, and [`Debug`](fmt::Debug) never prints them. A card
/// cannot be serialized: only a [`CardSummary`] or a [`SealedCard`] leaves the program.
///
/// ```
/// use acme_common::card::Card;
/// use acme_common::json::{Field, FromJson};
///
/// let json = serde_json::json!({"Number": "4111 1111 1111 1111", "ExpiryMonth": "1", "ExpiryYear": 30, "ccv": "123"});
/// let card = Card::from_json(&Field::root(&json))?;
/// assert_eq!(card.summary().last4, "1111");
/// assert_eq!(card.exp_year, 2030);
/// assert!(!format!("{card:?}").contains("4111"));
/// # Ok::<(), acme_common::json::FieldError>(())
/// ```
#[derive(Clone)]
pub struct Card {
    number: SecretString,
    cvv: SecretString,
    /// The brand that the client named, if the name is a known brand.
    pub claimed: Option<Brand>,
    /// The month of expiry as the client sent it. A good card has 1 to 12.
    pub exp_month: u16,
    /// The year of expiry as the client sent it. A year of two digits gets 2000 added.
    pub exp_year: u16,
}

/// What may be shown and kept of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(examples(json!({"type": "Visa", "last4": "1111", "expMonth": 12, "expYear": 2099}))))]
#[serde(rename_all = "camelCase")]
pub struct CardSummary {
    /// The brand's name, or nothing where it is unknown.
    #[serde(rename = "type")]
    pub brand: String,
    /// The last four digits of the number.
    pub last4: String,
    /// The month of expiry.
    pub exp_month: u16,
    /// The year of expiry, four digits.
    pub exp_year: u16,
}

impl Card {
    /// The number's digits, with the blanks and dashes that people type removed.
    pub fn number(&self) -> &str {
        self.number.expose_secret()
    }

    /// The card verification value.
    pub fn cvv(&self) -> &str {
        self.cvv.expose_secret()
    }

    /// The part of the card that may be shown and kept.
    pub fn summary(&self) -> CardSummary {
        let digits: Vec<char> = self.number().chars().filter(char::is_ascii_digit).collect();
        // A "number" of up to four digits would be shown in full, so a short number shows no digits.
        let last4 =
            if digits.len() > 8 { digits[digits.len() - 4..].iter().collect() } else { String::new() };
        CardSummary {
            brand: self
                .claimed
                .or_else(|| brand_of(self.number()))
                .map(Brand::name)
                .unwrap_or_default()
                .to_owned(),
            last4,
            exp_month: self.exp_month,
            exp_year: self.exp_year,
        }
    }

    /// Checks that the `type` member of `field` names a known brand, if there is such a member.
    ///
    /// # Errors
    /// When the `type` is not the name of a known brand.
    pub fn require_brand(field: &Field<'_>) -> Result<(), FieldError> {
        let kind = field.get("type");
        if !kind.is_present() || Brand::parse(&kind.text_or_empty(64)?).is_some() {
            return Ok(());
        }
        Err(kind.expected("the name of a card brand, such as Visa"))
    }
}

impl FromJson for Card {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        let typed = field.get("number");
        let number = typed.text(40)?.replace([' ', '-'], "");
        if number.is_empty() {
            return Err(typed.expected("the digits of a card number"));
        }
        let exp_month = small(&field.any(&["expMonth", "ExpiryMonth"]))?;
        let exp_year = small(&field.any(&["expYear", "ExpiryYear"]))?;
        let cvv = field.any(&["cvv", "ccv"]).text(8)?;
        let claimed = Brand::parse(&field.get("type").text_or_empty(64)?);
        Ok(Self {
            number: number.into(),
            cvv: cvv.into(),
            claimed,
            exp_month,
            exp_year: if exp_year < 100 { exp_year + 2000 } else { exp_year },
        })
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("summary", &self.summary()).finish_non_exhaustive()
    }
}

impl FromJson for CardSummary {
    fn from_json(field: &Field<'_>) -> Result<Self, FieldError> {
        field.object()?;
        Ok(Self {
            brand: Brand::parse(&field.get("type").text_or_empty(64)?)
                .map(Brand::name)
                .unwrap_or_default()
                .to_owned(),
            last4: field.get("last4").text_or_empty(4)?,
            exp_month: small(&field.get("expMonth"))?,
            exp_year: small(&field.get("expYear"))?,
        })
    }
}

/// Reads a month or a year, which has four digits at most.
fn small(field: &Field<'_>) -> Result<u16, FieldError> {
    let number = field.integer(0..=9999)?;
    u16::try_from(number).map_err(|_| field.expected("a whole number from 0 to 9999"))
}
